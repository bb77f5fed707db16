/* SPDX-License-Identifier: MIT
 *
 * Received bytes of one connection: chunks in order, read from the first.
 *
 * The parser reads straight from the chunk, and a request's views point into
 * it, so the first chunk stays until the request is over even when it is read
 * to its end. Owner: the exchange. When a request outlives its connection's
 * attention, it keeps the first chunk and only what lies unread behind it is
 * copied away. */
#include "server/server_internal.h"

/* Bytes that come one by one do not hold a chunk each: small ones join the last, behind
 * whatever points into it. */
static bool join(brio_server_exchange *x, brio_chunk *chunk)
{
    brio_chunk *last = x->in_last;
    if (!last || chunk->len > chunk->cap / 4 || chunk->len > last->cap - last->len)
        return false;
    memcpy(last->data + last->len, chunk->data, chunk->len);
    if (last == x->in) {
        x->rest.ptr = last->data + last->len - x->rest.len;
        x->rest.len += chunk->len;
    }
    last->len += chunk->len;
    brio_chunk_release(x->worker->loop, chunk);
    return true;
}

void brio_server_input_push(brio_server_exchange *x, brio_chunk *chunk)
{
    chunk->next = NULL;
    x->queued += chunk->len;
    if (join(x, chunk))
        return;
    if (x->in) {
        x->in_last->next = chunk;
    } else {
        x->in = chunk;
        x->rest = (brio_str){chunk->data, chunk->len};
    }
    x->in_last = chunk;
}

bool brio_server_input_any(const brio_server_exchange *x)
{
    return x->rest.len > 0 || (x->in && x->in->next);
}

static void pop(brio_server_exchange *x)
{
    brio_chunk *first = x->in;
    x->in = first->next;
    if (!x->in)
        x->in_last = NULL;
    x->rest = x->in ? (brio_str){x->in->data, x->in->len} : (brio_str){NULL, 0};
    brio_chunk_release(x->worker->loop, first);
}

void brio_server_input_trim(brio_server_exchange *x)
{
    while (x->in && x->rest.len == 0)
        pop(x);
}

void brio_server_input_drop(brio_server_exchange *x)
{
    while (x->in)
        pop(x);
    x->queued = 0;
}

static brio_chunk **copy_rest(brio_server_exchange *x, brio_chunk **end)
{
    while (x->rest.len > 0) {
        brio_chunk *copy = brio_chunk_acquire(x->worker->loop);
        size_t n = x->rest.len < copy->cap ? x->rest.len : copy->cap;
        memcpy(copy->data, x->rest.ptr, n);
        copy->len = (uint32_t)n;
        x->rest = brio_str_slice(x->rest, n, x->rest.len);
        *end = copy;
        end = &copy->next;
    }
    return end;
}

brio_chunk *brio_server_input_take(brio_server_exchange *x)
{
    brio_chunk *list = NULL;
    if (!x->in)
        return NULL;
    *copy_rest(x, &list) = x->in->next;
    x->in->next = NULL;
    x->in_last = x->in;
    x->queued = 0;
    return list;
}

void brio_server_input_move(brio_server_exchange *x, brio_server_exchange *to)
{
    BRIO_ASSERT(!to->in);
    for (brio_chunk *chunk = brio_server_input_take(x), *next; chunk; chunk = next) {
        next = chunk->next;
        brio_server_input_push(to, chunk);
    }
}
