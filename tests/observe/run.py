#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a server tells of its requests, as others read it: Prometheus' own
parser, a parser of Apache's logs, OpenTelemetry's propagator, and json.

    run.py [--preset PRESET]"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.redis import Redis  # noqa: E402
from harness.serving import Server, free_port, run_inside  # noqa: E402

failed = 0


def ok(name, passed, *shown):
    global failed
    print(f"{'ok' if passed else 'not ok'} - observe: {name}")
    if not passed:
        failed += 1
        for line in shown:
            print(f"#   {line!r}"[:2000])


def curl(server, path, *flags):
    """Headers and body as curl sees them."""
    out = subprocess.run(["curl", "-sS", "-i", *flags, f"http://127.0.0.1:{server.port}{path}"],
                         capture_output=True, text=True, check=True).stdout
    head, _, body = out.partition("\n\n")
    headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:])
    return int(head.split()[1]), headers, body


def eventually(look):
    """What `look` finds: a log is written by a thread of its own."""
    deadline = time.monotonic() + 20
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


# ---- Prometheus ---------------------------------------------------------------------

def samples(text):
    from prometheus_client.parser import text_string_to_metric_families
    return {(s.name, tuple(sorted(s.labels.items()))): s.value
            for family in text_string_to_metric_families(text) for s in family.samples}


def value(found, name, **labels):
    return found.get((name, tuple(sorted(labels.items()))))


def total(found, name):
    return sum(v for (n, _), v in found.items() if n == name)


def metrics(program):
    flags = ["--metrics", "/metrics", "--workers", "2", "--log-level", "error"]
    with Server([program, *flags], free_port()) as server:
        for i in range(20):
            curl(server, f"/items/{i}")
        for _ in range(3):
            curl(server, "/fail")
        curl(server, "/sub/deep/1")
        curl(server, "/nowhere")
        curl(server, "/stream")
        status, headers, text = curl(server, "/metrics")
        found = samples(text)
        ok("Prometheus reads the numbers", status == 200 and headers["content-type"].startswith("text/plain; version=0.0.4"),
           status, headers)
        item = {"method": "GET", "handler": "/items/{item_id}"}
        ok("answers of both workers add up by route, not by path",
           value(found, "http_requests_total", status="2xx", **item) == 20, found)
        ok("failures are told apart",
           value(found, "http_requests_total", status="4xx", method="GET", handler="/fail") == 3, found)
        ok("a mounted app's route has its prefix",
           value(found, "http_requests_total", status="2xx", method="GET", handler="/sub/deep/{item_id}") == 1, found)
        ok("paths without a route are one row",
           value(found, "http_requests_total", status="4xx", method="GET", handler="none") == 1, found)
        ok("sizes are those of the bodies", value(found, "http_response_size_bytes_sum", **item) == 200 and
           value(found, "http_response_size_bytes_sum", method="GET", handler="/stream") == 12, found)
        buckets = [value(found, "http_request_duration_seconds_bucket", le=le, **item) for le in ("0.0005", "1", "+Inf")]
        ok("durations are a histogram", buckets == sorted(buckets) and buckets[-1] == 20 ==
           value(found, "http_request_duration_seconds_count", **item), buckets)
        ok("two workers with memory of their own", found[("brio_workers", ())] == 2 and
           sum(n == "process_resident_memory_bytes" and v > 1e6 for (n, _), v in found.items()) == 2, found)
        ok("nothing is left over", total(found, "brio_requests_in_progress") == 0, found)
    with Server([program, *flags, "--metrics-from", "10.9.8.7"], free_port()) as server:
        ok("to others the path is the app's", curl(server, "/metrics")[0] == 404)


