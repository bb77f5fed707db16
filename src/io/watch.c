/* SPDX-License-Identifier: MIT
 *
 * The file watcher: opening, adding, and waiting for the next change.
 *
 * Events are read by the task that wants one, never behind its back: the kernel
 * keeps the queue, and says so when it is too long. While a tree is walked no
 * events are read, for they may name watches not yet known. Debouncing is
 * sleeping and reading again, with nothing watched by the loop: so it works on
 * the simulator, whose clock an open watch holds. A watcher closed under a call
 * is freed by the last task that leaves it. */
#include "io/io_internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { MAX_WATCHES = 8192, MAX_PENDING = 4096, BURST = 10 };

static const brio_time other_half = BRIO_MS(1); /* the kernel queues both at once */

/* ---- Life --------------------------------------------------------------- */

static void watcher_free(brio_watcher *w)
{
    for (size_t i = 0; i < w->watched_n; i++)
        free(w->watched[i].path);
    for (size_t i = 0; i < w->queue_n; i++)
        brio_io_change_fini(&w->queue[w->queue_at + i]);
    for (size_t i = 0; i < w->fresh_n; i++)
        free(w->fresh[i].path);
    brio_io_change_fini(&w->told);
    brio_io_change_fini(&w->half);
    brio_link_remove(&w->left.link);
    if (w->fd >= 0)
        (void)close(w->fd); /* not before: a thread may be at work with it */
    free(w->watched);
    free(w->queue);
    free(w->fresh);
    free(w);
}

static int leave(brio_watcher *w, int rc)
{
    bool released = w->released;
    if (--w->users == 0 && released)
        watcher_free(w);
    return released && rc >= 0 ? BRIO_ECLOSED : rc;
}

static void unwatch(brio_watcher *w)
{
    if (w->watch.fn)
        brio_watch_stop(w->loop, &w->watch);
    w->watch.fn = NULL;
}

static void wake(brio_watcher *w, int result)
{
    brio_waiter *waiter = w->waiter;
    unwatch(w);
    w->waiter = NULL;
    if (waiter)
        brio_unpark(waiter, result);
}

static void release(brio_watcher *w)
{
    BRIO_ASSERT(!w->released);
    w->released = true;
    wake(w, BRIO_ECLOSED);
    if (w->users == 0)
        watcher_free(w);
}

static void close_deferred(void *arg)
{
    release(arg);
}

void brio_watcher_close(brio_watcher *w)
{
    if (!w)
        return;
    if (w->arena)
        (void)brio_defer_pop(w->arena, close_deferred, w, false);
    release(w);
}

static void close_leftover(brio_io_left *left)
{
    brio_watcher *w = BRIO_CONTAINER(left, brio_watcher, left);
    w->waiter = NULL; /* of an abandoned task, as are all users now */
    w->users = 0;
    if (w->released) {
        watcher_free(w);
        return;
    }
    brio_io_left_tell(left, "watcher", w->fd);
    release(w);
}

int brio_watcher_open(brio_watcher **ret, const brio_watcher_options *options)
{
    static const brio_watcher_options defaults;
    const brio_watcher_options *o = options ? options : &defaults;
    bool keep = o->keep || !brio_current_task();
    if (!keep)
        brio_io_defer_reserve();
    brio_watcher *w = *ret = brio_zalloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    w->loop = brio_loop_current();
    w->recursive = o->recursive;
    w->debounce = o->debounce;
    w->max_watches = o->max_watches ? o->max_watches : MAX_WATCHES;
    w->max_pending = o->max_pending ? o->max_pending : MAX_PENDING;
    brio_link_init(&w->left.link);
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    int rc = w->fd < 0 ? -errno : brio_io_left_add(&w->left, close_leftover);
    if (rc < 0) {
        watcher_free(w);
        *ret = NULL;
        return rc;
    }
    if (!keep) {
        w->arena = brio_task_arena();
        brio_defer_push(w->arena, close_deferred, w);
    }
    return 0;
}

/* ---- Adding and removing ------------------------------------------------ */

int brio_watcher_add(brio_watcher *w, brio_str path)
{
    char *copy;
    int rc = brio_io_path(&copy, path);
    w->users++;
    if (rc == 0)
        rc = brio_io_watch_scan(w, copy, true, false);
    rc = leave(w, rc);
    return (int)brio_io_file_failed(rc, "watch", path);
}

int brio_watcher_remove(brio_watcher *w, brio_str path)
{
    for (size_t i = 0; i < w->watched_n; i++) {
        const brio_io_watched *watched = &w->watched[i];
        if (!watched->root || !brio_str_eq(brio_str_from(watched->path), path))
            continue;
        char *tree = brio_strdup(path);
        if (!tree)
            return -ENOMEM;
        brio_io_watch_drop_tree(w, tree);
        free(tree);
        return 0;
    }
    return -ENOENT;
}

