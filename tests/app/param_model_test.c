/* SPDX-License-Identifier: MIT
 *
 * Parameter models: a whole query, all headers, all cookies as one struct;
 * defaults, lists, names the model forbids; how they are documented. */
#include "client.h"

#include <stdio.h>

typedef struct Filter {
    int64_t limit;
    brio_str *order;
    brio_str_list tags;
} Filter;
BRIO_MODEL(Filter, BRIO_FIELD(limit, .def = "100", .gt = BRIO_NUM(0)), BRIO_FIELD(order),
           BRIO_FIELD(tags, .def = "[]"));
typedef Filter Strict;
BRIO_MODEL(Strict, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(limit), BRIO_FIELD(order),
           BRIO_FIELD(tags, .def = "[\"x\"]"));

typedef struct ByQuery {
    Filter filter;
} ByQuery;
BRIO_MODEL(ByQuery, BRIO_QUERY_AS(filter, Filter));
typedef struct ByStrict {
    Strict filter;
} ByStrict;
BRIO_MODEL(ByStrict, BRIO_QUERY_AS(filter, Strict));

typedef struct Headers {
    brio_str host, user_agent;
    brio_i64_list x_tag;
} Headers;
BRIO_MODEL(Headers, BRIO_FIELD(host), BRIO_FIELD(user_agent, .alias = "agent"),
           BRIO_FIELD(x_tag, .def = "[]"));
typedef struct ByHeaders {
    Headers headers;
} ByHeaders;
BRIO_MODEL(ByHeaders, BRIO_HEADER_AS(headers, Headers));
typedef Headers Only;
BRIO_MODEL(Only, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(host), BRIO_FIELD(user_agent),
           BRIO_FIELD(x_tag, .def = "[]"));
typedef struct ByOnly {
    Only headers;
} ByOnly;
BRIO_MODEL(ByOnly, BRIO_HEADER_AS(headers, Only));

typedef struct Cookies {
    brio_str session;
    int64_t *n;
} Cookies;
BRIO_MODEL(Cookies, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(session), BRIO_FIELD(n));
typedef struct ByCookies {
    Cookies cookies;
} ByCookies;
BRIO_MODEL(ByCookies, BRIO_COOKIE_AS(cookies, Cookies));

static int by_query(brio_request *req, const ByQuery *in, Filter *out)
{
    (void)req;
    *out = in->filter;
    return 0;
}

static int by_strict(brio_request *req, const ByStrict *in, Filter *out)
{
    (void)req;
    *out = in->filter;
    return 0;
}

static int by_headers(brio_request *req, const ByHeaders *in, Headers *out)
{
    (void)req;
    *out = in->headers;
    return 0;
}

static int by_only(brio_request *req, const ByOnly *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int by_cookies(brio_request *req, const ByCookies *in, Cookies *out)
{
    (void)req;
    *out = in->cookies;
    return 0;
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/query", by_query, ByQuery, Filter);
    BRIO_GET(app, "/strict", by_strict, ByStrict, Filter);
    BRIO_GET(app, "/headers", by_headers, ByHeaders, Headers);
    BRIO_GET(app, "/only", by_only, ByOnly, brio_none);
    BRIO_GET(app, "/cookies", by_cookies, ByCookies, Cookies);
    return app;
}

TEST(a_query_is_a_struct)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/query"), 200, "{\"limit\":100,\"order\":null,\"tags\":[]}");
    CHECK_ANSWER(client_get(client, "/query?tags=a&limit=1&other=x&limit=2&tags=b+c&order="), 200,
                 "{\"limit\":2,\"order\":\"\",\"tags\":[\"a\",\"b c\"]}");
    CHECK_ANSWER(client_get(client, "/query?limit=0"), 422,
                 "{\"detail\":[{\"type\":\"greater_than\",\"loc\":[\"query\",\"limit\"],\"msg\":"
                 "\"Input should be greater than 0\",\"input\":\"0\",\"ctx\":{\"gt\":0}}]}");
    client_close(client, app);
}

