/* SPDX-License-Identifier: MIT
 *
 * Runs a scenario of run.py, which it reads from standard input, on the
 * simulator. An operation is a function here and a method there; a block ends
 * early with what an operation returns, as an exception ends it there. */
#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { LOCKS = 3, SEMAPHORES = 2, EVENTS = 2, QUEUES = 2, CONDITIONS = 2, BARRIERS = 1 };
enum { STEPS = 20000, TASKS = 400, CHOSEN = 4 };

typedef struct step step;
typedef int step_fn(int me, const step *s);

struct step {
    step_fn *fn;
    int a, b;
    int chosen[CHOSEN], n;
    const step *block; /* its first */
    const step *next;
};

static brio_lock locks[LOCKS], condition_locks[CONDITIONS];
static brio_semaphore semaphores[SEMAPHORES];
static brio_event events[EVENTS];
static brio_queue queues[QUEUES];
static brio_condition conditions[CONDITIONS];
static brio_barrier barriers[BARRIERS];
static brio_task *tasks[TASKS];
static const step *bodies[TASKS];
static int numbers[TASKS];
static int free_n;
static brio_time began;

enum { MAIN = -1 };

/* "12 3 ends": the time in microseconds, who, what. */
static void say(int me, const char *what)
{
    char who[16] = "main";
    if (me != MAIN)
        snprintf(who, sizeof(who), "%d", me);
    printf("%lld %s %s\n", (long long)((brio_now() - began) / 1000), who, what);
}

#define SAY(me, ...)                                                                               \
    do {                                                                                           \
        char said[128];                                                                            \
        snprintf(said, sizeof(said), __VA_ARGS__);                                                 \
        say((me), said);                                                                           \
    } while (0)

static const char *truth(bool is)
{
    return is ? "True" : "False";
}

static int run_block(int me, const step *s)
{
    int rc = 0;
    for (; s && rc >= 0; s = s->next)
        rc = s->fn(me, s);
    return rc < 0 ? rc : 0;
}

static int run_task(void *arg)
{
    int me = (int)((int *)arg - numbers), rc = run_block(me, bodies[me]);
    say(me, rc == 0 ? "ends" : rc == -ECANCELED ? "cancelled" : "fails");
    return rc;
}

/* ---- Operations --------------------------------------------------------- */

static int do_sleep(int me, const step *s)
{
    (void)me;
    return brio_sleep((brio_time)s->a * 1000);
}

static int do_spawn(int me, const step *s)
{
    (void)me;
    brio_task_options held = {.acquired = true};
    tasks[s->a] = brio_create_task(run_task, &numbers[s->a], &held);
    return tasks[s->a] ? 0 : -ENOMEM;
}

static int do_cancel(int me, const step *s)
{
    if (tasks[s->a])
        SAY(me, "cancels %d %s", s->a, truth(brio_task_cancel(tasks[s->a])));
    return 0;
}

static int do_lock(int me, const step *s)
{
    int rc = brio_lock_acquire(&locks[s->a]);
    if (rc < 0)
        return rc;
    SAY(me, "has lock %d", s->a);
    rc = run_block(me, s->block);
    brio_lock_release(&locks[s->a]);
    return rc;
}

static int do_semaphore(int me, const step *s)
{
    int rc = brio_semaphore_acquire(&semaphores[s->a]);
    if (rc < 0)
        return rc;
    SAY(me, "has permit %d", s->a);
    rc = run_block(me, s->block);
    brio_semaphore_release(&semaphores[s->a]);
    return rc;
}

static int do_set(int me, const step *s)
{
    (void)me;
    brio_event_set(&events[s->a]);
    return 0;
}

static int do_clear(int me, const step *s)
{
    (void)me;
    brio_event_clear(&events[s->a]);
    return 0;
}

static int do_wait_event(int me, const step *s)
{
    int rc = brio_event_wait(&events[s->a]);
    if (rc == 0)
        SAY(me, "saw event %d", s->a);
    return rc;
}

static int do_put(int me, const step *s)
{
    int rc = brio_queue_put(&queues[s->a], &me);
    if (rc == 0)
        SAY(me, "put %d", s->a);
    return rc;
}

static int do_get(int me, const step *s)
{
    int item, rc = brio_queue_get(&queues[s->a], &item);
    if (rc == 0)
        SAY(me, "got %d", item);
    return rc;
}

static int do_wait_condition(int me, const step *s)
{
    int rc = brio_lock_acquire(&condition_locks[s->a]);
    if (rc < 0)
        return rc;
    rc = brio_condition_wait(&conditions[s->a]);
    if (rc == 0)
        SAY(me, "was notified %d", s->a);
    SAY(me, "has it %s", truth(brio_lock_release(&condition_locks[s->a]) == 0));
    return rc;
}

static int do_notify(int me, const step *s)
{
    (void)me;
    int rc = brio_lock_acquire(&condition_locks[s->a]);
    if (rc < 0)
        return rc;
    brio_condition_notify(&conditions[s->a], (size_t)s->b);
    brio_lock_release(&condition_locks[s->a]);
    return 0;
}

