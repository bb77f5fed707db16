/* SPDX-License-Identifier: MIT
 *
 * The answers of FastAPI 0.141.1, recorded by security_cases.py. Columns: method,
 * URL, headers, body, status, www-authenticate, body. */
// clang-format off
CASE("GET", "/oauth2", "authorization: \015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2", "authorization: Bearer\015\012", "",
     200, "",
     "\"\"")
CASE("GET", "/oauth2", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/oauth2", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"a b\"")
CASE("GET", "/oauth2", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/oauth2", "authorization: Bearerabc\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2", "authorization: Basic abc\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2", "authorization: Digest username=\"a\"\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2", "authorization: Token x\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"caf\303\203\302\251\"")
CASE("GET", "/oauth2", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"\303\202\302\240x\303\202\"")
CASE("GET", "/oauth2", "authorization: digest\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2", "", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/oauth2_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/oauth2_off", "authorization: Bearer\015\012", "",
     200, "",
     "\"\"")
CASE("GET", "/oauth2_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/oauth2_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"a b\"")
CASE("GET", "/oauth2_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/oauth2_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "null")
CASE("GET", "/oauth2_off", "authorization: Basic abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/oauth2_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "null")
CASE("GET", "/oauth2_off", "authorization: Token x\015\012", "",
     200, "",
     "null")
CASE("GET", "/oauth2_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"caf\303\203\302\251\"")
CASE("GET", "/oauth2_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"\303\202\302\240x\303\202\"")
CASE("GET", "/oauth2_off", "authorization: digest\015\012", "",
     200, "",
     "null")
CASE("GET", "/oauth2_off", "", "",
     200, "",
     "null")
CASE("GET", "/code", "authorization: \015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code", "authorization: Bearer\015\012", "",
     200, "",
     "\"\"")
CASE("GET", "/code", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/code", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"a b\"")
CASE("GET", "/code", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/code", "authorization: Bearerabc\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code", "authorization: Basic abc\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code", "authorization: Digest username=\"a\"\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code", "authorization: Token x\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"caf\303\203\302\251\"")
CASE("GET", "/code", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"\303\202\302\240x\303\202\"")
CASE("GET", "/code", "authorization: digest\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code", "", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/code_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/code_off", "authorization: Bearer\015\012", "",
     200, "",
     "\"\"")
CASE("GET", "/code_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/code_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"a b\"")
CASE("GET", "/code_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"abc\"")
CASE("GET", "/code_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "null")
CASE("GET", "/code_off", "authorization: Basic abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/code_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "null")
CASE("GET", "/code_off", "authorization: Token x\015\012", "",
     200, "",
     "null")
CASE("GET", "/code_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"caf\303\203\302\251\"")
CASE("GET", "/code_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"\303\202\302\240x\303\202\"")
CASE("GET", "/code_off", "authorization: digest\015\012", "",
     200, "",
     "null")
CASE("GET", "/code_off", "", "",
     200, "",
     "null")
CASE("GET", "/flows", "authorization: \015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/flows", "authorization: Bearer\015\012", "",
     200, "",
     "\"Bearer\"")
CASE("GET", "/flows", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"Bearer abc\"")
CASE("GET", "/flows", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"bearer  a b\"")
CASE("GET", "/flows", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"BEARER abc\"")
CASE("GET", "/flows", "authorization: Bearerabc\015\012", "",
     200, "",
     "\"Bearerabc\"")
CASE("GET", "/flows", "authorization: Basic abc\015\012", "",
     200, "",
     "\"Basic abc\"")
CASE("GET", "/flows", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "\"Digest username=\\\"a\\\"\"")
CASE("GET", "/flows", "authorization: Token x\015\012", "",
     200, "",
     "\"Token x\"")
CASE("GET", "/flows", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"Bearer caf\303\203\302\251\"")
CASE("GET", "/flows", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"Bearer \303\202\302\240x\303\202\302\240\"")
CASE("GET", "/flows", "authorization: digest\015\012", "",
     200, "",
     "\"digest\"")
CASE("GET", "/flows", "", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/flows_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/flows_off", "authorization: Bearer\015\012", "",
     200, "",
     "\"Bearer\"")
CASE("GET", "/flows_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"Bearer abc\"")
CASE("GET", "/flows_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"bearer  a b\"")
CASE("GET", "/flows_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"BEARER abc\"")
CASE("GET", "/flows_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "\"Bearerabc\"")
CASE("GET", "/flows_off", "authorization: Basic abc\015\012", "",
     200, "",
     "\"Basic abc\"")
CASE("GET", "/flows_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "\"Digest username=\\\"a\\\"\"")
CASE("GET", "/flows_off", "authorization: Token x\015\012", "",
     200, "",
     "\"Token x\"")
CASE("GET", "/flows_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"Bearer caf\303\203\302\251\"")
CASE("GET", "/flows_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"Bearer \303\202\302\240x\303\202\302\240\"")
CASE("GET", "/flows_off", "authorization: digest\015\012", "",
     200, "",
     "\"digest\"")
CASE("GET", "/flows_off", "", "",
     200, "",
     "null")
CASE("GET", "/openid", "authorization: \015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/openid", "authorization: Bearer\015\012", "",
     200, "",
     "\"Bearer\"")
CASE("GET", "/openid", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"Bearer abc\"")
CASE("GET", "/openid", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"bearer  a b\"")
CASE("GET", "/openid", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"BEARER abc\"")
CASE("GET", "/openid", "authorization: Bearerabc\015\012", "",
     200, "",
     "\"Bearerabc\"")
CASE("GET", "/openid", "authorization: Basic abc\015\012", "",
     200, "",
     "\"Basic abc\"")
CASE("GET", "/openid", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "\"Digest username=\\\"a\\\"\"")
CASE("GET", "/openid", "authorization: Token x\015\012", "",
     200, "",
     "\"Token x\"")
CASE("GET", "/openid", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"Bearer caf\303\203\302\251\"")
CASE("GET", "/openid", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"Bearer \303\202\302\240x\303\202\302\240\"")
CASE("GET", "/openid", "authorization: digest\015\012", "",
     200, "",
     "\"digest\"")
CASE("GET", "/openid", "", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/openid_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/openid_off", "authorization: Bearer\015\012", "",
     200, "",
     "\"Bearer\"")
CASE("GET", "/openid_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "\"Bearer abc\"")
CASE("GET", "/openid_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "\"bearer  a b\"")
CASE("GET", "/openid_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "\"BEARER abc\"")
CASE("GET", "/openid_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "\"Bearerabc\"")
CASE("GET", "/openid_off", "authorization: Basic abc\015\012", "",
     200, "",
     "\"Basic abc\"")
CASE("GET", "/openid_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "\"Digest username=\\\"a\\\"\"")
CASE("GET", "/openid_off", "authorization: Token x\015\012", "",
     200, "",
     "\"Token x\"")
CASE("GET", "/openid_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "\"Bearer caf\303\203\302\251\"")
CASE("GET", "/openid_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "\"Bearer \303\202\302\240x\303\202\302\240\"")
CASE("GET", "/openid_off", "authorization: digest\015\012", "",
     200, "",
     "\"digest\"")
CASE("GET", "/openid_off", "", "",
     200, "",
     "null")
CASE("GET", "/key_header", "", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_header?key=k", "x-key: k\015\012", "",
     200, "",
     "\"k\"")
CASE("GET", "/key_header?key=", "x_key: k\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_header?key=a&key=b", "X-KEY: \015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_header?key=%C3%A9+x", "x-key: caf\303\251\015\012x-key: second\015\012", "",
     200, "",
     "\"caf\303\203\302\251\"")
CASE("GET", "/key_header?Key=k", "cookie: key=c\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_header", "cookie: key=; a=b\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_header", "cookie: key=\"q t\"\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_header_off", "", "",
     200, "",
     "null")
CASE("GET", "/key_header_off?key=k", "x-key: k\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_header_off?key=", "x_key: k\015\012", "",
     200, "",
     "\"k\"")
CASE("GET", "/key_header_off?key=a&key=b", "X-KEY: \015\012", "",
     200, "",
     "null")
CASE("GET", "/key_header_off?key=%C3%A9+x", "x-key: caf\303\251\015\012x-key: second\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_header_off?Key=k", "cookie: key=c\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_header_off", "cookie: key=; a=b\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_header_off", "cookie: key=\"q t\"\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_query", "", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_query?key=k", "x-key: k\015\012", "",
     200, "",
     "\"k\"")
CASE("GET", "/key_query?key=", "x_key: k\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_query?key=a&key=b", "X-KEY: \015\012", "",
     200, "",
     "\"b\"")
CASE("GET", "/key_query?key=%C3%A9+x", "x-key: caf\303\251\015\012x-key: second\015\012", "",
     200, "",
     "\"\303\251 x\"")
CASE("GET", "/key_query?Key=k", "cookie: key=c\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_query", "cookie: key=; a=b\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_query", "cookie: key=\"q t\"\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_query_off", "", "",
     200, "",
     "null")
CASE("GET", "/key_query_off?key=k", "x-key: k\015\012", "",
     200, "",
     "\"k\"")
CASE("GET", "/key_query_off?key=", "x_key: k\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_query_off?key=a&key=b", "X-KEY: \015\012", "",
     200, "",
     "\"b\"")
CASE("GET", "/key_query_off?key=%C3%A9+x", "x-key: caf\303\251\015\012x-key: second\015\012", "",
     200, "",
     "\"\303\251 x\"")
CASE("GET", "/key_query_off?Key=k", "cookie: key=c\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_query_off", "cookie: key=; a=b\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_query_off", "cookie: key=\"q t\"\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_cookie", "", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_cookie?key=k", "x-key: k\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_cookie?key=", "x_key: k\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_cookie?key=a&key=b", "X-KEY: \015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_cookie?key=%C3%A9+x", "x-key: caf\303\251\015\012x-key: second\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_cookie?Key=k", "cookie: key=c\015\012", "",
     200, "",
     "\"c\"")
CASE("GET", "/key_cookie", "cookie: key=; a=b\015\012", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/key_cookie", "cookie: key=\"q t\"\015\012", "",
     200, "",
     "\"q t\"")
CASE("GET", "/key_cookie_off", "", "",
     200, "",
     "null")
CASE("GET", "/key_cookie_off?key=k", "x-key: k\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_cookie_off?key=", "x_key: k\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_cookie_off?key=a&key=b", "X-KEY: \015\012", "",
     200, "",
     "null")
CASE("GET", "/key_cookie_off?key=%C3%A9+x", "x-key: caf\303\251\015\012x-key: second\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_cookie_off?Key=k", "cookie: key=c\015\012", "",
     200, "",
     "\"c\"")
CASE("GET", "/key_cookie_off", "cookie: key=; a=b\015\012", "",
     200, "",
     "null")
CASE("GET", "/key_cookie_off", "cookie: key=\"q t\"\015\012", "",
     200, "",
     "\"q t\"")
CASE("GET", "/basic", "authorization: \015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Bearer\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Bearer abc\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: bearer  a b\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: BEARER abc\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Bearerabc\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic abc\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Digest username=\"a\"\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Token x\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Bearer caf\303\251\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Bearer \302\240x\302\240\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: digest\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic \015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic am9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: basic am9objpzZWM6cmV0\015\012", "",
     200, "",
     "[\"john\",\"sec:ret\"]")
CASE("GET", "/basic", "authorization: Basic Og==\015\012", "",
     200, "",
     "[\"\",\"\"]")
CASE("GET", "/basic", "authorization: Basic am9obg==\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic \015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic avZobjp4\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic notabase64token\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic am9o\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic am9obg==\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic am9objpzZWNyZXQ\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic am9objpzZWNyZXQ==\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic am9objpzZWNyZXQ===\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic am9ob-jpz_ZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic am9 obj pzZWNy ZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic am9objpzZWNyZXQ=trailing\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic =am9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic am9=objpzZWNyZXQ=\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic a=m9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic am=9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic", "authorization: Basic caf\303\251\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic YTpi\015\012", "",
     200, "",
     "[\"a\",\"b\"]")
CASE("GET", "/basic", "authorization: Basic YTpi====\015\012", "",
     200, "",
     "[\"a\",\"b\"]")
CASE("GET", "/basic", "authorization: Basic YTo=YTo=\015\012", "",
     200, "",
     "[\"a\",\"\"]")
CASE("GET", "/basic", "authorization: Basic YTpiYw=\303\251=\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic YTpiYw==\303\251\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic YQA6AGI=\015\012", "",
     200, "",
     "[\"a\\u0000\",\"\\u0000b\"]")
CASE("GET", "/basic", "authorization: Basic A\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "authorization: Basic ====\015\012", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic", "", "",
     401, "Basic",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: \015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Bearer\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Bearer abc\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: bearer  a b\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: BEARER abc\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Bearerabc\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic abc\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Digest username=\"a\"\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Token x\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Bearer caf\303\251\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Bearer \302\240x\302\240\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: digest\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic \015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic am9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: basic am9objpzZWM6cmV0\015\012", "",
     200, "",
     "[\"john\",\"sec:ret\"]")
CASE("GET", "/basic_realm", "authorization: Basic Og==\015\012", "",
     200, "",
     "[\"\",\"\"]")
CASE("GET", "/basic_realm", "authorization: Basic am9obg==\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic \015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic avZobjp4\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic notabase64token\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic am9o\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic am9obg==\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic am9objpzZWNyZXQ\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic am9objpzZWNyZXQ==\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic am9objpzZWNyZXQ===\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic am9ob-jpz_ZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic am9 obj pzZWNy ZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic am9objpzZWNyZXQ=trailing\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic =am9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic am9=objpzZWNyZXQ=\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic a=m9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic am=9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_realm", "authorization: Basic caf\303\251\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic YTpi\015\012", "",
     200, "",
     "[\"a\",\"b\"]")
CASE("GET", "/basic_realm", "authorization: Basic YTpi====\015\012", "",
     200, "",
     "[\"a\",\"b\"]")
CASE("GET", "/basic_realm", "authorization: Basic YTo=YTo=\015\012", "",
     200, "",
     "[\"a\",\"\"]")
CASE("GET", "/basic_realm", "authorization: Basic YTpiYw=\303\251=\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic YTpiYw==\303\251\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic YQA6AGI=\015\012", "",
     200, "",
     "[\"a\\u0000\",\"\\u0000b\"]")
CASE("GET", "/basic_realm", "authorization: Basic A\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "authorization: Basic ====\015\012", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_realm", "", "",
     401, "Basic realm=\"simple\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Bearer\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Basic abc\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Token x\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: digest\015\012", "",
     200, "",
     "null")
CASE("GET", "/basic_off", "authorization: Basic\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic \015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic am9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: basic am9objpzZWM6cmV0\015\012", "",
     200, "",
     "[\"john\",\"sec:ret\"]")
CASE("GET", "/basic_off", "authorization: Basic Og==\015\012", "",
     200, "",
     "[\"\",\"\"]")
CASE("GET", "/basic_off", "authorization: Basic am9obg==\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic \015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic avZobjp4\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic notabase64token\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic am9o\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic am9obg==\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic am9objpzZWNyZXQ\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic am9objpzZWNyZXQ==\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic am9objpzZWNyZXQ===\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic am9ob-jpz_ZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic am9 obj pzZWNy ZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic am9objpzZWNyZXQ=trailing\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic =am9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic am9=objpzZWNyZXQ=\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic a=m9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic am=9objpzZWNyZXQ=\015\012", "",
     200, "",
     "[\"john\",\"secret\"]")
CASE("GET", "/basic_off", "authorization: Basic caf\303\251\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic YTpi\015\012", "",
     200, "",
     "[\"a\",\"b\"]")
CASE("GET", "/basic_off", "authorization: Basic YTpi====\015\012", "",
     200, "",
     "[\"a\",\"b\"]")
CASE("GET", "/basic_off", "authorization: Basic YTo=YTo=\015\012", "",
     200, "",
     "[\"a\",\"\"]")
CASE("GET", "/basic_off", "authorization: Basic YTpiYw=\303\251=\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic YTpiYw==\303\251\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic YQA6AGI=\015\012", "",
     200, "",
     "[\"a\\u0000\",\"\\u0000b\"]")
CASE("GET", "/basic_off", "authorization: Basic A\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "authorization: Basic ====\015\012", "",
     401, "Basic realm=\"off\"",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/basic_off", "", "",
     200, "",
     "null")
CASE("GET", "/bearer", "authorization: \015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "authorization: Bearer\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "authorization: Bearer abc\015\012", "",
     200, "",
     "[\"Bearer\",\"abc\"]")
CASE("GET", "/bearer", "authorization: bearer  a b\015\012", "",
     200, "",
     "[\"bearer\",\"a b\"]")
CASE("GET", "/bearer", "authorization: BEARER abc\015\012", "",
     200, "",
     "[\"BEARER\",\"abc\"]")
CASE("GET", "/bearer", "authorization: Bearerabc\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "authorization: Basic abc\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "authorization: Digest username=\"a\"\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "authorization: Token x\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "[\"Bearer\",\"caf\303\203\302\251\"]")
CASE("GET", "/bearer", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "[\"Bearer\",\"\303\202\302\240x\303\202\"]")
CASE("GET", "/bearer", "authorization: digest\015\012", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer", "", "",
     401, "Bearer",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/bearer_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "authorization: Bearer\015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "[\"Bearer\",\"abc\"]")
CASE("GET", "/bearer_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "[\"bearer\",\"a b\"]")
CASE("GET", "/bearer_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "[\"BEARER\",\"abc\"]")
CASE("GET", "/bearer_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "authorization: Basic abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "authorization: Token x\015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "[\"Bearer\",\"caf\303\203\302\251\"]")
CASE("GET", "/bearer_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "[\"Bearer\",\"\303\202\302\240x\303\202\"]")
CASE("GET", "/bearer_off", "authorization: digest\015\012", "",
     200, "",
     "null")
CASE("GET", "/bearer_off", "", "",
     200, "",
     "null")
CASE("GET", "/digest", "authorization: \015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Bearer\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Bearer abc\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: bearer  a b\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: BEARER abc\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Bearerabc\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Basic abc\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "[\"Digest\",\"username=\\\"a\\\"\"]")
CASE("GET", "/digest", "authorization: Token x\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Bearer caf\303\251\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: Bearer \302\240x\302\240\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "authorization: digest\015\012", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest", "", "",
     401, "Digest",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/digest_off", "authorization: \015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Bearer\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Bearer abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: bearer  a b\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: BEARER abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Bearerabc\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Basic abc\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Digest username=\"a\"\015\012", "",
     200, "",
     "[\"Digest\",\"username=\\\"a\\\"\"]")
CASE("GET", "/digest_off", "authorization: Token x\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Bearer caf\303\251\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: Bearer \302\240x\302\240\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "authorization: digest\015\012", "",
     200, "",
     "null")
CASE("GET", "/digest_off", "", "",
     200, "",
     "null")
CASE("GET", "/scopes", "", "",
     200, "",
     "[\"items me\",\"\",\"items\"]")
CASE("GET", "/scopes", "authorization: Bearer t\015\012x-key: k\015\012", "",
     200, "",
     "[\"items me\",\"\",\"items\"]")
CASE("GET", "/both", "", "",
     401, "APIKey",
     "{\"detail\":\"Not authenticated\"}")
CASE("GET", "/both", "authorization: Bearer t\015\012x-key: k\015\012", "",
     200, "",
     "[\"t\",\"k\"]")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "username=a&password=b",
     200, "",
     "[\"a\",\"b\",\"\",null]")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=password&username=a&password=b&scope=x++y&client_id=c&client_secret=d",
     200, "",
     "[\"a\",\"b\",\"x y\",\"c\"]")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=passwords&username=a",
     422, "",
     "{\"detail\":[{\"type\":\"string_pattern_mismatch\",\"loc\":[\"body\",\"grant_type\"],\"msg\":\"String should match pattern '^password$'\",\"input\":\"passwords\",\"ctx\":{\"pattern\":\"^password$\"}},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=&username=&password=",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=password",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "a=b",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/form", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=password&username=caf%C3%A9&password=%00",
     200, "",
     "[\"caf\303\251\",\"\\u0000\",\"\",null]")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "username=a&password=b",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"grant_type\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=password&username=a&password=b&scope=x++y&client_id=c&client_secret=d",
     200, "",
     "[\"a\",\"b\",\"x y\",\"c\"]")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=passwords&username=a",
     422, "",
     "{\"detail\":[{\"type\":\"string_pattern_mismatch\",\"loc\":[\"body\",\"grant_type\"],\"msg\":\"String should match pattern '^password$'\",\"input\":\"passwords\",\"ctx\":{\"pattern\":\"^password$\"}},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=&username=&password=",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"grant_type\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=password",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "a=b",
     422, "",
     "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"grant_type\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"username\"],\"msg\":\"Field required\",\"input\":null},{\"type\":\"missing\",\"loc\":[\"body\",\"password\"],\"msg\":\"Field required\",\"input\":null}]}")
CASE("POST", "/strict", "content-type: application/x-www-form-urlencoded\015\012", "grant_type=password&username=caf%C3%A9&password=%00",
     200, "",
     "[\"caf\303\251\",\"\\u0000\",\"\",null]")
CASE("GET", "/openapi.json", "", "",
     200, "",
     "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"FastAPI\",\"version\":\"0.1.0\"},\"paths\":{\"/oauth2\":{\"get\":{\"summary\":\"Oauth2\",\"operationId\":\"oauth2_oauth2_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"OAuth2PasswordBearer\":[]}]}},\"/oauth2_off\":{\"get\":{\"summary\":\"Oauth2 Off\",\"operationId\":\"oauth2_off_oauth2_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"off\":[]}]}},\"/code\":{\"get\":{\"summary\":\"Code\",\"operationId\":\"code_code_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"OAuth2AuthorizationCodeBearer\":[]}]}},\"/code_off\":{\"get\":{\"summary\":\"Code Off\",\"operationId\":\"code_off_code_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"code off\":[]}]}},\"/flows\":{\"get\":{\"summary\":\"Flows\",\"operationId\":\"flows_flows_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"OAuth2\":[]}]}},\"/flows_off\":{\"get\":{\"summary\":\"Flows Off\",\"operationId\":\"flows_off_flows_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"flows off\":[]}]}},\"/openid\":{\"get\":{\"summary\":\"Openid\",\"operationId\":\"openid_openid_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"OpenIdConnect\":[]}]}},\"/openid_off\":{\"get\":{\"summary\":\"Openid Off\",\"operationId\":\"openid_off_openid_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"openid off\":[]}]}},\"/key_header\":{\"get\":{\"summary\":\"Key Header\",\"operationId\":\"key_header_key_header_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"APIKeyHeader\":[]}]}},\"/key_header_off\":{\"get\":{\"summary\":\"Key Header Off\",\"operationId\":\"key_header_off_key_header_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"header off\":[]}]}},\"/key_query\":{\"get\":{\"summary\":\"Key Query\",\"operationId\":\"key_query_key_query_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"APIKeyQuery\":[]}]}},\"/key_query_off\":{\"get\":{\"summary\":\"Key Query Off\",\"operationId\":\"key_query_off_key_query_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"query off\":[]}]}},\"/key_cookie\":{\"get\":{\"summary\":\"Key Cookie\",\"operationId\":\"key_cookie_key_cookie_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"APIKeyCookie\":[]}]}},\"/key_cookie_off\":{\"get\":{\"summary\":\"Key Cookie Off\",\"operationId\":\"key_cookie_off_key_cookie_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"cookie off\":[]}]}},\"/basic\":{\"get\":{\"summary\":\"Basic\",\"operationId\":\"basic_basic_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"HTTPBasic\":[]}]}},\"/basic_realm\":{\"get\":{\"summary\":\"Basic Realm\",\"operationId\":\"basic_realm_basic_realm_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"realm\":[]}]}},\"/basic_off\":{\"get\":{\"summary\":\"Basic Off\",\"operationId\":\"basic_off_basic_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"basic off\":[]}]}},\"/bearer\":{\"get\":{\"summary\":\"Bearer\",\"operationId\":\"bearer_bearer_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"HTTPBearer\":[]}]}},\"/bearer_off\":{\"get\":{\"summary\":\"Bearer Off\",\"operationId\":\"bearer_off_bearer_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"bearer off\":[]}]}},\"/digest\":{\"get\":{\"summary\":\"Digest\",\"operationId\":\"digest_digest_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"HTTPDigest\":[]}]}},\"/digest_off\":{\"get\":{\"summary\":\"Digest Off\",\"operationId\":\"digest_off_digest_off_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"digest off\":[]}]}},\"/scopes\":{\"get\":{\"summary\":\"Scopes\",\"operationId\":\"scopes_scopes_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"off\":[\"items\",\"me\"]}]}},\"/both\":{\"get\":{\"summary\":\"Both\",\"operationId\":\"both_both_get\",\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}}},\"security\":[{\"off\":[]},{\"APIKeyHeader\":[]}]}},\"/form\":{\"post\":{\"summary\":\"Form\",\"operationId\":\"form_form_post\",\"requestBody\":{\"content\":{\"application/x-www-form-urlencoded\":{\"schema\":{\"$ref\":\"#/components/schemas/Body_form_form_post\"}}},\"required\":true},\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}},\"422\":{\"description\":\"Validation Error\",\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/HTTPValidationError\"}}}}}}},\"/strict\":{\"post\":{\"summary\":\"Strict\",\"operationId\":\"strict_strict_post\",\"requestBody\":{\"content\":{\"application/x-www-form-urlencoded\":{\"schema\":{\"$ref\":\"#/components/schemas/Body_strict_strict_post\"}}},\"required\":true},\"responses\":{\"200\":{\"description\":\"Successful Response\",\"content\":{\"application/json\":{\"schema\":{}}}},\"422\":{\"description\":\"Validation Error\",\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/HTTPValidationError\"}}}}}}}},\"components\":{\"schemas\":{\"Body_form_form_post\":{\"properties\":{\"grant_type\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^password$\"},{\"type\":\"null\"}],\"title\":\"Grant Type\"},\"username\":{\"type\":\"string\",\"title\":\"Username\"},\"password\":{\"type\":\"string\",\"format\":\"password\",\"title\":\"Password\"},\"scope\":{\"type\":\"string\",\"title\":\"Scope\",\"default\":\"\"},\"client_id\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"title\":\"Client Id\"},\"client_secret\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"format\":\"password\",\"title\":\"Client Secret\"}},\"type\":\"object\",\"required\":[\"username\",\"password\"],\"title\":\"Body_form_form_post\"},\"Body_strict_strict_post\":{\"properties\":{\"grant_type\":{\"type\":\"string\",\"pattern\":\"^password$\",\"title\":\"Grant Type\"},\"username\":{\"type\":\"string\",\"title\":\"Username\"},\"password\":{\"type\":\"string\",\"title\":\"Password\"},\"scope\":{\"type\":\"string\",\"title\":\"Scope\",\"default\":\"\"},\"client_id\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"title\":\"Client Id\"},\"client_secret\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"title\":\"Client Secret\"}},\"type\":\"object\",\"required\":[\"grant_type\",\"username\",\"password\"],\"title\":\"Body_strict_strict_post\"},\"HTTPValidationError\":{\"properties\":{\"detail\":{\"items\":{\"$ref\":\"#/components/schemas/ValidationError\"},\"type\":\"array\",\"title\":\"Detail\"}},\"type\":\"object\",\"title\":\"HTTPValidationError\"},\"ValidationError\":{\"properties\":{\"loc\":{\"items\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]},\"type\":\"array\",\"title\":\"Location\"},\"msg\":{\"type\":\"string\",\"title\":\"Message\"},\"type\":{\"type\":\"string\",\"title\":\"Error Type\"},\"input\":{\"title\":\"Input\"},\"ctx\":{\"type\":\"object\",\"title\":\"Context\"}},\"type\":\"object\",\"required\":[\"loc\",\"msg\",\"type\"],\"title\":\"ValidationError\"}},\"securitySchemes\":{\"OAuth2PasswordBearer\":{\"type\":\"oauth2\",\"flows\":{\"password\":{\"scopes\":{},\"tokenUrl\":\"token\"}}},\"off\":{\"type\":\"oauth2\",\"description\":\"Not *always*\",\"flows\":{\"password\":{\"refreshUrl\":\"refresh\",\"scopes\":{\"me\":\"Read your name\",\"items\":\"Read items\"},\"tokenUrl\":\"token\"}}},\"OAuth2AuthorizationCodeBearer\":{\"type\":\"oauth2\",\"flows\":{\"authorizationCode\":{\"scopes\":{},\"authorizationUrl\":\"authorize\",\"tokenUrl\":\"token\"}}},\"code off\":{\"type\":\"oauth2\",\"flows\":{\"authorizationCode\":{\"scopes\":{\"me\":\"Read your name\",\"items\":\"Read items\"},\"authorizationUrl\":\"authorize\",\"tokenUrl\":\"token\"}}},\"OAuth2\":{\"type\":\"oauth2\",\"flows\":{\"implicit\":{\"scopes\":{\"a:b\":\"C\"},\"authorizationUrl\":\"authorize\"}}},\"flows off\":{\"type\":\"oauth2\",\"flows\":{\"implicit\":{\"scopes\":{},\"authorizationUrl\":\"authorize\"}}},\"OpenIdConnect\":{\"type\":\"openIdConnect\",\"openIdConnectUrl\":\"/openid\"},\"openid off\":{\"type\":\"openIdConnect\",\"description\":\"d\",\"openIdConnectUrl\":\"/openid\"},\"APIKeyHeader\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Key\"},\"header off\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"x_key\"},\"APIKeyQuery\":{\"type\":\"apiKey\",\"in\":\"query\",\"name\":\"key\"},\"query off\":{\"type\":\"apiKey\",\"description\":\"d\",\"in\":\"query\",\"name\":\"key\"},\"APIKeyCookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"key\"},\"cookie off\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"key\"},\"HTTPBasic\":{\"type\":\"http\",\"scheme\":\"basic\"},\"realm\":{\"type\":\"http\",\"description\":\"d\",\"scheme\":\"basic\"},\"basic off\":{\"type\":\"http\",\"scheme\":\"basic\"},\"HTTPBearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"},\"bearer off\":{\"type\":\"http\",\"description\":\"d\",\"scheme\":\"bearer\"},\"HTTPDigest\":{\"type\":\"http\",\"scheme\":\"digest\"},\"digest off\":{\"type\":\"http\",\"scheme\":\"digest\"}}}}")
