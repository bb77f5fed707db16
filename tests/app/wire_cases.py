# SPDX-License-Identifier: MIT
#
# Records what FastAPI answers to the requests of wire_test.c and prints them
# as rows of wire_cases.h. The app here and the one in wire_test.c declare the
# same API. Needs httpx and what tests/wire/requirements.txt names:
#     python wire_cases.py > wire_cases.h
import uuid
from typing import Annotated

from fastapi import __version__, Body, Cookie, FastAPI, Header, HTTPException, Path, Query
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from wire_text import c_text

app = FastAPI()


class Item(BaseModel):
    name: str = Field(min_length=1)
    price: float = Field(gt=0)
    tax: float | None = None
    tags: list[str] = []


class User(BaseModel):
    id: int


@app.get("/items/{item_id}")
def read_item(item_id: Annotated[int, Path(ge=1)], q: Annotated[str | None, Query(max_length=5)] = None,
              limit: Annotated[int, Query(le=100)] = 10, tag: Annotated[list[str], Query()] = []):
    return {"item_id": item_id, "q": q, "limit": limit, "tag": tag}


@app.get("/flag")
def flag(on: bool, ratio: float = 0.5, name: Annotated[str, Query(alias="the-name")] = "x"):
    return {"on": on, "ratio": ratio, "name": name}


@app.get("/nums")
def nums(n: Annotated[list[int], Query(min_length=1, max_length=3)]):
    return {"n": n}


@app.get("/head")
def head(x_token: Annotated[str, Header()], x_num: Annotated[int, Header()] = 3,
         x_list: Annotated[list[str] | None, Header()] = None,
         under_score: Annotated[str, Header(convert_underscores=False)] = "-",
         session: Annotated[str | None, Cookie()] = None, n: Annotated[int, Cookie()] = 0):
    return {"x_token": x_token, "x_num": x_num, "x_list": x_list, "under_score": under_score,
            "session": session, "n": n}


@app.post("/one")
def one(item: Item):
    return item


@app.post("/two")
def two(item: Item, user: User, importance: Annotated[int, Body(gt=0)] = 5):
    return {"item": item, "user": user, "importance": importance}


@app.post("/embed")
def embed(item: Annotated[Item, Body(embed=True)]):
    return item


@app.post("/scalar")
def scalar(n: Annotated[int, Body(ge=1)]):
    return {"n": n}


@app.post("/list")
def items(items: list[Item]):
    return {"n": len(items)}


@app.post("/few")
def few(items: Annotated[list[int], Body(max_length=2)]):
    return {"n": len(items)}


@app.post("/optional")
def optional(item: Item | None = None):
    return {"item": item}


@app.post("/text")
def text(s: Annotated[str, Body()]):
    return {"s": s}


@app.get("/body")
def get_body(item: Item):
    return item


@app.put("/mix/{id}")
def mix(id: int, q: int, x_h: Annotated[int, Header()], c: Annotated[int, Cookie()], item: Item):
    return item


@app.get("/files/{rest:path}")
def files(rest: str):
    return {"rest": rest}


@app.get("/num/{n:int}")
def num(n: Annotated[int, Path(le=1000)]):
    return {"n": n}


@app.get("/flt/{x:float}")
def flt(x: Annotated[float, Path(lt=100)]):
    return {"x": x}


@app.get("/id/{u:uuid}")
def ident(u: uuid.UUID):
    return {"rest": str(u)}


@app.get("/a/{x}.{y}")
def dotted(x: str, y: str):
    return {"x": x, "y": y}


@app.get("/ab/{x}-{y:path}/end")
def dashed(x: str, y: str):
    return {"x": x, "y": y}


@app.get("/order/me", response_class=PlainTextResponse)
def order_me():
    return "me"


@app.get("/order/{name}", response_class=PlainTextResponse)
def order_name(name: str):
    return name


@app.get("/late/{name}", response_class=PlainTextResponse)
def late_name(name: str):
    return name


