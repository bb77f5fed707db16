#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""brio's HTTP/2 against programs nobody here wrote: h2spec, curl, nghttp2's h2load, Python's
httpx, node; in clear and over TLS, on epoll and on io_uring. One TAP line per case.

usage: http2.py [--preset PRESET]"""
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness import suite  # noqa: E402
from harness.serving import Server, free_port, made_by_one, run_inside  # noqa: E402
from harness.suite import backends, certificate, report  # noqa: E402

run_inside("h2", "-r", os.path.join(HERE, "http2_requirements.txt"))

import httpx  # noqa: E402
import ssl  # noqa: E402

BIG = b"0123456789" * 100_000


def run(*command, data=None, seconds=60):
    return subprocess.run(command, input=data, capture_output=True, timeout=seconds)


def h2spec_program():
    """h2spec, from the Go module proxy into build/."""
    program = os.path.join(ROOT, "build", "h2spec")
    with made_by_one(program):
        if not os.path.exists(program):
            env = {**os.environ, "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local"}
            subprocess.run(["go", "build", "-o", program, "github.com/summerwind/h2spec/cmd/h2spec"],
                           cwd=os.path.join(HERE, "h2spec"), env=env, check=True)
    return program


# ---- Cases ----------------------------------------------------------------------

def h2spec(server):
    flags = ["-t", "-k"] if server.origin.startswith("https") else []
    done = run(h2spec_program(), "-h", "127.0.0.1", "-p", str(server.port), "-P", "/static/hello.txt", "-o", "5", *flags)
    text = done.stdout.decode()
    summary = re.search(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed", text)
    good = done.returncode == 0 and summary and summary[1] == summary[2] and int(summary[1]) > 140
    return None if good else text[text.find("Failures"):]


def curl(server):
    how = ["--http2", "--cacert", server.cert] if server.cert else ["--http2-prior-knowledge"]
    base = ["curl", "-sS", *how, "-w", "\n%{http_version} %{http_code}"]
    seen = [run(*base, server.origin + "/").stdout, run(*base, "-I", server.origin + "/").stdout.split(b"\n")[-1],
            run(*base, "-X", "DELETE", server.origin + "/only-get").stdout.split(b"\n")[-1],
            run(*base, "--data-binary", "@-", server.origin + "/echo", data=BIG).stdout,
            run(*base, "-T", "-", "-X", "POST", server.origin + "/echo", data=BIG).stdout]
    want = [b"brio\n\n2 200", b"2 200", b"2 405", BIG + b"\n2 200", BIG + b"\n2 200"]
    return next((f"{s[-300:]!r}, not {w[-300:]!r}" for s, w in zip(seen, want) if s != w), None)


def other_version(server):
    """The same port speaks HTTP/1.1, too."""
    trust = ["--cacert", server.cert] if server.cert else []
    seen = run("curl", "-sS", "--http1.1", *trust, "-w", "%{http_version}", server.origin + "/").stdout
    return None if seen == b"brio\n1.1" else repr(seen)


def h2load(server):
    """Many streams, many connections: none fails."""
    for flags in (["-n", "4000", "-c", "10", "-m", "50"], ["-n", "300", "-c", "3", "-m", "30", "-d", server.big]):
        target = "/echo" if "-d" in flags else "/"
        done = run("h2load", *flags, server.origin + target)
        total = flags[1]
        if f"{total} done, {total} succeeded, 0 failed" not in done.stdout.decode() or f"{total} 2xx" not in done.stdout.decode():
            return done.stdout.decode()
    return None


def python(server):
    verify = ssl.create_default_context(cafile=server.cert) if server.cert else True
    with httpx.Client(http1=False, http2=True, verify=verify, timeout=30) as client:
        for _ in range(30):
            answer = client.post(server.origin + "/echo", content=BIG[:70_000])
            if answer.http_version != "HTTP/2" or answer.content != BIG[:70_000]:
                return f"{answer.http_version} {answer.status_code}, {len(answer.content)} bytes"

        def pieces():
            for i in range(20):
                yield BIG[i * 5000:(i + 1) * 5000]
        answer = client.post(server.origin + "/echo", content=pieces())
        if answer.content != BIG[:100_000]:
            return f"in pieces: {answer.status_code}, {len(answer.content)} bytes"
        cookies = client.get(server.origin + "/static/hello.txt", headers=[("cookie", "a=b"), ("cookie", "c=d")])
        return None if cookies.text == "hello, static world\n" else cookies.text


def node(server):
    done = run("node", os.path.join(HERE, "http2_peer.mjs"), server.origin, *([server.cert] if server.cert else []))
    return done.stderr.decode() if done.returncode else None


def stop_under_load(server):
    """What was begun is finished: a stop breaks no answer off."""
    load = subprocess.Popen(["h2load", "-n", "100000", "-c", "4", "-m", "20", server.origin + "/"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        load.wait(0.5)
    except subprocess.TimeoutExpired:
        pass
    code = server.stop(signal.SIGTERM, 20)
    text = load.communicate(timeout=20)[0].decode()
    return None if code == 0 else f"exit status {code}\n{text}\n{server.output()}"


CASES = [curl, other_version, h2load, python, node, stop_under_load]


def serve(program, folder, backend, tls, only):
    flags = ["--backend", backend, "--log-level", "warning", *(["--http", "2"] if only else []), *tls]
    server = Server([program, *flags], free_port())
    server.origin = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{server.port}"
    server.cert = f"{folder}/cert.pem" if tls else None
    server.big = f"{folder}/big"
    return server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="dev")
    program = os.path.join(ROOT, "build", parser.parse_args().preset, "examples", "probe")
    with tempfile.TemporaryDirectory() as folder:
        flags = certificate(folder)
        with open(f"{folder}/big", "wb") as f:
            f.write(BIG[:40_000])
        for backend in backends(lambda backend: serve(program, folder, backend, [], False)):
            for tls in ([], flags):
                where = f"{'TLS' if tls else 'in clear'}, {backend}"
                with serve(program, folder, backend, tls, not tls) as server:
                    report(f"h2spec ({where})", h2spec(server))
                with serve(program, folder, backend, tls, False) as server:
                    for case in CASES:
                        report(f"{case.__name__} ({where})", case(server))
                    crash = re.search(r"ERROR: \w+Sanitizer.*|runtime error.*", server.output())
                    report(f"nothing to complain about ({where})", crash and server.output()[-3000:])
    return suite.failures != 0


if __name__ == "__main__":
    sys.exit(main())
