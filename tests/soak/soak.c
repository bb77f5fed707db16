/* SPDX-License-Identifier: MIT
 *
 * Everything at once, at random, for as long as asked: tasks that spawn, sleep,
 * are cancelled and time out, a queue with coming and going users, streams that
 * are closed and reset at any moment, jobs on threads. Memory and descriptors
 * must be flat: what the first tenth of the time needed has to do for the rest.
 *
 *     soak [SECONDS [SEED]]        BRIO_BACKEND chooses the back end */
#include <brio/exec.h>
#include <brio/io.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORKERS = 200, CLIENTS = 20 };

typedef struct soak {
    brio_time until;
    uint64_t random;
    brio_queue queue;
    brio_lock lock;
    brio_semaphore permits;
    brio_listener *listener;
    size_t put, got, scenes, resets, timeouts, cancelled;
    bool broken; /* an invariant did not hold */
} soak;

static soak s;

static uint64_t draw(uint64_t below)
{
    s.random = s.random * 6364136223846793005u + 1442695040888963407u;
    return (s.random >> 33) % below;
}

static bool going(void)
{
    return brio_now() < s.until;
}

/* ---- Scenes: each is a task that may be cancelled anywhere --------------- */

static int nap(void *arg)
{
    (void)arg;
    int rc = brio_sleep((brio_time)draw(BRIO_MS(3)));
    return rc < 0 || draw(5) ? rc : brio_error(-EIO, "bad luck");
}

static int family(void *arg)
{
    int rc = 0;
    BRIO_GROUP(g, .policy = (brio_policy)draw(4), .max_in_flight = draw(4))
    {
        for (uint64_t i = draw(5); i > 0; i--)
            brio_spawn(&g, draw(3) ? nap : family, arg);
        rc = brio_yield();
    }
    return rc < 0 ? rc : g.err;
}

static int exchange(void *arg)
{
    size_t item = 1;
    int rc;
    (void)arg;
    if (draw(2)) {
        rc = brio_queue_put(&s.queue, &item);
        s.put += rc == 0;
    } else {
        rc = brio_queue_get(&s.queue, &item);
        s.got += rc == 0;
    }
    return rc;
}

static int share(void *arg)
{
    static int inside;
    int rc = 0;
    BRIO_WITH_PERMIT(&s.permits)
    {
        BRIO_WITH_LOCK(&s.lock)
        {
            s.broken |= ++inside != 1;
            rc = nap(arg);
            inside--;
        }
    }
    return rc;
}

static int hurry(void *arg)
{
    int rc = 0;
    BRIO_SCOPE(limit, .timeout = (brio_time)draw(BRIO_MS(2)))
    rc = draw(2) ? family(arg) : nap(arg);
    s.timeouts += limit.expired;
    return limit.expired ? -ETIMEDOUT : rc;
}

static int work(void *arg)
{
    *(int *)arg += 1;
    return 0;
}

static int hand_over(void *arg)
{
    int done = 0, rc = brio_to_thread(work, &done);
    (void)arg;
    s.broken |= rc == 0 && done != 1;
    return rc;
}

static int dial(void *arg)
{
    brio_stream *stream;
    char reply[64];
    (void)arg;
    int rc = brio_connect(&stream, &(brio_connect_to){.port = brio_listener_port(s.listener)});
    if (rc < 0)
        return rc;
    for (uint64_t i = draw(5); i > 0 && rc >= 0; i--) {
        rc = brio_stream_write(stream, BRIO_S("ping"));
        if (rc == 0 && draw(4)) /* else what was not read resets it */
            rc = brio_stream_read_exactly(stream, reply, 4);
    }
    s.resets += rc == -ECONNRESET;
    brio_stream_close(stream);
    return rc;
}

static int (*const scenes[])(void *) = {nap, family, exchange, share, hurry, hand_over, dial};

/* One scene after the other; some are cancelled on the way. */
static int worker(void *arg)
{
    (void)arg;
    while (going()) {
        brio_task_fn *scene = scenes[draw(sizeof(scenes) / sizeof(*scenes))];
        BRIO_SCOPE(limit, .timeout = draw(3) ? 0 : (brio_time)draw(BRIO_MS(4)) + 1)
        (void)scene(NULL);
        s.cancelled += limit.expired;
        s.scenes++;
        if (brio_yield() < 0)
            break;
    }
    return 0;
}

/* ---- The other side ----------------------------------------------------- */

