/* SPDX-License-Identifier: MIT
 *
 * Redis between machines: two connections of each worker, one that listens
 * (SUBSCRIBE) and one that talks (PUBLISH), each kept by a task that dials again
 * whenever it ends.
 *
 * What is published waits in a list until Redis has confirmed it, and is sent
 * again on the next connection: what Redis had done already comes twice, with the
 * same number, and is dropped by those who get it. So a Redis that is stopped and
 * started costs nothing of what this side says, up to link_bytes; what this side
 * did not hear meanwhile shows as a gap, with the next sign of life at the latest. */
#include "bus/redis.h"

#include <errno.h>
#include <stdlib.h>

static const brio_retry backoff = {.delay = BRIO_MS(100), .max_delay = BRIO_SEC(2), .jitter = 0.5};
static const brio_time dial_timeout = BRIO_SEC(5);

/* ---- Words on a connection ------------------------------------------------------- */

static int say(brio_bus_redis_conn *c, const brio_str *words, size_t n)
{
    brio_buf out = {0};
    brio_bus_command_write(&out, words, n);
    int rc = out.failed ? -ENOMEM : brio_stream_send(c->stream, brio_buf_str(&out));
    brio_buf_fini(&out);
    return rc;
}

static int read_more(brio_bus_redis_conn *c)
{
    char piece[16 * 1024];
    ptrdiff_t n = brio_stream_read(c->stream, piece, sizeof piece);
    if (n <= 0)
        return n < 0 ? (int)n : BRIO_ECLOSED;
    return brio_bus_replies_feed(c->replies, (brio_str){piece, (size_t)n});
}

/* Suspends until a reply is whole. */
static int next_reply(brio_bus_redis_conn *c, brio_bus_reply **ret)
{
    int rc;
    while ((rc = brio_bus_replies_next(c->replies, ret)) == 0)
        if ((rc = read_more(c)) < 0)
            return rc;
    return rc < 0 ? rc : 0;
}

/* The same for so long at most: -ETIMEDOUT. */
static int next_reply_within(brio_bus_redis_conn *c, brio_time limit, brio_bus_reply **ret)
{
    int rc = -ETIMEDOUT;
    bool late = false;
    BRIO_SCOPE(patience, .timeout = limit)
    {
        rc = next_reply(c, ret);
        late = rc == -ECANCELED && patience.expired;
    }
    return late ? -ETIMEDOUT : rc;
}

/* ---- Dialling --------------------------------------------------------------------- */

static int authenticate(brio_bus_redis_conn *c, const brio_bus_redis_at *at)
{
    brio_str words[3] = {BRIO_S("AUTH")};
    size_t n = 1;
    brio_bus_reply *reply;
    if (!at->password)
        return 0;
    if (at->user)
        words[n++] = brio_str_from(at->user);
    words[n++] = brio_str_from(at->password);
    int rc = say(c, words, n);
    if (rc >= 0)
        rc = next_reply(c, &reply);
    if (rc < 0)
        return rc;
    if (reply->type == BRIO_BUS_REPLY_ERROR)
        rc = brio_error(-EACCES, "%.*s", BRIO_ARG(reply->text));
    brio_bus_reply_free(reply);
    return rc;
}

static int encrypt(brio_bus_redis *r, brio_bus_redis_conn *c)
{
    brio_tls_options options = {.ca_file = r->bus->o.ca_file};
    int rc = r->tls ? 0 : brio_tls_context_new(&r->tls, &options);
    return rc < 0 ? rc
                  : brio_stream_tls_client(c->stream, r->tls,
                                           &(brio_tls_start){.server_name = r->at.host});
}

static void hang_up(brio_bus_redis_conn *c)
{
    brio_stream_close(c->stream);
    brio_bus_replies_free(c->replies);
    c->stream = NULL;
    c->replies = NULL;
    c->up = false;
}

