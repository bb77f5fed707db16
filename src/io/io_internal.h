/* SPDX-License-Identifier: MIT
 *
 * What the parts of io share: the stream, and what the room keeps per loop.
 *
 * A stream lives on the heap until three things have happened: its owner
 * closed it, the loop gave the socket back, and no task is inside a call on it
 * any more (a woken task may be behind the one that closes). Waiters lie on
 * the stacks of the tasks that wait; whoever wakes one forgets it first. */
#ifndef BRIO_IO_INTERNAL_H
#define BRIO_IO_INTERNAL_H

#include <brio/io.h>
#include <brio/loop.h>
#include <brio/task.h>

enum { BRIO_IO_LIMIT = 64 * 1024 }; /* asyncio's: reading pauses above twice this */

/* One for each loop that has streams. */
typedef struct brio_io {
    brio_loop *loop;
    brio_link streams;   // brio_stream::link
    brio_link listeners; // brio_listener::link
} brio_io;

/* One wait on a stream or listener; on the waiting task's stack. */
typedef struct brio_io_wait {
    brio_waiter waiter;
    brio_stream *stream; /* waited on; for accept: what was accepted */
} brio_io_wait;

struct brio_stream {
    brio_sock sock;
    brio_io *io;
    brio_link link;   // brio_io::streams, or brio_listener::queue
    size_t users;     /* tasks suspended inside a call */
    bool in_loop;     /* the loop has not given the socket back */
    bool released;    /* the owner closed it */
    bool write_ended; /* a write was cancelled: only good for closing */
    bool paused;      /* reading stopped for too many unread bytes */

    brio_chunk *first, *last; /* unread */
    size_t at;                /* of the first unread byte, in `first` */
    size_t bytes;             /* unread, those lent included */
    size_t lent;              /* bytes of the line the owner looks at; consumed by the next read */
    size_t wanted;            /* bytes the reader waits for */
    brio_buf line;            /* a line that lay in several chunks */
    bool ended;
    int end_err;

    brio_io_wait *reader, *writer, *connecter;
};

/* ---- room.c ---- */
brio_io *brio_io_here(void); /* of the current loop; NULL without memory or tasks */

/* ---- stream.c ---- */
extern const brio_sock_events brio_io_events;
brio_stream *brio_io_stream_new(brio_io *io); /* NULL without memory */
/* Frees it if the owner, the loop and all tasks are done with it. */
void brio_io_stream_settle(brio_stream *stream);
/* Parks on `slot` of the stream. With a result < 0 the stream may be gone. */
int brio_io_wait_on(brio_stream *stream, brio_io_wait **slot, bool (*on_cancel)(brio_waiter *));
/* brio_checkpoint inside a call on the stream; likewise. */
int brio_io_checkpoint(brio_stream *stream);
/* Wakes whoever waits there. */
void brio_io_wake(brio_io_wait **slot, int result);

/* ---- listener.c ---- */
void brio_io_listeners_close(brio_io *io);

#endif
