#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guide's server, driven over real sockets by Python's own client, its
database read by the sqlite3 program. Nothing is timed: where time is the point,
the order of answers is compared.

usage: guide.py [--preset PRESET]"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import Server, free_port  # noqa: E402

PRESET = sys.argv[sys.argv.index("--preset") + 1] if "--preset" in sys.argv else "release"
GUIDE = os.path.join(ROOT, "build", PRESET, "examples", "guide")
failures = 0


def check(name, passed, detail=""):
    global failures
    print(f"{'ok' if passed else 'not ok'} - guide: {name}" + (f"\n#   {detail}" if not passed else ""), flush=True)
    failures += not passed


def call(server, method, path, body=None, **query):
    url = f"http://127.0.0.1:{server.port}{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith((b"{", b"[")) else text.decode()


def same(name, got, want):
    check(name, got == want, f"got {got}, want {want}")


def sql(path, statement):
    out = subprocess.run(["sqlite3", path, statement], check=True, capture_output=True, text=True).stdout
    return out.strip()


def users(server, database):
    same("no users at first", call(server, "GET", "/users/"), (200, []))
    ada = {"id": 1, "name": "Ada Lovelace", "email": "ada@example.com"}
    same("a user is made", call(server, "POST", "/users/", name=ada["name"], email=ada["email"]), (200, ada))
    same("and is in the file", sql(database, "SELECT id, name, email FROM users"), "1|Ada Lovelace|ada@example.com")
    nasty = "Robert'); DROP TABLE users;-- ☃"
    call(server, "POST", "/users/", name=nasty, email="b@example.com")
    same("hostile text is only text", sql(database, "SELECT name FROM users WHERE id = 2"), nasty)
    same("the list", [u["id"] for u in call(server, "GET", "/users/")[1]], [1, 2])
    check("a missing email is 422", call(server, "POST", "/users/", name="x")[0] == 422)
    sql(database, "INSERT INTO posts (user_id, title) VALUES (1, 'Notes'), (1, 'More'); INSERT INTO followers VALUES (2, 1)")
    profile = {"user": ada, "followers": 1,
               "posts": [{"id": 1, "user_id": 1, "title": "Notes"}, {"id": 2, "user_id": 1, "title": "More"}]}
    same("the complete profile", call(server, "GET", "/users/1/complete-profile"), (200, profile))
    same("of nobody", call(server, "GET", "/users/99/complete-profile"), (404, {"detail": "User not found"}))


def money(server, database):
    def balances():
        return sql(database, "SELECT balance FROM accounts ORDER BY user_id")

    def transfer(source, target, amount):
        return call(server, "POST", "/transfer-money/", from_user=source, to_user=target, amount=amount)

    same("a transfer", transfer(1, 2, 50), (200, {"message": "Transfert de 50.0€ effectué"}))
    same("changed both", balances(), "950.0\n550.0")
    same("too much", transfer(1, 2, 100000), (409, {"detail": "Insufficient funds"}))
    same("to nobody", transfer(1, 99, 10), (404, {"detail": "Account not found"}))
    check("less than nothing", transfer(1, 2, -5)[0] == 422)
    same("changed neither", balances(), "950.0\n550.0")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: transfer(1 + i % 2, 2 - i % 2, 1)[0], range(100)))
    same("a hundred at once", set(answers), {200})
    same("lose no cent", balances(), "950.0\n550.0")


