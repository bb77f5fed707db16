/* SPDX-License-Identifier: MIT
 *
 * Bodies that are written in pieces: by a handler while it runs, or by a source
 * once middleware has let the head pass. Both ways end in brio_app_write_out,
 * which is where filters, compression for one, see the bytes. */
#include "app/outgoing.h"

#include <errno.h>

void brio_app_answer_source(brio_request *req, int status, brio_str media_type,
                            const uint64_t *length, brio_app_source_fn *source, void *arg)
{
    brio_app_answer(req, status, media_type, (brio_str){0});
    req->answer.chunked = true;
    req->answer.sized = length != NULL;
    req->answer.length = length ? *length : 0;
    req->source = source;
    req->source_arg = arg;
}

/* ---- Filters ------------------------------------------------------------------- */

static void forget_buffer(void *arg)
{
    brio_buf_fini(arg);
}

void brio_app_add_filter(brio_request *req, brio_app_filter_fn *fn, void *arg)
{
    BRIO_ASSERT(req->phase < BRIO_APP_STREAMING);
    brio_app_filter *filter = BRIO_NEW(req->arena, brio_app_filter), **last = &req->filters;
    filter->fn = fn;
    filter->arg = arg;
    brio_defer_push(req->arena, forget_buffer, &filter->out);
    while (*last)
        last = &(*last)->next;
    *last = filter;
    req->answer.sized = false;
}

static int write_filtered(brio_request *req, brio_str data, bool last)
{
    for (brio_app_filter *f = req->filters; f; f = f->next) {
        brio_buf_clear(&f->out);
        int rc = f->fn(f->arg, &f->out, data, last);
        if (rc < 0 || f->out.failed)
            return rc < 0 ? rc : -ENOMEM;
        data = brio_buf_str(&f->out);
    }
    return data.len || last ? req->ex->write(req->ex, data, last) : brio_checkpoint();
}

int brio_app_write_out(brio_request *req, brio_str data, bool last)
{
    if (req->cancelled)
        return -ECANCELED;
    if (BRIO_UNLIKELY(req->filters != NULL))
        return write_filtered(req, data, last);
    return data.len || last ? req->ex->write(req->ex, data, last) : 0;
}

/* ---- Sources ------------------------------------------------------------------- */

/* True if bytes of a body follow the head. */
static bool has_body(const brio_request *req)
{
    return req->http->method != BRIO_METHOD_HEAD && !brio_app_is_bodiless(req->answer.status);
}

void brio_app_run_source(brio_request *req)
{
    if (!req->source || req->cancelled)
        return;
    req->phase = BRIO_APP_STREAMING;
    brio_scope_set(&req->scope, (brio_scope_options){0});
    brio_scope_enter(&req->scope);
    int rc = has_body(req) ? req->source(req, req->source_arg) : 0;
    brio_scope_leave(&req->scope);
    brio_app_end_stream(req, rc);
}
