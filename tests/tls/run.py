#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS of the server, as curl, `openssl s_client`, Python's ssl and `websockets`
see it, on each back end. One TAP line per fact.

usage: run.py [--preset PRESET] [--kernel] [NAME-PART]
--kernel has kernel.c encrypt in the kernel's stead (kTLS)"""
import argparse
import hashlib
import json
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests")]
from harness.serving import Server, free_port, run_inside  # noqa: E402

run_inside("wire", "-r", os.path.join(ROOT, "tests", "wire", "requirements.txt"))

from peers import (ByHand, at_end, client, context, curl, dial, get, hello_of, read_answer,  # noqa: E402
                   s_client)
from pki import Pki  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
MTLS = ["--ssl-ca-certs", "{ca.crt}", "--ssl-cert-reqs"]


# ---- What is agreed upon --------------------------------------------------------

def versions(pki, server):
    for version, flag in (("TLSv1.2", "--tls-max=1.2"), ("TLSv1.3", "--tlsv1.3")):
        name, _, value = flag.partition("=")
        yield version, client(pki, server.port, name, *([value] if value else []))["version"] == version
    yield "1.1 is refused", curl(pki, server.port, "/client", "--tls-max", "1.1", "--ciphers",
                                 "DEFAULT@SECLEVEL=0")[0] == 35
    yield "a stranger's root does not trust it", curl(pki, server.port, "/client", ca="stranger")[0] == 60
    yield "another name does not fit", curl(pki, server.port, "/client", host="three.test")[0] == 60


def names(pki, server):
    for asked, answers in (("localhost", "localhost"), ("two.test", "two.test"), ("a.two.test", "two.test"),
                           ("a.b.two.test", "localhost"), ("TWO.test", "two.test"), ("other", "localhost")):
        said = s_client(pki, server.port, "-servername", asked)
        yield f"{asked} gets {answers}", f"subject=O = Test, CN = {answers}\n" in said
    yield "no name gets the first", "CN = localhost\n" in s_client(pki, server.port, "-noservername")
    yield "curl verifies the second", client(pki, server.port, host="www.two.test")["server_name"] == "www.two.test"


def protocols(pki, server):
    yield "http/1.1 is chosen", "ALPN protocol: http/1.1" in s_client(pki, server.port, "-alpn", "x,http/1.1")
    yield "none is needed", "No ALPN negotiated" in s_client(pki, server.port)
    yield "a stranger's is refused", "no application protocol" in s_client(pki, server.port, "-alpn", "spdy/3")
    yield "the handler knows it", client(pki, server.port)["alpn"] == "http/1.1"
    chosen = "h2" if http2(server) else "http/1.1"
    yield f"{chosen} is preferred", client(pki, server.port, "--http2")["alpn"] == chosen
    yield "and is https, too", curl(pki, server.port, "/where/", "--http2")[1].startswith("https https://localhost/")


def http2(server):
    """Whether it was built with it."""
    with socket.create_connection(("127.0.0.1", server.port), 60) as raw:
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
        c.set_alpn_protocols(["h2", "http/1.1"])
        with c.wrap_socket(raw) as sock:
            return sock.selected_alpn_protocol() == "h2"


def new_keys(pki, server):
    """TLS 1.3: the client asks for new keys in the middle."""
    asks = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", pki["ca.crt"],
                             "-tls1_3", "-crlf"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    said = b""
    lines = [b"K\n", b"k\n", get("/large/5", "connection: close").replace(b"\r", b"")]
    for updates, line in enumerate(lines):  # what it reads at once is one command
        while b"Verify return code" not in said or said.count(b"KEYUPDATE") < updates:
            said += os.read(asks.stdout.fileno(), 65536)
        asks.stdin.write(line)
        asks.stdin.flush()
    while data := os.read(asks.stdout.fileno(), 65536):
        said += data
    asks.communicate()
    yield "both sides go on", said.count(b"KEYUPDATE") == 2 and b"\r\n\r\n01234" in said


