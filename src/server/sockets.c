/* SPDX-License-Identifier: MIT
 *
 * The listening sockets, opened before anything is forked and kept open until
 * the end.
 *
 * Of a TCP address each worker has a socket of its own (SO_REUSEPORT): the
 * kernel spreads connections over them, and one that is replaced leaves its
 * queue to its successor; nothing in it is reset, which is what happens when a
 * socket of such a group closes. A Unix socket, or one that was inherited, is
 * one for all; workers take turns at it. A Unix socket's file is removed at the
 * end by the process that made it, if it is still the one. */
#include "server/server_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Names ----------------------------------------------------------------- */

void brio_server_listener_text(const brio_server_listener *l, char *ret, size_t cap)
{
    bool v6 = strchr(l->name, ':') != NULL;
    if (l->kind == BRIO_SERVER_TCP)
        snprintf(ret, cap, "http%s://%s%s%s:%d", l->plain ? "" : "s", v6 ? "[" : "",
                 *l->name ? l->name : "0.0.0.0", v6 ? "]" : "", l->port);
    else if (l->kind == BRIO_SERVER_UNIX)
        snprintf(ret, cap, "unix socket %s", l->name);
    else
        snprintf(ret, cap, "socket fd:%d", l->fd);
}

/* What may help a TCP socket. */
static const char *remedy(int err)
{
    if (err == -EADDRINUSE)
        return "; another program has this port: --port takes a number, 0 for any that is free";
    if (err == -EACCES)
        return "; ports below 1024 are root's, systemd's, or of who has CAP_NET_BIND_SERVICE";
    return err == -EADDRNOTAVAIL ? "; this machine does not have this address" : "";
}

static int refused(const brio_server_listener *l, int err)
{
    if (l->kind == BRIO_SERVER_INHERITED)
        brio_log(BRIO_LOG_ERROR, "cannot listen on fd:%d: %s", l->fd,
                 err == -ENOTSOCK ? "it is no listening stream socket" : brio_error_text(err));
    else if (l->kind == BRIO_SERVER_UNIX)
        brio_log(BRIO_LOG_ERROR, "cannot listen on unix:%s: %s", l->name, brio_error_text(err));
    else if (err == -EINVAL)
        brio_log(BRIO_LOG_ERROR,
                 "cannot listen on \"%s\": the host must be a numeric address or \"localhost\"",
                 l->name);
    else
        brio_log(BRIO_LOG_ERROR, "cannot listen on %s:%d: %s%s", l->name, l->port,
                 brio_error_text(err), remedy(err));
    return err;
}

/* ---- Opening --------------------------------------------------------------- */

static int open_tcp(const brio_server_listener *l, int backlog, bool reuse_port)
{
    return brio_socket_listen(&(brio_listen_options){
        .host = l->name, .port = (uint16_t)l->port, .backlog = backlog, .reuse_port = reuse_port});
}

/* The first is tried alone: SO_REUSEPORT would let two servers of one user
 * share a port without either of them noticing. */
static int open_group(brio_server_listener *l, int backlog)
{
    int fd = open_tcp(l, backlog, false);
    int port = fd < 0 ? fd : brio_socket_port(fd);
    if (port < 0)
        return port;
    l->port = port;
    if (l->n_fds == 1) {
        l->fds[0] = fd;
        return 0;
    }
    close(fd);
    for (int i = 0; i < l->n_fds; i++) {
        l->fds[i] = open_tcp(l, backlog, true);
        if (l->fds[i] < 0)
            return l->fds[i];
    }
    return 0;
}

static int open_unix(brio_server_listener *l, int backlog, const brio_server_identity *owner)
{
    struct stat st;
    int fd = brio_socket_listen(
        &(brio_listen_options){.path = l->name, .mode = l->mode, .backlog = backlog});
    if (fd < 0)
        return fd;
    l->fds[0] = fd;
    if (*l->name != '@' && lstat(l->name, &st) == 0) {
        l->made = getpid();
        l->dev = st.st_dev;
        l->ino = st.st_ino;
        return brio_server_identity_own(owner, l->name);
    }
    return 0;
}

