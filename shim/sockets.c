/* SPDX-License-Identifier: MIT
 *
 * The blocking calls on sockets. Apart from the others, for with the GNU
 * extensions their addresses are unions that ISO C does not let us redeclare. */
#undef _GNU_SOURCE
#define _DEFAULT_SOURCE
#include "shim_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

EXPORTED ssize_t recv(int fd, void *into, size_t n, int flags)
{
    BRIO_DEV_REAL(recv);
    if (!(flags & MSG_DONTWAIT) && brio_dev_would_block(fd, POLLIN))
        brio_dev_blocks("recv", "a brio stream", CALLER);
    return real.call(fd, into, n, flags);
}

EXPORTED ssize_t recvfrom(int fd, void *restrict into, size_t n, int flags,
                          struct sockaddr *restrict from, socklen_t *restrict len)
{
    BRIO_DEV_REAL(recvfrom);
    if (!(flags & MSG_DONTWAIT) && brio_dev_would_block(fd, POLLIN))
        brio_dev_blocks("recvfrom", "a brio socket", CALLER);
    return real.call(fd, into, n, flags, from, len);
}

EXPORTED int accept(int fd, struct sockaddr *restrict from, socklen_t *restrict len)
{
    BRIO_DEV_REAL(accept);
    if (brio_dev_would_block(fd, POLLIN))
        brio_dev_blocks("accept", "a brio listener", CALLER);
    return real.call(fd, from, len);
}

EXPORTED int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    BRIO_DEV_REAL(connect);
    bool far = to && to->sa_family != AF_UNIX;
    int saved = errno, flags = far ? fcntl(fd, F_GETFL) : -1;
    errno = saved;
    if (flags >= 0 && !(flags & O_NONBLOCK))
        brio_dev_blocks("connect", "brio_connect", CALLER);
    return real.call(fd, to, len);
}
