/* SPDX-License-Identifier: MIT
 *
 * The app that the server's tests talk to. */
#ifndef BRIO_TEST_SERVER_ROUTES_H
#define BRIO_TEST_SERVER_ROUTES_H

#include "rig.h"

typedef struct Number {
    int64_t n;
} Number;

BRIO_MODEL(Number, BRIO_PATH(n));

static int hello(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("hello");
    return 0;
}

/* Answers at once. */
static int now(brio_request *req, const Number *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "now %d", (int)in->n);
    return 0;
}

/* Answers after a suspension of n ms. */
static int later(brio_request *req, const Number *in, brio_text *out)
{
    int rc = brio_sleep(BRIO_MS(in->n));
    out->text = brio_printf(brio_request_arena(req), "later %d", (int)in->n);
    return rc;
}

static int echo(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_http(req)->body;
    return 0;
}

/* Of a body that is read in pieces: how long it is. 0, or why not all of it came. */
static inline int count_pieces(brio_request *req, size_t *ret)
{
    brio_str piece;
    int rc;
    *ret = 0;
    while ((rc = brio_request_read(req, &piece)) > 0)
        *ret += piece.len;
    return rc;
}

/* Answers with it while it is read. */
static inline int echo_pieces(brio_request *req)
{
    brio_str piece;
    int rc;
    while ((rc = brio_request_read(req, &piece)) > 0)
        if ((rc = brio_respond_stream(req, piece)) < 0)
            break;
    return rc;
}

/* Writes until nobody listens. */
static inline int write_on(brio_request *req, brio_str piece)
{
    int rc = 0;
    while (rc >= 0)
        rc = brio_respond_stream(req, piece);
    report("wrote %d", rc);
    return rc;
}

/* n bytes: "0123456789012345..." */
static int large(brio_request *req, const Number *in, brio_text *out)
{
    size_t n = (size_t)in->n;
    char *text = brio_alloc(brio_request_arena(req), n);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('0' + i % 10);
    out->text = (brio_str){text, n};
    return 0;
}

static int later_large(brio_request *req, const Number *in, brio_text *out)
{
    int rc = brio_sleep(BRIO_MS(1));
    return rc < 0 ? rc : large(req, in, out);
}

static void forget(void *text)
{
    memset(text, '!', 50000);
    free(text);
}

/* Its body is not the arena's: overwritten as soon as the request is over. */
static int later_borrowed(brio_request *req, const Number *in, brio_text *out)
{
    int rc = later_large(req, in, out);
    char *text = malloc(50000);
    if (rc < 0 || !text || out->text.len != 50000)
        return -ENOMEM;
    memcpy(text, out->text.ptr, out->text.len);
    out->text.ptr = text;
    brio_defer_push(brio_request_arena(req), forget, text);
    return 0;
}

/* Waits at the gate; tells how that ended. */
static int gated(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    report("started");
    int rc = pass_gate();
    report("gate %d", rc);
    out->text = BRIO_S("passed");
    return rc;
}

/* Goes on for a while after its client went away, and reads its request then. */
static int stubborn(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in, (void)out;
    report("started");
    int rc = pass_gate(), shielded = 0;
    report("cancelled %d", rc);
    BRIO_SCOPE(s, .shield = true)
    shielded = pass_gate();
    report("gate %d, still %.*s", shielded, BRIO_ARG(brio_request_http(req)->query));
    return rc;
}

static int behind(void *arg)
{
    report("background of %s", (const char *)arg);
    int rc = pass_gate();
    report("background over %d", rc);
    return 0;
}

/* Its background task reads what lies in the arena and in the request. */
static int with_background(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    brio_background(req, behind, brio_cstr(brio_request_arena(req), brio_request_http(req)->query));
    out->text = BRIO_S("answered");
    return 0;
}

static int streamed(brio_request *req, const Number *in, brio_text *out)
{
    (void)out;
    for (int64_t i = 0; i < in->n; i++) {
        int rc =
            brio_respond_stream(req, brio_printf(brio_request_arena(req), "piece %d;", (int)i));
        if (rc < 0)
            return rc;
    }
    return in->n == 3 ? -EIO : 0;
}

static int pid(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_printf(brio_request_arena(req), "%d", (int)getpid());
    return 0;
}

static int whose(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    uint16_t port;
    brio_str host = brio_request_client(req, &port), scheme = brio_request_scheme(req);
    out->text = brio_printf(brio_request_arena(req), "%.*s://%.*s %s", BRIO_ARG(scheme),
                            BRIO_ARG(host), port ? "known" : "0");
    return 0;
}

static inline void routes(brio_app *app)
{
    BRIO_GET(app, "/whose", whose, brio_none, brio_text);
    BRIO_GET(app, "/hello", hello, brio_none, brio_text);
    BRIO_HEAD(app, "/hello", hello, brio_none, brio_text);
    BRIO_GET(app, "/now/{n}", now, Number, brio_text);
    BRIO_GET(app, "/later/{n}", later, Number, brio_text);
    BRIO_POST(app, "/echo", echo, brio_none, brio_text);
    BRIO_GET(app, "/large/{n}", large, Number, brio_text);
    BRIO_GET(app, "/later_large/{n}", later_large, Number, brio_text);
    BRIO_GET(app, "/later_borrowed/{n}", later_borrowed, Number, brio_text);
    BRIO_GET(app, "/gated", gated, brio_none, brio_text);
    BRIO_GET(app, "/stubborn", stubborn, brio_none, brio_text);
    BRIO_GET(app, "/background", with_background, brio_none, brio_text);
    BRIO_GET(app, "/streamed/{n}", streamed, Number, brio_text);
    BRIO_GET(app, "/pid", pid, brio_none, brio_text);
}

#endif
