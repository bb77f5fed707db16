/* SPDX-License-Identifier: MIT
 *
 * What befalls a pool: a worker died, its initialiser refuses, the fork server
 * died.
 *
 * A worker's death is its own job's failure, told with how it died; whatever it
 * had finished before counts. A replacement is forked at once, but three that
 * never got ready, or three servers that died before a job was done, break the
 * pool. Workers of a dead server die too, but maybe a moment later: their slots
 * get new memory, so that the last of their writing meets nobody. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRIES = 3 };

/* ---- Words -------------------------------------------------------------- */

static brio_buf words_begin(brio_exec_words *words)
{
    return brio_buf_over(words->text, sizeof(words->text) - 1);
}

static void words_end(brio_exec_words *words, const brio_buf *text)
{
    words->len = text->len;
}

static void say_end(brio_buf *text, int32_t pid, int status)
{
    brio_buf_printf(text, "worker %d ", (int)pid);
    const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
    if (name)
        brio_buf_printf(text, "was killed by SIG%s", name);
    else if (WIFSIGNALED(status))
        brio_buf_printf(text, "was killed by signal %d", WTERMSIG(status));
    else
        brio_buf_printf(text, "ended with status %d", WEXITSTATUS(status));
}

static void say_job(brio_buf *text, const brio_process_call *call)
{
    union {
        brio_process_fn *fn;
        void *address;
    } job = {.fn = call->fn};
    brio_buf_add(text, BRIO_S(" while it ran "));
    if (call->name)
        brio_buf_add(text, brio_str_slice(brio_str_from(call->name), 0, 200));
    else
        brio_buf_printf(text, "the function at %p", job.address);
}

/* A limit that explains this end. */
static void say_limit(brio_buf *text, const brio_processes *pool, int status)
{
    if (!WIFSIGNALED(status))
        return;
    if (WTERMSIG(status) == SIGXCPU && pool->o.cpu_limit > 0)
        brio_buf_printf(text, ": it used more than its cpu_limit, %lld ms",
                        (long long)(pool->o.cpu_limit / BRIO_MS(1)));
    else if (pool->o.memory_limit)
        brio_buf_printf(text, " (its memory_limit is %zu bytes)", pool->o.memory_limit);
}

static void say_death(brio_exec_words *words, const brio_processes *pool,
                      const brio_exec_slot *slot, const brio_exec_report *report)
{
    brio_buf text = words_begin(words);
    say_end(&text, report->pid, report->status);
    say_job(&text, slot->order->call);
    say_limit(&text, pool, report->status);
    words_end(words, &text);
}

/* ---- A broken pool ------------------------------------------------------- */

static void break_pool(brio_processes *pool, const brio_exec_words *why)
{
    pool->broken = true;
    pool->why_broken = *why;
    brio_log(BRIO_LOG_ERROR, "pool \"%s\": %.*s", pool->name, (int)why->len, why->text);
    brio_exec_queue_fail(pool, BRIO_EPROCESS, why);
}

/* Why a worker never got ready. */
static void say_start(brio_buf *text, const brio_exec_slot *slot, const brio_exec_report *report)
{
    const brio_exec_answer *theirs = &slot->shared->answer;
    size_t len = theirs->words.len;
    if (report->pid == 0)
        brio_buf_printf(text, "it could not be forked: %s", brio_error_text(report->status));
    else if (atomic_load(&slot->shared->word) != BRIO_EXEC_REFUSED)
        say_end(text, report->pid, report->status);
    else if (len > 0 && len <= sizeof(theirs->words.text))
        brio_buf_add(text, brio_str_slice((brio_str){theirs->words.text, len}, 0, 300));
    else
        brio_buf_printf(text, "%s", brio_error_text(theirs->result));
}

static void note_failed_start(brio_processes *pool, const brio_exec_slot *slot,
                              const brio_exec_report *report)
{
    brio_exec_words why;
    if (pool->broken || ++pool->failed_starts < TRIES)
        return;
    brio_buf text = words_begin(&why);
    brio_buf_printf(&text,
                    "the process pool is broken: %d workers in a row did not get ready: ", TRIES);
    say_start(&text, slot, report);
    words_end(&why, &text);
    break_pool(pool, &why);
}

/* ---- Workers ------------------------------------------------------------ */

static void slot_dead(brio_processes *pool, brio_exec_slot *slot)
{
    if (slot->state == BRIO_EXEC_SLOT_BUSY || slot->state == BRIO_EXEC_SLOT_HELD)
        pool->running--;
    slot->state = BRIO_EXEC_SLOT_DEAD;
    pool->alive--;
    brio_link_remove(&slot->link);
    brio_exec_track(&slot->track, slot->name, BRIO_TRACE_ENDED, brio_exec_track_time(pool->loop));
    slot->track = 0; /* the next worker in this slot is another track */
}

