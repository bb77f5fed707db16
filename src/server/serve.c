/* SPDX-License-Identifier: MIT
 *
 * brio_serve: options, the listening socket, and then either a worker in this
 * process or a supervisor of several.
 *
 * Sockets are opened first and once, one for each worker (SO_REUSEPORT), and
 * kept open here until the end: a port in use is reported before anything is
 * started, the kernel spreads connections over the workers, and a worker that
 * dies or is replaced leaves its queue to its successor: nothing in it is
 * reset, which is what happens when a socket of such a group closes. */
#include "server/server_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void log_socket_error(const brio_server_options *o, int err)
{
    int port = o->port < 0 ? 0 : o->port;
    if (err == -EINVAL)
        brio_log(BRIO_LOG_ERROR,
                 "cannot listen on \"%s\": the host must be a numeric address or \"localhost\"",
                 o->host);
    else
        brio_log(BRIO_LOG_ERROR, "cannot listen on %s:%d: %s", o->host, port, brio_error_text(err));
}

static int open_one(const brio_server_options *o, int port, bool reuse_port)
{
    return brio_socket_listen(&(brio_listen_options){.host = o->host,
                                                     .port = (uint16_t)(port < 0 ? 0 : port),
                                                     .backlog = o->backlog,
                                                     .reuse_port = reuse_port});
}

static void close_all(const int *fds, int n)
{
    for (int i = 0; i < n; i++)
        close(fds[i]);
}

/* One socket for each of several workers, on one port. */
static int open_group(const brio_server_options *o, int port, int *fds)
{
    for (int i = 0; i < o->workers; i++) {
        fds[i] = open_one(o, port, true);
        if (fds[i] < 0) {
            close_all(fds, i);
            return fds[i];
        }
    }
    return 0;
}

/* The first is tried alone: SO_REUSEPORT would let two servers of one user
 * share a port without either of them noticing. */
static int open_sockets(const brio_server_options *o, int *fds)
{
    int port = 0, rc = fds[0] = open_one(o, o->port, false);
    if (rc >= 0 && o->workers > 1) {
        rc = port = brio_socket_port(fds[0]);
        close(fds[0]);
        if (rc >= 0)
            rc = open_group(o, port, fds);
    }
    if (rc < 0)
        log_socket_error(o, rc);
    return rc < 0 ? rc : 0;
}

/* Whether the back end asked for is to be had, and its name: known before
 * anything is forked. The name is static. */
static int probe_backend(const brio_server_options *o, const char **ret_name)
{
    brio_loop *loop;
    int rc = brio_loop_new(&loop, &(brio_loop_options){.backend = o->backend});
    if (rc < 0) {
        brio_log(BRIO_LOG_ERROR, "the event loop's back end is not available: %s",
                 brio_error_text(rc));
        return rc;
    }
    *ret_name = brio_loop_backend(loop);
    brio_loop_free(loop);
    return 0;
}

static int serve_from(struct brio_app *app, const brio_server_options *o, const char *backend)
{
    int *fds = brio_zalloc((size_t)o->workers, sizeof *fds);
    if (!fds)
        return -ENOMEM;
    int rc = open_sockets(o, fds);
    if (rc == 0) {
        brio_server_log_options(o, backend);
        if (o->workers == 1) {
            brio_server_place place = {.options = o, .listen_fd = fds[0], .control_fd = -1};
            rc = brio_server_worker_run(app, &place);
        } else {
            rc = brio_server_supervise(app, o, fds, backend);
        }
    }
    free(fds);
    return rc;
}

int brio_serve(struct brio_app *app, const brio_server_options *options)
{
    brio_server_options o;
    const char *backend = "";
    BRIO_ASSERT(app);
    if (brio_loop_current() || brio_current_task())
        return -EALREADY;
    int rc = brio_server_resolve(&o, options);
    if (rc == 0)
        rc = probe_backend(&o, &backend);
    return rc < 0 ? rc : serve_from(app, &o, backend);
}
