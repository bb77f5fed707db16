#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTP/2 under hostile clients and under reloads: floods of every kind of frame, streams that
are held, connections beyond the limits, SIGHUP each second. Other clients get right answers
all the time, and no stream is lost. One TAP line per case.

usage: http2.py [--preset PRESET] [--seconds N] [--only PART]"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness import suite  # noqa: E402
from harness.serving import Server, free_port, run_inside  # noqa: E402
from harness.suite import FRUGAL, Beside, backends, certificate, report, stopped  # noqa: E402

run_inside("h2", "-r", os.path.join(ROOT, "tests", "interop", "http2_requirements.txt"))

from harness.http2 import Client  # noqa: E402
from hyperframe.frame import (ContinuationFrame, DataFrame, HeadersFrame, PingFrame, PriorityFrame,  # noqa: E402
                              RstStreamFrame, SettingsFrame, WindowUpdateFrame)

CALM, REFUSED, CANCEL = 11, 7, 8


def start(args, *flags):
    return Server([args.app, "--backend", args.backend, "--log-level", "warning", "--no-access-log", *flags], free_port(), env=FRUGAL)


class Bystander(Beside):
    """Asks all the time, on one connection."""

    def __init__(self, port):
        super().__init__()
        self.port, self.asked = port, 0

    def run(self):
        with Client(self.port) as client:
            while not self.done.wait(0.005):
                status, body = client.ask(f"/now/{self.asked}")
                if (status, body) != (200, b"now %d" % self.asked):
                    self.wrong.append(f"{status} {body[:80]} {client.goaway}")
                    return
                self.asked += 1


# ---- Floods -----------------------------------------------------------------------------

def frames(make, n):
    return b"".join(make(i).serialize() for i in range(n))


def head(client, stream, path=b"/now/1", flags=("END_HEADERS", "END_STREAM"), method="GET"):
    """HEADERS as this client would say them, past its library's idea of streams."""
    block = client.h2.encoder.encode([(":method", method), (":scheme", "http"), (":path", path), (":authority", "t")])
    return HeadersFrame(stream, block, flags=list(flags))


def rapid_reset(client):
    return b"".join(head(client, 2 * i + 1, b"/later/50").serialize() + RstStreamFrame(2 * i + 1, CANCEL).serialize()
                    for i in range(3000))


def pings(_):
    return frames(lambda i: PingFrame(0, b"%08d" % i), 3000)


def settings(_):
    return frames(lambda i: SettingsFrame(0, {3: 100 + i}), 3000)


def windows(_):
    return frames(lambda i: WindowUpdateFrame(0, 1), 3000)


def priorities(_):
    return frames(lambda i: PriorityFrame(2 * i + 1, 0, 15, False), 3000)


def continuations(client):
    return head(client, 1, flags=()).serialize() + frames(lambda i: ContinuationFrame(1, b"\x00\x01x\x01y"), 3000)


def empty_data(client):
    return head(client, 1, b"/pieces", ["END_HEADERS"], "POST").serialize() + frames(lambda i: DataFrame(1, b""), 3000)


def padded_data(client):
    return (head(client, 1, b"/pieces", ["END_HEADERS"], "POST").serialize() +
            frames(lambda i: DataFrame(1, b"", pad_length=9, flags=["PADDED"]), 3000))


def unread_streams(client):
    return b"".join(head(client, 2 * i + 1, b"/echo", ["END_HEADERS"], "POST").serialize() for i in range(3000))


def large_head(client):
    block = client.h2.encoder.encode([(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "t")])
    return (HeadersFrame(1, block, flags=[]).serialize() +
            frames(lambda i: ContinuationFrame(1, b"\x00\x04name\x7f\xfe\x7d" + b"v" * 16253), 30))


FLOODS = [rapid_reset, pings, settings, windows, priorities, continuations, empty_data, padded_data, unread_streams, large_head]


def floods(args):
    with start(args) as server, Bystander(server.port) as bystander:
        for flood in FLOODS:
            with Client(server.port) as client:
                client.raw(flood(client))
                code = client.last_words()
                report(f"{args.backend}: a flood: {flood.__name__.replace('_', ' ')}", None if code == CALM else f"GOAWAY {code}")
        finish(args, server, bystander)


def finish(args, server, bystander):
    bystander.finish()
    report(f"{args.backend}: {bystander.asked} questions of others were answered",
           bystander.wrong or (None if bystander.asked else "none was asked"))
    report(f"{args.backend}: a clean stop", stopped(server))


# ---- Streams that are held -----------------------------------------------------------------

HURRIED = ["--timeout-header", "1", "--timeout-body", "1", "--timeout-write", "1", "--timeout-keep-alive", "60"]


