#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What goes out: FastAPI and brio get the same requests for files, folders, streams and
through ready-made middleware; status, body and the headers of HEADERS must be the same.

usage: content.py [--preset PRESET] [--python PYTHON] [APP ...]"""
import gzip
import http.client
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port, python_env  # noqa: E402

HEADERS = ["content-type", "location", "vary", "content-encoding", "content-range", "accept-ranges", "last-modified",
           "content-disposition", "set-cookie", "cache-control", "x-accel-buffering", "access-control-allow-origin",
           "access-control-allow-methods", "access-control-allow-headers", "access-control-allow-credentials",
           "access-control-expose-headers", "access-control-max-age", "access-control-allow-private-network"]
RANGES = ["0-0", "2-4", "5-", "-5", "-0", "-500", "19-", "20-", "100-200", "0-4,2-8", "0-1,5-6", "6-7,0-1", "", "-", "x",
          "4-2", "0-1,x,3-4", "0-1,99-", " 1 - 2 ", "0-999999999999999999999", "--5"]


def get(target, headers=None, method="GET"):
    return method, target, headers or {}


def with_ranges(target):
    return [get(target, {"Range": "bytes=" + r}) for r in RANGES] + [
        get(target, {"Range": "items=0-1"}), get(target, {"Range": "0-1"}), get(target, {"Range": "bytes=0-1", "If-Range": "x"}),
        get(target, {"Range": "Bytes = 0-1"})]


FILES = ["/static/a.txt", "/static//a.txt", "/static/./a.txt", "/static/site/../a.txt", "/static/%2e%2e/secret", "/static/",
         "/static", "/static/site", "/static/none", "/static/a.txt/", "/static/a.txt/x", "/static/inside.txt", "/static/outside",
         "/static/..%2fsecret", "/static/%00", "/static/" + "x" * 300, "/static/x.js", "/static/style.css", "/static/noext",
         "/site/", "/site", "/site/sub", "/site/sub/", "/site/none", "/site/sub?x=1", "/static/" + "y/" * 50]
PREFLIGHT = [{"Origin": o, "Access-Control-Request-Method": m, **h}
             for o in ("https://a.example", "https://x.c.example", "https://evil") for m in ("GET", "DELETE")
             for h in ({}, {"Access-Control-Request-Headers": "x-a, Content-Type"}, {"Access-Control-Request-Headers": "X-Z"},
                       {"Access-Control-Request-Private-Network": "true"})]
CORS = ([get("/", h, "OPTIONS") for h in PREFLIGHT] +
        [get(t, {"Origin": o}) for t in ("/", "/nope", "/stream", "/crash", "/file")
         for o in ("https://a.example", "https://evil", "http://b:81")] + [get("/"), get("/", {}, "OPTIONS")])
APPS = {
    "plain": [get(t) for t in ["/", "/stream", "/lines", "/events", "/cookie", "/go", "/file", "/big"] + FILES] +
             with_ranges("/file") + with_ranges("/big") + with_ranges("/static/a.txt") +
             [get(t, {}, m) for t in ("/static/a.txt", "/static/none", "/site/", "/site/none") for m in ("HEAD", "POST", "DELETE")],
    "cors": CORS, "cors_star": CORS, "cors_all": CORS,
    "gzip": [get(t, {"Accept-Encoding": e}) for t in ("/", "/large", "/stream", "/events", "/lines", "/crash", "/none", "/big", "/go")
             for e in ("gzip", "gzip, br", "identity", "")],
    "hosts": [get("/file?x=1", {"Host": h}) for h in ("example.com", "example.com:8000", "evil", "a.wild.example", "wild.example",
                                                     "other.example", "other.example:81", "www.other.example", "EXAMPLE.com")],
    "https": [get(t, {"Host": h}) for t in ("/", "/file?x=1&y=%20", "/none") for h in ("a.example", "a.example:80", "a.example:8000")],
    "frontend": [get(t, h, m) for m in ("GET", "HEAD", "POST") for h in ({}, {"Accept": "text/html"}, {"Accept": "*/*"})
                 for t in ("/", "/api", "/api/", "/a.txt", "/none", "/deep/none", "/site", "/site/", "/app", "/app/", "/app/sub", "/app/none",
                           "/apple", "/outside", "/inside.txt", "/%2e%2e/secret")],
}


def make_files(folder):
    top = os.path.join(folder, "top")
    os.makedirs(os.path.join(top, "site", "sub"))
    for name, text in {"top/a.txt": "0123456789abcdefghij", "secret": "secret", "top/x.js": "x", "top/style.css": "s",
                       "top/noext": "n", "top/index.html": "<t>", "top/site/index.html": "<i>", "top/site/404.html": "<404>",
                       "top/site/sub/index.html": "<s>"}.items():
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    with open(os.path.join(top, "big.bin"), "wb") as f:
        f.write(bytes(i * 7 % 251 for i in range(300000)))
    os.symlink("a.txt", os.path.join(top, "inside.txt"))
    os.symlink("../secret", os.path.join(top, "outside"))
    return top


def exchange(port, request):
    method, target, headers = request
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": "testserver", **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    found = {k: answer.headers[k] for k in HEADERS + ["content-length"]}
    connection.close()
    if found["content-encoding"] == "gzip" and body:
        body = gzip.decompress(body)
        found["content-length"] = None
    boundary = re.match(r"multipart/byteranges; boundary=(\S+)", found["content-type"] or "")
    if boundary:
        body = body.replace(boundary[1].encode(), b"B")
        found["content-type"] = "multipart/byteranges"
    return answer.status, found, body


def differences(want, got):
    if want[0] != got[0]:
        yield f"status {want[0]} expected, got {got[0]}"
    for name in want[1]:
        if want[1][name] != got[1][name] and not (name == "content-length" and want[2] != got[2]):
            yield f"header {name}: {want[1][name]!r} expected, got {got[1][name]!r}"
    if want[2] != got[2]:
        yield f"body {want[2][:200]} expected, got {got[2][:200]}"


def option(name, otherwise):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


def main():
    preset = option("--preset", "asan")
    python = option("--python", None) or python_env("wire", "-r", os.path.join(HERE, "requirements.txt"))
    brio = [os.path.join(ROOT, "build", preset, "tests", "wire_content"), "--log-level", "critical"]
    peer = [python, "-m", "uvicorn", "--app-dir", HERE, "content_peer:app", "--log-level", "critical", "--no-access-log"]
    chosen = [name for name in sys.argv[1:] if name in APPS] or list(APPS)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        top = make_files(folder)
        for name in chosen:
            env = {"WIRE_APP": name, "WIRE_DIR": top}
            with Server(peer, free_port(), env=env) as theirs, Server(brio, free_port(), env=env) as ours:
                for number, request in enumerate(APPS[name]):
                    problems = list(differences(exchange(theirs.port, request), exchange(ours.port, request)))
                    print(f"{'not ok' if problems else 'ok'} - {name} {number} {request[0]} {request[1][:60]} {request[2]}")
                    for problem in problems:
                        print("#   " + problem)
                    failed += bool(problems)
                status = ours.stop()
                print(f"{'not ok' if status else 'ok'} - {name} stops cleanly")
                failed += bool(status)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
