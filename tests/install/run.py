#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Installs into a temporary prefix and builds the README's example against it,
with pkg-config and with find_package, as a user of brio would."""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

HELLO = os.path.join(ROOT, "examples", "hello.c")
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(brio 0.1 REQUIRED)
add_executable(hello %s)
target_link_libraries(hello PRIVATE brio::brio)
"""


def run(*command, **kw):
    done = subprocess.run(command, capture_output=True, text=True, **kw)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def with_pkg_config(prefix, folder):
    env = {**os.environ, "PKG_CONFIG_PATH": find(prefix, "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "brio", env=env).split()
    binary = os.path.join(folder, "hello")
    run("cc", "-std=c17", HELLO, "-o", binary, *flags)
    return binary


def with_find_package(prefix, folder):
    with open(os.path.join(folder, "CMakeLists.txt"), "w") as f:
        f.write(CMAKE % HELLO)
    run("cmake", "-S", folder, "-B", folder + "/build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder + "/build")
    return os.path.join(folder, "build", "hello")


def find(prefix, name):
    for where, folders, _ in os.walk(prefix):
        if name in folders:
            return os.path.join(where, name)
    raise RuntimeError(f"{name} was not installed")


def serves(binary):
    with Server([binary, "--log-level", "warning"], free_port()) as server:
        return '"item_id":5' in run("curl", "-sS", f"http://127.0.0.1:{server.port}/items/5")


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as prefix:
        run("cmake", "--install", os.path.join(ROOT, "build", "release"), "--prefix", prefix)
        for name, make in (("pkg-config", with_pkg_config), ("find_package", with_find_package)):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    passed, why = serves(make(prefix, folder)), "wrong answer"
                except RuntimeError as error:
                    passed, why = False, str(error)
            print(f"{'ok' if passed else 'not ok'} - install: built with {name}" + ("" if passed else f"\n# {why}"))
            failed += not passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
