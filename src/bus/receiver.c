/* SPDX-License-Identifier: MIT
 *
 * Receivers, what they subscribed to, and a message on its way to them.
 *
 * A receiver may subscribe, end subscriptions and go away while a message is
 * being delivered, its own included. So an ended subscription stays in its list,
 * dead, until the delivery is over, and one that is newer than the message is not
 * looked at. What is published meanwhile waits until then. */
#include "bus/bus_internal.h"

#include <errno.h>
#include <stdlib.h>

void brio_bus_receiver_init(brio_bus_receiver *r, brio_bus *bus)
{
    r->bus = bus;
    r->newest = 0;
    brio_link_init(&r->subs);
    brio_link_insert_before(&bus->receivers, &r->link);
}

/* ---- Subscriptions ------------------------------------------------------------- */

int brio_bus_sub_add(brio_bus_receiver *r, brio_str filter, bool literal, brio_bus_sub **ret)
{
    brio_bus *bus = r->bus;
    if (bus->stats.subscriptions >= bus->o.subscriptions)
        return brio_error(BRIO_ELIMIT, "the bus has %zu subscriptions already",
                          bus->stats.subscriptions);
    brio_bus_sub *sub = brio_zalloc(1, sizeof *sub);
    if (!sub)
        return -ENOMEM;
    int rc = brio_bus_node_find(bus, filter, literal, true, &sub->node, &sub->rest);
    if (rc < 0) {
        free(sub);
        return rc;
    }
    sub->receiver = r;
    sub->born = bus->serial;
    brio_link_insert_before(sub->rest ? &sub->node->rest : &sub->node->exact, &sub->at);
    brio_link_insert_before(&r->subs, &sub->of);
    bus->stats.subscriptions++;
    if (ret)
        *ret = sub;
    return 0;
}

static void bury(brio_bus *bus, brio_bus_sub *sub)
{
    brio_link_remove(&sub->at);
    brio_link_remove(&sub->of);
    brio_bus_node_prune(bus, sub->node);
    free(sub);
}

void brio_bus_sub_end(brio_bus_sub *sub)
{
    brio_bus *bus = sub->receiver->bus;
    BRIO_ASSERT(!sub->dead);
    bus->stats.subscriptions--;
    if (!bus->delivering) {
        bury(bus, sub);
        return;
    }
    sub->dead = true;
    brio_link_remove(&sub->of);
    brio_link_insert_before(&bus->graves, &sub->of);
}

void brio_bus_receiver_fini(brio_bus_receiver *r)
{
    while (!brio_link_alone(&r->subs))
        brio_bus_sub_end(BRIO_CONTAINER(r->subs.next, brio_bus_sub, of));
    for (brio_bus_walk *w = r->bus->walks; w; w = w->outer)
        if (w->next == &r->link)
            w->next = r->link.next;
    brio_link_remove(&r->link);
}

brio_bus_sub *brio_bus_sub_find(const brio_bus_receiver *r, brio_str filter, bool literal)
{
    brio_bus_node *node;
    bool rest;
    if (brio_bus_node_find(r->bus, filter, literal, false, &node, &rest) < 0)
        return NULL;
    for (brio_link *l = r->subs.next; l != &r->subs; l = l->next) {
        brio_bus_sub *sub = BRIO_CONTAINER(l, brio_bus_sub, of);
        if (sub->node == node && sub->rest == rest)
            return sub;
    }
    return NULL;
}

/* ---- Delivery ---------------------------------------------------------------------- */

static void end_delivery(brio_bus *bus)
{
    bus->delivering = false;
    while (!brio_link_alone(&bus->graves))
        bury(bus, BRIO_CONTAINER(bus->graves.next, brio_bus_sub, of));
}

static void give(brio_bus_receiver *r, brio_bus_packet *p)
{
    bool wanted = p->m.kind == BRIO_BUS_MESSAGE ? r->messages : r->notices;
    if (!wanted || r->newest >= p->serial || r == p->except)
        return;
    r->newest = p->serial;
    r->bus->stats.delivered++;
    r->take(r, p);
}

static void give_sub(brio_bus_sub *sub, void *arg)
{
    brio_bus_packet *p = arg;
    if (sub->born < p->serial)
        give(sub->receiver, p);
}

/* A gap is for everyone who wants to know. Whoever goes away meanwhile takes the
 * walks that stand before it one further. */
static void give_everyone(brio_bus *bus, brio_bus_packet *p)
{
    brio_bus_walk walk = {bus->receivers.next, bus->walks};
    bus->walks = &walk;
    while (walk.next != &bus->receivers) {
        brio_bus_receiver *r = BRIO_CONTAINER(walk.next, brio_bus_receiver, link);
        walk.next = walk.next->next;
        give(r, p);
    }
    bus->walks = walk.outer;
}

static void deliver(brio_bus *bus, brio_bus_packet *p)
{
    p->serial = ++bus->serial;
    bus->delivering = true;
    if (p->m.kind == BRIO_BUS_GAP)
        give_everyone(bus, p);
    else
        brio_bus_match(bus, p->m.topic, give_sub, p);
    end_delivery(bus);
}

static void put_off(brio_bus *bus, brio_bus_packet *p)
{
    brio_bus_packet_hold(p);
    p->next = NULL;
    if (bus->last_later)
        bus->last_later->next = p;
    else
        bus->later = p;
    bus->last_later = p;
}

static brio_bus_packet *take_later(brio_bus *bus)
{
    brio_bus_packet *p = bus->later;
    bus->later = p->next;
    if (!bus->later)
        bus->last_later = NULL;
    return p;
}

/* What is published inside a delivery comes behind it, for all: else those who are
 * still to get the first would get the second before it. */
void brio_bus_deliver(brio_bus *bus, brio_bus_packet *p)
{
    if (bus->delivering) {
        put_off(bus, p);
        return;
    }
    deliver(bus, p);
    while (bus->later) {
        brio_bus_packet *next = take_later(bus);
        deliver(bus, next);
        brio_bus_packet_drop(next);
    }
}

/* A bus that is being closed forgets in silence. */
void brio_bus_notify(brio_bus *bus, const brio_bus_message *m)
{
    if (!bus->self)
        return;
    if (m->kind == BRIO_BUS_GAP) {
        bus->stats.gaps++;
        bus->stats.missed += m->missed;
    }
    brio_bus_packet *p = brio_bus_packet_new(m);
    if (!p)
        return;
    brio_bus_deliver(bus, p);
    brio_bus_packet_drop(p);
}
