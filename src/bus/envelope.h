/* SPDX-License-Identifier: MIT
 *
 * What travels between workers: a fixed head in network byte order, then topic
 * and data.
 *
 *      0  'b' 'B' version kind
 *      4  flags  0  topic length (2)
 *      8  node (8): the machine it comes from
 *     16  source (8): the worker
 *     24  seq (8)
 *     32  to (8): for one source only; 0: for all
 *     40  mark (8): which question
 *     48  data length (4)
 *     52  topic, data
 *
 * Bytes in, envelopes out: nothing here sees a descriptor. */
#ifndef BRIO_BUS_ENVELOPE_H
#define BRIO_BUS_ENVELOPE_H

#include <brio/base.h>

enum { BRIO_BUS_HEAD = 52 };

typedef enum brio_bus_envelope_kind { /* ORDER BUS_ENVELOPE */
                                      /* Numbered: each has the next seq of its source. */
                                      BRIO_BUS_TELL = 1, /* a message */
                                      BRIO_BUS_ASK,  /* a message that wants an answer, named `mark`
                                                      */
                                      BRIO_BUS_JOIN, /* data: a name */
                                      BRIO_BUS_LEAVE,
                                      /* Not numbered: seq is that of the newest numbered one
                                         before. */
                                      BRIO_BUS_HELLO,  /* the first on a link of the mesh */
                                      BRIO_BUS_BEAT,   /* a sign of life */
                                      BRIO_BUS_WHO,    /* everybody, or `to`: tell your state */
                                      BRIO_BUS_STATE,  /* data: who is present where */
                                      BRIO_BUS_ANSWER, /* to `to`, of its question `mark` */
                                      BRIO_BUS_GONE,   /* the source `to` died */
                                      BRIO_BUS_BYE,    /* the source ends */
                                      BRIO_BUS_KINDS
} brio_bus_envelope_kind;

enum {
    BRIO_BUS_BINARY = 1,
    BRIO_BUS_FIRST = 2, /* of several envelopes with a state */
    BRIO_BUS_LAST = 4,
    BRIO_BUS_FLAGS = 7
};

typedef struct brio_bus_envelope {
    brio_bus_envelope_kind kind;
    uint8_t flags;
    uint64_t node, source, seq, to, mark;
    brio_str topic, data; /* borrowed */
} brio_bus_envelope;

static inline bool brio_bus_numbered(brio_bus_envelope_kind kind)
{
    return kind <= BRIO_BUS_LEAVE;
}

/* Appends it. */
void brio_bus_envelope_write(brio_buf *out, const brio_bus_envelope *e);
/* Reads one off the front of *input and moves it on. 1; 0 if it is not whole (then
 * nothing is consumed); -EINVAL for what is none, or more than `limit` bytes of data. */
int brio_bus_envelope_read(brio_str *input, size_t limit, brio_bus_envelope *ret) BRIO_CHECKED;

/* One line of a state: a name in a topic, held `count` times. */
typedef struct brio_bus_stated {
    brio_str topic, name;
    uint32_t count;
} brio_bus_stated;

void brio_bus_stated_write(brio_buf *out, const brio_bus_stated *s);
/* The next off a state's data. 1, 0 at the end, -EINVAL. */
int brio_bus_stated_read(brio_str *data, brio_bus_stated *ret) BRIO_CHECKED;

#endif
