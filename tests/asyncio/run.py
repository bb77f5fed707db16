#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same small program in Python asyncio and in brio: what they print must be identical.

Python runs on a clock that jumps (pair.py), brio on each of its back ends. There
it sleeps in real time, and sleeps order events only where the machine keeps up:
a half that differs is run again with its time stretched, and must then agree.

usage: run.py [NAME ...]        BRIO_PAIRS names the folder of the built C halves"""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILT = pathlib.Path(os.environ.get("BRIO_PAIRS", HERE.parent.parent / "build" / "asan" / "tests"))


def printed(command, **env):
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **env})
    return run.stdout, run.returncode, run.stderr


def forbidden(backend):
    """io_uring is not to be had everywhere; the others are."""
    probe = printed([BUILT / "pair_create_task"], BRIO_BACKEND=backend)
    return probe[1] != 0 and ("ENOSYS" in probe[0] or "EPERM" in probe[0])


def compare(name, backends):
    want, code, err = printed([sys.executable, HERE / f"{name}.py"])
    if code:
        yield f"{name}_in_python", err
    for backend in backends:
        for tick in ["10"] if backend == "sim" else ["10", "100", "1000"]:
            got, code, err = printed([BUILT / f"pair_{name}"], BRIO_BACKEND=backend, PAIR_TICK_MS=tick)
            if code == 77 or (got == want and not code):
                break
        label = f"{name}_on_{backend}"
        if code == 77:  # a Unix socket on the simulator
            continue
        yield label, "" if got == want and not code else f"asyncio:\n{want}brio ({code}):\n{got}{err}"


def main():
    names = sys.argv[1:] or sorted(p.stem for p in HERE.glob("*.c"))
    backends = [b for b in ("sim", "epoll", "uring") if b != "uring" or not forbidden(b)]
    failed = 0
    for name in names:
        for label, difference in compare(name, backends):
            failed += bool(difference)
            print(f"{'not ok' if difference else 'ok'} - {label}")
            if difference:
                print("\n".join("#   " + line for line in difference.splitlines()))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
