/* SPDX-License-Identifier: MIT
 *
 * The loop's own /etc/hosts: names with addresses that a test, or a program
 * that pins its peers, has set. Asked before anything else is. */
#include "io/io_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 16 };

typedef struct hosts_entry {
    brio_link link; // brio_io::hosts
    size_t n;
    brio_address addresses[ADDRESSES_MAX];
    char name[];
} hosts_entry;

static hosts_entry *find(const brio_io *io, const char *name)
{
    for (brio_link *at = io->hosts.next; at != &io->hosts; at = at->next) {
        hosts_entry *e = BRIO_CONTAINER(at, hosts_entry, link);
        if (brio_str_eq_nocase(brio_str_from(e->name), brio_str_from(name)))
            return e;
    }
    return NULL;
}

static void entry_free(hosts_entry *e)
{
    brio_link_remove(&e->link);
    free(e);
}

void brio_io_hosts_free(brio_io *io)
{
    for (brio_link *at = io->hosts.next; at != &io->hosts;) {
        hosts_entry *e = BRIO_CONTAINER(at, hosts_entry, link);
        at = at->next;
        free(e);
    }
    brio_link_init(&io->hosts);
}

static void set_port(brio_address *a, uint16_t port)
{
    if (a->as.family == AF_INET)
        ((struct sockaddr_in *)(void *)&a->as)->sin_port = htons(port);
    else
        ((struct sockaddr_in6 *)(void *)&a->as)->sin6_port = htons(port);
}

int brio_io_hosts_find(brio_io *io, brio_addresses *ret, brio_arena *arena,
                       const brio_resolve_query *q)
{
    const hosts_entry *e = q->host ? find(io, q->host) : NULL;
    if (!e)
        return -ENOENT;
    const uint16_t want = q->family == BRIO_FAMILY_IPV4 ? AF_INET : AF_INET6;
    brio_address *items = BRIO_NEW_ARRAY(arena, brio_address, e->n ? e->n : 1);
    size_t n = 0;
    for (size_t i = 0; i < e->n; i++) {
        if (q->family && e->addresses[i].as.family != want)
            continue;
        items[n] = e->addresses[i];
        set_port(&items[n++], q->port);
    }
    *ret = (brio_addresses){items, n};
    return n > 0 ? 0 : brio_error(BRIO_ENONAME, "%s: no address here", q->host);
}

static int add_address(hosts_entry *e, brio_str text)
{
    char host[64];
    text = brio_str_trim(text);
    if (text.len >= sizeof host || e->n == ADDRESSES_MAX)
        return -EINVAL;
    memcpy(host, text.ptr, text.len);
    host[text.len] = '\0';
    return brio_address_of(&e->addresses[e->n++], host, 0);
}

static int add_addresses(hosts_entry *e, brio_str list)
{
    int rc = 0;
    while (rc == 0 && list.len > 0) {
        brio_str_pair cut = brio_str_cut(list, ',');
        rc = add_address(e, cut.head);
        list = cut.tail;
    }
    return rc;
}

int brio_hosts_set(const char *name, const char *addresses)
{
    brio_io *io = brio_io_here();
    size_t len = strlen(name);
    if (!io || len == 0)
        return io ? -EINVAL : -ENOMEM;
    hosts_entry *old = find(io, name);
    hosts_entry *e = addresses ? brio_zalloc(1, sizeof *e + len + 1) : NULL;
    if (addresses && !e)
        return -ENOMEM;
    int rc = 0;
    if (e) {
        memcpy(e->name, name, len);
        brio_link_insert_before(&io->hosts, &e->link);
        rc = add_addresses(e, brio_str_from(addresses));
    }
    if (rc < 0)
        entry_free(e);
    else if (old)
        entry_free(old);
    return rc;
}
