/* SPDX-License-Identifier: MIT
 *
 * How slow and how many clients may be. A part of server_internal.h, which
 * includes it. */
#ifndef BRIO_SERVER_PACE_H
#define BRIO_SERVER_PACE_H

/* ---- Pace (pace.c) --------------------------------------------------------- */

/* The deadline of a body that is waited for, and bytes that came meanwhile. */
void brio_server_pace_body(brio_server_conn *conn);
void brio_server_pace_came(brio_server_conn *conn, size_t n);
/* A handler is about to begin; the deadline while it works; it is over. */
void brio_server_pace_request(brio_server_exchange *x);
void brio_server_pace_handler(brio_server_conn *conn);
void brio_server_pace_overdue(brio_server_conn *conn);

/* ---- Addresses (addresses.c) ----------------------------------------------- */

typedef struct brio_server_addresses {
    struct brio_server_counted *slots; /* NULL: nobody counts */
    size_t mask, n;
    uint64_t seed;
} brio_server_addresses;

/* For up to `n_max` addresses at once. 0 or -ENOMEM. */
int brio_server_addresses_init(brio_server_addresses *a, size_t n_max, uint64_t seed) BRIO_CHECKED;
void brio_server_addresses_fini(brio_server_addresses *a);
/* One more of this address; false if there are `limit` already, and then it is
 * not counted. What is no address is let in uncounted, and may leave likewise. */
bool brio_server_addresses_enter(brio_server_addresses *a, brio_str host, uint32_t limit);
void brio_server_addresses_leave(brio_server_addresses *a, brio_str host);

#endif
