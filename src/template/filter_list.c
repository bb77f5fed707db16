/* SPDX-License-Identifier: MIT
 *
 * Filters over lists and dicts, and tojson, which is written as Jinja writes it:
 * keys sorted, ASCII only, and nothing in it that could end a script. */
#include "template/template_internal.h"

#include <stdlib.h>

static brio_tpl_value filter_length(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    if (v.json.type == BRIO_JSON_STR)
        return brio_tpl_of_int((int64_t)brio_utf8_length(v.json.str));
    return brio_tpl_of_int(brio_tpl_items(run, &v).json.n);
}

static brio_tpl_value filter_list(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    return brio_tpl_items(run, &v);
}

static brio_tpl_value filter_first(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    brio_tpl_value items = brio_tpl_items(run, &v);
    (void)args;
    return items.json.n ? brio_tpl_of(items.json.items[0]) : brio_tpl_undefined();
}

static brio_tpl_value filter_last(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    brio_tpl_value items = brio_tpl_items(run, &v);
    (void)args;
    return items.json.n ? brio_tpl_of(items.json.items[items.json.n - 1]) : brio_tpl_undefined();
}

static brio_tpl_value filter_reverse(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    brio_tpl_value from = brio_tpl_items(run, &v), to = brio_tpl_list(run->arena, from.json.n);
    (void)args;
    for (uint32_t i = 0; i < from.json.n; i++)
        to.json.items[from.json.n - 1 - i] = from.json.items[i];
    return to;
}

/* The item itself, or its member by a path with dots. */
static brio_json member_of(const brio_json *item, const brio_json *path)
{
    brio_tpl_value v = brio_tpl_of(*item);
    brio_str rest = path ? path->str : BRIO_S("");
    while (rest.len) {
        brio_str_pair cut = brio_str_cut(rest, '.');
        v = brio_tpl_member(&v, cut.head);
        rest = cut.tail;
    }
    return v.json;
}

static const brio_json *path_arg(const brio_tpl_args *args, size_t i)
{
    const brio_json *path = brio_tpl_arg_of(args, i, "attribute");
    return path && path->type == BRIO_JSON_STR ? path : NULL;
}

typedef struct joining {
    brio_str *parts;
    size_t n;
    brio_str between;
} joining;

static void write_joined(brio_buf *out, const void *arg)
{
    const joining *j = arg;
    for (size_t i = 0; i < j->n; i++) {
        if (i)
            brio_buf_add(out, j->between);
        brio_buf_add(out, j->parts[i]);
    }
}

/* join(between, attribute); with escaping on, what is joined is escaped and the
 * result safe if what stands between is. */
static brio_tpl_value filter_join(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    const brio_json *between = brio_tpl_arg_of(args, 0, "d"), *path = path_arg(args, 1);
    brio_tpl_value items = brio_tpl_items(run, &v);
    bool safe = args->n && args->safe[0];
    joining j = {.n = items.json.n};
    j.parts = BRIO_NEW_ARRAY(run->arena, brio_str, j.n + 1);
    for (size_t i = 0; i < j.n; i++) {
        brio_tpl_value item = brio_tpl_of(member_of(&items.json.items[i], path));
        j.parts[i] = safe ? brio_tpl_escaped(run, &item) : brio_tpl_text(run, &item);
    }
    if (between && between->type == BRIO_JSON_STR)
        j.between = between->str;
    brio_tpl_value out = brio_tpl_of_str(brio_tpl_written(run, write_joined, &j));
    out.safe = safe;
    return out;
}

/* ---- Sorting: stable, by merging ------------------------------------------------ */

typedef struct sorting {
    brio_tpl_run *run;
    const brio_json *path;
    bool reverse, cased;
} sorting;

