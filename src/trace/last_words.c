/* SPDX-License-Identifier: MIT
 *
 * Last words: a child that SIGABRT ends copies its registers and its stack into
 * memory that it shares with its parent, as a snapshot does, and ends by the signal
 * all the same, with a core file where the system keeps them.
 *
 * The parent has the same code at the same addresses, so it can put the words in
 * order in peace, which a handler must not. Whose turn it was is looked up in the
 * table, without its lock: the process is about to end, and the thread that would
 * change the table is this one or stands behind it. */
#include "trace/trace_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct brio_last_words {
    brio_trace_snapshot snapshot;
};

static brio_last_words *kept;
static struct sigaction former;

/* ---- In the child ------------------------------------------------------- */

/* A task that begins inside another one's turn is the newer of the two. */
static const brio_trace_task *newest_running(const brio_trace_chunk *chunk,
                                             const brio_trace_task *best)
{
    const char *at = chunk->first;
    for (size_t i = 0; i < chunk->n; i++, at += chunk->stride) {
        const brio_trace_task *task = (const brio_trace_task *)(const void *)at;
        if (task->state == BRIO_TRACE_RUNNING && (!best || task->id > best->id))
            best = task;
    }
    return best;
}

/* The task whose turn this thread is inside. */
static const brio_trace_task *running_here(void)
{
    const brio_trace_task *task = NULL;
    for (const brio_trace_loop *l = brio_trace_tasks.loops; l; l = l->next)
        for (const brio_trace_chunk *c = l->chunks; c && l->tid == gettid(); c = c->next)
            task = newest_running(c, task);
    return task;
}

static void on_abort(int number, siginfo_t *info, void *context)
{
    (void)info;
    int saved = errno;
    brio_trace_snapshot_name(&kept->snapshot, running_here());
    brio_trace_snapshot_here(&kept->snapshot, context);
    __atomic_store_n(&kept->snapshot.whole, true, __ATOMIC_RELEASE);
    (void)sigaction(number, &former, NULL);
    (void)raise(number); /* when this returns */
    errno = saved;
}

int brio_last_words_keep(brio_last_words *words)
{
    struct sigaction action = {.sa_sigaction = on_abort, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    BRIO_ASSERT(words);
    kept = words;
    return sigaction(SIGABRT, &action, &former) < 0 ? -errno : 0;
}

/* ---- In the parent ------------------------------------------------------ */

brio_last_words *brio_last_words_new(void)
{
    void *at = mmap(NULL, sizeof(brio_last_words), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

void brio_last_words_free(brio_last_words *words)
{
    if (words)
        munmap(words, sizeof *words);
}

/* What a broken process wrote is taken as hostile, and bounded where it is used. */
bool brio_last_words_log(const brio_last_words *words, int pid)
{
    if (!words || !__atomic_load_n(&words->snapshot.whole, __ATOMIC_ACQUIRE))
        return false;
    brio_trace_snapshot *copy = brio_malloc(sizeof *copy);
    if (!copy)
        return false;
    *copy = words->snapshot;
    copy->name[sizeof copy->name - 1] = '\0';
    copy->regs.stack = copy->stack;
    if (copy->regs.stack_len > sizeof copy->stack)
        copy->regs.stack_len = sizeof copy->stack;
    if (copy->regs.n > BRIO_IMAGE_REGS)
        copy->regs.n = BRIO_IMAGE_REGS;
    brio_trace_report_end(pid, copy);
    brio_trace_self_close();
    free(copy);
    return true;
}
