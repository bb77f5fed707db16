/* SPDX-License-Identifier: MIT
 *
 * Datagrams: a call tries at once and waits only when the kernel says so.
 *
 * The descriptor is watched from the first wait on, and until it reports with
 * nobody waiting; so a loop of receives costs no epoll_ctl. In sim a socket is
 * a port of the loop and a bounded queue (udp_sim.c). */
#include "io/io_internal.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr *sockaddr_of(const brio_address *a)
{
    return (struct sockaddr *)(void *)(uintptr_t)&a->as;
}

/* ---- Waiting ------------------------------------------------------------ */

static void unwatch(brio_udp *u)
{
    if (u->watching)
        brio_watch_stop(u->io->loop, &u->watch);
    u->watching = false;
}

static void wake(brio_udp_wait **slot, int result)
{
    brio_udp_wait *wait = *slot;
    *slot = NULL;
    if (wait)
        brio_unpark(&wait->waiter, result);
}

static uint32_t wanted(const brio_udp *u)
{
    return (u->receiver ? EPOLLIN : 0U) | (u->sender ? EPOLLOUT : 0U);
}

static int watch_as_wanted(brio_udp *u)
{
    uint32_t events = wanted(u);
    if (!events)
        unwatch(u);
    else if (u->watching && (u->watch.events & events) != events)
        return brio_watch_change(u->io->loop, &u->watch, events);
    else if (!u->watching) {
        int rc = brio_watch_start(u->io->loop, &u->watch, u->fd, events);
        u->watching = rc == 0;
        return rc;
    }
    return 0;
}

static void on_ready(brio_watch *watch, uint32_t ready)
{
    brio_udp *u = BRIO_CONTAINER(watch, brio_udp, watch);
    const uint32_t gone = EPOLLERR | EPOLLHUP;
    bool in = u->receiver && ready & (EPOLLIN | gone);
    bool out = u->sender && ready & (EPOLLOUT | gone);
    if (in)
        wake(&u->receiver, 0);
    if (out)
        wake(&u->sender, 0);
    if ((!in && !out) || out)
        unwatch(u);
}

static bool give_up(brio_waiter *waiter)
{
    brio_udp_wait *wait = BRIO_CONTAINER(waiter, brio_udp_wait, waiter);
    *wait->slot = NULL;
    return true;
}

int brio_io_udp_wait(brio_udp *u, brio_udp_wait **slot, brio_wait_kind kind)
{
    brio_udp_wait wait = {.waiter = {.on_cancel = give_up, .kind = (uint8_t)kind, .on = u},
                          .slot = slot};
    *slot = &wait;
    int rc = u->fd >= 0 ? watch_as_wanted(u) : 0;
    if (rc < 0) {
        *slot = NULL;
        return rc;
    }
    rc = brio_park(&wait.waiter);
    return rc >= 0 && u->released ? BRIO_ECLOSED : rc;
}

void brio_io_udp_arrived(brio_udp *u)
{
    wake(&u->receiver, 0);
}

/* ---- Receiving and sending ---------------------------------------------- */

static ptrdiff_t try_receive(brio_udp *u, void *into, size_t cap, brio_address *from)
{
    *from = (brio_address){0};
    struct iovec part = {into, cap};
    struct msghdr msg = {
        .msg_name = &from->as, .msg_namelen = sizeof from->as, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;
    do
        n = recvmsg(u->fd, &msg, MSG_TRUNC | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    from->len = msg.msg_namelen;
    return n < 0 ? -errno : n;
}

static int try_send(brio_udp *u, brio_str data, const brio_address *to)
{
    ssize_t n;
    do
        n = sendto(u->fd, data.ptr, data.len, MSG_DONTWAIT | MSG_NOSIGNAL,
                   to ? sockaddr_of(to) : NULL, to ? to->len : 0);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 0;
}

static ptrdiff_t receive(brio_udp *u, void *into, size_t cap, brio_address *from)
{
    int rc = u->receiver ? -EBUSY : brio_checkpoint();
    while (rc == 0) {
        if (u->released)
            return BRIO_ECLOSED;
        ptrdiff_t n =
            u->fd >= 0 ? try_receive(u, into, cap, from) : brio_io_udp_sim_take(u, into, cap, from);
        if (n != -EAGAIN)
            return n;
        rc = u->receiver ? -EBUSY : brio_io_udp_wait(u, &u->receiver, BRIO_WAIT_READ);
    }
    return rc;
}

static void leave(brio_udp *u)
{
    u->users--;
    if (u->released && u->users == 0)
        free(u);
}

ptrdiff_t brio_udp_receive(brio_udp *u, void *into, size_t cap, brio_address *ret_from)
{
    brio_address from;
    u->users++;
    ptrdiff_t n = receive(u, into, cap, &from);
    if (n >= 0 && ret_from)
        *ret_from = from;
    leave(u);
    return n;
}

/* An IPv4 address as a socket of both families wants it. */
static void map_to_v6(brio_address *ret, const brio_address *v4)
{
    const struct sockaddr_in *in = (const void *)&v4->as;
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = in->sin_port};
    six.sin6_addr.s6_addr[10] = six.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&six.sin6_addr.s6_addr[12], &in->sin_addr, 4);
    memcpy(&ret->as, &six, sizeof six);
    ret->len = sizeof six;
}

