/* SPDX-License-Identifier: MIT
 *
 * Stacks: slabs of reserve-only memory, one kind per size class, reused last
 * in first out so that the next task finds a warm one.
 *
 *     slab: [guard|......stack 0 <-|control|colour][guard|......stack 1 <-| ...
 *
 * A stack is carved, and its guard made, when it is first needed. The guard is
 * a MADV_GUARD_INSTALL page where the kernel has it (it costs no mapping);
 * else an mprotect page; beyond the number of mappings the kernel allows, a
 * canary word that is checked at every suspension. Never nothing. Tops are
 * staggered by cache lines, since all pages start in the same sets. Stacks
 * that were not needed for a while give their pages back, all but the top.
 *
 * Invariant: a free stack is on exactly one list. The runtime owns the slabs. */
#include "task/task_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef BRIO_TASK_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_STACK_REGISTER
#define VALGRIND_STACK_REGISTER(low, high) ((void)(low), (void)(high), 0U)
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* Instrumented frames are several times as large. */
#if defined(BRIO_TASK_ASAN) || defined(BRIO_TASK_TSAN)
enum { STACK_SCALE = 4 };
#else
enum { STACK_SCALE = 1 };
#endif

enum {
    SLAB_BYTES = 16 * 1024 * 1024,
    COLOURS = 32,
    COLOURS_WAITING = 4, /* what a waiting task keeps has to fit in the rest of the page */
    COLOUR_BYTES = 64,
    MPROTECT_GUARDS_MAX = 25000, /* two mappings each, of the usual 65,530 */
    TRIM_EVERY = 1024,           /* releases */
};

/* Bytes below the stack pointer that are still in use: the ABI's red zone; of the task that
 * calls madvise itself also that call's frames. */
enum { RED_ZONE = 128, IN_USE = STACK_SCALE * 256 };

static const uint64_t canary_word = 0x6f6972622d6b6373;

static const size_t class_bytes[BRIO_TASK_CLASSES] = {
    (size_t)16 * 1024 * STACK_SCALE,  (size_t)64 * 1024 * STACK_SCALE,
    (size_t)256 * 1024 * STACK_SCALE, (size_t)1024 * 1024 * STACK_SCALE,
    (size_t)256 * 1024 * STACK_SCALE,
};

uint32_t brio_task_stack_class_of(size_t bytes)
{
    uint32_t c = 0;
    while (c < BRIO_TASK_SIZES - 1 && class_bytes[c] < bytes * STACK_SCALE)
        c++;
    return c;
}

size_t brio_task_stack_bytes(uint32_t size_class)
{
    BRIO_ASSERT(size_class < BRIO_TASK_CLASSES);
    return class_bytes[size_class];
}

void brio_task_stacks_init(brio_task_stacks *stacks)
{
    *stacks = (brio_task_stacks){.page = (size_t)sysconf(_SC_PAGESIZE)};
}

void brio_task_stacks_fini(brio_task_stacks *stacks)
{
    while (stacks->slabs) {
        brio_task_slab *slab = stacks->slabs;
        stacks->slabs = slab->next;
#ifdef BRIO_TASK_ASAN
        __lsan_unregister_root_region(slab->base, slab->bytes);
        ASAN_UNPOISON_MEMORY_REGION(slab->base, slab->bytes);
#endif
        munmap(slab->base, slab->bytes);
        free(slab);
    }
    *stacks = (brio_task_stacks){.page = stacks->page};
}

/* ---- Making ------------------------------------------------------------- */

/* Bytes from one stack to the next: guard, and the class rounded up to pages. */
static size_t slot_bytes(const brio_task_stacks *stacks, uint32_t size_class)
{
    size_t mask = stacks->page - 1;
    return ((class_bytes[size_class] + mask) & ~mask) + stacks->page;
}

static bool slab_add(brio_task_stacks *stacks, uint32_t size_class)
{
    size_t slot = slot_bytes(stacks, size_class);
    size_t bytes = SLAB_BYTES / slot * slot;
    brio_task_slab *slab = brio_malloc(sizeof(*slab));
    if (!slab)
        return false;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (base == MAP_FAILED) {
        free(slab);
        return false;
    }
    (void)madvise(base, bytes, MADV_NOHUGEPAGE); /* a hint: one page a stack, not 512 */
#ifdef BRIO_TASK_ASAN
    __lsan_register_root_region(base, bytes);
#endif
    *slab = (brio_task_slab){stacks->slabs, base, bytes};
    stacks->slabs = slab;
    stacks->classes[size_class].at = slab->base;
    stacks->classes[size_class].end = slab->base + bytes;
    return true;
}

/* Returns false if the stack has to live with a canary. */
static bool guard_make(brio_task_stacks *stacks, char *guard)
{
    if (!stacks->no_madvise && !stacks->use_mprotect) {
        if (madvise(guard, stacks->page, MADV_GUARD_INSTALL) == 0)
            return true;
        stacks->no_madvise = true;
    }
    if (stacks->guards >= MPROTECT_GUARDS_MAX || mprotect(guard, stacks->page, PROT_NONE) != 0)
        return false;
    stacks->guards++;
    return true;
}

