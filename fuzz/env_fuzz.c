/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a .env file. Every name must be a piece of the input. */
#include <brio/settings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_env_entry *entries = NULL;
    size_t n = 0;
    brio_str text = {(const char *)data, size};
    brio_arena_init(&arena, 0);
    if (brio_env_parse(&arena, text, &entries, &n) == 0)
        for (size_t i = 0; i < n; i++) {
            BRIO_ASSERT(entries[i].name.len > 0);
            BRIO_ASSERT(brio_str_find(text, entries[i].name) >= 0);
        }
    brio_arena_fini(&arena);
    return 0;
}
