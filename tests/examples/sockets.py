#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The patterns of examples/websocket, the guide's sockets and the chat, with
Python's `websockets` as the client: two workers, a worker that is killed, two
machines (network namespaces, where the system has them) joined by Debian's
redis-server, which is stopped and started. Nothing is timed: what must come is
waited for, what must not come is looked for at the end.

usage: sockets.py [--preset PRESET]"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.redis import Redis  # noqa: E402
from harness.serving import Server, free_port, run_inside  # noqa: E402

run_inside("wire", "-r", os.path.join(ROOT, "tests", "wire", "requirements.txt"))

from websockets.exceptions import ConnectionClosed  # noqa: E402
from websockets.sync.client import connect  # noqa: E402

PRESET = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "release"
EXAMPLES = os.path.join(ROOT, "build", PRESET, "examples")
PATIENCE = 60
failures = 0


def check(name, passed, detail=""):
    global failures
    print(f"{'ok' if passed else 'not ok'} - sockets: {name}" + (f"\n#   {detail}" if not passed else ""), flush=True)
    failures += not passed


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            check(what, False, "it did not come")
            return False
        time.sleep(0.02)
    return True


def serve(name, *flags, **options):
    return Server([os.path.join(EXAMPLES, name), "--log-level", "warning", *flags], free_port(), cwd=ROOT, **options)


def http(server, path, body=None, method=None):
    request = urllib.request.Request(f"http://{server.host}:{server.port}{path}", body, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or b"null")


# ---- The patterns ---------------------------------------------------------------

def ws(server, path):
    return connect(f"ws://{server.host}:{server.port}{path}", open_timeout=PATIENCE)


def hear(*sockets):
    return [s.recv(timeout=PATIENCE) for s in sockets]


def echo():
    with serve("websocket/echo") as server, ws(server, "/ws") as a:
        a.send("hello")
        check("echo", hear(a) == ["Echo: hello"])


def broadcast():
    with serve("websocket/broadcast") as server, ws(server, "/ws/1") as a:
        with ws(server, "/ws/2") as b:
            b.send("hi")
            got = hear(b, b, a)
            check("broadcast", got == ["You wrote: hi", "Client #2 says: hi", "Client #2 says: hi"], got)
        got = hear(a)
        check("broadcast: who goes is missed", got == ["Client #2 left the chat"], got)


def room():
    with serve("websocket/room") as server, ws(server, "/rooms/red?name=ada") as a, ws(server, "/rooms/red?name=bob") as b, \
            ws(server, "/rooms/blue?name=eve") as c:
        a.send("x")
        c.send("y")
        got = hear(a, b, c)
        check("room", got == ["ada: x", "ada: x", "eve: y"], got)
        check("room: who is in it", http(server, "/rooms/red") == ["ada", "bob"])


def pubsub():
    with serve("websocket/pubsub") as server, ws(server, "/ws?topics=news/%2B") as a, ws(server, "/ws?topics=prices/%23") as b:
        b.send("news/sport")
        until(lambda: publish(server, "news/sport", "1") is None, "published")
        for topic, text in (("prices/gold/eur", "2"), ("news/sport/deep", "3"), ("news/art", "4")):
            publish(server, topic, text)
        got = hear(a, a, b)
        check("publish and subscribe", got == ["1", "4", "1"] or got == ["1", "4", "2"], got)


def publish(server, topic, text):
    return http(server, f"/publish?topics={topic}", text.encode(), "POST")


def request_response():
    def call(i, method, a, b):
        return json.dumps({"jsonrpc": "2.0", "id": i, "method": method, "params": {"a": a, "b": b}})

    with serve("websocket/request_response") as server, ws(server, "/ws") as a:
        a.send(call("slow", "divide", 1, 2))
        a.send(call(2, "add", 1, 2))
        a.send(call(3, "divide", 1, 0))
        got = [json.loads(text) for text in hear(a, a, a)]
        want = [{"jsonrpc": "2.0", "id": 2, "result": 3.0},
                {"jsonrpc": "2.0", "id": 3, "error": {"code": 1, "message": "division by zero"}},
                {"jsonrpc": "2.0", "id": "slow", "result": 0.5}]
        check("request and response, in the order in which they are ready", got == want, got)


