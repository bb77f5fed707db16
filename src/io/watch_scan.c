/* SPDX-License-Identifier: MIT
 *
 * Putting watches on a tree.
 *
 * The walk runs on a thread and writes only into its own lists; the task takes
 * them over when it is done. A directory is watched before it is read, so that
 * what is made in it is either found or reported, at worst both. Descriptors
 * are not nested: directories wait in a queue, whose bound is the number of
 * watches allowed. Links are not followed below the root. */
#include "io/io_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EVENTS = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
             IN_DELETE_SELF | IN_MOVE_SELF | IN_EXCL_UNLINK
};

typedef struct found {
    int wd; /* -1: it was watched already, or is no directory */
    bool directory;
    char *path;
} found;

typedef struct scan {
    int fd;
    bool recursive, root;
    size_t limit; /* watches that may be added */
    size_t added;
    found *all; /* directories among them are visited in this order */
    size_t n, cap;
} scan;

char *brio_io_join(const char *dir, const char *name)
{
    size_t len = strlen(dir), more = strlen(name);
    bool slash = len > 0 && dir[len - 1] != '/';
    char *path = brio_malloc(len + slash + more + 1);
    if (!path)
        return NULL;
    memcpy(path, dir, len);
    if (slash)
        path[len] = '/';
    memcpy(path + len + slash, name, more + 1);
    return path;
}

/* Takes `path`. */
static int add(scan *s, char *path, bool directory)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 16;
        found *grown = path ? brio_realloc(s->all, cap * sizeof *grown) : NULL;
        if (grown) {
            s->all = grown;
            s->cap = cap;
        }
    }
    if (!path || s->n == s->cap) {
        free(path);
        return -ENOMEM;
    }
    s->all[s->n++] = (found){.wd = -1, .directory = directory, .path = path};
    return 0;
}

static bool is_directory(const char *path, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int read_dir(scan *s, DIR *dir, const char *path)
{
    for (const struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *below = brio_io_join(path, entry->d_name);
        int rc = add(s, below, below && is_directory(below, entry));
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* What vanished meanwhile, or may not be read, has nothing to tell. */
static int enter(scan *s, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : 0;
    int rc = read_dir(s, dir, path);
    (void)closedir(dir);
    return rc;
}

static int watch_one(scan *s, size_t i)
{
    bool top = i == 0;
    uint32_t how = IN_MASK_CREATE | (top && s->root ? 0U : (uint32_t)(IN_DONT_FOLLOW | IN_ONLYDIR));
    if (s->added == s->limit)
        return BRIO_ELIMIT;
    s->all[i].wd = inotify_add_watch(s->fd, s->all[i].path, EVENTS | how);
    if (s->all[i].wd >= 0)
        s->added++;
    else if ((top && s->root) || errno == ENOSPC || errno == ENOMEM)
        return -errno;
    return s->recursive ? enter(s, s->all[i].path) : 0;
}

static int walk(void *arg)
{
    scan *s = arg;
    int rc = 0;
    for (size_t i = 0; i < s->n && rc == 0; i++)
        if (s->all[i].directory)
            rc = watch_one(s, i);
    return rc;
}

/* ---- Taking over -------------------------------------------------------- */

/* Room for `n` more, before any is taken over. */
static int reserve(brio_watcher *w, size_t n)
{
    size_t cap = w->watched_cap ? w->watched_cap : 16;
    while (cap < w->watched_n + n)
        cap *= 2;
    if (cap == w->watched_cap)
        return 0;
    brio_io_watched *grown = brio_realloc(w->watched, cap * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    w->watched = grown;
    w->watched_cap = cap;
    return 0;
}

static void keep(brio_watcher *w, int wd, char *path, bool root)
{
    size_t at = w->watched_n++;
    for (; at > 0 && w->watched[at - 1].wd > wd; at--) /* numbers ascend: hardly ever */
        w->watched[at] = w->watched[at - 1];
    w->watched[at] = (brio_io_watched){.wd = wd, .root = root, .path = path};
}

static void tell(brio_watcher *w, const found *f)
{
    brio_io_watch_tell(w, BRIO_CHANGE_CREATED, f->directory, brio_strdup(brio_str_from(f->path)),
                       NULL);
}

/* All or, with an error of the root's scan or without memory, nothing. */
static int take_over(brio_watcher *w, scan *s, int rc, bool tells)
{
    bool room = reserve(w, s->added) == 0;
    bool keeps = room && (rc == 0 || !s->root);
    if (rc == 0 && !room)
        rc = -ENOMEM;
    for (size_t i = 0; i < s->n; i++) {
        found *f = &s->all[i];
        if (rc == 0 && tells && i > 0)
            tell(w, f);
        if (f->wd >= 0 && keeps) {
            keep(w, f->wd, f->path, s->root && i == 0);
            continue;
        }
        if (f->wd >= 0)
            (void)inotify_rm_watch(s->fd, f->wd);
        free(f->path);
    }
    free(s->all);
    return rc;
}

static void scan_over(brio_watcher *w)
{
    brio_waiter *waiter = w->waiter;
    if (--w->scans > 0 || !waiter || w->watch.fn) /* it waits for events */
        return;
    w->waiter = NULL;
    brio_unpark(waiter, 0);
}

int brio_io_watch_scan(brio_watcher *w, char *path, bool root, bool tells)
{
    size_t room = w->max_watches > w->watched_n ? w->max_watches - w->watched_n : 0;
    scan s = {.fd = w->fd, .recursive = w->recursive, .root = root, .limit = room};
    int rc = add(&s, path, true); /* a file added is watched as a directory is */
    w->scans++;
    if (rc == 0)
        rc = brio_io_file_job(walk, &s);
    if (w->released)
        rc = BRIO_ECLOSED;
    rc = take_over(w, &s, rc, tells);
    scan_over(w);
    return rc;
}
