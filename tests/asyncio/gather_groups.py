# SPDX-License-Identifier: MIT
"""gather of functions that have groups of their own: one that fails leaves the others alone."""
import asyncio

from pair import run, say


async def part(name, ticks, error):
    try:
        await asyncio.sleep(ticks / 100)
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise
    say(name, "ends")
    if error:
        raise OSError


async def fetch(name, ticks, error):
    async with asyncio.TaskGroup() as group:
        group.create_task(part(name + " one", ticks, error))
        group.create_task(part(name + " two", ticks + 3, False))
    return ticks


async def gather_two():
    await asyncio.gather(fetch("d", 1, False), fetch("e", 2, False), return_exceptions=True)


async def main():
    results = await asyncio.gather(
        fetch("a", 1, False), fetch("b", 2, True), fetch("c", 6, False), return_exceptions=True
    )
    say(*["failed" if isinstance(r, ExceptionGroup) else r for r in results])
    task = asyncio.create_task(gather_two())
    await asyncio.sleep(0.03)
    task.cancel()
    await asyncio.wait([task])
    say("gather cancelled", task.cancelled())


run(main)
