#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Promises about size: `hello` is one small binary, an idle worker is small."""
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

EXAMPLES = os.path.join(ROOT, "build", "release", "examples")
MB = 1024 * 1024


def asset_bytes(binary):
    """Bytes of the embedded documentation pages."""
    symbols = {}
    for line in subprocess.run(["nm", binary], check=True, capture_output=True, text=True).stdout.splitlines():
        found = re.match(r"([0-9a-f]+) \w (brio_asset_\w+)$", line)
        if found:
            symbols[found.group(2)] = int(found.group(1), 16)
    return sum(symbols[n + "_end"] - at for n, at in symbols.items() if n + "_end" in symbols)


def stripped_size(binary):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["strip", "-o", out.name, binary], check=True)
        return os.path.getsize(out.name)


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", open(f"/proc/{pid}/status").read()).group(1)) * 1024


def workers(server):
    """The two workers' process ids, once they have served something."""
    for _ in range(8):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/users/", timeout=60).read()
    pid = server.process.pid
    return [int(child) for child in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def main():
    hello = os.path.join(EXAMPLES, "hello")
    pages = asset_bytes(hello)
    program = stripped_size(hello) - pages
    with tempfile.TemporaryDirectory() as folder:
        env = {"GUIDE_DATABASE_URL": f"sqlite:///{folder}/guide.db"}
        with Server([os.path.join(EXAMPLES, "guide"), "--workers", "2"], free_port(), env=env) as server:
            idle = max(map(resident, workers(server)))
    checks = [("both documentation pages are embedded", pages > 2 * MB, f"{pages} bytes"),
              ("stripped hello is under 2 MB without them", program < 2 * MB, f"{program} bytes"),
              ("an idle worker is under 8 MB resident", idle < 8 * MB, f"{idle} bytes")]
    for name, passed, detail in checks:
        print(f"{'ok' if passed else 'not ok'} - size: {name} # {detail}")
    return 0 if all(passed for _, passed, _ in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
