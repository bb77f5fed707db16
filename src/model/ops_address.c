/* SPDX-License-Identifier: MIT
 *
 * E-mail addresses and URLs in models. */
#include "model/type_ops.h"

enum { HTTP_URL_MAX = 2083 };

static int compare(const void *a, const void *b)
{
    return brio_str_compare(*(const brio_str *)a, *(const brio_str *)b);
}

static void write(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    (void)plain;
    brio_json_str(w, *(const brio_str *)value);
}

/* ---- E-mail ------------------------------------------------------------------------- */

static int fail_email(brio_input *in, brio_str why)
{
    brio_arena *arena = brio_input_arena(in);
    brio_json reason = brio_json_from_str(why);
    return brio_input_fail(
        in, "value_error",
        brio_printf(arena, "value is not a valid email address: %.*s", BRIO_ARG(why)),
        brio_printf(arena, "{\"reason\":%.*s}", BRIO_ARG(brio_json_text(arena, &reason))));
}

static int read_email(brio_input *in, const brio_json *value, void *out)
{
    brio_str address, why;
    if (value->type != BRIO_JSON_STR)
        return brio_type_fail(in, "string_type", "Input should be a valid string");
    if (!brio_email_read(brio_input_arena(in), value->str, &address, &why))
        return fail_email(in, why);
    memcpy(out, &address, sizeof(address));
    return 0;
}

static void schema_email(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "email");
}

/* ---- URLs --------------------------------------------------------------------------- */

static int fail_too_long(brio_input *in, size_t most)
{
    brio_arena *arena = brio_input_arena(in);
    return brio_input_fail(
        in, "url_too_long",
        brio_printf(arena, "URL should have at most %zu character%s", most, most == 1 ? "" : "s"),
        brio_printf(arena, "{\"max_length\":%zu}", most));
}

static int read_any(brio_input *in, const brio_json *value, size_t most, brio_str *out)
{
    if (value->type != BRIO_JSON_STR)
        return brio_type_fail(in, "url_type", "URL input should be a string or URL");
    if (most && value->str.len > most)
        return fail_too_long(in, most);
    const char *why = brio_url_read(brio_input_arena(in), value->str, out);
    return why ? brio_type_fail_error(in, "url_parsing", "Input should be a valid URL",
                                      brio_str_from(why))
               : 0;
}

static int read_url(brio_input *in, const brio_json *value, void *out)
{
    brio_str url = {0};
    int rc = read_any(in, value, brio_input_field(in)->max_length, &url);
    if (rc == 0)
        memcpy(out, &url, sizeof(url));
    return rc;
}

static size_t http_limit(const brio_field *field)
{
    return field && field->max_length ? field->max_length : HTTP_URL_MAX;
}

static int read_http_url(brio_input *in, const brio_json *value, void *out)
{
    brio_str url = {0};
    int rc = read_any(in, value, http_limit(brio_input_field(in)), &url);
    if (rc < 0)
        return rc;
    if (!brio_str_starts(url, BRIO_S("http:")) && !brio_str_starts(url, BRIO_S("https:")))
        return brio_input_fail(in, "url_scheme", BRIO_S("URL scheme should be 'http' or 'https'"),
                               BRIO_S("{\"expected_schemes\":\"'http' or 'https'\"}"));
    memcpy(out, &url, sizeof(url));
    return 0;
}

static void put_url_schema(brio_json_writer *w, size_t most)
{
    brio_type_schema_format(w, "uri");
    brio_type_schema_lengths(w, 1, most);
}

static void schema_url(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)output;
    put_url_schema(w, field ? field->max_length : 0);
}

static void schema_http_url(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)output;
    put_url_schema(w, http_limit(field));
}

const brio_type brio_email_ops = {
    .read = read_email, .write = write, .schema = schema_email, .compare = compare};
const brio_type brio_url_ops = {
    .read = read_url, .write = write, .schema = schema_url, .compare = compare, .label = "url"};
const brio_type brio_http_url_ops = {.read = read_http_url,
                                     .write = write,
                                     .schema = schema_http_url,
                                     .compare = compare,
                                     .label = "url"};
