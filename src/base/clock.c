/* SPDX-License-Identifier: MIT
 *
 * The two clocks of the system as nanoseconds. 63 bits of nanoseconds reach to
 * the year 2262, so sums of a point and a sane duration do not overflow. */
#include <brio/base.h>

#include <time.h>

static brio_time read_clock(clockid_t clock)
{
    struct timespec now;
    int rc = clock_gettime(clock, &now);
    BRIO_ASSERT(rc == 0); /* both clocks exist on every Linux */
    return BRIO_SEC(now.tv_sec) + now.tv_nsec;
}

brio_time brio_clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
brio_time brio_clock_realtime(void)
{
    return read_clock(CLOCK_REALTIME);
}
