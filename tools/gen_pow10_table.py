#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes src/model/pow10_table.c: the top 128 bits of the powers of ten.

Usage: tools/gen_pow10_table.py > src/model/pow10_table.c
"""

FIRST, LAST, BITS = -342, 324, 128

HEAD = """/* SPDX-License-Identifier: MIT
 *
 * Made by tools/gen_pow10_table.py; do not edit. The top 128 bits of 10^q for
 * q = -342 ... 324, rounded up where inexact: what reading (Eisel-Lemire) and
 * writing (Schubfach) of doubles multiply by. 10 KiB, shared by both. */
#include "model/json_scan.h"

/* clang-format off */
const brio_pow10 brio_pow10_table[BRIO_POW10_MAX - BRIO_POW10_MIN + 1] = {"""


def ceil_shift(value, shift):
    return -((-value) >> shift)


def top_bits(q):
    """ceil(10^q / 2^e) with e so that the result has BITS bits."""
    if q >= 0:
        power = 10**q
        shift = power.bit_length() - BITS
        return power << -shift if shift <= 0 else ceil_shift(power, shift)
    power = 10**-q
    scaled = 1 << (power.bit_length() + BITS - 1)
    bits = -(-scaled // power)
    assert bits.bit_length() == BITS
    return bits


def main():
    print(HEAD)
    for q in range(FIRST, LAST + 1):
        bits = top_bits(q)
        low = bits & (2**64 - 1)
        assert bits.bit_length() == BITS
        assert 0 <= q <= 55 or low != 0  # the reader takes one off for q > 55
        print(f"    {{0x{bits >> 64:016X}, 0x{low:016X}}}, /* {q} */")
    print("};\n/* clang-format on */")


main()
