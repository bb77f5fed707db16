/* SPDX-License-Identifier: MIT
 *
 * Limits, and the pool of records. A record is one allocation that holds the
 * request, its header array at full size and the two buffers; it is lent to a
 * connection while a request is under way. Spares are used newest first, so
 * that the same warm memory serves request after request, and their number and
 * buffers are bounded, so that a burst is not paid for ever after. */
#include "http/http_internal.h"

#include <stdlib.h>

enum {
    SPARES_MAX = 256,
    BUFFER_KEPT_MAX = 4096,     /* bytes of storage a spare record may keep in a buffer */
    HEADER_COUNT_MAX = 1 << 14, /* whatever the options say: 512 KiB a record */
    HEADER_BYTES_DEFAULT = 64 * 1024,
    HEADER_COUNT_DEFAULT = 100,
    TARGET_BYTES_DEFAULT = 8 * 1024,
    BODY_BYTES_DEFAULT = 16 * 1024 * 1024,
    RATE_DEFAULT = 240, /* bytes a second: the slowest modem brings more */
};

brio_http_limits brio_http_limits_resolve(const brio_http_limits *limits)
{
    static const brio_http_limits none;
    brio_http_limits l = limits ? *limits : none;
    l.header_bytes = l.header_bytes ? l.header_bytes : HEADER_BYTES_DEFAULT;
    l.header_count = l.header_count ? l.header_count : HEADER_COUNT_DEFAULT;
    l.target_bytes = l.target_bytes ? l.target_bytes : TARGET_BYTES_DEFAULT;
    l.body_bytes = l.body_bytes ? l.body_bytes : BODY_BYTES_DEFAULT;
    l.header_timeout = l.header_timeout ? l.header_timeout : BRIO_SEC(10);
    l.body_timeout = l.body_timeout ? l.body_timeout : BRIO_SEC(20);
    l.keep_alive = l.keep_alive ? l.keep_alive : BRIO_SEC(5);
    l.write_timeout = l.write_timeout ? l.write_timeout : BRIO_SEC(30);
    l.body_rate = l.body_rate ? l.body_rate : RATE_DEFAULT;
    l.write_rate = l.write_rate ? l.write_rate : RATE_DEFAULT;
    if (l.header_count > HEADER_COUNT_MAX)
        l.header_count = HEADER_COUNT_MAX;
    return l;
}

void brio_http_pool_init(brio_http_pool *pool, const brio_http_limits *limits)
{
    *pool = (brio_http_pool){.limits = brio_http_limits_resolve(limits)};
}

static void record_free(brio_http_record *rec)
{
    brio_buf_fini(&rec->head);
    brio_buf_fini(&rec->body);
    free(rec);
}

void brio_http_pool_fini(brio_http_pool *pool)
{
    while (pool->spare) {
        brio_http_record *rec = pool->spare;
        pool->spare = rec->next;
        record_free(rec);
    }
    pool->n_spare = 0;
}

static brio_http_record *record_new(const brio_http_limits *limits)
{
    size_t headers = limits->header_count * sizeof(brio_header);
    brio_http_record *rec = brio_malloc(sizeof(*rec) + headers);
    if (rec)
        memset(rec, 0, sizeof(*rec)); /* the headers are written before they are read */
    return rec;
}

brio_http_record *brio_http_record_acquire(brio_http_pool *pool)
{
    brio_http_record *rec = pool->spare;
    if (!rec)
        return record_new(&pool->limits);
    BRIO_ASSERT(pool->n_spare > 0);
    pool->spare = rec->next;
    pool->n_spare--;
    memset(rec, 0, offsetof(brio_http_record, next));
    return rec;
}

static void buffer_reset(brio_buf *buf)
{
    if (buf->cap > BUFFER_KEPT_MAX || buf->failed)
        brio_buf_fini(buf);
    buf->len = 0;
    buf->limit = 0;
}

void brio_http_record_release(brio_http_pool *pool, brio_http_record *rec)
{
    if (pool->n_spare >= SPARES_MAX) {
        record_free(rec);
        return;
    }
    buffer_reset(&rec->head);
    buffer_reset(&rec->body);
    rec->next = pool->spare;
    pool->spare = rec;
    pool->n_spare++;
}
