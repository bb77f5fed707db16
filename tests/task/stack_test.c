/* SPDX-License-Identifier: MIT
 *
 * Stacks: classes, guards of all three kinds, reuse, trimming, the report. */
#include "task/everywhere.h"
#include "task/task_internal.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t room_of(const brio_task_stack *stack)
{
    return (size_t)((const char *)stack - stack->low);
}

TEST(sizes_are_rounded_up_to_a_class)
{
    CHECK_INT(brio_task_stack_class_of(1), 0);
    CHECK_INT(brio_task_stack_class_of(16 * 1024), 0);
    CHECK_INT(brio_task_stack_class_of(16 * 1024 + 1), 1);
    CHECK_INT(brio_task_stack_class_of(256 * 1024), 2);
    CHECK_INT(brio_task_stack_class_of(1024 * 1024), 3);
    CHECK_INT(brio_task_stack_class_of(64 * 1024 * 1024), 3);
}

TEST(each_class_has_its_room)
{
    brio_task_stacks stacks;
    brio_task_stacks_init(&stacks);
    for (uint32_t c = 0; c < BRIO_TASK_CLASSES; c++) {
        brio_task_stack *stack = brio_task_stack_acquire(&stacks, c);
        CHECK(stack);
        CHECK(room_of(stack) + 4096 > brio_task_stack_bytes(c));
        CHECK((uintptr_t)stack % 16 == 0);
        memset(stack->low, 1, room_of(stack));
        brio_task_stack_release(&stacks, stack);
    }
    brio_task_stacks_fini(&stacks);
}

TEST(the_last_released_is_used_first)
{
    brio_task_stacks stacks;
    brio_task_stacks_init(&stacks);
    brio_task_stack *first = brio_task_stack_acquire(&stacks, 1);
    brio_task_stack *second = brio_task_stack_acquire(&stacks, 1);
    CHECK(first != second);
    CHECK((uintptr_t)first % 4096 != (uintptr_t)second % 4096); /* staggered */
    brio_task_stack_release(&stacks, second);
    brio_task_stack_release(&stacks, first);
    CHECK(brio_task_stack_acquire(&stacks, 1) == first);
    CHECK(brio_task_stack_acquire(&stacks, 1) == second);
    brio_task_stacks_fini(&stacks);
}

/* ---- Guards ------------------------------------------------------------- */

/* Runs fn(arg) in a child; returns the signal that ended it, and its words. */
static int signal_of(void (*fn)(void *), void *arg, char *words, size_t cap)
{
    int fds[2], status;
    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 2);
        fn(arg);
        _exit(0);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len < cap - 1; len += (size_t)n)
        n = read(fds[0], words + len, cap - 1 - len);
    words[len] = '\0';
    close(fds[0]);
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) ? -1 : 0;
}

static void write_below(void *stack)
{
    *(volatile char *)(((brio_task_stack *)stack)->low - 1) = 1;
}

static void write_lowest(void *stack)
{
    *(volatile char *)((brio_task_stack *)stack)->low = 1;
}

static void check_guard(bool use_mprotect)
{
    char words[4096];
    brio_task_stacks stacks;
    brio_task_stacks_init(&stacks);
    stacks.use_mprotect = use_mprotect;
    for (int i = 0; i < 3; i++) {
        brio_task_stack *stack = brio_task_stack_acquire(&stacks, 0);
        CHECK(!stack->canary);
        CHECK_INT(signal_of(write_lowest, stack, words, sizeof(words)), 0);
        CHECK(signal_of(write_below, stack, words, sizeof(words)) != 0);
    }
    brio_task_stacks_fini(&stacks);
}

TEST(every_stack_has_a_guard_page)
{
    check_guard(false);
    check_guard(true);
}

static void overwrite_canary(void *stack)
{
    memset(((brio_task_stack *)stack)->low, 0, 64);
    brio_task_stack_check(stack, "greedy");
}

