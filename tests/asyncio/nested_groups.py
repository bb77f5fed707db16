# SPDX-License-Identifier: MIT
"""Groups in groups: a failure cancels what is beside and below it; each group tells of its own."""
import asyncio

from pair import run, say


async def worker(name, ticks, error):
    try:
        await asyncio.sleep(ticks / 100)
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise
    say(name, "ends")
    if error:
        raise error


async def inner(name, jobs):
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(worker(*job))
    except ExceptionGroup as errors:
        say(name, "failed", len(errors.exceptions))
        raise
    except asyncio.CancelledError:
        say(name, "was cancelled")
        raise
    say(name, "is done")


async def outer(left, right):
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(inner("left", left))
            group.create_task(inner("right", right))
    except ExceptionGroup as errors:
        say("outer failed", len(errors.exceptions))
    else:
        say("outer is done")


async def late_error():
    """A sibling that fails while it is being cancelled counts, too."""
    try:
        await asyncio.sleep(1)
    finally:
        say("fails in clean-up")
        raise ValueError


async def main():
    await outer([("a", 1, None), ("b", 3, None)], [("c", 2, None)])
    await outer([("a", 1, None), ("b", 9, None)], [("c", 3, OSError()), ("d", 9, None)])
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(late_error())
            group.create_task(worker("e", 1, OSError()))
    except ExceptionGroup as errors:
        say("both", *[type(e).__name__ for e in errors.exceptions])


run(main)
