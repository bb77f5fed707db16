/* SPDX-License-Identifier: MIT
 *
 * The failures of a group, listed for who opened it.
 *
 * They must outlive the group's block, and a task that opens groups for ever
 * must not grow. So a task keeps one list for each place in its memory where a
 * group of its failed, and a group in the same place writes over it: a loop has
 * one, and two groups whose outcomes are looked at side by side have two. They
 * are not in the task's arena, which may be what the failures are about. */
#include "task/task_internal.h"

#include <stdlib.h>

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
    failures = brio_zalloc(1, sizeof(*failures));
    if (!failures)
        return NULL;
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

void brio_task_failures_list(brio_task *self, brio_group *group)
{
    brio_task_failures *failures = list_of(self, group);
    if (!failures)
        return; /* the group's counts tell */
    size_t n = group->failed < BRIO_FAILURES_MAX ? group->failed : BRIO_FAILURES_MAX;
    brio_link *l = group->culprits.next;
    for (size_t i = 0; i < n; i++, l = l->next)
        add(failures, BRIO_CONTAINER(l, brio_task, group_link));
    group->failures = failures->list;
}

void brio_task_failures_drop(brio_task *self)
{
    while (self->failures) {
        brio_task_failures *f = self->failures;
        self->failures = f->next;
        clear(self->rt, f);
        free(f);
    }
}