TEST(without_a_guard_page_a_canary_is_checked)
{
    char words[4096];
    brio_task_stacks stacks;
    brio_task_stacks_init(&stacks);
    stacks.use_mprotect = true;
    stacks.guards = 1000000; /* as if all mappings were used up */
    brio_task_stack *stack = brio_task_stack_acquire(&stacks, 0);
    CHECK(stack->canary);
    brio_task_stack_check(stack, "modest");
    CHECK_INT(signal_of(overwrite_canary, stack, words, sizeof(words)), 6);
    CHECK(strstr(words, "greedy"));
    brio_task_stacks_fini(&stacks);
}

/* ---- Trimming ----------------------------------------------------------- */

static size_t resident(const brio_task_stack *stack)
{
    unsigned char pages[512] = {0};
    size_t n = 0, bytes = room_of(stack);
    CHECK(mincore(stack->low, bytes, pages) == 0);
    for (size_t i = 0; i < bytes / 4096; i++)
        n += pages[i] & 1;
    return n;
}

TEST(stacks_not_needed_give_their_pages_back)
{
    enum { N = 8 };
    brio_task_stacks stacks;
    brio_task_stack *all[N];
    brio_task_stacks_init(&stacks);
    for (int i = 0; i < N; i++) {
        all[i] = brio_task_stack_acquire(&stacks, 0);
        memset(all[i]->low, 1, room_of(all[i]));
    }
    for (int i = 0; i < N; i++)
        brio_task_stack_release(&stacks, all[i]);
    for (int i = 0; i < 4000; i++)
        brio_task_stack_release(&stacks, brio_task_stack_acquire(&stacks, 0));
    CHECK(resident(all[N - 1]) >= 3); /* the one in use all the time is warm */
    for (int i = 0; i < N - 1; i++)
        CHECK(resident(all[i]) <= 2);
    brio_task_stacks_fini(&stacks);
}

/* ---- The report --------------------------------------------------------- */

#ifndef __SANITIZE_THREAD__
static __attribute__((noinline)) int recurse_too_deep(int n)
{
    volatile char frame[512];
    frame[0] = (char)n;
    return n == INT32_MAX ? 0 : recurse_too_deep(n + 1) + frame[0];
}

static int overflow(void *arg)
{
    (void)arg;
    return recurse_too_deep(0);
}

static int overflow_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_task_report_overflow(true), 0);
    BRIO_GROUP(g)
    brio_spawn_with(&g, overflow, NULL, &(brio_task_options){.name = "bottomless"});
    return g.err;
}

static void overflow_process(void *arg)
{
    (void)arg;
    _exit(run_on(BRIO_BACKEND_EPOLL, overflow_main, NULL) < 0);
}

TEST(an_overflow_names_the_task)
{
    char words[4096];
    CHECK(signal_of(overflow_process, NULL, words, sizeof(words)) != 0);
    CHECK(strstr(words, "bottomless"));
}
#endif

TEST(reports_can_be_switched_off_again)
{
    CHECK_INT(brio_task_report_overflow(true), 0);
    CHECK_INT(brio_task_report_overflow(true), 0);
    CHECK_INT(brio_task_report_overflow(false), 0);
    CHECK_INT(brio_task_report_overflow(false), 0);
}

/* ---- Pages of one that waits --------------------------------------------- */

enum { PAGE = 4096, DEEP = 16 }; /* pages */

static __attribute__((noinline)) int use_the_stack(void)
{
    volatile char deep[DEEP * PAGE];
    for (size_t i = 0; i < sizeof(deep); i += 64)
        deep[i] = (char)i;
    return deep[64];
}

/* Of the pages well below this frame, and well above the end of what was used. */
static __attribute__((noinline)) int pages_below(void)
{
    unsigned char in[DEEP - 6];
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)(PAGE - 1);
    union {
        uintptr_t number;
        void *address;
    } from = {here - (DEEP - 3) * PAGE};
    int n = 0;
    CHECK_INT(mincore(from.address, sizeof(in) * PAGE, in), 0);
    for (size_t i = 0; i < sizeof(in); i++)
        n += in[i] & 1;
    return n;
}

static int resting(void *arg)
{
    char mine[256];
    (void)arg;
    memset(mine, 'x', sizeof(mine));
    CHECK_INT(use_the_stack(), 64);
    CHECK_INT(pages_below(), DEEP - 6);
    brio_task_rest();
    CHECK_INT(pages_below(), 0);
    CHECK_INT(brio_yield(), 0);
    CHECK_INT(use_the_stack(), 64); /* it may be used again */
    for (size_t i = 0; i < sizeof(mine); i++)
        CHECK(mine[i] == 'x');
    return 0;
}

