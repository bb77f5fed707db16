/* SPDX-License-Identifier: MIT
 *
 * What comes from other workers: judged, put in order, and given to the core.
 *
 * Redis brings this machine's own envelopes back, and those of its other workers,
 * which have come through the mesh already: they are known by their node and
 * dropped. What does not make sense is dropped as well: who can write to the
 * channel can do no worse than say things. */
#include "bus/bus_internal.h"
#include "bus/carrier.h"

/* True for what this program could have sent. */
static bool is_sane(const brio_bus_envelope *e)
{
    bool has_name = e->kind == BRIO_BUS_JOIN || e->kind == BRIO_BUS_LEAVE;
    bool has_topic = has_name || e->kind == BRIO_BUS_TELL || e->kind == BRIO_BUS_ASK;
    if (has_topic && (e->topic.len == 0 || !brio_utf8_valid(e->topic)))
        return false;
    if (has_name)
        return e->data.len > 0 && brio_bus_is_name(e->data);
    return !has_topic || e->flags & BRIO_BUS_BINARY || brio_utf8_valid(e->data);
}

/* ---- In order ----------------------------------------------------------------- */

static void tell_gap(brio_bus *bus, brio_bus_source *source, uint64_t missed)
{
    brio_bus_source_question(bus, source);
    brio_bus_notify(
        bus, &(brio_bus_message){.kind = BRIO_BUS_GAP, .node = source->node, .missed = missed});
}

/* False for what has come before: also what is not numbered is older than the
 * source if its number is, for example a state that Redis was told twice. */
static bool is_next(brio_bus *bus, brio_bus_source *source, const brio_bus_envelope *e)
{
    bool numbered = brio_bus_numbered(e->kind), known = source->seq != UINT64_MAX;
    uint64_t due = source->seq + numbered;
    if (known && e->seq < due) {
        bus->stats.duplicates++;
        return false;
    }
    if (!known || e->seq > source->seq)
        source->seq = e->seq;
    if (known && e->seq > due)
        tell_gap(bus, source, e->seq - due);
    return true;
}

/* ---- Kinds ---------------------------------------------------------------------- */

static void take_message(brio_bus *bus, const brio_bus_envelope *e)
{
    bool asks = e->kind == BRIO_BUS_ASK;
    bus->stats.received++;
    brio_bus_packet *p = brio_bus_packet_new(&(brio_bus_message){
        .kind = BRIO_BUS_MESSAGE,
        .binary = (e->flags & BRIO_BUS_BINARY) != 0,
        .topic = e->topic,
        .data = e->data,
        .node = e->node,
        .asker = asks ? e->source : 0,
        .ask = asks ? e->mark : 0,
    });
    if (!p)
        return;
    brio_bus_deliver(bus, p);
    brio_bus_packet_drop(p);
}

static void take_state(brio_bus *bus, brio_bus_source *source, const brio_bus_envelope *e)
{
    brio_str lines = e->data;
    brio_bus_stated s;
    if (e->flags & BRIO_BUS_FIRST) {
        source->telling = true;
        brio_bus_presence_doubt(source);
    }
    while (source->telling && brio_bus_stated_read(&lines, &s) == 1)
        if (brio_utf8_valid(s.topic) && brio_bus_is_name(s.name))
            brio_bus_presence_set(bus, source, s.topic, s.name, s.count);
    if (source->telling && e->flags & BRIO_BUS_LAST) {
        source->telling = false;
        brio_bus_presence_settle(bus, source);
    }
}

static void take_gone(brio_bus *bus, uint64_t id)
{
    brio_bus_source *gone = brio_bus_source_find(bus, id);
    if (gone && gone != bus->self && !gone->link)
        brio_bus_source_lost(bus, gone);
}

static void take(brio_bus *bus, brio_bus_source *source, const brio_bus_envelope *e)
{
    switch (e->kind) {
    case BRIO_BUS_TELL:
    case BRIO_BUS_ASK:
        take_message(bus, e);
        break;
    case BRIO_BUS_JOIN: /* beyond the limit of members it is left out */
        (void)!brio_bus_presence_add(bus, source, e->topic, e->data);
        break;
    case BRIO_BUS_LEAVE:
        (void)brio_bus_presence_remove(bus, source, e->topic, e->data);
        break;
    case BRIO_BUS_WHO:
        brio_bus_tell_state(bus, source->link);
        break;
    case BRIO_BUS_STATE:
        take_state(bus, source, e);
        break;
    case BRIO_BUS_ANSWER:
        brio_bus_answered(bus, e->mark, e->data);
        break;
    case BRIO_BUS_GONE:
        take_gone(bus, e->to);
        break;
    case BRIO_BUS_BYE:
        brio_bus_source_lost(bus, source);
        break;
    case BRIO_BUS_HELLO:
    case BRIO_BUS_BEAT:
    case BRIO_BUS_KINDS:
        break;
    }
}

void brio_bus_receive(brio_bus *bus, brio_bus_link *link, const brio_bus_envelope *e)
{
    bool ours = e->node == bus->node;
    if (!bus->loop || ours != (link != NULL) || e->source == bus->id || !is_sane(e))
        return;
    brio_bus_source *source = brio_bus_source_get(bus, e->source, e->node);
    if (!source || source->node != e->node)
        return;
    bool came = !source->alive;
    brio_bus_source_seen(bus, source);
    if (!is_next(bus, source, e))
        return;
    bool for_us = e->to == 0 || e->to == bus->id || e->kind == BRIO_BUS_GONE;
    if (for_us)
        take(bus, source, e);
    if (came && !link && source->alive && e->kind != BRIO_BUS_STATE)
        brio_bus_source_question(bus, source);
}
