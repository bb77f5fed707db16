# SPDX-License-Identifier: MIT
"""A client of HTTP/2 by hand, over Python's h2: what it reads, when, and which windows it
opens are the test's affair. Its Python must have the package (python_env)."""
import socket
import ssl
import struct
import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

WIDE = (1 << 31) - 1

# A GOAWAY leaves the streams that are open to their end (RFC 9113, section 6.8); the library drops them.
OPEN, GOAWAY = h2.connection.ConnectionState.CLIENT_OPEN, h2.connection.ConnectionInputs.RECV_GOAWAY
h2.connection.H2ConnectionStateMachine._transitions[OPEN, GOAWAY] = (None, OPEN)


class Stream:
    """What is known of one request's answer."""

    def __init__(self):
        self.status, self.headers, self.body = None, {}, bytearray()
        self.received, self.informational, self.trailers = 0, [], {}
        self.ended, self.reset = False, None

    @property
    def over(self):
        return self.ended or self.reset is not None


class Client:
    """`keeps`: bodies are kept. `hoards`: no window is opened by itself. `window`: of each stream."""

    def __init__(self, port, tls=False, window=65535, small=False, hoards=False, keeps=True, greet=True):
        self.sock = socket.socket()
        if small:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.sock.settimeout(30)
        self.sock.connect(("127.0.0.1", port))
        self.protocol = "h2"
        if tls:
            self.sock = self.wrap(self.sock)
            self.protocol = self.sock.selected_alpn_protocol()
        self.port, self.hoards, self.keeps = port, hoards, keeps
        self.streams, self.goaway, self.over, self.pongs = {}, None, False, 0
        self.held = set()  # streams whose own windows are not opened
        config = h2.config.H2Configuration(client_side=True, validate_outbound_headers=False,
                                           normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        if window != 65535:
            self.h2.local_settings = h2.settings.Settings(True, {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.h2.initiate_connection()
        if window > 65535:
            self.h2.increment_flow_control_window(min(window, WIDE - 65535))
        if greet:
            self.flush()

    @staticmethod
    def wrap(sock):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        return context.wrap_socket(sock, server_hostname="localhost")

    # ---- Saying ------------------------------------------------------------------

    def flush(self):
        try:
            self.sock.sendall(self.h2.data_to_send())
        except OSError:
            self.over = True

    def raw(self, data):
        """Past the library, which would not say it."""
        self.flush()
        try:
            self.sock.sendall(data)
        except OSError:
            self.over = True

    def request(self, method, path, headers=(), body=b"", end=True):
        """Its stream. With `end` False more may be sent. What the windows let out of `body` goes out now."""
        stream = self.h2.get_next_available_stream_id()
        self.streams[stream] = Stream()
        self.h2.send_headers(stream, [(":method", method), (":scheme", "http"), (":path", path), (":authority", "t"), *headers],
                             end_stream=end and not body)
        if body:
            self.h2.send_data(stream, body, end_stream=end)
        self.flush()
        return stream

    def get(self, path, headers=()):
        return self.request("GET", path, headers)

    def socket(self, path):
        """A WebSocket's stream (RFC 8441). Its peer's settings must have come."""
        stream = self.h2.get_next_available_stream_id()
        self.streams[stream] = Stream()
        self.h2.send_headers(stream, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                                      (":path", path), (":authority", "t"), ("sec-websocket-version", "13")])
        self.flush()
        return stream

    def messages(self, stream):
        """Of a WebSocket's stream: (opcode, payload) of the whole frames that have come."""
        data, found = self.streams[stream].body, []
        while len(data) >= 2:
            size, at = data[1] & 127, 2
            if size > 125:
                at = 4 if size == 126 else 10
                size = int.from_bytes(data[2:at], "big") if len(data) >= at else 1 << 62
            if len(data) < at + size:
                break
            found.append((data[0] & 15, bytes(data[at:at + size])))
            del data[:at + size]
        return found

    def say(self, stream, data, opcode=1):
        """A short message on a WebSocket's stream, masked by zeros."""
        assert len(data) < 126
        self.h2.send_data(stream, bytes([0x80 | opcode, 0x80 | len(data), 0, 0, 0, 0]) + data)
        self.flush()

    def cancel(self, stream):
        self.h2.reset_stream(stream, 8)
        self.flush()

    # ---- Hearing -----------------------------------------------------------------

    def turn(self, seconds=30):
        """Reads once. False: nothing came in that time."""
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(1 << 18)
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except OSError:
            data = b""
        self.over = not data
        try:
            for event in self.h2.receive_data(data) if data else ():
                self.note(event)
        except h2.exceptions.ProtocolError as error:
            self.goaway = self.goaway or (repr(error), 0)
            self.over = True
        if not self.over:
            self.flush()
        return True

    def note(self, event):
        stream = self.streams.get(getattr(event, "stream_id", 0) or 0)
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = (int(event.error_code), event.last_stream_id)
        elif isinstance(event, h2.events.PingAckReceived):
            self.pongs += 1
        elif not stream:
            return
        elif isinstance(event, h2.events.InformationalResponseReceived):
            stream.informational.append(int(dict(text(event.headers))[":status"]))
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers = dict(text(event.headers))
            stream.status = int(stream.headers[":status"])
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers = dict(text(event.headers))
        elif isinstance(event, h2.events.DataReceived):
            self.take(stream, event)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = int(event.error_code)

    def take(self, stream, event):
        stream.received += len(event.data)
        if self.keeps:
            stream.body += event.data
        if self.hoards or not event.flow_controlled_length:
            return
        if event.stream_id in self.held:
            self.h2.increment_flow_control_window(event.flow_controlled_length)
        else:
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    def until(self, look, seconds=30):
        """Reads until look() is true, or the connection is over, or time is up. What look() says then."""
        end = time.monotonic() + seconds
        while not look() and not self.over and time.monotonic() < end:
            self.turn(max(0.01, end - time.monotonic()))
        return look()

    def answer(self, stream, seconds=30):
        """The stream's state when it is over."""
        self.until(lambda: self.streams[stream].over, seconds)
        return self.streams[stream]

    def ask(self, path, headers=(), method="GET", body=b""):
        """Status and body of a whole exchange; None instead of a status: it broke."""
        s = self.answer(self.request(method, path, headers, body))
        return (s.status if s.ended else None), bytes(s.body)

    def settled(self):
        """Waits for the peer's settings."""
        self.until(lambda: self.h2.remote_settings.max_concurrent_streams < 1 << 30)
        return self

    def ping(self, seconds=30):
        want = self.pongs + 1
        self.h2.ping(b"12345678")
        self.flush()
        return self.until(lambda: self.pongs >= want, seconds)

    def until_end(self, seconds=30):
        """True if the server ended the connection."""
        return self.until(lambda: self.over, seconds)

    def last_words(self):
        """The code of a GOAWAY, if the server ends the connection with one; past the library."""
        data, code = b"", None
        self.sock.settimeout(30)
        try:
            while more := self.sock.recv(1 << 18):
                data += more
        except TimeoutError:
            return None
        except OSError:
            pass
        while len(data) >= 9:
            size = int.from_bytes(data[:3], "big")
            code = int.from_bytes(data[13:17], "big") if data[3] == 7 else code
            data = data[9 + size:]
        return code

    def close(self):
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def text(headers):
    return [(n.decode() if isinstance(n, bytes) else n, v.decode() if isinstance(v, bytes) else v) for n, v in headers]
