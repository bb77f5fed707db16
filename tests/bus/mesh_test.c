/* SPDX-License-Identifier: MIT
 *
 * Several workers of one machine: what one says all hear, once and in order; who
 * dies, who is slow, who comes back. */
#include "bed.h"
#include "bus/house.h"

#include <stdio.h>

BUS_TEST(all_workers_hear_it_once_and_in_order)
{
    bed b;
    notes n[4] = {0};
    bed_open(&b, 4, NULL);
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(brio_bus_stats_get(b.bus[i]).workers, 3);
        CHECK(brio_bus_subscribe(b.bus[i], BRIO_S("a/+"), note, &n[i]));
    }
    brio_bus_post here = {.topic = BRIO_S("a/y"), .data = BRIO_S("z"), .here = true};
    for (int i = 0; i < 3; i++)
        CHECK_OK(brio_bus_publishf(b.bus[1], BRIO_S("a/x"), "%d", i));
    CHECK_OK(brio_bus_publish(b.bus[1], BRIO_S("b"), BRIO_S("no")));
    CHECK_OK(brio_bus_send(b.bus[2], &here));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    for (size_t i = 0; i < 4; i++)
        CHECK_NOTES(&n[i], i == 2 ? "a/y=z a/x=0 a/x=1 a/x=2" : "a/x=0 a/x=1 a/x=2");
    CHECK_INT(brio_bus_stats_get(b.bus[0]).gaps, 0);
    bed_close(&b);
    return 0;
}

