/* SPDX-License-Identifier: MIT
 *
 * What an app left when its client is closed, in sentences: tasks, descriptors,
 * and turns of the loop that a task kept for itself. */
#include "app/test_client.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

void brio_app_test_say(brio_test_client *client, const char *fmt, ...)
{
    va_list args;
    if (client->left.len)
        brio_buf_add(&client->left, BRIO_S("; "));
    va_start(args, fmt);
    brio_buf_vprintf(&client->left, fmt, args);
    va_end(args);
}

/* ---- Tasks ------------------------------------------------------------------------- */

enum { NAMES_MAX = 8 }; /* tasks that are named */

typedef struct census {
    brio_buf names;
    size_t n;
} census;

static bool count_task(brio_task *task, void *arg)
{
    census *c = arg;
    if (task == brio_current_task())
        return true;
    if (c->n++ < NAMES_MAX)
        brio_buf_printf(&c->names, "%s\"%s\"", c->n > 1 ? ", " : "", brio_task_name(task));
    return true;
}

int brio_app_test_tasks_left(brio_test_client *client)
{
    census c = {0};
    brio_task_each(count_task, &c);
    if (c.n)
        brio_app_test_say(client, "%zu task%s left: %.*s%s", c.n, c.n > 1 ? "s were" : " was",
                          (int)c.names.len, c.names.ptr, c.n > NAMES_MAX ? ", ..." : "");
    brio_buf_fini(&c.names);
    return (int)c.n;
}

/* ---- Descriptors ---------------------------------------------------------------------- */

typedef void fd_fn(brio_test_client *client, int fd);

static void each_fd(brio_test_client *client, fd_fn *fn)
{
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return; /* then nothing is known, and nothing said */
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        uint64_t fd; /* not of "." and ".." */
        if (brio_str_to_u64(brio_str_from(entry->d_name), &fd) == 0 && (int)fd != dirfd(dir))
            fn(client, (int)fd);
    }
    closedir(dir);
}

static void count_fd(brio_test_client *client, int fd)
{
    (void)fd;
    client->watch.n_fds++;
}

static void note_fd(brio_test_client *client, int fd)
{
    brio_app_test_watch *w = &client->watch;
    if (w->n_fds < w->cap_fds)
        w->fds[w->n_fds++] = fd;
}

/* Room for some more than were counted: another thread may open them meanwhile. */
static void note_fds(brio_test_client *client)
{
    enum { MORE = 64 };
    brio_app_test_watch *w = &client->watch;
    each_fd(client, count_fd);
    w->cap_fds = w->n_fds + MORE;
    w->fds = BRIO_NEW_ARRAY(&client->arena, int, w->cap_fds);
    w->n_fds = 0;
    each_fd(client, note_fd);
}

static void judge_fd(brio_test_client *client, int fd)
{
    const brio_app_test_watch *w = &client->watch;
    char path[64], target[128];
    for (size_t i = 0; i < w->n_fds; i++)
        if (w->fds[i] == fd)
            return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, target, sizeof target);
    brio_app_test_say(client, "descriptor %d was left open: %.*s", fd, n > 0 ? (int)n : 0, target);
}

/* ---- Turns of the loop -------------------------------------------------------------------- */

/* On the watchdog's thread. */
static void note_blocked(const brio_blocked *blocked, void *arg)
{
    brio_app_test_watch *w = arg;
    pthread_mutex_lock(&w->lock);
    if (w->n_blocked++ == 0)
        snprintf(w->blocked_text, sizeof w->blocked_text,
                 "\"%s\" kept the loop for %" PRId64 " ms and more: %.*s", blocked->task,
                 blocked->for_ns / BRIO_MS(1), (int)brio_str_cut(blocked->stack, '\n').head.len,
                 blocked->stack.ptr);
    pthread_mutex_unlock(&w->lock);
}

int brio_app_test_watch_begin(brio_test_client *client)
{
    brio_app_test_watch *w = &client->watch;
    if (!client->options.keeps_descriptors)
        note_fds(client);
    if (client->options.blocked_limit <= 0)
        return 0;
    pthread_mutex_init(&w->lock, NULL);
    int rc = brio_detector_start(&(brio_detector_options){
        .limit = client->options.blocked_limit, .once = true, .report = note_blocked, .arg = w});
    w->detects = rc >= 0;
    return rc;
}

int brio_app_test_watch_end(brio_test_client *client)
{
    brio_app_test_watch *w = &client->watch;
    if (w->detects) {
        brio_detector_stop();
        pthread_mutex_destroy(&w->lock);
    }
    if (w->n_blocked)
        brio_app_test_say(client, "%s", w->blocked_text);
    size_t said = client->left.len;
    if (w->fds)
        each_fd(client, judge_fd);
    if (client->left.len > said)
        return BRIO_ELEAK;
    return w->n_blocked ? -EBUSY : 0;
}
