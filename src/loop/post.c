/* SPDX-License-Identifier: MIT
 *
 * The door for other threads: a lock-free stack and an eventfd.
 *
 * Posters push; the loop takes the whole stack with one exchange and turns it
 * round, so order is kept and there is no ABA. Writing the eventfd costs
 * hundreds of nanoseconds, so it happens only when the loop said it sleeps:
 * the loop stores `asleep` and then looks at the stack, a poster pushes and
 * then looks at `asleep`; both in sequential consistency, so one of them sees
 * the other. Only the poster that found the stack empty needs to look. */
#include "loop/internal.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int brio_loop_post_init(brio_loop *loop)
{
    brio_loop_handles_init(loop);
    /* Blocking on purpose: io_uring reads it, epoll never does (its edge is the wake). */
    loop->wake_fd = eventfd(0, EFD_CLOEXEC);
    atomic_store(&loop->asleep, true); /* a loop that does not run is woken through its fd */
    return loop->wake_fd < 0 ? -errno : 0;
}

void brio_loop_post_fini(brio_loop *loop)
{
    brio_loop_handles_fini(loop);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
}

void brio_loop_wake(brio_loop *loop)
{
    if (!atomic_exchange(&loop->asleep, false))
        return;
    uint64_t one = 1;
    ssize_t n = write(loop->wake_fd, &one, sizeof one);
    BRIO_ASSERT(n == (ssize_t)sizeof one);
}

void brio_loop_post(brio_loop *loop, brio_callback *cb)
{
    brio_callback *head = atomic_load_explicit(&loop->posted, memory_order_relaxed);
    do
        cb->next = head;
    while (!atomic_compare_exchange_weak(&loop->posted, &head, cb));
    if (!head)
        brio_loop_wake(loop);
}

void brio_loop_post_drain(brio_loop *loop)
{
    if (!atomic_load_explicit(&loop->posted, memory_order_relaxed))
        return;
    brio_callback *newest = atomic_exchange(&loop->posted, NULL);
    brio_callback *oldest = NULL;
    while (newest) {
        brio_callback *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        brio_callback *next = oldest->next;
        oldest->prev = NULL;
        brio_loop_call_soon(loop, oldest);
        oldest = next;
    }
}

bool brio_loop_post_sleep(brio_loop *loop)
{
    atomic_store(&loop->asleep, true);
    return !atomic_load(&loop->posted) && !atomic_load(&loop->stopping);
}
