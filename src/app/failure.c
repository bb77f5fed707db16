/* SPDX-License-Identifier: MIT
 *
 * Failing on purpose: brio_fail writes its detail at once, since what it was
 * made of may be on the stack of a handler that returns now. */
#include "app/app_internal.h"

static int write_detail(brio_json_writer *w, const void *arg)
{
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("detail"));
    brio_json_value(w, arg);
    brio_json_end(w, '}');
    return 0;
}

int brio_fail_json(brio_request *req, int status, brio_json detail)
{
    BRIO_ASSERT(status >= 200 && status <= 599);
    req->fail_status = status;
    size_t guess = detail.type == BRIO_JSON_STR ? detail.str.len + 64 : 256;
    (void)!brio_app_write(req, guess, write_detail, &detail, &req->fail_body);
    return BRIO_EHTTP;
}

int brio_fail(brio_request *req, int status, const char *fmt, ...)
{
    brio_str text = brio_status_reason(status);
    if (fmt) {
        va_list args;
        va_start(args, fmt);
        text = brio_vprintf(req->arena, fmt, args);
        va_end(args);
    }
    brio_json detail = brio_json_from_str(text);
    return brio_fail_json(req, status, detail);
}

int brio_app_fail_body(brio_request *req)
{
    return brio_fail(req, 400, "There was an error parsing the body");
}

int brio_app_refuse(brio_request *req, const brio_problems *problems)
{
    brio_problems *kept = BRIO_NEW(req->arena, brio_problems);
    *kept = *problems;
    req->problems = kept;
    return BRIO_EINVALID;
}
