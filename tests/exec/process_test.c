/* SPDX-License-Identifier: MIT
 *
 * Process pools that work: results, sizes, limits, cancellation, ends, the
 * virtual clock. What workers do is made visible through shared memory. */
#include "exec/bed.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct board {
    atomic_int ran, inside, begun, ended;
    atomic_bool gate;
} board;

static board *seen; /* shared with the workers */
static brio_processes *pool;

static void open_pool(const brio_processes_options *options)
{
    if (!seen)
        seen = shared_memory(sizeof(*seen));
    memset(seen, 0, sizeof(*seen));
    CHECK_OK(brio_processes_open(&pool, options));
}

static size_t queued_now(void)
{
    size_t queued;
    brio_processes_load(pool, NULL, NULL, &queued);
    return queued;
}

/* ---- Jobs --------------------------------------------------------------- */

static int whoami(brio_str arg, brio_buf *result)
{
    (void)arg;
    brio_buf_i64(result, getpid());
    return 7;
}

static int echo(brio_str arg, brio_buf *result)
{
    atomic_fetch_add(&seen->ran, 1);
    brio_buf_add(result, arg);
    return 0;
}

static int at_gate(brio_str arg, brio_buf *result)
{
    atomic_fetch_add(&seen->inside, 1);
    while (!atomic_load(&seen->gate))
        sched_yield();
    atomic_fetch_add(&seen->ran, 1);
    return echo(arg, result);
}

static int worker_pid(brio_processes *of)
{
    brio_str text;
    uint64_t pid;
    CHECK_INT(brio_run_in_process(of, whoami, BRIO_S(""), &text), 7);
    CHECK_INT(brio_str_to_u64(text, &pid), 0);
    return (int)pid;
}

static int elsewhere_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    int pid = worker_pid(pool);
    CHECK(pid != getpid());
    CHECK_INT(worker_pid(pool), pid); /* the same one again */
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), 7);
    brio_processes_close(pool);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD); /* nobody is left */
    CHECK(kill(pid, 0) == -1 && errno == ESRCH);
    return 0;
}

TEST(a_job_runs_in_another_process)
{
    run_everywhere(elsewhere_main);
}

static int speak(brio_str arg, brio_buf *result)
{
    brio_buf_add(result, BRIO_S("lost"));
    return arg.len ? brio_error(-EIO, "no %.*s", BRIO_ARG(arg)) : -EPERM;
}

static int words_main(void *arg)
{
    brio_str result;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_run_in_process(pool, speak, BRIO_S("paper"), &result), -EIO);
    CHECK_STR(brio_error_detail(), "no paper");
    CHECK_INT(result.len, 0);
    (void)brio_error(0, "%s", "");
    CHECK_INT(brio_run_in_process(pool, speak, BRIO_S(""), &result), -EPERM);
    CHECK_STR(brio_error_detail(), ""); /* not the former job's */
    brio_processes_close(pool);
    return 0;
}

TEST(a_jobs_error_and_words_reach_the_task)
{
    run_everywhere(words_main);
}

static void check_size(size_t size)
{
    brio_str result;
    char *bytes = malloc(size + 1);
    CHECK(bytes != NULL);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 31 + size);
    CHECK_INT(brio_run_in_process(pool, echo, ((brio_str){bytes, size}), &result), 0);
    CHECK(brio_str_eq(result, ((brio_str){bytes, size})));
    free(bytes);
}

static int sizes_main(void *arg)
{
    static const size_t sizes[] = {0,       1,   511,     4095,     4096, 4097,
                                   MIB - 1, MIB, MIB + 1, 10 * MIB, 0,    3};
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        check_size(sizes[i]);
    brio_processes_close(pool);
    return 0;
}

TEST(arguments_and_results_have_any_size)
{
    run_everywhere(sizes_main);
}

static int produce(brio_str arg, brio_buf *result)
{
    uint64_t n = 0;
    CHECK_INT(brio_str_to_u64(arg, &n), 0);
    for (uint64_t i = 0; i < n; i++)
        brio_buf_char(result, 'x');
    return 0;
}

