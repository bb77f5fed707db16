/* SPDX-License-Identifier: MIT
 *
 * Looking at real tasks in a child process: a deadlock of two locks, a group
 * whose child waits for its parent, sleepers, many tasks; then at tables that
 * lie. */
#include "harness/test.h"

#include <brio/inspect.h>
#include <brio/loop.h>
#include <brio/task.h>
#include <brio/trace.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- A child with tasks --------------------------------------------------- */

typedef struct child {
    pid_t pid;
    brio_image *image;
    brio_tasks_seen *seen;
    brio_buf out;
} child;

static int ready_pipe[2];

/* In the child, once everything is where it should be. */
static void tell_ready(void)
{
    if (write(ready_pipe[1], "x", 1) != 1)
        _exit(1);
}

static child start(void (*body)(void))
{
    child c = {0};
    char byte;
    CHECK_INT(pipe2(ready_pipe, O_CLOEXEC), 0);
    c.pid = fork();
    if (c.pid == 0) {
        body();
        _exit(1);
    }
    CHECK(read(ready_pipe[0], &byte, 1) == 1);
    close(ready_pipe[0]);
    close(ready_pipe[1]);
    CHECK_OK(brio_image_open(&c.image, c.pid));
    return c;
}

static void end(child *c)
{
    brio_tasks_seen_free(c->seen);
    brio_image_close(c->image);
    brio_buf_fini(&c->out);
    kill(c->pid, SIGKILL);
    CHECK(waitpid(c->pid, NULL, 0) == c->pid);
}

/* Once all that was to happen has: the task that told us ran while it did. */
static void see(child *c)
{
    for (bool running = true; running;) {
        brio_tasks_seen_free(c->seen);
        CHECK_OK(brio_tasks_see(&c->seen, c->image));
        brio_tasks_print_tree(c->seen, &c->out);
        running = brio_str_find(brio_buf_str(&c->out), BRIO_S("  running, ")) >= 0;
        brio_buf_clear(&c->out);
    }
}

static bool has(const child *c, const char *part)
{
    return brio_str_find(brio_buf_str(&c->out), brio_str_from(part)) >= 0;
}

#define CHECK_HAS(c, part)                                                                         \
    (has((c), (part)) ? (void)0                                                                    \
                      : test_fail(__FILE__, __LINE__, "no \"%s\" in:\n%.*s", part,                 \
                                  BRIO_ARG(brio_buf_str(&(c)->out))))

/* ---- Two locks ------------------------------------------------------------ */

static brio_lock checking = BRIO_LOCK_INIT, savings = BRIO_LOCK_INIT;

/* A frame of its own, however much is optimised. */
static __attribute__((noinline)) int transfer(brio_lock *from, brio_lock *to)
{
    int rc = brio_lock_acquire(from);
    if (rc == 0)
        rc = brio_yield();
    return rc == 0 ? brio_lock_acquire(to) : rc;
}

static int alice(void *arg)
{
    (void)arg;
    return transfer(&checking, &savings);
}

static int bob(void *arg)
{
    (void)arg;
    return transfer(&savings, &checking);
}

static int report_ready(void *arg)
{
    (void)arg;
    int rc = brio_sleep(BRIO_MS(20));
    tell_ready();
    return rc < 0 ? rc : brio_sleep(BRIO_SEC(3600));
}

static int bank(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        (void)brio_spawn_with(&g, alice, NULL, &(brio_task_options){.name = "alice"});
        (void)brio_spawn_with(&g, bob, NULL, &(brio_task_options){.name = "bob"});
        (void)brio_spawn_with(&g, report_ready, NULL, &(brio_task_options){.name = "clock"});
    }
    return g.err;
}

static void run_bank(void)
{
    _exit(brio_run(bank, NULL, NULL) ? 1 : 0);
}

