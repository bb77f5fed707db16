/* SPDX-License-Identifier: MIT
 *
 * Where connections live: slabs of equal places, so that one costs what it is and
 * no allocator's head, and no list is needed to go through all of them. Places are
 * reused, the last one given first, and not given back while the worker lives. */
#include "server/server_internal.h"

#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONNS_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(CONNS_ASAN)
#define CONNS_ASAN 1
#endif

#ifdef CONNS_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(ptr, size)   ((void)(ptr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(ptr, size) ((void)(ptr), (void)(size))
#endif

enum { PLACES = 356 }; /* of a slab: 64 KiB */

struct brio_server_conn_slab {
    struct brio_server_conn_slab *next;
    size_t used; /* places that were taken once */
    brio_server_conn places[PLACES];
};

/* What a free place is read for: whether it is one, and the next one. */
enum {
    READ_FROM = offsetof(brio_server_conn, worker),
    READ_TO = offsetof(brio_server_conn, next) + sizeof(void *)
};

static brio_server_conn *carve(brio_server_conns *c)
{
    struct brio_server_conn_slab *slab = c->slabs;
    if (!slab || slab->used == PLACES) {
        slab = brio_malloc(sizeof *slab); /* its pages are touched as they are needed */
        if (!slab)
            return NULL;
        slab->used = 0;
        slab->next = c->slabs;
        c->slabs = slab;
    }
    return &slab->places[slab->used++];
}

brio_server_conn *brio_server_conns_take(brio_server_worker *w)
{
    brio_server_conn *conn = w->conns.free;
    if (conn)
        w->conns.free = conn->next;
    else
        conn = carve(&w->conns);
    if (!conn)
        return NULL;
    ASAN_UNPOISON_MEMORY_REGION(conn, sizeof *conn);
    memset(conn, 0, sizeof *conn);
    conn->worker = w;
    return conn;
}

void brio_server_conns_give(brio_server_conn *conn)
{
    brio_server_worker *w = conn->worker;
    conn->worker = NULL;
    conn->next = w->conns.free;
    w->conns.free = conn;
    ASAN_POISON_MEMORY_REGION(conn, READ_FROM);
    ASAN_POISON_MEMORY_REGION((char *)conn + READ_TO, sizeof *conn - READ_TO);
}

brio_server_conn *brio_server_conns_next(const brio_server_worker *w, const brio_server_conn *conn)
{
    for (struct brio_server_conn_slab *s = w->conns.slabs; s; s = s->next) {
        bool here = conn >= s->places && conn < s->places + s->used;
        if (conn && !here)
            continue;
        for (size_t i = here ? (size_t)(conn - s->places) + 1 : 0; i < s->used; i++)
            if (s->places[i].worker)
                return &s->places[i];
        conn = NULL; /* it was the last of this slab */
    }
    return NULL;
}

void brio_server_conns_fini(brio_server_worker *w)
{
    for (brio_server_conn *c = NULL; (c = brio_server_conns_next(w, c));)
        brio_server_line_forget(c); /* of a handler that was abandoned */
    while (w->conns.slabs) {
        struct brio_server_conn_slab *slab = w->conns.slabs;
        w->conns.slabs = slab->next;
        ASAN_UNPOISON_MEMORY_REGION(slab->places, sizeof slab->places);
        free(slab);
    }
    w->conns.free = NULL;
}
