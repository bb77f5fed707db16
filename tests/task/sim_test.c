/* SPDX-License-Identifier: MIT
 *
 * brio_sim_run: seeds, replays, points of failure, what it finds left behind. */
#include "task/everywhere.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int quick(void *arg)
{
    int *runs = arg;
    ++*runs;
    return 0;
}

static int run_quietly(brio_sim sim, brio_task_fn *fn, void *arg)
{
    sim.quiet = true;
    return brio_sim_run(&sim, fn, arg);
}

/* ---- Runs --------------------------------------------------------------- */

TEST(nothing_asked_is_one_run)
{
    int runs = 0;
    CHECK_INT(brio_sim_run(NULL, quick, &runs), 0);
    CHECK_INT(runs, 1);
}

TEST(so_many_seeds_are_so_many_runs)
{
    int runs = 0;
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200}, quick, &runs), 0);
    CHECK_INT(runs, 200);
}

static int sleeps_a_year(void *arg)
{
    (void)arg;
    brio_time start = brio_now();
    CHECK_OK(brio_sleep(BRIO_SEC(86400 * 365)));
    CHECK_INT(brio_now() - start, BRIO_SEC(86400 * 365));
    return 7;
}

TEST(a_year_takes_no_time_and_the_result_is_the_functions)
{
    CHECK_INT(brio_sim_run(NULL, sleeps_a_year, NULL), 7);
}

static int fails_third(void *arg)
{
    int *runs = arg;
    return ++*runs == 3 ? -EIO : 0;
}

TEST(the_first_failure_ends_it)
{
    int runs = 0;
    CHECK_INT(run_quietly((brio_sim){.seeds = 10}, fails_third, &runs), -EIO);
    CHECK_INT(runs, 3);
}

static int runs_a_sim(void *arg)
{
    return brio_sim_run(NULL, quick, arg);
}

TEST(a_running_loop_refuses_it)
{
    int runs = 0;
    CHECK_INT(run_quietly((brio_sim){0}, runs_a_sim, &runs), -EALREADY);
    CHECK_INT(runs, 0);
}

/* ---- Seeds -------------------------------------------------------------- */

typedef struct letters {
    char text[32];
    size_t n;
} letters;

typedef struct letter {
    letters *all;
    char c;
} letter;

static int writes(void *arg)
{
    letter *l = arg;
    for (int i = 0; i < 3; i++) {
        l->all->text[l->all->n++] = l->c;
        CHECK_OK(brio_yield());
    }
    return 0;
}

static int three_write(void *arg)
{
    letters *all = arg;
    memset(all, 0, sizeof *all);
    letter l[3] = {{all, 'a'}, {all, 'b'}, {all, 'c'}};
    BRIO_GROUP(g)
    for (int i = 0; i < 3; i++)
        brio_spawn(&g, writes, &l[i]);
    return g.err;
}

TEST(a_seed_replays_and_seeds_differ)
{
    letters a, b;
    bool differ = false;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        CHECK_OK(brio_sim_run(&(brio_sim){.seed = seed}, three_write, &a));
        CHECK_OK(brio_sim_run(&(brio_sim){.seed = seed}, three_write, &b));
        CHECK_STR(brio_str_from(a.text), b.text);
        differ |= strcmp(a.text, "abcabcabc") != 0;
    }
    CHECK(differ);
}

TEST(fifo_keeps_the_order_whatever_the_seed)
{
    letters a;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        CHECK_OK(brio_sim_run(&(brio_sim){.seed = seed, .fifo = true}, three_write, &a));
        CHECK_STR(brio_str_from(a.text), "abcabcabc");
    }
}

TEST(the_environment_overrides_seed_and_seeds)
{
    letters a, b;
    int runs = 0;
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 9}, three_write, &a));
    setenv("BRIO_SEED", "9", 1);
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1000}, three_write, &b));
    CHECK_STR(brio_str_from(b.text), a.text);
    CHECK_OK(brio_sim_run(&(brio_sim){.seeds = 100}, quick, &runs));
    CHECK_INT(runs, 1);
}

