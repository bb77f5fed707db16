#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Autobahn|Testsuite against tests/interop/sockets.c (brio as server) and
tests/interop/sockets_client.c (the ws room as client): no case may fail and none may be
answered in a way that is right but not strict. The suite is written for Python 2.7;
where there is none it is left out, and said so: websocket_cases.py beside it has the
same cases for any machine.

By default the cases that take long are left out: 9 (limits) and most of 12 and 13 (a
thousand compressed messages each). --all builds for speed and plays every one, on each
back end, with each kind of handler and in both roles: hours of one core, nearly all of
them the suite's own and zlib's. Let it have the machine: a case that is not through in
eight minutes has failed. --role, --backend, --path and --cases choose a part.

usage: autobahn.py [--all] [--role server|client] [--backend epoll|uring] [--path PATH]
                   [--cases "13.* 9.1.*"] [--jobs N] [--preset PRESET]"""
import argparse
import collections
import concurrent.futures
import fnmatch
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port, made_by_one, read_text  # noqa: E402

PACKAGE = "autobahntestsuite==25.10.1"
FASTER = "wsaccel==0.6.2"  # masks and looks at UTF-8 in C; needs a compiler, and can be done without
KINDS = ("OK", "INFORMATIONAL", "NON-STRICT", "FAILED")
SLOW_SECTIONS = ("9", "12", "13")
# wstest is started this way so that its namespace packages are found.
START = "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()"
LIST = ("import site, sys; site.addsitedir(sys.argv[1]); from autobahntestsuite.case import Cases\n"
        "for c in Cases: print(c.__name__[4:].replace('_', '.'))")

# A part of one conversation: who is brio, where it listens and what of.
Plan = collections.namedtuple("Plan", "role backend path cases")


# ---- The suite ----------------------------------------------------------------

def python2():
    """A Python 2.7 of this machine, or None."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    found = [*sorted(glob.glob(os.path.join(pyenv, "versions/2.7*/bin/python2.7"))), shutil.which("python2.7")]
    return next((python for python in found if python), None)


