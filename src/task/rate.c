/* SPDX-License-Identifier: MIT
 *
 * The rate limiter: a semaphore for how many at once, and for how many per
 * second the generic cell rate algorithm of ATM.
 *
 * `next` is when the next start would be due if they came evenly; one may be
 * early by the burst. Who must wait does so with the lock `turn` in hand, so
 * the line is the lock's: in order, and a cancelled waiter leaves no trace,
 * since `next` moves only when a start is granted. Idle costs no timer. */
#include "task/task_internal.h"

#define LONGEST (INT64_MAX / 4) /* ns, so that sums of two do not overflow */

/* Between two starts, rounded up: never more than so many per second. */
static brio_time interval_of(double per_second)
{
    if (!(per_second > 0))
        return 0;
    double ns = 1e9 / per_second;
    if (ns >= (double)LONGEST)
        return LONGEST;
    brio_time whole = (brio_time)ns;
    return whole + ((double)whole < ns);
}

static brio_time times(brio_time ns, size_t n)
{
    brio_time product;
    return __builtin_mul_overflow(ns, n, &product) || product > LONGEST ? LONGEST : product;
}

void brio_rate_init(brio_rate *rate, const brio_rate_options *options)
{
    *rate = (brio_rate){.o = options ? *options : (brio_rate_options){0}};
    rate->interval = interval_of(rate->o.per_second);
    rate->tolerance = times(rate->interval, rate->o.burst ? rate->o.burst - 1 : 0);
    brio_semaphore_init_bounded(&rate->slots, rate->o.concurrent ? rate->o.concurrent : SIZE_MAX);
    brio_lock_init(&rate->turn);
}

static int sleep_until_due(brio_rate *rate)
{
    brio_time due = rate->next - rate->tolerance;
    int rc = due > brio_now() ? brio_sleep_until(due) : 0;
    if (rc < 0)
        return rc;
    brio_time now = brio_now();
    rate->next = (rate->next > now ? rate->next : now) + rate->interval;
    return 0;
}

static int wait_turn(brio_rate *rate)
{
    rate->waiting++;
    int rc = brio_lock_acquire(&rate->turn);
    if (rc == 0) {
        rc = sleep_until_due(rate);
        (void)brio_lock_release(&rate->turn);
    }
    rate->waiting--;
    return rc;
}

int brio_rate_acquire(brio_rate *rate)
{
    int rc = brio_semaphore_acquire(&rate->slots);
    if (rc < 0 || !rate->interval)
        return rc;
    rc = wait_turn(rate);
    if (rc < 0)
        brio_rate_release(rate);
    return rc;
}

void brio_rate_release(brio_rate *rate)
{
    int rc = brio_semaphore_release(&rate->slots);
    BRIO_ASSERT(rc == 0); /* once per acquire */
}

brio_time brio_rate_wait_ns(const brio_rate *rate)
{
    brio_time due = rate->next - rate->tolerance + times(rate->interval, rate->waiting);
    brio_time now = brio_now();
    return rate->interval && due > now ? due - now : 0;
}

static void leave(void *rate)
{
    brio_rate_release(rate);
}

brio_held *brio_rate_enter(brio_held *held, brio_rate *rate)
{
    int rc = brio_rate_acquire(rate);
    return rc < 0 ? brio_held_none(held) : brio_held_begin(held, leave, rate);
}
