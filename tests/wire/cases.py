# SPDX-License-Identifier: MIT
"""The requests both servers get: (method, target, headers, body as bytes)."""
import json

JSON = {"Content-Type": "application/json"}
GOOD = {"name": "Foo", "price": 42.5, "is_offer": True, "tax": 3.2, "tags": ["a", "b"]}
ORDER = {"orderId": 7, "customer": {"name": "Ada", "email": "a@b.c"}, "lines": [{"sku": "ABC-1", "quantity": 2}]}


def get(target, **headers):
    return "GET", target, {k.replace("_", "-"): v for k, v in headers.items()}, b""


def send(method, target, body, headers=None):
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return method, target, JSON if headers is None else headers, data


def post(target, body, headers=None):
    return send("POST", target, body, headers)


def item(**changes):
    return {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


def part(name, value, filename=None, media_type=None, more=b""):
    head = b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"'
    if filename is not None:
        head += b'; filename="' + filename.encode() + b'"'
    if media_type:
        head += b"\r\nContent-Type: " + media_type.encode()
    return head + more + b"\r\n\r\n" + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"


def urlencoded(target, body):
    return send("POST", target, body.encode(), FORM)


def multipart(target, *parts, headers=MULTIPART, end=b"--b--\r\n"):
    return send("POST", target, b"".join(parts) + end, headers)


FORMS = [
    # urlencoded
    urlencoded("/form", "name=Ada&age=36&tags=a&tags=b&color=red&is-ok=yes"), urlencoded("/form", "name=Ada"), urlencoded("/form", ""),
    urlencoded("/form", "name=&age=&tags=&color=&is-ok="), urlencoded("/form", "name=A&age=-1&color=pink&is-ok=maybe"),
    urlencoded("/form", "name=a+b%20c&age=0x1"), urlencoded("/form", "name=%C3%A9t%C3%A9"), urlencoded("/form", "name=\u00e9\u00e9"),
    urlencoded("/form", "name=%ff%fe"), urlencoded("/form", "name=aa&name=bb&age=1&age=2"), urlencoded("/form", "name=Ada&unknown=1"),
    urlencoded("/form", "&&name=Ada&&age"), urlencoded("/form", "name=a=b=c;age=5"), urlencoded("/form", "name=null&age=null"),
    urlencoded("/form", "a&" * 1000 + "name=Ada"), urlencoded("/form", "a=1&" * 999 + "name=Ada"), urlencoded("/form", "name=" + "x" * (1 << 20)),
    urlencoded("/form", "name=" + "x" * ((1 << 20) - 4)),
    send("POST", "/form", b"name=Ada", {"Content-Type": "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8"}),
    send("POST", "/form", b'{"name":"Ada"}'), send("POST", "/form", b"name=Ada", {}), send("POST", "/form", b"name=Ada", {"Content-Type": "text/plain"}),
    # form models
    urlencoded("/signup", "user=Ada&age=5&words=x&words=y&note=n"), urlencoded("/signup", "user=Ada"), urlencoded("/signup", ""),
    urlencoded("/signup", "user=&age=&note="), urlencoded("/signup", "user=toolong&age=x&z=1&z=2&y=3"), urlencoded("/signup", "age=x&q=1&q=2"),
    urlencoded("/signup", "user=a&user=b"), send("POST", "/signup", b'{"user":"Ada"}'), urlencoded("/sealed", "a=1"), urlencoded("/sealed", "a=1&c=2"),
    urlencoded("/sealed", "c=1&d=2&c=3"), urlencoded("/sealed", "a=&b="), multipart("/sealed", part("a", "x"), part("b", "7")),
    multipart("/sealed", part("a", "x"), part("e", "7")),
    # multipart: good
    multipart("/form", part("name", "Ada"), part("age", "7"), part("tags", "x"), part("tags", "y")), multipart("/form", part("name", "\u00e9\u2603")),
    multipart("/form", part("name", b"\xff\xfe")), multipart("/form", part("name", "")), multipart("/form", part("name", "a\r\nb"), part("age", " 5 ")),
    multipart("/upload", part("file", "hello", "a.txt", "text/plain")), multipart("/upload", part("file", "", "empty")),
    multipart("/upload", part("file", b"\x00\xff\r\n--c", "b.bin"), part("note", "n")), multipart("/upload", part("file", "x", "")),
    multipart("/upload", part("file", "x", "\u00e9\u2603.txt", "image/png; a=b")), multipart("/upload", part("file", "x", "C:\\dir\\f.txt")),
    multipart("/upload", part("file", "1", "first"), part("file", "22", "second")), multipart("/upload", part("file", "x" * 3000000, "large")),
    multipart("/uploads", part("files", "1", "a"), part("files", "2", "b")), multipart("/uploads", part("files", "1", "a")),
    multipart("/upload/maybe", part("file", "1", "a")), multipart("/upload/maybe"), urlencoded("/upload/maybe", ""), send("POST", "/upload/maybe", b"", {}),
    multipart("/bytes", part("file", "hello", "a"), part("more", "x", "b")), multipart("/bytes", part("file", b"\xff\xff\xff", "a")),
    multipart("/bytes", part("file", "x" * 1500000, "a")), multipart("/bytes", part("file", "hello")), urlencoded("/bytes", "file=hello&more="),
    multipart("/bytes/list", part("files", "1", "a"), part("files", "22", "b"), part("files", "", "c")),
    multipart("/mixed", part("file", "abc", "a"), part("fileb", "d", "b", "text/x"), part("token", "t")),
    # multipart: wrong
    multipart("/upload"), multipart("/upload", part("file", "text")), multipart("/upload", part("file", "")), urlencoded("/upload", "file=x&note=y"),
    multipart("/uploads"), multipart("/uploads", part("files", "text")), multipart("/uploads", part("files", "1", "a"), part("files", "t"), part("files", "")),
    multipart("/bytes", part("file", "ab", "a")), multipart("/bytes", part("file", "", "a")), multipart("/bytes"), multipart("/bytes/list"),
    multipart("/upload", part("file", "", "")), multipart("/uploads", part("files", "", ""), part("files", "x", "x")), multipart("/uploads", part("files", "", "")),
    multipart("/upload/maybe", part("file", "", "")), multipart("/bytes", part("file", "", "")), multipart("/bytes/list", part("files", "", "")),
    multipart("/mixed"), multipart("/mixed", part("token", "t")), urlencoded("/mixed", "token=t&file=abc&fileb=x"), send("POST", "/mixed", b"{}"),
    multipart("/upload/maybe", part("file", "text")), multipart("/upload/maybe", part("file", "")),
    # multipart: malformed
    multipart("/form", part("name", "Ada"), headers={"Content-Type": "multipart/form-data"}),
    multipart("/form", part("name", "Ada"), headers={"Content-Type": "multipart/form-data; boundary=other"}),
    multipart("/form", part("name", "Ada"), headers={"Content-Type": 'multipart/form-data; boundary="b"; charset=latin-1'}),
    multipart("/form", part("name", "\u00e9"), headers={"Content-Type": "multipart/form-data; charset=latin-1; boundary=b"}),
    multipart("/form", part("name", "Ada"), headers={"Content-Type": "multipart/form-data; boundary=" + "x" * 257}),
    multipart("/form", part("name", "Ada"), end=b""), multipart("/form", part("name", "Ada"), end=b"--b"), multipart("/form", part("name", "Ada"), end=b"--b--x"),
    multipart("/form", part("name", "Ada")[:-2], end=b""), multipart("/form", end=b""), multipart("/form", end=b"nonsense"),
    multipart("/form", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n"), multipart("/form", b"--b\r\n\r\nx\r\n"),
    multipart("/form", b"--b\r\nBad Header: x\r\n\r\nx\r\n"), multipart("/form", part("name", "Ada", more=b"\r\nX: " + b"y" * 5000)),
    multipart("/form", part("name", "Ada", more=b"\r\nX: y" * 7)), multipart("/form", part("name", "Ada", more=b"\r\nX: y" * 8)),
    multipart("/form", *[part("tags", "x")] * 1000, part("name", "Ada")), multipart("/form", *[part("tags", "x")] * 999, part("name", "Ada")),
    multipart("/uploads", *[part("files", "x", "f")] * 1001), multipart("/form", part("name", "x" * (1 << 20))),
    multipart("/form", part("name", "x" * ((1 << 20) + 1))), multipart("/items/", part("name", "Ada")),
]

REQUESTS = FORMS + [
    # routing
    get("/"), get("/nope"), get("/items"), get("/items/"), get("/items?x=1&y=%20z"), get("//"), get("/users/me"),
    get("/users/you"), get("/users/me/"), get("/users/%2e"), get("/users/a%2Fb"), get("/users/caf%C3%A9"),
    get("/users/%ff"), get("/users/a+b"), get("/Users/me"), get("/files/a/b/c.txt"), get("/files/"),
    get("/files//etc/passwd"), get("/files/a%20b"), get("/text"), get("/html"), get("/crash"), get("/hidden"),
    send("POST", "/", b""), send("PUT", "/items/", b""), send("PATCH", "/items/5", b""), send("DELETE", "/items/5", b""),
    send("DELETE", "/items/x", b""), send("HEAD", "/", b"", {}), send("OPTIONS", "/items/5", b"", {}),
    send("HEAD", "/openapi.json", b"", {}), send("POST", "/users/me", b""), send("POST", "/orders/", b"{}"),
    send("BREW", "/", b"", {}), get("/openapi.json?x=1"),
    # path and query parameters
    get("/items/5"), get("/items/5?q=abc"), get("/items/5?q=ab"), get("/items/5?q=abcdefghijk"), get("/items/5?q=ABC"),
    get("/items/5?q=caf%C3%A9"), get("/items/5?q="), get("/items/0"), get("/items/1001"), get("/items/-1"),
    get("/items/+7"), get("/items/%2B7"), get("/items/007"), get("/items/1_0"), get("/items/5.0"), get("/items/5.5"),
    get("/items/abc"), get("/items/1e3"), get("/items/0x10"), get("/items/%205%20"), get("/items/99999999999999999999"),
    get("/items/-99999999999999999999"), get("/items/" + "9" * 4301), get("/items/5?short=1"), get("/items/5?short=yes"),
    get("/items/5?short=ON"), get("/items/5?short=maybe"), get("/items/5?short="), get("/items/5?short=1.0"),
    get("/items/5?brief=1"), get("/items/5?limit=0"), get("/items/5?limit=7"), get("/items/5?limit=100"),
    get("/items/5?limit=-5"), get("/items/5?limit=abc"), get("/items/5?limit=5&limit=20"), get("/items/5?limit="),
    get("/items/5?ratio=0.5"), get("/items/5?ratio=0"), get("/items/5?ratio=1.6"), get("/items/5?ratio=nan"),
    get("/items/5?ratio=inf"), get("/items/5?ratio=1e400"), get("/items/5?ratio=x"), get("/items/5?ratio=null"),
    get("/items/abc?q=X&short=maybe&limit=1&ratio=-1"), get("/items/5?unknown=1"), get("/items/5?q=abc&q=xyz"),
    get("/items/5?%71=abc"), get("/items/5?q=a%62c;limit=5"),
    # enums
    get("/paint/red"), get("/paint/RED"), get("/paint/pink"), get("/paint/blue?second=green"), get("/paint/blue?second=x"),
    # lists in queries
    get("/search?id=1&id=2&f=1.5&flag=on&tags=a&tags=b"), get("/search"), get("/search?id=1&f=.5&flag=0"),
    get("/search?id=x&id=2&id=y&f=a&flag=b"), get("/search?id=1&f=5.&flag=t&tags="), get("/search?id=1&f=1_000&flag=N"),
    get("/search?id=1&f=-0&flag=False"), get("/search?id=1&f=1e22&flag=TRUE"), get("/search?id=1&f=123456789012345680&flag=y"),
    get("/search?id=1&f=0.1e-6&flag=off"), get("/search?id=1&f=nan&flag=no"),
    # headers and cookies
    get("/headers"), get("/headers", X_Token="ab"), get("/headers", X_Token="a"), get("/headers", X_Token="ab", X_Count="5"),
    get("/headers", X_Token="ab", X_Count="five"), get("/headers", x_many="one", X_TOKEN="zz"), ("GET", "/headers", {"x_token": "abc"}, b""),
    get("/cookies"), get("/cookies", Cookie="session=abc"), get("/cookies", Cookie="session=abc; ads_id=5"),
    get("/cookies", Cookie="session=abc; ads_id=x"), get("/cookies", Cookie='session="quoted value"; session=last'),
    get("/cookies", Cookie="session"), get("/cookies", Cookie="other=1;;session = spaced "),
    # bodies: good
    post("/items/", GOOD), post("/items/", item(tax=None)), post("/items/", {"name": "x", "price": 1}),
    post("/items/", item(name="é☃𝄞")), post("/items/", b'{"name":"\\u00e9\\ud834\\udd1e","price":1e2}'),
    post("/items/", b' \n\t{ "price" : 2 , "name" : "n" , "more" : [1,{"a":null}] } \r\n'),
    post("/items/", b'{"name":"a","price":1,"name":"b"}'), post("/items/", item(price="12.5")), post("/items/", item(price=True)),
    post("/items/", item(is_offer="yes")), post("/items/", item(is_offer=0)), post("/items/", item(tax="1e3")),
    post("/items/", item(price=10**25)), post("/items/", b'{"name":"a","price":1e400}'),
    # bodies: wrong
    post("/items/", {}), post("/items/", []), post("/items/", "text"), post("/items/", None), post("/items/", 5),
    post("/items/", b""), post("/items/", item(name="")), post("/items/", item(name="x" * 51)), post("/items/", item(name=5)),
    post("/items/", item(name=None)), post("/items/", item(name=...)), post("/items/", item(price=0)), post("/items/", item(price=-1.5)),
    post("/items/", item(price="abc")), post("/items/", item(price=None)), post("/items/", item(price=[])), post("/items/", item(price={})),
    post("/items/", item(is_offer="maybe")), post("/items/", item(is_offer=2)), post("/items/", item(is_offer=0.5)),
    post("/items/", item(is_offer=None)), post("/items/", item(tags="a")), post("/items/", item(tags=["a", 1, None])),
    post("/items/", item(tags=["a"] * 4)), post("/items/", item(tags={"a": 1})), post("/items/", item(tags=None)),
    post("/items/", {"name": 1, "price": "x", "is_offer": [], "tax": {}, "tags": 3}),
    # bodies: not JSON, other types
    post("/items/", b"{"), post("/items/", b"{]"), post("/items/", b'{"name"}'), post("/items/", b'{"name":}'), post("/items/", b'{"name":"a",}'),
    post("/items/", b'{"name":"a"'), post("/items/", b"[1,]"), post("/items/", b'{"name":"a}'), post("/items/", b'{"name":"\n"}'),
    post("/items/", b'{"name":"\\x"}'), post("/items/", b'{"name":"\\u12"}'), post("/items/", b'{"price":01}'), post("/items/", b"{} x"),
    post("/items/", b"nul"), post("/items/", b"'a'"), post("/items/", "é".encode() + b"{"), post("/items/", b'{"name":"\xff","price":1}'),
    post("/items/", b"\xef\xbb\xbf{}"), post("/items/", b'{"a":' * 50 + b"1" + b"}" * 50), post("/items/", b"-"), post("/items/", b"1.5.5"),
    post("/items/", GOOD, {}), post("/items/", GOOD, {"Content-Type": "text/plain"}), post("/items/", GOOD, {"Content-Type": "application/x-www-form-urlencoded"}),
    post("/items/", GOOD, {"Content-Type": "application/vnd.api+json"}), post("/items/", GOOD, {"Content-Type": "APPLICATION/JSON; charset=utf-8"}),
    post("/items/", b"", {}), post("/items/", b"name=a", {"Content-Type": "text/plain"}),
    # path, query and body together
    send("PUT", "/items/3?q=abc", GOOD), send("PUT", "/items/0?q=toolong", {}), send("PUT", "/items/404", GOOD), send("PUT", "/items/x", b"{"),
    # nested models
    post("/orders", ORDER), post("/orders", {}), post("/orders", {**ORDER, "color": "blue", "lining": "green", "gift_for": {"name": "Bob"}}),
    post("/orders", {**ORDER, "color": "pink", "lining": 5}), post("/orders", {**ORDER, "customer": {}}), post("/orders", {**ORDER, "customer": "Ada"}),
    post("/orders", {**ORDER, "customer": {"name": "A", "email": "none"}}), post("/orders", {**ORDER, "lines": []}),
    post("/orders", {**ORDER, "lines": [{"sku": "abc", "quantity": 0}, {}, 5, {"sku": "ABC-1", "quantity": "3"}]}),
    post("/orders", {**ORDER, "orderId": "12"}), post("/orders", {**ORDER, "orderId": 1.5}), post("/orders", {**ORDER, "orderId": 2.0}),
    post("/orders", {**ORDER, "orderId": True}), post("/orders", {**{k: v for k, v in ORDER.items() if k != "orderId"}, "id": 1}),
    post("/orders", {**ORDER, "codes": [1, "2", 3.0]}), post("/orders", {**ORDER, "codes": [1, "x", 3.5, None, []]}),
    post("/orders", {**ORDER, "gift_for": None, "codes": None}), post("/orders", {**ORDER, "gift_for": 5}),
    # several bodies, embedded, bare
    post("/two", {"item": GOOD, "user": {"name": "u"}, "importance": 5}), post("/two", {"item": GOOD, "importance": 0}), post("/two", {}),
    post("/two", []), post("/two", b""), post("/two", {"item": {}, "user": 5, "importance": "x"}), post("/two", b"null"),
    post("/embedded", {"customer": {"name": "c"}}), post("/embedded", {"name": "c"}), post("/embedded", {"customer": None}),
    post("/numbers", [1, 2]), post("/numbers", []), post("/numbers", [1, 2, 3, 4, 5]), post("/numbers", [1, "b", None]), post("/numbers", {"a": 1}),
    post("/numbers", b""), post("/maybe", {"name": "n"}), post("/maybe", b""), post("/maybe", None), post("/maybe", {}), post("/maybe", b"", {}),
    # extra keys and huge numbers
    post("/strict", {"a": 1}), post("/strict", {"a": 1, "z": 2, "c": {"d": 1}}), post("/strict", {"a": 2**63 - 1}), post("/strict", {"a": 2**63}),
    post("/strict", {"a": -(2**63)}), post("/strict", {"a": -(2**63) - 1}), post("/strict", {"a": 10**30}), post("/strict", {"a": "9" * 30}),
    post("/strict", {"a": 1e18}), post("/strict", {"a": 1e300}), post("/strict", {"z": 1}),
    # failures
    get("/fail/404"), get("/fail/418"), get("/fail/204"), get("/fail/304"), get("/fail/500"), get("/fail/600"),
]

# Where brio differs on purpose: (request, FastAPI's status, brio's, why). Both
# are checked, so that a change on either side shows. docs/decisions/0005.
DELIBERATE = [
    (multipart("/bytes/list", part("files", "text"), part("files", "f", "f")), 500, 200, "FastAPI asks text for its bytes"),
    (multipart("/signup", part("user", "u"), part("words", "", ""), part("age", "", "")), 422, 422,
     "FastAPI shows the inside of Python's temporary file as the input"),
    (multipart("/form", part("name", "x", "f")), 422, 422, "FastAPI shows the inside of Python's temporary file as the input"),
    (multipart("/bytes", part("file", b"\xff", "a")), 500, 422, "FastAPI cannot write bytes that are no text in its own error"),
    (get("/fail/599"), 500, 599, "a status without a reason phrase has an empty detail, FastAPI fails to find one"),
    (post("/items/", b'{"name":"a","price":NaN}'), 500, 422, "FastAPI cannot write the NaN of its own error"),
    (post("/strict", b'{"a":Infinity}'), 500, 422, "FastAPI cannot write the Infinity of its own error"),
]
