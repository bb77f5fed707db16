/* SPDX-License-Identifier: MIT
 *
 * Sessions in cookies, and tokens against forged requests: what is kept, what is
 * refused, and what the cookies look like. */
#include "client.h"

#include <brio/crypt.h>
#include <brio/session.h>

#ifdef BRIO_WITH_OPENSSL

static const brio_str secrets[] = {BRIO_S_INIT("new-secret-new-secret-new-secret-"),
                                   BRIO_S_INIT("old-secret-old-secret-old-secret-")};

/* ---- An app that counts ------------------------------------------------------------- */

static int count(brio_request *req, const brio_none *in, int64_t *out)
{
    (void)in;
    const brio_json *n = brio_session_get(req, "n");
    *out = n ? n->integer + 1 : 1;
    return brio_session_set(req, "n", brio_json_from_int(*out));
}

static int look(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)in;
    *out = *brio_session_all(req);
    return 0;
}

static int plain(brio_request *req, const brio_none *in, int64_t *out)
{
    (void)req, (void)in;
    *out = 7;
    return 0;
}

static int clear(brio_request *req, const brio_none *in, int64_t *out)
{
    (void)in;
    *out = 0;
    brio_session_clear(req);
    return 0;
}

static int take(brio_request *req, const brio_none *in, int64_t *out)
{
    (void)in;
    *out = 0;
    CHECK_OK(brio_session_set(req, "other", brio_json_from_str(BRIO_S("x"))));
    brio_session_remove(req, "n");
    brio_session_remove(req, "nothing");
    return 0;
}

static int too_much(brio_request *req, const brio_none *in, int64_t *out)
{
    static char big[4000];
    (void)in;
    memset(big, 'x', sizeof big);
    CHECK_INT(brio_session_set(req, "n", brio_json_from_str((brio_str){big, sizeof big})),
              BRIO_ELIMIT);
    CHECK_INT(brio_session_set(req, "big", brio_json_from_str((brio_str){big, sizeof big})),
              BRIO_ELIMIT);
    CHECK_OK(brio_session_set(req, "big", brio_json_from_str((brio_str){big, 2000})));
    *out = (int64_t)brio_session_all(req)->n;
    return 0;
}

static brio_app *app_with(const brio_session_options *options)
{
    brio_app *app = brio_app_new(NULL);
    brio_use_session(app, options);
    BRIO_GET(app, "/count", count, brio_none, int64_t);
    BRIO_GET(app, "/look", look, brio_none, brio_json);
    BRIO_GET(app, "/plain", plain, brio_none, int64_t);
    BRIO_GET(app, "/clear", clear, brio_none, int64_t);
    BRIO_GET(app, "/take", take, brio_none, int64_t);
    BRIO_GET(app, "/big", too_much, brio_none, int64_t);
    return app;
}

static brio_arena arena; /* of the test's process */

__attribute__((constructor)) static void make_arena(void)
{
    brio_arena_init(&arena, 0);
}

/* The first cookie's name=value; empty if the answer sets none. */
static brio_str cookie_of(const brio_test_response *response)
{
    brio_str header = brio_test_header(response, BRIO_S("set-cookie"));
    return brio_str_copy(&arena, brio_str_cut(header, ';').head);
}

static brio_test_response get_with(brio_test_client *client, const char *url, brio_str cookie)
{
    brio_str headers = brio_printf(&arena, "Cookie: %.*s\r\n", BRIO_ARG(cookie));
    return client_send(client, (brio_test_request){.url = url, .headers = headers.ptr});
}

TEST(session_is_kept_by_the_client)
{
    for (int encrypted = 0; encrypted < 2; encrypted++) {
        brio_app *app = app_with(
            &(brio_session_options){.secrets = secrets, .n_secrets = 1, .encrypted = encrypted});
        brio_test_client *client = client_open(app);
        brio_test_response r = client_get(client, "/count");
        CHECK_ANSWER(r, 200, "1");
        for (int i = 2; i < 5; i++) {
            r = get_with(client, "/count", cookie_of(&r));
            CHECK_INT(r.json.integer, i);
        }
        CHECK_STR(brio_test_header(&r, BRIO_S("vary")), "Cookie");
        brio_str cookie = cookie_of(&r);
        r = get_with(client, "/look", cookie);
        CHECK_STR(r.body, "{\"n\":4}");
        CHECK_STR(cookie_of(&r), "");
        CHECK_STR(brio_test_header(&r, BRIO_S("vary")), "Cookie");
        r = get_with(client, "/plain", cookie);
        CHECK_STR(brio_test_header(&r, BRIO_S("vary")), "");
        r = get_with(client, "/take", cookie);
        r = get_with(client, "/look", cookie_of(&r));
        CHECK_STR(r.body, "{\"other\":\"x\"}");
        client_close(client, app);
    }
}

