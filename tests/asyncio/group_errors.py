# SPDX-License-Identifier: MIT
"""TaskGroup: which errors, in which order; none joins a group that aborts; errors and an outer cancellation."""
import asyncio

from pair import in_order, run, say


class Named(Exception):
    pass


async def fails(name, ticks):
    await asyncio.sleep(ticks / 100)
    raise Named(name)


async def fails_in_cleanup(name, ticks):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        say(name, "is told")
        raise Named(name) from None


async def slow(name):
    try:
        await asyncio.sleep(1)
    finally:
        say(name, "is told")


async def spawner(group):
    """Wants to add somebody after the first has failed."""
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        coroutine = slow("latecomer")
        try:
            group.create_task(coroutine)
        except RuntimeError:
            coroutine.close()
            say("nobody joins any more")
        raise


async def family():
    async with asyncio.TaskGroup() as group:
        in_order(group)
        group.create_task(fails_in_cleanup("a", 9))
        group.create_task(fails("b", 2))
        group.create_task(fails_in_cleanup("c", 9))
        group.create_task(spawner(group))


async def body_fails():
    async with asyncio.TaskGroup() as group:
        group.create_task(slow("d"))
        await asyncio.sleep(0.01)
        raise Named("body")


async def told(coroutine):
    try:
        await coroutine
        say("fine")
    except ExceptionGroup as errors:
        say("failed", len(errors.exceptions))
    except asyncio.CancelledError:
        say("cancelled")
        raise


async def main():
    await told(family())
    await told(body_fails())
    outer = asyncio.create_task(told(family()))
    await asyncio.sleep(0.01)
    outer.cancel()
    await asyncio.wait([outer])
    say("outer", outer.cancelled())


run(main)
