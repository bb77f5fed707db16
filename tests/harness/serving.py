# SPDX-License-Identifier: MIT
"""Servers under test: started on free ports, stopped for sure."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def python_env(name, *packages):
    """The python of a virtual environment with these packages, made once."""
    folder = os.path.join(ROOT, "build", "venv-" + name)
    python = os.path.join(folder, "bin", "python")
    stamp = os.path.join(folder, "installed")
    if not os.path.exists(stamp):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)
        with open(stamp, "w") as f:
            f.write(" ".join(packages))
    return python


class Server:
    """`with Server(command, port)`: adds --port, waits until it accepts."""

    def __init__(self, command, port, env=None, cwd=None):
        self.port = port
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*command, "--port", str(port)], stdout=self.log, stderr=subprocess.STDOUT,
                                        env={**os.environ, **(env or {})}, cwd=cwd)
        self.wait_until_it_accepts()

    def wait_until_it_accepts(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
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
