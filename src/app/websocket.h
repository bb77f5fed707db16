/* SPDX-License-Identifier: MIT
 *
 * What a WebSocket is inside the app room.
 *
 *     brio_app_socket   as long as the connection: small, of a pool, never moves; a
 *                       handle to it stays harmless because the memory stays
 *     brio_app_talk     while something happens on it: the reader, the handler's task.
 *                       Coroutine style: for life. Event style: while bytes are in
 *                       motion or a handler runs
 *     brio_app_outbox   while frames wait for the kernel
 *
 * Sockets of one route lie in slabs of their own, whose head knows route and home,
 * so that a socket need not. The home is what all sockets of a loop share. */
#ifndef BRIO_APP_WEBSOCKET_H
#define BRIO_APP_WEBSOCKET_H

#include "app/app_internal.h"

#include <brio/sync.h>
#include <brio/ws.h>

enum {
    BRIO_APP_SLAB = 256 * 1024,     /* bytes of a slab, and what its address is a multiple of */
    BRIO_APP_STATE_MAX = 16 * 1024, /* bytes of an event-style socket's State */
    BRIO_APP_SPARE = 256,           /* talks and outboxes kept for the next one */
    BRIO_APP_KEPT_OUT = 64 * 1024, /* bytes: of an output buffer that is kept, or written at once */
    BRIO_APP_SLAB_HEAD = 64,       /* bytes of a slab before its first socket */
    BRIO_APP_AHEAD = 64 * 1024,    /* bytes of messages that are read ahead */
    BRIO_APP_REASON_MAX = 123      /* bytes of a close frame's reason */
};

typedef struct brio_app_home brio_app_home;
typedef struct brio_app_socket brio_app_socket;
typedef struct brio_app_talk brio_app_talk;
typedef struct brio_app_outbox brio_app_outbox;

/* ---- Frames (frame.c) ------------------------------------------------------ */

struct brio_ws_frame {
    uint32_t refs;
    uint32_t messages; /* in it: 1, or several that were composed behind each other */
    bool binary;
    uint8_t head; /* bytes before the message */
    uint8_t key_len;
    char *key;  /* owned; NULL: none */
    char *data; /* owned */
    size_t len;
    brio_ws_frame *packed; /* the same compressed, standing alone; owned; NULL: none ... */
    bool packed_tried;     /* ... and there will be none */
};

/* Takes what was composed over: `buf` is empty then. NULL without memory, and `buf`
 * is as it was. */
brio_ws_frame *brio_app_frame_of_buf(brio_buf *buf, uint32_t messages);
/* The form of a frame that goes out to `s`: borrowed from it. */
brio_ws_frame *brio_app_frame_for(brio_app_socket *s, brio_ws_frame *frame);
/* `data` is UTF-8 if it is text. NULL: no memory. */
brio_ws_frame *brio_app_frame_new(brio_str data, bool text);

/* ---- Sockets (sockets.c) ----------------------------------------------------- */

/* All sockets of one route. */
typedef struct brio_app_pool {
    struct brio_app_pool *next;
    brio_app_home *home;
    const brio_app_route *route;
    brio_app *app;
    size_t size; /* bytes of each */
    struct brio_app_slab *slabs;
    brio_app_socket *free;
    size_t live;
    size_t meter_at;  /* where a socket's meter is; 0: it has none */
    brio_timer clock; /* of the pings */
    uint8_t tick;     /* of it */
} brio_app_pool;

/* How much a client has sent in this second; with .ws.rate. */
typedef struct brio_app_meter {
    brio_time since;
    uint32_t n;
} brio_app_meter;

typedef struct brio_app_slab {
    brio_app_pool *pool;
    struct brio_app_slab *next;
    size_t used; /* bytes carved */
} brio_app_slab;

struct brio_app_home {
    brio_loop *loop;
    brio_app_pool *pools;
    brio_app_talk *spare_talks;
    brio_app_outbox *spare_outboxes;
    size_t n_talks, n_outboxes;
    brio_app_outbox *dirty, **dirty_end; /* with frames of this turn */
    brio_callback flush;
    brio_buf cork; /* messages of `corked`, of this turn */
    uint32_t cork_n;
    brio_app_socket *corked; /* NULL: none */
    brio_waiter *ending;     /* the shutdown, waiting for the last socket */
    brio_ws_counts counts;
    brio_ws_pool shared; /* buffers and (de)compressors */
};

struct brio_app_socket {
    brio_line line;
    uint64_t turn;        /* of this place; 0: never used */
    brio_app_outbox *out; /* NULL: nothing waits */
    brio_ws_hook *hooks;
    union {
        brio_app_talk *talk;   /* NULL: nothing happens */
        brio_app_socket *next; /* free */
    };
    uint16_t code;           /* how it ended; 0: open */
    bool events : 1;         /* event style */
    bool accepted : 1;       /* the 101 is out */
    bool attached : 1;       /* the line is there: `closed` has not been called */
    bool closed : 1;         /* a close frame is out, or need not be sent */
    bool leaving : 1;        /* the line ends when the outbox is empty */
    bool blocked : 1;        /* the line's `written` is to come */
    bool lost : 1;           /* nothing can be written any more */
    bool entered : 1;        /* event style: open has succeeded, close has not run */
    bool held : 1;           /* a request, or the dispatch, still uses it */
    bool pinned : 1;         /* ... and whoever looks at it */
    bool pinged : 1;         /* and not heard of since */
    uint8_t heard;           /* tick of its pool's clock when something came */
    brio_ws_deflate deflate; /* as agreed on */
};
_Static_assert(sizeof(void *) != 8 || sizeof(brio_app_socket) <= 64, "an idle socket is small");