def resumption(pki, server):
    for flag in ("-tls1_2", "-tls1_3"):
        kept = pki["session" + flag]
        request = "GET /client HTTP/1.1\nhost: localhost\nconnection: close\n\n"
        first = s_client(pki, server.port, flag, "-crlf", "-ign_eof", "-sess_out", kept, say=request)
        again = s_client(pki, server.port, flag, "-crlf", "-ign_eof", "-sess_in", kept, say=request)
        yield f"{flag[1:]}: first new, then reused", "New, TLS" in first and "Reused, TLS" in again
        yield f"{flag[1:]}: the handler knows", '"resumed":false' in first and '"resumed":true' in again


def renegotiation(pki, server):
    said = s_client(pki, server.port, "-tls1_2", say="R\n")
    yield "is refused", "RENEGOTIATING" in said and "no renegotiation" in said


def scheme(pki, server):
    base = "https://localhost"
    yield "URLs are https", curl(pki, server.port, "/where/")[1] == f"https {base}/where/ {base}/large/7"
    headers = curl(pki, server.port, "/where", "-D", "-", "-o", "/dev/null")[1]
    yield "redirects, too", f"location: {base}/where/" in headers
    yield "a trusted proxy may say otherwise", curl(
        pki, server.port, "/where/", "-H", "X-Forwarded-Proto: http")[1].startswith("http http://")


# ---- Bytes ------------------------------------------------------------------------

def bodies(pki, server):
    path = pki["body"]
    with open(path, "wb") as f:
        f.write(bytes(range(256)) * 40000)
    for version in ("--tls-max", "1.2"), ("--tlsv1.3",), ("--tlsv1.3", "--http2"):
        expected = f"10240000 {sum(range(256)) * 40000}"
        yield f"{version[-1]}: 10 MB up in pieces", curl(pki, server.port, "/sum", *version, "-T", path, "-X",
                                                         "POST")[1] == expected
        yield f"{version[-1]}: a file of 10 MB", sha1(pki, server.port, "/file", *version) == hashlib.sha1(
            bytes(range(256)) * 40000).hexdigest()
        yield f"{version[-1]}: for a slow reader", len(curl(pki, server.port, "/file", *version, "-r", "0-4999999",
                                                           "--limit-rate", "10M")[1]) > 1000000
        yield f"{version[-1]}: a part of it", curl(pki, server.port, "/file", *version, "-r", "300-339",
                                                   "-D", "-", "-o", "/dev/null")[1].count("300-339/10240000") == 1
        yield f"{version[-1]}: 8 MB down", curl(pki, server.port, "/large/8000000", *version)[1] == "0123456789" * 800000
        yield f"{version[-1]}: a reader of 2 MB/s", len(curl(pki, server.port, "/large/3000000", *version,
                                                             "--limit-rate", "2M")[1]) == 3000000
        yield f"{version[-1]}: streamed", curl(pki, server.port, "/streamed/5000", *version)[1].split(",") == [
            str(i) for i in range(5000)]


def sha1(pki, port, path, *words):
    with tempfile.NamedTemporaryFile() as into:
        curl(pki, port, path, *words, "-o", into.name)
        return hashlib.sha1(into.read()).hexdigest()


def pipelines(pki, server):
    for name, version in VERSIONS.items():
        with dial(pki, server.port, version) as sock:
            sock.sendall(b"".join(get(f"/large/{n}") for n in range(100, 164)))
            data = b""
            while data.count(b"HTTP/1.1 200") < 64 or not data.endswith(b"0123456789" * 16 + b"012"):
                data += sock.recv(65536)
            sock.sendall(get("/large/5"))
            answer = b""
            while not answer.endswith(b"01234"):
                answer += sock.recv(65536)
            yield f"{name}: 64 requests at once, in order", data.count(b"HTTP/1.1 200") == 64


def sockets(pki, server):
    for name, version in VERSIONS.items():
        with connect(f"wss://localhost:{server.port}/echo", ssl=context(pki, version), compression=None,
                     max_size=None) as ws:
            ws.send("grüße")
            yield f"{name}: text", ws.recv(timeout=60) == "grüße"
            blob = random.Random(1).randbytes(900000)
            ws.send(blob)
            yield f"{name}: 900 KB", ws.recv(timeout=60) == blob
            yield f"{name}: ping", ws.ping().wait(60)
        with connect(f"wss://localhost:{server.port}/burst", ssl=context(pki, version), compression=None) as ws:
            wanted = [f"{i} " + "x" * (i if i % 10 else 19000) for i in range(100)]
            yield f"{name}: a hundred frames in one turn", [ws.recv(timeout=60) for _ in wanted] == wanted


