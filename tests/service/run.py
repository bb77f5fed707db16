#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What docs/deploy.md says, done: socket activation by systemd's own tool, a
manager that is notified, curl and haproxy as peers of the PROXY protocol, nginx
in front of a Unix socket. The systemd units of the page are read, and started as
systemd would. One TAP line per case.

usage: run.py [--preset PRESET]"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import free_port  # noqa: E402

PRESET = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "asan"
APP = os.path.join(ROOT, "build", PRESET, "tests", "faults_app")
ENV = {**os.environ, "ASAN_OPTIONS": "detect_stack_use_after_return=0"}
QUIET = ["--log-level", "warning", "--no-access-log"]
failures = 0


def report(name, problem=None):
    global failures
    failures += problem is not None
    print(f"{'ok' if problem is None else 'not ok'} - {name}", flush=True)
    if problem is not None:
        print(f"#   {problem}"[:2000])


def same(name, got, want):
    report(name, None if got == want else f"got {got!r}, want {want!r}")


class Running:
    """A process that is stopped for sure; `stopped` is its exit status."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen(command, env={**ENV, **options.pop("env", {})}, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, sig=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def curl(*arguments, tries=200):
    """What it prints; tried again while nobody listens yet."""
    for _ in range(tries):
        run = subprocess.run(["curl", "-s", "--max-time", "10", *arguments], capture_output=True, text=True)
        if run.returncode not in (7, 56):
            break
        time.sleep(0.05)
    return run.stdout or f"curl: {run.returncode}"


# ---- Sockets ------------------------------------------------------------------

def unix_sockets(folder):
    path = os.path.join(folder, "app.sock")
    with Running(APP, "--uds", path, *QUIET) as app:
        same("curl over a Unix socket", curl("--unix-socket", path, "http://t/now/1"), "now 1")
        same("a clean stop", app.stop(), 0)
        same("and its file is gone", os.path.exists(path), False)


def several(folder):
    port, path = free_port(), os.path.join(folder, "two.sock")
    flags = ["--listen", f":{port}", "--listen", f"unix:{path},mode=600", "--workers", "2"]
    with Running(APP, *flags, *QUIET):
        same("IPv4", curl(f"http://127.0.0.1:{port}/whose"), "http 127.0.0.1")
        if os.path.exists("/proc/net/if_inet6") and socket.has_ipv6:
            same("and IPv6 on one socket", curl("-g", f"http://[::1]:{port}/whose"), "http ::1")
        same("and a Unix socket beside it", curl("--unix-socket", path, "http://t/now/2"), "now 2")
        same("with the mode that was given", os.stat(path).st_mode & 0o777, 0o600)


def activation(_):
    if not shutil.which("systemd-socket-activate"):
        print("ok - socket activation # SKIP no systemd-socket-activate")
        return
    port = free_port()
    for workers in ("1", "2"):
        with Running("systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--setenv=ASAN_OPTIONS=" + ENV["ASAN_OPTIONS"],
                     APP, "--workers", workers, *QUIET, stderr=subprocess.DEVNULL) as app:
            same(f"systemd-socket-activate, {workers} worker(s)", curl(f"http://127.0.0.1:{port}/now/3"), "now 3")
            same("a clean stop", app.stop(), 0)


def restart(_):
    """The manager keeps the socket: who comes between two servers waits for the second."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    fd = os.dup2(listener.fileno(), 50)
    for n in range(3):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET /now/%d HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n" % n)
        with Running(APP, "--fd", "50", *QUIET, pass_fds=[fd]):
            client.settimeout(30)
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        client.close()
        same(f"a connection from before server {n + 1} is answered by it", answer.endswith(b"now %d" % n), True)
    listener.close()
    os.close(fd)


# ---- A manager ------------------------------------------------------------------