static int do_barrier(int me, const step *s)
{
    int rc = brio_barrier_wait(&barriers[s->a]);
    if (rc >= 0)
        SAY(me, "passed %d", rc);
    return rc;
}

static int awaited(int me, int other, int rc)
{
    if (rc == -ECANCELED)
        return rc;
    SAY(me, "awaited %d %s", other, rc < 0 ? "failed" : "fine");
    return 0;
}

static int do_await(int me, const step *s)
{
    return awaited(me, s->a, brio_await(tasks[s->a]));
}

static int do_shield(int me, const step *s)
{
    return awaited(me, s->a, brio_shield(tasks[s->a]));
}

typedef struct waiting {
    brio_task *tasks[CHOSEN];
    const step *s;
} waiting;

static int wait_for_them(void *arg)
{
    static const brio_wait_mode modes[] = {BRIO_ALL_COMPLETED, BRIO_FIRST_COMPLETED,
                                           BRIO_FIRST_EXCEPTION};
    waiting *w = arg;
    return brio_wait(w->tasks, (size_t)w->s->n, modes[w->s->a], NULL);
}

static int do_wait(int me, const step *s)
{
    waiting w = {.s = s};
    char flags[2 * CHOSEN + 1] = "";
    for (int i = 0; i < s->n; i++)
        w.tasks[i] = tasks[s->chosen[i]];
    int rc = s->b ? brio_wait_for(wait_for_them, &w, (brio_time)s->b * 1000) : wait_for_them(&w);
    if (rc < 0 && rc != -ETIMEDOUT)
        return rc;
    rc = brio_sleep(3000); /* others may end at the same instant */
    if (rc < 0)
        return rc;
    for (int i = 0; i < s->n; i++) {
        flags[2 * i] = ' ';
        flags[2 * i + 1] = brio_task_done(w.tasks[i]) ? '1' : '0';
    }
    SAY(me, "waited%s", flags);
    return 0;
}

typedef struct inner {
    int me;
    const step *block;
} inner;

static int run_inner(void *arg)
{
    const inner *in = arg;
    return run_block(in->me, in->block);
}

static int do_timeout(int me, const step *s)
{
    inner in = {me, s->block};
    int rc = brio_wait_for(run_inner, &in, (brio_time)s->a * 1000);
    if (rc != -ETIMEDOUT)
        return rc;
    say(me, "timed out");
    return 0;
}

static int do_group(int me, const step *s)
{
    brio_group g;
    brio_group_enter(brio_group_set(&g, (brio_group_options){.policy = BRIO_FAIL_FAST}));
    for (int i = 0; i < s->n; i++)
        brio_spawn(&g, run_task, &numbers[s->chosen[i]]);
    int rc = run_block(me, s->block);
    if (rc < 0)
        brio_group_cancel(&g); /* an exception does that there */
    int left = brio_group_leave(&g);
    size_t failed = g.failed + (rc < 0 && rc != -ECANCELED);
    if (failed == 0)
        return rc < 0 ? rc : left;
    SAY(me, "group failed %zu", failed);
    return -EINVAL;
}

static int do_gather(int me, const step *s)
{
    brio_call calls[CHOSEN];
    char results[16 * CHOSEN] = "";
    for (int i = 0; i < s->n; i++)
        calls[i] = (brio_call)BRIO_CALL(run_task, &numbers[s->chosen[i]]);
    int rc = brio_gather_results(calls, (size_t)s->n);
    if (rc < 0)
        return rc;
    size_t len = 0;
    for (int i = 0; i < s->n; i++) {
        rc = calls[i].result;
        const char *how = rc >= 0 ? "fine" : rc == -ECANCELED ? "cancelled" : "failed";
        len += (size_t)snprintf(results + len, sizeof(results) - len, " %s", how);
    }
    SAY(me, "gathered%s", results);
    return 0;
}

static int do_try(int me, const step *s)
{
    int rc = run_block(me, s->block);
    if (rc != -EINVAL)
        return rc;
    say(me, "caught");
    return 0;
}

static int do_swallow(int me, const step *s)
{
    int rc = run_block(me, s->block);
    if (rc != -ECANCELED)
        return rc;
    SAY(me, "swallows %d", brio_task_cancelling(brio_current_task()));
    SAY(me, "is left with %d", brio_task_uncancel(brio_current_task()));
    return 0;
}

static int do_cleanup(int me, const step *s)
{
    int rc = run_block(me, s->block);
    say(me, "cleans up");
    int then = brio_sleep((brio_time)s->a * 1000);
    if (then == 0)
        say(me, "is clean");
    return then < 0 ? then : rc;
}

static int do_raise(int me, const step *s)
{
    (void)me;
    (void)s;
    return -EINVAL;
}

/* ---- Reading ------------------------------------------------------------ */