def cut_up(pki, server):
    by_hand = ByHand(pki, server.port, lambda data: [data[i:i + 1] for i in range(len(data))])
    yield "byte by byte", b'"TLSv1.3"' in by_hand.ask(get("/client"))
    by_hand.close()
    length, step = len(hello_of(pki)), 9
    bad = []
    for at in range(1, length + 200, step):
        by_hand = ByHand(pki, server.port, lambda data, at=at: [p for p in (data[:at], data[at:]) if p])
        if b'"TLSv1.3"' not in by_hand.ask(get("/client")):
            bad.append(at)
        by_hand.close()
    yield f"cut in two at each {step}th byte", not bad


def garbage(pki, server):
    """Whatever begins otherwise is closed, and the next client is served."""
    draw = random.Random(7)
    hello = hello_of(pki)
    tries = [b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 70000, b"\x80\x2e\x01\x03\x01" + b"x" * 60,
             b"\x15\x03\x03\x00\x02\x02\x28", b"\x17\x03\x03\x00\x10" + b"y" * 16, b"\x16\x03\x03\x00\x00" * 40]
    for _ in range(150):
        damaged = bytearray(hello)
        for _ in range(draw.randrange(1, 6)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        tries.append(bytes(damaged[:draw.randrange(6, len(damaged) + 1)]))
    for data in tries:
        with socket.create_connection(("127.0.0.1", server.port), 60) as sock:
            try:
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass
            except OSError:  # reset: it did not read the rest
                pass
    yield f"{len(tries)} beginnings", client(pki, server.port)["version"] == "TLSv1.3"


def in_clear(pki, server):
    for name, pieces in (("whole", [get("/client")]), ("cut behind a byte", [b"G", get("/client")[1:]]),
                         ("HTTP/2's preface", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])):
        with socket.create_connection(("127.0.0.1", server.port), 60) as sock:
            for piece in pieces:
                sock.sendall(piece)
                time.sleep(0.02)
            status, body = read_answer(sock)
            yield f"{name}: 400 and the end", status == 400 and b"detail" in body and at_end(sock)


# ---- Ends ---------------------------------------------------------------------------

