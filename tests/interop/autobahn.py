#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Autobahn|Testsuite as client of tests/interop/sockets.c: no case may fail and
none may be answered in a way that is right but not strict. The suite is written
for Python 2.7; where there is none it is left out, and said so.

By default the cases that take long are left out (9: limits, most of 12 and 13:
compression of a thousand messages each); --all plays every one.

usage: autobahn.py [--preset PRESET] [--all] [--backend NAME]"""
import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port, made_by_one, read_text  # noqa: E402

PACKAGE = "autobahntestsuite==25.10.1"
QUICK = [f"{section}.*" for section in (1, 2, 3, 4, 5, 6, 7, 10)]
QUICK += ["12.1.1", "12.2.1", "13.1.1", "13.2.1", "13.3.1", "13.4.1", "13.5.1", "13.6.1", "13.7.1"]
GOOD = {"OK", "INFORMATIONAL"}
# wstest is started this way so that its namespace packages are found.
START = "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()"


def python2():
    """A Python 2.7 of this machine, or None."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    found = [*sorted(glob.glob(os.path.join(pyenv, "versions/2.7*/bin/python2.7"))), shutil.which("python2.7")]
    return next((python for python in found if python), None)


def installed(python):
    """The folder that the suite is in, or None."""
    folder = os.path.join(ROOT, "build", "autobahn")
    with made_by_one(folder):
        if read_text(os.path.join(folder, "installed")) != PACKAGE:
            command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", folder, PACKAGE]
            if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
                return None
            with open(os.path.join(folder, "installed"), "w") as f:
                f.write(PACKAGE)
    return folder


def start(python, suite, port, paths, cases, out):
    servers = [{"agent": path, "url": f"ws://127.0.0.1:{port}{path}"} for path in paths]
    spec = os.path.join(out, "spec.json")
    with open(spec, "w") as f:
        json.dump({"outdir": out, "servers": servers, "cases": cases, "exclude-cases": [],
                   "exclude-agent-cases": {}}, f)
    return subprocess.Popen([python, "-c", START, suite, "-m", "fuzzingclient", "-s", spec],
                            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=out)


def judge(backend, out):
    """TAP lines for each path; True if all is well."""
    path = os.path.join(out, "index.json")
    if not os.path.exists(path):
        print(f"not ok - autobahn: no report of {backend}")
        return False
    with open(path) as f:
        reports = json.load(f)
    good = True
    for agent, cases in reports.items():
        bad = [f"{name}: {c['behavior']}, close {c['behaviorClose']}" for name, c in cases.items()
               if c["behavior"] not in GOOD or c["behaviorClose"] not in GOOD]
        print(f"{'not ok' if bad else 'ok'} - autobahn: {len(cases)} cases, {backend} {agent}")
        for line in bad:
            print(f"#   {line}")
        good &= not bad and bool(cases)
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--backend")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    python = python2()
    suite = python and installed(python)
    if not suite:
        print("ok - autobahn # SKIP it needs a Python 2.7 with pip")
        return 0
    program = os.path.join(ROOT, "build", options.preset, "tests", "interop_sockets")
    plans = {"epoll": ["/"], "uring": ["/events"]}
    if options.all:
        plans = {backend: ["/", "/events", "/takeover"] for backend in plans}
    if options.backend:
        plans = {options.backend: plans[options.backend]}
    cases = ["*"] if options.all else QUICK
    running = []
    with tempfile.TemporaryDirectory() as folder:
        for backend, paths in plans.items():
            out = os.path.join(folder, backend)
            os.mkdir(out)
            command = [program, "--log-level", "critical", "--backend", backend]
            server = Server(command, free_port())
            running.append((backend, out, server, start(python, suite, server.port, paths, cases, out)))
        good = True
        for backend, out, server, client in running:
            client.wait()
            good &= judge(backend, out)
            status = server.stop()
            print(f"{'ok' if status == 0 else 'not ok'} - autobahn: the server on {backend} stops cleanly")
            good &= status == 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
