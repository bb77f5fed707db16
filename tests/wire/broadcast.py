#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSockets in event style and messages from elsewhere, over real sockets: Python's
`websockets` as clients, raw sockets for those that do not read. On each back end. One TAP
line per scenario.

usage: broadcast.py [--preset PRESET]"""
import base64
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests")]
from harness.serving import Server, free_port, python_env  # noqa: E402

PYTHON = python_env("wire", "-r", os.path.join(HERE, "requirements.txt"))
if os.path.realpath(sys.prefix) != os.path.realpath(os.path.dirname(os.path.dirname(PYTHON))):
    os.execv(PYTHON, [PYTHON, *sys.argv])

from websockets.exceptions import ConnectionClosed  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

FLOOD, SIZE = 400, 20_000


def client(port, path):
    return connect(f"ws://127.0.0.1:{port}{path}", compression=None, max_size=None)


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def state(port):
    return get(port, "/state")


def until(port, **want):
    """The state, when it is as wanted; or at last."""
    for _ in range(400):
        now = state(port)
        if all(now[k] == v for k, v in want.items()):
            return now
        time.sleep(0.02)
    raise AssertionError(f"{want} never came: {now}")


class Silent:
    """A client that has shaken hands and reads nothing, with little room."""

    def __init__(self, port, path):
        self.s = socket.socket()
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.s.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.s.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head

    def take(self, n):
        data = b""
        while len(data) < n:
            more = self.s.recv(n - len(data))
            if not more:
                raise ConnectionError("the end")
            data += more
        return data

    def frame(self):
        first, second = self.take(2)
        n = second & 0x7F
        if n > 125:
            n = int.from_bytes(self.take(2 if n == 126 else 8), "big")
        return first & 15, self.take(n)

    def reset(self):
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.s.close()


def say(text, nap=0):
    return json.dumps({"kind": "say", "text": text, "nap": nap})


def numbers(messages):
    return [int(m.split()[1]) for m in messages]


# ---- Scenarios -------------------------------------------------------------------

def order(port):
    with client(port, "/oldest/x") as ws:
        for i in range(20):
            ws.send(say(str(i), nap=20 if i in (3, 7) else 0))
        assert [ws.recv(timeout=20) for _ in range(20)] == [str(i) for i in range(20)]
        ws.send('{"kind":"shout"}')
        problem = json.loads(ws.recv(timeout=20))["detail"][0]
        assert problem["type"] == "union_tag_invalid", problem
        ws.ping().wait(20)
    now = until(port, seated=0, closes=1)
    assert now["last_code"] == 1000, now


def everybody(port, n=1000):
    sockets = [client(port, "/oldest/x") for _ in range(n)]
    assert state(port)["seated"] == n
    sockets[0].send(json.dumps({"kind": "all", "text": "hello", "times": 3}))
    for ws in sockets:
        assert [ws.recv(timeout=30) for _ in range(3)] == ["hello"] * 3
    for ws in sockets:
        ws.close_timeout = 0
        threading.Thread(target=ws.close).start()
    until(port, seated=0)


def with_a_slow_one(port, policy):
    """What fast clients get, what the slow one gets, and the counters' change."""
    fast = [client(port, f"/{policy}/x") for _ in range(3)]
    slow = Silent(port, f"/{policy}/x")
    got = [[] for _ in fast]

    def read(i):
        while len(got[i]) < FLOOD:
            got[i].append(fast[i].recv(timeout=60))
    threads = [threading.Thread(target=read, args=(i,)) for i in range(len(fast))]
    for t in threads:
        t.start()
    before = state(port)
    get(port, f"/flood?times={FLOOD}&bytes={SIZE}&keys=4")
    for t in threads:
        t.join(60)
    after = state(port)
    for messages in got:
        assert numbers(messages) == list(range(FLOOD)), f"{policy}: a fast client misses something"
    for ws in fast:
        ws.close()
    return slow, {k: after[k] - before[k] for k in after}


