/* SPDX-License-Identifier: MIT
 *
 * Tokens against forged requests, double submit: a page of another site can
 * make a browser send the cookie, but can neither read it nor write it into a
 * header or a form. The token is signed, so a cookie planted from a neighbouring
 * host is of no use either. */
#include "app/binding.h"
#include "app/sealed_cookie.h"
#include "app/upload.h"

#include <brio/session.h>

static const char key[] = "brio csrf";
static const brio_time one_day = BRIO_SEC(86400);

enum { TOKEN_MAX = 256, FIELDS_MAX = 1000 };

typedef struct csrf_kind {
    brio_app_sealed cookie;
    brio_str header, field, only_with, except;
    brio_str (*session)(brio_request *req);
} csrf_kind;

typedef struct csrf {
    const csrf_kind *kind;
    brio_str token; /* for this visitor; empty: not settled */
    bool is_new;    /* goes with the answer */
} csrf;

static brio_str session_of(brio_request *req, const csrf_kind *kind)
{
    return kind->session ? kind->session(req) : BRIO_S("");
}

/* True if `sent` is what the cookie has, and whole. */
static bool is_good(brio_request *req, const csrf_kind *kind, brio_csrf_sent sent)
{
    return sent.cookie.len &&
           brio_csrf_check(req->arena, &kind->cookie.seal, session_of(req, kind), &sent) >= 0;
}

static brio_str cookie_of(brio_request *req, const csrf_kind *kind)
{
    brio_str text;
    bool sent = brio_request_cookie(req, brio_str_from(kind->cookie.cookie.name), &text);
    return sent ? text : (brio_str){0};
}

/* ---- Giving ---------------------------------------------------------------------- */

/* The token of the cookie if it is good, else a new one. */
static int settle(brio_request *req, csrf *c)
{
    if (c->token.len)
        return 0;
    brio_str cookie = cookie_of(req, c->kind);
    if (is_good(req, c->kind, (brio_csrf_sent){.cookie = cookie, .sent = cookie})) {
        c->token = cookie;
        return 0;
    }
    c->is_new = true;
    return brio_csrf_token(req->arena, &c->kind->cookie.seal, session_of(req, c->kind), &c->token);
}

brio_str brio_csrf_field(brio_request *req)
{
    csrf *c = brio_request_get(req, key);
    BRIO_ASSERT(c); /* brio_use_csrf was called */
    if (settle(req, c) < 0)
        return BRIO_S("");
    return c->token;
}

static void give(brio_request *req, void *arg)
{
    csrf *c = arg;
    if (settle(req, c) < 0)
        return;
    brio_app_vary(req, BRIO_S("Cookie"));
    if (c->is_new && brio_app_sealed_put(req, &c->kind->cookie, c->token) < 0)
        brio_app_log(req, BRIO_LOG_ERROR, "the CSRF token could not be set");
}

/* ---- Checking -------------------------------------------------------------------- */

static bool is_safe(brio_str method)
{
    return brio_str_eq(method, BRIO_S("GET")) || brio_str_eq(method, BRIO_S("HEAD")) ||
           brio_str_eq(method, BRIO_S("OPTIONS")) || brio_str_eq(method, BRIO_S("TRACE"));
}

/* Takes the next word off; false at the end. */
static bool next_word(brio_str *rest, brio_str *ret)
{
    while (rest->len) {
        brio_str_pair cut = brio_str_cut(*rest, ' ');
        *rest = cut.tail;
        *ret = cut.head;
        if (ret->len)
            return true;
    }
    return false;
}

static bool is_excepted(brio_request *req, const csrf_kind *kind)
{
    brio_str path = brio_request_path(req), rest = kind->except, one;
    while (next_word(&rest, &one))
        if (brio_str_eq(path, one) ||
            (brio_str_ends(one, BRIO_S("/")) && brio_str_starts(path, one)))
            return true;
    return false;
}

