/* SPDX-License-Identifier: MIT
 *
 * The thread that owns the log's descriptor. It sleeps on a semaphore while
 * the ring is empty; only the first line after that pays a system call to wake
 * it. Lines are batched: up to 64 KiB for a regular file, else up to one line,
 * since writes to a pipe that workers share are atomic to that size. It waits
 * for a slow reader, lines meanwhile fill the ring and are then dropped and
 * counted; once asked to stop it waits no longer than STOP_PATIENCE. Lines of
 * brio_log_line may have a file of their own, and then a batch of their own. */
#include "base/base_internal.h"

#include <errno.h>
#include <fcntl.h>
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

/* Where lines go. */
typedef struct sink {
    char *batch; /* `cap` bytes, and a line's more to format into; NULL: not open */
    size_t len, cap;
    int fd;
} sink;

static struct {
    brio_base_ring ring;
    sink main, lines; /* `lines` is that of brio_log_line, if it has a file of its own */
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
static bool wait_writable(int fd)
{
    struct pollfd on = {.fd = fd, .events = POLLOUT};
    for (int waits_stopping = 0; poll(&on, 1, POLL_MS) <= 0;) {
        waits_stopping += atomic_load(&writer.stopping);
        if (waits_stopping > STOP_PATIENCE) {
            writer.gave_up = true;
            return false;
        }
    }
    return true;
}

static void flush(sink *s)
{
    size_t done = 0;
    while (done < s->len && !writer.gave_up && wait_writable(s->fd)) {
        ssize_t n = write(s->fd, s->batch + done, s->len - done);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            break; /* a log that cannot be written has nowhere to complain */
        done += n > 0 ? (size_t)n : 0;
    }
    s->len = 0;
}

static void add_line(brio_str record)
{
    sink *s = brio_base_record_is_raw(record) && writer.lines.batch ? &writer.lines : &writer.main;
    char *at = s->batch + s->len;
    size_t len = brio_base_line(at, record, writer.style);
    if (s->len + len > s->cap) {
        flush(s);
        memmove(s->batch, at, len);
    }
    s->len += len;
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
    flush(&writer.main);
    flush(&writer.lines);
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
    if (writer.lines.batch)
        close(writer.lines.fd);
    free(writer.lines.batch);
    free(writer.main.batch);
    writer.lines.batch = writer.main.batch = NULL;
}

static int sink_open(sink *s, int fd)
{
    struct stat info;
    if (fstat(fd, &info) < 0)
        return -errno;
    s->fd = fd;
    s->cap = S_ISREG(info.st_mode) ? BATCH_FILE : BRIO_BASE_LINE_MAX;
    s->len = 0;
    s->batch = brio_malloc(s->cap + BRIO_BASE_LINE_MAX);
    return s->batch ? 0 : -ENOMEM;
}

static int lines_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return -errno;
    int rc = sink_open(&writer.lines, fd);
    if (rc < 0)
        close(fd);
    return rc;
}

static int writer_prepare(const brio_log_options *options)
{
    if (options->ring_size > RING_MAX)
        return -EINVAL;
    int rc = sink_open(&writer.main, options->fd ? options->fd : STDERR_FILENO);
    if (rc == 0 && options->lines_path)
        rc = lines_open(options->lines_path);
    if (rc < 0)
        return rc;
    writer.style = brio_base_log_style(writer.main.fd, options->format);
    writer.gave_up = false;
    atomic_store(&writer.stopping, false);
    atomic_store(&writer.sleeping, false);
    atomic_store(&writer.dropped, 0);
    sem_init(&writer.wake, 0, 0);
    return brio_base_ring_init(&writer.ring, ring_size(options->ring_size));
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
