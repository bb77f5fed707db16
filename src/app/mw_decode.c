/* SPDX-License-Identifier: MIT
 *
 * Bodies that come compressed. One that came whole is decoded before anything
 * inside reads it, up to a limit: what a few bytes blow up to ends there. A body
 * that its route reads in pieces is left to that. */
#include "app/mw_common.h"

enum { LIMIT = 16 * 1024 * 1024, ON_LOOP = 4096 };

typedef struct decoding {
    unsigned codings;
    size_t limit;
    brio_str offered; /* "gzip, br, zstd" */
} decoding;

typedef struct job {
    brio_request *req;
    brio_coding coding;
    brio_buf *out;
} job;

static const brio_coding all[] = {BRIO_GZIP, BRIO_BROTLI, BRIO_ZSTD};

static brio_coding coding_of(brio_str name, unsigned codings)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if ((codings & all[i]) && brio_str_eq_nocase(name, brio_coding_name(all[i])))
            return all[i];
    return BRIO_IDENTITY;
}

static void forget_buffer(void *arg)
{
    brio_buf_fini(arg);
}

/* 1 when the stream is complete. */
static int decode(void *arg)
{
    const job *j = arg;
    brio_coder *coder;
    int rc = brio_decoder_open(&coder, j->req->arena, j->coding);
    if (rc < 0)
        return rc;
    rc = brio_coder_write(coder, j->out, j->req->http->body, BRIO_CODER_END);
    brio_coder_close(coder);
    return rc;
}

static int fail(brio_request *req, int rc)
{
    if (rc == BRIO_ELIMIT)
        return brio_fail(req, 413, NULL);
    return rc >= 0 || rc == BRIO_ESYNTAX ? brio_app_fail_body(req) : rc;
}

static int decode_body(brio_request *req, const decoding *d, brio_coding coding)
{
    job j = {.req = req, .coding = coding, .out = BRIO_NEW(req->arena, brio_buf)};
    j.out->limit = d->limit;
    brio_defer_push(req->arena, forget_buffer, j.out);
    int rc =
        req->http->body.len > ON_LOOP ? brio_app_to_thread(req->arena, decode, &j) : decode(&j);
    if (rc != 1)
        return fail(req, rc);
    brio_request_set_body(req, brio_buf_str(j.out));
    return 0;
}

int brio_bodies_decoded(brio_request *req, brio_next *next, void *arg)
{
    const decoding *d = arg;
    brio_str name = brio_str_trim(brio_request_header(req, BRIO_S("content-encoding")));
    bool plain = !name.len || brio_str_eq_nocase(name, BRIO_S("identity"));
    if (plain || req->ex->pieces || !req->http->body.len || !brio_app_is_routed(req))
        return brio_next_run(req, next);
    brio_coding coding = coding_of(name, d->codings);
    if (coding == BRIO_IDENTITY) {
        brio_app_put_header(req, BRIO_S("accept-encoding"), d->offered);
        return brio_fail(req, 415, NULL);
    }
    int rc = decode_body(req, d, coding);
    return rc < 0 ? rc : brio_next_run(req, next);
}

void *brio_decoding_new(brio_app *app, const brio_decoding_options *options)
{
    brio_decoding_options o = options ? *options : (brio_decoding_options){0};
    decoding *d = BRIO_NEW(&app->arena, decoding);
    d->codings = (o.codings ? o.codings : ~0U) & brio_codings();
    d->limit = o.limit ? o.limit : LIMIT;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (d->codings & all[i])
            d->offered =
                brio_printf(&app->arena, "%.*s%s%.*s", BRIO_ARG(d->offered),
                            d->offered.len ? ", " : "", BRIO_ARG(brio_coding_name(all[i])));
    return d;
}

void brio_use_decoding(brio_app *app, const brio_decoding_options *options)
{
    brio_app_use(app, brio_bodies_decoded, brio_decoding_new(app, options));
}
