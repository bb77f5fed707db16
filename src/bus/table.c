/* SPDX-License-Identifier: MIT
 *
 * Chained buckets, doubled when there are as many things as buckets. */
#include "bus/table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

enum { FIRST = 16 };

/* ---- SipHash-1-3 ------------------------------------------------------------- */

static uint64_t secret[2];

/* Drawn once; a forked child goes on with its parent's. */
static const uint64_t *get_secret(void)
{
    while (!secret[0])
        if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
            secret[0] = 0;
    return secret;
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void stir(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    stir(v);
    v[0] ^= word;
}

uint64_t brio_bus_hash(uint64_t salt, const void *bytes, size_t n)
{
    const uint64_t *k = get_secret();
    uint64_t v[4] = {k[0] ^ UINT64_C(0x736f6d6570736575), k[1] ^ UINT64_C(0x646f72616e646f6d),
                     k[0] ^ UINT64_C(0x6c7967656e657261), k[1] ^ UINT64_C(0x7465646279746573)};
    const char *at = bytes;
    uint64_t word;
    absorb(v, salt);
    for (size_t left = n; left >= 8; left -= 8, at += 8) {
        memcpy(&word, at, 8);
        absorb(v, word);
    }
    word = 0;
    if (n % 8)
        memcpy(&word, at, n % 8);
    absorb(v, word | (uint64_t)(n & 0xff) << 56);
    v[2] ^= 0xff;
    stir(v);
    stir(v);
    stir(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- The table ----------------------------------------------------------------- */

static brio_bus_hashed **bucket_of(const brio_bus_table *t, uint64_t hash)
{
    return &t->buckets[hash & (t->cap - 1)];
}

brio_bus_hashed *brio_bus_table_find(const brio_bus_table *t, uint64_t hash, brio_bus_same_fn *same,
                                     const void *key)
{
    brio_bus_hashed *h = t->cap ? *bucket_of(t, hash) : NULL;
    while (h && (h->hash != hash || !same(h, key)))
        h = h->next;
    return h;
}

static void put(brio_bus_table *t, brio_bus_hashed *h)
{
    brio_bus_hashed **bucket = bucket_of(t, h->hash);
    h->next = *bucket;
    *bucket = h;
}

static bool grow(brio_bus_table *t)
{
    brio_bus_table bigger = {.n = t->n, .cap = t->cap ? t->cap * 2 : FIRST};
    bigger.buckets = brio_zalloc(bigger.cap, sizeof *bigger.buckets);
    if (!bigger.buckets)
        return false;
    for (size_t i = 0; i < t->cap; i++)
        for (brio_bus_hashed *h = t->buckets[i], *next; h; h = next) {
            next = h->next;
            put(&bigger, h);
        }
    free(t->buckets);
    *t = bigger;
    return true;
}

int brio_bus_table_add(brio_bus_table *t, brio_bus_hashed *h)
{
    if (t->n >= t->cap && !grow(t) && !t->cap)
        return -ENOMEM;
    put(t, h);
    t->n++;
    return 0;
}

void brio_bus_table_remove(brio_bus_table *t, brio_bus_hashed *h)
{
    BRIO_ASSERT(t->cap);
    brio_bus_hashed **at = bucket_of(t, h->hash);
    while (*at && *at != h)
        at = &(*at)->next;
    BRIO_ASSERT(*at == h);
    *at = h->next;
    t->n--;
}

static brio_bus_hashed *first_from(const brio_bus_table *t, size_t bucket)
{
    while (bucket < t->cap && !t->buckets[bucket])
        bucket++;
    return bucket < t->cap ? t->buckets[bucket] : NULL;
}

brio_bus_hashed *brio_bus_table_first(const brio_bus_table *t)
{
    return first_from(t, 0);
}

brio_bus_hashed *brio_bus_table_after(const brio_bus_table *t, const brio_bus_hashed *h)
{
    return h->next ? h->next : first_from(t, (h->hash & (t->cap - 1)) + 1);
}

void brio_bus_table_fini(brio_bus_table *t)
{
    BRIO_ASSERT(t->n == 0);
    free(t->buckets);
    *t = (brio_bus_table){0};
}
