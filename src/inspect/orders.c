/* SPDX-License-Identifier: MIT
 *
 * Who is meant: orders over the tasks that were read, by number, by address
 * and by group, and with them the edges "cannot go on without".
 *
 * A task waits for a lock's owner, for the task whose record it names, or for
 * every task of the group it joins. What it names may be gone or garbage; then
 * it waits for nobody we know. */
#include "inspect/inspect_internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Sorting ------------------------------------------------------------ */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_tasks(const void *a, const void *b)
{
    const brio_inspect_task *ta = a, *tb = b;
    int by_loop = compare_numbers(ta->loop, tb->loop);
    return by_loop ? by_loop : compare_numbers(ta->record.id, tb->record.id);
}

static int compare_addresses(const void *a, const void *b, void *arg)
{
    const brio_inspect_task *tasks = arg;
    return compare_numbers(tasks[*(const size_t *)a].address, tasks[*(const size_t *)b].address);
}

static uint64_t group_of(const brio_inspect_task *task)
{
    return (uint64_t)(uintptr_t)task->record.group;
}

static int compare_groups(const void *a, const void *b, void *arg)
{
    const brio_inspect_task *tasks = arg;
    size_t ia = *(const size_t *)a, ib = *(const size_t *)b;
    int by_group = compare_numbers(group_of(&tasks[ia]), group_of(&tasks[ib]));
    return by_group ? by_group : compare_numbers(ia, ib);
}

static size_t *order_of(const brio_tasks_seen *seen,
                        int (*compare)(const void *, const void *, void *))
{
    size_t *order = brio_zalloc(seen->n + 1, sizeof(*order));
    for (size_t i = 0; order && i < seen->n; i++)
        order[i] = i;
    if (order)
        qsort_r(order, seen->n, sizeof(*order), compare, seen->tasks);
    return order;
}

int brio_inspect_connect(brio_tasks_seen *seen)
{
    if (seen->n)
        qsort(seen->tasks, seen->n, sizeof(*seen->tasks), compare_tasks);
    seen->by_address = order_of(seen, compare_addresses);
    seen->by_group = order_of(seen, compare_groups);
    if (!seen->by_address || !seen->by_group)
        return -ENOMEM;
    for (size_t i = 0; i < seen->n; i++) {
        brio_inspect_task *task = &seen->tasks[i];
        /* A parent is older: garbage cannot make a circle. */
        if (task->record.parent < task->record.id)
            task->parent = brio_inspect_by_id(seen, task->loop, task->record.parent);
    }
    return 0;
}

/* ---- Looking up --------------------------------------------------------- */

size_t brio_inspect_by_id(const brio_tasks_seen *seen, size_t loop, uint64_t id)
{
    size_t low = seen->loops[loop].first, high = low + seen->loops[loop].n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (seen->tasks[middle].record.id < id)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = seen->loops[loop].first + seen->loops[loop].n;
    return id && low < end && seen->tasks[low].record.id == id ? low : BRIO_INSPECT_NOBODY;
}

/* The first place in `order` whose key is not less than `key`. */
static size_t lower_bound(const brio_tasks_seen *seen, const size_t *order, uint64_t key,
                          uint64_t (*key_of)(const brio_inspect_task *))
{
    size_t low = 0, high = seen->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_of(&seen->tasks[order[middle]]) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t address_of(const brio_inspect_task *task)
{
    return task->address;
}

static size_t by_address(const brio_tasks_seen *seen, uint64_t address)
{
    size_t at = lower_bound(seen, seen->by_address, address, address_of);
    bool found = at < seen->n && seen->tasks[seen->by_address[at]].address == address;
    return found ? seen->by_address[at] : BRIO_INSPECT_NOBODY;
}

/* ---- Edges -------------------------------------------------------------- */

static size_t next_of_group(const brio_tasks_seen *seen, uint64_t group, size_t *cursor)
{
    if (!*cursor)
        *cursor = lower_bound(seen, seen->by_group, group, group_of) + 1;
    size_t at = *cursor - 1;
    while (at < seen->n && group_of(&seen->tasks[seen->by_group[at]]) == group) {
        size_t member = seen->by_group[at++];
        *cursor = at + 1;
        if (seen->tasks[member].record.state != BRIO_TRACE_ENDED)
            return member;
    }
    return BRIO_INSPECT_NOBODY;
}

size_t brio_inspect_awaited(const brio_tasks_seen *seen, size_t index, size_t *cursor)
{
    const brio_inspect_task *task = &seen->tasks[index];
    uint64_t on = (uint64_t)(uintptr_t)task->record.wait_on;
    if (task->record.state != BRIO_TRACE_WAITING || !on)
        return BRIO_INSPECT_NOBODY;
    if (task->record.wait == BRIO_WAIT_GROUP)
        return next_of_group(seen, on, cursor);
    if (*cursor)
        return BRIO_INSPECT_NOBODY;
    *cursor = 1;
    if (task->record.wait == BRIO_WAIT_LOCK)
        return brio_inspect_by_id(seen, task->loop, task->owner);
    return task->record.wait == BRIO_WAIT_TASK ? by_address(seen, on) : BRIO_INSPECT_NOBODY;
}