static void fail_order(brio_processes *pool, brio_exec_slot *slot, const brio_exec_report *report)
{
    brio_exec_words why;
    say_death(&why, pool, slot, report);
    brio_log(BRIO_LOG_WARNING, "pool \"%s\": %.*s", pool->name, (int)why.len, why.text);
    brio_exec_order_end(slot->order, BRIO_EPROCESS, &why);
}

static void replace(brio_processes *pool, brio_exec_slot *slot)
{
    slot_dead(pool, slot);
    if (!pool->closing && !pool->broken && pool->control >= 0)
        brio_exec_slot_fork(pool, slot);
    brio_exec_processes_check_quiet(pool);
}

void brio_exec_slot_lost(brio_processes *pool, brio_exec_slot *slot)
{
    replace(pool, slot);
}

/* The bell may come later than the news of its death, so what it had finished is
 * looked for first. False if nothing is left to do: its result is held (memory
 * outlives the worker), or it is replaced already. */
static bool look_again(brio_processes *pool, brio_exec_slot *slot)
{
    slot->gone = true;
    brio_exec_slot_look(pool, slot);
    return slot->gone && slot->state != BRIO_EXEC_SLOT_HELD && slot->state != BRIO_EXEC_SLOT_DEAD;
}

void brio_exec_worker_died(brio_processes *pool, const brio_exec_report *report)
{
    BRIO_ASSERT(report->slot < pool->o.workers);
    brio_exec_slot *slot = &pool->slots[report->slot];
    if (report->gen != slot->gen || slot->state == BRIO_EXEC_SLOT_DEAD || !look_again(pool, slot))
        return;
    if (!slot->begun)
        note_failed_start(pool, slot, report);
    if (slot->order && !brio_exec_order_again(pool, slot))
        fail_order(pool, slot, report);
    replace(pool, slot);
}

/* ---- The server --------------------------------------------------------- */

/* It may not be dead yet, so its job may still begin: no other gets that. */
static void lose_worker(brio_processes *pool, brio_exec_slot *slot)
{
    static const brio_exec_words why =
        BRIO_EXEC_WORDS_OF("the process pool's fork server died, and the job's worker with it");
    if (slot->state == BRIO_EXEC_SLOT_DEAD || !look_again(pool, slot))
        return;
    if (slot->order)
        brio_exec_order_end(slot->order, BRIO_EPROCESS, &why);
    slot_dead(pool, slot);
}

static int new_memory(brio_processes *pool, brio_exec_slot *slot)
{
    brio_exec_slot fresh = {0};
    if (slot->state == BRIO_EXEC_SLOT_HELD)
        return 0;
    int rc = brio_exec_slot_map(pool, &fresh);
    if (rc < 0)
        return rc;
    brio_exec_slot_unmap(pool, slot);
    slot->shared = fresh.shared;
    return 0;
}

static int relaunch(brio_processes *pool)
{
    if (++pool->server_deaths >= TRIES)
        return BRIO_EPROCESS;
    int rc = 0;
    for (unsigned i = 0; i < pool->o.workers && rc == 0; i++)
        rc = new_memory(pool, &pool->slots[i]);
    return rc < 0 ? rc : brio_exec_server_launch(pool);
}

void brio_exec_processes_break(brio_processes *pool, int rc)
{
    brio_exec_words why;
    brio_buf text = words_begin(&why);
    brio_buf_printf(&text, "the process pool is broken: %s%s",
                    rc == BRIO_EPROCESS ? "its fork server died again and again"
                                        : "its fork server could not be made: ",
                    rc == BRIO_EPROCESS ? "" : brio_error_text(rc));
    words_end(&why, &text);
    break_pool(pool, &why);
}

void brio_exec_server_died(brio_processes *pool)
{
    if (pool->control_on)
        brio_watch_stop(pool->loop, &pool->control_watch);
    pool->control_on = false;
    close(pool->control);
    pool->control = -1;
    while (waitpid(pool->server, NULL, 0) < 0 && errno == EINTR)
        ;
    pool->server = 0;
    brio_log(BRIO_LOG_ERROR, "pool \"%s\": the fork server died", pool->name);
    for (unsigned i = 0; i < pool->o.workers; i++)
        lose_worker(pool, &pool->slots[i]);
    int rc = pool->closing || pool->broken ? 0 : relaunch(pool);
    if (rc < 0)
        brio_exec_processes_break(pool, rc);
    brio_exec_processes_check_quiet(pool);
}
