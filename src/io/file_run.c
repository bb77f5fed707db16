/* SPDX-License-Identifier: MIT
 *
 * How a task waits for a file operation: not at all if it needs no disk, else by
 * io_uring, else a thread, else in place.
 *
 * The operation and its buffers lie on the waiting task's stack, so it is
 * awaited whatever happens. A cancellation asks the kernel to give up; one that
 * completed all the same wins, which keeps its descriptor or bytes from being
 * lost. A thread's job is taken back while it is queued, else awaited. The
 * simulator yields and then does it in place: its turns depend on no thread. */
#include "io/io_internal.h"

#include <brio/exec.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool simulated(const brio_loop *loop)
{
    return brio_loop_backend(loop)[0] == 's';
}

/* ---- io_uring ----------------------------------------------------------- */

typedef struct ring_wait {
    brio_file_op op;
    brio_waiter waiter;
    brio_loop *loop;
} ring_wait;

/* -EINTR, not -ECANCELED, for what was given up: only park may say cancelled. */
static void ring_done(brio_file_op *op)
{
    ring_wait *wait = BRIO_CONTAINER(op, ring_wait, op);
    int err = op->result == -ECANCELED ? -EINTR : (int)op->result;
    brio_unpark(&wait->waiter, op->result < 0 ? err : 0);
}

static bool ring_give_up(brio_waiter *waiter)
{
    ring_wait *wait = BRIO_CONTAINER(waiter, ring_wait, waiter);
    brio_loop_file_cancel(wait->loop, &wait->op);
    return false;
}

/* -ENOSYS where there is no ring. */
static int64_t in_ring(brio_loop *loop, const brio_file_op *op, bool steady)
{
    for (;;) {
        ring_wait wait = {.op = *op, .loop = loop};
        wait.op.fn = ring_done;
        wait.waiter.on_cancel = steady ? NULL : ring_give_up;
        wait.waiter.kind = BRIO_WAIT_FILE;
        wait.waiter.on = op->path;
        int rc = brio_loop_file_start(loop, &wait.op);
        if (rc == 0)
            rc = brio_park(&wait.waiter);
        if (rc != -EINTR) /* else the cancellation was taken back, or there was none: again */
            return rc < 0 ? rc : wait.op.result;
    }
}

/* The kernel may do a part. Once a write has begun it goes on to its end. */
static int64_t transfer_in_ring(brio_loop *loop, brio_file_op *op)
{
    bool writes = op->call == BRIO_FILE_WRITE;
    bool once = !writes && op->offset < 0;
    brio_file_op part = *op;
    op->done = 0;
    do {
        int64_t n = in_ring(loop, &part, writes && op->done > 0);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        op->done += (size_t)n;
        part.data = (char *)part.data + n;
        part.len -= (size_t)n;
        part.offset += part.offset < 0 ? 0 : n;
    } while (part.len > 0 && !once);
    return (int64_t)op->done;
}

static int64_t by_ring(brio_loop *loop, brio_file_op *op)
{
    bool transfers = op->call == BRIO_FILE_READ || op->call == BRIO_FILE_WRITE;
    return transfers ? transfer_in_ring(loop, op) : in_ring(loop, op, false);
}

/* ---- At once ------------------------------------------------------------- */

/* Opens for reading what the kernel knows the way to (RESOLVE_CACHED). */
static int64_t open_cached(const brio_file_op *op)
{
    static atomic_bool unknown; /* before Linux 5.12 */
    const uint64_t makes = O_CREAT | O_TRUNC | O_TMPFILE;
    if ((op->how[0] & makes & ~(uint64_t)O_DIRECTORY) || (op->how[0] & O_ACCMODE) != O_RDONLY ||
        atomic_load_explicit(&unknown, memory_order_relaxed))
        return -EAGAIN;
    struct open_how how = {op->how[0], op->how[1], op->how[2] | RESOLVE_CACHED};
    long fd = syscall(SYS_openat2, op->fd, op->path, &how, sizeof how);
    if (fd >= 0)
        return fd;
    if (errno == EINVAL || errno == ENOSYS || errno == EPERM)
        atomic_store_explicit(&unknown, true, memory_order_relaxed);
    return -EAGAIN; /* whatever else it was comes again from the full call */
}

/* Of an open file: its inode is in memory. */
static int64_t stat_open(const brio_file_op *op)
{
    int rc = statx(op->fd, "", (int)op->flags, (unsigned)op->len, op->data);
    return rc < 0 ? -EAGAIN : rc;
}

/* What needs no disk; -EAGAIN for everything else. */
static int64_t at_once(const brio_file_op *op)
{
    if (op->call == BRIO_FILE_OPEN)
        return open_cached(op);
    bool open = op->call == BRIO_FILE_STAT && op->flags & AT_EMPTY_PATH && !*op->path;
    return open ? stat_open(op) : -EAGAIN;
}

/* ---- Any ---------------------------------------------------------------- */

int brio_io_file_job(int (*fn)(void *arg), void *arg)
{
    if (!brio_current_task())
        return fn(arg);
    if (!simulated(brio_loop_current()))
        return brio_to_thread(fn, arg);
    int rc = brio_yield();
    return rc < 0 ? rc : fn(arg);
}

static int perform(void *op)
{
    brio_file_perform(op);
    return 0;
}

int64_t brio_io_file_run_aside(brio_file_op *op)
{
    int rc = brio_io_file_job(perform, op);
    return rc < 0 ? rc : op->result;
}

int64_t brio_io_file_run(brio_file_op *op)
{
    brio_loop *loop = brio_current_task() ? brio_loop_current() : NULL;
    int64_t rc = loop ? brio_checkpoint() : 0;
    if (rc < 0)
        return rc;
    if (loop && !simulated(loop)) {
        rc = at_once(op);
        if (rc != -EAGAIN)
            return rc;
    }
    rc = loop ? by_ring(loop, op) : -ENOSYS;
    return rc == -ENOSYS ? brio_io_file_run_aside(op) : rc;
}

/* ---- Paths -------------------------------------------------------------- */

int brio_io_path(char **ret, brio_str path)
{
    if (path.len == 0)
        return -ENOENT;
    if (path.len >= PATH_MAX)
        return -ENAMETOOLONG;
    if (memchr(path.ptr, '\0', path.len))
        return -EINVAL;
    *ret = brio_strdup(path);
    return *ret ? 0 : -ENOMEM;
}

int64_t brio_io_file_failed(int64_t rc, const char *what, brio_str path)
{
    if (rc < 0 && rc != -ECANCELED)
        (void)brio_error((int)rc, "%s \"%.*s\": %s", what, BRIO_ARG(path),
                         brio_error_text((int)rc));
    return rc;
}
