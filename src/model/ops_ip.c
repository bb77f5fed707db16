/* SPDX-License-Identifier: MIT
 *
 * IP addresses in models: texts, and integers as the number that the address
 * is. "Any" is IPv4 if it can be. Everything else is refused in one way. */
#include "model/type_ops.h"

__extension__ typedef unsigned __int128 u128;

/* A number of at most 128 bits; false for any other value. */
static bool number_of(const brio_json *value, u128 *ret)
{
    if (value->type == BRIO_JSON_BOOL) {
        *ret = value->boolean;
        return true;
    }
    if (value->type == BRIO_JSON_INT) {
        *ret = (u128)(uint64_t)value->integer;
        return value->integer >= 0;
    }
    if (value->type != BRIO_JSON_BIGINT || value->str.len > 39)
        return false;
    *ret = 0;
    for (size_t i = 0; i < value->str.len; i++) {
        unsigned digit = (unsigned char)value->str.ptr[i] - '0';
        if (digit > 9 || *ret > (~(u128)0 - digit) / 10)
            return false;
        *ret = *ret * 10 + digit;
    }
    return true;
}

static void put_bytes(uint8_t *bytes, size_t n, u128 number)
{
    for (; n > 0; number >>= 8)
        bytes[--n] = (uint8_t)number;
}

bool brio_ipv4_of_json(const brio_json *value, brio_ipv4 *out)
{
    u128 number;
    if (value->type == BRIO_JSON_STR)
        return brio_ipv4_parse(value->str, out) == 0;
    if (!number_of(value, &number) || number > UINT32_MAX)
        return false;
    put_bytes(out->bytes, sizeof(out->bytes), number);
    return true;
}

bool brio_ipv6_of_json(const brio_json *value, brio_ipv6 *out)
{
    u128 number;
    if (value->type == BRIO_JSON_STR)
        return brio_ipv6_parse(value->str, out) == 0;
    if (!number_of(value, &number))
        return false;
    out->scope = (brio_str){0};
    put_bytes(out->bytes, sizeof(out->bytes), number);
    return true;
}

static int read_v4(brio_input *in, const brio_json *value, void *out)
{
    brio_ipv4 ip;
    if (!brio_ipv4_of_json(value, &ip))
        return brio_type_fail(in, "ip_v4_address", "Input is not a valid IPv4 address");
    memcpy(out, &ip, sizeof(ip));
    return 0;
}

static int read_v6(brio_input *in, const brio_json *value, void *out)
{
    brio_ipv6 ip;
    if (!brio_ipv6_of_json(value, &ip))
        return brio_type_fail(in, "ip_v6_address", "Input is not a valid IPv6 address");
    memcpy(out, &ip, sizeof(ip));
    return 0;
}

static int read_any(brio_input *in, const brio_json *value, void *out)
{
    brio_ip ip;
    memset(&ip, 0, sizeof(ip));
    ip.is_v6 = !brio_ipv4_of_json(value, &ip.v4);
    if (ip.is_v6 && !brio_ipv6_of_json(value, &ip.v6))
        return brio_type_fail(in, "ip_any_address", "value is not a valid IPv4 or IPv6 address");
    memcpy(out, &ip, sizeof(ip));
    return 0;
}

/* ---- Writing ----------------------------------------------------------------------- */

static void put_v4(brio_json_writer *w, brio_ipv4 ip)
{
    char text[BRIO_IPV4_TEXT_MAX];
    brio_type_put_text(w, text, brio_ipv4_text(text, ip));
}

static void put_v6(brio_json_writer *w, const brio_ipv6 *ip)
{
    char text[BRIO_IPV6_TEXT_MAX];
    brio_str address = {text, brio_ipv6_text(text, ip)};
    if (!ip->scope.len) {
        brio_type_put_text(w, address.ptr, address.len);
        return;
    }
    brio_buf buf = {0};
    brio_buf_add(&buf, address);
    brio_buf_char(&buf, '%');
    brio_buf_add(&buf, ip->scope);
    w->out->failed |= buf.failed;
    brio_json_str(w, brio_buf_str(&buf));
    brio_buf_fini(&buf);
}

static void write_v4(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    (void)plain;
    put_v4(w, *(const brio_ipv4 *)value);
}

static void write_v6(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    (void)plain;
    put_v6(w, value);
}

static void write_any(brio_json_writer *w, const brio_field *field, const void *value, bool plain)
{
    (void)field;
    (void)plain;
    const brio_ip *ip = value;
    if (ip->is_v6)
        put_v6(w, &ip->v6);
    else
        put_v4(w, ip->v4);
}

static void schema_v4(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "ipv4");
}

static void schema_v6(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "ipv6");
}

static void schema_any(brio_json_writer *w, const brio_field *field, bool output)
{
    (void)field;
    (void)output;
    brio_type_schema_format(w, "ipvanyaddress");
}

/* ---- Order -------------------------------------------------------------------------- */

static int compare_v4(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(brio_ipv4));
}

static int compare_v6(const void *a, const void *b)
{
    const brio_ipv6 *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, sizeof(x->bytes));
    return order ? order : brio_str_compare(x->scope, y->scope);
}

int brio_ip_compare(const void *a, const void *b)
{
    const brio_ip *x = a, *y = b;
    if (x->is_v6 != y->is_v6)
        return x->is_v6 ? 1 : -1;
    return x->is_v6 ? compare_v6(&x->v6, &y->v6) : compare_v4(&x->v4, &y->v4);
}

#define compare_any brio_ip_compare
#define IP_OPS(v)                                                                                  \
    {                                                                                              \
        .read = read_##v, .write = write_##v, .schema = schema_##v, .compare = compare_##v,        \
        .schema_alone = true                                                                       \
    }

const brio_type brio_ipv4_ops = IP_OPS(v4);
const brio_type brio_ipv6_ops = IP_OPS(v6);
const brio_type brio_ip_ops = IP_OPS(any);
