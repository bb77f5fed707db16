/* SPDX-License-Identifier: MIT
 *
 * The channel: a buffer, and the cases that wait at its two ends.
 *
 * A plain send or receive is a select of one case. A case is ready, or waits
 * in its channel's list until the other side takes it; taking one detaches all
 * cases of its select and tells it which one happened. What happened is handed
 * over: a cancellation that comes later is told by the next suspending call.
 *
 * Invariants: senders wait only while the buffer is full, receivers only while
 * it is empty, and neither at a closed channel. */
#include "task/task_internal.h"

#include <limits.h>
#include <stdlib.h>

typedef struct selection {
    brio_waiter waiter;
    brio_case *cases;
    size_t n;
} selection;

int brio_channel_init(brio_channel *channel, size_t item_size, size_t capacity)
{
    size_t bytes;
    BRIO_ASSERT(item_size > 0);
    *channel =
        (brio_channel){.item_size = item_size, .capacity = capacity, .senders = 1, .receivers = 1};
    if (__builtin_mul_overflow(item_size, capacity, &bytes) || bytes > PTRDIFF_MAX)
        return -ENOMEM;
    channel->items = capacity ? brio_malloc(bytes) : NULL;
    return capacity && !channel->items ? -ENOMEM : 0;
}

void brio_channel_fini(brio_channel *channel)
{
    BRIO_ASSERT(brio_waiters_none(&channel->sending) && brio_waiters_none(&channel->receiving));
    free(channel->items);
    channel->items = NULL;
}

/* ---- The buffer --------------------------------------------------------- */

static void copy(const brio_channel *channel, void *to, const void *from)
{
    if (to && channel->item_size == sizeof(void *))
        memcpy(to, from, sizeof(void *)); /* inlined: the usual case */
    else if (to)
        memcpy(to, from, channel->item_size);
}

static char *slot(const brio_channel *channel, size_t i)
{
    size_t to_end = channel->capacity - channel->head;
    return channel->items + (i < to_end ? channel->head + i : i - to_end) * channel->item_size;
}

static void push(brio_channel *channel, const void *item)
{
    BRIO_ASSERT(channel->len < channel->capacity);
    copy(channel, slot(channel, channel->len++), item);
}

static void pop(brio_channel *channel, void *ret_item)
{
    copy(channel, ret_item, slot(channel, 0));
    channel->len--;
    channel->head = channel->head + 1 == channel->capacity ? 0 : channel->head + 1;
}

/* ---- Cases -------------------------------------------------------------- */

static brio_link *side_of(const brio_case *c)
{
    return c->send ? &c->channel->sending : &c->channel->receiving;
}

/* Who waits first; NULL if nobody does. */
static brio_case *first(const brio_link *side)
{
    return brio_waiters_none(side) ? NULL : BRIO_CONTAINER(side->next, brio_case, link);
}

static void detach(selection *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->cases[i].channel)
            brio_link_remove(&s->cases[i].link);
}

/* The case that waits has happened; its siblings will not. */
static void settle(brio_case *c, int result)
{
    selection *s = BRIO_CONTAINER(c->waiter, selection, waiter);
    c->result = result;
    detach(s);
    brio_unpark(&s->waiter, (int)(c - s->cases));
}

static bool is_ready(const brio_case *c)
{
    const brio_channel *channel = c->channel;
    if (!channel)
        return false;
    if (!channel->senders || !channel->receivers)
        return true;
    return c->send ? first(&channel->receiving) || channel->len < channel->capacity
                   : first(&channel->sending) || channel->len > 0;
}

static int send_now(brio_channel *channel, const void *item)
{
    brio_case *receiver = first(&channel->receiving);
    if (!channel->senders)
        return BRIO_ECLOSED;
    if (!channel->receivers)
        return -EPIPE;
    if (receiver) {
        copy(channel, receiver->receive, item);
        settle(receiver, 0);
    } else {
        push(channel, item);
    }
    return 0;
}

static int receive_now(brio_channel *channel, void *ret_item)
{
    brio_case *sender = first(&channel->sending);
    if (channel->len) {
        pop(channel, ret_item);
        if (sender)
            push(channel, sender->send);
    } else if (sender) {
        copy(channel, ret_item, sender->send);
    } else {
        return BRIO_ECLOSED;
    }
    if (sender)
        settle(sender, 0);
    return 0;
}

