/* SPDX-License-Identifier: MIT
 *
 * brio/queue.h: asyncio's queues and trio's channels, of values of any type.
 * Part of <brio/task.h>.
 *
 *     brio_queue q;
 *     brio_queue_init(&q, &(brio_queue_options){.item_size = sizeof(Job), .max = 100});
 *     rc = brio_queue_put(&q, &job);               // Suspends while it is full
 *     while (brio_queue_get(&q, &job) == 0)        // Suspends while it is empty
 *         work(&job), brio_queue_task_done(&q);
 *
 * Items are copied in and out. Strictly FIFO among waiters, no barging; a
 * cancelled getter or putter loses neither an item nor a wake-up. For the tasks
 * of one loop; what suspends is for tasks (asserted), and is a cancellation
 * point also where it need not wait. */
#ifndef BRIO_QUEUE_H
#define BRIO_QUEUE_H

#include <brio/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Queue -------------------------------------------------------------- */

typedef enum brio_queue_kind { /* ORDER QUEUE_KIND */
    BRIO_FIFO = 0,             /* Queue */
    BRIO_LIFO,                 /* LifoQueue */
    BRIO_PRIORITY              /* PriorityQueue: least first; equals in order of put */
} brio_queue_kind;

typedef struct brio_queue_options {
    size_t item_size; /* bytes; 0 means sizeof(void *) */
    size_t max;       /* items; 0 means no limit */
    brio_queue_kind kind;
    int (*compare)(const void *a, const void *b); /* of a priority queue (asserted), as qsort's;
                                                     items are aligned to at most 16 bytes */
} brio_queue_options;

/* In your memory; all of it the room's own but `len`. */
typedef struct brio_queue {
    size_t len;            /* items in it */
    brio_queue_options o;
    char *items;
    size_t stride, cap, head;
    size_t unfinished; /* put and not dealt with */
    size_t promised;   /* items that belong to getters which have not run yet */
    uint64_t order;
    bool shut;
    brio_link getters, putters, joiners; // brio_waiter::link
} brio_queue;

/* `options` may be NULL: pointers, FIFO, no limit. */
BRIO_API void brio_queue_init(brio_queue *queue, const brio_queue_options *options);
/* Frees its memory; nobody may wait for it (asserted). */
BRIO_API void brio_queue_fini(brio_queue *queue);
/* Suspends while it is full. 0; -ECANCELED (nothing was put); BRIO_ECLOSED
 * after shutdown, also while it waits; -ENOMEM. */
BRIO_API int brio_queue_put(brio_queue *queue, const void *item) BRIO_CHECKED;
/* Suspends while it is empty. 0 and the item in *ret_item (NULL drops it);
 * -ECANCELED (nothing was taken); BRIO_ECLOSED after shutdown, once it is
 * empty. Who waited gets the item that is next when it runs. */
BRIO_API int brio_queue_get(brio_queue *queue, void *ret_item) BRIO_CHECKED;
/* put_nowait and get_nowait, from any code of the loop: -EAGAIN where the
 * others would suspend (also if what is in it belongs to waiting getters). */
BRIO_API int brio_queue_try_put(brio_queue *queue, const void *item) BRIO_CHECKED;
BRIO_API int brio_queue_try_get(brio_queue *queue, void *ret_item) BRIO_CHECKED;
/* True if put would wait. */
static inline bool brio_queue_full(const brio_queue *queue)
{
    return queue->o.max && queue->len >= queue->o.max;
}
/* An item that was got is dealt with. 0, or -EINVAL if called more often than
 * items were put. Any code of the loop. */
BRIO_API int brio_queue_task_done(brio_queue *queue);
/* Suspends until every item put was dealt with; that is so the moment it wakes
 * the joiners, whatever is put before they run. 0 or -ECANCELED. */
BRIO_API int brio_queue_join(brio_queue *queue) BRIO_CHECKED;
/* No more puts; those who wait get BRIO_ECLOSED. Getters drain what is there;
 * `immediate` drops it instead and counts it as dealt with. Any code of the loop. */
BRIO_API void brio_queue_shutdown(brio_queue *queue, bool immediate);

/* ---- Channel ------------------------------------------------------------ */

/* A pipe of values between tasks: capacity 0 makes every send meet a receive.
 * Closed for sending when the last sender closed; trio's memory channel, Go's
 * chan. Reference-counted ends; the memory is yours. What one side handed to
 * the other has happened: a cancellation of the same turn is told by the next
 * suspending call. */
