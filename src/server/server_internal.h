/* SPDX-License-Identifier: MIT
 *
 * What the parts of the server room share.
 *
 * A connection (brio_server_conn) is small and lives as long as its socket.
 * Everything a request needs (parser, input, output, arena) is an exchange
 * (brio_server_exchange), lent to a connection by a pool while bytes are in
 * motion: an idle connection has none. An exchange has up to two holders, the
 * connection and the app; it goes back to the pool when both let go, so
 * background tasks keep theirs while the connection moves on with another.
 * One worker owns it all and is one loop in one process. */
#ifndef BRIO_SERVER_INTERNAL_H
#define BRIO_SERVER_INTERNAL_H

#include <brio/app.h>
#include <brio/http.h>
#include <brio/io.h>
#include <brio/loop.h>
#include <brio/server.h>
#include <brio/task.h>

#include <signal.h>
#include <sys/types.h>

enum {
    BRIO_SERVER_FLUSH_AT = 32 * 1024,   /* bytes of output that are not held back any longer */
    BRIO_SERVER_READ_AHEAD = 64 * 1024, /* bytes read while a handler runs; then reading stops */
    BRIO_SERVER_DRAIN = 64 * 1024,      /* bytes of a body nobody read that are thrown away to keep
                                           the connection */
    BRIO_SERVER_POOL = 256,             /* spare exchanges kept */
    BRIO_SERVER_KEEP_BYTES = 64 * 1024, /* of a buffer in a spare exchange */
    BRIO_SERVER_HOST_BYTES = 40         /* the longest IPv6 text */
};

typedef struct brio_server_worker brio_server_worker;
typedef struct brio_server_conn brio_server_conn;
typedef struct brio_server_exchange brio_server_exchange;
typedef struct brio_server_guest brio_server_guest;
typedef struct brio_server_metrics brio_server_metrics;
typedef struct brio_server_counts brio_server_counts;

/* What is to be told of an answer. Part of an exchange. */
typedef struct brio_server_tally {
    brio_time begun; /* monotonic; 0: nobody wants to know */
    uint64_t bytes;  /* of the body, so far */
    int status;
    bool told;
} brio_server_tally;
typedef struct brio_server_inlet brio_server_inlet;
typedef struct brio_server_h2 brio_server_h2;
typedef struct brio_server_stream brio_server_stream;

typedef struct brio_server_identity brio_server_identity;

#include "server/pace.h" /* below what they need */
#include "server/sockets.h"
#include "server/wire.h"

/* ---- Options (options.c) ------------------------------------------------- */

/* brio_server_options with every zero replaced; `http` likewise. Returns 0 or
 * -EINVAL with one log line. */
int brio_server_resolve(brio_server_options *ret, const brio_server_options *options) BRIO_CHECKED;
/* One line with all of them. `backend` is the name of the one chosen. */
void brio_server_log_options(const brio_server_options *o, const char *backend);

/* ---- Signals (signals.c) ------------------------------------------------- */

/* Takes over SIGTERM and SIGINT (with `reloads` SIGHUP, too; a supervisor that and
 * SIGCHLD; its workers ignore SIGINT and SIGHUP) until close, for the whole process. Their
 * numbers can be read from the descriptor. Returns it, -EBUSY, -errno. */
typedef enum brio_server_role { /* ORDER ROLE */
                                BRIO_SERVER_ALONE = 0,
                                BRIO_SERVER_SUPERVISOR,
                                BRIO_SERVER_CHILD
} brio_server_role;
int brio_server_signals_open(brio_server_role role, bool reloads) BRIO_CHECKED;
int brio_server_signals_next(void) BRIO_CHECKED; /* a signal's number, or 0: no more */
void brio_server_signals_close(void);            /* and restores all dispositions */
/* Around fork: keeps signals from the child until it has handlers of its own. */
void brio_server_signals_block(sigset_t *ret_before);
void brio_server_signals_unblock(const sigset_t *before);

/* ---- Timeouts (timeouts.c) ----------------------------------------------- */

enum { BRIO_SERVER_SLOTS = 256 };
#define BRIO_SERVER_NO_TICK UINT32_MAX

