/* SPDX-License-Identifier: MIT
 *
 * Query strings (and urlencoded forms), and the one question about media types
 * that matters for a body. Pairs are counted before anything is allocated: a
 * query of a million '&' costs a scan. */
#include <brio/http.h>

enum { PAIRS_DEFAULT = 1000 };

static size_t count_pieces(brio_str query)
{
    size_t n = 0;
    while (query.len) {
        brio_str_pair cut = brio_str_cut(query, '&');
        n += cut.head.len > 0;
        query = cut.tail;
    }
    return n;
}

int brio_query_parse(brio_arena *arena, brio_str query, size_t limit, brio_pair **ret,
                     size_t *ret_n)
{
    size_t n = count_pieces(query), at = 0;
    if (n > (limit ? limit : PAIRS_DEFAULT))
        return BRIO_ELIMIT;
    brio_pair *pairs = n ? BRIO_NEW_ARRAY(arena, brio_pair, n) : NULL;
    while (query.len) {
        brio_str_pair piece = brio_str_cut(query, '&');
        brio_str_pair pair = brio_str_cut(piece.head, '=');
        query = piece.tail;
        if (piece.head.len == 0)
            continue;
        BRIO_ASSERT(at < n);
        pairs[at].name = brio_percent_decode(arena, pair.head, true);
        pairs[at++].value = brio_percent_decode(arena, pair.tail, true);
    }
    BRIO_ASSERT(at == n);
    *ret = pairs;
    *ret_n = n;
    return 0;
}

/* As Python's email.message reads it: a type with more than one '/' is none. */
bool brio_media_is_json(brio_str content_type)
{
    if (BRIO_LIKELY(brio_str_eq(content_type, BRIO_S("application/json"))))
        return true;
    brio_str type = brio_str_trim(brio_str_cut(content_type, ';').head);
    brio_str_pair parts = brio_str_cut(type, '/');
    if (!brio_str_eq_nocase(parts.head, BRIO_S("application")) ||
        brio_str_cut(parts.tail, '/').found)
        return false;
    brio_str sub = parts.tail, suffix = BRIO_S("+json");
    if (sub.len >= suffix.len)
        return brio_str_eq_nocase(brio_str_slice(sub, sub.len - suffix.len, suffix.len), suffix);
    return brio_str_eq_nocase(sub, BRIO_S("json"));
}