typedef struct brio_channel {
    size_t item_size, capacity;
    size_t len;               /* items in it */
    size_t senders, receivers; /* open ends; one each after init */
    char *items;              /* the room's own from here */
    size_t head;
    brio_link sending, receiving; // the waiting ends
} brio_channel;

/* `item_size` > 0 bytes (asserted); `capacity` in items, allocated here. 0 or
 * -ENOMEM. */
BRIO_API int brio_channel_init(brio_channel *channel, size_t item_size,
                               size_t capacity) BRIO_CHECKED;
/* Nobody may wait (asserted); what is in it is dropped. */
BRIO_API void brio_channel_fini(brio_channel *channel);
/* Suspends until there is room, or somebody receives. 0; -ECANCELED (not
 * sent); -EPIPE when no receiver is left; BRIO_ECLOSED when all senders closed. */
BRIO_API int brio_channel_send(brio_channel *channel, const void *item) BRIO_CHECKED;
/* Suspends until there is an item (NULL drops it). 0; -ECANCELED (nothing
 * taken); BRIO_ECLOSED when it is empty and no sender is left, or no receiver. */
BRIO_API int brio_channel_receive(brio_channel *channel, void *ret_item) BRIO_CHECKED;
/* The same from any code of the loop: -EAGAIN where they would suspend. */
BRIO_API int brio_channel_try_send(brio_channel *channel, const void *item) BRIO_CHECKED;
BRIO_API int brio_channel_try_receive(brio_channel *channel, void *ret_item) BRIO_CHECKED;
/* Another open end (there is one still: asserted), and one fewer; the last
 * close wakes those who wait for nothing now, and the last receiver's drops
 * what is in it. From any code of the loop. */
BRIO_API void brio_channel_add_sender(brio_channel *channel);
BRIO_API void brio_channel_add_receiver(brio_channel *channel);
BRIO_API void brio_channel_close_sender(brio_channel *channel);
BRIO_API void brio_channel_close_receiver(brio_channel *channel);

/* Go's select: one case of several. */
typedef struct brio_case {
    brio_channel *channel;  /* NULL: never ready */
    const void *send;       /* the item to send; NULL to receive */
    void *receive;          /* where to; NULL to send, or to receive and drop */
    int result;             /* out: of the chosen one, as its call's */
    brio_waiter *waiter;    /* the room's own from here */
    brio_link link;
} brio_case;

#define BRIO_SEND_CASE(ch, item)   {.channel = (ch), .send = (item)}
#define BRIO_RECEIVE_CASE(ch, ret) {.channel = (ch), .receive = (ret)}

/* Suspends until one of `n` cases can go on, does exactly that one, with its
 * result in it, and returns its index; among several ready ones the loop's
 * random numbers choose. A closed channel is ready. A channel may be in several
 * cases; a select never meets itself. -ECANCELED (nothing done); -EINVAL
 * without cases. */
BRIO_API int brio_select(brio_case *cases, size_t n) BRIO_CHECKED;
/* Go's select with default: -EAGAIN where select would suspend. Any code of the loop. */
BRIO_API int brio_try_select(brio_case *cases, size_t n) BRIO_CHECKED;

/* A channel type whose calls check what they carry:
 *
 *     BRIO_CHANNEL_OF(jobs, Job)
 *     jobs ch;  jobs_init(&ch, 10);  jobs_send(&ch, job);  jobs_receive(&ch, &job); */
#define BRIO_CHANNEL_OF(name, type)                                                              \
    typedef struct name {                                                                        \
        brio_channel channel;                                                                    \
    } name;                                                                                      \
    __attribute__((unused)) BRIO_CHECKED static inline int name##_init(name *ch, size_t capacity) \
    {                                                                                            \
        return brio_channel_init(&ch->channel, sizeof(type), capacity);                          \
    }                                                                                            \
    __attribute__((unused)) BRIO_CHECKED static inline int name##_send(name *ch, type item)      \
    {                                                                                            \
        return brio_channel_send(&ch->channel, &item);                                           \
    }                                                                                            \
    __attribute__((unused)) BRIO_CHECKED static inline int name##_receive(name *ch, type *ret)   \
    {                                                                                            \
        return brio_channel_receive(&ch->channel, ret);                                          \
    }                                                                                            \
    __attribute__((unused)) static inline void name##_close(name *ch)                            \
    {                                                                                            \
        brio_channel_close_sender(&ch->channel);                                                 \
    }                                                                                            \
    __attribute__((unused)) static inline void name##_fini(name *ch)                             \
    {                                                                                            \
        brio_channel_fini(&ch->channel);                                                         \
    }

#ifdef __cplusplus
}
#endif
#endif