TEST(an_environment_that_makes_no_sense_is_refused)
{
    static const char *const bad[] = {"x", "0", "7:", "7:cancel", "7:cancel:x", "7:what:1", ":"};
    int runs = 0, rc = freopen("/dev/null", "w", stderr) ? 0 : -1;
    CHECK_OK(rc);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv("BRIO_SEED", bad[i], 1);
        CHECK_INT(brio_sim_run(NULL, quick, &runs), -EINVAL);
    }
    CHECK_INT(runs, 0);
}

/* ---- What is printed ---------------------------------------------------- */

typedef struct capture {
    int saved, pipe[2];
    char text[8192];
} capture;

static void capture_begin(capture *c)
{
    CHECK_OK(pipe(c->pipe));
    c->saved = dup(STDERR_FILENO);
    CHECK_OK(dup2(c->pipe[1], STDERR_FILENO));
    close(c->pipe[1]);
}

static void capture_end(capture *c)
{
    CHECK_OK(dup2(c->saved, STDERR_FILENO));
    close(c->saved);
    size_t n = 0;
    for (ssize_t got; (got = read(c->pipe[0], c->text + n, sizeof c->text - 1 - n)) > 0;)
        n += (size_t)got;
    c->text[n] = '\0';
    close(c->pipe[0]);
}

static int fails(void *arg)
{
    (void)arg;
    return -EIO;
}

TEST(a_failure_prints_the_line_that_replays_it)
{
    capture c;
    capture_begin(&c);
    int rc = brio_sim_run(&(brio_sim){.seed = 42}, fails, NULL);
    capture_end(&c);
    CHECK_INT(rc, -EIO);
    CHECK(strstr(c.text, "replay with BRIO_SEED=42\n"));
    CHECK(strstr(c.text, brio_error_text(-EIO)));
}

TEST(quiet_prints_nothing)
{
    capture c;
    capture_begin(&c);
    int rc = run_quietly((brio_sim){.seed = 42}, fails, NULL);
    capture_end(&c);
    CHECK_INT(rc, -EIO);
    CHECK_STR(brio_str_from(c.text), "");
}

static int aborts(void *arg)
{
    (void)arg;
    abort();
}

/* A fault happens again after its handler; raise has to be asked to. */
static int crash(void *arg)
{
    (void)arg;
    while (raise(SIGSEGV) == 0)
        ;
    return 0;
}

/* The run's own end, in a child, and what it printed. */
static int dies_in(brio_task_fn *fn, const brio_sim *sim, capture *c)
{
    int status;
    capture_begin(c);
    pid_t pid = fork();
    CHECK_OK(pid);
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's */
        _exit(brio_sim_run(sim, fn, NULL) & 0x7f);
    }
    CHECK_INT(waitpid(pid, &status, 0), pid);
    capture_end(c);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(an_assertion_that_fails_prints_the_line_too)
{
    capture c;
    CHECK_INT(dies_in(aborts, &(brio_sim){.seed = 5}, &c), SIGABRT);
    CHECK(strstr(c.text, "replay with BRIO_SEED=5\n"));
    CHECK_INT(dies_in(aborts, &(brio_sim){.seed = 5, .quiet = true}, &c), SIGABRT);
    CHECK(!strstr(c.text, "BRIO_SEED"));
}

TEST(a_crash_prints_the_line_too)
{
    capture c;
    CHECK_INT(dies_in(crash, &(brio_sim){.seed = 6}, &c), SIGSEGV);
    CHECK(strstr(c.text, "replay with BRIO_SEED=6\n"));
}

static int looks_at_handlers(void *arg)
{
    struct sigaction now;
    sigaction(SIGABRT, NULL, &now);
    *(bool *)arg = now.sa_handler != SIG_DFL;
    return 0;
}

