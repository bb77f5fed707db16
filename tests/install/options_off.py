#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds brio with every optional dependency off, and serves with it."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

BUILD = os.path.join(ROOT, "build", "options-off")


def main():
    configure = ["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DBRIO_SQLITE=OFF", "-DBRIO_OPENSSL=OFF",
                 "-DBRIO_ARGON2=OFF", "-DBRIO_PCRE2=OFF", "-DBRIO_IDN2=OFF", "-DBRIO_HIREDIS=OFF", "-DBRIO_LIBDW=OFF",
                 "-DBRIO_ZLIB=OFF", "-DBRIO_BROTLI=OFF", "-DBRIO_ZSTD=OFF", "-DBRIO_NGHTTP2=OFF",
                 "-DBRIO_DOCS_PAGES=OFF", "-DBRIO_TESTS=OFF", "-DCMAKE_BUILD_TYPE=Release"]
    targets = ["--target", "brio", "example_hello", "example_guide"]
    for command in (configure, ["cmake", "--build", BUILD, *targets]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(done.stdout[-4000:] + done.stderr[-4000:])
            print("not ok - options off: builds")
            return 1
    print("ok - options off: builds")
    hello = os.path.join(BUILD, "examples", "hello")
    with Server([hello, "--log-level", "warning"], free_port()) as server:
        def get(path):
            return subprocess.run(["curl", "-sS", f"http://127.0.0.1:{server.port}{path}"], capture_output=True,
                                  text=True).stdout
        checks = [("serves", get("/items/5") == '{"item_id":5,"q":null}'),
                  ("has a page at /docs", "openapi.json" in get("/docs"))]
    guide = subprocess.run([os.path.join(BUILD, "examples", "guide"), "--port", str(free_port())], capture_output=True,
                           text=True, timeout=60)
    checks.append(("a program that needs SQLite says so", guide.returncode == 1 and "SQLite" in guide.stderr))
    secure = subprocess.run([hello, "--port", str(free_port()), "--ssl-certfile", "cert.pem"], capture_output=True,
                            text=True, timeout=60)
    checks.append(("a certificate is not ignored", secure.returncode == 1 and "without OpenSSL" in secure.stderr))
    for name, passed in checks:
        print(f"{'ok' if passed else 'not ok'} - options off: {name}")
    return 0 if all(passed for _, passed in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