@app.get("/late/me", response_class=PlainTextResponse)
def late_me():
    return "me"


@app.post("/both")
def both_post():
    return None


@app.get("/both")
def both_get():
    return None


@app.put("/wild/{name}", response_class=PlainTextResponse)
def wild_put(name: str):
    return name


@app.get("/wild/fixed", response_class=PlainTextResponse)
def wild_fixed():
    return "fixed"


@app.get("/slash/")
def slash():
    return None


@app.get("/deep/{x}")
def deep(x: str):
    return {"rest": x}


@app.get("/", response_class=HTMLResponse)
def root():
    return "<p>hi</p>"


@app.get("/fail/{status}")
def fail(status: int):
    raise HTTPException(status)


@app.get("/fail-text")
def fail_text():
    raise HTTPException(418, "no \"coffee\" é")


@app.get("/fail-json")
def fail_json():
    raise HTTPException(400, {"code": 7, "why": ["a", None]})


@app.delete("/gone", status_code=204)
def gone():
    return None


@app.post("/made", status_code=201)
def made(item: Item):
    return item


GOOD = '{"name":"a","price":1.5}'
BAD = '{"name":"","price":0,"tax":"x"}'
J = [("content-type", "application/json")]
CASES = []


def add(method, url, headers=(), body=b""):
    CASES.append((method, url, list(headers), body.encode() if isinstance(body, str) else body))


for url in ["/items/5", "/items/0", "/items/x", "/items/5?q=abc&limit=7&tag=a&tag=b", "/items/5?q=toolong",
            "/items/x?q=toolong&limit=101&tag=", "/items/5?q=a&q=b", "/items/5?limit=", "/items/5?q=",
            "/items/5?q", "/items/5?&&q=1&", "/items/5?q=a+b%20c", "/items/5?q=%C3%A9%zz", "/items/5?%71=x",
            "/items/5?q=%FF", "/items/5?tag=a;b=c", "/items/%35", "/items/5%2F6", "/items/9223372036854775807",  # larger ones brio refuses: its ints have 64 bits
            
            "/items/+7", "/items/1_0", "/items/5.0", "/items/5?t%61g=1&tag=2&ta=3",
            "/flag", "/flag?on=yes", "/flag?on=maybe&ratio=x&the-name=n", "/flag?on=1&name=n", "/flag?on=1&ratio=1e3",
            "/nums", "/nums?n=1", "/nums?n=1&n=x&n=y", "/nums?n=1&n=2&n=3&n=4",
            "/files/", "/files/a/b%20c", "/files", "/num/12", "/num/0012", "/num/1001", "/num/x", "/num/-1",
            "/flt/1.5", "/flt/1", "/flt/007.50", "/flt/100.5", "/flt/1.", "/flt/.5",
            "/id/12345678-1234-5678-1234-567812345678", "/id/12345678123456781234567812345678",
            "/id/ABCDEF78-1234-5678-1234-567812345678", "/id/12345678-1234",
            "/a/b.c", "/a/b.c.d", "/a/.c", "/a/b.", "/a/b/c.d", "/ab/x-y/z/end", "/ab/x-y-z/end", "/ab/x-/end",
            "/ab/x/y-z/end", "/ab/x-/end/end", "/order/me", "/order/you", "/late/me", "/wild/fixed", "/wild/x",
            "/both", "/slash", "/slash/", "/slash?a=b&c=%20", "/deep/x/", "/deep/x//", "/deep//", "/deep/", "/deep",
            "/deep/%C3%A9%20x/", "/", "//", "/nothing", "/Items/5", "/items/5/", "/fail/404", "/fail/422",
            "/fail/204", "/fail/503", "/fail-text", "/fail-json", "/body", "/one", "/deep/a%3Fb"]:
    add("GET", url)
