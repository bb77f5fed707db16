/* SPDX-License-Identifier: MIT
 *
 * One request of the test client: written as the bytes a client would send,
 * read by the HTTP parser, served by the app as any server would, and answered
 * into a buffer by the HTTP writer. Nothing is faked but the socket. */
#include "app/test_client.h"

#include <errno.h>

enum { ARENA_LIMIT = 64 * 1024 * 1024 }; /* bytes per request, a server's default */

/* ---- The request as bytes ----------------------------------------------------------- */

static bool has_header(brio_str headers, brio_str name)
{
    while (headers.len) {
        brio_str_pair line = brio_str_cut(headers, '\n');
        if (brio_str_eq_nocase(brio_str_cut(line.head, ':').head, name))
            return true;
        headers = line.tail;
    }
    return false;
}

static brio_str request_text(brio_arena *arena, const brio_test_request *r)
{
    brio_str headers = brio_str_from(r->headers), body = r->json.len ? r->json : r->body;
    bool sized = has_header(headers, BRIO_S("content-length")) ||
                 has_header(headers, BRIO_S("transfer-encoding"));
    brio_str length = {0};
    if (body.len && !sized)
        length = brio_printf(arena, "content-length: %zu\r\n", body.len);
    const char *json = "content-type: application/json\r\n", *host = "host: testserver\r\n";
    brio_str head =
        brio_printf(arena, "%s %s HTTP/1.1\r\n%s%.*s%s%.*suser-agent: testclient\r\n\r\n",
                    r->method ? r->method : "GET", r->url ? r->url : "/",
                    has_header(headers, BRIO_S("host")) ? "" : host, BRIO_ARG(headers),
                    r->json.len ? json : "", BRIO_ARG(length));
    char *text = brio_alloc_aligned(arena, head.len + body.len, 1);
    memcpy(text, head.ptr, head.len);
    if (body.len)
        memcpy(text + head.len, body.ptr, body.len);
    return (brio_str){text, head.len + body.len};
}

/* ---- The server's side ---------------------------------------------------------------- */

static brio_app_visit *visit_of(brio_exchange *ex)
{
    return BRIO_CONTAINER(ex, brio_app_visit, ex);
}

static void respond(brio_exchange *ex, const brio_http_response *response)
{
    brio_app_visit *v = visit_of(ex);
    BRIO_ASSERT(v->answer.len == 0); /* one answer per request */
    v->chunked = response->chunked;
    v->sized = response->sized;
    v->length = response->length;
    v->rc = brio_http_write_head(&v->conn, &v->answer, &v->client->stamp, response, true);
}

static int write_piece(brio_exchange *ex, brio_str data, bool last)
{
    brio_app_visit *v = visit_of(ex);
    if (v->upgraded)
        return brio_app_test_socket_write(v->socket, data);
    brio_http_write_chunk(&v->conn, &v->answer, data);
    if (last) {
        brio_http_write_last_chunk(&v->conn, &v->answer);
        v->ended = true;
    }
    return brio_yield();
}

static void nudge(brio_exchange *ex, brio_str data)
{
    brio_app_visit *v = visit_of(ex);
    brio_http_write_chunk(&v->conn, &v->answer, data);
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
    if (v->upgraded)
        brio_app_test_socket_over(v->socket);
    else if (--v->client->under_way == 0 || v->socket)
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
    if (v->upgraded)
        return brio_app_test_socket_read(v->socket, ret_piece);
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
        .client_host = BRIO_S("testclient"),
        .client_port = 50000,
        .scheme = BRIO_S("http"),
        .respond = respond,
        .write = write_piece,
        .nudge = nudge,
        .sent = sent,
        .pieces = brio_http_conn_unread(&v->conn) > 0,
        .read = read_piece,
        .upgrade = v->socket ? brio_app_test_upgrade : NULL,
        .finished = finished,
    };
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

brio_app_visit *brio_app_visit_new(brio_test_client *client, const brio_test_request *request)
{
    brio_app_visit *v = BRIO_NEW(&client->arena, brio_app_visit);
    v->client = client;
    v->request = request_text(&client->arena, request);
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
