/* SPDX-License-Identifier: MIT
 *
 * The pages: where they are, what they refer to, that nothing in them comes
 * from elsewhere or can be taken for markup, and what browsers may keep. In
 * builds without Swagger UI and ReDoc the tests of those are skipped. */
#include "app/docs_internal.h"
#include "harness/test.h"

#include <stdio.h>

typedef struct Part {
    brio_str name;
} Part;
BRIO_MODEL(Part, BRIO_FIELD(name, .description = "<script>alert(1)</script>"));
BRIO_LIST_OF(Part);

typedef struct FindIn {
    int64_t id;
    brio_str *q;
    brio_str quiet;
    Part part;
} FindIn;
BRIO_MODEL(FindIn, BRIO_PATH(id, .ge = BRIO_NUM(1)), BRIO_QUERY(q),
           BRIO_QUERY(quiet, .def = "\"\"", .hidden = true), BRIO_BODY(part, Part));

static int find(brio_request *req, const FindIn *in, Part_list *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static int gone(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static const brio_test_response *get_with(brio_test_client *client, const char *url,
                                          const char *headers)
{
    static brio_test_response response;
    CHECK_OK(brio_test_client_send(client, &(brio_test_request){.url = url, .headers = headers},
                                   &response));
    return &response;
}

static const brio_test_response *get(brio_test_client *client, const char *url)
{
    return get_with(client, url, NULL);
}

static brio_test_client *open_client(brio_app *app)
{
    brio_test_client *client;
    CHECK_OK(brio_test_client_open(&client, app));
    return client;
}

static void done(brio_test_client *client, brio_app *app)
{
    CHECK_OK(brio_test_client_close(client));
    brio_app_free(app);
}

static bool has(brio_str text, const char *part)
{
    return brio_str_find(text, brio_str_from(part)) >= 0;
}

static bool embedded(void)
{
    brio_app *app = brio_app_new(NULL);
    brio_test_client *client = open_client(app);
    bool there = get(client, "/docs/swagger-ui-bundle.js")->status == 200;
    done(client, app);
    return there;
}

static void need_embedded(void)
{
    if (!embedded())
        test_skip("this build has no Swagger UI");
}

BRIO_OAUTH2_CODE(login, "https://login.example/authorize", "https://Login.example:8443/token",
                 .refresh_url = "https://again.example/refresh?a=;b");
BRIO_OAUTH2_PASSWORD(own, "token", .name = "Own");

typedef struct WithToken {
    brio_str token, own;
} WithToken;
BRIO_MODEL(WithToken, BRIO_DEPENDS(token, login), BRIO_DEPENDS(own, own));

static int with_token(brio_request *req, const WithToken *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

/* ---- The document ---------------------------------------------------------------- */

TEST(docs_serve_the_document)
{
    brio_app *app = brio_app_new(NULL);
    brio_test_client *client = open_client(app);
    const brio_test_response *r = get(client, "/openapi.json");
    CHECK_INT(r->status, 200);
    CHECK_STR(brio_test_header(r, BRIO_S("content-type")), "application/json");
    CHECK_STR(r->body, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"FastAPI\","
                       "\"version\":\"0.1.0\"},\"paths\":{}}");
    brio_test_response head;
    CHECK_OK(brio_test_client_send(
        client, &(brio_test_request){.method = "HEAD", .url = "/openapi.json"}, &head));
    CHECK_INT(head.status, 200);
    CHECK_STR(brio_test_header(&head, BRIO_S("content-length")), "75");
    CHECK_INT(head.body.len, 0);
    done(client, app);
}

TEST(docs_document_is_made_anew_when_the_app_changes)
{
    brio_app *app = brio_app_new(NULL);
    brio_test_client *client = open_client(app);
    CHECK(!has(get(client, "/openapi.json")->body, "/gone"));
    BRIO_GET(app, "/gone", gone, brio_none, brio_none);
    CHECK(has(get(client, "/openapi.json")->body, "\"/gone\""));
    CHECK(!has(get(client, "/openapi.json")->body, "servers"));
    brio_app_set_root_path(app, "/below/");
    CHECK(has(get(client, "/openapi.json")->body, "\"servers\":[{\"url\":\"/below\"}]"));
    done(client, app);
}

static const brio_model *rival_model(void)
{
    static const brio_field rows[] = {{.name = "other", .size = 8, .kind = BRIO_KIND_I64}};
    static brio_model rival = {
        .name = "Part", .kind = BRIO_KIND_STRUCT, .size = 8, .fields = rows, .n = 1};
    return &rival;
}

TEST(docs_of_an_app_that_cannot_be_documented_are_500)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_PUT(app, "/parts/{id}", find, FindIn, Part_list);
    brio_app_add(app, &(brio_route){.method = "GET",
                                    .path = "/rival",
                                    .name = "gone",
                                    .handler = (brio_handler_fn *)gone,
                                    .in = brio_none_model,
                                    .out = rival_model});
    brio_app_docs_add_plain(app, "/plain");
    brio_test_client *client = open_client(app);
    for (int i = 0; i < 2; i++)
        CHECK_INT(get(client, "/openapi.json")->status, 500);
    CHECK_INT(get(client, "/plain")->status, 500);
    done(client, app);
}

/* ---- Where they are ----------------------------------------------------------------- */

TEST(docs_win_over_routes_and_take_only_get_and_head)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/docs", gone, brio_none, brio_none);
    brio_test_client *client = open_client(app);
    CHECK_STR(brio_test_header(get(client, "/docs"), BRIO_S("content-type")),
              "text/html; charset=utf-8");
    brio_test_response r;
    CHECK_OK(
        brio_test_client_send(client, &(brio_test_request){.method = "POST", .url = "/redoc"}, &r));
    CHECK_INT(r.status, 405);
    done(client, app);
}

static void check_off(const brio_app_options *options, const char *on)
{
    static const char *const urls[] = {"/openapi.json",
                                       "/docs",
                                       "/docs/init.js",
                                       "/docs/swagger-ui.css",
                                       "/docs/plain.css",
                                       "/redoc",
                                       "/redoc/redoc.standalone.js",
                                       "/redoc/plain.css",
                                       "/docs/oauth2-redirect"};
    brio_app *app = brio_app_new(options);
    brio_test_client *client = open_client(app);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (!*on || strncmp(urls[i], on, strlen(on)) != 0)
            CHECK_INT(get(client, urls[i])->status, 404);
    if (*on)
        CHECK_INT(get(client, on)->status, 200);
    done(client, app);
}

TEST(docs_can_be_turned_off)
{
    check_off(&(brio_app_options){.openapi_url = ""}, "");
    check_off(&(brio_app_options){.docs_url = "", .openapi_url = "/o"}, "/redoc");
    check_off(&(brio_app_options){.redoc_url = "", .openapi_url = "/o"}, "/docs");
}

/* Fetches all that the page refers to; returns how many. */
static int check_links(brio_test_client *client, brio_str page)
{
    static const char *const attributes[] = {"src=\"", "href=\"", "spec-url=\""};
    int n = 0;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        brio_str rest = page, mark = brio_str_from(attributes[i]);
        for (ptrdiff_t at; (at = brio_str_find(rest, mark)) >= 0;) {
            rest = brio_str_slice(rest, (size_t)at + mark.len, SIZE_MAX);
            char url[256];
            CHECK(snprintf(url, sizeof url, "%.*s", BRIO_ARG(brio_str_cut(rest, '"').head)) > 0);
            CHECK(url[0] == '/' || url[0] == '#');
            if (url[0] == '#')
                continue;
            CHECK_INT(get(client, url)->status, 200);
            n++;
        }
    }
    return n;
}

