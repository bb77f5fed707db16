/* SPDX-License-Identifier: MIT
 *
 * A request line's target, headers and body through middleware, router,
 * dependencies and binding, in an app that has every kind of parameter. Input: target, a line feed,
 * headers up to a blank line, the body. The app must answer once, and with valid UTF-8. */
#include <brio/app.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Inner {
    brio_str name;
    double *price;
    brio_str_list tags;
} Inner;
BRIO_MODEL(Inner, BRIO_FIELD(name, .max_length = 20), BRIO_FIELD(price),
           BRIO_FIELD(tags, .def = "[]"));

typedef struct Input {
    int64_t id;
    brio_str rest;
    int32_t *n;
    brio_i64_list list;
    brio_str q, x_token, *session;
    Inner body;
} Input;
BRIO_MODEL(Input, BRIO_PATH(id, .ge = BRIO_NUM(1)), BRIO_PATH(rest), BRIO_QUERY(n),
           BRIO_QUERY(list, .def = "[]"), BRIO_QUERY(q, .def = "\"\"", .max_length = 9),
           BRIO_HEADER(x_token, .def = "\"\""), BRIO_COOKIE(session), BRIO_BODY(body, Inner));

typedef struct Pair {
    brio_str a, b;
    Inner *one;
    brio_json two;
} Pair;
BRIO_MODEL(Pair, BRIO_PATH(a), BRIO_PATH(b), BRIO_BODY(one, Inner),
           BRIO_BODY(two, brio_json, .def = "1"));
typedef Pair PairOut;
BRIO_MODEL(PairOut, BRIO_FIELD(a), BRIO_FIELD(b), BRIO_FIELD_AS(one, Inner), BRIO_FIELD(two));

static int whole(brio_request *req, const Input *in, Inner *out)
{
    (void)req;
    *out = in->body;
    return 0;
}

static int pair(brio_request *req, const Pair *in, PairOut *out)
{
    (void)req;
    *out = *in;
    return 0;
}

/* ---- Dependencies ------------------------------------------------------------- */

typedef struct Filter {
    int64_t limit;
    brio_str_list tags;
} Filter;
BRIO_MODEL(Filter, BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID), BRIO_FIELD(limit, .def = "5"),
           BRIO_FIELD(tags, .def = "[]"));
typedef struct FilterInput {
    Filter filter;
} FilterInput;
BRIO_MODEL(FilterInput, BRIO_QUERY_AS(filter, Filter));

static int exits, entered;

static int leave(brio_request *req, void *arg, int outcome)
{
    (void)arg;
    exits++;
    return outcome == BRIO_EINVALID ? brio_fail(req, 422, "replaced") : 0;
}

static int filter(brio_request *req, const FilterInput *in, Filter *out)
{
    entered++;
    brio_on_exit(req, leave, NULL);
    *out = in->filter;
    return in->filter.limit == 0 ? brio_fail(req, 429, NULL) : 0;
}
BRIO_PROVIDER(filter, FilterInput, Filter);

typedef struct TokenInput {
    brio_str x_token;
    Inner item;
    const Filter *filter;
} TokenInput;
BRIO_MODEL(TokenInput, BRIO_HEADER(x_token, .min_length = 2), BRIO_BODY(item, Inner),
           BRIO_DEPENDS(filter, filter));

static int token(brio_request *req, const TokenInput *in, brio_str *out)
{
    entered++;
    brio_on_exit(req, leave, NULL);
    *out = in->x_token;
    return 0;
}
BRIO_PROVIDER(token, TokenInput, brio_str, .scope = BRIO_PER_FUNCTION);

typedef struct Nested {
    int64_t id;
    brio_str token;
    Filter filter;
    Inner other;
} Nested;
BRIO_MODEL(Nested, BRIO_PATH(id), BRIO_DEPENDS(token, token), BRIO_DEPENDS(filter, filter),
           BRIO_BODY(other, Inner));

static int nested(brio_request *req, const Nested *in, Inner *out)
{
    (void)req;
    BRIO_ASSERT(in->token.len >= 2);
    *out = in->other;
    return 0;
}

/* Passes on, fails or answers, as the path says. */
static int around(brio_request *req, brio_next *next, void *arg)
{
    (void)arg;
    brio_str path = brio_request_path(req);
    if (brio_str_ends(path, BRIO_S("/fail")))
        return brio_fail(req, 418, NULL);
    if (brio_str_ends(path, BRIO_S("/answer")))
        return brio_answer_text(req, 200, BRIO_S("early"));
    int rc = brio_next_run(req, next);
    (void)!brio_respond_header(req, BRIO_S("x-around"), BRIO_S("1"));
    return rc;
}

static brio_app *make_app(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = brio_app_new(NULL);
    brio_router *deep = brio_router_new(app, &(brio_router_options){.prefix = "/d"});
    BRIO_POST(deep, "/{id}", nested, Nested, Inner);
    brio_app_use(deep, around, NULL);
    brio_include(app, deep, NULL);
    brio_app_use(app, around, NULL);
    BRIO_POST(app, "/{id}/{rest:path}", whole, Input, Inner);
    BRIO_POST(app, "/p/{a}-{b}.x", pair, Pair, PairOut);
    BRIO_POST(app, "/q/{a:path}/{b:float}", pair, Pair, PairOut);
    return app;
}

/* The line's text without what would end it. */
static const char *target_of(brio_arena *arena, brio_str line)
{
    char *text = brio_cstr(arena, line);
    for (char *at = text; *at; at++)
        if (*at <= ' ' || *at == 0x7f)
            *at = '_';
    return *text == '/' ? text : "/1/x";
}

static void check(const brio_test_response *r)
{
    BRIO_ASSERT(r->status >= 200);
    BRIO_ASSERT(r->status < 600);
    BRIO_ASSERT(r->status != 500);
    BRIO_ASSERT(brio_utf8_valid(r->body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static brio_app *app;
    app = app ? app : make_app();
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str_pair input = brio_str_cut((brio_str){(const char *)data, size}, '\n');
    ptrdiff_t blank = brio_str_find(input.tail, BRIO_S("\n\n"));
    size_t head = blank < 0 ? 0 : (size_t)blank + 1;
    brio_str body = brio_str_slice(input.tail, head ? head + 1 : 0, SIZE_MAX);
    brio_test_request request = {
        .method = "POST",
        .url = target_of(&arena, input.head),
        .headers = brio_cstr(&arena, brio_str_slice(input.tail, 0, head)),
        .json = body,
    };
    brio_test_client *client;
    brio_test_response response;
    brio_test_options options = {.no_redirects = true, .keeps_descriptors = true};
    BRIO_ASSERT(brio_test_client_open_with(&client, app, &options) == 0);
    if (brio_test_client_send(client, &request, &response) == 0)
        check(&response);
    BRIO_ASSERT(brio_test_client_close(client) == 0);
    BRIO_ASSERT(exits == entered);
    brio_arena_fini(&arena);
    return 0;
}
