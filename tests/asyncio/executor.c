/* SPDX-License-Identifier: MIT
 *
 * run_in_executor: one thread does one job after the other; errors come back;
 * a queued job can be taken back. */
#include "pair.h"

#include <brio/exec.h>

#include <semaphore.h>

static sem_t gate;
static char gate_name[] = "gate", second_name[] = "second", third_name[] = "third";
static char fails_name[] = "fails", late_name[] = "late";
static const char *done[8];
static int done_n;
static brio_pool *pool;

static int work(void *name)
{
    done[done_n++] = name;
    return done_n;
}

static int wait_at_the_gate(void *name)
{
    while (sem_wait(&gate) < 0)
        ;
    return work(name);
}

static int fails(void *name)
{
    (void)work(name);
    return -EIO;
}

static int told(const char *name, int rc)
{
    if (rc >= 0)
        say("%s gave %d", name, rc);
    else
        say("%s %s", name, rc == -ECANCELED ? "cancelled" : "failed");
    return rc;
}

static int first(void *arg)
{
    (void)arg;
    return told("first", brio_run_in(pool, wait_at_the_gate, gate_name));
}

static int other(void *name)
{
    return told(name, brio_run_in(pool, work, name));
}

static int run_jobs(void)
{
    brio_task_options held = {.acquired = true};
    brio_task *tasks[] = {brio_create_task(first, NULL, &held),
                          brio_create_task(other, second_name, &held),
                          brio_create_task(other, third_name, &held)};
    int rc = brio_yield();
    say("the loop is free");
    brio_task_cancel(tasks[1]);
    rc = rc < 0 ? rc : brio_wait(&tasks[1], 1, BRIO_ALL_COMPLETED, NULL);
    say("taken back %s", brio_task_cancelled(tasks[1]) ? "True" : "False");
    sem_post(&gate);
    rc = rc < 0 ? rc : brio_wait(&tasks[0], 1, BRIO_ALL_COMPLETED, NULL);
    rc = rc < 0 ? rc : brio_wait(&tasks[2], 1, BRIO_ALL_COMPLETED, NULL);
    for (int i = 0; i < 3; i++)
        brio_task_release(tasks[i]);
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    sem_init(&gate, 0, 0);
    int rc = brio_pool_new(&pool, &(brio_pool_options){.max_threads = 1});
    rc = rc < 0 ? rc : run_jobs();
    if (rc < 0)
        return rc;
    (void)told("fourth", brio_run_in(pool, fails, fails_name));
    rc = brio_pool_shutdown(pool, false);
    say("in order %s %s %s", done[0], done[1], done[2]);
    if (brio_run_in(pool, work, late_name) == BRIO_ECLOSED)
        say("shut down");
    brio_pool_free(pool);
    return rc;
}

PAIR_MAIN(run)
