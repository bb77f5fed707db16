#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The wire contract, at random: schemas of every field type and constraint are
written as a C program for brio and a Python program for FastAPI; both get the
same requests, valid, nearly valid and hostile; their answers must be the same,
and so must their OpenAPI documents.

    fuzz.py [--seconds N] [--seed N ... [--rounds N]] [--preset PRESET] [--keep]

Prints the seed of each round; a failing one is repeated with --seed. Without
it the seeds are new ones each time: a search. The test suite names its own, so
that a change of the program is what makes it fail."""
import argparse
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests")]
from harness.serving import Server, free_port, python_env  # noqa: E402
from random_programs import Body, make  # noqa: E402
from random_schema import SCALARS  # noqa: E402
from run import differences, exchange, openapi_differences, report  # noqa: E402

ROUTES = 10
REQUESTS = 60  # per route
SHOWN = 5      # differences of one round that are printed
HOSTILE = [b"", b"null", b"[]", b"{", b"{}", b'{"a":}', b"\xff", b'"x"', b"1", b"[" * 100, b'{"a":1,"a":2}', b"NaN", b" {} x", b'{"a":"\\ud800"}']


def scalars_of():
    """The value types that brio has."""
    text = open(os.path.join(ROOT, "include", "brio", "types.h")).read()
    return sorted(name for name in SCALARS if f"X({name}," in text)


def body_request(rng, route):
    headers = {"Content-Type": "application/json"}
    if rng.random() < 0.06:
        return "POST", route.path, headers, rng.choice(HOSTILE)
    text = json.dumps(route.model.value(rng), ensure_ascii=rng.random() < 0.3)
    if rng.random() < 0.05:
        cut = rng.randrange(len(text) + 1)
        text = text[:cut] + rng.choice(["", ",", "}", "\\", "x"]) + text[cut:]
    if rng.random() < 0.03:
        headers = rng.choice([{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x+json; a=b"}])
    return "POST", route.path, headers, text.encode("utf-8", "surrogatepass")


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value)


def is_header_text(text):
    return text.isascii() and text.isprintable()


def parameters_request(rng, route):
    pairs, headers, cookies, path = [], {}, [], route.path
    for f in route.fields:
        for _ in range(1 if f.place == "Path" else rng.choice([0, 1, 1, 1, 1, 2])):
            value = as_text(f.value(rng))
            name = f.alias or (f.name.replace("_", "-") if f.place == "Header" else f.name)
            if f.place == "Path":
                path = path.replace(f"{{{f.name}}}", urllib.parse.quote(value, safe="") or "x")
            elif f.place in ("Query", "Form"):
                pairs.append((name, value))
            elif is_header_text(value) and f.place == "Header":
                headers[name] = value
            elif is_header_text(value) and not set(value) & set('";,\\ '):
                cookies.append(f"{name}={value}")
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    text = urllib.parse.urlencode(pairs)
    if route.form:
        return "POST", path, {**headers, "Content-Type": "application/x-www-form-urlencoded"}, text.encode()
    return "GET", path + ("?" + text if text else ""), headers, b""


def compile_c(source, program, preset, *more):
    """Compiles like a user: against the library of that build."""
    build = os.path.join(ROOT, "build", preset)
    flags = ["-O0", "-w", "-fno-lto", "-std=c17", "-D_GNU_SOURCE", f"-I{ROOT}/include", *more]
    if preset == "asan":
        flags.append("-fsanitize=address,undefined")
    needs = re.search(r"^Requires: *(.*)$", open(os.path.join(build, "brio.pc")).read(), re.M).group(1).split()
    link = subprocess.run(["pkg-config", "--libs", *needs], capture_output=True, text=True, check=True).stdout.split()
    command = ["cc", *flags, source, "-o", program, os.path.join(build, "libbrio.a"), *link, "-pthread", "-lm"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"not ok - a generated program does not compile\n{run.stderr[:4000]}")


def answer(server, request):
    try:
        return exchange(server.port, request)
    except (OSError, IndexError, ValueError):
        return 0, {}, b"no answer; the server said: " + server.output()[-3000:].encode()


def in_order(answer):
    """The same with its arrays sorted: a Python set has no order."""
    def sort(value):
        if isinstance(value, dict):
            return {k: sort(v) for k, v in value.items()}
        return sorted(map(sort, value), key=json.dumps) if isinstance(value, list) else value

    status, headers, body = answer
    return status, {**headers, "content-length": None}, json.dumps(sort(json.loads(body))).encode()


def compare(rng, made, theirs, ours):
    """Yields (request, its differences). Ends early when a server is gone."""
    for route in made:
        for _ in range(REQUESTS):
            request = (body_request if isinstance(route, Body) else parameters_request)(rng, route)
            want, got = answer(theirs, request), answer(ours, request)
            if want[0] == got[0] == 200:
                want, got = in_order(want), in_order(got)
            found = list(differences(want, got))
            if found and want[0] != 500:  # FastAPI's own failure, for example at a lone surrogate
                yield request, found
            if ours.process.poll() is not None:
                return
    document = ("GET", "/openapi.json", {}, b"")
    a, b = (json.loads(answer(s, document)[2]) for s in (theirs, ours))
    found = list(openapi_differences(a, b))
    if found:
        yield document, found


def one_round(seed, options, python, scalars):
    """Returns (requests sent, requests whose answers differ)."""
    rng = random.Random(seed)
    c, py, made = make(rng, scalars, ROUTES)
    with tempfile.TemporaryDirectory(prefix="brio-fuzz-") as folder:
        source, program = os.path.join(folder, "fuzz_app.c"), os.path.join(folder, "fuzz_app")
        for name, text in ((source, c), (program + ".py", py)):
            with open(name, "w", encoding="utf-8") as f:
                f.write(text)
            if options.keep:
                shutil.copy(name, os.path.join(ROOT, "build"))
        compile_c(source, program, options.preset)
        fastapi = [python, "-m", "uvicorn", "--app-dir", folder, "fuzz_app:app", "--log-level", "critical", "--no-access-log"]
        failed = 0
        with Server(fastapi, free_port()) as theirs, Server([program, "--log-level", "critical"], free_port()) as ours:
            for request, found in compare(rng, made, theirs, ours):
                failed += 1
                if failed <= SHOWN:
                    method, target, headers, body = request
                    print(f"# seed {seed}: {method} {target} {headers} {body[:500].decode(errors='replace')}")
                    for line in found[:6]:
                        print(f"#   {line}")
    return len(made) * REQUESTS + 1, failed


def seeds(options):
    """Those asked for, or new ones until the time is up."""
    if options.seed:
        yield from (first + i for first in options.seed for i in range(options.rounds))
        return
    end = time.monotonic() + options.seconds
    for seed in itertools.count(int(time.time())):
        yield seed
        if time.monotonic() > end:
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60, help="without --seed: how long to search")
    parser.add_argument("--seed", type=int, nargs="+")
    parser.add_argument("--rounds", type=int, default=1, help="with --seed: how many, one seed after the other")
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    python = python_env("wire", "-r", os.path.join(HERE, "requirements.txt"))
    scalars, failed = scalars_of(), 0
    for seed in seeds(options):
        sent, wrong = one_round(seed, options, python, scalars)
        failed += report(f"seed {seed}: {sent} requests to {ROUTES} random routes", [f"{wrong} answers differ"] if wrong else [])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
