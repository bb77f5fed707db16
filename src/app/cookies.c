/* SPDX-License-Identifier: MIT
 *
 * Cookies in answers: text is the http room's, the clock is the loop's. */
#include "app/app_internal.h"

#include <errno.h>

int brio_respond_cookie(brio_request *req, const brio_cookie *cookie)
{
    enum { AROUND = 256 };
    size_t size = AROUND + 4 * cookie->value.len;
    const char *const texts[] = {cookie->name, cookie->path, cookie->domain, cookie->same_site};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        size += texts[i] ? strlen(texts[i]) : 0;
    brio_buf text = brio_buf_over(brio_alloc_aligned(req->arena, size, 1), size);
    int rc = brio_cookie_format(&text, cookie);
    return rc < 0 ? rc : brio_respond_header(req, BRIO_S("set-cookie"), brio_buf_str(&text));
}

static brio_time wall_clock(void)
{
    brio_loop *loop = brio_loop_current();
    return loop ? brio_loop_wall(loop) : brio_clock_realtime();
}

int brio_respond_delete_cookie(brio_request *req, const char *name)
{
    return brio_respond_cookie(
        req, &(brio_cookie){.name = name, .max_age = -1, .expires = wall_clock()});
}
