/* SPDX-License-Identifier: MIT
 *
 * The test client as a client: cookies, redirects, queries, forms, files, and
 * what its options change about every request. */
#include "client.h"

#include <brio/http.h>
#include <brio/task.h>

#include <errno.h>

/* ---- An app that tells what it gets ------------------------------------------------- */

typedef struct Tell {
    brio_str *cookie, *authorization, *agent, *q;
} Tell;
BRIO_MODEL(Tell, BRIO_HEADER(cookie), BRIO_HEADER(authorization),
           BRIO_HEADER(agent, .alias = "user-agent"), BRIO_QUERY(q));

static brio_str or_none(const brio_str *s)
{
    return s ? *s : BRIO_S("-");
}

static int tell(brio_request *req, const Tell *in, brio_text *out)
{
    const brio_http_request *http = brio_request_http(req);
    uint16_t port;
    brio_str host = brio_request_client(req, &port);
    out->text = brio_printf(
        brio_request_arena(req), "%.*s %.*s|%.*s:%d|cookie %.*s|auth %.*s|agent %.*s|q %.*s|%.*s",
        BRIO_ARG(http->method_text), BRIO_ARG(http->host), BRIO_ARG(host), port,
        BRIO_ARG(or_none(in->cookie)), BRIO_ARG(or_none(in->authorization)),
        BRIO_ARG(or_none(in->agent)), BRIO_ARG(or_none(in->q)), BRIO_ARG(http->body));
    return 0;
}

typedef struct Jump {
    int status;
    brio_str to;
} Jump;
BRIO_MODEL(Jump, BRIO_QUERY(status), BRIO_QUERY(to));

static int jump(brio_request *req, const Jump *in, brio_none *out)
{
    (void)out;
    return brio_answer_redirect(req, in->status, in->to);
}

typedef struct Bake {
    brio_str header;
} Bake;
BRIO_MODEL(Bake, BRIO_QUERY(header));

static int bake(brio_request *req, const Bake *in, brio_text *out)
{
    out->text = BRIO_S("baked");
    return brio_respond_header(req, BRIO_S("set-cookie"), in->header);
}

static int root_path(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_url_for(req, "tell", NULL);
    return 0;
}

typedef struct Order {
    brio_str name;
    int64_t n;
} Order;
BRIO_MODEL(Order, BRIO_FORM(name), BRIO_FORM(n));

static int order(brio_request *req, const Order *in, brio_text *out)
{
    out->text =
        brio_printf(brio_request_arena(req), "%.*s x%lld", BRIO_ARG(in->name), (long long)in->n);
    return 0;
}

typedef struct Send {
    brio_str note;
    brio_upload file;
} Send;
BRIO_MODEL(Send, BRIO_FORM(note), BRIO_FILE(file, brio_upload));

static int take_file(brio_request *req, const Send *in, brio_text *out)
{
    brio_str bytes;
    int rc = brio_upload_read_all(&in->file, &bytes);
    out->text =
        brio_printf(brio_request_arena(req), "%.*s|%.*s|%.*s|%.*s", BRIO_ARG(in->note),
                    BRIO_ARG(in->file.filename), BRIO_ARG(in->file.content_type), BRIO_ARG(bytes));
    return rc < 0 ? rc : 0;
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    for (size_t i = 0; i < 4; i++) {
        BRIO_ROUTE(app, methods[i], "/tell", tell, Tell, brio_text);
        BRIO_ROUTE(app, methods[i], "/a/b/tell", tell, Tell, brio_text);
        BRIO_ROUTE(app, methods[i], "/jump", jump, Jump, brio_none);
    }
    BRIO_GET(app, "/a/b/jump", jump, Jump, brio_none);
    BRIO_GET(app, "/bake", bake, Bake, brio_text);
    BRIO_GET(app, "/a/bake", bake, Bake, brio_text);
    BRIO_GET(app, "/where", root_path, brio_none, brio_text);
    BRIO_POST(app, "/order", order, Order, brio_text);
    BRIO_POST(app, "/file", take_file, Send, brio_text);
    return app;
}

static void bakes(brio_test_client *client, const char *path, const char *header)
{
    brio_test_response r = client_send(
        client, (brio_test_request){.url = path, .query = BRIO_TEST_FIELDS({"header", header})});
    CHECK_ANSWER(r, 200, "baked");
}

