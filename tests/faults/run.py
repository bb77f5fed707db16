#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that reset, half-close, close or stall at every stage of a connection;
floods of slow ones; descriptors that run out; workers that are killed and
reloaded under load. Other clients get right answers, the process neither dies
nor leaks. One TAP line per case.

usage: run.py [--preset PRESET] [--rounds N] [--seconds N]"""
import argparse
import os
import re
import resource
import signal
import socket
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness import suite  # noqa: E402
from harness.serving import Server, free_port  # noqa: E402
from harness.suite import FRUGAL, Beside, backends, report, settles, stopped  # noqa: E402

LIMITS = ["--timeout-header", "1", "--timeout-body", "1", "--timeout-write", "1", "--timeout-keep-alive", "1",
          "--no-access-log", "--log-level", "warning"]
HANDSHAKE = (b"GET /ws HTTP/1.1\r\nhost: t\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
             b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def get(path):
    return f"GET {path} HTTP/1.1\r\nhost: t\r\n\r\n".encode()


def post(path, length, sent):
    return f"POST {path} HTTP/1.1\r\nhost: t\r\ncontent-length: {length}\r\n\r\n".encode() + b"x" * sent


class Peer:
    """A client by hand."""

    def __init__(self, port, small=False):
        self.sock = socket.socket()
        if small:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.settimeout(30)
        self.sock.connect(("127.0.0.1", port))
        self.rest = b""

    def say(self, data):
        self.sock.sendall(data)

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError("the end instead of an answer")
            self.rest += data
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        return head.decode("latin-1")

    def answer(self):
        head = self.head()
        length = int(re.search(r"content-length: (\d+)", head).group(1))
        while len(self.rest) < length:
            self.rest += self.sock.recv(65536)
        body, self.rest = self.rest[:length], self.rest[length:]
        return int(head.split()[1]), body, "connection: close" in head

    def ask(self, path):
        self.say(get(path))
        return self.answer()

    def until_end(self, seconds=20):
        """True if the server ended the connection, in order or not."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


# ---- Stages and fates -------------------------------------------------------

def answered(peer):
    assert peer.ask("/now/1")[:2] == (200, b"now 1")


def upgraded(peer):
    peer.say(HANDSHAKE)
    assert " 101 " in peer.head()


def half_frame(peer):
    upgraded(peer)
    peer.say(b"\x81\xfe\x01\x00abcd" + b"x" * 10)


STAGES = {  # name: (what brings a connection there, whether the server lets it stay there for ever)
    "before the first byte": (lambda p: None, False),
    "half a request line": (lambda p: p.say(b"GET /now"), False),
    "half the headers": (lambda p: p.say(b"GET /now/1 HTTP/1.1\r\nhost: t\r\nx: "), False),
    "half a body": (lambda p: p.say(post("/echo", 1000, 500)), False),
    "half a body in pieces": (lambda p: p.say(post("/pieces", 1000, 500)), False),
    "half of a chunk": (lambda p: p.say(b"POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\nff\r\nxx"),
                        False),
    "the handler runs": (lambda p: p.say(get("/later/1500")), False),
    "the answer is written": (lambda p: p.say(get("/large/8000000")), False),
    "the answer streams": (lambda p: p.say(get("/stream/8000")), False),
    "idle behind an answer": (answered, False),
    "a second request begun": (lambda p: (answered(p), p.say(b"GET /n")), False),
    "half a handshake": (lambda p: p.say(HANDSHAKE[:60]), False),
    "a WebSocket": (upgraded, True),
    "half a frame": (half_frame, True),
}


def reset(peer, _):
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()
    return True


def half_close(peer, _):
    peer.sock.shutdown(socket.SHUT_WR)
    return peer.until_end()


def close(peer, _):
    peer.sock.close()
    return True


def stall(peer, stays):
    """Beyond every limit. It reads nothing meanwhile: what waits for it must be cut off."""
    time.sleep(3.5)
    return stays or peer.until_end()


FATES = {"reset": reset, "half-close": half_close, "close": close, "stall": stall}


def suffer(port, stage, fate):
    """None, or what went wrong."""
    bring, stays = STAGES[stage]
    try:
        peer = Peer(port, small="answer" in stage)
        bring(peer)
        time.sleep(0.05)  # it is in that stage by then, most likely: any order must do
        ended = FATES[fate](peer, stays)
        peer.sock.close()
        return None if ended else "the connection did not end"
    except Exception as error:  # whatever it is, it is told
        return repr(error)


