/* SPDX-License-Identifier: MIT
 *
 * The C library's blocking calls, in front of the C library's. Each finds out
 * whether it would block, without blocking; says so if the thread is inside a
 * task's turn; and calls the real one.
 *
 * Linked into an executable only, so these definitions win over libc's for all
 * code of the process. errno is the caller's business and is kept. */
#include "shim_internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const int brio_dev_shim;
EXPORTED const int brio_dev_shim = 1; /* what -u asks for */

static _Thread_local bool inside;

/* ---- Shared ------------------------------------------------------------- */

void *brio_dev_next(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort(); /* a C library without it: nothing could be called */
    return found;
}

bool brio_dev_enter(void)
{
    if (inside || !brio_trace_wants(BRIO_TRACE_DETECTOR))
        return false;
    inside = true;
    return true;
}

void brio_dev_leave(void)
{
    inside = false;
}

void brio_dev_blocks(const char *call, const char *advice, const void *pc)
{
    int saved = errno;
    if (brio_dev_enter()) {
        (void)brio_trace_blocking(call, advice, pc);
        brio_dev_leave();
    }
    errno = saved;
}

static int real_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    BRIO_DEV_REAL(poll);
    return real.call(fds, n, timeout);
}

/* A blocking socket, pipe or terminal that is not ready for `events` now. */
bool brio_dev_would_block(int fd, short events)
{
    int saved = errno;
    struct stat status;
    struct pollfd ready = {.fd = fd, .events = events};
    int flags = brio_trace_wants(BRIO_TRACE_DETECTOR) ? fcntl(fd, F_GETFL) : -1;
    bool may = flags >= 0 && !(flags & O_NONBLOCK) && fstat(fd, &status) == 0 &&
               !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
    bool blocks_now = may && real_poll(&ready, 1, 0) == 0;
    errno = saved;
    return blocks_now;
}

/* Linking the shim is asking for `running` to be kept. */
__attribute__((constructor)) static void listen_from_the_start(void)
{
    brio_trace_want(BRIO_TRACE_DETECTOR, true);
    brio_dev_watch_mutexes();
}

/* ---- Sleeping ----------------------------------------------------------- */

EXPORTED unsigned sleep(unsigned seconds)
{
    BRIO_DEV_REAL(sleep);
    if (seconds)
        brio_dev_blocks("sleep", "brio_sleep", CALLER);
    return real.call(seconds);
}

EXPORTED int usleep(useconds_t us)
{
    BRIO_DEV_REAL(usleep);
    if (us)
        brio_dev_blocks("usleep", "brio_sleep", CALLER);
    return real.call(us);
}

EXPORTED int nanosleep(const struct timespec *duration, struct timespec *rest)
{
    BRIO_DEV_REAL(nanosleep);
    brio_dev_blocks("nanosleep", "brio_sleep", CALLER);
    return real.call(duration, rest);
}

EXPORTED int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                             struct timespec *rest)
{
    BRIO_DEV_REAL(clock_nanosleep);
    brio_dev_blocks("clock_nanosleep", "brio_sleep_until", CALLER);
    return real.call(clock, flags, time, rest);
}

/* ---- Names and processes ------------------------------------------------ */

EXPORTED int getaddrinfo(const char *restrict node, const char *restrict service,
                         const struct addrinfo *restrict hints, struct addrinfo **restrict ret)
{
    BRIO_DEV_REAL(getaddrinfo);
    if (node && !(hints && hints->ai_flags & AI_NUMERICHOST))
        brio_dev_blocks("getaddrinfo", "brio_resolve", CALLER);
    return real.call(node, service, hints, ret);
}

EXPORTED struct hostent *gethostbyname(const char *name)
{
    BRIO_DEV_REAL(gethostbyname);
    brio_dev_blocks("gethostbyname", "brio_resolve", CALLER);
    return real.call(name);
}

EXPORTED pid_t waitpid(pid_t pid, int *status, int options)
{
    BRIO_DEV_REAL(waitpid);
    if (!(options & WNOHANG) && brio_trace_wants(BRIO_TRACE_DETECTOR)) {
        pid_t done = real.call(pid, status, options | WNOHANG);
        if (done != 0)
            return done;
        brio_dev_blocks("waitpid", "a brio subprocess", CALLER);
    }
    return real.call(pid, status, options);
}

/* ---- Descriptors -------------------------------------------------------- */

EXPORTED ssize_t read(int fd, void *into, size_t n)
{
    BRIO_DEV_REAL(read);
    if (brio_dev_would_block(fd, POLLIN))
        brio_dev_blocks("read", "a brio stream, or brio_to_thread", CALLER);
    return real.call(fd, into, n);
}

EXPORTED int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    if (timeout != 0 && brio_trace_wants(BRIO_TRACE_DETECTOR)) {
        int ready = real_poll(fds, n, 0);
        if (ready != 0)
            return ready;
        brio_dev_blocks("poll", "a task for each", CALLER);
    }
    return real_poll(fds, n, timeout);
}

EXPORTED int select(int n, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                    struct timeval *restrict timeout)
{
    BRIO_DEV_REAL(select);
    if (!timeout || timeout->tv_sec || timeout->tv_usec)
        brio_dev_blocks("select", "a task for each", CALLER);
    return real.call(n, in, out, except, timeout);
}

EXPORTED int fsync(int fd)
{
    BRIO_DEV_REAL(fsync);
    brio_dev_blocks("fsync", "a brio file, or brio_to_thread", CALLER);
    return real.call(fd);
}

EXPORTED int fdatasync(int fd)
{
    BRIO_DEV_REAL(fdatasync);
    brio_dev_blocks("fdatasync", "a brio file, or brio_to_thread", CALLER);
    return real.call(fd);
}

EXPORTED int flock(int fd, int operation)
{
    BRIO_DEV_REAL(flock);
    if (!(operation & (LOCK_NB | LOCK_UN)) && brio_trace_wants(BRIO_TRACE_DETECTOR)) {
        int rc = real.call(fd, operation | LOCK_NB);
        if (rc == 0 || errno != EWOULDBLOCK)
            return rc;
        brio_dev_blocks("flock", "brio_to_thread", CALLER);
    }
    return real.call(fd, operation);
}
