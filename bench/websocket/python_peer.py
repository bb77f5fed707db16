# SPDX-License-Identifier: MIT
"""The WebSocket benchmark's Python peer: `websockets` on uvloop. usage: python_peer.py PORT"""
import asyncio
import sys

import uvloop
from websockets.asyncio.server import broadcast, serve

everybody = set()


async def handle(ws):
    if ws.request.path == "/broadcast":
        everybody.add(ws)
        try:
            async for message in ws:
                broadcast(everybody, message)
        finally:
            everybody.discard(ws)
        return
    async for message in ws:
        await ws.send(message)


async def main():
    async with serve(handle, "127.0.0.1", int(sys.argv[1]), compression=None, ping_interval=None, backlog=2048):
        await asyncio.get_running_loop().create_future()


uvloop.install()
asyncio.run(main())
