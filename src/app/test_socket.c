/* SPDX-License-Identifier: MIT
 *
 * WebSockets of the test client: the other end of a connection that an app's
 * handler has accepted. Frames go both ways as bytes, through the ws room's
 * reader and writer on both sides; only the socket between them is two buffers.
 *
 * The loop runs only while a test waits, and stops when what it waits for is
 * there: a frame, the end, or the answer to the handshake. */
#include "app/test_client.h"

#include <errno.h>

/* ---- The app's side --------------------------------------------------------- */

static brio_test_socket *of(brio_line *line)
{
    return line->carrier;
}

static void over(brio_test_socket *s)
{
    brio_line *line = s->line;
    if (!line || s->kept)
        return;
    s->line = NULL;
    line->events->closed(line);
    brio_loop_stop(s->client->loop);
}

static void give_data(brio_test_socket *s)
{
    if (!s->to_app.len || s->closing)
        return;
    brio_buf came = s->to_app;
    s->to_app = s->lent;
    s->lent = came;
    s->kept = true;
    if (!s->line->events->data(s->line, s->lent.ptr, s->lent.len))
        return;
    s->kept = false;
    brio_buf_clear(&s->lent);
}

/* Gives the app what came, then the end. A client that is gone is told at once. */
static void deliver(brio_callback *cb)
{
    brio_test_socket *s = BRIO_CONTAINER(cb, brio_test_socket, bring);
    if (!s->line)
        return;
    if (!s->kept)
        give_data(s);
    if (s->gone && !s->closing) {
        s->closing = true;
        s->line->events->ended(s->line, -EPIPE);
    }
    if (s->closing)
        over(s);
}

static void bring(brio_test_socket *s)
{
    if (s->line && !brio_callback_queued(&s->bring))
        brio_loop_call_soon(s->client->loop, &s->bring);
}

static int line_write(brio_line *line, const brio_str *parts, size_t n)
{
    brio_test_socket *s = of(line);
    if (s->gone || s->closing)
        return -EPIPE;
    for (size_t i = 0; i < n; i++)
        brio_buf_add(&s->from_app, parts[i]);
    BRIO_ASSERT(!s->from_app.failed);
    brio_loop_stop(s->client->loop);
    return 1;
}

static void line_resume(brio_line *line)
{
    brio_test_socket *s = of(line);
    BRIO_ASSERT(s->kept);
    s->kept = false;
    brio_buf_clear(&s->lent);
    bring(s);
}

static void line_close(brio_line *line, bool abort)
{
    (void)abort;
    of(line)->closing = true;
    bring(of(line));
}

static const brio_line_ops ops = {.write = line_write, .resume = line_resume, .close = line_close};

int brio_app_test_upgrade(brio_exchange *ex, const brio_http_response *response, brio_line *line,
                          brio_exchange **ret_ex)
{
    *ret_ex = ex;
    brio_app_visit *v = BRIO_CONTAINER(ex, brio_app_visit, ex);
    int rc = brio_http_write_head(&v->conn, &v->answer, &v->client->stamp, response, false);
    if (rc < 0)
        return rc;
    v->upgraded = true;
    v->socket->line = line;
    line->ops = &ops;
    line->carrier = v->socket;
    bring(v->socket);
    brio_loop_stop(v->client->loop);
    return 1;
}

/* ---- The test's side ---------------------------------------------------------- */

static const char handshake[] = "connection: upgrade\r\nupgrade: websocket\r\n"
                                "sec-websocket-version: 13\r\n"
                                "sec-websocket-key: dGVzdGNsaWVudCBzb2NrZQ==\r\n";

static bool handshake_over(const void *arg)
{
    const brio_app_visit *v = arg;
    return v->upgraded || v->over;
}

/* The visit of the handshake; it begins when the loop runs. */
static int begin(brio_test_socket *s, const char *url, const char *headers)
{
    brio_test_client *client = s->client;
    brio_str all = brio_printf(&client->arena, "%s%s", handshake, headers ? headers : "");
    brio_test_request request = {.url = url, .headers = all.ptr};
    brio_app_test_url where;
    int rc = brio_app_test_url_of(client, &request, &where);
    if (rc < 0)
        return rc;
    s->visit = brio_app_visit_new(client, &request, &where, &(brio_app_test_turn){0});
    s->visit->socket = s;
    s->bring.fn = deliver;
    return 0;
}

/* The client speaks what compression it has offered, and the app has taken. */
static int agree(brio_test_socket *s, const brio_test_response *answer)
{
    brio_str value = brio_test_header(answer, BRIO_S("sec-websocket-extensions"));
    brio_ws_options options = {.client = true};
    int rc =
        brio_ws_deflate_agree(value, &(brio_ws_deflate_wish){.takeover = true}, &options.deflate);
    if (rc == 0)
        brio_ws_conn_init(&s->conn, &options);
    return rc;
}

