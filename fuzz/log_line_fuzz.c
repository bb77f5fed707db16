/* SPDX-License-Identifier: MIT
 *
 * Log lines from hostile text: whatever the message, key and value are, the
 * result is one line of well-formed UTF-8 without controls, closed as its
 * format wants, and within its size. */
#include "base/base_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static brio_str record(char *storage, const brio_log_field *fields, size_t n, const char *fmt, ...)
    BRIO_PRINTF(4, 5);

static brio_str record(char *storage, const brio_log_field *fields, size_t n, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    brio_str encoded = brio_base_record(storage, BRIO_LOG_INFO, fields, n, fmt, args);
    va_end(args);
    return encoded;
}

static void check_line(brio_str line, brio_base_style style)
{
    BRIO_ASSERT(line.len <= BRIO_BASE_LINE_MAX);
    BRIO_ASSERT(brio_utf8_valid(line));
    BRIO_ASSERT(brio_str_ends(line, style == BRIO_BASE_JSON ? BRIO_S("}\n") : BRIO_S("\n")));
    for (size_t i = 0; i + 1 < line.len; i++)
        BRIO_ASSERT((unsigned char)line.ptr[i] >= 0x20 && line.ptr[i] != 0x7F);
}

/* The first bytes choose where message, key and value part. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char storage[BRIO_BASE_RECORD_MAX], line[BRIO_BASE_LINE_MAX];
    if (size < 4)
        return 0;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str rest = {(const char *)data + 4, size - 4};
    brio_str key = brio_str_slice(rest, 0, data[0]);
    brio_str value = brio_str_slice(rest, key.len, data[1] * 256U + data[2]);
    brio_str message = brio_str_slice(rest, key.len + value.len, rest.len);
    const brio_log_field fields[] = {{brio_cstr(&arena, key), value, NULL},
                                     {brio_cstr(&arena, message), key, NULL}};
    brio_str encoded = record(storage, fields, data[3] % 3, "%.*s", BRIO_ARG(message));
    for (int style = BRIO_BASE_PLAIN; style <= BRIO_BASE_JSON; style += 2) {
        size_t len = brio_base_line(line, encoded, (brio_base_style)style);
        check_line((brio_str){line, len}, (brio_base_style)style);
    }
    brio_arena_fini(&arena);
    return 0;
}
