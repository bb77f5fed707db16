#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The runtime benchmark's rows in asyncio; with --uvloop on uvloop.

usage: asyncio_peer.py [--uvloop] ROW N     prints nanoseconds (or bytes) for each of N
       asyncio_peer.py [--uvloop] echo PORT serves until killed"""
import asyncio
import concurrent.futures
import random
import resource
import sys
import time


def nothing(_=None):
    return 0


async def do_nothing():
    return 0


async def yields(n):
    async def turns():
        for _ in range(n // 2):
            await asyncio.sleep(0)
    await asyncio.gather(turns(), turns())


async def spawn(n):
    for _ in range(n):
        await asyncio.create_task(do_nothing())


async def batch(n):
    for _ in range(n // 100):
        async with asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(do_nothing())


async def queue(n):
    q = asyncio.Queue(1)

    async def produce():
        for i in range(n):
            await q.put(i)

    async def consume():
        for _ in range(n):
            await q.get()
    await asyncio.gather(produce(), consume())


async def lock(n):
    mutex = asyncio.Lock()
    for _ in range(n):
        await mutex.acquire()
        mutex.release()


async def timer(n):
    loop = asyncio.get_running_loop()
    waiting = [loop.call_later(1000 + random.random(), nothing) for _ in range(10000)]
    begin = time.perf_counter_ns()
    for _ in range(n):
        loop.call_later(500, nothing).cancel()
    spent = time.perf_counter_ns() - begin
    for handle in waiting:
        handle.cancel()
    return spent


async def storm(n):
    async def sleeper(seconds):
        await asyncio.sleep(seconds)
    begin = time.process_time_ns()
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(sleeper(random.random()))
    return time.process_time_ns() - begin


async def thread(n):
    for _ in range(n):
        await asyncio.to_thread(nothing)


async def process(n):
    loop = asyncio.get_running_loop()
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        await loop.run_in_executor(pool, nothing, 0)
        begin = time.perf_counter_ns()
        for i in range(n):
            await loop.run_in_executor(pool, nothing, i)
        return time.perf_counter_ns() - begin


async def memory(n):
    async def sleeper(until):
        await until.wait()
    until = asyncio.Event()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tasks = [asyncio.create_task(sleeper(until)) for _ in range(n)]
    await asyncio.sleep(0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    until.set()
    await asyncio.wait(tasks)
    return grown * 1024


ROWS = {"yield": yields, "spawn": spawn, "batch": batch, "queue": queue, "lock": lock, "timer": timer, "storm": storm,
        "thread": thread, "process": process, "memory": memory}


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def serve(port):
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


async def measure(row, n):
    await row(max(n // 10, 100))
    begin = time.perf_counter_ns()
    own = await row(n)
    print((own or time.perf_counter_ns() - begin) / n)


def main():
    args = sys.argv[1:]
    if args[0] == "--uvloop":
        args.pop(0)
        import uvloop
        uvloop.install()
    name, n = args[0], int(args[1])
    asyncio.run(serve(n) if name == "echo" else measure(ROWS[name], n) if name != "memory" else once(n))


async def once(n):
    print(await memory(n) / n)


if __name__ == "__main__":
    main()