/* No script but those of a file; nothing from elsewhere. */
static void check_strict(const brio_test_response *r)
{
    brio_str policy = brio_test_header(r, BRIO_S("content-security-policy")), rest = r->body;
    CHECK(brio_str_starts(policy, BRIO_S("default-src 'none'; ")));
    CHECK(!has(policy, "script-src 'self' 'unsafe"));
    CHECK(!has(r->body, "http:"));
    CHECK(!has(r->body, "https:"));
    for (ptrdiff_t at; (at = brio_str_find(rest, BRIO_S("<script"))) >= 0;) {
        rest = brio_str_slice(rest, (size_t)at + 7, SIZE_MAX);
        CHECK(brio_str_starts(rest, BRIO_S(" src=\"/")));
    }
}

static void check_pages(const brio_app_options *options, const char *docs, const char *redoc)
{
    brio_app *app = brio_app_new(options);
    BRIO_PUT(app, "/parts/{id}", find, FindIn, Part_list);
    brio_test_client *client = open_client(app);
    const char *urls[] = {docs, redoc};
    for (size_t i = 0; i < 2; i++) {
        brio_test_response page = *get(client, urls[i]);
        CHECK_INT(page.status, 200);
        check_strict(&page);
        CHECK(check_links(client, page.body) >= 2);
    }
    done(client, app);
}

