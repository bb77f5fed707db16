/* SPDX-License-Identifier: MIT
 *
 * The task table as a reader outside sees it, read from inside: each task's
 * record says what it does, for what it waits, who made it, where it is. */
#include "task/everywhere.h"

#include <brio/trace.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- A reader ----------------------------------------------------------- */

static const brio_trace_task *find(uint64_t id)
{
    for (const brio_trace_loop *loop = brio_trace_tasks.loops; loop; loop = loop->next)
        for (const brio_trace_chunk *c = loop->chunks; c; c = c->next)
            for (size_t i = 0; i < c->n; i++) {
                const void *at = (const char *)c->first + i * c->stride;
                const brio_trace_task *task = at;
                if (task->state != BRIO_TRACE_FREE && task->id == id)
                    return task;
            }
    return NULL;
}

static const brio_trace_task *self(void)
{
    return find(brio_task_id(brio_current_task()));
}

/* ---- States ------------------------------------------------------------- */

static int sleeps(void *arg)
{
    (void)arg;
    CHECK_INT(self()->state, BRIO_TRACE_RUNNING);
    return brio_sleep(BRIO_MS(5));
}

static int states_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_create_task(sleeps, NULL, &(brio_task_options){.name = "sleeper"});
    uint64_t id = brio_task_id(task);
    const brio_trace_task *rec = find(id);
    CHECK(rec);
    CHECK_INT(rec->state, BRIO_TRACE_NEW);
    CHECK_STR(brio_str_from(rec->name), "sleeper");
    CHECK_INT(rec->parent, brio_task_id(brio_current_task()));
    CHECK(rec->created_at);
    CHECK(!rec->stack_low); /* not before its first turn */
    CHECK_INT(rec->resumes, 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(rec->state, BRIO_TRACE_WAITING);
    CHECK_INT(rec->wait, BRIO_WAIT_SLEEP);
    CHECK_INT(rec->resumes, 1);
    CHECK_INT(rec->since, brio_loop_now(brio_loop_current()));
    CHECK((const char *)rec->sp > (const char *)rec->stack_low);
    CHECK((const char *)rec->sp < (const char *)rec->stack_high);
    CHECK(rec->pc);
    CHECK_INT(self()->state, BRIO_TRACE_RUNNING);
    CHECK_INT(rec->cancelling, 0);
    (void)brio_task_cancel(task);
    CHECK_INT(rec->cancelling, 1);
    CHECK_INT(rec->state, BRIO_TRACE_READY);
    CHECK_INT(brio_yield(), 0);
    CHECK(!find(id)); /* gone */
    return 0;
}

TEST(a_record_follows_its_task)
{
    run_everywhere(states_main);
}

static int returns(void *arg)
{
    (void)arg;
    return 0;
}

static int ended_main(void *arg)
{
    (void)arg;
    brio_task *task = brio_task_acquire(brio_create_task(returns, NULL, NULL));
    uint64_t id = brio_task_id(task);
    CHECK_INT(brio_yield(), 0);
    CHECK(find(id));
    CHECK_INT(find(id)->state, BRIO_TRACE_ENDED); /* somebody may still ask */
    CHECK(!find(id)->stack_low);
    brio_task_release(task);
    CHECK(!find(id));
    return 0;
}

TEST(an_ended_task_stays_while_somebody_holds_it)
{
    run_everywhere(ended_main);
}

static int in_a_group(void *arg)
{
    CHECK(self()->group == arg);
    return 0;
}

static int joins(void *arg)
{
    return brio_join(arg, NULL);
}

static int waits_main(void *arg)
{
    (void)arg;
    brio_task *sleeper = brio_create_task(sleeps, NULL, NULL);
    brio_task *joiner = brio_create_task(joins, sleeper, NULL);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(find(brio_task_id(joiner))->state, BRIO_TRACE_WAITING);
    CHECK_INT(find(brio_task_id(joiner))->wait, BRIO_WAIT_TASK);
    CHECK(find(brio_task_id(joiner))->wait_on == find(brio_task_id(sleeper)));
    BRIO_GROUP(g)
    CHECK(brio_spawn(&g, in_a_group, &g));
    return brio_join(joiner, NULL);
}

TEST(a_record_says_for_what_its_task_waits)
{
    run_everywhere(waits_main);
}

static brio_task *make_one(void)
{
    return brio_create_task(returns, NULL, NULL);
}

