#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/docs and /redoc in headless Chromium, driven by playwright-core: the routes
are listed, "Try it out" makes a user, and the user is in the SQLite file; the
same below a proxy's prefix and a mount; the Authorize button logs in, by
password and by a code from another origin; /asyncdocs talks to sockets, and its
document is what AsyncAPI's schema asks for; all of it over HTTP/2 and TLS. The browser may reach these servers
only, so an asset from elsewhere is a failure.

usage: run.py [--preset PRESET] [--screenshot FILE]"""
import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "wire")]
from fuzz import compile_c  # noqa: E402
from harness.browser import drive, install  # noqa: E402
from harness.serving import Server, free_port  # noqa: E402

PREFIX = "/api"


def guide(examples, folder, shot):
    """The guide's pages with and without a prefix, and what they did to its database."""
    database = os.path.join(folder, "guide.db")
    env = {"GUIDE_DATABASE_URL": f"sqlite:///{database}"}
    good = True
    for prefix in ("", PREFIX):
        flags = ["--root-path", prefix] if prefix else []
        with Server([os.path.join(examples, "guide"), *flags], free_port(), env=env) as server:
            good &= drive("docs.js", server.port, prefix, shot if not prefix else "")
    rows = subprocess.run(["sqlite3", database, "SELECT name, email FROM users"], capture_output=True, text=True).stdout
    found = "Grace Hopper|grace@example.com" in rows
    print(f"{'ok' if found else 'not ok'} - browser: the user made in /docs is in the SQLite file")
    return good and found


def tutorial(examples, app, script):
    program = [os.path.join(examples, "tutorial"), "--app", app, "--root-path", PREFIX]
    with Server(program, free_port()) as server:
        return drive(script, server.port, PREFIX)


def login_by_code(preset, folder):
    provider, program = free_port(), os.path.join(folder, "code_app")
    compile_c(os.path.join(HERE, "code_app.c"), program, preset, f'-DPROVIDER="http://127.0.0.1:{provider}"')
    with Server([program], free_port()) as server:
        return drive("login.js", server.port, "-", provider)


def channels(preset, folder):
    program = os.path.join(folder, "async_app")
    compile_c(os.path.join(HERE, "async_app.c"), program, preset)
    good = True
    for prefix in ("", PREFIX):
        flags = ["--root-path", prefix] if prefix else []
        with Server([program, *flags], free_port()) as server:
            good &= drive("async.js", server.port, prefix)
    return good


def over_h2(preset, folder):
    """All of it by HTTP/2 over TLS, with a certificate that vouches for itself."""
    program, file, size = os.path.join(folder, "h2_app"), os.path.join(folder, "report"), 2_000_003
    with open(file, "wb") as f:
        f.truncate(size)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=localhost"],
                   check=True, capture_output=True)
    compile_c(os.path.join(HERE, "h2_app.c"), program, preset, f'-DH2_FILE="{file}"')
    with Server([program, "--ssl-certfile", f"{folder}/cert.pem", "--ssl-keyfile", f"{folder}/key.pem"], free_port()) as server:
        return drive("h2.js", server.port, size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="release")
    parser.add_argument("--screenshot", default="")
    options = parser.parse_args()
    examples = os.path.join(ROOT, "build", options.preset, "examples")
    install()
    with tempfile.TemporaryDirectory() as folder:
        good = [guide(examples, folder, options.screenshot),
                tutorial(examples, "sub_applications.tutorial001", "mounted.js"),
                tutorial(examples, "security.tutorial003", "login.js"),
                login_by_code(options.preset, folder), channels(options.preset, folder), over_h2(options.preset, folder)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
