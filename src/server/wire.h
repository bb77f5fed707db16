/* SPDX-License-Identifier: MIT
 *
 * Between socket and protocol: the wire, TLS under it, and certificates. A part of
 * server_internal.h, which includes it. */
#ifndef BRIO_SERVER_WIRE_H
#define BRIO_SERVER_WIRE_H

/* ---- The wire (wire.c) ---------------------------------------------------- */

/* A connection's bytes in clear, whatever they travel in. */
int brio_server_wire_open(brio_server_conn *conn, int fd) BRIO_CHECKED; /* as brio_sock_open */
/* Begins: brio_server_conn_begin comes now or after a handshake (for one in `excess`
 * of the limit then brio_server_conn_turn_away), then bytes. */
void brio_server_wire_start(brio_server_conn *conn);
/* Whether it will be TLS. */
bool brio_server_wire_secure(const brio_server_conn *conn);
/* As brio_sock_write: 1, all is with the kernel; 0, the parts stay borrowed until
 * brio_server_conn_wrote; < 0. One at a time. */
int brio_server_wire_write(brio_server_conn *conn, const brio_str *parts, size_t n) BRIO_CHECKED;
void brio_server_wire_pause(brio_server_conn *conn, bool on); /* no more bytes until it is off */
/* Whether what is written to the socket may be in clear: so it is, or the kernel encrypts. */
bool brio_server_wire_bare(const brio_server_conn *conn);
/* As brio_sock_sendfile, for one that is bare; after -EAGAIN brio_server_conn_wrote comes. */
ptrdiff_t brio_server_wire_sendfile(brio_server_conn *conn, int fd, int64_t *offset,
                                    size_t count) BRIO_CHECKED;
/* As brio_sock_shutdown, not while writing. */
void brio_server_wire_shutdown(brio_server_conn *conn);
/* Closes the socket. `whole`: what was said is complete, and the client may know. */
void brio_server_wire_close(brio_server_conn *conn, bool whole);

/* What it tells, in conn.c. The protocol that was agreed upon ("h2"; empty: none
 * was asked for); bytes, whose chunk is taken; no more of them, as on_end; the
 * write that returned 0 is done; the end: frees `conn`. */
void brio_server_conn_begin(brio_server_conn *conn, brio_str protocol);
void brio_server_conn_received(brio_server_conn *conn, brio_chunk *chunk);
void brio_server_conn_ended(brio_server_conn *conn, int err);
void brio_server_conn_wrote(brio_server_conn *conn, int err);
void brio_server_conn_closed(brio_server_conn *conn);

/* ---- Certificates (tls_files.c) ---------------------------------------------- */

/* Reads what options->ssl names; NULL if it names nothing. Logs what is wrong. */
int brio_server_tls_load(brio_tls_context **ret, const brio_server_options *o) BRIO_CHECKED;
/* Reads it again, and logs how that went: if not well, nothing has changed. In a
 * task it suspends. */
void brio_server_tls_reload(brio_tls_context *context);
/* The same from a loop's callback, in a task of its own. */
void brio_server_tls_reload_soon(brio_server_worker *w);
/* For the log: "off", "on", "on, encrypted by the kernel". */
brio_str brio_server_tls_mode(const brio_server_options *o);

/* ---- TLS under the wire (tls.c) --------------------------------------------- */

typedef struct brio_server_tls brio_server_tls;

/* How a handshake ended. */
typedef enum brio_server_shake { /* ORDER SHAKE */
                                 BRIO_SERVER_SHAKE_FULL = 0,
                                 BRIO_SERVER_SHAKE_RESUMED,
                                 BRIO_SERVER_SHAKE_FAILED
} brio_server_shake;

/* What connections of a worker share. */
typedef struct brio_server_secure {
    brio_tls_context *context; /* borrowed; NULL: everything is in clear */
    bool reloading, again;     /* files are being read; and must be once more */
    brio_tls_out out;          /* encrypted bytes of the connection at hand */
    brio_link shaking;         // brio_server_tls::link, the oldest handshake first
    size_t n_shaking;
} brio_server_secure;

void brio_server_tls_start(brio_server_conn *conn);
void brio_server_tls_free(brio_server_conn *conn); /* none: fine */
/* The socket's events, and what the wire is asked for. */
void brio_server_tls_received(brio_server_conn *conn, brio_chunk *chunk);
void brio_server_tls_ended(brio_server_conn *conn, int err);
void brio_server_tls_written(brio_server_conn *conn, int err);
int brio_server_tls_write(brio_server_conn *conn, const brio_str *parts, size_t n) BRIO_CHECKED;
bool brio_server_tls_in_kernel(const brio_server_conn *conn);
void brio_server_tls_owe(brio_server_conn *conn); /* a sendfile waits for the socket */
void brio_server_tls_shutdown(brio_server_conn *conn);
void brio_server_tls_goodbye(brio_server_conn *conn); /* close_notify, if it can be said at once */
/* As brio_stream_tls and brio_stream_tls_peer; `conn` may be NULL. */
int brio_server_tls_info(const brio_server_conn *conn, brio_tls_info *ret);
int brio_server_tls_peer(const brio_server_conn *conn, brio_arena *arena,
                         brio_tls_certificate *ret);

#endif
