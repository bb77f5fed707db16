/* SPDX-License-Identifier: MIT
 *
 * From inotify's events to changes with paths.
 *
 * A rename comes as two events with one cookie, as good as always in a row: the
 * first is held until the next event shows whether it is the other half. A
 * directory renamed takes the paths of all below along; one that left takes
 * their watches. Directories that appear are only noted here (`fresh`): to walk
 * them is the caller's, since that suspends. */
#include "io/io_internal.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

/* ---- Changes ------------------------------------------------------------ */

void brio_io_change_fini(brio_io_change *change)
{
    free(change->path);
    free(change->from);
    *change = (brio_io_change){0};
}

static bool queue_room(brio_watcher *w)
{
    if (w->queue_n >= w->max_pending)
        return false;
    if (w->queue_at > 0 && w->queue_at + w->queue_n == w->queue_cap) {
        memmove(w->queue, w->queue + w->queue_at, w->queue_n * sizeof *w->queue);
        w->queue_at = 0;
    }
    if (w->queue_n < w->queue_cap)
        return true;
    size_t cap = w->queue_cap ? 2 * w->queue_cap : 16;
    brio_io_change *grown = brio_realloc(w->queue, cap * sizeof *grown);
    if (!grown)
        return false;
    w->queue = grown;
    w->queue_cap = cap;
    return true;
}

void brio_io_watch_tell(brio_watcher *w, brio_change_kind kind, bool directory, char *path,
                        char *from)
{
    bool whole = path && (kind != BRIO_CHANGE_RENAMED || from);
    if (!whole || w->overflowed || !queue_room(w)) {
        w->overflowed = true;
        free(path);
        free(from);
        return;
    }
    w->queue[w->queue_at + w->queue_n++] =
        (brio_io_change){.kind = kind, .directory = directory, .path = path, .from = from};
}

/* ---- Watches ------------------------------------------------------------ */

brio_io_watched *brio_io_watch_find(brio_watcher *w, int wd)
{
    size_t low = 0, high = w->watched_n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (w->watched[mid].wd < wd)
            low = mid + 1;
        else
            high = mid;
    }
    return low < w->watched_n && w->watched[low].wd == wd ? &w->watched[low] : NULL;
}

void brio_io_watch_forget(brio_watcher *w, brio_io_watched *watched)
{
    size_t at = (size_t)(watched - w->watched);
    free(watched->path);
    w->watched_n--;
    memmove(watched, watched + 1, (w->watched_n - at) * sizeof *watched);
}

/* What follows `tree` in the path of something in it: "" or "/..."; else NULL. */
static const char *inside(const char *path, const char *tree)
{
    size_t len = strlen(tree);
    if (strncmp(path, tree, len) != 0)
        return NULL;
    return path[len] == '\0' || path[len] == '/' ? path + len : NULL;
}

void brio_io_watch_drop_tree(brio_watcher *w, const char *path)
{
    for (size_t i = w->watched_n; i-- > 0;) {
        const char *rest = inside(w->watched[i].path, path);
        if (!rest || (*rest && w->watched[i].root))
            continue;
        (void)inotify_rm_watch(w->fd, w->watched[i].wd);
        brio_io_watch_forget(w, &w->watched[i]);
    }
}

/* False if nothing there was watched. Without memory a path stays the old one:
 * told as an overflow. */
static bool rename_tree(brio_watcher *w, const char *from, const char *to)
{
    bool any = false;
    for (size_t i = 0; i < w->watched_n; i++) {
        const char *rest = inside(w->watched[i].path, from);
        if (!rest || w->watched[i].root)
            continue;
        char *path = *rest ? brio_io_join(to, rest + 1) : brio_strdup(brio_str_from(to));
        any = true;
        w->overflowed |= !path;
        if (path) {
            free(w->watched[i].path);
            w->watched[i].path = path;
        }
    }
    return any;
}

static void note_fresh(brio_watcher *w, const char *path, bool tell)
{
    if (!w->recursive)
        return;
    char *copy = brio_strdup(brio_str_from(path));
    if (w->fresh_n == w->fresh_cap) {
        size_t cap = w->fresh_cap ? 2 * w->fresh_cap : 8;
        struct brio_io_fresh *grown = brio_realloc(w->fresh, cap * sizeof *grown);
        if (grown) {
            w->fresh = grown;
            w->fresh_cap = cap;
        }
    }
    if (copy && w->fresh_n < w->fresh_cap) {
        w->fresh[w->fresh_n++] = (struct brio_io_fresh){copy, tell};
        return;
    }
    free(copy);
    w->overflowed = true;
}

/* ---- Events ------------------------------------------------------------- */

void brio_io_watch_half_over(brio_watcher *w)
{
    brio_io_change half = w->half;
    if (!half.kind)
        return;
    w->half = (brio_io_change){0};
    if (half.directory && half.path)
        brio_io_watch_drop_tree(w, half.path);
    brio_io_watch_tell(w, BRIO_CHANGE_REMOVED, half.directory, half.path, NULL);
}

static void moved_to(brio_watcher *w, const struct inotify_event *e, char *path)
{
    bool directory = e->mask & IN_ISDIR;
    char *from = NULL;
    if (w->half.kind && w->half_cookie == e->cookie) {
        from = w->half.path;
        w->half = (brio_io_change){0};
    } else {
        brio_io_watch_half_over(w);
    }
    bool known = directory && path && from && rename_tree(w, from, path);
    if (directory && path && !known)
        note_fresh(w, path, true);
    brio_io_watch_tell(w, from ? BRIO_CHANGE_RENAMED : BRIO_CHANGE_CREATED, directory, path, from);
}

