/* SPDX-License-Identifier: MIT
 *
 * Middleware of some routes only: those of a router. */
#include <brio/brio.h>

#include <stdio.h>

static int timed_route(brio_request *req, brio_next *next, void *arg)
{
    brio_time before = brio_now();
    int rc = brio_next_run(req, next);
    double duration = (double)(brio_now() - before) / 1e9;
    printf("route duration: %f\nroute response: %d\n", duration, brio_answered_status(req));
    int header = brio_respond_header(req, BRIO_S("X-Response-Time"),
                                     brio_printf(brio_request_arena(req), "%f", duration));
    return rc < 0 ? rc : header;
}

static int not_timed(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "Not timed"});
    return 0;
}

static int timed(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"message": "It's the time of my life"});
    return 0;
}

BRIO_MAIN()
{
    brio_router *router = brio_router_new(app, NULL);
    brio_app_use(router, timed_route, NULL);
    BRIO_GET(app, "/", not_timed, brio_none, brio_json);
    BRIO_GET(router, "/timed", timed, brio_none, brio_json);
    brio_include(app, router, NULL);
}