static int limits_main(void *arg)
{
    char storage[4];
    brio_str result;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .max_payload = 5000});
    CHECK_INT(brio_run_in_process(pool, produce, BRIO_S("5000"), &result), 0);
    CHECK_INT(result.len, 5000);
    CHECK_INT(brio_run_in_process(pool, produce, BRIO_S("5001"), &result), BRIO_ELIMIT);
    CHECK_STR(brio_error_detail(), "the result is larger than max_payload, 5000 bytes");
    char large[5001] = {0};
    CHECK_INT(brio_run_in_process(pool, echo, ((brio_str){large, 5001}), &result), BRIO_ELIMIT);
    CHECK_STR(brio_error_detail(), "the argument's 5001 bytes are more than max_payload, 5000");
    brio_process_call call = {
        .fn = produce, .arg = BRIO_S("4"), .into = true, .storage = storage, .capacity = 4};
    CHECK_INT(brio_processes_run(pool, &call, &result), 0);
    CHECK(result.ptr == storage && result.len == 4);
    call.arg = BRIO_S("5");
    CHECK_INT(brio_processes_run(pool, &call, &result), BRIO_ELIMIT);
    CHECK_STR(brio_error_detail(), "no room for the result's 5 bytes");
    brio_processes_close(pool);
    return 0;
}

TEST(payloads_are_limited)
{
    run_everywhere(limits_main);
}

static int arena_main(void *arg)
{
    brio_str result;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_run_in_process(pool, produce, BRIO_S("34000000"), &result), BRIO_ELIMIT);
    CHECK_STR(brio_error_detail(), "no room for the result's 34000000 bytes");
    CHECK_INT(brio_run_in_process(pool, produce, BRIO_S("34000000"), NULL), 0); /* unwanted */
    check_size(100);
    brio_processes_close(pool);
    return 0;
}

TEST(a_result_too_large_for_the_arena_fails_its_call_only)
{
    run_everywhere(arena_main);
}

typedef struct Range {
    int from, to;
} Range;
typedef struct Total {
    int64_t sum;
    char text[20];
} Total;

static int count(const Range *in, Total *out)
{
    if (in->to < in->from)
        return brio_error(-EDOM, "%d is before %d", in->to, in->from);
    for (int i = in->from; i < in->to; i++)
        out->sum += i;
    snprintf(out->text, sizeof(out->text), "%d..%d", in->from, in->to);
    return in->to - in->from;
}

BRIO_PROCESS_JOB(count, Range, Total)

static int typed_main(void *arg)
{
    Total total = {.sum = -1};
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(count_in_process(pool, &(Range){9, 3}, &total), -EDOM);
    CHECK_STR(brio_error_detail(), "3 is before 9");
    CHECK_INT(total.sum, -1); /* not touched */
    CHECK_INT(count_in_process(pool, &(Range){3, 9}, &total), 6);
    CHECK_INT(total.sum, 3 + 4 + 5 + 6 + 7 + 8);
    CHECK_STR(brio_str_from(total.text), "3..9");
    brio_processes_close(pool);
    return 0;
}

TEST(structs_go_in_and_out)
{
    run_everywhere(typed_main);
}

static int own_pool_call(void *arg)
{
    brio_str result;
    (void)arg;
    CHECK_INT(brio_to_process(whoami, BRIO_S(""), &result), 7);
    return 0;
}

static int own_pool_main(void *arg)
{
    int none[12] = {0};
    (void)arg;
    CHECK_INT(brio_gather_map(own_pool_call, none, 12, sizeof(none[0])), 0); /* made once */
    CHECK(brio_default_processes() == brio_default_processes());
    CHECK_INT(worker_pid(brio_default_processes()) != getpid(), 1);
    return 0;
}

