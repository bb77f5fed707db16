/* SPDX-License-Identifier: MIT
 *
 * A thread pool's life: what its threads begin and end with, what a job takes
 * along, jobs that are abandoned, and the end of the pool. */
#include "exec/exec_internal.h"

#include "exec/bed.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static brio_pool *pool;
static atomic_int inside;
static atomic_bool gate;

static int at_gate(void *arg)
{
    atomic_fetch_add(&inside, 1);
    while (!atomic_load(&gate))
        sched_yield();
    atomic_fetch_sub(&inside, 1);
    return arg ? *(int *)arg : 0;
}

static int gate_job(void *arg)
{
    return brio_run_in(pool, at_gate, arg);
}

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

static void open_pool(const brio_pool_options *options)
{
    atomic_store(&gate, false);
    CHECK_OK(brio_pool_new(&pool, options));
}

static size_t queued_now(void)
{
    size_t running, queued;
    brio_pool_load(pool, &running, &queued);
    return queued;
}

/* ---- Threads ------------------------------------------------------------ */

static atomic_int begun, ended;
static _Thread_local int mine;

static int note_begin(void *arg)
{
    CHECK_INT(*(int *)arg, 41);
    mine = 42;
    atomic_fetch_add(&begun, 1);
    return 0;
}

static void note_end(void *arg)
{
    CHECK_INT(*(int *)arg, 41);
    CHECK_INT(mine, 42); /* on the thread that began */
    atomic_fetch_add(&ended, 1);
}

static int see_mine(void *arg)
{
    (void)arg;
    return mine;
}

static int hooks_main(void *arg)
{
    static int hook_arg = 41;
    (void)arg;
    atomic_store(&begun, 0);
    atomic_store(&ended, 0);
    open_pool(&(brio_pool_options){.thread_init = note_begin,
                                   .thread_fini = note_end,
                                   .thread_arg = &hook_arg,
                                   .max_threads = 2});
    CHECK_INT(atomic_load(&begun), 0); /* threads start when jobs need them */
    for (int i = 0; i < 10; i++)
        CHECK_INT(brio_run_in(pool, see_mine, NULL), 42);
    brio_pool_free(pool);
    CHECK(atomic_load(&begun) >= 1);
    CHECK_INT(atomic_load(&ended), atomic_load(&begun));
    return 0;
}

TEST(each_thread_begins_and_ends_with_the_hooks)
{
    run_everywhere(hooks_main);
}

static atomic_bool refuse_late;

static int refuse(void *arg)
{
    while (!atomic_load(&refuse_late))
        sched_yield();
    return brio_error(-EACCES, "no licence for %s", (const char *)arg);
}

static int refused_job(void *arg)
{
    (void)arg;
    CHECK_INT(brio_run_in(pool, nothing, NULL), -EACCES);
    CHECK_STR(brio_error_detail(), "no licence for this");
    return 0;
}

static int broken_main(void *arg)
{
    static char name[] = "this";
    (void)arg;
    atomic_store(&refuse_late, false);
    open_pool(&(brio_pool_options){
        .thread_init = refuse, .thread_arg = name, .max_threads = 1, .thread_fini = note_end});
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 4; i++)
            brio_spawn(&g, refused_job, NULL);
        AWAIT(queued_now() == 3);
        atomic_store(&refuse_late, true);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(refused_job(NULL), 0); /* it stays so */
    CHECK_INT(brio_pool_shutdown(pool, false), 0);
    brio_pool_free(pool);
    return 0;
}

TEST(an_initialiser_that_fails_breaks_the_pool)
{
    run_everywhere(broken_main);
}

static int least_main(void *arg)
{
    static int hook_arg = 41;
    (void)arg;
    atomic_store(&begun, 0);
    atomic_store(&ended, 0);
    open_pool(&(brio_pool_options){.min_threads = 3,
                                   .max_threads = 3,
                                   .idle = 1, /* over at once */
                                   .thread_init = note_begin,
                                   .thread_fini = note_end,
                                   .thread_arg = &hook_arg});
    AWAIT(atomic_load(&begun) == 3); /* without a job */
    for (int i = 0; i < 200; i++)
        CHECK_INT(brio_run_in(pool, nothing, NULL), 0);
    CHECK_INT(atomic_load(&begun), 3); /* the same all the time */
    CHECK_INT(atomic_load(&ended), 0);
    brio_pool_free(pool);
    CHECK_INT(atomic_load(&ended), 3);
    return 0;
}

TEST(the_least_threads_start_at_once_and_stay)
{
    run_everywhere(least_main);
}

/* ---- What a job takes along ---------------------------------------------- */

static int initial_user, first_user;
static const brio_local user = {"user", &initial_user};

