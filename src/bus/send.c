/* SPDX-License-Identifier: MIT
 *
 * What the others are told: numbered, made into bytes once, and given to every
 * carrier. Without other workers nothing is made at all. */
#include "bus/bus_internal.h"
#include "bus/carrier.h"

enum { STATE_PIECE = 32 * 1024 }; /* bytes of a state in one envelope, about */

static brio_str compose(brio_bus *bus, brio_bus_envelope *e)
{
    e->node = bus->node;
    e->source = bus->id;
    e->seq = bus->self->seq;
    brio_buf_clear(&bus->scratch);
    brio_bus_envelope_write(&bus->scratch, e);
    return brio_buf_str(&bus->scratch);
}

static void send_all(brio_bus *bus, brio_str bytes, bool may_drop)
{
    if (bus->mesh)
        brio_bus_mesh_send(bus, bytes, may_drop);
    if (bus->redis)
        brio_bus_redis_send(bus, bytes, may_drop);
}

/* A number that could not be written is a gap to all. */
void brio_bus_tell(brio_bus *bus, brio_bus_envelope *e)
{
    if (!bus->self || (!bus->mesh && !bus->redis))
        return;
    bool numbered = brio_bus_numbered(e->kind);
    bus->self->seq += numbered;
    brio_str bytes = compose(bus, e);
    if (!bus->scratch.failed)
        send_all(bus, bytes, numbered);
    else
        bus->stats.dropped_link++;
}

static void send_one(brio_bus *bus, brio_bus_link *link, brio_str bytes)
{
    if (bus->scratch.failed)
        bus->stats.dropped_link++;
    else if (link)
        brio_bus_link_send(link, bytes, false);
    else if (bus->redis)
        brio_bus_redis_send(bus, bytes, false);
}

void brio_bus_tell_simple(brio_bus *bus, brio_bus_link *link, brio_bus_envelope_kind kind,
                          uint64_t to)
{
    brio_bus_envelope e = {.kind = kind, .to = to};
    if (bus->self)
        send_one(bus, link, compose(bus, &e));
}

/* ---- The state ------------------------------------------------------------------ */

static void send_piece(brio_bus *bus, brio_bus_link *link, brio_buf *lines, uint8_t flags)
{
    brio_bus_envelope e = {.kind = BRIO_BUS_STATE, .flags = flags, .data = brio_buf_str(lines)};
    send_one(bus, link, compose(bus, &e));
    brio_buf_clear(lines);
}

static void send_state(brio_bus *bus, brio_bus_link *link)
{
    brio_buf lines = {0};
    uint8_t first = BRIO_BUS_FIRST;
    brio_link *all = &bus->self->holders;
    for (brio_link *l = all->next; l != all; l = l->next) {
        const brio_bus_holder *h = BRIO_CONTAINER(l, brio_bus_holder, of_source);
        brio_bus_stated_write(&lines,
                              &(brio_bus_stated){{h->entry->room->topic, h->entry->room->len},
                                                 {h->entry->name, h->entry->len},
                                                 h->count});
        if (lines.len >= STATE_PIECE) {
            send_piece(bus, link, &lines, first);
            first = 0;
        }
    }
    send_piece(bus, link, &lines, first | BRIO_BUS_LAST);
    brio_buf_fini(&lines);
}

/* By Redis everybody hears it, however many asked: at most once a second. */
void brio_bus_tell_state(brio_bus *bus, brio_bus_link *link)
{
    brio_time now = brio_loop_now(bus->loop);
    if (!link && bus->told_state && now - bus->told_state < BRIO_SEC(1)) {
        bus->tell_state_later = true;
        return;
    }
    if (!link) {
        bus->told_state = now;
        bus->tell_state_later = false;
    }
    send_state(bus, link);
}