def notified(folder):
    path = os.path.join(folder, "notify")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(path)
    manager.settimeout(30)

    def hear(part):
        """The next message but signs of life."""
        while (text := manager.recv(4096).decode()) == "WATCHDOG=1" != part:
            pass
        return part in text, text

    for workers in ("1", "2"):
        env = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"}
        with Running(APP, "--port", str(free_port()), "--workers", workers, *QUIET, env=env) as app:
            said = [hear("READY=1"), hear("WATCHDOG=1"), hear("WATCHDOG=1")]
            if workers == "2":
                app.process.send_signal(signal.SIGHUP)
                said += [hear("RELOADING=1\nMONOTONIC_USEC="), hear("READY=1")]
            app.process.send_signal(signal.SIGTERM)
            said.append(hear("STOPPING=1"))
        wrong = [text for ok, text in said if not ok]
        report(f"sd_notify, {workers} worker(s)", None if not wrong else str(said))
        manager.settimeout(0.2)
        try:
            while manager.recv(4096):
                pass
        except TimeoutError:
            manager.settimeout(30)
    manager.close()


# ---- Proxies --------------------------------------------------------------------

def proxy_protocol(folder):
    port, plain = free_port(), free_port()
    with Running(APP, "--listen", f"127.0.0.1:{port},proxy", "--listen", f"127.0.0.1:{plain}",
                 *QUIET, stderr=subprocess.DEVNULL):
        same("curl --haproxy-protocol", curl("--haproxy-protocol", f"http://127.0.0.1:{port}/whose"), "http 127.0.0.1")
        same("without the header: cut off", curl(f"http://127.0.0.1:{port}/whose", tries=1).startswith("curl: "), True)
        same("a socket without ,proxy beside it", curl(f"http://127.0.0.1:{plain}/whose"), "http 127.0.0.1")
        if not shutil.which("haproxy"):
            print("ok - haproxy # SKIP it is not installed")
            return
        for how in ("send-proxy", "send-proxy-v2", "send-proxy-v2-ssl-cn"):
            front, config = free_port(), os.path.join(folder, how + ".cfg")
            with open(config, "w") as f:
                f.write(f"defaults\n mode tcp\n timeout connect 10s\n timeout client 10s\n timeout server 10s\n"
                        f"listen in\n bind 127.0.0.1:{front}\n server app 127.0.0.1:{port} {how}\n")
            with Running("haproxy", "-f", config, "-db", "-q"):
                got = curl("--interface", "127.0.0.9", f"http://127.0.0.1:{front}/whose")
                same(f"haproxy, {how}", got, "http 127.0.0.9")


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
    fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {page}
}}
"""


def nginx(folder):
    if not shutil.which("nginx"):
        print("ok - nginx # SKIP it is not installed")
        return
    port, path = free_port(), os.path.join(folder, "behind.sock")
    page = block("nginx").replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("/run/shop.sock", path)
    page = re.sub(r"\n *ssl_certificate[^\n]*", "", page)
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w") as f:
        f.write(NGINX.format(folder=folder, page=page))
    with Running(APP, *flags_of(block("behind"), path), *QUIET), Running("nginx", "-c", config, "-e", f"{folder}/nginx.log"):
        while "502" in curl(f"http://127.0.0.1:{port}/whose"):  # nginx was faster than the app
            time.sleep(0.1)
        got = curl("--interface", "127.0.0.7", f"http://127.0.0.1:{port}/whose")
        same("nginx before a Unix socket: the client's address", got, "http 127.0.0.7")
        got = curl("-d", "x" * 100000, f"http://127.0.0.1:{port}/echo")
        same("and a body", len(got), 100000)


# ---- The page ---------------------------------------------------------------------

def block(name):
    """The text behind `<!-- name -->` in docs/deploy.md."""
    with open(os.path.join(ROOT, "docs", "deploy.md")) as f:
        return re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```", f.read(), re.DOTALL).group(1)


def flags_of(command, path):
    """The arguments of a command of the page, with its socket elsewhere."""
    words = command.replace("\\\n", " ").split()
    return [word.replace("/run/shop.sock", path) for word in words[1:]]


def unit(folder):
    """The service's own flags, as its user, with a socket from outside."""
    text = block("service")
    command = re.search(r"^ExecStart=((?:.*\\\n)*.*)", text, re.MULTILINE).group(1)
    listener = socket.create_server(("127.0.0.1", 0))
    fd = os.dup2(listener.fileno(), 9)  # a shell knows one digit
    flags = [w for w in command.replace("\\\n", " ").split()[1:]]
    shell = f"export LISTEN_PID=$$ LISTEN_FDS=1; exec 3<&{fd}; exec \"$@\""
    with Running("sh", "-c", shell, "sh", APP, *flags, "--log-level", "warning", pass_fds=[fd]):
        same("the unit of docs/deploy.md", curl(f"http://127.0.0.1:{listener.getsockname()[1]}/now/7"), "now 7")
    same("and it is a notifying service", "Type=notify" in text and "WatchdogSec=" in text, True)
    listener.close()
    os.close(fd)