/* What a GET of the path is told of cookies. */
static void check_cookies(brio_test_client *client, const char *path, const char *want)
{
    brio_test_response r = client_get(client, path);
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str piece = brio_printf(&arena, "|cookie %s|", want);
    if (brio_str_find(r.body, piece) < 0)
        test_fail(__FILE__, __LINE__, "%.*s, want %s", BRIO_ARG(r.body), want);
    brio_arena_fini(&arena);
}

/* ---- Cookies --------------------------------------------------------------------------- */

TEST(cookies_come_back_until_they_are_cleared)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    check_cookies(client, "/tell", "-");
    bakes(client, "/bake", "a=1");
    bakes(client, "/bake", "b=2; HttpOnly");
    check_cookies(client, "/tell", "a=1; b=2");
    bakes(client, "/bake", "a=3");
    check_cookies(client, "/tell", "b=2; a=3");
    CHECK_STR(brio_test_cookie(client, "a"), "3");
    CHECK_STR(brio_test_cookie(client, "c"), "");
    brio_test_cookie_set(client, "c", "own");
    check_cookies(client, "/tell", "b=2; a=3; c=own");
    brio_test_cookies_clear(client);
    check_cookies(client, "/tell", "-");
    client_close(client, app);
}

TEST(cookies_have_a_path_and_a_host)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    bakes(client, "/a/bake", "folder=1");
    bakes(client, "/bake", "deep=2; Path=/a/b");
    bakes(client, "/bake", "wide=3; Path=/");
    bakes(client, "/bake", "alien=4; Domain=example.com");
    check_cookies(client, "/tell", "wide=3");
    check_cookies(client, "/a/b/tell", "deep=2; folder=1; wide=3");
    check_cookies(client, "http://other/tell", "-");
    CHECK_STR(brio_test_cookie(client, "alien"), "");
    client_close(client, app);
    app = make_app();
    client = client_open_with(app, (brio_test_options){.base_url = "http://www.example.com:8080"});
    bakes(client, "/bake", "ours=1; Domain=.example.com");
    bakes(client, "/bake", "mine=2");
    check_cookies(client, "http://api.example.com/tell", "ours=1");
    check_cookies(client, "http://badexample.com/tell", "-");
    check_cookies(client, "/tell", "ours=1; mine=2");
    client_close(client, app);
}

TEST(cookies_expire_in_virtual_time)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    bakes(client, "/bake", "brief=1; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT");
    bakes(client, "/bake", "dated=2; Expires=Sat, 01 Jan 2000 00:02:00 GMT");
    bakes(client, "/bake", "dead=3; Max-Age=0");
    check_cookies(client, "/tell", "brief=1; dated=2");
    CHECK_OK(brio_test_client_sleep(client, BRIO_SEC(61)));
    check_cookies(client, "/tell", "dated=2");
    CHECK_OK(brio_test_client_sleep(client, BRIO_SEC(61)));
    check_cookies(client, "/tell", "-");
    bakes(client, "/bake", "gone=1");
    bakes(client, "/bake", "gone=; Max-Age=-1");
    check_cookies(client, "/tell", "-");
    client_close(client, app);
}

TEST(secure_cookies_go_by_https_only)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    bakes(client, "/bake", "s=1; Secure");
    check_cookies(client, "/tell", "-");
    check_cookies(client, "https://testserver/tell", "s=1");
    client_close(client, app);
}

TEST(a_requests_own_cookies)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    bakes(client, "/bake", "a=1");
    bakes(client, "/bake", "b=2");
    brio_test_response r =
        client_send(client, (brio_test_request){.url = "/tell", .cookies = "a=mine"});
    CHECK(brio_str_find(r.body, BRIO_S("|cookie b=2; a=mine|")) > 0);
    r = client_send(client, (brio_test_request){.url = "/tell", .headers = "Cookie: x=y\r\n"});
    CHECK(brio_str_find(r.body, BRIO_S("|cookie x=y|")) > 0);
    check_cookies(client, "/tell", "a=1; b=2");
    client_close(client, app);
}

/* ---- Redirects ---------------------------------------------------------------------------- */

