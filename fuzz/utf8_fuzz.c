/* SPDX-License-Identifier: MIT
 *
 * UTF-8: validation and repair must agree with each other on any bytes, and
 * repair must be a fixed point that only ever adds U+FFFD. */
#include <brio/base.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two well-formed halves make a well-formed whole, wherever it is split. */
static void check_split(brio_str s, bool valid)
{
    for (size_t at = 0; at <= s.len && at < 64; at++) {
        bool head = brio_utf8_valid(brio_str_slice(s, 0, at));
        bool tail = brio_utf8_valid(brio_str_slice(s, at, s.len));
        BRIO_ASSERT(valid || !head || !tail);
        BRIO_ASSERT(!valid || head == tail);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_str s = {(const char *)data, size};
    brio_arena arena;
    brio_arena_init(&arena, 0);
    bool valid = brio_utf8_valid(s);
    brio_str repaired = brio_utf8_replace(&arena, s);
    BRIO_ASSERT(valid == (repaired.ptr == s.ptr));
    BRIO_ASSERT(brio_utf8_valid(repaired));
    BRIO_ASSERT(repaired.len <= 3 * s.len);
    BRIO_ASSERT(brio_utf8_length(repaired) <= s.len);
    check_split(s, valid);
    brio_arena_fini(&arena);
    return 0;
}
