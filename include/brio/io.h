/* SPDX-License-Identifier: MIT
 *
 * brio/io.h: byte streams for coroutines, asyncio's streams.
 *
 *     brio_listener *l;  brio_stream *s;
 *     int rc = brio_listen(&l, &(brio_listen_to){.port = 7000});
 *     while ((rc = brio_accept(l, &s)) == 0)               // Suspends
 *         brio_spawn(&group, echo, s);
 *
 * A stream has one reader and one writer task at a time (-EBUSY otherwise).
 * The same calls work on epoll, io_uring and the simulated network. */
#ifndef BRIO_IO_H
#define BRIO_IO_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_listener brio_listener;
typedef struct brio_stream brio_stream;

typedef struct brio_listen_to {
    const char *host; /* as brio_listen_options; NULL means 127.0.0.1 */
    const char *path; /* a Unix socket instead */
    uint16_t port;    /* 0 lets the kernel choose */
    int backlog;      /* 0 means 2048; connections beyond it that wait for brio_accept are closed */
    bool reuse_port;  /* SO_REUSEPORT */
} brio_listen_to;

/* Listens on the current loop. On sim, `port` is a port of the simulated
 * network and `path` -EAFNOSUPPORT. Returns 0, -EADDRINUSE, other -errno. */
BRIO_API int brio_listen(brio_listener **ret, const brio_listen_to *to) BRIO_CHECKED;
/* The port it got; 0 for a Unix socket. */
BRIO_API uint16_t brio_listener_port(const brio_listener *listener);
/* Suspends until a connection is there. *ret is the caller's to close. 0,
 * -ECANCELED, BRIO_ECLOSED after brio_listener_close, -errno. */
BRIO_API int brio_accept(brio_listener *listener, brio_stream **ret) BRIO_CHECKED;
/* Stops listening and frees; waiting brio_accepts return BRIO_ECLOSED, and
 * connections nobody accepted are closed. NULL is fine. */
BRIO_API void brio_listener_close(brio_listener *listener);

/* Suspends until connected; *ret is the caller's to close. `host` is a numeric
 * address, "localhost", or NULL for 127.0.0.1; `path` connects to a Unix
 * socket. -ECONNREFUSED, -ECANCELED, -EINVAL for other names. */
typedef struct brio_connect_to {
    const char *host, *path;
    uint16_t port;
} brio_connect_to;
BRIO_API int brio_connect(brio_stream **ret, const brio_connect_to *to) BRIO_CHECKED;

/* Suspends until at least one byte is there; copies at most `cap` bytes.
 * Returns their number, 0 at the end of the stream, -ECANCELED, -ECONNRESET. */
BRIO_API ptrdiff_t brio_stream_read(brio_stream *stream, void *into, size_t cap) BRIO_CHECKED;
/* Suspends until exactly `n` bytes were copied. 0; BRIO_ECLOSED when the
 * stream ends first (asyncio's IncompleteReadError; nothing is consumed). */
BRIO_API int brio_stream_read_exactly(brio_stream *stream, void *into, size_t n) BRIO_CHECKED;
/* Suspends until `separator` (one byte) came. *ret_line includes it and is
 * borrowed until the next read. BRIO_ELIMIT when `limit` bytes (0: 64 KiB)
 * hold none, and they stay unread; BRIO_ECLOSED at the end, with the rest in
 * *ret_line. */
BRIO_API int brio_stream_read_until(brio_stream *stream, char separator, size_t limit,
                                    brio_str *ret_line) BRIO_CHECKED;
/* Suspends until all bytes are with the kernel; on return, with any result,
 * they are the caller's again. 0, -ECANCELED (if it had begun, an unknown part
 * was sent and the stream is only good for closing), -EPIPE after shutdown or
 * such a cancellation, -ECONNRESET. */
BRIO_API int brio_stream_write(brio_stream *stream, brio_str data) BRIO_CHECKED;
/* Half-close: the peer reads end of stream, behind what was written. */
BRIO_API void brio_stream_shutdown(brio_stream *stream);
/* Closes and frees. Not a suspension point; tasks inside a call on it return
 * BRIO_ECLOSED. NULL is fine. What nobody closed is closed, with a warning,
 * when the loop's tasks are closed. */
BRIO_API void brio_stream_close(brio_stream *stream);
/* The peer's address as text ("" for Unix) and port. -ENOTCONN when gone. */
BRIO_API int brio_stream_peer(const brio_stream *stream, char host[64], uint16_t *ret_port) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
