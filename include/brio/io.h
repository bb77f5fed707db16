/* SPDX-License-Identifier: MIT
 *
 * brio/io.h: byte streams for coroutines, asyncio's streams.
 *
 *     brio_listener *l;  brio_stream *s;
 *     int rc = brio_listen(&l, &(brio_listen_to){.port = 7000});
 *     while ((rc = brio_accept(l, &s)) == 0)               // Suspends
 *         brio_spawn_with(&group, echo, s, &(brio_task_options){.eager = true});
 *
 * (Eager, because a task cancelled before its first turn never runs, and could
 * not close the stream; brio_serve_streams sees to that by itself.)
 *
 * TCP, Unix sockets, pipes and terminals are all brio_streams, and TLS
 * (brio/tls.h) is put upon an open one. A stream has one reader and one writer
 * task at a time (-EBUSY otherwise); reading and writing are independent.
 * Deadlines are the caller's scope's: BRIO_SCOPE(s, .timeout = BRIO_SEC(5)).
 * The same calls work on epoll, io_uring and the simulated network. */
#ifndef BRIO_IO_H
#define BRIO_IO_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_group;
typedef struct brio_listener brio_listener;
typedef struct brio_stream brio_stream;

/* ---- Listening ---------------------------------------------------------- */

typedef struct brio_listen_to {
    const char *host; /* as brio_listen_options; NULL means 127.0.0.1, "" every address */
    const char *path; /* a Unix socket instead; "@name" is an abstract one */
    uint16_t port;    /* 0 lets the kernel choose */
    int backlog;      /* connections that wait for brio_accept, and as many again in the kernel's
                         queue; then the kernel lets none in until one is taken. 0 means 2048 */
    bool reuse_port;  /* SO_REUSEPORT */
} brio_listen_to;

/* Listens on the current loop. On sim, `port` is a port of the simulated
 * network and `path` -EAFNOSUPPORT. Returns 0, -EADDRINUSE, other -errno. */
BRIO_API int brio_listen(brio_listener **ret, const brio_listen_to *to) BRIO_CHECKED;
/* The port it got; 0 for a Unix socket. */
BRIO_API uint16_t brio_listener_port(const brio_listener *listener);
/* Suspends until a connection is there. *ret is the caller's to close. 0,
 * -ECANCELED, BRIO_ECLOSED after brio_listener_close, -errno. Any number of
 * tasks may wait; each connection goes to the one that waited longest. When
 * the process is out of descriptors, accepting pauses for a second. */
BRIO_API int brio_accept(brio_listener *listener, brio_stream **ret) BRIO_CHECKED;
/* Stops listening and frees; waiting brio_accepts return BRIO_ECLOSED, and
 * connections nobody accepted are closed. NULL is fine. One that nobody closed
 * is closed, with a warning, when the loop's tasks are closed. */
BRIO_API void brio_listener_close(brio_listener *listener);

/* ---- Connecting --------------------------------------------------------- */

typedef enum brio_family { /* ORDER FAMILY */
    BRIO_FAMILY_ANY = 0,
    BRIO_FAMILY_IPV4,
    BRIO_FAMILY_IPV6
} brio_family;

typedef struct brio_connect_to {
    const char *host;       /* a name or a numeric address; NULL means 127.0.0.1 */
    const char *path;       /* a Unix socket instead; "@name" is an abstract one */
    uint16_t port;
    brio_family family;     /* of the addresses of `host` to try */
    const char *local_host; /* numeric address to connect from; NULL lets the kernel choose */
    uint16_t local_port;    /* 0 lets the kernel choose */
    brio_time stagger;      /* head start of each address over the next; 0 means 250 ms */
} brio_connect_to;

/* Suspends until connected; *ret is the caller's to close. The addresses of a
 * name are tried as RFC 8305 has it ("happy eyeballs"): IPv6 and IPv4 in turn,
 * each `stagger` after the one before or at once when that one failed; the
 * first that connects wins, the others are given up. 0, -ECANCELED, what
 * brio_resolve (brio/net.h) returns, or why the first address was refused
 * (-ECONNREFUSED, -EHOSTUNREACH ...; the error detail names it). On sim names
 * come from brio_hosts_set, and the local address is ignored. */
BRIO_API int brio_connect(brio_stream **ret, const brio_connect_to *to) BRIO_CHECKED;

/* A stream over a descriptor you have: a connected stream socket, a pipe or
 * FIFO, a terminal, another character device (a regular file works, but blocks
 * while the disk is read). `fd` is taken, on failure too: it is closed.
 * It is made non-blocking; where others share it (a terminal) the former flags
 * come back at close. Reading what was opened only for writing is -EBADF, and
 * the reverse. In sim such a stream is real and holds the virtual clock while
 * it waits. 0, -EINVAL for what is no byte stream, -ENOMEM, -errno. */
