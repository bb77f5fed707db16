/* SPDX-License-Identifier: MIT
 *
 * A call's way: admitted, given to an idle worker or queued, awaited, its result
 * fetched; or called off.
 *
 * The order is on the waiting task's stack and knows its slot, the slot knows its
 * order; who leaves first cuts both. A result that fits what the task's arena
 * has in hand is copied on arrival; a larger one stays in the slot until the
 * task itself fetches it, because growing an arena may end the task. */
#include "exec/exec_internal.h"

#include <errno.h>

enum { TRIES = 3 };
#define LOOK BRIO_US(5)

/* ---- Orders ------------------------------------------------------------- */

static void part(brio_exec_order *order)
{
    if (order->slot)
        order->slot->order = NULL;
    order->slot = NULL;
}

void brio_exec_order_end(brio_exec_order *order, int result, const brio_exec_words *words)
{
    part(order);
    order->result = result;
    order->words = *words;
    brio_unpark(&order->waiter, 0);
}

static brio_exec_order *dequeue(brio_processes *pool)
{
    if (brio_link_alone(&pool->queue))
        return NULL;
    brio_exec_order *order = BRIO_CONTAINER(pool->queue.next, brio_exec_order, link);
    brio_link_remove(&order->link);
    pool->queued--;
    return order;
}

void brio_exec_queue_fail(brio_processes *pool, int result, const brio_exec_words *words)
{
    brio_exec_order *order;
    while ((order = dequeue(pool)))
        brio_exec_order_end(order, result, words);
}

static void dispatch(brio_processes *pool, brio_exec_slot *slot, brio_exec_order *order, bool loud)
{
    brio_link_remove(&slot->link);
    brio_link_insert_before(&pool->active, &slot->link);
    slot->state = BRIO_EXEC_SLOT_BUSY;
    slot->order = order;
    order->slot = slot;
    pool->running++;
    brio_exec_track(&slot->track, slot->name, BRIO_TRACE_RUNNING, brio_exec_track_time(pool->loop));
    brio_exec_slot_give(slot, order->call, loud);
}

/* ---- Slots -------------------------------------------------------------- */

static void recycle(brio_processes *pool, brio_exec_slot *slot)
{
    slot->state = BRIO_EXEC_SLOT_ENDING;
    brio_link_remove(&slot->link);
    brio_link_insert_before(&pool->active, &slot->link);
    brio_exec_slot_turn(slot, BRIO_EXEC_END);
}

/* Waits for work, or is known to be dead and waits for its replacement. */
static void lay_down(brio_processes *pool, brio_exec_slot *slot)
{
    slot->state = BRIO_EXEC_SLOT_IDLE;
    brio_link_remove(&slot->link);
    brio_link_insert_before(pool->idle.next, &slot->link);
}

void brio_exec_slot_free(brio_processes *pool, brio_exec_slot *slot)
{
    bool worn_out = pool->o.recycle_after && slot->jobs >= pool->o.recycle_after;
    bool dead = slot->gone || pool->control < 0;
    brio_exec_order *order = worn_out || dead ? NULL : dequeue(pool);
    if (order)
        dispatch(pool, slot, order, true);
    else if (worn_out && !dead)
        recycle(pool, slot);
    else
        lay_down(pool, slot);
}

/* Its job is done with, the result fetched or unwanted. */
static void release(brio_processes *pool, brio_exec_slot *slot)
{
    if (slot->order)
        part(slot->order);
    brio_exec_track(&slot->track, slot->name, BRIO_TRACE_WAITING, brio_exec_track_time(pool->loop));
    if (slot->gone) {
        brio_exec_slot_lost(pool, slot);
        return;
    }
    pool->running--;
    brio_exec_slot_free(pool, slot);
    brio_exec_processes_check_quiet(pool);
}

