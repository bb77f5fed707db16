/* SPDX-License-Identifier: MIT
 *
 * Titles of schemas: Python's str.title() with '_' as blanks. A letter is
 * large at the start and after anything that is no letter, small elsewhere, so
 * "ID2" is "Id2" and "x1y" is "X1Y". Bytes beyond ASCII count as letters and
 * stay as they are: names of C members have none, and an alias that has can
 * bring its own title. */
#include "model/model_internal.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

brio_str brio_title_case(brio_arena *arena, brio_str name)
{
    char *out = brio_alloc_aligned(arena, name.len + 1, 1);
    bool inside = false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        out[i] = c == '_' ? ' ' : inside ? brio_lower(c) : upper(c);
        inside = is_letter(c);
    }
    return (brio_str){out, name.len};
}
