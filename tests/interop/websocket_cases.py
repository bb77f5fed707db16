#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The cases of Autobahn|Testsuite for machines that cannot run it (autobahn.py): a raw
client of tests/interop/sockets.c, in Python's standard library.

Sections 1 to 7 and 10 are tests/data/websocket/cases.txt, each line sent whole, frame by
frame and byte by byte. Sections 12 and 13 are here: every size of message and of
fragment with every offer of permessage-deflate and several sorts of data, with the other
side's zlib. On each back end, with each kind of handler.

usage: websocket_cases.py [--preset PRESET] [--backend epoll|uring] [--messages N]"""
import argparse
import base64
import hashlib
import itertools
import os
import random
import re
import socket
import struct
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

TABLE = os.path.join(ROOT, "tests", "data", "websocket", "cases.txt")
GOODBYE = b"\x03\xe8"
MODES = ("whole", "frame by frame", "byte by byte")
BYTEWISE_MOST = 2000  # bytes: more would only take longer
chance = random.Random(5)  # fixed: masks and data are the same in every run


# ---- A client ----------------------------------------------------------------------

def masked(payload, key):
    n = len(payload)
    pad = (key * (n // 4 + 1))[:n]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(n, "big") if n else b""


def frame(first, payload, announced=None):
    n = len(payload) if announced is None else announced
    head = bytes([first])
    if n < 126:
        head += bytes([0x80 | n])
    elif n < 65536:
        head += b"\xfe" + struct.pack(">H", n)
    else:
        head += b"\xff" + struct.pack(">Q", n)
    key = chance.randbytes(4)
    return head + key + masked(payload, key)


class Client:
    """A connection that has shaken hands; `extensions` is what the server has agreed to."""

    def __init__(self, port, path, offer=None):
        self.sock = socket.create_connection(("127.0.0.1", port), 60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        key = base64.b64encode(chance.randbytes(16)).decode()
        extensions = f"Sec-WebSocket-Extensions: {offer}\r\n" if offer else ""
        self.sock.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{extensions}\r\n".encode())
        head = self.until(b"\r\n\r\n").decode()
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
        headers = {name.lower(): value for name, value in re.findall(r"(.*): (.*)\r\n", head)}
        assert head.startswith("HTTP/1.1 101 ") and headers["sec-websocket-accept"] == accept.decode(), head
        self.extensions = headers.get("sec-websocket-extensions", "")

    def until(self, end):
        while end not in self.rest:
            self.rest += self.more()
        head, self.rest = self.rest.split(end, 1)
        return head + end

    def more(self):
        data = self.sock.recv(1 << 18)
        if not data:
            raise ConnectionError("the end instead of a frame")
        return data

    def take(self, n):
        if len(self.rest) < n:
            parts = [self.rest]
            have = len(self.rest)
            while have < n:
                parts.append(self.more())
                have += len(parts[-1])
            self.rest = b"".join(parts)
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def frame(self):
        """(first byte, payload); no mask, and the shortest form of the length."""
        first, n = self.take(2)
        if n >= 126:
            size = 2 if n == 126 else 8
            n = int.from_bytes(self.take(size), "big")
            assert n >= (126 if size == 2 else 65536), f"a length of {n} in {size} bytes"
        return first, self.take(n)

    def message(self):
        """(first byte of its first frame without FIN, payload)."""
        first, payload = self.frame()
        last, parts = first, [payload]
        while not last & 0x80:
            last, payload = self.frame()
            assert last & 0x7F == 0, f"{last:02x} inside a message"
            parts.append(payload)
        return first | 0x80, b"".join(parts)

    def ended(self):
        """The server has ended the connection, in order."""
        return not self.rest and self.sock.recv(1) == b""


# ---- The table ---------------------------------------------------------------------

def payload_of(text):
    head, quote, tail = text.partition("'")
    digits, _, times = head.partition("*")
    data = bytes.fromhex(digits)
    return data * int(times) if times else data + tail.replace("_", " ").encode()


def frames_of(text):
    """[(first byte, announced length or None, payload)]"""
    frames = []
    for token in text.split():
        head, _, payload = token.partition(":")
        first, _, announced = head.partition("+")
        times = 1
        if "'" not in payload and "x" in payload:
            payload, times = payload.split("x")
        frames += [(int(first, 16), int(announced) if announced else None, payload_of(payload))] * int(times)
    return frames


def cases():
    with open(TABLE) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                names, sent, want = (field.strip() for field in line.rstrip("\n").split("|"))
                want, _, code = want.partition("close:")
                yield names.split(), frames_of(sent), [(f, p) for f, _, p in frames_of(want)], int(code or 0)


def send(client, frames, mode):
    data = [frame(first, payload, announced) for first, announced, payload in frames]
    if mode == "whole":
        data = [b"".join(data)]
    elif mode == "byte by byte":
        data = [bytes([byte]) for byte in b"".join(data)]
    for piece in data:
        client.sock.sendall(piece)


def play(port, path, frames, want, code, mode):
    client = Client(port, path)
    send(client, frames, mode)
    for i, expected in enumerate(want):
        got = client.message()
        assert got == expected, f"answer {i + 1} is {got[0]:02x} {got[1][:40]!r}"
    if not code:
        client.sock.sendall(frame(0x88, GOODBYE))
    first, payload = client.frame()
    told = int.from_bytes(payload[:2], "big") if payload else 1005
    assert first == 0x88 and told == (code or 1000), f"{first:02x} {payload[:40]!r} instead of a close"
    assert client.ended(), "the server does not end the connection"
    client.sock.close()


def table(port, path):
    """What is wrong, and how many cases were played."""
    wrong, numbers = [], set()
    for names, frames, want, code in cases():
        size = sum(len(payload) for _, _, payload in frames)
        for mode in MODES:
            if mode == "byte by byte" and size > BYTEWISE_MOST:
                continue
            try:
                play(port, path, frames, want, code, mode)
            except (AssertionError, OSError) as error:
                wrong.append(f"{' '.join(names)}, {mode}: {error!r}")
        numbers.update(names)
    return wrong, len(numbers)


# ---- Compression -------------------------------------------------------------------

SIZES = [(n, 0) for n in (16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072)]
SIZES += [(n, 256) for n in (8192, 16384, 32768, 65536, 131072)]
SIZES += [(131072, n) for n in (1024, 4096, 32768)]
OFFERS = [
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate",
    "permessage-deflate; server_no_context_takeover",
    "permessage-deflate; server_max_window_bits=9",
    "permessage-deflate; server_max_window_bits=15; client_max_window_bits=9",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_max_window_bits=15",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, "
    "permessage-deflate; server_no_context_takeover, permessage-deflate",
]
WORDS = [bytes(chance.choices(b"abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(400)]
POOL = 1 << 18  # bytes of each sort that messages are cut out of
DATA = {  # sort: (first byte of its frames, the pool)
    "text": (0x81, b" ".join(chance.choices(WORDS, k=POOL // 2))),
    "JSON": (0x81, b",".join(b'{"x":%d}' % chance.randrange(10**6) for _ in range(POOL // 6))),
    "one letter": (0x81, b"a" * POOL),
    "noise": (0x82, chance.randbytes(POOL)),
    "an image": (0x82, bytes((i * i // 300) & 255 for i in range(POOL))),
}
# Every sort with the usual offer, every offer with text.
TALKS = [(sort, OFFERS[0]) for sort in DATA] + [("text", offer) for offer in OFFERS[1:]]


def cut_out(pool, n):
    at = chance.randrange(POOL - n)
    return pool[at:at + n]


def parameters(extensions):
    """{name: value} of what was agreed on; fails for anything that is no answer to one offer."""
    name, *rest = (part.strip() for part in extensions.split(";"))
    assert name == "permessage-deflate", extensions
    found = dict(part.partition("=")[::2] for part in rest)
    assert len(found) == len(rest), extensions
    return found


def judge_parameters(agreed, offer):
    first = dict(part.strip().partition("=")[::2] for part in offer.split(",")[0].split(";")[1:])
    for name in ("server_no_context_takeover", "server_max_window_bits"):
        if name in first:
            assert name in agreed and int(agreed[name] or 0) <= int(first[name] or 0), f"{agreed} for {offer}"
    assert "client_max_window_bits" not in agreed or "client_max_window_bits" in first, f"{agreed} for {offer}"


class Packer:
    """The client's half of RFC 7692."""

    def __init__(self, agreed):
        self.out_bits = int(agreed.get("client_max_window_bits") or 15)
        self.in_bits = int(agreed.get("server_max_window_bits") or 15)
        self.forget_out = "client_no_context_takeover" in agreed
        self.forget_in = "server_no_context_takeover" in agreed
        self.out = self.into = None

    def pack(self, data):
        if not self.out or self.forget_out:
            self.out = zlib.compressobj(wbits=-self.out_bits)
        packed = self.out.compress(data) + self.out.flush(zlib.Z_SYNC_FLUSH)
        assert packed.endswith(b"\x00\x00\xff\xff")
        return packed[:-4]

    def unpack(self, data):
        if not self.into or self.forget_in:
            self.into = zlib.decompressobj(wbits=-self.in_bits)
        return self.into.decompress(data + b"\x00\x00\xff\xff")