def ends(pki, server):
    with dial(pki, server.port) as sock:
        sock.sendall(get("/large/5", "connection: close"))
        yield "the server says that it is done", read_answer(sock) == (200, b"01234") and at_end(sock)
    by_hand = ByHand(pki, server.port, lambda data: [data])
    answer, whole = by_hand.ask_and_end(get("/client"))
    by_hand.close()
    yield "a client that says that it is done gets its answer", b'"TLSv1.3"' in answer and whole
    with dial(pki, server.port) as sock:
        sock.sendall(b"POST /sum HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
        sock.shutdown(socket.SHUT_RDWR)  # truncated: without close_notify
    yield "a truncated upload harms nobody", client(pki, server.port)["version"] == "TLSv1.3"
    for path, say in (("/later/200", 0), ("/large/4000000", 20000)):
        for _ in range(20):  # gone in the middle, politely and not
            sock = dial(pki, server.port)
            sock.sendall(get(path))
            if say:
                sock.recv(say)
            sock.close()
    yield "clients that go harm nobody", client(pki, server.port)["version"] == "TLSv1.3"


def numbers(pki, server):
    for how, *words in (("failed", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"), ("full",)):
        before = counted(pki, server, how)
        curl(pki, server.port, "/client", *words)
        more = 2 if how == "full" else 1  # that asks is one, too
        yield f"handshakes that were {how} are counted", counted(pki, server, how) == before + more


def counted(pki, server, how):
    text = curl(pki, server.port, "/metrics")[1]
    return int(re.search(rf'brio_tls_handshakes_total{{result="{how}"}} (\d+)', text).group(1))


# ---- Servers of other flags -----------------------------------------------------------

def own(pki, flags, certificates=("localhost",)):
    """A server of its own with these flags."""
    words = [pki[f[1:-1]] if f.startswith("{") else f for f in flags]
    env = {"TLS_FILE": pki["body"]}
    if KERNEL:
        env |= {"LD_PRELOAD": KERNEL, "MALLOC_PERTURB_": "165"} | ({"KERNEL_BLOCKS": "1"} if "uring" in flags else {})
    return Server([PROGRAM, *pki.flags(*certificates), *words, "--no-access-log"], free_port(), env)


def clients(pki, backend):
    certificate = lambda name: ["--cert", pki[name + ".crt"], "--key", pki[name + ".key"]]  # noqa: E731
    with own(pki, [*backend, *MTLS, "optional"]) as server:
        for version in (["--tls-max", "1.2"], ["--tlsv1.3"]):
            known = client(pki, server.port, *version, *certificate("client"))
            yield f"{version[-1]}: the subject", known.get("subject") == "CN=client,O=Test" and known["verified"]
            yield f"{version[-1]}: the issuer", known.get("issuer") == "CN=Test ca"
            yield f"{version[-1]}: none is fine", client(pki, server.port, *version) | {"resumed": 0} == {
                "version": f"TLSv{version[-1][-3:]}", "server_name": "localhost", "alpn": "http/1.1", "subject": "",
                "issuer": "", "names": "", "verified": False, "resumed": 0, "certificate": False}
            yield f"{version[-1]}: an impostor is not", "curl" in client(pki, server.port, *version,
                                                                         *certificate("impostor"))
    with own(pki, [*backend, *MTLS, "2"]) as server:
        for version in (["--tls-max", "1.2"], ["--tlsv1.3"]):
            yield f"{version[-1]}: required and there", client(pki, server.port, *version,
                                                               *certificate("client"))["certificate"]
            yield f"{version[-1]}: required and not there", "curl" in client(pki, server.port, *version)


def settings(pki, backend):
    with own(pki, [*backend, "--ssl-min-version", "1.3"]) as server:
        yield "1.3 only", (curl(pki, server.port, "/client", "--tls-max", "1.2")[0] == 35 and
                           client(pki, server.port)["version"] == "TLSv1.3")
    with own(pki, [*backend, "--ssl-ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"]) as server:
        yield "one cipher", "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256" in s_client(pki, server.port, "-tls1_2")
    locked = ["--ssl-certfile", pki["localhost.crt"], "--ssl-keyfile", pki["locked.key"]]
    with Server([PROGRAM, *locked, "--ssl-keyfile-password", "open sesame", *backend], free_port()) as server:
        yield "a key with a password", client(pki, server.port)["version"] == "TLSv1.3"
        yield "which is in no log", "sesame" not in server.output()
    with own(pki, backend, ["rsa"]) as server:
        yield "RSA", client(pki, server.port)["version"] == "TLSv1.3"
    for name, words, part in (("no such file", ["--ssl-certfile", pki["none"]], "No such file"),
                              ("no password", locked, "bad"),
                              ("the wrong key", ["--ssl-certfile", pki["localhost.crt"], "--ssl-keyfile",
                                                 pki["two.test.key"]], "key values mismatch"),
                              ("clients asked, no root", [*pki.flags("localhost"), "--ssl-cert-reqs", "2"],
                               "nobody is trusted"),
                              ("a key alone", ["--ssl-keyfile", pki["localhost.key"]], "no certificate")):
        done = subprocess.run([PROGRAM, *words, "--port", str(free_port())], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)
        yield f"{name}: it does not start, and says so", (done.returncode == 1 and "TLS cannot be served" in
                                                          done.stderr and part in done.stderr)
    port = free_port()
    with own(pki, [*backend, "--listen", f"127.0.0.1:{port},plain"]) as server:
        plain = subprocess.run(["curl", "-sS", f"http://127.0.0.1:{port}/where/"], capture_output=True, text=True)
        yield "plain beside TLS", (plain.stdout.startswith("http http://") and
                                   client(pki, server.port)["version"] == "TLSv1.3")


def proxied(pki, backend):
    port = free_port()
    with own(pki, [*backend, "--listen", f"127.0.0.1:{port},proxy"]) as server:
        yield "a PROXY header before the handshake", client(pki, port, "--haproxy-protocol")["version"] == "TLSv1.3"
        yield "none on the other socket", client(pki, server.port)["version"] == "TLSv1.3"


def floods(pki, backend):
    with own(pki, [*backend, "--limit-handshakes", "8"]) as server:
        half = hello_of(pki)[:40]
        stalled = []
        for _ in range(60):
            stalled.append(socket.create_connection(("127.0.0.1", server.port), 60))
            stalled[-1].sendall(half)
        yield "others are served", client(pki, server.port)["version"] == "TLSv1.3"
        closed = sum(ended(sock) for sock in stalled[:50])
        yield "the oldest are closed", closed == 50
        for sock in stalled:
            sock.close()
    with own(pki, [*backend, "--ssl-handshake-timeout", "1"]) as server:
        with socket.create_connection(("127.0.0.1", server.port), 60) as sock:
            sock.sendall(half)
            yield "a handshake that stalls is closed", ended(sock)
        with socket.create_connection(("127.0.0.1", server.port), 60) as sock:
            yield "one that never begins, too", ended(sock)


def crowds(pki, backend):
    for flag in ("--limit-connections", "--limit-connections-per-address"):
        with own(pki, [*backend, flag, "3"]) as server:
            held = [dial(pki, server.port) for _ in range(3)]
            for sock in held:
                sock.sendall(get("/large/5"))
                read_answer(sock)
            status, head = curl(pki, server.port, "/client", "-o", "/dev/null", "-D", "-")
            yield f"{flag}: one more is told so", status == 0 and " 503 " in head
            yield f"{flag}: in HTTP/2 by GOAWAY", curl(pki, server.port, "/client", "--http2")[0] != 0
            held.pop().close()
            deadline = time.monotonic() + 60
            while "version" not in client(pki, server.port) and time.monotonic() < deadline:
                time.sleep(0.05)
            yield f"{flag}: when one goes, the next is served", "version" in client(pki, server.port)
            for sock in held:
                sock.close()


def ended(sock):
    sock.settimeout(60)
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


# ---- Other certificates while it serves ------------------------------------------------

class Load(threading.Thread):
    """New connections, one after the other, until stopped."""

    def __init__(self, pki, port):
        super().__init__()
        self.pki, self.port, self.running, self.done, self.subjects, self.wrong = pki, port, True, 0, set(), []

    def run(self):
        c = context(self.pki)
        while self.running:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 60) as raw:
                    with c.wrap_socket(raw, server_hostname="localhost") as sock:
                        self.subjects.add(dict(x[0] for x in sock.getpeercert()["subject"])["commonName"])
                        sock.sendall(get("/large/100"))
                        if read_answer(sock) != (200, b"0123456789" * 10):
                            self.wrong.append("answer")
                self.done += 1
            except OSError as error:
                self.wrong.append(repr(error))


def put(pki, name):
    for kind in (".crt", ".key"):
        with open(pki[name + kind], "rb") as source:
            data = source.read()
        with open(pki["live" + kind + ".new"], "wb") as target:
            target.write(data)
        os.replace(pki["live" + kind + ".new"], pki["live" + kind])


def wait_for(server, text, count=1):
    deadline = time.monotonic() + 60
    while server.output().count(text) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return server.output().count(text) >= count


def reload(pki, backend):
    for workers in (1, 2):
        put(pki, "localhost")
        with own(pki, [*backend, "--workers", str(workers)], ["live"]) as server:
            old = dial(pki, server.port)
            loads = [Load(pki, server.port) for _ in range(2)]
            for load in loads:
                load.start()
            for turn in range(1, 4):
                put(pki, "renewed" if turn % 2 else "localhost")
                server.process.send_signal(signal.SIGHUP)
                wait_for(server, "Certificates read again", turn)
                if workers > 1:
                    wait_for(server, "Application startup complete", workers * (turn + 1))
                time.sleep(0.2)
            for load in loads:
                load.running = False
                load.join()
            who = f"{workers} worker{'s' if workers > 1 else ''}"
            wrong = [w for load in loads for w in load.wrong]
            yield f"{who}: no connection fails", not wrong and all(load.done > 5 for load in loads), wrong[:3]
            yield f"{who}: both certificates were seen", set.union(*(x.subjects for x in loads)) == {"localhost",
                                                                                                    "renewed"}
            yield f"{who}: the last is served", "CN = renewed\n" in s_client(pki, server.port)
            old.sendall(get("/large/5"))
            yield f"{who}: a connection from before goes on", read_answer(old) == (200, b"01234")
            old.close()
            with open(pki["live.crt"], "w") as f:
                f.write("-----BEGIN CERTIFICATE-----\nbroken\n")
            server.process.send_signal(signal.SIGHUP)
            yield f"{who}: a broken file is logged", wait_for(server, "the old ones stay")
            if workers > 1:
                wait_for(server, "Application startup complete", workers * 5)
            yield f"{who}: and the old one stays", "CN = renewed\n" in s_client(pki, server.port)
            yield f"{who}: stops in order", server.stop() == 0


def workers_share_tickets(pki, backend):
    with own(pki, [*backend, "--workers", "3"]) as server:
        c = context(pki, VERSIONS["1.2"])
        first = dial(pki, server.port, VERSIONS["1.2"])
        c = first.context
        session = first.session
        first.close()
        reused = 0
        for _ in range(24):
            with dial(pki, server.port, session=(c, session)) as sock:
                reused += sock.session_reused
        yield "all of 24 resume", reused == 24
    with own(pki, [*backend, "--workers", "2", "--ssl-ticket-life", "1"]) as server:
        first = dial(pki, server.port, VERSIONS["1.2"])
        c, session = first.context, first.session
        first.close()
        time.sleep(2.2)  # beyond two spans, however slow we are
        reused = 0
        for _ in range(6):
            with dial(pki, server.port, session=(c, session)) as sock:
                reused += sock.session_reused
        yield "a ticket of two spans ago is a full handshake", reused == 0, reused


def by_the_kernel(log):
    yield "the options say so", '"tls":"on, encrypted by the kernel"' in log
    data, others, files = map(int, re.search(
        r"kernel: (\d+) records of data, (\d+) others, (\d+) parts of files", log).groups())
    yield "it encrypted, and sent tickets and goodbyes", data > 500 and others > 100, f"{data} {others}"
    yield "files went by sendfile", files > 100, files


# ---- All ----------------------------------------------------------------------------------

SHARED = [versions, names, protocols, resumption, renegotiation, new_keys, scheme, bodies, pipelines, sockets, cut_up, garbage,
          in_clear, ends, numbers]
KERNEL_SHARED = [versions, protocols, resumption, scheme, bodies, pipelines, sockets, cut_up, garbage, ends]
OWN = [clients, settings, proxied, floods, crowds, reload, workers_share_tickets]


def report(prefix, facts):
    failed = 0
    for fact in facts:
        name, passed, *why = fact
        print(f"{'ok' if passed else 'not ok'} - {prefix}: {name}", *(f"# {w}" for w in why if not passed), flush=True)
        failed += not passed
    return failed


def play_shared(pki, backend, groups):
    with own(pki, ["--backend", backend, "--metrics", "/metrics"], ["localhost", "two.test"]) as server:
        failed = sum(report(f"{backend}, {group.__name__}", group(pki, server)) for group in groups)
        stopped = server.stop()
        if KERNEL and len(groups) == len(KERNEL_SHARED):
            failed += report(backend, by_the_kernel(server.output()))
        return failed + report(backend, [("stops in order", stopped == 0, server.output()[-3000:])])


def play(pki, backend, part):
    shared = [group for group in (KERNEL_SHARED if KERNEL else SHARED) if part in group.__name__]
    failed = play_shared(pki, backend, shared) if shared else 0
    for group in [clients] if KERNEL else OWN:
        if part in group.__name__:
            failed += report(f"{backend}, {group.__name__}", group(pki, ["--backend", backend]))
    return failed


def main():
    global PROGRAM, KERNEL
    parser = argparse.ArgumentParser()
    parser.add_argument("part", nargs="?", default="")
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--kernel", action="store_true")
    args = parser.parse_args()
    tests = os.path.join(ROOT, "build", args.preset, "tests")
    PROGRAM = os.path.join(tests, "tls_app")
    KERNEL = os.path.join(tests, "libktls_kernel.so") if args.kernel else None
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        pki = Pki(folder)
        for backend in ("epoll", "uring"):
            failed += play(pki, backend, args.part)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
