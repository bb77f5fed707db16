#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""WebSocket clients that nobody here wrote, with tests/interop/sockets.c: Python's
`websockets`, npm's `ws`, Chromium, curl; and bytes by hand for what none of them does. One
TAP line per scenario.

usage: sockets.py [--preset PRESET] [--backend NAME]"""
import argparse
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.browser import drive, install  # noqa: E402
from harness.serving import Server, free_port, made_by_one, run_inside, read_text  # noqa: E402

run_inside("websockets", "websockets==16.0")

from websockets.exceptions import ConnectionClosed  # noqa: E402
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

WS = "ws@8.18.3"
SIZES = (0, 1, 125, 126, 1024, 65535, 65536, 300000)


def check(condition, text):
    if not condition:
        raise AssertionError(text)


# ---- Python's websockets --------------------------------------------------------

def echoes(port, path, compressed=True, **options):
    with connect(f"ws://127.0.0.1:{port}{path}", max_size=None, **options) as ws:
        check(bool(ws.protocol.extensions) == compressed, f"extensions {ws.protocol.extensions}")
        for n in SIZES:
            for data in ("☃a" * n, bytes(range(256)) * (n // 256 + 1)):
                ws.send(data)
                check(ws.recv(timeout=60) == data, f"{n} came back differently")
        ws.send(["frag", "men", "ted"])
        check(ws.recv(timeout=60) == "fragmented", "fragments")
        check(ws.ping().wait(60), "no pong")
        ws.close(3001, "bye")
        check(ws.protocol.close_rcvd.code == 3001, f"closed with {ws.protocol.close_rcvd}")


def deflate(**options):
    return {"compression": None, "extensions": [ClientPerMessageDeflateFactory(**options)]}


def ends_with(port, path, messages, code):
    try:
        with connect(f"ws://127.0.0.1:{port}{path}") as ws:
            for message in messages:
                ws.send(message)
            while True:
                ws.recv(timeout=60)
    except ConnectionClosed as end:
        check(end.rcvd and end.rcvd.code == code, f"closed with {end.rcvd}")


def subprotocol(port):
    with connect(f"ws://127.0.0.1:{port}/chat", subprotocols=["soap", "chat"]) as ws:
        check(ws.subprotocol == "chat", f"{ws.subprotocol}")


# ---- By hand -----------------------------------------------------------------------

HANDSHAKE = ("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n")


def shake(port, path, headers=""):
    s = socket.create_connection(("127.0.0.1", port), 60)
    s.sendall(HANDSHAKE.format(path, headers).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = s.recv(1)
        check(piece, f"the server hung up: {head}")
        head += piece
    return s, head.decode()


def silence(port):
    """A client that does not answer pings is told, and hung up on."""
    s, _ = shake(port, "/quick")
    came = b""
    while piece := s.recv(100):
        came += piece
    check(came.startswith(b"\x89\x00\x88"), f"{came}")
    check(came[4:6] == (1011).to_bytes(2, "big"), f"{came}")


def answering(port):
    """One that does, stays."""
    s, _ = shake(port, "/quick")
    for _ in range(3):
        check(s.recv(2) == b"\x89\x00", "no ping")
        s.sendall(b"\x8a\x80\0\0\0\0")
    s.sendall(b"\x81\x81\0\0\0\0x")
    came = b""
    while b"\x81\x01x" not in came:
        came += s.recv(100)


def origins(port):
    _, head = shake(port, "/", "Origin: https://evil.example\r\nCookie: a=b\r\n")
    check(head.startswith("HTTP/1.1 403"), head)
    _, head = shake(port, "/", f"Origin: http://127.0.0.1\r\nCookie: a=b\r\n")
    check(head.startswith("HTTP/1.1 101"), head)


def bomb(port):
    """100 MiB in 450 KiB: refused at the limit, and the server goes on."""
    import zlib
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush(zlib.Z_SYNC_FLUSH)
    s, head = shake(port, "/", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    check("permessage-deflate" in head, head)
    s.sendall(b"\xc2\xff" + (len(data) - 4).to_bytes(8, "big") + bytes(4) + data[:-4])
    came = b""
    while piece := s.recv(1000):
        came += piece
    check(came[0] == 0x88 and came[2:4] == (1009).to_bytes(2, "big"), f"{came[:20]}")


def byte_by_byte(port):
    s, _ = shake(port, "/", "Sec-WebSocket-Extensions: permessage-deflate\r\n")
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\x00":
        s.sendall(bytes([byte]))
        time.sleep(0.001)
    check(s.recv(7, socket.MSG_WAITALL) == b"\x81\x05Hello", "no echo")


# ---- Others ---------------------------------------------------------------------------

def curl(port):
    command = ["curl", "-si", "-N", "--max-time", "1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket",
               "-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
               f"http://127.0.0.1:{port}/"]
    head = subprocess.run(command, stdout=subprocess.PIPE).stdout.decode(errors="replace")
    check(head.startswith("HTTP/1.1 101"), head)
    check("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head)


def node(port):
    """Its lines are printed as they are. True if all is well."""
    folder = os.path.join(ROOT, "build", "npm-ws")
    with made_by_one(folder):
        if read_text(os.path.join(folder, "installed")) != WS:
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, WS], check=True)
            with open(os.path.join(folder, "installed"), "w") as f:
                f.write(WS)
    run = subprocess.run(["node", os.path.join(HERE, "sockets.js"), str(port)], timeout=300, text=True,
                         env={**os.environ, "NODE_PATH": os.path.join(folder, "node_modules")}, stdout=subprocess.PIPE)
    print(run.stdout, end="", flush=True)
    return run.returncode == 0


SCENARIOS = {
    "websockets: /": lambda port: echoes(port, "/"),
    "websockets: / plain": lambda port: echoes(port, "/", False, compression=None),
    "websockets: /events": lambda port: echoes(port, "/events"),
    "websockets: /events plain": lambda port: echoes(port, "/events", False, compression=None),
    "websockets: /takeover": lambda port: echoes(port, "/takeover"),
    "websockets: narrow windows": lambda port: echoes(
        port, "/takeover", **deflate(server_max_window_bits=9, client_max_window_bits=9)),
    "websockets: the narrowest window": lambda port: echoes(
        port, "/takeover", **deflate(server_max_window_bits=8, client_max_window_bits=True)),
    "websockets: no takeover": lambda port: echoes(
        port, "/takeover", **deflate(server_no_context_takeover=True, client_no_context_takeover=True)),
    "websockets: a subprotocol": subprotocol,
    "websockets: too large": lambda port: ends_with(port, "/small", ["x" * 1001], 1009),
    "websockets: too large, compressed": lambda port: ends_with(port, "/small", ["x" * 100000], 1009),
    "websockets: too many": lambda port: ends_with(port, "/small", ["x"] * 21, 1008),
    "a client that does not answer pings": silence,
    "a client that answers pings": answering,
    "origins": origins,
    "a decompression bomb": bomb,
    "byte by byte": byte_by_byte,
    "curl's handshake": curl,
}


def play(name, scenario, port):
    begin = time.monotonic()
    try:
        scenario(port)
    except Exception as error:  # noqa: BLE001: whatever it is, it is told
        print(f"not ok - {name}\n#   {error!r}"[:600], flush=True)
        return False
    print(f"ok - {name}  # {time.monotonic() - begin:.1f} s", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--backend")
    options = parser.parse_args()
    program = os.path.join(ROOT, "build", options.preset, "tests", "interop_sockets")
    install()
    good = True
    for backend in [options.backend] if options.backend else ["epoll", "uring"]:
        command = [program, "--log-level", "critical", "--backend", backend]
        with Server(command, free_port()) as server, Server([*command, "--tls"], free_port()) as secure:
            for name, scenario in SCENARIOS.items():
                good &= play(f"{backend}, {name}", scenario, server.port)
            good &= node(server.port)
            good &= drive("sockets.js", server.port, secure.port)
            status = server.stop() or secure.stop()
            print(f"{'ok' if status == 0 else 'not ok'} - {backend}, the servers stop cleanly")
            good &= status == 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