/* What a connection waits for; says what happens at its deadline. */
typedef enum brio_server_phase {                        /* ORDER PHASE */
                                 BRIO_SERVER_BUSY = 0,  /* a handler runs: no limit */
                                 BRIO_SERVER_IDLE,      /* between requests: closed silently */
                                 BRIO_SERVER_HEAD,      /* 408 */
                                 BRIO_SERVER_BODY,      /* 408, also to the handler that reads it */
                                 BRIO_SERVER_WRITING,   /* cut off unless bytes moved */
                                 BRIO_SERVER_STREAMS,   /* HTTP/2: each is looked at */
                                 BRIO_SERVER_HANDSHAKE, /* of TLS: closed silently */
                                 BRIO_SERVER_LINGERING  /* closed */
} brio_server_phase;

/* A timer wheel that is late on purpose: see timeouts.c. */
typedef struct brio_server_wheel {
    brio_timer timer;
    brio_time origin;
    uint32_t done;                      /* ticks up to here are dealt with */
    uint32_t armed;                     /* the timer's tick, or NO_TICK */
    size_t n;                           /* connections in the slots */
    brio_link slots[BRIO_SERVER_SLOTS]; // brio_server_conn::wheel
} brio_server_wheel;

void brio_server_wheel_init(brio_server_worker *w);
void brio_server_wheel_fini(brio_server_worker *w);
/* The connection's one deadline: `after` ns from now; BRIO_NEVER: none; 0 or less: it
 * is over, and calling again does not put that off. */
void brio_server_deadline(brio_server_conn *conn, brio_server_phase phase, brio_time after);
void brio_server_deadline_remove(brio_server_conn *conn);

/* ---- Connections (conn.c, flow.c, input.c, body.c) --------------------------------------- */

struct brio_server_conn {
    brio_sock sock;
    brio_link wheel;            // brio_server_wheel::slots
    brio_server_worker *worker; /* NULL: a free place (conns.c) */
    union {
        brio_server_exchange *x; /* NULL while idle, and of HTTP/2 */
        brio_server_conn *next;  /* free */
    };
    brio_server_tls *tls; /* NULL: in clear */
    union {
        char host[BRIO_SERVER_HOST_BYTES];
        brio_server_proxy *proxy; /* while `proxied` */
        struct {                  /* while `upgraded` */
            uint8_t address[16];
            brio_chunk *held;         /* received for the line, oldest first */
            brio_server_guest *guest; /* the app's, while its handler runs; or NULL */
        };
    };
    uint32_t deadline; /* tick, or NO_TICK */
    uint32_t check;    /* tick of the slot it is in; 0: in none */
    uint32_t acked;    /* bytes the client had acknowledged when last looked at, cut */
    union {
        brio_line *line;    /* the app's: bytes of another protocol */
        brio_server_h2 *h2; /* while `http2` */
    };
    uint16_t port;
    uint8_t phase; /* brio_server_phase */
    uint8_t host_len;
    uint8_t inlet;      /* which of the worker's it came in by */
    bool known : 1;     /* host and port are filled in */
    bool trusted : 1;   /* it may say whom it speaks for */
    bool eof : 1;       /* the client sends no more */
    bool paused : 1;    /* reading is stopped */
    bool last : 1;      /* no further request: closes after the output */
    bool linger : 1;    /* the client may still be sending: half-close first */
    bool closing : 1;   /* brio_sock_close was called */
    bool used : 1;      /* a request was read */
    bool excess : 1;    /* beyond limit_connections */
    bool proxied : 1;   /* its PROXY header is not complete yet */
    bool spared : 1;    /* its deadline was put off once, because the wheel was late */
    bool counted : 1;   /* in brio_server_worker::addresses */
    bool http2 : 1;     /* it speaks HTTP/2: h2.c */
    bool upgraded : 1;  /* it is a line, or was one: line.c */
    bool opening : 1;   /* ... whose request's input is not moved yet */
    bool kept : 1;      /* the app has the first held chunk */
    bool told_eof : 1;  /* ... of the end of the client's side */
    bool told_stop : 1; /* ... that the worker stops */
    bool shell : 1;     /* the socket is closed, the app still has the chunk */
};
_Static_assert(sizeof(void *) != 8 || sizeof(brio_server_conn) <= 184,
               "an idle connection is small: a silent WebSocket is it and 64 bytes");

