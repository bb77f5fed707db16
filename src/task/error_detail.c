/* SPDX-License-Identifier: MIT
 *
 * What went wrong, in words. Kept per task, because tasks interleave and a
 * thread's last error would be somebody else's; outside tasks, per thread. A
 * task gets its buffer with its first error; the runtime keeps the free ones. */
#include "task/task_internal.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local brio_task_detail of_thread;

static brio_task_detail *detail_new(brio_runtime *rt)
{
    brio_task_detail *detail = rt->details;
    if (!detail)
        return brio_malloc(sizeof(*detail));
    rt->details = detail->next;
    return detail;
}

static brio_task_detail *detail_of(brio_task *self)
{
    if (!self)
        return &of_thread;
    if (self->detail)
        return self->detail;
    return self->detail = detail_new(self->rt);
}

static void copy(brio_task_detail *to, const brio_task_detail *from)
{
    to->file = from->file;
    to->line = from->line;
    to->len = from->len;
    memcpy(to->text, from->text, from->len + 1);
}

void brio_task_detail_copy(brio_task *to, const brio_task_detail *from)
{
    brio_task_detail *detail = detail_of(to);
    if (detail) /* else the code still tells */
        copy(detail, from);
}

brio_task_detail *brio_task_detail_dup(brio_runtime *rt, const brio_task_detail *from)
{
    brio_task_detail *detail = from ? detail_new(rt) : NULL;
    if (detail)
        copy(detail, from);
    return detail;
}

void brio_task_detail_free(brio_runtime *rt, brio_task_detail *detail)
{
    if (!detail)
        return;
    detail->next = rt->details;
    rt->details = detail;
}

void brio_task_details_fini(brio_runtime *rt)
{
    while (rt->details) {
        brio_task_detail *next = rt->details->next;
        free(rt->details);
        rt->details = next;
    }
}

/* Formats aside first: an argument may be the former detail itself. */
int brio_error_at(const char *file, int line, int err, const char *fmt, ...)
{
    char text[sizeof(of_thread.text)];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    brio_task_detail *detail = detail_of(brio_task_self());
    if (!detail || n < 0)
        return err; /* the code still tells */
    detail->file = file;
    detail->line = line;
    detail->len = (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    memcpy(detail->text, text, detail->len + 1);
    return err;
}

static const brio_task_detail *current(void)
{
    const brio_task *self = brio_task_self();
    return self ? self->detail : &of_thread;
}

brio_str brio_error_detail(void)
{
    const brio_task_detail *detail = current();
    return detail ? (brio_str){detail->text, detail->len} : BRIO_S("");
}

const char *brio_error_file(int *ret_line)
{
    const brio_task_detail *detail = current();
    bool known = detail && detail->len && detail->file;
    if (ret_line)
        *ret_line = known ? detail->line : 0;
    return known ? detail->file : NULL;
}