TEST(what_is_forbidden_is_named)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/strict?limit=1&z=1&y=2&z=3"), 422,
                 "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"query\",\"z\"],\"msg\":"
                 "\"Extra inputs are not permitted\",\"input\":[\"1\",\"3\"]},{\"type\":"
                 "\"extra_forbidden\",\"loc\":[\"query\",\"y\"],\"msg\":\"Extra inputs are not "
                 "permitted\",\"input\":\"2\"}]}");
    CHECK_ANSWER(client_get(client, "/strict?a=1"), 422,
                 "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Field "
                 "required\",\"input\":{\"tags\":[\"x\"],\"a\":\"1\"}},{\"type\":"
                 "\"extra_forbidden\",\"loc\":[\"query\",\"a\"],\"msg\":\"Extra inputs are not "
                 "permitted\",\"input\":\"1\"}]}");
    client_close(client, app);
}

TEST(headers_are_a_struct)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_request request = {.url = "/headers",
                                 .headers = "X-Tag: 1\r\nAgent: me\r\nx-tag: 2\r\n"};
    CHECK_ANSWER(client_send(client, request), 200,
                 "{\"host\":\"testserver\",\"agent\":\"me\",\"x_tag\":[1,2]}");
    request.headers = "X-Tag: one\r\n";
    CHECK_ANSWER(
        client_send(client, request), 422,
        "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"header\",\"agent\"],\"msg\":\"Field "
        "required\",\"input\":{\"host\":\"testserver\",\"x_tag\":[\"one\"],\"user-agent\":"
        "\"testclient\"}},{\"type\":"
        "\"int_parsing\",\"loc\":[\"header\",\"x_tag\",0],\"msg\":\"Input should be a "
        "valid integer, unable to parse string as an integer\",\"input\":\"one\"}]}");
    request = (brio_test_request){.url = "/only", .headers = "x-tag: 1\r\nx-more: 2\r\n"};
    CHECK_ANSWER(client_send(client, request), 422,
                 "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"header\",\"x-more\"],"
                 "\"msg\":\"Extra inputs are not permitted\",\"input\":\"2\"}]}");
    client_close(client, app);
}

TEST(cookies_are_a_struct)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_request request = {.url = "/cookies",
                                 .headers = "Cookie: session=a; n=1; session=b\r\n"};
    CHECK_ANSWER(client_send(client, request), 200, "{\"session\":\"b\",\"n\":1}");
    request.headers = "Cookie: session=a; more=1; more=2\r\n";
    CHECK_ANSWER(client_send(client, request), 422,
                 "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"cookie\",\"more\"],\"msg\":"
                 "\"Extra inputs are not permitted\",\"input\":\"2\"}]}");
    client_close(client, app);
}

/* Sorted, not compared with each other. */
TEST(a_query_of_very_many_names)
{
    static char url[8000];
    size_t len = (size_t)snprintf(url, sizeof url, "/strict?limit=1");
    for (int i = 0; len < sizeof url - 8; i++)
        len += (size_t)snprintf(url + len, sizeof url - len, "&%x", i);
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, url);
    CHECK_INT(r.status, 422);
    CHECK_STR(
        brio_json_get(&brio_json_get(&r.json, BRIO_S("detail"))->items[0], BRIO_S("type"))->str,
        "extra_forbidden");
    client_close(client, app);
}

TEST(fields_of_models_are_documented_as_parameters)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/openapi.json");
    CHECK(brio_str_find(r.body, BRIO_S("\"parameters\":[{\"name\":\"limit\",\"in\":\"query\","
                                       "\"required\":false,\"schema\":{\"type\":\"integer\"")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("{\"name\":\"x-tag\",\"in\":\"header\"")) > 0);
    CHECK(brio_str_find(r.body,
                        BRIO_S("{\"name\":\"session\",\"in\":\"cookie\",\"required\":true")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("\"schemas\":{\"Filter\"")) < 0 ||
          brio_str_find(r.body, BRIO_S("#/components/schemas/Filter")) > 0);
    client_close(client, app);
}