static int see_context(void *arg)
{
    CHECK(brio_local_get(&user) == arg);
    CHECK(brio_task_context() == &mine || brio_task_context() == arg);
    return brio_task_context() == arg ? 1 : 2;
}

static int see_none(void *arg)
{
    (void)arg;
    CHECK(brio_local_get(&user) == &initial_user);
    CHECK(brio_task_context() == NULL);
    return 0;
}

static int child_with_locals(void *arg)
{
    brio_local_set(&user, arg);
    CHECK_INT(brio_run_in(pool, see_context, arg), 1);
    brio_local_set(&user, &first_user);
    CHECK_INT(brio_run_in_with(pool, see_context, &first_user, NULL), 2 - (arg == &first_user));
    return 0;
}

static int context_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_pool_options){.max_threads = 1});
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, child_with_locals, &first_user,
                        &(brio_task_options){.context = &first_user});
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(brio_run_in(pool, see_none, NULL), 0); /* nothing of the former job is left */
    brio_pool_free(pool);
    return 0;
}

TEST(task_locals_and_context_come_along)
{
    run_everywhere(context_main);
    run_shuffled(context_main, 200);
}

/* ---- Abandoned jobs ------------------------------------------------------- */

static atomic_int dropped;
static _Atomic(pthread_t) dropped_on;

static void drop(void *arg)
{
    atomic_store(&dropped_on, pthread_self());
    free(arg);
    atomic_fetch_add(&dropped, 1);
}

static int *heap_int(int value)
{
    int *n = malloc(sizeof(*n));
    CHECK(n != NULL);
    *n = value;
    return n;
}

static int abandonable_job(void *arg)
{
    static const brio_job_options options = {.abandon_on_cancel = true, .drop = drop};
    return brio_run_in_with(pool, at_gate, arg, &options);
}

static int abandon_main(void *arg)
{
    int running = 0, queued = 0;
    (void)arg;
    atomic_store(&dropped, 0);
    open_pool(&(brio_pool_options){.max_threads = 1});
    BRIO_GROUP(g)
    {
        brio_task *first = brio_spawn(&g, abandonable_job, heap_int(5));
        AWAIT(atomic_load(&inside) == 1);
        brio_task *second = brio_spawn(&g, abandonable_job, heap_int(6));
        AWAIT(queued_now() == 1);
        CHECK(brio_task_cancel(first));
        CHECK_INT(brio_join(first, &running), 0); /* at once, while the function runs */
        CHECK_INT(atomic_load(&inside), 1);
        CHECK_INT(atomic_load(&dropped), 0); /* it still uses its argument */
        CHECK(brio_task_cancel(second));
        CHECK_INT(brio_join(second, &queued), 0);
        CHECK_INT(atomic_load(&dropped), 1); /* never ran */
        CHECK(pthread_equal(atomic_load(&dropped_on), pthread_self()));
        atomic_store(&gate, true);
        AWAIT(atomic_load(&dropped) == 2);
        CHECK(!pthread_equal(atomic_load(&dropped_on), pthread_self()));
    }
    CHECK_INT(running, -ECANCELED);
    CHECK_INT(queued, -ECANCELED);
    int *seven = heap_int(7);
    CHECK_INT(abandonable_job(seven), 7); /* not cancelled: the argument is the caller's */
    CHECK_INT(atomic_load(&dropped), 2);
    free(seven);
    brio_pool_free(pool);
    return 0;
}

TEST(an_abandoned_job_ends_unheard_and_drops_its_argument)
{
    run_everywhere(abandon_main);
    run_shuffled(abandon_main, 200);
}

static int abandon_at_once_main(void *arg)
{
    (void)arg;
    atomic_store(&dropped, 0);
    open_pool(NULL);
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(abandonable_job(heap_int(1)), -ECANCELED);
    }
    CHECK_INT(atomic_load(&dropped), 1);
    brio_pool_free(pool);
    return 0;
}

TEST(a_job_refused_by_cancellation_drops_its_argument)
{
    run_everywhere(abandon_at_once_main);
}

static int leave_abandoned_main(void *arg)
{
    (void)arg;
    atomic_store(&dropped, 0);
    open_pool(NULL);
    brio_create_task(abandonable_job, heap_int(1), NULL);
    AWAIT(atomic_load(&inside) == 1);
    return 0;
}

TEST(a_late_completion_after_the_loop_is_harmless)
{
    for (int i = 0; i < 20; i++) {
        CHECK_INT(run_on(BRIO_BACKEND_EPOLL, leave_abandoned_main, NULL), 0);
        CHECK_INT(atomic_load(&dropped), 0);
        atomic_store(&gate, true);
        brio_pool_free(pool); /* awaits it */
        CHECK_INT(atomic_load(&dropped), 1);
    }
}

