#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks the real pydantic and FastAPI about dates, UUIDs, decimals and their kin.

    python3 -m venv venv && venv/bin/pip install 'fastapi' 'pydantic[email]' httpx
    venv/bin/python tools/value_vectors.py tests/model/vectors

One file per type: {"made_with", "groups": [{"field", "schemas", "cases"}]}. A
case is an input `v` and either its two written forms (`ok` with a response
model, `plain` without) or the list of `errors`. Inputs are edges by hand and
texts near the grammar from a seeded generator. `--compare PROGRAM N` asks a
program about N random inputs instead (a line {"t","f","v"} in, an answer out)
and prints where it differs.

Left out is what brio says otherwise on purpose (src/model/README.md).
"""
import datetime
import decimal
import ipaddress
import json
import pathlib
import random
import re
import subprocess
import sys
import uuid
from typing import Annotated

import fastapi
import pydantic
import pydantic_core
from fastapi import FastAPI, Query
from fastapi.encoders import jsonable_encoder
from pydantic import (UUID1, UUID3, UUID4, UUID5, UUID7, AnyUrl, AwareDatetime, ConfigDict, EmailStr, Field,
                      FutureDate, FutureDatetime, HttpUrl, NaiveDatetime, PastDate, PastDatetime, SecretStr,
                      TypeAdapter, UrlConstraints, ValidationError)
from pydantic.networks import IPvAnyAddress, IPvAnyInterface, IPvAnyNetwork

MADE_WITH = {"fastapi": fastapi.__version__, "pydantic": pydantic.VERSION,
             "pydantic_core": pydantic_core.__version__}
UUIDS = {1: UUID1, 3: UUID3, 4: UUID4, 5: UUID5, 7: UUID7}
TYPES = {
    "date": datetime.date, "time": datetime.time, "datetime": datetime.datetime, "timedelta": datetime.timedelta,
    "uuid": uuid.UUID, "decimal": decimal.Decimal, "bytes": bytes, "email": EmailStr, "url": AnyUrl,
    "http_url": HttpUrl, "ipv4": ipaddress.IPv4Address, "ipv6": ipaddress.IPv6Address, "ip": IPvAnyAddress,
    "ipv4_network": ipaddress.IPv4Network, "ipv6_network": ipaddress.IPv6Network, "ip_network": IPvAnyNetwork,
    "ipv4_interface": ipaddress.IPv4Interface, "ipv6_interface": ipaddress.IPv6Interface, "ip_interface": IPvAnyInterface,
    "secret": SecretStr, "path": pathlib.Path,
}
FIELDS = {
    "date": [{}, {"gt_text": "2000-01-01", "le_text": "2024-02-29"}, {"ge_text": "1970-01-01"},
             {"lt_text": "2024-01-01"}, {"when": 1}, {"when": 2}],
    "time": [{}, {"ge_text": "10:00:00", "lt_text": "20:30:00.5"}, {"gt_text": "10:00:00Z"},
             {"le_text": "12:00+01:00"}],
    "datetime": [{}, {"gt_text": "2000-01-01T00:00:00"}, {"tz": 1}, {"tz": 2}, {"when": 1}, {"when": 2},
                 {"le_text": "2024-01-01T00:00:00.5+05:30", "ge_text": "1970-01-01T00:00:00Z"},
                 {"tz": 1, "lt_text": "2020-01-01"}],
    "timedelta": [{}, {"gt_text": "PT0S", "le_text": "P1D"}, {"ge_text": "-P1DT2H3M4.5S"},
                  {"lt_text": "P400DT1H1M1S"}, {"lt_text": "PT1M"}],
    "uuid": [{}] + [{"uuid_version": v} for v in UUIDS],
    "decimal": [{}, {"max_digits": 3}, {"decimal_places": 2}, {"max_digits": 5, "decimal_places": 2},
                {"max_digits": 30}, {"gt": 0, "le": 100}, {"ge": 0.5, "lt": 1.5}, {"multiple_of": 0.5},
                {"multiple_of": 3}, {"gt_text": "1.50", "lt_text": "1E+3"}, {"max_digits": 1, "decimal_places": 1}],
    "bytes": [{}, {"min_length": 2, "max_length": 5}, {"base64": True}, {"base64": True, "min_length": 2}],
    "url": [{}, {"max_length": 20}], "secret": [{}, {"min_length": 2, "max_length": 4}],
}
OTHERS = [None, True, False, [], [1], {}, {"a": 1}, "", "x", " ", 0, 1, -1, 1.5, -0.5, 1e300, 2**63 - 1, 2**63,
          -2**63, -2**63 - 1, 10**25, 10**400]
NUMBERS = [-1.5, 0.5, 86399, 86400, 86399.9999999, 86399.5, 1e9, 1e10, 2e10, 2e10 + 1, -2e10, -20000000001,
           2 * 10**10, 2 * 10**10 + 1, 253402300799, 253402300800, 253402300799999, 253402300800000, -62167219200,
           -62167219201, -62167219200000, -62167219200001, 1.23456789e12, 1e16, 1e22, -10**400,
           86400 * 999999999, 86400 * 1000000000, 86400 * 2**32 + 5, 0.1, 1e-7, 1.0000005, 4294967295, 4294967296,
           2**128 - 1, 2**128]


# ---- Asking -----------------------------------------------------------------

def annotated(kind, options):
    """The type, and what Field() takes, for brio's options."""
    of, given = TYPES[kind], {}
    for name, value in options.items():
        if name.endswith("_text"):
            given[name[:-5]] = TypeAdapter(TYPES[kind]).validate_python(value)
        elif name == "uuid_version":
            of = UUIDS[value]
        elif name == "tz":
            of = AwareDatetime if value == 1 else NaiveDatetime
        elif name == "when":
            of = {("date", 1): PastDate, ("date", 2): FutureDate,
                  ("datetime", 1): PastDatetime, ("datetime", 2): FutureDatetime}[kind, value]
        elif kind == "url":
            of = Annotated[of, UrlConstraints(**{name: value})]
        elif name != "base64":
            exact = kind == "decimal" and name not in ("max_digits", "decimal_places")
            given[name] = decimal.Decimal(str(value)) if exact else value
    return of, given


