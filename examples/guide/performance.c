/* SPDX-License-Identifier: MIT
 *
 * The comparison at the end of the guide: five pauses in a row, five pauses at
 * once, and CPU work, which belongs on a thread. */
#include "guide.h"

#include <unistd.h>

typedef struct Performance {
    brio_str_list results;
    brio_str duration, type;
} Performance;
BRIO_MODEL(Performance, BRIO_FIELD(results), BRIO_FIELD(duration), BRIO_FIELD(type));

enum { TASKS = 5 };

static void report(brio_request *req, brio_time took, const char *type, Performance *out)
{
    brio_arena *arena = brio_request_arena(req);
    out->results = (brio_str_list){BRIO_NEW_ARRAY(arena, brio_str, TASKS), TASKS};
    for (int i = 0; i < TASKS; i++)
        out->results.items[i] = brio_printf(arena, "Task %d done", i);
    out->duration = brio_printf(arena, "%.2fs", (double)took / 1e9);
    out->type = brio_str_from(type);
}

static int perf_test_sync(brio_request *req, const brio_none *in, Performance *out)
{
    (void)in;
    brio_time start = brio_clock_monotonic();
    for (int i = 0; i < TASKS; i++)
        usleep(500000);
    report(req, brio_clock_monotonic() - start, "synchronous", out);
    return 0;
}

static int half_a_second(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_MS(500));
}

static int perf_test_async(brio_request *req, const brio_none *in, Performance *out)
{
    (void)in;
    brio_time start = brio_now();
    char ids[TASKS] = {0};
    int rc = brio_gather_map(half_a_second, ids, TASKS, 1);
    if (rc < 0)
        return rc;
    report(req, brio_now() - start, "asynchronous", out);
    return 0;
}

static int cpu_intensive_task(void *arg)
{
    int64_t *sum = arg;
    for (int64_t i = 0; i < 1000000; i++)
        *sum += i * i;
    return 0;
}

typedef struct Result {
    int64_t result;
} Result;
BRIO_MODEL(Result, BRIO_FIELD(result));

static int cpu_intensive_async(brio_request *req, const brio_none *in, Result *out)
{
    (void)req, (void)in;
    return brio_to_thread(cpu_intensive_task, &out->result);
}

void guide_add_performance(brio_app *app)
{
    BRIO_GET(app, "/perf-test-sync/", perf_test_sync, brio_none, Performance, .run = BRIO_BLOCKING);
    BRIO_GET(app, "/perf-test-async/", perf_test_async, brio_none, Performance);
    BRIO_GET(app, "/cpu-intensive-async/", cpu_intensive_async, brio_none, Result);
}
