/* SPDX-License-Identifier: MIT
 *
 * Receivers that are functions, and receivers that are a task's queue.
 *
 * A queue holds messages that all its receivers share; when it is full the
 * policy says what is lost, and what was lost is told in its place. */
#include "bus/bus_internal.h"

#include <brio/trace.h>

#include <errno.h>
#include <stdlib.h>

/* ---- Functions -------------------------------------------------------------- */

struct brio_bus_subscription {
    brio_bus_receiver r; /* first: see brio_bus_free */
    brio_bus_fn *fn;
    void *arg;
};

static void call(brio_bus_receiver *r, brio_bus_packet *p)
{
    const brio_bus_subscription *s = BRIO_CONTAINER(r, brio_bus_subscription, r);
    s->fn(&p->m, s->arg);
}

static brio_bus_subscription *subscribe(brio_bus *bus, brio_str filter, bool notices,
                                        const brio_bus_subscription *what)
{
    bool everyone = brio_str_eq(filter, BRIO_BUS_EVERYONE);
    if (!everyone && brio_bus_topic_check(filter, BRIO_BUS_IS_FILTER) < 0)
        return NULL;
    brio_bus_subscription *s = brio_malloc(sizeof *s);
    if (!s)
        return NULL;
    *s = *what;
    brio_bus_receiver_init(&s->r, bus);
    s->r.take = call;
    s->r.messages = !notices;
    s->r.notices = notices;
    if (brio_bus_sub_add(&s->r, filter, everyone, NULL) < 0) {
        brio_bus_unsubscribe(s);
        return NULL;
    }
    return s;
}

brio_bus_subscription *brio_bus_subscribe(brio_bus *bus, brio_str filter, brio_bus_fn *fn,
                                          void *arg)
{
    return subscribe(bus, filter, false, &(brio_bus_subscription){.fn = fn, .arg = arg});
}

brio_bus_subscription *brio_bus_watch(brio_bus *bus, brio_str filter, brio_bus_fn *fn, void *arg)
{
    return subscribe(bus, filter, true, &(brio_bus_subscription){.fn = fn, .arg = arg});
}

void brio_bus_unsubscribe(brio_bus_subscription *s)
{
    if (!s)
        return;
    brio_bus_receiver_fini(&s->r);
    free(s);
}

/* ---- Queues ------------------------------------------------------------------- */

struct brio_bus_listener {
    brio_bus_receiver r;
    brio_bus_policy policy;
    brio_bus_packet **queue; /* a ring of `cap` places, `len` from `head` on are taken */
    size_t cap, len, head;
    uint64_t missed;       /* messages in front of the queue that were dropped */
    uint64_t missed_after; /* and behind it */
    brio_bus_packet *lent;
    brio_waiter *waiter;
    int ended; /* BRIO_ECLOSED, BRIO_EOVERLOAD: nothing more comes */
};

static void wake(brio_bus_listener *l)
{
    brio_waiter *waiter = l->waiter;
    l->waiter = NULL;
    if (waiter)
        brio_unpark(waiter, 0);
}

static brio_bus_packet *shift(brio_bus_listener *l)
{
    brio_bus_packet *p = l->queue[l->head];
    l->head = (l->head + 1) % l->cap;
    l->len--;
    return p;
}

static void push(brio_bus_listener *l, brio_bus_packet *p)
{
    brio_bus_packet_hold(p);
    l->queue[(l->head + l->len++) % l->cap] = p;
}

/* There is room again, behind a hole. */
static void push_gap(brio_bus_listener *l)
{
    brio_bus_packet *p = l->r.notices
                             ? brio_bus_packet_new(&(brio_bus_message){.kind = BRIO_BUS_GAP,
                                                                       .mine = true,
                                                                       .node = l->r.bus->node,
                                                                       .missed = l->missed_after})
                             : NULL;
    l->missed_after = 0;
    if (!p)
        return;
    push(l, p);
    brio_bus_packet_drop(p);
}

static void overflow(brio_bus_listener *l, brio_bus_packet *p)
{
    l->r.bus->stats.dropped_queue++;
    switch (l->policy) {
    case BRIO_BUS_DROP_OLDEST:
        brio_bus_packet_drop(shift(l));
        l->missed++;
        push(l, p);
        break;
    case BRIO_BUS_DROP_NEWEST:
        l->missed_after++;
        break;
    case BRIO_BUS_END:
        l->ended = BRIO_EOVERLOAD;
        break;
    }
}

