/* SPDX-License-Identifier: MIT
 *
 * Connections counted by the client's address: an open hash table that is as
 * large as it can ever get, made only if there is a limit.
 *
 * Of an IPv6 address the first 64 bits count: that is what one customer has, so
 * a count of single addresses would limit nobody. A client of a Unix socket has no
 * address and is not counted. The hash is seeded by chance, so that nobody can
 * choose addresses that collide. */
#include "server/server_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

typedef struct key {
    uint64_t high, low; /* IPv4: low, with high all ones */
} key;

struct brio_server_counted {
    key who;
    uint32_t n; /* 0: free */
};

static bool key_of(brio_str host, key *ret)
{
    char copy[BRIO_SERVER_HOST_BYTES + 1];
    uint8_t bytes[16];
    memcpy(copy, host.ptr, host.len);
    copy[host.len] = '\0';
    *ret = (key){UINT64_MAX, 0};
    if (inet_pton(AF_INET, copy, bytes) == 1)
        memcpy(&ret->low, bytes, 4);
    else if (inet_pton(AF_INET6, copy, bytes) == 1)
        memcpy(&ret->high, bytes, 8);
    else
        return false;
    return true;
}

static size_t home(const brio_server_addresses *a, key who)
{
    uint64_t h = (who.high ^ a->seed) * 0x9E3779B97F4A7C15u;
    h = (h ^ (h >> 32) ^ who.low) * 0xD6E8FEB86659FD93u;
    h = (h ^ (h >> 32) ^ a->seed) * 0xD6E8FEB86659FD93u;
    return (size_t)(h ^ (h >> 32)) & a->mask;
}

/* Its place, or the free one where it would be: half of the table is free. */
static size_t find(const brio_server_addresses *a, key who)
{
    size_t i = home(a, who);
    while (a->slots[i].n && (a->slots[i].who.high != who.high || a->slots[i].who.low != who.low))
        i = (i + 1) & a->mask;
    return i;
}

/* Closes the gap at `i`: what stands behind it may have been pushed there. */
static void close_gap(brio_server_addresses *a, size_t i)
{
    for (size_t k = (i + 1) & a->mask; a->slots[k].n; k = (k + 1) & a->mask) {
        size_t from = home(a, a->slots[k].who);
        if (((k - from) & a->mask) < ((k - i) & a->mask))
            continue; /* its home lies behind the gap */
        a->slots[i] = a->slots[k];
        a->slots[k].n = 0;
        i = k;
    }
}

bool brio_server_addresses_enter(brio_server_addresses *a, brio_str host, uint32_t limit)
{
    key who;
    if (!a->slots || !key_of(host, &who))
        return true;
    struct brio_server_counted *slot = &a->slots[find(a, who)];
    if (slot->n >= limit)
        return false;
    BRIO_ASSERT(slot->n || a->n <= a->mask / 2);
    a->n += slot->n == 0;
    slot->who = who;
    slot->n++;
    return true;
}

void brio_server_addresses_leave(brio_server_addresses *a, brio_str host)
{
    key who;
    if (!a->slots || !key_of(host, &who))
        return;
    size_t i = find(a, who);
    BRIO_ASSERT(a->slots[i].n > 0);
    if (--a->slots[i].n > 0)
        return;
    a->n--;
    close_gap(a, i);
}

int brio_server_addresses_init(brio_server_addresses *a, size_t n_max, uint64_t seed)
{
    size_t cap = 16;
    while (cap / 2 < n_max + 1)
        cap *= 2;
    *a = (brio_server_addresses){.mask = cap - 1, .seed = seed};
    a->slots = brio_zalloc(cap, sizeof *a->slots);
    return a->slots ? 0 : -ENOMEM;
}

void brio_server_addresses_fini(brio_server_addresses *a)
{
    free(a->slots);
    *a = (brio_server_addresses){0};
}
