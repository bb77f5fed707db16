/* SPDX-License-Identifier: MIT
 *
 * Addresses as values: a struct sockaddr that fits all families. */
#include "io/io_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

_Static_assert(sizeof(((brio_address *)0)->as) == sizeof(struct sockaddr_storage),
               "holds any address");

static struct sockaddr_storage *space_of(brio_address *a)
{
    return (struct sockaddr_storage *)(void *)&a->as;
}

static const struct sockaddr_in *v4_of(const brio_address *a)
{
    return (const struct sockaddr_in *)(const void *)&a->as;
}

static const struct sockaddr_in6 *v6_of(const brio_address *a)
{
    return (const struct sockaddr_in6 *)(const void *)&a->as;
}

/* "fe80::1%eth0": the part behind % is an interface, by name or number. */
static int with_zone(brio_address *ret, const char *host, const char *percent, uint16_t port)
{
    char plain[64];
    size_t len = (size_t)(percent - host);
    uint64_t zone = if_nametoindex(percent + 1);
    if (len == 0 || len >= sizeof plain ||
        (zone == 0 && brio_str_to_u64(brio_str_from(percent + 1), &zone) < 0) || zone > UINT32_MAX)
        return -EINVAL;
    memcpy(plain, host, len);
    plain[len] = '\0';
    int rc = brio_address_parse(space_of(ret), &ret->len, plain, port);
    if (rc < 0 || ret->as.family != AF_INET6)
        return -EINVAL;
    ((struct sockaddr_in6 *)(void *)&ret->as)->sin6_scope_id = (uint32_t)zone;
    return 0;
}

int brio_address_of(brio_address *ret, const char *host, uint16_t port)
{
    *ret = (brio_address){0};
    const char *percent = host ? strchr(host, '%') : NULL;
    if (percent)
        return with_zone(ret, host, percent, port);
    if (!host || !*host || strcmp(host, "localhost") == 0)
        return -EINVAL;
    return brio_address_parse(space_of(ret), &ret->len, host, port);
}

int brio_address_of_path(brio_address *ret, const char *path)
{
    *ret = (brio_address){0};
    return brio_address_unix(space_of(ret), &ret->len, path);
}

int brio_address_text(const brio_address *a, char host[64], uint16_t *ret_port)
{
    host[0] = '\0';
    *ret_port = 0;
    if (a->len == 0)
        return -EAFNOSUPPORT;
    if (a->as.family == AF_INET) {
        (void)inet_ntop(AF_INET, &v4_of(a)->sin_addr, host, 64);
        *ret_port = ntohs(v4_of(a)->sin_port);
    } else if (a->as.family == AF_INET6) {
        const struct in6_addr *in = &v6_of(a)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(in))
            (void)inet_ntop(AF_INET, &in->s6_addr[12], host, 64);
        else
            (void)inet_ntop(AF_INET6, in, host, 64);
        *ret_port = ntohs(v6_of(a)->sin6_port);
    } else if (a->as.family != AF_UNIX) {
        return -EAFNOSUPPORT;
    }
    return 0;
}

bool brio_address_same(const brio_address *a, const brio_address *b)
{
    if (a->len != b->len || a->len == 0 || a->as.family != b->as.family)
        return a->len == 0 && b->len == 0;
    if (a->as.family == AF_INET)
        return v4_of(a)->sin_port == v4_of(b)->sin_port &&
               v4_of(a)->sin_addr.s_addr == v4_of(b)->sin_addr.s_addr;
    if (a->as.family == AF_INET6)
        return v6_of(a)->sin6_port == v6_of(b)->sin6_port &&
               v6_of(a)->sin6_scope_id == v6_of(b)->sin6_scope_id &&
               memcmp(&v6_of(a)->sin6_addr, &v6_of(b)->sin6_addr, sizeof(struct in6_addr)) == 0;
    return memcmp(a->as.bytes, b->as.bytes, a->len) == 0;
}
