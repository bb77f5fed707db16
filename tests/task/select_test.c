/* SPDX-License-Identifier: MIT
 *
 * select: exactly one case happens, a fair one, and losing costs nothing. */
#include "task/storm.h"
#include "task/task_internal.h"

static brio_channel left, right;
static int got_left, got_right;

static void fresh(size_t capacity)
{
    CHECK_INT(brio_channel_init(&left, sizeof(int), capacity), 0);
    CHECK_INT(brio_channel_init(&right, sizeof(int), capacity), 0);
    got_left = got_right = 0;
}

static void done(void)
{
    CHECK(brio_waiters_none(&left.sending) && brio_waiters_none(&left.receiving));
    CHECK(brio_waiters_none(&right.sending) && brio_waiters_none(&right.receiving));
    brio_channel_fini(&left);
    brio_channel_fini(&right);
}

/* Receives from either. */
static int either(void *arg)
{
    (void)arg;
    brio_case cases[] = {BRIO_RECEIVE_CASE(&left, &got_left),
                         BRIO_RECEIVE_CASE(NULL, NULL), /* never ready */
                         BRIO_RECEIVE_CASE(&right, &got_right)};
    int rc = brio_select(cases, 3);
    say("%d:%d ", rc, rc < 0 ? 0 : cases[rc].result);
    return rc < 0 ? rc : 0;
}

static int send_one(void *arg)
{
    int rc = brio_channel_send(&left, arg);
    say("+%d:%d ", *(int *)arg, rc);
    return rc < 0 ? rc : 0;
}

static int one = 1, two = 2;

static int waiting_main(void *arg)
{
    (void)arg;
    fresh(0);
    start(either, NULL);
    CHECK_TRACE("");
    CHECK_INT(brio_channel_send(&right, &two), 0);
    CHECK_INT(brio_channel_try_send(&left, &one), -EAGAIN); /* that case is gone */
    CHECK_INT(brio_channel_try_send(&right, &one), -EAGAIN);
    settle();
    CHECK_TRACE("2:0 ");
    CHECK_INT(got_right, 2);
    CHECK_INT(got_left, 0);
    done();
    return 0;
}

TEST(select_does_exactly_one_case)
{
    run_all_ways(waiting_main);
}

static int ready_main(void *arg)
{
    int chosen[2] = {0};
    (void)arg;
    fresh(1);
    for (int i = 0; i < 64; i++) {
        brio_case cases[] = {BRIO_SEND_CASE(&left, &one), BRIO_SEND_CASE(&right, &two)};
        int rc = i % 2 ? brio_select(cases, 2) : brio_try_select(cases, 2);
        CHECK(rc == 0 || rc == 1);
        CHECK_INT(cases[rc].result, 0);
        chosen[rc]++;
        CHECK_INT(left.len, rc == 0);
        CHECK_INT(right.len, rc == 1);
        CHECK_INT(brio_channel_receive(rc ? &right : &left, NULL), 0);
    }
    CHECK(chosen[0] > 8 && chosen[1] > 8); /* 1 in 10^10 otherwise */
    brio_case full[] = {BRIO_RECEIVE_CASE(&left, &got_left), BRIO_SEND_CASE(&right, &two)};
    CHECK_INT(brio_select(full, 2), 1); /* the only one that is ready */
    CHECK_INT(brio_try_select(full, 1), -EAGAIN);
    CHECK_INT(brio_try_select(full, 0), -EINVAL);
    CHECK_INT(brio_select(full, 0), -EINVAL);
    done();
    return 0;
}

TEST(select_chooses_fairly_among_the_ready)
{
    run_all_ways(ready_main);
}

static int closed_main(void *arg)
{
    (void)arg;
    fresh(0);
    brio_channel_close_sender(&left);
    brio_case cases[] = {BRIO_RECEIVE_CASE(&left, &got_left),
                         BRIO_RECEIVE_CASE(&right, &got_right)};
    CHECK_INT(brio_select(cases, 2), 0); /* closed is ready */
    CHECK_INT(cases[0].result, BRIO_ECLOSED);
    brio_channel_close_receiver(&right);
    brio_case send = BRIO_SEND_CASE(&right, &one);
    CHECK_INT(brio_try_select(&send, 1), 0);
    CHECK_INT(send.result, -EPIPE);
    done();
    fresh(0);
    start(either, NULL);
    brio_channel_close_sender(&right);
    settle();
    CHECK_TRACE("2:-4008 ");
    done();
    return 0;
}

TEST(select_takes_a_closed_channel_for_ready)
{
    run_all_ways(closed_main);
}

static int cancel_main(void *arg)
{
    (void)arg;
    fresh(0);
    brio_task *task = start(either, NULL);
    brio_task_cancel(task);
    settle();
    CHECK_TRACE("-125:0 ");
    CHECK_INT(brio_channel_try_send(&left, &one), -EAGAIN); /* nobody waits any more */
    BRIO_SCOPE(s, .timeout = BRIO_MS(1))
    {
        brio_case never = BRIO_RECEIVE_CASE(NULL, NULL);
        CHECK_INT(brio_select(&never, 1), -ECANCELED);
        brio_case closed = BRIO_RECEIVE_CASE(&left, &got_left);
        brio_channel_close_sender(&left);
        CHECK_INT(brio_select(&closed, 1), -ECANCELED); /* although it is ready */
    }
    CHECK(s.expired);
    done();
    return 0;
}