static brio_test_response jumps(brio_test_client *client, const char *method, const char *status,
                                const char *to)
{
    return client_send(
        client, (brio_test_request){.method = method,
                                    .url = "/jump",
                                    .query = BRIO_TEST_FIELDS({"status", status}, {"to", to}),
                                    .headers = "authorization: secret\r\n"
                                               "content-type: text/plain\r\n",
                                    .body = BRIO_S("body")});
}

TEST(redirects_are_followed_by_the_rules_of_browsers)
{
    static const struct {
        const char *method, *status, *want;
    } cases[] = {
        {"POST", "301", "GET testserver"}, {"PUT", "301", "PUT testserver"},
        {"POST", "302", "GET testserver"}, {"DELETE", "302", "GET testserver"},
        {"PUT", "303", "GET testserver"},  {"POST", "307", "POST testserver"},
        {"PUT", "308", "PUT testserver"},  {"GET", "302", "GET testserver"},
    };
    brio_app *app = make_app();
    brio_test_client *client = client_open_with(app, (brio_test_options){0});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        brio_test_response r = jumps(client, cases[i].method, cases[i].status, "/tell");
        CHECK_INT(r.status, 200);
        CHECK_INT(r.redirects, 1);
        CHECK_STR(r.url, "http://testserver/tell");
        CHECK(brio_str_starts(r.body, brio_str_from(cases[i].want)));
        bool as_sent = strncmp(cases[i].method, cases[i].want, 3) == 0;
        CHECK(brio_str_ends(r.body, BRIO_S("|body")) == as_sent);
        CHECK(brio_str_find(r.body, BRIO_S("|auth secret|")) > 0);
    }
    client_close(client, app);
}

TEST(redirects_may_be_relative_or_lead_to_another_host)
{
    static const struct {
        const char *to, *url;
    } cases[] = {
        {"tell", "http://testserver/a/b/tell"},
        {"./x/../tell?q=1#part", "http://testserver/a/b/tell?q=1"},
        {"../../tell", "http://testserver/tell"},
        {"//other/tell", "http://other/tell"},
        {"https://other:8443/tell?q=http://x", "https://other:8443/tell?q=http://x"},
    };
    brio_app *app = make_app();
    brio_test_client *client = client_open_with(app, (brio_test_options){0});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        brio_test_response r = client_send(
            client,
            (brio_test_request){.url = "/a/b/jump",
                                .query = BRIO_TEST_FIELDS({"status", "307"}, {"to", cases[i].to}),
                                .headers = "authorization: secret\r\n"});
        CHECK_STR(r.url, cases[i].url);
        CHECK_INT(r.status, 200);
        bool foreign = strstr(cases[i].url, "other") != NULL;
        CHECK((brio_str_find(r.body, BRIO_S("|auth -|")) > 0) == foreign);
        CHECK((brio_str_find(r.body, BRIO_S("GET other")) >= 0) == foreign);
    }
    client_close(client, app);
}

TEST(redirects_have_an_end)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open_with(app, (brio_test_options){0});
    brio_test_response r;
    brio_test_request circle = {.url =
                                    "/jump?status=307&to=/jump%3Fstatus%3D307%26to%3D%2Fnowhere"};
    CHECK_OK(brio_test_client_send(client, &circle, &r));
    CHECK_INT(r.status, 404);
    CHECK_INT(r.redirects, 2);
    CHECK_INT(brio_test_client_send(
                  client, &(brio_test_request){.url = "/jump?status=307&to=ftp://files/a"}, &r),
              -EINVAL);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("ftp://files/a")) > 0);
    client_close(client, app);
}

static int round_and_round(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_answer_redirect(req, 307, BRIO_S("/round"));
}

TEST(a_circle_is_an_error)
{
    brio_app *app = make_app();
    BRIO_GET(app, "/round", round_and_round, brio_none, brio_none);
    brio_test_client *client = client_open_with(app, (brio_test_options){0});
    brio_test_response r[2];
    CHECK_INT(brio_test_client_send(client, &(brio_test_request){.url = "/round"}, r), -ELOOP);
    brio_test_request both[] = {{.url = "/round"}, {.url = "/tell"}};
    CHECK_INT(brio_test_client_send_all(client, both, 2, r), -ELOOP);
    CHECK_INT(client_get(client, "/tell").status, 200);
    client_close(client, app);
    app = make_app();
    client = client_open_with(app, (brio_test_options){.no_redirects = true});
    CHECK_INT(client_get(client, "/jump?status=307&to=/tell").status, 307);
    client_close(client, app);
}

