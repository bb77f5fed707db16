/* SPDX-License-Identifier: MIT
 *
 * Tasks as things: their structs, what is known of them, who joins them.
 *
 * Structs come in chunks and are reused, each with its arena; nothing is
 * allocated in the steady state. A struct outlives its task's stack until
 * joiners and group have seen the result. */
#include "task/task_internal.h"

#include <stdlib.h>

/* Task structs whose arena keeps its first block. */
enum { WARM_ARENAS = 64 };

/* ---- Who am I ----------------------------------------------------------- */

brio_task *brio_current_task(void)
{
    return brio_task_self();
}

brio_runtime *brio_task_runtime(brio_loop *loop)
{
    return *brio_loop_user(loop);
}

brio_runtime *brio_task_here(void)
{
    const brio_task *self = brio_task_self();
    if (self)
        return self->rt;
    brio_loop *loop = brio_loop_current();
    return loop ? brio_task_runtime(loop) : NULL;
}

void brio_task_rename(const char *name)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    self->rec.name = name;
}

const char *brio_task_name(const brio_task *task)
{
    return task->rec.name;
}

uint64_t brio_task_id(const brio_task *task)
{
    return task->rec.id;
}

uint64_t brio_task_parent(const brio_task *task)
{
    return task->rec.parent;
}

const void *brio_task_created_at(const brio_task *task)
{
    return task->rec.created_at;
}

static _Thread_local void *lent_context; /* outside tasks */

void *brio_task_context(void)
{
    const brio_task *self = brio_task_self();
    return self ? self->context : lent_context;
}

void *brio_task_context_use(void *context)
{
    void *former = lent_context;
    lent_context = context;
    return former;
}

size_t brio_task_count(void)
{
    const brio_runtime *rt = brio_task_here();
    return rt ? rt->table.live : 0;
}

void brio_task_each(bool (*fn)(brio_task *task, void *arg), void *arg)
{
    brio_runtime *rt = brio_task_here();
    for (brio_link *l = rt ? rt->tasks.next : NULL; rt && l != &rt->tasks; l = l->next)
        if (!fn(BRIO_CONTAINER(l, brio_task, all), arg))
            return;
}

/* ---- Making ------------------------------------------------------------- */

static void arena_exhausted(brio_arena *arena)
{
    if (brio_task_self())
        brio_task_abandon(BRIO_EABANDON);
    brio_log(BRIO_LOG_CRITICAL, "a task's arena of %zu bytes is exhausted by a callback",
             arena->limit);
    abort();
}

static __attribute__((noinline, cold)) bool chunk_add(brio_runtime *rt)
{
    brio_task_chunk *chunk = brio_zalloc(1, sizeof(*chunk));
    if (!chunk)
        return false;
    chunk->next = rt->chunks;
    rt->chunks = chunk;
    chunk->table =
        (brio_trace_chunk){rt->table.chunks, chunk->tasks, BRIO_TASK_CHUNK, sizeof(brio_task)};
    __atomic_store_n(&rt->table.chunks, &chunk->table, __ATOMIC_RELEASE);
    for (size_t i = BRIO_TASK_CHUNK; i-- > 0;) {
        brio_task *task = &chunk->tasks[i];
        brio_arena_init(&task->own, rt->arena_limit);
        task->own.exhausted = arena_exhausted;
        task->rt = rt;
        brio_link_init(&task->hooks);
        brio_task_free(task);
    }
    return true;
}

/* Out of line, as all that is rare here: what is inlined takes registers from
 * the way that each task goes. */
static __attribute__((noinline, cold)) void cool_down(brio_task *task)
{
    brio_arena_fini(&task->own);
}

void brio_task_free(brio_task *task)
{
    brio_runtime *rt = task->rt;
    BRIO_ASSERT(brio_link_alone(&task->hooks));
    if (task->detail)
        brio_task_detail_free(rt, task->detail);
    if (task->own.blocks && rt->free_n >= WARM_ARENAS)
        cool_down(task);
    task->detail = NULL;
    task->own.limit = rt->arena_limit;
    task->rec.state = BRIO_TRACE_FREE;
    task->next_free = rt->free;
    rt->free = task;
    rt->free_n++;
}

void brio_task_tasks_fini(brio_runtime *rt)
{
    rt->table.chunks = NULL;
    while (rt->chunks) {
        brio_task_chunk *chunk = rt->chunks;
        rt->chunks = chunk->next;
        for (size_t i = 0; i < BRIO_TASK_CHUNK; i++) {
            if (chunk->tasks[i].rec.state == BRIO_TRACE_ENDED)
                brio_task_lost(&chunk->tasks[i]);
            brio_arena_fini(&chunk->tasks[i].own);
        }
        free(chunk);
    }
}

