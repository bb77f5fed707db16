# SPDX-License-Identifier: MIT
"""Cancelling who waits for a lock another has: it never gets it, and nobody behind it starves."""
import asyncio

from pair import run, say


async def user(lock, name, hold):
    try:
        async with lock:
            say(name, "has it")
            await asyncio.sleep(hold / 100)
        say(name, "let go")
    except asyncio.CancelledError:
        say(name, "cancelled")
        raise


async def main():
    lock = asyncio.Lock()
    a, b, c, d = [asyncio.create_task(user(lock, *u)) for u in (("a", 3), ("b", 1), ("c", 1), ("d", 1))]
    await asyncio.sleep(0.01)
    b.cancel()  # while it waits
    await asyncio.sleep(0.01)
    c.cancel()
    await asyncio.sleep(0.005)
    say("waiting", not d.done(), lock.locked())
    await asyncio.wait([d])
    for task in (a, b, c, d):
        say(task.cancelled())

    e, f = [asyncio.create_task(user(lock, *u)) for u in (("e", 9), ("f", 1))]
    await asyncio.sleep(0.01)
    e.cancel()  # the owner: it releases on its way out
    await asyncio.wait([f])
    say(e.cancelled())
    say(f.cancelled())
    say("locked", lock.locked())

    await lock.acquire()
    g, h = [asyncio.create_task(user(lock, *u)) for u in (("g", 1), ("h", 1))]
    await asyncio.sleep(0.01)
    lock.release()
    g.cancel()  # in the turn in which it was handed the lock
    await asyncio.wait([h])
    say(g.cancelled())
    say(h.cancelled())
    say("locked", lock.locked())


run(main)
