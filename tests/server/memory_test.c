/* SPDX-License-Identifier: MIT
 *
 * A worker whose n-th allocation fails, for each n of the first ones: whoever it
 * befalls gets an error or an end, and the next client an answer. */
#include "routes.h"

static int fault(brio_request *req, const Number *in, brio_text *out)
{
    (void)req;
    (void)brio_heap_fault((uint64_t)in->n);
    out->text = BRIO_S("armed");
    return 0;
}

static void prepare(brio_app *app)
{
    routes(app);
    BRIO_GET(app, "/fault/{n}", fault, Number, brio_text);
}

/* The status, or 0: the connection ended without an answer. */
static int try_ask(const rig *r, const char *text)
{
    client *c = dial(r);
    int err, status = 0;
    (void)!send(c->fd, text, strlen(text), MSG_NOSIGNAL);
    if (receive_more(c, &err) && c->len > 12)
        status = (int)strtol(c->buf + 9, NULL, 10);
    hang_up(c);
    return status;
}

ON_BOTH(an_allocation_that_fails_befalls_one_client)
{
    static const char *const requests[] = {
        "GET /large/70000 HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n",
        "POST /echo HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc",
        "GET /later/1 HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n",
        "GET /streamed/2 HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"};
    rig r = rig_start(&(rig_options){.server = {.backend = backend}, .prepare = prepare});
    for (int n = 1; n <= 24; n++) {
        char text[100];
        snprintf(text, sizeof text,
                 "GET /fault/%d HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n", n);
        (void)try_ask(&r, text);
        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
            int status = try_ask(&r, requests[i]);
            CHECK(status == 0 || status == 200 || status >= 500);
        }
        (void)try_ask(&r, "GET /fault/0 HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
        client *c = dial(&r);
        get(c, "/hello");
        expect_answer(c, 200, "hello");
        hang_up(c);
    }
    rig_stop(&r);
}
