# SPDX-License-Identifier: MIT
"""A Unix socket: an echo server, two clients one after the other, half-close, a dead path."""
import asyncio
import os
import tempfile

from pair import say


async def serve(reader, writer):
    data = await reader.read()
    say("server got", len(data))
    writer.write(data[::-1])
    await writer.drain()
    writer.close()


async def talk(path, text):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(text)
    writer.write_eof()
    say("client got", (await reader.read()).decode())
    writer.close()


async def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        server = await asyncio.start_unix_server(serve, path)
        await talk(path, b"hello")
        await talk(path, b"world!")
        server.close()
        try:
            await talk(path, b"gone")
        except (ConnectionRefusedError, FileNotFoundError):
            say("nobody there")


asyncio.run(main())
