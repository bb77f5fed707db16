/* SPDX-License-Identifier: MIT
 *
 * The layout of the memory that workers count in (metrics.c). */
#ifndef BRIO_SERVER_METRICS_H
#define BRIO_SERVER_METRICS_H

#include "server/server_internal.h"

#include <stdatomic.h>

enum {
    BRIO_SERVER_ROWS = 512, /* routes told apart; the last row is all others */
    BRIO_SERVER_LABEL_MAX = 124,
    BRIO_SERVER_BOUNDS = 14,
    BRIO_SERVER_SEEN = 256
};

extern const double brio_server_bounds[BRIO_SERVER_BOUNDS]; /* seconds; the last bucket has none */

typedef struct brio_server_count { /* of one route */
    _Atomic uint64_t status[5];    /* 1xx to 5xx */
    _Atomic uint64_t buckets[BRIO_SERVER_BOUNDS + 1];
    _Atomic uint64_t microseconds, bytes;
} brio_server_count;

typedef struct brio_server_seen {
    uintptr_t key;
    uint16_t row;
} brio_server_seen;

struct brio_server_counts { /* of one worker */
    _Atomic int64_t pid;    /* 0: nobody's now */
    _Atomic uint64_t opened, refused;
    _Atomic uint64_t shakes[3];                     /* by brio_server_shake */
    _Atomic uint64_t numbers[BRIO_APP_NUMBERS_MAX]; /* of the app's parts */
    _Atomic uint64_t connections, running;          /* as of the last time this worker looked */
    brio_server_seen seen[BRIO_SERVER_SEEN];
    brio_server_count rows[BRIO_SERVER_ROWS];
};

struct brio_server_metrics {
    size_t n_blocks;
    brio_time started; /* wall clock */
    _Atomic uint32_t n_rows;
    struct {
        _Atomic uint32_t len;             /* 0: not written yet */
        char text[BRIO_SERVER_LABEL_MAX]; /* "GET /items/{item_id}" */
    } rows[BRIO_SERVER_ROWS];
    brio_server_counts blocks[];
};

/* All numbers as text. */
void brio_server_metrics_print(const brio_server_metrics *m, brio_buf *out);

#endif
