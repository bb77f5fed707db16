# SPDX-License-Identifier: MIT
"""Timeouts and groups: around one, inside its children, and beside a failure."""
import asyncio

from pair import run, say


async def work(name, ticks):
    try:
        await asyncio.sleep(ticks / 100)
        say(name, "ends")
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise


async def hurried(name, limit, ticks):
    async with asyncio.timeout(limit / 100):
        await work(name, ticks)


async def patient(name, limit, ticks):
    try:
        await hurried(name, limit, ticks)
    except TimeoutError:
        say(name, "gave up")


async def around():
    try:
        async with asyncio.timeout(0.03):
            async with asyncio.TaskGroup() as group:
                group.create_task(work("a", 1))
                group.create_task(work("b", 9))
                group.create_task(patient("c", 2, 9))
    except TimeoutError:
        say("in time: no")


async def inside():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(hurried("d", 2, 9))
            group.create_task(work("e", 9))
    except ExceptionGroup as errors:
        say("inside", *[type(e).__name__ for e in errors.exceptions])


async def in_time():
    """The group is done before its deadline: nothing is cancelled."""
    async with asyncio.timeout(0.05) as limit:
        async with asyncio.TaskGroup() as group:
            group.create_task(work("f", 1))
            group.create_task(work("g", 2))
    say("expired", limit.expired())


async def main():
    await around()
    await inside()
    await in_time()


run(main)
