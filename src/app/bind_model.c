/* SPDX-License-Identifier: MIT
 *
 * Parameter models: a whole query, all headers, all cookies as one struct, the
 * only row of its origin. The names the model knows get their values, or their
 * defaults; all others are handed on in their order, so that the model may
 * forbid them. The result is an object, and problems are at [origin, field].
 *
 * Names are sorted once: a request with thousands of them costs no more than
 * its length says. */
#include "app/binding.h"

#include <stdlib.h>

typedef struct item {
    brio_str name, value;
    size_t at;  /* in the request */
    bool taken; /* of the first of a name: its values are in the object */
} item;

typedef struct gathered {
    brio_arena *arena;
    brio_origin in;
    bool exact; /* headers: underscores are no hyphens */
    item *items;
    size_t n;
    brio_json_member *members;
    size_t n_members;
} gathered;

/* ---- What there is --------------------------------------------------------------- */

static void take_pairs(gathered *g, const brio_pair *pairs, size_t n)
{
    g->items = BRIO_NEW_ARRAY(g->arena, item, n);
    g->n = n;
    for (size_t i = 0; i < n; i++)
        g->items[i] = (item){.name = pairs[i].name, .value = pairs[i].value, .at = i};
}

static void gather_query(gathered *g, const brio_http_request *http)
{
    brio_pair *pairs;
    size_t n;
    int rc = brio_query_parse(g->arena, http->query, http->query.len + 1, &pairs, &n);
    BRIO_ASSERT(rc >= 0); /* no more pairs than bytes */
    take_pairs(g, pairs, n);
}

static brio_str lower(brio_arena *arena, brio_str s)
{
    char *out = brio_alloc_aligned(arena, s.len, 1);
    for (size_t i = 0; i < s.len; i++)
        out[i] = brio_lower(s.ptr[i]);
    return (brio_str){out, s.len};
}

static void gather_headers(gathered *g, const brio_http_request *http)
{
    brio_pair *pairs = BRIO_NEW_ARRAY(g->arena, brio_pair, http->n_headers);
    for (size_t i = 0; i < http->n_headers; i++)
        pairs[i] = (brio_pair){lower(g->arena, http->headers[i].name),
                               brio_latin1_decode(g->arena, http->headers[i].value)};
    take_pairs(g, pairs, http->n_headers);
}

/* Several Cookie headers are one, as HTTP/2 may have cut it (RFC 9113, 8.2.3). */
static void gather_cookies(gathered *g, const brio_http_request *http)
{
    brio_str all = {0};
    for (size_t i = 0; i < http->n_headers; i++) {
        const brio_header *h = &http->headers[i];
        if (brio_str_eq_nocase(h->name, BRIO_S("cookie")))
            all = brio_printf(g->arena, "%.*s%s%.*s", BRIO_ARG(all), all.len ? ";" : "",
                              BRIO_ARG(h->value));
    }
    brio_pair *pairs;
    size_t n;
    brio_cookie_parse(g->arena, brio_latin1_decode(g->arena, all), &pairs, &n);
    take_pairs(g, pairs, n);
}

static int by_name(const void *a, const void *b)
{
    const item *x = a, *y = b;
    int order = brio_str_compare(x->name, y->name);
    return order ? order : x->at < y->at ? -1 : 1;
}