def events():
    with serve("websocket/events") as server, ws(server, "/ws") as a, ws(server, "/ws") as b:
        a.send('{"cents": 500}')
        got = hear(a, b)
        check("event style", got == ["500", "500"], got)
        a.send('{"cents": 0}')
        wrong = json.loads(hear(a)[0])["detail"][0]
        check("event style: what does not fit is told", wrong["type"] == "greater_than" and wrong["loc"] == ["cents"], wrong)
        b.send('{"cents": 600, "last": true}')
        got = hear(a, b)
        check("event style: and the socket goes on", got == ["600", "600"], got)
        try:
            hear(b)
            check("event style: it closes", False, "a message")
        except ConnectionClosed as closed:
            check("event style: it closes", closed.rcvd.code == 1000 and closed.rcvd.reason == "sold", closed.rcvd)


def guide():
    with tempfile.TemporaryDirectory() as folder, \
            serve("guide", env={"GUIDE_DATABASE_URL": f"sqlite:///{folder}/guide.db"}) as server, ws(server, "/ws") as a:
        with ws(server, "/ws/7") as b:
            b.send("hi")
            got = hear(a, b)
            check("the guide's /ws/{client_id}", got == ["Client 7: Processed: hi"] * 2, got)
            a.send("all")
            got = hear(a, b)
            check("the guide's /ws", got == ["Message: all"] * 2, got)
        check("the guide: left the chat", hear(a) == ["Client 7 left the chat"])


# ---- The chat ----------------------------------------------------------------------

class Visitor:
    """A client of the chat, and all that it heard."""

    def __init__(self, server, name, room="lobby"):
        self.server, self.name = server, name
        self.heard, self.closed = [], threading.Event()
        self.ws = ws(server, f"/ws/{room}?name={name}")
        self.pid = owner(self.ws.local_address, server)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()
        until(lambda: self.of("welcome"), f"{name} is welcome")

    def listen(self):
        try:
            for text in self.ws:
                self.heard.append(json.loads(text))
        except ConnectionClosed:
            pass
        self.closed.set()

    def of(self, kind):
        return [m for m in self.heard if m["kind"] == kind]

    def texts(self):
        return [m["text"] for m in self.of("message")]

    def say(self, text):
        self.ws.send(json.dumps({"kind": "say", "text": text}))

    def close(self):
        self.ws.close()
        self.thread.join(PATIENCE)


