/* SPDX-License-Identifier: MIT
 *
 * Security schemes beside FastAPI's: security_cases.h has its answers for the
 * same API, the document included. */
#include "client.h"

#include <brio/security.h>

#include <stdio.h>

/* ---- The app of security_cases.py ---------------------------------------------- */

#define SCOPES .scopes = "me:Read your name|items: Read items"

BRIO_OAUTH2_PASSWORD(oauth2, "token");
BRIO_OAUTH2_PASSWORD(oauth2_off, "token", .name = "off", .description = "Not *always*", SCOPES,
                     .auto_error_off = true, .refresh_url = "refresh");
BRIO_OAUTH2_CODE(code, "authorize", "token");
BRIO_OAUTH2_CODE(code_off, "authorize", "token", .name = "code off", .auto_error_off = true,
                 .scopes = "{\"me\":\"Read your name\",\"items\":\"Read items\"}");
BRIO_OAUTH2(flows,
            "{\"implicit\":{\"authorizationUrl\":\"authorize\",\"scopes\":{\"a:b\":\"C\"}}}");
BRIO_OAUTH2(flows_off, "{\"implicit\":{\"authorizationUrl\":\"authorize\",\"scopes\":{}}}",
            .name = "flows off", .auto_error_off = true);
BRIO_OPENID_CONNECT(openid, "/openid");
BRIO_OPENID_CONNECT(openid_off, "/openid", .name = "openid off", .description = "d",
                    .auto_error_off = true);
BRIO_API_KEY_HEADER(key_header, "X-Key");
BRIO_API_KEY_HEADER(key_header_off, "x_key", .name = "header off", .auto_error_off = true);
BRIO_API_KEY_QUERY(key_query, "key");
BRIO_API_KEY_QUERY(key_query_off, "key", .name = "query off", .description = "d",
                   .auto_error_off = true);
BRIO_API_KEY_COOKIE(key_cookie, "key");
BRIO_API_KEY_COOKIE(key_cookie_off, "key", .name = "cookie off", .auto_error_off = true);
BRIO_HTTP_BASIC(basic);
BRIO_HTTP_BASIC(basic_realm, .realm = "simple", .name = "realm", .description = "d");
BRIO_HTTP_BASIC(basic_off, .realm = "off", .name = "basic off", .auto_error_off = true);
BRIO_HTTP_BEARER(bearer, .bearer_format = "JWT");
BRIO_HTTP_BEARER(bearer_off, .name = "bearer off", .description = "d", .auto_error_off = true);
BRIO_HTTP_DIGEST(digest);
BRIO_HTTP_DIGEST(digest_off, .name = "digest off", .auto_error_off = true);

static brio_json text_of(brio_str s)
{
    return s.ptr ? brio_json_from_str(s) : (brio_json){0};
}

static brio_json pair_of(brio_request *req, brio_str a, brio_str b)
{
    return a.ptr ? BRIO_ARRAY(req, a, b) : (brio_json){0};
}

