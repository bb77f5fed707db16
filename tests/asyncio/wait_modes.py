# SPDX-License-Identifier: MIT
"""wait: the first, the first error, all; a timeout that raises nothing and cancels nobody."""
import asyncio

from pair import run, say


async def job(name, ticks, error):
    await asyncio.sleep(ticks / 100)
    say(name, "ends")
    if error:
        raise OSError(name)


def start():
    return [asyncio.create_task(job(*j)) for j in (("a", 2, False), ("b", 1, True), ("c", 4, False))]


async def show(mode, timeout=None):
    tasks = start()
    await asyncio.wait(tasks, return_when=mode, timeout=timeout)
    say(*["done" if t.done() else "pending" for t in tasks])
    await asyncio.wait(tasks)
    say(*["error" if t.exception() else "fine" for t in tasks])


async def main():
    await show(asyncio.FIRST_COMPLETED)
    await show(asyncio.FIRST_EXCEPTION)
    await show(asyncio.ALL_COMPLETED)
    await show(asyncio.ALL_COMPLETED, timeout=0.03)


run(main)
