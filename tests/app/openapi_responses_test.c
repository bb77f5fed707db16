/* SPDX-License-Identifier: MIT
 *
 * `responses` in the document: what a route tells of further answers, laid
 * over what its output says. */
#include "client.h"

typedef struct Item {
    brio_str id;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(id));

typedef struct Message {
    brio_str message;
} Message;
BRIO_MODEL(Message, BRIO_FIELD(message));

typedef struct Query {
    int64_t n;
} Query;
BRIO_MODEL(Query, BRIO_QUERY(n));

static int read_item(brio_request *req, const Query *in, Item *out)
{
    (void)req, (void)in;
    out->id = BRIO_S("a");
    return 0;
}

/* The operation's responses, as text. */
static void check_responses(brio_app *app, const char *want)
{
    brio_arena arena;
    brio_buf out = {0}, got = {0};
    brio_json document, expected;
    brio_arena_init(&arena, 0);
    CHECK_OK(brio_app_openapi(app, &out));
    CHECK_OK(brio_json_parse(&arena, brio_buf_str(&out), NULL, &document, NULL));
    CHECK_OK(brio_json_parse(&arena, brio_str_from(want), NULL, &expected, NULL));
    static const char *const way[] = {"paths", "/x", "get", "responses"};
    const brio_json *at = &document;
    for (size_t i = 0; i < 4; i++)
        CHECK((at = brio_json_get(at, brio_str_from(way[i]))));
    brio_json_writer w = {.out = &got};
    brio_json_value(&w, at);
    if (!brio_json_equal(at, &expected))
        CHECK_STR(brio_buf_str(&got), want);
    brio_buf_fini(&got);
    brio_buf_fini(&out);
    brio_arena_fini(&arena);
    brio_app_free(app);
}

TEST(responses_beside_success)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/x", read_item, Query, Item,
             .responses = BRIO_RESPONSES({404, .model = Message_model}, {403, .description = "No"},
                                         {.key = "4XX"}));
    check_responses(
        app,
        BRIO_JSON_TEXT({
            "200": {"description": "Successful Response",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}},
            "404": {"description": "Not Found",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}},
            "403": {"description": "No"},
            "4XX": {"description": "Client Error"}
        }));
}

TEST(responses_laid_over_success)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/x", read_item, Query, Item,
             .responses = BRIO_RESPONSES({200, .content = BRIO_JSON_TEXT({"image/png": {}})},
                                               {200, .description = "Both"}));
    check_responses(
        app, BRIO_JSON_TEXT({
            "200": {"description": "Both",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}},
                                "image/png": {}}},
            "422": {"description": "Validation Error",
                    "content": {"application/json": {
                        "schema": {"$ref": "#/components/schemas/HTTPValidationError"}}}}
        }));
}

TEST(responses_of_streams_are_of_items)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/x", read_item, Query, Item, .response = BRIO_SSE,
             .responses = BRIO_RESPONSES({422, .description = "Mine"}));
    check_responses(app, BRIO_JSON_TEXT({
            "200": {"description": "Successful Response",
                    "content": {"text/event-stream": {"itemSchema": {
                        "type": "object",
                        "properties": {
                            "data": {"type": "string", "contentMediaType": "application/json",
                                     "contentSchema": {"$ref": "#/components/schemas/Item"}},
                            "event": {"type": "string"}, "id": {"type": "string"},
                            "retry": {"type": "integer", "minimum": 0}},
                        "required": ["data"]}}}},
            "422": {"description": "Mine"}
        }));
}
