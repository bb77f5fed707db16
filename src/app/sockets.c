/* SPDX-License-Identifier: MIT
 *
 * Where WebSockets live: slabs of equal places, one kind per route, that are not
 * given back before the loop ends. So a handle to a socket can always be looked
 * at: its place counts how often it was used, and a handle knows which turn it
 * means. */
#include "app/websocket.h"

#include <errno.h>
#include <stdlib.h>

static const size_t scratch_limit = (size_t)64 * 1024 * 1024;

/* ---- The home --------------------------------------------------------------- */

static const char home_key;
static _Thread_local brio_app_home *home_here; /* of the loop that ran last */

static void free_talk(brio_app_talk *t)
{
    brio_app_ahead_drop(t);
    brio_ws_conn_fini(&t->conn);
    brio_arena_fini(&t->scratch);
    free(t->reason);
    free(t);
}

/* Of handlers that were abandoned, because they ignored the end of everything. A
 * coroutine's is on its stack. */
static void free_left_talks(const brio_app_pool *pool, brio_app_slab *slab)
{
    for (size_t at = BRIO_APP_SLAB_HEAD; at < slab->used; at += pool->size) {
        const brio_app_socket *s = (const void *)((char *)slab + at);
        if (s->events && s->held && s->talk) /* else `talk` may be another place */
            free_talk(s->talk);
    }
}

static void free_slabs(brio_app_pool *pool)
{
    while (pool->slabs) {
        brio_app_slab *slab = pool->slabs;
        pool->slabs = slab->next;
        free_left_talks(pool, slab);
        free(slab);
    }
}

static void home_close(void *arg)
{
    brio_app_home *home = arg;
    brio_loop_call_cancel(home->loop, &home->flush);
    while (home->pools) {
        brio_app_pool *pool = home->pools;
        home->pools = pool->next;
        brio_app_clock_stop(pool);
        free_slabs(pool);
        free(pool);
    }
    for (brio_app_talk *t = home->spare_talks, *next; t; t = next) {
        next = t->next;
        free_talk(t);
    }
    for (brio_app_outbox *o = home->spare_outboxes, *next; o; o = next) {
        next = o->next;
        free(o);
    }
    brio_buf_fini(&home->cork);
    brio_ws_pool_fini(&home->shared);
    if (home_here == home)
        home_here = NULL;
    free(home);
}

static brio_app_home *find_home(void)
{
    brio_loop *loop = brio_loop_current();
    if (BRIO_LIKELY(home_here && home_here->loop == loop))
        return home_here;
    void **place = loop ? brio_tasks_local(loop, &home_key) : NULL;
    if (place && *place)
        home_here = *place;
    return place ? *place : NULL;
}

static brio_app_home *make_home(void)
{
    brio_loop *loop = brio_loop_current();
    brio_app_home *home = brio_zalloc(1, sizeof *home);
    if (!home)
        return NULL;
    home->loop = loop;
    home->dirty_end = &home->dirty;
    home->flush.fn = brio_app_flush_dirty;
    *brio_tasks_local(loop, &home_key) = home;
    brio_tasks_at_close(loop, home_close, home);
    return home;
}

brio_ws_counts brio_ws_count(void)
{
    const brio_app_home *home = find_home();
    return home ? home->counts : (brio_ws_counts){0};
}

/* ---- Places ------------------------------------------------------------------ */

static brio_app_pool *pool_of(brio_app *app, const brio_app_route *route)
{
    brio_app_home *home = find_home();
    if (!home)
        home = make_home();
    if (!home)
        return NULL;
    for (brio_app_pool *p = home->pools; p; p = p->next)
        if (p->route == route)
            return p;
    brio_app_pool *pool = brio_zalloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    size_t state = route->spec.events ? route->spec.events->state_size : 0;
    *pool = (brio_app_pool){.next = home->pools, .home = home, .route = route, .app = app};
    pool->size = (sizeof(brio_app_socket) + state + 15) & ~(size_t)15;
    if (route->socket_options->rate) {
        pool->meter_at = pool->size;
        pool->size += (sizeof(brio_app_meter) + 15) & ~(size_t)15;
    }
    home->pools = pool;
    return pool;
}

