/* SPDX-License-Identifier: MIT
 *
 * Bytes in models: the UTF-8 of a string, or base64 in it. Read are both
 * alphabets of RFC 4648, with padding or without; written is the one for URLs,
 * padded. What is wrong with a text is said in the words of Rust's base64. */
#include "model/type_ops.h"

enum { INVALID = 255 };

/* ---- Base64 in ---------------------------------------------------------------------- */

/* The value of a digit; `standard` is '+' and '/', else '-' and '_'. */
static unsigned digit(char c, bool standard)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    if (c == (standard ? '+' : '-'))
        return 62;
    return c == (standard ? '/' : '_') ? 63 : INVALID;
}

typedef struct fault {
    const char *what; /* NULL: none */
    size_t at;
    unsigned char symbol;
} fault;

static fault bad_symbol(brio_str s, size_t at)
{
    return (fault){"symbol", at, (unsigned char)s.ptr[at]};
}

/* Digits of the last group of four, and where its padding begins. */
static fault read_tail(brio_str s, size_t from, bool standard, size_t *ret_n)
{
    size_t pad = s.len;
    for (size_t i = from; i < s.len; i++) {
        if (s.ptr[i] == '=') {
            if (i - from < 2)
                return bad_symbol(s, pad < s.len ? pad : i);
            pad = pad < s.len ? pad : i;
        } else if (pad < s.len) {
            return bad_symbol(s, pad);
        } else if (digit(s.ptr[i], standard) == INVALID) {
            return bad_symbol(s, i);
        }
    }
    *ret_n = pad - from;
    return (fault){0};
}

/* The bits of `n` digits that make no byte must be zero. */
static fault check_tail(brio_str s, size_t from, size_t n, bool standard)
{
    if (s.len > from && n < 2)
        return (fault){"length", from + n, 0};
    unsigned spare = n == 2 ? 15 : n == 3 ? 3 : 0;
    if (n && (digit(s.ptr[from + n - 1], standard) & spare))
        return (fault){"last symbol", from + n - 1, (unsigned char)s.ptr[from + n - 1]};
    return (fault){0};
}

static size_t decode_group(brio_str s, size_t from, size_t n, bool standard, char *out)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++)
        bits = bits << 6 | (i < n ? digit(s.ptr[from + i], standard) : 0);
    for (size_t i = 0; i + 1 < n; i++)
        out[i] = (char)(bits >> (16 - 8 * i));
    return n ? n - 1 : 0;
}

static fault decode(brio_str s, bool standard, char *out, size_t *ret_n)
{
    size_t odd = s.len % 4, tail = s.len - odd, n = 0, digits = 0;
    if (odd == 1 && s.ptr[s.len - 1] != '=' && digit(s.ptr[s.len - 1], standard) == INVALID)
        return bad_symbol(s, s.len - 1);
    if (odd == 0 && s.len)
        tail -= 4;
    for (size_t i = 0; i < tail; i++)
        if (digit(s.ptr[i], standard) == INVALID)
            return bad_symbol(s, i);
    fault f = read_tail(s, tail, standard, &digits);
    if (!f.what)
        f = check_tail(s, tail, digits, standard);
    if (f.what)
        return f;
    for (size_t i = 0; i < tail; i += 4)
        n += decode_group(s, i, 4, standard, out + n);
    *ret_n = n + decode_group(s, tail, digits, standard, out + n);
    return f;
}

static int fail_encoding(brio_input *in, fault f)
{
    brio_arena *arena = brio_input_arena(in);
    brio_str error;
    if (f.what[0] == 'l' && f.symbol == 0)
        error = brio_printf(arena, "Invalid input length: %zu", f.at);
    else
        error = brio_printf(arena, "Invalid %s %u, offset %zu.", f.what, f.symbol, f.at);
    return brio_input_fail(in, "bytes_invalid_encoding",
                           brio_printf(arena, "Data should be valid base64: %.*s", BRIO_ARG(error)),
                           brio_printf(arena,
                                       "{\"encoding\":\"base64\",\"encoding_error\":\"%.*s\"}",
                                       BRIO_ARG(error)));
}

static int read_base64(brio_input *in, brio_str s, brio_bytes *ret)
{
    char *out = brio_alloc_aligned(brio_input_arena(in), s.len / 4 * 3 + 3, 1);
    ret->ptr = out;
    fault f = decode(s, false, out, &ret->len);
    if (f.what && (f.symbol == '+' || f.symbol == '/') && f.what[0] == 's')
        f = decode(s, true, out, &ret->len);
    return f.what ? fail_encoding(in, f) : 0;
}

/* ---- Reading --------------------------------------------------------------------------- */

static int fail_length(brio_input *in, const char *type, const char *key, const char *words,
                       size_t bound)
{
    brio_arena *arena = brio_input_arena(in);
    return brio_input_fail(in, type,
                           brio_printf(arena, "Data should have at %s %zu byte%s", words, bound,
                                       bound == 1 ? "" : "s"),
                           brio_printf(arena, "{\"%s\":%zu}", key, bound));
}

static int read(brio_input *in, const brio_json *value, void *out)
{
    const brio_field *field = brio_input_field(in);
    if (value->type != BRIO_JSON_STR || brio_input_strict(in))
        return brio_type_fail(in, "bytes_type", "Input should be a valid bytes");
    brio_bytes bytes = {value->str.ptr, value->str.len};
    if (field->base64 && read_base64(in, value->str, &bytes) < 0)
        return BRIO_EINVALID;
    if (field->min_length && bytes.len < field->min_length)
        return fail_length(in, "bytes_too_short", "min_length", "least", field->min_length);
    if (field->max_length && bytes.len > field->max_length)
        return fail_length(in, "bytes_too_long", "max_length", "most", field->max_length);
    memcpy(out, &bytes, sizeof(bytes));
    return 0;
}

/* ---- Writing --------------------------------------------------------------------------- */

static void put_group(brio_buf *out, const unsigned char *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
    char group[4];
    for (size_t i = 0; i < sizeof(group); i++)
        group[i] = i <= n ? digits[bits >> (18 - 6 * i) & 63] : '=';
    brio_buf_add(out, (brio_str){group, sizeof(group)});
}

static void write(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    const brio_bytes *bytes = value;
    if (plain || !field || !field->base64) {
        brio_json_str(w, brio_bytes_str(*bytes));
        return;
    }
    brio_json_raw(w, BRIO_S("\""));
    for (size_t i = 0; i < bytes->len; i += 3)
        put_group(w->out, (const unsigned char *)bytes->ptr + i,
                  bytes->len - i < 3 ? bytes->len - i : 3);
    brio_buf_char(w->out, '"');
}

static void schema(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)output;
    brio_schema_text(w, "type", "string");
    brio_schema_text(w, "contentMediaType", "application/octet-stream");
    if (!field)
        return;
    if (field->base64)
        brio_schema_text(w, "contentEncoding", "base64");
    brio_type_schema_lengths(w, field->min_length, field->max_length);
}

static int compare(const void *a, const void *b)
{
    return brio_str_compare(brio_bytes_str(*(const brio_bytes *)a),
                            brio_bytes_str(*(const brio_bytes *)b));
}

const brio_type brio_bytes_ops = {
    .read = read, .write = write, .schema = schema, .compare = compare, .label = "bytes"};
