/* SPDX-License-Identifier: MIT
 *
 * Cancel scopes: a tree per loop.
 *
 *     root <- group scope <- scope of a child task <- nested scope ...
 *
 * A scope is `reached` when it is cancelled, or its parent is reached and it
 * is no shield. Cancelling walks the subtree once, so the test on every
 * suspending call is one load. A task's own scopes nest strictly; the first
 * one's parent is the scope of its group. The walk keeps its list in the
 * scopes: it needs no stack, however deep the tree. Scopes are the caller's
 * memory; only links point at them. */
#include "task/task_internal.h"

/* The header spells brio_timer out, since it cannot include brio/loop.h. */
_Static_assert(sizeof(struct brio_scope_timer) == sizeof(brio_timer), "brio_scope.timer");
_Static_assert(offsetof(struct brio_scope_timer, when) == offsetof(brio_timer, when), "as");
_Static_assert(offsetof(struct brio_scope_timer, order) == offsetof(brio_timer, order), "a");
_Static_assert(offsetof(struct brio_scope_timer, slot) == offsetof(brio_timer, slot), "brio_timer");

static brio_timer *timer_of(brio_scope *scope)
{
    return (brio_timer *)(void *)&scope->timer;
}

static brio_loop *loop_of(const brio_scope *scope)
{
    return scope->task->rt->loop;
}

/* ---- Cancelling --------------------------------------------------------- */

/* A task is in a scope that is reached, or in a shield inside one. */
static void interrupt_reached(brio_task *task)
{
    if (task->scope->reached)
        brio_task_interrupt(task);
}

static void interrupt_root_tasks(brio_scope *root)
{
    brio_runtime *rt = BRIO_CONTAINER(root, brio_runtime, root);
    for (brio_link *l = rt->tasks.next; l != &rt->tasks; l = l->next) {
        brio_task *task = BRIO_CONTAINER(l, brio_task, all);
        if (task->base == root)
            interrupt_reached(task);
    }
}

static void interrupt_group_tasks(const brio_scope *scope)
{
    const brio_link *head = &scope->group->tasks;
    for (brio_link *l = head->next; l != head; l = l->next)
        interrupt_reached(BRIO_CONTAINER(l, brio_task, group_link));
}

/* The tasks that began in `scope`, in order, whatever scopes they are in by now. */
static void interrupt_members(brio_scope *scope)
{
    if (!scope->task)
        interrupt_root_tasks(scope);
    if (scope->group)
        interrupt_group_tasks(scope);
}

/* Puts the children that are not shielded behind `last`; returns the new last. */
static brio_scope *reach_children(brio_scope *scope, brio_scope *last)
{
    for (brio_link *l = scope->children.next; l != &scope->children; l = l->next) {
        brio_scope *child = BRIO_CONTAINER(l, brio_scope, link);
        if (child->shield || child->reached)
            continue;
        child->reached = true;
        child->next = NULL;
        last = last->next = child;
    }
    return last;
}

/* asyncio's order: a group's tasks, then its body, then what is in groups of
 * theirs. Each task began in one scope, so it is asked once. */
static void reach(brio_scope *scope)
{
    if (scope->reached)
        return;
    scope->reached = true;
    scope->next = NULL;
    brio_scope *last = scope;
    for (brio_scope *s = scope; s; s = s->next)
        last = reach_children(s, last);
    interrupt_members(scope);
    if (scope->task)
        interrupt_reached(scope->task);
    for (const brio_scope *s = scope->next; s; s = s->next)
        if (s->group)
            interrupt_group_tasks(s);
}

void brio_task_scope_cancel(brio_scope *scope, brio_cancel_kind kind, uint64_t by)
{
    if (scope->cancelled)
        return;
    scope->cancelled = true;
    scope->why = (uint8_t)kind;
    scope->by = by;
    if (!scope->entered)
        return;
    if (scope->task)
        brio_timer_stop(loop_of(scope), timer_of(scope));
    reach(scope);
}

