# SPDX-License-Identifier: MIT
"""The table of WebSockets: brio in both styles beside a floor and peers, in one run.

Echo on 64 sockets, beside requests of HTTP to a bare server; a broadcast to 10,000, also by
the bus; and the memory of sockets that are silent. CPU is the server's; of the rounds the least
counts. Peers whose tools are missing are left out."""
import json
import os
import subprocess
import tempfile

from common import BENCH, ROOT, Server, built, venv
from websocket.crowd import crowd_lines, idle_bytes

ECHO = [(1, 32), (16, 32), (1, 4096), (16, 4096)]  # messages in flight, bytes
SOCKETS, BROADCAST = 64, 10000
LOAD = ["taskset", "-c", "1", f"{BENCH}/bench_ws_load"]


def brio(backend):
    return lambda port: [f"{BENCH}/bench_ws_brio", "--port", str(port), "--backend", backend, "--no-access-log",
                         "--log-level", "warning", "--limit-connections", "100000"]


def peers():
    """Name, command for a port, path of the echo, path of the broadcast."""
    target = os.path.join(ROOT, "build", "bench-tungstenite")
    go = built("nbio", ["go", "build", "-o", os.path.join(ROOT, "build", "bench-nbio"), "."], "websocket/go", "bench-nbio")
    rust = built("tokio-tungstenite", ["cargo", "build", "--release", "--quiet", "--target-dir", target],
                 "websocket/tungstenite", "bench-tungstenite/release/tungstenite_peer")
    python = [venv(), os.path.join(ROOT, "bench", "websocket", "python_peer.py")]
    found = [("bare epoll", lambda port: [f"{BENCH}/bench_ws_floor", str(port)], "/echo", "/broadcast")]
    for backend in ("epoll", "uring"):
        found.append((f"brio {backend}, events", brio(backend), "/events", "/broadcast"))
        found.append((f"brio {backend}, coroutine", brio(backend), "/coroutine", None))
    for name, command in (("Go, nbio", go), ("Rust, tokio-tungstenite", rust), ("Python websockets, uvloop", python)):
        if command:
            found.append((name, lambda port, c=command: [*c, str(port)], "/echo", "/broadcast"))
    return found


def echo_cost(server, path, depth, size, seconds):
    before = server.cpu()
    done = json.loads(subprocess.run([*LOAD, "echo", str(server.port), path, str(SOCKETS), str(depth), str(seconds),
                                      str(size)], check=True, capture_output=True, text=True).stdout)
    return (server.cpu() - before) / done["messages"]


def http_cost(server, depth, seconds):
    """Of a request to the bare server of HTTP, which the aim is told in."""
    before = server.cpu()
    command = ["taskset", "-c", "1", f"{BENCH}/bench_load", str(server.port), str(SOCKETS), str(depth), str(seconds), "GET", "/"]
    done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return (server.cpu() - before) / done["requests"]


def opened(server, mode, path, *more):
    """The load when its sockets are open, and how to go on."""
    load = subprocess.Popen([*LOAD, mode, str(server.port), path, *map(str, more)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    if load.stdout.readline().split()[:1] != ["ready"]:
        raise SystemExit(f"{server.name}: the sockets could not be opened")
    return load


def broadcast_cost(server, path, seconds):
    load = opened(server, "broadcast", path, BROADCAST, seconds, 32)
    before = server.cpu()
    load.stdin.write("\n")
    load.stdin.flush()
    done = json.loads(load.stdout.readline())
    cost = (server.cpu() - before) / done["messages"]
    load.stdin.close()
    load.wait()
    return cost


def echo_lines(found, args):
    titles = [f"{depth} × {size} B" for depth, size in ECHO]
    lines = ["| echo on 64 sockets, CPU µs/message | " + " | ".join(titles) + " |", "|---|" + "--:|" * len(ECHO)]
    with tempfile.TemporaryDirectory() as folder:
        http = Server("bare epoll, HTTP requests", lambda port: [f"{BENCH}/bench_bare_epoll", str(port), "Hello, World!"], folder)
        running = [(http, None)] + [(Server(name, command, folder), path) for name, command, path, _all in found]
        figures = {s.name: [] for s, _ in running}
        try:
            for depth, size in ECHO:
                best = {}
                for _ in range(args.rounds):
                    for server, path in running:
                        cost = (echo_cost(server, path, depth, size, args.seconds) if path else
                                http_cost(server, depth, args.seconds))
                        best[server.name] = min(cost, best.get(server.name, cost))
                for name, cost in best.items():
                    figures[name].append(cost)
        finally:
            for server, _ in running:
                server.stop()
    for name, costs in figures.items():
        cells = [f"{c * 1e6:.2f} ({c / floor:.2f} ×)" for c, floor in zip(costs, figures["bare epoll"])]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines


def many_lines(found, args):
    lines = [f"| many sockets | broadcast to {BROADCAST:,}, CPU µs/message | silent, bytes each | a million of them |",
             "|---|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        for name, command, path, to_all in found:
            cost = None
            if to_all:
                server = Server(name, command, folder)
                cost = broadcast_cost(server, to_all, args.seconds)
                server.stop()
            each, _n = idle_bytes(command, name, path, folder)
            shown = f"{cost * 1e6:.2f}" if cost else "–"
            lines.append(f"| {name} | {shown} | {each:,.0f} | {each / 1e3:,.2f} GB |")
            print(lines[-1], flush=True)
    return lines


def bus_lines(args):
    """With two workers half of the sockets, or about so, are the other's than the one who speaks."""
    lines = [f"| broadcast to {BROADCAST:,} by the bus | CPU µs/message |", "|---|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        for backend in ("epoll", "uring"):
            for workers in (1, 2):
                command = brio(backend)
                name = f"brio {backend}, {('one worker', 'two workers')[workers - 1]}"
                server = Server(name, lambda port, c=command, w=workers: [*c(port), "--workers", str(w)], folder)
                try:
                    cost = broadcast_cost(server, "/bus", args.seconds)
                finally:
                    server.stop()
                lines.append(f"| {name} | {cost * 1e6:.2f} |")
                print(lines[-1], flush=True)
    return lines


def websocket_table(args):
    found = peers()
    print("# peers:", ", ".join(p[0] for p in found), flush=True)
    crowds = [(name, command, path) for name, command, path, _all in found if name.startswith("brio ")]
    return (echo_lines(found, args) + [""] + many_lines(found, args) + [""] + bus_lines(args) + [""] +
            crowd_lines(crowds))