static bool is_sensitive(brio_request *req, const csrf_kind *kind)
{
    brio_str rest = kind->only_with, one, value;
    if (!rest.len)
        return true;
    while (next_word(&rest, &one))
        if (brio_request_cookie(req, one, &value))
            return true;
    return false;
}

/* The first of that name. */
static brio_str urlencoded_field(brio_request *req, const csrf_kind *kind)
{
    brio_pair *pairs;
    size_t n;
    if (brio_query_parse(req->arena, brio_request_body(req), FIELDS_MAX, &pairs, &n) < 0)
        return (brio_str){0};
    for (size_t i = 0; i < n; i++)
        if (brio_str_eq(pairs[i].name, kind->field))
            return pairs[i].value;
    return (brio_str){0};
}

/* Only where the route takes a form: then it is read here and not again. */
static int multipart_field(brio_request *req, const csrf_kind *kind, brio_str *ret)
{
    if (!brio_app_is_routed(req) || !req->route->from[BRIO_IN_FORM].n || req->match.socket)
        return 0;
    int rc = brio_app_body_check(req);
    if (rc == 0)
        rc = brio_app_form_read(req);
    if (rc < 0)
        return rc;
    brio_app_named found = brio_app_form_find(req->form, kind->field);
    if (found.n && !found.items[0]->upload)
        *ret = found.items[0]->text;
    return 0;
}

static int field_of(brio_request *req, const csrf_kind *kind, brio_str *ret)
{
    switch (brio_form_kind_of(req->http->content_type)) {
    case BRIO_FORM_MULTIPART:
        return multipart_field(req, kind, ret);
    case BRIO_FORM_URLENCODED:
        *ret = urlencoded_field(req, kind);
        return 0;
    case BRIO_FORM_NONE:
        break;
    }
    return 0;
}

/* 0, or why not. */
static int check(brio_request *req, const csrf_kind *kind)
{
    if (is_safe(brio_request_method(req)) || is_excepted(req, kind) || !is_sensitive(req, kind))
        return 0;
    brio_csrf_sent sent = {.cookie = cookie_of(req, kind),
                           .sent = brio_request_header(req, kind->header)};
    int rc = sent.cookie.len && !sent.sent.len ? field_of(req, kind, &sent.sent) : 0;
    if (rc < 0 || is_good(req, kind, sent))
        return rc;
    return brio_fail(req, 403, "CSRF token missing or incorrect");
}

static int guarded(brio_request *req, brio_next *next, void *arg)
{
    csrf *c = BRIO_NEW(req->arena, csrf);
    c->kind = arg;
    brio_request_set(req, key, c);
    brio_on_response(req, give, c);
    int rc = check(req, c->kind);
    return rc < 0 ? rc : brio_next_run(req, next);
}

static brio_str copy(brio_app *app, const char *text)
{
    return brio_str_copy(&app->arena, brio_str_from(text));
}

void brio_use_csrf(brio_app *app, const brio_csrf_options *o)
{
    csrf_kind *kind = BRIO_NEW(&app->arena, csrf_kind);
    *kind = (csrf_kind){
        .header = copy(app, o->header ? o->header : "x-csrf-token"),
        .field = copy(app, o->field ? o->field : "csrf_token"),
        .only_with = copy(app, o->only_with),
        .except = copy(app, o->except),
        .session = o->session,
        .cookie = {.seal = {.purpose = "csrf",
                            .secrets = o->secrets,
                            .n_secrets = o->n_secrets,
                            .max_age = o->max_age ? o->max_age : one_day,
                            .max_size = TOKEN_MAX},
                   .cookie = {.name = o->cookie ? o->cookie : "csrftoken",
                              .path = o->path,
                              .domain = o->domain,
                              .same_site = o->same_site,
                              .secure = !o->allow_http}},
    };
    kind->cookie.cookie.max_age = kind->cookie.seal.max_age;
    brio_app_sealed_check(app, "brio_use_csrf", &kind->cookie);
    brio_app_use(app, guarded, kind);
}
