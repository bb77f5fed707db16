/* SPDX-License-Identifier: MIT
 *
 * brio/bus.h: publish and subscribe, rooms, presence and requests, across the
 * workers of a machine and, through Redis, across machines.
 *
 *     static void on_order(const brio_bus_message *m, void *arg) {...}
 *     ...
 *     brio_bus *bus = brio_bus_new(app, NULL);     // in main; --bus names a Redis
 *     brio_bus_subscribe(bus, BRIO_S("orders/+"), on_order, NULL);
 *     ...
 *     rc = brio_bus_publish(bus, BRIO_S("orders/7"), BRIO_S("paid"));   // in a handler
 *
 * **Topics** are texts with levels between slashes, as in MQTT 3.1.1 (section
 * 4.7): "rooms/berlin". A **filter** may have wildcards: `+` is any one level,
 * `#`, at the end, this level and all below. What begins with `$` is the bus's own.
 *
 * A message published in one worker reaches the subscribers of all: those of its
 * own worker at once, before the call returns (inside a brio_bus_fn: behind the
 * message at hand), in the order they subscribed to that topic; the others soon.
 * What one worker publishes arrives in the order it was published. Nothing is kept:
 * who subscribes later has not heard it. A message that could not be brought (a
 * worker too slow to take it, Redis gone) is lost for those it was meant for, and
 * they get a **gap notice** with how many.
 *
 * Delivery never waits for a receiver: each has a bounded queue and a policy. */
#ifndef BRIO_BUS_H
#define BRIO_BUS_H

#include <brio/base.h>
#include <brio/model.h>
#include <brio/rooms.h>
#include <brio/rpc.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_app;
struct brio_request;
struct brio_websocket;

typedef struct brio_bus brio_bus;

/* ---- Life ----------------------------------------------------------------- */

typedef struct brio_bus_options {
    const char *url;       /* "local", or redis://[user:password@]host[:port][/db], or rediss:// for
                              TLS; copied. NULL: what brio_bus_use says, else "local" */
    const char *channel;   /* the Redis channel; copied. NULL means "brio". Buses on one channel of
                              one database hear each other */
    const char *ca_file;   /* PEM: who may have signed the server of rediss://; NULL: the system's */
    size_t message_bytes;  /* of one message; 0 means 1 MiB; beyond: BRIO_ELIMIT */
    size_t queue_messages; /* that wait in a listener; 0 means 256 */
    size_t link_bytes;     /* that wait for one other worker, and for Redis; 0 means 4 MiB. Beyond, what
                              is published is lost for it, and it gets a gap notice */
    size_t subscriptions;  /* in one worker; 0 means 1,000,000; beyond: BRIO_ELIMIT */
    size_t socket_topics;  /* of one WebSocket; 0 means 256; beyond: BRIO_ELIMIT */
    size_t members;        /* of all presence lists together, as one worker knows them; 0 means
                              1,000,000; beyond: BRIO_ELIMIT here, what others tell is left out */
    brio_time ask_timeout; /* for an answer; 0 means 5 s */
    brio_time heartbeat;   /* between signs of life through Redis; 0 means 2 s */
    brio_time expiry;      /* who gave none for so long is gone, with all its members; 0 means 15 s */
} brio_bus_options;

/* A bus of an app: in main, before it serves. Its workers join when they start, as if
 * brio_app_on_startup were called here, and leave when they shut down; so they do if the
 * app is mounted in another one (then in place of brio_mount). It is freed with the app.
 * `options` may be NULL. `app` may be NULL: then the caller opens, closes and
 * frees it. Never NULL; a URL that is none ends the program with a sentence. */
BRIO_API brio_bus *brio_bus_new(struct brio_app *app, const brio_bus_options *options);
/* For brio_main and its like, before the app serves: where the buses meet that belong to
 * `app` or to what is mounted in it, and name no URL themselves. The number of buses;
 * -EINVAL for another URL, -ENOTSUP when brio was built without Redis, with
 * brio_error_detail. */
BRIO_API int brio_bus_use(struct brio_app *app, const char *url) BRIO_CHECKED;

/* Joins the other workers on the current loop, and waits a moment for those that
 * are there already. **Suspends**. A Redis that does not answer is no failure: it
 * is tried again for ever. 0; -ECANCELED; -EALREADY; -ENOMEM, -EMFILE and their kin. */
