# SPDX-License-Identifier: MIT
"""Condition.wait_for looks again after each wake-up, with the lock held; others wait their turn."""
import asyncio

from pair import run, say

stock = 0


async def buyer(condition, name, wants):
    global stock
    async with condition:
        await condition.wait_for(lambda: stock >= wants)
        stock -= wants
        say(name, "takes", wants, "leaves", stock)


async def main():
    global stock
    condition = asyncio.Condition()
    buyers = (("a", 5), ("b", 1), ("c", 2))
    tasks = [asyncio.create_task(buyer(condition, *b)) for b in buyers]
    await asyncio.sleep(0.01)
    for brought in (2, 3, 6):
        async with condition:
            stock += brought
            say("brought", brought)
            condition.notify_all()
        await asyncio.sleep(0.01)
        say("waiting", sum(not t.done() for t in tasks))
    try:
        condition.notify()
    except RuntimeError:
        say("not without the lock")
    late = asyncio.create_task(buyer(condition, "late", 100))
    await asyncio.sleep(0.01)
    late.cancel()
    await asyncio.wait([late])
    say("late cancelled", late.cancelled(), condition.locked())


run(main)