/* What it wrote cannot be true: end it, before it does worse. */
static void distrust(brio_processes *pool, brio_exec_slot *slot)
{
    static const brio_exec_words why = BRIO_EXEC_WORDS_OF(
        "a worker process wrote nonsense into the memory of its slot; it is being killed");
    brio_log(BRIO_LOG_ERROR, "pool \"%s\": %.*s", pool->name, (int)why.len, why.text);
    if (slot->order)
        brio_exec_order_end(slot->order, BRIO_EPROCESS, &why);
    slot->condemned = true;
    brio_exec_slot_kill(pool, slot);
}

/* ---- Results ------------------------------------------------------------ */

/* True if the bytes are where the caller wants them. */
static bool deliver(brio_exec_order *order, brio_str bytes)
{
    const brio_process_call *call = order->call;
    size_t room = (size_t)(order->arena->end - order->arena->at);
    char *to = call->storage;
    order->size = bytes.len;
    order->bytes = (brio_str){NULL, 0};
    if (!order->wanted || bytes.len == 0)
        return true;
    if (call->into && bytes.len > call->capacity) {
        order->result = BRIO_ELIMIT;
        order->words.len = 0;
        return true;
    }
    if (!call->into) {
        if (room < 16 || bytes.len > room - 16)
            return false;
        to = brio_alloc(order->arena, bytes.len);
    }
    memcpy(to, bytes.ptr, bytes.len);
    order->bytes = (brio_str){to, bytes.len};
    return true;
}

static void finish(brio_processes *pool, brio_exec_slot *slot)
{
    brio_exec_answer answer;
    brio_exec_order *order = slot->order;
    if (!brio_exec_slot_answer(pool, slot, &answer)) {
        distrust(pool, slot);
        return;
    }
    slot->jobs++;
    pool->server_deaths = 0;
    bool delivered = true;
    if (order) {
        brio_str bytes = {brio_exec_slot_result(pool, slot), (size_t)answer.len};
        order->result = answer.result;
        order->words.len = answer.words.len;
        memcpy(order->words.text, answer.words.text, answer.words.len);
        delivered = answer.result < 0 || deliver(order, bytes);
        if (!delivered)
            order->bytes = bytes;
        order->held = !delivered;
        slot->state = BRIO_EXEC_SLOT_HELD;
        brio_unpark(&order->waiter, 0);
    }
    if (delivered) {
        brio_exec_slot_trim(pool, slot, answer.len);
        release(pool, slot);
    }
}

void brio_exec_slot_look(brio_processes *pool, brio_exec_slot *slot)
{
    unsigned word = atomic_load(&slot->shared->word);
    if (slot->state == BRIO_EXEC_SLOT_STARTING && word == BRIO_EXEC_READY) {
        slot->begun = true;
        pool->failed_starts = 0;
        brio_exec_track(&slot->track, slot->name, BRIO_TRACE_WAITING,
                        brio_exec_track_time(pool->loop));
        brio_exec_slot_free(pool, slot);
    } else if (slot->state == BRIO_EXEC_SLOT_BUSY && !slot->condemned) {
        if (word == BRIO_EXEC_DONE)
            finish(pool, slot);
        else if (word != BRIO_EXEC_JOB && word != BRIO_EXEC_JOB_LOUD)
            distrust(pool, slot);
    }
}

/* However the task leaves its call. */
static void let_slot_go(void *arg)
{
    brio_exec_order *order = arg;
    if (!order->slot)
        return;
    brio_exec_slot_trim(order->pool, order->slot, order->size);
    release(order->pool, order->slot);
}

/* The task's own half of a large result. Growing the arena may end the task. */
static void fetch(brio_exec_order *order)
{
    brio_arena *arena = order->arena;
    brio_str bytes = order->bytes;
    order->bytes = (brio_str){NULL, 0};
    if (arena->limit - arena->reserved < bytes.len + 4096) { /* a block has a head */
        order->result = BRIO_ELIMIT;
        order->words.len = 0;
    } else {
        char *to = brio_alloc(arena, bytes.len);
        memcpy(to, bytes.ptr, bytes.len);
        order->bytes = (brio_str){to, bytes.len};
    }
    let_slot_go(order);
}

