/* SPDX-License-Identifier: MIT
 *
 * Secrets and file paths in models. */
#include "model/type_ops.h"

static int compare(const void *a, const void *b)
{
    return brio_str_compare(*(const brio_str *)a, *(const brio_str *)b);
}

/* ---- Secrets ------------------------------------------------------------------------ */

static int fail_length(brio_input *in, bool is_short, size_t bound, size_t length)
{
    brio_arena *arena = brio_input_arena(in);
    const char *key = is_short ? "min_length" : "max_length";
    return brio_input_fail(
        in, is_short ? "too_short" : "too_long",
        brio_printf(arena, "Value should have at %s %zu item%s after validation, not %zu",
                    is_short ? "least" : "most", bound, bound == 1 ? "" : "s", length),
        brio_printf(arena, "{\"field_type\":\"Value\",\"%s\":%zu,\"actual_length\":%zu}", key,
                    bound, length));
}

static int read_secret(brio_input *in, const brio_json *value, void *out)
{
    const brio_field *field = brio_input_field(in);
    if (value->type != BRIO_JSON_STR)
        return brio_type_fail(in, "string_type", "Input should be a valid string");
    size_t length = field->min_length || field->max_length ? brio_utf8_length(value->str) : 0;
    if (field->min_length && length < field->min_length)
        return fail_length(in, true, field->min_length, length);
    if (field->max_length && length > field->max_length)
        return fail_length(in, false, field->max_length, length);
    memcpy(out, &value->str, sizeof(value->str));
    return 0;
}

static void write_secret(brio_json_writer *w, const brio_field *field, const void *value,
                         bool plain)
{
    (void)field;
    (void)plain;
    brio_json_str(w, ((const brio_str *)value)->len ? BRIO_S("**********") : BRIO_S(""));
}

static void schema_secret(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)output;
    brio_type_schema_format(w, "password");
    brio_schema_raw(w, "writeOnly", "true");
    if (field)
        brio_type_schema_lengths(w, field->min_length, field->max_length);
}

/* ---- File paths ----------------------------------------------------------------------- */

/* Without empty and "." parts; two slashes in front, but not three, stay. */
static brio_str normal_path(brio_arena *arena, brio_str s)
{
    char *out = brio_alloc_aligned(arena, s.len + 1, 1);
    size_t root = 0;
    while (root < s.len && s.ptr[root] == '/')
        root++;
    size_t n = root == 2 ? 2 : root > 0;
    memset(out, '/', n);
    size_t begin = n;
    for (brio_str_pair p = {.tail = brio_str_slice(s, root, s.len), .found = true}; p.found;) {
        p = brio_str_cut(p.tail, '/');
        if (p.head.len == 0 || brio_str_eq(p.head, BRIO_S(".")))
            continue;
        if (n > begin)
            out[n++] = '/';
        memcpy(out + n, p.head.ptr, p.head.len);
        n += p.head.len;
    }
    return n ? (brio_str){out, n} : BRIO_S(".");
}

static int read_file_path(brio_input *in, const brio_json *value, void *out)
{
    if (value->type != BRIO_JSON_STR)
        return brio_type_fail(in, "path_type",
                              "Input is not a valid path for <class 'pathlib.Path'>");
    brio_str path = normal_path(brio_input_arena(in), value->str);
    memcpy(out, &path, sizeof(path));
    return 0;
}

static void write_file_path(brio_json_writer *w, const brio_field *field, const void *value,
                            bool plain)
{
    (void)field;
    (void)plain;
    brio_json_str(w, *(const brio_str *)value);
}

static void schema_file_path(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "path");
}

const brio_type brio_secret_ops = {
    .read = read_secret, .write = write_secret, .schema = schema_secret, .compare = compare};
const brio_type brio_file_path_ops = {.read = read_file_path,
                                      .write = write_file_path,
                                      .schema = schema_file_path,
                                      .compare = compare};