def sockets_and_bus(program):
    """What two workers count of WebSockets and of a bus through Redis, which goes and comes."""
    from websockets.sync.client import connect
    flags = ["--metrics", "/metrics", "--workers", "2", "--log-level", "critical"]
    with Redis() as redis, Server([program, *flags, "--bus", redis.url], free_port()) as server:
        def look():
            return samples(curl(server, "/metrics")[2])

        def each(found, name, **labels):
            return [v for (n, l), v in found.items() if n == name and set(labels.items()) <= set(l)]

        def settles(what, *names_and_wanted):
            wanted = [(name, labels, want) for name, labels, want in names_and_wanted]
            def right():
                found = look()
                return all(sum(each(found, n, **labels)) == want for n, labels, want in wanted)
            ok(what, eventually(right), {n: each(look(), n) for n, _, _ in wanted})

        url = f"ws://127.0.0.1:{server.port}"
        talkers = [connect(url + "/ws") for _ in range(3)]
        listeners = [connect(url + "/events") for _ in range(2)]
        for peer in talkers + listeners:
            for _ in range(2):
                peer.send("hello")
                peer.recv(timeout=20)
        for _ in range(4):
            curl(server, "/publish", "-X", "POST")
        news = [[peer.recv(timeout=20) for _ in range(4)] for peer in talkers]
        ok("followers have the news", all(len(n) == 4 for n in news), news)
        settles("open WebSockets by style, and their messages",
                ("brio_websockets", {"style": "coroutine"}, 3), ("brio_websockets", {"style": "events"}, 2),
                ("brio_websockets_total", {}, 5), ("brio_websocket_messages_total", {"direction": "received"}, 10),
                ("brio_websocket_messages_total", {"direction": "sent"}, 22),
                ("brio_websocket_slow_clients_total", {}, 0))
        settles("what was published and delivered", ("brio_bus_published_total", {}, 4),
                ("brio_bus_delivered_total", {}, 12), ("brio_bus_subscriptions", {}, 3),
                ("brio_bus_dropped_total", {}, 0), ("brio_bus_gaps_total", {}, 0))
        inside = connect(url + "/sub/ws")
        inside.send("hello")
        inside.recv(timeout=20)
        curl(server, "/sub/publish", "-X", "POST")
        ok("a mounted app's bus brings its own news", inside.recv(timeout=20) == "news")
        settles("what is mounted counts", ("brio_websockets", {}, 6), ("brio_websockets_total", {}, 6),
                ("brio_websocket_messages_total", {}, 35), ("brio_bus_published_total", {}, 5),
                ("brio_bus_delivered_total", {}, 13), ("brio_bus_subscriptions", {}, 4), ("brio_bus_gaps_total", {}, 0))
        settles("both workers have Redis and each other, by both buses", ("brio_bus_redis_connected", {}, 2),
                ("brio_bus_peers", {"where": "machine"}, 4), ("brio_bus_redis_reconnects_total", {}, 0))
        redis.stop()
        settles("it is gone", ("brio_bus_redis_connected", {}, 0))
        redis.start()
        settles("and there again", ("brio_bus_redis_connected", {}, 2), ("brio_bus_redis_reconnects_total", {}, 8))
        for peer in talkers + listeners + [inside]:
            peer.close()
        settles("closed ones are not open", ("brio_websockets", {}, 0), ("brio_bus_subscriptions", {}, 0))
        server.process.send_signal(signal.SIGHUP)
        pids = {dict(l)["pid"] for (n, l) in look() if n == "brio_websockets"}
        eventually(lambda: not pids & {dict(l)["pid"] for (n, l) in look() if n == "brio_websockets"})
        settles("counters outlive their workers", ("brio_bus_published_total", {}, 5), ("brio_websockets_total", {}, 6),
                ("brio_bus_redis_connected", {}, 2))
    with Server([program, *flags], free_port()) as server:
        ok("without Redis nothing is said of it", not any("redis_connected" in n for n, _ in samples(curl(server, "/metrics")[2])))


# ---- Logs ---------------------------------------------------------------------------