BRIO_API int brio_stream_open_fd(brio_stream **ret, int fd) BRIO_CHECKED;

/* ---- Reading ------------------------------------------------------------ */

/* Suspends until at least one byte is there; copies at most `cap` bytes.
 * Returns their number, 0 at the end of the stream, -ECANCELED, -ECONNRESET;
 * BRIO_ECLOSED when TLS ended without saying so (truncated), or when another
 * task closed the stream. A cancelled read has consumed nothing. */
BRIO_API ptrdiff_t brio_stream_read(brio_stream *stream, void *into, size_t cap) BRIO_CHECKED;
/* Suspends until exactly `n` bytes were copied. 0; BRIO_ECLOSED when the
 * stream ends first (asyncio's IncompleteReadError; nothing is consumed). */
BRIO_API int brio_stream_read_exactly(brio_stream *stream, void *into, size_t n) BRIO_CHECKED;
/* Suspends until `separator` (one byte or several; -EINVAL if empty) came.
 * *ret includes it and is borrowed until the next read. BRIO_ELIMIT when the
 * first `limit` bytes (0: the stream's read_limit) hold none whole: they stay
 * unread. BRIO_ECLOSED at the end, with the rest in *ret. */
BRIO_API int brio_stream_read_until(brio_stream *stream, brio_str separator, size_t limit,
                                    brio_str *ret) BRIO_CHECKED;
/* The next line, without its "\n" or "\r\n" (so an empty line differs from the
 * end); the last one may lack it. Borrowed until the next read. Suspends. 1
 * with a line, 0 at the end, BRIO_ELIMIT as above, -errno:
 *
 *     while ((rc = brio_stream_read_line(s, 0, &line)) > 0) ... */
BRIO_API int brio_stream_read_line(brio_stream *stream, size_t limit, brio_str *ret) BRIO_CHECKED;
/* Suspends until the end of the stream and copies all there was to `arena`
 * (NULL: the task's). BRIO_ELIMIT when there are more than `limit` bytes (0: 1
 * MiB): they stay unread. 0, -errno. */
BRIO_API int brio_stream_read_all(brio_stream *stream, brio_arena *arena, size_t limit,
                                  brio_str *ret) BRIO_CHECKED;
/* True when a read would return 0 (or an error) at once: asyncio's at_eof. */
BRIO_API bool brio_stream_at_end(const brio_stream *stream);

/* ---- Writing ------------------------------------------------------------ */

/* Suspends until all bytes are with the kernel; on return, with any result,
 * they are the caller's again. What was queued by brio_stream_send goes first;
 * writing nothing (len 0) waits just for that. 0, -ECANCELED (if it had begun,
 * an unknown part was sent and the stream is only good for closing), -EPIPE
 * after shutdown or such a cancellation, -ECONNRESET, -EBUSY. */
BRIO_API int brio_stream_write(brio_stream *stream, brio_str data) BRIO_CHECKED;
/* The same for `n` parts in a row (writelines), without joining them. */
BRIO_API int brio_stream_write_parts(brio_stream *stream, const brio_str *parts,
                                     size_t n) BRIO_CHECKED;

/* asyncio's writer.write: queues a copy and never suspends. It is sent from the
 * end of this turn of the loop on, together with what else was queued till
 * then. Call brio_stream_drain now and then, or the queue grows without bound.
 * 0, -EPIPE, -ECONNRESET, BRIO_ETLS, -EBUSY while a task is inside
 * brio_stream_write, _sendfile or a handshake. */
BRIO_API int brio_stream_send(brio_stream *stream, brio_str data) BRIO_CHECKED;
/* asyncio's drain: if more than `high_water` bytes are queued, suspends until
 * at most `low_water` are. Any number of tasks may wait. 0; -ECANCELED;
 * -ECONNRESET, -EPIPE once the connection is lost; BRIO_ECLOSED. */
BRIO_API int brio_stream_drain(brio_stream *stream) BRIO_CHECKED;
/* Bytes queued and not yet with the kernel (encrypted ones for TLS). */
BRIO_API size_t brio_stream_queued(const brio_stream *stream);

/* Suspends until `count` bytes (0: to the end) of the regular file `fd`
 * (borrowed) from `offset` on are with the kernel, which copies them itself
 * (sendfile); through TLS and pipes they are read on a thread and written. A
 * negative `offset` means the file's position, which then ends behind what was
 * sent; otherwise it stays. What was queued goes first; other writes are
 * -EBUSY meanwhile. Returns the bytes sent, fewer than `count` at the file's
 * end; else as brio_stream_write, or -errno of the file. */
BRIO_API int64_t brio_stream_sendfile(brio_stream *stream, int fd, int64_t offset,
                                      size_t count) BRIO_CHECKED;

/* Half-close: the peer reads end of stream, behind what was written and sent.
 * With TLS it says so (close_notify). A pipe or terminal is closed for writing. */