# ---- What others see --------------------------------------------------------

class Bystander(Beside):
    """Asks all the time, on one connection and on new ones."""

    def __init__(self, port):
        super().__init__()
        self.port, self.asked = port, 0

    def round(self, peer):
        status, body, ends = peer.ask(f"/now/{self.asked}")
        if (status, body) != (200, b"now %d" % self.asked):
            self.wrong.append(f"{status} {body[:80]}")
        self.asked += 1
        return ends

    def run(self):
        kept = Peer(self.port)
        while not self.done.wait(0.01):
            try:
                if self.round(kept):
                    kept = Peer(self.port)
                if self.asked % 10 == 0:
                    fresh = Peer(self.port)
                    self.round(fresh)
                    fresh.sock.close()
            except Exception as error:
                self.wrong.append(repr(error))
                kept = Peer(self.port)
        kept.sock.close()


def resident(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def at_once(jobs):
    """Runs (function, argument ...) side by side; their results."""
    results = [None] * len(jobs)

    def run(i, fn, *args):
        results[i] = fn(*args)

    threads = [threading.Thread(target=run, args=(i, *job)) for i, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


# ---- Cases ------------------------------------------------------------------

def start(args, *flags, backend="epoll", limits=LIMITS, **options):
    return Server([args.app, "--backend", backend, *limits, *flags], free_port(), env=FRUGAL, **options)


def matrix(args, backend):
    with start(args, backend=backend) as server, Bystander(server.port) as bystander:
        pid = server.process.pid
        Peer(server.port).ask("/now/1")
        sizes = []
        for n in range(args.rounds):
            jobs = [(suffer, server.port, stage, fate) for stage in STAGES for fate in FATES]
            wrong = [f"{stage}, {fate}: {text}" for (_, _, stage, fate), text in zip(jobs, at_once(jobs)) if text]
            report(f"{backend}: every stage and fate, round {n + 1}", wrong)
            settles(lambda: sockets(pid) <= LISTENING + 2, True)  # the bystander's
            sizes.append(resident(pid))
        bystander.finish()
        report(f"{backend}: {bystander.asked} questions of others were answered", bystander.wrong)
        left = [] if settles(lambda: sockets(pid), LISTENING) else [str(links(pid))]
        report(f"{backend}: no descriptor is left over", left)
        grown = sizes[-1] - sizes[0]
        report(f"{backend}: memory stays", [f"grew by {grown} bytes: {sizes}"] if grown > 24 << 20 else [])
        report(f"{backend}: a clean stop", stopped(server))


def links(pid):
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            pass
    return found


LISTENING = 2  # the listening socket, and the acceptor's copy of it


def sockets(pid):
    return sum("socket" in link for link in links(pid))


def flood(args, backend):
    """Hundreds that drip, beside one that does not."""
    with start(args, "--limit-connections", "600", backend=backend) as server, Bystander(server.port) as bystander:
        crowd = [Peer(server.port, small=True) for _ in range(450)]
        for i, peer in enumerate(crowd):
            peer.say([b"GET /now/1 HTTP/1.1\r\n", post("/echo", 100000, 1), get("/large/300000")][i % 3])
            peer.sock.setblocking(False)
        left, began = crowd, time.monotonic()
        while left and time.monotonic() < began + 25:
            left = [peer for peer in left if drips(peer)]
            time.sleep(0.2)
        peak = resident(server.process.pid)
        report(f"{backend}: 450 clients that drip are cut off", [f"{len(left)} are left"] if left else [])
        bystander.finish()
        report(f"{backend}: a client beside them is served", bystander.wrong)
        report(f"{backend}: and memory is bounded", [f"{peak} bytes"] if peak > 400 << 20 else [])
        for peer in crowd:
            peer.sock.close()


def drips(peer):
    """A byte more, a byte read; False when the server has ended it."""
    try:
        peer.sock.send(b"x")
    except BlockingIOError:
        pass
    except OSError:
        return False
    return True


def crowded(args, backend):
    """Beyond limit_connections there is a 503, and those inside are served."""
    with start(args, "--limit-connections", "20", backend=backend, limits=["--log-level", "critical"]) as server:
        first = Peer(server.port)
        answered(first)  # who came before, to see whether it runs, was accepted
        first.sock.close()
        settles(lambda: sockets(server.process.pid), LISTENING)
        inside = [Peer(server.port) for _ in range(20)]
        for peer in inside:
            answered(peer)
        outside = [Peer(server.port) for _ in range(10)]
        statuses = [peer.answer()[0] for peer in outside]
        report(f"{backend}: 503 beyond the limit of connections", [str(statuses)] if set(statuses) != {503} else [])
        for peer in inside:
            answered(peer)
        for peer in outside + inside:
            peer.sock.close()
        free = settles(lambda: Peer(server.port).ask("/now/2")[0], 200)
        report(f"{backend}: and a place is free again", [] if free else ["503"])


def out_of_descriptors(args, backend):
    app = ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", args.app]
    env = {"ASAN_OPTIONS": "detect_stack_use_after_return=0"}
    with Server([*app, "--backend", backend, "--log-level", "warning", "--no-access-log"], free_port(), env=env) as server:
        kept = Peer(server.port)
        answered(kept)
        crowd = [Peer(server.port) for _ in range(100)]
        for _ in range(20):
            answered(kept)
        for peer in crowd:
            peer.sock.close()
        fresh = Peer(server.port)
        answered(fresh)
        answered(kept)
        said = "pausing" in server.output()
        report(f"{backend}: served without a free descriptor, and after", [] if said else ["it never ran out"])
        report(f"{backend}: and a clean stop", stopped(server))


# ---- Workers ----------------------------------------------------------------

class Load(Beside):
    """Asks who answers, on a connection that it keeps as long as it may."""

    def __init__(self, port):
        super().__init__()
        self.port, self.asked, self.pids = port, 0, set()

    def run(self):
        peer, pid = None, None
        while not self.done.is_set():
            try:
                if not peer:
                    peer, pid = Peer(self.port), None
                status, body, ends = peer.ask("/pid")
                pid = int(body)
                self.pids.add(pid)
                self.asked += 1
                if status != 200:
                    self.wrong.append((pid, f"status {status}"))
                if ends or self.asked % 50 == 0:
                    peer.sock.close()
                    peer = None
            except Exception as error:
                self.wrong.append((pid, repr(error)))
                peer = None


def loaded(port, seconds, disturb):
    """What eight clients saw while disturb() ran each second."""
    clients = [Load(port) for _ in range(8)]
    for client in clients:
        client.start()
    for _ in range(seconds):
        time.sleep(1)
        disturb()
    time.sleep(1)
    for client in clients:
        client.done.set()
    for client in clients:
        client.finish()
    return clients


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(n) for n in f.read().split()]


def reloaded(args, backend):
    with start(args, "--workers", "2", backend=backend, limits=["--log-level", "warning", "--no-access-log"]) as server:
        clients = loaded(server.port, args.seconds, lambda: server.process.send_signal(signal.SIGHUP))
        wrong = [text for client in clients for _, text in client.wrong]
        pids = set().union(*(client.pids for client in clients))
        asked = sum(client.asked for client in clients)
        report(f"{backend}: SIGHUP each second, {len(pids)} workers, {asked} answers, none lost", wrong)
        report(f"{backend}: and new workers served", [] if len(pids) > 2 else [str(pids)])


def killed(args, backend):
    with start(args, "--workers", "2", backend=backend, limits=["--log-level", "critical", "--no-access-log"]) as server:
        victims = set()

        def kill():
            for victim in children(server.process.pid)[:1]:
                victims.add(victim)
                os.kill(victim, signal.SIGKILL)

        clients = loaded(server.port, args.seconds, kill)
        others = [(pid, text) for client in clients for pid, text in client.wrong if pid and pid not in victims]
        asked = sum(client.asked for client in clients)
        lost = sum(len(client.wrong) for client in clients)
        report(f"{backend}: kill -9 each second, {asked} answers: nothing lost at other workers", [str(o) for o in others])
        report(f"{backend}: and only what the {len(victims)} had", [f"{lost} lost"] if lost > len(victims) * len(clients) else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.app = os.path.join(ROOT, "build", args.preset, "tests", "faults_app")
    for case in (matrix, flood, crowded, out_of_descriptors, reloaded, killed):
        if args.only in case.__name__:
            for backend in backends(lambda backend: start(args, backend=backend)):
                case(args, backend)
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