static inline brio_app_pool *brio_app_pool_of(const brio_app_socket *s)
{
    uintptr_t mask = BRIO_APP_SLAB - 1;
    return ((const brio_app_slab *)((uintptr_t)s & ~mask))->pool;
}
static inline brio_app_home *brio_app_home_of(const brio_app_socket *s)
{
    return brio_app_pool_of(s)->home;
}
/* Behind the socket. */
static inline void *brio_app_state_of(brio_app_socket *s)
{
    return s + 1;
}

/* What is said about it. */
static inline const brio_websocket_options *brio_app_options_of(const brio_app_socket *s)
{
    return brio_app_pool_of(s)->route->socket_options;
}

/* What is agreed on about compression: *ret, and the value of the answer's
 * Sec-WebSocket-Extensions, empty for none. 0; 400, refuse. (socket_options.c) */
int brio_app_socket_agree(const brio_request *req, brio_ws_deflate *ret,
                          brio_str *ret_header) BRIO_CHECKED;

/* A socket for a route, zeroed but for its turn. NULL: no memory. */
brio_app_socket *brio_app_socket_acquire(brio_app *app, const brio_app_route *route);
/* Back to its pool, if the line is gone and nobody holds it. */
void brio_app_socket_release(brio_app_socket *s);
/* It stops taking messages: calls its hooks. Again does no harm. */
void brio_app_socket_shut(brio_app_socket *s);
/* The socket that a handle means; NULL: gone. */
brio_app_socket *brio_app_socket_of(brio_ws_ref ref);

/* ---- Talks (sockets.c) --------------------------------------------------------- */

typedef struct brio_app_goodbye {
    int code; /* 0: nothing was said */
    brio_str reason;
} brio_app_goodbye;

/* A message that came before it was asked for. */
typedef struct brio_app_ahead {
    struct brio_app_ahead *next;
    size_t len;
    bool binary, more;
    char data[];
} brio_app_ahead;

/* A frame that waits until a message in pieces is over. */
typedef struct brio_app_later {
    struct brio_app_later *next;
    brio_ws_frame *frame;
} brio_app_later;

struct brio_app_talk {
    union {
        brio_app_socket *socket;
        brio_app_talk *next; /* spare */
    };
    brio_ws_conn conn;
    const brio_app_pool *fits; /* whose plain sockets `conn` is inited for; NULL: none */
    brio_str rest;             /* received and not read */
    bool kept;                 /* ... and the line's to get back */
    bool asking; /* coroutine: in `resume`: what comes is for it, and it reads itself */
    bool waited; /* coroutine: its task has waited for a message */
    bool rested; /* ... and has given back what its stack needs no more since it ran */
    bool within; /* coroutine: it is in the request's arena */
    bool saying; /* an event of `conn` waits in `event` */
    brio_ws_event event;
    int ended;                                 /* what the line said: 1: nothing yet */
    brio_waiter *reader;                       /* coroutine: the task in receive */
    brio_app_ahead *ahead, *ahead_last, *lent; /* coroutine: messages read ahead; the newest
                                                  that was handed out */
    uint32_t n_ahead;
    size_t ahead_bytes;
    brio_lock sending;                  /* coroutine: who composes */
    bool piecing;                       /* coroutine: ... and goes on with its message */
    brio_app_later *later, **later_end; /* what was posted meanwhile */
    size_t n_later;
    brio_task *task;          /* event style: the one that runs handlers */
    bool inside;              /* ... and has not read to the end */
    brio_callback again;      /* event style: goes on from the loop's queue */
    brio_arena scratch;       /* until the next message */
    brio_app_goodbye goodbye; /* of brio_ws_fail */
    uint8_t reason_len;
    char *reason; /* owned; NULL: none */
    char key[BRIO_WS_ACCEPT_LEN];
    brio_str extensions; /* until it is accepted: the answer's header; empty: none */
};

/* A talk for the socket, whose connection is as agreed on; not NULL again until released. NULL: no
 * memory. */
brio_app_talk *brio_app_talk_begin(brio_app_socket *s);
/* The same in zeroed memory of the request's arena. */
brio_app_talk *brio_app_talk_begin_in(brio_app_socket *s, void *room);
void brio_app_talk_end(brio_app_socket *s);
/* Forgets what was read ahead. (websocket.c) */
void brio_app_ahead_drop(brio_app_talk *t);
/* Inits its connection, by the route's options and what is agreed on. */
void brio_app_talk_conn(brio_app_socket *s);
/* Remembers how the connection ended, the first time. */
void brio_app_talk_close_code(brio_app_socket *s, int code, brio_str reason);

