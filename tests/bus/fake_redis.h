/* SPDX-License-Identifier: MIT
 *
 * A Redis for simulated networks, as far as the bus needs one: SUBSCRIBE,
 * PUBLISH, PING and AUTH. The real one is in tests/examples/bus.py. */
#ifndef BRIO_TEST_BUS_FAKE_REDIS_H
#define BRIO_TEST_BUS_FAKE_REDIS_H

#include "bed.h"
#include "bus/redis_reply.h"

#include <brio/io.h>

typedef struct fake_client {
    struct fake_client *next;
    brio_stream *stream;
    brio_buf channel; /* empty: subscribed to nothing */
} fake_client;

typedef struct fake_redis {
    fake_client *clients;
    uint16_t port;
    brio_task *task;
    const char *password;
    size_t published;
} fake_redis;

static inline void fake_text(brio_buf *out, brio_str s)
{
    brio_buf_printf(out, "$%zu\r\n", s.len);
    brio_buf_add(out, s);
    brio_buf_add(out, BRIO_S("\r\n"));
}

static inline void fake_send(fake_client *c, brio_buf *out)
{
    (void)!brio_stream_send(c->stream, brio_buf_str(out));
    brio_buf_fini(out);
}

static inline void fake_publish(fake_redis *r, fake_client *from, brio_str channel, brio_str data)
{
    int n = 0;
    brio_buf answer = {0};
    r->published++;
    for (fake_client *c = r->clients; c; c = c->next) {
        brio_buf out = {0};
        if (!c->channel.len || !brio_str_eq(brio_buf_str(&c->channel), channel))
            continue;
        brio_buf_add(&out, BRIO_S("*3\r\n$7\r\nmessage\r\n"));
        fake_text(&out, channel);
        fake_text(&out, data);
        fake_send(c, &out);
        n++;
    }
    brio_buf_printf(&answer, ":%d\r\n", n);
    fake_send(from, &answer);
}

static inline void fake_command(fake_redis *r, fake_client *c, const brio_bus_reply *words)
{
    brio_buf out = {0};
    brio_str name = words->items[0]->text;
    brio_str last = words->items[words->n - 1]->text;
    if (brio_str_eq(name, BRIO_S("PUBLISH"))) {
        fake_publish(r, c, words->items[1]->text, last);
        return;
    }
    if (brio_str_eq(name, BRIO_S("SUBSCRIBE"))) {
        brio_buf_add(&c->channel, last);
        brio_buf_add(&out, BRIO_S("*3\r\n$9\r\nsubscribe\r\n"));
        fake_text(&out, last);
        brio_buf_add(&out, BRIO_S(":1\r\n"));
    } else if (brio_str_eq(name, BRIO_S("PING"))) {
        brio_buf_add(&out, BRIO_S("*2\r\n$4\r\npong\r\n$0\r\n\r\n"));
    } else if (r->password && brio_str_eq(last, brio_str_from(r->password))) {
        brio_buf_add(&out, BRIO_S("+OK\r\n"));
    } else {
        brio_buf_add(&out, BRIO_S("-WRONGPASS invalid username-password pair\r\n"));
    }
    fake_send(c, &out);
}

static inline int fake_read(fake_redis *r, fake_client *c, brio_bus_replies *replies)
{
    char piece[256];
    brio_bus_reply *words;
    int rc;
    ptrdiff_t n = brio_stream_read(c->stream, piece, sizeof piece);
    if (n <= 0)
        return n < 0 ? (int)n : BRIO_ECLOSED;
    CHECK_OK(brio_bus_replies_feed(replies, (brio_str){piece, (size_t)n}));
    while ((rc = brio_bus_replies_next(replies, &words)) == 1) {
        fake_command(r, c, words);
        brio_bus_reply_free(words);
    }
    return rc;
}

static inline int fake_serve(brio_stream *stream, void *arg)
{
    fake_redis *r = arg;
    fake_client c = {.next = r->clients, .stream = stream};
    brio_bus_replies *replies = brio_bus_replies_new(1 << 22);
    r->clients = &c;
    while (fake_read(r, &c, replies) >= 0)
        continue;
    fake_client **at = &r->clients;
    while (*at != &c)
        at = &(*at)->next;
    *at = c.next;
    brio_buf_fini(&c.channel);
    brio_bus_replies_free(replies);
    return 0;
}

static inline int fake_run(void *arg)
{
    fake_redis *r = arg;
    return brio_serve_streams(&(brio_listen_to){.port = r->port}, fake_serve, r, NULL, NULL);
}

static inline void fake_start(fake_redis *r)
{
    r->task =
        brio_create_task(fake_run, r, &(brio_task_options){.name = "redis", .acquired = true});
    CHECK_OK(brio_sleep(BRIO_MS(1)));
}

static inline void fake_stop(fake_redis *r)
{
    (void)brio_task_cancel(r->task);
    CHECK_OK(brio_join(r->task, NULL));
    brio_task_release(r->task);
    r->task = NULL;
}

#endif
