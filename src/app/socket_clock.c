/* SPDX-License-Identifier: MIT
 *
 * Clients that are silent, and clients that say too much.
 *
 * A route's sockets have one clock, which ticks eight times in the shorter of the
 * two spans and looks at all of them: a socket only remembers in a byte at which
 * tick it was last heard of. So a ping costs no timer for each socket, and a
 * message one store. Who has been silent until its first ping gives back, beside, the
 * pages that its handler's stack used and uses no more. A span is never cut short, and an eighth
 * longer at most. */
#include "app/websocket.h"

enum { PARTS = 8, AGE_MAX = 200 };

static const brio_time usual_span = BRIO_SEC(20);

/* ---- Time ------------------------------------------------------------------------ */

typedef struct spans {
    brio_time tick;
    unsigned interval, timeout; /* ticks; 0: for ever */
} spans;

static brio_time said_or_usual(brio_time said)
{
    return said ? said : usual_span;
}

/* Ticks after which so much time has gone for sure. */
static unsigned ticks_of(brio_time span, brio_time tick)
{
    return span == BRIO_NEVER ? 0 : (unsigned)((span + tick - 1) / tick) + 1;
}

static spans spans_of(const brio_app_pool *pool)
{
    const brio_websocket_options *o = pool->route->socket_options;
    brio_time interval = said_or_usual(o->ping_interval);
    brio_time timeout = said_or_usual(o->ping_timeout);
    brio_time shorter = timeout < interval ? timeout : interval;
    brio_time longer = timeout > interval && timeout != BRIO_NEVER ? timeout : interval;
    brio_time tick = shorter / PARTS > longer / AGE_MAX ? shorter / PARTS : longer / AGE_MAX;
    tick = tick > BRIO_MS(1) ? tick : BRIO_MS(1);
    return (spans){tick, ticks_of(interval, tick), ticks_of(timeout, tick)};
}

/* ---- One socket --------------------------------------------------------------------- */

/* A client whose bytes wait for the handler is not silent. */
static bool waits_for_us(const brio_app_socket *s)
{
    return s->talk && s->talk->kept;
}

/* A handler that waits for a silent client gives back what its stack had used. */
static void rest(brio_app_talk *t)
{
    if (!t->reader || t->rested)
        return;
    brio_task_rest_of(t->reader);
    t->rested = true;
}

static void look_at(brio_app_socket *s, const spans *at, uint8_t tick)
{
    unsigned age = (uint8_t)(tick - s->heard);
    if (!s->accepted || !s->attached || s->closed)
        return;
    if (waits_for_us(s)) {
        brio_app_socket_heard(s);
    } else if (s->pinged && at->timeout) {
        if (age >= at->timeout)
            brio_app_socket_end_with(s, BRIO_WS_INTERNAL, BRIO_S("no answer to a ping"));
    } else if (age >= at->interval) {
        s->heard = tick;
        s->pinged = true;
        if (s->talk)
            rest(s->talk);
        if (!s->out || s->out->bytes < BRIO_APP_KEPT_OUT)
            (void)!brio_app_say_now(s, BRIO_APP_SAY_PING, (brio_str){0});
    }
}

brio_time brio_app_socket_patience(brio_line *line)
{
    const brio_app_socket *s = BRIO_CONTAINER(line, brio_app_socket, line);
    brio_time said = brio_app_options_of(s)->close_timeout;
    return said ? said : BRIO_SEC(10);
}

/* ---- All of a route ------------------------------------------------------------------- */

static void arm(brio_app_pool *pool, brio_time tick)
{
    brio_loop *loop = pool->home->loop;
    brio_timer_start(loop, &pool->clock, brio_loop_now(loop) + tick);
}

static void on_tick(brio_timer *timer)
{
    brio_app_pool *pool = BRIO_CONTAINER(timer, brio_app_pool, clock);
    spans at = spans_of(pool);
    pool->tick++;
    for (brio_app_slab *slab = pool->slabs; slab; slab = slab->next)
        for (size_t i = BRIO_APP_SLAB_HEAD; i < slab->used; i += pool->size)
            look_at((brio_app_socket *)(void *)((char *)slab + i), &at, pool->tick);
    if (pool->live)
        arm(pool, at.tick);
}

/* On the simulator only if somebody wants it: a clock that always ticks would hide
 * that nothing can happen any more. */
void brio_app_clock_start(brio_app_pool *pool)
{
    brio_time interval = pool->route->socket_options->ping_interval;
    bool simulated = !strcmp(brio_loop_backend(pool->home->loop), "sim");
    if (interval == BRIO_NEVER || (simulated && !interval))
        return;
    pool->clock.fn = on_tick;
    arm(pool, spans_of(pool).tick);
}

void brio_app_clock_stop(brio_app_pool *pool)
{
    brio_timer_stop(pool->home->loop, &pool->clock);
}

/* ---- Too much ---------------------------------------------------------------------------- */

bool brio_app_socket_count(brio_app_socket *s)
{
    const brio_app_pool *pool = brio_app_pool_of(s);
    if (BRIO_LIKELY(!pool->meter_at))
        return true;
    brio_app_meter *meter = (brio_app_meter *)(void *)((char *)s + pool->meter_at);
    brio_time now = brio_loop_now(pool->home->loop);
    if (now - meter->since >= BRIO_SEC(1))
        *meter = (brio_app_meter){.since = now};
    return ++meter->n <= pool->route->socket_options->rate;
}

void brio_app_socket_end_with(brio_app_socket *s, int code, brio_str reason)
{
    brio_app_talk_close_code(s, code, reason);
    brio_app_say_close(s, code, reason);
    if (s->events)
        brio_app_events_ended(s);
    else
        brio_app_wake_receiver(s);
}
