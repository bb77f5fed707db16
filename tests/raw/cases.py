# SPDX-License-Identifier: MIT
"""What HTTP/1.1 asks of a server, as bytes: one row a request (or a few on one
connection), the clause it is about, and what must come back.

`want` is the statuses of the answers in order, then `open` or `close`: whether
the server keeps the connection. 400 and 431 alike end it. The requests go to
examples/probe."""
from collections import namedtuple

Case = namedtuple("Case", "clause name bytes want")
CASES = []
H = b"Host: a\r\n"


def case(clause, name, text, want):
    CASES.append(Case(clause, name, text if isinstance(text, bytes) else text.encode("latin-1"), want))


def get(path="/", headers=b"", version=b"1.1", method=b"GET", body=b""):
    return b"%s %s HTTP/%s\r\n%s%s\r\n%s" % (method, path.encode("latin-1"), version, H, headers, body)


def head(*lines, first=b"GET / HTTP/1.1"):
    """A request of these lines, without a Host of its own."""
    return b"\r\n".join((first, *lines)) + b"\r\n\r\n"


def post(headers=b"", body=b"", path="/echo"):
    return get(path, headers, method=b"POST", body=body)


def chunked(body, more=b""):
    return post(b"Transfer-Encoding: chunked\r\n" + more, body)


def each(clause, name, make, values, want):
    for value in values:
        case(clause, f"{name}: {value!r}", make(value), want)


# ---- RFC 9112, 2: messages ------------------------------------------------------

