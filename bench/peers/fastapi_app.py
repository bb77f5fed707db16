# SPDX-License-Identifier: MIT
"""FastAPI's side of the HTTP benchmark; the same API as bench/api.c."""
from typing import Annotated

from fastapi import FastAPI, Path, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Benchmark")


class Found(BaseModel):
    id: int
    q: str | None = None


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=50)
    price: float = Field(gt=0)
    is_offer: bool = False
    tax: float | None = None


@app.get("/plaintext", response_class=PlainTextResponse)
async def plaintext():
    return "Hello, World!"


@app.get("/items/{id}")
async def read_item(id: Annotated[int, Path(ge=1)], q: Annotated[str | None, Query(max_length=50)] = None) -> Found:
    return Found(id=id, q=q)


@app.post("/items")
async def create_item(item: Item) -> Item:
    return item
