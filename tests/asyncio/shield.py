# SPDX-License-Identifier: MIT
"""shield: the outer is cancelled, the inner goes on; the inner's cancellation reaches out."""
import asyncio

from pair import run, say, why


async def inner():
    await asyncio.sleep(0.02)
    say("inner ends")
    return 3


async def outer(task):
    await asyncio.shield(task)


async def main():
    i = asyncio.create_task(inner())
    o = asyncio.create_task(outer(i))
    await asyncio.sleep(0.01)
    o.cancel()
    await asyncio.wait([o])
    say("outer cancelled", o.cancelled(), i.done())
    say("inner gave", await i)

    i = asyncio.create_task(inner())
    o = asyncio.create_task(outer(i))
    await asyncio.sleep(0.01)
    i.cancel()
    await asyncio.wait([o])
    say("both", i.cancelled(), o.cancelled())


run(main)