TEST(handlers_are_there_only_during_the_run)
{
    bool during = false, after = true;
    struct sigaction before = {.sa_handler = SIG_DFL};
    sigaction(SIGABRT, &before, NULL);
    CHECK_OK(brio_sim_run(NULL, looks_at_handlers, &during));
    CHECK_INT(looks_at_handlers(&after), 0);
    CHECK(during);
    CHECK(!after);
}

/* ---- Deadlock ----------------------------------------------------------- */

static int takes_both(void *arg)
{
    brio_lock **locks = arg;
    CHECK_OK(brio_lock_acquire(locks[0]));
    CHECK_OK(brio_sleep(1));
    int rc = brio_lock_acquire(locks[1]);
    if (rc == 0)
        brio_lock_release(locks[1]);
    brio_lock_release(locks[0]);
    return rc;
}

static int crossed_locks(void *arg)
{
    (void)arg;
    brio_lock a, b;
    brio_lock_init(&a);
    brio_lock_init(&b);
    brio_lock *ab[] = {&a, &b}, *ba[] = {&b, &a};
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, takes_both, ab, &(brio_task_options){.name = "left"});
        brio_spawn_with(&g, takes_both, ba, &(brio_task_options){.name = "right"});
    }
    return g.err;
}

TEST(a_deadlock_is_reported_with_tree_and_ring)
{
    capture c;
    capture_begin(&c);
    int rc = brio_sim_run(NULL, crossed_locks, NULL);
    capture_end(&c);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    CHECK(strstr(c.text, "main (1) waits for group"));
    CHECK(strstr(c.text, "    left (2) waits for lock held by right (3)"));
    CHECK(strstr(c.text, "    right (3) waits for lock held by left (2)"));
    CHECK(strstr(c.text, "a ring: left (2) waits for right (3) waits for left (2)"));
    CHECK(strstr(c.text, "replay with BRIO_SEED=1\n"));
}

static int joins(void *arg)
{
    return brio_join(*(brio_task **)arg, NULL);
}

static int crossed_joins(void *arg)
{
    (void)arg;
    brio_task *a, *b;
    BRIO_GROUP(g)
    {
        a = brio_spawn(&g, joins, &b);
        b = brio_spawn(&g, joins, &a);
    }
    return g.err;
}

TEST(joins_make_rings_too)
{
    capture c;
    capture_begin(&c);
    int rc = brio_sim_run(NULL, crossed_joins, NULL);
    capture_end(&c);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    CHECK(strstr(c.text, "a ring: task (2) waits for task (3) waits for task (2)"));
}

static int wants_lock(void *arg)
{
    int rc = brio_lock_acquire(arg);
    if (rc == 0)
        brio_lock_release(arg);
    return rc;
}

static int group_under_lock(void *arg)
{
    (void)arg;
    brio_lock lock;
    brio_lock_init(&lock);
    CHECK_OK(brio_lock_acquire(&lock));
    BRIO_GROUP(g)
    brio_spawn(&g, wants_lock, &lock);
    brio_lock_release(&lock);
    return g.err;
}

TEST(a_ring_may_lead_through_a_group)
{
    capture c;
    capture_begin(&c);
    int rc = brio_sim_run(NULL, group_under_lock, NULL);
    capture_end(&c);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    CHECK(strstr(c.text, "a ring: main (1) waits for task (2) waits for main (1)"));
}

static int waits_alone(void *arg)
{
    (void)arg;
    brio_event never;
    brio_event_init(&never);
    return brio_event_wait(&never);
}

TEST(a_wait_for_nobody_has_no_ring)
{
    capture c;
    capture_begin(&c);
    int rc = brio_sim_run(NULL, waits_alone, NULL);
    capture_end(&c);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    CHECK(strstr(c.text, "main (1) waits for event"));
    CHECK(!strstr(c.text, "a ring"));
}

/* ---- No end ------------------------------------------------------------- */

static int spins(void *arg)
{
    (void)arg;
    int rc = 0;
    while (rc == 0 || rc == -ECANCELED)
        rc = brio_yield();
    return rc;
}

