/* SPDX-License-Identifier: MIT
 *
 * One request of the test client: the bytes a client would send, read by the
 * HTTP parser, served by the app as any server would, and answered into a buffer
 * by the HTTP writer. Nothing is faked but the socket. */
#include "app/test_client.h"

#include <errno.h>

enum { ARENA_LIMIT = 64 * 1024 * 1024 }; /* bytes per request, a server's default */

/* ---- The server's side ---------------------------------------------------------------- */

static brio_app_visit *visit_of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, brio_app_visit, ex);
}

/* Who reads an answer while it is written looks after each step. */
static void show_step(const brio_app_visit *v)
{
    if (v->followed)
        brio_loop_stop(v->client->loop);
}

static void respond(brio_exchange *ex, const brio_http_response *response)
{
    brio_app_visit *v = visit_of(ex);
    BRIO_ASSERT(v->answer.len == 0); /* one answer per request */
    v->chunked = response->chunked;
    v->sized = response->sized;
    v->length = response->length;
    v->rc = brio_http_write_head(&v->conn, &v->answer, &v->client->stamp, response, true);
    show_step(v);
}

static int write_piece(brio_exchange *ex, brio_str data, bool last)
{
    brio_app_visit *v = visit_of(ex);
    brio_http_write_chunk(&v->conn, &v->answer, data);
    if (last) {
        brio_http_write_last_chunk(&v->conn, &v->answer);
        v->ended = true;
    }
    show_step(v);
    return brio_yield();
}

static void nudge(brio_exchange *ex, brio_str data)
{
    brio_app_visit *v = visit_of(ex);
    brio_http_write_chunk(&v->conn, &v->answer, data);
    show_step(v);
}

static void failed(brio_exchange *ex, int err, brio_str what)
{
    brio_app_visit *v = visit_of(ex);
    if (v->failure)
        return; /* of what failed because of it */
    v->failure = err;
    v->failure_text = brio_str_copy(&v->client->arena, what);
}

static int sent(brio_exchange *ex)
{
    (void)ex;
    return brio_yield();
}

static void end(brio_app_visit *v)
{
    BRIO_ASSERT(!v->over);
    v->over = true;
    v->client->under_way--;
    bool last = v->awaited && --v->client->awaited == 0;
    if (last || v->socket || v->followed)
        brio_loop_stop(v->client->loop);
}

static void finished(brio_exchange *ex)
{
    brio_app_visit *v = visit_of(ex);
    brio_arena_reset(&v->arena);
    brio_http_conn_done(&v->conn);
    end(v);
}

/* ---- The way of the request --------------------------------------------------------------- */

/* The next bytes of the request are there; false if there are no more. */
static bool receive(brio_app_visit *v)
{
    size_t left = v->request.len - v->received;
    size_t n = v->cut && v->cut < left ? v->cut : left;
    if (v->gone_after && v->received + n > v->gone_after)
        n = v->gone_after - v->received;
    BRIO_ASSERT(v->input.len == 0);
    v->input = brio_str_slice(v->request, v->received, n);
    v->received += n;
    return n > 0;
}

static bool lost(const brio_app_visit *v)
{
    return v->gone_after && v->received >= v->gone_after;
}

static int refused(const brio_app_visit *v)
{
    return v->conn.refusal == 413 ? BRIO_ELIMIT : BRIO_ESYNTAX;
}

/* Pieces come a turn apart, as from a socket. */
static int read_piece(brio_exchange *ex, brio_str *ret_piece)
{
    brio_app_visit *v = visit_of(ex);
    for (;;) {
        brio_http_event event = brio_http_conn_read(&v->conn, &v->input, ret_piece);
        if (event == BRIO_HTTP_PIECE || event == BRIO_HTTP_REQUEST)
            return event == BRIO_HTTP_PIECE;
        if (event == BRIO_HTTP_REFUSED)
            return refused(v);
        int rc = event == BRIO_HTTP_MORE ? brio_yield() : 0;
        if (rc < 0)
            return rc;
        if (event == BRIO_HTTP_MORE && !receive(v)) {
            v->gone = true;
            brio_app_cancel(ex);
            return -EPIPE;
        }
    }
}

static void serve(brio_app_visit *v)
{
    v->ex = (brio_exchange){
        .http = v->conn.request,
        .arena = &v->arena,
        .client_host = brio_str_from(v->client->options.client_host),
        .client_port = v->client->options.client_port,
        .scheme = v->url.scheme,
        .respond = respond,
        .retry_after = BRIO_S("1"),
        .write = write_piece,
        .nudge = nudge,
        .sent = sent,
        .pieces = brio_http_conn_unread(&v->conn) > 0,
        .read = read_piece,
        .upgrade = v->socket ? brio_app_test_upgrade : NULL,
        .failed = failed,
        .finished = finished,
    };
    v->served = true;
    brio_app_serve(v->client->app, &v->ex);
}

static brio_http_event next_event(brio_app_visit *v)
{
    brio_http_event event = brio_http_conn_next(&v->conn, &v->input);
    if (event != BRIO_HTTP_HEAD)
        return event;
    brio_app_body_plan plan = brio_app_plan_body(v->client->app, v->conn.request, &v->arena);
    event = brio_http_conn_body(&v->conn, plan.limit, plan.pieces);
    return event == BRIO_HTTP_MORE ? BRIO_HTTP_CONTINUE : event;
}

static void start(brio_callback *cb)
{
    brio_app_visit *v = BRIO_CONTAINER(cb, brio_app_visit, start);
    brio_http_event event;
    do
        event = next_event(v);
    while (event == BRIO_HTTP_CONTINUE || (event == BRIO_HTTP_MORE && receive(v)));
    if (event == BRIO_HTTP_REQUEST) {
        serve(v);
        return;
    }
    v->gone = lost(v);
    if (event == BRIO_HTTP_REFUSED)
        brio_http_write_refusal(&v->conn, &v->answer, &v->client->stamp);
    else if (!v->gone)
        v->rc = -EINVAL; /* less than one request */
    end(v);
}

brio_app_visit *brio_app_visit_new(brio_test_client *client, const brio_test_request *request,
                                   const brio_app_test_url *url, const brio_app_test_turn *turn)
{
    brio_app_visit *v = BRIO_NEW(&client->arena, brio_app_visit);
    v->client = client;
    v->url = *url;
    v->request = brio_app_test_request_text(client, request, url, turn);
    v->cut = request->cut;
    v->gone_after = request->gone_after;
    brio_http_conn_init(&v->conn, &client->pool);
    v->conn.heads = true;
    brio_arena_init(&v->arena, ARENA_LIMIT);
    v->next = client->visits;
    client->visits = v;
    client->under_way++;
    v->start.fn = start;
    brio_loop_call_soon(client->loop, &v->start);
    return v;
}

void brio_app_visit_free(brio_app_visit *visit)
{
    brio_arena_fini(&visit->arena);
    brio_http_conn_fini(&visit->conn);
    brio_buf_fini(&visit->answer);
}
