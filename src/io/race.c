/* SPDX-License-Identifier: MIT
 *
 * TO COME. */
#include "io/io_internal.h"

int brio_io_connect_race(brio_stream **ret, const brio_connect_to *to, const brio_address *local)
{
    brio_address a;
    int rc = brio_address_of(&a, to->host ? to->host : "127.0.0.1", to->port);
    return rc < 0 ? rc : brio_io_connect_one(ret, &a, local);
}
void brio_io_hosts_free(brio_io *io)
{
    (void)io;
}
void brio_io_udps_close(brio_io *io)
{
    (void)io;
}