static int leaves_one_spinning(void *arg)
{
    (void)arg;
    return brio_create_task(spins, NULL, NULL) ? brio_yield() : -ENOMEM;
}

TEST(a_run_without_end_is_stopped)
{
    CHECK_INT(run_quietly((brio_sim){.max_steps = 10000}, spins, NULL), BRIO_ELIMIT);
    CHECK_INT(run_quietly((brio_sim){.max_steps = 10000}, leaves_one_spinning, NULL), BRIO_ELIMIT);
}

/* Goes on for ever once it was cancelled. */
static int stubborn(void *arg)
{
    int *cancelled = arg;
    int rc = brio_yield();
    *cancelled += rc == -ECANCELED;
    while (*cancelled && rc <= 0)
        rc = brio_yield();
    return rc;
}

TEST(one_that_ends_only_uncancelled_is_found)
{
    int cancelled = 0;
    CHECK_INT(run_quietly((brio_sim){.cancel_everywhere = true}, stubborn, &cancelled),
              BRIO_ELIMIT);
}

/* ---- What was left ------------------------------------------------------ */

static int holds_on(void *arg)
{
    (void)arg;
    int runs = 0;
    brio_task *task = brio_create_task(quick, &runs, &(brio_task_options){.acquired = true});
    CHECK(task);
    return brio_yield();
}

TEST(a_task_not_released_is_a_leak)
{
    CHECK_INT(run_quietly((brio_sim){0}, holds_on, NULL), BRIO_ELEAK);
}

static int sleeps_long(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(1000));
}

static int leaves_a_task(void *arg)
{
    (void)arg;
    return brio_create_task(sleeps_long, NULL, NULL) ? brio_yield() : -ENOMEM;
}

TEST(a_task_still_running_is_not)
{
    CHECK_INT(run_quietly((brio_sim){.seeds = 20}, leaves_a_task, NULL), 0);
}

/* ---- Points ------------------------------------------------------------- */

/* Forgets its lock when the sleep is cancelled. */
static int careless(void *arg)
{
    brio_lock *lock = arg;
    int rc = brio_lock_acquire(lock);
    if (rc < 0)
        return rc;
    rc = brio_sleep(BRIO_MS(1));
    if (rc < 0)
        return rc;
    brio_lock_release(lock);
    return 0;
}

static int careful(void *arg)
{
    brio_lock *lock = arg;
    int rc = brio_lock_acquire(lock);
    if (rc < 0)
        return rc;
    rc = brio_sleep(BRIO_MS(1));
    brio_lock_release(lock);
    return rc;
}

static int two_at_a_lock(brio_task_fn *fn)
{
    brio_lock lock;
    brio_lock_init(&lock);
    BRIO_GROUP(g)
    {
        brio_spawn(&g, fn, &lock);
        brio_spawn(&g, fn, &lock);
    }
    return g.err;
}

static int two_careless(void *arg)
{
    (void)arg;
    return two_at_a_lock(careless);
}

static int two_careful(void *arg)
{
    (void)arg;
    return two_at_a_lock(careful);
}

TEST(a_lock_forgotten_when_cancelled_is_found)
{
    CHECK_INT(run_quietly((brio_sim){0}, two_careless, NULL), 0);
    CHECK_INT(run_quietly((brio_sim){.cancel_everywhere = true}, two_careless, NULL),
              BRIO_EDEADLOCK);
}

TEST(one_given_back_survives_every_cancellation)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200, .cancel_everywhere = true}, two_careful, NULL),
              0);
}

TEST(the_printed_point_replays)
{
    capture c;
    capture_begin(&c);
    int rc = brio_sim_run(&(brio_sim){.cancel_everywhere = true}, two_careless, NULL);
    capture_end(&c);
    CHECK_INT(rc, BRIO_EDEADLOCK);
    char *line = strstr(c.text, "BRIO_SEED=");
    CHECK(line);
    CHECK(strstr(line, ":cancel:"));
    line[strcspn(line, "\n")] = '\0';
    setenv("BRIO_SEED", line + strlen("BRIO_SEED="), 1);
    CHECK_INT(run_quietly((brio_sim){0}, two_careless, NULL), BRIO_EDEADLOCK);
}

