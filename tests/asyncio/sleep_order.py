# SPDX-License-Identifier: MIT
"""Sleepers wake by deadline; sleep(0) takes turns."""
import asyncio

from pair import run, say


async def sleeper(name, ticks):
    await asyncio.sleep(ticks / 100)
    say(name, "woke")


async def turns(name):
    for i in range(3):
        say(name, i)
        await asyncio.sleep(0)


async def main():
    await asyncio.gather(sleeper("c", 3), sleeper("a", 1), sleeper("b", 2), turns("x"), turns("y"))
    say("end")


run(main)
