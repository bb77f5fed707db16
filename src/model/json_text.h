/* SPDX-License-Identifier: MIT
 *
 * Writing the scalars of JSON through a bare cursor: each function writes at
 * `out`, for which the caller has made room, and returns what is behind. The
 * writer and the encoder are built on it. */
#ifndef BRIO_MODEL_JSON_TEXT_H
#define BRIO_MODEL_JSON_TEXT_H

#include "model/json_scan.h"

enum { BRIO_U64_TEXT_MAX = 24, BRIO_I64_TEXT_MAX = 25 };

extern const char brio_digit_pairs[200]; /* "00" "01" ... "99" */

/* At most BRIO_U64_TEXT_MAX bytes are touched. */
char *brio_u64_text(char *out, uint64_t value);
static inline char *brio_i64_text(char *out, int64_t value)
{
    *out = '-';
    return brio_u64_text(out + (value < 0), value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Python's repr; at most BRIO_F64_TEXT_MAX bytes are touched. */
char *brio_f64_put(char *out, double value);

/* The escape of a '"', '\\' or control character; at most BRIO_JSON_ESCAPE_MAX bytes. */
char *brio_json_put_escape(char *out, char c);

#endif
