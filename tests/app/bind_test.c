/* SPDX-License-Identifier: MIT
 *
 * Binding beyond the recorded cases: numbers that pass 64 bits, hostile
 * queries, bodies cut at every byte. */
#include "client.h"

#include <stdio.h>

typedef struct Search {
    int64_t *n;
    brio_str_list tag;
    brio_str q;
} Search;
BRIO_MODEL(Search, BRIO_QUERY(n), BRIO_QUERY(tag, .def = "[\"none\"]"),
           BRIO_QUERY(q, .def = "\"-\"", .alias = "q q"));
typedef Search SearchOut;
BRIO_MODEL(SearchOut, BRIO_FIELD(n), BRIO_FIELD(tag), BRIO_FIELD(q));

typedef struct Point {
    int32_t x, y;
} Point;
BRIO_MODEL(Point, BRIO_FIELD(x), BRIO_FIELD(y), BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID));

typedef struct Draw {
    Point *to;
    brio_json options;
} Draw;
BRIO_MODEL(Draw, BRIO_BODY(to, Point), BRIO_BODY(options, brio_json, .def = "{}"));
typedef Draw DrawOut;
BRIO_MODEL(DrawOut, BRIO_FIELD_AS(to, Point), BRIO_FIELD(options));

typedef struct Move {
    Point to;
} Move;
BRIO_MODEL(Move, BRIO_BODY(to, Point));

static int search(brio_request *req, const Search *in, SearchOut *out)
{
    (void)req;
    *out = *in;
    return 0;
}

static int draw(brio_request *req, const Draw *in, DrawOut *out)
{
    (void)req;
    *out = *in;
    return 0;
}

static int move(brio_request *req, const Move *in, Point *out)
{
    (void)req;
    *out = in->to;
    return 0;
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/search", search, Search, SearchOut);
    BRIO_POST(app, "/draw", draw, Draw, DrawOut);
    BRIO_POST(app, "/move", move, Move, Point);
    return app;
}

TEST(names_may_be_encoded_too)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/search?q+q=1&q%20q=2&%6E=3&t%61g=4&tag=5"), 200,
                 "{\"n\":3,\"tag\":[\"4\",\"5\"],\"q\":\"2\"}");
    CHECK_ANSWER(client_get(client, "/search?tag"), 200, "{\"n\":null,\"tag\":[\"\"],\"q\":\"-\"}");
    CHECK_ANSWER(client_get(client, "/search"), 200, "{\"n\":null,\"tag\":[\"none\"],\"q\":\"-\"}");
    CHECK_ANSWER(client_get(client, "/search?=1&&&N=2&nn=3"), 200,
                 "{\"n\":null,\"tag\":[\"none\"],\"q\":\"-\"}");
    client_close(client, app);
}

TEST(numbers_have_64_bits)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/search?n=9223372036854775807").status, 200);
    CHECK_INT(client_get(client, "/search?n=-9223372036854775808").status, 200);
    CHECK_ANSWER(
        client_get(client, "/search?n=9223372036854775808"), 422,
        "{\"detail\":[{\"type\":\"int_parsing_size\",\"loc\":[\"query\",\"n\"],\"msg\":\"Unable "
        "to parse input string as an integer, exceeded maximum size\",\"input\":"
        "\"9223372036854775808\"}]}");
    client_close(client, app);
}

TEST(a_query_full_of_values)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    static char url[8000] = "/search?";
    size_t len = strlen(url);
    while (len + 6 < sizeof url)
        len += (size_t)snprintf(url + len, sizeof url - len, "tag=x&");
    brio_test_response r = client_get(client, url);
    CHECK_INT(r.status, 200);
    CHECK_INT(brio_json_get(&r.json, BRIO_S("tag"))->n, (len - strlen("/search?")) / 6);
    client_close(client, app);
}

TEST(a_pointer_parameter_may_be_left_out)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_post(client, "/draw", "{}"), 200, "{\"to\":null,\"options\":{}}");
    CHECK_ANSWER(client_send(client, (brio_test_request){.method = "POST", .url = "/draw"}), 200,
                 "{\"to\":null,\"options\":{}}");
    CHECK_ANSWER(client_post(client, "/draw", "{\"to\":null,\"options\":[1,{\"a\":null}]}"), 200,
                 "{\"to\":null,\"options\":[1,{\"a\":null}]}");
    CHECK_ANSWER(client_post(client, "/draw", "{\"to\":{\"x\":1,\"y\":-2}}"), 200,
                 "{\"to\":{\"x\":1,\"y\":-2},\"options\":{}}");
    CHECK_ANSWER(
        client_post(client, "/draw", "{\"to\":{\"x\":1,\"z\":2}}"), 422,
        "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"to\",\"y\"],\"msg\":\"Field "
        "required\",\"input\":{\"x\":1,\"z\":2}},{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
        "\"to\",\"z\"],\"msg\":\"Extra inputs are not permitted\",\"input\":2}]}");
    client_close(client, app);
}