/* The places of a worker's connections. */
typedef struct brio_server_conns {
    struct brio_server_conn_slab *slabs;
    brio_server_conn *free;
} brio_server_conns;

/* A place, zeroed but for its worker; NULL: no memory. */
brio_server_conn *brio_server_conns_take(brio_server_worker *w);
void brio_server_conns_give(brio_server_conn *conn);
/* The connection behind `conn`, or the first behind NULL; NULL: there are no more. Others
 * may come and go meanwhile, this one too. */
brio_server_conn *brio_server_conns_next(const brio_server_worker *w, const brio_server_conn *conn);
void brio_server_conns_fini(brio_server_worker *w);

void brio_server_conn_open(brio_server_inlet *inlet, int fd);
/* Closes without regard to a handler; again does no harm. */
void brio_server_conn_close(brio_server_conn *conn);
/* Above the limit a connection is told so, without waiting for its request; in clear
 * its first bytes tell in which words, if both could be. `protocol` as for
 * brio_server_conn_begin. */
void brio_server_conn_turn_away(brio_server_conn *conn, brio_str protocol);
/* Nothing it may say would be understood: answers, and ends. `reason` is static. */
void brio_server_conn_refuse_now(brio_server_conn *conn, int status, const char *reason);
/* Answers the parser's refusal; the connection ends after it. */
void brio_server_conn_refuse(brio_server_conn *conn);
/* The exchange goes its own way, and the connection takes another. False: no memory. */
bool brio_server_conn_part(brio_server_conn *conn);
/* Is there room for one more of this address? */
bool brio_server_conn_enter(brio_server_conn *conn);
/* Goes on with whatever the connection can do now; ends with the output's
 * flush. May close it. */
void brio_server_conn_advance(brio_server_conn *conn);
/* The client is gone or is to be: cancels the handler, closes, drops output. */
void brio_server_conn_drop(brio_server_conn *conn);
void brio_server_conn_know(brio_server_conn *conn); /* fills in host, port and trusted */
/* The same with what is known from elsewhere. `local`: the peer of a Unix socket. */
void brio_server_conn_name(brio_server_conn *conn, brio_str host, uint16_t port, bool local);
/* The host as text, also when it is upgraded; `buf` may keep it. */
brio_str brio_server_conn_host(const brio_server_conn *conn, char buf[BRIO_SERVER_HOST_BYTES]);
/* Keeps the host in fewer bytes, since it becomes a line. */
void brio_server_conn_fold(brio_server_conn *conn);
/* A client that does not read: closed with a reset. */
void brio_server_conn_cut_off(brio_server_conn *conn);
void brio_server_conn_expired(brio_server_conn *conn);
/* Throws away what is left of a body that its handler did not read. True when
 * there is no more to come; false: bytes are waited for. */
bool brio_server_conn_drain(brio_server_conn *conn);
/* A write is under way: from now on the client is expected to read. */
void brio_server_conn_await_reader(brio_server_conn *conn);
/* The socket is closed and nobody holds anything. */
void brio_server_conn_free(brio_server_conn *conn);
/* At a stop. One that has not been used yet gets a second for its request. */
void brio_server_conn_close_idle(brio_server_conn *conn);

void brio_server_input_push(brio_server_exchange *x, brio_chunk *chunk);
bool brio_server_input_any(const brio_server_exchange *x);
/* Gives chunks that are read to their end back; not one a request points into. */
void brio_server_input_trim(brio_server_exchange *x);
void brio_server_input_drop(brio_server_exchange *x);
/* Gives away what is unread; what a request of `x` points into stays. */
brio_chunk *brio_server_input_take(brio_server_exchange *x);
/* Hands what is unread to `to`; what a request of `x` points into stays. */
void brio_server_input_move(brio_server_exchange *x, brio_server_exchange *to);

/* ---- Exchanges (exchange.c) ---------------------------------------------- */

