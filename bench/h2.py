# SPDX-License-Identifier: MIT
"""HTTP/2 beside nginx: h2load on one core, the server on the other, in clear by prior knowledge."""
import os
import re
import shutil
import subprocess
import tempfile

from common import BENCH, Server

SCENARIOS = [  # title, connections, streams of each, path, request body
    ("13 bytes, 1 stream of 64 connections", 64, 1, "/plaintext", None),
    ("13 bytes, 16 streams of 16 connections", 16, 16, "/plaintext", None),
    ("typed GET, 16 streams of 16 connections", 16, 16, "/items/5?q=soup", None),
    ("typed POST, 16 streams of 16 connections", 16, 16, "/items", '{"name":"Foo","price":42.5,"is_offer":true,"tax":3.2}'),
]
NGINX = """
worker_processes 1; daemon off; pid {0}/pid; error_log {0}/error.log;
events {{ worker_connections 2048; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{ listen 127.0.0.1:{1} http2 backlog=2048;
    location = /plaintext {{ default_type text/plain; return 200 'Hello, World!'; }}
    location = /items/5 {{ default_type application/json; return 200 '{{"id":5,"q":"soup"}}'; }}
    location = /items {{ default_type application/json; return 200 '{2}'; }} }} }}
"""


def nginx(folder, port):
    path = os.path.join(folder, f"nginx-{port}.conf")
    with open(path, "w") as f:
        f.write(NGINX.format(folder, port, SCENARIOS[3][4]))
    return ["nginx", "-c", path, "-e", os.path.join(folder, "error.log")]


def servers(folder):
    for backend in ("epoll", "uring"):
        yield f"brio {backend}", lambda port, b=backend: [
            f"{BENCH}/bench_api", "--port", str(port), "--backend", b, "--no-access-log", "--log-level", "warning"]
    if shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"):
        yield "nginx", lambda port: nginx(folder, port)


def load(port, scenario, seconds, folder):
    """Requests that were answered, and how many a second."""
    _, connections, streams, path, body = scenario
    flags = ["-c", str(connections), "-m", str(streams), "-D", str(max(1, round(seconds)))]
    if body:
        with open(os.path.join(folder, "body"), "w") as f:
            f.write(body)
        flags += ["-d", f.name, "-H", "content-type: application/json"]
    done = subprocess.run(["taskset", "-c", "1", "h2load", *flags, f"http://127.0.0.1:{port}{path}"],
                          capture_output=True, text=True, check=True).stdout
    answered = int(re.search(r"status codes: (\d+) 2xx", done)[1])
    rate = float(re.search(r"finished in \S+, (\S+) req/s", done)[1])
    if not answered or re.search(r"[1-9]\d* failed", done):
        raise SystemExit(f"h2load failed:\n{done}")
    return answered, rate


def h2_table(args):
    lines = ["| scenario | server | requests/s | CPU µs/request | × nginx |", "|---|---|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        running = [Server(name, command, folder) for name, command in servers(folder)]
        try:
            for scenario in SCENARIOS:
                best = {}
                for _ in range(args.rounds):
                    for s in running:
                        before = s.cpu()
                        answered, rate = load(s.port, scenario, args.seconds, folder)
                        cpu, old = (s.cpu() - before) / answered, best.get(s.name, (1e9, 0.0))
                        best[s.name] = (min(cpu, old[0]), max(rate, old[1]))
                floor = best.get("nginx", (float("nan"),))[0]
                for name, (cpu, rate) in best.items():
                    lines.append(f"| {scenario[0]} | {name} | {rate:,.0f} | {cpu * 1e6:.2f} | {cpu / floor:.2f} |")
                    print(lines[-1], flush=True)
        finally:
            for s in running:
                s.stop()
    return lines