static int send_it(brio_udp *u, brio_str data, const brio_address *to)
{
    brio_address mapped;
    if (to && u->family == AF_INET6 && to->as.family == AF_INET) {
        map_to_v6(&mapped, to);
        to = &mapped;
    }
    int rc = brio_checkpoint();
    while (rc == 0) {
        if (u->released)
            return BRIO_ECLOSED;
        rc = u->fd >= 0 ? try_send(u, data, to) : brio_io_udp_sim_send(u, data, to);
        if (rc != -EAGAIN)
            return rc;
        rc = u->sender ? -EBUSY : brio_io_udp_wait(u, &u->sender, BRIO_WAIT_WRITE);
    }
    return rc;
}

int brio_udp_send(brio_udp *u, brio_str data, const brio_address *to)
{
    u->users++;
    int rc = send_it(u, data, to);
    leave(u);
    return rc;
}

/* ---- Opening ------------------------------------------------------------ */

static int set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_options(int fd, const brio_udp_options *o, uint16_t family)
{
    int rc = 0;
    if (o->reuse_address)
        rc = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (rc == 0 && o->reuse_port)
        rc = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (rc == 0 && o->broadcast)
        rc = set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
    if (rc == 0 && o->receive_buffer)
        rc = set_option(fd, SOL_SOCKET, SO_RCVBUF,
                        o->receive_buffer < INT32_MAX ? (int)o->receive_buffer : INT32_MAX);
    if (rc == 0 && family == AF_INET6)
        rc = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->host && *o->host);
    return rc;
}

static int bind_and_connect(brio_udp *u, const brio_udp_options *o, const brio_address *at)
{
    brio_address mapped;
    const brio_address *peer = o->peer;
    if (bind(u->fd, sockaddr_of(at), at->len) < 0)
        return -errno;
    if (peer && at->as.family == AF_INET6 && peer->as.family == AF_INET) {
        map_to_v6(&mapped, peer);
        peer = &mapped;
    }
    if (peer && connect(u->fd, sockaddr_of(peer), peer->len) < 0)
        return -errno;
    int port = brio_socket_port(u->fd);
    u->port = (uint16_t)(port > 0 ? port : 0);
    return port < 0 ? port : 0;
}