class Suite:
    def __init__(self, python):
        self.python = python
        self.folder = os.path.join(ROOT, "build", "autobahn")

    def installed(self):
        stamp = os.path.join(self.folder, "installed")
        with made_by_one(self.folder):
            if read_text(stamp) != PACKAGE + FASTER:
                if self.pip(PACKAGE):
                    return False
                self.pip(FASTER)
                with open(stamp, "w") as f:
                    f.write(PACKAGE + FASTER)
        return True

    def pip(self, package):
        command = [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", self.folder]
        return subprocess.run([*command, package], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def cases(self):
        run = subprocess.run([self.python, "-c", LIST, self.folder], capture_output=True, text=True, check=True)
        return run.stdout.split()

    def start(self, mode, spec, out):
        with open(os.path.join(out, "spec.json"), "w") as f:
            json.dump({"outdir": out, "exclude-cases": [], "exclude-agent-cases": {}, **spec}, f)
        with open(os.path.join(out, "log"), "w") as log:
            return subprocess.Popen([self.python, "-c", START, self.folder, "-m", mode, "-s", "spec.json", "-u", "0"],
                                    stdout=log, stderr=subprocess.STDOUT, cwd=out)


# ---- What is played --------------------------------------------------------------

def section(case):
    return case.split(".")[0]


def quick(cases):
    """Those that do not take long, and a few of compression."""
    return [c for c in cases if section(c) not in SLOW_SECTIONS or c in ("12.1.1", "13.3.1", "13.7.1")]


def compressed(cases):
    return [c for c in cases if section(c) in ("12", "13")]


def plans_of(options, cases):
    """Windows that are kept matter to compression only."""
    some = cases if options.all else quick(cases)
    some = [c for c in some if any(fnmatch.fnmatch(c, pattern) for pattern in options.cases.split())]
    every = [Plan("server", backend, path, compressed(some) if path == "/takeover" else some)
             for path in ("/", "/events", "/takeover") for backend in ("epoll", "uring")]
    every += [Plan("client", backend, "keeping windows", some) for backend in ("epoll", "uring")]
    every += [Plan("client", "epoll", "alone", compressed(some))]
    if not options.all:  # each thing once
        once = [("server", "epoll", "/"), ("server", "uring", "/events"), ("client", "epoll", "keeping windows")]
        every = [p for p in every if p[:3] in once]
    return [p for p in every if (options.role or p.role) == p.role and (options.backend or p.backend) == p.backend
            and (options.path or p.path) == p.path]


def parts_of(plan):
    """Pieces of a plan that can be played side by side."""
    parts = collections.defaultdict(list)
    whole = sum(section(case) in SLOW_SECTIONS for case in plan.cases) > 15
    for case in plan.cases:
        slow = section(case) in ("12", "13")
        parts[case.rsplit(".", 1)[0] if slow and whole else ""].append(case)
    return [plan._replace(cases=part) for part in parts.values()]


def play_server(suite, part, port, out):
    agent = {"agent": part.path, "url": f"ws://127.0.0.1:{port}{part.path}"}
    suite.start("fuzzingclient", {"servers": [agent], "cases": part.cases}, out).wait()


def play_client(suite, part, program, out):
    port = free_port()
    server = suite.start("fuzzingserver", {"url": f"ws://127.0.0.1:{port}", "cases": part.cases}, out)
    wait_for(os.path.join(out, "log"), "Ok, will run", server)
    words = ["alone"] if part.path == "alone" else []
    subprocess.run([program, str(port), part.path.split()[0], *words], env={**os.environ, "BRIO_BACKEND": part.backend},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server.terminate()
    server.wait()


def wait_for(log, text, process):
    """It says so before it listens."""
    while text not in (read_text(log) or "") and process.poll() is None:
        time.sleep(0.1)
    time.sleep(0.5)


def results_in(out):
    """{case: (its worse half, what the suite says of it)}."""
    path = os.path.join(out, "index.json")
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        report = next(iter(json.load(f).values()))
    return {case: (worse(c["behavior"], c["behaviorClose"]), why(os.path.join(out, c["reportfile"])))
            for case, c in report.items()}


def why(path):
    with open(path) as f:
        case = json.load(f)
    return f"{case['result']} {case['resultClose']}"


def worse(*behaviors):
    return max(behaviors, key=lambda b: KINDS.index(b) if b in KINDS else len(KINDS))


# ---- The run ------------------------------------------------------------------------

class Run:
    def __init__(self, options, suite, folder):
        self.suite, self.folder = suite, folder
        self.programs = os.path.join(ROOT, "build", options.preset, "tests")
        self.servers = {}
        self.n = 0

    def server(self, backend):
        if backend not in self.servers:
            program = os.path.join(self.programs, "interop_sockets")
            self.servers[backend] = Server([program, "--log-level", "critical", "--backend", backend], free_port())
        return self.servers[backend]

    def play(self, part, number):
        out = os.path.join(self.folder, str(number))
        os.mkdir(out)
        if part.role == "server":
            play_server(self.suite, part, self.servers[part.backend].port, out)
        else:
            play_client(self.suite, part, os.path.join(self.programs, "interop_sockets_client"), out)
        found = results_in(out)
        return part, {case: found.get(case, ("no report", "")) for case in part.cases}

    def play_all(self, plans, jobs):
        """{(role, backend, path): {case: behavior}}, and tells what is done."""
        for backend in {plan.backend for plan in plans if plan.role == "server"}:
            self.server(backend)
        parts = [part for plan in plans for part in parts_of(plan)]
        results = collections.defaultdict(dict)
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for done in concurrent.futures.as_completed([pool.submit(self.play, p, i) for i, p in enumerate(parts)]):
                part, found = done.result()
                results[part[:3]].update(found)
                if len(parts) > len(plans):
                    print(f"# {name_of(part)}: {part.cases[0]} to {part.cases[-1]}: {told(count(found))}", flush=True)
        return results

    def stop(self):
        good = True
        for backend, server in self.servers.items():
            status = server.stop()
            print(f"{'not ok' if status else 'ok'} - autobahn: the server on {backend} stops cleanly")
            if status:
                print("\n".join("# " + line for line in server.output().splitlines()[-40:]))
            good &= status == 0
        return good


def count(results):
    return collections.Counter(b if b in KINDS else "FAILED" for b, _ in results.values())


def told(counts):
    return ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)


def name_of(plan):
    return f"{plan[0]} on {plan[1]}, {plan[2]}"


def judge(results):
    """TAP lines for each conversation, and the sum. True if all is well."""
    sums = collections.Counter()
    for plan, found in sorted(results.items()):
        counts = count(found)
        sums += counts
        bad = {case: result for case, result in found.items() if result[0] not in ("OK", "INFORMATIONAL")}
        print(f"{'not ok' if bad else 'ok'} - autobahn: {name_of(plan)}: {len(found)} cases: {told(counts)}")
        for case, (behavior, reason) in bad.items():
            print(f"#   {case}: {behavior}: {reason}")
    print(f"# all: {sum(sums.values())} cases: {told(sums)}")
    return not (sums["FAILED"] or sums["NON-STRICT"]) and bool(sums)


def built(preset):
    """Of --all: the release preset does not build tests."""
    folder = os.path.join(ROOT, "build", preset)
    for command in (["cmake", "--preset", "release", "-B", folder, "-DBRIO_TESTS=ON"],
                    ["cmake", "--build", folder, "--target", "interop_sockets", "interop_sockets_client"]):
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--role")
    parser.add_argument("--backend")
    parser.add_argument("--path")
    parser.add_argument("--cases", default="*")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    python = python2()
    suite = Suite(python)
    if not python or not suite.installed():
        print("ok - autobahn # SKIP it needs a Python 2.7 with pip; websocket_cases.py has its cases without")
        return 0
    if options.all and not options.preset:
        options.preset = "release-tests"
        built(options.preset)
    options.preset = options.preset or "asan"
    with tempfile.TemporaryDirectory() as folder:
        run = Run(options, suite, folder)
        good = judge(run.play_all(plans_of(options, suite.cases()), options.jobs))
        good &= run.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
