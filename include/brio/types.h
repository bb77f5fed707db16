/* SPDX-License-Identifier: MIT
 *
 * brio/types.h: values that JSON writes as strings. Times, UUIDs, exact
 * decimals, addresses and secrets are plain structs that a model holds like
 * any number:
 *
 *     typedef struct Event { brio_uuid id; brio_datetime start; brio_timedelta *length; } Event;
 *     BRIO_MODEL(Event,
 *         BRIO_FIELD(id, .uuid_version = 4),
 *         BRIO_FIELD(start, .tz = BRIO_TZ_AWARE, .ge_text = "2020-01-01T00:00:00Z"),
 *         BRIO_FIELD(length))                   // pointer: may be null or absent
 *
 * What texts and numbers each takes, the words when it takes none, its two
 * written forms and its schema are pydantic's. The functions here are for the
 * program itself; they need no model. Calendar arithmetic is the proleptic
 * Gregorian calendar, years 1 to 9999, without time zone rules or leap seconds.
 *
 * Nothing here suspends. `arena` is where texts live that a value points to. */
#ifndef BRIO_TYPES_H
#define BRIO_TYPES_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The types ---------------------------------------------------------- */

typedef struct brio_date {
    int16_t year; /* 1 to 9999 */
    uint8_t month, day;
} brio_date;

/* A time of day (Python's datetime.time). */
typedef struct brio_daytime {
    uint8_t hour, minute, second;
    bool aware;          /* it has an offset */
    int32_t microsecond; /* 0 to 999,999 */
    int32_t offset;      /* seconds east of UTC, under 24 hours either way; 0 if not aware */
} brio_daytime;

/* A civil date and time, with or without (naive) its offset from UTC. */
typedef struct brio_datetime {
    int16_t year; /* 1 to 9999 */
    uint8_t month, day, hour, minute, second;
    bool aware;          /* it has an offset */
    int32_t microsecond; /* 0 to 999,999 */
    int32_t offset;      /* seconds east of UTC, under 24 hours either way; 0 if not aware */
} brio_datetime;

/* A length of time: seconds + microseconds, so -0.5 s is {-1, 500000}. At most
 * 999,999,999 days either way. {.seconds = 90} is a minute and a half. */
typedef struct brio_timedelta {
    int64_t seconds;
    int32_t microseconds; /* 0 to 999,999 */
} brio_timedelta;

typedef struct brio_uuid {
    uint8_t bytes[16]; /* in the order of the text */
} brio_uuid;

/* An exact decimal number, kept as the text Python's str(Decimal) gives:
 * "1.50", "-0.1", "1E+3". A zero value is 0. Finite. */
typedef struct brio_decimal {
    brio_str text;
} brio_decimal;

/* Bytes that are no text; JSON has them as UTF-8, or as base64 if the field
 * says `.base64 = true`. */
typedef struct brio_bytes {
    const char *ptr;
    size_t len; /* bytes */
} brio_bytes;

/* local@domain, the domain in lower case and in Unicode. */
typedef struct brio_email {
    brio_str text;
} brio_email;

/* A URL in its normal form (WHATWG): of any scheme, or of http and https. */
typedef struct brio_url {
    brio_str text;
} brio_url;
typedef struct brio_http_url {
    brio_str text;
} brio_http_url;

typedef struct brio_ipv4 {
    uint8_t bytes[4]; /* network order */
} brio_ipv4;
typedef struct brio_ipv6 {
    uint8_t bytes[16]; /* network order */
    brio_str scope;    /* behind '%' ("eth0"); empty: none */
} brio_ipv6;
/* One or the other. */
typedef struct brio_ip {
    bool is_v6;
    brio_ipv4 v4;
    brio_ipv6 v6;
} brio_ip;

/* A network: an address and how many bits in front name it, all others zero; and
 * an interface: an address with the network it is in. */
