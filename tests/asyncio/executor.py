# SPDX-License-Identifier: MIT
"""run_in_executor: one thread does one job after the other; errors come back; a queued job can be taken back."""
import asyncio
import concurrent.futures
import threading

from pair import run, say

gate = threading.Event()
done = []


def work(name):
    done.append(name)
    return len(done)


def wait_at_the_gate():
    gate.wait()
    return work("gate")


def fails():
    work("fails")
    raise OSError


async def told(name, future):
    try:
        say(name, "gave", await future)
    except OSError:
        say(name, "failed")
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise


async def main():
    loop = asyncio.get_running_loop()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    first = asyncio.create_task(told("first", loop.run_in_executor(pool, wait_at_the_gate)))
    second = asyncio.create_task(told("second", loop.run_in_executor(pool, work, "second")))
    third = asyncio.create_task(told("third", loop.run_in_executor(pool, work, "third")))
    await asyncio.sleep(0)
    say("the loop is free")
    second.cancel()
    await asyncio.wait([second])
    say("taken back", second.cancelled())
    gate.set()
    await asyncio.wait([first])
    await asyncio.wait([third])
    await told("fourth", loop.run_in_executor(pool, fails))
    pool.shutdown()
    say("in order", *done)
    try:
        await loop.run_in_executor(pool, work, "late")
    except RuntimeError:
        say("shut down")


run(main)
