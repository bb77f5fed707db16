/* SPDX-License-Identifier: MIT
 *
 * brio/broadcast.h: messages to WebSockets from elsewhere: handles, frames that
 * are made once for all, queues and what becomes of them when a client is slow. A
 * part of <brio/app.h>, which includes it.
 *
 *     brio_ws_frame *frame = brio_ws_framef("%.*s left the chat", BRIO_ARG(name));
 *     for (size_t i = 0; i < room->n; i++)
 *         (void)!brio_ws_post(room->members[i], frame);   // a reference each, no copy
 *     brio_ws_frame_release(frame);
 *
 * What is posted in one turn of the loop goes out at its end, all frames of a
 * socket in one system call. Nothing here suspends. All of it belongs to the loop
 * on which the socket was accepted: a worker's own (brio_loop_post brings work
 * there from other threads). */
#ifndef BRIO_BROADCAST_H
#define BRIO_BROADCAST_H

#include <brio/base.h>
#include <brio/model.h>
#include <brio/websocket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Handles ------------------------------------------------------------- */

/* A socket, as a value that may be kept and copied: it does no harm when the
 * socket is gone, and never comes to mean another one. All zero is none. Valid
 * as long as the loop. */
typedef struct brio_ws_ref {
    struct brio_app_socket *socket; /* the room's own */
    uint64_t turn;
} brio_ws_ref;

/* Of an accepted socket (asserted). */
BRIO_API brio_ws_ref brio_ws_ref_of(const brio_websocket *ws);
/* True while messages can be sent: until either side has begun to close. */
BRIO_API bool brio_ws_open(brio_ws_ref ref);
static inline bool brio_ws_same(brio_ws_ref a, brio_ws_ref b)
{
    return a.socket == b.socket && a.turn == b.turn;
}
/* Event style: the socket's State, until its close handler has returned. NULL
 * for others, and when it is gone. */
BRIO_API void *brio_ws_state(brio_ws_ref ref);

/* In your memory (of a subscription, a member of a room): called once, when the
 * socket stops taking messages, however that came; never inside brio_ws_post or
 * brio_ws_try_send_..., so a list may be gone through while posting. It may free
 * the hook. */
typedef struct brio_ws_hook brio_ws_hook;
struct brio_ws_hook {
    void (*fn)(brio_ws_hook *hook); /* must not suspend */
    brio_ws_hook *next, **at;       /* the room's own; zero before it is added */
};
/* 0; BRIO_ECLOSED, and fn will not be called. */
BRIO_API int brio_ws_hook_add(brio_ws_ref ref, brio_ws_hook *hook) BRIO_CHECKED;
/* fn is not called any more. Harmless if it was, or was never added. */
BRIO_API void brio_ws_hook_remove(brio_ws_hook *hook);

/* ---- Frames ---------------------------------------------------------------- */

/* One message, as it goes over the wire, counted by its references. */
typedef struct brio_ws_frame brio_ws_frame;

/* Text must be UTF-8 (brio_utf8_valid). The data is copied. The reference is the
 * caller's. NULL without memory, and for text that is not UTF-8. */
BRIO_API brio_ws_frame *brio_ws_frame_text(brio_str text);
BRIO_API brio_ws_frame *brio_ws_frame_bytes(brio_str bytes);
BRIO_API brio_ws_frame *brio_ws_framef(const char *fmt, ...) BRIO_PRINTF(1, 2);
/* JSON; NULL also if the value does not fit its model. */
BRIO_API brio_ws_frame *brio_ws_frame_json(const brio_json *json);
BRIO_API brio_ws_frame *brio_ws_frame_model(const brio_model *model, const void *value);
/* What it is about, for BRIO_WS_COALESCE: copied, at most 255 bytes, else -EINVAL; -ENOMEM.
 * Before it is posted. */
BRIO_API int brio_ws_frame_set_key(brio_ws_frame *frame, brio_str key) BRIO_CHECKED;
/* The message it was made of; borrowed from the frame. */
BRIO_API brio_str brio_ws_frame_data(const brio_ws_frame *frame);
BRIO_API bool brio_ws_frame_is_binary(const brio_ws_frame *frame);
/* One more reference; returns `frame`. */
BRIO_API brio_ws_frame *brio_ws_frame_acquire(brio_ws_frame *frame);
BRIO_API void brio_ws_frame_release(brio_ws_frame *frame); /* NULL is fine */

/* ---- Posting ---------------------------------------------------------------- */

/* Queues the frame, within the limits of the socket's route (.queue): the queue
 * takes a reference of its own. 0; BRIO_ECLOSED, there is no such socket any
 * more; BRIO_EOVERLOAD, the client is too slow, and by the policy it was left
 * out or the connection is being ended; -ENOMEM, left out. */
BRIO_API int brio_ws_post(brio_ws_ref ref, brio_ws_frame *frame) BRIO_CHECKED;
/* The same for one socket and a message that is copied. Text must be UTF-8
 * (-EINVAL). For tasks that must not wait for a client; brio_ws_send_... does. */
BRIO_API int brio_ws_try_send_text(brio_ws_ref ref, brio_str text) BRIO_CHECKED;
BRIO_API int brio_ws_try_send_bytes(brio_ws_ref ref, brio_str bytes) BRIO_CHECKED;
/* Ends the connection behind what is queued, as brio_ws_close. Harmless if it is gone. */
BRIO_API void brio_ws_end(brio_ws_ref ref, int code, const char *reason);
/* What waits to be taken by the kernel, in bytes of frames; 0 if it is gone. */
BRIO_API size_t brio_ws_queued(brio_ws_ref ref);

/* ---- Slow clients --------------------------------------------------------------- */

/* When a queue is full. Frames that are with the kernel already, pongs and the
 * close frame are never left out. */
typedef enum brio_ws_slow {  /* ORDER WS_SLOW */
    BRIO_WS_DISCONNECT = 0,  /* the connection is cut: 1013 for its handler, 1006 for the client */
    BRIO_WS_DROP_NEWEST,     /* the message that does not fit is left out */
    BRIO_WS_DROP_OLDEST,     /* the longest waiting are left out, until it fits */
    BRIO_WS_COALESCE         /* a waiting frame of the same key is replaced, also while the
                                queue is not full; without one, the oldest are left out */
} brio_ws_slow;

/* .queue = {.messages = 64, .slow = BRIO_WS_DROP_OLDEST}: of a route. */
typedef struct brio_ws_queue {
    size_t bytes;    /* waiting, heads included; 0 means 1 MiB */
    size_t messages; /* waiting; 0 means 1,024 */
    brio_ws_slow slow;
} brio_ws_queue;

/* What happened so far to all sockets of this loop. */
typedef struct brio_ws_counts {
    uint64_t opened, closed;
    uint64_t received;     /* messages, of both styles */
    uint64_t sent;         /* messages given to the kernel, or on their way to it */
    uint64_t dropped;      /* messages left out by policy */
    uint64_t coalesced;    /* of these, replaced by newer ones */
    uint64_t disconnected; /* connections cut by policy */
} brio_ws_counts;
/* All zero outside loops with sockets. */
BRIO_API brio_ws_counts brio_ws_count(void);

#ifdef __cplusplus
}
#endif
#endif
