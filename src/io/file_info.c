/* SPDX-License-Identifier: MIT
 *
 * What is known of a file, and what changes it as a whole: stat, exists, sync,
 * truncate. One system call each; statx, because it tells the birth time and
 * io_uring knows it. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- Stat --------------------------------------------------------------- */

brio_file_kind brio_io_kind_of(unsigned mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return BRIO_FILE_REGULAR;
    case S_IFDIR:
        return BRIO_FILE_DIRECTORY;
    case S_IFLNK:
        return BRIO_FILE_SYMLINK;
    case S_IFIFO:
        return BRIO_FILE_FIFO;
    case S_IFSOCK:
        return BRIO_FILE_SOCKET;
    case S_IFCHR:
    case S_IFBLK:
        return BRIO_FILE_DEVICE;
    default:
        return BRIO_FILE_UNKNOWN;
    }
}

static brio_time time_of(const struct statx_timestamp *ts)
{
    return BRIO_SEC(ts->tv_sec) + ts->tv_nsec;
}

static brio_file_info info_of(const struct statx *st)
{
    bool born = st->stx_mask & STATX_BTIME;
    return (brio_file_info){.kind = brio_io_kind_of(st->stx_mode),
                            .permissions = st->stx_mode & 07777,
                            .uid = st->stx_uid,
                            .gid = st->stx_gid,
                            .size = st->stx_size,
                            .allocated = st->stx_blocks * 512,
                            .links = st->stx_nlink,
                            .inode = st->stx_ino,
                            .device = makedev(st->stx_dev_major, st->stx_dev_minor),
                            .modified = time_of(&st->stx_mtime),
                            .accessed = time_of(&st->stx_atime),
                            .changed = time_of(&st->stx_ctime),
                            .created = born ? time_of(&st->stx_btime) : 0};
}

static int64_t stat_at(int fd, const char *path, unsigned flags, brio_file_info *ret)
{
    struct statx st;
    brio_file_op op = {.call = BRIO_FILE_STAT,
                       .fd = fd,
                       .path = path,
                       .flags = flags,
                       .len = STATX_BASIC_STATS | STATX_BTIME,
                       .data = &st};
    int64_t rc = brio_io_file_run(&op);
    if (rc >= 0)
        *ret = info_of(&st);
    return rc;
}

int brio_file_stat(brio_file *file, brio_file_info *ret)
{
    brio_io_file_begin(file);
    return (int)brio_io_file_end(file, stat_at(file->fd, "", AT_EMPTY_PATH, ret));
}

int brio_io_look(int fd, brio_file_info *ret)
{
    struct statx st;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
        return -errno;
    if (ret)
        *ret = info_of(&st);
    return st.stx_mode;
}

static int64_t stat_path(brio_str path, bool follow, brio_file_info *ret)
{
    BRIO_IO_PATH(cpath);
    int rc = brio_io_path(&cpath, path);
    return rc < 0 ? rc : stat_at(AT_FDCWD, cpath, follow ? 0 : AT_SYMLINK_NOFOLLOW, ret);
}

int brio_path_stat(brio_str path, bool follow, brio_file_info *ret)
{
    return (int)brio_io_file_failed(stat_path(path, follow, ret), "stat", path);
}

int brio_path_exists(brio_str path)
{
    brio_file_info info;
    int64_t rc = stat_path(path, true, &info);
    if (rc == -ENOENT || rc == -ENOTDIR)
        return 0;
    return rc < 0 ? (int)brio_io_file_failed(rc, "stat", path) : 1;
}

/* ---- Sync and truncate -------------------------------------------------- */

int brio_file_sync(brio_file *file, bool data_only)
{
    brio_file_op op = {.call = BRIO_FILE_SYNC, .fd = file->fd, .flags = data_only};
    brio_io_file_begin(file);
    return (int)brio_io_file_end(file, brio_io_file_run(&op));
}

typedef struct truncation {
    int fd;
    off_t size;
} truncation;

static int truncate_now(void *arg)
{
    const truncation *t = arg;
    return ftruncate(t->fd, t->size) < 0 ? -errno : 0;
}

int brio_file_truncate(brio_file *file, uint64_t size)
{
    truncation t = {file->fd, (off_t)size};
    if (size > INT64_MAX)
        return -EFBIG;
    brio_io_file_begin(file);
    return (int)brio_io_file_end(file, brio_io_file_job(truncate_now, &t));
}
