/* SPDX-License-Identifier: MIT
 *
 * Characters in e-mail addresses, and how messages name those that do not
 * belong there: letters and signs in quotes as Python's repr has them, blanks
 * by their Unicode name, controls by their number. */
#include "model/email_internal.h"

#include <stdlib.h>

bool brio_email_fail(brio_email_reader *r, brio_str why)
{
    r->why = why;
    return false;
}

uint32_t brio_code_point(brio_str s, size_t *ret_n)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    *ret_n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    uint32_t code = *ret_n == 1 ? p[0] : p[0] & (0xFFU >> (*ret_n + 1));
    for (size_t i = 1; i < *ret_n; i++)
        code = code << 6 | (p[i] & 0x3F);
    return code;
}

bool brio_email_is_atext(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && c < 0x80 && strchr("_!#$%&'*+-/=?^`{|}~", (int)c));
}

/* ---- Classes ----------------------------------------------------------------------- */

typedef struct range {
    uint32_t first, last;
} range;

static bool is_in(uint32_t code, const range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static bool is_blank(uint32_t code) /* Zs */
{
    static const range blanks[] = {{0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
                                   {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F},
                                   {0x3000, 0x3000}};
    return is_in(code, blanks, sizeof(blanks) / sizeof(*blanks));
}

/* Controls, format characters, line separators, private use (Cc Cf Co Zl Zp).
 * Unassigned characters are not known here. */
static bool is_unsafe(uint32_t code)
{
    static const range unsafe[] = {
        {0, 0x1F},          {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},
        {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
        {0x8E2, 0x8E2},     {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E},
        {0x2060, 0x2064},   {0x2066, 0x206F},   {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF},
        {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x13438},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0001, 0xE007F}, {0xF0000, 0x10FFFF}};
    return is_in(code, unsafe, sizeof(unsafe) / sizeof(*unsafe));
}

/* ---- Names -------------------------------------------------------------------------- */

static const char *name_of(uint32_t code)
{
    switch (code) {
    case 0x20:
        return "SPACE";
    case 0xA0:
        return "NO-BREAK SPACE";
    case 0xAD:
        return "SOFT HYPHEN";
    case 0x200B:
        return "ZERO WIDTH SPACE";
    case 0x200C:
        return "ZERO WIDTH NON-JOINER";
    case 0x200D:
        return "ZERO WIDTH JOINER";
    case 0x200E:
        return "LEFT-TO-RIGHT MARK";
    case 0x200F:
        return "RIGHT-TO-LEFT MARK";
    case 0x2028:
        return "LINE SEPARATOR";
    case 0x2029:
        return "PARAGRAPH SEPARATOR";
    case 0x202E:
        return "RIGHT-TO-LEFT OVERRIDE";
    case 0x3000:
        return "IDEOGRAPHIC SPACE";
    case 0xFEFF:
        return "ZERO WIDTH NO-BREAK SPACE";
    default:
        return NULL;
    }
}

brio_str brio_email_shown(brio_arena *arena, brio_str character)
{
    size_t n;
    uint32_t code = brio_code_point(character, &n);
    if (code == '\\')
        return BRIO_S("\"\\\"");
    if (is_blank(code) || is_unsafe(code)) {
        const char *name = name_of(code);
        return name ? brio_str_from(name)
                    : brio_printf(arena, code < 0xFFFF ? "U+%04X" : "U+%08X", (unsigned)code);
    }
    return brio_printf(arena, code == '\'' ? "\"%.*s\"" : "'%.*s'", (int)n, character.ptr);
}

static int by_text(const void *a, const void *b)
{
    return brio_str_compare(*(const brio_str *)a, *(const brio_str *)b);
}

/* Sorted, each once. */
static brio_str join(brio_arena *arena, brio_str *items, size_t n)
{
    qsort(items, n, sizeof(*items), by_text);
    brio_buf out = {0};
    for (size_t i = 0; i < n; i++) {
        if (i && brio_str_eq(items[i], items[i - 1]))
            continue;
        if (i)
            brio_buf_add(&out, BRIO_S(", "));
        brio_buf_add(&out, items[i]);
    }
    brio_str text = brio_str_copy(arena, brio_buf_str(&out));
    brio_buf_fini(&out);
    return text;
}

/* ---- Checks -------------------------------------------------------------------------- */

bool brio_email_check_chars(brio_email_reader *r, brio_str s, brio_email_is_good *is_good,
                            const char *text)
{
    brio_str *bad = NULL;
    size_t n = 0, size;
    for (size_t i = 0; i < s.len; i += size) {
        brio_str here = brio_str_slice(s, i, s.len);
        if (is_good(brio_code_point(here, &size)))
            continue;
        if (!bad)
            bad = BRIO_NEW_ARRAY(r->arena, brio_str, s.len - i);
        bad[n++] = brio_email_shown(r->arena, brio_str_slice(here, 0, size));
    }
    if (n == 0)
        return true;
    return brio_email_fail(
        r, brio_printf(r->arena, "%s: %.*s.", text, BRIO_ARG(join(r->arena, bad, n))));
}

bool brio_email_is_safe(uint32_t code)
{
    return !is_unsafe(code) && !is_blank(code);
}

static bool is_safe_or_blank(uint32_t code)
{
    return !is_unsafe(code);
}

bool brio_email_check_safe(brio_email_reader *r, brio_str s, bool blanks)
{
    return brio_email_check_chars(r, s, blanks ? is_safe_or_blank : brio_email_is_safe,
                                  "The email address contains unsafe characters");
}
