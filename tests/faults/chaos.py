#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Chance: clients over HTTP/1.1, HTTP/2 and TLS that send requests, and orders to the
WebSockets of chaos.c (sleep, send much, tell all, end each other, fail), cut anywhere, read
or do not, and leave in every way, also at once; and a server that is stopped in the middle
of it. On each back end it lives until then, and stops cleanly. One TAP line a round.

usage: chaos.py [--preset PRESET] [--seed N] [--rounds N] [--seconds N] [--clients N]"""
import argparse
import os
import random
import signal
import ssl
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "interop"), os.path.join(ROOT, "tests")]
from harness.serving import Server, free_port, run_inside  # noqa: E402

run_inside("h2", "-r", os.path.join(ROOT, "tests", "interop", "http2_requirements.txt"))

from harness import suite  # noqa: E402
from harness.http2 import Client  # noqa: E402
from harness.suite import FRUGAL, backends, certificate, report  # noqa: E402
import run  # noqa: E402
from websocket_cases import frame  # noqa: E402

FLAGS = ["--no-access-log", "--log-level", "critical", "--timeout-graceful-shutdown", "1", "--ws-ping-interval", "1",
         "--ws-ping-timeout", "1", "--ws-close-timeout", "1", "--timeout-write", "1", "--timeout-keep-alive", "2"]
# Of which a seed chooses one: room is short in most, and workers come and go in the last.
VARIANTS = [[], ["--limit-concurrency", "12"], ["--limit-connections", "10", "--ws-max-size", "500", "--ws-max-queue", "1"],
            ["--timeout-request", "1", "--limit-body", "50000", "--limit-h2-streams", "3", "--limit-h2-resets", "5"],
            ["--metrics", "/metrics", "--access-log", "/dev/null", "--log-level", "info"],
            ["--workers", "2", "--limit-max-requests", "100", "--limit-max-requests-jitter", "100"]]
PATHS = ("/ws", "/events", "/drop", "/tardy")
FILE = "/files/http/multipart.txt"  # large enough for the kernel to send it
FORM = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n%s\r\n--b--\r\n"
FORM_TYPE = "multipart/form-data; boundary=b"
GETS, POSTS = ("/now", "/large/{}", "/stream/{}", "/later/{}", "/behind/{}", "/fail/{}", "/none", FILE), ("/echo/{}", "/pieces/{}", "/upload/{}")
GET_PREFIXES = tuple(path.split("{")[0] for path in GETS)
ORDERS = ("s{}", "s{}", "b{}", "a{}", "e{}", "e{}", "p{}", "c", "x", "k", "hello", "")
WEIGHTS = (4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 3, 1)
PATIENCE = 30  # seconds that a stop may take: the grace, what follows it, and a slow machine


def order(chance):
    """One frame, of the sorts that a client may send and of some that it may not."""
    text = chance.choices(ORDERS, WEIGHTS)[0].format(chance.randrange(400)).encode()
    kind = chance.randrange(20)
    if kind == 0:
        return frame(0x89, text)
    if kind == 1:
        return frame(0x01, text) + frame(0x80, b"")
    if kind == 2:
        return frame(0x82, chance.randbytes(chance.randrange(70000)))
    if kind == 3 and chance.randrange(4) == 0:
        return frame(0x83, text)
    return frame(0x81, text)


def orders(chance):
    data = b"".join(order(chance) for _ in range(chance.randrange(1, 12)))
    if chance.randrange(4) == 0:
        data += frame(0x88, b"\x03\xe8")
    return data[:chance.randrange(len(data) + 1)] if chance.randrange(3) == 0 else data


def pieces(chance, data):
    while data:
        n = chance.choice((1, 7, 100, 5000, len(data)))
        yield data[:n]
        data = data[n:]


def request(chance):
    """Of HTTP/1.1, well formed for the most part."""
    path = chance.choice(GETS + POSTS).format(chance.choice((0, 1, 3, 40, 700)))
    head = f"{'GET' if path.startswith(GET_PREFIXES) else 'POST'} {path} HTTP/1.1\r\nhost: t\r\n"
    if head.startswith("GET"):
        return (head + chance.choice(("", "", "connection: close\r\n", "accept-encoding: gzip\r\n")) + "\r\n").encode()
    body = content(chance, path, (0, 10, 3000, 100000))
    head += f"content-type: {FORM_TYPE}\r\n"
    if chance.randrange(2):
        return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
    return f"{head}transfer-encoding: chunked\r\n\r\n".encode() + chunk + chance.choice((b"0\r\n\r\n", b"0\r\n\r\n", b"zz"))


def content(chance, path, sizes):
    data = chance.randbytes(chance.choice(sizes))
    return FORM % data if path.startswith("/upload") else data


# ---- Clients ------------------------------------------------------------------------

def hang_up(chance, peer):
    """Not always in order: at once, behind all that was sent, or when the server does."""
    chance.choice((lambda: None, lambda: run.reset(peer, None), lambda: peer.sock.shutdown(1), lambda: peer.until_end(3)))()


def connected(chance, port, tls):
    peer = run.Peer(port, small=chance.randrange(3) == 0)
    peer.sock.settimeout(0.3)
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        peer.sock = context.wrap_socket(peer.sock, server_hostname="localhost")
    return peer


def say(chance, peer, data):
    for piece in pieces(chance, data):
        peer.say(piece)


def in_requests(chance, port, tls):
    peer = connected(chance, port, tls)
    try:
        for _ in range(chance.randrange(5)):
            data = b"".join(request(chance) for _ in range(chance.randrange(1, 5)))
            say(chance, peer, data[:chance.randrange(len(data))] if chance.randrange(3) == 0 else data)
            if chance.randrange(2):
                peer.sock.recv(1 << 16)
        hang_up(chance, peer)
    finally:
        peer.sock.close()


def in_http1(chance, port, tls):
    peer = connected(chance, port, tls)
    try:
        handshake = run.HANDSHAKE.replace(b"/ws ", chance.choice(PATHS).encode() + b" ")
        if chance.randrange(2):
            handshake = handshake.replace(b"\r\n\r\n", b"\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n")
        say(chance, peer, handshake + orders(chance) if chance.randrange(3) == 0 else handshake)
        for _ in range(chance.randrange(6)):
            say(chance, peer, orders(chance))
            if chance.randrange(2):
                peer.sock.recv(1 << 16)
            time.sleep(chance.choice((0, 0.01, 0.05)))
        hang_up(chance, peer)
    finally:
        peer.sock.close()


def in_http2(chance, port, tls):
    with Client(port, tls, small=chance.randrange(3) == 0, hoards=chance.randrange(4) == 0, keeps=False) as client:
        if chance.randrange(8):
            client.settled()
        sockets = [client.socket(chance.choice(PATHS)) for _ in range(chance.randrange(9))]
        for _ in range(chance.randrange(12)):
            if not sockets or chance.randrange(3) == 0:
                ask(chance, client)
            else:
                act_on(chance, client, chance.choice(sockets))
            if chance.randrange(3):
                client.turn(chance.choice((0.001, 0.01, 0.05)))
        chance.choice((lambda: None, client.reset, lambda: client.until_end(0.5)))()


def ask(chance, client):
    number = chance.choice((0, 1, 3, 40, 700))
    if chance.randrange(2):
        client.get(chance.choice(GETS).format(number))
    else:
        path = chance.choice(POSTS).format(number)
        stream = client.request("POST", path, [("content-type", FORM_TYPE)], content(chance, path, (0, 10, 3000, 16000)),
                                end=chance.randrange(3) > 0)
        if chance.randrange(4) == 0:
            client.cancel(stream)


def act_on(chance, client, stream):
    what = chance.randrange(12)
    if client.streams[stream].over:
        return
    if what == 0:
        client.cancel(stream)
    elif what == 1:
        client.h2.end_stream(stream)
        client.flush()
    else:
        for piece in pieces(chance, orders(chance)[:16000]):
            client.h2.send_data(stream, piece)
            client.flush()


class Crowd(threading.Thread):
    """One client after another, until it is told to end."""

    def __init__(self, seed, port, tls, over):
        super().__init__(daemon=True)
        self.chance, self.port, self.tls, self.over, self.n = random.Random(seed), port, tls, over, 0

    def run(self):
        while not self.over.is_set():
            try:
                self.chance.choice((in_requests, in_http1, in_http2))(self.chance, self.port, self.tls)
            except Exception:  # whatever the server does to it; h2 complains of streams that ended meanwhile
                time.sleep(0.005)
            self.n += 1


# ---- Rounds -------------------------------------------------------------------------

def serve_on(chance, server, tls):
    """None, or what is wrong with a request beside all that; 503: there is no room."""
    try:
        peer = connected(chance, server.port, tls)
        peer.sock.settimeout(20)
        status, body, _ = peer.ask("/now")
        return None if status == 503 or (status == 200 and body.isdigit()) else f"{status} {body[:80]}"
    except OSError as error:
        return repr(error)


def end(server, chance):
    """Its exit status: one signal, or a second one during its grace, which may also end it when it is through."""
    server.process.send_signal(signal.SIGTERM)
    second = 0
    if chance.randrange(2):
        time.sleep(chance.random())
        second = chance.choice((signal.SIGTERM, signal.SIGINT))
        server.process.send_signal(second)
    code = server.stop(signal.SIGCONT, PATIENCE)
    return 0 if code == -second else code


def play(args, backend, seed):
    chance, over, tls = random.Random(seed), threading.Event(), seed % 4 == 3
    flags = [*FLAGS, *VARIANTS[seed % len(VARIANTS)], *(args.certificate if tls else ())]
    with Server([args.app, "--backend", backend, *flags], free_port(), env=FRUGAL) as server:
        crowd = [Crowd(f"{seed} {i}", server.port, tls, over) for i in range(args.clients)]
        for client in crowd:
            client.start()
        until, wrong = time.monotonic() + args.seconds * (0.5 + chance.random()), []
        while time.monotonic() < until and not wrong:
            wrong = [text for text in [serve_on(chance, server, tls)] if text]
            time.sleep(0.05)
        code = end(server, chance)
        over.set()
        for client in crowd:
            client.join(30)
        said = server.output()
        if code or any(word in said for word in ("Sanitizer", "runtime error", "assertion failed")):  # of a worker, too
            wrong += [f"exit status {code}", *said.splitlines()[-25:]]
    report(f"{backend}, seed {seed}{' over TLS' if tls else ''}: {sum(client.n for client in crowd)} clients", wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--clients", type=int, default=12)
    args = parser.parse_args()
    args.app = os.path.join(ROOT, "build", args.preset, "tests", "faults_chaos")
    with tempfile.TemporaryDirectory() as folder:
        args.certificate = certificate(folder)
        for backend in backends(lambda backend: Server([args.app, "--backend", backend, *FLAGS], free_port())):
            for i in range(args.rounds):
                play(args, backend, args.seed + i)
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
