# SPDX-License-Identifier: MIT
"""FastAPI's half of the wire contract; app.c is the same API in brio.

One thing is said here that app.c need not say: an int64_t member has 64 bits,
so where a test sends more, both sides declare the bounds (see Strict.a)."""
from enum import Enum
from typing import Annotated

from fastapi import (Body, Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Path, Query, Response,
                     UploadFile, WebSocket, WebSocketException)
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI(title="Wire", version="1.2.3", description="The **contract**")


class Message(BaseModel):
    message: str


@app.get("/")
async def root() -> Message:
    return Message(message="Hello, wörld ☃")


class ItemView(BaseModel):
    item_id: int
    q: str | None = None
    brief: bool
    limit: int
    ratio: float | None = None


@app.get("/items/{item_id}")
async def read_item(
    item_id: Annotated[int, Path(title="The ID", description="Which item", ge=1, le=1000)],
    q: Annotated[str | None, Query(min_length=3, max_length=10, pattern="^[a-zé]+$")] = None,
    brief: Annotated[bool, Query(alias="short")] = False,
    limit: Annotated[int, Query(ge=0, lt=100, multiple_of=5)] = 10,
    ratio: Annotated[float | None, Query(gt=0, le=1.5, deprecated=True)] = None,
) -> ItemView:
    return ItemView(item_id=item_id, q=q, brief=brief, limit=limit, ratio=ratio)


class Item(BaseModel):
    """Something to sell"""

    name: str = Field(min_length=1, max_length=50, examples=["Foo"])
    price: float = Field(gt=0, description="In euros")
    is_offer: bool = False
    tax: float | None = None
    tags: list[str] = Field([], max_length=3)


@app.get("/items/")
async def list_items() -> list[Item]:
    return [Item(name='a"b\\c\n\x01', price=1e22), Item(name="é☃𝄞", price=0.1, is_offer=True)]


@app.post("/items/", status_code=201, tags=["items", "shop"], summary="Create", description="Creates an item",
          response_description="The item")
async def create_item(item: Item) -> Item:
    return item


class Updated(BaseModel):
    item_id: int
    item: Item


@app.put("/items/{item_id}")
async def update_item(item_id: Annotated[int, Path(ge=1)], item: Item,
                      q: Annotated[str | None, Query(max_length=5)] = None) -> Updated:
    if item_id == 404:
        raise HTTPException(404, "Item not found")
    return Updated(item_id=item_id, item=item)


@app.delete("/items/{item_id}", status_code=204)
async def delete_item(item_id: int):
    return None


class Color(str, Enum):
    red = "red"
    green = "green"
    blue = "blue"


class Customer(BaseModel):
    name: str
    email: str | None = Field(None, pattern="@")


class Line(BaseModel):
    sku: str = Field(pattern=r"^[A-Z]{3}-\d+$")
    quantity: int = Field(ge=1)


class Order(BaseModel):
    id: int = Field(alias="orderId")
    customer: Customer
    gift_for: Customer | None = None
    lines: list[Line] = Field(min_length=1)
    color: Color = Color.red
    lining: Color | None = None
    codes: list[int] | None = None


@app.post("/orders", operation_id="make_order")
async def create_order(order: Order) -> Order:
    return order


class Paint(BaseModel):
    color: Color
    second: Color | None = None


@app.get("/paint/{color}")
async def paint(color: Color, second: Color | None = None) -> Paint:
    return Paint(color=color, second=second)


class Search(BaseModel):
    tags: list[str]
    ids: list[int]
    f: float
    flag: bool


@app.get("/search")
async def search(*, tags: Annotated[list[str], Query()] = [], ids: Annotated[list[int], Query(alias="id")],
                 f: float, flag: bool) -> Search:
    return Search(tags=tags, ids=ids, f=f, flag=flag)


class HeadersOut(BaseModel):
    x_token: str
    x_count: int | None = None
    x_many: list[str]


@app.get("/headers")
async def headers(x_token: Annotated[str, Header(min_length=2)], x_count: Annotated[int | None, Header()] = None,
                  x_many: Annotated[list[str], Header()] = []) -> HeadersOut:
    return HeadersOut(x_token=x_token, x_count=x_count, x_many=x_many)


class CookiesOut(BaseModel):
    session: str
    ads_id: int | None = None


@app.get("/cookies")
async def cookies(session: Annotated[str, Cookie()], ads_id: Annotated[int | None, Cookie()] = None) -> CookiesOut:
    return CookiesOut(session=session, ads_id=ads_id)


class Two(BaseModel):
    item: Item
    user: Customer | None = None
    importance: int