/* Somebody's arena that begins at the top of its stack, ended or abandoned. */
static int in_a_page(void *arg)
{
    brio_arena *arena = brio_task_arena();
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), at = 0;
    char *text = brio_alloc(arena, 1000);
    memset(text, 'a', 1000);
    at = (uintptr_t)text;
    CHECK(at > here && at - here < 4096 * 4);
    CHECK_INT(arena->limit, 100000);
    CHECK(brio_alloc(arena, 20000)); /* beyond it */
    CHECK_INT(brio_yield(), 0);
    for (size_t i = 0; i < 1000; i++)
        CHECK(text[i] == 'a');
    if (arg)
        brio_task_abandon(-EIO);
    return 0;
}

static int in_a_page_main(void *arg)
{
    const brio_task_options options = {.stack_arena = 2048, .arena_limit = 100000};
    int abandoned = 1;
    (void)arg;
    for (int i = 0; i < 3; i++) {
        BRIO_GROUP(g)
        brio_spawn_with(&g, in_a_page, NULL, &options);
        CHECK_INT(g.err, 0);
        BRIO_GROUP(h)
        brio_spawn_with(&h, in_a_page, &abandoned, &options);
        CHECK_INT(h.err, -EIO);
    }
    return 0;
}

TEST(an_arena_may_begin_on_the_stack)
{
    CHECK_INT(brio_run(in_a_page_main, NULL, NULL), 0);
}

/* ---- Somebody else's -------------------------------------------------------------- */

typedef struct sleeper {
    brio_waiter waiter;
    uintptr_t low, high; /* pages that it has used and uses no more */
} sleeper;

static bool never(brio_waiter *waiter)
{
    (void)waiter;
    return true;
}

static int asleep(void *arg)
{
    sleeper *s = arg;
    s->waiter.on_cancel = never;
    CHECK_INT(use_the_stack(), 64);
    s->high = ((uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)(PAGE - 1)) - 3 * PAGE;
    s->low = s->high - (DEEP - 6) * PAGE;
    CHECK_INT(brio_park(&s->waiter), 0);
    CHECK_INT(use_the_stack(), 64);
    return 0;
}

static int pages_of(const sleeper *s)
{
    unsigned char in[DEEP - 6];
    union {
        uintptr_t number;
        void *address;
    } from = {s->low};
    int n = 0;
    CHECK_INT(mincore(from.address, sizeof(in) * PAGE, in), 0);
    for (size_t i = 0; i < sizeof(in); i++)
        n += in[i] & 1;
    return n;
}

static int waking_main(void *arg)
{
    sleeper s = {0};
    (void)arg;
    brio_task_rest_of(&s.waiter); /* nobody waits */
    BRIO_GROUP(g)
    {
        brio_spawn_with(&g, asleep, &s, &(brio_task_options){.stack_size = 1 << 18});
        CHECK_INT(brio_yield(), 0);
        CHECK_INT(pages_of(&s), DEEP - 6);
        brio_task_rest_of(&s.waiter);
        CHECK_INT(pages_of(&s), 0);
        brio_unpark(&s.waiter, 0);
    }
    return g.err;
}

TEST(who_waits_can_be_made_to_rest)
{
    CHECK_INT(brio_run(waking_main, NULL, NULL), 0);
}

static int resting_main(void *arg)
{
    (void)arg;
    BRIO_GROUP(g)
    brio_spawn_with(&g, resting, NULL, &(brio_task_options){.stack_size = 1 << 18});
    return g.err;
}

TEST(who_rests_gives_the_pages_back_that_are_not_in_use)
{
    CHECK_INT(sysconf(_SC_PAGESIZE), PAGE);
    static const brio_backend all[] = {BRIO_BACKEND_EPOLL, BRIO_BACKEND_SIM};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        brio_loop_options loop = {.backend = all[i]};
        CHECK_INT(brio_run(resting_main, NULL, &(brio_run_options){.loop = &loop}), 0);
    }
}
