# SPDX-License-Identifier: MIT
"""Condition: notify wakes in order, and wait has the lock again on every way out."""
import asyncio

from pair import run, say


async def waiter(condition, name):
    async with condition:
        try:
            await condition.wait()
            say(name, "notified", condition.locked())
        except asyncio.CancelledError:
            say(name, "cancelled", condition.locked())
            raise


async def main():
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waiter(condition, name)) for name in "abcd"]
    await asyncio.sleep(0.01)
    async with condition:
        condition.notify(1)
        say("notified one")
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    await asyncio.sleep(0.01)
    async with condition:
        condition.notify_all()
    await asyncio.wait(tasks)


run(main)
