# SPDX-License-Identifier: MIT
"""Signals: a handler runs on the loop, never inside the signal; it is replaced and removed."""
import asyncio
import signal

from pair import say


async def main():
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()

    def handler(name):
        say(name, "handled")
        seen.set()

    async def send(signo):
        signal.raise_signal(signo)
        say("raised")
        await seen.wait()
        seen.clear()

    loop.add_signal_handler(signal.SIGUSR1, handler, "usr1")
    loop.add_signal_handler(signal.SIGUSR2, handler, "usr2")
    await send(signal.SIGUSR1)
    await send(signal.SIGUSR2)
    loop.add_signal_handler(signal.SIGUSR1, handler, "usr1, replaced")
    await send(signal.SIGUSR1)
    say("removed", loop.remove_signal_handler(signal.SIGUSR1))
    await send(signal.SIGUSR2)
    try:
        loop.add_signal_handler(signal.SIGKILL, handler, "kill")
    except RuntimeError:
        say("not this one")


asyncio.run(main())
