# SPDX-License-Identifier: MIT
"""TLS beside nginx: the same certificate, TLS 1.3, one core of server."""
import json
import os
import shutil
import subprocess
import tempfile

from common import BENCH, Server

CONNECTIONS = 64
SCENARIOS = [  # title, how the load connects, target
    ("plain text, keep-alive", "requests", "/plaintext"),
    ("1 MB, keep-alive", "requests", "/megabyte"),
    ("a full handshake and a request", "handshakes", "/plaintext"),
    ("a resumed one and a request", "resumed", "/plaintext"),
]


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "30", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=localhost"],
                   check=True, stderr=subprocess.DEVNULL)


def nginx(folder, port):
    with open(f"{folder}/megabyte", "wb") as f:
        f.write(b"0123456789" * 100000)
    with open(f"{folder}/nginx.conf", "w") as f:
        f.write(f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{ access_log off; keepalive_requests 1000000000; root {folder}; sendfile on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} ssl backlog=2048; ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    location = /plaintext {{ default_type text/plain; return 200 'Hello, World!'; }} }} }}
""")
    return ["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]


def servers(folder):
    for backend in ("epoll", "uring"):
        yield f"brio {backend}", lambda port, b=backend: [
            f"{BENCH}/bench_api", "--port", str(port), "--backend", b, "--no-access-log", "--log-level", "warning",
            "--ssl-certfile", f"{folder}/cert.pem", "--ssl-keyfile", f"{folder}/key.pem"]
    if shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"):
        yield "nginx", lambda port: nginx(folder, port)


def load(port, how, target, seconds):
    done = subprocess.run(["taskset", "-c", "1", f"{BENCH}/bench_tls_load", str(port), str(CONNECTIONS), str(seconds), how,
                           target], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"load failed on port {port}: {done.stderr}")
    return json.loads(done.stdout)


def measure(running, how, target, seconds, rounds):
    """{name: (least CPU seconds per request, most requests per second)}."""
    results = {}
    for _ in range(rounds):
        for s in running:
            load(s.port, how, target, 0.2)
            before = s.cpu()
            done = load(s.port, how, target, seconds)
            if done["failed"] or not done["requests"] or (how == "resumed") != (done["reused"] > 0):
                raise SystemExit(f"{s.name}: {done}")
            cpu, rate = (s.cpu() - before) / done["requests"], done["requests"] / done["seconds"]
            old = results.get(s.name, (1e9, 0.0))
            results[s.name] = (min(cpu, old[0]), max(rate, old[1]))
    return results


def tls_table(args):
    lines = ["| TLS 1.3, P-256 | server | per second | CPU µs each | × nginx |", "|---|---|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        make_certificate(folder)
        running = [Server(name, command, folder) for name, command in servers(folder)]
        try:
            for title, how, target in SCENARIOS:
                results = measure(running, how, target, args.seconds, args.rounds)
                floor = results["nginx"][0] if "nginx" in results else None
                for name, (cpu, rate) in results.items():
                    ratio = f"{cpu / floor:.2f}" if floor else ""
                    lines.append(f"| {title} | {name} | {rate:,.0f} | {cpu * 1e6:.1f} | {ratio} |")
                    print(lines[-1], flush=True)
        finally:
            for s in running:
                s.stop()
    return lines
