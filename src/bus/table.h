/* SPDX-License-Identifier: MIT
 *
 * A hash table of things that embed their link. Keys come from strangers, so the
 * hash (SipHash-1-3) has a secret; equality is the caller's. */
#ifndef BRIO_BUS_TABLE_H
#define BRIO_BUS_TABLE_H

#include <brio/base.h>

typedef struct brio_bus_hashed {
    struct brio_bus_hashed *next;
    uint64_t hash;
} brio_bus_hashed;

typedef struct brio_bus_table {
    brio_bus_hashed **buckets;
    size_t n, cap; /* cap is 0 or a power of two */
} brio_bus_table;

/* Of `n` bytes and a number, with the process's secret. */
uint64_t brio_bus_hash(uint64_t salt, const void *bytes, size_t n);

/* The first of that hash that is `same`, or NULL. */
typedef bool brio_bus_same_fn(brio_bus_hashed *h, const void *key);
brio_bus_hashed *brio_bus_table_find(const brio_bus_table *t, uint64_t hash, brio_bus_same_fn *same,
                                     const void *key);
/* `h->hash` is set. 0 or -ENOMEM. */
int brio_bus_table_add(brio_bus_table *t, brio_bus_hashed *h) BRIO_CHECKED;
/* It must be in it (asserted). */
void brio_bus_table_remove(brio_bus_table *t, brio_bus_hashed *h);
/* Walks: NULL gives the first; the current one may be removed, nothing added. */
brio_bus_hashed *brio_bus_table_first(const brio_bus_table *t);
brio_bus_hashed *brio_bus_table_after(const brio_bus_table *t, const brio_bus_hashed *h);
/* Frees the buckets; it must be empty (asserted). */
void brio_bus_table_fini(brio_bus_table *t);

#endif
