/* SPDX-License-Identifier: MIT
 *
 * Channels: meeting, buffering, closing, cancellation, and the typed form. */
#include "task/storm.h"
#include "task/task_internal.h"

static brio_channel channel;
static char a[] = "a", b[] = "b", c[] = "c";
static int one = 1, two = 2, three = 3;

static void fresh(size_t capacity)
{
    CHECK_INT(brio_channel_init(&channel, sizeof(int), capacity), 0);
}

static int send_it(void *arg)
{
    int rc = brio_channel_send(&channel, arg);
    say("+%d:%d ", *(int *)arg, rc);
    return rc == -ECANCELED ? rc : 0;
}

static int receive(void *arg)
{
    int item = 0, rc = brio_channel_receive(&channel, &item);
    say("%s:%d ", (const char *)arg, rc < 0 ? rc : item);
    return rc == -ECANCELED ? rc : 0;
}

static int receive_now(void)
{
    int item = 0, rc = brio_channel_try_receive(&channel, &item);
    return rc < 0 ? rc : item;
}

static int rendezvous_main(void *arg)
{
    int item = 0;
    (void)arg;
    fresh(0);
    CHECK_INT(brio_channel_try_send(&channel, &one), -EAGAIN);
    CHECK_INT(receive_now(), -EAGAIN);
    start(send_it, &one);
    start(send_it, &two);
    CHECK_TRACE(""); /* a send waits for somebody to receive */
    CHECK_INT(brio_channel_receive(&channel, &item), 0);
    CHECK_INT(item, 1); /* in order */
    settle();
    CHECK_TRACE("+1:0 ");
    CHECK_INT(receive_now(), 2);
    settle();
    CHECK_TRACE("+2:0 ");
    start(receive, a);
    start(receive, b);
    CHECK_INT(brio_channel_send(&channel, &one), 0); /* does not suspend: a waits */
    CHECK_INT(brio_channel_try_send(&channel, &two), 0);
    CHECK_INT(brio_channel_try_send(&channel, &three), -EAGAIN); /* both have theirs */
    settle();
    CHECK(strcmp(trace, "a:1 b:2 ") == 0 || strcmp(trace, "b:2 a:1 ") == 0);
    trace[0] = '\0';
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_without_room_makes_ends_meet)
{
    run_all_ways(rendezvous_main);
}

static int buffer_main(void *arg)
{
    (void)arg;
    fresh(2);
    for (int i = 0; i < 7; i++) { /* round and round */
        CHECK_INT(brio_channel_send(&channel, &one), 0);
        CHECK_INT(brio_channel_send(&channel, &two), 0);
        CHECK_INT(channel.len, 2);
        CHECK_INT(brio_channel_try_send(&channel, &three), -EAGAIN);
        CHECK_INT(receive_now(), 1);
        CHECK_INT(brio_channel_send(&channel, &three), 0);
        CHECK_INT(receive_now(), 2);
        CHECK_INT(brio_channel_receive(&channel, NULL), 0); /* dropped */
    }
    CHECK_INT(brio_channel_send(&channel, &one), 0);
    CHECK_INT(brio_channel_send(&channel, &one), 0);
    start(send_it, &two);
    start(send_it, &three);
    CHECK_INT(receive_now(), 1);
    CHECK_INT(channel.len, 2); /* the first who waited is in */
    CHECK_INT(receive_now(), 1);
    CHECK_INT(receive_now(), 2);
    CHECK_INT(receive_now(), 3);
    CHECK_INT(receive_now(), -EAGAIN);
    settle();
    trace[0] = '\0';
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_buffers_in_order)
{
    run_all_ways(buffer_main);
}

static int memory_main(void *arg)
{
    (void)arg;
    CHECK_INT(brio_channel_init(&channel, SIZE_MAX / 2, 3), -ENOMEM);
    brio_heap_fault(1);
    CHECK_INT(brio_channel_init(&channel, 8, 8), -ENOMEM);
    brio_heap_fault(0);
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_without_memory_says_so)
{
    run_everywhere(memory_main);
}

/* ---- Closing ------------------------------------------------------------ */

static int close_sender_main(void *arg)
{
    int item;
    (void)arg;
    fresh(2);
    brio_channel_add_sender(&channel);
    CHECK_INT(brio_channel_send(&channel, &one), 0);
    brio_channel_close_sender(&channel);
    CHECK_INT(brio_channel_send(&channel, &two), 0); /* one is open still */
    brio_channel_close_sender(&channel);
    CHECK_INT(brio_channel_send(&channel, &three), BRIO_ECLOSED);
    CHECK_INT(brio_channel_receive(&channel, &item), 0); /* what is in it comes out */
    CHECK_INT(receive_now(), 2);
    CHECK_INT(brio_channel_receive(&channel, &item), BRIO_ECLOSED);
    CHECK_INT(receive_now(), BRIO_ECLOSED);
    brio_channel_fini(&channel);
    fresh(0);
    start(receive, a);
    start(receive, b);
    brio_channel_close_sender(&channel);
    settle();
    CHECK_INT(strlen(trace), strlen("a:-4008 b:-4008 ")); /* BRIO_ECLOSED */
    trace[0] = '\0';
    brio_channel_fini(&channel);
    fresh(0);
    start(send_it, &one);
    brio_channel_close_sender(&channel);
    settle();
    CHECK_TRACE("+1:-4008 ");
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_closes_when_the_last_sender_does)
{
    run_all_ways(close_sender_main);
}

