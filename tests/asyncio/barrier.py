# SPDX-License-Identifier: MIT
"""Barrier: parties meet; newcomers wait for the next round; reset breaks those who wait."""
import asyncio

from pair import run, say


async def party(barrier, name, ticks):
    await asyncio.sleep(ticks / 100)
    say(name, "arrives")
    try:
        await barrier.wait()
        say(name, "passes")
    except asyncio.BrokenBarrierError:
        say(name, "broken")


async def main():
    barrier = asyncio.Barrier(2)
    parties = (("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5))
    tasks = [asyncio.create_task(party(barrier, *p)) for p in parties]
    await asyncio.sleep(0.06)
    await barrier.reset()
    await asyncio.wait(tasks)
    say("broken", barrier.broken)


run(main)
