/* SPDX-License-Identifier: MIT
 *
 * Temporary files and directories, gone when their task ends.
 *
 * The defer that removes one is registered before it is made: an arena at its
 * limit ends the task in between, and nothing may be left. Removing must
 * succeed in a cancelled task too, so where waiting is refused it is done in
 * place. A file without a name (O_TMPFILE) needs none of this. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { TRIES = 100, REMOVE_LIMIT = 1000000 };

typedef struct temp {
    const char *path; /* NULL before it is made */
    bool directory;
} temp;

static int remove_it(void *arg)
{
    const temp *t = arg;
    if (t->directory)
        return brio_io_remove_tree(t->path, REMOVE_LIMIT);
    return unlink(t->path) < 0 ? -errno : 0;
}

static void remove_at_end(void *arg)
{
    temp *t = arg;
    if (!t->path)
        return;
    int rc = brio_io_file_job(remove_it, t);
    if (rc == -ECANCELED || rc == BRIO_EOVERLOAD || rc == BRIO_ECLOSED)
        rc = remove_it(t);
    if (rc < 0 && rc != -ENOENT)
        brio_log(BRIO_LOG_WARNING, "io: temporary \"%s\" not removed: %s", t->path,
                 brio_error_text(rc));
}

/* "DIR/brio-0000000000000000" */
static int pattern_in(brio_arena *arena, brio_str dir, char **ret)
{
    const char *env = getenv("TMPDIR");
    if (dir.len == 0)
        dir = env && *env ? brio_str_from(env) : BRIO_S("/tmp");
    if (memchr(dir.ptr, '\0', dir.len))
        return -EINVAL;
    brio_str path = brio_printf(arena, "%.*s/brio-%016d", BRIO_ARG(dir), 0);
    *ret = (char *)(uintptr_t)path.ptr; /* ours: just made */
    return 0;
}

static int64_t make_once(temp *t, char *path)
{
    brio_file_op op = {
        .call = t->directory ? BRIO_FILE_MKDIR : BRIO_FILE_OPEN,
        .fd = AT_FDCWD,
        .path = path,
        .how = {O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, t->directory ? 0700 : 0600}};
    brio_io_random_name(path);
    int64_t rc = brio_io_file_run(&op);
    t->path = rc >= 0 ? path : NULL;
    return rc;
}

/* A descriptor, or 0 for a directory. */
static int64_t make(brio_str dir, bool directory, brio_str *ret_path)
{
    brio_arena *arena = brio_task_arena();
    char *path;
    int64_t rc = pattern_in(arena, dir, &path);
    if (rc < 0)
        return rc;
    temp *t = BRIO_NEW(arena, temp);
    t->directory = directory;
    brio_defer_push(arena, remove_at_end, t);
    brio_io_defer_reserve(); /* for the file's close */
    rc = -EEXIST;
    for (int i = 0; i < TRIES && rc == -EEXIST; i++)
        rc = make_once(t, path);
    if (rc < 0)
        (void)brio_defer_pop(arena, remove_at_end, t, false);
    else
        *ret_path = brio_str_from(path);
    return rc;
}

static int64_t open_nameless(brio_str dir)
{
    char *path;
    brio_arena *arena = brio_task_arena();
    int rc = pattern_in(arena, dir, &path);
    if (rc < 0)
        return rc;
    *strrchr(path, '/') = '\0';
    brio_io_defer_reserve(); /* for the file's close */
    brio_file_op op = {.call = BRIO_FILE_OPEN,
                       .fd = AT_FDCWD,
                       .path = *path ? path : "/",
                       .how = {O_RDWR | O_TMPFILE | O_EXCL | O_CLOEXEC, 0600}};
    return brio_io_file_run(&op);
}

static int open_temp(brio_file **ret, brio_str dir, brio_str *ret_path)
{
    brio_str path = {0};
    int64_t fd = ret_path ? -EOPNOTSUPP : open_nameless(dir);
    if (fd == -EOPNOTSUPP ||
        fd == -EISDIR) { /* asked for a name, or the file system insists on one */
        fd = make(dir, false, &path);
        if (fd >= 0 && !ret_path)
            (void)unlink(path.ptr);
    }
    if (fd < 0)
        return (int)fd;
    if (ret_path)
        *ret_path = path;
    return brio_io_file_new(ret, (int)fd, false);
}

int brio_file_temp(brio_file **ret, brio_str dir, brio_str *ret_path)
{
    return (int)brio_io_file_failed(open_temp(ret, dir, ret_path), "make a file in", dir);
}

int brio_path_temp_dir(brio_str dir, brio_str *ret_path)
{
    int64_t rc = make(dir, true, ret_path);
    return (int)brio_io_file_failed(rc < 0 ? rc : 0, "make a directory in", dir);
}
