#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/testing.md: its example's tests pass, can fail, and its code is the example's."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "examples", "testing")
PRESET = sys.argv[2] if sys.argv[1:2] == ["--preset"] else "release"


def run(folder, **env):
    program = os.path.join(ROOT, "build", PRESET, "examples", "testing", "shop_test")
    return subprocess.run([program], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "BRIO_SNAPSHOT_DIR": folder,
                               "ASAN_OPTIONS": "detect_stack_use_after_return=0", **env})


def squeeze(text):
    return re.sub(r"\s+", "", text)


def page_shows_the_files():
    files = squeeze("".join(open(os.path.join(FOLDER, f)).read() for f in sorted(os.listdir(FOLDER)) if f.endswith(".c")))
    blocks = re.findall(r"```c\n(.*?)```", open(os.path.join(ROOT, "docs", "testing.md")).read(), re.S)
    return len(blocks) > 5 and all(squeeze(block) in files for block in blocks)


def changed_snapshot_is_told():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(FOLDER, "snapshots"), os.path.join(folder, "snapshots"))
        path = os.path.join(folder, "snapshots", "openapi.json")
        text = open(path).read()
        with open(path, "w") as out:
            out.write(text.replace('"title": "Shop"', '"title": "Ship"'))
        told = run(folder)
        updated = run(folder, BRIO_SNAPSHOT="update")
        return (told.returncode == 1 and '-     "title": "Ship"' in told.stderr and updated.returncode == 0
                and open(path).read() == text)


def main():
    passed = run(FOLDER)
    checks = {"the example's tests pass": passed.returncode == 0 and passed.stdout.count("ok - ") == 6,
              "a snapshot that changed is told and made anew": changed_snapshot_is_told(),
              "the page's code is the example's": page_shows_the_files()}
    for name, good in checks.items():
        print(f"{'ok' if good else 'not ok'} - testing: {name}")
    if passed.returncode:
        print("# " + (passed.stdout + passed.stderr).replace("\n", "\n# "))
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
