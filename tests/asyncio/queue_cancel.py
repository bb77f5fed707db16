# SPDX-License-Identifier: MIT
"""Queues whose getters and putters are cancelled lose nothing; a LIFO gives the newest."""
import asyncio

from pair import run, say


async def getter(queue, name):
    try:
        say(name, "got", await queue.get())
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise


async def putter(queue, item):
    try:
        await queue.put(item)
        say("put", item)
    except asyncio.CancelledError:
        say("not put", item)
        raise


async def getters():
    queue = asyncio.Queue()
    a, b, c = [asyncio.create_task(getter(queue, name)) for name in "abc"]
    await asyncio.sleep(0.01)
    a.cancel()  # long before
    await asyncio.sleep(0.01)
    queue.put_nowait(1)
    b.cancel()  # in the turn in which it was woken
    await asyncio.wait([c])
    say("left", queue.qsize())


async def putters():
    queue = asyncio.Queue(maxsize=1)
    queue.put_nowait(0)
    one, two, three = [asyncio.create_task(putter(queue, item)) for item in (1, 2, 3)]
    await asyncio.sleep(0.01)
    one.cancel()
    await asyncio.sleep(0.01)
    say("full", queue.full())
    say("took", queue.get_nowait())
    await asyncio.wait([two])
    say("took", queue.get_nowait())
    await asyncio.wait([three])
    say("took", queue.get_nowait())


async def lifo():
    queue = asyncio.LifoQueue(maxsize=3)
    for item in (1, 2, 3):
        await queue.put(item)
    try:
        queue.put_nowait(4)
    except asyncio.QueueFull:
        say("full")
    say(await queue.get())
    await queue.put(5)
    say(await queue.get(), await queue.get(), await queue.get())
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty:
        say("empty")
    for _ in range(4):
        queue.task_done()
    await queue.join()
    try:
        queue.task_done()
    except ValueError:
        say("too many")


async def main():
    await getters()
    await putters()
    await lifo()


run(main)
