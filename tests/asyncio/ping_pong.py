# SPDX-License-Identifier: MIT
"""Two tasks that wake each other by events, and a third that takes its turns between them."""
import asyncio

from pair import run, say


async def player(name, mine, other, rounds):
    for i in range(rounds):
        await mine.wait()
        mine.clear()
        say(name, i)
        other.set()


async def bystander():
    for i in range(4):
        say("bystander", i)
        await asyncio.sleep(0)


async def main():
    ping, pong = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(player("ping", ping, pong, 3))
        group.create_task(player("pong", pong, ping, 3))
        group.create_task(bystander())
        ping.set()
        say("set")
    say("over", ping.is_set(), pong.is_set())


run(main)
