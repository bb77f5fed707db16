/* SPDX-License-Identifier: MIT
 *
 * Routes as the document sees them: which ones it shows and in what order,
 * what they are called, and what FastAPI reads out of their declaration.
 *
 * Names follow FastAPI, since clients generated from its documents must find
 * the same ones: the operationId is name + path with every character that is
 * no part of a word as '_', and the method behind it. Python asks Unicode what
 * a word is; here all bytes beyond ASCII are letters. */
#include "app/docs_internal.h"

#include <stdlib.h>

/* ---- Order ------------------------------------------------------------------ */

brio_str brio_app_operation_method(brio_arena *arena, const brio_app_route *route)
{
    brio_str given = brio_str_from(route->spec.method);
    char *out = brio_alloc_aligned(arena, given.len + 1, 1);
    for (size_t i = 0; i < given.len; i++)
        out[i] = brio_lower(given.ptr[i]);
    return (brio_str){out, given.len};
}

static size_t collect(brio_arena *arena, const brio_app *app, brio_app_operation *ops)
{
    size_t n = 0;
    for (const brio_app_route *route = app->routes; route; route = route->next)
        if (!route->spec.hidden && !brio_app_is_socket(route))
            ops[n++] = (brio_app_operation){.route = route,
                                            .method = brio_app_operation_method(arena, route)};
    return n;
}

typedef struct place {
    brio_str path;
    brio_app_operation *op;
} place;

static int by_path(const void *a, const void *b)
{
    const place *x = a, *y = b;
    int order = brio_str_compare(x->path, y->path);
    return order ? order : x->op < y->op ? -1 : x->op > y->op;
}

/* Puts `op` behind the others at its path, or in the place of its twin. */
static void join(brio_app_operation *first, brio_app_operation *op)
{
    brio_app_operation *at = first;
    while (at->next && !brio_str_eq(at->method, op->method))
        at = at->next;
    if (brio_str_eq(at->method, op->method))
        at->route = op->route;
    else
        at->next = op;
}

/* Chains the operations of each path; `joined` tells which are behind another. */
static void join_paths(brio_arena *arena, brio_app_operation *ops, size_t n, bool *joined)
{
    place *sorted = BRIO_NEW_ARRAY(arena, place, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (place){ops[i].route->path.format, &ops[i]};
    qsort(sorted, n, sizeof *sorted, by_path);
    for (size_t i = 1, first = 0; i < n; i++) {
        bool same = brio_str_eq(sorted[first].path, sorted[i].path);
        if (same)
            join(sorted[first].op, sorted[i].op);
        else
            first = i;
        joined[sorted[i].op - ops] = same;
    }
}

brio_app_operation *brio_app_operations(brio_arena *arena, const brio_app *app)
{
    brio_app_operation *ops = BRIO_NEW_ARRAY(arena, brio_app_operation, app->n_routes);
    bool *joined = BRIO_NEW_ARRAY(arena, bool, app->n_routes);
    size_t n = collect(arena, app, ops);
    join_paths(arena, ops, n, joined);
    brio_app_operation *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (joined[i])
            continue;
        if (last)
            last->next_path = &ops[i];
        last = &ops[i];
    }
    return n ? ops : NULL;
}

/* ---- Names ------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_given(const char *text)
{
    return text && *text;
}

brio_str brio_app_operation_id(brio_arena *arena, const brio_app_route *route)
{
    if (is_given(route->spec.operation_id))
        return brio_str_from(route->spec.operation_id);
    brio_str method = brio_app_operation_method(arena, route);
    brio_str id = brio_printf(arena, "%s%.*s_%.*s", route->spec.name, BRIO_ARG(route->path.format),
                              BRIO_ARG(method));
    char *out = brio_cstr(arena, id);
    for (size_t i = 0; i < id.len - method.len; i++)
        if (!is_word(out[i]))
            out[i] = '_';
    return (brio_str){out, id.len};
}

brio_str brio_app_operation_summary(brio_arena *arena, const brio_app_route *route)
{
    if (is_given(route->spec.summary))
        return brio_str_from(route->spec.summary);
    return brio_title_case(arena, brio_str_from(route->spec.name));
}

/* What Python's str.strip() takes away, as far as it is ASCII. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}

static brio_str strip(brio_str s)
{
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    while (s.len && is_blank(s.ptr[0]))
        s = brio_str_slice(s, 1, SIZE_MAX);
    return s;
}

brio_str brio_app_operation_description(const brio_app_route *route)
{
    return strip(brio_str_cut(brio_str_from(route->spec.description), '\f').head);
}

bool brio_app_next_tag(brio_str *rest, brio_str *ret)
{
    while (rest->len) {
        brio_str_pair cut = brio_str_cut(*rest, ',');
        *rest = cut.tail;
        *ret = strip(cut.head);
        if (ret->len)
            return true;
    }
    return false;
}

/* ---- What a declaration means --------------------------------------------------- */

bool brio_app_field_required(const brio_field *field)
{
    return !field->def && !field->factory && (!field->nullable || field->required);
}

bool brio_app_body_required(const brio_app_route *route)
{
    const brio_app_params *body = brio_app_body_rows(route);
    bool required = false;
    for (size_t i = 0; i < body->n; i++)
        required |= brio_app_field_required(body->rows[i].field);
    return required;
}

bool brio_app_can_refuse(const brio_app_route *route)
{
    size_t n = 0;
    for (size_t in = BRIO_IN_PATH; in <= BRIO_IN_FILE; in++)
        n += route->from[in].n;
    return n && route->status != 422 && !brio_app_tells_refusal(&route->spec);
}

bool brio_app_answers_body(const brio_app_route *route)
{
    return route->status != 204 && route->status != 205 && route->status != 304;
}
