# SPDX-License-Identifier: MIT
"""What the benchmarks share: where things are, the Python peers, servers on a core of their own."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RELEASE = os.path.join(ROOT, "build", "release")
BENCH = os.path.join(RELEASE, "bench")
VENV = os.path.join(ROOT, "build", "bench-venv")


def venv():
    """A virtual environment with the Python peers, made once."""
    python = os.path.join(VENV, "bin", "python")
    done = os.path.join(VENV, "done-3")
    if not os.path.exists(done):
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "fastapi", "uvicorn", "uvloop", "httptools", "granian",
                        "python-multipart", "websockets"], check=True)
        open(done, "w").close()
    return python


def built(title, command, folder, product):
    """The command of a peer, built below bench/; None, with a word why, where its tools are missing."""
    if not shutil.which(command[0]):
        print(f"# {title} left out: no {command[0]}")
        return None
    run = subprocess.run(command, cwd=os.path.join(ROOT, "bench", folder), capture_output=True, text=True)
    if run.returncode:
        print(f"# {title} left out: {run.stderr[-300:]}")
        return None
    return [os.path.join(ROOT, "build", product)]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server under test, pinned to core 0."""

    def __init__(self, name, command, folder):
        self.name, self.folder = name, folder
        self.port = free_port()
        argv = command(self.port)
        log = open(os.path.join(folder, name.replace("/", "-").replace(" ", "-") + ".log"), "w")
        self.process = subprocess.Popen(["taskset", "-c", "0", *argv], stdout=log, stderr=log, cwd=ROOT)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        time.sleep(0.2)

    def pids(self):
        pid = self.process.pid
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
        return [pid] + [int(c) for c in children]

    def cpu(self):
        total = 0.0
        for pid in self.pids():
            # nanosecond run time of all threads, finer than clock ticks
            for tid in os.listdir(f"/proc/{pid}/task"):
                total += int(open(f"/proc/{pid}/task/{tid}/schedstat").read().split()[0]) / 1e9
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
