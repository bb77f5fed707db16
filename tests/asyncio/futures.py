# SPDX-License-Identifier: MIT
"""Futures: callbacks never run inline and keep their order; set twice is an error; await."""
import asyncio

from pair import run, say


async def waiter(future, name):
    say(name, "got", await future)


async def main():
    future = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(waiter(future, name)) for name in "ab"]
    await asyncio.sleep(0)
    future.add_done_callback(lambda f: say("callback one"))
    future.add_done_callback(lambda f: say("callback two"))
    future.set_result(42)
    say("set", future.done())
    try:
        future.set_result(43)
    except asyncio.InvalidStateError:
        say("only once")
    await asyncio.wait(tasks)
    future.add_done_callback(lambda f: say("late callback"))
    say("added late")
    await asyncio.sleep(0)


run(main)
