/* SPDX-License-Identifier: MIT
 *
 * In the making. */
#include "trace/trace_internal.h"
brio_time brio_trace_detector_limit(void)
{
    return 0;
}
size_t brio_trace_symbol(const void *pc, char *into, size_t cap)
{
    (void)pc;
    if (cap)
        into[0] = 0;
    return 0;
}
int brio_detector_start(const brio_detector_options *o)
{
    (void)o;
    return 0;
}
void brio_detector_stop(void) {}
