# SPDX-License-Identifier: MIT
"""pydantic-core on the JSON benchmark's document. Prints one JSON line.

usage: json_pydantic.py DOCUMENT"""
import json
import sys
import time

from pydantic import BaseModel, TypeAdapter


class Row(BaseModel):
    id: int
    name: str
    price: float
    active: bool
    score: float | None
    tags: list[str]


def best(fn, rounds=15):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        fn()
        times.append(time.perf_counter() - start)
    return min(times)


text = open(sys.argv[1], "rb").read()
adapter = TypeAdapter(list[Row])
rows = adapter.validate_json(text)
decode = best(lambda: adapter.validate_json(text))
encode = best(lambda: adapter.dump_json(rows))
print(json.dumps({"bytes": len(text), "decode_gbs": len(text) / decode / 1e9, "encode_gbs": len(text) / encode / 1e9}))
