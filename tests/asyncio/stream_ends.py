# SPDX-License-Identifier: MIT
"""Streams that end early, lines beyond the limit, a server that closes while it serves."""
import asyncio

from pair import say


async def serve(reader, writer):
    command = (await reader.readline()).decode().strip()
    say("asked for", command)
    if command == "short":
        writer.write(b"abc")
    elif command == "long":
        writer.write(b"0123456789;rest\n")
    else:
        await reader.readline()  # until it is told to go on
        writer.write(b"served\n")
    await writer.drain()
    writer.close()


async def ask(port, command, limit=65536):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=limit)
    writer.write(command.encode() + b"\n")
    await writer.drain()
    return reader, writer


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    reader, writer = await ask(port, "short")
    try:
        await reader.readexactly(4)
    except asyncio.IncompleteReadError:
        say("incomplete")
    say("at the end", reader.at_eof())
    writer.close()

    reader, writer = await ask(port, "long", limit=8)
    try:
        await reader.readuntil(b";")
    except asyncio.LimitOverrunError:
        say("over the limit")
    say("still there", (await reader.readexactly(11)).decode())
    say("and", (await reader.readuntil(b"\n")).decode().strip())
    say("then", len(await reader.read()), reader.at_eof())
    writer.close()

    reader, writer = await ask(port, "wait")
    writer.write(b"")
    await asyncio.sleep(0.02)
    server.close()
    say("closed", server.is_serving())
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        say("refused")
    writer.write(b"go on\n")
    say("got", (await reader.readline()).decode().strip())
    writer.close()


asyncio.run(main())
