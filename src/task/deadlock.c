/* SPDX-License-Identifier: MIT
 *
 * Why nothing goes on: the tree of tasks with what each waits for, and the
 * rings in which they wait for each other.
 *
 * Everything is read from the task table's records. A task depends on the
 * holder of the lock, the task, or all tasks of the group it waits for; a
 * ring is told once, by its oldest task. Nothing here is fast, and huge
 * programs are told in part. */
#include "task/task_internal.h"

enum { LISTED_MAX = 200, RINGS_MAX = 256, DEPTH_MAX = 32 };

typedef struct survey {
    const brio_task *tasks[RINGS_MAX]; /* oldest first */
    size_t n, listed;
    bool visited[RINGS_MAX];
    const brio_task *path[RINGS_MAX];
    size_t path_n;
} survey;

static const brio_task *task_of(brio_link *link)
{
    return BRIO_CONTAINER(link, brio_task, all);
}

static const brio_task *find(const brio_runtime *rt, uint64_t id)
{
    for (brio_link *l = rt->tasks.next; l != &rt->tasks; l = l->next)
        if (task_of(l)->rec.id == id)
            return task_of(l);
    return NULL;
}

/* ---- The tree ----------------------------------------------------------- */

static brio_str name_of(brio_arena *arena, const brio_trace_task *rec)
{
    return brio_printf(arena, "%s (%llu)", rec->name, (unsigned long long)rec->id);
}

static brio_str held_by(brio_arena *arena, const brio_runtime *rt, const brio_trace_owned *lock)
{
    const brio_task *owner = lock && lock->owner ? find(rt, lock->owner) : NULL;
    if (owner)
        return brio_printf(arena, " held by %.*s", BRIO_ARG(name_of(arena, &owner->rec)));
    return lock && lock->owner ? BRIO_S(" held by a task that has ended") : BRIO_S("");
}

static brio_str what_for(brio_arena *arena, const brio_task *task)
{
    const brio_trace_task *rec = &task->rec;
    if (rec->state != BRIO_TRACE_WAITING)
        return BRIO_S("could run");
    brio_str whose = {0};
    if (rec->wait == BRIO_WAIT_LOCK)
        whose = held_by(arena, task->rt, rec->wait_on);
    else if (rec->wait == BRIO_WAIT_TASK && rec->wait_on)
        whose = brio_printf(arena, " %.*s", BRIO_ARG(name_of(arena, rec->wait_on)));
    return brio_printf(arena, "waits for %s%.*s", brio_trace_wait_text(rec->wait), BRIO_ARG(whose));
}

static void list_below(survey *s, brio_arena *arena, const brio_runtime *rt, uint64_t parent,
                       int depth);

static void list(survey *s, brio_arena *arena, const brio_task *task, int depth)
{
    if (++s->listed > LISTED_MAX)
        return;
    brio_log(BRIO_LOG_ERROR, "  %*s%.*s %.*s", 2 * depth, "", BRIO_ARG(name_of(arena, &task->rec)),
             BRIO_ARG(what_for(arena, task)));
    if (depth < DEPTH_MAX)
        list_below(s, arena, task->rt, task->rec.id, depth + 1);
}

static void list_below(survey *s, brio_arena *arena, const brio_runtime *rt, uint64_t parent,
                       int depth)
{
    for (brio_link *l = rt->tasks.next; l != &rt->tasks && s->listed <= LISTED_MAX; l = l->next) {
        const brio_task *task = task_of(l);
        bool root = !parent && (!task->rec.parent || !find(rt, task->rec.parent));
        if (root || (parent && task->rec.parent == parent))
            list(s, arena, task, depth);
    }
}

/* ---- Rings -------------------------------------------------------------- */

static bool depends(const brio_task *task, const brio_task *on)
{
    const brio_trace_task *rec = &task->rec;
    if (rec->state != BRIO_TRACE_WAITING || !rec->wait_on)
        return false;
    if (rec->wait == BRIO_WAIT_LOCK)
        return ((const brio_trace_owned *)rec->wait_on)->owner == on->rec.id;
    if (rec->wait == BRIO_WAIT_GROUP)
        return on->group == rec->wait_on;
    return rec->wait == BRIO_WAIT_TASK && rec->wait_on == &on->rec;
}

/* True with the ring in `path`, if a way leads from its end to its start
 * through younger tasks only. */
static bool closes(survey *s, size_t first)
{
    const brio_task *end = s->path[s->path_n - 1];
    if (depends(end, s->tasks[first]))
        return true;
    for (size_t i = first + 1; i < s->n; i++) {
        if (s->visited[i] || !depends(end, s->tasks[i]))
            continue;
        s->visited[i] = true;
        s->path[s->path_n++] = s->tasks[i];
        if (closes(s, first))
            return true;
        s->path_n--;
    }
    return false;
}

static void tell_ring(const survey *s, brio_arena *arena)
{
    brio_str text = BRIO_S("");
    for (size_t i = 0; i < s->path_n; i++)
        text = brio_printf(arena, "%.*s%.*s waits for ", BRIO_ARG(text),
                           BRIO_ARG(name_of(arena, &s->path[i]->rec)));
    brio_log(BRIO_LOG_ERROR, "  a ring: %.*s%.*s", BRIO_ARG(text),
             BRIO_ARG(name_of(arena, &s->path[0]->rec)));
}

static void tell_rings(survey *s, brio_arena *arena, const brio_runtime *rt)
{
    for (brio_link *l = rt->tasks.next; l != &rt->tasks && s->n < RINGS_MAX; l = l->next)
        s->tasks[s->n++] = task_of(l);
    for (size_t i = 0; i < s->n; i++) {
        memset(s->visited, 0, sizeof s->visited);
        s->path[0] = s->tasks[i];
        s->path_n = 1;
        if (closes(s, i))
            tell_ring(s, arena);
    }
}

void brio_task_log_deadlock(const brio_runtime *rt)
{
    if (rt->sim && brio_task_sim_quiet(rt->sim))
        return;
    brio_arena arena;
    brio_arena_init(&arena, 0);
    survey *s = BRIO_NEW(&arena, survey);
    brio_log(BRIO_LOG_ERROR, "deadlock: every task waits (%llu), and nothing can wake one",
             (unsigned long long)rt->table.live);
    list_below(s, &arena, rt, 0, 0);
    if (s->listed > LISTED_MAX)
        brio_log(BRIO_LOG_ERROR, "  ... and more");
    tell_rings(s, &arena, rt);
    brio_arena_fini(&arena);
}
