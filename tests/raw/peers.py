# SPDX-License-Identifier: MIT
"""nginx and node with the routes of examples/probe."""
import os
import re
import shutil
import subprocess
import tempfile

from harness.serving import Server, free_port

HERE = os.path.dirname(os.path.abspath(__file__))
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_timeout 60; client_max_body_size 16m; large_client_header_buffers 4 64k;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port};
    location = / {{ if ($request_method !~ ^(GET|HEAD|POST)$) {{ return 405; }} return 200 "nginx\\n"; }}
    location = /echo {{ return 200 "echo"; }}
    location = /only-get {{ if ($request_method !~ ^(GET|HEAD)$) {{ return 405; }} return 200 "nginx\\n"; }}
    location = /nocontent {{ return 204; }}
    location /static/ {{ root {root}; }}
    location / {{ return 404; }} }} }}
"""


class Nginx(Server):
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        port, root = free_port(), os.path.join(os.path.dirname(os.path.dirname(HERE)), "examples", "probe")
        path = os.path.join(self.folder.name, "nginx.conf")
        with open(path, "w") as f:
            f.write(CONFIGURATION.format(folder=self.folder.name, port=port, root=root))
        self.port, self.log = port, tempfile.TemporaryFile()
        self.process = subprocess.Popen([NGINX, "-c", path, "-e", os.path.join(self.folder.name, "error.log")],
                                        stdout=self.log, stderr=subprocess.STDOUT)
        self.wait_until_it_accepts()


def node():
    return Server(["node", os.path.join(HERE, "node_peer.js")], free_port())


PEERS = {"nginx": Nginx, "node": node}

# Routes that only the probe has.
OWN = r"^(a handshake|no key|a short key|version 8|no version|If-|a range|HEAD of a file|OPTIONS of a route|TRACE)"

# (who, which rows, why it answers otherwise than brio)
REASONS = [
    ("nginx", r"^bare LF|behind a bare LF|^an end of a chunk|^a last chunk|^CR CR LF",
     "takes a bare LF for a line end, which RFC 9112, 2.2 allows and brio does not use: where two servers in a row "
     "disagree about it a request hides. Trailers are skipped without a look."),
    ("nginx", r"^version: b'1\.1 '|^blanks in the request line: b'GET (/ HTTP/1.1 |  ?/|/  )", "forgives blanks"),
    ("nginx", r"^version: b'1\.10'", "reads more than one digit"),
    ("nginx", r"^a chunk size that is none: b'3 '|^an extension that is none|^extensions without end",
     "skips whatever stands behind the size of a chunk"),
    ("nginx", r"^a name that is no token|^a control byte in a value",
     "drops or passes on header lines that are none; brio refuses the request"),
    ("nginx", r"^a bad Host|^an absolute form that is none", "checks only what it needs of a host and a scheme"),
    ("nginx", r"^a byte that no target has", "passes bytes on that no URI has"),
    ("nginx", r"^(methods are|a method of|CONNECT|OPTIONS of the server|HTTP/0.9)", "refuses with another status"),
    ("nginx", r"^(a percent sign|an encoded NUL)", "decodes the path before it looks for a route, and refuses"),
    ("nginx", r"^two slashes", "merges slashes"),
    ("nginx", r"^(101 headers|a target of 8,200|a header of 70,000|trailers without end)", "has other limits"),
    ("nginx", r"^a length of 17 MiB|^a chunk of 16 EiB", "waits for what the client sends on; 400 for the chunk"),
    ("nginx", r"^chunked (twice|is not the last)", "501 for each coding it does not know"),
    ("nginx", r"^an expectation nobody knows", "ignores it, as RFC 9110, 10.1.1 allows"),
    ("nginx", r"^HTTP/0.9's request", "answers it in HTTP/0.9"),
    ("node", r"^HTTP/1\.0", "closes an HTTP/1.0 connection"),
    ("node", r"^(HTTP/1\.[29]|HTTP/[23]\.0|HTTP/0\.9)", "knows the versions 0.9, 1.0, 1.1 and 2.0 by name"),
    ("node", r"^blanks in the request line", "forgives blanks before and behind the target"),
    ("node", r"^(methods are|a method|CONNECT)", "400 for a method it does not know; CONNECT has a handler of its own"),
    ("node", r"^percent-encoded letters", "leaves decoding to the program"),
    ("node", r"^a byte that no target has", "takes a fragment for a part of the path"),
    ("node", r"^an absolute form that is none|^ast|^OPTIONS of the server", "leaves the target to the program"),
    ("node", r"^an extension that is none: b'a='", "takes a name with an equals sign and nothing behind it"),
    ("node", r"Host", "looks at Host only to see that it is there"),
    ("node", r"^(101 headers|a target of 8,200|a header of|trailers without end|extensions without end)", "has other limits"),
    ("node", r"^a length|^a chunk of 16 EiB", "has no limit of its own and waits"),
    ("node", r"^a trailer that would frame", "refuses what brio and nginx drop"),
    ("node", r"^chunks in HTTP/1\.0|^a coding", "takes any list of codings that ends in chunked"),
    ("node", r"^nothing is read behind it|^a bad request behind", "reads on before it has answered"),
    ("node", r"^an expectation nobody knows", "keeps the connection"),
]


def explained(peer, name):
    return any(who == peer and re.search(rows, name) for who, rows, _ in REASONS)
