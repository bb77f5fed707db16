/* SPDX-License-Identifier: MIT
 *
 * An open file: from open to close.
 *
 * The task that opens a file closes it at its end, by a defer in its arena, so
 * that an abandoned handler leaks no descriptor; a kept one is in the loop's
 * list of leftovers instead. A file closed under a call of another task lives
 * until that call ends. Everything is opened non-blocking, or a FIFO without a
 * peer could hold a thread for ever; for files that is taken back, since some
 * file systems would answer EAGAIN. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Life --------------------------------------------------------------- */

static void destroy(brio_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    brio_link_remove(&file->left.link);
    free(file->ahead);
    free(file);
}

static void release(brio_file *file)
{
    BRIO_ASSERT(!file->released);
    file->released = true;
    if (file->users == 0)
        destroy(file);
}

static void close_deferred(void *arg)
{
    release(arg);
}

void brio_file_close(brio_file *file)
{
    if (!file)
        return;
    if (file->arena)
        (void)brio_defer_pop(file->arena, close_deferred, file, false);
    release(file);
}

static void close_leftover(brio_io_left *left)
{
    brio_file *file = BRIO_CONTAINER(left, brio_file, left);
    if (!file->released)
        brio_io_left_tell(left, "file", file->fd);
    file->users = 0; /* an abandoned task did not come back to say so */
    file->released = false;
    release(file);
}

void brio_io_file_begin(brio_file *file)
{
    BRIO_ASSERT(!file->released);
    file->users++;
}

int64_t brio_io_file_end(brio_file *file, int64_t rc)
{
    file->users--;
    if (file->released && file->users == 0)
        destroy(file);
    return rc;
}

int brio_file_fd(brio_file *file)
{
    brio_io_file_block(file);
    return file->fd;
}

/* Who closes it if its owner does not. */
static int entrust(brio_file *file, bool keep)
{
    if (brio_current_task() && !keep) {
        file->arena = brio_task_arena();
        brio_defer_push(file->arena, close_deferred, file);
        return 0;
    }
    return brio_loop_current() ? brio_io_left_add(&file->left, close_leftover) : 0;
}

void brio_io_file_block(brio_file *file)
{
    if (!file->nonblocking)
        return;
    file->nonblocking = false;
    (void)fcntl(file->fd, F_SETFL, fcntl(file->fd, F_GETFL) & ~O_NONBLOCK);
}

/* Tells files from devices, which have their own position and stay non-blocking. A file
 * that is read is told to wait when it has to: mostly its bytes are there. */
static int look_at(brio_file *file, int flags, brio_file_info *ret)
{
    int mode = brio_io_look(file->fd, ret);
    if (mode < 0 || (S_ISDIR(mode) && !(flags & O_DIRECTORY)))
        return mode < 0 ? mode : -EISDIR; /* reading its bytes would fail later */
    file->append = flags & O_APPEND;
    file->seekable = S_ISREG(mode) || S_ISBLK(mode);
    file->nonblocking = file->seekable;
    if ((flags & O_ACCMODE) != O_RDONLY)
        brio_io_file_block(file);
    return 0;
}

static int file_new(brio_file **ret, int fd, int flags, const brio_file_options *options)
{
    brio_file *file = brio_zalloc(1, sizeof *file);
    if (!file) {
        (void)close(fd);
        return -ENOMEM;
    }
    file->fd = fd;
    brio_link_init(&file->left.link);
    int rc = look_at(file, flags, options->info);
    if (rc == 0)
        rc = entrust(file, options->keep);
    if (rc < 0) {
        destroy(file);
        return rc;
    }
    *ret = file;
    return 0;
}

int brio_io_file_new(brio_file **ret, int fd, bool keep)
{
    int flags = fcntl(fd, F_GETFL);
    return file_new(ret, fd, flags < 0 ? O_RDWR : flags | O_DIRECTORY,
                    &(brio_file_options){.keep = keep});
}

/* ---- Opening ------------------------------------------------------------ */

enum { BAD_MODE = -1 };

static int base_flags(char mode)
{
    switch (mode) {
    case 'r':
        return O_RDONLY;
    case 'w':
        return O_WRONLY | O_CREAT | O_TRUNC;
    case 'x':
        return O_WRONLY | O_CREAT | O_EXCL;
    case 'a':
        return O_WRONLY | O_CREAT | O_APPEND;
    case 'd':
        return O_RDONLY | O_DIRECTORY;
    default:
        return BAD_MODE;
    }
}

static int flags_of(const char *mode)
{
    int flags = base_flags(mode[0]);
    for (const char *c = mode + 1; flags != BAD_MODE && *c; c++) {
        if (*c == '+' && mode[0] != 'd')
            flags = (flags & ~O_ACCMODE) | O_RDWR;
        else if (*c != 'b')
            return BAD_MODE;
    }
    return flags;
}

static int64_t open_fd(const char *path, int flags, const brio_file_options *options)
{
    unsigned permissions = options->permissions ? options->permissions : 0666;
    int extra = O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (options->no_follow ? O_NOFOLLOW : 0);
    brio_file_op op = {.call = BRIO_FILE_OPEN,
                       .fd = options->beneath ? options->beneath->fd : AT_FDCWD,
                       .path = path,
                       .how = {(uint64_t)(unsigned)(flags | extra),
                               flags & O_CREAT ? permissions & 07777 : 0,
                               options->beneath ? RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS : 0}};
    return brio_io_file_run(&op);
}

static int64_t open_file(brio_file **ret, brio_str path, const char *mode,
                         const brio_file_options *options)
{
    BRIO_IO_PATH(cpath);
    int flags = flags_of(mode);
    int rc = flags == BAD_MODE ? -EINVAL : brio_io_path(&cpath, path);
    if (rc < 0)
        return rc;
    if (!options->keep)
        brio_io_defer_reserve();
    int64_t fd = open_fd(cpath, flags, options);
    return fd < 0 ? fd : file_new(ret, (int)fd, flags, options);
}

int brio_file_open(brio_file **ret, brio_str path, const char *mode,
                   const brio_file_options *options)
{
    static const brio_file_options defaults;
    *ret = NULL;
    int64_t rc = open_file(ret, path, mode, options ? options : &defaults);
    return (int)brio_io_file_failed(rc, "open", path);
}

brio_file *brio_file_enter(int *ret_rc, brio_str path, const char *mode)
{
    brio_file *file;
    *ret_rc = brio_file_open(&file, path, mode, NULL);
    return file;
}