static __attribute__((noinline, cold)) brio_task_stack *carve(brio_task_stacks *stacks,
                                                              uint32_t size_class)
{
    brio_task_stack_class *class = &stacks->classes[size_class];
    size_t slot = slot_bytes(stacks, size_class);
    if (class->at == class->end && !slab_add(stacks, size_class))
        return NULL;
    BRIO_ASSERT(class->at + slot <= class->end);
    char *guard = class->at, *top = guard + slot;
    class->at = top;
    size_t control = (sizeof(brio_task_stack) + COLOUR_BYTES - 1) & ~(size_t)(COLOUR_BYTES - 1);
    size_t colours = size_class == BRIO_TASK_WAITING ? COLOURS_WAITING : COLOURS;
    size_t colour = class->carved++ % colours * COLOUR_BYTES;
    brio_task_stack *stack = (brio_task_stack *)(void *)(top - control - colour);
    *stack = (brio_task_stack){.low = guard + stacks->page, .size_class = size_class};
    stack->valgrind = (unsigned)VALGRIND_STACK_REGISTER(stack->low, (char *)stack);
    stack->canary = !guard_make(stacks, guard);
    if (stack->canary)
        memcpy(stack->low, &canary_word, sizeof(canary_word));
    return stack;
}

/* ---- Using and reusing -------------------------------------------------- */

brio_task_stack *brio_task_stack_acquire(brio_task_stacks *stacks, uint32_t size_class)
{
    BRIO_ASSERT(size_class < BRIO_TASK_CLASSES);
    brio_task_stack_class *class = &stacks->classes[size_class];
    brio_task_stack *stack = class->free;
    if (BRIO_UNLIKELY(!stack))
        return carve(stacks, size_class);
    class->free = stack->next;
    if (--class->free_n < class->low_water)
        class->low_water = class->free_n;
    stack->trimmed = false;
#ifdef BRIO_TASK_ASAN /* abandoned frames left their red zones */
    ASAN_UNPOISON_MEMORY_REGION(stack->low, (size_t)((char *)stack - stack->low));
#endif
    return stack;
}

static void stack_trim(const brio_task_stacks *stacks, brio_task_stack *stack)
{
    size_t keep = (uintptr_t)stack & (stacks->page - 1);
    char *top_page = (char *)stack - keep - (keep < stacks->page / 2 ? stacks->page : 0);
    char *low = stack->low + (stack->canary ? stacks->page : 0);
    if (low < top_page)
        (void)madvise(low, (size_t)(top_page - low), MADV_DONTNEED); /* only a saving */
    stack->trimmed = true;
}

/* What lies below the page of `here`. */
static void rest_below(const brio_task *task, uintptr_t here)
{
    const brio_task_stacks *stacks = &task->rt->stacks;
    char *low = task->stack->low + (task->stack->canary ? stacks->page : 0);
    uintptr_t end = here & ~(uintptr_t)(stacks->page - 1);
    if ((uintptr_t)low < end)
        (void)madvise(low, end - (uintptr_t)low, MADV_DONTNEED); /* only a saving */
}

void brio_task_rest(void)
{
    const brio_task *self = brio_task_self();
    BRIO_IN_TASK(self);
    rest_below(self, (uintptr_t)__builtin_frame_address(0) - IN_USE);
}

void brio_task_rest_of(const brio_waiter *waiter)
{
    const brio_task *task = waiter->task;
    if (task && task->waiter == waiter)
        rest_below(task, (uintptr_t)task->ctx.sp - RED_ZONE);
}

/* The oldest `low_water` stacks of the list were not used since the last time. */
static __attribute__((noinline, cold)) void class_trim(const brio_task_stacks *stacks,
                                                       brio_task_stack_class *class)
{
    brio_task_stack *stack = class->free;
    BRIO_ASSERT(class->low_water <= class->free_n);
    for (size_t used = class->free_n - class->low_water; used; used--)
        stack = stack->next;
    for (; stack; stack = stack->next)
        if (!stack->trimmed)
            stack_trim(stacks, stack);
    class->low_water = class->free_n;
    class->until_trim = class->free_n > TRIM_EVERY ? class->free_n : TRIM_EVERY;
}

void brio_task_stack_release(brio_task_stacks *stacks, brio_task_stack *stack)
{
    BRIO_ASSERT(stack->size_class < BRIO_TASK_CLASSES);
    brio_task_stack_class *class = &stacks->classes[stack->size_class];
    stack->next = class->free;
    class->free = stack;
    class->free_n++;
    if (BRIO_UNLIKELY(class->until_trim-- == 0))
        class_trim(stacks, class);
}

void brio_task_stack_check(const brio_task_stack *stack, const char *task_name)
{
    if (BRIO_LIKELY(!stack->canary || memcmp(stack->low, &canary_word, sizeof(canary_word)) == 0))
        return;
    fprintf(stderr, "brio: task \"%s\" ran over the end of its stack of %zu KiB\n", task_name,
            class_bytes[stack->size_class] / 1024);
    abort();
}
