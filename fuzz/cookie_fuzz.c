/* SPDX-License-Identifier: MIT
 *
 * Cookies and media types: whatever comes, pairs are UTF-8, none is empty, and
 * there are no more of them than pieces. */
#include <brio/http.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_str header = {(const char *)data, size};
    brio_pair *pairs = NULL;
    size_t n = 0, pieces = 1;
    brio_arena_init(&arena, 0);
    for (size_t i = 0; i < size; i++)
        pieces += data[i] == ';';
    brio_cookie_parse(&arena, header, &pairs, &n);
    BRIO_ASSERT(n <= pieces);
    for (size_t i = 0; i < n; i++) {
        BRIO_ASSERT(brio_utf8_valid(pairs[i].name));
        BRIO_ASSERT(brio_utf8_valid(pairs[i].value));
        BRIO_ASSERT(!memchr(pairs[i].name.ptr ? pairs[i].name.ptr : "", '=', pairs[i].name.len));
    }
    bool json = brio_media_is_json(header);
    BRIO_ASSERT(!json || size >= sizeof("application/json") - 1);
    brio_arena_fini(&arena);
    return 0;
}