for method in ["HEAD", "POST", "OPTIONS", "DELETE"]:
    for url in ["/items/5", "/both", "/", "/slash", "/wild/fixed", "/docs", "/nothing", "/late/me"]:
        add(method, url)
add("PUT", "/wild/fixed")
add("HEAD", "/docs")
for headers in [[], [("X-Token", "t")], [("x_token", "t")], [("x-token", "t"), ("x-num", "n"), ("cookie", "n=z")],
                [("x-token", ""), ("x-list", "a"), ("x-list", "b,c")], [("x-token", "a"), ("x-token", "b")],
                [("x-token", "t"), ("x-list", "one")], [("x-token", "t"), ("under_score", "u")],
                [("x-token", "t"), ("under-score", "u")],
                [("x-token", "t"), ("cookie", 'session="a\\"b c"; n=4; n=5')],
                [("x-token", "t"), ("cookie", "session; n=1")], [("x-token", "t"), ("cookie", "session=a=b;;n= 7 ")],
                [("x-token", "caf\u00e9")]]:
    add("GET", "/head", headers)
for url in ["/one", "/two", "/embed", "/scalar", "/list", "/few", "/optional", "/text"]:
    for body in ["", "null", " null\n", GOOD, BAD, "[]", "[1,\"x\"]", "5", "0", "\"s\"", "{", "{\"a\":}", "nul", "[1,2,3]",
                 '{"item":' + GOOD + ',"user":{"id":"3"}}', '{"item":' + BAD + ',"user":{},"importance":0}',
                 '{"item":null,"user":5}', "[" + GOOD + "," + BAD + "]", '{"a":1}x', '{"name":"a","price":1,"tags":["t",1]}',
                 b'{"name":"\xff"}']:
        add("POST", url, J, body)
    for headers in [[], [("content-type", "text/plain")], [("content-type", "application/vnd.api+json")],
                    [("content-type", "Application/JSON; charset=utf-8")]]:
        add("POST", url, headers, GOOD)
        add("POST", url, headers, "caf\u00e9")
add("GET", "/body", J, GOOD)
add("GET", "/body", J, BAD)
add("PUT", "/mix/x?q=y", J + [("x-h", "z"), ("cookie", "c=w")], BAD)
add("PUT", "/mix/x", J, "")
add("PUT", "/mix/x", J, "{")
add("PUT", "/mix/x", J, b'"\xff"')
add("PUT", "/mix/1?q=2", J + [("x-h", "3"), ("cookie", "c=4")], GOOD)
add("DELETE", "/gone")
add("POST", "/made", J, GOOD)
add("POST", "/made", J, "[" * 20000)


def main():
    client = TestClient(app, base_url="http://testserver", follow_redirects=False, raise_server_exceptions=False)
    print("/* SPDX-License-Identifier: MIT\n *\n * The answers of FastAPI %s, recorded by wire_cases.py. Columns: method,\n"
          " * URL, headers, body, length of it, status, the header that matters,\n"
          " * content-type, body. */\n// clang-format off" % __version__)
    for method, url, headers, body in CASES:
        request = client.build_request(method, url, content=body)
        keep = [(k, v) for k, v in request.headers.raw if k.lower() in (b"host", b"content-length")]
        raw = [(k.encode(), v.encode()) for k, v in headers]
        request.headers = type(request.headers)(keep + raw)
        answer = client.send(request)
        special = answer.headers.get("location") or ", ".join(sorted(answer.headers.get("allow", "").split(", ")))
        body_out = b"*" if url == "/docs" else answer.content
        sent = body if len(body) < 1000 else b"*"
        print("CASE(%s, %s,\n     %s, %s, %d,\n     %d, %s, %s,\n     %s)" % (
            c_text(method.encode()), c_text(request.url.raw_path),
            c_text(b"".join(k + b": " + v + b"\r\n" for k, v in raw)), c_text(sent), len(body), answer.status_code,
            c_text(special.encode()), c_text(answer.headers.get("content-type", "").encode()), c_text(body_out)))


main()
