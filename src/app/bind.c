/* SPDX-License-Identifier: MIT
 *
 * From the request into the input struct, in FastAPI's order: path, query,
 * header, cookie, body. Every problem is reported.
 *
 * The struct starts as a copy of the input's blank, in which what is optional
 * already has its default; so absence costs nothing, and an origin without
 * rows is not looked at. Values are texts that the model judges. */
#include "app/binding.h"

void brio_app_bind_text(const brio_app_param *p, const brio_str *values, size_t n, void *in,
                        brio_problems *problems)
{
    if (n == 0 && p->optional)
        return;
    if (n && p->glance && brio_app_glance_take(p, values[n - 1], in, problems->arena))
        return;
    /* A failure is in `problems`. */
    (void)!brio_decode_strings(values, n, p->field, in, &p->loc, problems);
}

/* ---- Path --------------------------------------------------------------------- */

static brio_json integer_of(brio_str text)
{
    uint64_t value;
    if (brio_str_to_u64(text, &value) == 0 && value <= INT64_MAX)
        return brio_json_from_int((int64_t)value);
    return (brio_json){.type = BRIO_JSON_BIGINT, .str = text};
}

static brio_json float_of(brio_str text)
{
    brio_json value = {.type = BRIO_JSON_FLOAT};
    int rc = brio_f64_parse(text, &value.number);
    return rc == 0 ? value : brio_json_from_str(text);
}

/* A JSON number has no leading zeroes. */
static brio_str without_zeroes(brio_str s)
{
    while (s.len > 1 && s.ptr[0] == '0' && s.ptr[1] != '.')
        s = brio_str_slice(s, 1, SIZE_MAX);
    return s;
}

/* Starlette turns {n:int} into an int before validation, so that is what a
 * problem shows as its input. */
static brio_json converted(brio_app_convertor convertor, brio_str text)
{
    brio_str number = without_zeroes(text);
    return convertor == BRIO_APP_CONV_INT ? integer_of(number) : float_of(number);
}

/* As str(UUID(text)) has it: hyphens, lower case. The router has checked it. */
static brio_str uuid_of(brio_arena *arena, brio_str text)
{
    char *out = brio_alloc_aligned(arena, 36, 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '-')
            continue;
        if (len == 8 || len == 13 || len == 18 || len == 23)
            out[len++] = '-';
        out[len++] = brio_lower(text.ptr[i]);
    }
    BRIO_ASSERT(len == 36);
    return (brio_str){out, len};
}

static void bind_path(brio_request *req, const brio_app_params *rows, void *in,
                      brio_problems *problems)
{
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        brio_str text = req->match.captures[p->capture];
        if (p->convertor == BRIO_APP_CONV_INT || p->convertor == BRIO_APP_CONV_FLOAT) {
            brio_json value = converted(p->convertor, text);
            (void)!brio_decode_field(&value, p->field, in, &p->loc, problems);
        } else {
            if (p->convertor == BRIO_APP_CONV_UUID)
                text = uuid_of(req->arena, text);
            brio_app_bind_text(p, &text, 1, in, problems);
        }
    }
}

/* ---- All ---------------------------------------------------------------------- */

void brio_app_bind_params(brio_request *req, const brio_app_input *input, void *in,
                          brio_problems *problems)
{
    const brio_app_params *from = input->from;
    if (from[BRIO_IN_PATH].n)
        bind_path(req, &from[BRIO_IN_PATH], in, problems);
    if (from[BRIO_IN_QUERY].n)
        brio_app_bind_query(req, &from[BRIO_IN_QUERY], in, problems);
    if (from[BRIO_IN_HEADER].n)
        brio_app_bind_headers(req, &from[BRIO_IN_HEADER], in, problems);
    if (from[BRIO_IN_COOKIE].n)
        brio_app_bind_cookies(req, &from[BRIO_IN_COOKIE], in, problems);
}

int brio_app_bind_any_body(brio_request *req, const brio_app_input *input, void *in,
                           brio_problems *problems)
{
    if (input->from[BRIO_IN_FORM].n)
        return brio_app_bind_form(req, input, in, problems);
    return input->from[BRIO_IN_BODY].n ? brio_app_bind_body(req, input, in, problems) : 0;
}

int brio_app_bind(brio_request *req, const brio_app_input *input, void *in, brio_problems *problems)
{
    if (input->takes_params)
        brio_app_bind_params(req, input, in, problems);
    return input->takes_body ? brio_app_bind_any_body(req, input, in, problems) : 0;
}

void *brio_app_input_new(brio_request *req, const brio_app_input *input)
{
    size_t size = input->model->size;
    return memcpy(brio_alloc(req->arena, size), input->blank, size);
}