class Asker:
    def __init__(self, kind, options):
        of, given = annotated(kind, options)
        base64 = {"val_json_bytes": "base64", "ser_json_bytes": "base64"} if options.get("base64") else {}
        self.kind, self.of, self.given = kind, of, given
        self.model = pydantic.create_model("M", __config__=ConfigDict(**base64), v=(of, Field(**given)))

    def ask(self, value):
        """None where the answer is no rule of brio's."""
        if self.kind == "decimal" and isinstance(value, str) and re.search(r"[eE][+-]?_*[0-9_]{5,}", value):
            return None  # Python would write all the zeros
        try:
            read = self.model(v=value)
        except ValidationError as error:
            text = json.dumps(jsonable_encoder(error.errors(include_url=False)))
            own = ("Codepoint", "IDNA", "in brackets", "Label", "label")
            return None if any(word in text for word in own) else {"errors": json.loads(text)}
        except Exception:
            return None
        try:
            return {"ok": json.loads(read.model_dump_json())["v"],
                    "plain": json.loads(json.dumps(jsonable_encoder(read.v), allow_nan=False))}
        except Exception:
            return None  # bytes that are no UTF-8, and the like

    def schemas(self):
        app = FastAPI()

        def echo(m): ...
        echo.__annotations__ = {"m": self.model, "return": self.model}
        app.post("/")(echo)

        def query(v): ...
        query.__annotations__ = {"v": Annotated[self.of, Query(**self.given)]}
        app.get("/")(query)
        doc = app.openapi()
        parts = doc["components"]["schemas"]
        bare = lambda schema: {k: v for k, v in schema.items() if k != "title"}
        schemas = {"input": bare(parts.get("M-Input", parts.get("M"))["properties"]["v"]),
                   "output": bare(parts.get("M-Output", parts.get("M"))["properties"]["v"]),
                   "parameter": bare(doc["paths"]["/"]["get"]["parameters"][0]["schema"])}
        if self.model.model_config:  # of the model, which a parameter has not
            del schemas["parameter"]
        return schemas


