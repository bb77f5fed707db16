# SPDX-License-Identifier: MIT
"""Event: set wakes all who wait, even if it is cleared before they run."""
import asyncio

from pair import run, say


async def waiter(event, name):
    await event.wait()
    say(name, "saw it", event.is_set())


async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(event, name)) for name in "abc"]
    await asyncio.sleep(0)
    event.set()
    event.clear()
    tasks.append(asyncio.create_task(waiter(event, "late")))
    await asyncio.sleep(0.01)
    say("late waits", not tasks[3].done())
    event.set()
    await asyncio.wait(tasks)


run(main)
