/* SPDX-License-Identifier: MIT
 *
 * File operations: handed to the kernel where the back end can, else done in
 * place by whatever thread the room above finds for it.
 *
 * Both ways give the same result for the same op, so callers need not know.
 * In place a read or write goes on until nothing is left to do: a thread that
 * has the job already had better finish it. */
#include "loop/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int brio_loop_file_start(brio_loop *loop, brio_file_op *op)
{
    if (!loop->ops->file_start)
        return -ENOSYS;
    loop->open++;
    loop->ops->file_start(loop, op);
    return 0;
}

void brio_loop_file_cancel(brio_loop *loop, brio_file_op *op)
{
    loop->ops->file_cancel(loop, op);
}

/* ---- In place ----------------------------------------------------------- */

static int64_t outcome(int64_t rc)
{
    return rc < 0 ? -errno : rc;
}

static int64_t do_open(const brio_file_op *op)
{
    if (op->how[2]) /* only openat2 can; sandboxes that lack it still open plain files */
        return outcome(syscall(SYS_openat2, op->fd, op->path, op->how, sizeof op->how));
    return outcome(openat(op->fd, op->path, (int)op->how[0], (mode_t)op->how[1]));
}

static ssize_t transfer(const brio_file_op *op, char *at, size_t len, int64_t offset)
{
    if (op->call == BRIO_FILE_READ)
        return offset < 0 ? read(op->fd, at, len) : pread(op->fd, at, len, offset);
    return offset < 0 ? write(op->fd, at, len) : pwrite(op->fd, at, len, offset);
}

static int64_t do_transfer(brio_file_op *op)
{
    bool once = op->call == BRIO_FILE_READ && op->offset < 0;
    op->done = 0;
    do {
        int64_t offset = op->offset < 0 ? -1 : op->offset + (int64_t)op->done;
        ssize_t n = transfer(op, (char *)op->data + op->done, op->len - op->done, offset);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        op->done += n > 0 ? (size_t)n : 0;
    } while (op->done < op->len && !(once && op->done > 0));
    return (int64_t)op->done;
}

static int64_t do_stat(const brio_file_op *op)
{
    return outcome(statx(op->fd, op->path, (int)op->flags, (unsigned)op->len, op->data));
}

static int64_t perform(brio_file_op *op)
{
    switch (op->call) {
    case BRIO_FILE_OPEN:
        return do_open(op);
    case BRIO_FILE_READ:
    case BRIO_FILE_WRITE:
        return do_transfer(op);
    case BRIO_FILE_SYNC:
        return outcome(op->flags ? fdatasync(op->fd) : fsync(op->fd));
    case BRIO_FILE_STAT:
        return do_stat(op);
    case BRIO_FILE_RENAME:
        return outcome(renameat2(op->fd, op->path, op->to_fd, op->to_path, op->flags));
    case BRIO_FILE_UNLINK:
        return outcome(unlinkat(op->fd, op->path, (int)op->flags));
    case BRIO_FILE_MKDIR:
        return outcome(mkdirat(op->fd, op->path, (mode_t)op->how[1]));
    }
    return -EINVAL;
}

void brio_file_perform(brio_file_op *op)
{
    do
        op->result = perform(op);
    while (op->result == -EINTR);
}
