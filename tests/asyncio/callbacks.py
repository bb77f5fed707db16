# SPDX-License-Identifier: MIT
"""The loop: what a callback schedules runs a turn later; timers by deadline; a handle that cancels."""
import asyncio

from pair import run, say


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, say, "timer two")
    loop.call_later(0.01, say, "timer one")
    loop.call_later(0.015, say, "never").cancel()

    def first():
        say("first")
        loop.call_soon(say, "scheduled by first")

    loop.call_soon(first)
    loop.call_soon(say, "second")
    handle = loop.call_soon(say, "never")
    handle.cancel()
    say("main goes on")
    await asyncio.sleep(0.03)


run(main)
