/* SPDX-License-Identifier: MIT
 *
 * Directories: listing one, removing all of one.
 *
 * Removal goes by descriptors: each directory is opened inside its parent
 * without following links, so whatever is exchanged meanwhile, nothing outside
 * the tree is touched; another file system is refused. It runs in slices, each
 * starting from the top: what is gone needs no memory of it, and between two
 * slices it can be cancelled. */
#include "io/io_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_LIMIT = 100000, DEPTH_MAX = 128, SLICE = 1024, LIST_LIMIT = 10000 };

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* ---- Removing ----------------------------------------------------------- */

/* A directory being emptied. */
typedef struct level {
    DIR *dir;
    char name[NAME_MAX + 1]; /* in its parent; of the root, `path` is */
} level;

/* On the heap: stacks of tasks are small. */
typedef struct removal {
    const char *path;
    size_t left; /* entries of this slice; more are for the next */
    size_t removed;
    dev_t device;
    int depth;
    level levels[DEPTH_MAX];
} removal;

static DIR *open_dir(int parent, const char *name, dev_t *device)
{
    struct stat st;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    DIR *dir = fstat(fd, &st) < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        (void)close(fd);
        return NULL;
    }
    if (*device == 0)
        *device = st.st_dev;
    if (*device == st.st_dev)
        return dir;
    (void)closedir(dir);
    errno = EXDEV;
    return NULL;
}

static int descend(removal *r, int parent, const char *name)
{
    if (r->depth == DEPTH_MAX)
        return BRIO_ELIMIT;
    level *l = &r->levels[r->depth];
    l->dir = open_dir(parent, name, &r->device);
    if (!l->dir)
        return -errno;
    if (r->depth++ > 0 && name != l->name)
        memcpy(l->name, name, strlen(name) + 1);
    return 0;
}

static int gone(removal *r)
{
    r->left -= r->left > 0;
    r->removed++;
    return 0;
}

/* A file, or a directory, which unlink tells: no gap between looking and doing. */
static int remove_name(removal *r, int parent, const char *name)
{
    if (unlinkat(parent, name, 0) == 0)
        return gone(r);
    return errno == EISDIR ? descend(r, parent, name) : -errno;
}

/* The innermost directory has been read to its end. */
static int ascend(removal *r)
{
    level *l = &r->levels[--r->depth];
    int parent = r->depth > 0 ? dirfd(l[-1].dir) : AT_FDCWD;
    const char *name = r->depth > 0 ? l->name : r->path;
    (void)closedir(l->dir);
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0)
        return gone(r);
    if (errno != ENOTEMPTY)
        return -errno;
    r->left--; /* somebody adds as we remove: that has an end, too */
    return descend(r, parent, name);
}

static int step(removal *r)
{
    level *l = &r->levels[r->depth - 1];
    errno = 0;
    const struct dirent *entry = readdir(l->dir);
    if (!entry)
        return errno ? -errno : ascend(r);
    if (is_dots(entry->d_name))
        return 0;
    int rc = remove_name(r, dirfd(l->dir), entry->d_name);
    return rc == -ENOENT ? 0 : rc;
}

/* 1 when there is more to do. */
static int remove_slice(void *arg)
{
    removal *r = arg;
    r->left = SLICE;
    r->device = 0;
    int rc = remove_name(r, AT_FDCWD, r->path);
    while (rc == 0 && r->depth > 0)
        rc = r->left == 0 ? 1 : step(r);
    while (r->depth > 0)
        (void)closedir(r->levels[--r->depth].dir);
    return rc;
}

static int remove_all(const char *path, size_t limit, int (*run)(int (*fn)(void *), void *arg))
{
    removal *r = brio_zalloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    int rc;
    r->path = path;
    do
        rc = r->removed > limit ? BRIO_ELIMIT : run(remove_slice, r);
    while (rc == 1);
    free(r);
    return rc;
}

static int run_here(int (*fn)(void *), void *arg)
{
    return fn(arg);
}

