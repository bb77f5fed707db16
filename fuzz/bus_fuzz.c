/* SPDX-License-Identifier: MIT
 *
 * The bus: envelopes from a neighbour, cut anywhere, are read the same; and two
 * workers' worth of whatever was read leave no subscription, name or message
 * behind when the bus is closed. Topics, filters and URLs are judged on the way. */
#include "bus/bus_internal.h"
#include "bus/carrier.h"

#include <brio/sim.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 4096 };

static void on_message(const brio_bus_message *m, void *arg)
{
    size_t *n = arg;
    *n += m->data.len + m->topic.len;
    BRIO_ASSERT(m->binary || brio_utf8_valid(m->data));
}

/* How many bytes are whole envelopes, read in pieces of `step`. */
static size_t whole(brio_str bytes, size_t step)
{
    brio_bus_envelope e;
    size_t done = 0, seen = 0;
    int rc = 0;
    while (rc >= 0 && seen < bytes.len) {
        seen = seen + step < bytes.len ? seen + step : bytes.len;
        brio_str part = brio_str_slice(bytes, done, seen - done);
        size_t before = part.len;
        while ((rc = brio_bus_envelope_read(&part, LIMIT, &e)) == 1) {
            done += before - part.len;
            before = part.len;
        }
    }
    return done;
}

static void feed(brio_bus *bus, brio_str bytes)
{
    brio_bus_envelope e;
    while (brio_bus_envelope_read(&bytes, LIMIT, &e) == 1)
        brio_bus_receive(bus, NULL, &e);
}

static int live(void *arg)
{
    size_t n = 0;
    brio_bus *bus = brio_bus_new(NULL, &(brio_bus_options){.message_bytes = LIMIT, .members = 100});
    if (brio_bus_open(bus) < 0)
        return -1;
    (void)brio_bus_subscribe(bus, BRIO_S("#"), on_message, &n);
    (void)brio_bus_watch(bus, BRIO_S("+/#"), on_message, &n);
    feed(bus, *(const brio_str *)arg);
    brio_bus_close(bus);
    BRIO_ASSERT(brio_bus_stats_get(bus).members == 0);
    brio_bus_free(bus);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_bus_redis_at at;
    if (size < 1)
        return 0;
    brio_str bytes = {(const char *)data + 1, size - 1};
    BRIO_ASSERT(whole(bytes, SIZE_MAX / 2) == whole(bytes, 1 + data[0] % 64));
    brio_arena_init(&arena, 0);
    if (brio_bus_redis_parse(&arena, bytes, &at) == 0)
        BRIO_ASSERT(at.port > 0);
    brio_arena_fini(&arena);
    if (brio_bus_topic_check(bytes, BRIO_BUS_IS_TOPIC) == 0)
        BRIO_ASSERT(brio_bus_topic_check(bytes, BRIO_BUS_IS_FILTER) == 0);
    return brio_sim_run(&(brio_sim){.quiet = true}, live, &bytes) < 0;
}
