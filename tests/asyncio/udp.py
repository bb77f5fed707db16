# SPDX-License-Identifier: MIT
"""Datagrams: an echo server; borders are kept."""
import asyncio

from pair import say


class Server(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, sender):
        say("server got", len(data))
        self.transport.sendto(data.upper(), sender)


class Client(asyncio.DatagramProtocol):
    def __init__(self):
        self.answers = asyncio.Queue()

    def datagram_received(self, data, sender):
        self.answers.put_nowait(data)


async def main():
    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    address = server.get_extra_info("sockname")
    client, protocol = await loop.create_datagram_endpoint(Client, remote_addr=address)
    for text in (b"hello", b"brio world", b"x" * 1400):
        client.sendto(text)
        answer = await protocol.answers.get()
        say("client got", answer.decode()[:10], len(answer))
    client.close()
    server.close()


asyncio.run(main())
