/* SPDX-License-Identifier: MIT
 *
 * Streamed answers: the first piece sends the head, the handler's return ends
 * the body. After a failure the end is left out, so the client sees that
 * something is missing; the server closes such a connection. */
#include "app/outgoing.h"

#include <errno.h>

static brio_str media_type(const brio_request *req)
{
    if (req->media_type.len || req->route->response != BRIO_RESPONSE_DEFAULT)
        return req->media_type.len ? req->media_type : req->route->media_type;
    return BRIO_S("text/plain; charset=utf-8");
}

void brio_app_begin_stream(brio_request *req)
{
    if (req->route->response == BRIO_SSE)
        brio_app_begin_events(req);
    brio_app_answer(req, req->status ? req->status : req->route->status, media_type(req),
                    (brio_str){0});
    req->answer.chunked = true;
    brio_app_send(req);
    req->phase = BRIO_APP_STREAMING;
}

int brio_respond_stream(brio_request *req, brio_str data)
{
    BRIO_ASSERT(req->phase == BRIO_APP_HANDLING || req->phase == BRIO_APP_STREAMING);
    BRIO_ASSERT(brio_current_task() == req->ex->task && "only in a handler that is async");
    if (req->cancelled)
        return -ECANCELED;
    if (req->phase == BRIO_APP_HANDLING)
        brio_app_begin_stream(req);
    return brio_app_write_out(req, data, false);
}

void brio_app_end_stream(brio_request *req, int err)
{
    BRIO_ASSERT(req->phase == BRIO_APP_STREAMING);
    brio_app_stop_pings(req);
    if (err >= 0 && !req->cancelled)
        err = brio_app_write_out(req, (brio_str){0}, true);
    if (err < 0 && !req->cancelled) {
        brio_app_tell_failed(req, err);
        brio_app_log(req, BRIO_LOG_ERROR, "a streamed answer was cut off: %s",
                     brio_error_text(err));
    }
    req->phase = BRIO_APP_ANSWERED;
}
