/* SPDX-License-Identifier: MIT
 *
 * What the detector saw, told: the stack unwound and put in words, then to
 * whoever asked to be called, else as one warning in the log whose first words
 * name the task and the first of its functions that has a source line. */
#include "trace/trace_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 512, FRAMES_LOGGED = 12 };

typedef struct telling {
    const brio_trace_snapshot *snapshot;
    uint64_t pcs[BRIO_TRACE_PCS];
    const void *pointers[BRIO_TRACE_PCS];
    size_t n, exact; /* the first `exact` are no return addresses */
    brio_buf text;
} telling;

static void put_in_words(brio_image *image, void *arg)
{
    telling *t = arg;
    if (image && t->snapshot) {
        t->n = brio_image_unwind(image, &t->snapshot->regs, t->pcs, BRIO_TRACE_PCS);
        t->exact = 1;
    }
    for (size_t i = 0; image && i < t->n; i++) {
        char line[LINE];
        size_t len = brio_image_symbol(image, t->pcs[i] - (i >= t->exact), line, sizeof(line));
        brio_buf_add(&t->text, (brio_str){line, len});
        brio_buf_char(&t->text, '\n');
    }
    for (size_t i = 0; i < t->n; i++)
        t->pointers[i] = (const void *)(uintptr_t)t->pcs[i];
}

/* Is "function file:line" of a file that is on this machine? */
static bool has_source(brio_str line)
{
    char path[LINE];
    brio_str file = brio_str_cut(line, ' ').tail;
    int len = (int)brio_str_cut(file, ':').head.len;
    return snprintf(path, sizeof(path), "%.*s", len, file.len ? file.ptr : "") > 0 &&
           access(path, R_OK) == 0;
}

/* The innermost line that is yours: its source is here (the C library's is
 * not). Else the first with a line number, or the first. */
static brio_str place_of(brio_str stack)
{
    brio_str place = brio_str_cut(stack, '\n').head;
    bool numbered = false;
    while (stack.len) {
        brio_str_pair line = brio_str_cut(stack, '\n');
        bool has_number = brio_str_find(line.head, BRIO_S(":")) >= 0;
        if (has_number && has_source(line.head))
            return line.head;
        place = has_number && !numbered ? line.head : place;
        numbered = numbered || has_number;
        stack = line.tail;
    }
    return place;
}

/* "a < b < c", at most FRAMES_LOGGED of them. */
static void join(brio_buf *out, brio_str stack)
{
    for (unsigned i = 0; stack.len && i < FRAMES_LOGGED; i++) {
        brio_str_pair line = brio_str_cut(stack, '\n');
        if (i)
            brio_buf_add(out, BRIO_S(" < "));
        brio_buf_add(out, line.head);
        stack = line.tail;
    }
}

static void log_blocked(const brio_blocked *blocked)
{
    brio_buf joined = {0};
    int64_t id = (int64_t)blocked->id, ms = blocked->for_ns / BRIO_MS(1);
    brio_str place = place_of(blocked->stack);
    join(&joined, blocked->stack);
    const brio_log_field fields[] = {{.key = "task", .text = brio_str_from(blocked->task)},
                                     {.key = "id", .number = &id},
                                     {.key = "ms", .number = &ms},
                                     {.key = "stack", .text = brio_buf_str(&joined)}};
    size_t n = joined.len ? 4 : 3;
    if (blocked->call.len)
        brio_log_fields(BRIO_LOG_WARNING, fields, n, "task \"%s\" %s %.*s%s, at %.*s%s%s",
                        blocked->task, blocked->held ? "suspends with the mutex of" : "calls",
                        BRIO_ARG(blocked->call), blocked->held ? "" : " in a coroutine",
                        BRIO_ARG(place), blocked->advice ? ": use " : "",
                        blocked->advice ? blocked->advice : "");
    else
        brio_log_fields(BRIO_LOG_WARNING, fields, n, "%s%s%s holds its loop for %lld ms%s%.*s",
                        id ? "task \"" : "", blocked->task, id ? "\"" : "", (long long)ms,
                        place.len ? ", in " : "", BRIO_ARG(place));
    brio_buf_fini(&joined);
}

static void tell(const brio_detector_options *options, brio_blocked *blocked, telling *t)
{
    brio_trace_with_self(put_in_words, t);
    blocked->pcs = t->pointers;
    blocked->n = t->n;
    blocked->stack = brio_buf_str(&t->text);
    if (options->report)
        options->report(blocked, options->arg);
    else
        log_blocked(blocked);
    brio_buf_fini(&t->text);
    free(t);
}

void brio_trace_report_end(int pid, const brio_trace_snapshot *snapshot)
{
    telling *t = brio_zalloc(1, sizeof(*t));
    if (!t)
        return;
    t->snapshot = snapshot;
    brio_trace_with_self(put_in_words, t);
    brio_buf joined = {0}, name = {0};
    int64_t id = (int64_t)snapshot->id, number = pid;
    brio_str place = place_of(brio_buf_str(&t->text));
    join(&joined, brio_buf_str(&t->text));
    brio_trace_clean(&name, snapshot->name);
    const brio_log_field fields[] = {{.key = "pid", .number = &number},
                                     {.key = "task", .text = brio_buf_str(&name)},
                                     {.key = "id", .number = &id},
                                     {.key = "stack", .text = brio_buf_str(&joined)}};
    brio_log_fields(BRIO_LOG_ERROR, fields, joined.len ? 4 : 3,
                    "process [%d] ended inside %s%.*s%s%s%.*s", pid, id ? "task \"" : "",
                    BRIO_ARG(brio_buf_str(&name)), id ? "\"" : "", place.len ? ", in " : "",
                    BRIO_ARG(place));
    brio_buf_fini(&joined);
    brio_buf_fini(&name);
    brio_buf_fini(&t->text);
    free(t);
}

/* On the heap: a loop's thread may be on a small stack. */
void brio_trace_report(const brio_detector_options *options, brio_blocked *blocked,
                       const brio_trace_snapshot *snapshot)
{
    telling *t = brio_zalloc(1, sizeof(*t));
    if (!t)
        return;
    t->snapshot = snapshot;
    tell(options, blocked, t);
}

void brio_trace_report_site(const brio_detector_options *options, brio_blocked *blocked,
                            const void *pc)
{
    telling *t = brio_zalloc(1, sizeof(*t));
    if (!t)
        return;
    t->pcs[t->n++] = (uint64_t)(uintptr_t)pc;
    tell(options, blocked, t);
}