static int answer(void *arg)
{
    brio_stream *stream = arg;
    char bytes[64];
    ptrdiff_t n = 0;
    while ((n = brio_stream_read(stream, bytes, sizeof(bytes))) > 0 && draw(20))
        if (brio_stream_write(stream, (brio_str){bytes, (size_t)n}) < 0)
            break;
    if (draw(10) == 0)
        brio_stream_abort(stream); /* a reset */
    brio_stream_close(stream);
    return 0;
}

static int serve(void *arg)
{
    brio_stream *stream;
    int rc;
    (void)arg;
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE, .discard = true)
    while ((rc = brio_accept(s.listener, &stream)) == 0)
        if (!brio_spawn_with(&g, answer, stream, &(brio_task_options){.eager = true}))
            brio_stream_close(stream);
    return 0;
}

/* Keeps the queue from standing still: what waits for the other half for ever
 * would end only with its scope. */
static int relief(void *arg)
{
    size_t item = 1;
    (void)arg;
    while (going()) {
        s.got += brio_queue_try_get(&s.queue, &item) == 0;
        if (s.queue.len == 0)
            s.put += brio_queue_try_put(&s.queue, &item) == 0;
        if (brio_sleep(BRIO_MS(1)) < 0)
            break;
    }
    brio_queue_shutdown(&s.queue, false);
    return 0;
}

/* ---- The watch ---------------------------------------------------------- */

static size_t resident_kb(void)
{
    size_t size = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%zu %zu", &size, &pages) != 2)
        abort();
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static size_t descriptors(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void line(const char *what, size_t kb, size_t fds)
{
    printf("# %-6s %8zu scenes %6zu timeouts %6zu cut short %5zu resets %7zu KB %4zu descriptors\n",
           what, s.scenes, s.timeouts, s.cancelled, s.resets, kb, fds);
    fflush(stdout);
}

static int watch(void *arg)
{
    brio_time length = *(brio_time *)arg, begin = brio_now();
    size_t kb = 0, kb_warm = 0, fds = 0, fds_warm = 0;
    while (going()) {
        bool warm = brio_now() - begin > length / 10;
        kb = resident_kb();
        fds = descriptors();
        if (!warm || kb_warm == 0) {
            kb_warm = kb > kb_warm ? kb : kb_warm;
            fds_warm = fds > fds_warm ? fds : fds_warm;
        }
        line(warm ? "steady" : "warm", kb, fds);
        if (brio_sleep(length / 20) < 0)
            return -ECANCELED;
    }
    /* The peak of the warm part, and a quarter of slack for what is random. */
    bool flat = kb <= kb_warm + kb_warm / 4 + 4096 && fds <= fds_warm + fds_warm / 4 + 16;
    printf("%s - memory_and_descriptors_are_flat # %zu KB after %zu KB\n", flat ? "ok" : "not ok",
           kb, kb_warm);
    return flat ? 0 : -EIO;
}

static int everything(void *arg)
{
    brio_task *server, *watcher;
    int rc = brio_listen(&s.listener, &(brio_listen_to){.port = 0});
    if (rc < 0)
        return rc;
    s.until = brio_now() + *(brio_time *)arg;
    brio_semaphore_init(&s.permits, 3);
    brio_lock_init(&s.lock);
    brio_queue_init(&s.queue, &(brio_queue_options){.item_size = sizeof(size_t), .max = 16});
    server = brio_create_task(serve, NULL, &(brio_task_options){.acquired = true});
    watcher = brio_create_task(watch, arg, &(brio_task_options){.acquired = true});
    BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
    {
        brio_spawn(&g, relief, NULL);
        for (int i = 0; i < WORKERS; i++)
            brio_spawn(&g, worker, NULL);
    }
    rc = brio_await(watcher);
    brio_listener_close(s.listener);
    rc = rc < 0 ? rc : brio_await(server);
    brio_task_release(watcher);
    brio_task_release(server);
    s.broken |= s.put != s.got + s.queue.len;
    brio_queue_fini(&s.queue);
    return rc;
}

int main(int argc, char **argv)
{
    brio_time length = BRIO_SEC(argc > 1 ? strtol(argv[1], NULL, 10) : 10);
    s.random = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    int rc = brio_run(everything, &length, NULL);
    line("end", resident_kb(), descriptors());
    printf("%s - it_ends_in_order # %s\n", rc < 0 ? "not ok" : "ok", brio_error_text(rc));
    printf("%s - nothing_lost_nothing_doubled # %zu put, %zu got\n", s.broken ? "not ok" : "ok",
           s.put, s.got);
    return rc < 0 || s.broken;
}