typedef struct brio_ipv4_network { brio_ipv4 address; uint8_t prefix; } brio_ipv4_network;
typedef struct brio_ipv6_network { brio_ipv6 address; uint8_t prefix; } brio_ipv6_network;
typedef struct brio_ip_network { brio_ip address; uint8_t prefix; } brio_ip_network;
typedef struct brio_ipv4_interface { brio_ipv4 address; uint8_t prefix; } brio_ipv4_interface;
typedef struct brio_ipv6_interface { brio_ipv6 address; uint8_t prefix; } brio_ipv6_interface;
typedef struct brio_ip_interface { brio_ip address; uint8_t prefix; } brio_ip_interface;

/* A string that is written as "**********". Read it where it is needed: `.text`. */
typedef struct brio_secret {
    brio_str text;
} brio_secret;

/* A file's path as pathlib prints it ("a//b/" is "a/b"). Nothing is checked. */
typedef struct brio_file_path {
    brio_str text;
} brio_file_path;

/* Every type above and its list {items, len}. */
#define BRIO_VALUE_TYPES_(X)               \
    X(brio_date, brio_date_list)           \
    X(brio_daytime, brio_daytime_list)     \
    X(brio_datetime, brio_datetime_list)   \
    X(brio_timedelta, brio_timedelta_list) \
    X(brio_uuid, brio_uuid_list)           \
    X(brio_decimal, brio_decimal_list)     \
    X(brio_bytes, brio_bytes_list)         \
    X(brio_email, brio_email_list)         \
    X(brio_url, brio_url_list)             \
    X(brio_http_url, brio_http_url_list)   \
    X(brio_ipv4, brio_ipv4_list)           \
    X(brio_ipv6, brio_ipv6_list)           \
    X(brio_ip, brio_ip_list)               \
    X(brio_ipv4_network, brio_ipv4_network_list)     \
    X(brio_ipv6_network, brio_ipv6_network_list)     \
    X(brio_ip_network, brio_ip_network_list)         \
    X(brio_ipv4_interface, brio_ipv4_interface_list) \
    X(brio_ipv6_interface, brio_ipv6_interface_list) \
    X(brio_ip_interface, brio_ip_interface_list)     \
    X(brio_secret, brio_secret_list)       \
    X(brio_file_path, brio_file_path_list)

/* The lists, and the models BRIO_TYPE(T) calls. Static; never NULL. */
#define BRIO_VALUE_TYPE_DECLARE_(T, L)                 \
    typedef struct L { T *items; size_t len; } L;      \
    BRIO_API const struct brio_model *T##_model(void); \
    BRIO_API const struct brio_model *L##_model(void);
struct brio_model;
BRIO_VALUE_TYPES_(BRIO_VALUE_TYPE_DECLARE_)
#undef BRIO_VALUE_TYPE_DECLARE_

/* Options of a field of such a type, among those of brio_field. */
typedef enum brio_tz { /* datetime, daytime */
    BRIO_TZ_ANY = 0,
    BRIO_TZ_AWARE, /* an offset is required: pydantic's AwareDatetime */
    BRIO_TZ_NAIVE  /* an offset is refused */
} brio_tz;
typedef enum brio_when { /* date, datetime: compared with the clock, naive ones as UTC */
    BRIO_WHEN_ANY = 0,
    BRIO_WHEN_PAST,
    BRIO_WHEN_FUTURE
} brio_when;

/* ---- Dates -------------------------------------------------------------- */

/* Bytes that the texts below need at most, without a NUL. */
enum {
    BRIO_DATE_TEXT_MAX = 10,
    BRIO_DAYTIME_TEXT_MAX = 21,
    BRIO_DATETIME_TEXT_MAX = 32,
    BRIO_TIMEDELTA_TEXT_MAX = 40,
    BRIO_UUID_TEXT_MAX = 36,
    BRIO_IPV4_TEXT_MAX = 15,
    BRIO_IPV6_TEXT_MAX = 39
};

