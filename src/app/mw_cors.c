/* SPDX-License-Identifier: MIT
 *
 * Cross-origin requests, as Starlette's CORSMiddleware answers them. What does
 * not depend on the request is put together once. */
#include "app/mw_common.h"

#include <inttypes.h>
#include <stdlib.h>

typedef struct cors {
    brio_cors_options options;
    brio_mw_list origins, methods, headers; /* headers: what is allowed, with the safelisted */
    bool any_origin, any_header, names_origin;
    brio_model *pattern; /* a text that matches the regular expression; NULL: none */
    brio_field rows[1];
    brio_str allow_methods, allow_headers, expose, max_age;
} cors;

/* ---- Once ------------------------------------------------------------------------ */

static int by_bytes(const void *a, const void *b)
{
    return brio_str_compare(*(const brio_str *)a, *(const brio_str *)b);
}

static brio_mw_list with_safelisted(brio_app *app, brio_mw_list given)
{
    static const brio_str safe[] = {BRIO_S_INIT("Accept"), BRIO_S_INIT("Accept-Language"),
                                    BRIO_S_INIT("Content-Language"), BRIO_S_INIT("Content-Type")};
    brio_mw_list all = {.items = BRIO_NEW_ARRAY(&app->arena, brio_str, given.n + 4)};
    for (size_t i = 0; i < given.n + 4; i++) {
        brio_str item = i < 4 ? safe[i] : given.items[i - 4];
        if (!brio_mw_has(&all, item))
            all.items[all.n++] = item;
    }
    qsort(all.items, all.n, sizeof *all.items, by_bytes);
    return all;
}

static void forget(void *model)
{
    brio_model_forget(model);
}

/* A regular expression is a model's matter: one text with a pattern. */
static void compile_pattern(brio_app *app, cors *c)
{
    brio_str why;
    brio_str pattern = brio_printf(&app->arena, "^(?:%s)$", c->options.allow_origin_regex);
    c->rows[0] = (brio_field){.name = "origin",
                              .kind = BRIO_KIND_STR,
                              .in = BRIO_IN_FIELD,
                              .size = sizeof(brio_str),
                              .pattern = pattern.ptr};
    c->pattern = BRIO_NEW(&app->arena, brio_model);
    *c->pattern = (brio_model){.name = "Origin",
                               .kind = BRIO_KIND_STRUCT,
                               .size = sizeof(brio_str),
                               .fields = c->rows,
                               .n = 1};
    brio_defer_push(&app->arena, forget, c->pattern);
    int rc = brio_model_check(c->pattern, &app->arena, &why);
    BRIO_ASSERT(rc == 0); /* allow_origin_regex is a regular expression, and PCRE2 is there */
}