static brio_app_socket *carve(brio_app_pool *pool)
{
    brio_app_slab *slab = pool->slabs;
    if (!slab || slab->used + pool->size > BRIO_APP_SLAB) {
        slab = brio_aligned_alloc(BRIO_APP_SLAB, BRIO_APP_SLAB);
        if (!slab)
            return NULL;
        *slab = (brio_app_slab){pool, pool->slabs, BRIO_APP_SLAB_HEAD};
        pool->slabs = slab;
    }
    brio_app_socket *s = (brio_app_socket *)(void *)((char *)slab + slab->used);
    slab->used += pool->size;
    s->turn = 0;
    return s;
}

brio_app_socket *brio_app_socket_acquire(brio_app *app, const brio_app_route *route)
{
    brio_app_pool *pool = pool_of(app, route);
    if (!pool)
        return NULL;
    brio_app_socket *s = pool->free;
    if (s)
        pool->free = s->next;
    else
        s = carve(pool);
    if (!s)
        return NULL;
    uint64_t turn = s->turn + 1;
    memset(s, 0, pool->size);
    s->turn = turn;
    s->held = true;
    s->events = route->spec.events != NULL;
    s->line.events = s->events ? &brio_app_event_line : &brio_app_coroutine_line;
    if (pool->live++ == 0)
        brio_app_clock_start(pool);
    brio_app_socket_heard(s);
    return s;
}

void brio_app_socket_release(brio_app_socket *s)
{
    if (s->held || s->attached || s->pinned)
        return;
    brio_app_pool *pool = brio_app_pool_of(s);
    BRIO_ASSERT(!s->hooks);
    brio_app_outbox_drop(s, true);
    if (s->talk)
        brio_app_talk_end(s);
    s->turn++;
    s->accepted = false;
    s->next = pool->free;
    pool->free = s;
    if (--pool->live == 0)
        brio_app_clock_stop(pool);
    brio_waiter *ending = pool->home->ending;
    if (ending && pool->live == 0) {
        pool->home->ending = NULL;
        brio_unpark(ending, 0);
    }
}

/* ---- Handles and hooks ---------------------------------------------------------- */

brio_app_socket *brio_app_socket_of(brio_ws_ref ref)
{
    brio_app_socket *s = ref.socket;
    return s && s->turn == ref.turn && s->accepted ? s : NULL;
}

brio_ws_ref brio_ws_ref_of(const brio_websocket *ws)
{
    BRIO_ASSERT(ws->state->accepted);
    return (brio_ws_ref){ws->state, ws->state->turn};
}

bool brio_ws_open(brio_ws_ref ref)
{
    const brio_app_socket *s = brio_app_socket_of(ref);
    return s && !s->closed && !s->lost;
}

void *brio_ws_state(brio_ws_ref ref)
{
    brio_app_socket *s = brio_app_socket_of(ref);
    return s && s->events ? brio_app_state_of(s) : NULL;
}

int brio_ws_hook_add(brio_ws_ref ref, brio_ws_hook *hook)
{
    brio_app_socket *s = brio_app_socket_of(ref);
    if (!s || s->closed || s->lost)
        return BRIO_ECLOSED;
    hook->next = s->hooks;
    hook->at = &s->hooks;
    if (hook->next)
        hook->next->at = &hook->next;
    s->hooks = hook;
    return 0;
}

void brio_ws_hook_remove(brio_ws_hook *hook)
{
    if (!hook->at)
        return;
    *hook->at = hook->next;
    if (hook->next)
        hook->next->at = hook->at;
    hook->next = NULL;
    hook->at = NULL;
}

void brio_app_socket_shut(brio_app_socket *s)
{
    s->closed = true;
    while (s->hooks) {
        brio_ws_hook *hook = s->hooks;
        brio_ws_hook_remove(hook);
        hook->fn(hook);
    }
}

/* ---- The end of the app ------------------------------------------------------------ */

void brio_app_live_sockets(uint64_t *ret_coroutines, uint64_t *ret_events)
{
    const brio_app_home *home = find_home();
    *ret_coroutines = *ret_events = 0;
    for (const brio_app_pool *p = home ? home->pools : NULL; p; p = p->next)
        *(p->route->spec.events ? ret_events : ret_coroutines) += p->live;
}

static bool stop_waiting(brio_waiter *waiter)
{
    (void)waiter;
    find_home()->ending = NULL;
    return true;
}

static bool is_within(const brio_app *inner, const brio_app *app)
{
    while (inner && inner != app)
        inner = inner->outer;
    return inner != NULL;
}