BRIO_API void brio_stream_shutdown(brio_stream *stream);

/* ---- Life --------------------------------------------------------------- */

/* Closes and frees. Not a suspension point; tasks inside a call on it return
 * BRIO_ECLOSED, and what they were writing may be cut. What brio_stream_send
 * queued is still sent, behind the caller's back, for at most 5 s. NULL is
 * fine. What nobody closed is closed, with a warning, when the loop's tasks
 * are closed. */
BRIO_API void brio_stream_close(brio_stream *stream);
/* Drops what is queued and ends the connection at once (TCP: a reset). Tasks
 * inside a call return BRIO_ECLOSED, as every later read; writes -EPIPE. It is
 * still to be closed. */
BRIO_API void brio_stream_abort(brio_stream *stream);
/* True after close_clients, abort, or a cancelled write: only good for closing. */
BRIO_API bool brio_stream_is_closing(const brio_stream *stream);

typedef struct brio_stream_limits {
    size_t read_limit; /* bytes of a line at most, and reading pauses above twice that unread; 0: 64 KiB */
    size_t high_water; /* brio_stream_drain waits above so many queued bytes; 0: 64 KiB */
    size_t low_water;  /* and until so many are left; 0: a quarter of high_water; capped at it */
} brio_stream_limits;

/* Changes the limits from now on. They are asyncio's until then. */
BRIO_API void brio_stream_set_limits(brio_stream *stream, const brio_stream_limits *limits);

/* The peer's (our own) address as text ("" for Unix sockets and pipes) and
 * port. -ENOTCONN when gone. */
BRIO_API int brio_stream_peer(const brio_stream *stream, char host[64], uint16_t *ret_port) BRIO_CHECKED;
BRIO_API int brio_stream_local(const brio_stream *stream, char host[64], uint16_t *ret_port) BRIO_CHECKED;
/* The descriptor below, for setsockopt and the like; borrowed, do not read,
 * write or close it. -ENOTCONN when gone, -ENOTSUP for simulated ones. */
BRIO_API int brio_stream_fd(const brio_stream *stream) BRIO_CHECKED;

/* ---- Serving ------------------------------------------------------------ */

/* Serves one connection, as a task of its own. The stream is borrowed: it is
 * closed when this returns. A result < 0 is logged at debug level only: peers
 * go away. */
typedef int brio_stream_handler(brio_stream *stream, void *arg);

typedef struct brio_stream_server_options {
    size_t max_connections;           /* served at once; the others wait in the listener; 0 means 10,000 */
    const brio_stream_limits *limits; /* borrowed until open returns; of each stream; NULL: asyncio's */
    size_t stack_size;                /* of the handlers' tasks; 0 means the run's */
} brio_stream_server_options;

/* asyncio.start_server. */
typedef struct brio_stream_server brio_stream_server;

/* Listens, and serves each connection by `handler(stream, arg)` in a task of
 * `group` (borrowed; it outlives the server), whose cancellation ends it all.
 * `options` may be NULL. 0, or as brio_listen; BRIO_EOVERLOAD, -ECANCELED. */
BRIO_API int brio_stream_server_open(brio_stream_server **ret, struct brio_group *group,
                                     const brio_listen_to *to, brio_stream_handler *handler,
                                     void *arg, const brio_stream_server_options *options) BRIO_CHECKED;
BRIO_API uint16_t brio_stream_server_port(const brio_stream_server *server);
/* Connections being served now. */
BRIO_API size_t brio_stream_server_count(const brio_stream_server *server);
/* Stops accepting; connections that are served go on. Idempotent. */
BRIO_API void brio_stream_server_close(brio_stream_server *server);
/* Ends the connections that are served: what is queued is sent, their reads
 * return BRIO_ECLOSED, and their handlers see to the rest. abort drops what is
 * queued. */
BRIO_API void brio_stream_server_close_clients(brio_stream_server *server);
BRIO_API void brio_stream_server_abort_clients(brio_stream_server *server);
/* Suspends until it is closed and the last handler has returned. 0, -ECANCELED. */
BRIO_API int brio_stream_server_wait(brio_stream_server *server) BRIO_CHECKED;
/* Closes it, and frees it when the last handler has returned. NULL is fine. */
BRIO_API void brio_stream_server_free(brio_stream_server *server);

/* serve_forever: the same in one call. Suspends until the caller is cancelled:
 * then it stops accepting, cancels the handlers, awaits them and returns
 * -ECANCELED. *ret_port (may be NULL) is set before it first suspends. */
BRIO_API int brio_serve_streams(const brio_listen_to *to, brio_stream_handler *handler, void *arg,
                                const brio_stream_server_options *options,
                                uint16_t *ret_port) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif

/* The rest of the room. */
#include <brio/file.h>
#include <brio/net.h>
#include <brio/subprocess.h>
#include <brio/tls.h>
#endif
