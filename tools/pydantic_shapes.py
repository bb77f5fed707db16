#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks the real FastAPI about values with a shape: sets, tuples, dictionaries,
unions, inheritance, validators, aliases; and for their schemas.

    venv/bin/python tools/pydantic_shapes.py tests/model/vectors

The vectors are those of tools/pydantic_vectors.py; the C side of the types is
in tests/model/shape_models.h.
"""
import dataclasses
import enum
import json
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

warnings.simplefilter("ignore")
import pydantic_vectors as vectors  # noqa: E402
from fastapi import Body, FastAPI  # noqa: E402
from pydantic import (AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Json,  # noqa: E402
                      TypeAdapter, computed_field, field_validator, model_validator)
from pydantic import dataclasses as pydantic_dataclasses  # noqa: E402

Color = vectors.Color


# ---- The types, as tests/model/shape_models.h has them -------------------------

class Level(enum.IntEnum):
    low = 1
    mid = 5
    high = 10


class Part(BaseModel):
    a: int


class Base(BaseModel):
    """The base."""
    name: str = Field(min_length=1)
    level: Level = Level.low


class Child(Base):
    age: int
    note: str | None = None


class Grandchild(Child):
    model_config = ConfigDict(extra="forbid")
    toys: set[str] = Field(default=set(), max_length=2)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class Cat(BaseModel):
    kind: Literal["cat", "lion"]
    meows: int = 0


class Dog(BaseModel):
    kind: Literal["dog"]
    barks: float


class Owner(BaseModel):
    name: str
    pets: list[Annotated[Union[Cat, Dog], Field(discriminator="kind")]] = []


class Small(BaseModel):
    a: int
    b: int = 0


class Large(BaseModel):
    a: int
    b: int = 0
    c: int = 0


class Leaf(BaseModel):
    v: int


class Branch(BaseModel):
    left: "Union[Leaf, Branch]"
    right: "Union[Leaf, Branch, None]" = None


def no_admin(value):
    if value == "admin":
        raise ValueError("no admin here")
    return value


def is_even(value):
    assert value % 2 == 0, f"{value} is odd"
    return value


def strip(value):
    return value.strip() if isinstance(value, str) else value


class Checked(BaseModel):
    name: Annotated[str, AfterValidator(no_admin)]
    even: Annotated[int, AfterValidator(is_even)] = 2
    text: Annotated[str, Field(min_length=2), BeforeValidator(strip)] = "ok"
    low: int = 0
    high: int = 0

    @model_validator(mode="before")
    @classmethod
    def before(cls, data):
        if isinstance(data, dict) and "forbidden" in data:
            raise ValueError("forbidden key")
        return data

    @model_validator(mode="after")
    def after(self):
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


@pydantic_dataclasses.dataclass
class Data:
    a: int
    b: str = "x"


class Aliased(BaseModel):
    both: int = Field(alias="b-oth")
    inward: int = Field(validation_alias="in-ward")
    outward: int = Field(serialization_alias="out-ward")


class Tight(BaseModel):
    model_config = ConfigDict(strict=True)
    i: int
    f: float
    b: bool
    s: str
    n: int | None = None


class Bag(BaseModel):
    counts: dict[str, int] = Field(min_length=1, max_length=2)
    weights: dict[int, float] = {}
    pair: tuple[int, str] | None = None
    some: Union[int, str, list[int]] = 0
    data: Json[list[int]] | None = None


KINDS = {
    "Level": Level, "set:i64": set[int], "frozen:str": frozenset[str], "tuple_of:i64": tuple[int, ...],
    "Pair": tuple[int, str], "dict:str:i64": dict[str, int], "dict:i64:f64": dict[int, float],
    "dict:Color:Part": dict[Color, Part], "list:?i64": list[Optional[int]], "list:list:f64": list[list[float]],
    "set:Pair": set[tuple[int, str]], "list:str+": list[Annotated[str, Field(min_length=2)]],
    "Child": Child, "Grandchild": Grandchild, "Open": Open, "Data": Data, "Aliased": Aliased, "Tight": Tight,
    "IntStr": Union[int, str], "StrInt": Union[str, int], "BoolInt": Union[bool, int], "IntFloat": Union[int, float],
    "FloatInt": Union[float, int], "ListDict": Union[list[int], dict[str, int]], "ColorStr": Union[Color, str],
    "LevelFloat": Union[Level, float], "IntAny": Union[int, Any], "SetList": Union[set[int], list[str]],
    "Bounded": Union[Annotated[int, Field(gt=3)], Annotated[str, Field(min_length=2)]],
    "PairPart": Union[tuple[int, str], Part], "list:IntStr": list[Union[int, str]], "Nested": Union[list[Union[int, str]], Union[Part, bool]],
    "CatDog": Union[Cat, Dog], "Pet": Annotated[Union[Cat, Dog], Field(discriminator="kind")], "Owner": Owner,
    "SmallLarge": Union[Small, Large], "Branch": Branch, "Checked": Checked, "Bag": Bag,
    "json:i64": Json[int], "json:Part": Json[Part], "dict:str:IntStr": dict[str, Union[int, str]],
}


def plain(value):
    """What a value is as JSON; sets in order."""
    if isinstance(value, (set, frozenset)):
        return sorted((plain(v) for v in value), key=json.dumps)
    if isinstance(value, BaseModel):
        names = {k: f.serialization_alias or k for k, f in type(value).model_fields.items()}
        return {names.get(k, k): plain(v) for k, v in value.__dict__.items()} | {
            k: plain(v) for k, v in (value.__pydantic_extra__ or {}).items()}
    if dataclasses.is_dataclass(value):
        return {k: plain(v) for k, v in dataclasses.asdict(value).items()}
    if isinstance(value, dict):
        return {json.dumps(plain(k)).strip('"'): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value.value if isinstance(value, enum.Enum) else value


def group(spec, texts, strings=()):
    asker = Shapes(spec, strings)
    cases = [asker.json(t) for t in texts] + [asker.strings(s if isinstance(s, list) else [s]) for s in strings]
    return {"field": spec, "cases": cases}


class Shapes(vectors.Asker):
    def __init__(self, spec, strings):
        of = KINDS.get(spec["kind"]) or vectors.KINDS[spec["kind"]]
        if "literal" in spec:
            of = Literal[tuple(spec["literal"])]
        vectors.KINDS["asked"] = of
        rules = {k: v for k, v in spec.items() if k not in ("kind", "literal", "finite")}
        if "finite" in spec:
            rules["allow_inf_nan"] = False
        body_only = "json" if not strings else "asked"
        if body_only == "json":
            vectors.KINDS["json"], saved = of, vectors.KINDS["json"]
            super().__init__({**rules, "kind": "json"})
            vectors.KINDS["json"] = saved
        else:
            super().__init__({**rules, "kind": "asked"})

    def answer(self, response, where, given):
        answer = super().answer(response, where, given)
        return answer if "errors" in answer else {"value": plain(self.value)}


# ---- What is asked ----------------------------------------------------------------

OTHERS = ["null", "1", "1.0", "1.5", "true", '"1"', '"x"', '""', "[]", "[1]", '["a"]', "{}", '{"a":1}']


def shapes():
    for values in (["a", "b"], ["it's", "x"], ["only"]):
        yield group({"kind": "str", "literal": values}, OTHERS + ['"a"', '"only"', '"A"'], ["a", "c"])
    yield group({"kind": "i64", "literal": [1, 2]}, OTHERS + ["2", "2.0", "3", "false"], ["1", "2"])
    yield group({"kind": "bool", "literal": [True]}, OTHERS)
    yield group({"kind": "json", "literal": ["a", 1, None, True]}, [t for t in OTHERS if t != "1.0"] + ['"a"', "false"])
    yield group({"kind": "str", "literal": ["a"], "nullable": True}, ["null", '"a"', '"b"', None])
    yield group({"kind": "str", "literal": ["a", "b"], "def": '"b"'}, [None, '"a"'], [[], "a"])
    yield group({"kind": "Level"}, OTHERS + ["5", "10", '"5"', '"05"', '" 5 "', '"5.0"', "5.5", "99999999999999999999"],
                ["5", "low", "1.0"])
    yield group({"kind": "Level", "def": "5"}, [None, "1"], [[], "10"])
    yield group({"kind": "set:i64"}, OTHERS + ["[1,1,2]", '[1,"1",true,2,1.0]', '[1,"x",null]', "[1,2,1,3,3]"],
                ["1", ["1", "1", "2"], ["x"]])
    for kind in ("set:i64", "tuple_of:i64"):
        for rules in ({"min_length": 2}, {"max_length": 2}, {"min_length": 1, "max_length": 1}):
            yield group({"kind": kind, **rules}, ["[]", "[1]", "[1,1,1]", "[1,2]", "[1,2,3]", '["x",1,2,3]', '["x"]', '["x","y","z"]'])
    yield group({"kind": "set:i64", "def": "[1]", "nullable": True}, [None, "null", "[2,2]"])
    for rules in ({}, {"min_length": 2}, {"max_length": 1}):
        yield group({"kind": "frozen:str", **rules}, OTHERS + ['["a","a"]', '["a","b"]'])
    yield group({"kind": "tuple_of:i64"}, OTHERS + ["[1,2,3]", '[1,"x"]'], ["1", ["1", "2"]])
    yield group({"kind": "Pair"}, OTHERS + ['[1,"a"]', '["1","a"]', '[1,"a",2]', '["x",1]', '[1,"a",2,3]'])
    yield group({"kind": "Pair", "nullable": True}, ["null", '[1,"a"]', "[1]", None])
    yield group({"kind": "set:Pair"}, ['[[1,"a"],[1,"a"],["1","a"],[2,"a"]]', '[[1]]'])
    yield group({"kind": "dict:str:i64"}, OTHERS + ['{"a":"1","b":"x","c":null}', '{"":1}'])
    for rules in ({"min_length": 1}, {"max_length": 1}, {"min_length": 2, "max_length": 3}):
        yield group({"kind": "dict:str:i64", **rules}, ["{}", '{"a":1}', '{"a":1,"b":2}', '{"a":"x","b":2}', '{"a":1,"b":2,"c":3,"d":4}'])
    yield group({"kind": "dict:i64:f64"}, OTHERS + ['{"1":1,"2":"2.5"}', '{"x":"y","1":1}', '{"1":1,"2":2,"01":3,"1.0":4}', '{"1.5":1}'])
    yield group({"kind": "dict:Color:Part"}, ['{"red":{"a":1}}', '{"red":{},"x":{"a":1},"y":2}'])
    yield group({"kind": "list:?i64"}, ["[null,1,null]", '["x",null]', "[]", "null"])
    yield group({"kind": "list:list:f64"}, ["[[1],[],[2.5]]", '[[1,"x"],3]', "[]"])
    yield group({"kind": "list:str+"}, ['["ab","cd"]', '["a","bc",1]'])
    yield group({"kind": "Child"}, ['{"name":"n","age":1}', "{}", '{"name":"","level":2,"age":"x","note":5}', '{"name":"n","level":5,"age":1,"note":"t"}', "null"])
    yield group({"kind": "Grandchild"}, ['{"name":"n","age":1,"toys":["a","b"]}', '{"age":1,"toys":["a","b","c"],"z":1,"name":"x","level":"10"}'])
    yield group({"kind": "Open"}, ['{"a":1}', '{"a":1,"b":[1,{"c":null}],"d":"x"}', '{"b":1}'])
    yield group({"kind": "Data"}, ['{"a":1}', '{"a":"x","b":1}', "{}", "1", "null", "[]"])
    yield group({"kind": "Aliased"}, ['{"b-oth":1,"in-ward":2,"outward":3}', '{"both":1,"inward":2,"out-ward":3}'])
    tight = {"i": 1, "f": 1.5, "b": True, "s": "x"}
    yield group({"kind": "Tight"}, [json.dumps(tight)] + [json.dumps({**tight, k: v}) for k in tight
                                                          for v in (1, 1.0, "1", True, None, [])] + [json.dumps({**tight, "n": "1"})])
    yield group({"kind": "f64", "finite": True}, ["1", "NaN", "Infinity", '"nan"', '"1e400"', "1e400", '"x"'], ["1", "inf"])


def unions():
    more = OTHERS + ['"2"', "2", "2.0", "false", "0", "9", '"ab"', '"red"', '[1,"x"]', '["1"]', '{"a":"x"}', '{"a":"1","b":2}', "5"]
    for kind in ("IntStr", "StrInt", "BoolInt", "IntFloat", "FloatInt", "ListDict", "ColorStr", "LevelFloat", "IntAny",
                 "SetList", "Bounded", "PairPart", "list:IntStr", "Nested", "dict:str:IntStr"):
        yield group({"kind": kind}, more)
    yield group({"kind": "IntStr"}, [], ["1", "x", ""])
    yield group({"kind": "IntStr", "nullable": True}, ["null", "1", '"x"', "[]", None])
    yield group({"kind": "IntStr", "def": '"d"'}, [None, "1"])
    pets = ['{"kind":"cat"}', '{"kind":"lion","meows":"x"}', '{"kind":"dog","barks":1}', '{"kind":"dog"}', '{"kind":"x"}', "{}",
            '{"kind":5}', '{"kind":null}', '{"kind":["a"]}', '{"kind":{"a":true}}', '{"kind":1.5}', '{"kind":"it\'s"}', "5", "null", '"cat"', "[]"]
    for kind in ("CatDog", "Pet"):
        yield group({"kind": kind}, pets)
    yield group({"kind": "Pet", "nullable": True}, ["null", '{"kind":"cat","meows":2}', "1", None])
    yield group({"kind": "Owner"}, ['{"name":"o","pets":[%s]}' % ",".join(pets)])
    yield group({"kind": "SmallLarge"}, ['{"a":1}', '{"a":1,"b":2}', '{"a":1,"b":2,"c":3}', '{"a":1,"c":3}', '{"a":"x"}', "{}"])
    yield group({"kind": "Branch"}, ['{"left":{"v":1}}', '{"left":{"left":{"v":1},"right":{"v":"x"}}}', '{"left":{"v":1},"right":null}',
                                     '{"left":{"left":{"left":{"v":1}}},"right":{"v":2}}', '{"left":1}'])


def checks():
    ok = '{"name":"n"}'
    yield group({"kind": "Checked"}, [ok, '{"name":"admin"}', '{"name":"admin","even":3,"text":" a "}', '{"name":"n","even":3}',
                                      '{"name":"n","text":"  ab "}', '{"name":"n","text":5}', '{"name":"n","low":2}', '{"name":1,"low":2}',
                                      '{"forbidden":1}', '{"name":"n","even":"4","low":1,"high":"1"}', "null", "[]"])
    texts = ["1", '"1"', '"x"', '""', '" "', '"[1"', '"[1,"', '"[1,]"', '"{"', '"1 2"', '"[1 2]"', '"{a:1}"', '"01"', '"tru"', '"trux"',
             "null", "[1]", '"\\n\\n x"', '"{\\"a\\" 1}"', '"{\\"a\\":1,}"', '"{\\"a\\":1 \\"b\\"}"', '"["', '"\\"a"', '"null"', '"1.5"',
             '"{\\"a\\""', '"{\\"a\\":"', '"}"', '"truex"', '"\\"\\\\x\\""', '"{1:2}"', '"[1}"']
    yield group({"kind": "json:i64"}, texts, ["1", "x"])
    yield group({"kind": "json:i64", "nullable": True}, ["null", '"1"', '"null"', None])
    yield group({"kind": "json:Part"}, ['"{\\"a\\":1}"', '"{\\"a\\":\\"x\\"}"', '"{}"', '{"a":1}'])
    yield group({"kind": "Bag"}, ['{"counts":{"a":1},"weights":{"1":"2"},"pair":[1,"x"],"some":["1"],"data":"[1,2]"}', '{"counts":{}}',
                                  '{"counts":{"a":1},"some":{},"data":"[\\"x\\"]","pair":[],"weights":{"x":1}}'])


# ---- Schemas -------------------------------------------------------------------------

class Shown(BaseModel):
    lit: Literal["a", "b"]
    one: Literal["a"] = "a"
    num: Literal[1, 2] = 1
    mixed: Literal["a", 1, None] = "a"
    olit: Literal["a", "b"] | None = None
    level: Level = Level.mid
    olevel: Level | None = None
    uniq: set[int] = Field(min_length=1, max_length=3)
    frozen: frozenset[str] = frozenset()
    many: tuple[int, ...] = Field(default=(), max_length=3)
    pair: tuple[int, str]
    opair: tuple[int, Part] | None = Field(default=None, description="two")
    counts: dict[str, int] = Field(min_length=1, max_length=2)
    weights: dict[int, float] = {}
    parts: dict[str, Part] | None = None
    colors: dict[Color, int] = {}
    free: dict[str, Any] = {}
    nulls: list[int | None] = []
    either: int | str
    oeither: int | str | None = None
    deither: int | list[int] = Field(default=1, title="Or", description="either")
    refs: Part | Small
    orefs: Part | Small | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    opet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    bounded: Annotated[int, Field(gt=3)] | Annotated[str, Field(min_length=2)] = 5
    names: list[Annotated[str, Field(min_length=2, max_length=9)]] = []
    made: list[int] = Field(default_factory=list)
    finite: float = Field(default=1.0, allow_inf_nan=False)
    extra: int = Field(default=1, json_schema_extra={"x-a": {"b": 1}, "examples": [5]})
    nested: list[list[float]] = []


class Sized(BaseModel):
    """Sized."""
    model_config = ConfigDict(extra="allow", json_schema_extra={"x-more": True})
    width: int
    height: int = 1
    hidden: int = Field(default=0, exclude=True)
    data: Json[list[int]] | None = None
    inn: int = Field(default=0, validation_alias="in-n", serialization_alias="out-n")

    @computed_field(title="The Area", description="w*h")
    @property
    def area(self) -> int:
        return self.width * self.height

    @computed_field
    @property
    def maybe(self) -> list[str] | None:
        return None


def without_null_defaults(schema):
    """As FastAPI's document is written, without what is None."""
    if isinstance(schema, list):
        return [without_null_defaults(v) for v in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: without_null_defaults(v) for k, v in schema.items() if not (k == "default" and v is None)}


def schemas():
    models = (Shown, Sized, Child, Grandchild, Open, Branch, Owner, Bag, Level, Cat, Data)
    documents = {}
    for mode in ("validation", "serialization"):
        for model in models:
            schema = TypeAdapter(model).json_schema(mode=mode, ref_template="#/components/schemas/{model}")
            name, defs = model.__name__, schema.pop("$defs", {})
            schema = defs[name] if "$ref" in schema else schema
            documents.setdefault(name, {})[mode] = without_null_defaults(schema)
    return documents


def main():
    out = Path(sys.argv[1])
    for source in (shapes, unions, checks):
        groups = list(source())
        vectors.write(out / (source.__name__ + ".json"), {"made_with": vectors.MADE_WITH, "groups": groups})
        print(source.__name__, len(groups), "groups", sum(len(g["cases"]) for g in groups), "cases")
    text = json.dumps({"made_with": vectors.MADE_WITH, **schemas()}, indent=1)
    (out / "shape_schemas.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
