/* SPDX-License-Identifier: MIT
 *
 * What the options say about the app as a whole, in the document and in the
 * script that starts Swagger UI. */
#include "harness/test.h"

#include <brio/app.h>

static int root(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)req, (void)in;
    *out = BRIO_JSON({"ok": true});
    return 0;
}

static brio_json document_of(brio_app *app, brio_arena *arena)
{
    brio_buf text = {0};
    brio_json document;
    CHECK_OK(brio_app_openapi(app, &text));
    CHECK_OK(
        brio_json_parse(arena, brio_str_copy(arena, brio_buf_str(&text)), NULL, &document, NULL));
    brio_buf_fini(&text);
    return document;
}

static void check_member(const brio_json *object, const char *key, const char *want)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    const brio_json *value = brio_json_get(object, brio_str_from(key));
    CHECK(value);
    CHECK_STR(brio_json_text(&arena, value), want);
    brio_arena_fini(&arena);
}

TEST(info_servers_and_tags_are_what_the_options_say)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app *app = brio_app_new(&(brio_app_options){
        .terms_of_service = "http://t/",
        .contact = {.name = "n", .email = "e@x.y"},
        .license = {.name = "MIT", .identifier = "MIT"},
        .openapi_tags = BRIO_JSON_TEXT([ {"name" : "users"} ]),
                                       .external_docs = BRIO_JSON_TEXT({"url" : "http://d/"}),
                                           .servers = BRIO_JSON_TEXT([ {"url" : "https://a"} ]),
                                           });
    brio_json document = document_of(app, &arena);
    check_member(&document, "info",
                 "{\"title\":\"FastAPI\",\"termsOfService\":\"http://t/\",\"contact\":{\"name\":"
                 "\"n\",\"email\":\"e@x.y\"},\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"},"
                 "\"version\":\"0.1.0\"}");
    check_member(&document, "tags", "[{\"name\":\"users\"}]");
    check_member(&document, "externalDocs", "{\"url\":\"http://d/\"}");
    check_member(&document, "servers", "[{\"url\":\"https://a\"}]");
    brio_app_free(app);
    brio_arena_fini(&arena);
}

static void check_servers(const brio_app_options *options, const char *want)
{
    brio_test_client *client;
    brio_test_response got;
    brio_app *app = brio_app_new(options);
    CHECK_OK(brio_test_client_open(&client, app));
    CHECK_OK(brio_test_client_send(client, &(brio_test_request){.url = "/openapi.json"}, &got));
    check_member(&got.json, "servers", want);
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(app);
}

TEST(the_root_path_is_the_first_server_once)
{
    const char *two = BRIO_JSON_TEXT([ {"url" : "https://a"}, {"url" : "/api"} ]);
    const char *one = BRIO_JSON_TEXT([ {"url" : "https://a"} ]);
    check_servers(&(brio_app_options){.root_path = "/api", .servers = one},
                  "[{\"url\":\"/api\"},{\"url\":\"https://a\"}]");
    check_servers(&(brio_app_options){.root_path = "/api", .servers = two},
                  "[{\"url\":\"https://a\"},{\"url\":\"/api\"}]");
    check_servers(
        &(brio_app_options){.root_path = "/api", .servers = one, .no_root_path_in_servers = true},
        "[{\"url\":\"https://a\"}]");
}

static brio_str tag_and_name(brio_arena *arena, const brio_route *route)
{
    return brio_printf(arena, "%s-%s", route->tags, route->name);
}

TEST(operations_are_extended_and_named_by_the_author)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app *app = brio_app_new(&(brio_app_options){.operation_id = tag_and_name});
    BRIO_GET(app, "/", root, brio_none, brio_json, .tags = "t",
             .openapi_extra =
                 BRIO_JSON_TEXT({"tags" : ["more"], "x-new" : {"a" : 1}, "summary" : "S"}));
    brio_json document = document_of(app, &arena);
    const brio_json *path = brio_json_get(brio_json_get(&document, BRIO_S("paths")), BRIO_S("/"));
    const brio_json *operation = brio_json_get(path, BRIO_S("get"));
    check_member(operation, "operationId", "\"t-root\"");
    check_member(operation, "tags", "[\"t\",\"more\"]");
    check_member(operation, "summary", "\"S\"");
    check_member(operation, "x-new", "{\"a\":1}");
    brio_app_free(app);
    brio_arena_fini(&arena);
}

static int add_logo(const brio_app *app, brio_arena *arena, brio_json *document)
{
    (void)app;
    brio_json logo = brio_json_read(arena, BRIO_JSON({"info" : {"x-logo" : "l.png"}}));
    *document = brio_json_merge(arena, document, &logo);
    return 0;
}

