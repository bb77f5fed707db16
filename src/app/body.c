/* SPDX-License-Identifier: MIT
 *
 * The request's body: whole, as most handlers find it, or in pieces, for those
 * who ask. Which it is was settled when only the head was there, so a route
 * never sees both; a body that came with its head is one piece. */
#include "app/app_internal.h"

#include <errno.h>

enum { UNKNOWN_MAX = 64 * 1024 }; /* bytes of a body for nobody that are still awaited */

/* ---- Before the request ---------------------------------------------------- */

/* A large body for no route is not waited for: the answer goes out at once. Nor, where
 * nothing has to be read past (HTTP/2), one that waits to be asked for. */
static brio_app_body_plan plan_for_nobody(const brio_http_request *http)
{
    bool asks = http->major == 2 && http->expect_continue;
    return (brio_app_body_plan){.pieces = http->content_length > UNKNOWN_MAX || asks};
}

brio_app_body_plan brio_app_plan_body(brio_app *app, const brio_http_request *http,
                                      brio_arena *scratch)
{
    brio_str captures[BRIO_APP_PARAMS_MAX];
    brio_app_match match = {.captures = captures};
    brio_app_find(app, http, scratch, &match);
    const brio_app_route *route = match.route;
    if (!route || match.path_only || route->page)
        return plan_for_nobody(http);
    bool form =
        route->from[BRIO_IN_FORM].n && brio_form_kind_of(http->content_type) == BRIO_FORM_MULTIPART;
    bool pieces = form || route->spec.body_pieces;
    return (brio_app_body_plan){.pieces = pieces, .limit = route->spec.body_limit};
}

/* ---- Reading ---------------------------------------------------------------- */

static int too_large(brio_request *req)
{
    return brio_fail(req, 413, NULL);
}

/* The answer to what came over the wire instead of a body. */
static int not_read(brio_request *req, int err)
{
    if (err == -ETIMEDOUT)
        return brio_fail(req, 408, NULL);
    if (err == BRIO_ELIMIT)
        return too_large(req);
    return err == BRIO_ESYNTAX ? brio_fail(req, 400, NULL) : err;
}

int brio_app_body_read(brio_request *req, brio_str *ret_piece)
{
    if (req->ex->pieces) {
        int rc = req->ex->read(req->ex, ret_piece);
        return rc < 0 ? not_read(req, rc) : rc;
    }
    *ret_piece = req->body_read ? (brio_str){0} : req->http->body;
    req->body_read = true;
    return ret_piece->len > 0;
}

int brio_request_read(brio_request *req, brio_str *ret_piece)
{
    BRIO_ASSERT(req->phase <= BRIO_APP_STREAMING);
    BRIO_ASSERT(brio_current_task() == req->ex->task && "only in a handler that is async");
    *ret_piece = (brio_str){0};
    return req->cancelled ? -ECANCELED : brio_app_body_read(req, ret_piece);
}

static void drop_buffer(void *buf)
{
    brio_buf_fini(buf);
}

/* Pieces go to the heap first: an arena cannot grow what it gave. */
static int collect(brio_request *req, brio_buf *all, brio_str *ret)
{
    brio_str piece;
    int rc;
    while ((rc = brio_request_read(req, &piece)) > 0) {
        brio_buf_add(all, piece);
        if (all->failed)
            return all->len + piece.len > all->limit ? too_large(req) : -ENOMEM;
    }
    if (rc == 0)
        *ret = brio_str_copy(req->arena, brio_buf_str(all));
    return rc;
}

int brio_request_read_all(brio_request *req, uint64_t limit, brio_str *ret)
{
    *ret = (brio_str){0};
    if (!req->ex->pieces) {
        int rc = brio_request_read(req, ret);
        return limit && ret->len > limit ? too_large(req) : rc < 0 ? rc : 0;
    }
    brio_buf *all = BRIO_NEW(req->arena, brio_buf);
    all->limit = limit && limit < SIZE_MAX ? (size_t)limit : SIZE_MAX;
    brio_defer_push(req->arena, drop_buffer, all);
    int rc = collect(req, all, ret);
    (void)brio_defer_pop(req->arena, drop_buffer, all, true);
    return rc;
}

/* A body that came whole has met the server's limit only. */
int brio_app_body_check(brio_request *req)
{
    uint64_t limit = req->route->spec.body_limit;
    return limit && req->http->body.len > limit ? too_large(req) : 0;
}