TEST(the_loop_has_a_pool_of_its_own)
{
    run_everywhere(own_pool_main);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static int processors(void)
{
    cpu_set_t set;
    CHECK_INT(sched_getaffinity(0, sizeof(set), &set), 0);
    return CPU_COUNT(&set);
}

TEST(only_a_task_may_wait)
{
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), -EPERM);
    CHECK_INT(brio_processes_shutdown(pool, false), -EPERM);
    brio_processes_close(pool);
    CHECK_INT(brio_processes_open(&pool, &(brio_processes_options){.workers = 1025}), -EINVAL);
    brio_processes_close(NULL);
}

static int defaults_main(void *arg)
{
    size_t alive = 0;
    (void)arg;
    CHECK_OK(brio_processes_open(&pool, NULL));
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), 7);
    AWAIT((brio_processes_load(pool, &alive, NULL, NULL), alive == (size_t)processors()));
    CHECK_OK(brio_processes_shutdown(pool, false));
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), BRIO_ECLOSED);
    brio_processes_close(pool);
    return 0;
}

TEST(without_options_there_is_a_worker_for_each_processor)
{
    run_everywhere(defaults_main);
}

/* ---- Many --------------------------------------------------------------- */

#ifdef __SANITIZE_THREAD__
enum { MANY = 2000 }; /* it knows 8128 threads, and each waiting task is one to it */
#else
enum { MANY = 10000 };
#endif

static int numbered_job(void *arg)
{
    brio_str result;
    CHECK_INT(brio_run_in_process(pool, echo, ((brio_str){arg, sizeof(int)}), &result), 0);
    CHECK_INT(result.len, sizeof(int));
    CHECK(memcmp(result.ptr, arg, sizeof(int)) == 0);
    return 0;
}

static int many_main(void *arg)
{
    static int numbers[MANY];
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 3});
    for (int i = 0; i < MANY; i++)
        numbers[i] = i;
    CHECK_INT(brio_gather_map(numbered_job, numbers, MANY, sizeof(numbers[0])), 0);
    CHECK_INT(atomic_load(&seen->ran), MANY); /* each ran once */
    brio_processes_close(pool);
    return 0;
}

TEST(thousands_of_jobs_get_their_answers)
{
    run_everywhere(many_main);
}

static int few_main(void *arg)
{
    int numbers[20];
    (void)arg;
    for (int i = 0; i < 20; i++)
        numbers[i] = i;
    CHECK_INT(brio_gather_map(numbered_job, numbers, 20, sizeof(numbers[0])), 0);
    return 0;
}

TEST(a_pool_serves_one_loop_after_the_other)
{
    open_pool(&(brio_processes_options){.workers = 2}); /* before any loop */
    run_everywhere(few_main);
    run_shuffled(few_main, 200);
    CHECK_INT(atomic_load(&seen->ran) % 20, 0);
    brio_processes_close(pool);
}

static int foreign_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), -EBUSY);
    CHECK(brio_error_detail().len > 0);
    return 0;
}

static void *foreign_thread(void *arg)
{
    (void)arg;
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, foreign_main, NULL), 0);
    return NULL;
}

static int busy_main(void *arg)
{
    pthread_t thread;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), 7);
    CHECK(pthread_create(&thread, NULL, foreign_thread, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    brio_processes_close(pool);
    return 0;
}

TEST(two_loops_at_a_time_are_refused)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, busy_main, NULL), 0);
}

/* ---- Queue and cancellation ----------------------------------------------- */

static int gate_job(void *arg)
{
    (void)arg;
    return brio_run_in_process(pool, at_gate, BRIO_S(""), NULL);
}

static int overload_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .max_queue = 2});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1);
        brio_spawn(&g, gate_job, NULL);
        brio_spawn(&g, gate_job, NULL);
        AWAIT(queued_now() == 2);
        CHECK_INT(gate_job(NULL), BRIO_EOVERLOAD);
        CHECK_STR(brio_error_detail(), "the process pool takes no more calls: 2 are queued");
        size_t alive, running;
        brio_processes_load(pool, &alive, &running, NULL);
        CHECK_INT(alive, 1);
        CHECK_INT(running, 1);
        atomic_store(&seen->gate, true);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(atomic_load(&seen->inside), 3);
    brio_processes_close(pool);
    return 0;
}

