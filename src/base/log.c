/* SPDX-License-Identifier: MIT
 *
 * The log's front: levels, open and close, and the choice between the ring and
 * a direct write. A caller announces itself in `callers` before it looks at
 * `open`, and close lowers `open` before it waits for `callers` to be zero, so
 * the ring is never used after it is freed. A fork()ed child has no writer
 * thread: the fork handler closes its log without touching the ring. */
#include "base/base_internal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

int brio_log_threshold = BRIO_LOG_INFO;

static pthread_mutex_t lifecycle = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
static atomic_bool is_open;
static atomic_int callers;

/* Out of the task's stack, which is small. One call at a time per thread. */
static _Thread_local char record_storage[BRIO_BASE_RECORD_MAX];
static _Thread_local char line_storage[BRIO_BASE_LINE_MAX];

/* ---- Levels ------------------------------------------------------------- */

static const char *const level_names[] = {/* ORDER LOG_LEVEL */
                                          "",        "trace", "debug",    "info",
                                          "warning", "error", "critical", "off"};
_Static_assert(sizeof(level_names) / sizeof(level_names[0]) == BRIO_LOG_OFF + 1, "one per level");

void brio_log_set_level(brio_log_level level)
{
    BRIO_ASSERT(level <= BRIO_LOG_OFF);
    int least = level == BRIO_LOG_DEFAULT ? BRIO_LOG_INFO : (int)level;
    __atomic_store_n(&brio_log_threshold, least, __ATOMIC_RELAXED);
}

int brio_log_level_parse(brio_str name, brio_log_level *ret)
{
    for (int level = BRIO_LOG_TRACE; level <= BRIO_LOG_OFF; level++)
        if (brio_str_eq_nocase(name, brio_str_from(level_names[level]))) {
            *ret = (brio_log_level)level;
            return 0;
        }
    return -EINVAL;
}

/* ---- Open and close ----------------------------------------------------- */

static void before_fork(void)
{
    pthread_mutex_lock(&lifecycle);
}
static void after_fork_parent(void)
{
    pthread_mutex_unlock(&lifecycle);
}

static void after_fork_child(void)
{
    atomic_store(&is_open, false);
    atomic_store(&callers, 0); /* other threads' calls did not come along */
    pthread_mutex_unlock(&lifecycle);
}

static void watch_forks(void)
{
    int rc = pthread_atfork(before_fork, after_fork_parent, after_fork_child);
    BRIO_ASSERT(rc == 0);
}

int brio_log_open(const brio_log_options *options)
{
    static const brio_log_options defaults;
    const brio_log_options *chosen = options ? options : &defaults;
    pthread_once(&fork_once, watch_forks);
    pthread_mutex_lock(&lifecycle);
    int rc = atomic_load(&is_open) ? -EALREADY : brio_base_writer_start(chosen);
    if (rc == 0) {
        brio_log_set_level(chosen->level);
        atomic_store(&is_open, true);
    }
    pthread_mutex_unlock(&lifecycle);
    return rc;
}

void brio_log_close(void)
{
    pthread_mutex_lock(&lifecycle);
    if (atomic_exchange(&is_open, false)) {
        while (atomic_load(&callers) != 0)
            sched_yield();
        brio_base_writer_stop();
    }
    pthread_mutex_unlock(&lifecycle);
}

/* ---- Lines -------------------------------------------------------------- */

/* Without a writer. One write per line; a full pipe loses it, nobody waits. */
static void write_directly(brio_str record)
{
    brio_base_style style = brio_base_log_style(STDERR_FILENO, BRIO_LOG_AUTO);
    size_t len = brio_base_line(line_storage, record, style);
    ssize_t n;
    do
        n = write(STDERR_FILENO, line_storage, len);
    while (n < 0 && errno == EINTR);
}

static void pass_on(brio_str record)
{
    atomic_fetch_add(&callers, 1);
    bool queued = atomic_load(&is_open);
    if (queued)
        brio_base_writer_push(record);
    atomic_fetch_sub(&callers, 1);
    if (!queued)
        write_directly(record);
}

static void log_va(brio_log_level level, const brio_log_field *fields, size_t n, const char *fmt,
                   va_list args) BRIO_PRINTF(4, 0);

static void log_va(brio_log_level level, const brio_log_field *fields, size_t n, const char *fmt,
                   va_list args)
{
    int saved = errno; /* a log call between a failure and its report */
    brio_str record = brio_base_record(record_storage, level, fields, n, fmt, args);
    pass_on(record);
    errno = saved;
}

void brio_log(brio_log_level level, const char *fmt, ...)
{
    if (!brio_log_enabled(level))
        return;
    va_list args;
    va_start(args, fmt);
    log_va(level, NULL, 0, fmt, args);
    va_end(args);
}

void brio_log_fields(brio_log_level level, const brio_log_field *fields, size_t n, const char *fmt,
                     ...)
{
    if (!brio_log_enabled(level))
        return;
    va_list args;
    va_start(args, fmt);
    log_va(level, fields, n, fmt, args);
    va_end(args);
}

void brio_log_line(const char *fmt, ...)
{
    if (!brio_log_enabled(BRIO_LOG_INFO))
        return;
    int saved = errno;
    va_list args;
    va_start(args, fmt);
    brio_str record = brio_base_record(record_storage, BRIO_LOG_INFO, NULL, 0, fmt, args);
    va_end(args);
    brio_base_record_set_raw(record_storage);
    pass_on(record);
    errno = saved;
}
