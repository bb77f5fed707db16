/* SPDX-License-Identifier: MIT
 *
 * What brings envelopes to other workers: the mesh, between those of one
 * machine, and Redis, between machines. Both take an envelope as bytes and never
 * wait; what cannot be brought they count and drop. */
#ifndef BRIO_BUS_CARRIER_H
#define BRIO_BUS_CARRIER_H

#include "bus/bus_internal.h"

/* ---- The mesh ------------------------------------------------------------------ */

/* A connection to one other worker. */
typedef struct brio_bus_link brio_bus_link;

/* Makes what the workers of a machine share, before they are forked. NULL without
 * memory: then each is alone. */
struct brio_bus_house *brio_bus_house_new(uint64_t node);
void brio_bus_house_free(struct brio_bus_house *house);

/* Takes a seat and listens. */
int brio_bus_mesh_open(brio_bus *bus) BRIO_CHECKED;
/* The tasks in bus->group that accept and connect; `ready` is set when it has tried
 * all that were there before. */
void brio_bus_mesh_start(brio_bus *bus, brio_event *ready);
void brio_bus_mesh_close(brio_bus *bus);
/* To all that are connected, or one. An envelope that is no message may not be
 * dropped: it is small. */
void brio_bus_mesh_send(brio_bus *bus, brio_str bytes, bool may_drop);
void brio_bus_link_send(brio_bus_link *link, brio_str bytes, bool may_drop);

/* ---- Redis ----------------------------------------------------------------------- */

/* What a URL says. Texts are owned by the arena given. */
typedef struct brio_bus_redis_at {
    bool tls;
    const char *host, *user, *password; /* user and password: NULL for none */
    uint16_t port;
    uint32_t db;
} brio_bus_redis_at;

/* 0, -EINVAL with words. */
int brio_bus_redis_parse(brio_arena *arena, brio_str url, brio_bus_redis_at *ret) BRIO_CHECKED;
bool brio_bus_redis_built(void);
int brio_bus_redis_open(brio_bus *bus) BRIO_CHECKED;
/* The two tasks; `ready` is set after the first attempt to connect. */
void brio_bus_redis_start(brio_bus *bus, brio_event *ready);
void brio_bus_redis_close(brio_bus *bus);
void brio_bus_redis_send(brio_bus *bus, brio_str bytes, bool may_drop);

/* ---- The others' life --------------------------------------------------------------- */

void brio_bus_source_seen(brio_bus *bus, brio_bus_source *source);
void brio_bus_source_question(brio_bus *bus, brio_bus_source *source);

#endif
