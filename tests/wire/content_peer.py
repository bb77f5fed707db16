# SPDX-License-Identifier: MIT
"""FastAPI's half of tests/wire/content.py; content.c is the same in brio."""
import os
from typing import AsyncIterable

from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.sse import EventSourceResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

WHICH, DIR = os.environ["WIRE_APP"], os.environ["WIRE_DIR"]
app = FastAPI(openapi_url=None)


class Tick(BaseModel):
    n: int


if WHICH == "frontend":
    @app.get("/api", response_class=PlainTextResponse)
    async def api():
        return "hello"

    app.frontend("/", directory=DIR)
    app.frontend("/app", directory=DIR + "/site")
else:
    @app.get("/", response_class=PlainTextResponse)
    async def hello():
        return "hello"

    @app.get("/large", response_class=PlainTextResponse)
    async def large():
        return "x" * 4000

    @app.get("/stream")
    async def stream():
        async def pieces():
            for _ in range(3):
                yield "piece\n"
        return StreamingResponse(pieces(), media_type="text/plain")

    @app.get("/lines")
    async def lines() -> AsyncIterable[Tick]:
        for n in range(3):
            yield Tick(n=n)

    @app.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterable[Tick]:
        for n in range(3):
            yield Tick(n=n)

    @app.get("/cookie")
    async def cookie(response: Response):
        response.set_cookie("k", 'v w;"', max_age=10, secure=True, httponly=True, samesite="none")

    @app.get("/go", response_class=RedirectResponse)
    async def go():
        return "/else where?x=1&y=\u00e9#z"

    @app.get("/file")
    async def file():
        return FileResponse(DIR + "/a.txt")

    @app.get("/big")
    async def big():
        return FileResponse(DIR + "/big.bin", filename="b\u00fc g.bin")

    @app.get("/crash")
    async def crash():
        raise OSError

    app.mount("/static", StaticFiles(directory=DIR), name="static")
    app.mount("/site", StaticFiles(directory=DIR + "/site", html=True), name="site")

if WHICH == "cors":
    app.add_middleware(CORSMiddleware, allow_origins=["https://a.example", "http://b:81"],
                       allow_origin_regex=r"https://.*\.c\.example", allow_methods=["GET", "POST"],
                       allow_headers=["X-B", "X-A"], expose_headers=["X-C", "X-D"], max_age=7)
if WHICH == "cors_star":
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
if WHICH == "cors_all":
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"],
                       allow_credentials=True, allow_private_network=True)
if WHICH == "gzip":
    app.add_middleware(GZipMiddleware)
if WHICH == "hosts":
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["example.com", "*.wild.example", "www.other.example"])
if WHICH == "https":
    app.add_middleware(HTTPSRedirectMiddleware)
