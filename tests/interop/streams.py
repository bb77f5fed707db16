#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""brio's streams and TLS against programs nobody here wrote: asyncio, openssl, curl.

usage: streams.py [--program PATH]      (default: build/asan/tests/interop_streams)
Each case runs on epoll and on io_uring; prints TAP."""
import argparse
import asyncio
import contextlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIG = b"".join(b"%d the quick brown fox\n" % i for i in range(40000))
WAIT = 30
failed = 0


def report(name, problem):
    global failed
    failed += problem is not None
    print(("not ok - " if problem else "ok - ") + name + (f"\n# {problem}" if problem else ""), flush=True)


def make_certificates(folder):
    """ca.pem, and server.pem (key and certificate for "localhost" and 127.0.0.1) under it."""
    script = """
    set -e; cd "$1"; ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
    openssl req -x509 $ec -keyout ca.key -out ca.pem -subj '/CN=Interop root'
    openssl req $ec -keyout server.key -out server.csr -subj /CN=localhost
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' > ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.crt
    cat server.key server.crt > server.pem"""
    subprocess.run(["sh", "-c", script, "sh", folder], check=True, capture_output=True)


@contextlib.contextmanager
def brio_server(program, env, *words):
    server = subprocess.Popen([program, "serve", *words], stdout=subprocess.PIPE, env=env, text=True)
    try:
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait(WAIT)
        server.stdout.close()


def ask(program, env, *words, data=BIG):
    return subprocess.run([program, "ask", *map(str, words)], input=data, capture_output=True, env=env, timeout=WAIT)


@contextlib.contextmanager
def openssl_server(folder, *words):
    """s_server -rev: sends each line back reversed."""
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-rev", *words],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        port = None
        while port is None:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError("openssl s_server did not start")
            match = re.search(rb"ACCEPT .*:(\d+)", line)
            port = int(match[1]) if match else None
        yield port
    finally:
        server.kill()
        server.wait(WAIT)
        server.stdout.close()


async def asyncio_echo(port, context=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context,
                                                   server_hostname="localhost" if context else None)

    async def send():
        writer.write(BIG)
        await writer.drain()
        if context is None:
            writer.write_eof()

    sending = asyncio.create_task(send())
    got = await reader.readexactly(len(BIG))
    await sending
    alpn = writer.get_extra_info("ssl_object").selected_alpn_protocol() if context else None
    writer.close()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()
    assert got == BIG, "other bytes came back"
    return alpn


# ---- Cases: each raises on failure -------------------------------------------

def asyncio_talks_to_brio(c):
    with brio_server(c.program, c.env, "echo") as port:
        asyncio.run(asyncio.wait_for(asyncio_echo(port), WAIT))


def brio_talks_to_asyncio(c):
    async def serve(reader, writer):
        writer.write(await reader.read())
        await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        run = await asyncio.get_running_loop().run_in_executor(None, lambda: ask(c.program, c.env, "localhost", port))
        server.close()
        assert run.returncode == 0 and run.stdout == BIG, run.stderr
    asyncio.run(main())


def asyncio_talks_tls_to_brio(c):
    context = ssl.create_default_context(cafile=os.path.join(c.folder, "ca.pem"))
    context.set_alpn_protocols(["http/1.1"])
    with brio_server(c.program, c.env, "echo", os.path.join(c.folder, "server.pem")) as port:
        alpn = asyncio.run(asyncio.wait_for(asyncio_echo(port, context), WAIT))
    assert alpn == "http/1.1", alpn


def openssl_talks_to_brio(c, *words):
    with brio_server(c.program, c.env, "http", os.path.join(c.folder, "server.pem")) as port:
        run = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", "ca.pem", "-servername",
                              "localhost", "-verify_return_error", "-verify_hostname", "localhost", "-alpn", "h2",
                              "-ign_eof", *words], cwd=c.folder, input=b"GET / HTTP/1.1\r\n\r\n", capture_output=True,
                             timeout=WAIT)
    assert run.returncode == 0 and b"hello" in run.stdout and b"ALPN protocol: h2" in run.stdout, run.stdout + run.stderr
    assert b"unexpected eof" not in run.stderr, run.stderr  # close_notify came


def openssl_with_old_tls_is_refused(c):
    with brio_server(c.program, c.env, "http", os.path.join(c.folder, "server.pem")) as port:
        run = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=WAIT)
    assert run.returncode != 0


def brio_talks_to_openssl(c, *words):
    with openssl_server(c.folder, *words) as port:
        run = ask(c.program, c.env, "localhost", port, os.path.join(c.folder, "ca.pem"), "localhost", data=b"olleh\n")
    assert run.returncode == 0 and run.stdout == b"hello\n", (run.stdout, run.stderr)
    if words:
        assert run.stderr.startswith(b"TLSv1.2"), run.stderr


def brio_refuses_who_it_cannot_trust(c):
    with openssl_server(c.folder) as port:
        run = ask(c.program, c.env, "127.0.0.1", port, os.path.join(c.folder, "ca.pem"), "example.org", data=b"x\n")
    assert run.returncode == 1 and b"mismatch" in run.stderr, run.stderr


def curl_talks_to_brio(c):
    with brio_server(c.program, c.env, "http", os.path.join(c.folder, "server.pem")) as port:
        run = subprocess.run(["curl", "-sS", "--http1.1", "--cacert", os.path.join(c.folder, "ca.pem"),
                              f"https://localhost:{port}/"], capture_output=True, timeout=WAIT)
    assert run.returncode == 0 and run.stdout == b"hello\n", run.stderr


CASES = [
    ("asyncio talks to brio", asyncio_talks_to_brio, ()),
    ("brio talks to asyncio", brio_talks_to_asyncio, ()),
    ("asyncio talks TLS to brio", asyncio_talks_tls_to_brio, ()),
    ("openssl s_client talks TLS 1.3 to brio", openssl_talks_to_brio, ("-tls1_3",)),
    ("openssl s_client talks TLS 1.2 to brio", openssl_talks_to_brio, ("-tls1_2",)),
    ("openssl s_client with TLS 1.1 is refused", openssl_with_old_tls_is_refused, ()),
    ("brio talks TLS to openssl s_server", brio_talks_to_openssl, ()),
    ("brio talks TLS 1.2 to openssl s_server", brio_talks_to_openssl, ("-tls1_2",)),
    ("brio refuses who it cannot trust", brio_refuses_who_it_cannot_trust, ()),
    ("curl talks https to brio", curl_talks_to_brio, ()),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "asan", "tests", "interop_streams"))
    case = parser.parse_args()
    missing = [name for name in ("openssl", "curl") if not shutil.which(name)]
    if missing:
        print(f"not ok - interop: install {' '.join(missing)}")
        return 1
    case.folder = tempfile.mkdtemp(prefix="brio-interop-")
    try:
        make_certificates(case.folder)
        for backend in ("epoll", "auto"):
            case.env = dict(os.environ, BRIO_BACKEND=backend)
            case.env.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=0")
            for name, function, words in CASES:
                try:
                    function(case, *words)
                    problem = None
                except Exception as error:  # whatever it is, it is this case's failure
                    problem = repr(error)[:1500]
                report(f"{name}, {backend}", problem)
    finally:
        shutil.rmtree(case.folder)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