# ---- Texts near the grammar ---------------------------------------------------

class Texts:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def digits(self, n):
        return "".join(self.r.choice("0123456789") for _ in range(n))

    def up_to(self, n):
        return self.r.randrange(n)

    def date(self):
        r = self.r
        day = "%04d-%02d-%02d" % (r.choice([0, 1, 1600, 1900, 2000, 2023, 2024, 9999, r.randrange(10000)]),
                                  r.choice([0, 1, 2, 2, 2, 12, 13, r.randrange(100)]),
                                  r.choice([0, 1, 28, 29, 29, 30, 31, 32, r.randrange(100)]))
        return r.choice([day] * 4 + [str(r.randrange(-10**18, 10**r.randrange(1, 20))), str(86400 * r.randrange(30000)),
                                     "%d.%d" % (r.randrange(-10**6, 10**11), r.randrange(10**6))])

    def clock(self):
        r = self.r
        return "%02d:%02d" % (r.randrange(26), r.randrange(62)) + r.choice(
            ["", ":%02d" % r.randrange(62), ":%02d%s%s" % (r.randrange(60), r.choice(".,"), self.digits(r.randrange(10)))])

    def time(self):
        r = self.r
        return self.clock() + r.choice(["", "", "Z", "z", "+%02d:%02d" % (r.randrange(26), r.randrange(62)),
                                        "-%02d%02d" % (r.randrange(26), r.randrange(62)),
                                        "\u2212%02d:%02d" % (r.randrange(24), r.randrange(60)), "+01", "-0:30", "-00:00"])

    def datetime(self):
        r = self.r
        return r.choice([self.date() + r.choice("TTTt _x") + r.choice([self.time()] * 3 + ["00:00", "00:00:00Z"]),
                         self.date()])

    def timedelta(self):
        r = self.r
        number = lambda: r.choice([str(r.randrange(100)), str(r.randrange(10**r.randrange(1, 11))), "0", "1"])
        part = lambda: number() + r.choice([""] * 4 + ["." + self.digits(r.randrange(8)), ",5"])
        days = "".join(part() + r.choice("YMWDH") for _ in range(r.randrange(4)))
        rest = "".join(part() + r.choice("HMSD") for _ in range(r.randrange(4)))
        iso = "P" + days + r.choice(["", "T" + rest])
        hours = number() + ":" + r.choice([self.clock(), "%02d" % r.randrange(70), "%02d:%02d.%s" % (
            r.randrange(60), r.randrange(60), self.digits(r.randrange(9)))])
        words = number() + r.choice(["d", " d", "D", " day", "days", " days", "DAYS", " da", "a"]) + r.choice(
            ["", ", ", ",", " ", ",  "]) + r.choice(["", self.clock(), number() + ":00:00"])
        return r.choice(["", "", "-", "+"]) + r.choice([iso, iso, hours, words, number(), self.clock()])

    def uuid(self):
        r = self.r
        h = "".join(r.choice("0123456789abcdefABCDEF") for _ in range(32))
        h = h[:12] + "%x" % r.choice([1, 3, 4, 4, 5, 7, r.randrange(16)]) + h[13:16] + r.choice("89abc") + h[17:]
        groups = "-".join([h[:8], h[8:12], h[12:16], h[16:20], h[20:]])
        return r.choice([groups] * 4 + [h, "{%s}" % groups, "urn:uuid:" + groups, "{%s}" % h, "urn:uuid:" + h])

    def decimal(self):
        r = self.r
        odd = ["nan", "inf", "-Infinity", "sNaN12", "nan3", "NaNx", "0E-7", "0e5", "-0.0", "00", "1E+5", "0.000000",
               "0.0000001", "1e-6", "1e-7", "123e-9", "1_0.0_1", "__1", "\u0661\u0662.\u0663", "\uff11", "1\xa0",
               "\u20091", " 1\t", "\x1c1", "1\x00", "1e1000000000000000000"]
        number = r.choice(["", "-", "+"]) + self.digits(r.randrange(r.choice([4, 30]))) + r.choice(
            ["", "." + self.digits(r.randrange(r.choice([4, 12, 40])))]) + r.choice(
            ["", "", "e%s%d" % (r.choice(["", "+", "-"]), r.randrange(10**r.randrange(1, 4)))])
        return r.choice([number] * 4 + [r.choice(odd), "0." + "0" * r.randrange(9) + self.digits(r.randrange(1, 5)),
                                        str(r.randrange(10**r.randrange(1, 12)))])

    def bytes(self):
        r = self.r
        alphabet = "abcXYZ0189-_+/=$ \u00e9" if r.random() < .3 else "abcXYZ0189-_AQg"
        return "".join(r.choice(alphabet) for _ in range(r.randrange(13))) + r.choice(["", "", "=", "=="])

    def email(self):
        r = self.r
        local = r.choice(["a", "a.b", "john.doe", "x+y", "INFO", "\u00e9", "a\u00e9b", "..", "a..b", ".a", "a.", '"a b"',
                          '"a"', "a b", "(x)", "a'b", "\u4e2d\u6587", "A" * 70, "webmaster"])
        domain = r.choice(["b.co", "EXAMPLE.com", "b", "localhost", "x.test", "a.b.c.d", "-a.com", "a-.com", "a.-b.com",
                           "b..co", "b.co.", "b.c1", "1.2.3.4", "xn--tda.de", "ab--c.de", "\u00fc.de", "stra\u00dfe.de",
                           "a_b.com", "x" * 64 + ".com", "foo.local", "foo.arpa", "b.c\u00f6m", "\u00dc.DE", "b\u3002co",
                           " b.co", "a.b.invalid", "onion", "www.onion", "y." * 120 + "example.com"])
        text = local + r.choice(["@"] * 8 + ["", "@@", "\uff20"]) + domain
        return r.choice([text] * 4 + [" " + text + "\t", "Foo <%s>" % text, "Foo Bar<%s> " % text, '"F, o" <%s>' % text,
                                      "F.o <%s>" % text, "<%s>" % text, "<" + text, "Foo <%s>x" % text])

    def url(self):
        r = self.r
        scheme = r.choice(["http", "https", "HTTP", "ftp", "ws", "file", "foo", "mailto", "a+b", "1x", "", "redis"])
        between = r.choice(["://"] * 6 + [":", ":/", ":///", ":\\\\", "//", "::"])
        user = r.choice([""] * 6 + ["u@", "u:p@", ":p@", "u:@", "@", "a@b@", "u:p:q@", "\u00e9@", "a b@", ":@"])
        host = r.choice(["example.com", "EXAMPLE.com", "localhost", "1.2.3.4", "0x7f.1", "127.1", "256.1", "1.2.3.4.5",
                         "4294967296", "1.2.3.08", "a.1", "a.0x", "1..2", "1.2.", "[::1]", "[1::2]", "[::1", "[::g]",
                         "[1:2:3:4:5:6:7:8]", "[::1.2.3.4]", "[::1%25eth0]", "", "\u00fc.de", "\u2603.net", "xn--a",
                         "fa\u00df.de", "a b", "a%20b", "a%62", "a%zz", "a<b", "a|b", "a_b", "a\u3002b", "\u2100.com",
                         "a..b", ".", "C:", "C|", "%C3%BC.de", "a\x00b", "\uff41.com", "a\xadb.com", "ab--c",
                         "\U0001f600.com", "\u0661.com"])
        port = r.choice([""] * 5 + [":80", ":443", ":8080", ":", ":0", ":65535", ":65536", ":1a", ":00080"])
        path = r.choice(["", "/", "/a/b", "/a/../b", "/..", "/./a", "/a/.", "/a/..", "/%2e%2E/x", "/a b", "/\u00e9",
                         "/a\\b", "//a", "///", "/C:/x", "/C|/../y", "/a//../b", "/{x}", "/^`\"<>", "/;=@[]|", "/\x7f\x01"])
        query = r.choice(["", "", "?", "?a=b&c= d", "?'\"<>#", "?\u00e9", "?`{}|^\\"])
        text = scheme + between + user + host + port + path + query + r.choice(["", "", "#", "#a b", "#`<>\"", "#{}^'"])
        return r.choice([text] * 5 + [" %s " % text, "\x00" + text, text.replace("e", "e\t")])

    http_url = url

    def ipv4(self):
        r = self.r
        octets = [str(r.choice([0, 1, 9, 10, 99, 100, 255, 256, r.randrange(300)])) for _ in range(r.choice([4, 4, 4, 3, 5]))]
        return r.choice([".".join(octets)] * 5 + ["01.2.3.4", "1.2.3.4/8", "\u0661.2.3.4"])

    def ipv6(self):
        r = self.r
        text = ":".join("%x" % r.randrange(1 << r.randrange(1, 18)) for _ in range(r.randrange(1, 10)))
        if r.random() < .6:
            at = r.randrange(len(text) + 1)
            text = text[:at] + r.choice([":", "::"]) + text[at:]
        return text + r.choice([""] * 5 + ["%eth0", "%", "%a%b", ":1.2.3.4", "::", "%a/b"])

    def ip(self):
        return self.r.choice([self.ipv4, self.ipv6])()

    def prefix(self, bits):
        r = self.r
        return r.choice(["", "/%d" % r.randrange(bits + 3), "/%d" % r.choice([8, 16, 24, 0]), "/0%d" % r.randrange(bits),
                         "/255.255.0.0", "/0.0.255.255", "/255.0.255.0", "/", "/-1", "/24/5", "/ 8", "/\u0661"])

    def ipv4_network(self):
        return self.r.choice([self.ipv4(), "10.0.0.0", "192.168.0.0", "0.0.0.0", "10.1.2.3"]) + self.prefix(32)

    def ipv6_network(self):
        return self.r.choice([self.ipv6(), "fe80::", "2001:db8::", "::", "fe80::%eth0", "::1"]) + self.prefix(128)

    def ip_network(self):
        return self.r.choice([self.ipv4_network, self.ipv6_network])()

    ipv4_interface, ipv6_interface, ip_interface = ipv4_network, ipv6_network, ip_network

    def path(self):
        return "".join(self.r.choice(["/", "//", ".", "..", "a", "b c", "\\", "./", "\u00e9"]) for _ in range(self.up_to(7)))

    secret = path

    ALPHABETS = {"date": "0123456789-T:.+Z e", "time": "0123456789:.,+-Zz \u2212", "datetime": "0123456789-T:.,+-Zz _",
                 "timedelta": "0123456789PTDHMSYW.,:+- day", "uuid": "0123456789abcdefgG-{}\u00e9",
                 "decimal": "0123456789.eE+-_ n", "bytes": "abc=+/-_", "secret": "ab\u00e9", "path": "/.a",
                 "email": "ab@.<>\"\\ -_\u00e9\xa0\u200b\x01,;()[]:", "url": "ab:/?#@%.[]\\ \u00e9-1",
                 "http_url": "ab:/?#@%.[]\\ \u00e9-1", "ipv4": "0123456789.", "ipv6": "0123456789abcdef:.%",
                 "ip": "0123456789abcdef:.%", **dict.fromkeys(["ipv4_network", "ipv4_interface"], "0123456789./"),
                 **dict.fromkeys(["ipv6_network", "ipv6_interface", "ip_network", "ip_interface"], "0123456789abcdef:.%/")}

    def near(self, kind):
        """A text of the kind, in half of the cases with a few characters changed."""
        r, text = self.r, list(getattr(self, kind)())
        for _ in range(r.choice([0, 0, 0, 1, 1, 2, 3])):
            how, at = r.randrange(3), r.randrange(len(text) + 1)
            if how == 0:
                text.insert(at, r.choice(self.ALPHABETS[kind]))
            elif text and how == 1:
                text[r.randrange(len(text))] = r.choice(self.ALPHABETS[kind])
            elif text:
                del text[r.randrange(len(text))]
        return "".join(text)

    def value(self, kind):
        r = self.r
        if kind in ("date", "time", "datetime", "timedelta", "decimal") and r.random() < .08:
            return r.choice([r.uniform(-1e5, 1e5), r.uniform(-1e13, 1e13), round(r.uniform(-1e5, 1e5), r.randrange(7)),
                             r.randrange(-10**16, 10**r.randrange(1, 17))])
        return self.near(kind)


