/* SPDX-License-Identifier: MIT
 *
 * brio_serve: options, the listening sockets, and then either a worker in this
 * process or a supervisor of several.
 *
 * Sockets are opened first and once, and kept open here until the end: a port
 * in use is reported before anything is started, and whoever dies or is replaced
 * leaves what waits in its queue to a successor. */
#include "server/supervisor.h"

#include <errno.h>

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

static int serve_at(struct brio_app *app, brio_server_place *place, const char *backend)
{
    const brio_server_options *o = place->options;
    brio_server_notify notify;
    int rc = brio_server_metrics_open(&place->metrics, o);
    if (rc < 0)
        return rc;
    brio_server_log_options(o, backend);
    brio_server_notify_open(&notify, o->systemd);
    place->notify = &notify;
    rc = o->workers == 1 ? brio_server_worker_run(app, place)
                         : brio_server_supervise(app, place, backend);
    place->notify = NULL;
    brio_server_notify_close(&notify);
    brio_server_metrics_close(place->metrics);
    return rc;
}

static int serve_from(struct brio_app *app, const brio_server_options *o, const char *backend,
                      brio_tls_context *tls)
{
    brio_server_identity identity;
    brio_server_sockets sockets;
    int rc = brio_server_identity_find(&identity, o);
    if (rc == 0)
        rc = brio_server_sockets_open(&sockets, o, &identity);
    if (rc < 0)
        return rc;
    brio_server_place place = {
        .options = o, .sockets = &sockets, .control_fd = -1, .identity = &identity, .tls = tls};
    rc = serve_at(app, &place, backend);
    brio_server_sockets_fini(&sockets);
    return rc;
}

int brio_serve(struct brio_app *app, const brio_server_options *options)
{
    brio_server_options o;
    const char *backend = "";
    brio_tls_context *tls = NULL;
    BRIO_ASSERT(app);
    if (brio_loop_current() || brio_current_task())
        return -EALREADY;
    int rc = brio_server_resolve(&o, options);
    if (rc == 0)
        rc = probe_backend(&o, &backend);
    if (rc == 0)
        rc = brio_server_tls_load(&tls, &o);
    if (rc == 0)
        rc = serve_from(app, &o, backend, tls);
    brio_tls_context_free(tls);
    return rc;
}
