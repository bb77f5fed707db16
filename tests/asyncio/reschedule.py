# SPDX-License-Identifier: MIT
"""Timeouts that move: later, away, into the past; expired only if it was the deadline; as_completed in one."""
import asyncio

from pair import run, say


def ticks(n):
    return asyncio.get_running_loop().time() + n / 100


async def under(name, first, then):
    """Sleeps three ticks twice; after the first the deadline is moved."""
    try:
        async with asyncio.timeout_at(ticks(first)) as limit:
            await asyncio.sleep(0.03)
            say(name, "halfway")
            limit.reschedule(then and ticks(then))
            await asyncio.sleep(0.03)
            say(name, "there")
    except TimeoutError:
        say(name, "too late")
    say(name, "expired", limit.expired())


async def job(n):
    await asyncio.sleep(n / 100)
    return n


async def in_order():
    tasks = [asyncio.create_task(job(n)) for n in (9, 2, 5)]
    try:
        async with asyncio.timeout(0.07):
            for next_one in asyncio.as_completed(tasks):
                say("completed", await next_one)
    except TimeoutError:
        say("left", *["pending" if not t.done() else t.result() for t in tasks])
    await asyncio.wait(tasks)
    say("in the end", *[t.result() for t in tasks])


async def swallowed():
    """Code that does not let itself be disturbed is not a timeout."""
    async with asyncio.timeout(0.01) as limit:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            say("not now")
    say("went on")


async def main():
    await under("later", 5, 9)
    await under("away", 5, None)
    await under("sooner", 5, 1)
    await under("past", 5, -1)
    await under("at once", 1, 9)
    await in_order()
    try:
        await swallowed()
    except TimeoutError:
        say("a timeout all the same")


run(main)