static size_t count_live(const brio_app *app)
{
    const brio_app_home *home = find_home();
    size_t n = 0;
    for (const brio_app_pool *p = home ? home->pools : NULL; p; p = p->next)
        n += is_within(p->app, app) ? p->live : 0;
    return n;
}

void brio_app_sockets_wait(const brio_app *app)
{
    BRIO_SCOPE(patience, .timeout = BRIO_SEC(2))
    while (count_live(app)) {
        brio_waiter waiter = {.on_cancel = stop_waiting};
        find_home()->ending = &waiter;
        if (brio_park(&waiter) < 0)
            break;
    }
}

/* ---- Talks ----------------------------------------------------------------------- */

static void exhausted(brio_arena *arena)
{
    (void)arena;
    brio_task_abandon(BRIO_EABANDON);
}

static void talk_init(brio_app_talk *t)
{
    brio_arena_init(&t->scratch, scratch_limit);
    t->scratch.exhausted = exhausted;
    brio_lock_init(&t->sending);
}

static brio_app_talk *talk_start(brio_app_socket *s, brio_app_talk *t)
{
    t->socket = s;
    t->ended = 1;
    s->talk = t;
    if (t->fits != brio_app_pool_of(s) || s->deflate.on)
        brio_app_talk_conn(s);
    return t;
}

brio_app_talk *brio_app_talk_begin(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    brio_app_talk *t = home->spare_talks;
    if (t) {
        home->spare_talks = t->next;
        home->n_talks--;
    } else {
        t = brio_zalloc(1, sizeof *t);
        if (!t)
            return NULL;
        talk_init(t);
    }
    return talk_start(s, t);
}

brio_app_talk *brio_app_talk_begin_in(brio_app_socket *s, void *room)
{
    brio_app_talk *t = room;
    talk_init(t);
    t->within = true;
    return talk_start(s, t);
}

void brio_app_talk_conn(brio_app_socket *s)
{
    const brio_websocket_options *o = brio_app_options_of(s);
    brio_ws_conn_init(&s->talk->conn, &(brio_ws_options){.pieces = o->pieces,
                                                         .in_place = true,
                                                         .message_bytes = o->message_bytes,
                                                         .deflate = s->deflate,
                                                         .deflate_min = o->compress_min,
                                                         .pool = &brio_app_home_of(s)->shared});
    s->talk->fits = s->deflate.on ? NULL : brio_app_pool_of(s);
}

/* A connection at rest is as one inited anew: usually the next one is of the same route. */
static void end_conn(brio_app_talk *t)
{
    if (BRIO_LIKELY(t->fits && brio_ws_conn_rests(&t->conn))) {
        brio_ws_conn_rest(&t->conn);
        return;
    }
    brio_ws_conn_fini(&t->conn);
    t->fits = NULL;
}

void brio_app_talk_end(brio_app_socket *s)
{
    brio_app_home *home = brio_app_home_of(s);
    brio_app_talk *t = s->talk;
    BRIO_ASSERT(!t->kept && !t->task && !t->reader);
    brio_loop_call_cancel(home->loop, &t->again);
    if (t->ahead || t->lent)
        brio_app_ahead_drop(t);
    if (t->later)
        brio_app_say_later(s);
    t->piecing = false;
    s->talk = NULL;
    end_conn(t);
    free(t->reason);
    t->reason = NULL;
    bool spare = !t->within && home->n_talks < BRIO_APP_SPARE;
    if (t->scratch.blocks || !spare)
        brio_arena_fini(&t->scratch);
    if (!spare) {
        if (!t->within)
            free(t);
        return;
    }
    t->rest = (brio_str){0};
    t->saying = false;
    t->goodbye = (brio_app_goodbye){0};
    t->reason_len = 0;
    t->next = home->spare_talks;
    home->spare_talks = t;
    home->n_talks++;
}

void brio_app_talk_close_code(brio_app_socket *s, int code, brio_str reason)
{
    if (s->code)
        return;
    s->code = (uint16_t)code;
    if (!s->talk)
        return;
    reason = brio_str_slice(reason, 0, BRIO_APP_REASON_MAX);
    s->talk->reason = reason.len ? brio_strdup(reason) : NULL;
    s->talk->reason_len = (uint8_t)(s->talk->reason ? reason.len : 0);
}
