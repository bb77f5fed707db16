/* SPDX-License-Identifier: MIT
 *
 * What a proxy says of the client it speaks for: X-Forwarded-Proto and
 * X-Forwarded-For, as uvicorn reads them, and only from peers on a list.
 *
 *     x-forwarded-for: client, proxy1, proxy2      (the peer is proxy3)
 *
 * Each proxy appends whom it heard; from the right, the first address that is
 * not on the list is the client. Whatever stands left of it anyone may have
 * written. */
#include "server/server_internal.h"

#include <arpa/inet.h>

typedef struct address {
    uint8_t bytes[16];
    size_t len; /* 4, 16, or 0: none */
} address;

static address parse(brio_str text)
{
    char copy[64];
    address a = {.len = 0};
    if (text.len >= sizeof copy)
        return a;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, a.bytes) == 1)
        a.len = 4;
    else if (inet_pton(AF_INET6, copy, a.bytes) == 1)
        a.len = 16;
    return a;
}

static bool same_prefix(const address *a, const address *b, uint64_t bits)
{
    size_t whole = (size_t)bits / 8, rest = (size_t)bits % 8;
    if (memcmp(a->bytes, b->bytes, whole) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xFF00U >> rest);
    return rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) & mask) == 0;
}

/* `entry` is "*", an address, a network "10.0.0.0/8", or a name to be equal to. */
static bool matches(brio_str entry, brio_str host, const address *a, bool local)
{
    if (local && brio_str_eq(entry, BRIO_S("unix")))
        return true;
    if (brio_str_eq(entry, BRIO_S("*")) || brio_str_eq(entry, host))
        return true;
    brio_str_pair parts = brio_str_cut(entry, '/');
    address network = parse(parts.head);
    uint64_t bits = network.len * 8;
    if (parts.found && (brio_str_to_u64(parts.tail, &bits) < 0 || bits > network.len * 8))
        return false;
    return network.len && network.len == a->len && same_prefix(&network, a, bits);
}

bool brio_server_listed(const char *list, brio_str host, bool local)
{
    address a = parse(host);
    brio_str rest = brio_str_from(list);
    for (bool more = true; more;) {
        brio_str_pair entry = brio_str_cut(rest, ',');
        brio_str text = brio_str_trim(entry.head);
        if (text.len && matches(text, host, &a, local))
            return true;
        rest = entry.tail;
        more = entry.found;
    }
    return false;
}

/* "[::1]:80" and "1.2.3.4:80" without brackets and port. */
static brio_str without_port(brio_str host)
{
    if (host.len && host.ptr[0] == '[')
        return brio_str_cut((brio_str){host.ptr + 1, host.len - 1}, ']').head;
    brio_str_pair parts = brio_str_cut(host, ':');
    return parts.found && !memchr(parts.tail.ptr, ':', parts.tail.len) ? parts.head : host;
}

static void take_client(brio_exchange *ex, const brio_server_options *o, brio_str list)
{
    brio_str client = {0};
    bool all = brio_str_eq(brio_str_trim(brio_str_from(o->forwarded_allow_ips)), BRIO_S("*"));
    for (size_t end = list.len; end != SIZE_MAX;) {
        size_t start = end;
        while (start > 0 && list.ptr[start - 1] != ',')
            start--;
        brio_str host = brio_str_trim((brio_str){list.ptr + start, end - start});
        end = start ? start - 1 : SIZE_MAX;
        if (!host.len)
            continue;
        client = without_port(host);
        if (!all && !brio_server_listed(o->forwarded_allow_ips, client, false))
            break;
    }
    if (client.len == 0)
        return;
    ex->client_host = client;
    ex->client_port = 0;
}

static void take_scheme(brio_exchange *ex, brio_str said)
{
    if (brio_str_eq_nocase(said, BRIO_S("https")) || brio_str_eq_nocase(said, BRIO_S("wss")))
        ex->scheme = BRIO_S("https");
    else if (brio_str_eq_nocase(said, BRIO_S("http")) || brio_str_eq_nocase(said, BRIO_S("ws")))
        ex->scheme = BRIO_S("http");
}

void brio_server_forwarded(brio_exchange *ex, const brio_server_options *o)
{
    const brio_http_request *http = ex->http;
    for (size_t i = 0; i < http->n_headers; i++) {
        const brio_header *h = &http->headers[i];
        if (h->name.len == 17 && brio_str_eq_nocase(h->name, BRIO_S("x-forwarded-proto")))
            take_scheme(ex, h->value);
        else if (h->name.len == 15 && brio_str_eq_nocase(h->name, BRIO_S("x-forwarded-for")))
            take_client(ex, o, h->value);
    }
}