TEST(two_tasks_on_two_locks_are_a_deadlock)
{
    child c = start(run_bank);
    see(&c);
    CHECK_INT(brio_tasks_seen_count(c.seen), 4);
    CHECK_INT(brio_tasks_print_deadlocks(c.seen, &c.out), 1);
    CHECK_STR(brio_buf_str(&c.out), "deadlock: alice (2) waits for lock held by bob (3), "
                                    "bob (3) waits for lock held by alice (2)\n");
    end(&c);
}

TEST(the_tree_says_who_waits_for_whom)
{
    child c = start(run_bank);
    see(&c);
    brio_tasks_print_tree(c.seen, &c.out);
    CHECK_HAS(&c, " (1)  waits for group, ");
    CHECK_HAS(&c, "\n├─ alice (2)  waits for lock held by bob (3), ");
    CHECK_HAS(&c, "\n├─ bob (3)  waits for lock held by alice (2), ");
    CHECK_HAS(&c, "\n└─ clock (4)  waits for sleep, ");
    CHECK_HAS(&c, "\ndeadlock: ");
    end(&c);
}

/* ---- Who cannot be helped ------------------------------------------------- */

static brio_lock taken = BRIO_LOCK_INIT;

static void take_it(brio_callback *cb)
{
    (void)cb;
    (void)brio_lock_try(&taken);
}

static int want_it(void *arg)
{
    (void)arg;
    return brio_lock_acquire(&taken);
}

/* A wait that nothing can end. */
static int deaf(void *arg)
{
    brio_waiter waiter = {.kind = BRIO_WAIT_OTHER};
    (void)arg;
    return brio_park(&waiter);
}

static int stuck(void *arg)
{
    static brio_callback cb = {.fn = take_it};
    (void)arg;
    brio_loop_call_soon(brio_loop_current(), &cb);
    BRIO_GROUP(g)
    {
        if (brio_yield() < 0 || brio_yield() < 0)
            break;
        (void)brio_spawn_with(&g, want_it, NULL, &(brio_task_options){.name = "wanting"});
        brio_task *d = brio_spawn_with(&g, deaf, NULL, &(brio_task_options){.name = "deaf"});
        (void)brio_spawn_with(&g, report_ready, NULL, &(brio_task_options){.name = "clock"});
        if (brio_yield() == 0)
            (void)brio_task_cancel(d);
    }
    return g.err;
}

static void run_stuck(void)
{
    if (brio_detector_start(NULL) < 0)
        _exit(2);
    _exit(brio_run(stuck, NULL, NULL) ? 1 : 0);
}

TEST(callbacks_cancelled_tasks_and_the_longest_turn_are_told_of)
{
    child c = start(run_stuck);
    see(&c);
    brio_tasks_print_ps(c.seen, &c.out);
    CHECK_HAS(&c, ", longest turn ");
    CHECK_HAS(&c, "wanting  lock held by a callback");
    CHECK_HAS(&c, "something, cancelled");
    brio_buf_clear(&c.out);
    CHECK_INT(brio_tasks_print_deadlocks(c.seen, &c.out), 0); /* a callback may give it back */
    end(&c);
}

TEST(ps_has_a_line_for_each)
{
    child c = start(run_bank);
    see(&c);
    brio_tasks_print_ps(c.seen, &c.out);
    CHECK_HAS(&c, "4 tasks, ");
    CHECK_HAS(&c, "ID  NAME");
    CHECK_HAS(&c, "2   alice  lock held by bob (3)");
#ifdef BRIO_WITH_LIBDW
    CHECK_HAS(&c, "bank "); /* where alice was created */
    CHECK_HAS(&c, "inspect_test.c:");
#endif
    end(&c);
}

