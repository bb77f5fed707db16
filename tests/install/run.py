#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Installs into a temporary prefix and builds the README's example against it,
with pkg-config and with find_package, as a user of brio would; then the rest of
what is installed: headers for C++, the development library, the command."""
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


USER = """#include <brio/brio.h>
#include <brio/task.h>
static int hello(void *) { return brio_sleep(BRIO_MS(1)); }
static int through(brio_request *req, brio_next *next, void *) { return brio_next_run(req, next); }
int main()
{
    brio_app *app = brio_app_new(nullptr); // what takes an app or a router is overloaded
    brio_router *router = brio_router_new(app, nullptr), *outer = brio_router_new(app, nullptr);
    brio_app_use(app, through, nullptr);
    brio_app_use(router, through, nullptr);
    brio_static(app, "/app", ".", nullptr);
    brio_static(router, "/router", ".", nullptr);
    brio_frontend(app, "/", ".", nullptr);
    brio_frontend(router, "/front", ".", nullptr);
    brio_include(outer, router, nullptr);
    brio_include(app, outer, nullptr);
    brio_app_free(app);
    return brio_run(hello, nullptr, nullptr) < 0;
}
"""
DEV = """cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(brio 0.1 REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE brio::brio brio::dev)
"""
BLOCKS = """#include <brio/task.h>
#include <unistd.h>
static int hello(void *arg) { return sleep(1) + (arg != NULL); }
int main(void) { return brio_run(hello, NULL, NULL) < 0; }
"""


def run(*command, **kw):
    done = subprocess.run(command, capture_output=True, text=True, **kw)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def flags_of(prefix):
    env = {**os.environ, "PKG_CONFIG_PATH": find(prefix, "pkgconfig")}
    return run("pkg-config", "--cflags", "--libs", "brio", env=env).split()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as f:
        f.write(text)
    return os.path.join(folder, name)


def with_pkg_config(prefix, folder):
    flags = flags_of(prefix)
    binary = os.path.join(folder, "hello")
    run("cc", "-std=c17", HELLO, "-o", binary, *flags)
    return binary


def with_find_package(prefix, folder):
    return with_cmake(prefix, folder, CMAKE % HELLO, "hello")


def with_cmake(prefix, folder, lists, name):
    write(folder, "CMakeLists.txt", lists)
    run("cmake", "-S", folder, "-B", folder + "/build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder + "/build")
    return os.path.join(folder, "build", name)


def cxx(prefix, folder):
    """C++ users include the same headers, and all of them."""
    binary = os.path.join(folder, "user")
    run("c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", write(folder, "user.cpp", USER), "-o", binary, *flags_of(prefix))
    run(binary)
    return True


def shim(prefix, folder):
    """brio::dev names the call; nothing else is needed than to link it."""
    write(folder, "user.c", BLOCKS)
    binary = with_cmake(prefix, folder, DEV, "user")
    told = subprocess.run([binary], capture_output=True, text=True).stderr
    return "calls sleep in a coroutine" in told and "use brio_sleep" in told


def command(prefix, folder):
    """The command is installed, and knows this very process does not use brio."""
    brio = os.path.join(prefix, "bin", "brio")
    look = subprocess.run([brio, "ps", str(os.getpid())], capture_output=True, text=True, cwd=folder)
    return run(brio, "--version").startswith("brio ") and look.returncode == 1 and "does not use brio" in look.stderr


def begun(_, folder):
    """`./dev new` makes a program that builds and serves as it says."""
    app = os.path.join(folder, "shop")
    said = subprocess.run([os.path.join(ROOT, "dev"), "new", app], capture_output=True, text=True, check=True).stderr
    run("sh", "-c", said.split("next: ")[1].split(" && build/app")[0])
    return serves(os.path.join(app, "build", "app"))


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
        for name, works in (("built with pkg-config", lambda p, f: serves(with_pkg_config(p, f))),
                            ("built with find_package", lambda p, f: serves(with_find_package(p, f))),
                            ("built as C++", cxx), ("brio::dev", shim), ("the command brio", command),
                            ("./dev new", begun)):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    passed, why = works(prefix, folder), "wrong answer"
                except RuntimeError as error:
                    passed, why = False, str(error)
            print(f"{'ok' if passed else 'not ok'} - install: {name}" + ("" if passed else f"\n# {why}"))
            failed += not passed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
