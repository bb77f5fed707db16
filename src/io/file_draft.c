/* SPDX-License-Identifier: MIT
 *
 * Drafts: how a file is replaced so that nobody ever sees half of it.
 *
 * A draft is a new file in the target's directory, under a name nobody guesses
 * (opened O_EXCL, so that guessing it gains nothing), renamed over the target
 * when it is whole. Durable means: the bytes are on the disk before the rename,
 * and the rename before the commit returns. Everything here blocks and runs on
 * a thread; the owner keeps the struct. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGITS = 16, TRIES = 100 };

static const char prefix[] = ".brio-";

void brio_io_random_name(char *name)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t bits;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
        bits = (uint64_t)brio_clock_monotonic() ^ (uintptr_t)name;
    char *at = name + strlen(name) - DIGITS;
    for (int i = 0; i < DIGITS; i++, bits >>= 4)
        at[i] = hex[bits & 15];
}

/* The length of the directory's part, its slash included; 0: the current one. */
static size_t directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static char *name_beside(const char *target)
{
    size_t dir = directory_of(target);
    char *path = brio_malloc(dir + sizeof prefix + DIGITS);
    if (!path)
        return NULL;
    memcpy(path, target, dir);
    memcpy(path + dir, prefix, sizeof prefix - 1);
    memset(path + dir + sizeof prefix - 1, '0', DIGITS);
    path[dir + sizeof prefix - 1 + DIGITS] = '\0';
    return path;
}

static int open_new(brio_io_draft *d, mode_t mode)
{
    for (int i = 0; i < TRIES; i++) {
        brio_io_random_name(d->path);
        d->fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (d->fd >= 0 || errno != EEXIST)
            break;
    }
    return d->fd < 0 ? -errno : 0;
}

/* Asked-for permissions are exact; a new file's are less the umask. */
static int set_permissions(const brio_io_draft *d, unsigned permissions)
{
    struct stat st;
    if (permissions == 0 && lstat(d->target, &st) == 0 && S_ISREG(st.st_mode))
        permissions = st.st_mode & 07777;
    return permissions && fchmod(d->fd, (mode_t)(permissions & 07777)) < 0 ? -errno : 0;
}

int brio_io_draft_open(brio_io_draft *d, const char *target, unsigned permissions)
{
    *d = (brio_io_draft){.target = target, .path = name_beside(target), .fd = -1};
    if (!d->path)
        return -ENOMEM;
    int rc = open_new(d, 0666);
    if (rc == 0)
        return set_permissions(d, permissions);
    free(d->path); /* nothing of that name is ours */
    d->path = NULL;
    return rc;
}

int brio_io_draft_write(const brio_io_draft *d, brio_str data)
{
    brio_file_op op = {.call = BRIO_FILE_WRITE,
                       .fd = d->fd,
                       .data = (void *)(uintptr_t)data.ptr, /* only read from */
                       .len = data.len,
                       .offset = -1};
    brio_file_perform(&op);
    return op.result < 0 ? (int)op.result : 0;
}

static int sync_directory(const char *target)
{
    size_t len = directory_of(target);
    char *dir = brio_strdup(len ? (brio_str){target, len} : BRIO_S("."));
    int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int rc = fd < 0 || (fsync(fd) < 0 && errno != EINVAL) ? -errno : 0; /* some cannot */
    if (fd >= 0)
        (void)close(fd);
    free(dir);
    return rc;
}

/* A failed close can be where a network file system tells of a full disk. */
static int finish(brio_io_draft *d, bool durable)
{
    int rc = durable && fsync(d->fd) < 0 ? -errno : 0;
    if (close(d->fd) < 0 && rc == 0)
        rc = -errno;
    d->fd = -1;
    return rc;
}

int brio_io_draft_commit(brio_io_draft *d, bool durable)
{
    struct stat st;
    int rc = finish(d, durable);
    if (rc == 0 && lstat(d->target, &st) == 0 && S_ISDIR(st.st_mode))
        rc = -EISDIR;
    if (rc == 0 && rename(d->path, d->target) < 0)
        rc = -errno;
    if (rc < 0)
        return rc;
    free(d->path);
    d->path = NULL;
    return durable ? sync_directory(d->target) : 0;
}

void brio_io_draft_drop(brio_io_draft *d)
{
    if (d->fd >= 0)
        (void)close(d->fd);
    if (d->path)
        (void)unlink(d->path);
    free(d->path);
    d->path = NULL;
    d->fd = -1;
}
