/* SPDX-License-Identifier: MIT
 *
 * Redis' answers, read by hiredis out of bytes; commands as bytes. */
#ifndef BRIO_BUS_REDIS_REPLY_H
#define BRIO_BUS_REDIS_REPLY_H

#include <brio/base.h>

enum { BRIO_BUS_REPLY_ITEMS = 4 }; /* of an array; longer ones are refused */

typedef enum brio_bus_reply_type { /* ORDER BUS_REPLY */
                                   BRIO_BUS_REPLY_NIL = 0,
                                   BRIO_BUS_REPLY_TEXT,
                                   BRIO_BUS_REPLY_NUMBER,
                                   BRIO_BUS_REPLY_ERROR,
                                   BRIO_BUS_REPLY_ARRAY
} brio_bus_reply_type;

typedef struct brio_bus_reply {
    brio_bus_reply_type type;
    int64_t number;
    brio_str text; /* of the reply's own memory */
    struct brio_bus_reply *items[BRIO_BUS_REPLY_ITEMS];
    size_t n;
} brio_bus_reply;

typedef struct brio_bus_replies brio_bus_replies;

/* NULL without memory, or without hiredis. `limit`: bytes of one reply. */
brio_bus_replies *brio_bus_replies_new(size_t limit);
void brio_bus_replies_free(brio_bus_replies *r);
/* Copies bytes in. 0, -ENOMEM. */
int brio_bus_replies_feed(brio_bus_replies *r, brio_str bytes) BRIO_CHECKED;
/* The next whole reply, to be freed. 1; 0 if more bytes are needed; -EPROTO, BRIO_ELIMIT. */
int brio_bus_replies_next(brio_bus_replies *r, brio_bus_reply **ret) BRIO_CHECKED;
void brio_bus_reply_free(brio_bus_reply *reply);

/* Appends a command of `n` words, as an array of strings. */
void brio_bus_command_write(brio_buf *out, const brio_str *words, size_t n);

#endif
