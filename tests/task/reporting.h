/* SPDX-License-Identifier: MIT
 *
 * Runs a main task as everywhere.h does, with a failure handler that writes
 * what it is told to the trace of the run. */
#ifndef BRIO_TEST_REPORTING_H
#define BRIO_TEST_REPORTING_H

#include "task/everywhere.h"

static char reports[1024];
static int reported;

__attribute__((unused)) static void report(const brio_failure *failure, void *arg)
{
    size_t len = strlen(reports);
    CHECK(arg == &reported);
    CHECK(!brio_current_task());
    reported++;
    snprintf(reports + len, sizeof(reports) - len, "%s:%s:%.*s ", failure->name,
             brio_error_name(failure->err), BRIO_ARG(failure->detail));
}

__attribute__((unused)) static int run_reporting_on(const brio_loop_options *loop, brio_task_fn *fn,
                                                    const char *want)
{
    trace[0] = reports[0] = '\0';
    reported = 0;
    int rc =
        brio_run(fn, NULL,
                 &(brio_run_options){.loop = loop, .on_failure = report, .failure_arg = &reported});
    if (rc == 0)
        CHECK_STR(brio_str_from(reports), want);
    return rc;
}

/* Each run of `fn` must report `want`, till its end. */
__attribute__((unused)) static void run_reporting(brio_task_fn *fn, const char *want)
{
    CHECK_INT(run_reporting_on(&(brio_loop_options){.backend = BRIO_BACKEND_EPOLL}, fn, want), 0);
    int rc = run_reporting_on(&(brio_loop_options){.backend = BRIO_BACKEND_URING}, fn, want);
    CHECK(rc == 0 || rc == -ENOSYS || rc == -EPERM);
    for (uint64_t seed = 1; seed <= ORDERS_MAX; seed++) {
        brio_loop_options sim = {.backend = BRIO_BACKEND_SIM,
                                 .sim = {.seed = seed, .random_order = seed > 1}};
        CHECK_INT(run_reporting_on(&sim, fn, want), 0);
    }
}

#endif
