/* SPDX-License-Identifier: MIT
 *
 * Between the parts of the e-mail reader. Each check returns false with the
 * reason, a sentence of Python's email-validator, in the reader. */
#ifndef BRIO_EMAIL_INTERNAL_H
#define BRIO_EMAIL_INTERNAL_H

#include "model/type_internal.h"

typedef struct brio_email_reader {
    brio_arena *arena;
    brio_str why;
} brio_email_reader;

/* Always false. */
bool brio_email_fail(brio_email_reader *r, brio_str why);

/* The code point at the front of well-formed text, and its bytes. */
uint32_t brio_code_point(brio_str s, size_t *ret_n);
/* As messages show a character: 'x', SPACE, U+0001. */
brio_str brio_email_shown(brio_arena *arena, brio_str character);

typedef bool brio_email_is_good(uint32_t code);
/* Fails with `text`, the characters of `s` that are not good, each once and in
 * order of their shown form, and a full stop. */
bool brio_email_check_chars(brio_email_reader *r, brio_str s, brio_email_is_good *is_good,
                            const char *text);
/* Fails for controls, private characters and odd blanks. */
bool brio_email_check_safe(brio_email_reader *r, brio_str s, bool blanks);

bool brio_email_is_atext(uint32_t code); /* RFC 5322's, ASCII */
bool brio_email_is_safe(uint32_t code);  /* no blank, control or format character */

/* What an address consists of, in the text (local part: unquoted copy). */
typedef struct brio_email_parts {
    bool has_name; /* "Name <...>" or "<...>" */
    brio_str original_local, local, domain;
    bool quoted;
} brio_email_parts;
bool brio_email_split(brio_email_reader *r, brio_str text, brio_email_parts *ret);

bool brio_email_check_local(brio_email_reader *r, const brio_email_parts *parts, brio_str *ret);
/* The domain in ASCII and in Unicode. */
bool brio_email_check_domain(brio_email_reader *r, brio_str domain, brio_str *ret_ascii,
                             brio_str *ret);

#endif
