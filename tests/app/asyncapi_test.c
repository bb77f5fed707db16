/* SPDX-License-Identifier: MIT
 *
 * The AsyncAPI document and where it is; its form is judged by the specification's
 * own schema in tests/browser. */
#include "harness/test.h"

#include <brio/app.h>

typedef struct Room {
    int64_t room;
    brio_str token;
    brio_str *q;
} Room;
BRIO_MODEL(Room, BRIO_PATH(room), BRIO_HEADER(token), BRIO_QUERY(q, .hidden = true));

typedef struct Say {
    brio_str text;
} Say;
BRIO_MODEL(Say, BRIO_FIELD(text));

static int talk(brio_request *req, const Room *in, brio_websocket *ws)
{
    (void)in;
    return brio_ws_fail(req, 0, NULL) < 0 ? brio_ws_close(ws, 0, NULL) : 0;
}

static int page(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("page");
    return 0;
}

static int status_of(brio_app *app, const char *url)
{
    brio_test_client *client;
    brio_test_response got;
    CHECK_OK(brio_test_client_open(&client, app));
    CHECK_OK(brio_test_client_send(client, &(brio_test_request){.url = url}, &got));
    int status = got.status;
    CHECK_OK(brio_test_client_close(client));
    return status;
}

static bool has(brio_buf *document, const char *text)
{
    return brio_str_find(brio_buf_str(document), brio_str_from(text)) >= 0;
}

TEST(channels_are_described)
{
    brio_buf out = {0};
    brio_app *app = brio_app_new(NULL);
    BRIO_WEBSOCKET(app, "/rooms/{room}", talk, Room, .receives = Say_model, .tags = "a, b");
    BRIO_WEBSOCKET(app, "/again/{room}", talk, Room);
    BRIO_WEBSOCKET(app, "/hidden/{room}", talk, Room, .hidden = true);
    CHECK_OK(brio_app_asyncapi(app, &out));
    CHECK(has(&out, "\"channels\":{\"talk\":{\"address\":\"/rooms/{room}\""));
    CHECK(has(&out, "\"talk_2\":{\"address\":\"/again/{room}\""));
    CHECK(!has(&out, "hidden") && !has(&out, "\"q\""));
    CHECK(has(&out, "\"payload\":{\"$ref\":\"#/components/schemas/Say\"}"));
    CHECK(has(&out, "\"headers\":{\"type\":\"object\",\"properties\":{\"token\":"));
    CHECK(has(&out, "\"required\":[\"token\"]"));
    CHECK(has(&out, "\"tags\":[{\"name\":\"a\"},{\"name\":\"b\"}]"));
    CHECK(has(&out, "\"talk_receive\":{\"action\":\"receive\""));
    brio_buf_clear(&out);
    CHECK_OK(brio_app_openapi(app, &out));
    CHECK(!has(&out, "rooms") && !has(&out, "Say"));
    brio_buf_fini(&out);
    CHECK_INT(status_of(app, "/asyncapi.json"), 200);
    CHECK_INT(status_of(app, "/asyncdocs"), 200);
    CHECK_INT(status_of(app, "/asyncdocs/page.css"), 200);
    brio_app_free(app);
}

TEST(the_document_is_where_the_options_say)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/page", page, brio_none, brio_text);
    CHECK_INT(status_of(app, "/asyncapi.json"), 404); /* no channels */
    brio_app_free(app);
    app = brio_app_new(&(brio_app_options){.asyncapi_url = "/a.json", .asyncdocs_url = "/talk"});
    BRIO_WEBSOCKET(app, "/rooms/{room}", talk, Room);
    CHECK_INT(status_of(app, "/a.json"), 200);
    CHECK_INT(status_of(app, "/talk"), 200);
    CHECK_INT(status_of(app, "/asyncdocs"), 404);
    brio_app_free(app);
    app = brio_app_new(&(brio_app_options){.asyncapi_url = ""});
    BRIO_WEBSOCKET(app, "/rooms/{room}", talk, Room);
    CHECK_INT(status_of(app, "/asyncapi.json"), 404);
    CHECK_INT(status_of(app, "/asyncdocs"), 404);
    brio_app_free(app);
}