/* ---- The call ----------------------------------------------------------- */

static bool call_off(brio_waiter *waiter)
{
    brio_exec_order *order = BRIO_CONTAINER(waiter, brio_exec_order, waiter);
    brio_processes *pool = order->pool;
    brio_exec_slot *slot = order->slot;
    if (!slot) {
        brio_link_remove(&order->link);
        pool->queued--;
        brio_exec_processes_check_quiet(pool);
        return true;
    }
    part(order);
    if (order->call->kill_on_cancel || pool->o.kill_on_cancel) {
        slot->condemned = true;
        brio_exec_slot_kill(pool, slot);
    }
    return true;
}

static int admit(const brio_processes *pool, const brio_process_call *call)
{
    if (pool->closing)
        return brio_error(BRIO_ECLOSED, "the process pool is shut down");
    if (pool->broken)
        return brio_exec_words_tell(&pool->why_broken, BRIO_EPROCESS);
    if (call->arg.len > pool->o.max_payload)
        return brio_error(BRIO_ELIMIT, "the argument's %zu bytes are more than max_payload, %zu",
                          call->arg.len, pool->o.max_payload);
    if (brio_link_alone(&pool->idle) && pool->queued >= pool->o.max_queue)
        return brio_error(BRIO_EOVERLOAD, "the process pool takes no more calls: %zu are queued",
                          pool->queued);
    return 0;
}

/* Short jobs are over before the loop would have gone to sleep; look for a
 * moment, if the loop has nothing else to do. */
static void look_shortly(brio_processes *pool, brio_exec_slot *slot)
{
    unsigned job = BRIO_EXEC_JOB;
    atomic_uint *word = &slot->shared->word;
    if (brio_loop_next_deadline(pool->loop) > brio_loop_now(pool->loop))
        brio_exec_spin_while(&pool->spin, word, BRIO_EXEC_JOB, LOOK);
    if (!atomic_compare_exchange_strong(word, &job, BRIO_EXEC_JOB_LOUD))
        brio_exec_slot_look(pool, slot);
}

static void begin(brio_processes *pool, brio_exec_order *order)
{
    if (brio_link_alone(&pool->idle)) {
        brio_link_insert_before(&pool->queue, &order->link);
        pool->queued++;
        return;
    }
    brio_exec_slot *slot = BRIO_CONTAINER(pool->idle.next, brio_exec_slot, link);
    dispatch(pool, slot, order, pool->simulated);
    if (!pool->simulated)
        look_shortly(pool, slot);
}

static int conclude(brio_exec_order *order, brio_str *ret_result)
{
    if (order->held)
        fetch(order);
    if (ret_result)
        *ret_result = order->result < 0 ? (brio_str){NULL, 0} : order->bytes;
    if (order->result == BRIO_ELIMIT && order->words.len == 0)
        return brio_error(BRIO_ELIMIT, "no room for the result's %zu bytes", order->size);
    return brio_exec_words_tell(&order->words, order->result);
}

static void order_init(brio_exec_order *order, brio_processes *pool, const brio_process_call *call,
                       bool wanted)
{
    brio_link_init(&order->link);
    order->pool = pool;
    order->slot = NULL;
    order->call = call;
    order->arena = brio_task_arena();
    order->tries = 0;
    order->held = false;
    order->wanted = wanted;
    order->size = 0;
    order->bytes = (brio_str){NULL, 0};
    order->waiter = (brio_waiter){.on_cancel = call_off, .kind = BRIO_WAIT_PROCESS, .on = pool};
}

/* 0 once the order has ended, -ECANCELED if it was called off, or why it cannot begin. */
static int wait_for_end(brio_exec_order *order)
{
    brio_processes *pool = order->pool;
    int rc = brio_exec_waiting(pool, +1);
    if (rc < 0)
        return rc;
    begin(pool, order);
    rc = brio_park(&order->waiter);
    int off = brio_exec_waiting(pool, -1);
    BRIO_ASSERT(off == 0);
    return rc;
}

