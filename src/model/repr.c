/* SPDX-License-Identifier: MIT
 *
 * Python's words for values and types, where messages and locations show
 * them: `'a', 1 or None`, `dict[str,int]`, `constrained-int`. */
#include "model/model_internal.h"

/* The escape of an unprintable ASCII character or backslash, or NULL; `hex`
 * is room for the forms that have no letter. */
static const char *escape_of(char c, char hex[5])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)c;
    switch (c) {
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        if (byte >= 0x20 && byte != 0x7F)
            return NULL;
        memcpy(hex, (char[]){'\\', 'x', digits[byte >> 4], digits[byte & 15], '\0'}, 5);
        return hex;
    }
}

/* Single quotes, unless only those are inside. */
static void add_str(brio_buf *out, brio_str s)
{
    bool single = s.len && memchr(s.ptr, '\'', s.len), twice = s.len && memchr(s.ptr, '"', s.len);
    char quote = single && !twice ? '"' : '\'';
    brio_buf_char(out, quote);
    for (size_t i = 0; i < s.len; i++) {
        char hex[5];
        const char *escape = escape_of(s.ptr[i], hex);
        if (escape)
            brio_buf_add(out, brio_str_from(escape));
        else if (s.ptr[i] == quote)
            brio_buf_printf(out, "\\%c", quote);
        else
            brio_buf_char(out, s.ptr[i]);
    }
    brio_buf_char(out, quote);
}

static void add_parts(brio_buf *out, const brio_json *value)
{
    bool list = value->type == BRIO_JSON_ARRAY;
    brio_buf_char(out, list ? '[' : '{');
    for (uint32_t i = 0; i < value->n; i++) {
        if (i)
            brio_buf_add(out, BRIO_S(", "));
        if (!list) {
            add_str(out, value->members[i].key);
            brio_buf_add(out, BRIO_S(": "));
        }
        brio_add_repr(out, list ? &value->items[i] : &value->members[i].value);
    }
    brio_buf_char(out, list ? ']' : '}');
}

void brio_add_repr(brio_buf *out, const brio_json *value)
{
    brio_json_writer w = {.out = out};
    switch (value->type) {
    case BRIO_JSON_STR:
        add_str(out, value->str);
        break;
    case BRIO_JSON_NULL:
        brio_buf_add(out, BRIO_S("None"));
        break;
    case BRIO_JSON_BOOL:
        brio_buf_add(out, value->boolean ? BRIO_S("True") : BRIO_S("False"));
        break;
    case BRIO_JSON_ARRAY:
    case BRIO_JSON_OBJECT:
        add_parts(out, value);
        break;
    case BRIO_JSON_FLOAT: {
        char text[BRIO_F64_TEXT_MAX];
        brio_buf_add(out, (brio_str){text, brio_f64_text(text, value->number)});
        break;
    }
    default:
        brio_json_value(&w, value);
        break;
    }
}

static brio_str finish(brio_arena *arena, brio_buf *buf)
{
    BRIO_ASSERT(!buf->failed);
    brio_str text = brio_str_copy(arena, brio_buf_str(buf));
    brio_buf_release(arena, buf);
    return text;
}

brio_str brio_repr_of_any(brio_arena *arena, const brio_json *values, size_t n)
{
    brio_buf *buf = brio_buf_acquire(arena);
    for (size_t i = 0; i < n; i++) {
        if (i)
            brio_buf_add(buf, i + 1 < n ? BRIO_S(", ") : BRIO_S(" or "));
        brio_add_repr(buf, &values[i]);
    }
    return finish(arena, buf);
}

/* ---- Types --------------------------------------------------------------------- */

enum { NESTING_MAX = 8 }; /* of unions and lists of themselves */

static void add_type(brio_buf *out, const brio_plan_field *row, int depth);

static void add_types(brio_buf *out, const brio_plan *plan, const char *comma, int depth)
{
    bool first = true;
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->model->kind == BRIO_KIND_TUPLE && !plan->fields[i].member)
            continue;
        if (!first)
            brio_buf_add(out, brio_str_from(comma));
        first = false;
        add_type(out, &plan->fields[i], depth + 1);
    }
}

