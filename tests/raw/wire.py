# SPDX-License-Identifier: MIT
"""Bytes to a server and what comes back, in short: "200 200 open"."""
import socket
import time

SENTINEL = b"GET / HTTP/1.1\r\nHost: sentinel\r\n\r\n"
PATIENCE = 20  # seconds until something that should come is missing


class Answers:
    """The answers on one connection, read as they come."""

    def __init__(self, port, heads=()):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""
        self.statuses = []
        self.heads = list(heads)  # indices of answers without a body: to HEAD
        self.ended = None         # "close" or "reset"

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            pass  # what the server did instead is read

    def more(self, seconds):
        """Reads once; False when there is no more, or not in time."""
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(65536)
        except TimeoutError:
            return False
        except OSError:
            self.ended = "reset"
            return False
        if not data:
            self.ended = "close"
            return False
        self.data += data
        self.take()
        return True

    def take(self):
        while True:
            rest = self.whole_answer()
            if rest is None:
                return
            self.data = rest

    def whole_answer(self):
        """Counts the answer at the front if it is whole; what is behind it, or None."""
        head, end, rest = self.data.partition(b"\r\n\r\n")
        if not end:
            return None
        lines = head.split(b"\r\n")
        status = int(lines[0].split(b" ")[1])
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        if status == 100:
            return rest
        bodiless = len(self.statuses) in self.heads or status in (101, 204, 304)
        if not bodiless and fields.get(b"transfer-encoding") == b"chunked":
            body, end, rest = rest.partition(b"0\r\n\r\n")
            if not end:
                return None
        else:
            length = 0 if bodiless else int(fields.get(b"content-length", 0))
            if len(rest) < length:
                return None
            rest = rest[length:]
        self.statuses.append(status)
        return rest

    def close(self):
        self.sock.close()


def heads_of(data):
    """Which requests on the connection are HEAD; they begin their case."""
    return [0] if data.startswith(b"HEAD ") else []


def outcome(answers, want, patience):
    """What came back. `want` tells what to wait for; None: until it is quiet."""
    awaited = None if not want or want.endswith("close") else len(want.split()) - 1
    while answers.ended is None and (awaited is None or len(answers.statuses) < awaited):
        if not answers.more(patience):
            break
    so_far = len(answers.statuses)
    if answers.ended is None and 101 not in answers.statuses:
        answers.send(SENTINEL)
        while answers.ended is None and len(answers.statuses) <= so_far:
            if not answers.more(patience):
                break
    kept = "open" if answers.ended is None and (len(answers.statuses) > so_far or 101 in answers.statuses) else \
        answers.ended or "silence"
    return " ".join([*map(str, answers.statuses[:so_far]), kept])


def exchange(port, pieces, want=None, patience=PATIENCE):
    """Sends the pieces one after the other; returns the outcome."""
    answers = Answers(port, heads_of(b"".join(pieces)))
    try:
        for i, piece in enumerate(pieces):
            if i:
                time.sleep(0.0005)  # so that they are read one by one; nothing depends on it
            answers.send(piece)
        return outcome(answers, want, patience)
    finally:
        answers.close()


def fits(got, want):
    """`want` may name several statuses: "400|501 close"."""
    got, want = got.split(), want.split()
    return len(got) == len(want) and all(g in w.split("|") for g, w in zip(got, want))