TEST(session_cookie_has_its_attributes)
{
    brio_app *app = app_with(&(brio_session_options){.secrets = secrets, .n_secrets = 1});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/count");
    brio_str header = brio_test_header(&r, BRIO_S("set-cookie"));
    CHECK(brio_str_starts(header, BRIO_S("session=")));
    CHECK(
        brio_str_ends(header, BRIO_S("; HttpOnly; Max-Age=1209600; Path=/; SameSite=lax; Secure")));
    client_close(client, app);
    app = app_with(&(brio_session_options){.secrets = secrets,
                                           .n_secrets = 1,
                                           .cookie = "sid",
                                           .path = "/a",
                                           .domain = "example.org",
                                           .same_site = "strict",
                                           .allow_http = true,
                                           .until_closed = true});
    client = client_open(app);
    r = client_get(client, "/count");
    header = brio_test_header(&r, BRIO_S("set-cookie"));
    CHECK(brio_str_starts(header, BRIO_S("sid=")));
    CHECK(
        brio_str_ends(header, BRIO_S("; Domain=example.org; HttpOnly; Path=/a; SameSite=strict")));
    client_close(client, app);
}

TEST(session_that_is_empty_is_deleted)
{
    brio_app *app = app_with(&(brio_session_options){.secrets = secrets, .n_secrets = 1});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/count");
    r = get_with(client, "/clear", cookie_of(&r));
    CHECK_STR(cookie_of(&r), "session=\"\"");
    CHECK(brio_str_find(brio_test_header(&r, BRIO_S("set-cookie")), BRIO_S("Max-Age=0")) > 0);
    r = client_get(client, "/clear");
    CHECK_STR(cookie_of(&r), "");
    client_close(client, app);
}

/* A cookie made as brio_use_session makes it, `ago` seconds ago. */
static brio_str forged(size_t secret, const char *json, int64_t ago)
{
    brio_str text;
    brio_seal seal = {.purpose = "session",
                      .secrets = &secrets[secret],
                      .n_secrets = 1,
                      .now = brio_clock_realtime() / BRIO_SEC(1) - ago};
    CHECK_OK(brio_seal_sign(&arena, &seal, brio_str_from(json), &text));
    return brio_printf(&arena, "session=%.*s", BRIO_ARG(text));
}

TEST(session_cookies_that_are_not_whole_are_none)
{
    brio_app *app = app_with(
        &(brio_session_options){.secrets = secrets, .n_secrets = 1, .max_age = BRIO_SEC(100)});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(get_with(client, "/look", forged(0, "{\"n\":4}", 0)), 200, "{\"n\":4}");
    CHECK_ANSWER(get_with(client, "/look", forged(0, "{\"n\":4}", 90)), 200, "{\"n\":4}");
    CHECK_ANSWER(get_with(client, "/look", forged(0, "{\"n\":4}", 111)), 200, "{}");
    CHECK_ANSWER(get_with(client, "/look", forged(1, "{\"n\":4}", 0)), 200, "{}");
    CHECK_ANSWER(get_with(client, "/look", forged(0, "[1]", 0)), 200, "{}");
    CHECK_ANSWER(get_with(client, "/look", forged(0, "{", 0)), 200, "{}");
    CHECK_ANSWER(get_with(client, "/look", BRIO_S("session=e30.x.y")), 200, "{}");
    CHECK_ANSWER(get_with(client, "/look", BRIO_S("session=")), 200, "{}");
    client_close(client, app);
}

TEST(session_secrets_rotate)
{
    brio_app *app = app_with(&(brio_session_options){.secrets = secrets, .n_secrets = 2});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(get_with(client, "/count", forged(1, "{\"n\":4}", 0)), 200, "5");
    client_close(client, app);
}