static void add_generic(brio_buf *out, const char *name, const brio_plan_field *row,
                        const char *comma, int depth)
{
    brio_buf_printf(out, "%s[", name);
    add_types(out, brio_model_plan(row->model), comma, depth);
    if (row->kind == BRIO_KIND_LIST && row->as == BRIO_TUPLE_OF)
        brio_buf_add(out, BRIO_S(", ..."));
    brio_buf_char(out, ']');
}

static void add_literals(brio_buf *out, const brio_plan_field *row)
{
    brio_buf_add(out, BRIO_S("literal["));
    for (uint32_t i = 0; i < row->n_literals; i++) {
        if (i)
            brio_buf_char(out, ',');
        brio_add_repr(out, &row->literals[i]);
    }
    brio_buf_char(out, ']');
}

static void add_number(brio_buf *out, const char *name, const brio_plan_field *row)
{
    const brio_field *f = row->row;
    bool bound = f->gt.set || f->ge.set || f->lt.set || f->le.set || f->multiple_of.set;
    brio_buf_printf(out, "%s%s", bound || f->finite ? "constrained-" : "", name);
}

static const char *list_name(const brio_plan_field *row)
{
    static const char *const names[] = {"list", "set", "frozenset", "tuple"};
    return names[row->as];
}

/* ORDER KIND */
static void add_present(brio_buf *out, const brio_plan_field *row, int depth)
{
    const brio_model *model = row->model;
    switch ((brio_kind)row->kind) {
    case BRIO_KIND_BOOL:
        brio_buf_add(out, BRIO_S("bool"));
        break;
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        add_number(out, "float", row);
        break;
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        brio_buf_add(out, row->row->min_length || row->row->max_length || row->row->pattern
                              ? BRIO_S("constrained-str")
                              : BRIO_S("str"));
        break;
    case BRIO_KIND_JSON:
        brio_buf_add(out, BRIO_S("any"));
        break;
    case BRIO_KIND_NONE:
        brio_buf_add(out, BRIO_S("none"));
        break;
    case BRIO_KIND_ENUM:
        brio_buf_printf(out, "%s-enum[%s]", model->ints ? "int" : "str", model->name);
        break;
    case BRIO_KIND_STRUCT:
        brio_buf_add(out, brio_str_from(model->name));
        break;
    case BRIO_KIND_LIST:
        add_generic(out, list_name(row), row, ",", depth);
        break;
    case BRIO_KIND_TUPLE:
        add_generic(out, "tuple", row, ", ", depth);
        break;
    case BRIO_KIND_DICT:
        add_generic(out, "dict", row, ",", depth);
        break;
    case BRIO_KIND_UNION:
        add_generic(out, brio_model_plan(model)->n_tags ? "tagged-union" : "union", row, ",",
                    depth);
        break;
    case BRIO_KIND_TYPE:
        brio_buf_add(out, brio_str_from(model->type->label ? model->type->label : model->name));
        break;
    default:
        add_number(out, "int", row);
        break;
    }
}

static void add_type(brio_buf *out, const brio_plan_field *row, int depth)
{
    if (depth > NESTING_MAX) {
        brio_buf_add(out, BRIO_S("..."));
        return;
    }
    bool nullable = row->nullable && !row->in_union;
    if (nullable)
        brio_buf_add(out, BRIO_S("nullable["));
    if (row->row->json_text)
        brio_buf_add(out, BRIO_S("json["));
    if (row->n_literals)
        add_literals(out, row);
    else
        add_present(out, row, depth);
    if (row->row->json_text)
        brio_buf_char(out, ']');
    if (nullable)
        brio_buf_char(out, ']');
}

brio_str brio_union_label(brio_arena *arena, const brio_plan_field *row)
{
    brio_buf *buf = brio_buf_acquire(arena);
    add_type(buf, row, 0);
    return finish(arena, buf);
}