static int dial_now(void *arg)
{
    brio_bus_redis_conn *c = arg;
    brio_bus_redis *r = c->redis;
    int rc = brio_connect(&c->stream, &(brio_connect_to){.host = r->at.host, .port = r->at.port});
    if (rc < 0)
        return rc;
    c->replies = brio_bus_replies_new(r->bus->o.message_bytes + 4096);
    rc = c->replies ? 0 : -ENOMEM;
    if (rc == 0 && r->at.tls)
        rc = encrypt(r, c);
    return rc < 0 ? rc : authenticate(c, &r->at);
}

static int dial(brio_bus_redis_conn *c)
{
    int rc = brio_wait_for(dial_now, c, dial_timeout);
    if (rc < 0)
        hang_up(c);
    return rc;
}

/* ---- Both ways are open ------------------------------------------------------------ */

/* Who is new, or was away, says so and asks who is there. */
static void announce(brio_bus_redis *r)
{
    brio_bus *bus = r->bus;
    bus->stats.redis = r->listen.up && r->talk.up;
    if (!bus->stats.redis || !bus->self)
        return;
    bus->told_state = 0;
    brio_bus_tell_simple(bus, NULL, BRIO_BUS_WHO, 0);
    brio_bus_tell_state(bus, NULL);
}

static void is_up(brio_bus_redis_conn *c)
{
    brio_log(BRIO_LOG_INFO, "the bus %s Redis at %s:%u", c->says, c->redis->at.host,
             c->redis->at.port);
    c->redis->bus->stats.reconnects += c->was_up;
    c->up = c->was_up = true;
    c->failures = 0;
    announce(c->redis);
}

/* ---- Listening ---------------------------------------------------------------------- */

static bool is_word(const brio_bus_reply *array, brio_str word)
{
    return array->type == BRIO_BUS_REPLY_ARRAY && array->n > 0 &&
           brio_str_eq(array->items[0]->text, word);
}

static void take_payload(brio_bus *bus, brio_str payload)
{
    brio_bus_envelope e;
    if (brio_bus_envelope_read(&payload, bus->o.message_bytes, &e) == 1 && payload.len == 0)
        brio_bus_receive(bus, NULL, &e);
}

static int take_listened(brio_bus_redis_conn *c, const brio_bus_reply *reply)
{
    if (reply->type == BRIO_BUS_REPLY_ERROR)
        return brio_error(-EACCES, "%.*s", BRIO_ARG(reply->text));
    if (is_word(reply, BRIO_S("subscribe")))
        is_up(c);
    else if (is_word(reply, BRIO_S("message")) && reply->n == 3)
        take_payload(c->redis->bus, reply->items[2]->text);
    return 0;
}

/* Silence is filled with a PING; twice is the end of the connection. */
static int listen_on(brio_bus_redis_conn *c)
{
    brio_time limit = c->redis->bus->o.expiry / 2;
    const brio_str words[] = {BRIO_S("SUBSCRIBE"), brio_str_from(c->redis->channel)};
    const brio_str ping[] = {BRIO_S("PING")};
    bool asked = false;
    int rc = say(c, words, 2);
    while (rc >= 0) {
        brio_bus_reply *reply = NULL;
        rc = next_reply_within(c, limit, &reply);
        if (rc == -ETIMEDOUT && !asked) {
            asked = true;
            rc = say(c, ping, 1);
        } else if (rc >= 0) {
            asked = false;
            rc = take_listened(c, reply);
            brio_bus_reply_free(reply);
        }
    }
    return rc;
}

/* ---- Talking -------------------------------------------------------------------------- */

static int take_confirmed(brio_bus_redis_conn *c, const brio_bus_reply *reply)
{
    brio_bus_redis *r = c->redis;
    if (!r->first)
        return -EPROTO;
    if (reply->type == BRIO_BUS_REPLY_ERROR) {
        r->bus->stats.dropped_link++;
        if (!r->complained)
            brio_log(BRIO_LOG_WARNING, "Redis does not publish: %.*s", BRIO_ARG(reply->text));
        r->complained = true;
    }
    brio_bus_redis_confirmed(r);
    return 0;
}

