#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files over HTTP/2, from `brio static`: curl, nghttp, h2load and Python's h2 get what lies
in the folder, whole and in parts; what is sent is never in memory whole, and a stream that
is cut off closes its file. In clear and over TLS, on epoll and on io_uring. One TAP line per
case.

usage: http2_files.py [--preset PRESET]"""
import argparse
import contextlib
import gzip
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness import suite  # noqa: E402
from harness.serving import Server, free_port, run_inside  # noqa: E402
from harness.suite import FRUGAL, backends, certificate, report, settles, stopped  # noqa: E402

run_inside("h2", "-r", os.path.join(HERE, "http2_requirements.txt"))

from harness.http2 import Client, WIDE  # noqa: E402

HUGE = 1 << 30
SIZES = [0, 1, 16384, 32768, 32769, 65536, 70_000, 200_001, 3_000_000]


def run(*command, seconds=60):
    return subprocess.run(command, capture_output=True, timeout=seconds)


def fill(folder):
    """Files of the sizes, with their bytes; page.js with a twin; one of 1 GiB that is mostly a hole."""
    made, source = {}, random.Random(7)
    for n in SIZES:
        made[f"f{n}"] = source.randbytes(n)
    made["page.js"] = b"var x = 1;\n" * 20_000
    made["page.js.gz"] = gzip.compress(made["page.js"])
    for name, data in made.items():
        with open(f"{folder}/{name}", "wb") as f:
            f.write(data)
    with open(f"{folder}/huge", "wb") as f:
        f.write(b"begin")
        f.truncate(HUGE)
        f.seek(HUGE - 3)
        f.write(b"end")
    return made


# ---- What the process holds ---------------------------------------------------------

def resident(server, what="VmRSS"):
    with open(f"/proc/{server.process.pid}/status") as f:
        return int(re.search(rf"{what}:\s+(\d+)", f.read())[1]) << 10


def open_files(server, name):
    held = 0
    for fd in os.listdir(f"/proc/{server.process.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            held += os.readlink(f"/proc/{server.process.pid}/fd/{fd}").endswith("/" + name)
    return held


# ---- Cases ----------------------------------------------------------------------------

def whole(server):
    """Every size on one connection; large ones by curl and nghttp: byte for byte."""
    with Client(server.port, server.tls) as client:
        for n in SIZES:
            status, body = client.ask(f"/f{n}")
            if (status, body) != (200, server.made[f"f{n}"]):
                return f"f{n}: {status}, {len(body)} bytes"
    how = ["--http2", "-k"] if server.tls else ["--http2-prior-knowledge"]
    for n in SIZES[-2:]:
        for program in (["curl", "-sS", *how], ["nghttp", "--no-verify-peer"]):
            seen = run(*program, f"{server.origin}/f{n}").stdout
            if seen != server.made[f"f{n}"]:
                return f"{program[0]}: {len(seen)} bytes, not {n}"
    return None


def parts(server):
    """Ranges, HEAD, conditions, twins: as over HTTP/1.1, header for header."""
    cases = [("/f200001", ["-r", "10-19"]), ("/f200001", ["-r", "-70000"]), ("/f200001", ["-r", "0-0,199990-"]), ("/f200001", ["-r", "200001-"]), ("/f3000000", ["-I"]),
             ("/f70000", ["-z", "2040-01-01"]), ("/f70000", ["-H", "if-none-match: \"x\""]), ("/f0", []),
             ("/page.js", ["-H", "accept-encoding: gzip"]), ("/page.js", ["-H", "accept-encoding: gzip", "-r", "5-9"]),
             ("/page.js", []), ("/%2e%2e/secret", []), ("/huge", ["-r", f"{HUGE - 3}-"])]
    trust = ["-k"] if server.tls else []
    for path, flags in cases:
        seen = []
        for version in ("--http1.1", "--http2" if server.tls else "--http2-prior-knowledge"):
            out = run("curl", "-sS", "-i", "--path-as-is", *trust, version, *flags, server.origin + path).stdout
            head, _, body = out.partition(b"\r\n\r\n")
            status, *lines = head.decode().split("\r\n")
            fields = {line.lower() for line in lines if line and not re.match("(?i)date|connection|retry-after", line)}
            boundary = re.search(r"boundary=(\w+)", head.decode())
            if boundary:
                fields = {f.replace(boundary[1].lower(), "B") for f in fields}
                body = body.replace(boundary[1].encode(), b"B")
            seen.append((status.split()[1], fields, body))
        if seen[0] != seen[1]:
            return f"{path} {flags}: {[(s, f, b[:200]) for s, f, b in seen]}"
    return None


def load(server):
    for name, n in (("f3000000", 20), ("f32769", 200)):
        done = run("h2load", "-n", str(n), "-c", "4", "-m", "10", f"{server.origin}/{name}").stdout.decode()
        if f"{n} succeeded, 0 failed" not in done or f"{n} 2xx" not in done:
            return done
    return None


def beside_one_another(server):
    """A large file on each of many streams that nobody reads, and others that are read."""
    with Client(server.port, server.tls, hoards=True) as idle, Client(server.port, server.tls) as other:
        for _ in range(60):
            idle.get("/huge")
        if not settles(lambda: open_files(server, "huge"), 60):
            return f"{open_files(server, 'huge')} files are open"
        streams = {n: other.get(f"/f{n}") for n in SIZES}
        for n, stream in streams.items():
            seen = other.answer(stream)
            if not seen.ended or seen.body != server.made[f"f{n}"]:
                return f"f{n}: {seen.status}, {len(seen.body)} bytes"
    return None if settles(lambda: open_files(server, "huge"), 0) else "files of a connection that is gone are open"


def bounded(server):
    """Windows as wide as they get, and a client that does not read: nothing piles up."""
    with Client(server.port, server.tls, window=WIDE, small=True, hoards=True) as client:
        client.settled()
        before = resident(server)
        streams = [client.get("/huge") for _ in range(50)]
        if not settles(lambda: open_files(server, "huge"), 50):
            return f"{open_files(server, 'huge')} files are open"
        time.sleep(0.2)
        grown = resident(server) - before
        for stream in streams[1:]:
            client.cancel(stream)
        client.until(lambda: open_files(server, "huge") == 1, 20)
        left = open_files(server, "huge")
        client.cancel(streams[0])
        client.until(lambda: open_files(server, "huge") == 0, 20)
    if not settles(lambda: open_files(server, "huge"), 0):
        return "a file is open still"
    return None if grown < 24 << 20 and left == 1 else f"grew by {grown} bytes, {left} open after the cancellation"


def gigabyte(server):
    """All of it, and never in memory."""
    before = resident(server)
    how = ["--http2", "-k"] if server.tls else ["--http2-prior-knowledge"]
    size = run("curl", "-sS", *how, "-o", "/dev/null", "-w", "%{size_download} %{http_code}", f"{server.origin}/huge").stdout
    grown = resident(server, "VmHWM") - before
    return None if size == b"%d 200" % HUGE and grown < 64 << 20 else f"{size!r}, grew by {grown} bytes"


def shorter_meanwhile(server):
    """What was promised cannot be sent: the stream is broken off, and the connection goes on."""
    path = f"{server.folder}/shrinks"
    with open(path, "wb") as f:
        f.truncate(1 << 24)
    with Client(server.port, server.tls, hoards=True) as client:
        stream = client.get("/shrinks")
        client.until(lambda: client.streams[stream].received >= 65535)
        os.truncate(path, 100_000)
        client.hoards = False
        client.h2.acknowledge_received_data(65535, stream)
        client.flush()
        seen = client.answer(stream)
        other = client.ask("/f1")
    return None if seen.reset == 2 and other[0] == 200 else f"reset {seen.reset}, ended {seen.ended}, then {other}"


CASES = [whole, parts, load, beside_one_another, bounded, shorter_meanwhile]


def serve(program, folder, backend, tls, made):
    flags = ["--backend", backend, "--log-level", "error", "--no-access-log", *tls]
    server = Server([program, "static", f"{folder}/web", *flags], free_port(), env=FRUGAL)
    server.tls, server.made, server.folder = bool(tls), made, f"{folder}/web"
    server.origin = f"http{'s' * server.tls}://127.0.0.1:{server.port}"
    return server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    program = os.path.join(ROOT, "build", parser.parse_args().preset, "bin", "brio")
    with tempfile.TemporaryDirectory() as folder:
        flags = certificate(folder)
        os.mkdir(f"{folder}/web")
        made = fill(f"{folder}/web")
        for backend in backends(lambda backend: serve(program, folder, backend, [], made)):
            for tls in ([], flags):
                where = f"{'TLS' if tls else 'in clear'}, {backend}"
                with serve(program, folder, backend, tls, made) as server:
                    for case in CASES + [gigabyte] * (backend == "epoll" and not tls):
                        report(f"{case.__name__.replace('_', ' ')} ({where})", case(server))
                    report(f"a clean stop ({where})", stopped(server))
    return suite.failures != 0


if __name__ == "__main__":
    sys.exit(main())
