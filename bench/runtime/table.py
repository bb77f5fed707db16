# SPDX-License-Identifier: MIT
"""The table of the runtime: brio beside asyncio, uvloop, Go and tokio, in one run.

Peers whose tools are missing are left out, and said so. Everyone takes turns, and of the
rounds the least counts; only the dear rows run once."""
import os
import subprocess
import tempfile

from common import BENCH, ROOT, Server, built, venv

# Row, what one operation is, N by peer class: (native, Python), unit.
RUNTIME_ROWS = [
    ("yield", "yield, two tasks taking turns", (4000000, 200000), "ns"),
    ("spawn", "spawn and await a task, one at a time", (1000000, 50000), "ns"),
    ("batch", "spawn and join tasks, a hundred at a time", (1000000, 50000), "ns"),
    ("queue", "an item through a queue of one", (2000000, 50000), "ns"),
    ("lock", "lock and unlock, nobody else wants it", (5000000, 500000), "ns"),
    ("timer", "timer add and cancel among 10,000", (1000000, 100000), "ns"),
    ("storm", "CPU for each of 1,000,000 tasks sleeping up to 1 s", (1000000, 1000000), "ns"),
    ("thread", "a job on another thread and back", (50000, 3000), "us"),
    ("process", "a job in another process and back", (50000, 3000), "us"),
    ("memory", "memory of each of 100,000 waiting tasks", (100000, 100000), "bytes"),
    ("million", "memory of each of 1,000,000 waiting tasks", (1000000, 1000000), "bytes"),
]


def runtime_peers():
    """Name, command, environment, whether it is Python."""
    python = [venv(), os.path.join(ROOT, "bench", "runtime", "asyncio_peer.py")]
    brio = [f"{BENCH}/bench_runtime"]
    target = os.path.join(ROOT, "build", "bench-tokio")
    peers = [("brio, epoll", brio, {"BRIO_BACKEND": "epoll"}, False), ("brio, io_uring", brio, {"BRIO_BACKEND": "uring"}, False),
             ("Go", built("Go", ["go", "build", "-o", os.path.join(ROOT, "build", "bench-go"), "."], "runtime/go", "bench-go"), {}, False),
             ("tokio", built("tokio", ["cargo", "build", "--release", "--quiet", "--target-dir", target], "runtime/tokio",
                             "bench-tokio/release/tokio_peer"), {}, False),
             ("asyncio", python, {}, True), ("uvloop", python + ["--uvloop"], {}, True)]
    return [p for p in peers if p[1]]


def runtime_figure(peer, row, n):
    """One measurement, or None where the peer has no such thing."""
    _name, command, env, is_python = peer
    run = subprocess.run(["taskset", "-c", "0,1" if row in ("thread", "process") else "0", *command,
                          "memory" if row == "million" else row, str(n[is_python])], capture_output=True, text=True,
                         env={**os.environ, **env}, timeout=600)
    return float(run.stdout) if run.returncode == 0 and run.stdout.strip() else None


def runtime_table(args):
    peers = runtime_peers()
    print("# peers:", ", ".join(p[0] for p in peers), flush=True)
    lines = ["| one operation | " + " | ".join(p[0] for p in peers) + " |", "|---|" + "--:|" * len(peers)]
    for row, title, n, unit in RUNTIME_ROWS:
        best = {}
        for _ in range(1 if row in ("storm", "million") else args.rounds):
            for peer in peers:
                figure = runtime_figure(peer, row, n)
                if figure is not None:
                    best[peer[0]] = min(figure, best.get(peer[0], figure))
        scale = 1000 if unit == "us" else 1
        text = {"ns": "{:,.1f} ns", "us": "{:,.1f} µs", "bytes": "{:,.0f} B"}[unit]
        cells = [text.format(best[p[0]] / scale) if p[0] in best else "–" for p in peers]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines + [""] + echo_lines(peers, args)


def echo_load(port, connections, seconds):
    run = subprocess.run(["taskset", "-c", "1", f"{BENCH}/bench_echo_load", str(port), str(connections), str(seconds)],
                         check=True, capture_output=True, text=True, timeout=seconds + 60)
    return int(run.stdout)


def echo_lines(peers, args):
    """CPU of the server for each message of 128 bytes, by number of connections."""
    servers = [("bare epoll", [f"{BENCH}/bench_echo_floor"], {}, False)] + peers
    lines = ["| TCP echo, CPU µs/message | 1 connection | 64 | 1000 |", "|---|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for name, command, env, _python in servers:
            argv = [*command] if name == "bare epoll" else [*command, "echo"]
            environment = [f"{k}={v}" for k, v in env.items()]
            running.append(Server(name, lambda port, a=argv, e=environment: ["env", *e, *a, str(port)], folder))
        figures = {s.name: [] for s in running}
        try:
            for connections in (1, 64, 1000):
                best = {}
                for _ in range(args.rounds):
                    for s in running:
                        before = s.cpu()
                        messages = echo_load(s.port, connections, args.seconds)
                        cost = (s.cpu() - before) / messages
                        best[s.name] = min(cost, best.get(s.name, cost))
                for name, cost in best.items():
                    figures[name].append(cost)
        finally:
            for s in running:
                s.stop()
    for name, costs in figures.items():
        cells = [f"{c * 1e6:.2f} ({c / floor:.2f} ×)" for c, floor in zip(costs, figures["bare epoll"])]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines
