/* SPDX-License-Identifier: MIT
 *
 * Several workers: they come, die, are replaced and reloaded while clients
 * keep asking. */
#include "routes.h"

/* Shared by the test, the supervisor and all workers. */
typedef struct shared {
    int fail_starts; /* so many start-ups fail from now on */
    int crash_starts;
    int started;
} shared;

static shared *board;

static int startup(brio_app *app, void *state)
{
    (void)app, (void)state;
    if (__atomic_load_n(&board->crash_starts, __ATOMIC_SEQ_CST) > 0) {
        __atomic_sub_fetch(&board->crash_starts, 1, __ATOMIC_SEQ_CST);
        _exit(9);
    }
    if (__atomic_load_n(&board->fail_starts, __ATOMIC_SEQ_CST) > 0) {
        __atomic_sub_fetch(&board->fail_starts, 1, __ATOMIC_SEQ_CST);
        return -ENOLCK;
    }
    __atomic_add_fetch(&board->started, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static void prepare(brio_app *app)
{
    brio_app_on_startup(app, startup);
    routes(app);
}

static void make_board(void)
{
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(board != MAP_FAILED);
}

static rig start(brio_backend backend, unsigned max_requests)
{
    make_board();
    return rig_start(&(rig_options){
        .server = {.backend = backend, .workers = 2, .limit_max_requests = max_requests},
        .prepare = prepare});
}

/* The process id of whoever answers a new connection. */
static int ask_pid(const rig *r)
{
    client *c = dial(r);
    say(c, "GET /pid HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 200);
    int pid_of = (int)strtol(a->body, NULL, 10);
    CHECK(at_end(c));
    hang_up(c);
    return pid_of;
}

/* As ask_pid, but -1 if a worker that was just killed took the connection with
 * it: the kernel may have accepted it for that process already. */
static int ask_pid_after_kill(const rig *r)
{
    client *c = dial(r);
    int err, got = -1;
    say(c, "GET /pid HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
    if (receive_more(c, &err))
        got = (int)strtol(read_answer(c, false)->body, NULL, 10);
    hang_up(c);
    return got;
}

/* Asks until somebody answers who is not among `known`. */
static int ask_new_pid(const rig *r, const int *known, size_t n)
{
    for (;;) {
        int got = ask_pid(r);
        if (!is_among(got, known, n))
            return got;
    }
}

ON_BOTH(workers_are_processes_of_their_own)
{
    rig r = start(backend, 0);
    int first = ask_pid(&r);
    CHECK(first != r.pid);
    CHECK_INT(board->started, 2);
    rig_stop(&r);
    CHECK(!is_alive(first));
    CHECK_INT(try_connect(r.port), -ECONNREFUSED);
}

ON_BOTH(a_killed_worker_is_replaced)
{
    rig r = start(backend, 0);
    int victim = ask_pid(&r);
    CHECK(kill(victim, SIGKILL) == 0);
    wait_gone(victim);
    while (__atomic_load_n(&board->started, __ATOMIC_SEQ_CST) < 3)
        CHECK(ask_pid_after_kill(&r) != victim); /* the other one goes on */
    CHECK(ask_pid(&r) != victim);
    rig_stop(&r);
}

ON_BOTH(a_worker_told_to_stop_is_replaced)
{
    rig r = start(backend, 0);
    int victim = ask_pid(&r);
    CHECK(kill(victim, SIGTERM) == 0);
    while (__atomic_load_n(&board->started, __ATOMIC_SEQ_CST) < 3)
        (void)ask_pid(&r);
    rig_stop(&r);
}

ON_BOTH(workers_that_die_at_once_are_tried_again)
{
    rig r = start(backend, 0);
    int victim = ask_pid(&r);
    board->crash_starts = 2;
    CHECK(kill(victim, SIGKILL) == 0);
    while (__atomic_load_n(&board->started, __ATOMIC_SEQ_CST) < 3)
        (void)ask_pid_after_kill(&r);
    CHECK_INT(board->crash_starts, 0);
    rig_stop(&r);
}

ON_BOTH(a_worker_at_limit_max_requests_is_replaced)
{
    rig r = start(backend, 20);
    int first = ask_pid(&r);
    for (int i = 0; i < 300; i++)
        (void)ask_pid(&r); /* none is refused */
    wait_gone(first);
    CHECK(board->started > 2);
    rig_stop(&r);
}

ON_BOTH(a_failing_startup_ends_the_supervisor)
{
    make_board();
    board->fail_starts = 1;
    rig r = rig_start_unready(
        &(rig_options){.server = {.backend = backend, .workers = 2}, .prepare = prepare});
    CHECK_INT(rig_wait(&r), -ENOLCK);
}

ON_BOTH(a_crash_at_startup_ends_the_supervisor)
{
    make_board();
    board->crash_starts = 2;
    rig r = rig_start_unready(
        &(rig_options){.server = {.backend = backend, .workers = 2}, .prepare = prepare});
    CHECK_INT(rig_wait(&r), -ECHILD);
}

/* ---- Reload ------------------------------------------------------------- */

/* Asks on new connections and on a kept one, all the time, until the second
 * generation answers both. Nothing may be refused, reset or unanswered. */
ON_BOTH(a_reload_under_constant_requests)
{
    rig r = start(backend, 0);
    int old[2] = {ask_pid(&r), 0};
    old[1] = ask_new_pid(&r, old, 1);
    client *kept = dial(&r);
    get(kept, "/pid");
    (void)read_answer(kept, false);
    CHECK(kill(r.pid, SIGHUP) == 0);
    for (bool served_by_new = false; !served_by_new || is_alive(old[0]) || is_alive(old[1]);) {
        int fresh = ask_pid(&r);
        served_by_new = fresh != old[0] && fresh != old[1];
        get(kept, "/pid");
        const answer *a = read_answer(kept, false);
        CHECK_INT(a->status, 200);
        if (!strcmp(header(a, "connection"), "close")) {
            CHECK(at_end(kept));
            hang_up(kept);
            kept = dial(&r);
        }
    }
    CHECK_INT(board->started, 4);
    hang_up(kept);
    rig_stop(&r);
}

/* Two requests under way and an idle client when the reload comes. */
ON_BOTH(a_reload_lets_the_old_workers_finish)
{
    rig r = start(backend, 0);
    client *busy = dial(&r), *silent = dial(&r);
    get(busy, "/gated");
    expect_event(&r, "started");
    get(silent, "/hello");
    expect_answer(silent, 200, "hello");
    CHECK(kill(r.pid, SIGHUP) == 0);
    while (__atomic_load_n(&board->started, __ATOMIC_SEQ_CST) < 4)
        usleep(1000);
    open_gate(&r);
    expect_event(&r, "gate 0");
    expect_answer(busy, 200, "passed");
    get(silent, "/hello"); /* its worker may be retiring: still an answer */
    expect_answer(silent, 200, "hello");
    hang_up(busy), hang_up(silent);
    rig_stop(&r);
}

ON_BOTH(a_reload_that_fails_keeps_the_old_workers)
{
    rig r = start(backend, 0);
    int old[2] = {ask_pid(&r), 0};
    old[1] = ask_new_pid(&r, old, 1);
    board->fail_starts = 1; /* the other one may start; it must go again */
    CHECK(kill(r.pid, SIGHUP) == 0);
    while (__atomic_load_n(&board->fail_starts, __ATOMIC_SEQ_CST) > 0)
        (void)ask_pid(&r);
    CHECK(is_alive(old[0]) && is_alive(old[1]));
    CHECK(kill(r.pid, SIGHUP) == 0); /* and the next reload works */
    (void)ask_new_pid(&r, old, 2);
    while (is_alive(old[0]) || is_alive(old[1]))
        (void)ask_pid(&r);
    rig_stop(&r);
}

ON_BOTH(reloads_in_a_row)
{
    rig r = start(backend, 0);
    int first = ask_pid(&r);
    for (int i = 0; i < 5; i++)
        CHECK(kill(r.pid, SIGHUP) == 0);
    while (is_alive(first))
        (void)ask_pid(&r);
    rig_stop(&r);
}

/* ---- Stopping ----------------------------------------------------------- */

/* Also when it is told again. */
ON_BOTH(a_stop_of_all_finishes_what_is_in_flight)
{
    rig r = start(backend, 0);
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    CHECK(kill(r.pid, SIGTERM) == 0);
    wait_refused(r.port);
    CHECK(kill(r.pid, SIGTERM) == 0);
    usleep(20000); /* so that it has heard; nothing is asserted of it */
    open_gate(&r);
    expect_event(&r, "gate 0");
    expect_answer(c, 200, "passed");
    hang_up(c);
    CHECK_INT(rig_wait(&r), 0);
}

ON_BOTH(a_second_interrupt_kills)
{
    rig r = start(backend, 0);
    int workers[2] = {ask_pid(&r), 0};
    workers[1] = ask_new_pid(&r, workers, 1);
    client *c = dial(&r);
    get(c, "/gated");
    expect_event(&r, "started");
    CHECK(kill(workers[0], SIGINT) == 0); /* a worker leaves that to its supervisor */
    CHECK(kill(workers[1], SIGINT) == 0);
    CHECK(kill(r.pid, SIGINT) == 0);
    while (is_alive(workers[0]) && is_alive(workers[1]))
        usleep(1000); /* the idle one ends, the other would wait for its handler */
    CHECK(is_alive(workers[0]) || is_alive(workers[1]));
    CHECK(kill(r.pid, SIGINT) == 0);
    CHECK_INT(rig_wait(&r), 0);
    CHECK(!is_alive(workers[0]));
    CHECK(!is_alive(workers[1]));
    hang_up(c);
}

/* However the supervisor ends, its workers do not stay behind. */
ON_BOTH(workers_end_with_their_supervisor)
{
    rig r = start(backend, 0);
    int worker = ask_pid(&r), status;
    CHECK(kill(r.pid, SIGKILL) == 0);
    CHECK(waitpid(r.pid, &status, 0) == r.pid);
    wait_gone(worker);
    close(r.events);
    close(r.gate);
}
