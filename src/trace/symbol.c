/* SPDX-License-Identifier: MIT
 *
 * This process' own image, opened once and shared: reading debug info takes
 * long. A fork()ed child has the same code at the same addresses, but another
 * number, so it opens its own. */
#include "trace/trace_internal.h"

#include <pthread.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static brio_image *self;
static pid_t self_pid;

static void open_self(void)
{
    pid_t pid = getpid();
    if (self && self_pid == pid)
        return;
    brio_image_close(self);
    self_pid = pid;
    if (brio_image_open(&self, 0) < 0)
        self = NULL;
}

void brio_trace_with_self(void (*fn)(brio_image *image, void *arg), void *arg)
{
    pthread_mutex_lock(&lock);
    open_self();
    fn(self, arg);
    pthread_mutex_unlock(&lock);
}

void brio_trace_self_close(void)
{
    pthread_mutex_lock(&lock);
    brio_image_close(self);
    self = NULL;
    pthread_mutex_unlock(&lock);
}

typedef struct question {
    const void *pc;
    char *into;
    size_t cap, len;
} question;

static void answer(brio_image *image, void *arg)
{
    question *q = arg;
    if (image)
        q->len = brio_image_symbol(image, (uint64_t)(uintptr_t)q->pc, q->into, q->cap);
}

size_t brio_trace_symbol(const void *pc, char *into, size_t cap)
{
    if (cap == 0)
        return 0;
    question q = {.pc = pc, .into = into, .cap = cap};
    into[0] = '\0';
    brio_trace_with_self(answer, &q);
    return q.len;
}