/* Races of the end of the function with the cancellation, on real threads. */
static int count_up(void *arg)
{
    return ++*(int *)arg;
}

static int race_job(void *arg)
{
    static const brio_job_options options = {.abandon_on_cancel = true, .drop = drop};
    int rc = brio_run_in_with(pool, count_up, arg, &options);
    if (rc == -ECANCELED)
        return 0;
    free(arg);
    atomic_fetch_add(&dropped, 1);
    return rc;
}

static int race_main(void *arg)
{
    (void)arg;
    atomic_store(&dropped, 0);
    open_pool(&(brio_pool_options){.max_threads = 2});
    for (int i = 0; i < 300; i++) {
        BRIO_GROUP(g)
        {
            brio_spawn(&g, race_job, heap_int(0));
            brio_spawn(&g, race_job, heap_int(0));
            CHECK_INT(brio_yield(), 0);
            for (int spin = 0; spin < i % 7; spin++)
                sched_yield();
            brio_group_cancel(&g);
        }
    }
    CHECK_INT(brio_pool_shutdown(pool, false), 0);
    CHECK_INT(atomic_load(&dropped), 600); /* each argument freed once */
    brio_pool_free(pool);
    return 0;
}

TEST(end_and_abandonment_may_race)
{
    run_everywhere(race_main);
}

static int anywhere_job(void *arg)
{
    static const brio_job_options options = {.abandon_on_cancel = true, .drop = drop};
    (void)arg;
    int *n = heap_int(1);
    brio_local_set(&user, &first_user);
    int rc = brio_run_in_with(pool, count_up, n, &options);
    if (rc != -ECANCELED)
        free(n);
    CHECK(rc == 2 || rc == -ECANCELED || rc == -ENOMEM || rc == -EAGAIN);
    return rc;
}

static int anywhere_main(void *arg)
{
    (void)arg;
    int rc = brio_pool_new(&pool, NULL);
    if (rc < 0)
        return rc;
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 3; i++)
            brio_spawn(&g, anywhere_job, NULL);
    }
    brio_pool_free(pool);
    return g.err;
}

TEST(abandonable_jobs_survive_cancellation_and_refused_memory_at_every_point)
{
    brio_sim sim = {.seeds = 3, .cancel_everywhere = true, .fail_every_alloc = true};
    CHECK_INT(brio_sim_run(&sim, anywhere_main, NULL), 0);
}

/* ---- Shutdown ------------------------------------------------------------- */

static int told_closed(void *arg)
{
    CHECK_INT(gate_job(arg), BRIO_ECLOSED);
    CHECK(brio_error_detail().len > 0);
    return 0;
}

static int shutdown_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_pool_options){.max_threads = 2});
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 5; i++)
            brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&inside) == 2 && queued_now() == 3);
        BRIO_SCOPE(limit, .timeout = BRIO_MS(1))
        {
            if (strcmp(brio_loop_backend(brio_loop_current()), "sim") == 0)
                brio_scope_cancel(&limit); /* its clock waits for the threads */
            CHECK_INT(brio_pool_shutdown(pool, false), -ECANCELED);
        }
        CHECK_INT(gate_job(NULL), BRIO_ECLOSED); /* no new ones any more */
        CHECK_INT(queued_now(), 3);              /* those that were there go on */
        atomic_store(&gate, true);
        CHECK_INT(brio_pool_shutdown(pool, false), 0);
        CHECK_INT(atomic_load(&inside), 0);
        CHECK_INT(queued_now(), 0);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(brio_pool_shutdown(pool, true), 0);
    brio_pool_free(pool);
    return 0;
}

TEST(shutdown_finishes_what_is_there_and_has_a_deadline)
{
    run_everywhere(shutdown_main);
}

static int drop_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_pool_options){.max_threads = 1});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&inside) == 1);
        for (int i = 0; i < 3; i++)
            brio_spawn(&g, told_closed, NULL);
        AWAIT(queued_now() == 3);
        CHECK_INT(brio_pool_shutdown_blocking(pool, true, BRIO_MS(1)), -ETIMEDOUT);
        CHECK_INT(queued_now(), 0);
        atomic_store(&gate, true);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(brio_pool_shutdown_blocking(pool, false, BRIO_NEVER), 0);
    brio_pool_free(pool);
    return 0;
}

TEST(shutdown_may_drop_what_is_queued)
{
    run_everywhere(drop_main);
    run_shuffled(drop_main, 200);
}

static int shut_down(void *arg)
{
    (void)arg;
    return brio_pool_shutdown(pool, false);
}

