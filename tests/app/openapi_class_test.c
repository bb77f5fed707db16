/* SPDX-License-Identifier: MIT
 *
 * `responses` of the document: by response class, and with the author's own. The
 * wanted texts are FastAPI's for the same declarations. */
#include "app/client.h"

typedef struct Message {
    brio_str message;
} Message;
BRIO_MODEL(Message, BRIO_FIELD(message));

typedef struct Key {
    int64_t id;
} Key;
BRIO_MODEL(Key, BRIO_PATH(id));

static int a_text(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int a_message(brio_request *req, const brio_none *in, Message *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int anything(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int keyed(brio_request *req, const Key *in, Message *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static void responses_are(brio_app *app, const char *path, const char *method, const char *want)
{
    brio_arena arena;
    brio_buf out = {0}, got = {0};
    brio_json document, wanted;
    brio_arena_init(&arena, 0);
    CHECK_OK(brio_app_openapi(app, &out));
    CHECK_OK(brio_json_parse(&arena, brio_buf_str(&out), NULL, &document, NULL));
    CHECK_OK(brio_json_parse(&arena, brio_str_from(want), NULL, &wanted, NULL));
    const brio_json *at = brio_json_get(&document, BRIO_S("paths"));
    at = brio_json_get(at, brio_str_from(path));
    at = brio_json_get(brio_json_get(at, brio_str_from(method)), BRIO_S("responses"));
    brio_json_writer w = {.out = &got};
    brio_json_value(&w, at);
    if (!brio_json_equal(at, &wanted))
        test_fail(__FILE__, __LINE__, "%s: %.*s", path, BRIO_ARG(brio_buf_str(&got)));
    brio_buf_fini(&out);
    brio_buf_fini(&got);
    brio_arena_fini(&arena);
}

#define OK_WITH(content)                                                                           \
    "{\"200\":{\"description\":\"Successful Response\",\"content\":{" content "}}}"

TEST(classes_show_what_they_send)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/html", a_text, brio_none, brio_str, .response = BRIO_HTML);
    BRIO_GET(app, "/go", a_text, brio_none, brio_str, .response = BRIO_REDIRECT, .name = "go");
    BRIO_GET(app, "/file", a_text, brio_none, brio_str, .response = BRIO_FILE_RESPONSE,
             .name = "file");
    BRIO_GET(app, "/stream", a_text, brio_none, brio_str, .response = BRIO_STREAM,
             .media_type = "image/png", .name = "stream");
    BRIO_GET(app, "/bare", a_text, brio_none, brio_str, .response = BRIO_STREAM, .name = "bare");
    BRIO_GET(app, "/own", a_message, brio_none, Message, .response = BRIO_CUSTOM,
             .media_type = "application/xml", .name = "own");
    BRIO_GET(app, "/lines", a_message, brio_none, Message, .response = BRIO_JSON_LINES,
             .name = "lines");
    BRIO_GET(app, "/anylines", anything, brio_none, brio_json, .response = BRIO_JSON_LINES,
             .name = "anylines");
    BRIO_GET(app, "/sse", a_message, brio_none, Message, .response = BRIO_SSE, .name = "sse");
    BRIO_GET(app, "/anysse", anything, brio_none, brio_json, .response = BRIO_SSE,
             .name = "anysse");
    responses_are(app, "/html", "get", OK_WITH("\"text/html\":{\"schema\":{\"type\":\"string\"}}"));
    responses_are(app, "/go", "get", "{\"307\":{\"description\":\"Successful Response\"}}");
    responses_are(app, "/file", "get", "{\"200\":{\"description\":\"Successful Response\"}}");
    responses_are(app, "/stream", "get",
                  OK_WITH("\"image/png\":{\"schema\":{\"type\":\"string\"}}"));
    responses_are(app, "/bare", "get", "{\"200\":{\"description\":\"Successful Response\"}}");
    responses_are(app, "/own", "get",
                  OK_WITH("\"application/xml\":{\"schema\":{\"type\":\"string\"}}"));
    responses_are(app, "/lines", "get",
                  OK_WITH("\"application/jsonl\":{\"itemSchema\":{\"$ref\":"
                          "\"#/components/schemas/Message\"}}"));
    responses_are(app, "/anylines", "get", OK_WITH("\"application/jsonl\":{\"itemSchema\":{}}"));
    responses_are(
        app, "/sse", "get",
        OK_WITH("\"text/event-stream\":{\"itemSchema\":{\"type\":\"object\",\"properties\":{"
                "\"data\":{\"type\":\"string\",\"contentMediaType\":\"application/json\","
                "\"contentSchema\":{\"$ref\":\"#/components/schemas/Message\"}},"
                "\"event\":{\"type\":\"string\"},\"id\":{\"type\":\"string\"},"
                "\"retry\":{\"type\":\"integer\",\"minimum\":0}},\"required\":[\"data\"]}}"));
    responses_are(
        app, "/anysse", "get",
        OK_WITH("\"text/event-stream\":{\"itemSchema\":{\"type\":\"object\",\"properties\":{"
                "\"data\":{\"type\":\"string\"},\"event\":{\"type\":\"string\"},"
                "\"id\":{\"type\":\"string\"},\"retry\":{\"type\":\"integer\",\"minimum\":0}}}}"));
    brio_app_free(app);
}

TEST(more_responses)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/a/{id}", keyed, Key, Message,
             .responses =
                 BRIO_RESPONSES({404, .model = Message_model}, {403, .description = "Not enough"}));
    BRIO_GET(app, "/b/{id}", keyed, Key, Message, .name = "b",
             .responses = BRIO_RESPONSES(
                 {200, .description = "The item or an image", .content = "{\"image/png\":{}}"},
                 {.key = "5XX"}, {.key = "default"}));
    BRIO_GET(app, "/c/{id}", keyed, Key, Message, .name = "c",
             .responses = BRIO_RESPONSES({422, .description = "Mine"}));
    responses_are(app, "/a/{id}", "get",
                  "{\"200\":{\"description\":\"Successful Response\",\"content\":{"
                  "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Message\"}}}},"
                  "\"404\":{\"description\":\"Not Found\",\"content\":{\"application/json\":{"
                  "\"schema\":{\"$ref\":\"#/components/schemas/Message\"}}}},"
                  "\"403\":{\"description\":\"Not enough\"},"
                  "\"422\":{\"description\":\"Validation Error\",\"content\":{\"application/json\":"
                  "{\"schema\":{\"$ref\":\"#/components/schemas/HTTPValidationError\"}}}}}");
    responses_are(app, "/b/{id}", "get",
                  "{\"200\":{\"description\":\"The item or an image\",\"content\":{"
                  "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Message\"}},"
                  "\"image/png\":{}}},"
                  "\"5XX\":{\"description\":\"Server Error\"},"
                  "\"default\":{\"description\":\"Default Response\"}}");
    responses_are(app, "/c/{id}", "get",
                  "{\"200\":{\"description\":\"Successful Response\",\"content\":{"
                  "\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Message\"}}}},"
                  "\"422\":{\"description\":\"Mine\"}}");
    brio_app_free(app);
}