/* True if the calendar has this day. */
BRIO_API bool brio_date_valid(int year, int month, int day);
/* Today in UTC. */
BRIO_API brio_date brio_date_today(void);
/* YYYY-MM-DD and nothing else. 0 or -EINVAL. */
BRIO_API int brio_date_parse(brio_str text, brio_date *ret) BRIO_CHECKED;
/* YYYY-MM-DD; returns the length. */
BRIO_API size_t brio_date_text(char out[BRIO_DATE_TEXT_MAX], brio_date date);
BRIO_API brio_str brio_date_str(brio_arena *arena, brio_date date);
/* Days since 1970-01-01, negative before. */
BRIO_API int64_t brio_date_days(brio_date date);
/* The day `days` after 1970-01-01. 0, or -ERANGE outside the years 1 to 9999. */
BRIO_API int brio_date_from_days(int64_t days, brio_date *ret) BRIO_CHECKED;
/* `date` moved by `days`. 0, or -ERANGE outside the years 1 to 9999. */
BRIO_API int brio_date_add(brio_date date, int64_t days, brio_date *ret) BRIO_CHECKED;
/* 0 is Sunday, as in brio_civil. */
BRIO_API int brio_date_weekday(brio_date date);
/* < 0, 0, > 0: `a` is earlier, the same, later. */
BRIO_API int brio_date_compare(brio_date a, brio_date b);

/* ---- Times of day ------------------------------------------------------- */

/* HH:MM[:SS[.ffffff]] and an optional zone (Z, +HH:MM, -HHMM); digits beyond
 * microseconds are cut. 0 or -EINVAL. */
BRIO_API int brio_daytime_parse(brio_str text, brio_daytime *ret) BRIO_CHECKED;
/* HH:MM:SS[.ffffff][Z|+HH:MM]; returns the length. */
BRIO_API size_t brio_daytime_text(char out[BRIO_DAYTIME_TEXT_MAX], brio_daytime time);
BRIO_API brio_str brio_daytime_str(brio_arena *arena, brio_daytime time);
/* < 0, 0 or > 0, as memcmp: by the moment of the day if both are aware, else by what
 * the clock shows. */
BRIO_API int brio_daytime_compare(brio_daytime a, brio_daytime b);

/* ---- Dates with times --------------------------------------------------- */

/* The present, in UTC and aware, from the system's clock. */
BRIO_API brio_datetime brio_datetime_now(void);
/* A date, then 'T', 't', '_' or a blank, then a time as above. 0 or -EINVAL. */
BRIO_API int brio_datetime_parse(brio_str text, brio_datetime *ret) BRIO_CHECKED;
/* YYYY-MM-DDTHH:MM:SS[.ffffff][Z|+HH:MM] (RFC 3339 if aware); returns the length. */
BRIO_API size_t brio_datetime_text(char out[BRIO_DATETIME_TEXT_MAX], brio_datetime time);
BRIO_API brio_str brio_datetime_str(brio_arena *arena, brio_datetime time);
/* Microseconds since 1970-01-01T00:00:00 UTC; a naive time counts as UTC. */
BRIO_API int64_t brio_datetime_unix_us(brio_datetime time);
/* That moment in UTC, aware. 0, or -ERANGE outside the years 1 to 9999. */
BRIO_API int brio_datetime_from_unix_us(int64_t us, brio_datetime *ret) BRIO_CHECKED;
/* The same moment with another offset (seconds east; 0 is UTC). A naive time
 * counts as UTC. 0; -EINVAL for an offset of a day or more; -ERANGE. */
BRIO_API int brio_datetime_at_offset(brio_datetime time, int32_t offset, brio_datetime *ret)
    BRIO_CHECKED;
/* `time` moved by `delta`, its offset kept. 0, or -ERANGE outside the years. */
BRIO_API int brio_datetime_add(brio_datetime time, brio_timedelta delta, brio_datetime *ret)
    BRIO_CHECKED;
