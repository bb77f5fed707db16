/* SPDX-License-Identifier: MIT
 *
 * The answers of FastAPI 0.141.1, recorded by wire_cases.py. Columns: method,
 * URL, headers, body, length of it, status, the header that matters,
 * content-type, body. */
// clang-format off
CASE("GET", "/items/5",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":null,\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/0",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"greater_than_equal\",\"loc\":[\"path\",\"item_id\"],\"msg\":\"Input should be greater than or equal to 1\",\"input\":\"0\",\"ctx\":{\"ge\":1}}]}")
CASE("GET", "/items/x",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"path\",\"item_id\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"x\"}]}")
CASE("GET", "/items/5?q=abc&limit=7&tag=a&tag=b",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"abc\",\"limit\":7,\"tag\":[\"a\",\"b\"]}")
CASE("GET", "/items/5?q=toolong",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_long\",\"loc\":[\"query\",\"q\"],\"msg\":\"String should have at most 5 characters\",\"input\":\"toolong\",\"ctx\":{\"max_length\":5}}]}")
CASE("GET", "/items/x?q=toolong&limit=101&tag=",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"path\",\"item_id\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"x\"},{\"type\":\"string_too_long\",\"loc\":[\"query\",\"q\"],\"msg\":\"String should have at most 5 characters\",\"input\":\"toolong\",\"ctx\":{\"max_length\":5}},{\"type\":\"less_than_equal\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Input should be less than or equal to 100\",\"input\":\"101\",\"ctx\":{\"le\":100}}]}")
CASE("GET", "/items/5?q=a&q=b",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"b\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?limit=",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"\"}]}")
CASE("GET", "/items/5?q=",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?q",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?&&q=1&",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"1\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?q=a+b%20c",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"a b c\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?q=%C3%A9%zz",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"\303\251%zz\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?%71=x",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"x\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?q=%FF",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":\"\357\277\275\",\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?tag=a;b=c",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":null,\"limit\":10,\"tag\":[\"a;b=c\"]}")
CASE("GET", "/items/%35",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":null,\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5%2F6",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/items/9223372036854775807",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":9223372036854775807,\"q\":null,\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/+7",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":7,\"q\":null,\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/1_0",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":10,\"q\":null,\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5.0",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":null,\"limit\":10,\"tag\":[]}")
CASE("GET", "/items/5?t%61g=1&tag=2&ta=3",
     "", "", 0,
     200, "", "application/json",
     "{\"item_id\":5,\"q\":null,\"limit\":10,\"tag\":[\"1\",\"2\"]}")
CASE("GET", "/flag",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"query\",\"on\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("GET", "/flag?on=yes",
     "", "", 0,
     200, "", "application/json",
     "{\"on\":true,\"ratio\":0.5,\"name\":\"x\"}")
CASE("GET", "/flag?on=maybe&ratio=x&the-name=n",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"bool_parsing\",\"loc\":[\"query\",\"on\"],\"msg\":\"Input should be a valid boolean, unable to interpret input\",\"input\":\"maybe\"},{\"type\":\"float_parsing\",\"loc\":[\"query\",\"ratio\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("GET", "/flag?on=1&name=n",
     "", "", 0,
     200, "", "application/json",
     "{\"on\":true,\"ratio\":0.5,\"name\":\"x\"}")
CASE("GET", "/flag?on=1&ratio=1e3",
     "", "", 0,
     200, "", "application/json",
     "{\"on\":true,\"ratio\":1000.0,\"name\":\"x\"}")
CASE("GET", "/nums",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"query\",\"n\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("GET", "/nums?n=1",
     "", "", 0,
     200, "", "application/json",
     "{\"n\":[1]}")
