/* SPDX-License-Identifier: MIT
 *
 * brio/line.h: a connection that speaks another protocol after its request. The
 * seam between a server and the app's WebSockets; a part of <brio/app.h>, which
 * includes it. For servers: handlers use <brio/websocket.h>.
 *
 * A line is bytes in both directions and nothing else, so a TCP socket, a TLS
 * session, a stream of HTTP/2 (RFC 8441) and the test client's buffers are all
 * one. It tells and is told; nothing here suspends, so that a connection that
 * waits needs no task, no stack and no buffer. The app has the struct in its own
 * memory, the server has a pointer to it. All of it happens on the loop's thread. */
#ifndef BRIO_LINE_H
#define BRIO_LINE_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_line brio_line;

/* What the server tells. It calls none of them inside brio_exchange.upgrade or
 * inside `write`; in each of them the app may write, resume and close. */
typedef struct brio_line_events {
    /* `len` > 0 bytes arrived. They may be changed in place. True: all were taken,
     * and the memory is the server's again. False: the app keeps them, as they
     * are; nothing more is told of until `resume`. */
    bool (*data)(brio_line *line, char *data, size_t len);
    /* Nothing more will come, or something is to be ended. At most once each:
     * 0: the peer ended its side, and may still read;
     * -EPIPE: the connection is broken: neither reading nor writing;
     * -ESHUTDOWN: the server stops: say goodbye and close;
     * -ECANCELED: its patience is over: whatever still runs is to be cancelled. */
    void (*ended)(brio_line *line, int why);
    /* The write that returned 0 is done; its bytes may be reused. Not after -EPIPE. */
    void (*written)(brio_line *line);
    /* The line is gone; the struct and all bytes lent to `write` are the app's
     * again. Always, once, last; not between a `data` that was kept and its
     * `resume`. Perhaps inside `resume`, or inside a `close` without `abort`. */
    void (*closed)(brio_line *line);
    /* How long the peer may take to end its side when what was written before a `close`
     * is out; BRIO_NEVER: as long as it likes. It is asked then, and tells nothing. A
     * server that stops waits for 2 s at most. NULL: 2 s. */
    brio_time (*patience)(brio_line *line);
} brio_line_events;

/* What the app asks for. */
typedef struct brio_line_ops {
    /* Sends up to BRIO_LINE_PARTS parts in order. 1: all bytes are with the kernel
     * (or copied); 0: they stay borrowed until `written`, or `closed`, and nothing
     * else may be written before; -EPIPE: the line is broken or closing. */
    int (*write)(brio_line *line, const brio_str *parts, size_t n);
    /* The bytes that `data` kept are done with: go on. Told of at once, or later. */
    void (*resume)(brio_line *line);
    /* Ends the line when what was written is out, giving the peer a moment to
     * read it (brio_line_events.patience); `abort`: at once. `ended` is not called any more. Later closes and
     * writes have no effect. */
    void (*close)(brio_line *line, bool abort);
} brio_line_ops;

enum { BRIO_LINE_PARTS = 64 };

struct brio_line {
    const brio_line_events *events; /* the app's; borrowed */
    const brio_line_ops *ops;       /* set by brio_exchange.upgrade, as is the next */
    void *carrier;                  /* the server's own */
};

#ifdef __cplusplus
}
#endif
#endif