BRIO_API int brio_bus_open(brio_bus *bus) BRIO_CHECKED;
/* Says goodbye; listeners end with BRIO_ECLOSED. **Suspends**. Harmless if it is not open. */
BRIO_API void brio_bus_close(brio_bus *bus);
/* Frees one that was made without an app and is not open. NULL is fine. */
BRIO_API void brio_bus_free(brio_bus *bus);

/* ---- Publishing ------------------------------------------------------------- */

/* To everyone who subscribes to the topic, in all workers. Does not suspend. Text
 * must be UTF-8. 0, however many got it; -EINVAL for what is no topic (empty, a
 * wildcard, `$`, more than 255 bytes or 16 levels) or no UTF-8; BRIO_ELIMIT; BRIO_ECLOSED
 * if the bus is not open; -ENOMEM. From a thread of the pool (a BRIO_BLOCKING
 * handler), too: it happens on the loop soon after. */
BRIO_API int brio_bus_publish(brio_bus *bus, brio_str topic, brio_str text) BRIO_CHECKED;
BRIO_API int brio_bus_publish_bytes(brio_bus *bus, brio_str topic, brio_str bytes) BRIO_CHECKED;
BRIO_API int brio_bus_publishf(brio_bus *bus, brio_str topic, const char *fmt, ...)
    BRIO_PRINTF(3, 4) BRIO_CHECKED;
/* As JSON, through a model: BRIO_TYPE(T) and a T. Also BRIO_EMODEL. */
BRIO_API int brio_bus_publish_model(brio_bus *bus, brio_str topic, const brio_model *model,
                                    const void *value) BRIO_CHECKED;

/* The same with everything said. */
typedef struct brio_bus_post {
    brio_str topic, data;
    bool binary;
    bool here;                     /* to subscribers of this worker only */
    struct brio_websocket *except; /* this one does not get it; NULL: nobody is left out */
} brio_bus_post;
BRIO_API int brio_bus_send(brio_bus *bus, const brio_bus_post *post) BRIO_CHECKED;

/* ---- Subscribing ------------------------------------------------------------ */

typedef enum brio_bus_kind { /* ORDER BUS_KIND */
    BRIO_BUS_MESSAGE = 0,
    BRIO_BUS_JOINED, /* `data`, a name, is now present in `topic`, and was not anywhere before */
    BRIO_BUS_LEFT,   /* ... and no longer is, in any worker */
    BRIO_BUS_GAP     /* `missed` messages of any topic did not arrive */
} brio_bus_kind;

typedef struct brio_bus_message {
    brio_bus_kind kind;
    bool binary;
    bool mine;       /* published in this worker */
    brio_str topic;  /* borrowed, as long as the message is lent */
    brio_str data;
    uint64_t node;   /* the machine (supervisor) it comes from: a random tag */
    uint64_t missed;
    uint64_t asker, ask; /* the bus's own: see brio_bus_answer */
} brio_bus_message;

/* Called for each message, which is lent until it returns; on the loop, inside
 * the call that publishes. Must not suspend; may publish and subscribe. */
typedef void brio_bus_fn(const brio_bus_message *message, void *arg);
typedef struct brio_bus_subscription brio_bus_subscription;

/* Subscribes `fn(message, arg)`. Also before the bus is open: in main, each worker
 * has it then. `arg` is borrowed. The handle, NULL with brio_error_detail for what
 * is no filter and beyond the limit; freed with the bus. */
BRIO_API brio_bus_subscription *brio_bus_subscribe(brio_bus *bus, brio_str filter, brio_bus_fn *fn,
                                                   void *arg);
/* The same for all that is not a message: names that come and go in topics of the
 * filter, and gaps (of every topic: which, nobody knows). */
BRIO_API brio_bus_subscription *brio_bus_watch(brio_bus *bus, brio_str filter, brio_bus_fn *fn,
                                               void *arg);
/* Also inside `fn`. NULL is fine. */
BRIO_API void brio_bus_unsubscribe(brio_bus_subscription *subscription);

typedef enum brio_bus_policy { /* ORDER BUS_POLICY */
    BRIO_BUS_DROP_OLDEST = 0,  /* a full queue loses its first message: a gap in front of the others */
    BRIO_BUS_DROP_NEWEST,      /* ... or what does not fit any more */
    BRIO_BUS_END               /* ... or it ends: BRIO_EOVERLOAD */
} brio_bus_policy;