TEST(stacks_say_where_each_is_suspended)
{
    child c = start(run_bank);
    see(&c);
    brio_tasks_print_stacks(c.seen, 0, &c.out);
    CHECK_HAS(&c, "alice (2) waits for lock held by bob (3)\n");
#ifdef BRIO_WITH_LIBDW
    CHECK_HAS(&c, "    transfer ");
    CHECK_HAS(&c, "    alice ");
    CHECK_HAS(&c, "    bob ");
    CHECK_HAS(&c, "    report_ready ");
    CHECK_HAS(&c, "inspect_test.c:");
#endif
    brio_buf_clear(&c.out);
    brio_tasks_print_stacks(c.seen, 3, &c.out);
    CHECK_HAS(&c, "bob (3) waits");
    CHECK(!has(&c, "alice (2) waits for lock held by bob (3)\n"));
    brio_buf_clear(&c.out);
    brio_tasks_print_stacks(c.seen, 99, &c.out);
    CHECK_HAS(&c, "no such task\n");
    end(&c);
}

static int spin(void *arg)
{
    tell_ready();
    for (volatile const int *never = arg; !*never;)
        ;
    return 0;
}

static void run_spinner(void)
{
    int never = 0;
    _exit(brio_run(spin, &never, NULL) ? 1 : 0);
}

TEST(a_task_that_runs_is_named_with_its_thread)
{
    char line[96];
    child c = start(run_spinner);
    CHECK_OK(brio_tasks_see(&c.seen, c.image));
    brio_tasks_print_stacks(c.seen, 0, &c.out);
    CHECK_HAS(&c, " (1): running\n");
    (void)snprintf(line, sizeof line, "    (runs: its frames are those of thread %lld) ",
                   (long long)c.pid);
    CHECK_HAS(&c, line);
#ifdef BRIO_WITH_LIBDW
    CHECK_HAS(&c, ") spin ");
#endif
    end(&c);
}

/* ---- A core file ---------------------------------------------------------- */

static char core_folder[] = "/tmp/brio-core-XXXXXX";

static void run_bank_there(void)
{
    if (chdir(core_folder) == 0)
        run_bank();
}

/* Finds and opens what the kernel left in the folder; empties it. */
static int open_core(brio_image **image)
{
    int rc = -ENOENT;
    DIR *folder = opendir(core_folder);
    CHECK(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", core_folder, entry->d_name);
        if (strncmp(entry->d_name, "core", 4) == 0)
            rc = brio_image_open_core(image, path);
        (void)unlink(path);
    }
    closedir(folder);
    rmdir(core_folder);
    return rc;
}

static child dump_core(void)
{
    CHECK(mkdtemp(core_folder));
    child c = start(run_bank_there);
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    siginfo_t info;
    (void)prlimit(c.pid, RLIMIT_CORE, &unlimited, NULL);
    kill(c.pid, SIGQUIT);
    CHECK_INT(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
    brio_image_close(c.image);
    c.image = NULL;
    if (open_core(&c.image) < 0)
        test_skip("the kernel keeps no core files here");
    return c;
}

TEST(a_core_file_tells_the_same)
{
#ifdef BRIO_WITH_LIBDW
    child c = dump_core();
    CHECK(brio_image_is_core(c.image));
    CHECK_OK(brio_tasks_see(&c.seen, c.image));
    brio_tasks_print_tree(c.seen, &c.out);
    CHECK_HAS(&c, "alice (2)  waits for lock held by bob (3)");
    CHECK_HAS(&c, "deadlock: ");
    brio_tasks_print_stacks(c.seen, 2, &c.out);
    CHECK_HAS(&c, "    transfer ");
    end(&c);
#else
    test_skip("core files need libdw");
#endif
}

/* ---- A group and a join --------------------------------------------------- */

static int wait_for_parent(void *arg)
{
    return brio_join(arg, NULL);
}

static int parent(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        (void)brio_spawn_with(&g, wait_for_parent, brio_current_task(),
                              &(brio_task_options){.name = "kid"});
        (void)brio_spawn_with(&g, report_ready, NULL, &(brio_task_options){.name = "clock"});
    }
    return g.err;
}

static void run_parent(void)
{
    _exit(brio_run(parent, NULL, NULL) ? 1 : 0);
}

