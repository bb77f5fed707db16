/* SPDX-License-Identifier: MIT
 *
 * Task groups: a scope that owns tasks and cannot end before they do.
 *
 * A child's scopes hang below the group's scope, so what was in force where
 * the group was opened holds for the child, wherever it is spawned. A finished
 * child stays on the list until the group ends, for joiners; a discarding
 * group forgets it at once. The group is the caller's memory; the tasks are
 * the runtime's. */
#include "task/task_internal.h"

brio_group *brio_group_enter(brio_group *group)
{
    const brio_task *self = brio_task_self();
    BRIO_ASSERT(self && !group->entered);
    group->entered = true;
    group->won = false;
    group->err = 0;
    group->failed = group->done = group->live = group->spawning = 0;
    group->requests = self->requests;
    group->told = self->edges;
    group->joiner = NULL;
    group->culprit = NULL;
    group->failures = NULL;
    brio_link_init(&group->tasks);
    if (BRIO_UNLIKELY(group->max_in_flight))
        brio_semaphore_init(&group->slots, group->max_in_flight);
    group->scope.group = group;
    brio_scope_enter(&group->scope);
    return group;
}

void brio_group_cancel(brio_group *group)
{
    brio_scope_cancel(&group->scope);
}

/* ---- Children ----------------------------------------------------------- */

static void keep_first_failure(brio_group *group, brio_task *task)
{
    bool refused = group->err == -ECANCELED && !group->strict; /* a spawn was, that is all */
    if ((group->err && !refused) || group->won || group->policy == BRIO_COLLECT)
        return;
    group->err = task->result;
    group->culprit = task;
}

/* The first ones stay, with their words, until the group ends. True if so. */
static __attribute__((noinline)) bool keep_failed(brio_group *group, brio_task *task)
{
    task->seen = true;
    if (group->failed++ == 0)
        brio_link_init(&group->culprits);
    if (group->failed > BRIO_FAILURES_MAX)
        return false;
    brio_link_remove(&task->group_link);
    brio_link_insert_before(&group->culprits, &task->group_link);
    keep_first_failure(group, task);
    return true;
}

/* True if the task is kept whatever the group discards. */
static bool judge(brio_group *group, brio_task *task)
{
    group->done++;
    if (task->result >= 0) {
        if (BRIO_LIKELY(group->policy != BRIO_RACE))
            return false;
        group->won = true;
        group->err = 0;
        brio_task_scope_cancel(&group->scope, BRIO_CANCEL_RACE, task->rec.id);
        return false;
    }
    if (task->result == -ECANCELED && !group->strict)
        return false;
    if (group->policy == BRIO_FAIL_FAST)
        brio_task_scope_cancel(&group->scope, BRIO_CANCEL_SIBLING, task->rec.id);
    return keep_failed(group, task);
}

static void forget(brio_task *task)
{
    brio_link_remove(&task->group_link);
    task->group = NULL; /* it may be held, and the group ends */
    brio_task_let_go(task);
}

/* Nobody is in the group, nor about to be. */
static bool deserted(const brio_group *group)
{
    return group->live + group->spawning == 0;
}

static void wake_joiner(brio_group *group)
{
    brio_waiter *joiner = group->joiner;
    if (!joiner || !deserted(group))
        return;
    group->joiner = NULL;
    brio_unpark(joiner, 0);
}

void brio_task_group_ended(brio_group *group, brio_task *task)
{
    BRIO_ASSERT(group->live > 0);
    group->live--;
    bool kept = judge(group, task);
    if (group->discard && !kept)
        forget(task);
    if (group->max_in_flight)
        brio_semaphore_release(&group->slots);
    wake_joiner(group);
}

static brio_task *refuse(brio_group *group, int err)
{
    if (!group->err && !group->won) /* a race that is won has not failed */
        group->err = err;
    return NULL;
}

/* False if the caller is cancelled: its next suspending call is told again.
 * Counted, so that the group cannot end meanwhile; it may be cancelled, and
 * then the slot is the next one's. */
static bool wait_for_slot(brio_group *group, brio_task *self)
{
    group->spawning++;
    int rc = brio_semaphore_acquire(&group->slots);
    group->spawning--;
    bool ours = rc == 0 && !group->scope.reached;
    if (rc == 0 && !ours) {
        brio_semaphore_release(&group->slots);
        refuse(group, -ECANCELED);
    }
    if (rc < 0 && !self->scope->reached)
        self->must_cancel = true;
    if (!ours)
        wake_joiner(group);
    return ours;
}

static __attribute__((noinline)) bool take_slot(brio_group *group)
{
    brio_task *self = brio_task_self();
    if (brio_semaphore_try(&group->slots))
        return true;
    if (!self) {
        refuse(group, BRIO_EOVERLOAD);
        return false;
    }
    return wait_for_slot(group, self);
}

