/* SPDX-License-Identifier: MIT
 *
 * The failures of a group, listed for who opened it.
 *
 * They must outlive the group's block, and a task that opens groups for ever
 * must not grow. So a task keeps one list for each place in its memory where a
 * group of its failed, and a group in the same place writes over it: a loop has
 * one, and two groups whose outcomes are looked at side by side have two. Lists
 * are in the task's arena, the words in them from the runtime's pool. */
#include "task/task_internal.h"

typedef struct brio_task_failures {
    struct brio_task_failures *next;
    const brio_group *of;
    size_t n;
    brio_failure list[BRIO_FAILURES_MAX];
    brio_task_detail *words[BRIO_FAILURES_MAX];
} brio_task_failures;

static void clear(brio_runtime *rt, brio_task_failures *failures)
{
    while (failures->n > 0)
        brio_task_detail_free(rt, failures->words[--failures->n]);
}

static brio_task_failures *list_of(brio_task *self, const brio_group *group)
{
    brio_task_failures *failures = self->failures;
    while (failures && failures->of != group)
        failures = failures->next;
    if (failures) {
        clear(self->rt, failures);
        return failures;
    }
    failures = BRIO_NEW(self->arena, brio_task_failures);
    failures->of = group;
    failures->next = self->failures;
    return self->failures = failures;
}

static void add(brio_task_failures *failures, const brio_task *task)
{
    brio_task_detail *words = brio_task_detail_dup(task->rt, task->detail);
    brio_failure *failure = &failures->list[failures->n];
    *failure = (brio_failure){.name = task->rec.name, .id = task->rec.id, .err = task->result};
    if (words)
        failure->detail = (brio_str){words->text, words->len};
    failures->words[failures->n++] = words;
}

/* In the owner's turn, since an arena at its limit ends whoever asks. */
void brio_task_failures_list(brio_task *self, brio_group *group)
{
    brio_task_failures *failures = list_of(self, group);
    size_t n = group->failed < BRIO_FAILURES_MAX ? group->failed : BRIO_FAILURES_MAX;
    brio_link *l = group->culprits.next;
    for (size_t i = 0; i < n; i++, l = l->next)
        add(failures, BRIO_CONTAINER(l, brio_task, group_link));
    group->failures = failures->list;
}

void brio_task_failures_drop(brio_task *self)
{
    for (brio_task_failures *f = self->failures; f; f = f->next)
        clear(self->rt, f);
    self->failures = NULL;
}
