#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSocket clients that reset, half-close, close or stall at every stage of the
handshake, of a frame, of a message and of the goodbye; frames that no client may send;
floods of those that cost little to send. On each back end, against both kinds of
handler. Others are served all the time, no descriptor and no memory is left over, and
the server stops cleanly. One TAP line per case.

usage: websockets.py [--preset PRESET] [--rounds N]"""
import argparse
import os
import struct
import sys
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "interop")]
import run  # noqa: E402
from harness import suite  # noqa: E402
from harness.suite import Beside, backends, report, settles, stopped  # noqa: E402
from run import HANDSHAKE, LISTENING, Bystander, Peer, at_once, resident, sockets  # noqa: E402
from websocket_cases import Client, frame  # noqa: E402

# Bystanders may be slow themselves, with a flood in the same process: their connections are kept.
LIMITS = [*run.LIMITS, "--timeout-keep-alive", "60", "--ws-ping-interval", "2", "--ws-ping-timeout", "3", "--ws-close-timeout", "1",
          "--ws-max-size", "1M"]
CLOSE = frame(0x88, b"\x03\xe8")
PATHS = ("/ws", "/events")


def asked(path):
    return HANDSHAKE.replace(b"/ws ", path.encode() + b" ")


def upgraded(peer, path="/ws", more=b""):
    peer.say(asked(path) + more)
    assert " 101 " in peer.head()


def packed_handshake(path):
    return asked(path).replace(b"\r\n\r\n", b"\r\nsec-websocket-extensions: permessage-deflate\r\n\r\n")


def begun_packed(peer, path):
    peer.say(packed_handshake(path))
    assert "permessage-deflate" in peer.head()
    peer.say(frame(0x41, zlib.compress(os.urandom(9000))[2:]))


def after(data):
    """A stage: the handshake, and then these bytes."""
    return lambda peer, path: upgraded(peer, path, data)


def unread(peer, path):
    """Echoes that it does not read, until the server reads no more of it."""
    upgraded(peer, path)
    peer.sock.settimeout(0.2)
    try:
        for _ in range(2000):
            peer.say(frame(0x82, b"x" * 10000))
    except TimeoutError:
        pass


BIG = frame(0x82, b"x" * 1000)
UNREAD = "echoes that are not read"
STAGES = {
    "half a handshake": lambda peer, path: peer.say(asked(path)[:70]),
    "a handshake whose answer is not read": lambda peer, path: peer.say(asked(path)),
    "frames behind an unread answer": lambda peer, path: peer.say(asked(path) + BIG * 3),
    "a byte of a frame": after(b"\x82"),
    "a frame without its length": after(b"\x82\xfe\x01"),
    "a frame without half its mask": after(BIG[:6]),
    "half a frame": after(BIG[:500]),
    "half a message": after(frame(0x01, b"half")),
    "half a message and a ping": after(frame(0x01, b"half") + frame(0x89, b"ping")),
    "half a message and half a ping": after(frame(0x01, b"half") + frame(0x89, b"ping")[:8]),
    "half a compressed message": begun_packed,
    "half a character": after(frame(0x01, b"\xf0\x9f")),
    "a message and half of one": after(BIG + BIG[:500]),
    UNREAD: unread,
    "half a close": after(CLOSE[:5]),
    "behind a close": after(CLOSE),
    "a message behind a close": after(CLOSE + BIG),
    "half a message, then a close": after(frame(0x01, b"half") + CLOSE),
    "the server's close": lambda peer, path: upgraded(peer, "/brief"),
    "half an answer to the server's close": lambda peer, path: upgraded(peer, "/brief", CLOSE[:4]),
}


def suffer(port, stage, path, fate):
    """None, or what went wrong. Nobody stays for ever: pings find those that are silent."""
    try:
        peer = Peer(port, small=stage == UNREAD)
        STAGES[stage](peer, path)
        time.sleep(0.05)  # it is in that stage by then, most likely: any order must do
        ended = run.FATES[fate](peer, False)
        peer.sock.close()
        return None if ended else "the connection did not end"
    except OSError as error:
        return None if stage == UNREAD else repr(error)  # it was cut off before its fate came
    except Exception as error:  # whatever it is, it is told
        return repr(error)


# ---- What others see ----------------------------------------------------------------

class Talker(Beside):
    """Sends messages all the time, and keeps what did not come back."""

    def __init__(self, port, path):
        super().__init__()
        self.client, self.said = Client(port, path), 0

    def run(self):
        try:
            while not self.done.wait(0.01):
                text = b"message %d" % self.said
                self.client.sock.sendall(frame(0x81, text))
                got = self.answer()
                if got != (0x81, text):
                    self.wrong.append(f"{got} instead of {text}")
                self.said += 1
            self.client.sock.sendall(CLOSE)
            assert self.answer() == (0x88, b"\x03\xe8") and self.client.ended()
        except Exception as error:
            self.wrong.append(repr(error))

    def answer(self):
        """The next frame but for pings, which come if this process had no time to talk."""
        while (got := self.client.frame())[0] == 0x89:
            self.client.sock.sendall(frame(0x8A, got[1]))
        return got

    def __exit__(self, *_):
        self.finish()
        self.client.sock.close()


def beside(server, play):
    """What play(port) returns while others talk, and what they saw."""
    with Bystander(server.port) as bystander, Talker(server.port, "/ws") as one, Talker(server.port, "/events") as two:
        def served():
            return bystander.asked, one.said, two.said

        begun = settles(lambda: all(served()), True)
        found, then = play(server.port), served()
        went_on = settles(lambda: all(now > before for now, before in zip(served(), then)), True)
    wrong = [f"{who}: {text}" for who, seen in (("HTTP", bystander), ("/ws", one), ("/events", two)) for text in seen.wrong]
    return found, wrong + ([] if begun and went_on else [f"they are not served any more: {then}, {served()}"])


def judge(name, server, play):
    found, wrong = beside(server, play)
    report(name, found)
    report(f"{name}: others are served", wrong)


# ---- Cases ----------------------------------------------------------------------------

def matrix(port):
    jobs = [(suffer, port, stage, path, fate) for stage in STAGES for path in PATHS for fate in run.FATES]
    return [f"{stage}, {path}, {fate}: {text}" for (_, _, stage, path, fate), text in zip(jobs, at_once(jobs)) if text]


def raw(first, length, mask=b"\0\0\0\0"):
    """The head of a frame, as nobody would write it."""
    return bytes([first]) + length + mask


BAD = {  # name: (what is sent, the code that comes back)
    "no mask": (b"\x81\x05hello", 1002),
    "no mask on a ping": (b"\x89\x00", 1002),
    "a length of 2^63": (raw(0x82, b"\xff\x80" + bytes(7)), 1002),
    "a length of 2^64 - 1": (raw(0x82, b"\xff" * 9), 1002),
    "a length of 2^63 - 1": (raw(0x82, b"\xff\x7f" + b"\xff" * 7), 1009),
    "a continuation of 2^63 - 1": (frame(0x02, b"x") + raw(0x80, b"\xff\x7f" + b"\xff" * 7), 1009),
    "a ping of 2^63 - 1": (raw(0x89, b"\xff\x7f" + b"\xff" * 7), 1002),
    "7 bits in 16": (raw(0x82, b"\xfe\x00\x7d"), 1002),
    "16 bits in 64": (raw(0x82, b"\xff" + struct.pack(">Q", 65535)), 1002),
    "a byte beyond the limit": (raw(0x82, b"\xff" + struct.pack(">Q", (1 << 20) + 1)), 1009),
    "fragments beyond the limit": (frame(0x02, b"x" * 600000) + frame(0x80, b"x" * 600000), 1009),
    "compressed without agreement": (frame(0xC1, b"x"), 1002),
}


def bad_frames(port):
    wrong = []
    for path in PATHS:
        for name, (data, code) in BAD.items():
            client = Client(port, path)
            client.sock.sendall(data)
            try:
                first, payload = client.frame()
                told = (first, int.from_bytes(payload[:2], "big"))
                if told != (0x88, code) or not client.ended():
                    wrong.append(f"{name}, {path}: {told}")
            except OSError as error:
                wrong.append(f"{name}, {path}: {error!r}")
            client.sock.close()
    return wrong


def bombs(port):
    """A message of 64 MiB in 64 KiB: refused at the limit."""
    pack = zlib.compressobj(9, wbits=-15)
    bomb = pack.compress(bytes(64 << 20)) + pack.flush(zlib.Z_SYNC_FLUSH)
    wrong = []
    for path in PATHS:
        client = Client(port, path, "permessage-deflate")
        client.sock.sendall(frame(0xC2, bomb[:-4]))
        first, payload = client.frame()
        if (first, int.from_bytes(payload[:2], "big")) != (0x88, 1009):
            wrong.append(f"{path}: {first:02x} {payload[:20]!r}")
        client.sock.close()
    return wrong


def flood(port, path, data, reads):
    """Sends `data` for a second or as long as it is taken; ends with a reset."""
    client = Client(port, path)
    if reads:
        threading.Thread(target=swallow, args=(client.sock,), daemon=True).start()
    client.sock.settimeout(1)
    end = time.monotonic() + 1
    try:
        while time.monotonic() < end:
            client.sock.sendall(data)
    except OSError:
        pass
    run.reset(client, None)


def swallow(sock):
    try:
        while sock.recv(1 << 16):
            pass
    except (OSError, ValueError):
        pass


FLOODS = {
    "pings": frame(0x89, b"x" * 125) * 500,
    "pongs": frame(0x8A, b"x" * 125) * 500,
    "empty messages": frame(0x81, b"") * 2000,
    "small messages": frame(0x81, b"x") * 2000,
}
ENDLESS = frame(0x00, b"") * 5000  # of a message that was begun: no byte of it ever comes


def floods(port):
    jobs = [(flood, port, path, data, reads) for data in FLOODS.values() for path in PATHS for reads in (False, True)]
    at_once(jobs)
    at_once([(endless, port, path) for path in PATHS])
    return []


def endless(port, path):
    client = Client(port, path)
    client.sock.settimeout(1)
    client.sock.sendall(frame(0x01, b""))
    end = time.monotonic() + 1
    try:
        while time.monotonic() < end:
            client.sock.sendall(ENDLESS)
    except OSError:
        pass
    run.reset(client, None)


def backend_cases(args, backend):
    with run.start(args, backend=backend, limits=LIMITS) as server:
        pid = server.process.pid
        Peer(server.port).ask("/now/1")
        sizes = []
        for n in range(args.rounds):
            judge(f"{backend}: every stage and fate, round {n + 1}", server, matrix)
            settles(lambda: sockets(pid), LISTENING)
            sizes.append(resident(pid))
        judge(f"{backend}: frames that no client may send", server, bad_frames)
        judge(f"{backend}: bombs", server, bombs)
        judge(f"{backend}: floods", server, floods)
        left = [] if settles(lambda: sockets(pid), LISTENING) else [str(run.links(pid))]
        report(f"{backend}: no descriptor is left over", left)
        grown = sizes[-1] - sizes[0]
        report(f"{backend}: memory stays", [f"grew by {grown} bytes: {sizes}"] if grown > 24 << 20 else [])
        peak = resident(pid)
        report(f"{backend}: and is bounded", [f"{peak} bytes"] if peak > 400 << 20 else [])
        report(f"{backend}: a clean stop", stopped(server))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    args.app = os.path.join(run.ROOT, "build", args.preset, "tests", "faults_app")
    for backend in backends(lambda backend: run.start(args, backend=backend)):
        backend_cases(args, backend)
    return 1 if suite.failures else 0


if __name__ == "__main__":
    sys.exit(main())