static int order(const sorting *s, const brio_json *a, const brio_json *b)
{
    brio_json x = member_of(a, s->path), y = member_of(b, s->path);
    if (!s->cased && x.type == BRIO_JSON_STR && y.type == BRIO_JSON_STR) {
        size_t n = x.str.len < y.str.len ? x.str.len : y.str.len;
        for (size_t i = 0; i < n; i++) {
            int d =
                (unsigned char)brio_lower(x.str.ptr[i]) - (unsigned char)brio_lower(y.str.ptr[i]);
            if (d)
                return d;
        }
        return (x.str.len > y.str.len) - (x.str.len < y.str.len);
    }
    return brio_tpl_compare(s->run, &x, &y);
}

static void merge(const sorting *s, const brio_json *from, brio_json *to, size_t low, size_t middle,
                  size_t high)
{
    size_t a = low, b = middle;
    for (size_t at = low; at < high; at++) {
        bool left = b >= high;
        if (!left && a < middle) {
            int d = order(s, &from[a], &from[b]);
            left = s->reverse ? d >= 0 : d <= 0;
        }
        to[at] = left ? from[a++] : from[b++];
    }
}

static brio_tpl_value sorted(const sorting *s, const brio_tpl_value *v)
{
    brio_tpl_value items = brio_tpl_items(s->run, v);
    size_t n = items.json.n;
    brio_tpl_value a = brio_tpl_list(s->run->arena, n), b = brio_tpl_list(s->run->arena, n);
    if (n)
        memcpy(a.json.items, items.json.items, n * sizeof *a.json.items);
    for (size_t width = 1; width < n && brio_tpl_step(s->run); width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = low + width < n ? low + width : n;
            size_t high = middle + width < n ? middle + width : n;
            merge(s, a.json.items, b.json.items, low, middle, high);
        }
        brio_tpl_value swap = a;
        a = b;
        b = swap;
    }
    return a;
}

static bool true_arg(const brio_tpl_args *args, size_t i, const char *name)
{
    const brio_json *j = brio_tpl_arg_of(args, i, name);
    return j && j->type == BRIO_JSON_BOOL && j->boolean;
}

static brio_tpl_value filter_sort(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    sorting s = {run, path_arg(args, 2), true_arg(args, 0, "reverse"),
                 true_arg(args, 1, "case_sensitive")};
    return sorted(&s, &v);
}

static brio_tpl_value pairs(brio_tpl_run *run, const brio_tpl_value *v)
{
    bool dict = v->json.type == BRIO_JSON_OBJECT;
    brio_tpl_value list = brio_tpl_list(run->arena, dict ? v->json.n : 0);
    if (!dict && !v->undefined)
        brio_tpl_fail(run, BRIO_EMODEL, "%s has no items", brio_tpl_kind(v));
    for (uint32_t i = 0; i < list.json.n; i++) {
        brio_tpl_value pair = brio_tpl_list(run->arena, 2);
        pair.json.items[0] = brio_json_from_str(v->json.members[i].key);
        pair.json.items[1] = v->json.members[i].value;
        list.json.items[i] = pair.json;
    }
    return list;
}

static brio_tpl_value filter_items(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    return pairs(run, &v);
}

static int by_key(const void *a, const void *b)
{
    const brio_json *x = a, *y = b;
    return brio_str_compare(x->items[0].str, y->items[0].str);
}

static brio_tpl_value filter_dictsort(brio_tpl_run *run, brio_tpl_value v,
                                      const brio_tpl_args *args)
{
    brio_tpl_value list = pairs(run, &v);
    (void)args;
    if (list.json.n)
        qsort(list.json.items, list.json.n, sizeof *list.json.items, by_key);
    return list;
}

static brio_tpl_value filter_sum(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    const brio_json *path = path_arg(args, 0);
    brio_tpl_value items = brio_tpl_items(run, &v), sum = brio_tpl_of_int(0);
    for (uint32_t i = 0; i < items.json.n && run->err == 0; i++)
        sum = brio_tpl_binary(run, BRIO_TPL_ADD, sum,
                              brio_tpl_of(member_of(&items.json.items[i], path)));
    return sum;
}

/* ---- tojson --------------------------------------------------------------------- */

