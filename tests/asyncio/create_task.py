# SPDX-License-Identifier: MIT
"""A task starts on the next turn, in the order of creation."""
import asyncio

from pair import run, say


async def worker(name):
    say(name, "begins")
    await asyncio.sleep(0)
    say(name, "goes on")


async def main():
    tasks = [asyncio.create_task(worker(name)) for name in "abc"]
    say("created")
    await asyncio.sleep(0)
    say("main again")
    for task in tasks:
        await task
    say("all awaited")


run(main)