int brio_io_remove_tree(const char *path, size_t limit)
{
    return remove_all(path, limit, run_here);
}

int brio_path_remove_tree(brio_str path, size_t limit)
{
    BRIO_IO_PATH(cpath);
    int rc = brio_io_path(&cpath, path);
    if (rc == 0)
        rc = remove_all(cpath, limit ? limit : TREE_LIMIT, brio_io_file_job);
    return (int)brio_io_file_failed(rc, "remove tree", path);
}

/* ---- Listing ------------------------------------------------------------ */

typedef struct listed {
    size_t at, len; /* in `names` */
    brio_file_kind kind;
} listed;

typedef struct listing {
    char *path; /* NULL: `fd` */
    int fd;
    brio_buf names;   /* each with a NUL */
    brio_buf entries; // listed
    size_t n, limit;
} listing;

static int add_entry(listing *l, const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    listed e = {l->names.len, len, brio_io_kind_of((unsigned)DTTOIF(entry->d_type))};
    if (l->n++ == l->limit)
        return BRIO_ELIMIT;
    brio_buf_add(&l->names, (brio_str){entry->d_name, len + 1});
    brio_buf_add(&l->entries, (brio_str){(const char *)&e, sizeof e});
    return l->names.failed || l->entries.failed ? -ENOMEM : 0;
}

static int list_entries(listing *l, DIR *dir)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry)
            return -errno;
        int rc = is_dots(entry->d_name) ? 0 : add_entry(l, entry);
        if (rc < 0)
            return rc;
    }
}

static int list_now(void *arg)
{
    listing *l = arg;
    int fd = l->path ? open(l->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                     : openat(l->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int rc = -errno;
        if (fd >= 0)
            close(fd);
        return rc;
    }
    int rc = list_entries(l, dir);
    (void)closedir(dir);
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const brio_dir_entry *x = a, *y = b;
    return brio_str_compare(x->name, y->name);
}

static brio_dir_entry *to_arena(const listing *l, brio_arena *arena)
{
    const listed *from = (const void *)l->entries.ptr;
    brio_dir_entry *to = BRIO_NEW_ARRAY(arena, brio_dir_entry, l->n);
    char *names = brio_alloc(arena, l->names.len + 1);
    if (l->n == 0)
        return to;
    memcpy(names, l->names.ptr, l->names.len);
    for (size_t i = 0; i < l->n; i++)
        to[i] = (brio_dir_entry){{names + from[i].at, from[i].len}, from[i].kind};
    qsort(to, l->n, sizeof *to, by_name);
    return to;
}

static void listing_free(void *arg)
{
    listing *l = arg;
    free(l->path);
    brio_buf_fini(&l->names);
    brio_buf_fini(&l->entries);
}

/* Of `directory`, or of `path` if that is NULL. */
static ptrdiff_t list(const brio_file *directory, brio_str path, size_t limit, brio_dir_entry **ret)
{
    brio_arena *arena = brio_task_arena();
    listing l = {.limit = limit ? limit : LIST_LIMIT};
    brio_defer_push(arena, listing_free, &l); /* the arena may end the task further down */
    int rc = directory ? 0 : brio_io_path(&l.path, path);
    l.fd = directory ? directory->fd : -1;
    if (rc == 0)
        rc = brio_io_file_job(list_now, &l);
    if (rc == 0)
        *ret = to_arena(&l, arena);
    ptrdiff_t n = (ptrdiff_t)l.n;
    (void)brio_defer_pop(arena, listing_free, &l, true);
    return rc < 0 ? (ptrdiff_t)brio_io_file_failed(rc, "list", path) : n;
}

ptrdiff_t brio_path_list(brio_str path, size_t limit, brio_dir_entry **ret)
{
    return list(NULL, path, limit, ret);
}

ptrdiff_t brio_file_list(const brio_file *directory, size_t limit, brio_dir_entry **ret)
{
    return list(directory, BRIO_S("(an open directory)"), limit, ret);
}
