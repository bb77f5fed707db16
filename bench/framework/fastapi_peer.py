# SPDX-License-Identifier: MIT
"""FastAPI's side of the framework benchmark; the same API as brio.c beside it."""
import os
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query, UploadFile
from pydantic import BaseModel, Field

app = FastAPI(title="Benchmark")


class Chain(BaseModel):
    q: str | None
    limit: int
    depth: int


async def one(q: Annotated[str | None, Query(max_length=50)] = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100):
    return Chain(q=q, limit=limit, depth=1)


def link(before):
    async def next_one(chain: Annotated[Chain, Depends(before)]):
        return Chain(q=chain.q, limit=chain.limit, depth=chain.depth + 1)
    return next_one


two = link(one)
three = link(two)
four = link(three)
five = link(four)


@app.get("/chain")
async def read_chain(chain: Annotated[Chain, Depends(five)]) -> Chain:
    return chain


class Line(BaseModel):
    sku: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=80)
    quantity: int = Field(ge=1, le=1000)
    price: float = Field(gt=0)
    discount: float | None = Field(default=None, ge=0, le=1)
    tags: list[str]
    attributes: dict[str, str]


class Customer(BaseModel):
    name: str = Field(min_length=1, max_length=50)
    email: str = Field(min_length=3, max_length=100)
    vip: bool = False


class Order(BaseModel):
    id: int = Field(ge=1)
    placed_at: datetime
    customer: Customer
    lines: list[Line] = Field(min_length=1)
    note: str | None = Field(default=None, max_length=500)


class Placed(BaseModel):
    id: int
    lines: int
    total: float


@app.post("/orders")
async def place_order(order: Order) -> Placed:
    return Placed(id=order.id, lines=len(order.lines), total=sum(line.price * line.quantity for line in order.lines))


class Product(BaseModel):
    id: int
    name: str
    price: float
    active: bool
    score: float | None
    tags: list[str]


PRODUCTS = [Product(id=i + 1, name=f"Stainless kettle {i}", price=(i % 1000 + 1) * 0.25, active=i % 4 != 0,
                    score=i % 100 * 0.25 if i % 3 == 0 else None, tags=["new", "sale", "kitchen"][:i % 4])
            for i in range(10000)]


@app.get("/products")
async def read_products() -> list[Product]:
    return PRODUCTS


class Uploaded(BaseModel):
    filename: str
    size: int


@app.post("/upload")
async def upload(file: UploadFile) -> Uploaded:
    return Uploaded(filename=file.filename, size=file.size)


class Thing(BaseModel):
    id: int
    q: str | None


async def read_things(q: Annotated[str | None, Query(max_length=50)] = None) -> Thing:
    return Thing(id=0, q=q)


async def read_thing(id: Annotated[int, Path(ge=1)], q: Annotated[str | None, Query(max_length=50)] = None) -> Thing:
    return Thing(id=id, q=q)


for i in range(int(os.environ.get("ROUTES", 0))):
    if i % 2:
        app.get(f"/group{i // 20}/things{i}/{{id}}")(read_thing)
    else:
        app.get(f"/group{i // 20}/things{i}")(read_things)