/* ---- Selecting ---------------------------------------------------------- */

static size_t draw(size_t n)
{
    const brio_runtime *rt = n > 1 ? brio_task_here() : NULL;
    return rt ? (size_t)(brio_loop_random(rt->loop) % n) : 0;
}

/* The index of a ready case, each as likely as the others; `n` if none is. */
static size_t choose(const brio_case *cases, size_t n)
{
    size_t ready = 0, i = 0;
    for (size_t k = 0; k < n; k++)
        ready += is_ready(&cases[k]);
    if (ready == 0)
        return n;
    for (size_t skip = draw(ready); i < n - 1 && (skip || !is_ready(&cases[i])); i++)
        skip -= is_ready(&cases[i]);
    return i;
}

int brio_try_select(brio_case *cases, size_t n)
{
    if (n == 0 || n > INT_MAX)
        return -EINVAL;
    size_t i = choose(cases, n);
    if (i == n)
        return -EAGAIN;
    brio_case *c = &cases[i];
    c->result = c->send ? send_now(c->channel, c->send) : receive_now(c->channel, c->receive);
    return (int)i;
}

static bool give_up(brio_waiter *waiter)
{
    detach(BRIO_CONTAINER(waiter, selection, waiter));
    return true;
}

static void attach(selection *s)
{
    for (size_t i = 0; i < s->n; i++) {
        brio_case *c = &s->cases[i];
        if (!c->channel)
            continue;
        brio_link *side = side_of(c);
        if (!side->next)
            brio_link_init(side);
        c->waiter = &s->waiter;
        brio_link_insert_before(side, &c->link);
    }
}

int brio_select(brio_case *cases, size_t n)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    int rc = brio_try_select(cases, n);
    if (rc != -EAGAIN)
        return rc;
    selection s = {
        .waiter = {.on_cancel = give_up, .kind = BRIO_WAIT_CHANNEL}, .cases = cases, .n = n};
    s.waiter.on = n == 1 ? cases->channel : NULL;
    attach(&s);
    return brio_waiter_wait(&s.waiter, self);
}

/* ---- The calls of one case ---------------------------------------------- */

int brio_channel_send(brio_channel *channel, const void *item)
{
    brio_case c = BRIO_SEND_CASE(channel, item);
    BRIO_ASSERT(channel && item);
    int rc = brio_select(&c, 1);
    return rc < 0 ? rc : c.result;
}

int brio_channel_receive(brio_channel *channel, void *ret_item)
{
    brio_case c = BRIO_RECEIVE_CASE(channel, ret_item);
    BRIO_ASSERT(channel);
    int rc = brio_select(&c, 1);
    return rc < 0 ? rc : c.result;
}

int brio_channel_try_send(brio_channel *channel, const void *item)
{
    brio_case c = BRIO_SEND_CASE(channel, item);
    BRIO_ASSERT(channel && item);
    int rc = brio_try_select(&c, 1);
    return rc < 0 ? rc : c.result;
}

int brio_channel_try_receive(brio_channel *channel, void *ret_item)
{
    brio_case c = BRIO_RECEIVE_CASE(channel, ret_item);
    BRIO_ASSERT(channel);
    int rc = brio_try_select(&c, 1);
    return rc < 0 ? rc : c.result;
}

/* ---- Ends --------------------------------------------------------------- */

void brio_channel_add_sender(brio_channel *channel)
{
    BRIO_ASSERT(channel->senders > 0); /* closed is closed */
    channel->senders++;
}

void brio_channel_add_receiver(brio_channel *channel)
{
    BRIO_ASSERT(channel->receivers > 0);
    channel->receivers++;
}

static void settle_all(const brio_link *side, int result)
{
    brio_case *c;
    while ((c = first(side)))
        settle(c, result);
}

void brio_channel_close_sender(brio_channel *channel)
{
    BRIO_ASSERT(channel->senders > 0);
    if (--channel->senders)
        return;
    settle_all(&channel->sending, BRIO_ECLOSED);
    settle_all(&channel->receiving, BRIO_ECLOSED);
}

void brio_channel_close_receiver(brio_channel *channel)
{
    BRIO_ASSERT(channel->receivers > 0);
    if (--channel->receivers)
        return;
    channel->len = 0;
    settle_all(&channel->sending, -EPIPE);
    settle_all(&channel->receiving, BRIO_ECLOSED);
}