static void queue(brio_bus_receiver *r, brio_bus_packet *p)
{
    brio_bus_listener *l = BRIO_CONTAINER(r, brio_bus_listener, r);
    if (l->ended)
        return;
    if (l->len < l->cap && l->missed_after)
        push_gap(l);
    if (l->len < l->cap)
        push(l, p);
    else
        overflow(l, p);
    wake(l);
}

void brio_bus_end_listeners(brio_bus *bus)
{
    for (brio_link *at = bus->receivers.next; at != &bus->receivers; at = at->next) {
        brio_bus_receiver *r = BRIO_CONTAINER(at, brio_bus_receiver, link);
        if (r->take != queue)
            continue;
        brio_bus_listener *l = BRIO_CONTAINER(r, brio_bus_listener, r);
        l->ended = l->ended ? l->ended : BRIO_ECLOSED;
        wake(l);
    }
}

static brio_bus_listener *new_listener(brio_bus *bus, const brio_bus_listener_options *o)
{
    size_t cap = o->queue_messages ? o->queue_messages : bus->o.queue_messages;
    brio_bus_listener *l = brio_zalloc(1, sizeof *l);
    if (l)
        l->queue = brio_zalloc(cap, sizeof(brio_bus_packet *));
    if (!l || !l->queue) {
        free(l);
        return NULL;
    }
    l->cap = cap;
    l->policy = o->policy;
    brio_bus_receiver_init(&l->r, bus);
    l->r.take = queue;
    l->r.messages = true;
    l->r.notices = o->notices;
    return l;
}

int brio_bus_listener_add(brio_bus_listener *l, brio_str filter)
{
    int rc = brio_bus_topic_check(filter, BRIO_BUS_IS_FILTER);
    if (rc == 0 && !brio_bus_sub_find(&l->r, filter, false))
        rc = brio_bus_sub_add(&l->r, filter, false, NULL);
    return rc;
}

int brio_bus_listen(brio_bus *bus, brio_str filter, const brio_bus_listener_options *options,
                    brio_bus_listener **ret)
{
    static const brio_bus_listener_options none = {0};
    if (!bus->self)
        return BRIO_ECLOSED;
    brio_bus_listener *l = new_listener(bus, options ? options : &none);
    if (!l)
        return -ENOMEM;
    int rc = brio_bus_listener_add(l, filter);
    if (rc < 0)
        brio_bus_listener_close(l);
    else
        *ret = l;
    return rc;
}

/* ---- Taking --------------------------------------------------------------------- */

typedef struct wait_for {
    brio_waiter waiter;
    brio_bus_listener *listener;
} wait_for;

static bool stop_waiting(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, wait_for, waiter)->listener->waiter = NULL;
    return true;
}

static bool has_gap(const brio_bus_listener *l)
{
    return l->missed || (l->missed_after && !l->len);
}

static int wait(brio_bus_listener *l)
{
    BRIO_ASSERT(!l->waiter); /* one task at a time */
    wait_for w = {.waiter = {.on_cancel = stop_waiting, .kind = BRIO_WAIT_QUEUE}, .listener = l};
    l->waiter = &w.waiter;
    return brio_park(&w.waiter);
}

/* What was dropped, where it would have been. */
static bool take_gap(brio_bus_listener *l, brio_bus_message *ret)
{
    uint64_t missed = l->missed ? l->missed : l->missed_after;
    if (l->missed)
        l->missed = 0;
    else
        l->missed_after = 0;
    *ret = (brio_bus_message){
        .kind = BRIO_BUS_GAP, .mine = true, .node = l->r.bus->node, .missed = missed};
    return l->r.notices;
}

int brio_bus_next(brio_bus_listener *l, brio_bus_message *ret)
{
    if (l->lent)
        brio_bus_packet_drop(l->lent);
    l->lent = NULL;
    *ret = (brio_bus_message){0};
    while (true) {
        while (has_gap(l))
            if (take_gap(l, ret))
                return 0;
        if (l->len) {
            l->lent = shift(l);
            *ret = l->lent->m;
            return 0;
        }
        if (l->ended)
            return l->ended;
        int rc = wait(l);
        if (rc < 0)
            return rc;
    }
}

brio_bus_packet *brio_bus_listener_lent(const brio_bus_listener *l)
{
    return l->lent;
}

void brio_bus_listener_close(brio_bus_listener *l)
{
    if (!l)
        return;
    BRIO_ASSERT(!l->waiter);
    brio_bus_receiver_fini(&l->r);
    while (l->len)
        brio_bus_packet_drop(shift(l));
    if (l->lent)
        brio_bus_packet_drop(l->lent);
    free(l->queue);
    free(l);
}