static int steps(void *arg)
{
    int *reached = arg;
    int rc = brio_yield();
    reached[0] += rc == 0;
    rc = rc ? rc : brio_sleep(1);
    reached[1] += rc == 0;
    return rc;
}

/* Yield; sleep; woken from it: three steps, and the good run. */
TEST(each_step_is_cancelled_once)
{
    int reached[2] = {0};
    CHECK_INT(brio_sim_run(&(brio_sim){.cancel_everywhere = true}, steps, reached), 0);
    CHECK_INT(reached[0], 1 + 2);
    CHECK_INT(reached[1], 1 + 1); /* time passed all the same: the sleep is over */
}

static int counts_start(void *arg)
{
    int *started = arg;
    ++*started;
    return 0;
}

/* The first call after the deadline fails, and so does each that follows. */
static int tries_thrice(void *arg)
{
    int *failed = arg;
    int rc = brio_yield();
    bool before = rc < 0;
    for (int i = 0; i < 2; i++) {
        rc = brio_sleep(1);
        CHECK(!before || rc == -ECANCELED);
        before = rc < 0;
    }
    *failed += before;
    return rc;
}

TEST(a_deadline_everywhere_fails_all_that_follows)
{
    int failed = 0;
    brio_sim sim = {.deadline_everywhere = true};
    CHECK_INT(brio_sim_run(&sim, tries_thrice, &failed), 0);
    CHECK(failed >= 3); /* at the yield, at each sleep */
}

static int deaf_to_deadlines(void *arg)
{
    (void)arg;
    brio_event never;
    brio_event_init(&never);
    int rc = brio_sleep(1);
    BRIO_SCOPE(s, .shield = true)
    if (rc < 0)
        rc = brio_event_wait(&never);
    return rc;
}

TEST(what_hangs_after_a_deadline_is_found)
{
    brio_sim sim = {.deadline_everywhere = true};
    CHECK_INT(run_quietly(sim, deaf_to_deadlines, NULL), BRIO_EDEADLOCK);
}

static int spawns_one(void *arg)
{
    BRIO_GROUP(g)
    brio_spawn(&g, counts_start, arg);
    return g.err;
}

TEST(a_task_just_created_is_cancelled_before_its_body)
{
    int started = 0;
    CHECK_INT(brio_sim_run(&(brio_sim){.cancel_everywhere = true}, spawns_one, &started), 0);
    CHECK(started > 0);
    /* created; main waits for the group; main woken: 3 steps, of which one stops the child
     * before its body, and cancelling main while it waits stops it as well. */
    CHECK_INT(started, 1 + 3 - 2);
}

typedef struct memory {
    int ok, refused;
} memory;

static int allocates(void *arg)
{
    memory *m = arg;
    void *p = brio_malloc(16), *q = brio_malloc(16);
    m->ok += p && q;
    m->refused += !p || !q;
    free(p);
    free(q);
    return p && q ? 0 : -ENOMEM;
}

TEST(every_allocation_is_refused_once)
{
    memory m = {0};
    CHECK_INT(brio_sim_run(&(brio_sim){.fail_every_alloc = true}, allocates, &m), 0);
    CHECK_INT(m.ok, 1);
    CHECK_INT(m.refused, 2);
}

TEST(the_nth_allocation_is_refused_on_request)
{
    memory m = {0};
    CHECK_INT(run_quietly((brio_sim){.faults.nth_alloc = 2}, allocates, &m), -ENOMEM);
    CHECK_INT(m.refused, 1);
    CHECK_INT(brio_heap_fault(0), 0); /* and no longer */
}

static int uses_its_arena(void *arg)
{
    (void)arg;
    (void)brio_alloc(brio_task_arena(), 100000);
    return 0;
}