case("9112 2.1", "a request", get(), "200 open")
case("9112 2.2", "one empty line before it", b"\r\n" + get(), "200 open")
case("9112 2.2", "two empty lines before it", b"\r\n\r\n" + get(), "200 open")
case("9112 2.2", "an empty line between two", get() + b"\r\n" + get(), "200 200 open")
case("9112 2.2", "bare LF ends the lines", b"GET / HTTP/1.1\nHost: a\n\n", "400 close")
case("9112 2.2", "bare LF ends one header", b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400 close")
case("9112 2.2", "bare LF ends the head", b"GET / HTTP/1.1\r\nHost: a\r\n\n", "400 close")
case("9112 2.2", "bare CR ends the request line", b"GET / HTTP/1.1\rHost: a\r\r", "400 close")
case("9112 2.2", "bare CR in a value", get(headers=b"X: a\rb\r\n"), "400 close")
case("9112 2.2", "CR CR LF", get(headers=b"X: a\r\r\n"), "400 close")
case("9112 2.2", "a blank line before the headers", b"GET / HTTP/1.1\r\n " + H + b"\r\n", "400 close")
case("9112 2.2", "NUL in the request line", b"GET /\0 HTTP/1.1\r\n" + H + b"\r\n", "400 close")
case("9112 2.2", "NUL in a value", get(headers=b"X: a\0b\r\n"), "400 close")
case("9112 2.2", "NUL in a name", get(headers=b"X\0: a\r\n"), "400 close")
case("9112 2.2", "a TLS hello", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", "400 close")
case("9112 2.2", "an SSH greeting", b"SSH-2.0-OpenSSH_9.2\r\n", "400 close")
case("9112 2.2", "words", b"hello there, server\r\n\r\n", "400 close")
case("9112 2.3", "HTTP/1.0 closes", get(version=b"1.0"), "200 close")
case("9112 2.3", "HTTP/1.0 keeps alive when asked", get(headers=b"Connection: keep-alive\r\n", version=b"1.0"),
     "200 open")
case("9112 2.3", "HTTP/1.0 without Host", b"GET / HTTP/1.0\r\n\r\n", "200 close")
case("9112 2.3", "HTTP/1.2 is answered as 1.1", get(version=b"1.2"), "200 open")
case("9112 2.3", "HTTP/1.9 is answered as 1.1", get(version=b"1.9"), "200 open")
case("9110 15.6.6", "HTTP/2.0 in a request line", get(version=b"2.0"), "505 close")
case("9110 15.6.6", "HTTP/3.0", get(version=b"3.0"), "505 close")
case("9110 15.6.6", "HTTP/0.9 in a request line", get(version=b"0.9"), "505 close")
case("9112 2.3", "HTTP/0.9's request", b"GET /\r\n\r\n", "400 close")
each("9112 2.3", "version", lambda v: get(version=v), [b"1.", b".1", b"1.1.1", b"1.10", b"01.1", b"1,1", b"x.1", b"1.x",
                                                       b"+1.1", b"1", b"", b"1.1 "], "400 close")
each("9112 2.3", "name of the protocol", lambda v: b"GET / " + v + b"\r\n" + H + b"\r\n",
     [b"http/1.1", b"HTTPS/1.1", b"HTP/1.1", b"HTTP /1.1", b"HTTP/ 1.1", b"XHTTP/1.1", b"HTTP\\1.1"], "400 close")

# ---- RFC 9112, 3: request lines -------------------------------------------------

each("9112 3", "blanks in the request line", lambda v: v + b"\r\n" + H + b"\r\n",
     [b" GET / HTTP/1.1", b"\tGET / HTTP/1.1", b"GET  / HTTP/1.1", b"GET\t/ HTTP/1.1", b"GET /  HTTP/1.1",
      b"GET /\tHTTP/1.1", b"GET / HTTP/1.1 ", b"GET / HTTP/1.1\t", b"GET / x HTTP/1.1", b"GET /\x0bHTTP/1.1",
      b"GET /\x0cHTTP/1.1", b"GET HTTP/1.1", b"GET", b"/ HTTP/1.1"], "400 close")
each("9110 9.1", "a method that is no token", lambda v: get(method=v),
     [b"G(T", b"G{T", b"GET:", b"G\"T", b"G\xc3\xa9T", b"G@T", b"[GET]", b"GE\x7fT", b"G,T"], "400 close")
case("9110 9.1", "methods are case-sensitive", get(method=b"get"), "405 open")
case("9110 15.6.2", "a method nobody knows", get(method=b"BREW"), "405 open")
case("9110 9.1", "a method of odd letters", get(method=b"!#$%&'*+-.^_`|~"), "405 open")
case("9110 15.6.2", "a method of 33 letters", get(method=b"A" * 33), "501 close")
case("9110 15.5.6", "a method that a route has not", get("/only-get", method=b"DELETE"), "405 open")
case("9110 9.3.2", "HEAD", get(method=b"HEAD"), "200 open")
case("9110 9.3.2", "HEAD of what is not there", get("/nothing", method=b"HEAD"), "404 open")
case("9110 9.3.2", "HEAD, then GET", get(method=b"HEAD") + get(), "200 200 open")
case("9110 9.3.2", "HEAD of a file", get("/static/hello.txt", method=b"HEAD"), "200 open")
case("9110 9.3.7", "OPTIONS of a route", get("/only-get", method=b"OPTIONS"), "204 open")
case("9110 9.3.7", "OPTIONS of the server", get("*", method=b"OPTIONS"), "204 open")
case("9110 9.3.8", "TRACE is not answered with what was sent", get(method=b"TRACE"), "405 open")
case("9110 9.3.6", "CONNECT", get("a:443", method=b"CONNECT"), "501 close")
case("9110 9.3.1", "GET with a body", get(headers=b"Content-Length: 3\r\n", body=b"abc") + get(), "200 200 open")
case("9110 9.3.1", "GET with a body in chunks",
     get(headers=b"Transfer-Encoding: chunked\r\n", body=b"3\r\nabc\r\n0\r\n\r\n") + get(), "200 200 open")
case("9110 9.3.5", "DELETE with a body", get("/only-get", b"Content-Length: 3\r\n", method=b"DELETE", body=b"abc") +
     get(), "405 200 open")

# ---- 3.2: targets ---------------------------------------------------------------

case("9112 3.2.1", "a query", get("/?a=b&c"), "200 open")
case("9112 3.2.1", "a question mark and nothing", get("/?"), "200 open")
case("9112 3.2.1", "question marks in the query", get("/?a?b/c"), "200 open")
case("9112 3.2.1", "percent-encoded letters of a path", get("/ec%68o", method=b"POST"), "200 open")
case("9112 3.2.1", "a percent sign and no digits", get("/%zz"), "404 open")
case("9112 3.2.1", "a percent sign at the end", get("/%"), "404 open")
case("9112 3.2.1", "an encoded NUL", get("/%00"), "404 open")
case("9112 3.2.1", "encoded line ends", get("/%0d%0aX:%20y"), "404 open")
case("9112 3.2.1", "two slashes", get("//"), "404 open")
case("9112 3.2.1", "no leading slash", get("only-get"), "400 close")
case("9112 3.2.1", "a question mark first", get("?a"), "400 close")
each("9112 3.2", "a byte that no target has", lambda v: get("/a") .replace(b"/a", b"/a" + v),
     [b"#", b"#x", b"\xe9", b"\xc3\xa9", b"\x7f", b"\x01", b"\x1b[0m"], "400 close")
each("3986 2", "a byte that browsers send all the same", lambda v: get("/a").replace(b"/a", b"/a" + v),
     [b"\"", b"<>", b"\\", b"^", b"`", b"{}", b"|", b"[]"], "404 open")
case("9112 3.2.2", "absolute form", get("http://a/"), "200 open")
case("9112 3.2.2", "absolute form without a path", get("http://a"), "200 open")
case("9112 3.2.2", "absolute form with only a query", get("http://a?x"), "200 open")
case("9112 3.2.2", "absolute form, https", get("https://a/"), "200 open")
case("9112 3.2.2", "absolute form, scheme in capitals", get("HTTP://a/"), "200 open")
case("9112 3.2.2", "absolute form beside another Host", get("http://b/"), "200 open")
case("9112 3.2.2", "absolute form without Host", b"GET http://a/ HTTP/1.1\r\n\r\n", "400 close")
each("9112 3.2.2", "an absolute form that is none", get,
     ["ftp://a/", "http:/a", "http://", "http:///x", "http://u@a/", "http://a:x/", "http://a:99999/", "://a/"], "400 close")
case("9112 3.2.3", "authority form of a GET", get("a:80"), "400 close")
case("9112 3.2.4", "asterisk form of a GET", get("*"), "400 close")
case("9112 3.2.4", "asterisk and more", get("*x", method=b"OPTIONS"), "400 close")
case("9110 15.5.15", "a target of 8,200 bytes", get("/" + "a" * 8200), "414 close")
case("9110 15.5.15", "a target of 8,000 bytes", get("/" + "a" * 8000), "404 open")

# ---- Host -----------------------------------------------------------------------

case("9112 3.2", "no Host", b"GET / HTTP/1.1\r\n\r\n", "400 close")
case("9112 3.2", "two Hosts", get(headers=b"Host: b\r\n"), "400 close")
case("9112 3.2", "the same Host twice", get(headers=H), "400 close")
case("9112 3.2", "two Hosts in HTTP/1.0", get(headers=H, version=b"1.0"), "400 close")
each("9110 7.2", "a good Host", lambda v: head(b"Host: " + v),
     [b"a", b"a.b", b"a:80", b"a:", b"127.0.0.1:8000", b"[::1]", b"[::1]:80", b"a_b", b"a,b", b"A%20B", b"xn--a"], "200 open")
each("9110 7.2", "a bad Host", lambda v: head(b"Host: " + v),
     [b"", b"a b", b"a/b", b"u@a", b"a:65536", b"a:b", b"a:1:2", b":80", b"[::1", b"[]", b"[::g]", b"a?b", b"a#b",
      b"http://a", b"\xc3\xa9"], "400 close")

# ---- RFC 9112, 5: fields --------------------------------------------------------

case("9112 5", "no blank behind the colon", get(headers=b"X:a\r\n"), "200 open")
case("9112 5", "blanks around a value", get(headers=b"X: \t a \t\r\n"), "200 open")
case("9112 5", "an empty value", get(headers=b"X:\r\n"), "200 open")
case("9110 5.1", "names without regard to case", head(b"hOsT: a"), "200 open")
case("9110 5.5", "bytes beyond ASCII in a value", get(headers=b"X: \xe9\xff\r\n"), "200 open")
case("9110 5.5", "a tab in a value", get(headers=b"X: a\tb\r\n"), "200 open")
case("9110 5.3", "a name twice", get(headers=b"X: a\r\nX: b\r\n"), "200 open")
case("9110 5.6.2", "every letter of a token", get(headers=b"!#$%&'*+-.^_`|~09azAZ: a\r\n"), "200 open")
each("9112 5.1", "a blank before the colon", lambda v: get(headers=v),
     [b"X : a\r\n", b"X\t: a\r\n", b"Content-Length : 3\r\n", b"Transfer-Encoding\t: chunked\r\n", b"X Y: a\r\n"], "400 close")
each("9110 5.1", "a name that is no token", lambda v: get(headers=v),
     [b": a\r\n", b"X\r\n", b"(X): a\r\n", b"X[]: a\r\n", b"X{}: a\r\n", b"\xc3\xa9: a\r\n", b"X/Y: a\r\n", b"\"X\": a\r\n",
      b"X@: a\r\n", b"=: a\r\n", b"X;Y: a\r\n"], "400 close")
each("9112 5.2", "obsolete folding", lambda v: get(headers=v),
     [b"X: a\r\n b\r\n", b"X: a\r\n\tb\r\n", b"X: a\r\n \r\n", b" X: a\r\n"], "400 close")
each("9110 5.5", "a control byte in a value", lambda v: get(headers=b"X: a" + v + b"b\r\n"),
     [b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x1b", b"\x1f", b"\x7f"], "400 close")
case("6585 5", "101 headers", get(headers=b"".join(b"X%d: a\r\n" % i for i in range(101))), "431 close")
case("6585 5", "90 headers", get(headers=b"".join(b"X%d: a\r\n" % i for i in range(90))), "200 open")
case("6585 5", "a header of 70,000 bytes", get(headers=b"X: " + b"a" * 70000 + b"\r\n"), "431 close")
case("6585 5", "a header of 30,000 bytes", get(headers=b"X: " + b"a" * 30000 + b"\r\n"), "200 open")

# ---- RFC 9112, 6: bodies --------------------------------------------------------

case("9112 6.2", "a length", post(b"Content-Length: 3\r\n", b"abc"), "200 open")
case("9112 6.2", "a length of nothing", post(b"Content-Length: 0\r\n"), "200 open")
case("9112 6.3", "neither length nor chunks: no body", post() + get(), "200 200 open")
case("9112 6.2", "leading zeros", post(b"Content-Length: 0003\r\n", b"abc"), "200 open")
case("9112 6.2", "blanks around a length", post(b"Content-Length:  3 \r\n", b"abc"), "200 open")
case("9112 6.2", "what comes behind the length is the next request", post(b"Content-Length: 3\r\n", b"abc" + get()),
     "200 200 open")
each("9112 6.3", "a length that is none", lambda v: post(b"Content-Length: " + v + b"\r\n", b"abc"),
     [b"", b"+3", b"-3", b"-0", b"3.0", b"0x3", b"3 3", b"3a", b"a", b"3,3", b"3, 3", b"3;", b"1e1", b"\"3\"", b"3,", b"\xb2",
      b"18446744073709551616", b"99999999999999999999999", b"9223372036854775808", b"3_0"], "400 close")
case("9112 6.3", "two lengths that agree", post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), "400 close")
case("9112 6.3", "two lengths that do not", post(b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"), "400 close")
case("9112 6.3", "lengths in other cases", post(b"Content-Length: 3\r\ncontent-length: 0\r\n", b"abc"), "400 close")
case("9110 15.5.14", "a length of 17 MiB", post(b"Content-Length: 17825792\r\n"), "413 close")
case("9112 6.1", "chunks", chunked(b"3\r\nabc\r\n0\r\n\r\n"), "200 open")
case("9112 7.1", "chunks and then a request", chunked(b"3\r\nabc\r\n0\r\n\r\n" + get()), "200 200 open")
case("9112 7.1", "two chunks", chunked(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "200 open")
case("9112 7.1", "an empty body in chunks", chunked(b"0\r\n\r\n"), "200 open")
case("9112 7.1", "sizes in capitals and zeros", chunked(b"00A\r\n0123456789\r\n000\r\n\r\n"), "200 open")
case("9112 7.1.1", "an extension", chunked(b"3;a=b\r\nabc\r\n0\r\n\r\n"), "200 open")
case("9112 7.1.1", "an extension with a quoted value", chunked(b"3;a=\"b c\";d\r\nabc\r\n0;e\r\n\r\n"), "200 open")
case("9112 7.1.2", "a trailer", chunked(b"3\r\nabc\r\n0\r\nX: y\r\n\r\n") + get(), "200 200 open")
case("9112 7.1.2", "a trailer that would frame", chunked(b"0\r\nContent-Length: 5\r\n\r\n") + get(), "200 200 open")
case("9112 7", "codings without regard to case", post(b"Transfer-Encoding: CHUNKED\r\n", b"0\r\n\r\n"), "200 open")
each("9112 7.1", "a chunk size that is none", lambda v: chunked(v + b"\r\nabc\r\n0\r\n\r\n"),
     [b"", b"g", b"-3", b"+3", b"0x3", b"3 ", b" 3", b"\t3", b"3.", b"3,", b"3\x00", b"3\x0b", b"3h", b"10000000000000003",
      b"fffffffffffffffff", b"3_0"], "400 close")
case("9110 15.5.14", "a chunk of 16 EiB", chunked(b"ffffffffffffffff\r\nabc\r\n0\r\n\r\n"), "413 close")
each("9112 7.1", "an end of a chunk that is none", lambda v: chunked(b"3" + v),
     [b"\nabc\r\n0\r\n\r\n", b"\rabc\r\n0\r\n\r\n", b"\r\nabc\n0\r\n\r\n", b"\r\nabc0\r\n\r\n", b"\r\nabcd\r\n0\r\n\r\n",
      b"\r\nabc\r\r\n0\r\n\r\n", b"\r\nabcXX0\r\n\r\n", b"\r\r\nabc\r\n0\r\n\r\n"], "400 close")
each("9112 7.1", "a last chunk that is none", lambda v: chunked(b"0" + v),
     [b"\n\n", b"\r\n\n", b"\r\nX\r\n\r\n", b"\r\n: y\r\n\r\n", b"\r\nX : y\r\n\r\n", b"\r\n X: y\r\n\r\n"], "400 close")
each("9112 7.1.1", "an extension that is none", lambda v: chunked(b"3;" + v + b"\r\nabc\r\n0\r\n\r\n"),
     [b"a\nb", b"a\x00", b"a\x7f", b"a\r", b"", b"a[=b", b"a=", b'a="b', b'a="b"c', b"a;"], "400 close")
case("9112 7.1.1", "extensions without end", chunked(b"1;" + b"x" * 20000 + b"\r\na\r\n0\r\n\r\n"), "400 close")
case("6585 5", "trailers without end", chunked(b"0\r\n" + b"X: y\r\n" * 20000 + b"\r\n"), "431 close")

# ---- 6.1, 11.2: two readings of one request ---------------------------------------

case("9112 6.1", "length and chunks", chunked(b"0\r\n\r\n", b"Content-Length: 5\r\n"), "400 close")
case("9112 6.1", "chunks and length, the other way round",
     post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), "400 close")
case("9112 6.1", "a smuggled request behind both",
     post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"1\r\nZ\r\n0\r\n\r\n" + get()), "400 close")
case("9112 6.1", "chunks in HTTP/1.0",
     get("/echo", b"Transfer-Encoding: chunked\r\n", b"1.0", b"POST", b"0\r\n\r\n"), "400 close")
case("9112 6.1", "chunked twice", post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), "400 close")
case("9112 6.1", "two Transfer-Encodings",
     post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), "400 close")
case("9112 6.1", "chunked is not the last", post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"), "400 close")
case("9112 6.1", "a coding nobody has here", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), "501 close")
each("9112 6.1", "a coding that looks like chunked", lambda v: post(b"Transfer-Encoding:" + v + b"\r\n", b"0\r\n\r\n"),
     [b" xchunked", b" chunkedx", b" chun ked", b" chunked;q=1", b" \"chunked\"", b" 'chunked'", b" chunked,", b" ,chunked",
      b" identity", b" identity, chunked", b" chunked, identity", b"", b" ,", b" \x0bchunked", b" chunked\x00", b" \xc3\xa7hunked"],
     "400|501 close")
each("9112 11.2", "a header that only looks like framing", lambda v: post(v + b": chunked\r\n") + get(),
     [b"Transfer_Encoding", b"XTransfer-Encoding", b"Transfer-Encodings", b"Content_Length"], "200 200 open")
case("9112 11.2", "a line end inside a name", post(b"Transfer-Encoding\r\n : chunked\r\n", b"0\r\n\r\n"), "400 close")
case("9112 11.2", "a length on a folded line", post(b"X: a\r\n Content-Length: 5\r\n", b"hello"), "400 close")
case("9112 11.2", "chunked behind a bare LF", post(b"X: a\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), "400 close")
case("9112 11.2", "chunked behind a bare CR", post(b"X: a\rTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), "400 close")

# ---- RFC 9112, 9: connections -----------------------------------------------------

case("9112 9.3", "two requests in one packet", get() + get(), "200 200 open")
case("9112 9.3.2", "ten of them", get() * 10, "200 " * 10 + "open")
case("9112 9.3.2", "other answers in between", get() + get("/nothing") + get("/nocontent") + get(), "200 404 204 200 open")
case("9112 9.6", "Connection: close", get(headers=b"Connection: close\r\n"), "200 close")
case("9112 9.6", "nothing is read behind it", get(headers=b"Connection: close\r\n") + get(), "200 close")
case("9110 7.6.1", "close among other options", get(headers=b"Connection: foo, Close\r\n"), "200 close")
case("9110 7.6.1", "close in a second header", get(headers=b"Connection: keep-alive\r\nConnection: close\r\n"), "200 close")
case("9110 7.6.1", "an option nobody knows", get(headers=b"Connection: foo\r\n"), "200 open")
case("9110 7.6.1", "an empty Connection", get(headers=b"Connection:\r\n"), "200 open")
case("9112 9.3", "HTTP/1.0, keep-alive, then HTTP/1.1",
     get(headers=b"Connection: keep-alive\r\n", version=b"1.0") + get(), "200 200 open")
case("9112 9.6", "a bad request behind a good one", get() + b"BAD\r\n\r\n", "200 400 close")

# ---- RFC 9110: expectations, upgrades, conditions, ranges -------------------------

case("9110 10.1.1", "100 (Continue) is not needed when the body is there",
     post(b"Expect: 100-continue\r\nContent-Length: 3\r\n", b"abc"), "200 open")
case("9110 10.1.1", "100-Continue in another case",
     post(b"Expect: 100-Continue\r\nContent-Length: 3\r\n", b"abc"), "200 open")
case("9110 10.1.1", "an expectation nobody knows", get(headers=b"Expect: tea\r\n"), "417 close")
case("9110 10.1.1", "an expectation without a body", get(headers=b"Expect: 100-continue\r\n"), "200 open")
case("9110 7.8", "an upgrade nobody knows", get(headers=b"Connection: upgrade\r\nUpgrade: foo/2\r\n"), "200 open")
case("9110 7.8", "h2c is not taken up",
     get(headers=b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), "200 open")
case("9110 13.1.3", "If-Modified-Since in the future",
     get("/static/hello.txt", b"If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n"), "304 open")
case("9110 13.1.3", "If-Modified-Since that is no date", get("/static/hello.txt", b"If-Modified-Since: x\r\n"), "200 open")
case("9110 13.1.2", "If-None-Match: *", get("/static/hello.txt", b"If-None-Match: *\r\n"), "304 open")
case("9110 13.1.2", "If-None-Match with another tag", get("/static/hello.txt", b"If-None-Match: \"x\"\r\n"), "200 open")
case("9110 14.2", "a range", get("/static/hello.txt", b"Range: bytes=0-4\r\n"), "206 open")
case("9110 14.2", "a range from the end", get("/static/hello.txt", b"Range: bytes=-5\r\n"), "206 open")
case("9110 15.5.17", "a range behind the end", get("/static/hello.txt", b"Range: bytes=100-\r\n"), "416 open")
case("9110 15.3.5", "204 has no body", get("/nocontent") + get(), "204 200 open")
case("9110 15.5.5", "what is not there", get("/nothing"), "404 open")
case("9110 15.5.5", "out of the folder", get("/static/../secret.txt"), "404 open")
case("9110 15.5.5", "out of the folder, encoded", get("/static/%2e%2e/secret.txt"), "404 open")
case("9110 15.5.5", "out of the folder, the slash encoded", get("/static/..%2fsecret.txt"), "404 open")
case("9110 15.5.5", "out of the folder, with a backslash", get("/static/..%5csecret.txt"), "404 open")

# ---- RFC 6455: a handshake that is none ---------------------------------------------

WS = [b"Host: a", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13",
      b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]


def handshake(drop=None, add=(), first=b"GET /ws HTTP/1.1"):
    return head(*[line for line in WS if drop is None or not line.startswith(drop)], *add, first=first)


case("6455 4.2.1", "a handshake", handshake(), "101 open")
case("6455 4.2.1", "no key", handshake(b"Sec-WebSocket-Key"), "400 open")
case("6455 4.2.1", "a short key", handshake(b"Sec-WebSocket-Key", [b"Sec-WebSocket-Key: dGhl"]), "400 open")
case("6455 4.2.1", "version 8", handshake(b"Sec-WebSocket-Version", [b"Sec-WebSocket-Version: 8"]), "426 open")
case("6455 4.2.1", "no version", handshake(b"Sec-WebSocket-Version"), "426 open")
case("6455 4.4", "version 8 where there is no socket", handshake(b"Sec-WebSocket-Version", [b"Sec-WebSocket-Version: 8"],
     first=b"GET / HTTP/1.1"), "426 open")
case("9110 7.8", "an upgrade in HTTP/1.0 is not seen", handshake(first=b"GET / HTTP/1.0"), "200 close")
case("6455 4.1", "another method", handshake(first=b"POST /ws HTTP/1.1"), "404 open")
case("6455 4.2.1", "no Connection: a plain request", handshake(b"Connection"), "404 open")
case("6455 4.2.1", "a path without one", handshake(first=b"GET /nothing HTTP/1.1"), "403|404 open")
