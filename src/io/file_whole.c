/* SPDX-License-Identifier: MIT
 *
 * Whole files: read, write, replace, copy.
 *
 * Writing is one job on a thread, so a cancellation comes before it or after
 * it, never between truncating and writing. A copy goes in slices, between
 * which it can be cancelled: until its draft is renamed nothing has happened.
 * What the job points to lives on the waiting task's stack or heap. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_LIMIT = 1024 * 1024,
    READ_FIRST = 4096,
    COPY_SLICE = 16 * 1024 * 1024,
    COPY_BUFFER = 64 * 1024
};

/* ---- Reading ------------------------------------------------------------ */

static size_t first_size(const brio_file *file, size_t limit)
{
    struct stat st;
    bool known = fstat(file->fd, &st) == 0 && st.st_size > 0;  /* /proc says 0 */
    size_t size = known ? (size_t)st.st_size + 1 : READ_FIRST; /* + 1: to see the end */
    return size < limit + 1 ? size : limit + 1;
}

static char *regrow(brio_arena *arena, const char *old, size_t len, size_t cap)
{
    char *grown = brio_alloc(arena, cap + 1);
    memcpy(grown, old, len);
    return grown;
}

static int read_all(brio_file *file, size_t limit, brio_str *ret)
{
    brio_arena *arena = brio_task_arena();
    size_t cap = first_size(file, limit), len = 0;
    char *at = brio_alloc(arena, cap + 1);
    for (;;) {
        ptrdiff_t n = brio_file_read(file, at + len, cap - len);
        if (n < 0)
            return (int)n;
        len += (size_t)n;
        if (len > limit)
            return BRIO_ELIMIT;
        if (n == 0)
            break;
        if (len == cap) {
            cap = cap < limit / 2 ? 2 * cap : limit + 1;
            at = regrow(arena, at, len, cap);
        }
    }
    at[len] = '\0';
    *ret = (brio_str){at, len};
    return 0;
}

int brio_path_read(brio_str path, size_t limit, brio_str *ret)
{
    brio_file *file;
    size_t most = limit ? limit : READ_LIMIT;
    int rc = brio_file_open(&file, path, "r", NULL);
    if (rc < 0)
        return rc;
    rc = read_all(file, most < PTRDIFF_MAX ? most : PTRDIFF_MAX - 1, ret);
    brio_file_close(file);
    return (int)brio_io_file_failed(rc, "read", path);
}

/* ---- Writing and replacing ---------------------------------------------- */

typedef struct write_job {
    const char *path;
    brio_str data;
    unsigned permissions;
} write_job;

static int write_now(void *arg)
{
    const write_job *job = arg;
    mode_t mode = job->permissions ? job->permissions & 07777 : 0666;
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    brio_io_draft direct = {.fd = open(job->path, flags, mode)};
    if (direct.fd < 0)
        return -errno;
    int rc = brio_io_draft_write(&direct, job->data);
    return close(direct.fd) < 0 && rc == 0 ? -errno : rc;
}

static int replace_now(void *arg)
{
    const write_job *job = arg;
    brio_io_draft draft;
    int rc = brio_io_draft_open(&draft, job->path, job->permissions);
    if (rc == 0)
        rc = brio_io_draft_write(&draft, job->data);
    if (rc == 0)
        rc = brio_io_draft_commit(&draft, true);
    brio_io_draft_drop(&draft);
    return rc;
}

static int with_data(int (*fn)(void *arg), brio_str path, brio_str data, unsigned permissions)
{
    BRIO_IO_PATH(cpath);
    int rc = brio_io_path(&cpath, path);
    if (rc < 0)
        return rc;
    write_job job = {cpath, data, permissions};
    return brio_io_file_job(fn, &job);
}

int brio_path_write(brio_str path, brio_str data, unsigned permissions)
{
    int rc = with_data(write_now, path, data, permissions);
    return (int)brio_io_file_failed(rc, "write", path);
}

