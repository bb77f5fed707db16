/* SPDX-License-Identifier: MIT
 *
 * What the value types' readers, writers and schemas share. */
#ifndef BRIO_TYPE_OPS_H
#define BRIO_TYPE_OPS_H

#include "model/model_internal.h"
#include "model/type_internal.h"

enum { BRIO_TYPE_BOUNDS = 4, BRIO_TYPE_TEXT_MAX = 48 };

typedef struct brio_bound_ops {
    const char *(*read)(brio_arena *arena, brio_str text, void *out); /* NULL: read */
    int (*compare)(const void *a, const void *b);
    brio_str (*show)(brio_arena *arena, const void *bound);
} brio_bound_ops;
/* 0, or the first bound of the row that `value` breaks as a problem. */
int brio_type_bounds(brio_input *in, const brio_bound_ops *ops, const void *value);
/* The same by hand: rules 0 to 3 are le, lt, ge, gt. */
bool brio_type_is_within(size_t rule, int order);
int brio_type_fail_bound(brio_input *in, size_t rule, brio_str shown, brio_str json);

/* "WORDS" */
int brio_type_fail(brio_input *in, const char *type, const char *words);
/* "WORDS, ERROR" with {"error":ERROR} */
int brio_type_fail_error(brio_input *in, const char *type, const char *words, brio_str error);

/* Text that needs no escapes, as a JSON string. */
void brio_type_put_text(brio_json_writer *w, const char *text, size_t n);
/* "type":"string","format":FORMAT */
void brio_type_schema_format(brio_json_writer *w, const char *format);
void brio_type_schema_lengths(brio_json_writer *w, size_t least, size_t most);

/* Each type's operations, as its model has them. */
extern const brio_type brio_date_ops, brio_daytime_ops, brio_datetime_ops, brio_timedelta_ops,
    brio_uuid_ops, brio_decimal_ops, brio_bytes_ops, brio_email_ops, brio_url_ops,
    brio_http_url_ops, brio_ipv4_ops, brio_ipv6_ops, brio_ip_ops, brio_ipv4_network_ops,
    brio_ipv6_network_ops, brio_ip_network_ops, brio_ipv4_interface_ops, brio_ipv6_interface_ops,
    brio_ip_interface_ops, brio_secret_ops, brio_file_path_ops;

/* An address of a text or number (ops_ip.c), as JSON text without quotes, and in order. */
bool brio_ipv4_of_json(const brio_json *value, brio_ipv4 *out);
bool brio_ipv6_of_json(const brio_json *value, brio_ipv6 *out);
int brio_ip_compare(const void *a, const void *b);

#endif
