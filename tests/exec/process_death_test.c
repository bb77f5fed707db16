/* SPDX-License-Identifier: MIT
 *
 * Process pools in which things go wrong: workers crash, are killed, refuse to
 * begin, exceed limits, lie; the fork server dies; the parent dies. Every call
 * gets exactly one answer, and the pool goes on. */
#include "exec/exec_internal.h"

#include "exec/bed.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 400 };

typedef struct board {
    atomic_int ran, inside, begun;
    atomic_bool gate;
    atomic_int pids[JOBS]; /* of who runs the job now */
    atomic_int times[JOBS];
} board;

static board *seen; /* shared with the workers */
static brio_processes *pool;

static void open_pool(const brio_processes_options *options)
{
    brio_log_set_level(BRIO_LOG_CRITICAL); /* deaths are logged, and meant here */
    if (!seen)
        seen = shared_memory(sizeof(*seen));
    memset(seen, 0, sizeof(*seen));
    CHECK_OK(brio_processes_open(&pool, options));
}

static void close_pool(void)
{
    brio_processes_close(pool);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD); /* no zombies */
}

static int whoami(brio_str arg, brio_buf *result)
{
    (void)arg;
    (void)result;
    return getpid();
}

static int at_gate(brio_str arg, brio_buf *result)
{
    atomic_store(&seen->pids[0], getpid());
    atomic_fetch_add(&seen->inside, 1);
    while (!atomic_load(&seen->gate))
        sched_yield();
    atomic_fetch_add(&seen->ran, 1);
    brio_buf_add(result, arg);
    return 0;
}

static int worker_pid(void)
{
    int pid = brio_run_in_process(pool, whoami, BRIO_S(""), NULL);
    CHECK(pid > 0);
    return pid;
}

static void check_words(const char *begin, const char *end)
{
    brio_str words = brio_error_detail();
    if (!brio_str_starts(words, brio_str_from(begin)) || !brio_str_ends(words, brio_str_from(end)))
        test_fail(__FILE__, __LINE__, "\"%.*s\" is not \"%s...%s\"", BRIO_ARG(words), begin, end);
}

/* ---- Crashes ------------------------------------------------------------ */

static int crash(brio_str arg, brio_buf *result)
{
    (void)result;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (brio_str_eq(arg, BRIO_S("exit")))
        _exit(3);
    kill(getpid(), brio_str_eq(arg, BRIO_S("segv")) ? SIGSEGV : SIGABRT);
    return 0;
}

static int crash_main(void *arg)
{
    brio_str result;
    char begin[40];
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    int pid = worker_pid();
    CHECK_INT(brio_run_in_process(pool, crash, BRIO_S("segv"), &result), BRIO_EPROCESS);
    snprintf(begin, sizeof(begin), "worker %d was killed by SIGSEGV", pid);
    check_words(begin, "while it ran crash");
    CHECK_INT(result.len, 0);
    CHECK(worker_pid() != pid); /* replaced */
    CHECK_INT(brio_run_in_process(pool, crash, BRIO_S("abort"), NULL), BRIO_EPROCESS);
    check_words("worker ", "was killed by SIGABRT while it ran crash");
    CHECK_INT(brio_run_in_process(pool, crash, BRIO_S("exit"), NULL), BRIO_EPROCESS);
    check_words("worker ", "ended with status 3 while it ran crash");
    brio_process_call nameless = {.fn = crash, .arg = BRIO_S("exit")};
    CHECK_INT(brio_processes_run(pool, &nameless, NULL), BRIO_EPROCESS);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("ran the function at 0x")) > 0);
    close_pool();
    return 0;
}

TEST(a_crash_fails_its_own_call_and_says_how)
{
    run_everywhere(crash_main);
}

static int gate_job(void *arg)
{
    (void)arg;
    return brio_run_in_process(pool, at_gate, BRIO_S(""), NULL);
}

static int others_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 2});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, gate_job, NULL);
        AWAIT(atomic_load(&seen->inside) == 1);
        for (int i = 0; i < 5; i++)
            CHECK_INT(brio_run_in_process(pool, crash, BRIO_S("exit"), NULL), BRIO_EPROCESS);
        atomic_store(&seen->gate, true);
    }
    CHECK_INT(g.err, 0); /* unlike Python's BrokenProcessPool */
    CHECK_INT(atomic_load(&seen->ran), 1);
    close_pool();
    return 0;
}

TEST(other_jobs_go_on_beside_a_crash)
{
    run_everywhere(others_main);
}

