# SPDX-License-Identifier: MIT
"""Debian's redis-server, on a free port, with nothing on the disk."""
import subprocess
import tempfile
import time

from harness.serving import free_port


class Redis:
    """`with Redis() as redis`: redis.url; stop() and start() keep the port. `tls`:
    files with certificate, key and CA; then it speaks nothing else."""

    def __init__(self, host="127.0.0.1", password="", tls=()):
        self.host, self.password, self.tls = host, password, list(tls)
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.process = None

    @property
    def url(self):
        return f"redis{'s' if self.tls else ''}://{':' + self.password + '@' if self.password else ''}{self.host}:{self.port}/0"

    def start(self):
        command = ["redis-server", "--port", str(0 if self.tls else self.port), "--bind", self.host, "--save", "",
                   "--appendonly", "no", "--dir", self.folder.name, "--protected-mode", "no"]
        if self.password:
            command += ["--requirepass", self.password]
        if self.tls:
            names = ("--tls-cert-file", "--tls-key-file", "--tls-ca-cert-file")
            command += ["--tls-port", str(self.port), "--tls-auth-clients", "no"]
            command += [part for pair in zip(names, self.tls) for part in pair]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit("not ok - redis-server does not start")
            time.sleep(0.02)

    def answers(self):
        tls = ["--tls", "--cacert", self.tls[2]] if self.tls else []
        ping = subprocess.run(["redis-cli", *tls, "-h", self.host, "-p", str(self.port), "ping"],
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