TEST(the_queue_is_limited)
{
    run_everywhere(overload_main);
}

static int cancel_main(void *arg)
{
    int first = 0, second = 0, third = 1;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    int pid = worker_pid(pool);
    BRIO_GROUP(g)
    {
        brio_task *running = brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1);
        brio_task *queued = brio_spawn(&g, gate_job, NULL);
        AWAIT(queued_now() == 1);
        brio_task *next = brio_spawn(&g, gate_job, NULL);
        AWAIT(queued_now() == 2);
        CHECK(brio_task_cancel(queued)); /* it did not happen */
        CHECK_INT(brio_join(queued, &second), 0);
        CHECK(brio_task_cancel(running)); /* at once, while it runs */
        CHECK_INT(brio_join(running, &first), 0);
        CHECK_INT(atomic_load(&seen->ran), 0);
        atomic_store(&seen->gate, true);
        CHECK_INT(brio_join(next, &third), 0);
    }
    CHECK_INT(first, -ECANCELED);
    CHECK_INT(second, -ECANCELED);
    CHECK_INT(third, 0);
    CHECK_INT(atomic_load(&seen->inside), 2); /* the queued one never began */
    CHECK_INT(worker_pid(pool), pid);         /* the worker finished the unheard one */
    brio_processes_close(pool);
    return 0;
}

TEST(cancel_takes_a_queued_call_back_and_leaves_a_running_one)
{
    run_everywhere(cancel_main);
}

static int cancel_under_seeds_main(void *arg)
{
    int result = 0;
    (void)arg;
    memset(seen, 0, sizeof(*seen));
    BRIO_GROUP(g)
    {
        brio_task *a = brio_spawn(&g, gate_job, NULL);
        brio_task *b = brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1 && queued_now() == 1);
        CHECK(brio_task_cancel(a));
        CHECK_INT(brio_join(a, &result), 0);
        CHECK_INT(result, -ECANCELED);
        atomic_store(&seen->gate, true);
        CHECK_INT(brio_join(b, &result), 0);
        CHECK_INT(result, 0);
    }
    /* until the unheard job, if it was one, is over too */
    CHECK_INT(brio_run_in_process(pool, echo, BRIO_S(""), NULL), 0);
    return g.err;
}

TEST(cancel_under_seeds)
{
    open_pool(&(brio_processes_options){.workers = 1});
    run_shuffled(cancel_under_seeds_main, 200);
    brio_processes_close(pool);
}

static int kill_on_cancel_main(void *arg)
{
    int result = 0;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .kill_on_cancel = true});
    int pid = worker_pid(pool);
    BRIO_GROUP(g)
    {
        brio_task *running = brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1);
        CHECK(brio_task_cancel(running));
        CHECK_INT(brio_join(running, &result), 0);
    }
    CHECK_INT(result, -ECANCELED);
    CHECK(worker_pid(pool) != pid); /* replaced: the gate is still closed */
    CHECK_INT(atomic_load(&seen->ran), 0);
    brio_processes_close(pool);
    return 0;
}

TEST(kill_on_cancel_kills_the_worker)
{
    run_everywhere(kill_on_cancel_main);
}

static int refused_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    BRIO_SCOPE(s)
    {
        brio_scope_cancel(&s);
        CHECK_INT(brio_run_in_process(pool, echo, BRIO_S(""), NULL), -ECANCELED);
    }
    CHECK_INT(atomic_load(&seen->ran), 0);
    brio_processes_close(pool);
    return 0;
}

TEST(in_a_cancelled_scope_no_call_begins)
{
    run_everywhere(refused_main);
}

/* ---- The loop meanwhile --------------------------------------------------- */

