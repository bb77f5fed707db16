/* SPDX-License-Identifier: MIT
 *
 * What a connection may speak beside HTTP/1.1: the bytes of a line, and HTTP/2. A
 * part of server_internal.h, which includes it. */
#ifndef BRIO_SERVER_PROTOCOLS_H
#define BRIO_SERVER_PROTOCOLS_H

/* ---- Other protocols (line.c) ---------------------------------------------- */

/* brio_exchange.upgrade. */
int brio_server_upgrade(brio_exchange *ex, const brio_http_response *response, brio_line *line,
                        brio_exchange **ret_ex);
/* What the app is lent when its request has become a line and lies in the app's own
 * memory, as this does: the exchange goes back to its pool. (guest.c) */
struct brio_server_guest {
    brio_exchange ex;
    brio_server_worker *worker;
    brio_server_conn *conn; /* NULL: it is closed */
    brio_link link;         // brio_server_worker::guests
    bool cancelled;
};
/* In place of `x`, which the app holds no longer. */
brio_exchange *brio_server_guest_enter(brio_server_exchange *x, brio_server_guest *g);
void brio_server_guest_alone(brio_server_conn *conn); /* the socket is closed */
void brio_server_guests_cancel(const brio_server_worker *w);
/* What becomes of an upgraded connection's events. */
void brio_server_line_received(brio_server_conn *conn, brio_chunk *chunk); /* taken */
void brio_server_line_ended(brio_server_conn *conn, int err);
void brio_server_line_written(brio_server_conn *conn, int err);
/* The turn in which it was upgraded, or its request finished, is over. */
void brio_server_line_settle(brio_server_conn *conn);
/* How long the peer may take to end its side; `line` NULL: what every peer may. */
brio_time brio_server_line_patience(const brio_server_worker *w, brio_line *line);
/* The connection is being dropped: tells the app. */
void brio_server_line_lost(brio_server_conn *conn);
/* The socket is closed. False: the app still has received bytes. */
bool brio_server_line_gone(brio_server_conn *conn);
/* The loop ends: gives back the bytes that a handler never let go of. */
void brio_server_line_forget(brio_server_conn *conn);
/* The worker stops, or does so by force: tells the app. */
void brio_server_line_stop(brio_server_conn *conn);

/* ---- HTTP/2 (h2.c, h2_internal.h and its kin) ------------------------------- */

/* A connection's first bytes lie in its exchange's input. True: they are HTTP/2's
 * preface, or its beginning, and were dealt with. */
bool brio_server_h2_sniff(brio_server_conn *conn);
/* From now on it is HTTP/2: 0, -ENOMEM, -ENOTSUP. */
int brio_server_h2_begin(brio_server_conn *conn) BRIO_CHECKED;
/* What the wire and the clock tell. */
void brio_server_h2_received(brio_server_conn *conn, brio_chunk *chunk);
void brio_server_h2_ended(brio_server_conn *conn, int err);
void brio_server_h2_wrote(brio_server_conn *conn, int err);
void brio_server_h2_expired(brio_server_conn *conn);
/* No more streams, please; `final`: none. */
void brio_server_h2_goodbye(brio_server_conn *conn, bool final);
/* The worker stops, or does so by force: tells the lines on its streams. */
void brio_server_h2_stop(brio_server_conn *conn);
void brio_server_h2_lost(brio_server_conn *conn); /* it is being closed: cancels all handlers */
void brio_server_h2_free(brio_server_conn *conn);
void brio_server_stream_pool_fini(brio_server_worker *w);
/* By force: what still runs of streams that are gone. */
void brio_server_stream_cancel_strays(brio_server_worker *w);

#endif
