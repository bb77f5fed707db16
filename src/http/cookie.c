/* SPDX-License-Identifier: MIT
 *
 * The Cookie header as Starlette reads it, which is how browsers and servers
 * really use it rather than RFC 6265: any byte but ';' may stand in a value, and
 * a piece without '=' is a value without a name. Text is Latin-1 there, which
 * shows in two places: what counts as a blank, and \351 as well as a raw 0xE9
 * being U+00E9. Names and values point into the header where they need no
 * change, else to arena memory. */
#include <brio/http.h>

static bool is_blank(char c)
{
    unsigned char u = (unsigned char)c;
    return u == ' ' || (u >= 0x09 && u <= 0x0D) || (u >= 0x1C && u <= 0x1F) || u == 0x85 ||
           u == 0xA0;
}

brio_str brio_latin1_strip(brio_str s)
{
    while (s.len && is_blank(s.ptr[0]))
        s = brio_str_slice(s, 1, s.len);
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool is_octal(char c, char max)
{
    return c >= '0' && c <= max;
}

/* Inside of a quoted value: \ooo is a byte up to \377, \c is c, and a backslash
 * at the end stays (Python's http.cookies). */
static brio_str unescape(brio_arena *arena, brio_str s)
{
    const char *p = s.ptr, *end = p + s.len;
    size_t len = 0;
    if (s.len == 0 || !memchr(p, '\\', s.len))
        return s;
    char *out = brio_alloc_aligned(arena, s.len, 1);
    while (p < end) {
        if (*p != '\\' || end - p < 2) {
            out[len++] = *p++;
        } else if (end - p >= 4 && is_octal(p[1], '3') && is_octal(p[2], '7') &&
                   is_octal(p[3], '7')) {
            out[len++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
            p += 4;
        } else {
            out[len++] = p[1];
            p += 2;
        }
    }
    return (brio_str){out, len};
}

static brio_str unquote(brio_arena *arena, brio_str s)
{
    if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
        return s;
    return unescape(arena, brio_str_slice(s, 1, s.len - 2));
}

/* Takes the next piece that holds anything; both parts stripped. */
static bool next_piece(brio_str *rest, brio_pair *ret)
{
    while (rest->len) {
        brio_str_pair cut = brio_str_cut(*rest, ';');
        brio_str_pair parts = brio_str_cut(cut.head, '=');
        *rest = cut.tail;
        ret->name = parts.found ? brio_latin1_strip(parts.head) : (brio_str){NULL, 0};
        ret->value = brio_latin1_strip(parts.found ? parts.tail : parts.head);
        if (ret->name.len || ret->value.len)
            return true;
    }
    return false;
}

void brio_cookie_parse(brio_arena *arena, brio_str header, brio_pair **ret, size_t *ret_n)
{
    brio_pair piece;
    size_t n = 0, at = 0;
    for (brio_str rest = header; next_piece(&rest, &piece);)
        n++;
    brio_pair *pairs = n ? BRIO_NEW_ARRAY(arena, brio_pair, n) : NULL;
    for (brio_str rest = header; next_piece(&rest, &piece); at++) {
        BRIO_ASSERT(at < n);
        pairs[at].name = brio_latin1_decode(arena, piece.name);
        pairs[at].value = brio_latin1_decode(arena, unquote(arena, piece.value));
    }
    *ret = pairs;
    *ret_n = n;
}
