/* SPDX-License-Identifier: MIT
 *
 * Code around every request. */
#include <brio/brio.h>

static int add_process_time_header(brio_request *req, brio_next *next, void *arg)
{
    brio_time start = brio_now();
    int rc = brio_next_run(req, next);
    brio_str seconds =
        brio_printf(brio_request_arena(req), "%.9f", (double)(brio_now() - start) / 1e9);
    int header = brio_respond_header(req, BRIO_S("X-Process-Time"), seconds);
    return rc < 0 ? rc : header;
}

BRIO_MAIN()
{
    brio_app_use(app, add_process_time_header, NULL);
}