/* Cut anywhere, it is one json_invalid, or nothing at all is missing. */
static void check_cut(brio_test_client *client, const char *url, brio_str json, size_t at)
{
    brio_test_request request = {.method = "POST", .url = url, .json = brio_str_slice(json, 0, at)};
    brio_test_response r = client_send(client, request);
    if (at == json.len || (at == 0 && strcmp(url, "/draw") == 0)) {
        CHECK_INT(r.status, 200);
        return;
    }
    CHECK_INT(r.status, 422);
    const brio_json *detail = brio_json_get(&r.json, BRIO_S("detail"));
    CHECK_INT(detail->n, 1);
    CHECK_STR(brio_json_get(&detail->items[0], BRIO_S("type"))->str,
              at ? "json_invalid" : "missing");
}

TEST(bodies_cut_at_every_byte)
{
    static const brio_str direct = BRIO_S_INIT("{\"x\": 1, \"y\": -2}");
    static const brio_str keyed =
        BRIO_S_INIT("{\"options\":{\"a\\u00e9\":[true,null,1.5e3]},\"to\":{\"x\":1,\"y\":2}}");
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    for (size_t at = 0; at <= direct.len; at++)
        check_cut(client, "/move", direct, at);
    for (size_t at = 0; at <= keyed.len; at++)
        check_cut(client, "/draw", keyed, at);
    client_close(client, app);
}

static int same_point(brio_request *req, const Point *in, Point *out)
{
    (void)req;
    *out = *in;
    return 0;
}

TEST(an_input_without_origins_is_the_body)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_POST(app, "/", same_point, Point, Point);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_post(client, "/", "{\"x\":1,\"y\":2}"), 200, "{\"x\":1,\"y\":2}");
    CHECK_ANSWER(client_post(client, "/", "{\"x\":1}"), 422,
                 "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"y\"],\"msg\":\"Field "
                 "required\",\"input\":{\"x\":1}}]}");
    client_close(client, app);
}

TEST(every_request_has_its_own_struct)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_request requests[50];
    brio_test_response answers[50];
    char bodies[50][32];
    for (int i = 0; i < 50; i++) {
        int n = snprintf(bodies[i], sizeof bodies[i], "{\"x\":%d,\"y\":%d}", i, -i);
        requests[i] =
            (brio_test_request){.method = "POST", .url = "/move", .json = {bodies[i], (size_t)n}};
    }
    CHECK_OK(brio_test_client_send_all(client, requests, 50, answers));
    for (int i = 0; i < 50; i++)
        CHECK_ANSWER(answers[i], 200, bodies[i]);
    client_close(client, app);
}

/* ---- What of the output is written -------------------------------------------- */

typedef struct Person {
    brio_str name;
    int64_t *age;
    brio_str secret;
} Person;
BRIO_MODEL(Person, BRIO_FIELD(name), BRIO_FIELD(age), BRIO_FIELD(secret, .def = "\"none\""));

static int person(brio_request *req, const brio_none *in, Person *out)
{
    (void)req, (void)in;
    *out = (Person){.name = BRIO_S("a"), .secret = BRIO_S("s")};
    return 0;
}

TEST(a_route_says_what_of_its_output_is_written)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/all", person, brio_none, Person);
    BRIO_GET(app, "/some", person, brio_none, Person, .encode = {.include = "name,age"});
    BRIO_GET(app, "/other", person, brio_none, Person,
             .encode = {.exclude = "secret", .exclude_none = true});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/all"), 200, "{\"name\":\"a\",\"age\":null,\"secret\":\"s\"}");
    CHECK_ANSWER(client_get(client, "/some"), 200, "{\"name\":\"a\",\"age\":null}");
    CHECK_ANSWER(client_get(client, "/other"), 200, "{\"name\":\"a\"}");
    client_close(client, app);
}
