# SPDX-License-Identifier: MIT
"""Servers under test: started on free ports, stopped for sure."""
import contextlib
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


PORTS = range(10000, 32000)  # below those the kernel lends to clients
held = {}  # port: the socket whose abstract name says that it is taken


def free_port():
    """One that nobody listens on, and that no other process is given here until give_back(), or the end."""
    start = random.randrange(len(PORTS))
    for port in (*PORTS[start:], *PORTS[:start]):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0brio-test-port-{port}")
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        held[port] = name
        return port
    raise SystemExit("not ok - no free port")


def give_back(port):
    held.pop(port).close()


def wanted(packages):
    """What the arguments of `pip install` ask for: names, and the text of the files after -r."""
    lines = [sys.version]
    for before, package in zip(("", *packages), packages):
        if before == "-r":
            with open(package) as f:
                lines.append(f.read())
        else:
            lines.append(package)
    return "\n".join(lines)


def python_env(name, *packages):
    """The python of a virtual environment with these packages: made once, and
    anew when the packages, a requirements file or this python have changed."""
    folder = os.path.join(ROOT, "build", "venv-" + name)
    python = os.path.join(folder, "bin", "python")
    stamp = os.path.join(folder, "installed")
    with made_by_one(folder):
        if read_text(stamp) != wanted(packages):
            subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages],
                           check=True)
            with open(stamp, "w") as f:
                f.write(wanted(packages))
    return python


def run_inside(name, *packages):
    """Goes on with this program in the python of python_env(), unless that is where it runs."""
    python = python_env(name, *packages)
    if os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(python))):
        os.execv(python, [python, *sys.argv])


def read_text(path):
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def made_by_one(folder):
    """Suites run side by side: only one of them makes what they share."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Server:
    """`with Server(command, port)`: adds --port, waits until it accepts."""

    host = "127.0.0.1"

    def __init__(self, command, port, env=None, cwd=None, host="127.0.0.1"):
        self.host, self.port = host, port
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*command, "--port", str(port)], stdout=self.log, stderr=subprocess.STDOUT,
                                        env={**os.environ, **(env or {})}, cwd=cwd)
        self.wait_until_it_accepts()

    def wait_until_it_accepts(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"not ok - server did not start\n# {self.process.args}\n{self.output()}")

    def output(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self, sig=signal.SIGTERM, seconds=60):
        """Asks it to stop and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
