/* SPDX-License-Identifier: MIT
 *
 * The opening handshake, from requests as they come off the wire. */
#include "harness/test.h"

#include <brio/http.h>
#include <brio/ws.h>

#define KEY     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define UPGRADE "Host: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

/* The status, or -1 when the request does not ask. */
static int judge(const char *head, char accept[BRIO_WS_ACCEPT_LEN])
{
    brio_http_pool pool;
    brio_http_conn conn;
    brio_str input = brio_str_from(head);
    brio_http_pool_init(&pool, NULL);
    brio_http_conn_init(&conn, &pool);
    CHECK_INT(brio_http_conn_next(&conn, &input), BRIO_HTTP_REQUEST);
    int status = brio_ws_asked(conn.request) ? brio_ws_handshake(conn.request, accept) : -1;
    brio_http_conn_fini(&conn);
    brio_http_pool_fini(&pool);
    return status;
}

TEST(the_key_of_the_rfc_is_accepted)
{
    char accept[BRIO_WS_ACCEPT_LEN];
    CHECK_INT(judge("GET /chat HTTP/1.1\r\n" UPGRADE KEY VERSION "\r\n", accept), 0);
    CHECK_STR(((brio_str){accept, sizeof accept}), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(only_who_asks_is_judged)
{
    char accept[BRIO_WS_ACCEPT_LEN];
    CHECK_INT(judge("GET / HTTP/1.1\r\nHost: a\r\n\r\n", accept), -1);
    CHECK_INT(judge("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", accept), -1);
    CHECK_INT(judge("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c, WebSocket\r\n"
                    "Connection: upgrade\r\n" KEY VERSION "\r\n",
                    accept),
              0);
}

TEST(wrong_handshakes)
{
    char accept[BRIO_WS_ACCEPT_LEN];
    CHECK_INT(judge("POST / HTTP/1.1\r\nContent-Length: 0\r\n" UPGRADE KEY VERSION "\r\n", accept),
              400);
    CHECK_INT(judge("GET / HTTP/1.0\r\n" UPGRADE KEY VERSION "\r\n", accept),
              -1); /* RFC 9110, 7.8 */
    CHECK_INT(judge("GET / HTTP/1.1\r\n" UPGRADE KEY "\r\n", accept), 426);
    CHECK_INT(judge("GET / HTTP/1.1\r\n" UPGRADE KEY "Sec-WebSocket-Version: 8\r\n\r\n", accept),
              426);
    CHECK_INT(judge("GET / HTTP/1.1\r\n" UPGRADE VERSION "\r\n", accept), 400);
    CHECK_INT(judge("GET / HTTP/1.1\r\n" UPGRADE KEY KEY VERSION "\r\n", accept), 400);
    CHECK_INT(judge("GET / HTTP/1.1\r\n" UPGRADE VERSION
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j\r\n\r\n",
                    accept),
              400);
    CHECK_INT(judge("GET / HTTP/1.1\r\n" UPGRADE VERSION
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n\r\n",
                    accept),
              400);
}

TEST(subprotocols_are_a_list)
{
    brio_str list = BRIO_S(" chat ,,superchat,v2");
    CHECK_STR(brio_ws_next_protocol(&list), "chat");
    CHECK_STR(brio_ws_next_protocol(&list), "superchat");
    CHECK_STR(brio_ws_next_protocol(&list), "v2");
    CHECK_STR(brio_ws_next_protocol(&list), "");
}
