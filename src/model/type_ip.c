/* SPDX-License-Identifier: MIT
 *
 * IP addresses by the rules of Python's ipaddress module, which are stricter
 * than inet_pton's in nothing but the scope and looser in nothing: decimal
 * octets without leading zeros; up to eight groups of one to four digits, one
 * "::" for at least one of them, and an IPv4 address as the last two. */
#include "model/type_internal.h"

#include <errno.h>

/* ---- IPv4 ------------------------------------------------------------------------ */

/* One to three digits, at most 255, no leading zero; -1 if not. */
static int read_octet(brio_str s)
{
    if (s.len < 1 || s.len > 3 || (s.len > 1 && s.ptr[0] == '0'))
        return -1;
    int value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return -1;
        value = value * 10 + (s.ptr[i] - '0');
    }
    return value <= 255 ? value : -1;
}

int brio_ipv4_parse(brio_str text, brio_ipv4 *ret)
{
    for (unsigned i = 0; i < 4; i++) {
        brio_str_pair parts = brio_str_cut(text, '.');
        int octet = read_octet(parts.head);
        if (octet < 0 || parts.found != (i < 3))
            return -EINVAL;
        ret->bytes[i] = (uint8_t)octet;
        text = parts.tail;
    }
    return 0;
}

size_t brio_ipv4_text(char out[BRIO_IPV4_TEXT_MAX], brio_ipv4 ip)
{
    char *at = out;
    for (unsigned i = 0; i < 4; i++) {
        unsigned octet = ip.bytes[i];
        if (i)
            *at++ = '.';
        if (octet >= 100)
            *at++ = (char)('0' + octet / 100);
        if (octet >= 10)
            *at++ = (char)('0' + octet / 10 % 10);
        *at++ = (char)('0' + octet % 10);
    }
    return (size_t)(at - out);
}

/* ---- IPv6 ------------------------------------------------------------------------ */

enum { GROUPS = 8, NO_GAP = GROUPS + 1 };

typedef struct groups {
    uint16_t value[GROUPS + 2]; /* an IPv4 end may stick out before it is refused */
    unsigned n;
    unsigned gap; /* how many stand before the "::" */
} groups;

static int hex_value(char c)
{
    c = brio_lower(c);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool add_hex(groups *g, brio_str s)
{
    unsigned value = 0;
    if (s.len < 1 || s.len > 4 || g->n >= GROUPS)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        int digit = hex_value(s.ptr[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    g->value[g->n++] = (uint16_t)value;
    return true;
}

static bool add_ipv4(groups *g, brio_str s)
{
    brio_ipv4 ip;
    if (g->n > GROUPS - 2 || brio_ipv4_parse(s, &ip) < 0)
        return false;
    g->value[g->n++] = (uint16_t)(ip.bytes[0] << 8 | ip.bytes[1]);
    g->value[g->n++] = (uint16_t)(ip.bytes[2] << 8 | ip.bytes[3]);
    return true;
}

/* A group, and the colon or the end behind it. */
static bool read_group(groups *g, brio_str *s)
{
    brio_str_pair parts = brio_str_cut(*s, ':');
    *s = parts.tail;
    if (!parts.found && parts.head.len && memchr(parts.head.ptr, '.', parts.head.len))
        return add_ipv4(g, parts.head);
    return add_hex(g, parts.head) && (!parts.found || parts.tail.len > 0);
}

static bool read_gap(groups *g, brio_str *s)
{
    if (g->gap != NO_GAP)
        return false;
    g->gap = g->n;
    *s = brio_str_slice(*s, g->n ? 1 : 2, s->len);
    return true;
}

/* Behind a group's colon, one more colon is the gap; in front it takes two. */
static bool read_groups(brio_str s, groups *g)
{
    bool ok = s.len > 1 && (s.ptr[0] != ':' || (s.ptr[1] == ':' && read_gap(g, &s)));
    while (ok && s.len) {
        if (s.ptr[0] == ':')
            ok = g->n > 0 && read_gap(g, &s);
        else
            ok = read_group(g, &s);
    }
    return ok && (g->gap == NO_GAP ? g->n == GROUPS : g->n < GROUPS);
}

static bool read_scope(brio_str scope)
{
    return scope.len > 0 && !memchr(scope.ptr, '%', scope.len) &&
           !memchr(scope.ptr, '/', scope.len);
}

int brio_ipv6_parse(brio_str text, brio_ipv6 *ret)
{
    brio_str_pair parts = brio_str_cut(text, '%');
    groups g = {.gap = NO_GAP};
    if (!read_groups(parts.head, &g) || (parts.found && !read_scope(parts.tail)))
        return -EINVAL;
    memset(ret, 0, sizeof(*ret));
    ret->scope = parts.tail;
    unsigned skipped = GROUPS - g.n;
    for (unsigned i = 0; i < g.n; i++) {
        uint8_t *at = ret->bytes + (size_t)2 * (i < g.gap ? i : i + skipped);
        at[0] = (uint8_t)(g.value[i] >> 8);
        at[1] = (uint8_t)g.value[i];
    }
    return 0;
}

static unsigned group_at(const brio_ipv6 *ip, unsigned i)
{
    const uint8_t *at = ip->bytes + (size_t)2 * i;
    return (unsigned)at[0] << 8 | at[1];
}

/* The longest run of at least two zero groups, the first of equal ones. */
static unsigned find_zeros(const brio_ipv6 *ip, unsigned *ret_n)
{
    unsigned best = GROUPS, best_n = 1;
    for (unsigned i = 0; i < GROUPS;) {
        unsigned n = 0;
        while (i + n < GROUPS && group_at(ip, i + n) == 0)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
        i += n + 1;
    }
    *ret_n = best_n;
    return best;
}

static char *put_hex(char *at, unsigned value)
{
    bool started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = value >> shift & 15;
        started |= digit != 0 || shift == 0;
        if (started)
            *at++ = "0123456789abcdef"[digit];
    }
    return at;
}

size_t brio_ipv6_text(char out[BRIO_IPV6_TEXT_MAX], const brio_ipv6 *ip)
{
    char *at = out;
    unsigned n, zeros = find_zeros(ip, &n);
    for (unsigned i = 0; i < GROUPS; i++) {
        if (i == zeros) {
            *at++ = ':';
            *at++ = ':';
            i += n - 1;
            continue;
        }
        if (i && i != zeros + n)
            *at++ = ':';
        at = put_hex(at, group_at(ip, i));
    }
    return (size_t)(at - out);
}

brio_str brio_ip_str(brio_arena *arena, const brio_ip *ip)
{
    char text[BRIO_IPV6_TEXT_MAX];
    if (!ip->is_v6)
        return brio_str_copy(arena, (brio_str){text, brio_ipv4_text(text, ip->v4)});
    size_t n = brio_ipv6_text(text, &ip->v6);
    brio_str scope = ip->v6.scope; /* any bytes, NUL among them */
    if (!scope.len)
        return brio_str_copy(arena, (brio_str){text, n});
    char *out = brio_alloc_aligned(arena, n + 1 + scope.len, 1);
    memcpy(out, text, n);
    out[n] = '%';
    memcpy(out + n + 1, scope.ptr, scope.len);
    return (brio_str){out, n + 1 + scope.len};
}