@app.post("/two")
async def two_bodies(*, item: Item, user: Customer | None = None, importance: Annotated[int, Body(gt=0)]) -> Two:
    return Two(item=item, user=user, importance=importance)


@app.post("/embedded", deprecated=True)
async def embedded(customer: Annotated[Customer, Body(embed=True)]) -> Customer:
    return customer


@app.post("/numbers")
async def numbers(numbers: Annotated[list[int], Body(min_length=1, max_length=4)]) -> list[int]:
    return numbers


@app.post("/maybe")
async def maybe(customer: Customer | None = None) -> Message:
    return Message(message=customer.name if customer else "nobody")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int = Field(le=2**63 - 1, ge=-(2**63))
    b: bool = True


@app.post("/strict")
async def strict(strict: Strict) -> Strict:
    return strict


@app.get("/fail/{code}")
async def fail(code: Annotated[int, Path(ge=200, le=599)]) -> Message:
    raise HTTPException(code)


@app.get("/files/{file_path:path}")
async def files(file_path: str) -> Message:
    return Message(message=file_path)


@app.get("/users/me")
async def read_user_me() -> Message:
    return Message(message="the current user")


@app.get("/users/{user_id}")
async def read_user(user_id: str) -> Message:
    return Message(message=user_id)


@app.get("/text", response_class=PlainTextResponse)
async def text():
    return "plain ☃"


@app.get("/html", response_class=HTMLResponse)
async def html():
    return "<h1>Hi</h1>"


@app.get("/crash")
async def crash() -> Message:
    raise OSError(5, "Input/output error")


@app.get("/hidden", include_in_schema=False)
async def hidden() -> Message:
    return Message(message="Hello, wörld ☃")


async def need_token(token: str | None = None):
    if token is None:
        raise WebSocketException(code=1008)
    return token


@app.websocket("/items/{item_id}/ws")
async def socket_echo(websocket: WebSocket, item_id: int, q: int | None = None, token: str = Depends(need_token)):
    await websocket.accept()
    while True:
        text = await websocket.receive_text()
        if text == "bye":
            return await websocket.close(4001, "as asked")
        if text == "fail":
            raise OSError
        await websocket.send_text(f"{item_id} {token}: {text}")
        if q is not None:
            await websocket.send_text(f"q is {q}")


# ---- Forms and files ---------------------------------------------------------


class FormOut(BaseModel):
    name: str
    age: int
    tags: list[str]
    color: Color | None = None
    ok: bool


@app.post("/form")
async def form(name: Annotated[str, Form(min_length=2, description="Who")], age: Annotated[int, Form(ge=0)] = 18,
               tags: Annotated[list[str], Form()] = [], color: Annotated[Color | None, Form()] = None,
               ok: Annotated[bool, Form(alias="is-ok")] = False) -> FormOut:
    return FormOut(name=name, age=age, tags=tags, color=color, ok=ok)


class Signup(BaseModel):
    user: str = Field(max_length=5)
    age: int = 3
    words: list[str] = []
    note: str | None = None


@app.post("/signup")
async def signup(data: Annotated[Signup, Form()]) -> Signup:
    return data


class Sealed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: str
    b: int = 1


@app.post("/sealed")
async def sealed(data: Annotated[Sealed, Form()]) -> Sealed:
    return data


class FileOut(BaseModel):
    filename: str
    content_type: str
    size: int
    note: str


@app.post("/upload")
async def upload(file: UploadFile, note: Annotated[str, Form()] = "none") -> FileOut:
    return FileOut(filename=file.filename, content_type=file.content_type or "", size=file.size, note=note)


@app.post("/uploads")
async def uploads(files: Annotated[list[UploadFile], File(description="Several", max_length=3)]) -> list[str]:
    return [f.filename for f in files]


@app.post("/upload/maybe")
async def maybe_upload(file: UploadFile | None = None) -> Message:
    return Message(message=file.filename if file else "no file")


@app.post("/bytes")
async def file_bytes(file: Annotated[bytes, File(min_length=3)], more: Annotated[bytes | None, File()] = None) -> list[int]:
    return [len(file), len(more or b"")]


@app.post("/bytes/list")
async def bytes_list(files: Annotated[list[bytes], File()]) -> list[int]:
    return [len(f) for f in files]


@app.post("/mixed")
async def mixed(file: Annotated[bytes, File()], fileb: Annotated[UploadFile, File()], token: Annotated[str, Form()]) -> Message:
    return Message(message=f"{len(file)} {token} {fileb.content_type}")
