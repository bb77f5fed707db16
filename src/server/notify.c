/* SPDX-License-Identifier: MIT
 *
 * Telling systemd how we are (sd_notify(3)): lines in a datagram to the socket
 * that NOTIFY_SOCKET names, and a sign of life in time for its watchdog.
 *
 * The protocol is a few lines of text, so no library is needed. Only the process
 * that brio_serve was called in talks; workers are its business. Who is not
 * listened to goes on: the messages are a courtesy. */
#include "server/server_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static uint64_t variable(const char *name)
{
    const char *text = getenv(name);
    uint64_t n = 0;
    return text && brio_str_to_u64(brio_str_from(text), &n) == 0 ? n : 0;
}

/* systemd expects a sign within the span; half of it leaves room. */
static brio_time watchdog_span(void)
{
    uint64_t us = variable("WATCHDOG_USEC"), pid = variable("WATCHDOG_PID");
    if (us == 0 || us > (uint64_t)INT64_MAX / 1000 || (pid && pid != (uint64_t)getpid()))
        return BRIO_NEVER;
    return BRIO_US((int64_t)us) / 2 + 1;
}

static int connect_to(const char *path)
{
    struct sockaddr_storage to;
    unsigned len;
    int rc = brio_address_unix(&to, &len, path);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, len) == 0)
        return fd;
    rc = -errno;
    if (fd >= 0)
        close(fd);
    return rc;
}

void brio_server_notify_open(brio_server_notify *n, bool wanted)
{
    const char *path = wanted ? getenv("NOTIFY_SOCKET") : NULL;
    *n = (brio_server_notify){.fd = -1, .span = BRIO_NEVER, .next = BRIO_NEVER};
    if (!path || !*path)
        return;
    n->fd = connect_to(path);
    if (n->fd < 0) {
        brio_log(BRIO_LOG_WARNING, "cannot tell %s how we are: %s", path, brio_error_text(n->fd));
        return;
    }
    n->span = watchdog_span();
    if (n->span != BRIO_NEVER)
        n->next = brio_clock_monotonic();
    unsetenv("NOTIFY_SOCKET"); /* this process's, not for what it will start */
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void brio_server_notify_say(brio_server_notify *n, const char *fmt, ...)
{
    char text[256];
    va_list args;
    if (n->fd < 0)
        return;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (len > 0 && send(n->fd, text, (size_t)len, MSG_NOSIGNAL) < 0)
        brio_log(BRIO_LOG_DEBUG, "systemd does not listen: %s", brio_error_text(-errno));
}

/* What Type=notify-reload wants to know is when, by the monotonic clock. */
void brio_server_notify_reloading(brio_server_notify *n)
{
    long long us = brio_clock_monotonic() / BRIO_US(1);
    brio_server_notify_say(n, "RELOADING=1\nMONOTONIC_USEC=%lld", us);
}

brio_time brio_server_notify_alive(brio_server_notify *n)
{
    brio_time now = brio_clock_monotonic();
    if (now < n->next)
        return n->next;
    brio_server_notify_say(n, "WATCHDOG=1");
    n->next = now + n->span;
    return n->next;
}

void brio_server_notify_close(brio_server_notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}