/* Until the fork server has reaped it: a process that is killed may still begin a job. */
static void kill_and_wait(pid_t pid)
{
    CHECK(kill(pid, SIGKILL) == 0);
    while (kill(pid, 0) == 0)
        sched_yield();
}

static int idle_killed_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    for (int i = 0; i < 10; i++) {
        int pid = worker_pid();
        kill_and_wait(pid);         /* while it has nothing to do */
        CHECK(worker_pid() != pid); /* no call notices */
    }
    close_pool();
    return 0;
}

TEST(an_idle_workers_death_fails_nobody)
{
    run_everywhere(idle_killed_main);
}

/* ---- Kill -9 under load ---------------------------------------------------- */

static int marked(brio_str arg, brio_buf *result)
{
    int i;
    CHECK_INT(arg.len, sizeof(i));
    memcpy(&i, arg.ptr, sizeof(i));
    atomic_fetch_add(&seen->times[i], 1);
    atomic_store(&seen->pids[i], getpid());
    for (int spin = 0; spin < i % 5; spin++)
        sched_yield();
    atomic_store(&seen->pids[i], 0);
    brio_buf_add(result, arg);
    return 0;
}

static int answered, failed;

static int marked_job(void *arg)
{
    brio_str result;
    int rc = brio_run_in_process(pool, marked, ((brio_str){arg, sizeof(int)}), &result);
    answered++;
    if (rc == BRIO_EPROCESS) {
        check_words("worker ", "while it ran marked");
        failed++;
        return 0;
    }
    CHECK_INT(rc, 0);
    CHECK(result.len == sizeof(int) && memcmp(result.ptr, arg, sizeof(int)) == 0);
    return 0;
}

static int all_jobs(void *arg)
{
    static int numbers[JOBS];
    for (int i = 0; i < JOBS; i++)
        numbers[i] = i;
    int rc = brio_gather_map(marked_job, numbers, JOBS, sizeof(numbers[0]));
    *(bool *)arg = true;
    return rc;
}

static int killer_main(void *arg)
{
    bool over = false;
    unsigned at = 0;
    int kills = 0;
    (void)arg;
    answered = failed = 0;
    open_pool(&(brio_processes_options){.workers = 3});
    BRIO_GROUP(g)
    {
        brio_spawn(&g, all_jobs, &over);
        while (!over) {
            int pid = atomic_load(&seen->pids[(at = (at * 7 + 3) % JOBS)]);
            if (pid > 0 && kills < 60)
                kills += kill(pid, SIGKILL) == 0;
            CHECK_INT(brio_yield(), 0);
        }
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(answered, JOBS);
    CHECK(failed <= kills);
    int times = 0;
    for (int i = 0; i < JOBS; i++) {
        CHECK(atomic_load(&seen->times[i]) <= 1); /* one job is one attempt */
        times += atomic_load(&seen->times[i]);
    }
    CHECK(times >= JOBS - failed);
    close_pool();
    return 0;
}

TEST(every_call_gets_one_answer_while_workers_are_killed)
{
    run_everywhere(killer_main);
}

/* ---- Beginnings ------------------------------------------------------------ */

static int refuse(void *arg)
{
    atomic_fetch_add(&seen->begun, 1);
    return brio_error(-EACCES, "no licence for %s", (const char *)arg);
}

static int die(void *arg)
{
    (void)arg;
    _exit(9);
}

static int broken_call(void *arg)
{
    CHECK_INT(brio_run_in_process(pool, whoami, BRIO_S(""), NULL), BRIO_EPROCESS);
    check_words("the process pool is broken: 3 workers in a row did not get ready: ", arg);
    return 0;
}

static int refuse_main(void *arg)
{
    static char words[] = "no licence for this", name[] = "this";
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 2, .worker_init = refuse, .worker_arg = name});
    BRIO_GROUP(g)
    {
        for (int i = 0; i < 5; i++)
            brio_spawn(&g, broken_call, words);
    }
    CHECK_INT(g.err, 0);
    CHECK_INT(broken_call(words), 0); /* and stays so */
    CHECK(atomic_load(&seen->begun) <= 4);
    CHECK_INT(brio_processes_shutdown(pool, false), 0);
    close_pool();
    return 0;
}

TEST(an_initialiser_that_fails_breaks_the_pool)
{
    run_everywhere(refuse_main);
}

static int die_main(void *arg)
{
    static char words[] = "ended with status 9";
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .worker_init = die});
    CHECK_INT(broken_call(words), 0);
    close_pool();
    return 0;
}

TEST(an_initialiser_that_dies_breaks_the_pool)
{
    run_everywhere(die_main);
}

/* ---- Recycling and limits --------------------------------------------------- */

