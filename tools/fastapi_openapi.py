#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the OpenAPI documents that the real FastAPI makes of the apps in tests/app.

    python3 -m venv venv && venv/bin/pip install fastapi httpx
    venv/bin/python tools/fastapi_openapi.py tests/data/openapi

Each function below is one app, and has its twin of the same name in
tests/app/openapi_*_test.c; the file NAME.json is the answer to GET /openapi.json, byte by byte.
"""
import enum
import sys
import warnings
from pathlib import Path as FilePath
from typing import Annotated, Any

import fastapi
from fastapi import Body, Cookie, FastAPI, Header, Path, Query
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field


# ---- Models, as tests/app/openapi_models.h has them -------------------------

class Color(str, enum.Enum):
    red = "red"
    green = "green"


class Maker(BaseModel):
    name: str
    country: str | None = None


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=50)
    price: float = Field(gt=0)
    is_offer: bool = False
    tax: float | None = None
    color: Color = Color.green
    maker: Maker | None = None
    tags: list[str] = Field(default=[], max_length=8)


class Strict(BaseModel):
    """Nothing else is taken."""
    model_config = ConfigDict(extra="forbid", title="A Strict One",
                              json_schema_extra={"examples": [{"itemId": 1}]})
    item_id: int = Field(alias="itemId", ge=1, le=9, title="The Id", description="counts",
                         examples=[1, 2], deprecated=True)
    anything: Any
    code: str = Field(pattern="^[a-z]+$")
    even: int | None = Field(default=4, multiple_of=2, lt=100)
    must: str | None
    makers: list[Maker] = Field(min_length=1)
    color: Color | None = None


class Node(BaseModel):
    value: int
    children: "list[Node]" = []


class Tree(BaseModel):
    root: Node
    name: str | None = None


class Forest(BaseModel):
    trees: list[Tree]


class Link(BaseModel):
    next: "Link | None" = None


# ---- The apps ---------------------------------------------------------------

def empty():
    return FastAPI()


def metadata():
    app = FastAPI(title="Shop & <Co>", version="1.2.3", summary='The "shop".',
                  description="All of it.\n\nReally \u00e9verything.")

    @app.get("/", summary="The root", description=" \n First page. \n\f Not this. ",
             tags=["pages", "front door"], response_description="A page")
    def root(): ...

    @app.get("/old", deprecated=True, operation_id="old-one", tags=["pages"])
    def old_page_2nd() -> list[int]: ...

    @app.get("/hidden/{color}", include_in_schema=False)
    def hidden(color: Color) -> Node: ...

    @app.post("/both", operation_id="bothBodies")
    def both(item: Item, node: Node) -> list[Item]: ...

    return app


def served_below():
    app = FastAPI(root_path="/api/v1/")

    @app.get("/x")
    def x(): ...

    return app


def paths():
    app = FastAPI()

    @app.get("/a")
    def read_a() -> list[str]: ...

    @app.get("/files/{name}.txt/{rest:path}")
    def read_file(name: str, rest: str): ...

    @app.put("/a")
    def write_a(): ...

    @app.get("/n/{i:int}/{f:float}/{color}")
    def numbers(f: float, i: Annotated[int, Path(ge=1, title="Number")], color: Color): ...

    @app.delete("/a")
    def delete_a() -> list[Node]: ...

    @app.get("/a")
    def read_a_again() -> Maker: ...

    @app.patch("/caf\u00e9/x-y.z")
    def cafe(): ...

    @app.head("/h")
    def head(): ...

    @app.options("/h")
    def options(node: Node): ...

    return app


def parameters():
    app = FastAPI()

    @app.get("/scalars")
    def scalars(
        session: Annotated[str | None, Cookie()] = None,
        x_token: Annotated[str, Header()] = "none",
        q: str = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        ratio: Annotated[float, Query(gt=0, lt=0.5)] = 0.25,
        step: Annotated[float | None, Query(multiple_of=0.5)] = None,
        big: Annotated[float, Query(le=1e22)] = 1e22,
        on: bool = False,
        *, must: int,
        color: Color = Color.red,
        maybe_color: Color | None = None,
    ): ...

    @app.get("/texts")
    def texts(
        word: Annotated[str, Query(min_length=2, max_length=5, pattern="^a\\w*$",
                                   examples=["ab", "abc"])],
        other_name: Annotated[str | None, Query(alias="other-name", title="Other", deprecated=True,
                                                description="An <old> one.")] = None,
        secret: Annotated[Color | None, Query(include_in_schema=False)] = None,
        *, nothing: Annotated[str | None, Query(max_length=3)],
    ): ...

    @app.get("/lists")
    def lists(
        ids: Annotated[list[int], Query()],
        words: Annotated[list[str], Query(min_length=1, max_length=4)] = ["a", "b"],
        flags: Annotated[list[bool] | None, Query()] = None,
        ratios: Annotated[list[float], Query()] = [],
        x_many: Annotated[list[str], Header()] = [],
    ): ...

    @app.get("/headers")
    def headers(
        user_agent: Annotated[str | None, Header()] = None,
        plain_name: Annotated[str, Header(convert_underscores=False)] = "",
        x_named: Annotated[int, Header(alias="X-Named", ge=0)] = 0,
        *, ads_id: Annotated[str, Cookie(description="Who.")],
    ): ...

    @app.get("/only-hidden")
    def only_hidden(x: Annotated[str, Query(include_in_schema=False)] = ""): ...

    return app


def bodies():
    app = FastAPI()

    @app.post("/one")
    def one(item: Item): ...

    @app.put("/maybe/{item_id}")
    def maybe(item_id: int, item: Item | None = None): ...

    @app.post("/two")
    def two(item: Item, maker: Maker | None = None): ...

    @app.post("/mixed")
    def mixed(item: Item, importance: Annotated[int, Body(gt=0, title="How much")],
              note: Annotated[str | None, Body(description="Any text.")] = None): ...

    @app.post("/embed")
    def embed(item: Annotated[Item, Body(embed=True)]): ...

    @app.post("/none-needed")
    def none_needed(a: Annotated[int, Body()] = 1, b: Annotated[str | None, Body()] = None): ...

    @app.post("/scalar")
    def scalar(count: Annotated[int, Body(ge=1, description="How many.", examples=[3])]): ...

    @app.post("/scalar-maybe")
    def scalar_maybe(text: Annotated[str | None, Body()] = None): ...

    @app.post("/list")
    def many(items: Annotated[list[Item], Body(min_length=1)]): ...

    @app.post("/list-maybe")
    def many_maybe(items: list[Item] | None = None): ...

    @app.post("/words")
    def words(words: list[str]): ...

    @app.post("/color")
    def color(color: Annotated[Color, Body()]): ...

    @app.post("/any")
    def anything(value: Annotated[Any, Body()]): ...

    @app.get("/get")
    def with_get(node: Node): ...

    @app.post("/named", operation_id="two words \u00e9")
    def named(item: Annotated[Item, Body(embed=True)]): ...

    @app.options("/options")
    def with_options(item: Item, node: Node): ...

    return app


def outputs():
    app = FastAPI()

    @app.get("/model")
    def model() -> Item: ...

    @app.get("/models")
    def models() -> list[Item]: ...

    @app.get("/strings")
    def strings() -> list[str]: ...

    @app.get("/number")
    def number() -> int: ...

    @app.get("/color")
    def color() -> Color: ...

    @app.get("/any")
    def anything(): ...

    @app.get("/text", response_class=PlainTextResponse)
    def text(): ...

    @app.get("/html", response_class=HTMLResponse, status_code=404)
    def html(): ...

    @app.post("/made", status_code=201, response_description="Made")
    def made(node: Node) -> Node: ...

    @app.delete("/gone/{x}", status_code=204)
    def gone(x: int): ...

    @app.post("/own-422", status_code=422)
    def own_422(node: Node): ...

    return app


def models():
    app = FastAPI()

    @app.post("/strict")
    def strict(body: Strict) -> Strict: ...

    @app.post("/node")
    def node(body: Node) -> list[Node]: ...

    @app.post("/tree")
    def tree(tree: Tree) -> Tree: ...

    @app.post("/trees", operation_id="trees")
    def trees(tree: Annotated[Tree, Body(embed=True)], forest: Forest) -> list[Tree]: ...

    @app.get("/chain")
    def chain() -> Link: ...

    return app


APPS = (empty, metadata, served_below, paths, parameters, bodies, outputs, models)


def main(folder):
    # Two routes with one id, and a deprecated option: both on purpose.
    warnings.simplefilter("ignore")
    for make in APPS:
        response = TestClient(make()).get("/openapi.json")
        assert response.status_code == 200, response.text
        (folder / f"{make.__name__}.json").write_bytes(response.content)
    print(f"{len(APPS)} documents of FastAPI {fastapi.__version__}")


if __name__ == "__main__":
    main(FilePath(sys.argv[1]))