def until_the_end(slow):
    """Numbers of the messages that the slow client finds when it reads after all."""
    slow.s.settimeout(2)
    found = []
    try:
        while True:
            found.append(int(slow.frame()[1].split()[1]))
    except (ConnectionError, TimeoutError):
        return found
    finally:
        slow.s.close()


def drop_newest(port):
    slow, change = with_a_slow_one(port, "newest")
    found = until_the_end(slow)
    assert found == list(range(len(found))) and len(found) < FLOOD, found
    assert change["dropped"] == FLOOD - len(found), (change, len(found))
    until(port, seated=0)


def drop_oldest(port):
    slow, change = with_a_slow_one(port, "oldest")
    found = until_the_end(slow)
    assert found == sorted(found) and found[-1] == FLOOD - 1 and len(found) < FLOOD, found
    assert change["dropped"] == FLOOD - len(found), (change, len(found))
    until(port, seated=0)


def coalesce(port):
    slow, change = with_a_slow_one(port, "coalesce")
    found = until_the_end(slow)
    assert sorted(found[-4:]) == list(range(FLOOD - 4, FLOOD)), found[-8:]
    assert change["coalesced"] == change["dropped"] == FLOOD - len(found), (change, len(found))
    until(port, seated=0)


def disconnect(port):
    slow, change = with_a_slow_one(port, "disconnect")
    assert change["disconnected"] == 1 and change["seated"] == -1, change
    now = until(port, seated=0)
    assert change["closes"] == 1, (change, now)
    found = until_the_end(slow)
    assert len(found) < FLOOD and found == list(range(len(found))), found


def gone_meanwhile(port):
    here = [Silent(port, "/oldest/x") for _ in range(50)]

    def leave():
        for i, s in enumerate(here):
            time.sleep(0.002)
            s.reset() if i % 2 else s.s.close()
    t = threading.Thread(target=leave)
    t.start()
    get(port, f"/flood?times={FLOOD}&bytes=5000")
    t.join()
    now = until(port, seated=0)
    assert now["last_code"] == 1006, now


def gone_while_it_sleeps(port):
    before = state(port)["closes"]
    ws = client(port, "/oldest/x")
    ws.send(say("x", nap=100))
    ws.send(say("y"))
    ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    ws.socket.close()
    until(port, seated=0, closes=before + 1)


def stopping(server):
    with client(server.port, "/oldest/x") as ws, client(server.port, "/oldest/x") as busy:
        busy.send(say("late", nap=200))
        ws.send(say("x"))
        assert ws.recv(timeout=20) == "x"
        server.process.send_signal(signal.SIGTERM)
        assert busy.recv(timeout=20) == "late"
        for one in (ws, busy):
            try:
                one.recv(timeout=20)
            except ConnectionClosed as end:
                assert end.rcvd and end.rcvd.code == 1012, end


SCENARIOS = [order, everybody, drop_newest, drop_oldest, coalesce, disconnect, gone_meanwhile, gone_while_it_sleeps]


def report(name, play, *args):
    try:
        play(*args)
    except Exception as e:  # noqa: BLE001
        print(f"not ok - {name}\n#   {type(e).__name__}: {str(e)[:600]}", flush=True)
        return 1
    print(f"ok - {name}", flush=True)
    return 0


def clean(server):
    assert server.process.wait(60) == 0, f"exit status {server.process.returncode}"


def main():
    preset = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "asan"
    app = [os.path.join(ROOT, "build", preset, "tests", "wire_broadcast"), "--log-level", "critical"]
    failed = 0
    for backend in ("epoll", "uring"):
        with Server([*app, "--backend", backend], free_port()) as server:
            for play in SCENARIOS:
                failed += report(f"{backend}: {play.__name__.replace('_', ' ')}", play, server.port)
            failed += report(f"{backend}: the server stops", stopping, server)
            failed += report(f"{backend}: it stops cleanly", clean, server)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