static int recycle_main(void *arg)
{
    int pids[9];
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .recycle_after = 3});
    for (int i = 0; i < 9; i++)
        pids[i] = worker_pid();
    for (int i = 1; i < 9; i++)
        CHECK_INT(pids[i] == pids[i - 1], i % 3 != 0);
    close_pool();
    return 0;
}

TEST(a_worker_is_recycled_after_its_jobs)
{
    run_everywhere(recycle_main);
}

static int burn(brio_str arg, brio_buf *result)
{
    volatile unsigned n = 0;
    (void)arg;
    (void)result;
    while (!atomic_load(&seen->gate))
        n++;
    return 0;
}

static int cpu_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .cpu_limit = BRIO_MS(20)});
    int pid = worker_pid();
    CHECK_INT(brio_run_in_process(pool, burn, BRIO_S(""), NULL), BRIO_EPROCESS);
    check_words("worker ", "was killed by SIGXCPU while it ran burn: it used more than its "
                           "cpu_limit, 20 ms");
    CHECK(worker_pid() != pid);
    close_pool();
    return 0;
}

TEST(a_job_beyond_its_cpu_limit_is_killed)
{
    run_everywhere(cpu_main);
}

static int grow(brio_str arg, brio_buf *result)
{
    uint64_t bytes = 0;
    CHECK_INT(brio_str_to_u64(arg, &bytes), 0);
    (void)result;
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return -errno;
    munmap(at, bytes);
    return 0;
}

static int memory_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1, .memory_limit = 64 * MIB});
    CHECK_INT(brio_run_in_process(pool, grow, BRIO_S("1000000"), NULL), 0);
    CHECK_INT(brio_run_in_process(pool, grow, BRIO_S("100000000"), NULL), -ENOMEM);
    check_words("no memory: the worker's memory_limit is 67108864 bytes", "");
    CHECK_INT(brio_run_in_process(pool, crash, BRIO_S("abort"), NULL), BRIO_EPROCESS);
    check_words("worker ", "(its memory_limit is 67108864 bytes)");
    close_pool();
    return 0;
}

TEST(memory_beyond_the_limit_is_refused)
{
    run_everywhere(memory_main);
}

/* ---- The fork server -------------------------------------------------------- */

static int told_of_server(void *arg)
{
    (void)arg;
    CHECK_INT(gate_job(NULL), BRIO_EPROCESS);
    check_words("the process pool's fork server died", "");
    return 0;
}

/* Until there is another: a call may be given to a worker that is about to die. */
static void kill_server(void)
{
    CHECK(kill(pool->server, SIGKILL) == 0);
    while (brio_run_in_process(pool, whoami, BRIO_S(""), NULL) < 0)
        check_words("the process pool's fork server died", "");
}

static int server_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 2});
    for (int round = 0; round < 5; round++) {
        atomic_store(&seen->inside, 0);
        BRIO_GROUP(g)
        {
            brio_spawn(&g, told_of_server, NULL);
            AWAIT(atomic_load(&seen->inside) == 1);
            CHECK(kill(pool->server, SIGKILL) == 0);
        }
        CHECK_INT(g.err, 0);
        CHECK(worker_pid() > 0); /* there is another one */
    }
    kill_server(); /* and while nothing runs */
    CHECK(kill(pool->server, SIGKILL) == 0);
    close_pool();
    return 0;
}

TEST(the_fork_servers_death_fails_its_jobs_and_it_is_replaced)
{
    run_everywhere(server_main);
}

static int server_again_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    for (int round = 0; round < 3; round++) {
        atomic_store(&seen->inside, 0);
        BRIO_GROUP(g)
        {
            brio_spawn(&g, told_of_server, NULL);
            AWAIT(atomic_load(&seen->inside) == 1);
            CHECK(kill(pool->server, SIGKILL) == 0); /* before any job was done */
        }
        CHECK_INT(g.err, 0);
    }
    CHECK_INT(gate_job(NULL), BRIO_EPROCESS);
    check_words("the process pool is broken: its fork server died again and again", "");
    close_pool();
    return 0;
}

TEST(servers_that_keep_dying_break_the_pool)
{
    run_everywhere(server_again_main);
}

/* ---- Orphans ----------------------------------------------------------------- */

static int orphan_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 2});
    (void)gate_job(NULL); /* never ends */
    return 0;
}

static int any_child(void)
{
    int status;
    return waitpid(-1, &status, WNOHANG);
}

