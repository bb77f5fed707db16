# SPDX-License-Identifier: MIT
"""Certificates for the TLS suite, made by `openssl` when it runs."""
import os
import subprocess

EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "30"]


class Pki:
    """A folder with roots and what they issued: NAME.crt, NAME.key."""

    def __init__(self, folder):
        self.folder = folder
        self.root("ca")
        self.root("stranger")
        self.issue("localhost", "DNS:localhost,IP:127.0.0.1")
        self.issue("two.test", "DNS:two.test,DNS:*.two.test")
        self.issue("renewed", "DNS:localhost,IP:127.0.0.1")
        self.issue("rsa", "DNS:localhost", key=["-newkey", "rsa:2048", "-days", "30"])
        self.issue("client", "email:ada@example.org")
        self.issue("impostor", "DNS:client", by="stranger")
        self.run("ec", "-aes256", "-passout", "pass:open sesame", "-in", self["localhost.key"], "-out",
                 self["locked.key"])

    def __getitem__(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def run(*words):
        subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def root(self, name):
        self.run("req", "-x509", *EC, "-nodes", "-keyout", self[name + ".key"], "-out", self[name + ".crt"], "-subj",
                 f"/CN=Test {name}")

    def issue(self, name, alternatives, by="ca", key=EC):
        self.run("req", *key, "-nodes", "-keyout", self[name + ".key"], "-out", self[name + ".csr"], "-subj",
                 f"/O=Test/CN={name}")
        with open(self[name + ".ext"], "w") as f:
            f.write(f"subjectAltName={alternatives}\n")
        self.run("x509", "-req", "-in", self[name + ".csr"], "-CA", self[by + ".crt"], "-CAkey", self[by + ".key"],
                 "-CAcreateserial", "-days", "30", "-extfile", self[name + ".ext"], "-out", self[name + ".crt"])

    def flags(self, *names):
        """--ssl-certfile and --ssl-keyfile of each."""
        return [word for name in names
                for word in ("--ssl-certfile", self[name + ".crt"], "--ssl-keyfile", self[name + ".key"])]
