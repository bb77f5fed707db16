/* SPDX-License-Identifier: MIT
 *
 * Parameters behind a header's value: `form-data; name="a"; filename="b"`. The
 * rules are those of Python's email package, which Starlette inherits: a ';'
 * inside an odd number of quotes divides nothing, and a quote behind a backslash
 * does not count. One look at each byte. */
#include "http/http_internal.h"

static brio_str trim(brio_str s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = brio_str_slice(s, 1, s.len);
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* Takes the piece up to the next ';' that divides. */
static brio_str next_piece(brio_str *rest)
{
    bool quoted = false;
    size_t at = 0;
    for (; at < rest->len && (rest->ptr[at] != ';' || quoted); at++)
        if (rest->ptr[at] == '"' && !(at > 0 && rest->ptr[at - 1] == '\\'))
            quoted = !quoted;
    brio_str piece = brio_str_slice(*rest, 0, at);
    *rest = brio_str_slice(*rest, at + 1, rest->len);
    return piece;
}

static char *replace(char *out, brio_str s, char escaped)
{
    for (size_t i = 0; i < s.len; i++) {
        bool pair = s.ptr[i] == '\\' && i + 1 < s.len && s.ptr[i + 1] == escaped;
        i += pair;
        *out++ = s.ptr[i];
    }
    return out;
}

/* Two passes, as in Python: \\ to \, then \" to ". */
static brio_str unquote(brio_arena *arena, brio_str s)
{
    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
        return s;
    s = brio_str_slice(s, 1, s.len - 2);
    if (s.len == 0 || !memchr(s.ptr, '\\', s.len))
        return s;
    char *out = brio_alloc_aligned(arena, s.len, 1);
    brio_str once = brio_str_span(out, replace(out, s, '\\'));
    return brio_str_span(out, replace(out, once, '"'));
}

bool brio_header_option(brio_arena *arena, brio_str header, brio_str name, brio_str *ret)
{
    bool found = false;
    (void)next_piece(&header);
    while (header.len) {
        brio_str_pair pair = brio_str_cut(next_piece(&header), '=');
        brio_str key = trim(pair.head);
        if (pair.found ? !brio_str_eq_nocase(key, name) : !brio_str_eq(key, name))
            continue;
        *ret = unquote(arena, trim(pair.tail));
        found = true;
    }
    return found;
}

brio_form_kind brio_form_kind_of(brio_str content_type)
{
    brio_str type = trim(next_piece(&content_type));
    if (brio_str_eq_nocase(type, BRIO_S("multipart/form-data")))
        return BRIO_FORM_MULTIPART;
    return brio_str_eq_nocase(type, BRIO_S("application/x-www-form-urlencoded"))
               ? BRIO_FORM_URLENCODED
               : BRIO_FORM_NONE;
}