CASE("GET", "/nums?n=1&n=x&n=y",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"n\",1],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"x\"},{\"type\":\"int_parsing\",\"loc\":[\"query\",\"n\",2],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"y\"}]}")
CASE("GET", "/nums?n=1&n=2&n=3&n=4",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"too_long\",\"loc\":[\"query\",\"n\"],\"msg\":\"List should have at most 3 items after validation, not 4\",\"input\":[\"1\",\"2\",\"3\",\"4\"],\"ctx\":{\"field_type\":\"List\",\"max_length\":3,\"actual_length\":4}}]}")
CASE("GET", "/files/",
     "", "", 0,
     200, "", "application/json",
     "{\"rest\":\"\"}")
CASE("GET", "/files/a/b%20c",
     "", "", 0,
     200, "", "application/json",
     "{\"rest\":\"a/b c\"}")
CASE("GET", "/files",
     "", "", 0,
     307, "http://testserver/files/", "",
     "")
CASE("GET", "/num/12",
     "", "", 0,
     200, "", "application/json",
     "{\"n\":12}")
CASE("GET", "/num/0012",
     "", "", 0,
     200, "", "application/json",
     "{\"n\":12}")
CASE("GET", "/num/1001",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"less_than_equal\",\"loc\":[\"path\",\"n\"],\"msg\":\"Input should be less than or equal to 1000\",\"input\":1001,\"ctx\":{\"le\":1000}}]}")
CASE("GET", "/num/x",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/num/-1",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/flt/1.5",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":1.5}")
CASE("GET", "/flt/1",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":1.0}")
CASE("GET", "/flt/007.50",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":7.5}")
CASE("GET", "/flt/100.5",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"less_than\",\"loc\":[\"path\",\"x\"],\"msg\":\"Input should be less than 100\",\"input\":100.5,\"ctx\":{\"lt\":100.0}}]}")
CASE("GET", "/flt/1.",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/flt/.5",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/id/12345678-1234-5678-1234-567812345678",
     "", "", 0,
     200, "", "application/json",
     "{\"rest\":\"12345678-1234-5678-1234-567812345678\"}")
CASE("GET", "/id/12345678123456781234567812345678",
     "", "", 0,
     200, "", "application/json",
     "{\"rest\":\"12345678-1234-5678-1234-567812345678\"}")
CASE("GET", "/id/ABCDEF78-1234-5678-1234-567812345678",
     "", "", 0,
     200, "", "application/json",
     "{\"rest\":\"abcdef78-1234-5678-1234-567812345678\"}")
CASE("GET", "/id/12345678-1234",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/a/b.c",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":\"b\",\"y\":\"c\"}")
CASE("GET", "/a/b.c.d",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":\"b.c\",\"y\":\"d\"}")
CASE("GET", "/a/.c",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/a/b.",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/a/b/c.d",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/ab/x-y/z/end",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":\"x\",\"y\":\"y/z\"}")
CASE("GET", "/ab/x-y-z/end",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":\"x-y\",\"y\":\"z\"}")
CASE("GET", "/ab/x-/end",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":\"x\",\"y\":\"\"}")
CASE("GET", "/ab/x/y-z/end",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/ab/x-/end/end",
     "", "", 0,
     200, "", "application/json",
     "{\"x\":\"x\",\"y\":\"/end\"}")
CASE("GET", "/order/me",
     "", "", 0,
     200, "", "text/plain; charset=utf-8",
     "me")
CASE("GET", "/order/you",
     "", "", 0,
     200, "", "text/plain; charset=utf-8",
     "you")
CASE("GET", "/late/me",
     "", "", 0,
     200, "", "text/plain; charset=utf-8",
     "me")
CASE("GET", "/wild/fixed",
     "", "", 0,
     200, "", "text/plain; charset=utf-8",
     "fixed")
