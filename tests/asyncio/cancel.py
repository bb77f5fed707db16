# SPDX-License-Identifier: MIT
"""Cancelling: before the first turn, in a sleep, during clean-up, swallowed, called off."""
import asyncio

from pair import run, say


async def never():
    say("never runs")


async def cleans_up():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        say("cleaning up")
        await asyncio.sleep(0.01)
        say("clean")
        raise


async def swallows():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        say("swallowed", asyncio.current_task().cancelling())
        asyncio.current_task().uncancel()
    await asyncio.sleep(0.01)
    say("went on", asyncio.current_task().cancelling())
    return 7


async def main():
    task = asyncio.create_task(never())
    task.cancel()
    await asyncio.wait([task])
    say("never", task.cancelled())

    task = asyncio.create_task(cleans_up())
    await asyncio.sleep(0)
    say(task.cancel(), task.cancel())
    await asyncio.wait([task])
    say("cleans_up", task.cancelled(), task.cancel())

    task = asyncio.create_task(swallows())
    await asyncio.sleep(0)
    task.cancel()
    say("swallows", await task, task.cancelled())


run(main)
