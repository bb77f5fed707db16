/* SPDX-License-Identifier: MIT
 *
 * Streamed answers: the first piece sends the head, the handler's return ends
 * the body. After a failure the end is left out, so the client sees that
 * something is missing; the server closes such a connection. */
#include "app/app_internal.h"

#include <errno.h>

static void begin(brio_request *req)
{
    brio_app_answer(req, req->status ? req->status : req->route->status,
                    req->media_type.len ? req->media_type : BRIO_S("text/plain; charset=utf-8"),
                    (brio_str){0});
    req->answer.chunked = true;
    brio_app_send(req);
    req->phase = BRIO_APP_STREAMING;
}

int brio_respond_stream(brio_request *req, brio_str data)
{
    BRIO_ASSERT(req->phase == BRIO_APP_HANDLING || req->phase == BRIO_APP_STREAMING);
    BRIO_ASSERT(brio_current_task() == req->ex->task); /* async handlers only */
    if (req->cancelled)
        return -ECANCELED;
    if (req->phase == BRIO_APP_HANDLING)
        begin(req);
    return data.len ? req->ex->write(req->ex, data, false) : 0;
}

void brio_app_end_stream(brio_request *req, int err)
{
    BRIO_ASSERT(req->phase == BRIO_APP_STREAMING);
    if (err >= 0 && !req->cancelled)
        err = req->ex->write(req->ex, (brio_str){0}, true);
    if (err < 0 && !req->cancelled)
        brio_app_log(req, BRIO_LOG_ERROR, "a streamed answer was cut off: %s",
                     brio_error_text(err));
    req->phase = BRIO_APP_ANSWERED;
}