int brio_path_replace(brio_str path, brio_str data, unsigned permissions)
{
    int rc = with_data(replace_now, path, data, permissions);
    return (int)brio_io_file_failed(rc, "replace", path);
}

/* ---- Copying ------------------------------------------------------------ */

typedef struct copy_job {
    const char *from, *to;
    const brio_file *file; /* what is copied, if it is open already */
    unsigned permissions;  /* with `file`; 0: those of what is replaced */
    int fd;
    brio_io_draft draft;
    int64_t copied;
    bool plain; /* copy_file_range is not for these two */
    char *buf;  /* used then */
    bool done;
} copy_job;

static int copy_open(void *arg)
{
    copy_job *job = arg;
    struct stat st;
    job->fd =
        job->file ? job->file->fd : open(job->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (job->fd < 0 || fstat(job->fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    return brio_io_draft_open(&job->draft, job->to,
                              job->file ? job->permissions : st.st_mode & 0777);
}

/* By offsets: an open file's position is its owner's. */
static ssize_t copy_by_hand(copy_job *job)
{
    if (!job->buf && !(job->buf = brio_malloc(COPY_BUFFER)))
        return -ENOMEM;
    ssize_t n = pread(job->fd, job->buf, COPY_BUFFER, job->copied);
    if (n <= 0)
        return n < 0 ? -errno : 0;
    int rc = brio_io_draft_write(&job->draft, (brio_str){job->buf, (size_t)n});
    return rc < 0 ? rc : n;
}

static ssize_t copy_some(copy_job *job)
{
    if (job->plain)
        return copy_by_hand(job);
    off_t at = job->copied;
    ssize_t n = copy_file_range(job->fd, &at, job->draft.fd, NULL, COPY_SLICE, 0);
    if (n > 0 || (n == 0 && job->copied > 0))
        return n;
    if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG))
        return -errno;
    job->plain = true; /* also when it says 0 at once: /proc and kin do */
    return copy_by_hand(job);
}

static int copy_slice(void *arg)
{
    copy_job *job = arg;
    for (int64_t end = job->copied + COPY_SLICE; job->copied < end;) {
        ssize_t n = copy_some(job);
        if (n < 0)
            return (int)n;
        if (n == 0) {
            job->done = true;
            return brio_io_draft_commit(&job->draft, false);
        }
        job->copied += n;
    }
    return 0;
}

static void copy_end(copy_job *job)
{
    brio_io_draft_drop(&job->draft);
    free(job->buf);
    if (job->fd >= 0 && !job->file)
        (void)close(job->fd);
}

static int64_t run_copy(copy_job *job)
{
    int rc = brio_io_file_job(copy_open, job);
    while (rc == 0 && !job->done)
        rc = brio_io_file_job(copy_slice, job);
    copy_end(job);
    return rc < 0 ? rc : job->copied;
}

static int64_t copy(brio_str from, brio_str to)
{
    BRIO_IO_PATH(cfrom);
    BRIO_IO_PATH(cto);
    int rc = brio_io_path(&cfrom, from);
    if (rc == 0)
        rc = brio_io_path(&cto, to);
    if (rc < 0)
        return rc;
    return run_copy(&(copy_job){.from = cfrom, .to = cto, .fd = -1, .draft.fd = -1});
}

int64_t brio_path_copy(brio_str from, brio_str to)
{
    return brio_io_file_failed(copy(from, to), "copy", from);
}

int64_t brio_file_copy(brio_file *from, brio_str to, unsigned permissions)
{
    BRIO_IO_PATH(cto);
    int rc = brio_io_path(&cto, to);
    if (rc < 0)
        return brio_io_file_failed(rc, "copy to", to);
    brio_io_file_begin(from);
    int64_t n = run_copy(
        &(copy_job){.file = from, .permissions = permissions, .to = cto, .fd = -1, .draft.fd = -1});
    return brio_io_file_failed(brio_io_file_end(from, n), "copy to", to);
}
