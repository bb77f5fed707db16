# SPDX-License-Identifier: MIT
"""Semaphore: two at a time, in order of arrival; a bounded one refuses too many releases."""
import asyncio

from pair import run, say


async def limited(semaphore, name, ticks):
    async with semaphore:
        say(name, "in")
        await asyncio.sleep(ticks / 100)
        say(name, "out")


async def main():
    semaphore = asyncio.Semaphore(2)
    jobs = (("a", 2), ("b", 3), ("c", 2), ("d", 2), ("e", 3))
    await asyncio.gather(*[limited(semaphore, *job) for job in jobs])
    bounded = asyncio.BoundedSemaphore(1)
    await bounded.acquire()
    bounded.release()
    try:
        bounded.release()
    except ValueError:
        say("too many releases")


run(main)
