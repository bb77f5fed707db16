/* SPDX-License-Identifier: MIT
 *
 * HTTP/2 in the server room: a connection of many requests.
 *
 * The session (<brio/h2.h>) reads and composes; a stream is what an exchange is
 * for HTTP/1.1, the record of one request, lent to the app. It has two
 * holders: the session while it is open, the app while it runs. When both let
 * go it returns to the worker's pool. */
#ifndef BRIO_SERVER_H2_INTERNAL_H
#define BRIO_SERVER_H2_INTERNAL_H

#include "server/server_internal.h"

enum { BRIO_SERVER_H2_OUT = 64 * 1024 }; /* bytes composed ahead of what the socket takes */

/* What becomes of the bytes of a body. */
typedef enum brio_server_sink {                            /* ORDER SINK */
                                BRIO_SERVER_UNDECIDED = 0, /* kept, until the turn's end */
                                BRIO_SERVER_COLLECTED,     /* the handler has it whole */
                                BRIO_SERVER_PIECES,        /* the handler reads it */
                                BRIO_SERVER_NOWHERE        /* nobody wants it */
} brio_server_sink;

struct brio_server_stream {
    brio_h2_stream h2;
    brio_exchange ex;
    brio_server_worker *worker;
    brio_server_h2 *conn; /* NULL: the stream is closed */
    brio_link link;       // brio_server_h2::streams, then brio_server_worker::strays
    brio_link ready;      // brio_server_h2::ready
    brio_server_h2 *home; /* counts it as lent; NULL: gone */
    brio_arena arena;
    brio_buf body;       /* collected, or received and not yet read */
    brio_buf lent;       /* the piece that the handler has */
    brio_buf kept;       /* the end of an answer that was not ours to borrow */
    brio_waiter *writer; /* the task in `write` or `sent` */
    brio_waiter *reader; /* the task in `read` */
    brio_time since;     /* loop clock: since when its body is waited for;
                            while `ending`: when the client has had its time */
    brio_time stuck;     /* loop clock: the client has not taken `taken` bytes more, if `owing` */
    uint64_t taken;      /* bytes of the answer's body that were composed then */
    bool owing;          /* there was more of it when last looked at */
    uint64_t limit;      /* of the body, in bytes */
    brio_time waited;    /* for its body, before `since` */
    brio_time begun;     /* loop clock: its handler, and `waited` before that */
    uint64_t received;   /* of the body */
    brio_server_sink sink;
    int failure; /* of the body: what `read` returns */
    int status;  /* answered */
    brio_server_tally tally;
    bool running; /* between brio_app_serve and `finished` */
    bool responded, complete, cancelled;
    bool parted;       /* the client has its answer, and not from the handler */
    brio_line *line;   /* the app's: bytes of another protocol */
    bool upgraded;     /* it is a line, or was one: h2_line.c */
    bool kept_by_line; /* the app has what is in `lent` */
    bool owes_written; /* `written` is to be told */
    bool line_closed;  /* the app wants no more of it */
    bool ending;       /* our side is ended */
    bool told_eof, told_stop;
    bool telling; /* that it is closed: until then it is held */
    char host[BRIO_SERVER_HOST_BYTES];
    brio_server_stream *next; /* spare */
};

struct brio_server_h2 {
    brio_h2 *session;
    brio_server_conn *conn;
    brio_link streams; // brio_server_stream::link
    brio_link ready;   // brio_server_stream::ready; to be acted on when the input is read
    brio_callback again;
    brio_buf out;    /* composed */
    brio_buf flying; /* being written, if in_flight */
    brio_time since; /* loop clock: the write under way, or a head, was last seen to move */
    brio_time every; /* how often streams are looked at */
    uint32_t lent;   /* streams that somebody holds */
    bool in_flight;
    bool inside; /* the session is at work: it must not be called again */
    bool quiet;  /* what was wrong is in the log */
};

/* ---- The connection (h2.c) --------------------------------------------------- */

/* Composes what may go out now. False without memory: the connection is dropped. */
bool brio_server_h2_pump(brio_server_h2 *h2);
/* Pumps, and writes from the loop's queue. */
void brio_server_h2_schedule(brio_server_h2 *h2);
/* Pumps and writes now. May close the connection. */
void brio_server_h2_advance(brio_server_h2 *h2);

/* ---- Streams (h2_stream.c, h2_body.c) ------------------------------------------ */

extern const brio_h2_events brio_server_h2_events;

static inline bool brio_server_stream_open(const brio_server_stream *s)
{
    return s->conn && !s->conn->conn->closing;
}

/* Does what came for a stream in this turn. */
void brio_server_stream_act(brio_server_stream *s);
/* Wakes the task that waits in `write`, or in `read`; harmless if none does. */
void brio_server_stream_wake_writer(brio_server_stream *s, int result);
void brio_server_stream_wake_reader(brio_server_stream *s, int result);
/* A complete answer without the app. */
void brio_server_stream_plain(brio_server_stream *s, int status);
void brio_server_stream_refuse(brio_server_stream *s, int status, const char *reason);

/* Releases it if nobody holds it any more. */
void brio_server_stream_let_go(brio_server_stream *s);
/* For the log and the numbers: the answer has begun; `bytes` of its body. */
void brio_server_stream_told(brio_server_stream *s, uint64_t bytes);

/* Looks whether a stream's patience is over (h2_pace.c). */
void brio_server_stream_check(brio_server_stream *s, brio_time now);
/* The client was waited for since s->since, and something came. */
void brio_server_stream_waited(brio_server_stream *s);
/* How often a connection's streams are looked at. */
brio_time brio_server_h2_every(const brio_server_options *o);

void brio_server_stream_body(brio_server_stream *s, brio_str piece);
/* The head is here and the turn is over: where the body goes. */
void brio_server_stream_decide(brio_server_stream *s);
int brio_server_stream_read(brio_exchange *ex, brio_str *ret_piece);

/* ---- Lines on streams (h2_line.c) -------------------------------------------------- */

/* brio_exchange.upgrade. */
int brio_server_stream_upgrade(brio_exchange *ex, const brio_http_response *response,
                               brio_line *line, brio_exchange **ret_ex);
/* Does what is due, at a turn's end. */
void brio_server_stream_line_act(brio_server_stream *s);
/* Bytes came, or went: it will be acted on. */
void brio_server_stream_line_moved(brio_server_stream *s);
void brio_server_stream_line_gone(brio_server_stream *s);  /* the stream is closed */
void brio_server_stream_line_stop(brio_server_stream *s);  /* the worker stops */
void brio_server_stream_line_alone(brio_server_stream *s); /* the request is over */

#endif
