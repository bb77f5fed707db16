# SPDX-License-Identifier: MIT
"""The table of the framework: what larger applications do, brio beside FastAPI, Go and Rust.

Everybody has the same routes, gives the same answers (checked before anything is measured)
and refuses the same input. Peers whose tools are missing are left out, and said so."""
import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from common import BENCH, ROOT, Server, built, free_port, venv

ROUTES = "1000"
UPLOAD = 10 << 20
FORM = "multipart/form-data; boundary=benchmark-boundary"


def order(n):
    def line(i):
        return {"sku": f"KT-{i:05}", "name": f"Stainless kettle {i}", "quantity": i % 9 + 1, "price": (i % 400 + 1) * 0.25,
                "discount": 0.1 if i % 3 == 0 else None, "tags": ["new", "sale", "kitchen"][:i % 4],
                "attributes": {"colour": "steel", "size": "1.7 l"}}
    return {"id": 7, "placed_at": "2026-03-01T12:30:00Z",
            "customer": {"name": "Ada Lovelace", "email": "ada@example.org", "vip": True},
            "lines": [line(i) for i in range(n)], "note": "Leave it at the door."}


def body(n):
    return json.dumps(order(n), separators=(",", ":")).encode()


def form():
    head = 'Content-Disposition: form-data; name="file"; filename="ten.bin"\r\nContent-Type: application/octet-stream'
    content = bytes((i * 2654435761 >> 13) & 255 for i in range(65536)) * (UPLOAD // 65536)
    return f"--benchmark-boundary\r\n{head}\r\n\r\n".encode() + content + b"\r\n--benchmark-boundary--\r\n"


# Row, target, body and its type, connections, whether it needs the many routes.
ROWS = [
    ("five nested dependencies", "/chain?q=soup&limit=5", None, "", 64, False),
    ("1 KB of JSON into models", "/orders", lambda: body(6), "application/json", 64, False),
    ("100 KB of JSON into models", "/orders", lambda: body(610), "application/json", 8, False),
    ("a list of 1 MB answered", "/products", None, "", 2, False),
    ("an upload of 10 MB", "/upload", form, FORM, 4, False),
    ("the first of 1,000 routes", "/group0/things0?q=soup", None, "", 64, True),
    ("the last of them", "/group49/things998?q=soup", None, "", 64, True),
    ("the last with a parameter", "/group49/things999/5?q=soup", None, "", 64, True),
]

# What everybody refuses with a status of 4xx: target, and the body if there is one.
WRONG = [("/chain?limit=1001", None), ("/chain?q=" + "x" * 51, None), ("/orders", {**order(1), "id": 0}),
         ("/orders", {**order(1), "lines": []}), ("/orders", {**order(1), "placed_at": "soon"}),
         ("/orders", {**order(1), "customer": {"name": "", "email": "a@b"}}),
         ("/orders", {**order(1), "lines": [{**order(1)["lines"][0], "discount": 1.5}]}),
         ("/orders", {**order(1), "lines": [{**order(1)["lines"][0], "attributes": {"colour": 1}}]})]


# ---- Who takes part ---------------------------------------------------------------

def participants():
    """Name and command for a port."""
    def brio(backend):
        return lambda port: [f"{BENCH}/bench_framework", "--port", str(port), "--backend", backend, "--no-access-log",
                             "--log-level", "warning"]
    python = venv()
    folder = os.path.join(ROOT, "bench", "framework")
    target = os.path.join(ROOT, "build", "bench-axum")
    go = built("Go", ["go", "build", "-buildvcs=false", "-o", os.path.join(ROOT, "build", "bench-framework-go"), "."], "framework/go",
               "bench-framework-go")
    axum = built("axum", ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", target], "framework/axum",
                 "bench-axum/release/framework_peer")
    peers = [("brio, epoll", brio("epoll")), ("brio, io_uring", brio("uring")),
             ("Go net/http, chi", go and (lambda port: go + [str(port)])),
             ("axum, serde", axum and (lambda port: axum + [str(port)])),
             ("FastAPI on uvicorn+uvloop", lambda port: [
                 python, "-m", "uvicorn", "--app-dir", folder, "fastapi_peer:app", "--port", str(port), "--no-access-log",
                 "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]),
             ("FastAPI on granian", lambda port: [
                 os.path.join(os.path.dirname(python), "granian"), "--interface", "asgi", "--workers", "1", "--loop", "uvloop",
                 "--port", str(port), "--no-access-log", "--log-level", "warning", "--working-dir", folder, "fastapi_peer:app"])]
    return [p for p in peers if p[1]]


def start(name, command, folder, many):
    prefix = ["env", f"ROUTES={ROUTES}"] if many else []
    return Server(name, lambda port: prefix + command(port), folder)


# ---- The same answers -------------------------------------------------------------

def ask(port, target, data=None, kind="application/json"):
    """Status and answer; a server that is not up yet is waited for."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{target}", data, {"Content-Type": kind} if data else {})
    for _ in range(600):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, None
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise SystemExit(f"no answer from port {port}")


def check_answers(servers, row):
    _title, target, data, kind, _connections, _many = row
    answers = {s.name: ask(s.port, target, data and data(), kind) for s in servers}
    first = next(iter(answers.values()))
    for name, answer in answers.items():
        if answer != first or answer[0] != 200:
            raise SystemExit(f"{name} answers {str(answer)[:300]} to {target}, not {str(first)[:300]}")


def check_refusals(servers):
    for target, wrong in WRONG:
        for s in servers:
            status = ask(s.port, target, wrong and json.dumps(wrong).encode())[0]
            if not 400 <= status < 500:
                raise SystemExit(f"{s.name} takes {target} with {str(wrong)[:200]}: {status}")


# ---- Measuring --------------------------------------------------------------------

def load(server, row, seconds, file):
    _title, target, data, kind, connections, _many = row
    command = ["taskset", "-c", "1", f"{BENCH}/bench_load", str(server.port), str(connections), "1", str(seconds),
               "POST" if data else "GET", target] + (["@" + file, kind] if data else [])
    run = subprocess.run(command, capture_output=True, text=True)
    done = json.loads(run.stdout) if run.returncode == 0 else {}
    if not done.get("requests") or done["failed"]:
        raise SystemExit(f"{server.name}: {done} {run.stderr} in {row[0]}")
    return done["requests"]


def measure(servers, row, args, folder):
    """{name: least CPU seconds per request}."""
    file = os.path.join(folder, "body")
    with open(file, "wb") as f:
        f.write(row[2]() if row[2] else b"")
    best = {}
    check_answers(servers, row)
    for s in servers:
        load(s, row, 0.2, file)
    for _ in range(args.rounds):
        for s in servers:
            before = s.cpu()
            requests = load(s, row, args.seconds / 2, file)
            best[s.name] = min((s.cpu() - before) / requests, best.get(s.name, 1e9))
    return best


def cells(row, best, names):
    ours = best.get("brio, epoll")
    text = [f"{best[n] * 1e6:,.1f} ({best[n] / ours:.2f} ×)" if n in best else "–" for n in names]
    return f"| {row} | " + " | ".join(text) + " |"


def begin(name, command):
    """Milliseconds from nothing to the answer of the last route, and to the first document of the API."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(["taskset", "-c", "0", "env", f"ROUTES={ROUTES}", *command(port)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/group49/things998", timeout=30).close()
                break
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None:
                    raise SystemExit(f"{name} ends at once")
                time.sleep(0.001)
        up = time.perf_counter()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=60) as answer:
                document = answer.read()
        except urllib.error.HTTPError:
            return (up - begun) * 1e3, None
        there = time.perf_counter()
        assert len(json.loads(document)["paths"]) > int(ROUTES)
        return (up - begun) * 1e3, (there - up) * 1e3
    finally:
        process.terminate()
        process.wait(20)


def start_lines(peers, args):
    best = {}
    for _ in range(args.rounds):
        for name, command in peers:
            figures, old = begin(name, command), best.get(name)
            best[name] = figures if not old else tuple(f and min(f, o) for f, o in zip(figures, old))
    lines = []
    for i, title in enumerate(("start with 1,000 routes, to the first answer", "then /openapi.json, the first time")):
        text = [f"{best[name][i]:,.1f} ms" if best[name][i] else "–" for name, _command in peers]
        lines.append(f"| {title} | " + " | ".join(text) + " |")
        print(lines[-1], flush=True)
    return lines


def framework_table(args):
    peers = participants()
    names = [name for name, _command in peers]
    print("# peers:", ", ".join(names), flush=True)
    lines = ["| CPU µs/request | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    with tempfile.TemporaryDirectory() as folder:
        for many in (False, True):
            servers = [start(name, command, folder, many) for name, command in peers]
            try:
                for s in servers:
                    ask(s.port, "/chain")
                check_refusals(servers)
                for row in ROWS:
                    if row[5] == many:
                        lines.append(cells(row[0], measure(servers, row, args, folder), names))
                        print(lines[-1], flush=True)
            finally:
                for s in servers:
                    s.stop()
    lines += ["", "| least time | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    return lines + start_lines(peers, args)