struct brio_server_exchange {
    brio_exchange ex;
    brio_server_worker *worker;
    brio_server_conn *conn; /* NULL: it is gone or moved on */
    brio_callback again;    /* advances the connection from the queue */
    brio_arena arena;

    brio_chunk *in, *in_last; /* received, oldest first; `rest` is in the first */
    brio_str rest;            /* its unread part */
    size_t queued;            /* unread bytes of all */

    brio_buf out;    /* to be written */
    brio_buf flying; /* being written, if in_flight */
    brio_str large;  /* a body behind `out`, or behind `flying`: borrowed from the app */
    brio_time waits_since, waited; /* for the body: since when, and before (pace.c); 0: no more */
    uint64_t came;                 /* bytes of it since it is waited for */
    brio_time answer_by;           /* when its handler has to have begun the answer, or NEVER */
    brio_waiter *waiter;           /* the task in `write` or `sent` */
    brio_waiter *reader;           /* the task in `read` */
    brio_time asked;               /* loop clock: since when it waits */
    bool in_flight;                /* a write is under way ... */
    bool large_flies;              /* ... and `large` is part of it */

    bool running;   /* between brio_app_serve and `finished` */
    bool serving;   /* inside brio_app_serve */
    bool responded; /* the head is composed */
    bool complete;  /* the whole answer is */
    bool cancelled;
    bool upgraded; /* the bytes are another protocol's: line.c */
    bool draining; /* the answer is complete, the body is not */
    int status;    /* answered */
    brio_server_tally tally;
    char host[BRIO_SERVER_HOST_BYTES]; /* the client's; outlives the connection */

    union {
        brio_server_exchange *next; /* spare */
        brio_link link;             // brio_server_worker::orphans
    };
    brio_http_conn http;
};

brio_server_exchange *brio_server_exchange_acquire(brio_server_conn *conn); /* NULL: no memory */
void brio_server_exchange_release(brio_server_exchange *x);
void brio_server_exchange_pool_fini(brio_server_worker *w);
/* Who asks for what: fills in what the app is lent. */
void brio_server_exchange_introduce(brio_server_exchange *x);
/* The answer's head is composed, and so many bytes of its body are known. */
void brio_server_exchange_told(brio_server_exchange *x, uint64_t bytes);
/* Runs the request that was just parsed; may be over when it returns. */
void brio_server_exchange_start(brio_server_exchange *x);
/* Is this peer on the list, written as forwarded_allow_ips? `local`: it came by a
 * Unix socket. (forwarded.c) */
bool brio_server_listed(const char *list, brio_str host, bool local);
/* The client and the scheme as the proxy says. */
void brio_server_forwarded(brio_exchange *ex, const brio_server_options *o);
/* Tells the app who asks, and how: client, scheme. `host` keeps the text. */
void brio_server_introduce(brio_exchange *ex, brio_server_conn *conn,
                           char host[BRIO_SERVER_HOST_BYTES]);
/* No more requests may run. */
bool brio_server_overloaded(const brio_server_worker *w);
/* The request is over: ready to parse the next. */
void brio_server_exchange_done(brio_server_exchange *x);
void brio_server_exchange_cancel(brio_server_exchange *x);
/* The connection lets go. */
void brio_server_exchange_leave(brio_server_exchange *x);
void brio_server_exchange_wake(brio_server_exchange *x, int result);
/* Suspends until the write under way is done. */
int brio_server_exchange_written(brio_server_exchange *x);
/* Writes what was composed. Suspends until it is with the kernel. 0, -EPIPE, -ECANCELED. */
int brio_server_exchange_flush(brio_server_exchange *x);
/* brio_exchange.send_file (sendfile.c). */
int brio_server_send_file(brio_exchange *ex, int fd, uint64_t offset, uint64_t count);
/* Goes on with the connection from the loop's queue. */
void brio_server_exchange_schedule(brio_server_exchange *x);

/* ---- Bodies in pieces (body.c) ------------------------------------------- */

/* brio_exchange.read. */
int brio_server_body_read(brio_exchange *ex, brio_str *ret_piece);
/* Suspends until bytes came, or the end; a client that is silent for `limit` is
 * a 408. */