BUS_TEST(presence_is_of_all_workers)
{
    bed b;
    notes n = {0};
    brio_arena *arena = brio_task_arena();
    bed_open(&b, 3, NULL);
    CHECK(brio_bus_watch(b.bus[2], BRIO_S("#"), note, &n));
    CHECK_OK(brio_bus_enter(b.bus[0], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_OK(brio_bus_enter(b.bus[1], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_bus_enter(b.bus[1], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_bus_enter(b.bus[2], BRIO_S("r"), BRIO_S("bob")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    for (size_t i = 0; i < 3; i++) {
        brio_str_list names = brio_bus_present(b.bus[i], arena, BRIO_S("r"));
        CHECK_INT(names.len, 2);
        CHECK_STR(names.items[0], "ada");
        CHECK_STR(names.items[1], "bob");
    }
    brio_bus_exit(b.bus[0], BRIO_S("r"), BRIO_S("ada"));
    brio_bus_exit(b.bus[1], BRIO_S("r"), BRIO_S("ada"));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK(brio_bus_is_present(b.bus[2], BRIO_S("r"), BRIO_S("ada")));
    brio_bus_exit(b.bus[1], BRIO_S("r"), BRIO_S("ada"));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK(!brio_bus_is_present(b.bus[2], BRIO_S("r"), BRIO_S("ada")));
    CHECK_NOTES(&n, "+ada@r +bob@r -ada@r");
    bed_close(&b);
    return 0;
}

BUS_TEST(a_newcomer_learns_who_is_there)
{
    bed b;
    bed_open(&b, 2, NULL);
    for (int i = 0; i < 3000; i++) { /* a state of several pieces */
        char name[32];
        size_t len = (size_t)snprintf(name, sizeof name, "somebody number %d", i);
        CHECK_OK(brio_bus_enter(b.bus[i % 2], BRIO_S("r"), (brio_str){name, len}));
    }
    brio_bus *third = bed_add(&b);
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_INT(brio_bus_present(third, brio_task_arena(), BRIO_S("r")).len, 3000);
    CHECK_INT(brio_bus_stats_get(third).members, 3000);
    bed_close(&b);
    return 0;
}

BUS_TEST(who_leaves_takes_its_names_along)
{
    bed b;
    notes n = {0};
    bed_open(&b, 3, NULL);
    CHECK_OK(brio_bus_enter(b.bus[0], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_bus_enter(b.bus[0], BRIO_S("r"), BRIO_S("bob")));
    CHECK_OK(brio_bus_enter(b.bus[1], BRIO_S("r"), BRIO_S("bob")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK(brio_bus_watch(b.bus[2], BRIO_S("r"), note, &n));
    bed_remove(&b, 0);
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_NOTES(&n, "-ada@r");
    CHECK_INT(brio_bus_stats_get(b.bus[2]).workers, 1);
    bed_close(&b);
    return 0;
}

/* A worker that is killed says nothing: its connections just end. */
static void kill_worker(bed *b, size_t i)
{
    (void)brio_task_cancel(b->bus[i]->task);
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
}

BUS_TEST(who_is_killed_is_missed_at_once_and_replaced)
{
    bed b;
    notes n = {0};
    bed_open(&b, 3, NULL);
    CHECK_OK(brio_bus_enter(b.bus[0], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK(brio_bus_watch(b.bus[1], BRIO_S("r"), note, &n));
    CHECK(brio_bus_subscribe(b.bus[1], BRIO_S("#"), note, &n));
    kill_worker(&b, 0);
    CHECK_NOTES(&n, "-ada@r");
    CHECK_OK(brio_bus_publish(b.bus[2], BRIO_S("t"), BRIO_S("1")));
    brio_bus *heir = bed_add(&b);
    CHECK_OK(brio_bus_publish(heir, BRIO_S("t"), BRIO_S("2")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_NOTES(&n, "t=1 t=2");
    CHECK_INT(brio_bus_stats_get(b.bus[1]).gaps, 0);
    bed_close(&b);
    return 0;
}

BUS_TEST(a_seat_of_the_dead_is_given_up)
{
    bed b = {.house = brio_bus_new(NULL, NULL)};
    brio_bus_seat *seat = brio_bus_house_sit(b.house->house, 77, 9); /* where nobody listens */
    CHECK(seat);
    (void)bed_add(&b);
    (void)bed_add(&b);
    CHECK_OK(brio_sleep(BRIO_SEC(2)));
    CHECK(atomic_load(&seat->id) != 77); /* free, or taken by the next */
    CHECK_INT(brio_bus_stats_get(b.bus[1]).workers, 1);
    bed_close(&b);
    return 0;
}

/* ---- Slow ones --------------------------------------------------------------------------- */

static int slow_worker(void *arg)
{
    (void)arg;
    bed b;
    notes n = {0};
    bed_open(&b, 2, &(brio_bus_options){.link_bytes = 8000});
    CHECK(brio_bus_subscribe(b.bus[1], BRIO_S("#"), note, &n));
    CHECK(brio_bus_watch(b.bus[1], BRIO_S("#"), note, &n));
    for (int i = 0; i < 1000; i++) /* in one turn: nothing goes out meanwhile */
        CHECK_OK(brio_bus_publishf(b.bus[0], BRIO_S("t"), "%d", i));
    CHECK_OK(brio_sleep(BRIO_SEC(5)));
    CHECK_INT(n.missed, 0); /* nothing came behind it: nobody knows yet */
    CHECK_OK(brio_bus_publish(b.bus[0], BRIO_S("t"), BRIO_S("end")));
    CHECK_OK(brio_sleep(BRIO_SEC(5)));
    brio_bus_stats s = brio_bus_stats_get(b.bus[0]);
    CHECK(s.dropped_link > 500);
    CHECK_INT(n.gaps, 1);
    CHECK_INT(n.missed, s.dropped_link);
    CHECK(brio_str_ends(brio_buf_str(&n.text), BRIO_S("t=end ")));
    CHECK_INT(brio_bus_stats_get(b.bus[1]).received, 1001 - s.dropped_link);
    brio_buf_fini(&n.text);
    bed_close(&b);
    return 0;
}

TEST(a_slow_worker_misses_and_is_told)
{
    CHECK_INT(brio_sim_run(NULL, slow_worker, NULL), 0);
}

/* ---- Questions across workers ---------------------------------------------------------------- */

static void answer(const brio_bus_message *m, void *arg)
{
    CHECK(!m->mine);
    CHECK_OK(brio_bus_answer(arg, m, BRIO_S("here")));
}

BUS_TEST(another_worker_answers)
{
    bed b;
    brio_str got;
    bed_open(&b, 3, NULL);
    CHECK(brio_bus_subscribe(b.bus[2], BRIO_S("where"), answer, b.bus[2]));
    CHECK_OK(brio_bus_ask(b.bus[0], brio_task_arena(), BRIO_S("where"), BRIO_S("?"), &got));
    CHECK_STR(got, "here");
    bed_close(&b);
    return 0;
}

/* ---- At random ----------------------------------------------------------------------------------
 */

/* Workers talk, leave and come while segments are delayed and cut: each hears what
 * the others say in order, nothing twice, and nothing is missed without a notice. */
typedef struct heard {
    uint64_t from[BED_MAX]; /* by who says it: the newest number */
    uint64_t lost, told, twice;
} heard;

static heard ears[BED_MAX];

static void hear(const brio_bus_message *m, void *arg)
{
    heard *h = arg;
    uint64_t who, number;
    if (m->kind == BRIO_BUS_GAP) {
        h->told += m->missed;
        return;
    }
    brio_str_pair pair = brio_str_cut(m->data, ' ');
    CHECK_OK(brio_str_to_u64(pair.head, &who));
    CHECK_OK(brio_str_to_u64(pair.tail, &number));
    if (h->from[who] && number <= h->from[who])
        h->twice++;
    else if (h->from[who])
        h->lost += number - h->from[who] - 1;
    h->from[who] = number;
}

static void add_ears(bed *b, size_t i)
{
    CHECK(brio_bus_subscribe(b->bus[i], BRIO_S("t"), hear, &ears[i]));
    CHECK(brio_bus_watch(b->bus[i], BRIO_S("t"), hear, &ears[i]));
}

static void come_and_go(bed *b)
{
    if (b->n > 4 && b->bus[0])
        bed_remove(b, 0);
    if (b->n < BED_MAX) {
        (void)bed_add(b);
        add_ears(b, b->n - 1);
    }
}

static int at_random(void *arg)
{
    (void)arg;
    bed b;
    uint64_t said[BED_MAX] = {0};
    memset(ears, 0, sizeof ears);
    bed_open(&b, 3, &(brio_bus_options){.link_bytes = 2000});
    for (size_t i = 0; i < b.n; i++)
        add_ears(&b, i);
    for (int step = 1; step <= 300; step++) {
        uint64_t dice = brio_loop_random(brio_loop_current());
        size_t i = dice % b.n;
        if (b.bus[i])
            CHECK_OK(brio_bus_publishf(b.bus[i], BRIO_S("t"), "%d %d", (int)i, (int)++said[i]));
        if (dice / 16 % 4 == 0)
            CHECK_OK(brio_sleep(BRIO_MS(1)));
        if (step % 60 == 0)
            come_and_go(&b);
    }
    CHECK_OK(brio_sleep(BRIO_SEC(10)));
    for (size_t i = 0; i < b.n; i++) {
        CHECK_INT(ears[i].twice, 0);
        CHECK(ears[i].lost <= ears[i].told);
    }
    bed_close(&b);
    return 0;
}

TEST(workers_at_random)
{
    static const brio_sim_options net = {
        .latency = BRIO_US(50), .jitter = BRIO_MS(2), .max_segment = 37, .socket_buffer = 1000};
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 30, .net = &net}, at_random, NULL), 0);
}