TEST(a_child_that_joins_its_parent_is_a_deadlock)
{
    child c = start(run_parent);
    see(&c);
    CHECK_INT(brio_tasks_print_deadlocks(c.seen, &c.out), 1);
    CHECK_HAS(&c, "waits for group kid (2)");
    CHECK_HAS(&c, "kid (2) waits for task ");
    end(&c);
}

/* ---- Many ----------------------------------------------------------------- */

enum { MANY = 3000 };

static int sleeper(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(3600));
}

static int crowd(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    {
        for (int i = 0; i < MANY; i++)
            (void)brio_spawn_with(&g, sleeper, NULL, &(brio_task_options){.name = "s\x1b[2J"});
        (void)brio_spawn(&g, report_ready, NULL);
    }
    return g.err;
}

static void run_crowd(void)
{
    _exit(brio_run(crowd, NULL, NULL) ? 1 : 0);
}

TEST(thousands_of_tasks_with_hostile_names)
{
    child c = start(run_crowd);
    see(&c);
    CHECK_INT(brio_tasks_seen_count(c.seen), MANY + 2);
    brio_tasks_print_tree(c.seen, &c.out);
    CHECK_HAS(&c, "├─ s?[2J (3000)");
    CHECK(!has(&c, "\x1b"));
    CHECK_INT(brio_tasks_print_deadlocks(c.seen, &c.out), 0);
    end(&c);
}

/* ---- Tables that lie ------------------------------------------------------ */

enum { FAKES = 8 };

static struct fake {
    brio_trace_loop loop;
    brio_trace_chunk chunk;
    brio_trace_task tasks[FAKES];
    brio_trace_owned locks[FAKES];
    brio_time now;
} fake;

/* A loop in this process' own table; what a child does is read the same way. */
static void fake_open(size_t n)
{
    fake = (struct fake){.now = BRIO_SEC(10)};
    for (size_t i = 0; i < n; i++)
        fake.tasks[i] = (brio_trace_task){.id = i + 1,
                                          .parent = i,
                                          .name = "fake",
                                          .state = BRIO_TRACE_WAITING,
                                          .since = BRIO_SEC(8)};
    fake.chunk = (brio_trace_chunk){NULL, fake.tasks, n, sizeof(fake.tasks[0])};
    fake.loop = (brio_trace_loop){.chunks = &fake.chunk, .backend = "sim", .now = &fake.now};
    brio_trace_loop_add(&fake.loop);
}

static child see_self(void)
{
    child c = {0};
    CHECK_OK(brio_image_open(&c.image, 0));
    CHECK_OK(brio_tasks_see(&c.seen, c.image));
    return c;
}

static void close_self(child *c)
{
    brio_tasks_seen_free(c->seen);
    brio_image_close(c->image);
    brio_buf_fini(&c->out);
}

static const void *wild(uintptr_t number)
{
    return (const void *)number; // NOLINT(performance-no-int-to-ptr)
}

TEST(simulated_time_is_the_loops)
{
    fake_open(1);
    child c = see_self();
    brio_tasks_print_tree(c.seen, &c.out);
    CHECK_STR(brio_buf_str(&c.out), "fake (1)  waits for something, 2 s\n");
    close_self(&c);
}

TEST(circles_of_loops_and_chunks_end)
{
    fake_open(2);
    fake.loop.next = &fake.loop;
    fake.chunk.next = &fake.chunk;
    child c = see_self();
    brio_tasks_print_tree(c.seen, &c.out);
    CHECK_HAS(&c, "the table breaks off");
    close_self(&c);
}

