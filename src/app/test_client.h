/* SPDX-License-Identifier: MIT
 *
 * What the test client's parts share: the client, which owns a simulated loop,
 * and the visit, one request on its way through the app and back as bytes.
 * Visits and responses live in the client's arena until it is closed. */
#ifndef BRIO_APP_TEST_CLIENT_H
#define BRIO_APP_TEST_CLIENT_H

#include "app/app_internal.h"

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
    bool sized;      /* pieces that are not chunks ... */
    uint64_t length; /* ... of so many bytes */
    bool ended;      /* the last chunk was written */
    bool over;       /* `finished` was called */
    bool gone;       /* the client is */
    int rc;          /* the request was not one: -EINVAL */
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
    bool stuck; /* the loop had nothing left that could wake a task */
};

/* Makes a visit; it starts on the loop's next turn. */
brio_app_visit *brio_app_visit_new(brio_test_client *client, const brio_test_request *request);
void brio_app_visit_free(brio_app_visit *visit);
/* Reads the bytes received: status, head, body without chunks, JSON. */
int brio_app_visit_read(const brio_app_visit *visit, brio_test_response *ret) BRIO_CHECKED;

#endif
