/* SPDX-License-Identifier: MIT
 *
 * A task in words: who it is, what it does or waits for, for how long. */
#include "inspect/inspect_internal.h"

static const char *const state_words[] = {/* ORDER TRACE_STATE */
                                          "free", "new", "ready", "running", "waiting", "ended"};

void brio_inspect_put_who(const brio_tasks_seen *seen, size_t index, brio_buf *out)
{
    const brio_inspect_task *task = &seen->tasks[index];
    brio_buf_printf(out, "%s (%llu)", task->name, (unsigned long long)task->record.id);
}

void brio_inspect_put_what(const brio_tasks_seen *seen, size_t index, brio_buf *out)
{
    const brio_inspect_task *task = &seen->tasks[index];
    const brio_trace_task *record = &task->record;
    if (record->state != BRIO_TRACE_WAITING) {
        brio_buf_add(out, brio_str_from(state_words[record->state]));
        return;
    }
    brio_buf_add(out, brio_str_from(brio_trace_wait_text(record->wait)));
    size_t cursor = 0;
    size_t whom = record->wait == BRIO_WAIT_GROUP ? BRIO_INSPECT_NOBODY
                                                  : brio_inspect_awaited(seen, index, &cursor);
    if (whom != BRIO_INSPECT_NOBODY) {
        brio_buf_add(out, record->wait == BRIO_WAIT_LOCK ? BRIO_S(" held by ") : BRIO_S(" "));
        brio_inspect_put_who(seen, whom, out);
    } else if (record->wait == BRIO_WAIT_LOCK && task->owner == UINT64_MAX) {
        brio_buf_add(out, BRIO_S(" held by a callback"));
    }
}

void brio_inspect_put_time(brio_buf *out, brio_time time)
{
    static const struct {
        brio_time ns;
        const char *name;
    } units[] = {{3600000000000, "h"},
                 {60000000000, "min"},
                 {1000000000, "s"},
                 {1000000, "ms"},
                 {1000, "us"}};
    size_t i = 0;
    while (i < 4 && time < units[i].ns)
        i++;
    brio_time tenths = time > 0 ? time / (units[i].ns / 10) : 0;
    if (tenths < 100 && tenths % 10)
        brio_buf_printf(out, "%lld.%lld %s", (long long)(tenths / 10), (long long)(tenths % 10),
                        units[i].name);
    else
        brio_buf_printf(out, "%lld %s", (long long)(tenths / 10), units[i].name);
}

brio_time brio_inspect_age(const brio_tasks_seen *seen, size_t index)
{
    brio_time now = seen->loops[seen->tasks[index].loop].now;
    brio_time since = seen->tasks[index].record.since;
    return since > 0 && now > since ? now - since : 0;
}
