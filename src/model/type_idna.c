/* SPDX-License-Identifier: MIT
 *
 * International host names through libidn2. Without it only ASCII names are
 * names, and those that claim to be encoded (xn--) are taken at their word.
 *
 * URLs follow UTS 46 without transitional processing, which allows symbols
 * that IDNA 2008 does not. libidn2 checks both at once, except in its
 * transitional mode; so a name that failed for a disallowed character alone is
 * asked about again in that mode, unless it has one of the four characters
 * that the two modes map differently. */
#include "model/type_internal.h"

brio_str brio_idna_lower(brio_arena *arena, brio_str name)
{
    char *out = brio_cstr(arena, name);
    for (size_t i = 0; i < name.len; i++)
        out[i] = brio_lower(out[i]);
    return (brio_str){out, name.len};
}

#ifdef BRIO_WITH_IDN2

#include <idn2.h>

#include <stdlib.h>

/* U+00DF, U+03C2, U+200C, U+200D. */
static bool has_deviation(brio_str s)
{
    return brio_str_find(s, BRIO_S("\xC3\x9F")) >= 0 || brio_str_find(s, BRIO_S("\xCF\x82")) >= 0 ||
           brio_str_find(s, BRIO_S("\xE2\x80\x8C")) >= 0 ||
           brio_str_find(s, BRIO_S("\xE2\x80\x8D")) >= 0;
}

/* libidn2's strings are malloc's. */
static brio_str keep(brio_arena *arena, char *text)
{
    brio_str copy = brio_str_copy(arena, brio_str_from(text));
    idn2_free(text);
    return copy;
}

bool brio_idna_to_ascii(brio_arena *arena, brio_str name, bool symbols, brio_str *ret)
{
    if (!brio_utf8_valid(name) || memchr(name.ptr, '\0', name.len))
        return false;
    const char *text = brio_cstr(arena, name);
    char *out = NULL;
    int rc = idn2_to_ascii_8z(text, &out, IDN2_NONTRANSITIONAL);
    if (rc == IDN2_DISALLOWED && symbols && !has_deviation(name))
        rc = idn2_to_ascii_8z(text, &out, IDN2_TRANSITIONAL);
    if (rc != IDN2_OK)
        return false;
    *ret = keep(arena, out);
    return true;
}

bool brio_idna_to_unicode(brio_arena *arena, brio_str name, brio_str *ret)
{
    char *out = NULL;
    if (idn2_to_unicode_8z8z(brio_cstr(arena, name), &out, IDN2_NONTRANSITIONAL) != IDN2_OK)
        return false;
    *ret = keep(arena, out);
    return true;
}

#else

static bool is_ascii(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

bool brio_idna_to_ascii(brio_arena *arena, brio_str name, bool symbols, brio_str *ret)
{
    (void)symbols;
    *ret = brio_idna_lower(arena, name);
    return is_ascii(name);
}

bool brio_idna_to_unicode(brio_arena *arena, brio_str name, brio_str *ret)
{
    (void)arena;
    *ret = name;
    return true;
}

#endif
