/* SPDX-License-Identifier: MIT
 *
 * What this worker says through Redis, until Redis has confirmed it. */
#include "bus/redis.h"

#include <stdlib.h>

static brio_bus_pending *make(brio_bus_redis *r, brio_str payload)
{
    brio_buf out = {0};
    const brio_str words[] = {BRIO_S("PUBLISH"), brio_str_from(r->channel), payload};
    brio_bus_command_write(&out, words, 3);
    brio_bus_pending *p = out.failed ? NULL : brio_malloc(sizeof *p + out.len);
    if (p) {
        p->next = NULL;
        p->len = out.len;
        memcpy(p->bytes, out.ptr, out.len);
    }
    brio_buf_fini(&out);
    return p;
}

static void append(brio_bus_redis *r, brio_bus_pending *p)
{
    if (r->last)
        r->last->next = p;
    else
        r->first = p;
    r->last = p;
    r->pending_bytes += p->len;
    r->bus->stats.redis_pending++;
}

void brio_bus_redis_confirmed(brio_bus_redis *r)
{
    brio_bus_pending *p = r->first;
    r->first = p->next;
    if (!r->first)
        r->last = NULL;
    r->pending_bytes -= p->len;
    r->bus->stats.redis_pending--;
    free(p);
}

static int send_one(brio_bus_redis *r, const brio_bus_pending *p)
{
    return brio_stream_send(r->talk.stream, (brio_str){p->bytes, p->len});
}

int brio_bus_redis_send_again(brio_bus_redis *r)
{
    int rc = 0;
    for (const brio_bus_pending *p = r->first; p && rc >= 0; p = p->next)
        rc = send_one(r, p);
    return rc;
}

/* Messages wait for a connection; signs of life are of no use later. */
void brio_bus_redis_send(brio_bus *bus, brio_str bytes, bool may_drop)
{
    brio_bus_redis *r = bus->redis;
    bool full = r->pending_bytes + bytes.len > bus->o.link_bytes;
    if (!may_drop && !r->talk.up)
        return;
    brio_bus_pending *p = full && may_drop ? NULL : make(r, bytes);
    if (!p) {
        bus->stats.dropped_link++;
        return;
    }
    append(r, p);
    if (r->talk.up && send_one(r, p) < 0)
        r->talk.up = false; /* the reader is about to see why */
}