TEST(a_custom_document_is_what_its_function_leaves)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app *app = brio_app_new(NULL);
    brio_app_custom_openapi(app, add_logo);
    brio_json document = document_of(app, &arena);
    check_member(&document, "info",
                 "{\"title\":\"FastAPI\",\"version\":\"0.1.0\",\"x-logo\":\"l.png\"}");
    check_member(&document, "paths", "{}");
    brio_app_free(app);
    brio_arena_fini(&arena);
}

TEST(swagger_ui_takes_parameters)
{
    brio_test_client *client;
    brio_test_response got;
    brio_app *app = brio_app_new(&(brio_app_options){
        .swagger_ui_parameters = BRIO_JSON_TEXT({"deepLinking" : false, "theme" : "</script>"}),
                                                .swagger_ui_init_oauth =
                                                    BRIO_JSON_TEXT({"clientId" : "c"}),
                                                                   .oauth2_redirect_url = ""});
    CHECK_OK(brio_test_client_open(&client, app));
    CHECK_OK(brio_test_client_send(client, &(brio_test_request){.url = "/docs/init.js"}, &got));
    if (got.status == 404)
        test_skip("built without the pages");
    CHECK(brio_str_find(got.body, BRIO_S("\"deepLinking\": false,")) >= 0);
    CHECK(brio_str_find(got.body, BRIO_S("\"layout\": \"BaseLayout\",")) >= 0);
    CHECK(brio_str_find(got.body, BRIO_S("</script>")) < 0);
    CHECK(brio_str_find(got.body, BRIO_S("oauth2RedirectUrl")) < 0);
    CHECK(brio_str_find(got.body, BRIO_S("ui.initOAuth({\"clientId\":\"c\"});")) >= 0);
    CHECK_OK(
        brio_test_client_send(client, &(brio_test_request){.url = "/docs/oauth2-redirect"}, &got));
    CHECK_INT(got.status, 404);
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(app);
}

/* ---- Callbacks and webhooks ------------------------------------------------------ */

typedef struct Event {
    bool paid;
} Event;
BRIO_MODEL(Event, BRIO_FIELD(paid));

TEST(what_others_serve_is_described)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app *app = brio_app_new(NULL);
    brio_router *callbacks = brio_router_new(app, NULL);
    BRIO_DESCRIBE(callbacks, "POST", "{$request.query.url}/paid", paid, Event, brio_none);
    BRIO_DESCRIBE(brio_app_webhooks(app), "PUT", "new-event", new_event, Event, brio_none,
                  .summary = "S");
    BRIO_GET(app, "/", root, brio_none, brio_json, .callbacks = callbacks);
    brio_json document = document_of(app, &arena);
    const brio_json *hooks = brio_json_get(&document, BRIO_S("webhooks"));
    const brio_json *hook = brio_json_get(brio_json_get(hooks, BRIO_S("new-event")), BRIO_S("put"));
    check_member(hook, "operationId", "\"new_eventnew_event_put\"");
    check_member(hook, "summary", "\"S\"");
    const brio_json *get = brio_json_get(
        brio_json_get(brio_json_get(&document, BRIO_S("paths")), BRIO_S("/")), BRIO_S("get"));
    const brio_json *paid = brio_json_get(brio_json_get(get, BRIO_S("callbacks")), BRIO_S("paid"));
    const brio_json *item = brio_json_get(paid, BRIO_S("{$request.query.url}/paid"));
    check_member(brio_json_get(item, BRIO_S("post")), "operationId",
                 "\"paid__request_query_url__paid_post\"");
    const brio_json *schemas =
        brio_json_get(brio_json_get(&document, BRIO_S("components")), BRIO_S("schemas"));
    CHECK(brio_json_get(schemas, BRIO_S("Event")));
    CHECK(brio_json_get(schemas, BRIO_S("HTTPValidationError")));
    brio_app_free(app);
    brio_arena_fini(&arena);
}

static int take_event(brio_request *req, const Event *in, Event *out)
{
    (void)req;
    *out = *in;
    return 0;
}

static int post_without_type(bool lax)
{
    brio_test_client *client;
    brio_test_response got;
    brio_app *app = brio_app_new(&(brio_app_options){.lax_content_type = lax});
    BRIO_POST(app, "/", take_event, Event, Event);
    CHECK_OK(brio_test_client_open(&client, app));
    CHECK_OK(brio_test_client_send(
        client, &(brio_test_request){.method = "POST", .body = BRIO_S("{\"paid\":true}")}, &got));
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(app);
    return got.status;
}

TEST(a_body_without_a_type_is_json_if_the_app_says_so)
{
    CHECK_INT(post_without_type(false), 422);
    CHECK_INT(post_without_type(true), 200);
}
