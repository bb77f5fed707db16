# SPDX-License-Identifier: MIT
"""Streams: readuntil, readexactly, a limit, the end; an echo server and its client."""
import asyncio

from pair import run, say


async def serve(reader, writer):
    while line := await reader.readline():
        say("server got", line.decode().strip())
        writer.write(line.upper())
        await writer.drain()
    say("server saw the end")
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\nworld\n")
    say("client got", (await reader.readuntil(b"\n")).decode().strip())
    say("client got", (await reader.readexactly(3)).decode())
    say("client got", (await reader.readuntil(b"\n")).decode().strip())
    writer.write_eof()
    say("client saw the end", len(await reader.read()))
    writer.close()
    server.close()


asyncio.run(main())
