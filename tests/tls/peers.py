# SPDX-License-Identifier: MIT
"""Clients for the TLS suite: curl, `openssl s_client`, Python's ssl, and a hand
that feeds a socket byte by byte."""
import json
import socket
import ssl
import subprocess


def curl(pki, port, path, *words, host="localhost", ca="ca"):
    """(exit status, body) of one request."""
    done = subprocess.run(["curl", "-sS", "--http1.1", "--max-time", "60", "--cacert", pki[ca + ".crt"], "--connect-to",
                           f"{host}:443:127.0.0.1:{port}", *words, f"https://{host}{path}"], capture_output=True)
    return done.returncode, done.stdout.decode(errors="replace")


def client(pki, port, *words, **options):
    """What the server knows of a curl."""
    status, body = curl(pki, port, "/client", *words, **options)
    return json.loads(body) if status == 0 and body.startswith("{") else {"curl": status}


def s_client(pki, port, *words, say="Q\n"):
    """What `openssl s_client` writes."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", pki["ca.crt"], *words],
                          input=say.encode(), capture_output=True, timeout=60)
    return (done.stdout + done.stderr).decode(errors="replace")


def context(pki, version=None):
    c = ssl.create_default_context(cafile=pki["ca.crt"])
    if version:
        c.minimum_version = c.maximum_version = version
    return c


def dial(pki, port, version=None, session=None):
    raw = socket.create_connection(("127.0.0.1", port), 60)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    c = context(pki, version) if not session else session[0]
    return c.wrap_socket(raw, server_hostname="localhost", session=session and session[1],
                         suppress_ragged_eofs=False)


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


def read_answer(sock):
    """(status, body) of one answer with a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None, data
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += sock.recv(min(65536, length - len(body)))
    return int(lines[0].split()[1]), body


def at_end(sock):
    """True: the peer said that it is done; False: it just ended."""
    try:
        while sock.recv(65536):
            pass
        return True
    except (ssl.SSLError, ConnectionError):
        return False


class ByHand:
    """TLS whose bytes go out in pieces of our choice."""

    def __init__(self, pki, port, pieces):
        self.sock = socket.create_connection(("127.0.0.1", port), 60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.inside, self.outside = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context(pki).wrap_bio(self.inside, self.outside, server_hostname="localhost")
        self.pieces = pieces

    def send(self):
        data = self.outside.read()
        for piece in self.pieces(data) if data else ():
            self.sock.sendall(piece)

    def wait(self, call):
        while True:
            try:
                result = call()
                self.send()
                return result
            except ssl.SSLWantReadError:
                self.send()
                data = self.sock.recv(65536)
                if data:
                    self.inside.write(data)
                else:
                    self.inside.write_eof()

    def ask(self, data):
        self.wait(self.tls.do_handshake)
        self.tls.write(data)
        self.send()
        answer = b""
        while b"}" not in answer:
            answer += self.wait(lambda: self.tls.read(65536))
        return answer

    def ask_and_end(self, data):
        """The answer to a request with close_notify right behind it, and whether the other side said that, too."""
        self.wait(self.tls.do_handshake)
        self.tls.write(data)
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            self.send()
        answer = b""
        try:
            while more := self.wait(lambda: self.tls.read(65536)):
                answer += more
        except ssl.SSLZeroReturnError:
            pass
        except ssl.SSLEOFError:
            return answer, False
        return answer, True

    def close(self):
        self.sock.close()


def hello_of(pki):
    """The first bytes of a client."""
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context(pki).wrap_bio(inside, outside, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return outside.read()