/* The items of that name: the first of them and how many. */
static item *find(const gathered *g, brio_str name, size_t *ret_n)
{
    size_t low = 0, high = g->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (brio_str_compare(g->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < g->n && brio_str_eq(g->items[end].name, name))
        end++;
    *ret_n = end - low;
    return end > low ? &g->items[low] : NULL;
}

/* ---- The object -------------------------------------------------------------------- */

static void add(gathered *g, brio_str key, brio_json value)
{
    g->members[g->n_members++] = (brio_json_member){key, value};
}

static brio_json list_of(const gathered *g, const item *items, size_t n)
{
    brio_json list = {.type = BRIO_JSON_ARRAY, .n = (uint32_t)n};
    list.items = BRIO_NEW_ARRAY(g->arena, brio_json, n);
    for (size_t i = 0; i < n; i++)
        list.items[i] = brio_json_from_str(items[i].value);
    return list;
}

/* A scalar takes the last, of headers the first. */
static brio_json scalar_of(const gathered *g, const item *items, size_t n)
{
    return brio_json_from_str(items[g->in == BRIO_IN_HEADER ? 0 : n - 1].value);
}

static bool is_list(const brio_field *field)
{
    brio_kind kind = field->kind == BRIO_KIND_MODEL ? field->model()->kind : field->kind;
    return kind == BRIO_KIND_LIST;
}

static void add_default(gathered *g, const brio_field *field, brio_str key)
{
    brio_json value;
    if (field->def &&
        brio_json_parse(g->arena, brio_str_from(field->def), NULL, &value, NULL) == 0 &&
        value.type != BRIO_JSON_NULL)
        add(g, key, value);
}

static void add_field(gathered *g, const brio_field *field, brio_str key)
{
    brio_str name = key;
    if (g->in == BRIO_IN_HEADER && !g->exact)
        name = brio_app_header_name(g->arena, field, key);
    size_t n;
    item *items = find(g, name, &n);
    if (!items) {
        add_default(g, field, key);
        return;
    }
    add(g, key, is_list(field) ? list_of(g, items, n) : scalar_of(g, items, n));
    items->taken = true;
}

static void add_fields(gathered *g, const brio_model *model)
{
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in == BRIO_IN_FIELD)
            add_field(g, &rows[i], brio_field_wire_name(model, i));
}

/* Names the model does not know, in the order of the request. */
static void add_others(gathered *g)
{
    const item **in_order = BRIO_NEW_ARRAY(g->arena, const item *, g->n);
    for (size_t i = 0; i < g->n; i++)
        in_order[g->items[i].at] = &g->items[i];
    for (size_t i = 0; i < g->n; i++) {
        size_t n;
        item *items = find(g, in_order[i]->name, &n);
        if (items != in_order[i] || items->taken)
            continue; /* not the first of its name */
        bool several = n > 1 && g->in != BRIO_IN_COOKIE;
        add(g, items->name, several ? list_of(g, items, n) : scalar_of(g, items, n));
    }
}

void brio_app_bind_model(brio_request *req, const brio_app_param *p, void *in,
                         brio_problems *problems)
{
    const brio_model *model = p->field->model();
    gathered g = {.arena = req->arena, .in = p->field->in, .exact = p->field->exact_name};
    if (g.in == BRIO_IN_QUERY)
        gather_query(&g, req->http);
    else if (g.in == BRIO_IN_HEADER)
        gather_headers(&g, req->http);
    else
        gather_cookies(&g, req->http);
    if (g.n)
        qsort(g.items, g.n, sizeof *g.items, by_name);
    g.members = BRIO_NEW_ARRAY(g.arena, brio_json_member, model->n + BRIO_APP_ROWS_MAX + g.n);
    add_fields(&g, model);
    add_others(&g);
    brio_json object = {.type = BRIO_JSON_OBJECT, .n = (uint32_t)g.n_members};
    object.members = g.members;
    /* A failure is in `problems`. */
    (void)!brio_decode_field(&object, p->field, in, p->loc.up, problems);
}

/* ---- For all who name headers ---------------------------------------------------------- */

brio_str brio_app_header_name(brio_arena *arena, const brio_field *field, brio_str key)
{
    if (field->alias || field->validation_alias || field->exact_name)
        return lower(arena, key);
    char *out = brio_alloc_aligned(arena, key.len, 1);
    for (size_t i = 0; i < key.len; i++)
        out[i] = key.ptr[i] == '_' ? '-' : brio_lower(key.ptr[i]);
    return (brio_str){out, key.len};
}
