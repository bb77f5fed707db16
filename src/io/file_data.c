/* SPDX-License-Identifier: MIT
 *
 * Reading, writing and the position.
 *
 * For files the position is ours and the kernel is always told an offset: a
 * cancelled call then has moved nothing, and calls at offsets of their own do
 * not disturb it. A read of what the page cache holds is done at once
 * (RWF_NOWAIT), as a checkpoint; only the disk is waited for. Lines are cut
 * from bytes read ahead, [ahead_at, ahead_end); `position` is behind them. */
#include "io/io_internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    AT_ONCE_MAX = 64 * 1024, /* bytes copied on the loop's thread in one go */
    LINE_LIMIT = 64 * 1024,
    AHEAD_FIRST = 16 * 1024
};

/* io_uring would wait for a FIFO's bytes where read(2) says EAGAIN. */
static int64_t run(brio_file *file, brio_file_op *op)
{
    brio_io_file_block(file);
    return file->seekable ? brio_io_file_run(op) : brio_io_file_run_aside(op);
}

/* ---- Reading ------------------------------------------------------------ */

static bool ends_at(const brio_file *file, int64_t offset)
{
    struct stat st;
    return fstat(file->fd, &st) == 0 && offset >= st.st_size;
}

/* What needs no waiting; -EAGAIN if the disk must be asked for the first byte. */
static ptrdiff_t read_cached(const brio_file *file, void *into, size_t cap, int64_t offset)
{
    struct iovec iov = {into, cap};
    bool real = brio_current_task() && brio_loop_backend(brio_loop_current())[0] != 's';
    if (!real || offset < 0 || cap > AT_ONCE_MAX || !file->seekable)
        return -EAGAIN;
    ssize_t n = preadv2(file->fd, &iov, 1, offset, RWF_NOWAIT);
    return n < 0 ? -EAGAIN : n; /* other errors come again from the full call */
}

ptrdiff_t brio_io_file_read_at(brio_file *file, void *into, size_t cap, int64_t offset)
{
    int rc = brio_current_task() ? brio_checkpoint() : 0;
    if (rc < 0)
        return rc;
    ptrdiff_t cached = read_cached(file, into, cap, offset);
    size_t have = cached > 0 ? (size_t)cached : 0;
    if (cached == 0 || have == cap || (have && ends_at(file, offset + cached)))
        return cached;
    brio_file_op op = {.call = BRIO_FILE_READ,
                       .fd = file->fd,
                       .data = (char *)into + have,
                       .len = cap - have,
                       .offset = offset < 0 ? -1 : offset + (int64_t)have};
    int64_t n = run(file, &op);
    if (n < 0 && (n == -ECANCELED || have + op.done == 0))
        return (ptrdiff_t)n;
    return (ptrdiff_t)(have + op.done);
}

static size_t ahead_of(const brio_file *file)
{
    return file->ahead_end - file->ahead_at;
}

static ptrdiff_t read_on(brio_file *file, void *into, size_t cap)
{
    size_t ahead = ahead_of(file), n = ahead < cap ? ahead : cap;
    ptrdiff_t more = brio_cancel_point();
    if (more < 0)
        return more;
    if (n < cap && (n == 0 || file->seekable)) /* a device is asked only for what it must */
        more = brio_io_file_read_at(file, (char *)into + n, cap - n,
                                    file->seekable ? file->position : -1);
    if (more < 0)
        return more;
    if (n > 0) /* only now: a cancelled read has taken nothing */
        memcpy(into, file->ahead + file->ahead_at, n);
    file->ahead_at += n;
    file->position += more;
    return (ptrdiff_t)n + more;
}

ptrdiff_t brio_file_read(brio_file *file, void *into, size_t cap)
{
    if (file->busy)
        return -EBUSY;
    file->busy = true;
    brio_io_file_begin(file);
    ptrdiff_t n = read_on(file, into, cap);
    file->busy = false;
    return (ptrdiff_t)brio_io_file_end(file, n);
}

static int check_offset(const brio_file *file, int64_t offset)
{
    if (offset < 0)
        return -EINVAL;
    return file->seekable ? 0 : -ESPIPE;
}

ptrdiff_t brio_file_pread(brio_file *file, void *into, size_t cap, int64_t offset)
{
    int rc = check_offset(file, offset);
    if (rc < 0)
        return rc;
    brio_io_file_begin(file);
    ptrdiff_t n = brio_io_file_read_at(file, into, cap, offset);
    return (ptrdiff_t)brio_io_file_end(file, n);
}

/* ---- Writing ------------------------------------------------------------ */

static int write_at(brio_file *file, brio_str data, int64_t offset, size_t *ret_done)
{
    brio_file_op op = {.call = BRIO_FILE_WRITE,
                       .fd = file->fd,
                       .data = (void *)(uintptr_t)data.ptr, /* only read from */
                       .len = data.len,
                       .offset = offset};
    int64_t rc = data.len ? run(file, &op) : brio_cancel_point();
    *ret_done = op.done;
    if (rc >= 0 && op.done < data.len)
        return -EIO; /* the kernel takes nothing and gives no reason */
    return rc < 0 ? (int)rc : 0;
}