int brio_server_body_wait(brio_server_exchange *x, brio_time limit);
/* Wakes the task that waits for a piece; harmless if none does. */
void brio_server_body_wake(brio_server_exchange *x, int result);

#include "server/protocols.h"

/* ---- Output (output.c) --------------------------------------------------- */

/* Composes into x->out. */
void brio_server_output_response(brio_server_exchange *x, const brio_http_response *response);
void brio_server_output_plain(brio_server_exchange *x, int status); /* uvicorn's text answers */
void brio_server_output_refusal(brio_server_exchange *x);
/* Writes what was composed. 1: all with the kernel; 0: on_written will come;
 * < 0: the connection is broken. */
int brio_server_output_flush(brio_server_conn *conn) BRIO_CHECKED;
/* The write that was under way is done. */
void brio_server_output_landed(brio_server_exchange *x);
/* True if the client took enough bytes since it was last asked (conn->acked). */
bool brio_server_output_moved(brio_server_conn *conn);

/* ---- What is told of answers (access_log.c, metrics.c) -------------------- */

typedef enum brio_server_access { /* ORDER ACCESS */
                                  BRIO_SERVER_ACCESS_NONE = 0,
                                  BRIO_SERVER_ACCESS_UVICORN,
                                  BRIO_SERVER_ACCESS_JSON,
                                  BRIO_SERVER_ACCESS_LINES
} brio_server_access;
/* What the options ask for, if the log is written as JSON or not. */
brio_server_access brio_server_access_of(const brio_server_options *o, bool json);

void brio_server_tally_begin(const brio_server_worker *w, brio_server_tally *t);
/* The head is composed. */
void brio_server_answer_begins(const brio_server_worker *w, const brio_exchange *ex, int status);
/* The answer is complete, or will never be; again does no harm. */
void brio_server_answer_ends(const brio_server_worker *w, const brio_exchange *ex,
                             brio_server_tally *t);

/* Memory for the numbers of all workers; *ret is NULL if nobody wants them. Before
 * the fork. */
int brio_server_metrics_open(brio_server_metrics **ret, const brio_server_options *o) BRIO_CHECKED;
void brio_server_metrics_close(brio_server_metrics *m);
/* This worker counts in them, if they are there. */
void brio_server_metrics_join(brio_server_worker *w, brio_server_metrics *m, unsigned generation);
void brio_server_metrics_leave(const brio_server_worker *w);
void brio_server_metrics_note(const brio_server_worker *w, const brio_exchange *ex,
                              const brio_server_tally *t);
void brio_server_metrics_refused(const brio_server_worker *w);
void brio_server_metrics_handshake(const brio_server_worker *w, brio_server_shake how);
void brio_server_metrics_opened(const brio_server_worker *w);
void brio_server_metrics_closed(const brio_server_worker *w);
void brio_server_metrics_running(const brio_server_worker *w); /* n_running has changed */
/* True: the request was for the numbers, and is answered and finished. Only with w->metrics. */
bool brio_server_metrics_serve(brio_server_worker *w, brio_exchange *ex);
/* Numbers of the app's parts (metrics_numbers.c): before the loop, in it, and their text. */
void brio_server_numbers_join(brio_server_worker *w);
void brio_server_numbers_start(brio_server_worker *w);
void brio_server_numbers_stop(brio_server_worker *w);
void brio_server_numbers_print(brio_server_worker *w, brio_buf *out);

void brio_server_slow_log(brio_server_conn *conn);
void brio_server_refusal_log(brio_server_conn *conn, const char *reason, int status);
void brio_server_h2_log(brio_server_conn *conn, const char *reason);
void brio_server_overdue_log(brio_server_conn *conn, const brio_http_request *req);

/* ---- Workers (worker.c, stop.c) ------------------------------------------ */

typedef enum brio_server_mode { /* ORDER MODE */
                                BRIO_SERVER_SERVING = 0,
                                BRIO_SERVER_RETIRING, /* a successor accepts: idle connections may
                                                         time out */
                                BRIO_SERVER_STOPPING, /* idle connections close at once */
                                BRIO_SERVER_FORCED    /* grace is over */
} brio_server_mode;

