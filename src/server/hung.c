/* SPDX-License-Identifier: MIT
 *
 * Workers that hang: a handler that never ends, a loop that waits for a lock for
 * ever. Each is asked four times per worker_timeout whether it is well, by a byte
 * that its loop answers; that is all the price. One that has not answered at four
 * looks in a row is ended, by SIGABRT for its last words and a core file, then by
 * SIGKILL, and its slot is free for a successor at once.
 *
 * Only looks count at which the worker could have answered: not while it is stopped
 * or traced, and none after a pause of ours, when the whole machine stood still. */
#include "server/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { LOOKS = 4, LOOKS_MORE = 2 }; /* until SIGABRT; from there to SIGKILL */

/* What stands behind `key` in /proc/PID/status; "" if nobody knows. */
static const char *status_of(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at ? at + strlen(key) + strspn(at + strlen(key), "\t ") : "";
}

/* By a debugger, or by SIGSTOP. */
static bool is_held(pid_t pid)
{
    char path[64], text[2048];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    char state = *status_of(text, "\nState:"), tracer = *status_of(text, "\nTracerPid:");
    return state == 'T' || state == 't' || (tracer && tracer != '0');
}

static void ask(brio_server_child *child)
{
    child->missed = 0;
    child->asked = child->control_fd >= 0;
    brio_server_child_tell(child, BRIO_SERVER_SAYS_WELL);
}

static void end(const brio_server_supervisor *s, brio_server_child *child)
{
    int64_t ms = s->options->worker_timeout / BRIO_MS(1), pid = child->pid;
    const brio_log_field fields[] = {{.key = "pid", .number = &pid}, {.key = "ms", .number = &ms}};
    brio_log_fields(BRIO_LOG_CRITICAL, fields, 2,
                    "Child process [%d] has not answered for %lld ms: ending it.", (int)child->pid,
                    (long long)ms);
    child->state = BRIO_SERVER_LEAVING;
    (void)kill(child->pid, SIGABRT);
}

static void insist(const brio_server_child *child)
{
    brio_log(BRIO_LOG_CRITICAL, "Child process [%d] does not end by SIGABRT: killing it.",
             (int)child->pid);
    (void)kill(child->pid, SIGKILL);
}

static void miss(const brio_server_supervisor *s, brio_server_child *child)
{
    if (child->missed == LOOKS + LOOKS_MORE)
        return; /* it is about to be gone */
    if (++child->missed == LOOKS)
        end(s, child);
    else if (child->missed == LOOKS + LOOKS_MORE)
        insist(child);
}

static void look_at(const brio_server_supervisor *s, brio_server_child *child, bool late)
{
    if (child->state == BRIO_SERVER_STARTING)
        return;
    if (!child->asked)
        ask(child);
    else if (late || is_held(child->pid))
        child->missed = 0;
    else
        miss(s, child);
}

brio_time brio_server_look_for_hung(brio_server_supervisor *s)
{
    brio_time now = brio_clock_monotonic(), every = s->options->worker_timeout / LOOKS + 1;
    if (s->options->worker_timeout == BRIO_NEVER || s->stopping)
        return BRIO_NEVER;
    if (now < s->look_at)
        return s->look_at;
    bool late = now - s->look_at > every / 2;
    for (brio_link *l = s->children.next; l != &s->children; l = l->next)
        look_at(s, BRIO_CONTAINER(l, brio_server_child, link), late);
    s->look_at = now + every;
    return s->look_at;
}
