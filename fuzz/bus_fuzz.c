/* SPDX-License-Identifier: MIT
 *
 * The bus: envelopes from a neighbour, cut anywhere, are read the same; and two
 * workers' worth of whatever was read leave no subscription, name or message
 * behind when the bus is closed. Topics, filters and URLs are judged on the way. */
#include "bus/bus_internal.h"
#include "bus/carrier.h"

#include <brio/loop.h>

#include <stdlib.h>

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

/* One bus for all inputs, opened and closed for each. */
static brio_bus *bus;
static brio_runner *runner;

static void feed(brio_str bytes)
{
    brio_bus_envelope e;
    while (brio_bus_envelope_read(&bytes, LIMIT, &e) == 1)
        brio_bus_receive(bus, NULL, &e);
}

static int live(void *arg)
{
    if (brio_bus_open(bus) < 0)
        return -1;
    feed(*(const brio_str *)arg);
    brio_bus_close(bus);
    BRIO_ASSERT(brio_bus_stats_get(bus).members == 0);
    BRIO_ASSERT(brio_bus_stats_get(bus).subscriptions == 2);
    return 0;
}

/* Before leaks are looked for. */
static void end(void)
{
    brio_runner_close(runner);
    brio_bus_free(bus);
}

static void begin(void)
{
    static size_t n;
    static const brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    BRIO_ASSERT(brio_runner_open(&runner, &(brio_run_options){.loop = &sim}) == 0);
    bus = brio_bus_new(NULL, &(brio_bus_options){.message_bytes = LIMIT, .members = 100});
    BRIO_ASSERT(brio_bus_subscribe(bus, BRIO_S("#"), on_message, &n));
    BRIO_ASSERT(brio_bus_watch(bus, BRIO_S("+/#"), on_message, &n));
    BRIO_ASSERT(atexit(end) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_bus_redis_at at;
    if (size < 1)
        return 0;
    if (!bus)
        begin();
    brio_str bytes = {(const char *)data + 1, size - 1};
    BRIO_ASSERT(whole(bytes, SIZE_MAX / 2) == whole(bytes, 1 + data[0] % 64));
    brio_arena_init(&arena, 0);
    if (brio_bus_redis_parse(&arena, bytes, &at) == 0)
        BRIO_ASSERT(at.port > 0);
    brio_arena_fini(&arena);
    if (brio_bus_topic_check(bytes, BRIO_BUS_IS_TOPIC) == 0)
        BRIO_ASSERT(brio_bus_topic_check(bytes, BRIO_BUS_IS_FILTER) == 0);
    BRIO_ASSERT(brio_runner_run(runner, live, &bytes) == 0);
    return 0;
}