static void moved_from(brio_watcher *w, const struct inotify_event *e, char *path)
{
    w->half = (brio_io_change){
        .kind = BRIO_CHANGE_REMOVED, .directory = e->mask & IN_ISDIR, .path = path};
    w->half_cookie = e->cookie;
}

/* Of something in a watched directory; `path` is taken. */
static void entry_event(brio_watcher *w, const struct inotify_event *e, char *path)
{
    bool directory = e->mask & IN_ISDIR;
    if (e->mask & IN_MOVED_TO) {
        moved_to(w, e, path);
        return;
    }
    brio_io_watch_half_over(w);
    if (e->mask & IN_MOVED_FROM) {
        moved_from(w, e, path);
        return;
    }
    if (e->mask & IN_CREATE && directory && path)
        note_fresh(w, path, true);
    brio_change_kind kind = e->mask & IN_CREATE   ? BRIO_CHANGE_CREATED
                            : e->mask & IN_DELETE ? BRIO_CHANGE_REMOVED
                                                  : BRIO_CHANGE_MODIFIED;
    brio_io_watch_tell(w, kind, directory, path, NULL);
}

static void gone(brio_watcher *w, brio_io_watched *watched)
{
    if (watched->root)
        brio_io_watch_tell(w, BRIO_CHANGE_GONE, false, brio_strdup(brio_str_from(watched->path)),
                           NULL);
    brio_io_watch_forget(w, watched);
}

/* Of a watched file or directory itself: a directory's parent tells the rest. */
static void self_event(brio_watcher *w, const struct inotify_event *e, brio_io_watched *watched)
{
    if (e->mask & IN_IGNORED) {
        gone(w, watched);
        return;
    }
    if (!watched->root)
        return;
    if (e->mask & IN_MOVE_SELF)
        (void)inotify_rm_watch(w->fd, watched->wd); /* its IN_IGNORED says the rest */
    else if (e->mask & (IN_MODIFY | IN_ATTRIB))
        brio_io_watch_tell(w, BRIO_CHANGE_MODIFIED, e->mask & IN_ISDIR,
                           brio_strdup(brio_str_from(watched->path)), NULL);
}

static void all_roots_fresh(brio_watcher *w)
{
    for (size_t i = 0; i < w->watched_n; i++)
        if (w->watched[i].root)
            note_fresh(w, w->watched[i].path, false);
}

static void take_event(brio_watcher *w, const struct inotify_event *e)
{
    w->seen++;
    if (e->mask & IN_Q_OVERFLOW) {
        brio_io_watch_half_over(w);
        w->overflowed = true;
        all_roots_fresh(w); /* directories may have come unseen */
        return;
    }
    brio_io_watched *watched = brio_io_watch_find(w, e->wd);
    if (!watched)
        return;
    if (e->len > 0) {
        entry_event(w, e, brio_io_join(watched->path, e->name));
        return;
    }
    if (!(e->mask & IN_MOVE_SELF)) /* it comes between the halves' reader and the next event */
        brio_io_watch_half_over(w);
    watched = brio_io_watch_find(w, e->wd); /* the table may have changed */
    if (watched)
        self_event(w, e, watched);
}

int brio_io_watch_read(brio_watcher *w)
{
    char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool any = false;
    for (ssize_t n; (n = read(w->fd, buf, sizeof buf)) > 0; any = true)
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *e = (const void *)(buf + at);
            take_event(w, e);
            at += (ssize_t)(sizeof *e + e->len);
        }
    return any;
}

/* ---- Merging ------------------------------------------------------------ */

static int by_path(const void *a, const void *b)
{
    const brio_io_change *x = a, *y = b;
    int rc = strcmp(x->path, y->path);
    return rc ? rc : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b)
{
    const brio_io_change *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static bool merges(const brio_io_change *change)
{
    return change->kind == BRIO_CHANGE_CREATED || change->kind == BRIO_CHANGE_MODIFIED ||
           change->kind == BRIO_CHANGE_REMOVED;
}

/* What `first` and then `second` come to; 0: nothing happened. */
static brio_change_kind sum(brio_change_kind first, brio_change_kind second)
{
    if (first == BRIO_CHANGE_CREATED)
        return second == BRIO_CHANGE_REMOVED ? (brio_change_kind)0 : BRIO_CHANGE_CREATED;
    if (first == BRIO_CHANGE_REMOVED && second == BRIO_CHANGE_CREATED)
        return BRIO_CHANGE_MODIFIED;
    return second;
}

/* Into the later one, so that it stands where the last change was. */
static void merge_neighbours(brio_io_change *all, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        brio_io_change *a = &all[i - 1], *b = &all[i];
        if (!merges(a) || !merges(b) || strcmp(a->path, b->path) != 0)
            continue;
        b->kind = sum(a->kind, b->kind);
        a->kind = 0;
    }
}

void brio_io_watch_merge(brio_watcher *w)
{
    if (w->queue_n == 0)
        return;
    brio_io_change *all = w->queue + w->queue_at;
    size_t left = 0;
    for (size_t i = 0; i < w->queue_n; i++)
        all[i].order = i;
    qsort(all, w->queue_n, sizeof *all, by_path);
    merge_neighbours(all, w->queue_n);
    qsort(all, w->queue_n, sizeof *all, by_order);
    for (size_t i = 0; i < w->queue_n; i++) {
        if (all[i].kind)
            all[left++] = all[i];
        else
            brio_io_change_fini(&all[i]);
    }
    w->queue_n = left;
}
