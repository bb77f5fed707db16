/* SPDX-License-Identifier: MIT
 *
 * Escapes and queries: decoding gives UTF-8 no longer than three times its
 * input, encoding and decoding again gives the text back, and a query has the
 * pairs that its separators promise. */
#include <brio/http.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(brio_arena *arena, brio_str text)
{
    brio_str valid = brio_utf8_replace(arena, text);
    brio_str coded = brio_percent_encode(arena, valid, "/");
    for (size_t i = 0; i < coded.len; i++)
        BRIO_ASSERT(coded.ptr[i] > 0x20 && coded.ptr[i] < 0x7F);
    BRIO_ASSERT(brio_str_eq(brio_percent_decode(arena, coded, false), valid));
    BRIO_ASSERT(brio_str_eq(brio_percent_decode(arena, coded, true), valid));
}

static void check_query(brio_arena *arena, brio_str query)
{
    brio_pair *pairs = NULL;
    size_t n = 0, pieces = 0;
    for (size_t i = 0; i < query.len; i++)
        pieces += query.ptr[i] != '&' && (i == 0 || query.ptr[i - 1] == '&');
    int rc = brio_query_parse(arena, query, 100, &pairs, &n);
    BRIO_ASSERT(rc == (pieces > 100 ? BRIO_ELIMIT : 0));
    BRIO_ASSERT(n == (rc ? 0 : pieces));
    for (size_t i = 0; i < n; i++) {
        BRIO_ASSERT(brio_utf8_valid(pairs[i].name));
        BRIO_ASSERT(brio_utf8_valid(pairs[i].value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_str s = {(const char *)data, size};
    brio_arena_init(&arena, 0);
    for (int plus = 0; plus < 2; plus++) {
        brio_str decoded = brio_percent_decode(&arena, s, plus);
        BRIO_ASSERT(brio_utf8_valid(decoded));
        BRIO_ASSERT(decoded.len <= 3 * s.len);
    }
    check_round_trip(&arena, s);
    check_query(&arena, s);
    brio_arena_fini(&arena);
    return 0;
}
