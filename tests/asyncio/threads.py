# SPDX-License-Identifier: MIT
"""to_thread keeps the loop free and carries the context; a coroutine sent in from a thread."""
import asyncio
import contextvars

from pair import run, say

user = contextvars.ContextVar("user", default="nobody")


def blocking():
    return len(user.get())


async def greet():
    await asyncio.sleep(0)
    say("greeted on the loop")
    return 11


def from_a_thread(loop):
    return asyncio.run_coroutine_threadsafe(greet(), loop).result()


async def main():
    user.set("alice")
    say("to_thread", await asyncio.to_thread(blocking))
    loop = asyncio.get_running_loop()
    say("threadsafe", await asyncio.to_thread(from_a_thread, loop))


run(main)
