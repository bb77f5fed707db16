/* SPDX-License-Identifier: MIT
 *
 * IP networks and interfaces in models: six kinds that differ in which addresses
 * they take, whether bits behind the prefix may be set, and their words. A
 * number is an address, of which all bits count. */
#include "model/type_ops.h"

typedef struct kind {
    bool v4, v6, network;
    const char *code, *words;
} kind;

static bool read_one(const kind *k, const brio_json *value, bool v6, brio_net *ret)
{
    brio_ip ip = {.is_v6 = v6};
    bool good;
    if (value->type == BRIO_JSON_STR)
        good = brio_net_read(value->str, v6, ret);
    else
        good = (v6 ? brio_ipv6_of_json(value, &ip.v6) : brio_ipv4_of_json(value, &ip.v4)) &&
               brio_net_of_ip(&ip, ret);
    return good && (!k->network || brio_net_is_network(ret));
}

/* 0, or the problem. */
static int read_net(const kind *k, brio_input *in, const brio_json *value, brio_net *ret)
{
    if ((k->v4 && read_one(k, value, false, ret)) || (k->v6 && read_one(k, value, true, ret)))
        return 0;
    return brio_type_fail(in, k->code, k->words);
}

static void write_net(brio_json_writer *w, const brio_net *net)
{
    brio_arena arena;
    brio_buf text = {0};
    brio_arena_init(&arena, 0);
    brio_buf_add(&text, brio_ip_str(&arena, &net->ip));
    brio_buf_printf(&text, "/%u", (unsigned)net->prefix);
    brio_json_str(w, brio_buf_str(&text));
    brio_buf_fini(&text);
    brio_arena_fini(&arena);
}

static int compare_nets(const brio_net *a, const brio_net *b)
{
    int order = brio_ip_compare(&a->ip, &b->ip);
    return order ? order : (int)a->prefix - (int)b->prefix;
}

static brio_ip ip_of_v4(brio_ipv4 v4)
{
    return (brio_ip){.v4 = v4};
}

static brio_ip ip_of_v6(brio_ipv6 v6)
{
    return (brio_ip){.is_v6 = true, .v6 = v6};
}

static brio_ip ip_of_any(brio_ip ip)
{
    return ip;
}

/* The operations of T, whose address is `part` of a brio_ip. */
#define NET_OPS(T, of, part, format, ...)                                                          \
    static const kind T##_kind = {__VA_ARGS__};                                                    \
    static brio_net T##_net(const void *value)                                                     \
    {                                                                                              \
        const T *self = value;                                                                     \
        return (brio_net){of(self->address), self->prefix};                                        \
    }                                                                                              \
    static int T##_read(brio_input *in, const brio_json *value, void *out)                         \
    {                                                                                              \
        brio_net net;                                                                              \
        int rc = read_net(&T##_kind, in, value, &net);                                             \
        if (rc == 0)                                                                               \
            *(T *)out = (T){net.ip part, net.prefix};                                              \
        return rc;                                                                                 \
    }                                                                                              \
    static void T##_write(brio_json_writer *w, const brio_field *field, const void *value,         \
                          bool plain)                                                              \
    {                                                                                              \
        (void)field, (void)plain;                                                                  \
        brio_net net = T##_net(value);                                                             \
        write_net(w, &net);                                                                        \
    }                                                                                              \
    static void T##_schema(brio_json_writer *w, const brio_field *field, bool output)              \
    {                                                                                              \
        (void)field, (void)output;                                                                 \
        brio_type_schema_format(w, format);                                                        \
    }                                                                                              \
    static int T##_compare(const void *a, const void *b)                                           \
    {                                                                                              \
        brio_net x = T##_net(a), y = T##_net(b);                                                   \
        return compare_nets(&x, &y);                                                               \
    }                                                                                              \
    const brio_type T##_ops = {.read = T##_read,                                                   \
                               .write = T##_write,                                                 \
                               .schema = T##_schema,                                               \
                               .compare = T##_compare,                                             \
                               .schema_alone = true}

NET_OPS(brio_ipv4_network, ip_of_v4, .v4, "ipv4network", true, false, true, "ip_v4_network",
        "Input is not a valid IPv4 network");
NET_OPS(brio_ipv6_network, ip_of_v6, .v6, "ipv6network", false, true, true, "ip_v6_network",
        "Input is not a valid IPv6 network");
NET_OPS(brio_ip_network, ip_of_any, , "ipvanynetwork", true, true, true, "ip_any_network",
        "value is not a valid IPv4 or IPv6 network");
NET_OPS(brio_ipv4_interface, ip_of_v4, .v4, "ipv4interface", true, false, false, "ip_v4_interface",
        "Input is not a valid IPv4 interface");
NET_OPS(brio_ipv6_interface, ip_of_v6, .v6, "ipv6interface", false, true, false, "ip_v6_interface",
        "Input is not a valid IPv6 interface");
NET_OPS(brio_ip_interface, ip_of_any, , "ipvanyinterface", true, true, false, "ip_any_interface",
        "value is not a valid IPv4 or IPv6 interface");
