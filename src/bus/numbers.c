/* SPDX-License-Identifier: MIT
 *
 * What the buses of an app count, and those of apps mounted in it, as a server shows it
 * in its metrics: one sum, since a bus has no name. */
#include "bus/bus_internal.h"

#include <brio/app.h>

enum {
    PUBLISHED,
    RECEIVED,
    DELIVERED,
    DROPPED_QUEUE,
    DROPPED_LINK,
    GAPS,
    MISSED,
    DUPLICATES,
    RECONNECTS,
    SUBSCRIBERS,
    MEMBERS,
    SOCKETS,
    NEAR,
    FAR,
    CONNECTED,
    PENDING,
    N
};

static const brio_app_number numbers[] = {
    [PUBLISHED] = {"brio_bus_published_total", NULL, "Messages that were published here.", false},
    [RECEIVED] = {"brio_bus_received_total", NULL, "Messages that came from other workers.", false},
    [DELIVERED] = {"brio_bus_delivered_total", NULL, "Messages given to receivers.", false},
    [DROPPED_QUEUE] = {"brio_bus_dropped_total", "where=\"receiver\"",
                       "Messages left out: a receiver, or the link to others, was too slow.",
                       false},
    [DROPPED_LINK] = {"brio_bus_dropped_total", "where=\"link\"", NULL, false},
    [GAPS] = {"brio_bus_gaps_total", NULL, "Notices that messages were missed.", false},
    [MISSED] = {"brio_bus_missed_total", NULL, "Messages that gap notices told of.", false},
    [DUPLICATES] = {"brio_bus_duplicates_total", NULL, "Messages that came twice.", false},
    [RECONNECTS] = {"brio_bus_redis_reconnects_total", NULL,
                    "Connections to Redis that were made anew.", false},
    [SUBSCRIBERS] = {"brio_bus_subscriptions", NULL, "Subscriptions.", true},
    [MEMBERS] = {"brio_bus_members", NULL, "Names in rooms, wherever they are.", true},
    [SOCKETS] = {"brio_bus_sockets", NULL, "WebSockets with subscriptions.", true},
    [NEAR] = {"brio_bus_peers", "where=\"machine\"", "Other workers that are heard.", true},
    [FAR] = {"brio_bus_peers", "where=\"elsewhere\"", NULL, true},
    [CONNECTED] = {"brio_bus_redis_connected", NULL, "1: connected to Redis, both ways.", true},
    [PENDING] = {"brio_bus_redis_pending", NULL, "Messages that Redis has not confirmed.", true},
};
_Static_assert(sizeof numbers / sizeof *numbers == N, "a number has words");

static void add(uint64_t *ret, const brio_bus_stats *s)
{
    ret[PUBLISHED] += s->published;
    ret[RECEIVED] += s->received;
    ret[DELIVERED] += s->delivered;
    ret[DROPPED_QUEUE] += s->dropped_queue;
    ret[DROPPED_LINK] += s->dropped_link;
    ret[GAPS] += s->gaps;
    ret[MISSED] += s->missed;
    ret[DUPLICATES] += s->duplicates;
    ret[RECONNECTS] += s->reconnects;
    ret[SUBSCRIBERS] += s->subscriptions;
    ret[MEMBERS] += s->members;
    ret[SOCKETS] += s->sockets;
    ret[NEAR] += s->workers;
    ret[FAR] += s->remote;
    ret[PENDING] += s->redis_pending;
}

typedef struct sum {
    uint64_t *numbers;
    uint64_t with, connected; /* buses that have a Redis; that reach it */
} sum;

static void add_buses(brio_app *app, void *arg)
{
    sum *s = arg;
    for (const brio_bus *bus = brio_bus_first_of(app); bus; bus = bus->next) {
        add(s->numbers, &bus->stats);
        s->with += bus->redis != NULL;
        s->connected += bus->stats.redis;
    }
}

/* Of all buses; connected are those if all are that have a Redis. */
static void count(brio_app *app, uint64_t *ret)
{
    sum s = {.numbers = ret};
    memset(ret, 0, N * sizeof *ret);
    brio_app_each(app, add_buses, &s);
    ret[CONNECTED] = s.with ? s.connected == s.with : BRIO_APP_NO_NUMBER;
    if (!s.with)
        ret[PENDING] = BRIO_APP_NO_NUMBER;
}

void brio_bus_number(brio_app *app)
{
    brio_app_add_numbers(app, numbers, N, count);
}
