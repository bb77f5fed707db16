/* SPDX-License-Identifier: MIT
 *
 * A job, between the task that waits for it (run_in.c) and the thread that
 * runs it (pool.c). It lives on the task's stack; the pool's lock guards
 * `queued`, everything else has one owner at a time: the task until submit,
 * the thread until it sets `left`, the task again. */
#ifndef BRIO_EXEC_INTERNAL_H
#define BRIO_EXEC_INTERNAL_H

#include <brio/exec.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <stdatomic.h>

typedef struct brio_exec_job {
    brio_link link; /* in the pool's queue */
    brio_pool *pool;
    brio_loop *loop;
    brio_job_fn *fn;
    void *arg;
    int result;
    bool queued;
    atomic_bool left; /* the thread will not touch the job nor the loop again */
    brio_callback done;
    brio_waiter waiter;
    size_t detail_len;
    char detail[512];
} brio_exec_job;

/* Hands the job to a thread, or queues it. 0, BRIO_EOVERLOAD, BRIO_ECLOSED, or
 * why the first thread could not be started. */
int brio_exec_submit(brio_pool *pool, brio_exec_job *job);
/* Takes it back; false if a thread has it. */
bool brio_exec_withdraw(brio_pool *pool, brio_exec_job *job);
/* run_in.c: runs it on this thread and posts its end. */
void brio_exec_perform(brio_exec_job *job);

#endif
