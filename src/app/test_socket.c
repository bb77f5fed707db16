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

int brio_app_test_upgrade(brio_exchange *ex, const brio_http_response *response)
{
    brio_app_visit *v = BRIO_CONTAINER(ex, brio_app_visit, ex);
    int rc = brio_http_write_head(&v->conn, &v->answer, &v->client->stamp, response, false);
    if (rc < 0)
        return rc;
    v->upgraded = true;
    brio_loop_stop(v->client->loop);
    return 0;
}

typedef struct reading {
    brio_waiter waiter;
    brio_test_socket *s;
} reading;

static bool give_up(brio_waiter *waiter)
{
    BRIO_CONTAINER(waiter, reading, waiter)->s->reader = NULL;
    return true;
}

int brio_app_test_socket_read(brio_test_socket *s, brio_str *ret_piece)
{
    *ret_piece = (brio_str){0};
    while (!s->to_app.len) {
        if (s->gone)
            return 0;
        reading r = {.waiter.on_cancel = give_up, .s = s};
        s->reader = &r.waiter;
        int rc = brio_park(&r.waiter);
        if (rc < 0)
            return rc;
    }
    brio_buf empty = s->lent;
    brio_buf_clear(&empty);
    s->lent = s->to_app;
    s->to_app = empty;
    *ret_piece = brio_buf_str(&s->lent);
    return 1;
}

int brio_app_test_socket_write(brio_test_socket *s, brio_str data)
{
    if (s->gone)
        return -EPIPE;
    brio_buf_add(&s->from_app, data);
    BRIO_ASSERT(!s->from_app.failed);
    brio_loop_stop(s->client->loop);
    return brio_yield();
}

void brio_app_test_socket_over(brio_test_socket *s)
{
    s->visit = NULL;
    brio_loop_stop(s->client->loop);
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
    return 0;
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
    if (v->upgraded)
        return 0;
    s->visit = NULL;
    return BRIO_EHTTP;
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

static void wake(brio_test_socket *s)
{
    brio_waiter *reader = s->reader;
    s->reader = NULL;
    if (reader)
        brio_unpark(reader, 0);
}

void brio_test_socket_send_text(brio_test_socket *s, brio_str text)
{
    brio_ws_write(&s->conn, &s->to_app, text, true);
    wake(s);
}

void brio_test_socket_send_bytes(brio_test_socket *s, brio_str bytes)
{
    brio_ws_write(&s->conn, &s->to_app, bytes, false);
    wake(s);
}

void brio_test_socket_send_raw(brio_test_socket *s, brio_str frames)
{
    brio_buf_add(&s->to_app, frames);
    wake(s);
}

void brio_test_socket_close(brio_test_socket *s, int code)
{
    if (code)
        brio_ws_write_close(&s->conn, &s->to_app, code, (brio_str){0});
    s->gone |= code == 0;
    wake(s);
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
        *ret = (brio_ws_message){brio_str_copy(&s->client->arena, s->conn.data),
                                 event == BRIO_WS_BINARY};
        return 0;
    case BRIO_WS_CLOSE:
        s->code = s->conn.code;
        return BRIO_ECLOSED;
    case BRIO_WS_FAILED:
        return brio_error(BRIO_ESYNTAX, "%s", s->conn.reason);
    default:
        return 1;
    }
}

/* Something came, or the end. */
static bool has_news(const void *arg)
{
    const brio_test_socket *s = arg;
    return s->read < s->from_app.len || !s->visit;
}

int brio_test_socket_receive(brio_test_socket *s, brio_ws_message *ret, int *ret_code)
{
    int rc = s->code ? BRIO_ECLOSED : 1;
    *ret = (brio_ws_message){0};
    while (rc > 0) {
        brio_ws_event event = next_event(s);
        rc = take(s, event, ret);
        if (event != BRIO_WS_MORE)
            continue;
        if (!s->visit) {
            s->code = BRIO_WS_ABNORMAL;
            rc = BRIO_ECLOSED;
        } else {
            int waited = brio_app_client_wait(s->client, has_news, s);
            rc = waited < 0 ? waited : 1;
        }
    }
    if (ret_code)
        *ret_code = s->code;
    return rc;
}
