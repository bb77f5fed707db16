/* SPDX-License-Identifier: MIT
 *
 * Output of one connection: composed into one buffer, written at once.
 *
 * Answers of a turn are put one behind the other, so that sixteen pipelined
 * requests cost one write. A large body is not copied: it follows the buffer
 * as a second part, borrowed from the app, and nothing is composed behind it
 * until it is written. While the kernel still holds bytes, they are in
 * `flying` and new ones collect in `out`: a connection has at most one write
 * under way. Both buffers belong to the exchange at hand. */
#include "server/server_internal.h"

#include <linux/sockios.h>
#include <linux/tcp.h> /* its tcp_info is newer than libc's */
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* ---- Composing ---------------------------------------------------------- */

static bool has_body(const brio_server_exchange *x, const brio_http_response *r)
{
    int status = r->status ? r->status : 200;
    return x->http.request->method != BRIO_METHOD_HEAD && status >= 200 && status != 204 &&
           status != 304 && !r->chunked;
}

/* Returns 0, or < 0 with nothing written. */
static int compose(brio_server_exchange *x, const brio_http_response *given)
{
    brio_http_response r = *given;
    uint64_t unread = brio_http_conn_unread(&x->http);
    r.close = r.close || x->worker->mode != BRIO_SERVER_SERVING || unread > BRIO_SERVER_DRAIN;
    bool large = r.body.len > BRIO_EXCHANGE_COPY && has_body(x, &r);
    brio_server_worker_stamp(x->worker);
    int rc = brio_http_write_head(&x->http, &x->out, &x->worker->stamp, &r, !large);
    if (rc < 0)
        return rc;
    x->status = r.status ? r.status : 200;
    if (large)
        x->large = r.body;
    if (x->http.closing) {
        x->conn->last = true;
        x->conn->linger = x->conn->linger || unread || x->worker->mode != BRIO_SERVER_SERVING ||
                          brio_server_input_any(x);
    }
    return 0;
}

brio_http_response brio_server_plain_answer(const brio_server_worker *w, int status,
                                            brio_header *ret_header)
{
    brio_str text = status == 503 ? BRIO_S("Service Unavailable") : BRIO_S("Internal Server Error");
    *ret_header = (brio_header){BRIO_S("retry-after"), brio_str_from(w->retry_after)};
    return (brio_http_response){.status = status,
                                .body = text,
                                .content_type = BRIO_S("text/plain; charset=utf-8"),
                                .headers = ret_header,
                                .n_headers = status == 503 && ret_header->value.len};
}

void brio_server_output_plain(brio_server_exchange *x, int status)
{
    brio_header header;
    brio_http_response r = brio_server_plain_answer(x->worker, status, &header);
    r.close = true;
    x->responded = x->complete = true;
    if (compose(x, &r) < 0)
        brio_server_conn_drop(x->conn); /* no memory */
}

void brio_server_output_response(brio_server_exchange *x, const brio_http_response *response)
{
    BRIO_ASSERT(x->large.len == 0);
    int rc = compose(x, response);
    if (BRIO_LIKELY(rc >= 0))
        return;
    brio_log(BRIO_LOG_ERROR, "an answer could not be written: %s", brio_error_text(rc));
    brio_server_output_plain(x, 500);
}

void brio_server_output_refusal(brio_server_exchange *x)
{
    brio_server_worker_stamp(x->worker);
    brio_http_write_refusal(&x->http, &x->out, &x->worker->stamp);
}

/* ---- Writing ------------------------------------------------------------ */

int brio_server_output_flush(brio_server_conn *conn)
{
    brio_server_exchange *x = conn->x;
    if (x->in_flight)
        return 0;
    if (x->out.len == 0 && x->large.len == 0)
        return 1;
    if (x->out.failed)
        return BRIO_ELIMIT;
    const brio_str parts[] = {brio_buf_str(&x->out), x->large};
    int rc = brio_server_wire_write(conn, parts, 2);
    if (BRIO_LIKELY(rc > 0)) {
        brio_buf_clear(&x->out);
        x->large = (brio_str){NULL, 0};
    } else if (rc == 0) {
        brio_buf empty = x->flying;
        x->flying = x->out;
        x->out = empty;
        x->in_flight = true;
        x->large_flies = x->large.len > 0;
    }
    return rc;
}

void brio_server_output_landed(brio_server_exchange *x)
{
    BRIO_ASSERT(x->in_flight);
    x->in_flight = false;
    brio_buf_clear(&x->flying);
    if (x->large_flies)
        x->large = (brio_str){NULL, 0};
    x->large_flies = false;
}

/* Bytes that the client's kernel has; false if that is not TCP. */
static bool acknowledged(const brio_server_conn *conn, uint32_t *ret)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(conn->sock.fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked)
        return false;
    *ret = (uint32_t)info.tcpi_bytes_acked;
    return true;
}

/* Of a Unix socket only what is left can be had: any change will do. */
static bool less_is_left(brio_server_conn *conn)
{
    int queued = 0;
    if (ioctl(conn->sock.fd, SIOCOUTQ, &queued) < 0)
        return false;
    uint32_t before = conn->acked;
    conn->acked = (uint32_t)queued + (uint32_t)brio_sock_unsent(&conn->sock);
    return conn->acked != before;
}

bool brio_server_output_moved(brio_server_conn *conn)
{
    const brio_http_limits *limits = &conn->worker->options->http;
    uint32_t now, before = conn->acked;
    if (!acknowledged(conn, &now))
        return less_is_left(conn);
    double wanted = (double)limits->write_timeout / 1e9 * (double)limits->write_rate;
    conn->acked = now;
    return now - before >= (wanted > 1 ? wanted : 1);
}
