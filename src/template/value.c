/* SPDX-License-Identifier: MIT
 *
 * Values of a rendering: JSON values, with a mark for safe text and one for
 * names that are not there. They are printed as Python's str() prints them, and
 * strings inside lists as repr() does. */
#include "template/template_internal.h"

#include <inttypes.h>
#include <stdio.h>

brio_tpl_value brio_tpl_of(brio_json json)
{
    return (brio_tpl_value){.json = json};
}

brio_tpl_value brio_tpl_undefined(void)
{
    return (brio_tpl_value){.undefined = true};
}

brio_tpl_value brio_tpl_of_str(brio_str s)
{
    return brio_tpl_of(brio_json_from_str(s));
}

brio_tpl_value brio_tpl_of_int(int64_t i)
{
    return brio_tpl_of(brio_json_from_int(i));
}

brio_tpl_value brio_tpl_of_bool(bool b)
{
    brio_json j = {.type = BRIO_JSON_BOOL};
    j.boolean = b;
    return brio_tpl_of(j);
}

brio_tpl_value brio_tpl_of_float(double d)
{
    brio_json j = {.type = BRIO_JSON_FLOAT};
    j.number = d;
    return brio_tpl_of(j);
}

brio_tpl_value brio_tpl_list(brio_arena *arena, size_t n)
{
    brio_json j = {.type = BRIO_JSON_ARRAY, .n = (uint32_t)n};
    j.items = BRIO_NEW_ARRAY(arena, brio_json, n ? n : 1);
    return brio_tpl_of(j);
}

const char *brio_tpl_kind(const brio_tpl_value *v)
{
    static const char *const kinds[] = {"none",   "a bool", "a number", "a number", "a number",
                                        "a text", "a list", "a dict",   "JSON text"};
    return v->undefined ? "undefined" : kinds[v->json.type];
}

bool brio_tpl_is_number(const brio_json *j)
{
    return j->type == BRIO_JSON_BOOL || j->type == BRIO_JSON_INT || j->type == BRIO_JSON_FLOAT ||
           j->type == BRIO_JSON_BIGINT;
}

double brio_tpl_number(const brio_json *j)
{
    double big = 0;
    switch (j->type) {
    case BRIO_JSON_BOOL:
        return j->boolean;
    case BRIO_JSON_INT:
        return (double)j->integer;
    case BRIO_JSON_FLOAT:
        return j->number;
    default:
        return brio_f64_parse(j->str, &big) < 0 ? 0 : big;
    }
}

bool brio_tpl_true(const brio_tpl_value *v)
{
    switch (v->json.type) {
    case BRIO_JSON_NULL:
        return false;
    case BRIO_JSON_STR:
    case BRIO_JSON_RAW:
        return v->json.str.len > 0;
    case BRIO_JSON_ARRAY:
    case BRIO_JSON_OBJECT:
        return v->json.n > 0;
    default:
        return brio_tpl_number(&v->json) != 0;
    }
}

bool brio_tpl_equal(const brio_tpl_value *a, const brio_tpl_value *b)
{
    bool numbers = brio_tpl_is_number(&a->json) && brio_tpl_is_number(&b->json);
    if (a->undefined || b->undefined)
        return a->undefined && b->undefined;
    if (numbers && (a->json.type == BRIO_JSON_BOOL || b->json.type == BRIO_JSON_BOOL))
        return brio_tpl_number(&a->json) == brio_tpl_number(&b->json);
    return brio_json_equal(&a->json, &b->json);
}

static int sign_of(double a, double b)
{
    return (a > b) - (a < b);
}

int brio_tpl_compare(brio_tpl_run *run, const brio_json *a, const brio_json *b)
{
    if (a->type == BRIO_JSON_INT && b->type == BRIO_JSON_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (brio_tpl_is_number(a) && brio_tpl_is_number(b))
        return sign_of(brio_tpl_number(a), brio_tpl_number(b));
    if (a->type == BRIO_JSON_STR && b->type == BRIO_JSON_STR)
        return brio_str_compare(a->str, b->str);
    brio_tpl_value left = brio_tpl_of(*a), right = brio_tpl_of(*b);
    brio_tpl_fail(run, BRIO_EMODEL, "%s and %s have no order", brio_tpl_kind(&left),
                  brio_tpl_kind(&right));
    return 0;
}

brio_tpl_value brio_tpl_member(const brio_tpl_value *of, brio_str name)
{
    const brio_json *member =
        of->json.type == BRIO_JSON_OBJECT ? brio_json_get(&of->json, name) : NULL;
    return member ? brio_tpl_of(*member) : brio_tpl_undefined();
}

/* ---- Printing ------------------------------------------------------------- */

static void print_json(brio_buf *out, const brio_json *j);

/* In single quotes unless only double ones save escapes, as repr() does. */
static void print_repr(brio_buf *out, brio_str s)
{
    bool single = s.len && memchr(s.ptr, '\'', s.len), twice = s.len && memchr(s.ptr, '"', s.len);
    char quote = single && !twice ? '"' : '\'';
    brio_buf_char(out, quote);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == (unsigned char)quote || c == '\\')
            brio_buf_printf(out, "\\%c", c);
        else if (c == '\n' || c == '\t' || c == '\r')
            brio_buf_printf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c < 0x20 || c == 0x7F)
            brio_buf_printf(out, "\\x%02x", c);
        else
            brio_buf_char(out, (char)c);
    }
    brio_buf_char(out, quote);
}

