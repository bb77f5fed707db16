/* SPDX-License-Identifier: MIT
 *
 * Workers that hang, for real: an endless loop, a lock that never comes. The others
 * go on, the log says where it was, a successor takes the place and the queue. */
#include "routes.h"

#include <pthread.h>
#include <sys/ptrace.h>

__attribute__((noinline)) static uint64_t count_for_ever(void)
{
    volatile uint64_t n = 1;
    while (n)
        n += 2;
    return n;
}

static int spin(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    return (int)count_for_ever();
}

static int deadlock(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    return pthread_mutex_lock(&lock);
}

static int ignoring(brio_request *req, const brio_none *in, brio_text *out)
{
    CHECK(signal(SIGABRT, SIG_IGN) != SIG_ERR);
    return spin(req, in, out);
}

static int blocking(brio_request *req, const brio_none *in, brio_text *out)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGABRT);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    return spin(req, in, out);
}

static void prepare(brio_app *app)
{
    routes(app);
    BRIO_GET(app, "/ignoring", ignoring, brio_none, brio_text);
    BRIO_GET(app, "/blocking", blocking, brio_none, brio_text);
    BRIO_GET(app, "/spin", spin, brio_none, brio_text);
    BRIO_GET(app, "/deadlock", deadlock, brio_none, brio_text);
}

static rig start_with(brio_backend backend, int workers)
{
    return rig_start(&(rig_options){.server = {.backend = backend,
                                               .workers = workers,
                                               .worker_timeout = BRIO_SEC(1),
                                               .no_access_log = true},
                                    .prepare = prepare,
                                    .log = true});
}

static rig start(brio_backend backend)
{
    return start_with(backend, 2);
}

static int ask_pid(client *c)
{
    get(c, "/pid");
    const answer *a = read_answer(c, false);
    CHECK_INT(a->status, 200);
    return (int)strtol(a->body, NULL, 10);
}

/* A client of each worker. */
static void dial_each(const rig *r, client **ret, int *pids, size_t n)
{
    for (size_t i = 0; i < n;) {
        ret[i] = dial(r);
        pids[i] = ask_pid(ret[i]);
        if (is_among(pids[i], pids, i))
            hang_up(ret[i]);
        else
            i++;
    }
}

static void check_replaced(const rig *r, client *hanging, client *other, const int pids[2])
{
    int err;
    for (int i = 0; is_alive(pids[0]); i++, usleep(1000))
        CHECK_INT(ask_pid(other), pids[1]);
    CHECK(!receive_more(hanging, &err)); /* its client hears of it */
    CHECK(find_line(r->log, "has not answered for 1000 ms: ending it"));
    for (int now = pids[1]; now == pids[1];) {
        client *fresh = dial(r);
        now = ask_pid(fresh);
        CHECK(now != pids[0]);
        hang_up(fresh);
    }
    CHECK_INT(ask_pid(other), pids[1]);
}

static void hang(brio_backend backend, const char *path, const char *label)
{
    rig r = start(backend);
    client *clients[2];
    int pids[2];
    dial_each(&r, clients, pids, 2);
    get(clients[0], path);
    check_replaced(&r, clients[0], clients[1], pids);
    const char *line = find_line(r.log, label);
    CHECK(line);
#ifdef BRIO_WITH_LIBDW
    if (strstr(label, "spin"))
        CHECK(strstr(line, "count_for_ever") && strstr(line, "hung_test.c:"));
#endif
    hang_up(clients[0]), hang_up(clients[1]);
    rig_stop(&r);
}

TEST(a_worker_in_an_endless_loop_is_replaced)
{
    hang(BRIO_BACKEND_EPOLL, "/spin", "ended inside task \"spin\"");
}

TEST(a_worker_in_a_deadlock_is_replaced)
{
    need_backend(BRIO_BACKEND_URING);
    hang(BRIO_BACKEND_URING, "/deadlock", "ended inside task \"deadlock\"");
}

/* Not even SIGABRT ends them, and so there are no last words. */
TEST(workers_that_want_no_signal_are_replaced)
{
    enum { N = 3 };
    rig r = start_with(BRIO_BACKEND_EPOLL, N);
    client *clients[N], *fresh[N];
    int pids[N], now[N];
    dial_each(&r, clients, pids, N);
    get(clients[0], "/ignoring");
    get(clients[1], "/blocking");
    CHECK(find_line(r.log, "does not end by SIGABRT: killing it"));
    CHECK(find_line(r.log, "does not end by SIGABRT: killing it"));
    wait_gone(pids[0]), wait_gone(pids[1]);
    CHECK_INT(ask_pid(clients[2]), pids[2]);
    dial_each(&r, fresh, now, N);
    CHECK(is_among(pids[2], now, N) && !is_among(pids[0], now, N) && !is_among(pids[1], now, N));
    for (int i = 0; i < N; i++)
        hang_up(clients[i]), hang_up(fresh[i]);
    rig_stop(&r);
}

/* One is stopped, the other hangs under a debugger: neither is ended before that is over. */
TEST(a_stopped_worker_and_a_traced_one_are_spared)
{
    rig r = start(BRIO_BACKEND_EPOLL);
    client *clients[2];
    int pids[2];
    dial_each(&r, clients, pids, 2);
    if (ptrace(PTRACE_SEIZE, pids[0], NULL, NULL) < 0)
        test_skip("this machine does not let us trace");
    CHECK(kill(pids[1], SIGSTOP) == 0);
    get(clients[0], "/spin");
    usleep(1800 * 1000);
    CHECK(is_alive(pids[0]) && is_alive(pids[1]));
    CHECK(kill(pids[1], SIGCONT) == 0);
    CHECK_INT(ask_pid(clients[1]), pids[1]);
    CHECK(ptrace(PTRACE_INTERRUPT, pids[0], NULL, NULL) == 0);
    CHECK(waitpid(pids[0], NULL, __WALL) == pids[0]);
    CHECK(ptrace(PTRACE_DETACH, pids[0], NULL, NULL) == 0);
    wait_gone(pids[0]);
    CHECK_INT(ask_pid(clients[1]), pids[1]);
    hang_up(clients[0]), hang_up(clients[1]);
    rig_stop(&r);
}