TEST(session_rolls_on)
{
    brio_app *app =
        app_with(&(brio_session_options){.secrets = secrets, .n_secrets = 1, .rolling = true});
    brio_test_client *client = client_open(app);
    brio_test_response r = get_with(client, "/plain", forged(0, "{\"n\":4}", 50));
    brio_str again = cookie_of(&r);
    CHECK(again.len > 0);
    CHECK_ANSWER(get_with(client, "/look", again), 200, "{\"n\":4}");
    r = client_get(client, "/plain");
    CHECK_STR(cookie_of(&r), "");
    client_close(client, app);
}

TEST(session_has_a_size)
{
    for (int encrypted = 0; encrypted < 2; encrypted++) {
        brio_app *app = app_with(
            &(brio_session_options){.secrets = secrets, .n_secrets = 1, .encrypted = encrypted});
        brio_test_client *client = client_open(app);
        brio_test_response r =
            get_with(client, "/big", encrypted ? BRIO_S("a=b") : forged(0, "{\"n\":4}", 0));
        CHECK_INT(r.json.integer, encrypted ? 1 : 2);
        r = get_with(client, "/look", cookie_of(&r));
        CHECK(brio_json_get(&r.json, BRIO_S("big"))->str.len == 2000);
        client_close(client, app);
    }
}

/* ---- Forged requests ------------------------------------------------------------------ */

static int form_field(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_csrf_field(req);
    return 0;
}

typedef struct Note {
    brio_str text;
} Note;
BRIO_MODEL(Note, BRIO_FORM(text));

static int save(brio_request *req, const Note *in, brio_text *out)
{
    (void)req;
    out->text = in->text;
    return 0;
}

static brio_str who(brio_request *req)
{
    return brio_request_header(req, BRIO_S("x-who"));
}

static brio_app *guarded_app(brio_csrf_options options)
{
    brio_app *app = brio_app_new(NULL);
    options.secrets = secrets;
    options.n_secrets = 2;
    brio_use_csrf(app, &options);
    BRIO_GET(app, "/form", form_field, brio_none, brio_text);
    BRIO_GET(app, "/do", plain, brio_none, int64_t);
    BRIO_POST(app, "/do", plain, brio_none, int64_t);
    BRIO_POST(app, "/hooks/pay", plain, brio_none, int64_t);
    BRIO_POST(app, "/notes", save, Note, brio_text);
    BRIO_DELETE(app, "/do", plain, brio_none, int64_t);
    return app;
}

static int post(brio_test_client *client, const char *url, brio_str headers, const char *form)
{
    if (form)
        headers = brio_printf(
            &arena, "%.*sContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n",
            BRIO_ARG(headers));
    return client_send(client, (brio_test_request){.method = "POST",
                                                   .url = url,
                                                   .headers = headers.ptr,
                                                   .body = brio_str_from(form)})
        .status;
}

TEST(csrf_double_submit)
{
    brio_app *app = guarded_app((brio_csrf_options){0});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/do");
    brio_str cookie = cookie_of(&r), token = brio_str_cut(cookie, '=').tail;
    CHECK(brio_str_ends(brio_test_header(&r, BRIO_S("set-cookie")),
                        BRIO_S("; Max-Age=86400; Path=/; SameSite=lax; Secure")));
    brio_str both = brio_printf(&arena, "Cookie: %.*s\r\nX-CSRF-Token: %.*s\r\n", BRIO_ARG(cookie),
                                BRIO_ARG(token));
    brio_str only = brio_printf(&arena, "Cookie: %.*s\r\n", BRIO_ARG(cookie));
    CHECK_INT(post(client, "/do", both, NULL), 200);
    CHECK_INT(post(client, "/do", only, NULL), 403);
    CHECK_INT(post(client, "/do", BRIO_S(""), NULL), 403);
    CHECK_INT(
        post(client, "/do", brio_printf(&arena, "X-CSRF-Token: %.*s\r\n", BRIO_ARG(token)), NULL),
        403);
    CHECK_INT(post(client, "/do", BRIO_S("Cookie: csrftoken=x\r\nX-CSRF-Token: x\r\n"), NULL), 403);
    CHECK_INT(post(client, "/do", BRIO_S("Cookie: csrftoken=\r\nX-CSRF-Token: \r\n"), NULL), 403);
    CHECK_INT(
        post(client, "/do", only, brio_printf(&arena, "a=1&csrf_token=%.*s", BRIO_ARG(token)).ptr),
        200);
    CHECK_INT(post(client, "/do", only, "a=1&csrf_token=x"), 403);
    CHECK_INT(post(client, "/nowhere", only, NULL), 403);
    r = client_send(client,
                    (brio_test_request){.method = "DELETE", .url = "/do", .headers = only.ptr});
    CHECK_ANSWER(r, 403, "{\"detail\":\"CSRF token missing or incorrect\"}");
    r = client_send(client, (brio_test_request){.url = "/form", .headers = only.ptr});
    CHECK(brio_str_eq(r.body, token));
    CHECK_STR(cookie_of(&r), "");
    r = client_get(client, "/form");
    CHECK(brio_str_eq(brio_str_cut(cookie_of(&r), '=').tail, r.body));
    client_close(client, app);
}

