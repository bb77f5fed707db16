# SPDX-License-Identifier: MIT
#
# Records what FastAPI answers to the requests of security_test.c and prints
# them as rows of security_cases.h. The app here and the one there declare the
# same API. Needs httpx and what tests/wire/requirements.txt names:
#     python security_cases.py > security_cases.h
import base64
from typing import Annotated

from fastapi import __version__, Depends, FastAPI, HTTPException, Security
from fastapi.security import (APIKeyCookie, APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPBearer, HTTPDigest, OAuth2,
                              OAuth2AuthorizationCodeBearer, OAuth2PasswordBearer, OAuth2PasswordRequestForm,
                              OAuth2PasswordRequestFormStrict, OpenIdConnect, SecurityScopes)
from fastapi.testclient import TestClient

from wire_text import c_text

app = FastAPI()
SCOPES = {"me": "Read your name", "items": "Read items"}
TEXTS = {
    "oauth2": OAuth2PasswordBearer("token"),
    "oauth2_off": OAuth2PasswordBearer("token", scheme_name="off", description="Not *always*", scopes=SCOPES,
                                       auto_error=False, refreshUrl="refresh"),
    "code": OAuth2AuthorizationCodeBearer("authorize", "token"),
    "code_off": OAuth2AuthorizationCodeBearer("authorize", "token", scheme_name="code off", auto_error=False,
                                              scopes=SCOPES),
    "flows": OAuth2(flows={"implicit": {"authorizationUrl": "authorize", "scopes": {"a:b": "C"}}}),
    "flows_off": OAuth2(flows={"implicit": {"authorizationUrl": "authorize", "scopes": {}}}, scheme_name="flows off",
                        auto_error=False),
    "openid": OpenIdConnect(openIdConnectUrl="/openid"),
    "openid_off": OpenIdConnect(openIdConnectUrl="/openid", scheme_name="openid off", description="d", auto_error=False),
    "key_header": APIKeyHeader(name="X-Key"),
    "key_header_off": APIKeyHeader(name="x_key", scheme_name="header off", auto_error=False),
    "key_query": APIKeyQuery(name="key"),
    "key_query_off": APIKeyQuery(name="key", scheme_name="query off", description="d", auto_error=False),
    "key_cookie": APIKeyCookie(name="key"),
    "key_cookie_off": APIKeyCookie(name="key", scheme_name="cookie off", auto_error=False),
}
PAIRS = {
    "basic": HTTPBasic(),
    "basic_realm": HTTPBasic(realm="simple", scheme_name="realm", description="d"),
    "basic_off": HTTPBasic(realm="off", scheme_name="basic off", auto_error=False),
    "bearer": HTTPBearer(bearerFormat="JWT"),
    "bearer_off": HTTPBearer(scheme_name="bearer off", description="d", auto_error=False),
    "digest": HTTPDigest(),
    "digest_off": HTTPDigest(scheme_name="digest off", auto_error=False),
}


def add_route(name, scheme, show):
    def handler(given=Depends(scheme)):
        return show(given)
    handler.__name__ = name
    app.get("/" + name)(handler)


for name, scheme in TEXTS.items():
    add_route(name, scheme, lambda given: given)
for name, scheme in PAIRS.items():
    add_route(name, scheme, lambda given: given and list(given.model_dump().values()))


async def user(scopes: SecurityScopes, token: Annotated[str, Depends(TEXTS["oauth2_off"])]):
    return scopes.scope_str


async def active(user: Annotated[str, Security(user, scopes=["me"])]):
    return user


@app.get("/scopes")
async def scopes(one: Annotated[str, Security(active, scopes=["items", "me"])], two: Annotated[str, Depends(user)],
                 three: Annotated[str, Security(user, scopes=["items"])]):
    return [one, two, three]


@app.get("/both")
async def both(one: Annotated[str, Depends(TEXTS["oauth2_off"])], two: Annotated[str, Depends(TEXTS["key_header"])]):
    return [one, two]


@app.post("/form")
async def form(given: Annotated[OAuth2PasswordRequestForm, Depends()]):
    return [given.username, given.password, " ".join(given.scopes), given.client_id]


