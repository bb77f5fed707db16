/* SPDX-License-Identifier: MIT
 *
 * Limits of forms, and urlencoded ones: those of a query, but for their limits
 * and for bytes that are no ASCII, which are characters of Latin-1 here. */
#include "http/form_internal.h"

enum {
    FILES_DEFAULT = 1000,
    FIELDS_DEFAULT = 1000,
    FIELD_BYTES_DEFAULT = 1024 * 1024,
    HEADERS_DEFAULT = 8,
    HEADER_BYTES_DEFAULT = 4096 + 128,
    HEADERS_MAX = 1000, /* whatever the limits say, so that sums fit */
    HEADER_BYTES_MAX = 1024 * 1024,
};

static size_t or_default(size_t given, size_t fallback)
{
    return given ? given : fallback;
}

brio_form_limits brio_form_limits_resolve(const brio_form_limits *limits)
{
    static const brio_form_limits none;
    brio_form_limits l = limits ? *limits : none;
    l.files = or_default(l.files, FILES_DEFAULT);
    l.fields = or_default(l.fields, FIELDS_DEFAULT);
    l.field_bytes = or_default(l.field_bytes, FIELD_BYTES_DEFAULT);
    l.headers = or_default(l.headers, HEADERS_DEFAULT);
    l.headers = l.headers < HEADERS_MAX ? l.headers : HEADERS_MAX;
    l.header_bytes = or_default(l.header_bytes, HEADER_BYTES_DEFAULT);
    l.header_bytes = l.header_bytes < HEADER_BYTES_MAX ? l.header_bytes : HEADER_BYTES_MAX;
    return l;
}

brio_str brio_form_too_many(brio_arena *arena, const char *what, size_t limit)
{
    return brio_printf(arena, "Too many %s. Maximum number of %s is %zu.", what, what, limit);
}

brio_str brio_form_too_large(brio_arena *arena, const char *what, size_t limit)
{
    return brio_printf(arena, "%s exceeded maximum size of %zuKB.", what, limit / 1024);
}

/* ---- application/x-www-form-urlencoded ------------------------------------- */

static brio_str next_piece(brio_str *rest)
{
    brio_str_pair cut = brio_str_cut(*rest, '&');
    *rest = cut.tail;
    return cut.head;
}

/* Their number, or < 0 with a reason; nothing is decoded before. */
static ptrdiff_t count_pieces(brio_arena *arena, brio_str body, const brio_form_limits *l,
                              brio_str *ret_reason)
{
    size_t n = 0;
    while (body.len) {
        brio_str piece = next_piece(&body);
        bool divided = piece.len && memchr(piece.ptr, '=', piece.len);
        if (piece.len - divided > l->field_bytes) {
            *ret_reason = brio_form_too_large(arena, "Field", l->field_bytes);
            return BRIO_ELIMIT;
        }
        n += piece.len > 0;
        if (n > l->fields) {
            *ret_reason = brio_form_too_many(arena, "fields", l->fields);
            return BRIO_ELIMIT;
        }
    }
    return (ptrdiff_t)n;
}

static brio_str decode(brio_arena *arena, brio_str s)
{
    return brio_percent_decode(arena, brio_latin1_decode(arena, s), true);
}

int brio_form_parse(brio_arena *arena, brio_str body, const brio_form_limits *limits,
                    brio_pair **ret, size_t *ret_n, brio_str *ret_reason)
{
    brio_form_limits l = brio_form_limits_resolve(limits);
    ptrdiff_t n = count_pieces(arena, body, &l, ret_reason);
    if (n < 0)
        return (int)n;
    brio_pair *pairs = BRIO_NEW_ARRAY(arena, brio_pair, (size_t)n), *at = pairs;
    while (body.len) {
        brio_str piece = next_piece(&body);
        brio_str_pair pair = brio_str_cut(piece, '=');
        if (piece.len)
            *at++ = (brio_pair){decode(arena, pair.head), decode(arena, pair.tail)};
    }
    BRIO_ASSERT(at == pairs + n);
    *ret = pairs;
    *ret_n = (size_t)n;
    return 0;
}
