/* SPDX-License-Identifier: MIT
 *
 * A worker's two connections to Redis, and what it has to say there. */
#ifndef BRIO_BUS_REDIS_H
#define BRIO_BUS_REDIS_H

#include "bus/carrier.h"
#include "bus/redis_reply.h"

#include <brio/io.h>

typedef struct brio_bus_redis brio_bus_redis;

typedef struct brio_bus_redis_conn {
    brio_bus_redis *redis;
    const char *says;
    brio_stream *stream; /* NULL while there is none */
    brio_bus_replies *replies;
    bool up;           /* it does what it is for */
    bool was_up;       /* once before */
    unsigned failures; /* in a row */
} brio_bus_redis_conn;

/* A PUBLISH that was not confirmed: the whole command. */
typedef struct brio_bus_pending {
    struct brio_bus_pending *next;
    size_t len;
    char bytes[];
} brio_bus_pending;

struct brio_bus_redis {
    brio_bus *bus;
    brio_arena arena;
    brio_bus_redis_at at;
    const char *channel;
    brio_tls_context *tls;
    brio_bus_redis_conn listen, talk;
    brio_event *ready;
    brio_bus_pending *first, *last;
    size_t pending_bytes;
    bool complained; /* of an error instead of a confirmation */
};

/* Redis has dealt with the first; it is freed. */
void brio_bus_redis_confirmed(brio_bus_redis *r);
/* All that wait, on a new connection. 0, or as brio_stream_send. */
int brio_bus_redis_send_again(brio_bus_redis *r) BRIO_CHECKED;

#endif
