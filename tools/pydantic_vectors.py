#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks the real FastAPI what it makes of inputs and models; writes what it said.

    python3 -m venv venv && venv/bin/pip install fastapi httpx
    venv/bin/python tools/pydantic_vectors.py tests/model/vectors

Each file of validation vectors is {"made_with", "groups": [{"field", "cases"}]}.
`field` names a kind and its constraints; a case is a body text (`json`) or the
texts of a query parameter (`strings`) and either the `value` read or the list
of `errors`. tests/model/vectors_test.c builds the same field in C and replays
every case; schema.json is compared by tests/model/schema_vectors_test.c.

The one rule that is brio's own, integers as wide as their C member
(docs/decisions/0002-integer-width.md), is added to FastAPI as a validator.
"""
import enum
import json
import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote_plus

import fastapi
import pydantic
import pydantic_core
from fastapi import Body, Cookie, FastAPI, Header, Query
from fastapi import Path as PathParam
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticKnownError

MADE_WITH = {
    "fastapi": fastapi.__version__,
    "pydantic": pydantic.VERSION,
    "pydantic_core": pydantic_core.__version__,
}


# ---- The types, as tests/model/vector_models.h has them ---------------------

def width(low, high):
    def check(value):
        if not low <= value <= high:
            raise PydanticKnownError("int_parsing_size")
        return value
    return AfterValidator(check)


def integer(bits, signed=True):
    low = -(1 << (bits - 1)) if signed else 0
    return Annotated[int, width(low, low + (1 << bits) - 1)]


I64 = integer(64)


class Color(str, enum.Enum):
    red = "red"
    green = "green"
    blue = "blue"


class Quote(str, enum.Enum):
    plain = "a"
    single = "it's"
    double = 'say "hi"'
    both = "\"'"
    slash = "back\\slash\n"
    accent = "\u00e9"


class Only(str, enum.Enum):
    one = "one"


class Sub(BaseModel):
    """About sub."""
    a: I64


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=5)
    price: float = Field(gt=0)
    is_offer: bool = False
    tax: float | None = None
    tags: list[str] = []
    sub: Sub | None = None
    subs: list[Sub] | None = None
    color: Color = Color.green


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: I64
    b: I64 | None
    sub: Sub | None = None


class Node(BaseModel):
    value: I64
    children: "list[Node]" = []


# Of a field that is an integer itself the width is checked after all constraints.
RANGES = {f"{sign}{bits}": (-(1 << bits - 1), 1 << bits - 1) if sign == "i" else (0, 1 << bits)
          for sign in "iu" for bits in (8, 16, 32, 64)}
TOO_WIDE = {"type": "int_parsing_size",
            "msg": "Unable to parse input string as an integer, exceeded maximum size"}

KINDS = {
    **{kind: int for kind in RANGES}, "f64": float, "bool": bool, "str": str, "json": Any,
    "Color": Color, "Quote": Quote, "Only": Only, "Item": Item, "Strict": Strict, "Node": Node,
    "list:str": list[str], "list:bool": list[bool], "list:i32": list[integer(32)],
    "list:i64": list[I64], "list:f64": list[float], "list:Sub": list[Sub],
}


# ---- Asking -----------------------------------------------------------------

class Asker:
    """One FastAPI app for one field, at POST / as a body and at GET / as a query."""

    def __init__(self, spec):
        options = {k: v for k, v in spec.items() if k not in ("kind", "nullable", "def")}
        of = KINDS[spec["kind"]]
        of = of | None if spec.get("nullable") else of
        if spec.get("nullable") and not spec.get("required"):
            options["default"] = None
        options.pop("required", None)
        if "def" in spec:
            options["default"] = json.loads(spec["def"])
        model = pydantic.create_model("M", v=(of, Field(**options)))
        app = FastAPI()
        self.value = None
        self.range = RANGES.get(spec["kind"])

        @app.post("/")
        def body(m: model):
            self.value = m.v

        if spec["kind"] not in ("Item", "Strict", "Node", "list:Sub", "json"):
            default = (options.pop("default"),) if "default" in options else ()

            def query(v):
                self.value = v
            query.__annotations__ = {"v": Annotated[of, Query(**options)]}
            query.__defaults__ = default
            app.get("/")(query)

        @app.exception_handler(RequestValidationError)
        def refused(request, error):
            self.errors = jsonable_encoder(error.errors())
            return JSONResponse({}, 422)

        self.client = TestClient(app)

    def answer(self, response, where, given):
        if response.status_code == 422:
            return {"errors": self.errors}
        assert response.status_code == 200, response.text
        if self.range and self.value is not None and not self.range[0] <= self.value < self.range[1]:
            error = {"type": TOO_WIDE["type"], "loc": [where, "v"], "msg": TOO_WIDE["msg"]}
            return {"errors": [{**error, "input": given}]}
        return {"value": jsonable_encoder(self.value)}

    def json(self, text):
        body = "{}" if text is None else '{"v":%s}' % text
        headers = {"content-type": "application/json"}
        response = self.client.post("/", content=body.encode(), headers=headers)
        return {"json": body, **self.answer(response, "body", json.loads(body).get("v"))}

    def strings(self, texts):
        query = "&".join("v=" + quote_plus(t) for t in texts)
        response = self.client.get("/?" + query)
        return {"strings": texts, **self.answer(response, "query", texts[-1] if texts else None)}


def group(spec, json_texts=(), strings=()):
    asker = Asker(spec)
    cases = [asker.json(t) for t in json_texts]
    cases += [asker.strings([s] if isinstance(s, str) else s) for s in strings]
    return {"field": spec, "cases": cases}


# ---- What is asked ----------------------------------------------------------

OTHER_TYPES = ["null", "true", "false", "[]", "[1]", "{}", '{"a":1}', '""', '"x"']
INT_TEXTS = """1. 1.0 1.00 -1.0 +1 +1.0 -0 00 007 -00 -07 0_0 _1 1_ 1__2 1_2 1_2.0 1.0_0 0_ 00_1 0__1
-0_1 -0__1 01_ 0_.0 0.0 00.0 0x1 1e3 .0 1.5 - + -- --1 -+1 +-1 ++1 -_1 1_000_000 -1_0 nan inf null
None 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
99999999999999999999 -99999999999999999999 1.0. 1..0 0. -0.0 +0 +00.00""".split()
SPACES = "\t \n \v \f \r \x1c \x1d \x1e \x1f \x85 \xa0 \u1680 \u180e \u2000 \u200a \u200b \u2028 \u2029 \u202f \u205f \u3000 \ufeff"
INT_ODD = ["", " ", " 1 ", "1 .0", "+ 1", "- 1", "1\0", "\u0661", "\uff11"]
INT_SPACED = [c + "1" + c for c in SPACES.replace(" ", "")] + [" 1", "1 "]
INT_HUGE = ["9" * 39, "-" + "9" * 39, "9" * 4300, "9" * 4301, "-" + "9" * 4300, "0" * 4400 + "1",
            "-" + "0" * 4400 + "1", "1_" * 2200 + "1", "1_" * 4300 + "1", "-" + "9" * 4301,
            " " + "9" * 4301, "9" * 4301 + " ", "+" + "9" * 4301, "0" + "9" * 4301, "9" * 4301 + "x"]
INT_JSON = ["0", "1", "-1", "1.0", "-1.0", "1.5", "1e3", "1e18", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
            "9223372036854774784.0", "9223372036854775808.0", "-9223372036854775808.0", "1e300",
            "NaN", "Infinity", "-Infinity", "1" + "0" * 60, "-0", "-0.0", "1e400"]
FLOAT_TEXTS = """1 1. .5 -.5 +.5 . -. 1e3 1E3 1e 1e+ 1e+3 1e-3 e3 1_0 1__0 _1 1_ 1_e3 1e_3 1._5 1_.5 ._5
inf Inf -inf +infinity INFINITY nan NaN -nan +nan infi nan_ i_nf in_f 1e400 -1e400 1e-400 0x10 1,5 1f
1d 00 007.50 0.1 1.e5 .5e1 00. --1 +-1 1e1.5 null 123456789012345678901234567890 1e308 4.9e-324""".split()
FLOAT_ODD = ["", " ", " 1 ", " 1_0 ", "1_0", "\xa01.5\u3000", "\x1c1", "\u0661", "1 e3", "9" * 400, "1\0"]
BOOL_TEXTS = """1 t y on yes true 0 f n no off false T Y oN yES TRUE True F N nO oFF FALSE 2 -1 10 tru
truee ye 01 1.0 0.0 null enable""".split() + ["", " true", "true ", "\uff54", "\u212a", "o\u017f"]
STR_JSON = ['"a"', '"ab"', '"abc"', '"abcd"', '"\\u00e9\\u00e9"', '"\U0001F600"', '"\U0001F600\U0001F600\U0001F600\U0001F600"',
            '"a\\n"', '"\\u0000"', '"null"', "1", "1.5"]


def ints():
    yield group({"kind": "i64"}, INT_JSON + OTHER_TYPES + [None] + [json.dumps(t) for t in INT_TEXTS],
                INT_TEXTS + INT_ODD + INT_SPACED + INT_HUGE + [[], ["x", "2"], ["2", "x"]])
    edges = [str(s * (1 << b) + d) for b in (7, 8, 15, 16, 31, 32, 63, 64) for s in (1, -1) for d in (-1, 0, 1)]
    for kind in ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"):
        yield group({"kind": kind}, edges, ["-1", "0", "-0", "300", "9" * 40])
    probes = ["-7", "-6", "-1", "0", "1", "2", "3", "9", "10", "11", "12", "13", "300", "-300",
              "1e3", "2.5", "true", '"12"', '"x"', "9" * 30, "-" + "9" * 30, '"' + "9" * 60 + '"',
              '"' + "9_" * 50 + '8"', "null"]
    for bounds in ({"gt": 0}, {"ge": 0}, {"lt": 10}, {"le": 10}, {"gt": 0, "lt": 10},
                   {"ge": 0, "le": 10}, {"multiple_of": 3}, {"gt": -5, "lt": 5, "multiple_of": 2},
                   {"gt": 0, "ge": 1, "lt": 12, "le": 11, "multiple_of": 3},
                   {"ge": -9223372036854775808, "le": 9223372036854775807}):
        yield group({"kind": "i64", **bounds}, probes, ["0", "5", "11", "-99999999999999999999"])
    yield group({"kind": "u8", "le": 200}, ["200", "201", "300", "-1"])
    yield group({"kind": "u8", "ge": 0}, ["-1", "256"])
    yield group({"kind": "i8", "le": 1000, "ge": -1000}, ["127", "128", "1000", "1001", "-129", "-1001"])
    yield group({"kind": "i64", "nullable": True}, ["null", "1", '"null"', '"1"', "1.5", "[]", None],
                ["null", "None", "", "1", []])
    yield group({"kind": "i64", "nullable": True, "required": True, "ge": 1}, ["null", "1", "0", None],
                ["1", "", []])
    yield group({"kind": "i64", "nullable": True, "def": "7", "ge": 1}, ["null", "0", None], ["0", []])
    yield group({"kind": "i32", "def": "10", "le": 20}, ["null", "20", "21", None], ["21", "", []])


def floats():
    yield group({"kind": "f64"}, INT_JSON + OTHER_TYPES + [None, "1" + "0" * 308, "1" + "0" * 309, "0.1", "5e-324"]
                + [json.dumps(t) for t in FLOAT_TEXTS], FLOAT_TEXTS + FLOAT_ODD + INT_SPACED + [[], ["x", "2"]])
    probes = ["-1", "-0.0", "0", "1e-9", "0.1", "0.3", "0.30000000001", "0.5", "1", "5", "9.99", "10",
              "10.000001", "1e22", "1e30", "NaN", "Infinity", "-Infinity", '"x"', '"0"', "true", "null"]
    for bounds in ({"gt": 0}, {"ge": 0}, {"lt": 10}, {"le": 10}, {"gt": 0.5, "lt": 9.99}, {"ge": -0.0},
                   {"multiple_of": 0.1}, {"multiple_of": 3}, {"multiple_of": 0.5, "le": 4, "ge": 0.3},
                   {"gt": 0, "ge": 1, "lt": 5, "le": 4.5}, {"lt": 1e22}, {"gt": 1e-7}, {"le": 1e16},
                   {"ge": 123456789.125}, {"lt": 1.5e-10}, {"gt": 1e300}, {"le": -2.5}):
        yield group({"kind": "f64", **bounds}, probes, ["5", "nan", "-inf"])
    yield group({"kind": "f64", "nullable": True, "gt": 0}, ["null", "0", "1", None], ["null", "0", []])
    yield group({"kind": "f64", "def": "1.5"}, ["null", None], ["", []])


def bools():
    yield group({"kind": "bool"}, OTHER_TYPES + INT_JSON + ["0.0", "0.5", "2", None]
                + [json.dumps(t) for t in BOOL_TEXTS], BOOL_TEXTS + [[], ["x", "on"]])
    yield group({"kind": "bool", "nullable": True}, ["null", "true", '"null"', None], ["null", "", "1", []])
    yield group({"kind": "bool", "def": "false"}, ["null", None], ["on", []])


def strings():
    yield group({"kind": "str"}, STR_JSON + OTHER_TYPES + [None], ["", "a", " b ", "\u00e9", "\0", [], ["x", "y"]])
    for rules in ({"min_length": 1}, {"max_length": 1}, {"min_length": 2, "max_length": 3}, {"max_length": 3},
                  {"min_length": 2, "max_length": 3, "pattern": "^a"}, {"pattern": "b"}, {"pattern": "^a$"},
                  {"pattern": "^[a-z]+$"}, {"pattern": r"^\w.$"}, {"pattern": r"^\d\s\S$"}, {"pattern": "^.$"},
                  {"pattern": "it's \"x\" \\\\"}, {"pattern": "(?i)^AB"}, {"pattern": "\u00e9{2}"}):
        yield group({"kind": "str", **rules}, STR_JSON + OTHER_TYPES,
                    ["", "a", "b", "ab\n", "1\xa0x", "\u0663 y", "a\r", "\n", "it's \"x\" \\", "\u00e9\u00e9\u00e9"])
    yield group({"kind": "str", "nullable": True, "max_length": 3}, ["null", '"abcd"', "1", None], ["null", "abcd", []])
    yield group({"kind": "str", "def": '"d\\u00e9f"'}, ["null", '""', None], ["", []])
    for kind in ("Color", "Quote", "Only"):
        yield group({"kind": kind}, ['"red"', '"a"', '"it\'s"', '"one"', '"RED"', '"\\u00e9"', "1"] + OTHER_TYPES + [None],
                    ["red", "blue", "Red", "", " red", "say \"hi\"", "back\\slash\n", "\"'", [], ["x", "red"]])
    yield group({"kind": "Color", "nullable": True}, ["null", '"red"', '"x"', None], ["null", "green", []])
    yield group({"kind": "Color", "def": '"blue"'}, ["null", '"red"', None], ["", []])


def lists():
    for kind in ("str", "bool", "i32", "i64", "f64"):
        yield group({"kind": "list:" + kind}, ["[]", "[1]", '["1"]', '["a",1]', "[null]", "[1.5,true]", "[[1]]", "[{}]",
                    "[99999999999]", "null", '"1"', "1", "{}", '{"0":1}', "true", None],
                    ["1", ["1", "0"], ["x", "1", "y"], "", [], "[1]"])
    for rules in ({"min_length": 1}, {"max_length": 1}, {"min_length": 2, "max_length": 3}):
        yield group({"kind": "list:i64", **rules}, ["[]", "[1]", "[1,2]", "[1,2,3]", "[1,2,3,4]", '["a"]',
                    '["a","b","c","d"]', "null", None], ["1", ["1", "2"], ["a", "b", "c", "d"], []])
    yield group({"kind": "list:str", "nullable": True}, ["null", "[]", "[1]", None], ["a", ["a", "b"], []])
    yield group({"kind": "list:i64", "def": "[1,2]"}, ["null", "[]", None], ["7", []])
    yield group({"kind": "list:Sub"}, ["[]", '[{"a":1}]', '[{}]', '[1,{"a":"x"},null,{"a":2}]', "{}", "null", None])
    yield group({"kind": "list:Sub", "nullable": True, "max_length": 2}, ["null", '[{},{},{}]', "[{}]", None])


def models():
    item = ['{"name":"a","price":1}', "{}", '{"name":"","price":0}', '{"name":"abcdef","price":"x","tax":"y","is_offer":"maybe"}',
            '{"name":1,"price":null,"extra":1,"tax":null,"sub":null,"subs":null}', '{"price":2,"sub":{},"subs":[{"a":1},{},2,{"a":"q"}],"name":"x"}',
            '{"name":"a","price":1,"tags":["x",1],"color":"x"}', '{"name":"a","price":1,"name":"b"}', '{"name":"a","price":1,"sub":5,"tags":null}',
            '{"name":"a","price":1,"color":"red","tags":["x"],"sub":{"a":"3"},"tax":"1e3","is_offer":"on","subs":[{"a":4,"z":1}]}']
    yield group({"kind": "Item"}, item + ["null", "[]", '"x"', "1", "true", None])
    yield group({"kind": "Item", "nullable": True}, ["null", "{}", "1", None])
    strict = ['{"a":1,"b":null}', '{"a":1}', '{"z":1,"a":"x","y":[1],"b":2}', '{"z":1}', '{"a":1,"b":2,"A":3,"":4}',
              '{"a":1,"b":"q","sub":{"a":1,"x":2}}', '{"z":{"deep":[1,{"a":null}]},"b":1,"a":99999999999999999999}']
    yield group({"kind": "Strict"}, strict + ["null", None])
    deep = '{"value":1}'
    for i in range(20):
        deep = '{"value":%s,"children":[%s,{"value":0}]}' % ('"x"' if i == 9 else i, deep)
    yield group({"kind": "Node"}, ['{"value":1,"children":[{"value":2,"children":[{"value":"x"},{}]},3]}', deep])
    yield group({"kind": "json"}, ["null", "1", "1.5", '"x"', "[1,[2]]", '{"a":{"b":null}}', None])
    yield group({"kind": "json", "nullable": True}, ["null", "1", None])


# ---- Schemas ----------------------------------------------------------------

class Documented(BaseModel):
    """What it is."""
    model_config = ConfigDict(extra="forbid", title="The document", json_schema_extra={"examples": [{"ID2": "x"}]})
    name: str = Field(min_length=1, max_length=50, pattern="^a", description="The name", examples=["foo"], title="My Name")
    price: float = Field(gt=0, le=10.5, multiple_of=0.5)
    many: int = Field(gt=0, ge=1, lt=5, le=4, multiple_of=2, default=2, deprecated=True)
    big: int = Field(le=18446744073709551615)
    small: float = Field(ge=1e-7, lt=1e22, default=1e-5)
    nul_req: int | None
    nul_def: int | None = Field(ge=1, description="d", default=3)
    camelCase: bool = False
    ID2: str
    tags: list[str] = Field(default=[], min_length=1, max_length=3)
    otags: list[int] | None = None
    sub: Sub
    osub: Sub | None = None
    dsub: Sub = Field(description="desc", title="T")
    osubd: Sub | None = Field(default=None, description="od", title="OT")
    subs: list[Sub]
    osubs: list[Sub] | None = None
    color: Color
    dcolor: Color = Color.red
    ocolor: Color | None = None
    odcolor: Color | None = Field(default=Color.red, description="oc")
    any: Any
    anyd: Any = 5
    oany: Any | None = None
    ali: int = Field(alias="x-ali_as")
    exam: int | None = Field(default=None, title="EX", examples=[3], deprecated=True)


class Empty(BaseModel):
    pass


def schemas():
    app = FastAPI()

    @app.post("/p/{item_id}/{color}")
    def parameters(
        item_id: Annotated[int, PathParam(ge=1, title="The p", description="pd")],
        color: Color,
        name: Annotated[str | None, Query(max_length=50, pattern="^x", alias="item-query", deprecated=True, examples=["a"], description="qd")] = None,
        ids: Annotated[list[int], Query(min_length=1, max_length=9)] = [],
        oids: Annotated[list[str] | None, Query()] = None,
        flag: bool = False,
        fl: Annotated[float, Query(ge=0, lt=5.5)] = 0.5,
        oq: Annotated[Color | None, Query()] = None,
        dq: Annotated[Color, Query(title="Ti", description="tt")] = Color.green,
        limit: Annotated[int, Query(gt=0, le=100, multiple_of=5)] = 100,
        onum: Annotated[int | None, Query(ge=3, title="TA", description="DA", examples=[1], deprecated=True)] = 7,
        text: Annotated[str, Query(min_length=1, max_length=2)] = "a",
        x_tok: Annotated[str | None, Header()] = None,
        x_raw: Annotated[str, Header(convert_underscores=False)] = "",
        ck: Annotated[str | None, Cookie()] = None,
    ): ...

    @app.post("/components")
    def components(d: Documented, e: Empty, i: Item, n: Node, s: Strict): ...

    bodies = {
        "one_ref": Annotated[Item, Body()], "one_ref_more": Annotated[Item, Body(description="bd", title="TT", examples=[{"a": 1}])],
        "one_nullable": Annotated[Item | None, Body()], "one_list": Annotated[list[int], Body(description="bd", min_length=1)],
        "one_int": Annotated[int, Body(ge=3)], "one_any": Annotated[Any, Body()],
    }
    for name, of in bodies.items():
        def body(value): ...
        body.__annotations__ = {"value": of}
        if "nullable" in name:
            body.__defaults__ = (None,)
        app.post("/" + name, name=name)(body)

    uses = {"Item": Item, "list:Sub": list[Sub], "list:str": list[str], "i64": int, "f64": float, "bool": bool,
            "str": str, "json": Any, "Color": Color}
    for i, (name, of) in enumerate(uses.items()):
        def use(): ...
        use.__annotations__ = {"return": of}
        app.post("/use%d" % i, operation_id="use", name=name)(use)

    doc = app.openapi()
    media = "application/json"
    paths = {p: item["post"] for p, item in doc["paths"].items()}
    names = ("Documented", "Empty", "Item", "Node", "Strict", "Sub", "Color")
    return {
        "components": {k: v for k, v in doc["components"]["schemas"].items() if k in names},
        "parameters": {p["name"]: p["schema"] for p in paths["/p/{item_id}/{color}"]["parameters"]},
        "bodies": {n: paths["/" + n]["requestBody"]["content"][media]["schema"] for n in bodies},
        "uses": {n: paths["/use%d" % i]["responses"]["200"]["content"][media]["schema"] for i, n in enumerate(uses)},
    }


def write(path, value):
    """One line per case, so that a change can be read."""
    text = json.dumps(value, ensure_ascii=True, indent=None, separators=(",", ":"))
    if "groups" in value:
        dump = lambda v: json.dumps(v, ensure_ascii=True, separators=(",", ":"))
        groups = [
            '{"field":%s,"cases":[\n%s\n]}' % (dump(g["field"]), ",\n".join(dump(c) for c in g["cases"]))
            for g in value["groups"]
        ]
        text = '{"made_with":%s,"groups":[\n%s\n]}' % (dump(value["made_with"]), ",\n".join(groups))
    path.write_text(text + "\n")


def main():
    out = Path(sys.argv[1])
    for source in (ints, floats, bools, strings, lists, models):
        groups = list(source())
        write(out / (source.__name__ + ".json"), {"made_with": MADE_WITH, "groups": groups})
        print(source.__name__, len(groups), "groups", sum(len(g["cases"]) for g in groups), "cases")
    (out / "schema.json").write_text(json.dumps({"made_with": MADE_WITH, **schemas()}, indent=1) + "\n")


if __name__ == "__main__":
    main()