/* a - b; negative if `a` is earlier. By the moment if both are aware, else by
 * what the clocks show. */
BRIO_API brio_timedelta brio_datetime_diff(brio_datetime a, brio_datetime b);
/* < 0, 0, > 0 in the same sense. */
BRIO_API int brio_datetime_compare(brio_datetime a, brio_datetime b);
/* The two halves, and both put together. */
BRIO_API brio_date brio_datetime_date(brio_datetime time);
BRIO_API brio_daytime brio_datetime_daytime(brio_datetime time);
BRIO_API brio_datetime brio_datetime_of(brio_date date, brio_daytime time);

/* ---- Lengths of time ---------------------------------------------------- */

/* ISO 8601 (P1DT2H3M4.5S, -P1W; a year is 365 days, a month 30), [-]H:MM[:SS[.f]],
 * "3 days, 04:05:06", "3d". 0 or -EINVAL. */
BRIO_API int brio_timedelta_parse(brio_str text, brio_timedelta *ret) BRIO_CHECKED;
/* ISO 8601 with whole years of 365 days, as pydantic prints it: P1Y35DT0.5S,
 * -PT1H, PT0S. Returns the length. */
BRIO_API size_t brio_timedelta_text(char out[BRIO_TIMEDELTA_TEXT_MAX], brio_timedelta delta);
BRIO_API brio_str brio_timedelta_str(brio_arena *arena, brio_timedelta delta);
/* From microseconds, and back; the latter stays within int64_t (292,000 years). */
BRIO_API brio_timedelta brio_timedelta_from_us(int64_t us);
BRIO_API int64_t brio_timedelta_us(brio_timedelta delta);
/* Seconds as a number, and the nearest microsecond to a number of seconds.
 * 0, or -ERANGE for NaN and beyond 999,999,999 days. */
BRIO_API double brio_timedelta_seconds(brio_timedelta delta);
BRIO_API int brio_timedelta_from_seconds(double seconds, brio_timedelta *ret) BRIO_CHECKED;
/* a + b and -a; sums of valid values never overflow. < 0, 0 or > 0, as memcmp. */
BRIO_API brio_timedelta brio_timedelta_add(brio_timedelta a, brio_timedelta b);
BRIO_API brio_timedelta brio_timedelta_negate(brio_timedelta a);
BRIO_API int brio_timedelta_compare(brio_timedelta a, brio_timedelta b);

/* ---- UUIDs -------------------------------------------------------------- */

/* A random one (RFC 9562, version 4), from the kernel's generator. */
BRIO_API brio_uuid brio_uuid4(void);
/* With hyphens (also in braces or behind urn:uuid:) or 32 digits. 0 or -EINVAL. */
BRIO_API int brio_uuid_parse(brio_str text, brio_uuid *ret) BRIO_CHECKED;
/* 36 characters in lower case; returns 36. */
BRIO_API size_t brio_uuid_text(char out[BRIO_UUID_TEXT_MAX], brio_uuid uuid);
BRIO_API brio_str brio_uuid_str(brio_arena *arena, brio_uuid uuid);
BRIO_API int brio_uuid_compare(brio_uuid a, brio_uuid b);
/* 1 to 8; 0 if its variant is not RFC 9562's. */
BRIO_API int brio_uuid_version(brio_uuid uuid);

/* ---- Decimals ----------------------------------------------------------- */

/* What Python's Decimal(text) takes, NaN and infinity aside: "1.50", " 1_000 ",
 * ".5", "1e3". The value keeps `text` if that is how Python prints it, else it
 * is written to `arena`. 0 or -EINVAL. */
