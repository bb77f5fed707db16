/* SPDX-License-Identifier: MIT
 *
 * brio/json.h: the dynamic value, what has no model: read from text, looked
 * into, written. A part of <brio/model.h>.
 *
 * Nothing here suspends. All memory is the arena's. */
#ifndef BRIO_JSON_H
#define BRIO_JSON_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum brio_json_type { /* ORDER JSON_TYPE */
    BRIO_JSON_NULL = 0,
    BRIO_JSON_BOOL,
    BRIO_JSON_INT,    /* fits int64_t */
    BRIO_JSON_BIGINT, /* an integer that does not; its digits are in `str` */
    BRIO_JSON_FLOAT,
    BRIO_JSON_STR,
    BRIO_JSON_ARRAY,
    BRIO_JSON_OBJECT,
    BRIO_JSON_RAW,    /* ready JSON text in `str`; only for writing. `n` not 0: with blanks to leave out */
    BRIO_JSON_UNFIT   /* what was to be a value and has no JSON form: `str` says why. An answer with
                       * it is a 500 */
} brio_json_type;

typedef struct brio_json brio_json;
typedef struct brio_json_member brio_json_member;

/* What has no model. A zero value is null. */
struct brio_json {
    brio_json_type type;
    uint32_t n; /* items or members */
    union {
        bool boolean;
        int64_t integer;
        double number;
        brio_str str;
        brio_json *items;
        brio_json_member *members;
    };
};

struct brio_json_member {
    brio_str key;
    brio_json value;
};

/* Where and why text is not JSON. `offset` counts characters (code points), as
 * FastAPI reports it; `message` is the text of Python 3.11's json module, for
 * example "Expecting property name enclosed in double quotes". Static. */
typedef struct brio_json_fault {
    size_t offset; /* characters */
    size_t byte;
    const char *message;
} brio_json_fault;

/* Reads one JSON text (RFC 8259) into `arena`. Strings without escapes are
 * borrowed from `text`. Beyond the RFC, as Python: NaN, Infinity and
 * -Infinity are numbers; of equal keys the last wins. Lone surrogates in
 * escapes become U+FFFD. Returns 0; BRIO_ESYNTAX with *ret_fault set (may be
 * NULL); BRIO_ELIMIT beyond 128 levels (pass `strict` to refuse NaN and
 * Infinity, as the RFC does). */
typedef struct brio_json_options {
    bool strict;        /* RFC 8259 to the letter */
    uint32_t max_depth; /* 0 means 128 */
} brio_json_options;
BRIO_API int brio_json_parse(brio_arena *arena, brio_str text, const brio_json_options *options,
                             brio_json *ret, brio_json_fault *ret_fault) BRIO_CHECKED;

/* The member's value, or NULL. */
BRIO_API const brio_json *brio_json_get(const brio_json *object, brio_str key);
/* `onto` with `from` laid over it: objects are merged member by member, arrays
 * joined, of all else `from` wins (FastAPI's deep_dict_update). The result shares
 * what both hold; neither is changed. */
BRIO_API brio_json brio_json_merge(brio_arena *arena, const brio_json *onto, const brio_json *from);
/* Equality by value; object members in any order; 1 equals 1.0. */
BRIO_API bool brio_json_equal(const brio_json *a, const brio_json *b);

/* A string, borrowed, and an integer as values. */
static inline brio_json brio_json_from_str(brio_str s)
{
    brio_json v;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_STR;
    v.str = s;
    return v;
}
/* As above. */
static inline brio_json brio_json_from_int(int64_t i)
{
    brio_json v;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_INT;
    v.integer = i;
    return v;
}

/* ---- Writing JSON ------------------------------------------------------- */

/* Puts commas and colons; compact separators, UTF-8 unescaped (Starlette's
 * JSONResponse). Failure is the buffer's `failed`. */
typedef struct brio_json_writer {
    brio_buf *out; /* borrowed */
    bool comma;    /* the next value needs one before it */
    bool strict;   /* NaN and infinities are unfit (Starlette's JSONResponse); else null */
    const char *unfit; /* why a value had no JSON form and null stands for it; NULL: all had one */
} brio_json_writer;

/* Each writes one bracket, key or value, with the comma or colon before it. */
BRIO_API void brio_json_begin(brio_json_writer *w, char bracket); /* '{' or '[' */
BRIO_API void brio_json_end(brio_json_writer *w, char bracket);   /* '}' or ']' */
BRIO_API void brio_json_key(brio_json_writer *w, brio_str key);
BRIO_API void brio_json_str(brio_json_writer *w, brio_str value);  /* malformed UTF-8 becomes U+FFFD */
BRIO_API void brio_json_i64(brio_json_writer *w, int64_t value);
BRIO_API void brio_json_f64(brio_json_writer *w, double value);    /* Python's repr: 1.0, 1e+22; NaN and Inf as null */
BRIO_API void brio_json_bool(brio_json_writer *w, bool value);
BRIO_API void brio_json_null(brio_json_writer *w);
BRIO_API void brio_json_raw(brio_json_writer *w, brio_str json);   /* copied as it is */
BRIO_API void brio_json_value(brio_json_writer *w, const brio_json *value); /* see `unfit` */

/* The text of a value, quoted and escaped, in the arena. */
BRIO_API brio_str brio_json_text(brio_arena *arena, const brio_json *value);

/* Bytes of text a double needs at most. */
enum { BRIO_F64_TEXT_MAX = 32 };
/* Shortest text that reads back as `value`, in Python's repr format. Returns
 * its length; NaN and infinities give nan, inf, -inf. */
BRIO_API size_t brio_f64_text(char out[BRIO_F64_TEXT_MAX], double value);
/* Correctly rounded. All of `s` must be a JSON number. 0 or -EINVAL. */
BRIO_API int brio_f64_parse(brio_str s, double *ret) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