/* a, b: numbers; c: numbers of tasks, counted; {: a block. */
static const struct operation {
    const char *name;
    step_fn *fn;
    const char *takes;
} operations[] = {
    {"sleep", do_sleep, "a"},
    {"spawn", do_spawn, "a"},
    {"cancel", do_cancel, "a"},
    {"lock", do_lock, "a{"},
    {"semaphore", do_semaphore, "a{"},
    {"set", do_set, "a"},
    {"clear", do_clear, "a"},
    {"wait_event", do_wait_event, "a"},
    {"put", do_put, "a"},
    {"get", do_get, "a"},
    {"wait_condition", do_wait_condition, "a"},
    {"notify", do_notify, "ab"},
    {"barrier", do_barrier, "a"},
    {"await", do_await, "a"},
    {"shield", do_shield, "a"},
    {"wait", do_wait, "abc"},
    {"timeout", do_timeout, "a{"},
    {"group", do_group, "c{"},
    {"gather", do_gather, "c"},
    {"try", do_try, "{"},
    {"swallow", do_swallow, "{"},
    {"cleanup", do_cleanup, "a{"},
    {"raise", do_raise, ""},
};

static int number(void)
{
    int n;
    if (scanf("%d", &n) != 1)
        abort();
    return n;
}

static const struct operation *operation_of(const char *name)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    abort();
}

static const step *read_block(void);

static void read_step(step *s, const char *name)
{
    const struct operation *o = operation_of(name);
    s->fn = o->fn;
    for (const char *c = o->takes; *c; c++) {
        if (*c == 'a')
            s->a = number();
        else if (*c == 'b')
            s->b = number();
        else if (*c == '{')
            s->block = read_block();
        else if ((s->n = number()) > CHOSEN)
            abort();
        for (int i = 0; *c == 'c' && i < s->n; i++)
            s->chosen[i] = number();
    }
}

/* From "{" to its "}". */
static const step *read_block(void)
{
    static step steps[STEPS];
    static int used;
    char word[32];
    const step *first = NULL;
    step *last = NULL;
    if (scanf("%31s", word) != 1 || strcmp(word, "{") != 0)
        abort();
    while (scanf("%31s", word) == 1 && strcmp(word, "}") != 0) {
        step *s = &steps[used++];
        if (used == STEPS)
            abort();
        read_step(s, word);
        *(last ? &last->next : &first) = s;
        last = s;
    }
    return first;
}

/* ---- Running ------------------------------------------------------------ */

static void make_shared(void)
{
    for (int i = 0; i < LOCKS; i++)
        brio_lock_init(&locks[i]);
    for (int i = 0; i < SEMAPHORES; i++)
        brio_semaphore_init(&semaphores[i], (size_t)i + 1);
    for (int i = 0; i < EVENTS; i++)
        brio_event_init(&events[i]);
    for (int i = 0; i < QUEUES; i++)
        brio_queue_init(&queues[i],
                        &(brio_queue_options){.item_size = sizeof(int), .max = (size_t)i + 1});
    for (int i = 0; i < CONDITIONS; i++) {
        brio_lock_init(&condition_locks[i]);
        brio_condition_init(&conditions[i], &condition_locks[i]);
    }
    for (int i = 0; i < BARRIERS; i++)
        brio_barrier_init(&barriers[i], 2);
}

static int wait_for_one(void *arg)
{
    return brio_wait(arg, 1, BRIO_ALL_COMPLETED, NULL);
}

static int end_task(int i)
{
    while (!brio_task_done(tasks[i])) {
        SAY(MAIN, "ends %d %s", i, truth(brio_task_cancel(tasks[i])));
        int rc = brio_wait_for(wait_for_one, &tasks[i], BRIO_SEC(100));
        if (rc < 0 && rc != -ETIMEDOUT)
            return rc;
    }
    int rc = brio_task_result(tasks[i]);
    say(i, brio_task_cancelled(tasks[i]) ? "was cancelled" : rc < 0 ? "was failed" : "was fine");
    return 0;
}

static int run_main(void *arg)
{
    began = brio_now();
    make_shared();
    int rc = run_block(MAIN, arg);
    if (rc == 0)
        rc = brio_sleep(BRIO_SEC(100));
    for (int i = 0; i < free_n && rc == 0; i++)
        rc = end_task(i);
    for (int i = 0; i < free_n; i++) /* some may await others until then */
        brio_task_release(tasks[i]);
    for (int i = 0; i < QUEUES; i++)
        brio_queue_fini(&queues[i]);
    return rc;
}

static void no_report(const brio_failure *failure, void *arg)
{
    (void)failure;
    (void)arg;
}

int main(void)
{
    free_n = number();
    int n = number();
    if (n > TASKS)
        abort();
    for (int i = 0; i < n; i++)
        bodies[i] = read_block();
    const step *first = read_block();
    brio_loop_options sim = {.backend = BRIO_BACKEND_SIM};
    brio_run_options options = {.loop = &sim, .on_failure = no_report};
    int rc = brio_run(run_main, (void *)(uintptr_t)first, &options);
    if (rc < 0)
        printf("failed: %s\n", brio_error_text(rc));
    return rc < 0;
}
