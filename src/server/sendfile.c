/* SPDX-License-Identifier: MIT
 *
 * Files into the socket, by the kernel: no byte of them comes by here. Only in
 * clear, or with the kernel encrypting (kTLS), and over HTTP/1.1, with a length
 * that was told; everything else reads and writes.
 *
 * Output composed before goes first. A socket that takes no more is waited for like
 * a write under way, of nothing: with its deadline, and a client that goes away. */
#include "server/server_internal.h"

#include <errno.h>

enum { STEP = 1024 * 1024 }; /* bytes between two looks at the others */

static bool can(const brio_server_exchange *x)
{
    return x->conn && !x->conn->closing && brio_server_wire_bare(x->conn) &&
           brio_http_conn_bare(&x->http);
}

/* The bytes the kernel took; 0: it takes none now, and was waited for. */
static int64_t step(brio_server_exchange *x, int fd, int64_t *at, uint64_t left)
{
    brio_server_conn *conn = x->conn;
    ptrdiff_t n = brio_server_wire_sendfile(conn, fd, at, left < STEP ? (size_t)left : STEP);
    if (n > 0)
        return n;
    if (n == 0)
        return -EIO; /* shorter than it was */
    if (n != -EAGAIN)
        return n;
    x->in_flight = true;
    brio_server_exchange_schedule(x);
    int rc = brio_server_exchange_written(x);
    return rc < 0 ? rc : 0;
}

int brio_server_send_file(brio_exchange *ex, int fd, uint64_t offset, uint64_t count)
{
    brio_server_exchange *x = BRIO_CONTAINER(ex, brio_server_exchange, ex);
    int64_t at = (int64_t)offset, n = 0;
    BRIO_ASSERT(x->responded && !x->complete);
    if (!can(x))
        return x->conn && !x->conn->closing ? -ENOTSUP : -EPIPE;
    int rc = brio_server_exchange_flush(x);
    for (uint64_t left = count; rc == 0 && left > 0; left -= (uint64_t)n) {
        n = can(x) ? step(x, fd, &at, left) : -EPIPE;
        if (n < 0)
            return (n == -EINVAL || n == -ENOTSUP || n == -ENOSYS) && left == count ? -ENOTSUP
                                                                                    : (int)n;
        x->tally.bytes += (uint64_t)n;
        rc = brio_checkpoint();
    }
    return rc;
}
