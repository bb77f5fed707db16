/* SPDX-License-Identifier: MIT
 *
 * The table of loops, which bits of it somebody wants, and the names of what
 * tasks wait for.
 *
 * A loop is linked and taken out under a lock, which the watchdog holds while
 * it looks: a loop it looks at cannot go. Readers in other processes take no
 * lock; they check what they read. A fork() waits for the lock, so that the
 * child's is free. */
#include "trace/trace_internal.h"

#include <pthread.h>
#include <unistd.h>

unsigned brio_trace_on;
void (*brio_trace_suspending)(const brio_trace_task *task);

brio_trace_root brio_trace_tasks = {.magic = {'b', 'r', 'i', 'o', 'T', 'S', 'K', '1'},
                                    .version = BRIO_TRACE_VERSION,
                                    .task_size = sizeof(brio_trace_task),
                                    .loop_size = sizeof(brio_trace_loop),
                                    .chunk_size = sizeof(brio_trace_chunk)};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

static void register_forks(void)
{
    int rc = pthread_atfork(before_fork, after_fork, after_fork);
    BRIO_ASSERT(rc == 0);
}

void brio_trace_watch_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_forks);
}

void brio_trace_loop_add(brio_trace_loop *loop)
{
    brio_trace_watch_forks();
    pthread_mutex_lock(&lock);
    loop->next = brio_trace_tasks.loops;
    brio_trace_tasks.loops = loop;
    pthread_mutex_unlock(&lock);
}

void brio_trace_loop_remove(brio_trace_loop *loop)
{
    pthread_mutex_lock(&lock);
    brio_trace_loop **at = &brio_trace_tasks.loops;
    while (*at && *at != loop)
        at = &(*at)->next;
    if (*at)
        *at = loop->next;
    pthread_mutex_unlock(&lock);
}

void brio_trace_loops_each(void (*fn)(brio_trace_loop *loop, void *arg), void *arg)
{
    pthread_mutex_lock(&lock);
    for (brio_trace_loop *loop = brio_trace_tasks.loops; loop; loop = loop->next)
        fn(loop, arg);
    pthread_mutex_unlock(&lock);
}

void brio_trace_want(unsigned bit, bool on)
{
    static unsigned users[5]; /* of each bit */
    unsigned slot = (unsigned)__builtin_ctz(bit);
    BRIO_ASSERT(slot < 5);
    pthread_mutex_lock(&lock);
    BRIO_ASSERT(on || users[slot] > 0);
    users[slot] = on ? users[slot] + 1 : users[slot] - 1;
    if (users[slot])
        __atomic_fetch_or(&brio_trace_on, bit, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&brio_trace_on, ~bit, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
}

const brio_trace_task *brio_trace_running(void)
{
    int64_t tid = gettid();
    const brio_trace_task *task = NULL;
    pthread_mutex_lock(&lock);
    for (const brio_trace_loop *loop = brio_trace_tasks.loops; loop; loop = loop->next)
        if (loop->tid == tid && __atomic_load_n(&loop->running_since, __ATOMIC_ACQUIRE))
            task = __atomic_load_n(&loop->running, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
    return task;
}

const char *brio_trace_wait_text(unsigned kind)
{
    static const char *const texts[] = {
#define BRIO_WAIT_TEXT(name, text) text,
        BRIO_WAIT_TABLE(BRIO_WAIT_TEXT)
#undef BRIO_WAIT_TEXT
    };
    return kind < BRIO_WAIT_KINDS ? texts[kind] : "?";
}

/* Until the recorder defines it: remove this then. */
__attribute__((weak)) void brio_trace_emit(const brio_trace_event *event)
{
    (void)event;
}
