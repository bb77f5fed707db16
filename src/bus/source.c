/* SPDX-License-Identifier: MIT
 *
 * The workers that publish: how far their messages have come, and whether they
 * live.
 *
 * Each numbers what it tells, from 1. What comes twice is known by its number and
 * dropped; a number that was left out is a gap, and then what is known of that
 * worker's presence may be wrong, so it is asked for all of it. A worker that is
 * lost is remembered for a while: if it was only away, its next number tells how
 * much was missed. */
#include "bus/bus_internal.h"
#include "bus/carrier.h"

#include <errno.h>
#include <stdlib.h>

enum { SOURCES_MAX = 65536 }; /* known, dead ones included */

static const brio_time remembered = BRIO_SEC(3600);

static bool same_id(brio_bus_hashed *h, const void *key)
{
    return BRIO_CONTAINER(h, brio_bus_source, hashed)->id == *(const uint64_t *)key;
}

brio_bus_source *brio_bus_source_find(brio_bus *bus, uint64_t id)
{
    brio_bus_hashed *h =
        brio_bus_table_find(&bus->sources, brio_bus_hash(id, NULL, 0), same_id, &id);
    return h ? BRIO_CONTAINER(h, brio_bus_source, hashed) : NULL;
}

brio_bus_source *brio_bus_source_get(brio_bus *bus, uint64_t id, uint64_t node)
{
    brio_bus_source *source = brio_bus_source_find(bus, id);
    if (source || bus->sources.n >= SOURCES_MAX)
        return source;
    source = brio_zalloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->id = id;
    source->node = node;
    source->seq = UINT64_MAX; /* nothing was heard yet */
    brio_link_init(&source->holders);
    source->hashed.hash = brio_bus_hash(id, NULL, 0);
    if (brio_bus_table_add(&bus->sources, &source->hashed) < 0) {
        free(source);
        return NULL;
    }
    return source;
}

static void count_remote(brio_bus *bus, const brio_bus_source *source, bool more)
{
    if (source->node != bus->node)
        bus->stats.remote += more ? 1 : (size_t)-1;
}

void brio_bus_source_lost(brio_bus *bus, brio_bus_source *source)
{
    if (!source->alive)
        return;
    source->alive = source->telling = false;
    count_remote(bus, source, false);
    brio_bus_presence_forget(bus, source);
}

/* A sign of life. Who was not known to live is asked who is with it. */
void brio_bus_source_seen(brio_bus *bus, brio_bus_source *source)
{
    source->seen = brio_loop_now(bus->loop);
    if (source->alive)
        return;
    source->alive = true;
    source->asked = 0;
    count_remote(bus, source, true);
}

/* At most once a second, so that a flood of gaps is not one of questions. */
void brio_bus_source_question(brio_bus *bus, brio_bus_source *source)
{
    brio_time now = brio_loop_now(bus->loop);
    if (source->asked && now - source->asked < BRIO_SEC(1))
        return;
    source->asked = now;
    brio_bus_tell_simple(bus, source->link, BRIO_BUS_WHO, source->id);
}

void brio_bus_sources_expire(brio_bus *bus)
{
    brio_time now = brio_loop_now(bus->loop);
    brio_bus_hashed *h = brio_bus_table_first(&bus->sources), *next;
    for (; h; h = next) {
        brio_bus_source *source = BRIO_CONTAINER(h, brio_bus_source, hashed);
        next = brio_bus_table_after(&bus->sources, h);
        bool silent = source != bus->self && !source->link;
        if (silent && source->alive && now - source->seen > bus->o.expiry)
            brio_bus_source_lost(bus, source);
        if (!silent || source->alive || now - source->seen < remembered)
            continue;
        brio_bus_table_remove(&bus->sources, h);
        free(source);
    }
}
