/* SPDX-License-Identifier: MIT
 *
 * What the value types (type_*.c) share: readers that say why a text is none
 * of theirs in pydantic's words (static text; NULL: it is one), and writers
 * onto a bare cursor. */
#ifndef BRIO_TYPE_INTERNAL_H
#define BRIO_TYPE_INTERNAL_H

#include <brio/types.h>

/* Digits of one number at `p`: two, of which the caller knows the bounds. -1
 * if they are none. */
static inline int brio_two_digits(const char *p)
{
    unsigned tens = (unsigned char)p[0] - '0', ones = (unsigned char)p[1] - '0';
    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

static inline char *brio_put_two(char *at, unsigned value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

/* The day `days` after 1970-01-01, in the years 0 to 9999. */
brio_date brio_date_of_days(int64_t days);

/* Without what Python takes for white space at both ends. */
brio_str brio_trim_python(brio_str s);
brio_str brio_trim_python_end(brio_str s);
/* All of `s` as a decimal number, inf or nan; false if it is none. */
bool brio_float_read(brio_arena *arena, brio_str s, double *ret);

/* Only ISO texts. */
const char *brio_date_read(brio_str text, brio_date *ret);
const char *brio_daytime_read(brio_str text, brio_daytime *ret);
const char *brio_datetime_read(brio_str text, brio_datetime *ret);
const char *brio_timedelta_read(brio_str text, brio_timedelta *ret);
/* The first ten bytes, whatever follows. */
const char *brio_date_read_head(brio_str text, brio_date *ret);
/* HH:MM[:SS[.f]] at the start of `text`; *ret_len says how much that is. */
const char *brio_clock_read(brio_str text, brio_daytime *ret, size_t *ret_len);

/* Unix seconds, or milliseconds beyond 2e10 in size, to which `us` is added. */
const char *brio_datetime_from_unix(int64_t timestamp, uint32_t us, brio_datetime *ret);
const char *brio_datetime_from_float(double timestamp, brio_datetime *ret);
/* A number in text, as pydantic's datetime takes it, or ISO. */
const char *brio_datetime_read_lax(brio_arena *arena, brio_str text, brio_datetime *ret);
const char *brio_date_read_lax(brio_str text, brio_date *ret);
const char *brio_daytime_from_seconds(int64_t seconds, uint32_t us, brio_daytime *ret);
const char *brio_timedelta_from_int(int64_t seconds, brio_timedelta *ret);
const char *brio_timedelta_from_float(double seconds, brio_timedelta *ret);

/* Each writes at most BRIO_..._TEXT_MAX bytes and returns what is behind them.
 * `zulu` is the offset zero: "Z" or "+00:00". */
char *brio_date_put(char *at, brio_date date);
char *brio_daytime_put(char *at, brio_daytime time, bool zulu);
char *brio_datetime_put(char *at, brio_datetime time, bool zulu);
char *brio_timedelta_put(char *at, brio_timedelta delta);
/* "1 day and 2 hours". */
brio_str brio_timedelta_words(brio_arena *arena, brio_timedelta delta);
char *brio_uuid_put(char *at, const brio_uuid *uuid);

/* Hyphenated or plain digits only; false for anything else. */
bool brio_uuid_read(brio_str text, brio_uuid *ret);
/* Why it is none, in the words of Rust's uuid. */
brio_str brio_uuid_why(brio_arena *arena, brio_str text);

/* ---- Names and URLs ------------------------------------------------------------ */

/* The ASCII form of a host name in Unicode, in lower case; false if it is none.
 * `symbols`: as URLs allow them, though IDNA 2008 does not. */
bool brio_idna_to_ascii(brio_arena *arena, brio_str name, bool symbols, brio_str *ret);
/* A copy with ASCII's capitals small; what else it has stays. */
brio_str brio_idna_lower(brio_arena *arena, brio_str name);
/* The Unicode form of an ASCII one. */
bool brio_idna_to_unicode(brio_arena *arena, brio_str name, brio_str *ret);
/* The normal form of a URL; NULL, or why it is none. */
const char *brio_url_read(brio_arena *arena, brio_str text, brio_str *ret);
/* The address; false with the reason in *ret_why. */
bool brio_email_read(brio_arena *arena, brio_str text, brio_str *ret, brio_str *ret_why);

/* ---- Networks (type_net.c) ----------------------------------------------------- */

/* What all six kinds of networks and interfaces are. */
typedef struct brio_net {
    brio_ip ip;
    uint8_t prefix;
} brio_net;
/* Address and prefix of that kind; false if the text is none. */
bool brio_net_read(brio_str text, bool v6, brio_net *ret);
/* True if no bit is set behind the prefix. */
bool brio_net_is_network(const brio_net *net);
/* All bits name the network. */
bool brio_net_of_ip(const brio_ip *ip, brio_net *ret);

/* ---- Decimals (type_decimal.c) ------------------------------------------------ */

/* A canonical decimal taken apart: digits * 10^exponent. */
typedef struct brio_decimal_parts {
    bool negative;
    const char *digits; /* of the text, with the point among them */
    size_t point;       /* where it is */
    size_t skipped;     /* zeros in front */
    size_t n;           /* digits behind those; 0 for zero */
    size_t shown;       /* the same, but 1 for zero, as Python counts */
    int64_t exponent;   /* of the last digit */
} brio_decimal_parts;
brio_decimal_parts brio_decimal_split(brio_decimal value);
/* The i-th digit, from the left. */
int brio_decimal_digit(const brio_decimal_parts *parts, size_t i);

typedef enum brio_decimal_fault {
    BRIO_DECIMAL_OK = 0,
    BRIO_DECIMAL_SYNTAX,
    BRIO_DECIMAL_NOT_FINITE
} brio_decimal_fault;
brio_decimal_fault brio_decimal_read(brio_arena *arena, brio_str text, brio_decimal *ret);
/* From sign, digits (at least one, no zeros in front unless it is the only
 * one) and the exponent of the last. */
brio_decimal brio_decimal_make(brio_arena *arena, bool negative, brio_str digits, int64_t exponent);

#endif
