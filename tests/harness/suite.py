# SPDX-License-Identifier: MIT
"""What suites share beside their servers: TAP lines, certificates, the back ends of this
machine, and threads that run beside a case."""
import contextlib
import subprocess
import threading
import time

# So that memory that was freed does not look like growth.
FRUGAL = {"ASAN_OPTIONS": "detect_stack_use_after_return=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=16"}

failures = 0


def report(name, problem=None):
    """A TAP line. None, False and an empty list say that all is well; whatever else is shown."""
    global failures
    wrong = problem is not None and problem is not False and problem != []
    failures += wrong
    print(f"{'not ok' if wrong else 'ok'} - {name}", flush=True)
    if wrong:
        lines = problem[:10] if isinstance(problem, list) else str(problem).splitlines()[-30:]
        print("\n".join(f"# {line}" for line in lines)[:3000], flush=True)


def stopped(server):
    """What is wrong with how it stops."""
    code = server.stop()
    return [f"exit status {code}", *server.output().splitlines()[-9:]] if code else []


def certificate(folder):
    """cert.pem, which vouches for itself, and key.pem; the flags of a server that has them."""
    done = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                           "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=localhost",
                           "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"not ok - certificate\n# {done.stderr}")
    return ["--ssl-certfile", f"{folder}/cert.pem", "--ssl-keyfile", f"{folder}/key.pem"]


def backends(start):
    """epoll, and uring where the kernel lets us: start(backend) is a server's context."""
    with contextlib.suppress(SystemExit):
        with start("uring"):
            return ["epoll", "uring"]
    print("# no io_uring here")
    return ["epoll"]


def settles(look, want, seconds=20):
    """True once look() is `want`."""
    end = time.monotonic() + seconds
    while look() != want:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Beside(threading.Thread):
    """Runs beside a case until it is `done`, and keeps what was not right."""

    def __init__(self):
        super().__init__(daemon=True)
        self.wrong, self.done = [], threading.Event()

    def finish(self):
        self.done.set()
        self.join(60)
        if self.is_alive():
            self.wrong.append("it goes on for ever")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.finish()
