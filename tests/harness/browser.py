# SPDX-License-Identifier: MIT
"""Headless Chromium, driven by scripts of playwright-core."""
import os
import shutil
import subprocess

from harness.serving import ROOT, made_by_one

MODULES = os.path.join(ROOT, "build", "browser")


def install():
    with made_by_one(MODULES):
        if not os.path.exists(os.path.join(MODULES, "node_modules", "playwright-core")):  # a version for Node.js 18
            os.makedirs(MODULES, exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", MODULES,
                            "playwright-core@1.57.0"], check=True)


def drive(script, *args):
    """Runs tests/browser/`script` with Chromium and the arguments. True if it went well."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    run = subprocess.run(["node", os.path.join(ROOT, "tests", "browser", script), chromium, *map(str, args)],
                         env={**os.environ, "NODE_PATH": os.path.join(MODULES, "node_modules")},
                         capture_output=True, text=True, timeout=180)
    print(run.stdout, end="", flush=True)
    if run.returncode:
        print(run.stderr[-4000:])
    return run.returncode == 0
