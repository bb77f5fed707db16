# SPDX-License-Identifier: MIT
"""Files of a folder: `brio static` beside nginx."""
import os
import tempfile

from common import BENCH, RELEASE, Server  # noqa: F401

SIZES = [("a file of 1 KB", "small.bin", 1024), ("a file of 1 MB", "large.bin", 1 << 20)]


def nginx(folder, port, cache):
    name = os.path.join(folder, f"nginx-{port}.conf")
    kept = "open_file_cache max=100; open_file_cache_valid 60s;" if cache else ""
    with open(name, "w") as f:
        f.write(f"""worker_processes 1; daemon off; pid {folder}/pid-{port}; error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; {kept}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port} backlog=2048; root {folder}/web; }} }}
""")
    return ["nginx", "-c", name, "-e", os.path.join(folder, "error.log")]


def servers(folder):
    web = os.path.join(folder, "web")
    for backend in ("epoll", "uring"):
        yield f"brio {backend}", lambda port, b=backend: [
            os.path.join(RELEASE, "bin", "brio"), "static", web, "--port", str(port), "--backend", b, "--no-access-log",
            "--log-level", "warning"]
    yield "nginx", lambda port: nginx(folder, port, False)
    yield "nginx, open_file_cache", lambda port: nginx(folder, port, True)


def files_table(args, measure_on):
    """`measure_on(running, scenario, seconds, rounds)` as bench/run has it."""
    lines = ["| | server | requests/s | CPU µs/request | × brio epoll |", "|---|---|--:|--:|--:|"]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # nginx' workers are nobody
        os.mkdir(os.path.join(folder, "web"))
        for _, name, size in SIZES:
            with open(os.path.join(folder, "web", name), "wb") as f:
                f.write(os.urandom(size))
        running = [Server(name, command, folder) for name, command in servers(folder)]
        try:
            for title, name, _ in SIZES:
                results = measure_on(running, (title, 1, "GET", "/" + name, "", ""), args.seconds, args.rounds)
                for server, (cpu, rate) in results.items():
                    ratio = cpu / results["brio epoll"][0]
                    lines.append(f"| {title} | {server} | {rate:,.0f} | {cpu * 1e6:.1f} | {ratio:.2f} |")
                    print(lines[-1], flush=True)
        finally:
            for s in running:
                s.stop()
    return lines
