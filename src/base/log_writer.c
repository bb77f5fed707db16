/* SPDX-License-Identifier: MIT
 *
 * The thread that owns the log's descriptor. It sleeps on a semaphore while
 * the ring is empty; only the first line after that pays a system call to wake
 * it. Lines are batched: up to 64 KiB for a regular file, else up to one line,
 * since writes to a pipe that workers share are atomic to that size. It waits
 * for a slow reader, lines meanwhile fill the ring and are then dropped and
 * counted; once asked to stop it waits no longer than STOP_PATIENCE. */
#include "base/base_internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RING_DEFAULT = 256 * 1024,
    RING_MIN = 16 * 1024,
    RING_MAX = 1024 * 1024 * 1024,
    BATCH_FILE = 64 * 1024,
    POLL_MS = 100,
    STOP_PATIENCE = 10, /* polls: one second */
};

static struct {
    brio_base_ring ring;
    char *batch; /* batch_cap bytes, and a line's more to format into */
    size_t batch_len, batch_cap;
    int fd;
    brio_base_style style;
    bool gave_up; /* stopping, and the reader does not read */
    pthread_t thread;
    sem_t wake;
    atomic_bool sleeping, stopping;
    _Atomic uint64_t dropped;
} writer;

void brio_base_writer_push(brio_str record)
{
    if (!brio_base_ring_push(&writer.ring, record))
        atomic_fetch_add_explicit(&writer.dropped, 1, memory_order_relaxed);
    if (atomic_load(&writer.sleeping) && atomic_exchange(&writer.sleeping, false))
        sem_post(&writer.wake);
}

/* ---- Output ------------------------------------------------------------- */

/* Polls first: a blocking pipe with a free slot takes a line without blocking. */
static bool wait_writable(void)
{
    struct pollfd on = {.fd = writer.fd, .events = POLLOUT};
    for (int waits_stopping = 0; poll(&on, 1, POLL_MS) <= 0;) {
        waits_stopping += atomic_load(&writer.stopping);
        if (waits_stopping > STOP_PATIENCE) {
            writer.gave_up = true;
            return false;
        }
    }
    return true;
}

static void flush(void)
{
    size_t done = 0;
    while (done < writer.batch_len && !writer.gave_up && wait_writable()) {
        ssize_t n = write(writer.fd, writer.batch + done, writer.batch_len - done);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            break; /* a log that cannot be written has nowhere to complain */
        done += n > 0 ? (size_t)n : 0;
    }
    writer.batch_len = 0;
}

static void add_line(brio_str record)
{
    char *at = writer.batch + writer.batch_len;
    size_t len = brio_base_line(at, record, writer.style);
    if (writer.batch_len + len > writer.batch_cap) {
        flush();
        memmove(writer.batch, at, len);
    }
    writer.batch_len += len;
}

static void add_drop_report(const char *fmt, ...) BRIO_PRINTF(1, 2);

static void add_drop_report(const char *fmt, ...)
{
    char storage[BRIO_BASE_RECORD_MAX];
    va_list args;
    va_start(args, fmt);
    add_line(brio_base_record(storage, BRIO_LOG_WARNING, NULL, 0, fmt, args));
    va_end(args);
}

static void drain(void)
{
    for (brio_str record; (record = brio_base_ring_peek(&writer.ring)).ptr;) {
        add_line(record);
        brio_base_ring_pop(&writer.ring);
    }
    uint64_t dropped = atomic_exchange(&writer.dropped, 0);
    if (dropped)
        add_drop_report("%llu log lines dropped: the log's ring was full",
                        (unsigned long long)dropped);
    flush();
}

/* ---- Thread ------------------------------------------------------------- */

static bool has_work(void)
{
    return brio_base_ring_peek(&writer.ring).ptr || atomic_load(&writer.dropped);
}

/* `sleeping` is raised before the last look at the ring, and a producer looks
 * at it after its commit, so one of the two always notices the other. */
static void sleep_until_work(void)
{
    atomic_store(&writer.sleeping, true);
    if (has_work() || atomic_load(&writer.stopping))
        atomic_store(&writer.sleeping, false);
    else
        while (sem_wait(&writer.wake) < 0)
            continue;
}

static void *writer_main(void *unused)
{
    (void)unused;
    while (!atomic_load(&writer.stopping)) {
        drain();
        sleep_until_work();
    }
    drain();
    return NULL;
}

static size_t ring_size(size_t asked)
{
    size_t size = RING_MIN;
    while (size < (asked ? asked : RING_DEFAULT))
        size *= 2;
    return size;
}

/* What a fork left behind in the child is freed here as well. */
static void writer_release(void)
{
    brio_base_ring_fini(&writer.ring);
    free(writer.batch);
    writer.batch = NULL;
}

static int writer_prepare(const brio_log_options *options)
{
    struct stat info;
    writer.fd = options->fd ? options->fd : STDERR_FILENO;
    if (options->ring_size > RING_MAX)
        return -EINVAL;
    if (fstat(writer.fd, &info) < 0)
        return -errno;
    writer.style = brio_base_log_style(writer.fd, options->format);
    writer.batch_cap = S_ISREG(info.st_mode) ? BATCH_FILE : BRIO_BASE_LINE_MAX;
    writer.batch_len = 0;
    writer.gave_up = false;
    atomic_store(&writer.stopping, false);
    atomic_store(&writer.sleeping, false);
    atomic_store(&writer.dropped, 0);
    sem_init(&writer.wake, 0, 0);
    writer.batch = brio_malloc(writer.batch_cap + BRIO_BASE_LINE_MAX);
    int rc = brio_base_ring_init(&writer.ring, ring_size(options->ring_size));
    return writer.batch ? rc : -ENOMEM;
}

int brio_base_writer_start(const brio_log_options *options)
{
    sigset_t all, before;
    writer_release();
    int rc = writer_prepare(options);
    if (rc == 0) {
        sigfillset(&all); /* signals belong to the caller's threads */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        rc = -pthread_create(&writer.thread, NULL, writer_main, NULL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (rc < 0)
        writer_release();
    return rc;
}

void brio_base_writer_stop(void)
{
    atomic_store(&writer.stopping, true);
    sem_post(&writer.wake);
    pthread_join(writer.thread, NULL);
    sem_destroy(&writer.wake);
    writer_release();
}
