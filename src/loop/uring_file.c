/* SPDX-License-Identifier: MIT
 *
 * File operations on io_uring.
 *
 * One SQE each. The kernel reads paths and writes buffers until the operation's
 * own completion, so that alone gives the op back: a cancellation is a request
 * whose answer nobody looks at. An operation that a cancellation interrupted in
 * the middle ends with -EINTR, which means the same. */
#include "loop/uring_abi.h"

#include <errno.h>

enum { TRANSFER_MAX = 1 << 30 }; /* an SQE's length is 32 bits */

static const uint8_t opcodes[] = {URING_OP_OPENAT2,  URING_OP_READ,   URING_OP_WRITE,
                                  URING_OP_FSYNC,    URING_OP_STATX,  URING_OP_RENAMEAT,
                                  URING_OP_UNLINKAT, URING_OP_MKDIRAT}; /* ORDER FILE_CALL */
_Static_assert(sizeof opcodes == BRIO_FILE_MKDIR + 1, "ORDER FILE_CALL");

static void fill(uring_sqe *sqe, const brio_file_op *op)
{
    switch (op->call) {
    case BRIO_FILE_OPEN:
        sqe->len = sizeof op->how;
        sqe->off = (uintptr_t)op->how;
        break;
    case BRIO_FILE_READ:
    case BRIO_FILE_WRITE:
        sqe->addr = (uintptr_t)op->data;
        sqe->len = op->len < TRANSFER_MAX ? (uint32_t)op->len : TRANSFER_MAX;
        sqe->off = (uint64_t)op->offset;
        break;
    case BRIO_FILE_STAT:
        sqe->len = (uint32_t)op->len;
        sqe->off = (uintptr_t)op->data;
        break;
    case BRIO_FILE_RENAME:
        sqe->len = (uint32_t)op->to_fd;
        sqe->off = (uintptr_t)op->to_path;
        break;
    case BRIO_FILE_MKDIR:
        sqe->len = (uint32_t)op->how[1];
        break;
    case BRIO_FILE_SYNC:
    case BRIO_FILE_UNLINK:
        break;
    }
}

void brio_uring_file_start(brio_loop *loop, brio_file_op *op)
{
    uring_sqe *sqe = brio_uring_sqe(brio_uring_of(loop), op, URING_FILE);
    sqe->opcode = opcodes[op->call];
    sqe->fd = op->fd;
    sqe->addr = (uintptr_t)op->path;
    sqe->op_flags = op->flags;
    fill(sqe, op);
}

void brio_uring_file_cancel(brio_loop *loop, brio_file_op *op)
{
    brio_uring_cancel(brio_uring_of(loop), op, URING_FILE);
}

void brio_uring_file_done(brio_loop *loop, brio_file_op *op, int res)
{
    BRIO_ASSERT(loop->open > 0);
    loop->open--;
    op->result = res == -EINTR ? -ECANCELED : res;
    op->fn(op);
}
