/* SPDX-License-Identifier: MIT
 *
 * Two tasks that wake each other by events, and a third that takes its turns
 * between them. */
#include "pair.h"

static brio_event ping = BRIO_EVENT_INIT, pong = BRIO_EVENT_INIT;

static int player(void *arg)
{
    const char *name = arg;
    brio_event *mine = name[1] == 'i' ? &ping : &pong, *other = name[1] == 'i' ? &pong : &ping;
    int rc = 0;
    for (int i = 0; i < 3 && (rc = brio_event_wait(mine)) == 0; i++) {
        brio_event_clear(mine);
        say("%s %d", name, i);
        brio_event_set(other);
    }
    return rc;
}

static int bystander(void *arg)
{
    int rc = 0;
    (void)arg;
    for (int i = 0; i < 4 && rc == 0; i++) {
        say("bystander %d", i);
        rc = brio_yield();
    }
    return rc;
}

static int run(void *arg)
{
    static char one[] = "ping", two[] = "pong";
    (void)arg;
    BRIO_GROUP(group)
    {
        brio_spawn(&group, player, one);
        brio_spawn(&group, player, two);
        brio_spawn(&group, bystander, NULL);
        brio_event_set(&ping);
        say("set");
    }
    say("over %s %s", ping.is_set ? "True" : "False", pong.is_set ? "True" : "False");
    return group.err;
}

PAIR_MAIN(run)
