#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The crypt room against PyJWT, argon2-cffi, pwdlib and cryptography: each reads what the other wrote.

usage: tokens.py [--program PATH]      (default: build/asan/tests/interop_tokens); prints TAP."""
import argparse
import base64
import json
import os
import struct
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness.serving import run_inside  # noqa: E402

SECRET = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"
CLAIMS = [{}, {"sub": "johndoe", "scope": "me items"}, {"sub": "jörg \U0001f600", "n": [1, 2.5, None, True]},
          {"deep": {"er": {"and": ["deeper", {}]}}, "big": 2**62, "quote": 'a"\\/\n\x7f'}]
failed = 0


def report(name, problem):
    global failed
    failed += bool(problem)
    print(("not ok - " if problem else "ok - ") + "tokens: " + name + (f"\n# {problem}" if problem else ""), flush=True)


def differs(got, want):
    return None if got == want else f"{got!r}, not {want!r}"


class Brio:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, do, **question):
        self.process.stdin.write(json.dumps({"do": do, **question}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        return self.process.wait(60)


def pem_pairs():
    """(algorithm, private PEM, public PEM) by the openssl program, in the forms it has."""
    def openssl(*words, stdin=None):
        return subprocess.run(["openssl", *words], input=stdin, capture_output=True, text=True, check=True).stdout
    rsa = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    ec = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    yield "RS256", rsa, openssl("pkey", "-pubout", stdin=rsa)
    yield "RS256", openssl("rsa", "-traditional", stdin=rsa), openssl("pkey", "-pubout", stdin=rsa)
    yield "ES256", ec, openssl("pkey", "-pubout", stdin=ec)
    yield "ES256", openssl("ec", stdin=ec), openssl("pkey", "-pubout", stdin=ec)


def key_rows():
    """(algorithm, brio's words for signing, for verifying, PyJWT's keys for the same)."""
    for alg in ("HS256", "HS384", "HS512"):
        yield alg, {"secret": SECRET}, {"secret": SECRET}, SECRET, SECRET
    for alg, private, public in pem_pairs():
        yield alg, {"pem": private}, {"pem": public}, private, public


def check_jwt(brio):
    import jwt
    for alg, sign, verify, private, public in key_rows():
        for claims in CLAIMS:
            theirs = jwt.encode(claims, private, algorithm=alg)
            report(f"brio reads PyJWT's {alg}", differs(brio.ask("jwt_verify", alg=alg, token=theirs, **verify),
                                                        {"value": claims}))
            ours = brio.ask("jwt_sign", alg=alg, claims=claims, **sign)["value"]
            report(f"PyJWT reads brio's {alg}", differs(jwt.decode(ours, public, algorithms=[alg]), claims))
            bad = ours[:-6] + ("AAAAAA" if ours[-6:] != "AAAAAA" else "BBBBBB")
            report(f"a changed signature of {alg}", differs(brio.ask("jwt_verify", alg=alg, token=bad, **verify),
                                                            {"error": "BRIO_ESIGNATURE"}))


# Of PyJWT's exceptions, the nearest code of brio's.
VERDICTS = {"ExpiredSignatureError": "BRIO_EEXPIRED", "ImmatureSignatureError": "BRIO_EEARLY",
            "InvalidAudienceError": "BRIO_EAUDIENCE", "InvalidIssuerError": "BRIO_EISSUER",
            "MissingRequiredClaimError": "BRIO_ECLAIM", "InvalidSubjectError": "BRIO_ECLAIM",
            "InvalidJTIError": "BRIO_ECLAIM", "InvalidAlgorithmError": "BRIO_EALGORITHM"}


def check_verdicts(brio):
    import jwt
    now = int(time.time())
    rows = [({"exp": now + 1000}, {}), ({"exp": now - 1000}, {}), ({"nbf": now + 1000}, {}), ({"iat": now + 1000}, {}),
            ({"aud": "a"}, {}), ({"aud": "a"}, {"audience": "a"}), ({"aud": ["b", "a"]}, {"audience": "a"}),
            ({"aud": "ab"}, {"audience": "a"}), ({}, {"audience": "a"}), ({"iss": "i"}, {"issuer": "i"}),
            ({"iss": "j"}, {"issuer": "i"}), ({}, {"issuer": "i"}), ({"jti": 5}, {}), ({"sub": 5}, {})]
    for claims, asked in rows:
        raw = jwt.api_jws.PyJWS().encode(json.dumps(claims).encode(), SECRET, algorithm="HS256")
        try:
            want = {"value": jwt.decode(raw, SECRET, algorithms=["HS256"], **asked)}
        except jwt.InvalidTokenError as error:
            want = {"error": VERDICTS[type(error).__name__]}
        got = brio.ask("jwt_verify", alg="HS256", secret=SECRET, token=raw, **asked)
        report(f"PyJWT's verdict on {json.dumps(claims).replace(str(now)[:7], 'now')} {asked}", differs(got, want))
    none = jwt.encode({"sub": "a"}, None, algorithm="none")
    report("none", differs(brio.ask("jwt_verify", alg="HS256", secret=SECRET, token=none), {"error": "BRIO_EALGORITHM"}))


def check_passwords(brio):
    import argon2
    import pwdlib
    costs = [(3, 65536, 4), (1, 64, 1), (2, 256, 8)]
    for passes, memory, lanes in costs:
        hasher = argon2.PasswordHasher(passes, memory, lanes)
        for password in ("secret", "", "pässwörd \U0001f511", "x" * 1000):
            theirs = hasher.hash(password)
            report("brio verifies argon2-cffi's", differs(brio.ask("password_verify", password=password, hash=theirs),
                                                          {"value": None}))
            report("a wrong password", differs(brio.ask("password_verify", password=password + "!", hash=theirs),
                                               {"error": "BRIO_EPASSWORD"}))
            ours = brio.ask("password_hash", password=password, memory=memory, passes=passes, lanes=lanes)["value"]
            report("argon2-cffi verifies brio's", None if hasher.verify(ours, password) else ours)
            report("argon2-cffi finds its own cost in brio's", "rehash" if hasher.check_needs_rehash(ours) else None)
    recommended = pwdlib.PasswordHash.recommended()
    ours = brio.ask("password_hash", password="secret")["value"]
    report("pwdlib takes the default", differs(recommended.verify_and_update("secret", ours), (True, None)))


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt, use, n):
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    return HKDF(SHA256(), n, salt, use + b"interop").derive(SECRET.encode())


def check_seals(brio):
    import hmac
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    now = struct.pack(">Q", int(time.time()))
    for value in ("", "hello", "é" * 500):
        text = b64(value.encode()) + "." + b64(now)
        key = hkdf(b"", b"brio signed 1 ", 32)
        text += "." + b64(hmac.digest(key, text.encode(), "sha256"))
        report("brio opens what its format says, signed", differs(brio.ask("unsign", secret=SECRET, text=text), {"value": value}))
        ours = brio.ask("sign", secret=SECRET, text=value)["value"]
        body, _, mac = ours.rpartition(".")
        report("its signatures are HMAC-SHA-256", differs(unb64(mac), hmac.digest(key, body.encode(), "sha256")))
        head = b"\x01" + now + os.urandom(16)
        secret = hkdf(head[9:], b"brio sealed 1 ", 44)
        text = b64(head + AESGCM(secret[:32]).encrypt(secret[32:], value.encode(), head))
        report("brio opens what its format says, encrypted",
               differs(brio.ask("decrypt", secret=SECRET, text=text), {"value": value}))
        ours = unb64(brio.ask("encrypt", secret=SECRET, text=value)["value"])
        secret = hkdf(ours[9:25], b"brio sealed 1 ", 44)
        report("its encryption is AES-256-GCM",
               differs(AESGCM(secret[:32]).decrypt(secret[32:], ours[25:], ours[:25]).decode(), value))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=os.path.join(ROOT, "build/asan/tests/interop_tokens"))
    brio = Brio(parser.parse_args().program)
    for check in (check_jwt, check_verdicts, check_passwords, check_seals):
        check(brio)
    report("the program ends well", differs(brio.close(), 0))
    return 1 if failed else 0


if __name__ == "__main__":
    run_inside("tokens", "-r", os.path.join(ROOT, "tests", "interop", "requirements.txt"))
    sys.exit(main())
