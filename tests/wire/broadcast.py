#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSockets in event style and messages from elsewhere, over real sockets: Python's
`websockets` as clients, and streams of HTTP/2 beside them; raw sockets, and windows that are not
opened, for those that do not read. On each back end. One TAP
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
from harness.serving import Server, free_port, run_inside  # noqa: E402

run_inside("wire", "-r", os.path.join(HERE, "requirements.txt"))

from websockets.exceptions import ConnectionClosed  # noqa: E402
from websockets.sync.client import connect  # noqa: E402
from harness.http2 import Client  # noqa: E402

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


class HalfRead:
    """Two sockets on a connection of HTTP/2. One is read all the time; the other's window is not opened."""

    def __init__(self, port, path):
        self.client = Client(port).settled()
        self.slow, self.fast = self.client.socket(path), self.client.socket(path)
        self.client.held.add(self.slow)
        self.client.h2.increment_flow_control_window(1 << 29)
        self.client.h2.increment_flow_control_window(1 << 29, self.fast)
        self.client.flush()
        self.client.until(lambda: all(s.status for s in self.client.streams.values()))
        assert [s.status for s in self.client.streams.values()] == [200, 200]
        self.got, self.rest, self.s, self.done = [], [], self, threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while not self.done.is_set() and not self.client.over:
            self.client.turn(0.02)
            self.got += [text.decode() for _, text in self.client.messages(self.fast)]

    def stop(self):
        """The connection is its caller's from here. What the fast one got."""
        self.done.set()
        self.reader.join(60)
        return self.got

    def settimeout(self, _):
        """It is read at last."""
        self.client.held.clear()
        if not self.client.streams[self.slow].over:
            self.client.h2.increment_flow_control_window(1 << 29, self.slow)
            self.client.flush()

    def frame(self):
        state = self.client.streams[self.slow]
        while not self.rest and not state.over and self.client.turn(2):
            self.rest = self.client.messages(self.slow)
        self.rest = self.rest or self.client.messages(self.slow)
        if not self.rest:
            raise ConnectionError("no more")
        return self.rest.pop(0)

    def close(self):
        self.client.close()


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


def half_over_h2(port, n=100):
    """Half of them are streams, ten on a connection: the same messages in the same order."""
    sockets = [client(port, "/oldest/x") for _ in range(n // 2)]
    clients = [Client(port).settled() for _ in range(n // 20)]
    streams = [(c, c.socket("/oldest/x")) for c in clients for _ in range(10)]
    for c, stream in streams:
        assert c.until(lambda: c.streams[stream].status == 200), c.streams[stream].status  # noqa: B023
    assert state(port)["seated"] == n
    want = [f"{i} " + "x" * i for i in range(20)]
    for text in want[:10]:
        clients[0].say(streams[0][1], json.dumps({"kind": "all", "text": text}).encode())
    sockets[0].ping().wait(20)
    assert [sockets[0].recv(timeout=30) for _ in range(10)] == want[:10]
    for text in want[10:]:
        sockets[0].send(json.dumps({"kind": "all", "text": text}))
    for ws in sockets:
        got = [ws.recv(timeout=30) for _ in range(10 if ws is sockets[0] else 20)]
        assert got == want[-len(got):], got
    for c, stream in streams:
        got = []
        c.until(lambda: got.extend(text.decode() for _, text in c.messages(stream)) or len(got) >= 20)  # noqa: B023
        assert got == want, got
    for c, stream in streams[1:]:
        c.say(stream, b"\x03\xe8", 8)
    clients[0].reset()
    for ws in sockets:
        ws.close_timeout = 0
        threading.Thread(target=ws.close).start()
    until(port, seated=0)
    for c in clients[1:]:
        c.close()


def with_a_slow_one(port, policy, kind):
    """What fast clients get, what the slow one gets, and the counters' change."""
    fast = [client(port, f"/{policy}/x") for _ in range(3)]
    slow = kind(port, f"/{policy}/x")
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
    if kind is HalfRead:
        end = time.monotonic() + 30
        while len(slow.got) < FLOOD and time.monotonic() < end:
            time.sleep(0.02)
        got.append(slow.stop())
    for messages in got:
        assert numbers(messages) == list(range(FLOOD)), f"{policy}: a fast client misses something"
    for ws in fast:
        ws.close()
    return slow, {k: after[k] - before[k] for k in after}


def until_the_end(slow, last=None):
    """Numbers of the messages that the slow client finds when it reads after all; `last`: none comes after it."""
    slow.s.settimeout(2)
    found = []
    try:
        while not found or found[-1] != last:
            found.append(int(slow.frame()[1].split()[1]))
        return found
    except (ConnectionError, TimeoutError):
        return found
    finally:
        slow.s.close()


def drop_newest(port, kind=Silent):
    slow, change = with_a_slow_one(port, "newest", kind)
    found = until_the_end(slow)
    assert found == list(range(len(found))) and len(found) < FLOOD, found
    assert change["dropped"] == FLOOD - len(found), (change, len(found))
    until(port, seated=0)


def drop_oldest(port, kind=Silent):
    slow, change = with_a_slow_one(port, "oldest", kind)
    found = until_the_end(slow, FLOOD - 1)
    assert found == sorted(found) and found[-1] == FLOOD - 1 and len(found) < FLOOD, found
    assert change["dropped"] == FLOOD - len(found), (change, len(found))
    until(port, seated=0)


def coalesce(port, kind=Silent):
    slow, change = with_a_slow_one(port, "coalesce", kind)
    found = until_the_end(slow)
    assert sorted(found[-4:]) == list(range(FLOOD - 4, FLOOD)), found[-8:]
    assert change["coalesced"] == change["dropped"] == FLOOD - len(found), (change, len(found))
    until(port, seated=0)


def disconnect(port, kind=Silent):
    slow, change = with_a_slow_one(port, "disconnect", kind)
    assert change["disconnected"] == 1 and change["seated"] == -1 and change["closes"] == 1, change
    found = until_the_end(slow)
    assert len(found) < FLOOD and found == list(range(len(found))), found
    until(port, seated=0)


def slow_streams(port):
    """The same by HTTP/2: a stream's window counts, and its connection goes on."""
    for play in (drop_newest, drop_oldest, coalesce, disconnect):
        play(port, HalfRead)


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


SCENARIOS = [order, everybody, half_over_h2, drop_newest, drop_oldest, coalesce, disconnect, slow_streams, gone_meanwhile,
             gone_while_it_sleeps]


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