#define ROUTE(P, Type, value)                                                                      \
    typedef struct P##_in {                                                                        \
        Type given;                                                                                \
    } P##_in;                                                                                      \
    BRIO_MODEL(P##_in, BRIO_DEPENDS(given, P));                                                    \
    static int P(brio_request *req, const P##_in *in, brio_json *out)                              \
    {                                                                                              \
        (void)req;                                                                                 \
        *out = value;                                                                              \
        return 0;                                                                                  \
    }
#define TEXT(P) ROUTE(P, brio_str, text_of(in->given))
#define BASIC(P)                                                                                   \
    ROUTE(P, brio_basic_credentials, pair_of(req, in->given.username, in->given.password))
#define TOKEN(P)                                                                                   \
    ROUTE(P, brio_bearer_credentials, pair_of(req, in->given.scheme, in->given.credentials))

#define ALL_ROUTES(TEXT, BASIC, TOKEN)                                                             \
    TEXT(oauth2)                                                                                   \
    TEXT(oauth2_off)                                                                               \
    TEXT(code)                                                                                     \
    TEXT(code_off)                                                                                 \
    TEXT(flows)                                                                                    \
    TEXT(flows_off)                                                                                \
    TEXT(openid)                                                                                   \
    TEXT(openid_off)                                                                               \
    TEXT(key_header)                                                                               \
    TEXT(key_header_off)                                                                           \
    TEXT(key_query)                                                                                \
    TEXT(key_query_off)                                                                            \
    TEXT(key_cookie)                                                                               \
    TEXT(key_cookie_off)                                                                           \
    BASIC(basic)                                                                                   \
    BASIC(basic_realm)                                                                             \
    BASIC(basic_off)                                                                               \
    TOKEN(bearer)                                                                                  \
    TOKEN(bearer_off)                                                                              \
    TOKEN(digest)                                                                                  \
    TOKEN(digest_off)
ALL_ROUTES(TEXT, BASIC, TOKEN)

/* ---- Scopes ------------------------------------------------------------------------ */

static int user(brio_request *req, const oauth2_off_in *in, brio_str *out)
{
    (void)in;
    *out = brio_security_scopes(req);
    return 0;
}
BRIO_PROVIDER(user, oauth2_off_in, brio_str, .reads_scopes = true);

typedef struct WithUser {
    brio_str user;
} WithUser;
BRIO_MODEL(WithUser, BRIO_SECURITY(user, user, .scopes = "me"));

static int active(brio_request *req, const WithUser *in, brio_str *out)
{
    (void)req;
    *out = in->user;
    return 0;
}
BRIO_PROVIDER(active, WithUser, brio_str);

typedef struct Scopes {
    brio_str one, two, three;
} Scopes;
BRIO_MODEL(Scopes, BRIO_SECURITY(one, active, .scopes = "items me"), BRIO_DEPENDS(two, user),
           BRIO_SECURITY(three, user, .scopes = "items"));

static int scopes(brio_request *req, const Scopes *in, brio_json *out)
{
    *out = BRIO_ARRAY(req, in->one, in->two, in->three);
    return 0;
}

typedef struct Both {
    brio_str one, two;
} Both;
BRIO_MODEL(Both, BRIO_DEPENDS(one, oauth2_off), BRIO_DEPENDS(two, key_header));

static int both(brio_request *req, const Both *in, brio_json *out)
{
    *out = BRIO_ARRAY(req, text_of(in->one), in->two);
    return 0;
}

/* ---- Forms -------------------------------------------------------------------------- */

/* The scopes, each once between single blanks. */
static brio_str scopes_of(brio_request *req, brio_str scope)
{
    brio_str all = BRIO_S(""), one;
    while (brio_scope_next(&scope, &one))
        all = brio_printf(brio_request_arena(req), "%.*s%s%.*s", BRIO_ARG(all), all.len ? " " : "",
                          BRIO_ARG(one));
    return all;
}

static int form(brio_request *req, const brio_oauth2_form *in, brio_json *out)
{
    *out = BRIO_ARRAY(req, in->username, in->password, scopes_of(req, in->scope), in->client_id);
    return 0;
}

static int strict(brio_request *req, const brio_oauth2_form_strict *in, brio_json *out)
{
    *out = BRIO_ARRAY(req, in->username, in->password, scopes_of(req, in->scope), in->client_id);
    return 0;
}

static brio_app *the_app(void)
{
    brio_app *app = brio_app_new(NULL);
#define ADD(P) BRIO_GET(app, "/" #P, P, P##_in, brio_json);
    ALL_ROUTES(ADD, ADD, ADD)
    BRIO_GET(app, "/scopes", scopes, Scopes, brio_json);
    BRIO_GET(app, "/both", both, Both, brio_json);
    BRIO_POST(app, "/form", form, brio_oauth2_form, brio_json);
    BRIO_POST(app, "/strict", strict, brio_oauth2_form_strict, brio_json);
    return app;
}

/* ---- Beside FastAPI ------------------------------------------------------------------ */

typedef struct security_case {
    const char *method, *url, *headers;
    brio_str body;
    int status;
    const char *challenge;
    brio_str answer;
} security_case;

#define CASE(method, url, headers, body, status, challenge, answer)                                \
    {method, url, headers, BRIO_S_INIT(body), status, challenge, BRIO_S_INIT(answer)},
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings" /* the document */
static const security_case cases[] = {
#include "security_cases.h"
};
#pragma GCC diagnostic pop
#undef CASE

static bool is_right(const security_case *c, const brio_test_response *r)
{
    brio_arena arena;
    brio_json want;
    brio_arena_init(&arena, 0);
    int rc = brio_json_parse(&arena, c->answer, NULL, &want, NULL);
    bool right =
        rc >= 0 && r->status == c->status && brio_json_equal(&want, &r->json) &&
        brio_str_eq(brio_test_header(r, BRIO_S("www-authenticate")), brio_str_from(c->challenge));
    brio_arena_fini(&arena);
    return right;
}

TEST(security_is_fastapis)
{
    brio_app *app = the_app();
    brio_test_client *client = client_open(app);
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const security_case *c = &cases[i];
        brio_test_response r = client_send(client, (brio_test_request){.method = c->method,
                                                                       .url = c->url,
                                                                       .headers = c->headers,
                                                                       .body = c->body});
        if (is_right(c, &r))
            continue;
        wrong++;
        printf("# %s %s %s: %d %.*s\n# not %d %.*s\n", c->method, c->url, c->headers, r.status,
               BRIO_ARG(r.body), c->status, BRIO_ARG(c->answer));
    }
    CHECK_INT(wrong, 0);
    client_close(client, app);
}

/* ---- What FastAPI does by subclasses --------------------------------------------------- */

static int forbid(brio_request *req)
{
    return brio_fail(req, 403, "Not authenticated");
}
BRIO_HTTP_BEARER(bearer403, .name = "HTTPBearer403", .refuse = forbid);
TOKEN(bearer403)

TEST(security_refuses_in_another_way)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/", bearer403, bearer403_in, brio_json);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/");
    CHECK_ANSWER(r, 403, "{\"detail\":\"Not authenticated\"}");
    CHECK_STR(brio_test_header(&r, BRIO_S("www-authenticate")), "");
    client_close(client, app);
}

TEST(security_scope_lists)
{
    brio_str rest = BRIO_S("  a bc  d "), one;
    CHECK(brio_scope_next(&rest, &one));
    CHECK_STR(one, "a");
    CHECK(brio_scope_next(&rest, &one));
    CHECK_STR(one, "bc");
    CHECK(brio_scope_next(&rest, &one));
    CHECK_STR(one, "d");
    CHECK(!brio_scope_next(&rest, &one));
    CHECK(brio_scopes_cover(BRIO_S("a b c"), BRIO_S("c a")));
    CHECK(brio_scopes_cover(BRIO_S(""), BRIO_S(" ")));
    CHECK(!brio_scopes_cover(BRIO_S("ab c"), BRIO_S("a")));
    CHECK(!brio_scopes_cover(BRIO_S(""), BRIO_S("a")));
}