CASE("GET", "/wild/x",
     "", "", 0,
     405, "PUT", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("GET", "/both",
     "", "", 0,
     200, "", "application/json",
     "null")
CASE("GET", "/slash",
     "", "", 0,
     307, "http://testserver/slash/", "",
     "")
CASE("GET", "/slash/",
     "", "", 0,
     200, "", "application/json",
     "null")
CASE("GET", "/slash?a=b&c=%20",
     "", "", 0,
     307, "http://testserver/slash/?a=b&c=%20", "",
     "")
CASE("GET", "/deep/x/",
     "", "", 0,
     307, "http://testserver/deep/x", "",
     "")
CASE("GET", "/deep/x//",
     "", "", 0,
     307, "http://testserver/deep/x", "",
     "")
CASE("GET", "/deep//",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/deep/",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/deep",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/deep/%C3%A9%20x/",
     "", "", 0,
     307, "http://testserver/deep/%C3%A9%20x", "",
     "")
CASE("GET", "/",
     "", "", 0,
     200, "", "text/html; charset=utf-8",
     "<p>hi</p>")
CASE("GET", "/",
     "", "", 0,
     200, "", "text/html; charset=utf-8",
     "<p>hi</p>")
CASE("GET", "/nothing",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/Items/5",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/items/5/",
     "", "", 0,
     307, "http://testserver/items/5", "",
     "")
CASE("GET", "/fail/404",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("GET", "/fail/422",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":\"Unprocessable Entity\"}")
CASE("GET", "/fail/204",
     "", "", 0,
     204, "", "",
     "")
CASE("GET", "/fail/503",
     "", "", 0,
     503, "", "application/json",
     "{\"detail\":\"Service Unavailable\"}")
CASE("GET", "/fail-text",
     "", "", 0,
     418, "", "application/json",
     "{\"detail\":\"no \\\"coffee\\\" \303\251\"}")
CASE("GET", "/fail-json",
     "", "", 0,
     400, "", "application/json",
     "{\"detail\":{\"code\":7,\"why\":[\"a\",null]}}")
CASE("GET", "/body",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("GET", "/one",
     "", "", 0,
     405, "POST", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("GET", "/deep/a%3Fb",
     "", "", 0,
     200, "", "application/json",
     "{\"rest\":\"a?b\"}")
CASE("HEAD", "/items/5",
     "", "", 0,
     405, "GET", "application/json",
     "")
CASE("HEAD", "/both",
     "", "", 0,
     405, "POST", "application/json",
     "")
CASE("HEAD", "/",
     "", "", 0,
     405, "GET", "application/json",
     "")
CASE("HEAD", "/slash",
     "", "", 0,
     307, "http://testserver/slash/", "",
     "")
CASE("HEAD", "/wild/fixed",
     "", "", 0,
     405, "PUT", "application/json",
     "")
CASE("HEAD", "/docs",
     "", "", 0,
     200, "", "text/html; charset=utf-8",
     "*")
CASE("HEAD", "/nothing",
     "", "", 0,
     404, "", "application/json",
     "")
CASE("HEAD", "/late/me",
     "", "", 0,
     405, "GET", "application/json",
     "")
CASE("POST", "/items/5",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("POST", "/both",
     "", "", 0,
     200, "", "application/json",
     "null")
CASE("POST", "/",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("POST", "/slash",
     "", "", 0,
     307, "http://testserver/slash/", "",
     "")
CASE("POST", "/wild/fixed",
     "", "", 0,
     405, "PUT", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("POST", "/docs",
     "", "", 0,
     405, "GET, HEAD", "application/json",
     "*")
CASE("POST", "/nothing",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("POST", "/late/me",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("OPTIONS", "/items/5",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("OPTIONS", "/both",
     "", "", 0,
     405, "POST", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("OPTIONS", "/",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("OPTIONS", "/slash",
     "", "", 0,
     307, "http://testserver/slash/", "",
     "")
CASE("OPTIONS", "/wild/fixed",
     "", "", 0,
     405, "PUT", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("OPTIONS", "/docs",
     "", "", 0,
     405, "GET, HEAD", "application/json",
     "*")
CASE("OPTIONS", "/nothing",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("OPTIONS", "/late/me",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("DELETE", "/items/5",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("DELETE", "/both",
     "", "", 0,
     405, "POST", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("DELETE", "/",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("DELETE", "/slash",
     "", "", 0,
     307, "http://testserver/slash/", "",
     "")
CASE("DELETE", "/wild/fixed",
     "", "", 0,
     405, "PUT", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("DELETE", "/docs",
     "", "", 0,
     405, "GET, HEAD", "application/json",
     "*")
CASE("DELETE", "/nothing",
     "", "", 0,
     404, "", "application/json",
     "{\"detail\":\"Not Found\"}")
CASE("DELETE", "/late/me",
     "", "", 0,
     405, "GET", "application/json",
     "{\"detail\":\"Method Not Allowed\"}")
CASE("PUT", "/wild/fixed",
     "", "", 0,
     200, "", "text/plain; charset=utf-8",
     "fixed")
CASE("HEAD", "/docs",
     "", "", 0,
     200, "", "text/html; charset=utf-8",
     "*")
CASE("GET", "/head",
     "", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"header\",\"x-token\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("GET", "/head",
     "X-Token: t\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":null,\"n\":0}")
CASE("GET", "/head",
     "x_token: t\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"header\",\"x-token\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("GET", "/head",
     "x-token: t\015\012x-num: n\015\012cookie: n=z\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"header\",\"x-num\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"n\"},{\"type\":\"int_parsing\",\"loc\":[\"cookie\",\"n\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"z\"}]}")
CASE("GET", "/head",
     "x-token: \015\012x-list: a\015\012x-list: b,c\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"\",\"x_num\":3,\"x_list\":[\"a\",\"b,c\"],\"under_score\":\"-\",\"session\":null,\"n\":0}")
CASE("GET", "/head",
     "x-token: a\015\012x-token: b\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"a\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":null,\"n\":0}")
CASE("GET", "/head",
     "x-token: t\015\012x-list: one\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":[\"one\"],\"under_score\":\"-\",\"session\":null,\"n\":0}")
CASE("GET", "/head",
     "x-token: t\015\012under_score: u\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":null,\"under_score\":\"u\",\"session\":null,\"n\":0}")
CASE("GET", "/head",
     "x-token: t\015\012under-score: u\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":null,\"n\":0}")
CASE("GET", "/head",
     "x-token: t\015\012cookie: session=\"a\\\"b c\"; n=4; n=5\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":\"a\\\"b c\",\"n\":5}")
CASE("GET", "/head",
     "x-token: t\015\012cookie: session; n=1\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":null,\"n\":1}")
CASE("GET", "/head",
     "x-token: t\015\012cookie: session=a=b;;n= 7 \015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"t\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":\"a=b\",\"n\":7}")
CASE("GET", "/head",
     "x-token: caf\303\251\015\012", "", 0,
     200, "", "application/json",
     "{\"x_token\":\"caf\303\203\302\251\",\"x_num\":3,\"x_list\":null,\"under_score\":\"-\",\"session\":null,\"n\":0}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "[]", 2,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[]}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[1,\"x\"]}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":5}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":0}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"s\"}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[1,2,3]}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}},{\"type\":\"missing\",\"loc\":[\"body\",\"price\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}},{\"type\":\"missing\",\"loc\":[\"body\",\"price\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":{\"item\":null,\"user\":5}},{\"type\":\"missing\",\"loc\":[\"body\",\"price\"],\"msg\":\"Field required\",\"input\":{\"item\":null,\"user\":5}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\",\"tags\",1],\"msg\":\"Input should be a valid string\",\"input\":1}]}")
CASE("POST", "/one",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/one",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/one",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/one",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/one",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/one",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("POST", "/one",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/one",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("POST", "/one",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "[]", 2,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     200, "", "application/json",
     "{\"item\":{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]},\"user\":{\"id\":3},\"importance\":5}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",\"item\",\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"item\",\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",\"item\",\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"},{\"type\":\"missing\",\"loc\":[\"body\",\"user\",\"id\"],\"msg\":\"Field required\",\"input\":{}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0}}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"model_attributes_type\",\"loc\":[\"body\",\"user\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":5}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"importance\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/two",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/two",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"user\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/two",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "[]", 2,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     200, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",\"item\",\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"item\",\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",\"item\",\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/embed",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/embed",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"item\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/embed",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "[]", 2,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":[]}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":[1,\"x\"]}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "5", 1,
     200, "", "application/json",
     "{\"n\":5}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"greater_than_equal\",\"loc\":[\"body\"],\"msg\":\"Input should be greater than or equal to 1\",\"input\":0,\"ctx\":{\"ge\":1}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"s\"}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":[1,2,3]}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"item\":null,\"user\":5}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}}]}")
CASE("POST", "/scalar",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/scalar",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/scalar",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/scalar",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/scalar",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/scalar",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/scalar",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/scalar",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/scalar",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "[]", 2,
     200, "", "application/json",
     "{\"n\":0}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\",0],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":1},{\"type\":\"model_attributes_type\",\"loc\":[\"body\",1],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"x\"}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":5}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":0}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"s\"}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\",0],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":1},{\"type\":\"model_attributes_type\",\"loc\":[\"body\",1],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":2},{\"type\":\"model_attributes_type\",\"loc\":[\"body\",2],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":3}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"item\":null,\"user\":5}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",1,\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",1,\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",1,\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}}]}")
CASE("POST", "/list",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/list",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/list",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/list",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/list",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/list",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/list",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/list",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/list",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "[]", 2,
     200, "", "application/json",
     "{\"n\":0}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"body\",1],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"x\"}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":5}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":0}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"s\"}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"too_long\",\"loc\":[\"body\"],\"msg\":\"List should have at most 2 items after validation, not 3\",\"input\":[1,2,3],\"ctx\":{\"field_type\":\"List\",\"max_length\":2,\"actual_length\":3}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"item\":null,\"user\":5}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_type\",\"loc\":[\"body\",0],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"a\",\"price\":1.5}},{\"type\":\"int_type\",\"loc\":[\"body\",1],\"msg\":\"Input should be a valid integer\",\"input\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}}]}")
CASE("POST", "/few",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/few",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/few",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/few",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/few",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/few",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/few",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/few",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"list_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid list\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/few",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "", 0,
     200, "", "application/json",
     "{\"item\":null}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "null", 4,
     200, "", "application/json",
     "{\"item\":null}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", " null\012", 6,
     200, "", "application/json",
     "{\"item\":null}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"item\":{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "[]", 2,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[]}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[1,\"x\"]}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":5}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":0}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "\"s\"", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"s\"}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[1,2,3]}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}},{\"type\":\"missing\",\"loc\":[\"body\",\"price\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}},{\"type\":\"missing\",\"loc\":[\"body\",\"price\"],\"msg\":\"Field required\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"name\"],\"msg\":\"Field required\",\"input\":{\"item\":null,\"user\":5}},{\"type\":\"missing\",\"loc\":[\"body\",\"price\"],\"msg\":\"Field required\",\"input\":{\"item\":null,\"user\":5}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\",\"tags\",1],\"msg\":\"Input should be a valid string\",\"input\":1}]}")
CASE("POST", "/optional",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/optional",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/optional",
     "", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/optional",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}]}")
CASE("POST", "/optional",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"model_attributes_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid dictionary or object to extract fields from\",\"input\":\"caf\303\251\"}]}")
CASE("POST", "/optional",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"item\":{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}}")
CASE("POST", "/optional",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/optional",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"item\":{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}}")
CASE("POST", "/optional",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "null", 4,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", " null\012", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "[]", 2,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":[]}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "[1,\"x\"]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":[1,\"x\"]}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "5", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":5}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "0", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":0}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "\"s\"", 3,
     200, "", "application/json",
     "{\"s\":\"s\"}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"a\":}", 6,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",5],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "nul", 3,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "[1,2,3]", 7,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":[1,2,3]}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}", 51,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"item\":{\"name\":\"a\",\"price\":1.5},\"user\":{\"id\":\"3\"}}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}", 65,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"item\":{\"name\":\"\",\"price\":0,\"tax\":\"x\"},\"user\":{},\"importance\":0}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"item\":null,\"user\":5}", 22,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"item\":null,\"user\":5}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]", 58,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":[{\"name\":\"a\",\"price\":1.5},{\"name\":\"\",\"price\":0,\"tax\":\"x\"}]}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"a\":1}x", 8,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",7],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Extra data\"}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}", 37,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"name\":\"a\",\"price\":1,\"tags\":[\"t\",1]}}]}")
CASE("POST", "/text",
     "content-type: application/json\015\012", "{\"name\":\"\377\"}", 12,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("POST", "/text",
     "", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"s\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}")
CASE("POST", "/text",
     "", "caf\303\251", 5,
     200, "", "application/json",
     "{\"s\":\"caf\303\251\"}")
CASE("POST", "/text",
     "content-type: text/plain\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"s\":\"{\\\"name\\\":\\\"a\\\",\\\"price\\\":1.5}\"}")
CASE("POST", "/text",
     "content-type: text/plain\015\012", "caf\303\251", 5,
     200, "", "application/json",
     "{\"s\":\"caf\303\251\"}")
CASE("POST", "/text",
     "content-type: application/vnd.api+json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/text",
     "content-type: application/vnd.api+json\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("POST", "/text",
     "content-type: Application/JSON; charset=utf-8\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\"],\"msg\":\"Input should be a valid string\",\"input\":{\"name\":\"a\",\"price\":1.5}}]}")
CASE("POST", "/text",
     "content-type: Application/JSON; charset=utf-8\015\012", "caf\303\251", 5,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]}")
CASE("GET", "/body",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("GET", "/body",
     "content-type: application/json\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"string_too_short\",\"loc\":[\"body\",\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("PUT", "/mix/x?q=y",
     "content-type: application/json\015\012x-h: z\015\012cookie: c=w\015\012", "{\"name\":\"\",\"price\":0,\"tax\":\"x\"}", 31,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"path\",\"id\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"x\"},{\"type\":\"int_parsing\",\"loc\":[\"query\",\"q\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"y\"},{\"type\":\"int_parsing\",\"loc\":[\"header\",\"x-h\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"z\"},{\"type\":\"int_parsing\",\"loc\":[\"cookie\",\"c\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"w\"},{\"type\":\"string_too_short\",\"loc\":[\"body\",\"name\"],\"msg\":\"String should have at least 1 character\",\"input\":\"\",\"ctx\":{\"min_length\":1}},{\"type\":\"greater_than\",\"loc\":[\"body\",\"price\"],\"msg\":\"Input should be greater than 0\",\"input\":0,\"ctx\":{\"gt\":0.0}},{\"type\":\"float_parsing\",\"loc\":[\"body\",\"tax\"],\"msg\":\"Input should be a valid number, unable to parse string as a number\",\"input\":\"x\"}]}")
CASE("PUT", "/mix/x",
     "content-type: application/json\015\012", "", 0,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"path\",\"id\"],\"msg\":\"Input should be a valid integer, unable to parse string as an integer\",\"input\":\"x\"},{\"type\":\"missing\",\"loc\":[\"query\",\"q\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"header\",\"x-h\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"cookie\",\"c\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("PUT", "/mix/x",
     "content-type: application/json\015\012", "{", 1,
     422, "", "application/json",
     "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\",\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double quotes\"}}]}")
CASE("PUT", "/mix/x",
     "content-type: application/json\015\012", "\"\377\"", 3,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
CASE("PUT", "/mix/1?q=2",
     "content-type: application/json\015\012x-h: 3\015\012cookie: c=4\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     200, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("DELETE", "/gone",
     "", "", 0,
     204, "", "application/json",
     "")
CASE("POST", "/made",
     "content-type: application/json\015\012", "{\"name\":\"a\",\"price\":1.5}", 24,
     201, "", "application/json",
     "{\"name\":\"a\",\"price\":1.5,\"tax\":null,\"tags\":[]}")
CASE("POST", "/made",
     "content-type: application/json\015\012", "*", 20000,
     400, "", "application/json",
     "{\"detail\":\"There was an error parsing the body\"}")
