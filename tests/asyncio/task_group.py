# SPDX-License-Identifier: MIT
"""TaskGroup: the first failure cancels siblings and the body; all are awaited."""
import asyncio

from pair import run, say


async def fails(ticks):
    await asyncio.sleep(ticks / 100)
    say("fails")
    raise OSError


async def cleans_up(name):
    try:
        await asyncio.sleep(1)
    finally:
        say(name, "cleans up")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(cleans_up("a"))
            group.create_task(fails(2))
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                say("body cancelled")
                raise
    except ExceptionGroup as errors:
        say("group failed", len(errors.exceptions))

    async with asyncio.TaskGroup() as group:
        task = group.create_task(cleans_up("c"))
        await asyncio.sleep(0.01)
        task.cancel()
    say("a cancelled child is no failure")


run(main)
