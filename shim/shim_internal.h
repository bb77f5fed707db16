/* SPDX-License-Identifier: MIT
 *
 * What the two halves of the shim share: finding the C library's own
 * functions, and not watching oneself. */
#ifndef BRIO_SHIM_INTERNAL_H
#define BRIO_SHIM_INTERNAL_H

#include <brio/trace.h>

/* The next definition of `name`: the C library's. Never NULL. */
void *brio_dev_next(const char *name);

/* True if calls of this thread are to be looked at: somebody listens and we
 * are not inside the shim already. */
bool brio_dev_enter(void);
void brio_dev_leave(void);

#define EXPORTED __attribute__((visibility("default")))
#define CALLER   __builtin_return_address(0)

/* Reports the call, if the thread is inside a task's turn. Keeps errno. */
void brio_dev_blocks(const char *call, const char *advice, const void *pc);
/* A blocking socket, pipe or terminal that is not ready for `events` now. */
bool brio_dev_would_block(int fd, short events);

/* held.c: sets the hook. */
void brio_dev_watch_mutexes(void);

/* Declares `real`, the C library's function of this name. */
#define BRIO_DEV_REAL(name)                                                                        \
    static union {                                                                                 \
        void *address;                                                                             \
        __typeof__(&(name)) call;                                                                  \
    } real;                                                                                        \
    if (!__atomic_load_n(&real.address, __ATOMIC_RELAXED))                                         \
    __atomic_store_n(&real.address, brio_dev_next(#name), __ATOMIC_RELAXED)

#endif
