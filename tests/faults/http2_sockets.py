#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSockets on streams of HTTP/2 (RFC 8441) whose clients reset the stream, end their
side or stall, at every stage; and connections that go with all their sockets. The other
streams of the same connection, sockets among them, are served all the time. One TAP line
per case.

usage: http2_sockets.py [--preset PRESET]"""
import argparse
import itertools
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "interop"), os.path.join(ROOT, "tests")]
from harness.serving import run_inside  # noqa: E402

run_inside("h2", "-r", os.path.join(ROOT, "tests", "interop", "http2_requirements.txt"))

import run  # noqa: E402
from harness.http2 import Client  # noqa: E402
from harness import suite  # noqa: E402
from harness.suite import backends, report, settles, stopped  # noqa: E402
from run import LISTENING, sockets  # noqa: E402
from websocket_cases import frame  # noqa: E402

LIMITS = [*run.LIMITS, "--timeout-keep-alive", "60", "--ws-ping-interval", "2", "--ws-ping-timeout", "3",
          "--ws-close-timeout", "1"]
BIG, CLOSE = frame(0x82, b"x" * 1000), frame(0x88, b"\x03\xe8")
STAGES = {  # name: (path, what is sent behind the handshake)
    "the handshake": ("/ws", b""),
    "the handshake, events": ("/events", b""),
    "half a frame": ("/ws", BIG[:500]),
    "half a frame, events": ("/events", BIG[:500]),
    "half a message": ("/ws", frame(0x01, b"half")),
    "half a message and half a ping, events": ("/events", frame(0x01, b"half") + frame(0x89, b"ping")[:8]),
    "a message and half of one": ("/ws", BIG + BIG[:500]),
    "behind a close": ("/ws", CLOSE),
    "behind a close, events": ("/events", CLOSE),
    "the server's close": ("/brief", b""),
    "half an answer to the server's close": ("/brief", CLOSE[:4]),
}


def say(client, stream, data, end=False):
    client.h2.send_data(stream, data, end_stream=end)
    client.flush()


def cancel(client, stream):
    """Over at once, whatever the server was about to say."""
    if client.streams[stream].reset is None:
        client.cancel(stream)
    return True


def half_close(client, stream):
    if client.streams[stream].reset is None:
        say(client, stream, b"", end=True)
    return client.until(lambda: client.streams[stream].over)


FATES = {"reset": cancel, "half-close": half_close}


def talk(client, stream, text):
    """None, or what is wrong with an echo."""
    body = client.streams[stream].body
    want = bytes([0x81, len(text)]) + text
    body.clear()
    say(client, stream, frame(0x81, text))
    client.until(lambda: len(body) >= len(want) or client.streams[stream].over)
    return None if body == want else f"{text}: {bytes(body)!r}"


def opened(client, path, data=b""):
    """A socket's stream, and what is sent on it."""
    stream = client.socket(path)
    client.until(lambda: client.streams[stream].status is not None)
    assert client.streams[stream].status == 200, client.streams[stream].status
    if data:
        say(client, stream, data)
    return stream


def others(client, talkers, i):
    """What is wrong with the other streams of the connection."""
    wrong = [talk(client, stream, b"message %d" % i) for stream in talkers]
    return wrong + ([] if client.ask(f"/now/{i}") == (200, b"now %d" % i) else [f"request {i}"])


def streams(port):
    """Stage after stage on one connection; between them others on it are asked."""
    wrong = []
    with Client(port).settled() as client:
        talkers = [opened(client, path) for path in ("/ws", "/events")]
        for i, (stage, fate) in enumerate(itertools.product(STAGES, FATES)):
            if not FATES[fate](client, opened(client, *STAGES[stage])):
                wrong.append(f"{stage}, {fate}: the stream does not end")
            wrong += others(client, talkers, i)
    return [text for text in wrong if text]


def stalls(port):
    """All stages at once. Silence is found by pings, and a close that is not answered by its
    own time: the server has ended its side long before, and cuts the stream."""
    wrong, i = [], 0
    with Client(port).settled() as client:
        talkers = [opened(client, path) for path in ("/ws", "/events")]
        left = {opened(client, *what): stage for stage, what in STAGES.items()}
        end = time.monotonic() + 30
        while left and time.monotonic() < end:
            wrong += others(client, talkers, i)
            client.turn(0.1)
            left = {stream: stage for stream, stage in left.items() if client.streams[stream].reset is None}
            i += 1
    return [text for text in wrong if text] + [f"{stage}: the stream is not cut" for stage in left.values()]


def connections(port):
    """Each with a socket in every stage; gone, by and by and at once."""
    for gone in ("close", "reset"):
        for _ in range(10):
            client = Client(port).settled()
            for path, data in STAGES.values():
                opened(client, path, data)
            getattr(client, gone)()
    with Client(port).settled() as client:
        wrong = talk(client, opened(client, "/events"), b"hello")
        return [wrong] if wrong else []


def returning(port):
    """Handlers return all the time while their connections go: in any order."""
    for gone in ("close", "reset"):
        for _ in range(30):
            client = Client(port).settled()
            slow = [opened(client, "/slow") for _ in range(30)]
            for stream in slow:
                say(client, stream, BIG)
            getattr(client, gone)()
    with Client(port).settled() as client:
        wrong = talk(client, opened(client, "/slow"), b"hello")
        return [wrong] if wrong else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    args = parser.parse_args()
    args.app = os.path.join(ROOT, "build", args.preset, "tests", "faults_app")
    for backend in backends(lambda backend: run.start(args, backend=backend)):
        with run.start(args, backend=backend, limits=LIMITS) as server:
            report(f"{backend}: sockets on streams, every stage and fate", streams(server.port))
            report(f"{backend}: streams that stall", stalls(server.port))
            report(f"{backend}: connections that go with their sockets", connections(server.port))
            report(f"{backend}: handlers that return as their connection goes", returning(server.port))
            left = [] if settles(lambda: sockets(server.process.pid), LISTENING) else [str(run.links(server.process.pid))]
            report(f"{backend}: no descriptor is left over", left)
            report(f"{backend}: a clean stop", stopped(server))
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
