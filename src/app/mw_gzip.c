/* SPDX-License-Identifier: MIT
 *
 * Compression of answers. A body that is complete is compressed when everything
 * inside has run, on the thread pool if it is large; a stream gets a filter when
 * its head goes out, which gives a piece for each piece, so that a client that
 * waits for a line sees it. */
#include "app/mw_common.h"

enum { MINIMUM = 500, ON_LOOP = 64 * 1024 };

typedef struct encoding {
    const brio_gzip_options *options;
    brio_request *req;
    brio_coding coding; /* IDENTITY: only Vary */
    brio_str body;
    brio_buf *out;
    brio_coder *coder;
    bool done; /* a complete body was dealt with */
} encoding;

static int level_of(const encoding *e)
{
    return e->coding == BRIO_GZIP ? e->options->level : 0;
}

static void forget_buffer(void *arg)
{
    brio_buf_fini(arg);
}

/* Encoded already, a stream of events, or a part of something. */
static bool is_left_alone(const brio_request *req)
{
    return brio_answered_header(req, BRIO_S("content-encoding")).len ||
           brio_answered_header(req, BRIO_S("content-range")).len ||
           brio_str_starts(brio_answered_type(req), BRIO_S("text/event-stream"));
}

/* ---- Complete bodies --------------------------------------------------------------- */

static int compress_all(void *arg)
{
    encoding *e = arg;
    int rc = brio_encoder_open(&e->coder, e->req->arena, e->coding, level_of(e));
    if (rc == 0)
        rc = brio_coder_write(e->coder, e->out, e->body, BRIO_CODER_END);
    if (rc == 0)
        brio_coder_close(e->coder);
    return rc;
}

/* Without memory the body goes out as it is. */
static void compress_body(brio_request *req, encoding *e)
{
    e->out = BRIO_NEW(req->arena, brio_buf);
    brio_defer_push(req->arena, forget_buffer, e->out);
    int rc =
        e->body.len > ON_LOOP ? brio_app_to_thread(req->arena, compress_all, e) : compress_all(e);
    if (rc < 0)
        return;
    brio_app_put_header(req, BRIO_S("content-encoding"), brio_coding_name(e->coding));
    req->answer.body = brio_buf_str(e->out);
    req->borrows = true; /* of the buffer, which the arena gives back */
}

static void deal_with_body(brio_request *req, encoding *e)
{
    e->done = true;
    e->body = brio_answered_body(req);
    if (is_left_alone(req) || e->body.len < e->options->minimum_size)
        return;
    if (e->coding != BRIO_IDENTITY)
        compress_body(req, e);
    brio_app_vary(req, BRIO_S("Accept-Encoding"));
}

/* ---- Streams ------------------------------------------------------------------------- */

static int compress_piece(void *arg, brio_buf *out, brio_str data, bool last)
{
    encoding *e = arg;
    return brio_coder_write(e->coder, out, data, last ? BRIO_CODER_END : BRIO_CODER_FLUSH);
}

static void on_head(brio_request *req, void *arg)
{
    encoding *e = arg;
    if (e->done || !brio_answered_stream(req) || is_left_alone(req))
        return;
    brio_app_vary(req, BRIO_S("Accept-Encoding"));
    if (e->coding == BRIO_IDENTITY ||
        brio_encoder_open(&e->coder, req->arena, e->coding, level_of(e)) < 0)
        return;
    brio_app_add_filter(req, compress_piece, e);
    brio_app_put_header(req, BRIO_S("content-encoding"), brio_coding_name(e->coding));
}

/* ---- The middleware -------------------------------------------------------------------- */

static int run(brio_request *req, brio_next *next, void *arg)
{
    const brio_gzip_options *options = arg;
    encoding *e = BRIO_NEW(req->arena, encoding);
    brio_str accepted = brio_request_header(req, BRIO_S("accept-encoding"));
    *e = (encoding){
        .options = options, .req = req, .coding = brio_coding_accepted(accepted, options->codings)};
    int rc = brio_mw_watch(req, next, on_head, e);
    if (rc >= 0 && req->phase < BRIO_APP_STREAMING && !brio_answered_stream(req))
        deal_with_body(req, e);
    return rc;
}

void brio_use_gzip(brio_app *app, const brio_gzip_options *options)
{
    brio_gzip_options *o = BRIO_NEW(&app->arena, brio_gzip_options);
    *o = options ? *options : (brio_gzip_options){0};
    o->minimum_size = o->minimum_size ? o->minimum_size : MINIMUM;
    o->codings = o->codings ? o->codings : BRIO_GZIP;
    brio_app_use(app, run, o);
}
