#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/docs and /redoc in headless Chromium, driven by playwright-core: the routes
are listed, "Try it out" makes a user, and the user is in the SQLite file. The
browser may reach this server only, so an asset from elsewhere is a failure.

usage: run.py [--screenshot FILE]"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

MODULES = os.path.join(ROOT, "build", "browser")
GUIDE = os.path.join(ROOT, "build", "release", "examples", "guide")


def install():
    if not os.path.exists(os.path.join(MODULES, "node_modules", "playwright-core")):  # a version for Node.js 18
        os.makedirs(MODULES, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", MODULES,
                        "playwright-core@1.57.0"], check=True)


def main():
    shot = sys.argv[sys.argv.index("--screenshot") + 1] if "--screenshot" in sys.argv else ""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    install()
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "guide.db")
        env = {"GUIDE_DATABASE_URL": f"sqlite:///{database}"}
        failed = 0
        for prefix in ("", "/api"):
            flags = ["--root-path", prefix] if prefix else []
            with Server([GUIDE, *flags], free_port(), env=env) as server:
                script = subprocess.run(["node", os.path.join(HERE, "docs.js"), str(server.port), chromium, prefix,
                                         shot if not prefix else ""],
                                        env={**os.environ, "NODE_PATH": os.path.join(MODULES, "node_modules")},
                                        capture_output=True, text=True, timeout=180)
                print(script.stdout, end="")
                if script.returncode:
                    print(script.stderr[-4000:])
                    failed = 1
        rows = subprocess.run(["sqlite3", database, "SELECT name, email FROM users"], capture_output=True, text=True).stdout
    found = "Grace Hopper|grace@example.com" in rows
    print(f"{'ok' if found else 'not ok'} - browser: the user made in /docs is in the SQLite file")
    return 0 if found and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