TEST(a_task_whose_arena_is_refused_is_abandoned)
{
    CHECK_INT(run_quietly((brio_sim){.faults.nth_alloc = 1}, uses_its_arena, NULL), BRIO_EABANDON);
    CHECK_INT(brio_sim_run(&(brio_sim){.fail_every_alloc = true}, uses_its_arena, NULL), 0);
}

static int runs_out_of_tasks(void *arg)
{
    (void)arg;
    int runs = 0, rc = 0;
    BRIO_GROUP(g)
    rc = brio_spawn(&g, quick, &runs) ? 0 : g.err;
    return rc;
}

TEST(the_runtimes_options_are_given_through)
{
    brio_run_options one_task = {.max_tasks = 1};
    CHECK_INT(run_quietly((brio_sim){.run = &one_task}, runs_out_of_tasks, NULL), BRIO_EOVERLOAD);
    CHECK_INT(run_quietly((brio_sim){0}, runs_out_of_tasks, NULL), 0);
}

/* ---- Everybody waits ---------------------------------------------------- */

static int works_a_while(void *arg)
{
    int *left = arg;
    int rc = 0;
    while (rc == 0 && --*left > 0)
        rc = brio_yield();
    if (rc < 0)
        return rc;
    return brio_sleep(BRIO_SEC(1));
}

static int waits_for_all(void *arg)
{
    (void)arg;
    int a = 5, b = 50;
    brio_time start = brio_now();
    BRIO_GROUP(g)
    {
        brio_spawn(&g, works_a_while, &a);
        brio_spawn(&g, works_a_while, &b);
        CHECK_OK(brio_wait_all_blocked());
        CHECK_INT(a, 0);
        CHECK_INT(b, 0);
        CHECK(brio_now() - start < BRIO_SEC(1));
        brio_group_cancel(&g);
    }
    return 0;
}

TEST(all_blocked_comes_when_the_others_sleep)
{
    run_everywhere(waits_for_all);
    run_shuffled(waits_for_all, 200);
}

static int waits_too(void *arg)
{
    (void)arg;
    return brio_wait_all_blocked();
}

static int many_wait_for_all(void *arg)
{
    (void)arg;
    brio_time start = brio_now();
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 5; i++)
            brio_spawn(&g, waits_too, NULL);
        CHECK_OK(brio_wait_all_blocked());
    }
    CHECK_INT(g.err, 0);
    CHECK(brio_now() - start < BRIO_SEC(1));
    return 0;
}

TEST(those_who_wait_for_all_do_not_wait_for_each_other)
{
    run_everywhere(many_wait_for_all);
    run_shuffled(many_wait_for_all, 200);
}

static int gives_up_waiting(void *arg)
{
    (void)arg;
    int busy = 1000000;
    BRIO_GROUP(g)
    {
        brio_spawn(&g, works_a_while, &busy);
        BRIO_SCOPE(limit, .timeout = 1)
        CHECK_INT(brio_wait_all_blocked(), -ECANCELED);
        brio_group_cancel(&g);
    }
    return 0;
}

TEST(waiting_for_all_can_be_cancelled)
{
    CHECK_INT(run_on(BRIO_BACKEND_EPOLL, gives_up_waiting, NULL), 0);
}

static int all_blocked_alone(void *arg)
{
    (void)arg;
    return brio_wait_all_blocked();
}

TEST(alone_everybody_is_blocked)
{
    run_everywhere(all_blocked_alone);
    CHECK_INT(brio_sim_run(&(brio_sim){.cancel_everywhere = true, .fail_every_alloc = true},
                           all_blocked_alone, NULL),
              0);
}

/* ---- The network by hand ------------------------------------------------ */

static int cuts(void *arg)
{
    (void)arg;
    CHECK_OK(brio_sim_partition(100));
    return brio_sim_heal();
}

TEST(the_network_is_cut_in_sim_only)
{
    CHECK_INT(brio_sim_run(NULL, cuts, NULL), 0);
    CHECK_INT(brio_sim_partition(100), -ENOTSUP);
    CHECK_INT(brio_sim_heal(), -ENOTSUP);
}
