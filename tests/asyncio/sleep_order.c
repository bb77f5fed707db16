/* SPDX-License-Identifier: MIT
 *
 * Sleepers wake by deadline; a yield takes turns. */
#include "pair.h"

static int sleeper(void *arg)
{
    const who *w = arg;
    int rc = brio_sleep(TICKS(w->ticks));
    say("%s woke", w->name);
    return rc;
}

static int turns(void *arg)
{
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++) {
        say("%s %d", ((const who *)arg)->name, i);
        rc = brio_yield();
    }
    return rc;
}

static int run(void *arg)
{
    (void)arg;
    int rc =
        brio_gather({sleeper, &(who){"c", 3}}, {sleeper, &(who){"a", 1}}, {sleeper, &(who){"b", 2}},
                    {turns, &(who){"x", 0}}, {turns, &(who){"y", 0}});
    say("end");
    return rc;
}

PAIR_MAIN(run)
