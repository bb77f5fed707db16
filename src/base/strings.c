/* SPDX-License-Identifier: MIT
 *
 * Operations on borrowed views of bytes. Nothing here allocates, reads past
 * `len` or depends on the locale; results point into their input. A view with
 * a NULL pointer is empty and is never handed to the C library, whose
 * functions may not take NULL even for zero bytes. */
#include <brio/base.h>

#include <errno.h>

brio_str_pair brio_str_cut(brio_str s, char sep)
{
    const char *at = s.len ? memchr(s.ptr, sep, s.len) : NULL;
    brio_str_pair pair = {s, {NULL, 0}, false};
    if (at) {
        pair.head = brio_str_span(s.ptr, at);
        pair.tail = brio_str_span(at + 1, s.ptr + s.len);
        pair.found = true;
    }
    return pair;
}

bool brio_str_eq_nocase(brio_str a, brio_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (brio_lower(a.ptr[i]) != brio_lower(b.ptr[i]))
            return false;
    return true;
}

int brio_str_compare(brio_str a, brio_str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool brio_str_starts(brio_str s, brio_str prefix)
{
    return s.len >= prefix.len && brio_str_eq(brio_str_slice(s, 0, prefix.len), prefix);
}

bool brio_str_ends(brio_str s, brio_str suffix)
{
    return s.len >= suffix.len &&
           brio_str_eq(brio_str_slice(s, s.len - suffix.len, suffix.len), suffix);
}

ptrdiff_t brio_str_find(brio_str s, brio_str needle)
{
    if (needle.len == 0)
        return 0;
    const char *at = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
    return at ? at - s.ptr : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

brio_str brio_str_trim(brio_str s)
{
    while (s.len && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* Text is judged as a whole before its size: "99999999999999999999x" is
 * -EINVAL, not -ERANGE, so the message names the worse mistake. */
int brio_str_to_u64(brio_str s, uint64_t *ret)
{
    uint64_t value = 0;
    bool fits = true;
    if (s.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.ptr[i] - (unsigned)'0';
        if (digit > 9)
            return -EINVAL;
        fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, digit, &value);
    }
    if (!fits)
        return -ERANGE;
    *ret = value;
    return 0;
}
