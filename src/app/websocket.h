/* SPDX-License-Identifier: MIT
 *
 * What a request is when it has become a WebSocket. */
#ifndef BRIO_APP_WEBSOCKET_H
#define BRIO_APP_WEBSOCKET_H

#include "app/app_internal.h"

#include <brio/sync.h>
#include <brio/ws.h>

typedef struct brio_app_goodbye {
    int code; /* 0: nothing was said */
    brio_str reason;
} brio_app_goodbye;

typedef struct brio_app_socket {
    brio_ws_conn conn;
    brio_lock sending; /* who composes and writes */
    brio_buf out;
    brio_str input;           /* received and not read */
    brio_arena scratch;       /* until the next message */
    brio_app_goodbye goodbye; /* of brio_ws_fail */
    int code;                 /* how it ended; 0: open */
    brio_str reason;
    bool accepted; /* the 101 is out */
    bool closed;   /* a close frame is out, or need not be sent */
    char key[BRIO_WS_ACCEPT_LEN];
} brio_app_socket;

/* Sends a close frame unless one is out. Suspends. 0, -ECANCELED, -ENOMEM. */
int brio_app_socket_close(const brio_websocket *ws, int code, brio_str reason) BRIO_CHECKED;

#endif