def database_busy(server, database):
    """Somebody else holds the write lock: 503, nothing half-written, then well again."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    before = sql(database, "SELECT COUNT(*) FROM users")
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/users/?name=x&email=x@y", method="POST")
    try:
        urllib.request.urlopen(request, timeout=60)
        answer = None
    except urllib.error.HTTPError as error:
        answer = error
    check("a busy database is a 503 with Retry-After", answer and answer.code == 503 and "Retry-After" in answer.headers)
    check("reading goes on meanwhile", call(server, "GET", "/users/")[0] == 200)
    other.execute("ROLLBACK")
    other.close()
    same("nothing was half-written", sql(database, "SELECT COUNT(*) FROM users"), before)
    check("and then all is well", call(server, "POST", "/users/", name="y", email="y@z.org")[0] == 200)


def waiting_for_nobody(server):
    """One slow `def` and a hundred slow `async def`: a fast one overtakes all."""
    order = []

    def slow(path):
        answer = call(server, "GET", path)
        order.append(path)
        return answer

    with concurrent.futures.ThreadPoolExecutor(110) as pool:
        waits = [pool.submit(slow, "/sync-slow")] + [pool.submit(slow, "/async-slow") for _ in range(100)]
        while not any(w.running() for w in waits):
            time.sleep(0.01)
        fast = [call(server, "GET", "/accounts/1")[0]]
        done_before = len(order)
        fast += [call(server, "GET", "/accounts/1")[0] for _ in range(20)]
        answers = [w.result() for w in waits]
    same("fast answers are right", set(fast), {200})
    same("and the first overtakes all slow ones", done_before, 0)
    same("the slow `def`", answers[0], (200, {"message": "Traitement sync terminé"}))
    same("the slow `async def`s", {a[1]["message"] for a in answers[1:]}, {"Traitement async terminé"})


def long_ones(server):
    results = [f"Tâche {i} terminée" for i in (1, 2, 3)]
    tasks = [f"Task {i} done" for i in range(5)]
    items = [f"item {i}" for i in range(5)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        order = []

        def late(path, *args, **kw):
            answer = call(server, *((args[0],) if args else ("GET",)), path, *args[1:], **kw)
            order.append(path)
            return answer

        futures = {p: pool.submit(late, p) for p in ("/sync-multiple", "/async-multiple", "/with-timeout/",
                                                     "/perf-test-sync/", "/perf-test-async/", "/cpu-intensive-async/")}
        batch = pool.submit(late, "/batch-process/", "POST", items)
        got = {p: f.result() for p, f in futures.items()}
        same("batch", batch.result(), (200, {"results": ["Processed: " + i for i in items]}))
    same("sync-multiple", got["/sync-multiple"], (200, {"results": results, "duration": "3 secondes"}))
    same("async-multiple", got["/async-multiple"], (200, {"results": results, "duration": "1 seconde"}))
    check("gathered ends before one after the other", order.index("/async-multiple") < order.index("/sync-multiple"))
    check("and so in the performance test", order.index("/perf-test-async/") < order.index("/perf-test-sync/"))
    same("with-timeout", got["/with-timeout/"], (200, {"error": "Opération trop lente", "timeout": "5s"}))
    same("perf-test-sync", (got["/perf-test-sync/"][1]["results"], got["/perf-test-sync/"][1]["type"]), (tasks, "synchronous"))
    same("perf-test-async", (got["/perf-test-async/"][1]["results"], got["/perf-test-async/"][1]["type"]),
         (tasks, "asynchronous"))
    same("cpu-intensive", got["/cpu-intensive-async/"], (200, {"result": sum(i * i for i in range(1000000))}))
    same("a batch of wrong things", call(server, "POST", "/batch-process/", [1])[0], 422)


def eventually(predicate):
    for _ in range(600):
        if predicate():
            return True
        time.sleep(0.05)
    return False


def background(server):
    same("notification", call(server, "POST", "/send-notification/", email="e@x.org"),
         (200, {"message": "Notification en cours d'envoi"}))
    same("registration", call(server, "POST", "/register-user/", email="r@x.org"),
         (200, {"message": "Inscription réussie, traitements en cours"}))
    check("the response does not wait", "Email envoyé à e@x.org" not in server.output())
    check("the e-mail follows", eventually(lambda: "Email envoyé à e@x.org" in server.output()))
    check("all three tasks follow", eventually(lambda: "r@x.org ajouté à la mailing list" in server.output()))
    out = server.output()
    places = [out.find(t) for t in ("Email async envoyé à r@x.org", "Profil créé pour r@x.org", "r@x.org ajouté")]
    check("in order", -1 < places[0] < places[1] < places[2], str(places))


def curl(server, path, *arguments):
    """What curl, a stranger to brio, makes of it: (status, body)."""
    url = f"http://127.0.0.1:{server.port}{path}"
    command = ["curl", "-sS", "-w", "\n%{http_code}", "--max-time", "60", *arguments, url]
    out = subprocess.run(command, capture_output=True, text=True)
    body, _, status = out.stdout.rpartition("\n")
    return int(status or 0), json.loads(body) if body.startswith(("{", "[")) else body + out.stderr


def same_bytes(a, b):
    with open(a, "rb") as x, open(b, "rb") as y:
        return x.read() == y.read()


def temporary_files(server):
    fds = f"/proc/{server.process.pid}/fd"
    names = []
    for fd in os.listdir(fds):
        with contextlib.suppress(FileNotFoundError):  # closed since
            names.append(os.readlink(os.path.join(fds, fd)))
    return [name for name in names if "(deleted)" in name and "brio" in name]


def uploads(server, folder):
    kept = os.path.join(folder, "uploads")
    small, large, odd = (os.path.join(folder, n) for n in ("small.txt", "large.bin", "é ;x.txt"))
    for path, data in ((small, b"one\r\ntwo\r\n--"), (large, os.urandom(20 * 1024 * 1024)), (odd, b"")):
        with open(path, "wb") as f:
            f.write(data)
    for path in ("/upload-sync/", "/upload-async/"):
        for file in (small, large, odd):
            name = os.path.basename(file)
            same(f"{path} {name}", curl(server, path, "-F", f'file=@"{file}"'),
                 (200, {"filename": name, "size": os.path.getsize(file)}))
            check("is there, byte for byte", same_bytes(file, os.path.join(kept, name)))
            os.remove(os.path.join(kept, name))
    same("several files", curl(server, "/upload-multiple/", "-F", f"files=@{small}", "-F", f"files=@{large}"),
         (200, {"files": [{"filename": "small.txt", "size": 12}, {"filename": "large.bin", "size": 20 * 1024 * 1024}]}))
    check("all are there", same_bytes(small, os.path.join(kept, "small.txt")) and same_bytes(large, os.path.join(kept, "large.bin")))
    same("a name that climbs", curl(server, "/upload-async/", "-F", f"file=@{small};filename=../../climber")[1],
         {"filename": "climber", "size": 12})
    check("stays where it belongs", os.path.exists(os.path.join(kept, "climber")))
    same("no file", curl(server, "/upload-async/", "-F", "other=1")[0], 422)
    same("a text instead", curl(server, "/upload-async/", "-F", "file=text")[1]["detail"][0]["msg"],
         "Value error, Expected UploadFile, received: <class 'str'>")
    same("from a pipe, in chunks", curl(server, "/upload-async/", "-H", "Transfer-Encoding: chunked", "-F", f"file=@{large}")[0], 200)
    same("waiting for 100", curl(server, "/upload-async/", "-H", "Expect: 100-continue", "-F", f"file=@{large}")[0], 200)
    same("more than is allowed", curl(server, "/upload-async/", "-H", "Content-Length: 999999999", "-F", f"file=@{small}")[0], 413)
    before = sorted(os.listdir(kept))
    slow = subprocess.Popen(["curl", "-sS", "--limit-rate", "100k", "-F", f"file=@{large};filename=cut", "-o", os.devnull,
                             f"http://127.0.0.1:{server.port}/upload-async/"], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    slow.kill()
    slow.wait()
    same("after an upload cut off", curl(server, "/upload-async/", "-F", f"file=@{small}")[0], 200)
    check("nothing of it is left", eventually(lambda: sorted(os.listdir(kept)) == before))
    check("and no temporary file", eventually(lambda: not temporary_files(server)))


def dependencies(server):
    same("nobody may read", call(server, "GET", "/notes/me")[0], 422)
    same("nor a stranger", curl(server, "/notes/me", "-H", "x-api-key: eve"), (401, {"detail": "No such key"}))
    same("who is asking", curl(server, "/notes/me", "-H", "x-api-key: ada"), (200, {"name": "ada", "admin": True}))
    same("a page that makes no sense", curl(server, "/notes?skip=3", "-H", "x-api-key: ada")[0], 400)
    answers = [curl(server, "/notes?skip=10", "-H", "x-api-key: bob")[0] for _ in range(6)]
    same("too often", answers, [200] * 5 + [429])


def stopping(server):
    """An answer to a later request says that the one in flight has begun."""
    flying = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    flying.request("GET", "/async-slow")
    same("answers while another waits", call(server, "GET", "/openapi.json")[0], 200)
    status = server.stop(signal.SIGTERM)
    answer = flying.getresponse()
    same("SIGTERM finishes the request in flight", (answer.status, json.loads(answer.read())),
         (200, {"message": "Traitement async terminé"}))
    check("and exits 0", status == 0, server.output()[-3000:])


def main():
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "guide.db")
        env = {"GUIDE_DATABASE_URL": f"sqlite:///{database}"}
        with Server([GUIDE], free_port(), env=env, cwd=folder) as server:
            users(server, database)
            money(server, database)
            database_busy(server, database)
            waiting_for_nobody(server)
            long_ones(server)
            background(server)
            uploads(server, folder)
            dependencies(server)
            paths = call(server, "GET", "/openapi.json")[1]["paths"]
            check("the document lists the routes", "/users/{user_id}/complete-profile" in paths, str(list(paths)))
            stopping(server)
        with Server([GUIDE, "--workers", "2"], free_port(), env=env, cwd=folder) as server:
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _: call(server, "GET", "/users/")[0], range(64)))
            same("two workers share port and database", set(answers), {200})
            check("and stop cleanly", server.stop() == 0, server.output()[-3000:])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