/* What was read ahead is read again, should it be wanted. */
static void forget_ahead(brio_file *file)
{
    if (!file->seekable)
        return;
    file->position -= (int64_t)ahead_of(file);
    file->ahead_at = file->ahead_end = 0;
}

static int write_on(brio_file *file, brio_str data)
{
    size_t done;
    bool at_position = file->seekable && !file->append;
    forget_ahead(file);
    int rc = write_at(file, data, at_position ? file->position : -1, &done);
    if (at_position)
        file->position += (int64_t)done;
    else if (file->append && done > 0)
        file->position = lseek(file->fd, 0, SEEK_CUR);
    return rc;
}

int brio_file_write(brio_file *file, brio_str data)
{
    if (file->busy)
        return -EBUSY;
    file->busy = true;
    brio_io_file_begin(file);
    int rc = write_on(file, data);
    file->busy = false;
    return (int)brio_io_file_end(file, rc);
}

int brio_file_pwrite(brio_file *file, brio_str data, int64_t offset)
{
    size_t done;
    int rc = check_offset(file, offset);
    if (rc < 0)
        return rc;
    brio_io_file_begin(file);
    rc = write_at(file, data, offset, &done);
    return (int)brio_io_file_end(file, rc);
}

/* ---- The position ------------------------------------------------------- */

static int64_t base_of(const brio_file *file, int whence)
{
    struct stat st;
    switch (whence) {
    case SEEK_SET:
        return 0;
    case SEEK_CUR:
        return file->position - (int64_t)ahead_of(file);
    case SEEK_END:
        return fstat(file->fd, &st) < 0 ? -errno : st.st_size;
    default:
        return -EINVAL;
    }
}

int64_t brio_file_seek(brio_file *file, int64_t offset, int whence)
{
    int64_t to;
    if (file->busy)
        return -EBUSY;
    if (!file->seekable)
        return -ESPIPE;
    int64_t base = base_of(file, whence);
    if (base < 0)
        return base;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return -EINVAL;
    file->ahead_at = file->ahead_end = 0;
    file->position = to;
    return to;
}

/* ---- Lines -------------------------------------------------------------- */

/* Makes room behind what is read ahead: at most `limit` bytes in all. */
static bool make_room(brio_file *file, size_t limit)
{
    size_t have = ahead_of(file);
    if (file->ahead_at > 0 && have > 0)
        memmove(file->ahead, file->ahead + file->ahead_at, have);
    file->ahead_at = 0;
    file->ahead_end = have;
    if (have < file->ahead_cap)
        return true;
    size_t cap = file->ahead_cap ? 2 * file->ahead_cap : AHEAD_FIRST;
    cap = cap < limit || limit < AHEAD_FIRST ? cap : limit;
    char *grown = brio_realloc(file->ahead, cap);
    if (!grown)
        return false;
    file->ahead = grown;
    file->ahead_cap = cap;
    return true;
}

/* Reads ahead; the number of bytes, 0 at the end. */
static ptrdiff_t read_ahead(brio_file *file, size_t limit)
{
    if (!make_room(file, limit))
        return -ENOMEM;
    ptrdiff_t n =
        brio_io_file_read_at(file, file->ahead + file->ahead_end, file->ahead_cap - file->ahead_end,
                             file->seekable ? file->position : -1);
    if (n > 0) {
        file->ahead_end += (size_t)n;
        file->position += n;
    }
    return n;
}

/* The first `len` bytes, told without their line's end. */
static int lend(brio_file *file, size_t len, brio_str *ret)
{
    const char *at = file->ahead + file->ahead_at;
    size_t told = len - (len > 0 && at[len - 1] == '\n');
    told -= told < len && told > 0 && at[told - 1] == '\r';
    *ret = (brio_str){len ? at : NULL, told};
    file->ahead_at += len;
    return len > 0;
}

static int line_of(brio_file *file, size_t limit, brio_str *ret)
{
    for (size_t seen = 0;;) {
        size_t have = ahead_of(file), look = have < limit ? have : limit;
        const char *from = have ? file->ahead + file->ahead_at : NULL;
        const char *end = look > seen ? memchr(from + seen, '\n', look - seen) : NULL;
        if (end)
            return lend(file, (size_t)(end - from) + 1, ret);
        if (have >= limit)
            return BRIO_ELIMIT;
        seen = look;
        ptrdiff_t n = read_ahead(file, limit);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return lend(file, have, ret);
    }
}

int brio_file_read_line(brio_file *file, size_t limit, brio_str *ret_line)
{
    *ret_line = (brio_str){0};
    if (file->busy)
        return -EBUSY;
    file->busy = true;
    brio_io_file_begin(file);
    int rc = brio_cancel_point();
    if (rc == 0)
        rc = line_of(file, limit ? limit : LINE_LIMIT, ret_line);
    file->busy = false;
    return (int)brio_io_file_end(file, rc);
}