def combined(program):
    from apachelogs import COMBINED, LogParser
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "access.log")
        with Server([program, "--access-log", path], free_port()) as server:
            curl(server, '/items/1?q="x"', "-e", "http://a/", "-A", 'me "too"')
            curl(server, "/fail")
            curl(server, "/stream", "-I")
            curl(server, "/stream")
            def read():
                with open(path) as f:
                    return f.read()
            text = eventually(lambda: read() if read().count("\n") >= 4 else None) or read()
            entries = list(LogParser(COMBINED).parse_lines(text.splitlines()))
        ok("Apache's readers read the combined format", len(entries) == 4, text)
        first = entries[0]
        ok("a line has its parts", (first.remote_host, first.request_line, first.final_status, first.bytes_sent,
                                    first.headers_in["Referer"], first.headers_in["User-Agent"]) ==
           ("127.0.0.1", 'GET /items/1?q="x" HTTP/1.1', 200, 10, "http://a/", 'me "too"'), text)
        ok("bytes are those that were sent", [e.bytes_sent for e in entries[1:]] == [19, None, 12] or
           [e.bytes_sent for e in entries[1:]] == [19, 31, 12], text)


def as_json(program):
    with Server([program, "--log-format", "json"], free_port()) as server:
        _, headers, _ = curl(server, "/items/7", "-H", "x-request-id: me-1")
        curl(server, "/stream")
        lines = eventually(lambda: [e for e in map(json.loads, server.output().splitlines()) if "target" in e][1:] and
                           [e for e in map(json.loads, server.output().splitlines()) if "target" in e]) or [{}, {}]
        first, second = lines[0], lines[1]
        ok("a JSON line has route, request id and trace id",
           (first.get("route"), first.get("request_id"), first.get("status"), first.get("bytes")) ==
           ("/items/{item_id}", "me-1", 200, 10) and first.get("trace_id") == headers["traceresponse"].split("-")[1], first)
        ok("a stream's line comes at its end", second.get("bytes") == 12 and second.get("duration_us", -1) >= 0, second)


# ---- Traces --------------------------------------------------------------------------

def traces(program):
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, get_current_span, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
    propagator = TraceContextTextMapPropagator()
    caller = SpanContext(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, True, TraceFlags(1))
    carrier = {}
    propagator.inject(carrier, set_span_in_context(NonRecordingSpan(caller)))

    def context(text):
        return get_current_span(propagator.extract({"traceparent": text})).get_span_context()

    with Server([program, "--log-level", "error"], free_port()) as server:
        _, headers, out = curl(server, "/traceparent", "-H", f"traceparent: {carrier['traceparent']}")
        ok("OpenTelemetry's trace is continued, by a span of its own",
           context(out).trace_id == caller.trace_id and context(out).span_id not in (0, caller.span_id) and
           context(out).trace_flags == 1, out)
        ok("the answer says so", headers["traceresponse"] == out, headers)
        unsampled = carrier["traceparent"][:-2] + "00"
        ok("what is not sampled stays so",
           context(curl(server, "/traceparent", "-H", f"traceparent: {unsampled}")[2]).trace_flags == 0)
        own = [context(curl(server, "/traceparent")[2]) for _ in range(2)]
        ok("without one a trace begins", all(c.is_valid for c in own) and own[0].trace_id != own[1].trace_id, own)
        good = carrier["traceparent"]
        bad = [good.upper(), good.replace("00-", "ff-", 1), good + "-x", good[:-1], good.replace("-", "_"),
               "00-" + "0" * 32 + good[35:], good[:36] + "0" * 16 + "-01", "", "00", good.replace("4", "g", 1)]
        ok("what is malformed counts as absent", all(
            context(curl(server, "/traceparent", "-H", f"traceparent: {b}")[2]).trace_id != caller.trace_id for b in bad))
        later = good.replace("00-", "01-", 1) + "-more"
        ok("a later version is read as far as it is known",
           context(curl(server, "/traceparent", "-H", f"traceparent: {later}")[2]).trace_id == caller.trace_id)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="asan")
    preset = parser.parse_args().preset
    run_inside("observe", "-r", os.path.join(HERE, "requirements.txt"))
    program = os.path.join(ROOT, "build", preset, "tests", "observe_app")
    for part in (metrics, sockets_and_bus, combined, as_json, traces):
        part(program)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