def children(pid):
    return [int(p) for p in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def workers(server):
    """The processes that serve: of `ip netns exec` the child is the supervisor itself."""
    return children(server.process.pid)


def owner(address, server):
    """The worker that has the other end of a connection, found in /proc."""
    for pid in workers(server):
        with contextlib.suppress(OSError, StopIteration):
            lines = open(f"/proc/{pid}/net/tcp").read().splitlines()[1:]
            inode = next(line.split()[9] for line in lines if line.split()[2].endswith(f":{address[1]:04X}") and
                         line.split()[1].endswith(f":{server.port:04X}"))
            fds = f"/proc/{pid}/fd"
            if any(os.readlink(f"{fds}/{fd}") == f"socket:[{inode}]" for fd in os.listdir(fds)):
                return pid
    return None


def crowd(server, prefix, least=2):
    """Visitors on both workers, at least so many on each."""
    all_of = []
    while len(all_of) < 40:
        counts = [sum(v.pid == pid for v in all_of) for pid in workers(server)]
        if len(counts) == 2 and min(counts) >= least:
            return all_of
        all_of.append(Visitor(server, f"{prefix}{len(all_of)}"))
    check("the connections are on both workers", False, [v.pid for v in all_of])
    return all_of


def everyone_hears(name, speakers, listeners, tag, per=5):
    """Each says some, all hear all of it, once, and each speaker in order."""
    for i in range(per):
        for s in speakers:
            s.say(f"{tag} {s.name} {i}")
    want = {s.name: [f"{tag} {s.name} {i}" for i in range(per)] for s in speakers}

    def of(listener, speaker):
        return [t for t in listener.texts() if t.startswith(f"{tag} {speaker} ")]

    until(lambda: all(len(of(v, s.name)) >= per for v in listeners for s in speakers), f"{name}: it all came")
    wrong = [(v.name, s.name, of(v, s.name)) for v in listeners for s in speakers if of(v, s.name) != want[s.name]]
    check(name, not wrong, wrong[:3])


def chat(folder, *flags, **options):
    return serve("chat", "--workers", "2", *flags, env={"CHAT_DATABASE_URL": f"sqlite:///{folder}/chat.db"}, **options)


def stops(name, *servers):
    """With somebody still connected; a sanitizer would have a word."""
    ends = [server.stop() for server in servers]
    words = [server.output() for server in servers if "Sanitizer" in server.output()]
    check(f"{name}: a clean stop", not any(ends) and not words, ends + words)


def saved(folder):
    out = subprocess.run(["sqlite3", f"{folder}/chat.db", "SELECT count(*), count(DISTINCT text) FROM lines"],
                         capture_output=True, text=True, check=True).stdout
    return out.strip()


def two_workers():
    with tempfile.TemporaryDirectory() as folder, chat(folder) as server:
        all_of = crowd(server, "w")
        everyone_hears("chat, two workers: all hear all, once, in order", all_of, all_of, "one")
        names = sorted(v.name for v in all_of)
        until(lambda: sorted(http(server, "/rooms/lobby/users")) == names, "presence")
        all_of[0].ws.send(json.dumps({"kind": "whisper", "to": all_of[-1].name, "text": "psst"}))
        until(lambda: all_of[-1].of("whisper") and all_of[0].of("whisper"), "a whisper")
        check("chat: a personal message reaches one, and the sender",
              [v.name for v in all_of if v.of("whisper")] == [all_of[0].name, all_of[-1].name])
        victim = all_of[0].pid
        lost, rest = [v for v in all_of if v.pid == victim], [v for v in all_of if v.pid != victim]
        os.kill(victim, signal.SIGKILL)
        until(lambda: all({m["name"] for m in v.of("left")} >= {g.name for g in lost} for v in rest), "all are missed")
        left = [sorted(m["name"] for m in v.of("left")) for v in rest]
        check("chat: a worker is killed, and its visitors are missed, once",
              all(names == sorted(g.name for g in lost) for names in left), left)
        until(lambda: len([pid for pid in workers(server) if pid != victim]) == 2, "a successor")
        everyone_hears("chat: the others go on meanwhile", rest, rest, "two")
        again = crowd(server, "n")
        everyone_hears("chat: its successor takes part", again + rest, again + rest, "three")
        count = 5 * (len(all_of) + len(rest) + len(again) + len(rest))
        until(lambda: saved(folder) == f"{count}|{count}", "the history")
        check("chat: the history has all of it, once", saved(folder) == f"{count}|{count}", saved(folder))
        check("chat: nothing was a gap", not any(v.of("gap") for v in rest + again))
        for v in again + rest[1:]:
            v.close()
        stops("chat, two workers", server)


def reload():
    """Workers of two generations hear each other: nobody is cut off, nothing is missed."""
    with tempfile.TemporaryDirectory() as folder, chat(folder) as server:
        old, before = crowd(server, "o"), set(workers(server))
        server.process.send_signal(signal.SIGHUP)
        until(lambda: len(set(workers(server)) - before) == 2, "new workers")
        new = []
        while len({v.pid for v in new} - before) < 2 and len(new) < 40:  # the old ones accept until all new ones serve
            new.append(Visitor(server, f"n{len(new)}"))
        check("chat, reloaded: newcomers are on new workers", len({v.pid for v in new} - before) == 2, [v.pid for v in new])
        everyone_hears("chat, reloaded: old and new hear each other", old + new, old + new, "both")
        check("chat, reloaded: nobody was cut off", not any(v.closed.is_set() or v.of("gap") for v in old + new))
        stops("chat, reloaded", server)


def heard_or_told(listener, texts):
    """All came, or a gap was told; nothing came twice."""
    got = [t for t in listener.texts() if t in texts]
    return len(got) == len(set(got)) and (set(got) == set(texts) or bool(listener.of("gap")))


def two_machines(name, redis, here, there):
    a, b = crowd(here, "a"), crowd(there, "b")
    names = sorted(v.name for v in a + b)
    check(f"{name}: both list everybody", until(
        lambda: all(http(m, "/rooms/lobby/users") == names for m in (here, there, here, there)), f"{name}: presence"))
    everyone_hears(f"{name}: all hear all, once, in order", a[:2] + b[:2], a + b, "one")
    redis.stop()
    everyone_hears(f"{name}: Redis is stopped, each machine goes on", a[:2], a, "down")
    everyone_hears(f"{name}: ... the other, too", b[:2], b, "off")
    redis.start()
    until(lambda: reach(a, b), f"{name}: joined again")
    texts = [t for t in a[0].texts() if t.startswith("down")]
    check(f"{name}: what was said without Redis came, or its absence was told, and nothing twice",
          until(lambda: all(heard_or_told(v, texts) for v in b), f"{name}: came or told"),
          [(v.name, v.texts(), v.of("gap")) for v in b if not heard_or_told(v, texts)][:1])
    twice = [v.name for v in a + b if len(v.texts()) != len(set(v.texts()))]
    check(f"{name}: nothing came twice to anybody", not twice, twice)
    everyone_hears(f"{name}: as before", a[-2:] + b[-2:], a + b, "two")
    victim = a[0].pid
    lost = {v.name for v in a if v.pid == victim}
    os.kill(victim, signal.SIGKILL)
    until(lambda: all({m["name"] for m in v.of("left")} >= lost for v in b), f"{name}: missed on the other machine")
    check(f"{name}: a worker that is killed there is missed here, once",
          all(sorted(m["name"] for m in v.of("left")) == sorted(lost) for v in b))
    for v in b[1:] + [v for v in a if v.pid != victim]:
        v.close()
    stops(name, here, there)


probes = 0


def reach(a, b):
    """True when a message of each machine came to the other."""
    global probes
    probes += 1
    a[-1].say(f"probe {probes}")
    b[-1].say(f"probe -{probes}")
    time.sleep(0.2)
    return f"probe {probes}" in b[0].texts() and f"probe -{probes}" in a[0].texts()


def by_ports():
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, Redis(password="secret") as redis, \
            chat(one, "--bus", redis.url) as here, chat(two, "--bus", redis.url) as there:
        two_machines("chat, two machines on one", redis, here, there)


def by_tls():
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("cert.pem", "key.pem")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=redis", "-days", "2",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[1], "-out", files[0]],
                       check=True, capture_output=True)
        env = {"SSL_CERT_FILE": files[0]}
        with Redis(password="secret", tls=[*files, files[0]]) as redis, serve("websocket/room", "--bus", redis.url, env=env) as here, \
                serve("websocket/room", env={**env, "BRIO_BUS": redis.url}) as there, \
                serve("websocket/room", "--bus", redis.url) as stranger, \
                ws(here, "/rooms/red?name=ada") as a, ws(there, "/rooms/red?name=bob") as b:
            until(lambda: http(there, "/rooms/red") == ["ada", "bob"], "presence by TLS")
            a.send("hello")
            got = hear(a, b)
            check("Redis by TLS", got == ["ada: hello"] * 2, got)
            check("Redis by TLS: who does not trust its certificate stays alone",
                  until(lambda: "certificate" in stranger.output(), "a warning") and http(stranger, "/rooms/red") == [],
                  stranger.output())


