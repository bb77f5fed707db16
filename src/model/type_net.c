/* SPDX-License-Identifier: MIT
 *
 * IP networks and interfaces by the rules of Python's ipaddress module: an
 * address, and behind a slash how many bits of it name the network, as a number
 * or, of IPv4, as a mask of either kind (255.255.255.0, 0.0.0.255). */
#include "model/type_internal.h"

#include <errno.h>

enum { BITS_V4 = 32, BITS_V6 = 128 };

static unsigned bits_of(const brio_ip *ip)
{
    return ip->is_v6 ? BITS_V6 : BITS_V4;
}

/* ---- Prefixes ----------------------------------------------------------------------- */

/* Any number of digits; -1 if it is none or beyond `most`. */
static int read_number(brio_str s, unsigned most)
{
    unsigned value = 0;
    if (!s.len)
        return -1;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return -1;
        value = value * 10 + (unsigned)(s.ptr[i] - '0');
        if (value > most)
            return -1;
    }
    return (int)value;
}

/* Ones and then zeros; -1 if it is mixed. */
static int ones_in_front(uint32_t mask)
{
    int n = mask ? __builtin_popcount(mask) : 0;
    return mask == (n ? UINT32_MAX << (BITS_V4 - n) : 0) ? n : -1;
}

static int read_mask(brio_str s)
{
    brio_ipv4 ip;
    if (brio_ipv4_parse(s, &ip) < 0)
        return -1;
    uint32_t mask = (uint32_t)ip.bytes[0] << 24 | (uint32_t)ip.bytes[1] << 16 |
                    (uint32_t)ip.bytes[2] << 8 | ip.bytes[3];
    int n = ones_in_front(mask);
    return n >= 0 ? n : ones_in_front(~mask);
}

static int read_prefix(brio_str s, const brio_ip *ip)
{
    int n = read_number(s, bits_of(ip));
    return n < 0 && !ip->is_v6 ? read_mask(s) : n;
}

/* ---- Both -------------------------------------------------------------------------- */

static const uint8_t *bytes_of(const brio_ip *ip)
{
    return ip->is_v6 ? ip->v6.bytes : ip->v4.bytes;
}

bool brio_net_is_network(const brio_net *net)
{
    const uint8_t *bytes = bytes_of(&net->ip);
    for (unsigned bit = net->prefix; bit < bits_of(&net->ip); bit++)
        if (bytes[bit / 8] >> (7 - bit % 8) & 1)
            return false;
    return true;
}

bool brio_net_of_ip(const brio_ip *ip, brio_net *ret)
{
    *ret = (brio_net){*ip, (uint8_t)bits_of(ip)};
    return true;
}

bool brio_net_read(brio_str text, bool v6, brio_net *ret)
{
    brio_str_pair parts = brio_str_cut(text, '/');
    memset(ret, 0, sizeof *ret);
    ret->ip.is_v6 = v6;
    if ((v6 ? brio_ipv6_parse(parts.head, &ret->ip.v6) : brio_ipv4_parse(parts.head, &ret->ip.v4)) <
        0)
        return false;
    int prefix = parts.found ? read_prefix(parts.tail, &ret->ip) : (int)bits_of(&ret->ip);
    ret->prefix = (uint8_t)prefix;
    return prefix >= 0;
}

static bool read_any(brio_str text, brio_net *ret)
{
    return brio_net_read(text, false, ret) || brio_net_read(text, true, ret);
}

int brio_ip_network_parse(brio_str text, brio_ip_network *ret)
{
    brio_net net;
    if (!read_any(text, &net) || !brio_net_is_network(&net))
        return -EINVAL;
    *ret = (brio_ip_network){net.ip, net.prefix};
    return 0;
}

int brio_ip_interface_parse(brio_str text, brio_ip_interface *ret)
{
    brio_net net;
    if (!read_any(text, &net))
        return -EINVAL;
    *ret = (brio_ip_interface){net.ip, net.prefix};
    return 0;
}

bool brio_ip_network_has(const brio_ip_network *network, const brio_ip *ip)
{
    const uint8_t *a = bytes_of(&network->address), *b = bytes_of(ip);
    unsigned whole = network->prefix / 8, rest = network->prefix % 8;
    if (network->address.is_v6 != ip->is_v6 || memcmp(a, b, whole) != 0)
        return false;
    return !rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}
