# SPDX-License-Identifier: MIT
"""Bounded concurrency: two at a time through a semaphore, taken as they are completed."""
import asyncio

from pair import run, say

running = 0


async def fetch(semaphore, name, ticks):
    global running
    async with semaphore:
        running += 1
        say(name, "begins, running", running)
        await asyncio.sleep(ticks / 100)
        running -= 1
    if name == "d":
        raise OSError
    return name


async def main():
    semaphore = asyncio.Semaphore(2)
    jobs = (("a", 5), ("b", 1), ("c", 2), ("d", 6), ("e", 2))
    tasks = [asyncio.create_task(fetch(semaphore, *job)) for job in jobs]
    for next_one in asyncio.as_completed(tasks):
        try:
            say("got", await next_one)
        except OSError:
            say("one failed")
    tasks = [asyncio.create_task(fetch(semaphore, *job)) for job in (("f", 1), ("g", 9))]
    try:
        for next_one in asyncio.as_completed(tasks, timeout=0.03):
            say("got", await next_one)
    except TimeoutError:
        say("too late", tasks[1].done())
    await asyncio.wait(tasks)
    say("it went on", tasks[1].result())


run(main)
