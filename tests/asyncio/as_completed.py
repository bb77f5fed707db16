# SPDX-License-Identifier: MIT
"""as_completed gives results in order of completion."""
import asyncio

from pair import run, say


async def job(name, ticks):
    await asyncio.sleep(ticks / 100)
    return name


async def main():
    tasks = [asyncio.create_task(job(name, ticks)) for name, ticks in (("c", 3), ("a", 1), ("b", 2))]
    for next_one in asyncio.as_completed(tasks):
        say(await next_one)


run(main)
