/* SPDX-License-Identifier: MIT
 *
 * Calls on names: rename, remove, mkdir and their kin. Each copies its paths
 * to add the NUL that the system wants, and keeps them until the kernel is
 * done. What io_uring does not know runs on a thread. */
#include "io/io_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Through the ring --------------------------------------------------- */

static int64_t rename_path(brio_str from, brio_str to, bool exclusive)
{
    BRIO_IO_PATH(cfrom);
    BRIO_IO_PATH(cto);
    int rc = brio_io_path(&cfrom, from);
    if (rc == 0)
        rc = brio_io_path(&cto, to);
    if (rc < 0)
        return rc;
    brio_file_op op = {.call = BRIO_FILE_RENAME,
                       .fd = AT_FDCWD,
                       .path = cfrom,
                       .to_fd = AT_FDCWD,
                       .to_path = cto,
                       .flags = exclusive ? RENAME_NOREPLACE : 0};
    return brio_io_file_run(&op);
}

int brio_path_rename(brio_str from, brio_str to, bool exclusive)
{
    return (int)brio_io_file_failed(rename_path(from, to, exclusive), "rename", from);
}

static int64_t on_path(brio_file_op op, brio_str path)
{
    BRIO_IO_PATH(cpath);
    int rc = brio_io_path(&cpath, path);
    op.fd = AT_FDCWD;
    op.path = cpath;
    return rc < 0 ? rc : brio_io_file_run(&op);
}

int brio_path_remove(brio_str path)
{
    int64_t rc = on_path((brio_file_op){.call = BRIO_FILE_UNLINK}, path);
    return (int)brio_io_file_failed(rc, "remove", path);
}

int brio_path_rmdir(brio_str path)
{
    int64_t rc = on_path((brio_file_op){.call = BRIO_FILE_UNLINK, .flags = AT_REMOVEDIR}, path);
    return (int)brio_io_file_failed(rc, "remove directory", path);
}

int brio_path_mkdir(brio_str path, unsigned permissions)
{
    unsigned mode = permissions ? permissions & 07777 : 0777;
    int64_t rc = on_path((brio_file_op){.call = BRIO_FILE_MKDIR, .how = {0, mode}}, path);
    return (int)brio_io_file_failed(rc, "make directory", path);
}

/* ---- On a thread -------------------------------------------------------- */

typedef struct name_job {
    char *path;
    char *target; /* of a link */
    unsigned permissions;
    int (*fn)(struct name_job *job);
    char link[PATH_MAX];
} name_job;

static int run_job(void *arg)
{
    name_job *job = arg;
    return job->fn(job);
}

static void job_free(name_job **job)
{
    if (!*job)
        return;
    free((*job)->path);
    free((*job)->target);
    free(*job);
}

#define NAME_JOB(name) name_job *name __attribute__((cleanup(job_free))) = NULL

static int job_new(name_job **ret, brio_str path, int (*fn)(name_job *job))
{
    *ret = brio_zalloc(1, sizeof **ret);
    if (!*ret)
        return -ENOMEM;
    (*ret)->fn = fn;
    return brio_io_path(&(*ret)->path, path);
}

/* The prefixes in turn; each may be made by somebody else meanwhile. */
static int make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int rc = mkdir(path, 0777);
        *slash = '/';
        if (rc < 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static int make_dirs(name_job *job)
{
    struct stat st;
    int rc = make_parents(job->path);
    if (rc < 0 || mkdir(job->path, (mode_t)job->permissions) == 0)
        return rc;
    if (errno != EEXIST)
        return -errno;
    if (stat(job->path, &st) < 0)
        return -errno;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int brio_path_make_dirs(brio_str path, unsigned permissions)
{
    NAME_JOB(job);
    int rc = job_new(&job, path, make_dirs);
    if (rc == 0) {
        job->permissions = permissions ? permissions & 07777 : 0777;
        rc = brio_io_file_job(run_job, job);
    }
    return (int)brio_io_file_failed(rc, "make directories", path);
}

static int change_mode(name_job *job)
{
    return chmod(job->path, (mode_t)job->permissions) < 0 ? -errno : 0;
}

int brio_path_chmod(brio_str path, unsigned permissions)
{
    NAME_JOB(job);
    int rc = job_new(&job, path, change_mode);
    if (rc == 0) {
        job->permissions = permissions & 07777;
        rc = brio_io_file_job(run_job, job);
    }
    return (int)brio_io_file_failed(rc, "change mode of", path);
}

static int make_symlink(name_job *job)
{
    return symlink(job->target, job->path) < 0 ? -errno : 0;
}

int brio_path_symlink(brio_str target, brio_str path)
{
    NAME_JOB(job);
    int rc = job_new(&job, path, make_symlink);
    if (rc == 0)
        rc = brio_io_path(&job->target, target);
    if (rc == 0)
        rc = brio_io_file_job(run_job, job);
    return (int)brio_io_file_failed(rc, "make symbolic link", path);
}

static int read_link(name_job *job)
{
    ssize_t n = readlink(job->path, job->link, sizeof job->link);
    if (n == (ssize_t)sizeof job->link)
        return -ENAMETOOLONG;
    return n < 0 ? -errno : (int)n;
}

static int read_link_job(name_job **ret, brio_str path)
{
    int rc = job_new(ret, path, read_link);
    return rc < 0 ? rc : brio_io_file_job(run_job, *ret);
}

static void job_free_deferred(void *slot)
{
    job_free(slot);
}

/* The arena may end the task while the job is still to be freed: deferred. */
int brio_path_readlink(brio_str path, brio_str *ret_target)
{
    brio_arena *arena = brio_task_arena();
    name_job *job = NULL;
    brio_defer_push(arena, job_free_deferred, &job);
    int rc = read_link_job(&job, path);
    if (rc >= 0)
        *ret_target = brio_str_copy(arena, (brio_str){job->link, (size_t)rc});
    (void)brio_defer_pop(arena, job_free_deferred, &job, true);
    return rc < 0 ? (int)brio_io_file_failed(rc, "read symbolic link", path) : 0;
}