static uint32_t next_code(brio_str s, size_t *at)
{
    unsigned char c = (unsigned char)s.ptr[(*at)++];
    uint32_t code = c < 0x80 ? c : c < 0xE0 ? c & 0x1Fu : c < 0xF0 ? c & 0x0Fu : c & 0x07u;
    while (c >= 0xC0 && *at < s.len && ((unsigned char)s.ptr[*at] & 0xC0) == 0x80)
        code = code << 6 | ((unsigned char)s.ptr[(*at)++] & 0x3Fu);
    return code;
}

static void put_code(brio_buf *out, uint32_t c)
{
    static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i < sizeof escapes - 1; i += 2)
        if (c == (unsigned char)escapes[i]) {
            brio_buf_printf(out, "\\%c", escapes[i + 1]);
            return;
        }
    if (c >= 0x10000)
        brio_buf_printf(out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10 & 0x3FF),
                        0xDC00 + (c & 0x3FF));
    else if (c < 0x20 || c >= 0x7F || strchr("<>&'", (int)c))
        brio_buf_printf(out, "\\u%04x", c);
    else
        brio_buf_char(out, (char)c);
}

static void put_string(brio_buf *out, brio_str s)
{
    brio_buf_char(out, '"');
    for (size_t at = 0; at < s.len;)
        put_code(out, next_code(s, &at));
    brio_buf_char(out, '"');
}

static void put_json(brio_buf *out, const brio_json *j);

/* The member that follows `last` by key; NULL behind the last. */
static const brio_json_member *next_member(const brio_json *j, const brio_json_member *last)
{
    const brio_json_member *next = NULL;
    for (uint32_t i = 0; i < j->n; i++) {
        const brio_json_member *m = &j->members[i];
        if (last && brio_str_compare(m->key, last->key) <= 0)
            continue;
        if (!next || brio_str_compare(m->key, next->key) < 0)
            next = m;
    }
    return next;
}

static void put_members(brio_buf *out, const brio_json *j)
{
    bool sorts = j->n <= 256; /* beyond it, order costs more than it is worth */
    const brio_json_member *m = sorts ? next_member(j, NULL) : j->members;
    for (uint32_t i = 0; i < j->n && m; i++) {
        if (i)
            brio_buf_add(out, BRIO_S(", "));
        put_string(out, m->key);
        brio_buf_add(out, BRIO_S(": "));
        put_json(out, &m->value);
        m = sorts ? next_member(j, m) : m + 1;
    }
}

static void put_json(brio_buf *out, const brio_json *j)
{
    brio_json_writer w = {.out = out};
    switch (j->type) {
    case BRIO_JSON_STR:
        put_string(out, j->str);
        return;
    case BRIO_JSON_ARRAY:
        brio_buf_char(out, '[');
        for (uint32_t i = 0; i < j->n && !out->failed; i++) {
            if (i)
                brio_buf_add(out, BRIO_S(", "));
            put_json(out, &j->items[i]);
        }
        brio_buf_char(out, ']');
        return;
    case BRIO_JSON_OBJECT:
        brio_buf_char(out, '{');
        put_members(out, j);
        brio_buf_char(out, '}');
        return;
    default:
        brio_json_value(&w, j);
    }
}

static void write_json(brio_buf *out, const void *arg)
{
    put_json(out, arg);
}

static brio_tpl_value filter_tojson(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    brio_tpl_value out = brio_tpl_of_str(brio_tpl_written(run, write_json, &v.json));
    out.safe = true;
    return out;
}

static const struct {
    const char *name;
    brio_tpl_filter *fn;
} filters[] = {
    {"count", filter_length},  {"dictsort", filter_dictsort}, {"first", filter_first},
    {"items", filter_items},   {"join", filter_join},         {"last", filter_last},
    {"length", filter_length}, {"list", filter_list},         {"reverse", filter_reverse},
    {"sort", filter_sort},     {"sum", filter_sum},           {"tojson", filter_tojson},
};

brio_tpl_filter *brio_tpl_list_filter_named(brio_str name)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (brio_str_eq(name, brio_str_from(filters[i].name)))
            return filters[i].fn;
    return NULL;
}