def users(folder):
    if os.geteuid() != 0:
        print("ok - another user # SKIP only root can become somebody")
        return
    port = free_port()
    with Running(APP, "--port", str(port), "--workers", "2", "--user", "nobody", "--refuse-root", "--no-new-privileges",
                 *QUIET) as app:
        pid = int(curl(f"http://127.0.0.1:{port}/pid"))
        with open(f"/proc/{pid}/status") as f:
            status = f.read()
        uid = re.search(r"^Uid:\t(\d+)\t(\d+)\t(\d+)", status, re.MULTILINE).groups()
        report("workers are somebody else for good", None if len(set(uid)) == 1 and uid[0] != "0" else str(uid))
        same("and can gain nothing", re.search(r"NoNewPrivs:\t(\d)", status).group(1), "1")
        same("a clean stop", app.stop(), 0)
    run = subprocess.run([APP, "--port", str(port), "--refuse-root"], env=ENV, capture_output=True, text=True, timeout=30)
    same("no root if so asked", (run.returncode, "would run as root" in run.stderr), (1, True))


def headers(_):
    port = free_port()
    with Running(APP, "--port", str(port), "--no-server-header", "--no-date-header", "--header", "X-Node: a7",
                 "--limit-body", "1K", "--limit-url", "100", "--limit-headers", "5", *QUIET, stderr=subprocess.DEVNULL):
        url = f"http://127.0.0.1:{port}"
        head = curl("-i", url + "/now/1").split("\r\n\r\n")[0].lower()
        same("headers of every answer", ("x-node: a7" in head, "server:" in head, "date:" in head), (True, False, False))
        if "HTTP2" in subprocess.run(["curl", "-V"], capture_output=True, text=True).stdout:
            head = curl("--http2-prior-knowledge", "-i", url + "/now/1").split("\r\n\r\n")[0].lower()
            same("also over HTTP/2", ("x-node: a7" in head, "server:" in head, "date:" in head), (True, False, False))
        status = ["-o", "/dev/null", "-w", "%{http_code}"]
        same("413", curl(*status, "-d", "x" * 2000, url + "/echo"), "413")
        same("414", curl(*status, url + "/" + "x" * 200), "414")
        same("431", curl(*status, "-H", "a: 1", "-H", "b: 1", "-H", "c: 1", "-H", "d: 1", url + "/now/1"), "431")


def overdue(_):
    port = free_port()
    with Running(APP, "--port", str(port), "--timeout-request", "1", *QUIET, stderr=subprocess.DEVNULL):
        url, status = f"http://127.0.0.1:{port}", ["-o", "/dev/null", "-w", "%{http_code} %{http_version}"]
        same("a handler beyond its time", curl(*status, url + "/later/20000"), "503 1.1")
        same("one within it", curl(*status, url + "/later/10"), "200 1.1")
        if "HTTP2" in subprocess.run(["curl", "-V"], capture_output=True, text=True).stdout:
            same("over HTTP/2", curl("--http2-prior-knowledge", *status, url + "/later/20000"), "503 2")


def main():
    for case in (unix_sockets, several, activation, restart, notified, proxy_protocol, nginx, unit, users, headers, overdue):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            case(folder)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