static int many_closers_main(void *arg)
{
    int first = 0;
    (void)arg;
    open_pool(&(brio_pool_options){.max_threads = 1});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&inside) == 1);
        brio_task *a = brio_spawn(&g, shut_down, NULL);
        brio_task *b = brio_spawn(&g, shut_down, NULL);
        brio_spawn(&g, shut_down, NULL);
        CHECK_INT(brio_yield(), 0);
        CHECK_INT(brio_yield(), 0);
        CHECK(brio_task_cancel(a)); /* gives up, the others stay */
        CHECK_INT(brio_join(a, &first), 0);
        CHECK(!brio_task_done(b));
        atomic_store(&gate, true);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(first, -ECANCELED);
    brio_pool_free(pool);
    return 0;
}

static int no_job(void *arg)
{
    (void)arg;
    return 5;
}

TEST(outside_a_task_shutdown_blocks)
{
    brio_pool *p;
    CHECK_OK(brio_pool_new(&p, NULL));
    CHECK_INT(brio_run_in(p, no_job, NULL), 5); /* there it runs in place */
    CHECK_OK(brio_pool_shutdown(p, false));
    CHECK_OK(brio_pool_shutdown_blocking(p, false, BRIO_NEVER));
    brio_pool_free(p);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { UNDER_SANITIZER = 1 };
#else
enum { UNDER_SANITIZER = 0 };
#endif

static int tiny_main(void *arg)
{
    return brio_run_in(arg, no_job, NULL) == 5 ? 0 : -EIO;
}

TEST(threads_that_cannot_start_are_told_of_at_once)
{
    brio_pool *p;
    brio_pool_options o = {.min_threads = 1, .stack_size = (size_t)1 << 60};
    if (!UNDER_SANITIZER) /* its allocator ends the process */
        CHECK_INT(brio_pool_new(&p, &o), -EAGAIN);
    o.stack_size = 1; /* less than a thread needs: it gets that */
    CHECK_OK(brio_pool_new(&p, &o));
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, tiny_main, p), 0);
    brio_pool_free(p);
}

TEST(several_tasks_may_wait_for_a_pool_to_end)
{
    run_everywhere(many_closers_main);
    run_shuffled(many_closers_main, 200);
}

/* The loop's patience, which is 300 s, with a pool of our own and none of it. */
TEST(what_outlives_the_loops_patience_is_left_to_itself)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, leave_abandoned_main, NULL), 0);
    brio_log_set_level(BRIO_LOG_ERROR);
    brio_exec_pool_end(pool, 0); /* warns; the thread frees the pool */
    CHECK_INT(atomic_load(&inside), 1);
    atomic_store(&gate, true);
    while (atomic_load(&dropped) == 0)
        sched_yield();
}

/* ---- The loop's own pool -------------------------------------------------- */

static int default_main(void *arg)
{
    (void)arg;
    brio_pool *own;
    CHECK_OK(brio_pool_new(&own, &(brio_pool_options){.name = "ours", .max_threads = 1}));
    CHECK_INT(brio_set_default_pool(own), 0); /* taken */
    CHECK(brio_default_pool() == own);
    CHECK_INT(brio_to_thread(nothing, NULL), 0);
    CHECK_INT(brio_set_default_pool(own), -EALREADY);
    size_t running, queued;
    brio_pool_load(brio_default_pool(), &running, &queued);
    CHECK_INT(queued, 0);
    return 0;
}

TEST(the_loops_own_pool_can_be_chosen)
{
    run_everywhere(default_main);
}

static bool other_ran;

static int other(void *arg)
{
    (void)arg;
    CHECK_INT(brio_sleep(BRIO_MS(1)), 0);
    other_ran = true;
    return 0;
}

static int fair_main(void *arg)
{
    (void)arg;
    other_ran = false;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, other, NULL);
        CHECK_INT(brio_yield(), 0);
        while (!other_ran) /* short jobs one after the other let timers and others through */
            CHECK_INT(brio_to_thread(nothing, NULL), 0);
    }
    return g.err;
}

TEST(a_task_of_short_jobs_starves_nobody)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, fair_main, NULL), 0);
}

/* ---- The timeline --------------------------------------------------------- */

static int traced_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_pool_options){.name = "crew"});
    CHECK_INT(brio_run_in(pool, nothing, NULL), 0);
    brio_pool_free(pool);
    return 0;
}

TEST(a_thread_has_a_track_in_the_timeline)
{
    char path[] = "/tmp/brio-timeline-XXXXXX.json", text[16384] = "";
    int fd = mkstemps(path, 5);
    CHECK(fd >= 0);
    CHECK_OK(brio_timeline_start(&(brio_timeline_options){.path = path}));
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, traced_main, NULL), 0);
    CHECK_OK(brio_timeline_stop());
    CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);
    CHECK(strstr(text, "crew-1") != NULL);
    close(fd);
    unlink(path);
}