static int free_loop_main(void *arg)
{
    int turns = 0;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1);
        for (; turns < 1000; turns++)
            CHECK_INT(brio_yield(), 0);
        CHECK_INT(atomic_load(&seen->ran), 0); /* it computes, we do too */
        atomic_store(&seen->gate, true);
    }
    brio_processes_close(pool);
    return g.err;
}

TEST(the_loop_is_free_while_jobs_run)
{
    run_everywhere(free_loop_main);
}

static bool slept;

static int sleep_an_hour(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_SEC(3600));
    slept = true;
    return rc;
}

static int clock_main(void *arg)
{
    brio_time start = brio_now();
    (void)arg;
    slept = false;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, sleep_an_hour, NULL);
        CHECK_INT(brio_yield(), 0);
        for (int i = 0; i < 5; i++)
            CHECK_INT(brio_run_in_process(pool, echo, BRIO_S("x"), NULL), 0);
        CHECK(!slept);
        CHECK(brio_now() == start); /* virtual time waited for the worker */
    }                               /* and jumps while the pool, which is open, has nothing to do */
    CHECK(slept);
    CHECK(brio_now() - start == BRIO_SEC(3600));
    return g.err;
}

TEST(the_virtual_clock_waits_for_processes)
{
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 50}, clock_main, NULL), 0);
    brio_processes_close(pool);
}

static int asks_a_worker(void *arg)
{
    brio_str result;
    int rc = brio_run_in_process(arg, echo, BRIO_S("x"), &result);
    CHECK(rc == 0 || rc == -ECANCELED || rc == -ENOMEM);
    CHECK_INT(result.len, rc == 0);
    return rc;
}

static int sleep_a_second(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(1));
}

static int everywhere_main(void *arg)
{
    brio_processes *own = arg;
    int rc = own ? 0 : brio_processes_open(&own, &(brio_processes_options){.workers = 1});
    if (rc < 0)
        return rc;
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 3; i++)
            brio_spawn(&g, asks_a_worker, own);
        brio_spawn(&g, sleep_a_second, NULL);
    }
    if (!arg)
        brio_processes_close(own);
    return g.err;
}

TEST(calls_survive_cancellation_and_refused_memory_at_every_point)
{
    brio_sim sim = {.seeds = 3, .cancel_everywhere = true, .fail_every_alloc = true};
    open_pool(&(brio_processes_options){.workers = 2});
    CHECK_INT(brio_sim_run(&sim, everywhere_main, pool), 0);
    CHECK(atomic_load(&seen->ran) >= 9);
    brio_processes_close(pool);
    CHECK_INT(brio_sim_run(&sim, everywhere_main, NULL), 0); /* and opening and closing */
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* ---- Ends ----------------------------------------------------------------- */

static int told_closed(void *arg)
{
    CHECK_INT(gate_job(arg), BRIO_ECLOSED);
    CHECK_STR(brio_error_detail(), "the process pool is shut down");
    return 0;
}

static int shutdown_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1);
        brio_spawn(&g, told_closed, NULL);
        AWAIT(queued_now() == 1);
        BRIO_SCOPE(limit)
        {
            brio_scope_cancel(&limit);
            CHECK_INT(brio_processes_shutdown(pool, false), -ECANCELED);
        }
        CHECK_INT(queued_now(), 1);
        CHECK_INT(gate_job(NULL), BRIO_ECLOSED);
        BRIO_SCOPE(limit2)
        {
            brio_scope_cancel(&limit2);
            CHECK_INT(brio_processes_shutdown(pool, true), -ECANCELED);
        }
        CHECK_INT(queued_now(), 0); /* dropped */
        atomic_store(&seen->gate, true);
        CHECK_INT(brio_processes_shutdown(pool, false), 0);
        size_t running;
        brio_processes_load(pool, NULL, &running, NULL);
        CHECK_INT(running, 0);
    }
    CHECK_INT(g.err, 0);
    brio_processes_close(pool);
    return 0;
}

TEST(shutdown_finishes_or_drops_and_has_a_deadline)
{
    run_everywhere(shutdown_main);
}