/* ---- Waiting ------------------------------------------------------------ */

static void on_readable(brio_watch *watch, uint32_t ready)
{
    (void)ready;
    wake(BRIO_CONTAINER(watch, brio_watcher, watch), 0);
}

typedef struct watch_wait {
    brio_waiter waiter;
    brio_watcher *watcher;
} watch_wait;

static bool give_up(brio_waiter *waiter)
{
    brio_watcher *w = BRIO_CONTAINER(waiter, watch_wait, waiter)->watcher;
    unwatch(w);
    w->waiter = NULL;
    return true;
}

/* Until there are events, or a scan that kept us from reading them is over. */
static int await_events(brio_watcher *w)
{
    watch_wait wait = {.waiter = {.on_cancel = give_up, .kind = BRIO_WAIT_FILE, .on = w},
                       .watcher = w};
    if (w->scans == 0) {
        w->watch.fn = on_readable;
        int rc = brio_watch_start(w->loop, &w->watch, w->fd, EPOLLIN);
        if (rc < 0) {
            w->watch.fn = NULL;
            return rc;
        }
    }
    w->waiter = &wait.waiter;
    return brio_park(&wait.waiter);
}

/* Directories that appeared, with what is in them by now. One stays in the list
 * until it was walked: a cancellation loses none. */
static int scan_fresh(brio_watcher *w)
{
    while (w->fresh_n > 0 && !w->released) {
        struct brio_io_fresh *last = &w->fresh[w->fresh_n - 1];
        char *path = brio_strdup(brio_str_from(last->path));
        int rc = brio_io_watch_scan(w, path, false, last->tell);
        if (rc == -ECANCELED || rc == BRIO_ECLOSED)
            return rc;
        w->overflowed |= rc < 0; /* something below is not watched */
        free(w->fresh[--w->fresh_n].path);
    }
    return w->released ? BRIO_ECLOSED : 0;
}

/* Takes in what the kernel has. */
static int collect(brio_watcher *w)
{
    if (w->scans > 0)
        return 0;
    (void)brio_io_watch_read(w);
    if (w->half.kind) {
        int rc = brio_sleep(other_half);
        if (rc < 0 || w->released)
            return rc < 0 ? rc : BRIO_ECLOSED;
        if (!brio_io_watch_read(w))
            brio_io_watch_half_over(w);
    }
    return scan_fresh(w);
}

/* Until nothing happened for a while, or it has gone on for long. */
static int settle(brio_watcher *w)
{
    brio_time latest = brio_in(BURST * w->debounce);
    for (uint64_t seen = w->seen - 1; seen != w->seen && brio_now() < latest;) {
        seen = w->seen;
        int rc = brio_sleep(w->debounce);
        if (rc == 0 && w->released)
            rc = BRIO_ECLOSED;
        if (rc == 0)
            rc = collect(w);
        if (rc < 0)
            return rc;
    }
    brio_io_watch_merge(w);
    w->settled = w->queue_n;
    return 0;
}

static bool has_news(const brio_watcher *w)
{
    return w->queue_n > 0 || w->overflowed;
}

static int await_news(brio_watcher *w)
{
    int rc = brio_cancel_point();
    if (w->settled > 0 || rc < 0)
        return rc;
    for (;;) {
        rc = collect(w);
        if (rc == 0 && has_news(w) && w->debounce > 0)
            rc = settle(w);
        if (rc < 0 || has_news(w))
            return rc;
        rc = await_events(w);
        if (rc < 0)
            return rc;
    }
}

static void tell_next(brio_watcher *w, brio_change *ret)
{
    if (w->queue_n == 0) {
        w->overflowed = false;
        *ret = (brio_change){.kind = BRIO_CHANGE_OVERFLOW};
        return;
    }
    w->told = w->queue[w->queue_at++];
    if (--w->queue_n == 0)
        w->queue_at = 0;
    w->settled -= w->settled > 0;
    *ret = (brio_change){.kind = w->told.kind,
                         .directory = w->told.directory,
                         .path = brio_str_from(w->told.path),
                         .from = brio_str_from(w->told.from)};
}

int brio_watcher_next(brio_watcher *w, brio_change *ret)
{
    *ret = (brio_change){0};
    if (w->busy)
        return -EBUSY;
    w->busy = true;
    w->users++;
    brio_io_change_fini(&w->told);
    int rc = await_news(w);
    if (rc == 0 && !w->released)
        tell_next(w, ret);
    w->busy = false;
    return leave(w, rc);
}
