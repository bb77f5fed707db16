/* SPDX-License-Identifier: MIT
 *
 * What the test client's parts share: the client, which owns a simulated loop,
 * and the visit, one request on its way through the app and back as bytes.
 * Visits and responses live in the client's arena until it is closed. */
#ifndef BRIO_APP_TEST_CLIENT_H
#define BRIO_APP_TEST_CLIENT_H

#include "app/app_internal.h"

#include <brio/ws.h>

/* A connection that has become a WebSocket. */
struct brio_test_socket {
    struct brio_test_client *client;
    struct brio_app_visit *visit; /* NULL once it is over */
    brio_ws_conn conn;
    brio_buf to_app, from_app; /* bytes not read yet */
    size_t read;               /* of from_app */
    brio_buf lent;             /* what the app reads from */
    brio_waiter *reader;       /* the app's task that waits for bytes */
    bool gone;                 /* the client is */
    int code;                  /* how the app ended it; 0: open */
    struct brio_test_socket *next;
};

typedef struct brio_app_visit {
    brio_exchange ex;
    struct brio_test_client *client;
    brio_http_conn conn;
    brio_arena arena; /* the request's */
    brio_str request; /* bytes to be sent */
    brio_str input;   /* bytes received and not read */
    size_t cut;       /* of the request, bytes at once */
    size_t gone_after;
    size_t received;
    brio_buf answer; /* bytes received */
    brio_callback start;
    bool chunked;
    bool sized;               /* pieces that are not chunks ... */
    uint64_t length;          /* ... of so many bytes */
    bool ended;               /* the last chunk was written */
    bool over;                /* `finished` was called */
    bool gone;                /* the client is */
    brio_test_socket *socket; /* NULL: none was asked for */
    bool upgraded;
    int rc; /* the request was not one: -EINVAL */
    struct brio_app_visit *next;
} brio_app_visit;

struct brio_test_client {
    brio_app *app;
    brio_loop *loop;
    brio_arena arena;
    brio_time opened;
    brio_http_pool pool;
    brio_http_stamp stamp;
    brio_app_visit *visits; /* newest first */
    size_t under_way;
    brio_test_socket *sockets; /* newest first */
    bool stuck;                /* the loop had nothing left that could wake a task */
};

/* Makes a visit; it starts on the loop's next turn. */
brio_app_visit *brio_app_visit_new(brio_test_client *client, const brio_test_request *request);
void brio_app_visit_free(brio_app_visit *visit);
/* Runs the loop until it is stopped: something that a test waits for is there. */
int brio_app_client_run(brio_test_client *client) BRIO_CHECKED;
/* Callbacks of an exchange whose visit has a socket (test_socket.c). */
int brio_app_test_upgrade(brio_exchange *ex, const brio_http_response *response);
int brio_app_test_socket_read(brio_test_socket *s, brio_str *ret_piece) BRIO_CHECKED;
int brio_app_test_socket_write(brio_test_socket *s, brio_str data) BRIO_CHECKED;
void brio_app_test_socket_over(brio_test_socket *s);
void brio_app_test_socket_free(brio_test_socket *s);
/* Reads the bytes received: status, head, body without chunks, JSON. */
int brio_app_visit_read(const brio_app_visit *visit, brio_test_response *ret) BRIO_CHECKED;

#endif
