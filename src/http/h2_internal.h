/* SPDX-License-Identifier: MIT
 *
 * Inside an HTTP/2 session. nghttp2 calls back while it reads and while it
 * writes; h2_read.c and h2_write.c turn that into the owner's events, h2_head.c
 * makes a request of a block of headers. What a client may cost is counted here
 * and not left to nghttp2, whose limits differ from version to version. */
#ifndef BRIO_HTTP_H2_INTERNAL_H
#define BRIO_HTTP_H2_INTERNAL_H

#include "http/http_internal.h"

#include <nghttp2/nghttp2.h>

/* What a client may still do, refilled as time passes. */
typedef struct brio_h2_budget {
    int64_t most, left; /* thousandths of a frame */
} brio_h2_budget;

/* Frames as they pass by (h2_scan.c). */
typedef struct brio_h2_scan {
    uint64_t shut[2];        /* bits of the newest streams: the client has ended it */
    uint32_t streams;        /* that it began, or passed over */
    uint32_t skip;           /* bytes up to the next frame's head */
    uint8_t head[9], n_head; /* what is here of it */
} brio_h2_scan;

struct brio_h2 {
    nghttp2_session *session;
    const brio_h2_events *events;
    void *owner;
    brio_h2_limits limits;
    brio_http_limits http;
    brio_link streams; // brio_h2_stream::link
    brio_buf fields;   /* nghttp2_nv of the answer that is being made */
    brio_buf names;    /* its names in lower case, where they were not */
    brio_buf *out;     /* inside brio_h2_compose */
    size_t until;
    brio_h2_budget resets, idle;
    size_t memory;     /* bytes that nghttp2 has */
    size_t memory_max; /* that it may have */
    brio_time since;   /* the budgets were refilled */
    int32_t newest;    /* stream that the client began */
    int32_t gap[2];    /* first and last of those it left out last, for ever */
    brio_h2_scan scan;
    size_t block;   /* bytes of the block of headers at hand, as they came */
    size_t preface; /* bytes of the preface still to come */
    int verdict;    /* < 0: the connection is over */
    const char *reason;
    bool in_block; /* between HEADERS and the end of its block */
    bool final;    /* the last GOAWAY is said */
    bool starved;  /* memory_max was met */
    bool mute;     /* there was no memory to say what is wrong */
};

/* The stream's record; NULL: it was refused, or is gone. */
brio_h2_stream *brio_h2_find(const brio_h2 *h2, int32_t id);
/* One frame less in a budget. The connection ends when it is spent. */
void brio_h2_spend(brio_h2 *h2, brio_h2_budget *budget, const char *reason);
/* So many frames more. */
void brio_h2_earn(brio_h2_budget *budget, int frames);
/* Ends the connection with GOAWAY. The first reason counts. */
void brio_h2_give_up(brio_h2 *h2, int verdict, uint32_t code, const char *reason);
/* The same, because nghttp2 got no memory. */
void brio_h2_out_of_memory(brio_h2 *h2);

/* For a session that is about to be made (h2_memory.c). */
nghttp2_mem brio_h2_memory_of(brio_h2 *h2);

/* How many of the bytes are fine: all, or less, without the last one of the head of
 * a frame that cannot be where it is. */
size_t brio_h2_scan_bytes(brio_h2_scan *scan, brio_str bytes);

/* ---- Reading (h2_read.c, h2_head.c) ---------------------------------------- */

void brio_h2_read_callbacks(nghttp2_session_callbacks *callbacks);
/* A field of the head; what is wrong is remembered in the stream. */
void brio_h2_head_field(brio_h2_stream *s, const brio_http_limits *limits, brio_str name,
                        brio_str value);
/* The head is complete: stream->request, or its refusal. */
void brio_h2_head_finish(brio_h2_stream *s);

/* ---- Writing (h2_write.c) ---------------------------------------------------- */

void brio_h2_write_callbacks(nghttp2_session_callbacks *callbacks);

#endif
