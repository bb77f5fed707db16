/* SPDX-License-Identifier: MIT
 *
 * Bodies of the test client's requests: JSON, forms urlencoded, forms in parts.
 * Boundaries are the same in each run, so that a test repeats. */
#include "app/test_client.h"

static void put_encoded(brio_arena *arena, brio_buf *out, const char *text)
{
    brio_buf_add(out, brio_percent_encode(arena, brio_str_from(text ? text : ""), NULL));
}

/* The bytes of a buffer move into the arena. */
static brio_str settle(brio_arena *arena, brio_buf *buf)
{
    BRIO_ASSERT(!buf->failed);
    brio_str text = brio_str_copy(arena, brio_buf_str(buf));
    brio_buf_fini(buf);
    return text;
}

brio_str brio_app_test_fields(brio_arena *arena, const brio_test_field *fields)
{
    brio_buf out = {0};
    for (const brio_test_field *f = fields; f && f->name; f++) {
        if (f != fields)
            brio_buf_char(&out, '&');
        put_encoded(arena, &out, f->name);
        brio_buf_char(&out, '=');
        put_encoded(arena, &out, f->value);
    }
    return settle(arena, &out);
}

/* ---- multipart/form-data ------------------------------------------------------------------ */

static bool holds(const brio_test_request *r, brio_str boundary)
{
    bool found = false;
    for (const brio_test_field *f = r->form; f && f->name; f++)
        found |= f->value && brio_str_find(brio_str_from(f->value), boundary) >= 0;
    for (const brio_test_file *f = r->files; f->name; f++)
        found |= brio_str_find(f->data, boundary) >= 0;
    return found;
}

/* What no part holds. */
static brio_str boundary_for(brio_arena *arena, const brio_test_request *r)
{
    brio_str boundary = BRIO_S("brio-test-boundary");
    for (int i = 1; holds(r, boundary); i++)
        boundary = brio_printf(arena, "brio-test-boundary-%d", i);
    return boundary;
}

/* A parameter in quotes, as the HTML standard has names and file names. */
static void put_quoted(brio_buf *out, const char *key, const char *text)
{
    brio_buf_printf(out, "; %s=\"", key);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\r' || *c == '\n')
            brio_buf_printf(out, "%%%02X", (unsigned)*c);
        else
            brio_buf_char(out, *c);
    }
    brio_buf_char(out, '"');
}

static void put_part(brio_buf *out, brio_str boundary, const brio_test_file *f)
{
    brio_buf_printf(out, "--%.*s\r\ncontent-disposition: form-data", BRIO_ARG(boundary));
    put_quoted(out, "name", f->name);
    if (f->filename) {
        brio_str type = brio_media_of_name(brio_str_from(f->filename));
        type = type.len ? type : BRIO_S("application/octet-stream");
        put_quoted(out, "filename", f->filename);
        type = f->content_type ? brio_str_from(f->content_type) : type;
        brio_buf_printf(out, "\r\ncontent-type: %.*s", BRIO_ARG(type));
    } else if (f->content_type) {
        brio_buf_printf(out, "\r\ncontent-type: %s", f->content_type);
    }
    brio_buf_add(out, BRIO_S("\r\n\r\n"));
    brio_buf_add(out, f->data);
    brio_buf_add(out, BRIO_S("\r\n"));
}

static brio_str parts(brio_arena *arena, const brio_test_request *r, brio_str *ret_type)
{
    brio_buf out = {0};
    brio_str boundary = boundary_for(arena, r);
    for (const brio_test_field *f = r->form; f && f->name; f++)
        put_part(
            &out, boundary,
            &(brio_test_file){.name = f->name, .data = brio_str_from(f->value ? f->value : "")});
    for (const brio_test_file *f = r->files; f->name; f++)
        put_part(&out, boundary, f);
    brio_buf_printf(&out, "--%.*s--\r\n", BRIO_ARG(boundary));
    *ret_type = brio_printf(arena, "multipart/form-data; boundary=%.*s", BRIO_ARG(boundary));
    return settle(arena, &out);
}

brio_str brio_app_test_body(brio_arena *arena, const brio_test_request *r, brio_str *ret_type)
{
    *ret_type = BRIO_S("");
    if (r->json.len) {
        *ret_type = BRIO_S("application/json");
        return r->json;
    }
    if (r->files)
        return parts(arena, r, ret_type);
    if (!r->form)
        return r->body;
    *ret_type = BRIO_S("application/x-www-form-urlencoded");
    return brio_app_test_fields(arena, r->form);
}
