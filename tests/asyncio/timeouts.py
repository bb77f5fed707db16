# SPDX-License-Identifier: MIT
"""wait_for and timeout: who is told what, and the outermost of nested deadlines."""
import asyncio

from pair import run, say, why


async def slow(name):
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        say(name, "cleans up")
        await asyncio.sleep(0.01)
        say(name, "is clean")
        raise


async def outcome(awaitable):
    try:
        await awaitable
        return None
    except (TimeoutError, asyncio.CancelledError) as error:
        return error


async def scope(ticks):
    async with asyncio.timeout(ticks / 100):
        await slow("scope")


async def nested():
    try:
        async with asyncio.timeout(0.02):
            try:
                async with asyncio.timeout(0.5):
                    await slow("nested")
            except TimeoutError:
                say("inner deadline")
    except TimeoutError:
        say("outer deadline")


async def moved():
    async with asyncio.timeout(0.01) as limit:
        limit.reschedule(asyncio.get_running_loop().time() + 0.05)
        await asyncio.sleep(0.03)
        say("in time")


async def main():
    say("wait_for", why(await outcome(asyncio.wait_for(slow("waited"), 0.02))))
    say("timeout", why(await outcome(scope(2))))
    await nested()
    say("moved", why(await outcome(moved())))
    task = asyncio.create_task(scope(5))
    await asyncio.sleep(0.01)
    task.cancel()
    say("cancelled first", why(await outcome(task)))


run(main)
