#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSockets on the wire: Python's `websockets` talks to FastAPI on uvicorn and
to brio. Each scenario is played with both, and what the client sees must be
the same. One TAP line per scenario.

usage: sockets.py [--preset PRESET]"""
import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests")]
from harness.serving import Server, free_port, run_inside  # noqa: E402

run_inside("wire", "-r", os.path.join(HERE, "requirements.txt"))

from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402
from websockets.sync.client import connect  # noqa: E402


def say(*texts, path="/items/5/ws?token=t", answers=1, **options):
    """Sends texts and yields what comes: messages, the end, a refusal."""
    def play(port):
        try:
            with connect(f"ws://127.0.0.1:{port}{path}", compression=None, **options) as ws:
                for text in texts:
                    ws.send(text)
                    for _ in range(answers):
                        yield ws.recv(timeout=20)
        except ConnectionClosed as end:
            yield end.rcvd and (end.rcvd.code, end.rcvd.reason)
        except InvalidStatus as refusal:
            response = refusal.response
            yield response.status_code, response.body
    return play


def fragments(port):
    with connect(f"ws://127.0.0.1:{port}/items/5/ws?token=t", compression=None) as ws:
        ws.send(["frag", "men", "ted"])
        yield ws.recv(timeout=20)
        ws.ping().wait(20)
        ws.send("é" * 70000)
        yield ws.recv(timeout=20)


def stopping(server):
    """What a client hears of when its server is told to stop."""
    with connect(f"ws://127.0.0.1:{server.port}/items/5/ws?token=t", compression=None) as ws:
        ws.send("x")
        yield ws.recv(timeout=20)
        server.process.send_signal(signal.SIGTERM)
        try:
            ws.recv(timeout=20)
        except ConnectionClosed as end:
            yield end.rcvd and end.rcvd.code


SCENARIOS = {
    "echo": say("a", "b", "", "☃"),
    "two answers each": say("a", "b", path="/items/5/ws?token=t&q=3", answers=2),
    "the handler closes": say("a", "bye"),
    "the handler fails": say("a", "fail"),
    "bytes where text is expected": say(b"\x00"),
    "no token": say("a", path="/items/5/ws"),
    "a path parameter that is not valid": say("a", path="/items/x/ws?token=t"),
    "a query parameter that is not valid": say("a", path="/items/5/ws?token=t&q=x"),
    "no such route": say("a", path="/nowhere"),
    "a route of HTTP": say("a", path="/text"),
    "fragments, a ping and a long message": fragments,
}
# What differs on purpose: (FastAPI's, brio's, why).
DELIBERATE = {
    "the handler fails": (["5 t: a", None], ["5 t: a", (1011, "")], "the client is told, not just cut off"),
    "bytes where text is expected": ([None], [(1003, "text expected")], "the client is told what it did wrong"),
}


def report(name, problems):
    print(f"{'not ok' if problems else 'ok'} - {name}")
    for problem in problems:
        print(f"#   {problem}")
    return bool(problems)


def main():
    preset = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "asan"
    fastapi = [sys.executable, "-m", "uvicorn", "--app-dir", HERE, "peer:app", "--log-level", "critical", "--no-access-log"]
    brio = [os.path.join(ROOT, "build", preset, "tests", "wire_app"), "--log-level", "critical"]
    failed = 0
    with Server(fastapi, free_port()) as theirs, Server(brio, free_port()) as ours:
        for name, play in SCENARIOS.items():
            got = [list(play(server.port)) for server in (theirs, ours)]
            want = list(DELIBERATE.get(name, (got[0], got[0]))[:2])
            failed += report(name, [] if got == want else [f"{t}, brio: {o}"[:600] for t, o in [got]])
        got = [list(stopping(server)) for server in (theirs, ours)]
        failed += report("the server stops", [] if got[0] == got[1] else [f"{got}"])
        clean = ours.process.wait(60)  # it was told already
    failed += report("brio stops cleanly", [] if clean == 0 else [f"exit status {clean}"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