BRIO_API int brio_decimal_parse(brio_arena *arena, brio_str text, brio_decimal *ret) BRIO_CHECKED;
BRIO_API brio_decimal brio_decimal_from_i64(brio_arena *arena, int64_t value);
/* The shortest decimal that reads back as `value`; 0, or -EINVAL for NaN and infinities. */
BRIO_API int brio_decimal_from_f64(brio_arena *arena, double value, brio_decimal *ret) BRIO_CHECKED;
/* The nearest double (infinite beyond its range). */
BRIO_API double brio_decimal_to_f64(brio_decimal value);
/* Exact; -ERANGE if it is no integer or does not fit. */
BRIO_API int brio_decimal_to_i64(brio_decimal value, int64_t *ret) BRIO_CHECKED;
/* < 0, 0, > 0 by value: 1.0 equals 1.00. Linear in the texts' length. */
BRIO_API int brio_decimal_compare(brio_decimal a, brio_decimal b);
/* The exact sum. 0, or -ERANGE if it has more than 4,300 digits. */
BRIO_API int brio_decimal_add(brio_arena *arena, brio_decimal a, brio_decimal b, brio_decimal *ret)
    BRIO_CHECKED;

/* ---- Addresses ---------------------------------------------------------- */

/* The rules of Python's email-validator without asking DNS: one '@', a domain
 * with a dot, no special-use name. `Name <a@b.c>` gives the address. 0, or
 * -EINVAL with the reason in *ret_why (arena memory; may be NULL). */
BRIO_API int brio_email_parse(brio_arena *arena, brio_str text, brio_email *ret, brio_str *ret_why)
    BRIO_CHECKED;
/* An absolute URL by the WHATWG's parser, in its normal form. 0, or -EINVAL
 * with the reason in *ret_why (static; may be NULL): "empty host". Without
 * libidn2 host names must be ASCII. Linear in the text. */
BRIO_API int brio_url_parse(brio_arena *arena, brio_str text, brio_url *ret, const char **ret_why)
    BRIO_CHECKED;
/* The parts of a parsed URL, views of it; what is not there is empty. `port`
 * is 0 unless it was given and is not the scheme's own. */
typedef struct brio_url_parts {
    brio_str scheme, userinfo, host, path, query, fragment;
    uint16_t port;
} brio_url_parts;
BRIO_API brio_url_parts brio_url_split(brio_url url);

/* Python's ipaddress: four decimal numbers without leading zeros. 0 or -EINVAL. */
BRIO_API int brio_ipv4_parse(brio_str text, brio_ipv4 *ret) BRIO_CHECKED;
BRIO_API size_t brio_ipv4_text(char out[BRIO_IPV4_TEXT_MAX], brio_ipv4 ip);
/* Any form of RFC 4291, '%' and a scope behind it (a view of `text`). 0 or -EINVAL. */
BRIO_API int brio_ipv6_parse(brio_str text, brio_ipv6 *ret) BRIO_CHECKED;
/* The short form in lower case (RFC 5952), without the scope. */
BRIO_API size_t brio_ipv6_text(char out[BRIO_IPV6_TEXT_MAX], const brio_ipv6 *ip);
/* The same in the arena, with the scope. */
BRIO_API brio_str brio_ip_str(brio_arena *arena, const brio_ip *ip);
/* "10.0.0.0/8", "10.0.0.0/255.0.0.0", "fe80::/64"; without a prefix all bits count.
 * Of a network the bits behind the prefix must be zero. 0 or -EINVAL. */
BRIO_API int brio_ip_network_parse(brio_str text, brio_ip_network *ret) BRIO_CHECKED;
BRIO_API int brio_ip_interface_parse(brio_str text, brio_ip_interface *ret) BRIO_CHECKED;
/* True if the address is in the network: of the same kind, and its first bits are. */
BRIO_API bool brio_ip_network_has(const brio_ip_network *network, const brio_ip *ip);

/* ---- Bytes -------------------------------------------------------------- */

/* The same bytes as a view. */
static inline brio_str brio_bytes_str(brio_bytes b)
{
    brio_str s = {b.ptr, b.len};
    return s;
}

#ifdef __cplusplus
}
#endif
#endif
