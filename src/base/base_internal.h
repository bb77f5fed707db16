/* SPDX-License-Identifier: MIT
 *
 * What the parts of base share. Nothing outside src/base includes this. */
#ifndef BRIO_BASE_INTERNAL_H
#define BRIO_BASE_INTERNAL_H

#include <brio/base.h>

#include <stdatomic.h>

/* ---- UTF-8 -------------------------------------------------------------- */

/* One step of a UTF-8 decoder over [p, end), p < end. A well-formed sequence
 * gives its length, 1 to 4. A malformed one gives minus the length of its
 * maximal subpart (Unicode 3.9): what one U+FFFD stands for. */
int brio_base_utf8_step(const char *p, const char *end);
/* Many bytes at a time (utf8_wide.c), if the processor can. */
bool brio_base_utf8_has_wide(void);
bool brio_base_utf8_wide(const char *p, size_t n);

/* ---- Log records and lines ---------------------------------------------- */

enum {
    BRIO_BASE_RECORD_MAX = 4096, /* bytes of an encoded record */
    BRIO_BASE_LINE_MAX = 4096,   /* bytes of a written line: one atomic pipe write */
};

typedef enum brio_base_style {
    BRIO_BASE_PLAIN,
    BRIO_BASE_COLOR,
    BRIO_BASE_JSON,
} brio_base_style;

/* A record is this head, the message, then each field: head, key, text. */
typedef struct brio_base_record_head {
    brio_time when; /* CLOCK_REALTIME */
    uint16_t message_len;
    uint8_t level;
    uint8_t n_fields;
    uint8_t cut; /* the message did not fit */
    uint8_t raw; /* a line of brio_log_line */
} brio_base_record_head;

typedef struct brio_base_field_head {
    uint16_t key_len;
    uint16_t text_len;
    uint8_t is_number;
    uint8_t cut; /* the text did not fit */
} brio_base_field_head;

/* What `format` means for `fd`; AUTO looks whether it is a terminal. */
brio_base_style brio_base_log_style(int fd, brio_log_format format);

/* Encodes a call into `out`, cutting what does not fit. Returns its bytes. */
brio_str brio_base_record(char out[BRIO_BASE_RECORD_MAX], brio_log_level level,
                          const brio_log_field *fields, size_t n, const char *fmt, va_list args)
    BRIO_PRINTF(5, 0);

/* Makes a record one of brio_log_line's, and tells. */
void brio_base_record_set_raw(char record[BRIO_BASE_RECORD_MAX]);
bool brio_base_record_is_raw(brio_str record);

/* Turns a record into a line with its newline. Returns the line's length. */
size_t brio_base_line(char out[BRIO_BASE_LINE_MAX], brio_str record, brio_base_style style);

/* ---- Ring: many producers, one consumer --------------------------------- */

/* Producers and consumer do not share a cache line; the padding is meant. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
typedef struct brio_base_ring {
    char *bytes;
    size_t size;                        /* a power of two */
    _Alignas(64) _Atomic uint64_t head; /* bytes ever reserved */
    _Alignas(64) _Atomic uint64_t tail; /* bytes ever consumed */
} brio_base_ring;

int brio_base_ring_init(brio_base_ring *ring, size_t size) BRIO_CHECKED;
void brio_base_ring_fini(brio_base_ring *ring);
/* Any thread. Never waits: false when the ring is full. */
bool brio_base_ring_push(brio_base_ring *ring, brio_str record);
/* The consumer's: the oldest record, valid until popped; ptr is NULL if the
 * ring is empty or its producer has not finished. Pop needs a peeked record. */
brio_str brio_base_ring_peek(brio_base_ring *ring);
void brio_base_ring_pop(brio_base_ring *ring);

/* ---- Writer thread ------------------------------------------------------ */

int brio_base_writer_start(const brio_log_options *options) BRIO_CHECKED;
void brio_base_writer_stop(void);
/* Queues a record or counts it as dropped. Never waits. */
void brio_base_writer_push(brio_str record);

#endif
