/* SPDX-License-Identifier: MIT
 *
 * Name lookup: getaddrinfo on a thread.
 *
 * A lookup may take half a minute and cannot be stopped, while its caller has
 * a deadline. So the query is on the heap, a task of its own waits for the
 * thread, and a caller that is cancelled just lets go of it: whoever comes
 * last frees it. Numeric addresses and the loop's own table of hosts need no
 * thread; in sim nothing else is asked, or a run would depend on the network. */
#include "io/io_internal.h"

#include <brio/exec.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 64, NAME_MAX_LEN = 253 };

typedef struct lookup {
    char host[NAME_MAX_LEN + 1], service[64];
    bool has_host;
    struct addrinfo hints;
    size_t n;
    brio_address found[ADDRESSES_MAX];
    char problem[256];
    brio_waiter *waiter; /* NULL: the caller let go */
} lookup;

/* ---- On the thread ------------------------------------------------------ */

static int error_of(int gai, int err)
{
    switch (gai) {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
    case EAI_FAIL:
        return BRIO_ENONAME;
    case EAI_AGAIN:
        return -EAGAIN;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return err > 0 ? -err : -EIO;
    default: /* EAI_SERVICE, EAI_SOCKTYPE, EAI_FAMILY ... */
        return -EINVAL;
    }
}

static void take(lookup *l, const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; a && l->n < ADDRESSES_MAX; a = a->ai_next) {
        if (a->ai_addrlen > sizeof l->found->as)
            continue;
        brio_address *to = &l->found[l->n++];
        *to = (brio_address){.len = a->ai_addrlen};
        memcpy(&to->as, a->ai_addr, a->ai_addrlen);
    }
}

static int ask(void *arg)
{
    lookup *l = arg;
    struct addrinfo *list = NULL;
    int gai = getaddrinfo(l->has_host ? l->host : NULL, l->service, &l->hints, &list);
    int err = errno;
    if (gai == 0)
        take(l, list);
    if (list)
        freeaddrinfo(list);
    if (gai == 0)
        return l->n > 0 ? 0 : BRIO_ENONAME;
    snprintf(l->problem, sizeof l->problem, "%s: %s", l->host, gai_strerror(gai));
    return error_of(gai, err);
}

/* ---- The task that waits for it ----------------------------------------- */

static int look_up(void *arg)
{
    lookup *l = arg;
    int rc = brio_to_thread(ask, l);
    if (l->waiter)
        brio_unpark(l->waiter, rc);
    else
        free(l);
    return 0;
}

typedef struct lookup_wait {
    brio_waiter waiter;
    lookup *lookup;
} lookup_wait;

static bool let_go(brio_waiter *waiter)
{
    lookup_wait *wait = BRIO_CONTAINER(waiter, lookup_wait, waiter);
    wait->lookup->waiter = NULL;
    wait->lookup = NULL;
    return true;
}

/* *l is NULL afterwards if it was let go. */
static int await_lookup(lookup **l)
{
    const brio_task_options options = {.name = "name lookup"};
    lookup_wait wait = {.waiter = {.on_cancel = let_go, .kind = BRIO_WAIT_DNS}, .lookup = *l};
    (*l)->waiter = &wait.waiter;
    if (!brio_create_task(look_up, *l, &options))
        return BRIO_EOVERLOAD;
    int rc = brio_park(&wait.waiter);
    *l = wait.lookup;
    if (rc < 0 && *l && (*l)->problem[0])
        (void)brio_error(rc, "%s", (*l)->problem);
    return rc;
}

static int family_of(brio_family family)
{
    return family == BRIO_FAMILY_IPV4 ? AF_INET : family == BRIO_FAMILY_IPV6 ? AF_INET6 : AF_UNSPEC;
}

static int lookup_new(lookup **ret, const brio_resolve_query *q)
{
    size_t host = q->host ? strlen(q->host) : 0, service = q->service ? strlen(q->service) : 0;
    if (service >= sizeof(*ret)->service)
        return -EINVAL;
    lookup *l = brio_zalloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->has_host = q->host;
    if (host)
        memcpy(l->host, q->host, host);
    if (service)
        memcpy(l->service, q->service, service);
    else
        snprintf(l->service, sizeof l->service, "%u", (unsigned)q->port);
    l->hints.ai_family = family_of(q->family);
    l->hints.ai_socktype = q->datagram ? SOCK_DGRAM : SOCK_STREAM;
    l->hints.ai_flags = AI_ADDRCONFIG | (q->service ? 0 : AI_NUMERICSERV);
    if (!q->host || strcmp(q->host, "localhost") == 0)
        l->hints.ai_flags &= ~AI_ADDRCONFIG; /* a host without network has a loopback, too */
    *ret = l;
    return 0;
}

static int by_thread(brio_addresses *ret, brio_arena *arena, const brio_resolve_query *q)
{
    lookup *l;
    int rc = lookup_new(&l, q);
    if (rc < 0)
        return rc;
    rc = await_lookup(&l);
    if (rc == 0) {
        brio_address *items = BRIO_NEW_ARRAY(arena, brio_address, l->n);
        memcpy(items, l->found, l->n * sizeof *items);
        *ret = (brio_addresses){items, l->n};
    }
    free(l);
    return rc;
}

/* ---- What needs no thread ----------------------------------------------- */

static int one(brio_addresses *ret, brio_arena *arena, const brio_address *address,
               brio_family family)
{
    if (family && address->as.family != family_of(family))
        return BRIO_ENONAME;
    brio_address *items = BRIO_NEW(arena, brio_address);
    *items = *address;
    *ret = (brio_addresses){items, 1};
    return 0;
}

int brio_resolve(brio_addresses *ret, brio_arena *arena, const brio_resolve_query *q)
{
    brio_address numeric;
    *ret = (brio_addresses){0};
    arena = arena ? arena : brio_task_arena();
    brio_io *io = brio_io_here();
    int rc = io ? brio_cancel_point() : -ENOMEM;
    if (rc < 0)
        return rc;
    if (q->host && (!*q->host || strlen(q->host) > NAME_MAX_LEN))
        return -EINVAL;
    if (q->host && !q->service && brio_address_of(&numeric, q->host, q->port) == 0)
        return one(ret, arena, &numeric, q->family);
    rc = brio_io_hosts_find(io, ret, arena, q);
    if (rc != -ENOENT)
        return rc;
    if (!brio_loop_is_sim(io->loop))
        return by_thread(ret, arena, q);
    if (q->host && strcmp(q->host, "localhost") != 0)
        return brio_error(BRIO_ENONAME, "%s: sim asks no name server", q->host);
    rc = brio_address_of(&numeric, "127.0.0.1", q->port);
    return rc < 0 ? rc : one(ret, arena, &numeric, q->family);
}
