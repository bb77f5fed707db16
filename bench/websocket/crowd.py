# SPDX-License-Identifier: MIT
"""As many silent WebSockets as this machine has descriptors for: what each holds in user space.

A process has some 20,000 descriptors where nobody raised the limit, so a crowd is opened by
several processes of load, from several addresses of 127.0.0.0/8 (a pair of addresses has
28,000 ports), and served by several workers. What the machine does not allow is said."""
import resource
import subprocess
import tempfile

from common import BENCH, Server

LOAD = ["taskset", "-c", "1", f"{BENCH}/bench_ws_load", "idle"]
EACH_WORKER = 19000  # of the usual 20,000 descriptors
WORKERS = 5
KERNEL = 24 * 1024  # bytes of a pair of sockets, generously; and 16 KiB of ours
OURS = 16 * 1024


def number_in(path, title):
    with open(path) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(title))


def resident(server):
    """Bytes of all its processes."""
    return sum(number_in(f"/proc/{pid}/status", "VmRSS") for pid in server.pids()) * 1024


def per_process():
    """Sockets that one process may have, on either side."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return EACH_WORKER if hard == resource.RLIM_INFINITY else min(EACH_WORKER, hard - 1000)


def allowed(n):
    """So many sockets of `n` as memory and the kernel's table of files have room for, and why."""
    memory = number_in("/proc/meminfo", "MemAvailable") * 1024 * 7 // 10 // (KERNEL + OURS)
    with open("/proc/sys/fs/file-nr") as f:
        used, _, most = map(int, f.read().split())
    files = (most - used) // 2 - 1000
    if n <= min(memory, files):
        return n, ""
    return min(memory, files), "memory" if memory < files else "file-max"


def open_crowd(server, path, n):
    """Loads that hold `n` silent sockets, and how many there really are."""
    loads, there = [], 0
    while there < n:
        part = min(per_process(), n - there)
        load = subprocess.Popen([*LOAD, str(server.port), path, str(part), str(there)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        loads.append(load)
        word = load.stdout.readline().split()
        if word[:1] != ["ready"]:
            raise SystemExit(f"{server.name}: the sockets could not be opened")
        there += int(word[1])
        if int(word[1]) < part:
            print(f"# {server.name}: {there} sockets, no more could be opened", flush=True)
            break
    return loads, there


def close_crowd(loads):
    for load in loads:
        load.stdin.close()
    for load in loads:
        load.wait()


def idle_bytes(command, name, path, folder, workers=1):
    """Of each silent socket, and of how many; in a server that has done nothing before but open a few."""
    n, reason = allowed(per_process() * workers)
    if reason:
        print(f"# {name}: {n} sockets, because of {reason}", flush=True)
    server = Server(name, command, folder)
    try:
        loads, _ = open_crowd(server, path, 1 if workers == 1 else 16 * workers)
        close_crowd(loads)
        before = resident(server)
        loads, there = open_crowd(server, path, n)
        grown = resident(server) - before
        close_crowd(loads)
        return grown / there, there
    finally:
        server.stop()


def crowd_lines(found):
    lines = ["| silent sockets | workers | open at once | bytes each | a million of them |", "|---|--:|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        for name, command, path in found:
            for workers in (1, WORKERS):
                def run(port, c=command, w=workers):
                    return [*c(port), "--workers", str(w)]
                each, there = idle_bytes(run, name, path, folder, workers)
                lines.append(f"| {name} | {workers} | {there:,} | {each:,.0f} | {each / 1e3:,.2f} GB |")
                print(lines[-1], flush=True)
    return lines