def packed_frames(first, data, size):
    pieces = [data[i:i + size] for i in range(0, len(data), size)] if size else [data]
    for i, piece in enumerate(pieces):
        last = 0x80 if i == len(pieces) - 1 else 0
        yield frame(last | (first & 0x0F | 0x40 if i == 0 else 0), piece)


def converse(port, path, offer, sort, messages):
    client = Client(port, path, offer)
    agreed = parameters(client.extensions)
    judge_parameters(agreed, offer)
    packer = Packer(agreed)
    first, pool = DATA[sort]
    for (size, cut), _ in itertools.product(SIZES, range(messages)):
        data = cut_out(pool, size)
        client.sock.sendall(b"".join(packed_frames(first, packer.pack(data), cut)))
        head, back = client.message()
        back = packer.unpack(back) if head & 0x40 else back
        assert head | 0x40 == first | 0x40 and back == data, f"{size} bytes came back differently"
    client.sock.sendall(frame(0x88, GOODBYE))
    assert client.frame() == (0x88, GOODBYE) and client.ended(), "no orderly end"
    client.sock.close()


def compression(port, path, messages):
    wrong, n = [], 0
    for sort, offer in TALKS:
        try:
            converse(port, path, offer, sort, messages)
        except (AssertionError, OSError, zlib.error) as error:
            wrong.append(f"{sort}, {offer}: {error!r}")
        n += len(SIZES)
    return wrong, n


# ---- The run -----------------------------------------------------------------------

def report(name, wrong, n):
    print(f"{'not ok' if wrong else 'ok'} - {name}: {n} cases, {len(wrong)} wrong", flush=True)
    for line in wrong[:20]:
        print(f"#   {line}")
    return not wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--backend")
    parser.add_argument("--messages", type=int, default=1, help="of each size; Autobahn has a thousand")
    options = parser.parse_args()
    program = os.path.join(ROOT, "build", options.preset, "tests", "interop_sockets")
    good = True
    for backend in [options.backend] if options.backend else ["epoll", "uring"]:
        server = Server([program, "--log-level", "critical", "--backend", backend], free_port())
        for path in ("/", "/events"):
            good &= report(f"{backend}: frames, {path}", *table(server.port, path))
        for path in ("/events", "/takeover"):
            good &= report(f"{backend}: compression, {path}", *compression(server.port, path, options.messages))
        status = server.stop()
        good &= report(f"{backend}: the server stops cleanly", [server.output()] if status else [], 1)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
