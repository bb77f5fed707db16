# SPDX-License-Identifier: MIT
"""Debian's redis-server, on a free port, with nothing on the disk."""
import subprocess
import tempfile
import time

from harness.serving import free_port


class Redis:
    """`with Redis() as redis`: redis.url; stop() and start() keep the port."""

    def __init__(self, host="127.0.0.1", password="", prefix=()):
        self.host, self.password, self.prefix = host, password, list(prefix)
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.process = None

    @property
    def url(self):
        return f"redis://{':' + self.password + '@' if self.password else ''}{self.host}:{self.port}/0"

    def start(self):
        command = [*self.prefix, "redis-server", "--port", str(self.port), "--bind", self.host, "--save", "",
                   "--appendonly", "no", "--dir", self.folder.name, "--protected-mode", "no"]
        if self.password:
            command += ["--requirepass", self.password]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit("not ok - redis-server does not start")
            time.sleep(0.02)

    def answers(self):
        ping = subprocess.run([*self.prefix, "redis-cli", "-h", self.host, "-p", str(self.port), "ping"],
                              capture_output=True, text=True)
        return "PONG" in ping.stdout or "NOAUTH" in ping.stdout

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()
