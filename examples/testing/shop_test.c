/* SPDX-License-Identifier: MIT
 *
 * The shop's tests: one client for each, closed with the question what was left.
 *
 *     BRIO_SNAPSHOT_DIR=examples/testing build/release/examples/testing/shop_test */
#include "shop.h"

#include <stdio.h>
#include <stdlib.h>

/* Any test framework does; this one ends at the first mistake. */
#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            printf("not ok - %s:%d: %s (%.*s)\n", __func__, __LINE__, #what,                       \
                   BRIO_ARG(brio_error_detail()));                                                 \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static brio_test_client *open_client(brio_app *app)
{
    brio_test_client *client;
    brio_test_options options = {.raise_errors = true};
    CHECK(brio_test_client_open_with(&client, app, &options) == 0);
    return client;
}

static brio_test_response send(brio_test_client *client, brio_test_request request)
{
    brio_test_response answer;
    CHECK(brio_test_client_send(client, &request, &answer) == 0);
    return answer;
}

static bool is(brio_str text, const char *want)
{
    return brio_str_eq(text, brio_str_from(want));
}

/* ---- Tests ----------------------------------------------------------------------- */

static void an_item_has_a_price(brio_test_client *client)
{
    brio_test_response answer = send(client, (brio_test_request){.url = "/items/1"});
    CHECK(answer.status == 200);
    CHECK(brio_json_get(&answer.json, BRIO_S("dollar_cents"))->integer == 540);
    CHECK(brio_test_client_elapsed(client) == BRIO_SEC(1)); /* of the bank's, virtual */
    CHECK(send(client, (brio_test_request){.url = "/items/2"}).status == 404);
    CHECK(send(client, (brio_test_request){.url = "/items/soup"}).status == 422);
}

static int cheap_rate(brio_request *req, const brio_none *in, Rate *out)
{
    (void)req, (void)in;
    out->cents = 50;
    return 0;
}
BRIO_PROVIDER(cheap_rate, brio_none, Rate);

static void the_bank_can_be_replaced(brio_test_client *client)
{
    brio_test_override(client, rate, cheap_rate);
    brio_test_response answer = send(client, (brio_test_request){.url = "/items/1"});
    CHECK(is(answer.body, "{\"name\":\"Soup\",\"dollar_cents\":250}"));
    CHECK(brio_test_client_elapsed(client) == 0);
}

static void a_visitor_is_known_for_an_hour(brio_test_client *client)
{
    brio_test_request me = {.url = "/me"};
    CHECK(send(client, me).status == 401);
    brio_test_response answer = send(
        client, (brio_test_request){
                    .method = "POST", .url = "/login", .form = BRIO_TEST_FIELDS({"name", "ada"})});
    CHECK(answer.redirects == 1 && is(answer.url, "http://testserver/me"));
    CHECK(is(answer.body, "ada"));
    CHECK(is(brio_test_cookie(client, "visitor"), "ada"));
    CHECK(brio_test_client_sleep(client, BRIO_SEC(3600)) == 0);
    CHECK(send(client, me).status == 401);
}

static void photos_are_counted(brio_test_client *client)
{
    brio_test_response answer =
        send(client, (brio_test_request){.method = "POST",
                                         .url = "/photos",
                                         .files = BRIO_TEST_FILES(
                                             {"file", "soup.png", .data = BRIO_S("not a soup")})});
    CHECK(is(answer.body, "soup.png: 10 bytes"));
}

static void news_come_once_a_minute(brio_test_client *client)
{
    brio_test_stream *stream;
    brio_test_event event;
    CHECK(brio_test_stream_open(client, &(brio_test_request){.url = "/news"}, &stream, NULL) == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(brio_test_sse_next(stream, &event) == 1);
        CHECK(brio_json_get(&event.json, BRIO_S("dollar_cents"))->integer == 490 - 10 * i);
        CHECK(brio_test_client_elapsed(client) == i * BRIO_SEC(60));
    }
    CHECK(brio_test_sse_next(stream, &event) == 0);
}

static void the_document_stays_as_it_is(brio_test_client *client)
{
    brio_test_response answer = send(client, (brio_test_request){.url = "/openapi.json"});
    CHECK(brio_test_snapshot("snapshots/openapi.json", answer.body) == 0);
}

int main(void)
{
    static void (*const tests[])(brio_test_client *) = {
        an_item_has_a_price, the_bank_can_be_replaced, a_visitor_is_known_for_an_hour,
        photos_are_counted,  news_come_once_a_minute,  the_document_stays_as_it_is,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        brio_app *app = shop_new();
        brio_test_client *client = open_client(app);
        tests[i](client);
        CHECK(brio_test_client_close(client) == 0);
        brio_app_free(app);
        printf("ok - %zu\n", i + 1);
    }
    return 0;
}