static int number(int fd, int option)
{
    int value = 0;
    socklen_t len = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -errno : value;
}

static int adopt(brio_server_listener *l)
{
    if (number(l->fd, SO_ACCEPTCONN) != 1 || number(l->fd, SO_TYPE) != SOCK_STREAM)
        return number(l->fd, SO_ACCEPTCONN) == -EBADF ? -EBADF : -ENOTSOCK;
    int flags = fcntl(l->fd, F_GETFL);
    if (fcntl(l->fd, F_SETFD, FD_CLOEXEC) < 0 || flags < 0 ||
        fcntl(l->fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    l->fds[0] = l->fd;
    return 0;
}

static int open_listener(brio_server_listener *l, const brio_server_options *o,
                         const brio_server_identity *owner)
{
    l->n_fds = l->kind == BRIO_SERVER_TCP ? o->workers : 1;
    l->shared = l->n_fds < o->workers;
    l->fds = brio_zalloc((size_t)l->n_fds, sizeof *l->fds);
    if (!l->fds)
        return -ENOMEM;
    memset(l->fds, -1, (size_t)l->n_fds * sizeof *l->fds);
    int rc = l->kind == BRIO_SERVER_TCP    ? open_group(l, o->backlog)
             : l->kind == BRIO_SERVER_UNIX ? open_unix(l, o->backlog, owner)
                                           : adopt(l);
    if (rc < 0)
        return refused(l, rc);
    l->local = number(l->fds[0], SO_DOMAIN) == AF_UNIX;
    if (l->kind == BRIO_SERVER_INHERITED && !l->local)
        l->port = brio_socket_port(l->fds[0]);
    return 0;
}

int brio_server_sockets_open(brio_server_sockets *s, const brio_server_options *o,
                             const brio_server_identity *owner)
{
    *s = (brio_server_sockets){.cap = BRIO_SERVER_LISTEN_MAX};
    s->list = brio_zalloc(s->cap, sizeof *s->list);
    if (!s->list)
        return -ENOMEM;
    int rc = brio_server_sockets_list(s, o);
    for (size_t i = 0; i < s->n && rc == 0; i++)
        rc = open_listener(&s->list[i], o, owner);
    if (rc < 0)
        brio_server_sockets_fini(s);
    return rc;
}

/* ---- Using ------------------------------------------------------------------ */

int brio_server_sockets_port(const brio_server_sockets *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->list[i].local && s->list[i].port > 0)
            return s->list[i].port;
    return 0;
}

void brio_server_sockets_keep(brio_server_sockets *s, int slot)
{
    for (size_t i = 0; i < s->n; i++) {
        brio_server_listener *l = &s->list[i];
        for (int k = 0; k < l->n_fds && !l->shared; k++) {
            if (k != slot && l->fds[k] >= 0) {
                close(l->fds[k]);
                l->fds[k] = -1;
            }
        }
    }
}

/* ---- Closing ------------------------------------------------------------------ */

static void remove_file(brio_server_listener *l)
{
    struct stat st;
    if (l->made == getpid() && lstat(l->name, &st) == 0 && st.st_dev == l->dev &&
        st.st_ino == l->ino)
        (void)unlink(l->name);
    l->made = 0;
}

void brio_server_sockets_close(brio_server_sockets *s)
{
    for (size_t i = 0; i < s->n; i++) {
        brio_server_listener *l = &s->list[i];
        remove_file(l);
        for (int k = 0; k < l->n_fds && l->fds; k++) {
            if (l->fds[k] >= 0)
                close(l->fds[k]);
            l->fds[k] = -1;
        }
    }
}

void brio_server_sockets_fini(brio_server_sockets *s)
{
    brio_server_sockets_close(s);
    for (size_t i = 0; i < s->n; i++)
        free(s->list[i].fds);
    free(s->list);
    *s = (brio_server_sockets){0};
}
