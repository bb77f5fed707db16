#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The chat in headless Chromium: three pages talk to each other, one closes its tab.
Once served by two workers, once by two machines joined by Debian's redis-server: a
page on the one, two on the other.

usage: chat.py [--preset PRESET] [--screenshot FILE]"""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.browser import drive, install  # noqa: E402
from harness.redis import Redis  # noqa: E402
from harness.serving import Server, free_port  # noqa: E402

PRESET = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "release"
CHAT = os.path.join(ROOT, "build", PRESET, "examples", "chat")


def chat(folder, name, *flags):
    return Server([CHAT, "--workers", "2", "--log-level", "warning", *flags], free_port(), cwd=ROOT,
                  env={"CHAT_DATABASE_URL": f"sqlite:///{folder}/{name}.db"})


def pages(shot, *servers):
    return drive("chat.js", shot, *(f"http://127.0.0.1:{server.port}/" for server in servers))


def main():
    shot = sys.argv[sys.argv.index("--screenshot") + 1] if "--screenshot" in sys.argv else "-"
    install()
    with tempfile.TemporaryDirectory() as folder, chat(folder, "one") as server:
        passed = pages(shot, server, server, server)
    with tempfile.TemporaryDirectory() as folder, Redis() as redis, chat(folder, "two", "--bus", redis.url) as here, \
            chat(folder, "three", "--bus", redis.url) as there:
        passed &= pages("-", here, there, there)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