static int close_receiver_main(void *arg)
{
    int item;
    (void)arg;
    fresh(1);
    brio_channel_add_receiver(&channel);
    CHECK_INT(brio_channel_send(&channel, &one), 0);
    start(send_it, &two);
    brio_channel_close_receiver(&channel);
    settle();
    CHECK_TRACE(""); /* one is open still */
    brio_channel_close_receiver(&channel);
    settle();
    CHECK_TRACE("+2:-32 "); /* -EPIPE */
    CHECK_INT(channel.len, 0);
    CHECK_INT(brio_channel_send(&channel, &two), -EPIPE);
    CHECK_INT(brio_channel_try_send(&channel, &two), -EPIPE);
    CHECK_INT(brio_channel_receive(&channel, &item), BRIO_ECLOSED);
    brio_channel_close_sender(&channel);
    CHECK_INT(brio_channel_send(&channel, &two), BRIO_ECLOSED);
    brio_channel_fini(&channel);
    fresh(1);
    start(receive, a);
    brio_channel_close_receiver(&channel);
    settle();
    CHECK_TRACE("a:-4008 ");
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_without_receivers_refuses)
{
    run_all_ways(close_receiver_main);
}

/* ---- Cancellation ------------------------------------------------------- */

static int cancel_main(void *arg)
{
    (void)arg;
    fresh(0);
    brio_task *first = start(send_it, &one);
    start(send_it, &two);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("+1:-125 ");
    CHECK_INT(receive_now(), 2);
    settle();
    CHECK_TRACE("+2:0 ");
    first = start(receive, a);
    start(receive, b);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("a:-125 ");
    CHECK_INT(brio_channel_try_send(&channel, &three), 0);
    settle();
    CHECK_TRACE("b:3 ");
    BRIO_SCOPE(s)
    {
        int item;
        brio_scope_cancel(&s);
        CHECK_INT(brio_channel_send(&channel, &one), -ECANCELED);
        CHECK_INT(brio_channel_receive(&channel, &item), -ECANCELED);
    }
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_waiters_that_are_cancelled_leave_the_line)
{
    run_all_ways(cancel_main);
}

static int receive_told(void *arg)
{
    (void)receive(arg);
    say("next:%d ", brio_cancel_point() == -ECANCELED);
    return 0;
}

static int send_told(void *arg)
{
    (void)send_it(arg);
    say("next:%d ", brio_cancel_point() == -ECANCELED);
    return 0;
}

static int same_turn_main(void *arg)
{
    (void)arg;
    fresh(0);
    brio_task *first = start(receive_told, c);
    CHECK_INT(brio_channel_send(&channel, &one), 0);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("c:1 next:1 "); /* what was handed over has happened */
    first = start(send_told, &two);
    CHECK_INT(receive_now(), 2);
    brio_task_cancel(first);
    settle();
    CHECK_TRACE("+2:0 next:1 ");
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_hand_over_wins_over_a_cancellation_of_the_same_turn)
{
    run_all_ways(same_turn_main);
}

static int seen_main(void *arg)
{
    (void)arg;
    fresh(0);
    brio_task *task = start(receive, a);
    CHECK_INT(task->rec.wait, BRIO_WAIT_CHANNEL);
    CHECK(task->rec.wait_on == &channel);
    CHECK_INT(brio_channel_send(&channel, &one), 0);
    settle();
    brio_channel_fini(&channel);
    return 0;
}

TEST(channel_waits_are_seen)
{
    run_everywhere(seen_main);
}

/* ---- The typed form ----------------------------------------------------- */

typedef struct job {
    int number;
    double weight;
} job;

BRIO_CHANNEL_OF(jobs, job)

static int typed_main(void *arg)
{
    jobs ch;
    job got = {0};
    (void)arg;
    CHECK_INT(jobs_init(&ch, 2), 0);
    CHECK_INT(jobs_send(&ch, (job){1, 0.5}), 0);
    CHECK_INT(jobs_send(&ch, (job){2, 1.5}), 0);
    CHECK_INT(jobs_receive(&ch, &got), 0);
    CHECK(got.number == 1 && got.weight < 1);
    jobs_close(&ch);
    CHECK_INT(jobs_receive(&ch, &got), 0);
    CHECK_INT(got.number, 2);
    CHECK_INT(jobs_receive(&ch, &got), BRIO_ECLOSED);
    jobs_fini(&ch);
    return 0;
}

TEST(channel_of_a_type)
{
    run_all_ways(typed_main);
}