static cors *cors_new(brio_app *app, const brio_cors_options *options)
{
    cors *c = BRIO_NEW(&app->arena, cors);
    c->options = options ? *options : (brio_cors_options){0};
    const brio_cors_options *o = &c->options;
    const char *methods = o->allow_methods ? o->allow_methods : "GET";
    brio_mw_list headers = brio_mw_split(app, o->allow_headers);
    brio_mw_list expose = brio_mw_split(app, o->expose_headers);
    c->origins = brio_mw_split(app, o->allow_origins);
    c->methods = brio_mw_split(app, methods);
    if (brio_mw_has(&c->methods, BRIO_S("*")))
        c->methods = brio_mw_split(app, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    c->any_origin = brio_mw_has(&c->origins, BRIO_S("*"));
    c->any_header = brio_mw_has(&headers, BRIO_S("*"));
    c->names_origin = !c->any_origin || o->allow_credentials;
    c->headers = with_safelisted(app, headers);
    c->allow_methods = brio_mw_join(app, &c->methods);
    c->allow_headers = brio_mw_join(app, &c->headers);
    c->expose = brio_mw_join(app, &expose);
    int64_t seconds = o->max_age < 0 ? 0 : o->max_age ? o->max_age / BRIO_SEC(1) : 600;
    c->max_age = brio_printf(&app->arena, "%" PRId64, seconds);
    if (o->allow_origin_regex)
        compile_pattern(app, c);
    return c;
}

/* ---- For each request -------------------------------------------------------------- */

static bool matches(const cors *c, brio_request *req, brio_str origin)
{
    brio_json text = brio_json_from_str(origin), object = {.type = BRIO_JSON_OBJECT, .n = 1};
    brio_json_member member = {BRIO_S("origin"), text};
    brio_str out;
    brio_problems problems = {.arena = req->arena};
    object.members = &member;
    return brio_decode_value(&object, c->pattern, &out, NULL, &problems) == 0;
}

static bool is_allowed(const cors *c, brio_request *req, brio_str origin)
{
    const brio_cors_options *o = &c->options;
    return c->any_origin || brio_mw_has(&c->origins, origin) ||
           (c->pattern && matches(c, req, origin)) ||
           (o->allow_origin && o->allow_origin(origin, o->allow_origin_arg));
}

static bool headers_allowed(const cors *c, brio_str asked)
{
    brio_str rest = asked;
    while (rest.len) {
        brio_str_pair cut = brio_str_cut(rest, ',');
        brio_str name = brio_str_trim(cut.head);
        bool known = false;
        for (size_t i = 0; i < c->headers.n && !known; i++)
            known = brio_str_eq_nocase(c->headers.items[i], name);
        if (!known)
            return false;
        rest = cut.tail;
    }
    return true;
}

static void put(brio_request *req, brio_str name, brio_str value)
{
    (void)!brio_respond_header(req, name, value); /* what cannot be a header is left out */
}

static void put_preflight(const cors *c, brio_request *req, brio_str origin, bool allowed)
{
    const brio_header *asked =
        brio_http_header(req->http, BRIO_S("access-control-request-headers"));
    brio_str headers = c->any_header ? (asked ? asked->value : (brio_str){0}) : c->allow_headers;
    if (c->names_origin)
        put(req, BRIO_S("vary"), BRIO_S("Origin"));
    if (allowed || !c->names_origin)
        put(req, BRIO_S("access-control-allow-origin"), c->names_origin ? origin : BRIO_S("*"));
    put(req, BRIO_S("access-control-allow-methods"), c->allow_methods);
    put(req, BRIO_S("access-control-max-age"), c->max_age);
    if (headers.len)
        put(req, BRIO_S("access-control-allow-headers"), headers);
    if (c->options.allow_credentials)
        put(req, BRIO_S("access-control-allow-credentials"), BRIO_S("true"));
}

static void add_failure(brio_buf *failures, const char *what)
{
    brio_buf_printf(failures, "%s%s", failures->len ? ", " : "Disallowed CORS ", what);
}

static int answer_preflight(const cors *c, brio_request *req, brio_str origin, brio_str method)
{
    char *text = brio_alloc(req->arena, 128);
    brio_buf failures = brio_buf_over(text, 128);
    const brio_http_request *http = req->http;
    const brio_header *headers = brio_http_header(http, BRIO_S("access-control-request-headers"));
    bool allowed = is_allowed(c, req, origin);
    put_preflight(c, req, origin, allowed);
    if (!allowed)
        add_failure(&failures, "origin");
    if (!brio_mw_has(&c->methods, method))
        add_failure(&failures, "method");
    if (!c->any_header && headers && !headers_allowed(c, headers->value))
        add_failure(&failures, "headers");
    if (brio_http_header(http, BRIO_S("access-control-request-private-network"))) {
        if (c->options.allow_private_network)
            put(req, BRIO_S("access-control-allow-private-network"), BRIO_S("true"));
        else
            add_failure(&failures, "private-network");
    }
    return failures.len ? brio_answer_text(req, 400, brio_buf_str(&failures))
                        : brio_answer_text(req, 200, BRIO_S("OK"));
}

static void add_headers(brio_request *req, void *arg)
{
    const cors *c = arg;
    brio_str origin = brio_request_header(req, BRIO_S("origin"));
    bool named = c->names_origin && is_allowed(c, req, origin);
    if (c->any_origin || named)
        put(req, BRIO_S("access-control-allow-origin"), named ? origin : BRIO_S("*"));
    if (c->options.allow_credentials)
        put(req, BRIO_S("access-control-allow-credentials"), BRIO_S("true"));
    if (c->expose.len)
        put(req, BRIO_S("access-control-expose-headers"), c->expose);
    if (named)
        brio_app_vary(req, BRIO_S("Origin"));
}

static int run(brio_request *req, brio_next *next, void *arg)
{
    const brio_header *origin = brio_http_header(req->http, BRIO_S("origin"));
    if (!origin)
        return brio_next_run(req, next);
    const brio_header *method =
        brio_http_header(req->http, BRIO_S("access-control-request-method"));
    if (method && req->http->method == BRIO_METHOD_OPTIONS)
        return answer_preflight(arg, req, origin->value, method->value);
    return brio_mw_watch(req, next, add_headers, arg);
}

void brio_use_cors(brio_app *app, const brio_cors_options *options)
{
    brio_app_use(app, run, cors_new(app, options));
}
