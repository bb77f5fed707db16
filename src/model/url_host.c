/* SPDX-License-Identifier: MIT
 *
 * The host of a URL (WHATWG, host parsing): an IPv6 address in brackets, a
 * domain, or for schemes that are not special an opaque name. A domain is
 * percent-decoded, made ASCII, and if its last label is a number it must be an
 * IPv4 address in any of the forms of old: 0x7f.1 is 127.0.0.1. */
#include "model/url_internal.h"

enum { IPV4_PARTS = 4 };

/* ---- IPv4 of old ------------------------------------------------------------------- */

static bool all_in(brio_str s, unsigned radix)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = brio_lower(s.ptr[i]);
        unsigned value = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        if (value >= radix)
            return false;
    }
    return true;
}

typedef enum ipv4_number { NOT_A_NUMBER, A_NUMBER, TOO_LARGE } ipv4_number;

static ipv4_number read_number(brio_str s, uint32_t *ret)
{
    unsigned radix = 10;
    if (s.len == 0)
        return NOT_A_NUMBER;
    if (s.len >= 2 && s.ptr[0] == '0') {
        radix = brio_lower(s.ptr[1]) == 'x' ? 16 : 8;
        s = brio_str_slice(s, radix == 16 ? 2 : 1, s.len);
    }
    if (!all_in(s, radix))
        return NOT_A_NUMBER;
    uint64_t value = 0;
    for (size_t i = 0; i < s.len && value <= UINT32_MAX; i++) {
        char c = brio_lower(s.ptr[i]);
        value = value * radix + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret = (uint32_t)value;
    return value > UINT32_MAX ? TOO_LARGE : A_NUMBER;
}

static brio_str without_last_dot(brio_str s)
{
    return brio_str_ends(s, BRIO_S(".")) ? brio_str_slice(s, 0, s.len - 1) : s;
}

static bool ends_in_number(brio_str domain)
{
    brio_str s = without_last_dot(domain);
    size_t at = s.len;
    while (at > 0 && s.ptr[at - 1] != '.')
        at--;
    brio_str last = brio_str_slice(s, at, s.len);
    uint32_t value;
    return last.len && (all_in(last, 10) || read_number(last, &value) != NOT_A_NUMBER);
}

/* The last part fills what the ones before it leave. */
static bool read_ipv4(brio_str domain, brio_ipv4 *ret)
{
    brio_str rest = without_last_dot(domain);
    uint32_t parts[IPV4_PARTS], address = 0;
    size_t n = 0;
    for (bool more = true; more; n++) {
        brio_str_pair pair = brio_str_cut(rest, '.');
        if (n == IPV4_PARTS || read_number(pair.head, &parts[n]) != A_NUMBER)
            return false;
        rest = pair.tail;
        more = pair.found;
    }
    if (parts[n - 1] > UINT32_MAX >> (8 * (n - 1)))
        return false;
    address = parts[n - 1];
    for (size_t i = 0; i + 1 < n; i++) {
        if (parts[i] > 255)
            return false;
        address += parts[i] << (8 * (3 - i));
    }
    for (unsigned i = 0; i < 4; i++)
        ret->bytes[i] = (uint8_t)(address >> (24 - 8 * i));
    return true;
}

/* ---- Domains ------------------------------------------------------------------------ */

static int hex(char c)
{
    c = brio_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static brio_str percent_decode(brio_arena *arena, brio_str s)
{
    char *out = brio_alloc_aligned(arena, s.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int high = s.ptr[i] == '%' && i + 2 < s.len ? hex(s.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex(s.ptr[i + 2]) : -1;
        char c = s.ptr[i];
        if (low >= 0)
            c = (char)(high << 4 | low);
        out[n++] = c;
        i += low >= 0 ? 2 : 0;
    }
    return (brio_str){out, n};
}

/* Nothing may follow what a host name ends at elsewhere in a URL. */
static bool is_forbidden(char c)
{
    unsigned char u = (unsigned char)c;
    return u <= 0x20 || u == 0x7F || strchr("%#/:<>?@[\\]^|", c) != NULL;
}

static bool has_forbidden(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (is_forbidden(s.ptr[i]))
            return true;
    return false;
}

/* ASCII, and no label that says it is encoded. */
static bool is_simple(brio_str s)
{
    bool begin = true;
    for (size_t i = 0; i < s.len; i++) {
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
        if (begin && brio_str_eq_nocase(brio_str_slice(s, i, 4), BRIO_S("xn--")))
            return false;
        begin = s.ptr[i] == '.';
    }
    return true;
}

static const char idna_fault[] = "invalid international domain name";

static const char *domain_to_ascii(brio_arena *arena, brio_str s, brio_str *ret)
{
    if (!is_simple(s)) {
        if (!brio_idna_to_ascii(arena, s, true, ret))
            return idna_fault;
    } else {
        char *copy = brio_cstr(arena, s);
        for (size_t i = 0; i < s.len; i++)
            copy[i] = brio_lower(copy[i]);
        *ret = (brio_str){copy, s.len};
    }
    return has_forbidden(*ret) ? idna_fault : NULL;
}

/* ---- Either ---------------------------------------------------------------------------- */

static const char *put_ipv6(brio_buf *out, brio_str s)
{
    brio_ipv6 ip;
    char text[BRIO_IPV6_TEXT_MAX];
    if (s.len < 2 || s.ptr[s.len - 1] != ']')
        return "invalid IPv6 address";
    s = brio_str_slice(s, 1, s.len - 2);
    if (brio_ipv6_parse(s, &ip) < 0 || ip.scope.len)
        return "invalid IPv6 address";
    brio_buf_char(out, '[');
    brio_buf_add(out, (brio_str){text, brio_ipv6_text(text, &ip)});
    brio_buf_char(out, ']');
    return NULL;
}

static const char *put_domain(brio_arena *arena, brio_buf *out, brio_str s)
{
    brio_str domain;
    const char *why = domain_to_ascii(arena, percent_decode(arena, s), &domain);
    if (why)
        return why;
    if (domain.len == 0)
        return "empty host";
    if (!ends_in_number(domain)) {
        brio_buf_add(out, domain);
        return NULL;
    }
    brio_ipv4 ip;
    char text[BRIO_IPV4_TEXT_MAX];
    if (!read_ipv4(domain, &ip))
        return "invalid IPv4 address";
    brio_buf_add(out, (brio_str){text, brio_ipv4_text(text, ip)});
    return NULL;
}

static bool is_opaque(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '\0' || strchr("\t\n\r #/:<>?@[\\]^|", s.ptr[i]))
            return false;
    return true;
}

const char *brio_url_put_host(brio_arena *arena, brio_buf *out, brio_str s, bool special)
{
    if (s.len && s.ptr[0] == '[')
        return put_ipv6(out, s);
    if (special)
        return put_domain(arena, out, s);
    if (!is_opaque(s))
        return "invalid domain character";
    brio_url_put_encoded(out, s, "");
    return NULL;
}