static int await_answer(brio_test_socket *s, brio_test_response *ret)
{
    brio_app_visit *v = s->visit;
    int rc = brio_app_client_wait(s->client, handshake_over, v);
    if (rc >= 0)
        rc = brio_app_visit_read(v, ret);
    if (rc < 0)
        return rc;
    brio_app_test_cookies_keep(s->client, &v->url, ret->head);
    return v->upgraded ? agree(s, ret) : BRIO_EHTTP;
}

int brio_test_socket_open(brio_test_client *client, const char *url, const char *headers,
                          brio_test_socket **ret, brio_test_response *ret_answer)
{
    brio_test_response ignored, *answer = ret_answer ? ret_answer : &ignored;
    brio_test_socket *s = BRIO_NEW(&client->arena, brio_test_socket);
    *ret = NULL;
    *answer = (brio_test_response){0};
    *s = (brio_test_socket){.client = client, .next = client->sockets};
    brio_ws_conn_init(&s->conn, &(brio_ws_options){.client = true});
    client->sockets = s;
    int rc = begin(s, url, headers);
    if (rc >= 0)
        rc = await_answer(s, answer);
    if (rc >= 0)
        *ret = s;
    return rc;
}

void brio_app_test_socket_free(brio_test_socket *s)
{
    brio_ws_conn_fini(&s->conn);
    brio_buf_fini(&s->to_app);
    brio_buf_fini(&s->from_app);
    brio_buf_fini(&s->lent);
}

void brio_test_socket_send_text(brio_test_socket *s, brio_str text)
{
    brio_ws_write(&s->conn, &s->to_app, text, true);
    bring(s);
}

void brio_test_socket_send_bytes(brio_test_socket *s, brio_str bytes)
{
    brio_ws_write(&s->conn, &s->to_app, bytes, false);
    bring(s);
}

void brio_test_socket_send_raw(brio_test_socket *s, brio_str frames)
{
    brio_buf_add(&s->to_app, frames);
    bring(s);
}

void brio_test_socket_close(brio_test_socket *s, int code)
{
    if (code)
        brio_ws_write_close(&s->conn, &s->to_app, code, (brio_str){0});
    s->gone |= code == 0;
    bring(s);
}

/* What came from the app and was not looked at: an event, or MORE. */
static brio_ws_event next_event(brio_test_socket *s)
{
    brio_str input = brio_str_slice(brio_buf_str(&s->from_app), s->read, SIZE_MAX);
    brio_ws_event event = brio_ws_conn_next(&s->conn, &input);
    s->read = s->from_app.len - input.len;
    return event;
}

static int take(brio_test_socket *s, brio_ws_event event, brio_ws_message *ret)
{
    switch (event) {
    case BRIO_WS_TEXT:
    case BRIO_WS_BINARY:
        *ret = (brio_ws_message){.data = brio_str_copy(&s->client->arena, s->conn.data),
                                 .binary = event == BRIO_WS_BINARY};
        return 0;
    case BRIO_WS_CLOSE:
        s->code = s->conn.code;
        return BRIO_ECLOSED;
    case BRIO_WS_PING:
        brio_ws_write_pong(&s->conn, &s->to_app, s->conn.data);
        bring(s);
        return 1;
    case BRIO_WS_FAILED:
        return brio_error(BRIO_ESYNTAX, "%s", s->conn.reason);
    default:
        return 1;
    }
}

/* The line is gone, and the handler has returned. */
static bool is_over(const brio_test_socket *s)
{
    return !s->line && s->visit->over;
}

typedef struct receiving {
    brio_test_socket *s;
    brio_ws_message *ret;
    int *rc; /* 1: nothing yet */
} receiving;

/* Reads what came, up to a message or the end; pings in between are answered and do
 * not count as what is waited for. */
static bool received(const void *arg)
{
    const receiving *r = arg;
    while (*r->rc > 0) {
        brio_ws_event event = next_event(r->s);
        *r->rc = take(r->s, event, r->ret);
        if (event != BRIO_WS_MORE)
            continue;
        if (!is_over(r->s))
            return false;
        r->s->code = BRIO_WS_ABNORMAL;
        *r->rc = BRIO_ECLOSED;
    }
    return true;
}

int brio_test_socket_receive(brio_test_socket *s, brio_ws_message *ret, int *ret_code)
{
    int rc = s->code ? BRIO_ECLOSED : 1;
    receiving r = {s, ret, &rc};
    *ret = (brio_ws_message){0};
    if (!received(&r)) {
        int waited = brio_app_client_wait(s->client, received, &r);
        rc = waited < 0 ? waited : rc;
    }
    if (ret_code)
        *ret_code = s->code;
    return rc;
}
