/* SPDX-License-Identifier: MIT
 *
 * The simulated kernel; see README.md. */
#include "loop/internal.h"

#include <errno.h>

static int sim_init(brio_loop *loop, const brio_loop_options *options)
{
    (void)loop;
    (void)options;
    return -ENOSYS;
}

int brio_loop_sim_listen(brio_acceptor *a, uint16_t port)
{
    (void)a;
    (void)port;
    return -ENOTSUP;
}

uint16_t brio_loop_sim_port(const brio_acceptor *a)
{
    (void)a;
    return 0;
}

const brio_backend_ops brio_loop_sim_ops = {.name = "sim", .init = sim_init};
