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
    v->client->under_way--;
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

int brio_test_socket_open(brio_test_client *client, const char *url, const char *headers,
                          brio_test_socket **ret, brio_test_response *ret_answer)
{
    brio_test_response ignored, *answer = ret_answer ? ret_answer : &ignored;
    brio_test_socket *s = BRIO_NEW(&client->arena, brio_test_socket);
    brio_str all = brio_printf(&client->arena, "%s%s", handshake, headers ? headers : "");
    brio_app_visit *v =
        brio_app_visit_new(client, &(brio_test_request){.url = url, .headers = all.ptr});
    *ret = NULL;
    *s = (brio_test_socket){.client = client, .visit = v, .next = client->sockets};
    brio_ws_conn_init(&s->conn, &(brio_ws_options){.client = true});
    client->sockets = s;
    v->socket = s;
    int rc = 0;
    while (rc >= 0 && !v->upgraded && !v->over)
        rc = brio_app_client_run(client);
    if (rc >= 0)
        rc = brio_app_visit_read(v, answer);
    if (rc < 0)
        return rc;
    if (!v->upgraded) {
        s->visit = NULL;
        return BRIO_EHTTP;
    }
    *ret = s;
    return 0;
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
            int run = brio_app_client_run(s->client);
            rc = run < 0 ? run : 1;
        }
    }
    if (ret_code)
        *ret_code = s->code;
    return rc;
}
