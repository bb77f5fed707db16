# SPDX-License-Identifier: MIT
"""gather: results in the order of arguments; errors as data; cancelling the outer cancels all."""
import asyncio

from pair import run, say, why


async def job(name, ticks, error):
    try:
        await asyncio.sleep(ticks / 100)
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise
    say(name, "ends")
    if error:
        raise OSError
    return ticks


async def all_of(jobs):
    return await asyncio.gather(*[job(*j) for j in jobs], return_exceptions=True)


async def main():
    say(*await asyncio.gather(job("c", 3, False), job("a", 1, False), job("b", 2, False)))
    results = await all_of([("x", 2, False), ("y", 1, True), ("z", 3, False)])
    say(*[why(r) if isinstance(r, Exception) else r for r in results])
    task = asyncio.create_task(all_of([("p", 5, False), ("q", 6, False)]))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    say("outer cancelled", task.cancelled())


run(main)
