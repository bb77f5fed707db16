/* SPDX-License-Identifier: MIT
 *
 * The runtime benchmark's rows in brio, written as a user would.
 *
 *     bench_runtime ROW N     prints nanoseconds (or bytes) for each of N
 *     bench_runtime echo PORT serves until killed
 *
 * Each row runs a tenth of N first, to warm up. CPU time decides for the storm,
 * growth of resident memory for `memory` and `parked`, else the clock. */
#include <brio/exec.h>
#include <brio/io.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* What a row took of its own accord; 0 means: as long as it lasted. */
typedef double row_fn(size_t n);

static int nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* What a benchmark cannot go on without. */
static void must(int rc)
{
    if (rc < 0) {
        fprintf(stderr, "%s\n", brio_error_text(rc));
        exit(1);
    }
}

/* ---- Tasks -------------------------------------------------------------- */

static int turns(void *arg)
{
    for (size_t i = *(size_t *)arg; i > 0; i--)
        must(brio_yield());
    return 0;
}

static double yields(size_t n)
{
    size_t half = n / 2;
    must(brio_gather({turns, &half}, {turns, &half}));
    return 0;
}

static double spawn(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        brio_task *task = brio_create_task(nothing, NULL, &(brio_task_options){.acquired = true});
        must(brio_await(task));
        brio_task_release(task);
    }
    return 0;
}

static double batch(size_t n)
{
    for (size_t i = 0; i < n; i += 100) {
        BRIO_GROUP(g)
        for (int j = 0; j < 100; j++)
            brio_spawn(&g, nothing, NULL);
    }
    return 0;
}

/* ---- Hand-over ---------------------------------------------------------- */

typedef struct hops {
    brio_queue queue;
    size_t n;
} hops;

static int produce(void *arg)
{
    hops *h = arg;
    for (size_t i = 0; i < h->n; i++)
        must(brio_queue_put(&h->queue, &i));
    return 0;
}

static int consume(void *arg)
{
    hops *h = arg;
    for (size_t i = 0, got; i < h->n; i++)
        must(brio_queue_get(&h->queue, &got));
    return 0;
}

static double queue(size_t n)
{
    hops h = {.n = n};
    brio_queue_init(&h.queue, &(brio_queue_options){.item_size = sizeof(size_t), .max = 1});
    must(brio_gather({produce, &h}, {consume, &h}));
    brio_queue_fini(&h.queue);
    return 0;
}

static double lock(size_t n)
{
    brio_lock mutex = BRIO_LOCK_INIT;
    for (size_t i = 0; i < n; i++) {
        must(brio_lock_acquire(&mutex));
        must(brio_lock_release(&mutex));
    }
    return 0;
}

/* ---- Time --------------------------------------------------------------- */

enum { WAITING = 10000 };

static brio_time up_to_a_second(void)
{
    return (brio_time)(brio_loop_random(brio_loop_current()) % (uint64_t)BRIO_SEC(1));
}

static void too_late(brio_timer *timer)
{
    (void)timer;
    abort();
}

static double timer(size_t n)
{
    brio_loop *loop = brio_loop_current();
    brio_timer *waiting = calloc(WAITING, sizeof(*waiting)), one = {.fn = too_late};
    for (size_t i = 0; i < WAITING; i++) {
        waiting[i].fn = too_late;
        brio_timer_start(loop, &waiting[i], brio_in(BRIO_SEC(1000)) + up_to_a_second());
    }
    brio_time begin = brio_clock_monotonic();
    for (size_t i = 0; i < n; i++) {
        brio_timer_start(loop, &one, brio_loop_now(loop) + BRIO_SEC(500));
        brio_timer_stop(loop, &one);
    }
    double spent = (double)(brio_clock_monotonic() - begin);
    for (size_t i = 0; i < WAITING; i++)
        brio_timer_stop(loop, &waiting[i]);
    free(waiting);
    return spent;
}

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int sleeper(void *arg)
{
    (void)arg;
    return brio_sleep(up_to_a_second());
}

