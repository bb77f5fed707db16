#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What docs/seeing.md and the README quote of the programs' outputs is what they print."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "build" / "release" / "examples" / "async"
BRIO = ROOT / "build" / "release" / "bin" / "brio"
PAGE = (ROOT / "docs" / "seeing.md").read_text()
README = (ROOT / "README.md").read_text()
OVERFLOW = """#include <brio/task.h>
static int deep(void *arg)
{
    volatile char room[4096] = {0};
    return deep(arg) + room[0];
}
int main(void)
{
    return brio_task_report_overflow(true) < 0 || brio_run(deep, NULL, NULL) < 0;
}
"""


def run(*command, **env):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ, **env})
    return done.stdout + done.stderr


def plain(text):
    """Without what differs from run to run: numbers of processes, times, the log's dress."""
    text = re.sub(r'^\{"ts":.*?"message":"(.*?)"[,}](?=").*$|^\{"ts":.*"message":"(.*)"\}$', r"\1\2", text, flags=re.M)
    text = text.replace('\\"', '"')
    text = re.sub(r"^ *(WARNING|ERROR): +", "", text, flags=re.M)
    text = re.sub(r" task=\w+ id=\d+ \.\.\.$", "", text, flags=re.M)
    text = re.sub(r"\b[\d.]+ (s|ms|us)\b", "TIME", text)
    text = re.sub(r"\b(uring|epoll), thread \d+", "LOOP", text)
    return re.sub(r"[ \t]+", " ", re.sub(r"\b\d+ turns", "N turns", text))


def quoted(begin, page=PAGE):
    """The output lines of the indented or fenced block whose command is `$ begin...`."""
    block = re.search(rf"^ *\$ {re.escape(begin)}.*\n((?:(?! *\$| *```).+\n)+)", page, re.M)
    return [line.strip() for line in plain(block.group(1)).splitlines() if line.strip()]


def prints(text, lines):
    """Each quoted line is a line that was printed."""
    printed = {line.strip() for line in plain(text).splitlines()}
    missing = [line for line in lines if line not in printed]
    for line in missing:
        print(f"# not printed: {line}")
    return bool(lines) and not missing


def hanging():
    """The deadlock, once all its tasks wait."""
    process = subprocess.Popen([PROGRAMS / "deadlock"], cwd=ROOT, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while "deadlock:" not in run(BRIO, "tree", str(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


def deadlock():
    process = hanging()
    try:
        for verb in (["tree"], ["ps"], ["stack", "2"]):
            text = run(BRIO, verb[0], str(process.pid), *verb[1:])
            lines = quoted(f"brio {verb[0]} ")
            if verb[0] == "stack":  # what is inside brio may move
                lines = [line for line in lines if " src/" not in line]
            yield f"brio_{verb[0]}_prints_what_is_quoted", prints(text, lines)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    lines = [line for line in quoted("BRIO_BACKEND=sim ./dev run async/deadlock") if not line.startswith("pid")]
    yield "the_simulator_tells_the_deadlock", prints(run(PROGRAMS / "deadlock", BRIO_BACKEND="sim"), lines)


def first():
    """The drawing in the README is the simulator's, to the column."""
    text = run(PROGRAMS / "first", BRIO_BACKEND="sim", BRIO_TIMELINE="1", COLUMNS="100", LANG="C.UTF-8", LC_ALL="C.UTF-8")
    block = re.search(r"async/first\n(.*?)```", README, re.S).group(1)
    yield "the_readme_shows_the_first_timeline", all(line in text.splitlines() for line in block.splitlines())
    yield "the_page_shows_it_too", prints(text, quoted("BRIO_TIMELINE=1 ./dev run async/first"))
    code = re.search(r"```c\n(#include <brio/task.h>.*?)```", README, re.S).group(1)
    squeeze = lambda t: re.sub(r"\s+", "", t)  # noqa: E731
    yield "the_readme_shows_the_file", squeeze(code) in squeeze((ROOT / "examples/async/first.c").read_text())


def refused():
    """A file that cannot be written is named, and the program's result stays its own."""
    text = run(PROGRAMS / "first", BRIO_TIMELINE="/nonexistent/run.svg")
    yield "a_timeline_that_cannot_be_written_is_named", "too late" in text and "/nonexistent/run.svg: No such file" in text


def blocking():
    text = run(PROGRAMS / "blocking", BRIO_DEBUG="1", BRIO_TIMELINE="0")
    line = [line for line in quoted("BRIO_DEBUG=1 ./dev run async/blocking") if "holds its loop" in line]
    yield "the_detector_names_the_line", prints(text, line)


def built(folder, name, source, *flags):
    (folder / name).write_text(source)
    env = {**os.environ, "PKG_CONFIG_PATH": str(next(folder.glob("prefix/**/pkgconfig")))}
    where = subprocess.run(["pkg-config", "--libs-only-L", "brio"], capture_output=True, text=True, env=env).stdout.split()
    rest = subprocess.run(["pkg-config", "--cflags", "--libs", "brio"], capture_output=True, text=True, env=env).stdout.split()
    subprocess.run(["cc", "-g", name, *where, *flags, *rest, "-o", name + ".out"], cwd=folder, check=True)
    return subprocess.run([folder / (name + ".out")], cwd=folder, capture_output=True, text=True, timeout=60).stderr


def compiled(folder):
    subprocess.run(["cmake", "--install", ROOT / "build" / "release", "--prefix", folder / "prefix"], check=True,
                   stdout=subprocess.DEVNULL)
    block = re.search(r"```c\n(.*?)```", PAGE, re.S).group(1)
    text = built(folder, "block.c", block, "-Wl,-u,brio_dev_shim", "-lbrio_dev")
    yield "the_shim_names_the_calls", prints(text, quoted("./a.out"))
    line = re.search(r"^ +(brio: stack overflow.*)$", PAGE, re.M).group(1)
    yield "an_overflow_is_named", prints(built(folder, "deep.c", OVERFLOW), [line])


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for part in (first(), refused(), deadlock(), blocking(), compiled(pathlib.Path(folder))):
            for name, good in part:
                failed += not good
                print(f"{'ok' if good else 'not ok'} - {name}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
