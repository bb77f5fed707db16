/* SPDX-License-Identifier: MIT
 *
 * Questions: a message with a number, and a task that waits for the first answer
 * with that number. The answer goes to the asker's worker alone. */
#include "bus/bus_internal.h"
#include "bus/carrier.h"

#include <errno.h>
#include <stdlib.h>

typedef struct asking {
    brio_bus_hashed hashed; /* by number */
    uint64_t ask;
    brio_event answered;
    char *answer; /* owned; not of the asker's arena, whose limit is its task's affair */
    size_t len;
    int rc;
} asking;

static bool same_ask(brio_bus_hashed *h, const void *key)
{
    return BRIO_CONTAINER(h, asking, hashed)->ask == *(const uint64_t *)key;
}

static asking *find(const brio_bus *bus, uint64_t ask)
{
    brio_bus_hashed *h =
        brio_bus_table_find(&bus->asks, brio_bus_hash(ask, NULL, 0), same_ask, &ask);
    return h ? BRIO_CONTAINER(h, asking, hashed) : NULL;
}

static void settle(brio_bus *bus, asking *a, int rc)
{
    brio_bus_table_remove(&bus->asks, &a->hashed);
    a->ask = 0;
    a->rc = rc;
    brio_event_set(&a->answered);
}

void brio_bus_answered(brio_bus *bus, uint64_t ask, brio_str answer)
{
    asking *a = find(bus, ask);
    if (!a)
        return; /* another was faster, or it was given up */
    a->answer = brio_strdup(answer);
    a->len = answer.len;
    settle(bus, a, a->answer ? 0 : -ENOMEM);
}

void brio_bus_asks_end(brio_bus *bus)
{
    for (brio_bus_hashed *h; (h = brio_bus_table_first(&bus->asks));)
        settle(bus, BRIO_CONTAINER(h, asking, hashed), BRIO_ECLOSED);
}

static int wait_answer(void *arg)
{
    asking *a = arg;
    return brio_event_wait(&a->answered);
}

static brio_str take_answer(const asking *a, brio_arena *arena)
{
    brio_defer_push(arena, free, a->answer); /* also if this is what the arena has no room for */
    brio_str answer = brio_str_copy(arena, (brio_str){a->answer, a->len});
    (void)brio_defer_pop(arena, free, a->answer, true);
    return answer;
}

static int ask_checked(brio_bus *bus, asking *a, const brio_bus_post *post)
{
    a->ask = ++bus->ask;
    a->rc = -ETIMEDOUT;
    brio_event_init(&a->answered);
    a->hashed.hash = brio_bus_hash(a->ask, NULL, 0);
    int rc = brio_bus_table_add(&bus->asks, &a->hashed);
    if (rc < 0)
        return rc;
    rc = brio_bus_say(bus, post, a->ask);
    if (rc == 0)
        rc = brio_wait_for(wait_answer, a, bus->o.ask_timeout);
    if (a->ask)
        settle(bus, a, rc < 0 ? rc : -ETIMEDOUT);
    return a->rc;
}

int brio_bus_ask(brio_bus *bus, brio_arena *arena, brio_str topic, brio_str question,
                 brio_str *ret_answer)
{
    asking a = {0};
    *ret_answer = (brio_str){0};
    int rc = brio_bus_topic_check(topic, BRIO_BUS_IS_TOPIC);
    if (rc == 0)
        rc = brio_bus_check_data(bus, question, false);
    if (rc == 0)
        rc = bus->self ? ask_checked(bus, &a, &(brio_bus_post){.topic = topic, .data = question})
                       : BRIO_ECLOSED;
    if (a.answer)
        *ret_answer = take_answer(&a, arena);
    return rc;
}

int brio_bus_answer(brio_bus *bus, const brio_bus_message *question, brio_str answer)
{
    if (!question->ask)
        return brio_error(-EINVAL, "a message that asks nothing is not answered");
    int rc = brio_bus_check_data(bus, answer, false);
    if (rc < 0)
        return rc;
    if (!bus->self)
        return BRIO_ECLOSED;
    if (question->asker == bus->id)
        brio_bus_answered(bus, question->ask, answer);
    else
        brio_bus_tell(bus, &(brio_bus_envelope){.kind = BRIO_BUS_ANSWER,
                                                .to = question->asker,
                                                .mark = question->ask,
                                                .data = answer});
    return 0;
}