TEST(workers_die_with_their_parent)
{
    seen = shared_memory(sizeof(*seen));
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); /* orphans come to us */
    pid_t parent = fork();
    if (parent == 0)
        _exit(run_on(BRIO_BACKEND_EPOLL, orphan_main, NULL) != 0);
    while (atomic_load(&seen->inside) == 0)
        sched_yield();
    int worker = atomic_load(&seen->pids[0]);
    CHECK(kill(worker, 0) == 0);
    CHECK(kill(parent, SIGKILL) == 0);
    while (any_child() >= 0) /* parent, server and workers: until nobody is left */
        sched_yield();
    CHECK(kill(worker, 0) < 0 && errno == ESRCH);
}

/* ---- Lies ---------------------------------------------------------------------- */

/* In a worker forked by a second server, which knows `pool`: the only slot it still
 * has mapped is its own. */
static brio_exec_shared *own_slot(void)
{
    for (unsigned i = 0; i < pool->o.workers; i++)
        if (pool->slots[i].shared)
            return pool->slots[i].shared;
    return NULL;
}

static int lie(brio_str arg, brio_buf *result)
{
    brio_exec_shared *shared = own_slot();
    (void)result;
    uint64_t kind = 0, one = 1;
    CHECK_INT(brio_str_to_u64(arg, &kind), 0);
    shared->answer.seq = shared->seq + (kind == 0);
    shared->answer.len = kind == 1 ? UINT64_MAX : 0;
    shared->answer.result = kind == 2 ? -EIO : 0;
    shared->answer.words.len = kind == 2 ? SIZE_MAX / 2 : 0;
    atomic_store(&shared->word, kind == 3 ? 77U : BRIO_EXEC_DONE);
    while (write(3, &one, sizeof(one)) < 0) /* the bell */
        sched_yield();
    while (!atomic_load(&seen->gate)) /* until it is killed */
        sched_yield();
    return 0;
}

static int lies_main(void *arg)
{
    char kind[] = "0";
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 2});
    pid_t first = pool->server;
    while (pool->server == first)
        kill_server();
    for (; kind[0] < '4'; kind[0]++) {
        CHECK_INT(brio_run_in_process(pool, lie, brio_str_from(kind), NULL), BRIO_EPROCESS);
        check_words("a worker process wrote nonsense", "");
        CHECK(worker_pid() > 0);
    }
    close_pool();
    return 0;
}

TEST(what_a_worker_writes_is_not_believed)
{
    run_everywhere(lies_main);
}

static int scribble(brio_str arg, brio_buf *result)
{
    (void)arg;
    result->len = SIZE_MAX / 2; /* its buffer's book-keeping is wrong */
    return 0;
}

static int scribble_main(void *arg)
{
    brio_str result;
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    CHECK_INT(brio_run_in_process(pool, scribble, BRIO_S(""), &result), BRIO_ELIMIT);
    CHECK(worker_pid() > 0);
    close_pool();
    return 0;
}

TEST(a_result_longer_than_its_memory_is_refused)
{
    run_everywhere(scribble_main);
}

/* ---- Held results ---------------------------------------------------------------- */

static int produce_and_mark(brio_str arg, brio_buf *result)
{
    (void)arg;
    atomic_store(&seen->pids[1], getpid());
    while (!atomic_load(&seen->gate))
        sched_yield();
    while (result->len < 3 * MIB)
        brio_buf_add(result, BRIO_S("0123456789abcdef"));
    return 0;
}

static int fetch_job(void *arg)
{
    brio_str result;
    (void)arg;
    CHECK_INT(brio_run_in_process(pool, produce_and_mark, BRIO_S(""), &result), 0);
    CHECK_INT(result.len, 3 * MIB);
    CHECK(memcmp(result.ptr + 2 * MIB, "0123456789abcdef", 16) == 0);
    return 0;
}

static int held_main(void *arg)
{
    (void)arg;
    open_pool(&(brio_processes_options){.workers = 1});
    for (int i = 0; i < 20; i++) {
        BRIO_GROUP(g)
        {
            atomic_store(&seen->pids[1], 0);
            atomic_store(&seen->gate, false);
            brio_spawn(&g, fetch_job, NULL);
            AWAIT(atomic_load(&seen->pids[1]) != 0);
            atomic_store(&seen->gate, true);
            while (atomic_load(&pool->slots[0].shared->word) != BRIO_EXEC_DONE)
                sched_yield(); /* not the loop's turn, which would fetch the result */
            kill_and_wait(atomic_load(&seen->pids[1]));
        }
        CHECK_INT(g.err, 0);
    }
    close_pool();
    return 0;
}

TEST(what_a_worker_finished_outlives_it)
{
    run_everywhere(held_main);
}
