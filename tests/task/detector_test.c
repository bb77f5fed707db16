/* SPDX-License-Identifier: MIT
 *
 * The blocking detector on real loops: whoever holds one is named, a task by
 * its name, a callback by its functions. Who spins goes on until the report
 * that names it comes: others may come before, if the machine stood still. */
#include "task/everywhere.h"

#include <brio/trace.h>

#include <stdatomic.h>

static const char *expected, *function; /* of the report */
static atomic_bool reported;

static bool is_expected(const brio_blocked *blocked)
{
#ifdef TEST_UNDER_TSAN /* its signals come late: too late to tell who it was */
    (void)blocked, (void)function;
    return true;
#elif defined(BRIO_WITH_LIBDW)
    return strcmp(blocked->task, expected) == 0 &&
           brio_str_find(blocked->stack, brio_str_from(function)) >= 0;
#else
    return strcmp(blocked->task, expected) == 0;
#endif
}

static void look(const brio_blocked *blocked, void *arg)
{
    (void)arg;
    if (is_expected(blocked))
        atomic_store(&reported, true);
}

/* As what should not be done on a loop. */
__attribute__((noinline)) static void spin_until_reported(void)
{
    volatile unsigned n = 0;
    while (!atomic_exchange(&reported, false))
        n++;
}

typedef struct held {
    brio_timer timer;
    brio_callback soon;
    brio_waiter waiter;
} held;

static void timer_that_spins(brio_timer *timer)
{
    spin_until_reported();
    brio_unpark(&BRIO_CONTAINER(timer, held, timer)->waiter, 0);
}

static void callback_that_spins(brio_callback *cb)
{
    spin_until_reported();
    brio_unpark(&BRIO_CONTAINER(cb, held, soon)->waiter, 0);
}

static void expect(const char *name, const char *fn)
{
    expected = name;
    function = fn;
    CHECK_OK(brio_detector_start(&(brio_detector_options){.limit = BRIO_MS(10), .report = look}));
}

static int blocked_main(void *arg)
{
    brio_loop *loop = brio_loop_current();
    (void)arg;
    expect("a callback", "timer_that_spins");
    held h = {.timer.fn = timer_that_spins};
    brio_timer_start(loop, &h.timer, brio_now());
    CHECK_INT(brio_park(&h.waiter), 0);
    brio_detector_stop();
    expect("a callback", "callback_that_spins");
    h = (held){.soon.fn = callback_that_spins};
    brio_loop_call_soon(loop, &h.soon); /* in the turn of a task, behind it */
    CHECK_INT(brio_park(&h.waiter), 0);
    brio_detector_stop();
    expect("main", "blocked_main");
    CHECK_INT(brio_yield(), 0);
    spin_until_reported();
    brio_detector_stop();
    atomic_store(&reported, false);
    return 0;
}

TEST(whoever_holds_the_loop_is_named)
{
    run_everywhere(blocked_main);
}
