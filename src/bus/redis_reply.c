/* SPDX-License-Identifier: MIT
 *
 * hiredis' reader with objects of our own: it takes the protocol apart, and what
 * it makes of it is bounded here, whatever lengths were announced. */
#include "bus/redis_reply.h"
#include "bus/carrier.h"

#include <errno.h>
#include <stdlib.h>

void brio_bus_command_write(brio_buf *out, const brio_str *words, size_t n)
{
    brio_buf_printf(out, "*%zu\r\n", n);
    for (size_t i = 0; i < n; i++) {
        brio_buf_printf(out, "$%zu\r\n", words[i].len);
        brio_buf_add(out, words[i]);
        brio_buf_add(out, BRIO_S("\r\n"));
    }
}

void brio_bus_reply_free(brio_bus_reply *reply)
{
    if (!reply)
        return;
    for (size_t i = 0; i < reply->n; i++)
        brio_bus_reply_free(reply->items[i]);
    free(reply);
}

#ifdef BRIO_WITH_HIREDIS
#include <hiredis/read.h>

struct brio_bus_replies {
    redisReader *reader;
    size_t limit;
};

/* ---- Objects ------------------------------------------------------------------ */

/* Into the array that is being read, if one is. */
static void *settle(const redisReadTask *task, brio_bus_reply *reply)
{
    if (reply && task->parent) {
        brio_bus_reply *array = task->parent->obj;
        array->items[task->idx] = reply;
    }
    return reply;
}

static brio_bus_reply *make(brio_bus_reply_type type, brio_str text)
{
    brio_bus_reply *reply = brio_zalloc(1, sizeof *reply + text.len);
    if (!reply)
        return NULL;
    reply->type = type;
    char *at = (char *)(reply + 1);
    if (text.len)
        memcpy(at, text.ptr, text.len);
    reply->text = (brio_str){at, text.len};
    return reply;
}

static void *make_text(const redisReadTask *task, char *text, size_t len)
{
    bool error = task->type == REDIS_REPLY_ERROR;
    return settle(task,
                  make(error ? BRIO_BUS_REPLY_ERROR : BRIO_BUS_REPLY_TEXT, (brio_str){text, len}));
}

static void *make_array(const redisReadTask *task, int n)
{
    if (n < 0 || n > BRIO_BUS_REPLY_ITEMS)
        return NULL;
    brio_bus_reply *reply = make(BRIO_BUS_REPLY_ARRAY, (brio_str){0});
    if (reply)
        reply->n = (size_t)n;
    return settle(task, reply);
}

static void *make_number(const redisReadTask *task, long long value)
{
    brio_bus_reply *reply = make(BRIO_BUS_REPLY_NUMBER, (brio_str){0});
    if (reply)
        reply->number = value;
    return settle(task, reply);
}

static void *make_nil(const redisReadTask *task)
{
    return settle(task, make(BRIO_BUS_REPLY_NIL, (brio_str){0}));
}

static void drop(void *reply)
{
    brio_bus_reply_free(reply);
}

static redisReplyObjectFunctions functions = {make_text, make_array, make_number, make_nil, drop};

/* ---- Reading ---------------------------------------------------------------------- */

bool brio_bus_redis_built(void)
{
    return true;
}

brio_bus_replies *brio_bus_replies_new(size_t limit)
{
    brio_bus_replies *r = brio_zalloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->limit = limit;
    r->reader = redisReaderCreateWithFunctions(&functions);
    if (!r->reader) {
        free(r);
        return NULL;
    }
    return r;
}

void brio_bus_replies_free(brio_bus_replies *r)
{
    if (!r)
        return;
    redisReaderFree(r->reader);
    free(r);
}

int brio_bus_replies_feed(brio_bus_replies *r, brio_str bytes)
{
    return redisReaderFeed(r->reader, bytes.ptr, bytes.len) == REDIS_OK ? 0 : -ENOMEM;
}

int brio_bus_replies_next(brio_bus_replies *r, brio_bus_reply **ret)
{
    void *reply = NULL;
    if (redisReaderGetReply(r->reader, &reply) != REDIS_OK)
        return -EPROTO;
    *ret = reply;
    if (reply)
        return 1;
    return r->reader->len - r->reader->pos > r->limit ? BRIO_ELIMIT : 0;
}

#else

bool brio_bus_redis_built(void)
{
    return false;
}

brio_bus_replies *brio_bus_replies_new(size_t limit)
{
    (void)limit;
    return NULL;
}

void brio_bus_replies_free(brio_bus_replies *r)
{
    (void)r;
}

int brio_bus_replies_feed(brio_bus_replies *r, brio_str bytes)
{
    (void)r, (void)bytes;
    return -ENOTSUP;
}

int brio_bus_replies_next(brio_bus_replies *r, brio_bus_reply **ret)
{
    (void)r, (void)ret;
    return -ENOTSUP;
}

#endif