static void print_inside(brio_buf *out, const brio_json *j)
{
    if (j->type == BRIO_JSON_STR)
        print_repr(out, j->str);
    else
        print_json(out, j);
}

static void print_items(brio_buf *out, const brio_json *j)
{
    bool object = j->type == BRIO_JSON_OBJECT;
    brio_buf_char(out, object ? '{' : '[');
    for (uint32_t i = 0; i < j->n && !out->failed; i++) {
        if (i)
            brio_buf_add(out, BRIO_S(", "));
        if (object) {
            print_repr(out, j->members[i].key);
            brio_buf_add(out, BRIO_S(": "));
        }
        print_inside(out, object ? &j->members[i].value : &j->items[i]);
    }
    brio_buf_char(out, object ? '}' : ']');
}

static void print_json(brio_buf *out, const brio_json *j)
{
    char number[BRIO_F64_TEXT_MAX];
    switch (j->type) {
    case BRIO_JSON_NULL:
        brio_buf_add(out, BRIO_S("None"));
        return;
    case BRIO_JSON_BOOL:
        brio_buf_add(out, j->boolean ? BRIO_S("True") : BRIO_S("False"));
        return;
    case BRIO_JSON_INT:
        brio_buf_i64(out, j->integer);
        return;
    case BRIO_JSON_FLOAT:
        brio_buf_add(out, (brio_str){number, brio_f64_text(number, j->number)});
        return;
    case BRIO_JSON_ARRAY:
    case BRIO_JSON_OBJECT:
        print_items(out, j);
        return;
    default:
        brio_buf_add(out, j->str);
    }
}

void brio_tpl_print(brio_buf *out, const brio_tpl_value *v)
{
    if (!v->undefined)
        print_json(out, &v->json);
}

/* What is written twice as large each time costs as much again as it is long. */
brio_str brio_tpl_written(brio_tpl_run *run, brio_tpl_write_fn *write, const void *arg)
{
    size_t most = run->out->limit;
    for (size_t size = 256;; size *= 4) {
        brio_buf buf = brio_buf_over(brio_alloc_aligned(run->arena, size, 1), size);
        write(&buf, arg);
        if (!buf.failed)
            return brio_buf_str(&buf);
        if (size > most) {
            brio_tpl_fail(run, BRIO_ELIMIT, "a text of more than %zu bytes", most);
            return (brio_str){0};
        }
    }
}

static void write_value(brio_buf *out, const void *arg)
{
    brio_tpl_print(out, arg);
}

brio_str brio_tpl_text(brio_tpl_run *run, const brio_tpl_value *v)
{
    if (v->json.type == BRIO_JSON_STR || v->undefined)
        return v->undefined ? BRIO_S("") : v->json.str;
    return brio_tpl_written(run, write_value, v);
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\'':
        return "&#39;";
    case '"':
        return "&#34;";
    default:
        return NULL;
    }
}

void brio_tpl_escape(brio_buf *out, brio_str s)
{
    size_t done = 0;
    for (size_t i = 0; i < s.len; i++) {
        const char *coded = entity(s.ptr[i]);
        if (!coded)
            continue;
        brio_buf_add(out, brio_str_slice(s, done, i - done));
        brio_buf_add(out, brio_str_from(coded));
        done = i + 1;
    }
    brio_buf_add(out, brio_str_slice(s, done, SIZE_MAX));
}

static void write_escaped(brio_buf *out, const void *arg)
{
    brio_tpl_escape(out, *(const brio_str *)arg);
}

brio_str brio_tpl_escaped(brio_tpl_run *run, const brio_tpl_value *v)
{
    brio_str text = brio_tpl_text(run, v);
    return v->safe ? text : brio_tpl_written(run, write_escaped, &text);
}

/* ---- Iterating ------------------------------------------------------------- */

static size_t character_len(brio_str s, size_t at)
{
    size_t n = 1;
    while (at + n < s.len && ((unsigned char)s.ptr[at + n] & 0xC0) == 0x80)
        n++;
    return n;
}

static brio_tpl_value characters(brio_arena *arena, brio_str s)
{
    brio_tpl_value list = brio_tpl_list(arena, s.len);
    uint32_t n = 0;
    for (size_t at = 0; at < s.len; n++) {
        size_t len = character_len(s, at);
        list.json.items[n] = brio_json_from_str(brio_str_slice(s, at, len));
        at += len;
    }
    list.json.n = n;
    return list;
}

brio_tpl_value brio_tpl_items(brio_tpl_run *run, const brio_tpl_value *v)
{
    if (v->undefined)
        return brio_tpl_list(run->arena, 0);
    if (v->json.type == BRIO_JSON_ARRAY)
        return *v;
    if (v->json.type == BRIO_JSON_STR)
        return characters(run->arena, v->json.str);
    if (v->json.type != BRIO_JSON_OBJECT) {
        brio_tpl_fail(run, BRIO_EMODEL, "%s cannot be iterated over", brio_tpl_kind(v));
        return brio_tpl_list(run->arena, 0);
    }
    brio_tpl_value list = brio_tpl_list(run->arena, v->json.n);
    for (uint32_t i = 0; i < v->json.n; i++)
        list.json.items[i] = brio_json_from_str(v->json.members[i].key);
    return list;
}