void brio_scope_cancel(brio_scope *scope)
{
    bool root = scope->entered && !scope->task;
    brio_task_scope_cancel(scope, root ? BRIO_CANCEL_CLOSING : BRIO_CANCEL_SCOPE,
                           brio_task_self_id());
}

/* ---- Deadlines ---------------------------------------------------------- */

static void expire(brio_scope *scope)
{
    if (scope->cancelled)
        return;
    scope->expired = true;
    brio_task_scope_cancel(scope, BRIO_CANCEL_DEADLINE, 0);
}

static void deadline_passed(brio_timer *timer)
{
    expire(BRIO_CONTAINER((struct brio_scope_timer *)(void *)timer, brio_scope, timer));
}

/* The timer fires on the next turn at the earliest; the owner's suspending
 * calls until then ask for themselves. */
static void arm(brio_scope *scope, brio_time when)
{
    brio_loop *loop = loop_of(scope);
    timer_of(scope)->fn = deadline_passed;
    brio_timer_start(loop, timer_of(scope), when);
    if (when <= brio_loop_now(loop))
        scope->task->overdue = true;
}

void brio_task_scope_expire_overdue(brio_task *self)
{
    self->overdue = false;
    brio_time now = brio_loop_now(self->rt->loop);
    for (brio_scope *s = self->scope; s != self->base; s = s->parent)
        if (s->timer.slot && s->timer.when <= now)
            expire(s);
}

void brio_scope_reschedule(brio_scope *scope, brio_time deadline)
{
    BRIO_ASSERT(scope->entered);
    if (scope->cancelled)
        return;
    scope->deadline = deadline;
    if (deadline && deadline != BRIO_NEVER)
        arm(scope, deadline);
    else
        brio_timer_stop(loop_of(scope), timer_of(scope));
}

/* The earlier of timeout and deadline. */
static brio_time first_deadline(const brio_scope *scope, brio_time now)
{
    brio_time at = scope->deadline ? scope->deadline : BRIO_NEVER, end;
    if (scope->timeout && !__builtin_add_overflow(now, scope->timeout, &end) && end < at)
        at = end;
    return at;
}

/* ---- Entering and leaving ----------------------------------------------- */

brio_scope *brio_scope_enter(brio_scope *scope)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    BRIO_ASSERT(!scope->entered);
    scope->entered = true;
    scope->expired = false;
    scope->parent = self->scope;
    scope->task = self;
    scope->timer.slot = 0;
    scope->reached = scope->cancelled || (!scope->shield && self->scope->reached);
    brio_link_init(&scope->children);
    brio_link_insert_before(&self->scope->children, &scope->link);
    self->scope = scope;
    if (scope->timeout || scope->deadline) {
        brio_time when =
            first_deadline(scope, scope->timeout ? brio_loop_update(self->rt->loop) : 0);
        if (when != BRIO_NEVER && !scope->cancelled)
            arm(scope, when);
    }
    return scope;
}

void brio_scope_leave(brio_scope *scope)
{
    BRIO_ASSERT(scope->entered);
    brio_task *self = scope->task;
    BRIO_ASSERT(self->scope == scope); /* scopes nest */
    BRIO_ASSERT(brio_link_alone(&scope->children));
    if (scope->timer.slot)
        brio_timer_stop(loop_of(scope), timer_of(scope));
    brio_link_remove(&scope->link);
    self->scope = scope->parent;
    self->ignored = 0;
    scope->entered = false;
}

int brio_wait_for(brio_task_fn *fn, void *arg, brio_time timeout)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    int requests = self->requests;
    brio_scope scope = {.timeout = timeout ? timeout : -1};
    brio_scope_enter(&scope);
    int rc = fn(arg);
    brio_scope_leave(&scope);
    bool cancelled = self->requests > requests || brio_task_cancel_due(self);
    return rc == -ECANCELED && scope.expired && !cancelled ? -ETIMEDOUT : rc;
}
