# SPDX-License-Identifier: MIT
"""Cancelling a task that awaits a task cancels the inner one first."""
import asyncio

from pair import run, say


async def inner():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        say("inner cancelled")
        raise


async def outer(task):
    try:
        await task
    except asyncio.CancelledError:
        say("outer cancelled")
        raise


async def stubborn():
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        say("stubborn says no")
    return 5


async def takes_what_comes(task):
    say("got", await task)


async def main():
    i = asyncio.create_task(inner())
    o = asyncio.create_task(outer(i))
    await asyncio.sleep(0.01)
    o.cancel()
    await asyncio.wait([o])
    say(i.cancelled(), o.cancelled())

    i = asyncio.create_task(stubborn())
    o = asyncio.create_task(takes_what_comes(i))
    await asyncio.sleep(0.01)
    o.cancel()
    await asyncio.wait([o])
    say(i.cancelled(), o.cancelled())


run(main)