/* A form of one text and, if `field` is one, a token. */
static brio_test_response post_parts(brio_test_client *client, const char *url, brio_str cookie,
                                     const char *field, brio_str token)
{
    static const char head[] = "--x\r\nContent-Disposition: form-data; name=";
    brio_str body = brio_printf(&arena, "%s\"%s\"\r\n\r\n%.*s\r\n%stext\r\n\r\nhello\r\n--x--\r\n",
                                head, field, BRIO_ARG(token), head);
    brio_str headers =
        brio_printf(&arena, "Cookie: %.*s\r\nContent-Type: multipart/form-data; boundary=x\r\n",
                    BRIO_ARG(cookie));
    return client_send(client, (brio_test_request){.method = "POST",
                                                   .url = url,
                                                   .headers = brio_cstr(&arena, headers),
                                                   .body = body});
}

TEST(csrf_in_a_multipart_form)
{
    brio_app *app = guarded_app((brio_csrf_options){0});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/do");
    brio_str cookie = cookie_of(&r), token = brio_str_cut(cookie, '=').tail;
    CHECK_ANSWER(post_parts(client, "/notes", cookie, "csrf_token", token), 200, "hello");
    CHECK_INT(post_parts(client, "/notes", cookie, "csrf_token", BRIO_S("x")).status, 403);
    CHECK_INT(post_parts(client, "/notes", cookie, "other", token).status, 403);
    CHECK_INT(post_parts(client, "/notes", BRIO_S("a=b"), "csrf_token", token).status, 403);
    CHECK_INT(post_parts(client, "/notes", cookie, "csrf_token\"; filename=\"f", token).status,
              403);
    /* A route that takes no form: nobody reads one. */
    CHECK_INT(post_parts(client, "/do", cookie, "csrf_token", token).status, 403);
    client_close(client, app);
}

TEST(csrf_exceptions)
{
    brio_app *app =
        guarded_app((brio_csrf_options){.except = "/hooks/ /other", .only_with = "session sid"});
    brio_test_client *client = client_open(app);
    CHECK_INT(post(client, "/do", BRIO_S("Cookie: a=b\r\n"), NULL), 200);
    CHECK_INT(post(client, "/do", BRIO_S("Cookie: a=b; sid=1\r\n"), NULL), 403);
    CHECK_INT(post(client, "/hooks/pay", BRIO_S("Cookie: sid=1\r\n"), NULL), 200);
    CHECK_INT(post(client, "/hooks", BRIO_S("Cookie: sid=1\r\n"), NULL), 403);
    client_close(client, app);
}

TEST(csrf_token_is_for_a_session)
{
    brio_app *app = guarded_app((brio_csrf_options){.session = who});
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.url = "/do", .headers = "X-Who: ann\r\n"});
    brio_str cookie = cookie_of(&r), token = brio_str_cut(cookie, '=').tail;
    brio_str both = brio_printf(&arena, "Cookie: %.*s\r\nX-CSRF-Token: %.*s\r\n", BRIO_ARG(cookie),
                                BRIO_ARG(token));
    CHECK_INT(post(client, "/do", brio_printf(&arena, "%.*sX-Who: ann\r\n", BRIO_ARG(both)), NULL),
              200);
    CHECK_INT(post(client, "/do", brio_printf(&arena, "%.*sX-Who: bob\r\n", BRIO_ARG(both)), NULL),
              403);
    CHECK_INT(post(client, "/do", both, NULL), 403);
    client_close(client, app);
}
#endif