struct brio_server_worker {
    struct brio_app *app;
    const brio_server_options *options; /* borrowed, resolved */
    brio_loop *loop;
    brio_server_conns conns;
    brio_link orphans; // brio_server_exchange::link; background tasks after their connection
    brio_link guests;  // brio_server_guest::link; handlers of WebSockets
    brio_link strays;  // brio_server_stream::link; the same of HTTP/2, after their stream
    size_t n_conns;
    size_t n_shells;  /* of them: closed, their last bytes are with the app */
    size_t n_running; /* exchanges the app holds */
    uint64_t requests;
    brio_server_mode mode;
    brio_server_exchange *spare;
    size_t n_spare;
    brio_server_stream *spare_stream;
    size_t n_spare_streams;
    brio_server_wheel wheel;
    brio_server_secure secure;
    brio_http_pool http;
    brio_http_stamp stamp;
    brio_time stamp_until; /* loop clock: when the stamp is to be made anew */
    char retry_after[24];  /* seconds; "": not told */
    brio_server_access access;
    bool timed;                                  /* somebody wants to know how long answers take */
    brio_server_metrics *metrics;                /* of all workers; NULL: nobody counts */
    brio_server_counts *counts;                  /* its own part */
    uint64_t numbers_told[BRIO_APP_NUMBERS_MAX]; /* of the app's parts, so far */
    brio_timer numbers;

    brio_server_addresses addresses;
    uint64_t turned_away;  /* since that was last logged */
    brio_time log_after;   /* loop clock: when it may be again */
    uint64_t requests_max; /* when it retires; 0: never (recycle.c) */
    brio_time retire_at;
    brio_timer recycle;
    bool recycled;
    brio_server_notify *notify; /* borrowed; NULL: its supervisor talks */
    brio_timer watchdog;

    brio_server_sockets *sockets; /* borrowed */
    int slot;                     /* which of a listener's sockets are its */
    brio_server_inlet *inlets;    /* one for each of them */
    size_t n_inlets, accepting;   /* those with an open acceptor */
    brio_watch signals, control;
    int signal_fd;
    int control_fd;      /* to the supervisor; -1: alone */
    brio_waiter *waiter; /* the main task, waiting for a change */
    brio_task *starting; /* the main task, inside a start-up hook */
    int result;
};

/* What brio_server_worker_run is given beside the app. */
typedef struct brio_server_place {
    const brio_server_options *options; /* borrowed, resolved */
    brio_server_sockets *sockets;       /* borrowed; the worker closes those it accepts from */
    brio_server_metrics *metrics;       /* borrowed; NULL: nobody counts */
    int slot;
    unsigned generation;
    int control_fd;                       /* a supervisor's socket (borrowed), or -1 */
    brio_tls_context *tls;                /* borrowed; NULL: in clear */
    const brio_server_identity *identity; /* borrowed */
    brio_server_notify *notify;           /* borrowed, or NULL */
    const sigset_t *unblock; /* the signal mask to set once handlers are there; NULL: as it is */
} brio_server_place;

/* Runs a worker to its end on this thread. */
int brio_server_worker_run(struct brio_app *app, const brio_server_place *place) BRIO_CHECKED;
/* Moves towards the end; never back. Wakes the main task. */
void brio_server_worker_stop(brio_server_worker *w, brio_server_mode mode);
/* Something ended: the main task may want to look. */
void brio_server_worker_changed(brio_server_worker *w);
/* 500, or 503 for want of room, as uvicorn words them; `ret_header` is lent to it. */
brio_http_response brio_server_plain_answer(const brio_server_worker *w, int status,
                                            brio_header *ret_header);
/* Brings the stamp to now. */
void brio_server_worker_stamp(brio_server_worker *w);
/* A request was begun: counts it and tells when the worker is to retire. (recycle.c) */
void brio_server_worker_count(brio_server_worker *w);
void brio_server_recycle_start(brio_server_worker *w);
void brio_server_recycle_stop(brio_server_worker *w);
/* From the main task: serves until told to stop, then waits for the end of everything,
 * by force after the grace period. Suspends. */
void brio_server_worker_drain(brio_server_worker *w);

#endif
