/* SPDX-License-Identifier: MIT
 *
 * UUIDs. The common form, 36 characters, is read without a branch per digit: a
 * table gives a digit's value or a mark that survives an OR. What is wrong
 * with another text is found out separately, in the words of Rust's uuid. */
#include "model/type_internal.h"

#include <errno.h>
#include <sys/random.h>

/* Value + 1 of a hexadecimal digit; 0 is none. */
static const uint8_t hex_plus_one[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16};

/* Where the two digits of each byte are. */
static const uint8_t hyphenated[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

static bool read_bytes(const char *p, const uint8_t *places, brio_uuid *ret)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < 16; i++) {
        unsigned at = places ? places[i] : 2 * i;
        unsigned high = hex_plus_one[(unsigned char)p[at]] - 1U;
        unsigned low = hex_plus_one[(unsigned char)p[at + 1]] - 1U;
        bad |= high | low;
        ret->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return bad <= 15;
}

/* The digits and hyphens, and what wraps them. */
static brio_str unwrap(brio_str s)
{
    if (s.len == 38 && s.ptr[0] == '{' && s.ptr[37] == '}')
        return brio_str_slice(s, 1, 36);
    if (s.len == 45 && brio_str_starts(s, BRIO_S("urn:uuid:")))
        return brio_str_slice(s, 9, 36);
    return s;
}

bool brio_uuid_read(brio_str text, brio_uuid *ret)
{
    text = unwrap(text);
    const char *p = text.ptr;
    if (text.len == 36)
        return p[8] == '-' && p[13] == '-' && p[18] == '-' && p[23] == '-' &&
               read_bytes(p, hyphenated, ret);
    return text.len == 32 && read_bytes(p, NULL, ret);
}

int brio_uuid_parse(brio_str text, brio_uuid *ret)
{
    return brio_uuid_read(text, ret) ? 0 : -EINVAL;
}

/* ---- What is wrong ---------------------------------------------------------------- */

/* Bytes of the character that begins with `lead`, in well-formed UTF-8. */
static size_t character_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static brio_str why_group(brio_arena *arena, const size_t bounds[4], size_t len)
{
    static const size_t starts[] = {0, 9, 14, 19, 24}, lengths[] = {8, 4, 4, 4, 12};
    size_t group = 0;
    while (group < 4 && bounds[group] == starts[group + 1] - 1)
        group++;
    size_t found = (group < 4 ? bounds[group] : len) - starts[group];
    return brio_printf(arena, "invalid group length in group %zu: expected %zu, found %zu", group,
                       lengths[group], found);
}

/* The text inside braces or behind urn:uuid:, of any length here. */
static brio_str strip(brio_str s, size_t *ret_offset)
{
    *ret_offset = 0;
    if (s.len >= 2 && s.ptr[0] == '{' && s.ptr[s.len - 1] == '}')
        *ret_offset = 1;
    else if (brio_str_starts(s, BRIO_S("urn:uuid:")))
        *ret_offset = 9;
    return brio_str_slice(s, *ret_offset, s.len - *ret_offset - (*ret_offset == 1));
}

enum { WHY_MAX = 64 }; /* the words, one character, a number */

/* Not by printf, whose texts end at a NUL: the character may be one. */
static brio_str wrong_character(brio_arena *arena, brio_str c, size_t at)
{
    brio_buf out = brio_buf_over(brio_alloc_aligned(arena, WHY_MAX, 1), WHY_MAX);
    brio_buf_add(&out, BRIO_S("invalid character: found `"));
    brio_buf_add(&out, c);
    brio_buf_printf(&out, "` at %zu", at);
    return brio_buf_str(&out);
}

brio_str brio_uuid_why(brio_arena *arena, brio_str text)
{
    text = unwrap(text);
    size_t offset, hyphens = 0, bounds[4] = {0};
    brio_str s = strip(text, &offset);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '-') {
            if (hyphens < 4)
                bounds[hyphens] = i;
            hyphens++;
        } else if (!hex_plus_one[(unsigned char)s.ptr[i]]) {
            brio_str c = brio_str_slice(s, i, character_length((unsigned char)s.ptr[i]));
            return wrong_character(arena, c, i + offset + 1);
        }
    }
    if (hyphens == 0 && offset == 0)
        return brio_printf(arena, "invalid length: expected length 32 for simple format, found %zu",
                           text.len);
    if (hyphens != 4)
        return brio_printf(arena, "invalid group count: expected 5, found %zu", hyphens + 1);
    return why_group(arena, bounds, text.len);
}

/* ---- The rest ------------------------------------------------------------------------ */

char *brio_uuid_put(char *at, const brio_uuid *uuid)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[uuid->bytes[i] >> 4];
        *at++ = digits[uuid->bytes[i] & 15];
    }
    return at;
}

size_t brio_uuid_text(char out[BRIO_UUID_TEXT_MAX], brio_uuid uuid)
{
    return (size_t)(brio_uuid_put(out, &uuid) - out);
}

brio_str brio_uuid_str(brio_arena *arena, brio_uuid uuid)
{
    char text[BRIO_UUID_TEXT_MAX];
    return brio_str_copy(arena, (brio_str){text, brio_uuid_text(text, uuid)});
}

int brio_uuid_compare(brio_uuid a, brio_uuid b)
{
    int order = memcmp(a.bytes, b.bytes, sizeof(a.bytes));
    return (order > 0) - (order < 0);
}

int brio_uuid_version(brio_uuid uuid)
{
    return (uuid.bytes[8] & 0xC0) == 0x80 ? uuid.bytes[6] >> 4 : 0;
}

brio_uuid brio_uuid4(void)
{
    brio_uuid uuid;
    /* Sixteen bytes come whole once the generator is seeded, which it waits for. */
    while (getrandom(uuid.bytes, sizeof(uuid.bytes), 0) != (ssize_t)sizeof(uuid.bytes))
        BRIO_ASSERT(errno == EINTR);
    uuid.bytes[6] = (uint8_t)(0x40 | (uuid.bytes[6] & 0x0F));
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}
