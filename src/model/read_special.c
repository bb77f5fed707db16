/* SPDX-License-Identifier: MIT
 *
 * Rows with more to say than a kind and its bounds: validators of the program,
 * literals, values that arrive as JSON text. Python's order: the validator
 * before, null, JSON text, literal, the value itself, the validator after. */
#include "model/model_internal.h"

#include <stdarg.h>

static const brio_str no_ctx = {0};

/* ---- Validators --------------------------------------------------------------- */

struct brio_check {
    const brio_site *site;
    bool failed;
};

static BRIO_PRINTF(4, 0) int fail(brio_check *c, const char *type, const char *prefix,
                                  const char *fmt, va_list args)
{
    brio_arena *arena = c->site->problems->arena;
    brio_str text = brio_vprintf(arena, fmt, args);
    c->failed = true;
    return brio_site_fail(c->site, type, brio_printf(arena, "%s, %.*s", prefix, BRIO_ARG(text)),
                          BRIO_S("{\"error\":{}}"));
}

int brio_check_fail(brio_check *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int rc = fail(c, "value_error", "Value error", fmt, args);
    va_end(args);
    return rc;
}

int brio_check_assert(brio_check *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int rc = fail(c, "assertion_error", "Assertion failed", fmt, args);
    va_end(args);
    return rc;
}

brio_arena *brio_check_arena(const brio_check *c)
{
    return c->site->problems->arena;
}

/* A validator that fails without a word still has a problem to its name. */
static int verdict(brio_check *c, int rc)
{
    if (rc < 0 && !c->failed)
        return brio_check_fail(c, "%s", brio_error_text(rc));
    return c->failed ? BRIO_EINVALID : 0;
}

int brio_check_before(const brio_site *site, brio_before_fn *fn, brio_json *value)
{
    brio_check check = {.site = site};
    return verdict(&check, fn(&check, value));
}

int brio_check_after(const brio_site *site, brio_after_fn *fn, void *value)
{
    brio_check check = {.site = site};
    return verdict(&check, fn(&check, value));
}

/* ---- Literals ------------------------------------------------------------------- */

/* As Python compares: True is 1, and 1.0 is too. */
static bool equals_literal(const brio_json *input, const brio_json *literal)
{
    brio_json number = *input, expected = *literal;
    if (number.type == BRIO_JSON_BOOL)
        number = brio_json_from_int(number.boolean);
    if (expected.type == BRIO_JSON_BOOL)
        expected = brio_json_from_int(expected.boolean);
    return brio_json_equal(&number, &expected);
}

/* The literal itself, if there is one of its very type. */
static const brio_json *find_literal(const brio_plan_field *row, const brio_json *input)
{
    for (uint32_t i = 0; i < row->n_literals; i++)
        if (row->literals[i].type == input->type && brio_json_equal(&row->literals[i], input))
            return &row->literals[i];
    for (uint32_t i = 0; i < row->n_literals; i++)
        if (equals_literal(input, &row->literals[i]))
            return &row->literals[i];
    return NULL;
}

static int read_literal(const brio_site *site, void *out)
{
    brio_site at = *site;
    at.input = find_literal(site->row, site->input);
    if (at.input)
        return brio_read_kind(&at, out);
    brio_arena *arena = site->problems->arena;
    brio_str expected = brio_repr_of_any(arena, site->row->literals, site->row->n_literals);
    brio_json quoted = brio_json_from_str(expected);
    return brio_site_fail(
        site, "literal_error", brio_printf(arena, "Input should be %.*s", BRIO_ARG(expected)),
        brio_printf(arena, "{\"expected\":%.*s}", BRIO_ARG(brio_json_text(arena, &quoted))));
}

/* ---- JSON text -------------------------------------------------------------------- */

static int fail_json(const brio_site *site, const brio_json_fault *fault, int rc)
{
    brio_arena *arena = site->problems->arena;
    brio_str text = site->input->str;
    brio_str why = rc == BRIO_ELIMIT ? BRIO_S("recursion limit exceeded at line 1 column 128")
                                     : brio_json_rust_words(arena, text, fault);
    brio_json quoted = brio_json_from_str(why);
    return brio_site_fail(
        site, "json_invalid", brio_printf(arena, "Invalid JSON: %.*s", BRIO_ARG(why)),
        brio_printf(arena, "{\"error\":%.*s}", BRIO_ARG(brio_json_text(arena, &quoted))));
}

static int read_text_of_json(const brio_site *site, void *out)
{
    if (site->input->type != BRIO_JSON_STR)
        return brio_site_fail(site, "json_type",
                              BRIO_S("JSON input should be string, bytes or bytearray"), no_ctx);
    brio_json value = {0};
    brio_json_fault fault = {0};
    int rc = brio_json_parse(site->problems->arena, site->input->str, NULL, &value, &fault);
    if (rc < 0)
        return fail_json(site, &fault, rc);
    brio_site at = *site;
    at.input = &value;
    return site->row->n_literals ? read_literal(&at, out) : brio_read_kind(&at, out);
}

/* ---- The row ------------------------------------------------------------------------ */

static int read_here(const brio_site *site, void *out)
{
    if (site->row->row->json_text)
        return read_text_of_json(site, out);
    return site->row->n_literals ? read_literal(site, out) : brio_read_kind(site, out);
}

static int read_or_null(const brio_site *site, void *out)
{
    if (!site->row->nullable || site->row->in_union)
        return read_here(site, out);
    void *value = NULL;
    if (site->input->type != BRIO_JSON_NULL) {
        value = brio_calloc(site->problems->arena, 1, site->row->size);
        if (read_here(site, value) < 0)
            return BRIO_EINVALID;
    }
    memcpy(out, &value, sizeof value);
    return 0;
}

int brio_read_special(const brio_site *site, void *out)
{
    const brio_field *row = site->row->row;
    brio_json value = *site->input;
    brio_site at = *site;
    at.input = &value;
    if (row->before && brio_check_before(site, row->before, &value) < 0)
        return BRIO_EINVALID;
    int rc = read_or_null(&at, out);
    return rc == 0 && row->after ? brio_check_after(&at, row->after, out) : rc;
}