def held(args):
    """Each stage of a stream in which a client may stay: it is cut off, or told so."""
    with start(args, *HURRIED) as server, Bystander(server.port) as bystander:
        port = server.port
        zero, wide, half, silent, opened = (Client(port, window=0), Client(port, hoards=True), Client(port), Client(port),
                                            Client(port, small=True, hoards=True, keeps=False, window=(1 << 31) - 1))
        zeros = [zero.get(f"/large/{n * 1000}") for n in range(1, 101)]
        wides = [wide.get("/stream/1000") for _ in range(20)]
        opens = opened.get("/large/50000000")
        halves = [half.request("POST", path, body=b"x" * 10, end=False) for path in ("/echo", "/pieces") * 10]
        silent.raw(head(silent, 1, flags=()).serialize()[:-3])
        seen = [zero.answer(s).reset for s in zeros]
        report(f"{args.backend}: a hundred streams with a window of zero are cut off", set(seen) != {CANCEL} and seen)
        seen = [(wide.answer(s).reset, wide.streams[s].received > 0) for s in wides[:1]] + [(wide.answer(s).reset, True) for s in wides]
        report(f"{args.backend}: answers that are not read on are cut off", set(seen) != {(CANCEL, True)} and seen)
        seen = [half.answer(s).status for s in halves]
        report(f"{args.backend}: half a body is 408", set(seen) != {408} and seen)
        report(f"{args.backend}: half a head ends the connection", not silent.until_end() and "it goes on")
        time.sleep(2)  # what its kernel took counts for the first span
        report(f"{args.backend}: a client that reads nothing loses its connection",
               None if opened.until_end() and not opened.streams[opens].ended else opened.streams[opens].received)
        for client in (zero, wide, half, silent, opened):
            client.close()
        finish(args, server, bystander)


# ---- Beyond the limits --------------------------------------------------------------------

def beyond(args):
    """GOAWAY that has looked at no stream; and what an honest client makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        for tls, limit in ((False, "--limit-connections"), (True, "--limit-connections"), (True, "--limit-connections-per-address")):
            with start(args, limit, "3", *(certificate(folder) if tls else [])) as server:
                probe = Client(server.port, tls)  # the harness's own connection is over
                probe.ask("/now/1")
                probe.close()
                time.sleep(0.1)
                inside = [Client(server.port, tls) for _ in range(3)]
                served = [c.ask("/now/2")[0] for c in inside]
                outside = [Client(server.port, tls) for _ in range(3)]
                streams = [c.get("/now/3") for c in outside]
                ends = [(c.until_end(), c.goaway, c.streams[s].status) for c, s in zip(outside, streams)]
                after = [c.ask("/now/4")[0] for c in inside]
                origin = f"http{'s' * tls}://127.0.0.1:{server.port}/now/5"
                h1 = subprocess.run(["curl", "-sk", "--http1.1", "-w", "%{http_code}", origin], capture_output=True).stdout
                good = served == after == [200] * 3 and ends == [(True, (CALM, 0), None)] * 3 and h1 == b"Service Unavailable503"
                report(f"{args.backend}: beyond {limit}{', TLS' if tls else ''}: GOAWAY, and others are served",
                       None if good else f"{served} {ends} {after} {h1}")


def crowded(args):
    """Requests beyond what may run: 503 on their streams, and the connection goes on."""
    with start(args, "--limit-concurrency", "5") as server, Client(server.port) as client:
        streams = [client.get("/later/300") for _ in range(20)]
        seen = [client.answer(s) for s in streams]
        refused = [s for s in seen if s.status == 503]
        good = len(refused) == 15 and all(s.ended for s in seen) and all(s.headers["retry-after"] == "1" for s in refused) and client.ask("/now/1")[0] == 200
        report(f"{args.backend}: 503 beyond the limit of requests", None if good else [(s.status, s.reset) for s in seen])


# ---- Ends of bodies -------------------------------------------------------------------------

def trailers(args):
    """A request's trailers end it, and are not its headers; 100 Continue comes before the answer."""
    with start(args) as server, Client(server.port) as client:
        got = []
        for path in ("/echo", "/pieces"):
            s = client.request("POST", path, body=b"abc", end=False)
            client.h2.send_headers(s, [("x-sum", "1"), ("grpc-status", "0")], end_stream=True)
            client.flush()
            got.append((client.answer(s).status, bytes(client.streams[s].body)))
            s = client.request("POST", path, [("expect", "100-continue")], end=False)
            client.until(lambda: client.streams[s].informational)  # noqa: B023
            client.h2.send_data(s, b"abcdef", end_stream=True)
            client.flush()
            seen = client.answer(s)
            got.append((seen.informational, seen.status, bytes(seen.body)))
            s = client.request("POST", path, [("expect", "100-continue")], body=b"abc")  # it did not wait
            got.append((client.answer(s).status, bytes(client.streams[s].body)))
        want = [(200, b"abc"), ([100], 200, b"abcdef"), (200, b"abc"), (200, b"3"), ([100], 200, b"6"), (200, b"3")]
        report(f"{args.backend}: trailers and 100 Continue", None if got == want else got)
        s = client.request("POST", "/echo", body=b"abc", end=False)
        client.raw(HeadersFrame(s, client.h2.encoder.encode([(":path", "/x")]), flags=["END_HEADERS", "END_STREAM"]).serialize())
        reset = client.answer(s).reset
        s = client.request("POST", "/nowhere", [("expect", "100-continue")], end=False)
        refused = client.answer(s)
        report(f"{args.backend}: a pseudo-header among trailers is an error, and what is not wanted is not asked for",
               None if reset == 1 and (refused.status, refused.informational) == (404, []) else f"{reset} {vars(refused)}")


