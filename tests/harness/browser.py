# SPDX-License-Identifier: MIT
"""Headless Chromium, driven by scripts of playwright-core."""
import os
import shutil
import subprocess

from harness.serving import ROOT, made_by_one

MODULES = os.path.join(ROOT, "build", "browser")
PACKAGES = ["playwright-core@1.57.0", "ajv@8.20.0", "@asyncapi/specs@6.11.1"]  # versions for Node.js 18


def install():
    with made_by_one(MODULES):
        stamp = os.path.join(MODULES, "installed")
        if not os.path.exists(stamp) or open(stamp).read() != " ".join(PACKAGES):
            os.makedirs(MODULES, exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", MODULES,
                            *PACKAGES], check=True)
            with open(stamp, "w") as f:
                f.write(" ".join(PACKAGES))


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
