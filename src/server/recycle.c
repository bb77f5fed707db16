/* SPDX-License-Identifier: MIT
 *
 * When a worker has lived long enough: after so many requests, at an age, or
 * with so much memory. It asks for a successor and serves on until that is
 * ready; one that serves alone stops, and whoever started it starts it again.
 *
 * Workers that began together would end together: chance adds to the number of
 * requests, up to limit_max_requests_jitter, and as much as a tenth to the age. */
#include "server/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_EVERY BRIO_SEC(1)

static uint64_t draw(brio_server_worker *w, uint64_t below)
{
    return below ? brio_loop_random(w->loop) % below : 0;
}

static void retire(brio_server_worker *w)
{
    const char say = BRIO_SERVER_SAYS_MAX;
    w->recycled = true;
    if (w->control_fd < 0)
        brio_server_worker_stop(w, BRIO_SERVER_STOPPING);
    else if (send(w->control_fd, &say, 1, MSG_NOSIGNAL) < 0)
        brio_log(BRIO_LOG_WARNING, "the supervisor does not listen: %s", brio_error_text(-errno));
}

void brio_server_worker_count(brio_server_worker *w)
{
    if (BRIO_LIKELY(++w->requests != w->requests_max))
        return;
    if (w->recycled)
        return;
    brio_log(BRIO_LOG_WARNING, "Maximum request limit of %llu exceeded. Retiring.",
             (unsigned long long)w->requests_max);
    retire(w);
}

/* Bytes of it that are in memory; 0 if nobody knows. */
static uint64_t resident(void)
{
    char text[128];
    unsigned long long size, pages;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    if (sscanf(text, "%llu %llu", &size, &pages) !=
        2) /* NOLINT(cert-err34-c): the kernel's words */
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void on_look(brio_timer *timer)
{
    brio_server_worker *w = BRIO_CONTAINER(timer, brio_server_worker, recycle);
    const brio_server_options *o = w->options;
    uint64_t bytes = o->limit_worker_memory ? resident() : 0;
    if (w->recycled || w->mode != BRIO_SERVER_SERVING)
        return;
    if (brio_loop_now(w->loop) >= w->retire_at) {
        brio_log(BRIO_LOG_INFO, "The worker is old enough. Retiring.");
        retire(w);
    } else if (bytes > o->limit_worker_memory && o->limit_worker_memory) {
        brio_log(BRIO_LOG_WARNING, "The worker uses %llu bytes of memory. Retiring.",
                 (unsigned long long)bytes);
        retire(w);
    } else {
        brio_timer_start(w->loop, timer, brio_loop_now(w->loop) + LOOK_EVERY);
    }
}

void brio_server_recycle_start(brio_server_worker *w)
{
    const brio_server_options *o = w->options;
    w->requests_max = o->limit_max_requests;
    if (o->limit_max_requests)
        w->requests_max += draw(w, (uint64_t)o->limit_max_requests_jitter + 1);
    w->retire_at = BRIO_NEVER;
    if (o->limit_worker_age)
        w->retire_at = brio_loop_now(w->loop) + o->limit_worker_age +
                       (brio_time)draw(w, (uint64_t)o->limit_worker_age / 10 + 1);
    w->recycle.fn = on_look;
    if (o->limit_worker_age || o->limit_worker_memory)
        brio_timer_start(w->loop, &w->recycle, brio_loop_now(w->loop) + LOOK_EVERY);
}

void brio_server_recycle_stop(brio_server_worker *w)
{
    brio_timer_stop(w->loop, &w->recycle);
}