TEST(docs_refer_only_to_what_is_there)
{
    check_pages(NULL, "/docs", "/redoc");
    check_pages(&(brio_app_options){.docs_url = "/", .redoc_url = "/api/docs/"}, "/", "/api/docs/");
    check_pages(&(brio_app_options){.root_path = "/v1/"}, "/docs", "/v1/redoc");
    check_pages(&(brio_app_options){.openapi_url = "/a/b.json", .docs_url = "/d"}, "/d", "/redoc");
}

/* ---- Swagger UI and ReDoc ------------------------------------------------------------ */

TEST(docs_start_swagger_ui_as_fastapi_does)
{
    need_embedded();
    brio_app *app = brio_app_new(&(brio_app_options){.title = "Shop", .root_path = "/v1"});
    brio_test_client *client = open_client(app);
    const brio_test_response *docs = get(client, "/docs");
    brio_str page = docs->body;
    CHECK(!has(brio_test_header(docs, BRIO_S("content-security-policy")), "unsafe"));
    CHECK(has(page, "<title>Shop - Swagger UI</title>"));
    CHECK(has(page, "<div id=\"swagger-ui\">"));
    CHECK(has(page, "<script src=\"/v1/docs/swagger-ui-bundle.js\"></script>"));
    const brio_test_response *init = get(client, "/docs/init.js");
    CHECK_STR(brio_test_header(init, BRIO_S("content-type")), "text/javascript; charset=utf-8");
    CHECK(has(init->body, "url: \"/v1/openapi.json\","));
    CHECK(has(init->body, "window.location.origin + \"/v1/docs/oauth2-redirect\","));
    CHECK(has(init->body, "\"layout\": \"BaseLayout\","));
    page = get(client, "/redoc")->body;
    CHECK(has(page, "<title>Shop - ReDoc</title>"));
    CHECK(has(page, "<redoc spec-url=\"/v1/openapi.json\">"));
    done(client, app);
}

TEST(docs_redirect_page_is_where_fastapi_has_it)
{
    need_embedded();
    brio_app *app = brio_app_new(&(brio_app_options){.docs_url = "/d", .root_path = "/v1"});
    brio_test_client *client = open_client(app);
    brio_test_response page = *get(client, "/docs/oauth2-redirect");
    CHECK_INT(page.status, 200);
    check_strict(&page);
    CHECK_INT(check_links(client, page.body), 1);
    CHECK(has(get(client, "/d/oauth2-redirect.js")->body, "swaggerUIRedirectOauth2"));
    done(client, app);
}