static int created_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        const void *a = find(brio_task_id(brio_spawn(&g, returns, NULL)))->created_at;
        const void *b = find(brio_task_id(brio_spawn(&g, returns, NULL)))->created_at;
        const void *c = find(brio_task_id(make_one()))->created_at;
        CHECK(a != b);
        CHECK(b != c);
        CHECK(a && c);
    }
    return 0;
}

TEST(a_record_knows_the_place_that_created_it)
{
    run_everywhere(created_main);
}

/* ---- Loops -------------------------------------------------------------- */

static int loop_main(void *arg)
{
    const brio_trace_loop *loop = brio_trace_tasks.loops;
    (void)arg;
    CHECK(loop);
    CHECK_STR(brio_str_from(loop->backend), brio_loop_backend(brio_loop_current()));
    CHECK_INT(*loop->now, brio_loop_now(brio_loop_current()));
    CHECK_INT(loop->tid, gettid());
    CHECK_INT(loop->live, 1);
    brio_create_task(returns, NULL, NULL);
    CHECK_INT(loop->live, 2);
    return 0;
}

TEST(a_loop_is_in_the_table_while_it_is_open)
{
    run_everywhere(loop_main);
    CHECK(!brio_trace_tasks.loops);
}

/* ---- Processor time, and a timeline ------------------------------------- */

static uint64_t cpu_of(const brio_trace_task *rec)
{
    return rec->cpu_ns;
}

static int burns(void *arg)
{
    struct timespec begin, now;
    (void)arg;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec - begin.tv_nsec < 20000000);
    return brio_sleep(BRIO_SEC(3600));
}

static int cpu_main(void *arg)
{
    (void)arg;
    brio_trace_want(BRIO_TRACE_MEASURE, true);
    brio_task *burner = brio_create_task(burns, NULL, NULL);
    const brio_trace_task *rec = find(brio_task_id(burner));
    CHECK_INT(brio_yield(), 0);
    CHECK(cpu_of(rec) >= 20000000);
    CHECK(cpu_of(self()) < cpu_of(rec)); /* what others burn is not ours */
    brio_trace_want(BRIO_TRACE_MEASURE, false);
    return 0;
}

TEST(time_on_the_processor_is_counted_per_task)
{
    run_everywhere(cpu_main);
}

static unsigned suspensions;
static const brio_trace_task *suspended;

static void on_suspend(const brio_trace_task *task)
{
    suspensions++;
    suspended = task;
}

static int suspend_main(void *arg)
{
    (void)arg;
    uint64_t turns = brio_trace_tasks.loops->turns;
    suspensions = 0;
    brio_trace_suspending = on_suspend;
    brio_trace_want(BRIO_TRACE_SUSPEND, true);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(brio_sleep(BRIO_MS(1)), 0);
    brio_trace_want(BRIO_TRACE_SUSPEND, false);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(suspensions, 2); /* each suspension while it is on; no wake-up, no end */
    CHECK(suspended == self());
    CHECK_INT(brio_trace_tasks.loops->turns - turns, 3);
    return 0;
}

TEST(who_asks_is_told_of_each_suspension)
{
    run_everywhere(suspend_main);
}

static int eager_child(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_MS(2));
}

static int timeline_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        CHECK(brio_spawn_with(&g, sleeps, NULL, &(brio_task_options){.name = "plain-child"}));
        CHECK(brio_spawn_with(&g, eager_child, NULL,
                              &(brio_task_options){.name = "eager-child", .eager = true}));
    }
    return 0;
}

TEST(a_run_draws_its_timeline_when_the_environment_asks)
{
    char path[] = "/tmp/brio-timeline-XXXXXX.json", text[65536];
    int fd = mkstemps(path, 5);
    CHECK(fd >= 0);
    CHECK_INT(setenv("BRIO_TIMELINE", path, 1), 0);
    CHECK_INT(run_on(BRIO_BACKEND_SIM, timeline_main, NULL), 0);
    CHECK(!(brio_trace_on & BRIO_TRACE_TIMELINE)); /* it ended with the run */
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    CHECK(n > 0);
    text[n] = '\0';
    CHECK(strstr(text, "\"main\"") || strstr(text, "main"));
    CHECK(strstr(text, "plain-child"));
    CHECK(strstr(text, "eager-child"));
    CHECK(strstr(text, "sleep"));
    close(fd);
    (void)unlink(path);
}