TEST(wild_pointers_and_sizes_are_survived)
{
    fake_open(4);
    fake.tasks[0].name = wild(8);
    fake.tasks[1].wait = BRIO_WAIT_LOCK;
    fake.tasks[1].wait_on = wild(16);
    fake.tasks[2].state = 200;
    fake.tasks[3].wait = 255;
    fake.tasks[3].parent = UINT64_MAX;
    fake.tasks[3].sp = fake.tasks[3].pc = fake.tasks[3].fp = &fake;
    fake.tasks[3].stack_low = &fake;
    fake.loop.now = wild(24);
    fake.loop.backend = NULL;
    child c = see_self();
    CHECK_INT(brio_tasks_seen_count(c.seen), 3);
    brio_tasks_print_ps(c.seen, &c.out);
    brio_tasks_print_tree(c.seen, &c.out);
    brio_tasks_print_stacks(c.seen, 0, &c.out);
    CHECK_HAS(&c, "? (1)  waits for something");
    CHECK_HAS(&c, "fake (2)  waits for lock,");
    CHECK_HAS(&c, "fake (4)  waits for ?,");
    close_self(&c);
    fake.chunk.n = SIZE_MAX;
    c = see_self();
    CHECK_INT(brio_tasks_seen_count(c.seen), 0);
    close_self(&c);
    fake.chunk = (brio_trace_chunk){wild(64), wild(128), 5, sizeof(brio_trace_task)};
    c = see_self();
    CHECK_INT(brio_tasks_seen_count(c.seen), 0);
    close_self(&c);
}

/* Two that share an id, a lock held by its waiter, a ring of three. */
TEST(odd_rings_are_found_and_end)
{
    fake_open(FAKES);
    for (size_t i = 0; i < 4; i++) {
        fake.tasks[i].wait = BRIO_WAIT_LOCK;
        fake.tasks[i].wait_on = &fake.locks[i];
        fake.locks[i].owner = i == 3 ? 4 : i == 2 ? 1 : i + 2;
    }
    for (size_t i = 4; i < FAKES; i++) {
        fake.tasks[i].wait = BRIO_WAIT_TASK;
        fake.tasks[i].wait_on = &fake.tasks[i == FAKES - 1 ? 4 : i + 1];
        fake.tasks[i].id = 5;
    }
    child c = see_self();
    CHECK_INT(brio_tasks_print_deadlocks(c.seen, &c.out), 3);
    CHECK_HAS(&c, "deadlock: fake (4) waits for lock held by fake (4)\n");
    brio_tasks_print_tree(c.seen, &c.out);
    close_self(&c);
}

TEST(another_version_is_refused)
{
    child c = {0};
    CHECK_OK(brio_image_open(&c.image, 0));
    brio_trace_tasks.version++;
    CHECK_INT(brio_tasks_see(&c.seen, c.image), BRIO_EVERSION);
    CHECK(!c.seen);
    brio_trace_tasks.version--;
    CHECK_OK(brio_tasks_see(&c.seen, c.image));
    CHECK_INT(brio_tasks_seen_count(c.seen), 0);
    brio_tasks_print_ps(c.seen, &c.out);
    CHECK_STR(brio_buf_str(&c.out), "");
    close_self(&c);
}

static void wait_to_die(void)
{
    tell_ready();
    pause();
}

TEST(a_process_that_dies_is_told)
{
    child c = start(wait_to_die);
    kill(c.pid, SIGKILL);
    siginfo_t info;
    CHECK_INT(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
    int rc = brio_tasks_see(&c.seen, c.image);
    CHECK(rc == -ESRCH || rc == -ENOENT);
    end(&c);
}

TEST(without_memory_it_says_so)
{
    fake_open(FAKES);
    child c = {0};
    CHECK_OK(brio_image_open(&c.image, 0));
    for (uint64_t nth = 1; nth < 8; nth++) {
        brio_heap_fault(nth);
        int rc = brio_tasks_see(&c.seen, c.image);
        if (rc == 0)
            brio_tasks_print_tree(c.seen, &c.out);
        brio_heap_fault(0);
        CHECK(rc == 0 || rc == -ENOMEM);
        brio_tasks_seen_free(c.seen);
        c.seen = NULL;
        brio_buf_fini(&c.out);
    }
    close_self(&c);
}
