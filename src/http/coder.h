/* SPDX-License-Identifier: MIT
 *
 * What a coding's library is to the rest of the room: a table of functions over
 * a state of its own. The table is NULL in a build without the library. */
#ifndef BRIO_HTTP_CODER_H
#define BRIO_HTTP_CODER_H

#include <brio/content.h>

enum { BRIO_CODER_STEP = 16 * 1024 }; /* bytes of room a library is offered at a time */

typedef struct brio_coder_kind {
    void *(*open_encoder)(
        int level); /* 0: the default; cut to what there is; NULL without memory */
    int (*encode)(void *state, brio_buf *out, brio_str data, brio_coder_flush flush);
    void (*close_encoder)(void *state);
    void *(*open_decoder)(void);
    int (*decode)(void *state, brio_buf *out, brio_str data); /* 1: the stream is over */
    void (*close_decoder)(void *state);
} brio_coder_kind;

/* Made by coder_gzip.c, coder_brotli.c and coder_zstd.c. */
extern const brio_coder_kind *const brio_coder_gzip, *const brio_coder_brotli,
                                                         *const brio_coder_zstd;

/* Room behind out->len, a step if the limit allows; false if there is none. */
bool brio_coder_room(brio_buf *out);
/* Why there is none: BRIO_ELIMIT or -ENOMEM. */
int brio_coder_full(const brio_buf *out);

static inline int brio_coder_level(int level, int usual, int low, int high)
{
    int wanted = level ? level : usual;
    return wanted < low ? low : wanted > high ? high : wanted;
}

#endif
