#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The README's example is the file examples/hello.c, and does what it says."""
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

PRESET = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "release"
EXAMPLE = os.path.join(ROOT, "build", PRESET, "examples", "hello")


def curl(server, path):
    """Status and JSON body as curl sees them."""
    out = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", f"http://127.0.0.1:{server.port}{path}"],
                         capture_output=True, text=True, check=True).stdout
    body, status = out.rsplit("\n", 1)
    return int(status), json.loads(body)


def over_tls():
    """--tls: a certificate that a client can be told to trust."""
    with Server([EXAMPLE, "--tls", "--log-level", "warning"], free_port()) as server:
        made = ssl.get_server_certificate(("127.0.0.1", server.port))
        trusting = ssl.create_default_context(cadata=made)
        with urllib.request.urlopen(f"https://localhost:{server.port}/items/5", context=trusting) as answer:
            trusted = json.load(answer) == {"item_id": 5, "q": None}
        try:
            urllib.request.urlopen(f"https://localhost:{server.port}/items/5", context=ssl.create_default_context())
            return False
        except urllib.error.URLError:
            return trusted


def squeeze(text):
    return re.sub(r"\s+", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def readme_shows_the_file():
    readme = open(os.path.join(ROOT, "README.md")).read()
    block = re.search(r"```c\n(.*?)```", readme, re.S).group(1)
    source = open(os.path.join(ROOT, "examples", "hello.c")).read()
    return squeeze(block) in squeeze(source)


def child_of(pid):
    children = open(f"/proc/{pid}/task/{pid}/children").read().split()
    return children[0] if children else None


def starts_anew_after_a_build():
    """--reload: another file in the program's place is another process, which answers."""
    with tempfile.TemporaryDirectory() as folder:
        program, build = os.path.join(folder, "hello"), os.path.join(folder, "next")
        shutil.copy(EXAMPLE, program)
        with Server([program, "--reload", "--log-level", "warning"], free_port()) as server:
            first = child_of(server.process.pid)
            shutil.copy(EXAMPLE, build)
            os.rename(build, program)
            deadline = time.monotonic() + 60
            while child_of(server.process.pid) in (first, None) and time.monotonic() < deadline:
                time.sleep(0.05)
            second = child_of(server.process.pid)
            server.wait_until_it_accepts()
            answer = curl(server, "/items/5")[0]
            environment = open(f"/proc/{second}/environ").read()
            return first and second not in (first, None) and answer == 200 and "FASTAPI_ENV=development" in environment \
                and server.stop() == 0


def main():
    with Server([EXAMPLE, "--log-level", "warning"], free_port()) as server:
        problem = {"type": "int_parsing", "loc": ["path", "item_id"],
                   "msg": "Input should be a valid integer, unable to parse string as an integer", "input": "x"}
        checks = {
            "README's example is examples/hello.c": readme_shows_the_file(),
            "a typed answer": curl(server, "/items/5?q=soup") == (200, {"item_id": 5, "q": "soup"}),
            "absent is null": curl(server, "/items/5") == (200, {"item_id": 5, "q": None}),
            "a failure": curl(server, "/items/1001") == (404, {"detail": "Item not found"}),
            "a wrong type": curl(server, "/items/x") == (422, {"detail": [problem]}),
            "the document": curl(server, "/openapi.json")[1]["info"]["title"] == "Hello",
            "a clean stop": server.stop() == 0,
            "HTTPS with a certificate of its own": over_tls(),
        }
    checks["--reload starts anew after a build"] = starts_anew_after_a_build()
    for name, passed in checks.items():
        print(f"{'ok' if passed else 'not ok'} - hello: {name}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
