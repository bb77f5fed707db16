# SPDX-License-Identifier: MIT
"""Files through threads, beside a task that goes on meanwhile; whole files, lines, renaming."""
import asyncio
import os
import tempfile

from pair import say


def read_lines(path):
    with open(path) as file:
        return [line.rstrip("\n") for line in file]


def write(path, mode, text):
    with open(path, mode) as file:
        return file.write(text)


async def reader(path, ready):
    await ready.wait()
    for line in await asyncio.to_thread(read_lines, path):
        say("line", line)


async def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a")
        ready = asyncio.Event()
        task = asyncio.create_task(reader(path, ready))
        await asyncio.to_thread(write, path, "w", "one\ntwo\n")
        say("written")
        await asyncio.to_thread(write, path, "a", "three")
        say("appended", os.stat(path).st_size)
        ready.set()
        await task
        await asyncio.to_thread(os.rename, path, path + "b")
        say("renamed", *sorted(os.listdir(folder)), os.path.exists(path))
        try:
            await asyncio.to_thread(read_lines, path)
        except FileNotFoundError:
            say("not there any more")


asyncio.run(main())