static int open_at(brio_udp *u, const brio_udp_options *o, const brio_address *at)
{
    u->fd = socket(at->as.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (u->fd < 0)
        return -errno;
    u->family = at->as.family;
    int rc = set_options(u->fd, o, at->as.family);
    if (rc == 0)
        rc = bind_and_connect(u, o, at);
    if (rc < 0) {
        close(u->fd);
        u->fd = -1;
    }
    return rc;
}

static int open_socket(brio_udp *u, const brio_udp_options *o)
{
    brio_address at;
    bool any = o->host && !*o->host;
    int rc = brio_address_of(&at, any ? "::" : o->host ? o->host : "127.0.0.1", o->port);
    if (rc == 0)
        rc = open_at(u, o, &at);
    if (any && (rc == -EAFNOSUPPORT || rc == -EADDRNOTAVAIL)) { /* a machine without IPv6 */
        rc = brio_address_of(&at, "0.0.0.0", o->port);
        if (rc == 0)
            rc = open_at(u, o, &at);
    }
    return rc;
}

int brio_udp_open(brio_udp **ret, const brio_udp_options *options)
{
    static const brio_udp_options defaults;
    const brio_udp_options *o = options ? options : &defaults;
    brio_io *io = brio_io_here();
    brio_udp *u = io ? brio_zalloc(1, sizeof *u) : NULL;
    if (!u)
        return -ENOMEM;
    u->io = io;
    u->fd = -1;
    u->watch.fn = on_ready;
    brio_link_init(&u->link);
    int rc = brio_loop_is_sim(io->loop) ? brio_io_udp_sim_open(u, o) : open_socket(u, o);
    if (rc < 0) {
        free(u);
        return rc;
    }
    brio_link_insert_before(&io->udps, &u->link);
    *ret = u;
    return 0;
}

uint16_t brio_udp_port(const brio_udp *u)
{
    return u->port;
}

void brio_udp_close(brio_udp *u)
{
    if (!u)
        return;
    BRIO_ASSERT(!u->released);
    u->released = true;
    unwatch(u);
    if (u->fd >= 0)
        close(u->fd);
    brio_io_udp_sim_drop(u);
    brio_link_remove(&u->link);
    brio_link_init(&u->link);
    wake(&u->receiver, BRIO_ECLOSED);
    wake(&u->sender, BRIO_ECLOSED);
    if (u->users == 0)
        free(u);
}

size_t brio_io_udps_close(brio_io *io)
{
    size_t left = 0;
    for (brio_link *at = io->udps.next, *next; at != &io->udps; at = next) {
        brio_udp *u = BRIO_CONTAINER(at, brio_udp, link);
        next = at->next;
        u->users = 0; /* an abandoned task did not come back to say so */
        u->receiver = u->sender = NULL;
        brio_udp_close(u);
        left++;
    }
    return left;
}

/* ---- Multicast ---------------------------------------------------------- */

static int membership(brio_udp *u, const brio_address *group, const char *interface, bool join)
{
    unsigned index = interface ? if_nametoindex(interface) : 0;
    if (u->fd < 0)
        return -ENOTSUP;
    if (interface && index == 0)
        return -ENODEV;
    int rc = -1;
    errno = EINVAL;
    if (group->as.family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&group->as;
        struct ip_mreqn request = {.imr_multiaddr = in->sin_addr, .imr_ifindex = (int)index};
        rc = setsockopt(u->fd, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
                        sizeof request);
    } else if (group->as.family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)&group->as;
        struct ipv6_mreq request = {in->sin6_addr, index};
        rc = setsockopt(u->fd, IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
                        sizeof request);
    }
    return rc < 0 ? -errno : 0;
}

int brio_udp_join(brio_udp *u, const brio_address *group, const char *interface)
{
    return membership(u, group, interface, true);
}

int brio_udp_leave(brio_udp *u, const brio_address *group, const char *interface)
{
    return membership(u, group, interface, false);
}

static int send_from(brio_udp *u, const char *interface)
{
    struct ip_mreqn request = {.imr_ifindex = (int)if_nametoindex(interface)};
    if (request.imr_ifindex == 0)
        return -ENODEV;
    if (setsockopt(u->fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) < 0)
        return -errno;
    return u->family == AF_INET6
               ? set_option(u->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, request.imr_ifindex)
               : 0;
}

int brio_udp_multicast(brio_udp *u, const char *interface, unsigned hops, bool loop)
{
    if (u->fd < 0)
        return -ENOTSUP;
    if (hops > 255)
        return -EINVAL;
    int rc = interface ? send_from(u, interface) : 0;
    if (rc == 0)
        rc = set_option(u->fd, IPPROTO_IP, IP_MULTICAST_TTL, (int)hops);
    if (rc == 0)
        rc = set_option(u->fd, IPPROTO_IP, IP_MULTICAST_LOOP, loop);
    if (rc == 0 && u->family == AF_INET6)
        rc = set_option(u->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, (int)hops);
    if (rc == 0 && u->family == AF_INET6)
        rc = set_option(u->fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop);
    return rc;
}