TEST(docs_texts_cannot_become_markup)
{
    need_embedded();
    brio_app *app = brio_app_new(&(brio_app_options){.title = "</title><script>'\"&",
                                                     .openapi_url = "/\"o'&</script><!--\\.json"});
    brio_test_client *client = open_client(app);
    static const char *const urls[] = {"/docs", "/redoc"};
    for (size_t i = 0; i < 2; i++) {
        const brio_test_response *page = get(client, urls[i]);
        check_strict(page);
        CHECK(has(page->body, "<title>&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp; - "));
        CHECK(has(page->body, "\"/&quot;o&#39;&amp;&lt;/script&gt;&lt;!--\\.json\""));
    }
    CHECK(has(get(client, "/docs/init.js")->body,
              "url: \"/\\\"o'\\u0026\\u003c/script\\u003e\\u003c!--\\\\.json\","));
    done(client, app);
}

static void check_tag(brio_test_client *client, const char *format, brio_str tag, int status)
{
    char header[128];
    brio_buf buf = brio_buf_over(header, sizeof header - 1);
    brio_buf_add(&buf, BRIO_S("If-None-Match: "));
    brio_str_pair around = brio_str_cut(brio_str_from(format), '@');
    brio_buf_add(&buf, around.head);
    brio_buf_add(&buf, around.found ? tag : BRIO_S(""));
    brio_buf_add(&buf, around.tail);
    brio_buf_add(&buf, BRIO_S("\r\n"));
    header[buf.len] = '\0';
    const brio_test_response *r = get_with(client, "/docs/swagger-ui.css", header);
    CHECK_INT(r->status, status);
    CHECK_INT(r->body.len == 0, status == 304);
    test_check_str(__FILE__, __LINE__, header, brio_test_header(r, BRIO_S("etag")), tag);
    CHECK_STR(brio_test_header(r, BRIO_S("cache-control")), "no-cache");
}

TEST(docs_files_are_fetched_once)
{
    need_embedded();
    brio_app *app = brio_app_new(NULL);
    brio_test_client *client = open_client(app);
    const brio_test_response *r = get(client, "/docs/swagger-ui.css");
    CHECK_STR(brio_test_header(r, BRIO_S("content-type")), "text/css; charset=utf-8");
    CHECK_STR(brio_test_header(r, BRIO_S("x-content-type-options")), "nosniff");
    brio_str tag = brio_test_header(r, BRIO_S("etag"));
    CHECK_INT(tag.len, 18);
    CHECK(has(r->body, ".swagger-ui"));
    check_tag(client, "@", tag, 304);
    check_tag(client, "W/@", tag, 304);
    check_tag(client, "\"a\", W/\"b\" , @, \"c\"", tag, 304);
    check_tag(client, "*", tag, 304);
    check_tag(client, "\"0000000000000000\"", tag, 200);
    check_tag(client, "", tag, 200);
    brio_str other = brio_test_header(get(client, "/docs/swagger-ui-bundle.js"), BRIO_S("etag"));
    CHECK(!brio_str_eq(other, tag));
    CHECK(brio_str_starts(get(client, "/redoc/favicon-32x32.png")->body, BRIO_S("\x89PNG")));
    done(client, app);
}

TEST(docs_files_are_not_copied)
{
    need_embedded();
    brio_app *app = brio_app_new(NULL);
    brio_arena arena;
    brio_arena_init(&arena, 64 * 1024);
    const brio_http_request http = {.path = BRIO_S("/docs/swagger-ui-bundle.js")};
    brio_request req = {.app = app, .arena = &arena, .http = &http};
    brio_str body = {0};
    for (req.route = app->routes; !body.len; req.route = req.route->next) {
        if (!brio_str_eq(req.route->path.text, http.path))
            continue;
        brio_http_response answer = {.status = 200};
        CHECK_OK(req.route->page(&req, &answer));
        body = answer.body;
    }
    CHECK(body.len > 1024 * 1024); /* 16 times what the arena may hold */
    brio_arena_fini(&arena);
    CHECK(has(brio_str_slice(body, 0, 4096), "SwaggerUIBundle"));
    brio_app_free(app);
}

