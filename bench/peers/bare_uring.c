/* SPDX-License-Identifier: MIT
 *
 * The other floor: a bare io_uring server (liburing, single issuer, deferred
 * task work, multishot accept). One recv and one send in flight per connection.
 *
 *     bench_bare_uring PORT RESPONSE_BODY [REQUEST_BODY_BYTES] */
#include "bare.h"

#include <liburing.h>
#include <unistd.h>

enum { BUFFER = 16 * 1024, CONNECTIONS = 2048, ACCEPT = 0, RECV = 1, SEND = 2 };

static struct io_uring ring;
static char *buffers[CONNECTIONS];

static struct io_uring_sqe *next_sqe(int fd, int kind)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    if (!sqe) {
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    sqe->user_data = (uint64_t)(unsigned)fd << 2 | (uint64_t)kind;
    return sqe;
}

static void start_recv(int fd)
{
    struct io_uring_sqe *sqe = next_sqe(fd, RECV);
    uint64_t data = sqe->user_data;
    io_uring_prep_recv(sqe, fd, buffers[fd], BUFFER, 0);
    sqe->user_data = data;
}

static void received(int fd, int n)
{
    if (n <= 0) {
        close(fd);
        return;
    }
    brio_str out = bare_answers(buffers[fd], (size_t)n);
    struct io_uring_sqe *sqe = next_sqe(fd, SEND);
    uint64_t data = sqe->user_data;
    io_uring_prep_send(sqe, fd, out.ptr, out.len, MSG_NOSIGNAL);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe->user_data = data;
    start_recv(fd);
}

static void accepted(int fd)
{
    if (fd < 0 || fd >= CONNECTIONS)
        exit(1);
    bare_no_delay(fd);
    if (!buffers[fd])
        buffers[fd] = malloc(BUFFER);
    start_recv(fd);
}

static void completed(const struct io_uring_cqe *cqe)
{
    int kind = (int)(cqe->user_data & 3), fd = (int)(cqe->user_data >> 2);
    if (kind == ACCEPT)
        accepted(cqe->res);
    else if (kind == RECV)
        received(fd, cqe->res);
}

int main(int argc, char **argv)
{
    int listener = bare_start(argc, argv);
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                     .cq_entries = 4096};
    if (io_uring_queue_init_params(1024, &ring, &params) < 0)
        return 1;
    struct io_uring_sqe *sqe = next_sqe(0, ACCEPT);
    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, 0);
    sqe->user_data = ACCEPT;
    for (;;) {
        io_uring_submit_and_wait(&ring, 1);
        unsigned head, seen = 0;
        struct io_uring_cqe *cqe;
        io_uring_for_each_cqe(&ring, head, cqe)
        {
            completed(cqe);
            seen++;
        }
        io_uring_cq_advance(&ring, seen);
    }
}