/* A result for the arena may end the task at the arena's limit: then a defer lets
 * the slot go. It is laid down while nothing has begun, for the same reason. */
static int run(brio_processes *pool, const brio_process_call *call, brio_str *ret_result)
{
    brio_exec_order order;
    int rc = brio_exec_bind(pool);
    if (rc == 0)
        rc = admit(pool, call);
    if (rc < 0)
        return rc;
    order_init(&order, pool, call, ret_result != NULL);
    bool guarded = ret_result && !call->into;
    if (guarded)
        brio_defer_push(order.arena, let_slot_go, &order);
    rc = wait_for_end(&order);
    if (rc >= 0)
        rc = conclude(&order, ret_result);
    if (guarded)
        (void)brio_defer_pop(order.arena, let_slot_go, &order, false);
    return rc;
}

int brio_processes_run(brio_processes *pool, const brio_process_call *call, brio_str *ret_result)
{
    if (ret_result)
        *ret_result = (brio_str){NULL, 0};
    if (!brio_current_task())
        return brio_error(-EPERM, "only a task can wait for a worker process");
    int rc = brio_checkpoint(); /* a task of many short jobs must let others run */
    if (rc < 0)
        return rc;
    if (!pool)
        pool = brio_default_processes();
    if (!pool)
        return brio_error(-ENOMEM, "the loop's process pool could not be made");
    return run(pool, call, ret_result);
}

/* A worker died before it began with its job: another may. */
bool brio_exec_order_again(brio_processes *pool, brio_exec_slot *slot)
{
    brio_exec_order *order = slot->order;
    if (pool->broken || atomic_load(&slot->shared->began) == slot->seq || ++order->tries >= TRIES)
        return false;
    part(order);
    brio_link_insert_before(pool->queue.next, &order->link);
    pool->queued++;
    return true;
}

/* ---- The end ------------------------------------------------------------ */

void brio_exec_processes_check_quiet(brio_processes *pool)
{
    if (!pool->closing || pool->running || pool->queued)
        return;
    while (!brio_link_alone(&pool->closers)) {
        brio_waiter *waiter = BRIO_CONTAINER(pool->closers.next, brio_waiter, link);
        brio_link_remove(&waiter->link);
        brio_unpark(waiter, 0);
    }
}

static bool stop_closing(brio_waiter *waiter)
{
    brio_link_remove(&waiter->link);
    return true;
}

int brio_processes_shutdown(brio_processes *pool, bool drop_queued)
{
    static const brio_exec_words why = BRIO_EXEC_WORDS_OF("the process pool is shut down");
    pool->closing = true;
    if (drop_queued)
        brio_exec_queue_fail(pool, BRIO_ECLOSED, &why);
    if (!brio_current_task())
        return brio_error(-EPERM, "only a task can wait for a process pool");
    if (pool->running == 0 && pool->queued == 0)
        return brio_cancel_point();
    int rc = brio_exec_bind(pool);
    if (rc == 0)
        rc = brio_exec_waiting(pool, +1);
    if (rc < 0)
        return rc;
    brio_waiter waiter = {.on_cancel = stop_closing, .kind = BRIO_WAIT_PROCESS, .on = pool};
    brio_link_insert_before(&pool->closers, &waiter.link);
    rc = brio_park(&waiter);
    int off = brio_exec_waiting(pool, -1);
    BRIO_ASSERT(off == 0);
    return rc;
}

/* ---- The loop's own pool ------------------------------------------------- */

static const char default_pool_key;

static void close_pool(void *pool)
{
    brio_processes_close(pool);
}

/* Known before it is launched: others that come meanwhile queue in it. */
brio_processes *brio_default_processes(void)
{
    brio_loop *loop = brio_loop_current();
    void **own = brio_tasks_local(loop, &default_pool_key);
    if (*own)
        return *own;
    brio_processes *pool = brio_exec_processes_new();
    if (!pool)
        return NULL;
    *own = pool;
    brio_tasks_at_close(loop, close_pool, pool);
    brio_exec_processes_start(pool);
    return pool;
}
