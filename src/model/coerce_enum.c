/* SPDX-License-Identifier: MIT
 *
 * A C enum whose values have names: read by the name, exactly. What was
 * expected is told in Python's words, `'a', 'b' or 'c'`, each name as its
 * repr() would print it. */
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

/* Python's repr of a string: single quotes, unless only those are inside. */
static void add_repr(brio_buf *out, const char *name)
{
    char quote = strchr(name, '\'') && !strchr(name, '"') ? '"' : '\'';
    brio_buf_char(out, quote);
    for (; *name; name++) {
        char hex[5];
        const char *escape = escape_of(*name, hex);
        if (escape)
            brio_buf_add(out, brio_str_from(escape));
        else if (*name == quote)
            brio_buf_printf(out, "\\%c", quote);
        else
            brio_buf_char(out, *name);
    }
    brio_buf_char(out, quote);
}

static brio_str expected_names(brio_arena *arena, const brio_model *model)
{
    size_t room = 1;
    for (size_t i = 0; i < model->n_values; i++)
        room += 4 * strlen(model->values[i].name) + 6;
    brio_buf out = brio_buf_over(brio_alloc_aligned(arena, room, 1), room);
    for (size_t i = 0; i < model->n_values; i++) {
        if (i)
            brio_buf_add(&out, i + 1 < model->n_values ? BRIO_S(", ") : BRIO_S(" or "));
        add_repr(&out, model->values[i].name);
    }
    BRIO_ASSERT(!out.failed);
    return brio_buf_str(&out);
}

static int fail_enum(const brio_site *site)
{
    brio_arena *arena = site->problems->arena;
    brio_str expected = expected_names(arena, site->row->model);
    brio_json quoted = brio_json_from_str(expected);
    return brio_site_fail(
        site, "enum", brio_printf(arena, "Input should be %.*s", BRIO_ARG(expected)),
        brio_printf(arena, "{\"expected\":%.*s}", BRIO_ARG(brio_json_text(arena, &quoted))));
}

int brio_coerce_enum(const brio_site *site, void *out)
{
    const brio_model *model = site->row->model;
    if (site->input->type != BRIO_JSON_STR)
        return fail_enum(site);
    for (size_t i = 0; i < model->n_values; i++)
        if (brio_str_eq(site->input->str, brio_str_from(model->values[i].name))) {
            brio_enum_store(out, model->size, model->values[i].value);
            return 0;
        }
    return fail_enum(site);
}
