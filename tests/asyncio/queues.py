# SPDX-License-Identifier: MIT
"""Queue: bounded, FIFO among waiters, join; a cancelled getter loses no item; priorities."""
import asyncio

from pair import run, say


async def producer(queue):
    for i in range(5):
        await queue.put(i)
        say("put", i)


async def consumer(queue, name, ticks):
    while True:
        item = await queue.get()
        say(name, "got", item)
        await asyncio.sleep(ticks / 100)
        queue.task_done()


async def main():
    queue = asyncio.Queue(maxsize=2)
    consumers = [asyncio.create_task(consumer(queue, *c)) for c in (("a", 2), ("b", 5))]
    await producer(queue)
    await queue.join()
    say("joined", queue.qsize())
    for task in consumers:
        task.cancel()
    await asyncio.wait(consumers)
    queue.put_nowait(9)
    say("still there", queue.get_nowait())
    urgent = asyncio.PriorityQueue()
    for item in (3, 1, 2):
        urgent.put_nowait(item)
    say(await urgent.get(), await urgent.get(), await urgent.get())


run(main)
