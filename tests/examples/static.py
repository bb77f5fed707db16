#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`brio static DIR` beside `python -m http.server --directory DIR`: the same files,
the same pages for folders, nothing from outside; and what the latter has not.

    static.py [--preset PRESET]"""
import argparse
import gzip
import html.parser
import os
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

NAMES = ["a.txt", "b c.html", "ü.json", "100%.css", "#hash.svg", "q?.txt", "<script>.js", "deep/er/x.bin"]


class Python(Server):
    """Takes its port as a word."""

    def __init__(self, folder):
        self.port, self.log = free_port(), tempfile.TemporaryFile()
        self.process = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", folder,
                                         str(self.port)], stdout=self.log, stderr=subprocess.STDOUT)
        self.wait_until_it_accepts()


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs)["href"])


def fetch(server, path, *flags):
    """Status, headers and body as curl sees them."""
    out = subprocess.run(["curl", "-sS", "-i", "--path-as-is", *flags, f"http://127.0.0.1:{server.port}{path}"],
                         capture_output=True, check=True).stdout
    head, _, body = out.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), body


def fill(folder):
    for i, name in enumerate(NAMES):
        path = os.path.join(folder, "web", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(os.urandom(1000 * i + 10))
    os.makedirs(os.path.join(folder, "web", "site"))
    for name, text in (("web/site/index.html", b"<h1>home</h1>"), ("secret.txt", b"TOP-SECRET"), ("web/big.js", b"x" * 100000)):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text)
    with open(os.path.join(folder, "web/big.js.gz"), "wb") as f:
        f.write(gzip.compress(b"x" * 100000))
    os.symlink("../secret.txt", os.path.join(folder, "web", "link"))


def all_below(server, path, seen):
    """Every page and file that links lead to, from `path`."""
    status, headers, body = fetch(server, path)
    seen[path] = (status, body)
    if not headers.get("content-type", "").startswith("text/html") or b"Index of" not in body and b"Directory listing" not in body:
        return
    for href in Links(body.decode()).found:
        target = urllib.parse.urljoin(f"http://x{path}", href).removeprefix("http://x")
        target = urllib.parse.quote(urllib.parse.unquote(target))  # one spelling
        if target not in seen and target.startswith(path):
            all_below(server, target, seen)


def checks(brio, python):
    ours, theirs = {}, {}
    all_below(brio, "/", ours)
    all_below(python, "/", theirs)
    pages = {path for path, (_, body) in theirs.items() if b"Directory listing" in body}
    yield "links lead to the same paths", ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    different = [p for p in ours.keys() & theirs.keys() - pages if ours[p] != theirs[p] and p != "/link"]
    yield "all files are the same, byte for byte", len(ours) > len(NAMES) and not different, different
    yield "a link out of the folder is not followed", ours["/link"][0] == 404, ours["/link"]
    outside = ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/site/../../secret.txt", "/site/%2e%2e/%2e%2e/secret.txt"]
    yield "no path leads out", all(fetch(brio, p)[0] == 404 for p in outside), outside
    status, headers, body = fetch(brio, "/site")
    yield "a folder without its slash is sent on", (status, headers["location"].split("/", 3)[3]) == (307, "site/"), headers
    status, headers, body = fetch(brio, "/big.js", "-H", "accept-encoding: gzip")
    yield "a compressed twin is sent", headers.get("content-encoding") == "gzip" and gzip.decompress(body) == b"x" * 100000, headers
    status, headers, body = fetch(brio, "/big.js", "-r", "10-19")
    yield "ranges", (status, body, headers["content-range"]) == (206, b"x" * 10, "bytes 10-19/100000"), headers
    etag = fetch(brio, "/a.txt")[1]["etag"]
    yield "what the client has is not sent again", fetch(brio, "/a.txt", "-H", f"if-none-match: {etag}")[0] == 304, etag
    yield "HEAD", fetch(brio, "/big.js", "-I")[1]["content-length"] == "100000", None
    yield "nothing else than reading", fetch(brio, "/a.txt", "-X", "DELETE")[0] == 405, None
    yield "no documentation", fetch(brio, "/docs")[0] == 404 and fetch(brio, "/openapi.json")[0] == 404, None
    yield "a clean stop", brio.stop() == 0, brio.output()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="release")
    program = os.path.join(ROOT, "build", parser.parse_args().preset, "bin", "brio")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        fill(folder)
        web = os.path.join(folder, "web")
        with Server([program, "static", web, "--log-level", "error"], free_port()) as brio, Python(web) as python:
            for name, passed, shown in checks(brio, python):
                print(f"{'ok' if passed else 'not ok'} - static: {name}" + ("" if passed else f"\n#   {shown!r}"))
                failed += not passed
        wrong = subprocess.run([program, "static", os.path.join(folder, "nowhere")], capture_output=True, text=True)
        passed = wrong.returncode == 1 and "is no directory" in wrong.stderr
        print(f"{'ok' if passed else 'not ok'} - static: a folder that is not there is told")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
