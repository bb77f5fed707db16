#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/json_numbers.txt and json_texts.txt: what Python makes of
numbers and of JSON, to hold brio's reader and writer against.

Usage: tools/gen_json_vectors.py [DIRECTORY]     (needs Python 3.11)
"""

import json
import math
import pathlib
import random
import struct
import sys

NUMBERS, MUTANTS = 3000, 1600

TEXTS = [
    "", " ", "null", "true", "false", "nul", "tru", "fals", "nulL", "TRUE", "truefalse", "null null",
    "0", "-0", "-", "+1", "01", "-01", "1.", ".5", "1.5", "1e5", "1E+5", "1e-5", "1e", "1e+", "1.5e3x",
    "0x10", "1_000", "--1", "1.2.3", "123456789012345678901234567890", "-9223372036854775808",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e400", "-1e400", "1e-400",
    "NaN", "Infinity", "-Infinity", "nan", "Inf", "-Inf", "-NaN", "[NaN]",
    '""', '"', '"a', '"a\\', '"a\\"', '"\\', '"\\u', '"\\u1', '"\\u12', '"\\u123', '"\\u1234', '"\\u1234"',
    '"\\u12G4"', '"\\u 123"', '"\\u+123"', '"\\x41"', '"\\a"', '"\\\'"', '"\\0"', '"\\u0000"', '"\\u007F"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\uD83D\\uDE00"', '"\\ud83d"', '"\\ude00"', '"\\ud83d\\ud83d"',
    '"\\ud83dx"', '"\\ud83d\\n"', '"\\ud83d\\u"', '"\\ud83d\\u00"', '"\\ud83d\\u0041"', '"\\ud83d\\uZZZZ"',
    '"\\ude00\\ud83d"', '"\\uFFFF"', '"a\nb"', '"a\tb"', '"a\x00b"', '"a\x1fb"', '"a\x7fb"', '"a\rb"',
    '"é"', '"日本語"', '"😀"', '"é\\u00e9"', 'é', '"é', '"é\n"', '["é",]', '{"é":}', "'a'", "a", "`",
    "[]", "[ ]", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1]]", "[1]x", "[[]]", "[[", "[}",
    "[1,2,3]", "[\n1\t,\r2 ]", "[\v1]", "[\f1]", "[\u00a01]", "[1;2]", "[1:2]", '["a":1]', "[1,\n]", "[nul]",
    "{}", "{ }", "{", "}", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"a" 1}', '{"a":1 "b":2}', '{"a"::1}',
    '{"a":1;"b":2}', "{a:1}", "{1:1}", "{'a':1}", '{"a":}', '{"a":,}', '{,}', '{"a":1]', '{]', '{"a":1}}', '{"":0}',
    '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', '{"a":{"b":[1,{"c":null}]}}', ' {"a" : [ 1 , 2 ] } ', '{"a":1}x',
    '{null:1}', '{[]:1}', '{"a":1,,"b":2}', "{\x00}", "\x00", "[1]\x00", "\x1f", "/**/1", "1//", "#", "\ufeff1",
    "\ufeff", "1 \ufeff", "[1,\ufeff2]", "\u2028", "[\"\u2028\"]", "1\n2", "[-]", "[1.]", "[1.e5]", "[01]", "[1e]",
    '"\\/"', '"\\\\"', '"\\\\\\""', '"\\u0022"', '"\\u005C"', "[\"\\u00e9\\u00E9\"]", "[true,false,null]", "[t]",
]

BASES = [
    '{"id":1,"name":"Garden Chair","price":816.38,"tags":["kitchen","office"],"extra":null}',
    '[[],{},[{}],{"a":[]},"\\ud83d\\ude00\\n",-1.5e-7,true,false,null,0]',
    '{"é":"日本","b":{"c":[1,2,{"d":"\\u00e9"}]}, "e" : 1E5 }',
]


def tame(value):
    """What brio keeps by design: no lone surrogates, NaN and infinities written as null."""
    if isinstance(value, str):
        return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [tame(v) for v in value]
    if isinstance(value, dict):
        return {tame(k): tame(v) for k, v in value.items()}
    return value


def verdict(text):
    try:
        value = json.loads(text)
    except json.JSONDecodeError as fault:
        return f"{fault.pos}\t{fault.msg}"
    return "ok\t" + json.dumps(tame(value), ensure_ascii=False, separators=(",", ":"))


def mutant(rng):
    text = list(rng.choice(BASES))
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(text))
        kind = rng.randrange(4)
        if kind == 0:
            del text[at:]
            text.append(rng.choice(["", " "]))
        elif kind == 1:
            del text[at]
        else:
            text[at : at + (kind == 2)] = rng.choice('{}[]",:\\ue0.-1 \n\x01é😀nN')
        text = text or [" "]
    return "".join(text)


def doubles(rng):
    yield from (0.0, -0.0, 1.0, 0.1, 0.3, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 1e22, 1e23, 5e-324, 2.2250738585072014e-308,
                2.225073858507201e-308, 1.7976931348623157e308, 123456.789, 1e12, 999999999999.999, 0.001, 0.0005, 100.0)
    for e in list(range(-1074, 1024, 13)) + [52, 53, 54, 63, 64]:
        for step in (-1, 0, 1):
            bits = struct.unpack("<q", struct.pack("<d", math.ldexp(1.0, e)))[0] + step
            yield struct.unpack("<d", struct.pack("<q", bits))[0]
    while True:
        kind = rng.randrange(4)
        if kind == 0:
            value = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
        elif kind == 1:
            value = round(rng.uniform(-10000, 10000), rng.randint(0, 8))
        elif kind == 2:
            value = rng.randrange(10**17) / 10 ** rng.randrange(20)
        else:
            value = float(rng.getrandbits(rng.randint(1, 63)))
        if math.isfinite(value):
            yield value


def halfway(value):
    """The exact decimal text between a double and its successor, cut and tipped."""
    from decimal import Decimal, getcontext

    getcontext().prec = 1200
    after = math.nextafter(value, math.inf)
    middle = (Decimal(value) + Decimal(after)) / 2
    text = f"{middle:e}"
    return [text, text.replace("e", "1e") if "." in text else text.replace("e", ".1e")]


def number_texts(rng):
    edge = ["9007199254740993", "9007199254740993.0", "9007199254740992.999", "9007199254740993e0", "1e309", "-1e309", "1e-325",
            "2.4703282292062327e-324", "2.4703282292062328e-324", "4.9e-324", "1.7976931348623158e308", "1.7976931348623159e308",
            "0e999999999999", "0.0e-999999999999", "1e99999999999999999999", "1e-99999999999999999999", "1" + "0" * 400,
            "0." + "0" * 400 + "1", "1" + "0" * 400 + "e-400", "0." + "0" * 400 + "1e401", "9" * 800, "0." + "9" * 800,
            "6.631236846766476e-316", "1.0e23", "8.5e22", "7.2057594037927933e16", "0.000000000000000000000000000000001e33"]
    yield from edge
    for value in (1.0, 0.1, 1e23, 5e-324, 2.2250738585072014e-308, 1.5, 123456789.0, 2.0**53, 1e-300, 1e300):
        yield from halfway(value)
    source = doubles(rng)
    while True:
        value = next(source)
        yield rng.choice([repr, lambda v: f"{v:.17e}", lambda v: f"{v:.25e}", lambda v: f"{v:.3e}"])(value)


def number_line(text):
    value = float(text)
    bits = struct.unpack("<Q", struct.pack("<d", value))[0]
    return f"{text}\t{bits:016x}\t{value!r}"


def write(path, lines):
    head = f"# Made by tools/gen_json_vectors.py with Python {sys.version.split()[0]}; do not edit.\n"
    path.write_text(head + "".join(line + "\n" for line in lines), encoding="utf-8")


def main():
    assert sys.version_info[:2] == (3, 11), "the faults are those of Python 3.11"
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/data")
    rng = random.Random(2024)
    source = number_texts(rng)
    write(folder / "json_numbers.txt", [number_line(next(source)) for _ in range(NUMBERS)])
    texts = TEXTS + [mutant(rng) for _ in range(MUTANTS)]
    write(folder / "json_texts.txt",
          [f"{text.encode().hex() or '-'}\t{verdict(text)}" for text in dict.fromkeys(texts)])


main()