static double storm(size_t n)
{
    double begin = cpu_ns();
    BRIO_GROUP(g, .discard = true)
    for (size_t i = 0; i < n; i++)
        brio_spawn_with(&g, sleeper, NULL, &(brio_task_options){.stack_size = 16384});
    must(g.err);
    return cpu_ns() - begin;
}

/* ---- Threads and processes ---------------------------------------------- */

static double thread(size_t n)
{
    for (size_t i = 0; i < n; i++)
        must(brio_to_thread(nothing, NULL));
    return 0;
}

static int empty(brio_str arg, brio_buf *result)
{
    (void)arg, (void)result;
    return 0;
}

static double process(size_t n)
{
    brio_str result;
    must(brio_to_process(empty, BRIO_S("x"), &result));
    double begin = (double)brio_clock_monotonic();
    for (size_t i = 0; i < n; i++)
        must(brio_to_process(empty, BRIO_S("x"), &result));
    return (double)brio_clock_monotonic() - begin;
}

/* ---- Memory ------------------------------------------------------------- */

static double resident(void)
{
    size_t size = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%zu %zu", &size, &pages) != 2)
        abort();
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static int wait_for_gate(void *arg)
{
    return brio_event_wait(arg);
}

static double memory(size_t n)
{
    brio_event gate = BRIO_EVENT_INIT;
    double before = resident(), grown = 0;
    BRIO_GROUP(g, .discard = true)
    {
        for (size_t i = 0; i < n; i++)
            brio_spawn_with(&g, wait_for_gate, &gate, &(brio_task_options){.stack_size = 16384});
        must(brio_sleep(BRIO_MS(100)));
        grown = resident() - before;
        brio_event_set(&gate);
    }
    must(g.err);
    return grown;
}

/* ---- Echo --------------------------------------------------------------- */

static int echo_one(void *arg)
{
    brio_stream *s = arg;
    char buffer[4096];
    ptrdiff_t n;
    while ((n = brio_stream_read(s, buffer, sizeof(buffer))) > 0)
        if (brio_stream_write(s, (brio_str){buffer, (size_t)n}) < 0)
            break;
    brio_stream_close(s);
    return 0;
}

static double echo(size_t port)
{
    brio_listener *l;
    brio_stream *s;
    must(brio_listen(&l, &(brio_listen_to){.port = (uint16_t)port}));
    BRIO_GROUP(g, .discard = true)
    for (;;) {
        must(brio_accept(l, &s));
        brio_spawn_with(&g, echo_one, s, &(brio_task_options){.eager = true});
    }
    return 0;
}

/* ---- The rows ----------------------------------------------------------- */

static const struct row {
    const char *name;
    row_fn *fn;
    bool cold; /* runs once only */
} rows[] = {
    {"yield", yields, false}, {"spawn", spawn, false},   {"batch", batch, false},
    {"queue", queue, false},  {"lock", lock, false},     {"timer", timer, false},
    {"storm", storm, false},  {"thread", thread, false}, {"process", process, false},
    {"memory", memory, true}, {"echo", echo, true},
};

typedef struct asked {
    const char *name;
    size_t n;
} asked;

static int measure(void *arg)
{
    const asked *a = arg;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (strcmp(rows[i].name, a->name) != 0)
            continue;
        if (!rows[i].cold)
            (void)rows[i].fn(a->n / 10 + 100);
        brio_time begin = brio_clock_monotonic();
        double own = rows[i].fn(a->n);
        double spent = own > 0 ? own : (double)(brio_clock_monotonic() - begin);
        printf("%.3f\n", spent / (double)a->n);
        return 0;
    }
    return -EINVAL;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s ROW N | echo PORT\n", argv[0]);
        return 2;
    }
    asked a = {argv[1], (size_t)atoll(argv[2])};
    return brio_run(measure, &a, &(brio_run_options){.max_tasks = 2000000}) < 0 ? 3 : 0;
}
