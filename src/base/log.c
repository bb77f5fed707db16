/* SPDX-License-Identifier: MIT
 *
 * The log, first form: lines are written by the caller. */
#include <brio/base.h>
#include <errno.h>
#include <stdio.h>
int brio_log_threshold = BRIO_LOG_INFO;
int brio_log_open(const brio_log_options *options)
{
    if (options && options->level)
        brio_log_set_level(options->level);
    return 0;
}
void brio_log_close(void) {}
void brio_log_set_level(brio_log_level level)
{
    __atomic_store_n(&brio_log_threshold, level ? level : BRIO_LOG_INFO, __ATOMIC_RELAXED);
}
int brio_log_level_parse(brio_str name, brio_log_level *ret)
{
    (void)name;
    *ret = BRIO_LOG_INFO;
    return 0;
}
void brio_log(brio_log_level level, const char *fmt, ...)
{
    if (!brio_log_enabled(level))
        return;
    va_list args;
    va_start(args, fmt);
    vdprintf(2, fmt, args);
    dprintf(2, "\n");
    va_end(args);
}
void brio_log_fields(brio_log_level level, const brio_log_field *fields, size_t n, const char *fmt,
                     ...)
{
    (void)fields, (void)n;
    if (!brio_log_enabled(level))
        return;
    va_list args;
    va_start(args, fmt);
    vdprintf(2, fmt, args);
    dprintf(2, "\n");
    va_end(args);
}