# ---- Writing and comparing -----------------------------------------------------

def is_near_now(kind, value):
    """Whether the answer about past and future may change while the vectors live."""
    try:
        return 2020 < TypeAdapter(TYPES[kind]).validate_python(value).year < 2200
    except ValidationError:
        return False


def vectors(kind):
    texts = Texts(kind)
    for i, options in enumerate(FIELDS.get(kind, [{}])):
        asker = Asker(kind, options)
        inputs = (OTHERS + NUMBERS if i == 0 else NUMBERS[::5]) + [texts.value(kind) for _ in range(40 if i else 200)]
        if "when" in options:
            inputs = [v for v in inputs if not is_near_now(kind, v)]
        answers = [(v, asker.ask(v)) for v in inputs]
        yield {"field": options, "schemas": asker.schemas(), "cases": [{"v": v, **a} for v, a in answers if a]}


def dump(value):
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def write(out):
    for kind in TYPES:
        groups = ['{"field":%s,"schemas":%s,"cases":[\n%s\n]}' % (
            dump(g["field"]), dump(g["schemas"]), ",\n".join(dump(c) for c in g["cases"])) for g in vectors(kind)]
        text = '{"made_with":%s,"type":"%s","groups":[\n%s\n]}\n' % (dump(MADE_WITH), kind, ",\n".join(groups))
        (out / ("type_%s.json" % kind)).write_text(text)
        print(kind, text.count("\n"))


def compare(program, n):
    for kind in TYPES:
        texts, askers = Texts(random.randrange(10**9)), {dump(o): Asker(kind, o) for o in FIELDS.get(kind, [{}])}
        cases = [(texts.r.choice(FIELDS.get(kind, [{}])), texts.value(kind)) for _ in range(n)]
        lines = "".join(json.dumps({"t": kind, "f": f, "v": v}, ensure_ascii=False) + "\n" for f, v in cases)
        got = subprocess.run([program], input=lines.encode(), capture_output=True, check=True).stdout.decode().split("\n")
        wrong = 0
        for (options, value), line in zip(cases, got):
            want = askers[dump(options)].ask(value)
            if want is not None and want != json.loads(line):
                wrong += 1
                print(kind, options, repr(value)[:200], "\n  want", dump(want)[:300], "\n  got ", line[:300])
        print(kind, n, "inputs,", wrong, "differ")


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        compare(sys.argv[2], int(sys.argv[3]))
    else:
        write(pathlib.Path(sys.argv[1]))