TEST(cookies_of_a_redirect_are_sent_with_the_next_request)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open_with(app, (brio_test_options){0});
    brio_test_cookie_set(client, "a", "jar");
    brio_test_response r =
        client_send(client, (brio_test_request){.url = "/jump?status=303&to=/tell",
                                                .headers = "cookie: own=1\r\n"});
    CHECK(brio_str_find(r.body, BRIO_S("|cookie a=jar|")) > 0);
    client_close(client, app);
}

/* ---- Queries and bodies ---------------------------------------------------------------------- */

TEST(queries_are_encoded_and_joined)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_send(
        client, (brio_test_request){
                    .url = "/tell?x=1",
                    .query = BRIO_TEST_FIELDS({"q", "fish & chips=\xC3\xBC+"}, {"empty", NULL})});
    CHECK(brio_str_find(r.body, BRIO_S("|q fish & chips=\xC3\xBC+|")) > 0);
    CHECK_STR(r.url, "http://testserver/tell?x=1&q=fish%20%26%20chips%3D%C3%BC%2B&empty=");
    client_close(client, app);
}

TEST(forms_and_files)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open(app);
    brio_test_response r = client_send(
        client, (brio_test_request){.method = "POST",
                                    .url = "/order",
                                    .form = BRIO_TEST_FIELDS({"name", "a&b c"}, {"n", "2"})});
    CHECK_ANSWER(r, 200, "a&b c x2");
    r = client_send(
        client, (brio_test_request){
                    .method = "POST",
                    .url = "/file",
                    .form = BRIO_TEST_FIELDS({"note", "brio-test-boundary"}),
                    .files = BRIO_TEST_FILES({"file", "a \"b\".png", .data = BRIO_S("1\r\n--2")})});
    CHECK_ANSWER(r, 200, "brio-test-boundary|a %22b%22.png|image/png|1\r\n--2");
    r = client_send(client, (brio_test_request){
                                .method = "POST",
                                .url = "/file",
                                .files = BRIO_TEST_FILES({"note", .data = BRIO_S("as a part")},
                                                         {"file", "x", "text/x-own", BRIO_S("")})});
    CHECK_ANSWER(r, 200, "as a part|x|text/x-own|");
    client_close(client, app);
}

/* ---- Options ------------------------------------------------------------------------------------
 */

TEST(options_change_every_request)
{
    brio_app *app = make_app();
    brio_test_client *client =
        client_open_with(app, (brio_test_options){.base_url = "https://shop.example",
                                                  .client_host = "192.0.2.7",
                                                  .client_port = 99,
                                                  .headers = "authorization: all\r\n"
                                                             "user-agent: mine\r\n"});
    CHECK_ANSWER(client_get(client, "/tell"), 200,
                 "GET shop.example|192.0.2.7:99|cookie -|auth all|agent mine|q -|");
    brio_test_response r = client_send(
        client, (brio_test_request){.url = "/tell", .headers = "Authorization: this\r\n"});
    CHECK(brio_str_find(r.body, BRIO_S("|auth this|agent mine|")) > 0);
    CHECK_ANSWER(client_get(client, "/where"), 200, "https://shop.example/tell");
    client_close(client, app);
    brio_app *other = make_app();
    CHECK_INT(brio_test_client_open_with(&client, other,
                                         &(brio_test_options){.base_url = "shop.example"}),
              -EINVAL);
    CHECK(!client);
    brio_app_free(other);
}

TEST(a_root_path_lasts_as_long_as_the_client)
{
    brio_app *app = make_app();
    brio_test_client *client = client_open_with(app, (brio_test_options){.root_path = "/api"});
    CHECK_ANSWER(client_get(client, "/where"), 200, "http://testserver/api/tell");
    CHECK_INT(brio_test_client_close(client), 0);
    client = client_open(app);
    CHECK_ANSWER(client_get(client, "/where"), 200, "http://testserver/tell");
    client_close(client, app);
}