TEST(select_cancelled_did_nothing)
{
    run_all_ways(cancel_main);
}

/* Sends to and receives from the same channel, whichever comes. */
static int both_ways(void *arg)
{
    int item = 0;
    brio_case cases[] = {BRIO_SEND_CASE(&left, arg), BRIO_RECEIVE_CASE(&left, &item)};
    int rc = brio_select(cases, 2);
    say("%d%s%d ", *(int *)arg, rc == 0 ? ">" : rc == 1 ? "<" : "!", item);
    return rc < 0 ? rc : 0;
}

static int self_main(void *arg)
{
    (void)arg;
    fresh(0);
    start(both_ways, &one);
    CHECK_TRACE(""); /* does not meet itself */
    start(both_ways, &two);
    settle();
    CHECK_INT(strlen(trace), strlen("1>0 2<1 ")); /* one of them sent to the other */
    CHECK((strstr(trace, "1>0") && strstr(trace, "2<1")) ||
          (strstr(trace, "2>0") && strstr(trace, "1<2")));
    trace[0] = '\0';
    start(send_one, &one);
    start(either, NULL);
    settle();
    CHECK(strstr(trace, "+1:0 ") && strstr(trace, "0:0 "));
    trace[0] = '\0';
    done();
    return 0;
}

TEST(select_meets_others_never_itself)
{
    run_all_ways(self_main);
}

static void nothing_ready(brio_callback *cb)
{
    brio_case c = BRIO_RECEIVE_CASE(&left, &got_left);
    (void)cb;
    say("%d ", brio_try_select(&c, 1) == -EAGAIN);
    CHECK_INT(brio_channel_try_send(&right, &two), 0);
}

static int callback_main(void *arg)
{
    brio_callback cb = {.fn = nothing_ready};
    (void)arg;
    fresh(1);
    brio_loop_call_soon(brio_loop_current(), &cb);
    CHECK_INT(either(NULL), 0);
    CHECK_TRACE("1 2:0 ");
    done();
    return 0;
}

TEST(select_tries_from_callbacks)
{
    run_all_ways(callback_main);
}

/* ---- Any order ---------------------------------------------------------- */

enum { CHANNELS = 3, MANY = STORM_TASKS * STORM_ROUNDS * 3 };

static brio_channel channels[CHANNELS];
static bool was_sent[MANY];
static unsigned was_received[MANY];
static int next_item;

/* A random set of cases; what happened is noted. */
static int some_case(void)
{
    int items[CHANNELS], in = -1;
    brio_case cases[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
        items[i] = next_item++;
        was_sent[items[i]] = false;
        brio_channel *channel = dice(4) ? &channels[i] : NULL;
        cases[i] = dice(2) ? (brio_case)BRIO_SEND_CASE(channel, &items[i])
                           : (brio_case)BRIO_RECEIVE_CASE(channel, &in);
    }
    int rc = dice(5) ? brio_select(cases, CHANNELS) : brio_try_select(cases, CHANNELS);
    if (rc < 0)
        return rc;
    CHECK_INT(cases[rc].result, 0);
    if (cases[rc].send)
        was_sent[items[rc]] = true;
    else
        was_received[in]++;
    return 0;
}

static int select_around(void *arg)
{
    (void)arg;
    for (int i = 0; i < STORM_ROUNDS; i++) {
        int rc = some_case();
        CHECK(rc == 0 || rc == -EAGAIN || rc == -ECANCELED);
        (void)dawdle();
    }
    return 0;
}

/* Ends the waits that nobody will answer. */
static int nudge(void *arg)
{
    brio_scope *last = arg;
    if (brio_sleep(BRIO_MS(2)) == 0)
        brio_scope_cancel(last);
    return 0;
}

static int storm_main(void *arg)
{
    int in;
    (void)arg;
    next_item = 0;
    memset(was_received, 0, sizeof(was_received));
    for (size_t i = 0; i < CHANNELS; i++)
        CHECK_INT(brio_channel_init(&channels[i], sizeof(int), i), 0);
    BRIO_SCOPE(all)
    {
        static int numbers[STORM_TASKS];
        brio_create_task(nudge, &all, NULL);
        brio_task *tasks[STORM_TASKS];
        BRIO_GROUP(g)
        {
            for (int i = 0; i < STORM_TASKS; i++)
                tasks[i] = brio_spawn(&g, select_around, &numbers[i]);
            for (int i = 0; i < STORM_CANCELS && dawdle() == 0; i++)
                brio_task_cancel(tasks[dice(STORM_TASKS)]);
        }
        CHECK_INT(g.done, STORM_TASKS);
    }
    for (size_t i = 0; i < CHANNELS; i++) {
        while (brio_channel_try_receive(&channels[i], &in) == 0)
            was_received[in]++;
        brio_channel_fini(&channels[i]); /* nobody waits: asserted */
    }
    for (int i = 0; i < next_item; i++)
        CHECK_INT(was_received[i], was_sent[i]);
    return 0;
}

TEST(select_loses_and_doubles_nothing_in_a_storm_of_cancellations)
{
    run_all_ways(storm_main);
}
