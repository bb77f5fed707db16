# SPDX-License-Identifier: MIT
"""call_soon_threadsafe: a thread's calls run on the loop, in order; a cancelled one does not."""
import asyncio
import threading

from pair import say


def call_in(loop, on_loop):
    for i in range(3):
        loop.call_soon_threadsafe(on_loop, i)
    loop.call_soon_threadsafe(on_loop, 99).cancel()


async def main():
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    here = threading.get_ident()

    def on_loop(i):
        say("call", i, "on the loop", threading.get_ident() == here)
        if i == 0:
            loop.call_soon(done.set)

    loop.call_soon(say, "queued before")
    thread = threading.Thread(target=call_in, args=(loop, on_loop))
    thread.start()
    thread.join()  # the loop stands still, so all of it comes in one turn
    say("joined")
    await done.wait()
    say("done")


asyncio.run(main())
