/* SPDX-License-Identifier: MIT
 *
 * Task-locals: what contextvars are to Python.
 *
 * A set of values is an array that nobody changes while it is shared. A new
 * task takes a reference to its creator's, so the copy costs an increment;
 * whoever sets a value while others look replaces its own reference by a
 * changed copy. Programs have few variables, so reading is a scan and needs
 * no hash. References are counted atomically, for sets that travel to a
 * thread; a set with one reference is changed in place. */
#include "task/task_internal.h"

#include <stdatomic.h>
#include <stdlib.h>

typedef struct entry {
    const brio_local *local;
    void *value;
} entry;

struct brio_locals {
    atomic_size_t refs;
    size_t n;
    entry entries[];
};

/* Of threads that work for a task, and of tasks such a thread starts. */
static _Thread_local brio_locals *used;

static brio_locals *in_force(void)
{
    const brio_task *self = brio_task_self();
    return self ? self->locals : used;
}

brio_locals *brio_locals_acquire(void)
{
    brio_locals *locals = in_force();
    if (locals)
        atomic_fetch_add_explicit(&locals->refs, 1, memory_order_relaxed);
    return locals;
}

void brio_locals_release(brio_locals *locals)
{
    if (locals && atomic_fetch_sub_explicit(&locals->refs, 1, memory_order_acq_rel) == 1)
        free(locals);
}

brio_locals *brio_locals_use(brio_locals *locals)
{
    brio_locals *former = used;
    used = locals;
    return former;
}

static entry *find(brio_locals *locals, const brio_local *local)
{
    for (size_t i = 0; locals && i < locals->n; i++)
        if (locals->entries[i].local == local)
            return &locals->entries[i];
    return NULL;
}

void *brio_local_get(const brio_local *local)
{
    const entry *found = find(in_force(), local);
    return found ? found->value : local->initial;
}

/* Only the holder of a set can share it further: one reference stays one. */
static bool is_shared(brio_locals *locals)
{
    return atomic_load_explicit(&locals->refs, memory_order_acquire) > 1;
}

/* A set of our own with room for `n`; takes the reference to `old`. */
static brio_locals *own(brio_locals *old, size_t n)
{
    size_t bytes = sizeof(brio_locals) + n * sizeof(entry);
    if (old && !is_shared(old))
        return brio_must_realloc(old, bytes);
    brio_locals *locals = brio_must_malloc(bytes);
    atomic_init(&locals->refs, 1);
    locals->n = old ? old->n : 0;
    if (old)
        memcpy(locals->entries, old->entries, old->n * sizeof(entry));
    brio_locals_release(old);
    return locals;
}

void brio_local_set(const brio_local *local, void *value)
{
    brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    entry *found = find(self->locals, local);
    if (!found || is_shared(self->locals)) {
        size_t n = self->locals ? self->locals->n : 0;
        self->locals = own(self->locals, found ? n : n + 1);
        found = find(self->locals, local);
    }
    if (!found) {
        found = &self->locals->entries[self->locals->n++];
        found->local = local;
    }
    found->value = value;
}
