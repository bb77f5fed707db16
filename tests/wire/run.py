#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The wire contract: FastAPI and brio get the same requests; their answers must
be the same. Status, body (by value when it is JSON) and the headers of HEADERS
are compared, and the two OpenAPI documents. One TAP line per request.

usage: run.py [--preset PRESET] [PART]"""
import json
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(ROOT, "tests"))
from cases import DELIBERATE, REQUESTS  # noqa: E402
from harness.serving import Server, free_port, python_env  # noqa: E402

HEADERS = ["content-type", "allow", "location", "content-length"]


def exchange(port, request):
    """Sends exactly these bytes, reads one answer: (status, headers, body)."""
    method, target, headers, body = request
    lines = [f"{method} {target} HTTP/1.1", "Host: testserver", "Connection: close"]
    lines += [f"{k}: {v}" for k, v in headers.items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        s.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        data = b""
        while piece := s.recv(65536):
            data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    found = {}
    for field in fields:
        name, _, value = field.partition(":")
        found[name.lower()] = value.strip()
    return int(status.split()[1]), found, rest


def same(a, b):
    """Equality of JSON values: 1 and 1.0 are equal, true and 1 are not."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (a != a and b != b)


def as_json(headers, body):
    try:
        return json.loads(body) if "json" in headers.get("content-type", "") and body else None
    except ValueError:
        return None


def differences(want, got):
    if want[0] != got[0]:
        yield f"status {want[0]} expected, got {got[0]}"
    for name in HEADERS:
        a, b = want[1].get(name), got[1].get(name)
        if name == "content-length" and want[2] != got[2]:
            continue  # said by the body below
        if a != b:
            yield f"header {name}: {a!r} expected, got {b!r}"
    a, b = as_json(*want[1:]), as_json(*got[1:])
    if (a is None or b is None) and want[2] != got[2] or not same(a, b):
        yield f"expected {want[2][:600].decode(errors='replace')}"
        yield f"got      {got[2][:600].decode(errors='replace')}"


def openapi_differences(a, b, path="$"):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            if key not in a or key not in b:
                yield f"{path}.{key}: only in {'FastAPI' if key in a else 'brio'}: {str(a.get(key, b.get(key)))[:300]}"
            else:
                yield from openapi_differences(a[key], b[key], f"{path}.{key}")
    elif not same(a, b):
        yield f"{path}: {a} expected, got {b}"


def report(name, problems):
    problems = list(problems)
    print(f"{'not ok' if problems else 'ok'} - {name}")
    for problem in problems:
        print(f"#   {problem}")
    return bool(problems)


def title(number, request):
    method, target, headers, body = request
    text = f"{number} {method} {target[:60]}"
    if body:
        text += " " + body[:60].decode(errors="replace").replace("\n", " ")
    return text


def main():
    preset = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "asan"
    python = python_env("wire", "-r", os.path.join(HERE, "requirements.txt"))
    fastapi = [python, "-m", "uvicorn", "--app-dir", HERE, "peer:app", "--log-level", "critical", "--no-access-log"]
    brio = [os.path.join(ROOT, "build", preset, "tests", "wire_app"), "--log-level", "critical"]
    failed = 0
    with Server(fastapi, free_port()) as theirs, Server(brio, free_port()) as ours:
        for number, request in enumerate(REQUESTS):
            failed += report(title(number, request),
                             differences(exchange(theirs.port, request), exchange(ours.port, request)))
        for request, theirs_status, ours_status, why in DELIBERATE:
            got = exchange(theirs.port, request)[0], exchange(ours.port, request)[0]
            failed += report(f"on purpose: {why}", [] if got == (theirs_status, ours_status) else [f"statuses {got}"])
        document = ("GET", "/openapi.json", {}, b"")
        a, b = (json.loads(exchange(s.port, document)[2]) for s in (theirs, ours))
        failed += report("openapi.json", openapi_differences(a, b))
        clean = ours.stop()
    failed += report("brio stops cleanly", [] if clean == 0 else [f"exit status {clean}\n{ours.output()}"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
