/* SPDX-License-Identifier: MIT
 *
 * Failing on purpose, and what is known of a failure. brio_fail writes its
 * detail at once, since what it was made of may be on the stack of a handler
 * that returns now. */
#include "app/app_internal.h"

#include <errno.h>

static const brio_str opening = BRIO_S_INIT("{\"detail\":");

static int write_detail(brio_json_writer *w, const void *arg)
{
    w->strict = true;
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
    int rc = brio_app_write(req, guess, write_detail, &detail, &req->fail_body);
    return rc < 0 ? rc : BRIO_EHTTP;
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

void brio_fail_header(brio_request *req, const char *name, const char *value)
{
    if (brio_respond_header(req, brio_str_from(name), brio_str_from(value)) < 0)
        brio_app_log(req, BRIO_LOG_ERROR, "header %s cannot be sent", name);
}

int brio_raise_at(brio_request *req, int err, const void *data, const char *file, int line)
{
    BRIO_ASSERT(err < 0);
    req->raised = err;
    req->raised_data = data;
    req->raised_file = file;
    req->raised_line = line;
    return err;
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

int brio_app_fail_unrouted(brio_request *req)
{
    int status = req->answer.status;
    if (status != 404 && status != 405)
        return 0;
    for (size_t i = 0; i < req->answer.n_headers; i++)
        brio_app_put_header(req, req->answer.headers[i].name, req->answer.headers[i].value);
    req->pending = false;
    return brio_fail(req, status, NULL);
}

/* ---- What is known ---------------------------------------------------------------- */

/* A cancelled handler whose client still waits: the server is stopping. */
static int status_of(int err)
{
    return err == -ECANCELED || err == BRIO_EABANDON ? 503 : brio_error_status(err);
}

/* brio_fail's detail, read back: nothing keeps the value it was made of. */
static brio_json detail_of(const brio_request *req)
{
    brio_json detail = {0};
    size_t around = opening.len + 1;
    brio_str text = brio_str_slice(req->fail_body, opening.len, req->fail_body.len - around);
    if (brio_json_parse(req->arena, text, NULL, &detail, NULL) < 0)
        detail = (brio_json){0};
    return detail;
}

/* What the client sent, as far as it is anything. */
static brio_json body_of(const brio_request *req)
{
    brio_json body;
    brio_str text = req->http->body;
    if (!text.len)
        return (brio_json){0};
    if (brio_media_is_json(req->http->content_type) &&
        brio_json_parse(req->arena, text, NULL, &body, NULL) == 0)
        return body;
    return brio_json_from_str(brio_utf8_replace(req->arena, text));
}

brio_exception brio_request_exception(brio_request *req, int err)
{
    brio_exception f = {.err = err, .status = status_of(err)};
    if (err == BRIO_EHTTP && req->fail_status) {
        f.status = req->fail_status;
        f.detail = detail_of(req);
    } else if (err == BRIO_EINVALID && req->problems) {
        f.problems = req->problems;
        f.body = body_of(req);
    }
    if (req->raised == err) {
        f.data = req->raised_data;
        f.file = req->raised_file;
        f.line = req->raised_line;
    }
    return f;
}