typedef struct brio_bus_listener_options {
    size_t queue_messages; /* 0: the bus's */
    brio_bus_policy policy;
    bool notices;          /* gaps, and who comes and goes, are messages, too */
} brio_bus_listener_options;

/* A task's queue of messages. */
typedef struct brio_bus_listener brio_bus_listener;
/* On an open bus. `options` may be NULL. *ret is the caller's to close; what is
 * left is ended with the bus, and then still to be closed. 0; -EINVAL,
 * BRIO_ELIMIT, BRIO_ECLOSED, -ENOMEM. */
BRIO_API int brio_bus_listen(brio_bus *bus, brio_str filter, const brio_bus_listener_options *options,
                             brio_bus_listener **ret) BRIO_CHECKED;
/* One more filter. A message that fits several comes once; again changes nothing.
 * Results as above. */
BRIO_API int brio_bus_listener_add(brio_bus_listener *listener, brio_str filter) BRIO_CHECKED;
/* The next message, lent until the next call or close. **Suspends**. 0;
 * BRIO_ECLOSED when the bus is closed, BRIO_EOVERLOAD as the policy says, once the
 * queue is empty; -ECANCELED. One task at a time. */
BRIO_API int brio_bus_next(brio_bus_listener *listener, brio_bus_message *ret) BRIO_CHECKED;
/* Nobody may wait in it. NULL is fine. */
BRIO_API void brio_bus_listener_close(brio_bus_listener *listener);

/* For routes of .response = BRIO_SSE: answers with the topic's messages as
 * server-sent events until the client goes away or the bus is closed. A gap is an
 * event named "gap" whose data is how many. **Suspends**. 0 at the end of the bus,
 * else as brio_bus_listen and brio_respond_stream. */
BRIO_API int brio_bus_events(brio_bus *bus, struct brio_request *req, brio_str filter) BRIO_CHECKED;

/* ---- Presence ------------------------------------------------------------------ */

/* The names present in a topic, in any worker, sorted and each once; memory of the
 * arena. Those of a worker or machine that died go when that is noticed: at once
 * on this machine, after `expiry` elsewhere. */
BRIO_API brio_str_list brio_bus_present(brio_bus *bus, brio_arena *arena, brio_str topic);
BRIO_API bool brio_bus_is_present(brio_bus *bus, brio_str topic, brio_str name);
/* Presence for what is no WebSocket: enters a name, and takes it out as often. 0 or
 * as brio_bus_join. */
BRIO_API int brio_bus_enter(brio_bus *bus, brio_str topic, brio_str name) BRIO_CHECKED;
BRIO_API void brio_bus_exit(brio_bus *bus, brio_str topic, brio_str name);

/* ---- Request and response --------------------------------------------------------- */

/* Publishes a question, and waits for the first answer, from any worker; it is in
 * `arena`. **Suspends**. 0; -ETIMEDOUT after ask_timeout; BRIO_ECLOSED; as
 * brio_bus_publish; -ECANCELED. */
BRIO_API int brio_bus_ask(brio_bus *bus, brio_arena *arena, brio_str topic, brio_str question,
                          brio_str *ret_answer) BRIO_CHECKED;
/* Answers such a message, while it is lent or later (keep a copy of the struct:
 * its texts are not looked at). -EINVAL if it asks nothing; as brio_bus_publish. */
BRIO_API int brio_bus_answer(brio_bus *bus, const brio_bus_message *question,
                             brio_str answer) BRIO_CHECKED;

/* ---- Looking ------------------------------------------------------------------------ */

typedef struct brio_bus_stats {
    uint64_t published, received; /* messages: of this worker; of the others */
    uint64_t delivered;           /* to receivers in this worker */
    uint64_t dropped_queue;       /* by listeners and sockets that were too slow */
    uint64_t dropped_link;        /* for other workers, or Redis, that were too slow or away */
    uint64_t gaps, missed;        /* notices, and how many messages they told of */
    uint64_t duplicates;          /* that came twice and were not delivered again */
    size_t subscriptions, members, sockets;
    size_t workers;               /* others of this machine */
    size_t remote;                /* workers of other machines that give signs of life */
    uint64_t reconnects;          /* connections to Redis that were made anew */
    size_t redis_pending;         /* messages that Redis has not confirmed */
    bool redis;                   /* it is connected, both ways */
} brio_bus_stats;
BRIO_API brio_bus_stats brio_bus_stats_get(const brio_bus *bus);

#ifdef __cplusplus
}
#endif
#endif
