/* SPDX-License-Identifier: MIT
 *
 * brio/net.h: addresses, name lookup, datagrams. Part of <brio/io.h>.
 *
 *     brio_addresses found;
 *     int rc = brio_resolve(&found, NULL, &(brio_resolve_query){"example.org", .port = 53});
 *     ...
 *     rc = brio_udp_send(udp, BRIO_S("hello"), &found.items[0]);      // Suspends */
#ifndef BRIO_NET_H
#define BRIO_NET_H

#include <brio/io.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Addresses ---------------------------------------------------------- */

/* An IPv4, IPv6 or Unix address, as the kernel has it (a struct sockaddr). */
typedef struct brio_address {
    union {
        uint16_t family; /* AF_INET ... */
        uint64_t align;
        char bytes[128];
    } as;
    unsigned len; /* bytes used; 0: no address */
} brio_address;

/* Of a numeric address ("127.0.0.1", "::1", "fe80::1%eth0"), or of a Unix
 * path. -EINVAL, -ENAMETOOLONG. */
BRIO_API int brio_address_of(brio_address *ret, const char *host, uint16_t port) BRIO_CHECKED;
BRIO_API int brio_address_of_path(brio_address *ret, const char *path) BRIO_CHECKED;
/* As text ("" for Unix sockets), and the port. 0 or -EAFNOSUPPORT. */
BRIO_API int brio_address_text(const brio_address *address, char host[64], uint16_t *ret_port) BRIO_CHECKED;
/* Same family, host and port (same path). */
BRIO_API bool brio_address_same(const brio_address *a, const brio_address *b);

/* ---- Name lookup -------------------------------------------------------- */

typedef struct brio_resolve_query {
    const char *host;    /* name or numeric address; NULL: the loopback addresses */
    const char *service; /* "http"; NULL: `port` */
    uint16_t port;
    brio_family family;
    bool datagram;       /* for UDP: only matters for `service` */
} brio_resolve_query;

typedef struct brio_addresses {
    const brio_address *items; /* in the arena; as the system ranks them (RFC 6724) */
    size_t len;                /* at least 1, at most 64 */
} brio_addresses;

/* asyncio.getaddrinfo: looks it up on a thread and suspends; numeric addresses
 * and what brio_hosts_set knows are answered at once. `arena` NULL means the
 * task's. A cancelled lookup is left to itself: its late result is dropped.
 * 0; BRIO_ENONAME (no such name, or none of that family), -EAGAIN (the name
 * servers do not answer now), -EINVAL for an empty or overlong name and an unknown
 * service, BRIO_EOVERLOAD,
 * -ECANCELED. On sim only numeric addresses, "localhost" and brio_hosts_set
 * are known: BRIO_ENONAME for others, the network is not asked. */
BRIO_API int brio_resolve(brio_addresses *ret, brio_arena *arena,
                          const brio_resolve_query *query) BRIO_CHECKED;

/* From now on `name` has these addresses on the current loop ("10.0.0.1,::1",
 * numeric, comma between; "" means no such name; NULL forgets it), as a line
 * in /etc/hosts would do. For tests and pinned hosts. Copied. 0, -EINVAL, -ENOMEM. */
BRIO_API int brio_hosts_set(const char *name, const char *addresses) BRIO_CHECKED;

/* ---- Datagrams ---------------------------------------------------------- */

typedef struct brio_udp brio_udp;

typedef struct brio_udp_options {
    const char *host;      /* numeric address to bind; NULL: 127.0.0.1; "": every address (IPv6 and IPv4) */
    uint16_t port;         /* 0 lets the kernel choose */
    const brio_address *peer; /* borrowed; NULL: any. Else connected: sends to it, receives from it only */
    bool reuse_address;    /* SO_REUSEADDR: several may bind a multicast port */
    bool reuse_port;       /* SO_REUSEPORT */
    bool broadcast;        /* SO_BROADCAST */
    size_t receive_buffer; /* SO_RCVBUF, bytes; 0: the kernel's default */
} brio_udp_options;

/* Opens and binds a UDP socket on the current loop. `options` may be NULL. On
 * sim it is one of the simulated network: datagrams to ports of this loop
 * arrive in order after no time, others are lost; more than 256 unread are
 * lost. 0, -EADDRINUSE, -EADDRNOTAVAIL, -EINVAL, other -errno. */
BRIO_API int brio_udp_open(brio_udp **ret, const brio_udp_options *options) BRIO_CHECKED;
BRIO_API uint16_t brio_udp_port(const brio_udp *udp);
/* Suspends until a datagram is there and copies at most `cap` bytes of it; its
 * sender goes to *ret_from (may be NULL). Returns the datagram's whole length:
 * more than `cap` says that the rest was cut and is gone. 0 is an empty
 * datagram. -ECANCELED (nothing was consumed), -ECONNREFUSED (connected: an
 * earlier one was not wanted there), BRIO_ECLOSED, -EBUSY: one receiver at a time. */
BRIO_API ptrdiff_t brio_udp_receive(brio_udp *udp, void *into, size_t cap,
                                    brio_address *ret_from) BRIO_CHECKED;
/* Suspends until the kernel took the datagram, whole. `to` NULL: the peer. 0,
 * -EMSGSIZE, -EDESTADDRREQ, -ENETUNREACH, -EACCES (broadcast), -ECONNREFUSED,
 * -ECANCELED (it was not sent), BRIO_ECLOSED, -EBUSY: one sender waits at a time. */
BRIO_API int brio_udp_send(brio_udp *udp, brio_str data, const brio_address *to) BRIO_CHECKED;
/* Joins (leaves) a multicast group on the interface of that name (NULL: the
 * kernel's choice). 0, -EINVAL, -ENODEV, -ENOTSUP on sim, other -errno. */
BRIO_API int brio_udp_join(brio_udp *udp, const brio_address *group, const char *interface) BRIO_CHECKED;
BRIO_API int brio_udp_leave(brio_udp *udp, const brio_address *group, const char *interface) BRIO_CHECKED;
/* How its multicasts are sent: from which interface (NULL: the kernel's
 * choice), how many hops they may take (0: this host only, 1: this network), and
 * whether this host hears them too. 0, -EINVAL, -ENODEV, -ENOTSUP on sim. */
BRIO_API int brio_udp_multicast(brio_udp *udp, const char *interface, unsigned hops,
                                bool loop) BRIO_CHECKED;
/* Closes and frees; tasks inside a call return BRIO_ECLOSED. NULL is fine. What
 * nobody closed is closed, with a warning, when the loop's tasks are closed. */
BRIO_API void brio_udp_close(brio_udp *udp);

#ifdef __cplusplus
}
#endif
#endif
