/* SPDX-License-Identifier: MIT
 *
 * A message and its receivers in one worker: functions that come and go while it
 * is delivered, queues that are full, questions. */
#include "bed.h"

static brio_bus *open_bus(const brio_bus_options *options)
{
    brio_bus *bus = brio_bus_new(NULL, options);
    CHECK_OK(brio_bus_open(bus));
    return bus;
}

static void close_bus(brio_bus *bus)
{
    brio_bus_close(bus);
    brio_bus_free(bus);
}

BUS_TEST(in_order_before_publish_returns)
{
    notes n = {0};
    brio_bus *bus = open_bus(NULL);
    CHECK(brio_bus_subscribe(bus, BRIO_S("a"), note, &n));
    CHECK_OK(brio_bus_publish(bus, BRIO_S("a"), BRIO_S("1")));
    CHECK_OK(brio_bus_publishf(bus, BRIO_S("a"), "%d", 2));
    CHECK_OK(brio_bus_publish_bytes(bus, BRIO_S("a"), BRIO_S("\xff")));
    CHECK_NOTES(&n, "a=1 a=2 a=\xff");
    close_bus(bus);
    return 0;
}

BUS_TEST(what_cannot_be_published)
{
    brio_bus *bus = open_bus(&(brio_bus_options){.message_bytes = 3});
    CHECK_INT(brio_bus_publish(bus, BRIO_S("a/+"), BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_bus_publish(bus, BRIO_S("$all"), BRIO_S("x")), -EINVAL);
    CHECK_INT(brio_bus_publish(bus, BRIO_S("a"), BRIO_S("\xff")), -EINVAL);
    CHECK_INT(brio_bus_publish(bus, BRIO_S("a"), BRIO_S("long")), BRIO_ELIMIT);
    CHECK_OK(brio_bus_publish(bus, BRIO_S("a"), BRIO_S("yes")));
    brio_bus_close(bus);
    CHECK_INT(brio_bus_publish(bus, BRIO_S("a"), BRIO_S("x")), BRIO_ECLOSED);
    brio_bus_free(bus);
    return 0;
}

/* ---- Coming and going while a message is delivered ------------------------------------ */

typedef struct party {
    brio_bus *bus;
    notes n;
    brio_bus_subscription *subs[3];
    int calls;
} party;

static void leave_all(const brio_bus_message *m, void *arg)
{
    party *p = arg;
    note(m, &p->n);
    for (size_t i = 0; i < 3; i++) {
        brio_bus_unsubscribe(p->subs[i]);
        p->subs[i] = NULL;
    }
}

BUS_TEST(who_left_while_it_was_delivered_does_not_get_it)
{
    party p = {.bus = open_bus(NULL)};
    for (size_t i = 0; i < 3; i++)
        p.subs[i] = brio_bus_subscribe(p.bus, BRIO_S("a/#"), leave_all, &p);
    CHECK_OK(brio_bus_publish(p.bus, BRIO_S("a/b"), BRIO_S("x")));
    CHECK_NOTES(&p.n, "a/b=x");
    CHECK_INT(brio_bus_stats_get(p.bus).subscriptions, 0);
    CHECK(p.bus->root == NULL);
    close_bus(p.bus);
    return 0;
}

BUS_TEST(a_gap_is_told_to_those_who_are_still_there)
{
    party p = {.bus = open_bus(NULL)};
    notes last = {0};
    for (size_t i = 0; i < 3; i++)
        p.subs[i] = brio_bus_watch(p.bus, BRIO_S("a/#"), leave_all, &p);
    CHECK(brio_bus_watch(p.bus, BRIO_S("b"), note, &last));
    CHECK(brio_bus_subscribe(p.bus, BRIO_S("#"), note, &last));
    brio_bus_notify(p.bus, &(brio_bus_message){.kind = BRIO_BUS_GAP, .missed = 7});
    CHECK_NOTES(&p.n, "gap7");
    CHECK_NOTES(&last, "gap7");
    close_bus(p.bus);
    return 0;
}

static void invite(const brio_bus_message *m, void *arg)
{
    party *p = arg;
    note(m, &p->n);
    if (p->calls++ == 0)
        CHECK(brio_bus_subscribe(p->bus, BRIO_S("#"), note, &p->n));
}

BUS_TEST(who_came_while_it_was_delivered_gets_the_next)
{
    party p = {.bus = open_bus(NULL)};
    CHECK(brio_bus_subscribe(p.bus, BRIO_S("+"), invite, &p));
    CHECK_OK(brio_bus_publish(p.bus, BRIO_S("a"), BRIO_S("1")));
    CHECK_OK(brio_bus_publish(p.bus, BRIO_S("b"), BRIO_S("2")));
    CHECK_NOTES(&p.n, "a=1 b=2 b=2");
    close_bus(p.bus);
    return 0;
}

static void echo_once(const brio_bus_message *m, void *arg)
{
    party *p = arg;
    note(m, &p->n);
    if (p->calls++ == 0)
        CHECK_OK(brio_bus_publish(p->bus, BRIO_S("a"), BRIO_S("again")));
}

BUS_TEST(publishing_inside_a_delivery)
{
    party p = {.bus = open_bus(NULL)};
    notes second = {0};
    brio_bus_listener *l;
    brio_bus_message m;
    CHECK(brio_bus_subscribe(p.bus, BRIO_S("a"), echo_once, &p));
    CHECK(brio_bus_subscribe(p.bus, BRIO_S("a"), note, &second));
    CHECK_OK(brio_bus_listen(p.bus, BRIO_S("a"), NULL, &l));
    CHECK_OK(brio_bus_listener_add(l, BRIO_S("#")));
    CHECK_OK(brio_bus_publish(p.bus, BRIO_S("a"), BRIO_S("first")));
    CHECK_NOTES(&p.n, "a=first a=again");
    CHECK_NOTES(&second, "a=first a=again"); /* one order for all */
    for (int i = 0; i < 2; i++) {
        CHECK_OK(brio_bus_next(l, &m));
        note(&m, &second);
    }
    CHECK_NOTES(&second, "a=first a=again");
    brio_bus_listener_close(l);
    close_bus(p.bus);
    return 0;
}

/* ---- Queues ------------------------------------------------------------------------------ */

static void publish_numbers(brio_bus *bus, int from, int to)
{
    for (int i = from; i <= to; i++)
        CHECK_OK(brio_bus_publishf(bus, BRIO_S("n"), "%d", i));
}

static void drain(brio_bus_listener *l, int n, notes *book)
{
    for (brio_bus_message m; n > 0; n--) {
        CHECK_OK(brio_bus_next(l, &m));
        note(&m, book);
    }
}

static brio_bus_listener *listen(brio_bus *bus, brio_bus_policy policy, bool notices)
{
    brio_bus_listener *l;
    brio_bus_listener_options o = {.queue_messages = 3, .policy = policy, .notices = notices};
    CHECK_OK(brio_bus_listen(bus, BRIO_S("n"), &o, &l));
    return l;
}

BUS_TEST(a_full_queue_drops_its_oldest_and_says_so)
{
    notes n = {0};
    brio_bus *bus = open_bus(NULL);
    brio_bus_listener *l = listen(bus, BRIO_BUS_DROP_OLDEST, true);
    publish_numbers(bus, 1, 5);
    drain(l, 4, &n);
    publish_numbers(bus, 6, 6);
    drain(l, 1, &n);
    CHECK_NOTES(&n, "gap2 n=3 n=4 n=5 n=6");
    CHECK_INT(brio_bus_stats_get(bus).dropped_queue, 2);
    brio_bus_listener_close(l);
    close_bus(bus);
    return 0;
}

BUS_TEST(a_full_queue_drops_the_newest_and_says_where)
{
    notes n = {0};
    brio_bus *bus = open_bus(NULL);
    brio_bus_listener *l = listen(bus, BRIO_BUS_DROP_NEWEST, true);
    publish_numbers(bus, 1, 5);
    drain(l, 2, &n);
    publish_numbers(bus, 6, 6);
    drain(l, 3, &n);
    CHECK_NOTES(&n, "n=1 n=2 n=3 gap2 n=6");
    publish_numbers(bus, 7, 10);
    drain(l, 4, &n);
    CHECK_NOTES(&n, "n=7 n=8 n=9 gap1");
    brio_bus_listener_close(l);
    close_bus(bus);
    return 0;
}

BUS_TEST(a_full_queue_may_end)
{
    notes n = {0};
    brio_bus_message m;
    brio_bus *bus = open_bus(NULL);
    brio_bus_listener *l = listen(bus, BRIO_BUS_END, false);
    publish_numbers(bus, 1, 5);
    drain(l, 3, &n);
    CHECK_NOTES(&n, "n=1 n=2 n=3");
    CHECK_INT(brio_bus_next(l, &m), BRIO_EOVERLOAD);
    brio_bus_listener_close(l);
    close_bus(bus);
    return 0;
}

BUS_TEST(several_filters_one_message)
{
    notes n = {0};
    brio_bus *bus = open_bus(NULL);
    brio_bus_listener *l = listen(bus, BRIO_BUS_DROP_OLDEST, false);
    CHECK_OK(brio_bus_listener_add(l, BRIO_S("#")));
    CHECK_OK(brio_bus_listener_add(l, BRIO_S("+")));
    CHECK_OK(brio_bus_listener_add(l, BRIO_S("n")));
    CHECK_INT(brio_bus_stats_get(bus).subscriptions, 3);
    publish_numbers(bus, 1, 2);
    drain(l, 2, &n);
    CHECK_NOTES(&n, "n=1 n=2");
    brio_bus_listener_close(l);
    close_bus(bus);
    return 0;
}

typedef struct waiting {
    brio_bus *bus;
    brio_bus_listener *l;
    notes n;
    int rc;
} waiting;

static int wait_for_all(void *arg)
{
    waiting *w = arg;
    brio_bus_message m;
    while ((w->rc = brio_bus_next(w->l, &m)) >= 0)
        note(&m, &w->n);
    return 0;
}

static int publish_and_close(void *arg)
{
    waiting *w = arg;
    publish_numbers(w->bus, 1, 2);
    CHECK_OK(brio_sleep(BRIO_MS(1)));
    publish_numbers(w->bus, 3, 3);
    CHECK_OK(brio_sleep(BRIO_MS(1)));
    brio_bus_close(w->bus);
    return 0;
}

BUS_TEST(a_task_waits_until_the_bus_is_closed)
{
    waiting w = {.bus = open_bus(NULL)};
    w.l = listen(w.bus, BRIO_BUS_DROP_OLDEST, false);
    CHECK_OK(brio_gather({wait_for_all, &w}, {publish_and_close, &w}));
    CHECK_INT(w.rc, BRIO_ECLOSED);
    CHECK_NOTES(&w.n, "n=1 n=2 n=3");
    brio_bus_listener_close(w.l);
    brio_bus_free(w.bus);
    return 0;
}

/* ---- Questions ----------------------------------------------------------------------------- */

static void answer(const brio_bus_message *m, void *arg)
{
    CHECK_OK(brio_bus_answer(arg, m, BRIO_S("four")));
    CHECK_OK(brio_bus_answer(arg, m, BRIO_S("five"))); /* the first counts */
}

BUS_TEST(a_question_gets_its_answer_or_runs_out_of_time)
{
    brio_str got;
    brio_bus *bus = open_bus(&(brio_bus_options){.ask_timeout = BRIO_SEC(1)});
    CHECK(brio_bus_subscribe(bus, BRIO_S("sum"), answer, bus));
    CHECK_OK(brio_bus_ask(bus, brio_task_arena(), BRIO_S("sum"), BRIO_S("2+2"), &got));
    CHECK_STR(got, "four");
    CHECK_INT(brio_bus_ask(bus, brio_task_arena(), BRIO_S("who"), BRIO_S("?"), &got), -ETIMEDOUT);
    CHECK_INT(bus->asks.n, 0);
    CHECK_INT(brio_bus_answer(bus, &(brio_bus_message){0}, BRIO_S("x")), -EINVAL);
    close_bus(bus);
    return 0;
}

static int ask_forever(void *arg)
{
    brio_str got;
    return brio_bus_ask(arg, brio_task_arena(), BRIO_S("who"), BRIO_S("?"), &got);
}

BUS_TEST(asking_is_cancelled_and_ended)
{
    brio_bus *bus = open_bus(NULL);
    brio_task *one = brio_create_task(ask_forever, bus, &(brio_task_options){.acquired = true});
    brio_task *two = brio_create_task(ask_forever, bus, &(brio_task_options){.acquired = true});
    CHECK_OK(brio_sleep(BRIO_MS(1)));
    (void)brio_task_cancel(one);
    CHECK_INT(brio_await(one), -ECANCELED);
    brio_bus_close(bus);
    CHECK_INT(brio_await(two), BRIO_ECLOSED);
    brio_task_release(one);
    brio_task_release(two);
    brio_bus_free(bus);
    return 0;
}