# ---- Reloads --------------------------------------------------------------------------------

class Load(Beside):
    """Streams all the time, several at once, on a connection that it keeps until GOAWAY. What GOAWAY leaves
    out, or a REFUSED_STREAM, was never looked at and is asked again, elsewhere, as RFC 9113 has it."""

    def __init__(self, port, at_once=10):
        super().__init__()
        self.port, self.at_once = port, at_once
        self.asked, self.again, self.ends, self.pids = 0, 0, 0, set()

    def one_connection(self):
        with Client(self.port) as client:
            waiting = {}
            while not client.over and (waiting or not (self.done.is_set() or client.goaway)):
                while len(waiting) < self.at_once and not self.done.is_set() and not client.goaway:
                    path = ("/pid", "/later/20", "/large/100000", "/stream/30")[self.asked % 4]
                    self.asked += 1
                    waiting[client.get(path)] = path
                client.turn()
                for stream in [s for s in waiting if client.streams[s].over or self.left_out(client, s)]:
                    self.judge(client.streams[stream], stream, waiting.pop(stream), client)
            self.ends += client.goaway is not None
            if waiting:
                self.wrong.append(f"{len(waiting)} streams were lost, goaway {client.goaway}")

    @staticmethod
    def left_out(client, stream):
        return client.goaway and stream > client.goaway[1]

    def judge(self, seen, stream, path, client):
        if self.left_out(client, stream) or seen.reset == REFUSED:
            self.again += 1
        elif not seen.ended or seen.status != 200:
            self.wrong.append(f"{path}: {seen.status}, reset {seen.reset}, goaway {client.goaway}")
        elif path == "/pid":
            self.pids.add(int(seen.body))
        elif path.startswith("/large") and len(seen.body) != 100_000 or path.startswith("/stream") and len(seen.body) != 30_000:
            self.wrong.append(f"{path}: {len(seen.body)} bytes")

    def run(self):
        while not self.done.is_set():
            try:
                self.one_connection()
            except Exception as error:
                self.wrong.append(repr(error))


def reloaded(args):
    with start(args, "--workers", "2") as server:
        clients = [Load(server.port) for _ in range(4)]
        for client in clients:
            client.start()
        load = subprocess.Popen(["h2load", "-D", str(args.seconds), "-c", "2", "-m", "10", f"http://127.0.0.1:{server.port}/now/1"],
                                stdout=subprocess.DEVNULL)
        for _ in range(args.seconds):
            time.sleep(1)
            server.process.send_signal(signal.SIGHUP)
        load.wait(60)
        time.sleep(0.5)
        for client in clients:
            client.done.set()
        for client in clients:
            client.finish()
        wrong = [text for client in clients for text in client.wrong]
        asked, again, ends = (sum(getattr(c, k) for c in clients) for k in ("asked", "again", "ends"))
        pids = set().union(*(c.pids for c in clients))
        report(f"{args.backend}: SIGHUP each second, {asked} streams, {again} asked again: none lost", wrong)
        report(f"{args.backend}: {ends} connections heard GOAWAY, {len(pids)} workers served",
               None if ends > 2 and len(pids) > 2 else f"{ends} {pids}")
        report(f"{args.backend}: a clean stop", stopped(server))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.app = os.path.join(ROOT, "build", args.preset, "tests", "faults_app")

    def start_on(backend):
        args.backend = backend
        return start(args)

    for args.backend in backends(start_on):
        for case in (floods, held, beyond, crowded, trailers, reloaded):
            if args.only in case.__name__:
                case(args)
    return suite.failures != 0


if __name__ == "__main__":
    sys.exit(main())
