/* SPDX-License-Identifier: MIT
 *
 * brio_serve: options, the listening socket, and then either a worker in this
 * process or a supervisor of several.
 *
 * The socket is opened first and once. Whoever serves gets it, so a port in
 * use is reported before anything is started, and workers can come and go
 * without a moment in which nobody listens. */
#include "server/server_internal.h"

#include <errno.h>
#include <unistd.h>

static int open_socket(const brio_server_options *o)
{
    int fd = brio_socket_listen(&(brio_listen_options){
        .host = o->host, .port = (uint16_t)(o->port < 0 ? 0 : o->port), .backlog = o->backlog});
    if (fd == -EINVAL)
        brio_log(BRIO_LOG_ERROR,
                 "cannot listen on \"%s\": the host must be a numeric address or "
                 "\"localhost\"",
                 o->host);
    else if (fd < 0)
        brio_log(BRIO_LOG_ERROR, "cannot listen on %s:%d: %s", o->host, o->port < 0 ? 0 : o->port,
                 brio_error_text(fd));
    return fd;
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
    if (rc < 0)
        return rc;
    int fd = open_socket(&o);
    if (fd < 0)
        return fd;
    brio_server_log_options(&o, backend);
    if (o.workers > 1)
        return brio_server_supervise(app, &o, fd, backend);
    return brio_server_worker_run(
        app, &(brio_server_place){.options = &o, .listen_fd = fd, .control_fd = -1});
}
