/* SPDX-License-Identifier: MIT
 *
 * Writing to what may have no reader any more, without dying of SIGPIPE.
 *
 * send has a flag for that; writev and sendfile do not, and a library must not
 * ignore the signal for the whole process. So it is blocked for this thread
 * during the call, and if the call raised it, it is taken before it is
 * unblocked. One that was blocked already is the caller's business. */
#include "loop/internal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/sendfile.h>
#include <time.h>

static sigset_t only_pipe(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static sigset_t hush(void)
{
    sigset_t old, set = only_pipe();
    (void)pthread_sigmask(SIG_BLOCK, &set, &old);
    return old;
}

/* `n` or -errno of the call, which was to take `asked` bytes. One that took a part
 * may have raised the signal as well. */
static ptrdiff_t unhush(const sigset_t *old, ssize_t n, size_t asked)
{
    int err = n < 0 ? errno : 0;
    sigset_t set = only_pipe();
    bool raised = err == EPIPE || (n > 0 && (size_t)n < asked);
    if (raised && !sigismember(old, SIGPIPE))
        (void)sigtimedwait(&set, NULL, &(struct timespec){0});
    (void)pthread_sigmask(SIG_SETMASK, old, NULL);
    return n < 0 ? -err : n;
}

ptrdiff_t brio_fd_write(int fd, const brio_str *parts, size_t n)
{
    ptrdiff_t written;
    size_t asked = 0;
    for (size_t i = 0; i < n; i++)
        asked += parts[i].len;
    do {
        sigset_t old = hush();
        written =
            unhush(&old, writev(fd, (const struct iovec *)(const void *)parts, (int)n), asked);
    } while (written == -EINTR);
    return written;
}

ptrdiff_t brio_fd_sendfile(int to, int fd, int64_t *offset, size_t count)
{
    enum { STEP = 1 << 30 }; /* the kernel takes no more at once */
    ptrdiff_t sent;
    off_t at = offset ? (off_t)*offset : 0;
    count = count < STEP ? count : STEP;
    do {
        sigset_t old = hush();
        sent = unhush(&old, sendfile(to, fd, offset ? &at : NULL, count), count);
    } while (sent == -EINTR);
    if (offset)
        *offset = at;
    return sent;
}