/* ---- Plain HTML ------------------------------------------------------------------------ */

TEST(docs_in_plain_html_show_everything)
{
    brio_app *app = brio_app_new(&(brio_app_options){
        .title = "<b>", .version = "2&3", .description = "A < B\n\nC", .root_path = "/v1"});
    BRIO_PUT(app, "/parts/{id}", find, FindIn, Part_list, .summary = "Find <it>", .tags = "a<,b",
             .description = "Really \"do\".", .deprecated = true);
    BRIO_DELETE(app, "/gone", gone, brio_none, brio_none, .status = 204);
    BRIO_GET(app, "/secret", gone, brio_none, brio_none, .hidden = true);
    brio_app_docs_add_plain(app, "/plain");
    brio_test_client *client = open_client(app);
    brio_test_response page = *get(client, "/plain");
    CHECK_INT(page.status, 200);
    check_strict(&page);
    CHECK_INT(check_links(client, page.body), 2);
    static const char *const parts[] = {
        "<title>&lt;b&gt; - API</title>",
        "2&amp;3",
        "A &lt; B\n\nC",
        "href=\"/v1/openapi.json\"",
        "<h3><b>PUT</b> <code>/parts/{id}</code></h3>",
        "Find &lt;it&gt; <i>deprecated</i> <small>a&lt;</small> <small>b</small>",
        "Really &quot;do&quot;.",
        "<td><code>id</code></td><td>path, required</td><td><code>{&quot;type&quot;:"
        "&quot;integer&quot;,&quot;minimum&quot;:1",
        "<td><code>q</code></td><td>query</td>",
        "<td>body</td><td>required</td><td><code>{&quot;$ref&quot;:&quot;<a "
        "href=\"#schema-Part\">Part</a>&quot;}</code>",
        "<td>answer</td><td>200</td><td>application/json <code>{&quot;items&quot;:",
        "<td>answer</td><td>204</td><td></td>",
        "<section id=\"schema-Part\">",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!has(page.body, parts[i]))
            test_fail(__FILE__, __LINE__, "no %s in %.*s", parts[i], BRIO_ARG(page.body));
    CHECK(!has(page.body, "secret"));
    CHECK(!has(page.body, "quiet"));
    done(client, app);
}

TEST(docs_in_plain_html_of_an_empty_app)
{
    brio_app *app = brio_app_new(NULL);
    brio_app_docs_add_plain(app, "/plain/");
    brio_test_client *client = open_client(app);
    CHECK(!has(get(client, "/plain/")->body, "Schemas"));
    CHECK_STR(brio_test_header(get(client, "/plain/plain.css"), BRIO_S("content-type")),
              "text/css; charset=utf-8");
    done(client, app);
}

/* Swagger UI asks these itself; nothing of the document becomes a directive. */
TEST(docs_policy_names_whom_the_document_names)
{
    need_embedded();
    brio_app *app = brio_app_new(&(brio_app_options){
        .servers = BRIO_JSON_TEXT([
            {"url": "/here"}, {"url": "http://api.example/v1"}, {"url": "http://api.example/v2"},
            {"url": "javascript:alert(1)"}, {"url": "http://x; script-src *"}
        ])});
    BRIO_GET(app, "/", with_token, WithToken, brio_none);
    brio_test_client *client = open_client(app);
    brio_str policy = brio_test_header(get(client, "/docs"), BRIO_S("content-security-policy"));
    CHECK(has(policy, "; connect-src 'self' http://api.example https://login.example:8443 "
                      "https://again.example"));
    CHECK(brio_str_ends(policy, BRIO_S("https://again.example")));
    policy = brio_test_header(get(client, "/redoc"), BRIO_S("content-security-policy"));
    CHECK(brio_str_ends(policy, BRIO_S("connect-src 'self'")));
    done(client, app);
}
