/* SPDX-License-Identifier: MIT
 *
 * A recording: records in pages that are never moved, names copied once each.
 *
 * Thousands of tasks share a few names, so a small table by content keeps the
 * latest ones; a miss costs a copy, nothing else. What does not fit (the
 * limit, no memory) is counted and dropped: seeing never fails the program. */
#include "trace/trace_internal.h"

#include <stdlib.h>

enum { NAMES_BLOCK = 16 * 1024 };

struct brio_trace_names {
    struct brio_trace_names *next;
    size_t used;
    char text[NAMES_BLOCK];
};

static uint32_t hash_of(const char *text, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* NULL without memory. */
static char *name_room(brio_trace_recording *recording, size_t bytes)
{
    brio_trace_names *block = recording->names;
    BRIO_ASSERT(bytes <= NAMES_BLOCK);
    if (!block || NAMES_BLOCK - block->used < bytes) {
        block = brio_malloc(sizeof(*block));
        if (!block)
            return NULL;
        block->next = recording->names;
        block->used = 0;
        recording->names = block;
    }
    block->used += bytes;
    return block->text + block->used - bytes;
}

static const char *keep_name(brio_trace_recording *recording, const char *name)
{
    size_t len = strnlen(name, BRIO_TRACE_NAME_MAX);
    const char **slot = &recording->known[hash_of(name, len) % BRIO_TRACE_NAME_SLOTS];
    if (*slot && strncmp(*slot, name, len) == 0 && (*slot)[len] == '\0')
        return *slot;
    char *copy = name_room(recording, len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, name, len);
    copy[len] = '\0';
    return *slot = copy;
}

/* The next free record, or NULL without memory. */
static brio_trace_record *next_record(brio_trace_recording *recording)
{
    brio_trace_page *page = recording->last;
    if (!page || page->n == BRIO_TRACE_PAGE) {
        page = brio_malloc(sizeof(*page));
        if (!page)
            return NULL;
        page->next = NULL;
        page->n = 0;
        *(recording->last ? &recording->last->next : &recording->first) = page;
        recording->last = page;
    }
    return &page->records[page->n];
}

void brio_trace_recording_add(brio_trace_recording *recording, const brio_trace_event *event)
{
    brio_trace_record *record = recording->n < recording->max ? next_record(recording) : NULL;
    if (!record) {
        recording->dropped++;
        return;
    }
    const char *name = event->name ? keep_name(recording, event->name) : NULL;
    *record = (brio_trace_record){.at = event->at,
                                  .track = event->track,
                                  .parent = event->parent,
                                  .loop = event->loop,
                                  .name = name,
                                  .state = event->state,
                                  .wait = event->wait};
    recording->last->n++;
    recording->n++;
}

void brio_trace_recording_fini(brio_trace_recording *recording)
{
    while (recording->first) {
        brio_trace_page *page = recording->first;
        recording->first = page->next;
        free(page);
    }
    while (recording->names) {
        brio_trace_names *block = recording->names;
        recording->names = block->next;
        free(block);
    }
    *recording = (brio_trace_recording){0};
}
