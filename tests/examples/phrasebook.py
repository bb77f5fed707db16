#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/fastapi.md is true: each pair of its phrasebook is run, the Python by FastAPI on
uvicorn and the C by brio. Both must have the same OpenAPI document and give the same
answers to the requests written below the pair, and the answers written there. What else
is written in C there must compile. One TAP line per pair.

usage: phrasebook.py [--preset PRESET] [HEADING-PART ...]"""
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WIRE = os.path.join(ROOT, "tests", "wire")
sys.path[:0] = [os.path.join(ROOT, "tests"), WIRE]
from harness.serving import Server, free_port, run_inside  # noqa: E402
from run import openapi_differences, report, same  # noqa: E402

run_inside("phrasebook", "-r", os.path.join(WIRE, "requirements.txt"), "jinja2==3.1.6")

import uvicorn  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

# What the snippets leave out.
BEFORE_C = "#include <brio/brio.h>\n#include <stdio.h>\n"
BEFORE_PYTHON = """
from collections.abc import AsyncIterable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID
from fastapi import *
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import *
from fastapi.security import *
from fastapi.sse import *
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field
app = FastAPI()
"""
FOLDER = os.path.join(ROOT, "examples", "tutorial", "templates")  # has static/ and templates/
LINE = re.compile(r"(\w+) (\S+)((?: \[[^]]+\])*)(?: (.*?))? → (.*)")


def sections(text):
    """(heading, {language: [blocks]}) of the phrasebook."""
    for part in re.split(r"^### ", text, flags=re.M)[1:]:
        blocks = {}
        for language, block in re.findall(r"^```(\w+)\n(.*?)^```", part.split("\n## ")[0], re.M | re.S):
            blocks.setdefault(language, []).append(block)
        yield part.split("\n", 1)[0], blocks


def link_flags(build):
    with open(os.path.join(build, "brio.pc")) as f:
        packages = re.search(r"^Requires:(.*)", f.read(), re.M).group(1).split()
    libraries = subprocess.run(["pkg-config", "--libs", *packages], capture_output=True, text=True, check=True).stdout.split()
    return [os.path.join(build, "libbrio.a"), "-pthread", "-lm", *libraries]


def compiled(source, folder, name, build):
    """Builds one snippet: its path and what the compiler said."""
    path, out = os.path.join(folder, name + ".c"), os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(BEFORE_C + source)
    end = ["-o", out, *link_flags(build)] if "BRIO_MAIN" in source else ["-fsyntax-only"]
    run = subprocess.run(["cc", "-std=c17", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-unused-function",
                          "-I", os.path.join(ROOT, "include"), path, *end], capture_output=True, text=True)
    return out, [line for line in run.stderr.splitlines() if "error" in line] if run.returncode else []


def served(source):
    """FastAPI's app on a port of its own, for as long as this program runs."""
    names = {"__name__": "snippet"}
    exec(compile(BEFORE_PYTHON + source, "docs/fastapi.md", "exec"), names)  # noqa: S102
    server = uvicorn.Server(uvicorn.Config(names["app"], port=free_port(), log_level="critical", ws="websockets-sansio"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server.config.port


def multipart(text):
    """file=@sea.jpg&title=Sea as multipart/form-data."""
    parts = b""
    for name, _, value in (pair.partition("=") for pair in text.split("&")):
        given = f'; filename="{value[1:]}"' if value.startswith("@") else ""
        parts += f'--b\r\nContent-Disposition: form-data; name="{name}"{given}\r\n\r\n{"bytes" if given else value}\r\n'.encode()
    return parts + b"--b--\r\n", "multipart/form-data; boundary=b"


def ask(port, method, path, headers, body):
    """(status, media type, body) of a request; of a WebSocket the first message."""
    if method == "WS":
        with connect(f"ws://127.0.0.1:{port}{path}") as ws:
            ws.send(body)
            return 0, "", ws.recv(timeout=20)
    headers = {"host": "testserver", **dict(item.split(": ", 1) for item in re.findall(r"\[([^]]+)\]", headers))}
    data = body.encode() if body else None
    if data and "=@" in body:
        data, headers["content-type"] = multipart(body)
    elif data:
        headers["content-type"] = "application/json" if body[0] in "{[" else "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, data, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.getheader("content-type"), text


def value(text):
    """JSON by value, lines and events too; other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return [line.replace('": ', '":') for line in text.splitlines()]


def problems_of(line, theirs, ours):
    method, path, headers, body, wanted = LINE.fullmatch(line).groups()
    a, b = (ask(port, method, path, headers or "", body) for port in (theirs, ours))
    if a[:2] != b[:2] or not same(value(a[2]), value(b[2])):
        yield f"{line}: FastAPI {a}, brio {b}"
    status, _, text = ("0", "", wanted) if method == "WS" else wanted.partition(" ")
    if int(status) != b[0] or text and not same(value(text), value(b[2])):
        yield f"{line}: brio {b}"


def pair(python, c, requests, folder, name, build):
    """What is not as the document says."""
    program, said = compiled(c, folder, name, build)
    yield from said
    if said:
        return
    theirs = served(python)
    with Server([program, "--log-level", "critical"], free_port(), cwd=FOLDER) as ours:
        a, b = (json.loads(ask(port, "GET", "/openapi.json", "", None)[2]) for port in (theirs, ours.port))
        yield from openapi_differences(a, b)
        for line in requests.splitlines():
            yield from problems_of(line, theirs, ours.port)


def main():
    arguments = sys.argv[1:]
    preset = arguments[arguments.index("--preset") + 1] if "--preset" in arguments else "dev"
    wanted = [word for word in arguments if word not in ("--preset", preset)]
    build = os.path.join(ROOT, "build", preset)
    os.chdir(FOLDER)
    failed = 0
    with open(os.path.join(ROOT, "docs", "fastapi.md")) as f:
        text = f.read()
    with tempfile.TemporaryDirectory() as folder:
        for number, (heading, blocks) in enumerate(sections(text)):
            if wanted and not any(word in heading for word in wanted):
                continue
            name = f"snippet{number}"
            if "python" in blocks and "http" in blocks:
                found = pair(blocks["python"][0], blocks["c"][0], blocks["http"][0], folder, name, build)
                failed += report(f"phrasebook: {heading}", found)
            else:
                for c in blocks.get("c", []):
                    failed += report(f"compiles: {heading}", compiled(c, folder, name, build)[1])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