/* ---- Receiving (socket_clock.c) ---------------------------------------------------- */

/* Something came: it is alive. */
static inline void brio_app_socket_heard(brio_app_socket *s)
{
    s->heard = brio_app_pool_of(s)->tick;
    s->pinged = false;
}
/* Pings the silent ones of a route, and ends those that do not answer, while there are any. */
void brio_app_clock_start(brio_app_pool *pool);
void brio_app_clock_stop(brio_app_pool *pool);
/* How long its client may take to answer a close: brio_line_events.patience. */
brio_time brio_app_socket_patience(brio_line *line);
/* Counts what a client has sent; false: too much, and it is to be closed with 1008. */
bool brio_app_socket_count(brio_app_socket *s);
/* Coroutine: the task in receive looks again. (websocket.c) */
void brio_app_wake_receiver(brio_app_socket *s);
/* Ends the connection: whoever waits for a message is told. */
void brio_app_socket_end_with(brio_app_socket *s, int code, brio_str reason);

/* ---- Sending (outbox.c) ---------------------------------------------------------- */

struct brio_app_outbox {
    union {
        brio_app_outbox *next_dirty; /* while `dirty` */
        brio_app_outbox *next;       /* spare */
    };
    brio_app_socket *socket;
    brio_ws_frame **frames; /* ring of `cap` */
    uint32_t cap, head, n;
    uint32_t flying; /* of the oldest: with the line */
    size_t bytes;    /* of all */
    bool dirty;
    brio_link drained; // brio_waiter::link: tasks that wait until it is empty
    brio_ws_frame *own[4];
};

/* The i-th oldest. */
brio_ws_frame **brio_app_outbox_frame(const brio_app_outbox *o, uint32_t i);
/* Gives its reference back; it stays in the ring. */
void brio_app_outbox_forget(brio_app_outbox *o, uint32_t i);
/* Takes the reference, also when it fails: -ENOMEM, also for NULL. */
int brio_app_outbox_push(brio_app_socket *s, brio_ws_frame *frame) BRIO_CHECKED;
/* Hands to the line what it takes. */
void brio_app_outbox_write(brio_app_socket *s);
/* It goes out at the end of the turn. */
void brio_app_outbox_dirty(brio_app_socket *s);
/* What is composed for the socket goes the way of frames. */
int brio_app_outbox_take_cork(brio_app_socket *s) BRIO_CHECKED;

typedef enum brio_app_say { /* ORDER SAY */
                            BRIO_APP_SAY_TEXT = 0,
                            BRIO_APP_SAY_BYTES,
                            BRIO_APP_SAY_PING,
                            BRIO_APP_SAY_PONG,
                            BRIO_APP_SAY_TEXT_PIECE, /* of a message, and not its last */
                            BRIO_APP_SAY_BYTES_PIECE,
                            BRIO_APP_SAY_TEXT_LAST,
                            BRIO_APP_SAY_BYTES_LAST
} brio_app_say;

/* Composes a message behind what this turn has said to the socket: it goes out at the
 * end of the turn, or with brio_app_uncork. Without limit: who calls often waits for
 * brio_app_drained. 0, BRIO_ECLOSED, -ENOMEM. */
int brio_app_say_now(brio_app_socket *s, brio_app_say what, brio_str data) BRIO_CHECKED;
/* The same within the route's limits. Also BRIO_EOVERLOAD. */
int brio_app_say_within(brio_app_socket *s, brio_app_say what, brio_str data) BRIO_CHECKED;
/* Says goodbye and ends the line when all is out. `code` BRIO_WS_ABNORMAL: without a word. */
void brio_app_say_close(brio_app_socket *s, int code, brio_str reason);
/* A message in pieces is over: what was posted meanwhile follows. (post.c) */
void brio_app_say_later(brio_app_socket *s);
/* Writes what was composed for it. */
void brio_app_uncork(brio_app_socket *s);
/* Suspends until the kernel has all. 0, BRIO_ECLOSED, -ECANCELED. */
int brio_app_drained(brio_app_socket *s) BRIO_CHECKED;
/* The line's `written`, and its end. */
void brio_app_outbox_written(brio_app_socket *s);
void brio_app_outbox_drop(brio_app_socket *s, bool gone);
/* Ends the line without waiting for anything. */
void brio_app_cut(brio_app_socket *s);
void brio_app_flush_dirty(brio_callback *cb);

/* ---- Event style (socket_events.c) ------------------------------------------------- */

extern const brio_line_events brio_app_event_line;
extern const brio_line_events brio_app_coroutine_line;
/* Calls the route's open handler. Suspends. */
int brio_app_events_open(brio_request *req, const void *in, brio_websocket *ws) BRIO_CHECKED;
/* The request is over, the socket goes on. */
void brio_app_events_begin(brio_app_socket *s);
/* A slow client was cut, or somebody ended it: what has to follow. */
void brio_app_events_ended(brio_app_socket *s);

#endif