/* Signs of life keep answers coming; their absence is the connection's end. */
static int talk_on(brio_bus_redis_conn *c)
{
    int rc = brio_bus_redis_send_again(c->redis);
    if (rc >= 0)
        is_up(c);
    while (rc >= 0) {
        brio_bus_reply *reply = NULL;
        rc = next_reply_within(c, c->redis->bus->o.expiry, &reply);
        if (rc >= 0) {
            rc = take_confirmed(c, reply);
            brio_bus_reply_free(reply);
        }
    }
    return rc;
}

/* ---- The tasks -------------------------------------------------------------------------- */

static void complain(const brio_bus_redis_conn *c, int rc)
{
    bool said = rc != BRIO_ECLOSED && rc != -ECONNRESET && rc != -EPIPE && rc != -ETIMEDOUT;
    brio_str why = said ? brio_error_detail() : (brio_str){0};
    if (c->failures > 1) /* once, not each time */
        return;
    brio_log(BRIO_LOG_WARNING, "the bus has no Redis at %s:%u: %s%s%.*s", c->redis->at.host,
             c->redis->at.port, brio_error_text(rc), why.len ? ": " : "", BRIO_ARG(why));
}

static int keep(brio_bus_redis_conn *c, int (*use)(brio_bus_redis_conn *c))
{
    int rc = 0;
    while (rc != -ECANCELED) {
        rc = dial(c);
        if (rc >= 0 && c == &c->redis->talk)
            brio_event_set(c->redis->ready);
        if (rc >= 0)
            rc = use(c);
        hang_up(c);
        c->redis->bus->stats.redis = false;
        c->failures++;
        if (rc != -ECANCELED) {
            complain(c, rc);
            brio_event_set(c->redis->ready);
            rc = brio_sleep(brio_retry_delay(&backoff, c->failures + 1));
        }
    }
    return rc;
}

static int listen_run(void *arg)
{
    brio_bus_redis *r = arg;
    return keep(&r->listen, listen_on);
}

static int talk_run(void *arg)
{
    brio_bus_redis *r = arg;
    return keep(&r->talk, talk_on);
}

void brio_bus_redis_start(brio_bus *bus, brio_event *ready)
{
    brio_bus_redis *r = bus->redis;
    r->ready = ready;
    (void)!brio_spawn_with(bus->group, listen_run, r,
                           &(brio_task_options){.name = "bus from Redis"});
    (void)!brio_spawn_with(bus->group, talk_run, r, &(brio_task_options){.name = "bus to Redis"});
}

int brio_bus_redis_open(brio_bus *bus)
{
    brio_bus_redis *r = brio_zalloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    brio_arena_init(&r->arena, 0);
    r->bus = bus;
    r->listen = (brio_bus_redis_conn){.redis = r, .says = "listens to"};
    r->talk = (brio_bus_redis_conn){.redis = r, .says = "talks to"};
    bus->redis = r;
    int rc = brio_bus_redis_parse(&r->arena, brio_str_from(bus->url), &r->at);
    if (rc == 0 && !brio_bus_redis_built())
        rc = brio_error(-ENOTSUP, "this brio was built without Redis");
    if (rc == 0) /* Redis' channels know no databases */
        r->channel = brio_printf(&r->arena, "%s:%u", bus->channel, r->at.db).ptr;
    return rc;
}

void brio_bus_redis_close(brio_bus *bus)
{
    brio_bus_redis *r = bus->redis;
    if (!r)
        return;
    while (r->first)
        brio_bus_redis_confirmed(r);
    brio_tls_context_free(r->tls);
    brio_arena_fini(&r->arena);
    free(r);
    bus->redis = NULL;
    bus->stats.redis = false;
}
