# SPDX-License-Identifier: MIT
"""Lock: first come first served, no barging, and a cancelled waiter passes the wake on."""
import asyncio

from pair import run, say


async def holder(lock, name):
    async with lock:
        say(name, "has it")
        await asyncio.sleep(0.01)
    say(name, "let go")


async def main():
    lock = asyncio.Lock()
    tasks = [asyncio.create_task(holder(lock, name)) for name in "abcd"]
    await asyncio.sleep(0.005)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    say("locked", lock.locked())


run(main)