brio_task *brio_task_spawn(brio_group *group, brio_task_fn *fn, void *arg,
                           const brio_task_options *options, const void *created_at)
{
    BRIO_ASSERT(group->entered);
    if (group->max_in_flight && !group->scope.reached && !take_slot(group))
        return NULL;
    if (group->scope.reached)
        return refuse(group, -ECANCELED);
    brio_task *task = brio_task_new(group->scope.task->rt, fn, arg, options, group, created_at);
    if (!task) {
        if (group->max_in_flight)
            brio_semaphore_release(&group->slots);
        wake_joiner(group);
        return refuse(group, BRIO_EOVERLOAD);
    }
    group->live++;
    brio_link_insert_before(&group->tasks, &task->group_link);
    brio_task_start(task, options && options->eager);
    return task;
}

__attribute__((noinline)) brio_task *brio_spawn_with(brio_group *group, brio_task_fn *fn, void *arg,
                                                     const brio_task_options *options)
{
    return brio_task_spawn(group, fn, arg, options, __builtin_return_address(0));
}

__attribute__((noinline)) brio_task *brio_spawn(brio_group *group, brio_task_fn *fn, void *arg)
{
    return brio_task_spawn(group, fn, arg, NULL, __builtin_return_address(0));
}

/* ---- Leaving ------------------------------------------------------------ */

typedef struct leaver {
    brio_waiter waiter;
    brio_group *group;
} leaver;

static void pass_on(brio_task *owner, brio_group *group)
{
    brio_cancel_reason reason =
        brio_task_cancel_due(owner) ? brio_task_cancel_cause(owner) : owner->asked;
    brio_task_scope_cancel(&group->scope, reason.kind, reason.by);
}

/* The children are told; the wait for them goes on. */
static bool pass_cancel_on(brio_waiter *waiter)
{
    brio_group *group = BRIO_CONTAINER(waiter, leaver, waiter)->group;
    pass_on(group->scope.task, group);
    return false;
}

/* Again, if a callback spawned between the last end and the owner's turn. */
void brio_task_group_join(brio_task *self, brio_group *group)
{
    BRIO_ASSERT(group->scope.task == self);
    while (!deserted(group)) {
        leaver l;
        l.waiter = (brio_waiter){.on_cancel = pass_cancel_on, .kind = BRIO_WAIT_GROUP, .on = group};
        l.group = group;
        group->joiner = &l.waiter;
        int rc = brio_park(&l.waiter);
        BRIO_ASSERT(rc == 0);
    }
}

static void forget_all(brio_link *tasks)
{
    while (!brio_link_alone(tasks)) {
        brio_task *task = BRIO_CONTAINER(tasks->next, brio_task, group_link);
        BRIO_ASSERT(brio_task_done(task));
        forget(task);
    }
}

static void forget_tasks(brio_group *group)
{
    forget_all(&group->tasks);
    if (group->failed)
        forget_all(&group->culprits);
    group->culprit = NULL;
}

/* Joins, and takes the group off the scopes of `self`. */
void brio_task_group_close(brio_task *self, brio_group *group)
{
    brio_task_group_join(self, group);
    forget_tasks(group);
    group->entered = false;
    brio_scope_leave(&group->scope);
}

/* ---- Telling ------------------------------------------------------------ */

/* The failure's words become the caller's. */
static void hand_words_over(brio_task *self, const brio_group *group)
{
    brio_task *culprit = group->culprit;
    if (!culprit || !culprit->detail || !group->err)
        return;
    if (culprit->holds > 1) { /* somebody else may read them */
        brio_task_detail_copy(self, culprit->detail);
        return;
    }
    brio_task_detail_free(self->rt, self->detail);
    self->detail = culprit->detail;
    culprit->detail = NULL;
}

/* Asked since the group was entered, and told of it or about to be: a request
 * that went down an await and ended there is no concern of the group. */
static bool was_cancelled(const brio_task *self, const brio_group *group)
{
    return self->requests > group->requests && (self->must_cancel || self->edges != group->told);
}

int brio_group_leave(brio_group *group)
{
    BRIO_ASSERT(group->entered);
    brio_task *self = group->scope.task;
    BRIO_ASSERT(self == brio_task_self());
    if (was_cancelled(self, group))
        pass_on(self, group); /* told in the block, and maybe unwinding for it */
    brio_task_group_join(self, group);
    if (group->failed && !group->strict)
        brio_task_failures_list(self, group);
    hand_words_over(self, group);
    brio_task_group_close(self, group);
    bool asked = was_cancelled(self, group);
    if (group->err && group->err != -ECANCELED) {
        if (asked)
            brio_task_cancel_again(self);
        return group->err;
    }
    if (brio_task_cancel_due(self))
        return brio_task_cancel_deliver(self);
    return asked ? -ECANCELED : group->err;
}
