# SPDX-License-Identifier: MIT
"""contextvars: a task has a copy of its creator's; what it sets is its own."""
import asyncio
import contextvars

from pair import run, say

user = contextvars.ContextVar("user", default="nobody")


async def child(name):
    say(name, "sees", user.get())
    user.set(name)
    await asyncio.sleep(0)
    say(name, "has", user.get())


async def main():
    say("main", user.get())
    user.set("root")
    a = asyncio.create_task(child("a"))
    user.set("other")
    b = asyncio.create_task(child("b"))
    await asyncio.wait([a, b])
    say("main", user.get())
    await child("inline")
    say("main", user.get())


run(main)