class Namespace:
    """A machine of its own, with one wire to this one."""

    def __init__(self, number):
        self.name, self.net = f"brio-{os.getpid()}-{number}", f"10.{200 + number}.{os.getpid() % 250}"
        self.host, self.gate = f"{self.net}.2", f"{self.net}.1"
        self.exec = ["ip", "netns", "exec", self.name]
        self.wire = f"bv{os.getpid() % 100000}n{number}"

    def __enter__(self):
        for command in (f"ip netns add {self.name}", f"ip link add {self.wire} type veth peer name eth0 netns {self.name}",
                        f"ip addr add {self.gate}/24 dev {self.wire}", f"ip link set {self.wire} up",
                        f"ip -n {self.name} addr add {self.host}/24 dev eth0", f"ip -n {self.name} link set eth0 up",
                        f"ip -n {self.name} link set lo up"):
            subprocess.run(command.split(), check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)

    def chat(self, folder, redis):
        flags = ["--workers", "2", "--host", self.host, "--bus", f"redis://{self.gate}:{redis.port}/3", "--log-level", "warning"]
        return Server([*self.exec, os.path.join(EXAMPLES, "chat"), *flags], free_port(), cwd=ROOT, host=self.host,
                      env={"CHAT_DATABASE_URL": f"sqlite:///{folder}/chat.db"})


def has_namespaces():
    probe = f"brio-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode == 0
    subprocess.run(["ip", "netns", "del", probe], capture_output=True)
    return made


def by_namespaces():
    if not has_namespaces():
        print("ok - sockets: two machines in network namespaces # SKIP the system forbids them")
        return
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, Redis(host="0.0.0.0") as redis, \
            Namespace(1) as n1, Namespace(2) as n2, n1.chat(one, redis) as here, n2.chat(two, redis) as there:
        two_machines("chat, two machines", redis, here, there)


def main():
    parts = [echo, broadcast, room, pubsub, request_response, events, guide, two_workers, reload, by_ports, by_tls, by_namespaces]
    only = [arg for arg in sys.argv[1:] if not arg.startswith("--") and arg != PRESET]
    for part in parts:
        if not only or part.__name__ in only:
            part()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
