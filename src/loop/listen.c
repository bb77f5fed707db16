/* SPDX-License-Identifier: MIT
 *
 * Sockets without a loop: addresses, listening, the text of an address.
 *
 * Only numeric addresses and "localhost" are understood here: nothing in this
 * room may block on a name server. TCP_NODELAY is set on the listening socket,
 * because Linux hands it on to every accepted one: no system call per
 * connection. A Unix path left over by a dead server is taken over, one that
 * somebody still answers is not. */
#include "loop/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DEFAULT_BACKLOG = 2048 };

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un un;
    struct sockaddr_storage space;
} address;

int brio_address_parse(struct sockaddr_storage *ret, unsigned *ret_len, const char *host,
                       uint16_t port)
{
    address a = {.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    if (!host || strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    *ret_len = sizeof a.v4;
    if (inet_pton(AF_INET, host, &a.v4.sin_addr) != 1) {
        a = (address){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
        *ret_len = sizeof a.v6;
        if (inet_pton(AF_INET6, *host ? host : "::", &a.v6.sin6_addr) != 1)
            return -EINVAL;
    }
    *ret = a.space;
    return 0;
}

int brio_address_unix(struct sockaddr_storage *ret, unsigned *ret_len, const char *path)
{
    address a = {.un = {.sun_family = AF_UNIX}};
    size_t len = strlen(path);
    if (len == 0)
        return -EINVAL;
    if (len >= sizeof a.un.sun_path)
        return -ENAMETOOLONG;
    memcpy(a.un.sun_path, path, len);
    bool abstract = *path == '@';
    if (abstract)
        a.un.sun_path[0] = '\0';
    *ret = a.space;
    *ret_len = (unsigned)(offsetof(struct sockaddr_un, sun_path) + len + !abstract);
    return 0;
}

int brio_loop_socket_for(const struct sockaddr *addr, int flags)
{
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        return -errno;
    if (addr->sa_family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

/* Removes a socket file nobody listens on; true if bind may be tried again. */
static bool remove_stale(const address *a, unsigned len)
{
    struct stat st;
    if (a->any.sa_family != AF_UNIX || lstat(a->un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = brio_loop_socket_for(&a->any, SOCK_NONBLOCK);
    if (fd < 0)
        return false;
    bool dead = connect(fd, &a->any, len) < 0 && errno == ECONNREFUSED;
    close(fd);
    return dead && unlink(a->un.sun_path) == 0;
}

static int bind_to(int fd, const address *a, unsigned len)
{
    if (bind(fd, &a->any, len) == 0)
        return 0;
    int err = -errno;
    if (err == -EADDRINUSE && remove_stale(a, len) && bind(fd, &a->any, len) == 0)
        return 0;
    return err;
}

static int set_options(int fd, const address *a, const brio_listen_options *options)
{
    if (a->any.sa_family == AF_UNIX)
        return 0;
    int on = 1, only_v6 = !options->host || *options->host;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (options->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
        (a->any.sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6) < 0))
        return -errno;
    return 0;
}

static int listen_at(const address *a, unsigned len, const brio_listen_options *options)
{
    int fd = brio_loop_socket_for(&a->any, SOCK_NONBLOCK);
    if (fd < 0)
        return fd;
    int rc = set_options(fd, a, options);
    if (rc == 0)
        rc = bind_to(fd, a, len);
    if (rc == 0 && options->path && *options->path != '@' && options->mode &&
        chmod(options->path, options->mode) < 0)
        rc = -errno;
    if (rc == 0 && listen(fd, options->backlog ? options->backlog : DEFAULT_BACKLOG) < 0)
        rc = -errno;
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

int brio_socket_listen(const brio_listen_options *options)
{
    address a;
    unsigned len;
    int rc = options->path ? brio_address_unix(&a.space, &len, options->path)
                           : brio_address_parse(&a.space, &len, options->host, options->port);
    if (rc < 0)
        return rc;
    rc = listen_at(&a, len, options);
    bool any = !options->path && options->host && !*options->host;
    if (any && (rc == -EAFNOSUPPORT || rc == -EADDRNOTAVAIL)) { /* a machine without IPv6 */
        rc = brio_address_parse(&a.space, &len, "0.0.0.0", options->port);
        if (rc == 0)
            rc = listen_at(&a, len, options);
    }
    return rc;
}

/* "::ffff:1.2.3.4" is an IPv4 peer of a socket open to both. */
static void text_v6(const struct in6_addr *addr, char host[64])
{
    if (IN6_IS_ADDR_V4MAPPED(addr))
        (void)inet_ntop(AF_INET, &addr->s6_addr[12], host, 64);
    else
        (void)inet_ntop(AF_INET6, addr, host, 64);
}

int brio_loop_address_text(int fd, bool peer, char host[64], uint16_t *ret_port)
{
    address a = {0};
    socklen_t len = sizeof a;
    if ((peer ? getpeername(fd, &a.any, &len) : getsockname(fd, &a.any, &len)) < 0)
        return -errno;
    host[0] = '\0';
    *ret_port = 0;
    if (a.any.sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &a.v4.sin_addr, host, 64);
        *ret_port = ntohs(a.v4.sin_port);
    } else if (a.any.sa_family == AF_INET6) {
        text_v6(&a.v6.sin6_addr, host);
        *ret_port = ntohs(a.v6.sin6_port);
    }
    return 0;
}

int brio_socket_port(int fd)
{
    char host[64];
    uint16_t port = 0;
    int rc = brio_loop_address_text(fd, false, host, &port);
    return rc < 0 ? rc : port;
}
