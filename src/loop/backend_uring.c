/* SPDX-License-Identifier: MIT
 *
 * The io_uring back end; see README.md. */
#include "loop/internal.h"

#include <errno.h>

static int uring_init(brio_loop *loop, const brio_loop_options *options)
{
    (void)loop;
    (void)options;
    return -ENOSYS;
}

const brio_backend_ops brio_loop_uring_ops = {.name = "uring", .init = uring_init};