static int leave_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 2});
    for (int i = 0; i < 6; i++)
        brio_create_task(gate_job, NULL, NULL);
    AWAIT(atomic_load(&seen->inside) == 2);
    return 0; /* two run, four are queued */
}

TEST(a_run_ends_with_jobs_under_way)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, leave_main, NULL), 0);
    brio_processes_close(pool); /* kills what still runs */
    CHECK_INT(atomic_load(&seen->ran), 0);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

/* ---- What a worker has ---------------------------------------------------- */

static int inner_main(void *arg)
{
    *(int *)arg = brio_sleep(BRIO_MS(1)) == 0 ? 5 : 6;
    return 0;
}

static int look_around(brio_str arg, brio_buf *result)
{
    struct sigaction action;
    sigset_t blocked;
    int inner = 0;
    (void)arg;
    (void)result;
    for (int fd = 4; fd < 64; fd++)
        CHECK(fcntl(fd, F_GETFD) < 0);         /* nothing but 0, 1, 2 and the bell */
    CHECK(read(STDIN_FILENO, &inner, 1) == 0); /* /dev/null */
    CHECK(sigaction(SIGUSR1, NULL, &action) == 0);
    CHECK(action.sa_handler == SIG_DFL);
    CHECK(sigprocmask(SIG_SETMASK, NULL, &blocked) == 0);
    CHECK(!sigismember(&blocked, SIGUSR1) && !sigismember(&blocked, SIGTERM));
    raise(SIGTERM); /* the parent's to answer */
    raise(SIGINT);
    CHECK(!brio_current_task());
    CHECK(!brio_loop_current());
    CHECK_OK(brio_run(inner_main, &inner, NULL));
    return inner;
}

static int hygiene_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_run_in_process(pool, look_around, BRIO_S(""), NULL), 5);
    CHECK_INT(brio_run_in_process(pool, look_around, BRIO_S(""), NULL), 5);
    brio_processes_close(pool);
    return 0;
}

TEST(a_worker_has_a_clean_desk)
{
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    CHECK(sigprocmask(SIG_BLOCK, &usr1, NULL) == 0);
    CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    run_everywhere(hygiene_main);
}

static int ready_value;

static int note_begin(void *arg)
{
    ready_value = *(int *)arg;
    atomic_fetch_add(&seen->begun, 1);
    return 0;
}

static void note_end(void *arg)
{
    (void)arg;
    atomic_fetch_add(&seen->ended, 1);
}

static int see_ready(brio_str arg, brio_buf *result)
{
    (void)arg;
    (void)result;
    return ready_value;
}

static int hooks_main(void *arg)
{
    static int value = 23;
    (void)arg;
    open_pool(&(brio_processes_options){
        .workers = 2, .worker_init = note_begin, .worker_fini = note_end, .worker_arg = &value});
    CHECK_INT(brio_run_in_process(pool, see_ready, BRIO_S(""), NULL), 23);
    AWAIT(atomic_load(&seen->begun) == 2);
    CHECK_INT(brio_run_in_process(pool, see_ready, BRIO_S(""), NULL), 23);
    CHECK_INT(ready_value, 0); /* theirs, not ours */
    brio_processes_close(pool);
    CHECK_INT(atomic_load(&seen->ended) >= 1, 1);
    return 0;
}

TEST(each_worker_begins_and_ends_with_the_hooks)
{
    run_everywhere(hooks_main);
}

TEST(a_process_has_a_track_in_the_timeline)
{
    char path[] = "/tmp/brio-timeline-XXXXXX.json", text[16384] = "";
    int fd = mkstemps(path, 5);
    CHECK(fd >= 0);
    CHECK_OK(brio_timeline_start(&(brio_timeline_options){.path = path}));
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, elsewhere_main, NULL), 0);
    CHECK_OK(brio_timeline_stop());
    CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);
    CHECK(strstr(text, "process-1") != NULL);
    close(fd);
    unlink(path);
}