@app.post("/strict")
async def strict(given: Annotated[OAuth2PasswordRequestFormStrict, Depends()]):
    return [given.username, given.password, " ".join(given.scopes), given.client_id]


CASES = []


def add(url, headers=(), body=""):
    CASES.append(("POST" if body else "GET", url, list(headers), body))


def b64(text):
    return base64.b64encode(text.encode("latin-1")).decode()


WORDS = ["", "Bearer", "Bearer abc", "bearer  a b", "BEARER abc", "Bearerabc", "Basic abc", "Digest username=\"a\"", "Token x",
         "Bearer caf\u00e9", "Bearer \u00a0x\u00a0", "digest"]
BASIC = ["Basic", "Basic ", "Basic " + b64("john:secret"), "basic " + b64("john:sec:ret"), "Basic " + b64(":"),
         "Basic " + b64("john"), "Basic " + b64(""), "Basic " + b64("j\u00f6hn:x"), "Basic notabase64token", "Basic am9o",
         "Basic am9obg==", "Basic am9objpzZWNyZXQ", "Basic am9objpzZWNyZXQ==", "Basic am9objpzZWNyZXQ===",
         "Basic am9ob-jpz_ZWNyZXQ=", "Basic am9 obj pzZWNy ZXQ=", "Basic am9objpzZWNyZXQ=trailing", "Basic =am9objpzZWNyZXQ=",
         "Basic am9=objpzZWNyZXQ=", "Basic a=m9objpzZWNyZXQ=", "Basic am=9objpzZWNyZXQ=", "Basic caf\u00e9", "Basic YTpi",
         "Basic YTpi====", "Basic YTo=YTo=", "Basic YTpiYw=\u00e9=", "Basic YTpiYw==\u00e9", "Basic YQA6AGI=", "Basic A", "Basic ===="]
for name in list(TEXTS) + list(PAIRS):
    if "key" in name:
        for headers, query in [([], ""), ([("x-key", "k")], "?key=k"), ([("x_key", "k")], "?key="), ([("X-KEY", "")], "?key=a&key=b"),
                               ([("x-key", "caf\u00e9"), ("x-key", "second")], "?key=%C3%A9+x"), ([("cookie", "key=c")], "?Key=k"),
                               ([("cookie", "key=; a=b")], ""), ([("cookie", 'key="q t"')], "")]:
            add("/" + name + query, headers)
        continue
    for word in WORDS + (BASIC if "basic" in name else []):
        add("/" + name, [("authorization", word)])
    add("/" + name)
for url in ("/scopes", "/both"):
    add(url)
    add(url, [("authorization", "Bearer t"), ("x-key", "k")])
FORM = [("content-type", "application/x-www-form-urlencoded")]
for url in ("/form", "/strict"):
    for body in ["username=a&password=b", "grant_type=password&username=a&password=b&scope=x++y&client_id=c&client_secret=d",
                 "grant_type=passwords&username=a", "grant_type=&username=&password=", "grant_type=password", "a=b",
                 "grant_type=password&username=caf%C3%A9&password=%00"]:
        add(url, FORM, body)
add("/openapi.json")


def main():
    client = TestClient(app, base_url="http://testserver", follow_redirects=False, raise_server_exceptions=False)
    print("/* SPDX-License-Identifier: MIT\n *\n * The answers of FastAPI %s, recorded by security_cases.py. Columns: method,\n"
          " * URL, headers, body, status, www-authenticate, body. */\n// clang-format off" % __version__)
    for method, url, headers, body in CASES:
        request = client.build_request(method, url, content=body)
        keep = [(k, v) for k, v in request.headers.raw if k.lower() in (b"host", b"content-length")]
        raw = [(k.encode(), v.encode()) for k, v in headers]
        request.headers = type(request.headers)(keep + raw)
        answer = client.send(request)
        print("CASE(%s, %s, %s, %s,\n     %d, %s,\n     %s)" % (
            c_text(method.encode()), c_text(request.url.raw_path),
            c_text(b"".join(k + b": " + v + b"\r\n" for k, v in raw)), c_text(body.encode()), answer.status_code,
            c_text(answer.headers.get("www-authenticate", "").encode()), c_text(answer.content)))


main()