static brio_task *struct_take(brio_runtime *rt)
{
    if (!rt->free && !chunk_add(rt))
        return NULL;
    brio_task *task = rt->free;
    rt->free = task->next_free;
    rt->free_n--;
    return task;
}

static __attribute__((noinline)) void take_options(brio_task *task,
                                                   const brio_task_options *options)
{
    if (options->name)
        task->rec.name = options->name;
    if (options->acquired)
        task->holds++;
    if (options->context)
        task->context = options->context;
    if (options->stack_size)
        task->stack_class = (uint8_t)brio_task_stack_class_of(options->stack_size);
    if (options->arena_limit)
        task->own.limit = options->arena_limit;
    if (options->stack_arena) {
        BRIO_ASSERT(options->stack_arena <= BRIO_TASK_STACK_ARENA_MAX && !options->arena);
        task->stack_arena = (uint16_t)options->stack_arena;
        task->stack_class = BRIO_TASK_WAITING;
    }
    if (options->arena) {
        task->arena = options->arena;
        task->mark = options->arena->defers;
        task->exhausted = options->arena->exhausted;
        options->arena->exhausted = arena_exhausted;
    }
}

/* Field by field: clearing the whole first costs as much as all the rest. */
static inline void rec_begin(brio_trace_task *rec, uint64_t id, uint64_t parent,
                             const void *created_at)
{
    rec->id = id;
    rec->parent = parent;
    rec->name = "task";
    rec->created_at = created_at;
    rec->wait = 0;
    rec->cancelling = 0;
    rec->wait_on = NULL;
    rec->resumes = 0;
    rec->cpu_ns = 0;
}

brio_task *brio_task_new(brio_runtime *rt, brio_task_fn *fn, void *arg,
                         const brio_task_options *options, brio_group *group,
                         const void *created_at)
{
    BRIO_ASSERT(fn);
    const brio_task *self = brio_task_self();
    brio_task *task = rt->table.live < rt->max_tasks ? struct_take(rt) : NULL;
    if (BRIO_UNLIKELY(!task))
        return NULL;
    rt->table.live++;
    rec_begin(&task->rec, ++rt->last_id, self ? self->rec.id : 0, created_at);
    task->fn = fn;
    task->arg = arg;
    task->group = group;
    task->base = task->scope = group ? &group->scope : &rt->root;
    task->stack_class = (uint8_t)rt->stack_class;
    task->stack_arena = 0;
    memset((char *)task + BRIO_TASK_ZEROED, 0, BRIO_TASK_KEPT - BRIO_TASK_ZEROED);
    task->holds = 1;
    task->arena = &task->own;
    task->context = self ? self->context : NULL;
    task->locals = self && self->locals ? brio_locals_acquire() : NULL;
    task->turn.fn = brio_task_first_turn;
    brio_link_insert_before(&rt->tasks, &task->all);
    if (options)
        take_options(task, options);
    brio_task_set_state(task, BRIO_TRACE_NEW);
    return task;
}

void brio_task_start_eager(brio_task *task)
{
    if (brio_loop_current() != task->rt->loop) {
        brio_task_start(task, false);
        return;
    }
    brio_task *self = brio_task_self();
    if (self && brio_trace_wants(~0U))
        brio_task_traced_nested(self, true);
    brio_task_start_now(task);
    if (self && brio_trace_wants(~0U))
        brio_task_traced_nested(self, false);
}

static brio_task *create(brio_runtime *rt, brio_task_fn *fn, void *arg,
                         const brio_task_options *options, const void *created_at)
{
    BRIO_ASSERT(rt);
    brio_task *task = brio_task_new(rt, fn, arg, options, NULL, created_at);
    if (!task)
        return NULL;
    if (BRIO_UNLIKELY(rt->closing))
        (void)brio_task_cancel(task);
    brio_task_start(task, options && options->eager);
    return task;
}

__attribute__((noinline)) brio_task *brio_create_task(brio_task_fn *fn, void *arg,
                                                      const brio_task_options *options)
{
    return create(brio_task_here(), fn, arg, options, __builtin_return_address(0));
}

__attribute__((noinline)) brio_task *
brio_create_task_on(brio_loop *loop, brio_task_fn *fn, void *arg, const brio_task_options *options)
{
    return create(brio_task_runtime(loop), fn, arg, options, __builtin_return_address(0));
}

brio_arena *brio_task_arena(void)
{
    const brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    return self->arena;
}
