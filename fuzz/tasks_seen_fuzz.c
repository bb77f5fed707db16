/* SPDX-License-Identifier: MIT
 *
 * A task table that lies, as `brio ps` would read it from a process: loops,
 * chunks and records with pointers to each other, to nowhere and to themselves.
 * Input: bytes over the table, then choices of pointers, one byte each. */
#include <brio/inspect.h>
#include <brio/trace.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TASKS = 12, CHUNKS = 3 };

static struct table {
    brio_trace_loop loops[2];
    brio_trace_chunk chunks[CHUNKS];
    brio_trace_task tasks[TASKS];
    brio_trace_owned locks[TASKS];
    brio_time now;
} table;

/* Mostly something of the table, so that the fuzzer gets anywhere. */
static const void *choose(uint8_t byte)
{
    const void *targets[] = {NULL,
                             &table.tasks[byte / 16 % TASKS],
                             &table.locks[byte / 16 % TASKS],
                             &table.chunks[byte / 16 % CHUNKS],
                             "name",
                             &table,
                             &table.now,
                             (const char *)&table + sizeof(table) - byte / 16};
    return targets[byte % 8];
}

static void connect(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < TASKS && 4 * i + 3 < size; i++) {
        table.tasks[i].name = choose(bytes[4 * i]);
        table.tasks[i].wait_on = choose(bytes[4 * i + 1]);
        table.tasks[i].group = choose(bytes[4 * i + 2]);
        table.tasks[i].created_at = NULL; /* symbols are libdw's matter */
        table.tasks[i].state %= 8;
        table.tasks[i].wait %= 24;
        table.tasks[i].id %= 16;
        table.locks[i].owner = bytes[4 * i + 3] % 16;
    }
    for (size_t i = 0; i < CHUNKS; i++)
        table.chunks[i] = (brio_trace_chunk){choose(table.locks[i].owner & 0xF),
                                             &table.tasks[i * 4], 4, sizeof(brio_trace_task)};
    for (size_t i = 0; i < 2; i++) {
        table.loops[i].next = NULL;
        table.loops[i].chunks = &table.chunks[i];
        table.loops[i].now = choose((uint8_t)table.loops[i].tid);
        table.loops[i].backend = choose((uint8_t)table.loops[i].live);
        brio_trace_loop_add(&table.loops[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static brio_image *self;
    if (!self && brio_image_open(&self, 0) < 0)
        return 0;
    size_t filled = size < sizeof(table) ? size : sizeof(table);
    memset(&table, 0, sizeof(table));
    if (filled)
        memcpy(&table, data, filled);
    connect(data, size);
    brio_tasks_seen *seen;
    brio_buf out = {0};
    if (brio_tasks_see(&seen, self) == 0) {
        brio_tasks_print_ps(seen, &out);
        brio_tasks_print_tree(seen, &out);
        BRIO_ASSERT(brio_utf8_valid(brio_buf_str(&out)));
        brio_tasks_seen_free(seen);
    }
    brio_buf_fini(&out);
    for (size_t i = 0; i < 2; i++)
        brio_trace_loop_remove(&table.loops[i]);
    return 0;
}
