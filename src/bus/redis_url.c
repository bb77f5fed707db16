/* SPDX-License-Identifier: MIT
 *
 * redis://[[user]:password@]host[:port][/db], as Redis's own clients write it;
 * rediss:// means TLS. User and password may be percent-encoded. */
#include "bus/carrier.h"

#include <brio/http.h>

#include <errno.h>

enum { PORT = 6379, DB_MAX = 65535 };

/* At the last @: a password may hold one. */
static brio_str_pair cut_last_at(brio_str s)
{
    size_t at = s.len;
    while (at > 0 && s.ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return (brio_str_pair){.tail = s};
    return (brio_str_pair){brio_str_slice(s, 0, at - 1), brio_str_slice(s, at, SIZE_MAX), true};
}

static int wrong(brio_str url, const char *why)
{
    brio_str shown = cut_last_at(url).tail; /* words may be logged: no password in them */
    return brio_error(-EINVAL, "the bus's URL \"%.*s\" %s", BRIO_ARG(shown), why);
}

static const char *decoded(brio_arena *arena, brio_str s)
{
    return s.len ? brio_cstr(arena, brio_percent_decode(arena, s, false)) : NULL;
}

static void take_credentials(brio_arena *arena, brio_str s, brio_bus_redis_at *ret)
{
    brio_str_pair pair = brio_str_cut(s, ':');
    ret->user = pair.found ? decoded(arena, pair.head) : NULL;
    ret->password = decoded(arena, pair.found ? pair.tail : pair.head);
}

static bool take_number(brio_str s, uint64_t min, uint64_t max, uint64_t *ret)
{
    return brio_str_to_u64(s, ret) == 0 && *ret >= min && *ret <= max;
}

/* host, host:port, [v6], [v6]:port; empty is the default. */
static bool take_place(brio_arena *arena, brio_str s, brio_bus_redis_at *ret)
{
    brio_str host, rest;
    uint64_t port = PORT;
    if (s.len && s.ptr[0] == '[') {
        brio_str_pair pair = brio_str_cut(brio_str_slice(s, 1, SIZE_MAX), ']');
        if (!pair.found || (pair.tail.len && pair.tail.ptr[0] != ':'))
            return false;
        host = pair.head;
        rest = brio_str_slice(pair.tail, 1, SIZE_MAX);
    } else {
        brio_str_pair pair = brio_str_cut(s, ':');
        host = pair.head;
        rest = pair.tail;
    }
    if (rest.len && !take_number(rest, 1, UINT16_MAX, &port))
        return false;
    ret->port = (uint16_t)port;
    ret->host = brio_cstr(arena, host.len ? host : BRIO_S("127.0.0.1"));
    return strlen(ret->host) == (host.len ? host.len : strlen("127.0.0.1"));
}

int brio_bus_redis_parse(brio_arena *arena, brio_str url, brio_bus_redis_at *ret)
{
    brio_str rest;
    uint64_t db = 0;
    *ret = (brio_bus_redis_at){.tls = brio_str_starts(url, BRIO_S("rediss://"))};
    if (ret->tls)
        rest = brio_str_slice(url, strlen("rediss://"), SIZE_MAX);
    else if (brio_str_starts(url, BRIO_S("redis://")))
        rest = brio_str_slice(url, strlen("redis://"), SIZE_MAX);
    else
        return wrong(url, "is neither \"local\" nor redis://host:port/db");
    brio_str_pair at = cut_last_at(rest);
    brio_str_pair path = brio_str_cut(at.tail, '/');
    if (at.found)
        take_credentials(arena, at.head, ret);
    if (!take_place(arena, path.head, ret))
        return wrong(url, "has no host and port");
    if (path.tail.len && !take_number(path.tail, 0, DB_MAX, &db))
        return wrong(url, "does not end with the number of a database");
    ret->db = (uint32_t)db;
    return 0;
}
