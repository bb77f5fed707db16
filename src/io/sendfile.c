/* SPDX-License-Identifier: MIT
 *
 * Files into streams: by the kernel where the transport can (sendfile), else
 * read on a thread and written piece by piece.
 *
 * It is one write: nothing else is written meanwhile, and when it is cancelled
 * after it began the stream is only good for closing. The file's own position
 * moves only when the caller asked to send from it. */
#include "io/io_internal.h"

#include <brio/exec.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, STEP = 1 << 30 };

typedef struct sending {
    brio_stream *stream;
    int fd;
    int64_t at; /* in the file */
    size_t left;
    int64_t sent;
} sending;

/* What was sent is an unknown part of the whole. */
static int cut(sending *f, int rc)
{
    brio_stream *s = f->stream;
    if (f->sent > 0 && rc == -ECANCELED && !s->released) {
        s->write_ended = true;
        brio_io_close_raw(s);
    }
    return rc;
}

static void count(sending *f, size_t n)
{
    f->sent += (int64_t)n;
    f->left -= n;
}

/* ---- By the kernel ------------------------------------------------------ */

/* 1: go on, 0: the file's end, < 0. */
static int kernel_step(sending *f)
{
    brio_stream *s = f->stream;
    ptrdiff_t n = -EPIPE;
    if (!s->raw_closed && s->in_loop)
        n = s->raw->sendfile(s, f->fd, &f->at, f->left < STEP ? f->left : STEP);
    if (n == -EAGAIN) {
        int rc = brio_io_write_wait(s);
        return rc < 0 ? rc : 1;
    }
    if (n <= 0)
        return (int)n;
    count(f, (size_t)n);
    int rc = brio_checkpoint();
    return rc < 0 ? cut(f, rc) : s->released ? BRIO_ECLOSED : 1;
}

static int by_kernel(sending *f)
{
    int rc = 1;
    while (rc > 0 && f->left > 0)
        rc = kernel_step(f);
    return rc < 0 ? rc : 0;
}

static bool cannot(int rc)
{
    return rc == -ENOTSUP || rc == -EINVAL || rc == -ENOSYS;
}

/* ---- By hand ------------------------------------------------------------ */

typedef struct piece {
    int fd;
    int64_t at;
    size_t len;
    char *into;
} piece;

static int read_piece(void *arg)
{
    const piece *p = arg;
    ssize_t n;
    do
        n = pread(p->fd, p->into, p->len, (off_t)p->at);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : (int)n;
}

static int hand_step(sending *f, char *buffer)
{
    piece p = {f->fd, f->at, f->left < PIECE ? f->left : PIECE, buffer};
    int n = brio_to_thread(read_piece, &p);
    if (n <= 0)
        return n < 0 ? cut(f, n) : 0;
    if (f->stream->released)
        return BRIO_ECLOSED;
    f->at += n;
    count(f, (size_t)n);
    int rc = brio_io_write_all(f->stream, (brio_str){buffer, (size_t)n});
    return rc < 0 ? rc : 1;
}

static int by_hand(sending *f)
{
    char *buffer = brio_malloc(PIECE);
    int rc = buffer ? 1 : -ENOMEM;
    while (rc > 0 && f->left > 0)
        rc = hand_step(f, buffer);
    free(buffer);
    return rc < 0 ? rc : 0;
}

/* ---- The call ----------------------------------------------------------- */

static int send_all(sending *f)
{
    brio_stream *s = f->stream;
    int rc = brio_io_write_begin(s);
    if (rc < 0)
        return rc;
    rc = s->filter || !s->raw->sendfile ? -ENOTSUP : by_kernel(f);
    if (cannot(rc) && f->sent == 0)
        rc = by_hand(f);
    brio_io_write_end(s);
    return rc;
}

int64_t brio_stream_sendfile(brio_stream *s, int fd, int64_t offset, size_t n)
{
    sending f = {s, fd, offset, n ? n : SIZE_MAX, 0};
    if (offset < 0)
        f.at = lseek(fd, 0, SEEK_CUR);
    if (f.at < 0)
        return -errno;
    brio_io_enter(s);
    int rc = (int)brio_io_leave(s, send_all(&f));
    if (offset < 0 && f.sent > 0)
        (void)lseek(fd, f.at, SEEK_SET);
    return rc < 0 ? rc : f.sent;
}
