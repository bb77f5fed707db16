/* SPDX-License-Identifier: MIT
 *
 * Two machines of two workers each, and a Redis between them that goes away and
 * comes back, on a simulated network. And what a URL may be, what a reply. */
#include "fake_redis.h"

#include "bus/carrier.h"

#include <stdio.h>

enum { PORT = 6000 };

static int parse(const char *url, brio_arena *arena, brio_bus_redis_at *ret)
{
    return brio_bus_redis_parse(arena, brio_str_from(url), ret);
}

TEST(urls)
{
    brio_arena arena;
    brio_bus_redis_at at;
    brio_arena_init(&arena, 0);
    CHECK_OK(parse("redis://", &arena, &at));
    CHECK_STR(brio_str_from(at.host), "127.0.0.1");
    CHECK_INT(at.port, 6379);
    CHECK_INT(at.db, 0);
    CHECK(!at.tls);
    CHECK(!at.password);
    CHECK_OK(parse("rediss://ada:p%40ss@w@example.org:1234/7", &arena, &at));
    CHECK(at.tls);
    CHECK_STR(brio_str_from(at.user), "ada");
    CHECK_STR(brio_str_from(at.password), "p@ss@w");
    CHECK_STR(brio_str_from(at.host), "example.org");
    CHECK_INT(at.port, 1234);
    CHECK_INT(at.db, 7);
    CHECK_OK(parse("redis://:secret@[::1]:1/", &arena, &at));
    CHECK(!at.user);
    CHECK_STR(brio_str_from(at.password), "secret");
    CHECK_STR(brio_str_from(at.host), "::1");
    CHECK_OK(parse("redis://[fe80::1]", &arena, &at));
    CHECK_INT(at.port, 6379);
    static const char *const bad[] = {"",
                                      "http://x",
                                      "redis:/x",
                                      "redis://x:0",
                                      "redis://x:65536",
                                      "redis://x:y",
                                      "redis://x/y",
                                      "redis://[::1",
                                      "redis://[::1]x",
                                      "redis://x/65536"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(parse(bad[i], &arena, &at), -EINVAL);
    CHECK_INT(parse("redis://u:secret@x:y", &arena, &at), -EINVAL);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("secret")) < 0);
    brio_arena_fini(&arena);
}

#ifdef BRIO_WITH_HIREDIS

/* ---- Replies ------------------------------------------------------------------ */

static int feed(const char *text, brio_bus_reply **ret)
{
    brio_bus_replies *r = brio_bus_replies_new(100);
    CHECK_OK(brio_bus_replies_feed(r, brio_str_from(text)));
    int rc = brio_bus_replies_next(r, ret);
    brio_bus_replies_free(r);
    return rc;
}

TEST(replies)
{
    brio_bus_reply *reply;
    CHECK_INT(feed("*3\r\n$7\r\nmessage\r\n:5\r\n$-1\r\n", &reply), 1);
    CHECK_INT(reply->type, BRIO_BUS_REPLY_ARRAY);
    CHECK_INT(reply->n, 3);
    CHECK_STR(reply->items[0]->text, "message");
    CHECK_INT(reply->items[1]->number, 5);
    CHECK_INT(reply->items[2]->type, BRIO_BUS_REPLY_NIL);
    brio_bus_reply_free(reply);
    CHECK_INT(feed("-ERR no\r\n", &reply), 1);
    CHECK_INT(reply->type, BRIO_BUS_REPLY_ERROR);
    brio_bus_reply_free(reply);
    CHECK_INT(feed("*2\r\n$1\r\na\r\n", &reply), 0);
    CHECK_INT(feed("*5\r\n", &reply), -EPROTO);
    CHECK_INT(feed("*1000000000\r\n", &reply), -EPROTO);
    CHECK_INT(feed("what\r\n", &reply), -EPROTO);
    char big[300];
    (void)snprintf(big, sizeof big, "$200\r\n%0200d", 0);
    CHECK_INT(feed(big, &reply), BRIO_ELIMIT);
}

/* ---- Two machines --------------------------------------------------------------- */

typedef struct world {
    fake_redis redis;
    bed machine[2];
} world;

static void world_open(world *w, const char *url)
{
    *w = (world){.redis = {.port = PORT}};
    fake_start(&w->redis);
    for (size_t i = 0; i < 2; i++)
        bed_open(&w->machine[i], 2, &(brio_bus_options){.url = url});
    CHECK_OK(brio_sleep(BRIO_SEC(2)));
}

static void world_close(world *w)
{
    for (size_t i = 0; i < 2; i++)
        bed_close(&w->machine[i]);
    if (w->redis.task)
        fake_stop(&w->redis);
}

BUS_TEST(machines_hear_each_other_once)
{
    world w;
    notes n[4] = {0};
    world_open(&w, "redis://127.0.0.1:6000/1");
    for (size_t i = 0; i < 4; i++)
        CHECK(brio_bus_subscribe(w.machine[i / 2].bus[i % 2], BRIO_S("#"), note, &n[i]));
    brio_bus_stats s = brio_bus_stats_get(w.machine[0].bus[0]);
    CHECK(s.redis);
    CHECK_INT(s.workers, 1);
    CHECK_INT(s.remote, 2);
    CHECK_OK(brio_bus_publish(w.machine[0].bus[0], BRIO_S("t"), BRIO_S("1")));
    CHECK_OK(brio_bus_publish(w.machine[0].bus[0], BRIO_S("t"), BRIO_S("2")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    for (size_t i = 0; i < 4; i++)
        CHECK_NOTES(&n[i], "t=1 t=2");
    CHECK_INT(brio_bus_stats_get(w.machine[1].bus[0]).gaps, 0);
    world_close(&w);
    return 0;
}

static size_t present(const world *w, size_t machine, size_t worker)
{
    return brio_bus_present(w->machine[machine].bus[worker], brio_task_arena(), BRIO_S("r")).len;
}

BUS_TEST(presence_across_machines_and_its_end)
{
    world w;
    notes n = {0}, last = {0};
    world_open(&w, "redis://127.0.0.1:6000");
    CHECK_OK(brio_bus_enter(w.machine[0].bus[0], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_bus_enter(w.machine[1].bus[1], BRIO_S("r"), BRIO_S("bob")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    for (size_t i = 0; i < 4; i++)
        CHECK_INT(present(&w, i / 2, i % 2), 2);
    /* one worker is killed: its sibling tells the other machine at once */
    CHECK(brio_bus_watch(w.machine[1].bus[0], BRIO_S("r"), note, &n));
    (void)brio_task_cancel(w.machine[0].bus[0]->task);
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_NOTES(&n, "-ada@r");
    /* the whole other machine is gone: it is missed when it has been silent for long */
    CHECK(brio_bus_watch(w.machine[0].bus[1], BRIO_S("r"), note, &last));
    (void)brio_task_cancel(w.machine[1].bus[0]->task);
    (void)brio_task_cancel(w.machine[1].bus[1]->task);
    CHECK_OK(brio_sleep(BRIO_SEC(30)));
    CHECK_NOTES(&last, "-bob@r");
    brio_buf_fini(&n.text);
    CHECK_INT(brio_bus_stats_get(w.machine[0].bus[1]).remote, 0);
    world_close(&w);
    return 0;
}

/* What both machines said while there was no Redis, and who came and went. */
static void talk_without_redis(world *w)
{
    for (int i = 0; i < 3; i++)
        for (size_t m = 0; m < 2; m++)
            CHECK_OK(brio_bus_publishf(w->machine[m].bus[0], BRIO_S("t"), "%d.%d", (int)m, i));
    CHECK_OK(brio_bus_enter(w->machine[0].bus[0], BRIO_S("r"), BRIO_S("ada")));
    CHECK_OK(brio_sleep(BRIO_SEC(3)));
}

BUS_TEST(redis_is_stopped_and_started)
{
    world w;
    notes near = {0}, far = {0};
    world_open(&w, "redis://127.0.0.1:6000");
    CHECK(brio_bus_subscribe(w.machine[0].bus[1], BRIO_S("#"), note, &near));
    CHECK(brio_bus_watch(w.machine[0].bus[1], BRIO_S("#"), note, &near));
    CHECK(brio_bus_subscribe(w.machine[1].bus[1], BRIO_S("#"), note, &far));
    CHECK(brio_bus_watch(w.machine[1].bus[1], BRIO_S("#"), note, &far));
    fake_stop(&w.redis);
    talk_without_redis(&w);
    CHECK_NOTES(&near, "t=0.0 t=0.1 t=0.2 +ada@r");
    CHECK_NOTES(&far, "t=1.0 t=1.1 t=1.2");
    CHECK(!brio_bus_stats_get(w.machine[0].bus[0]).redis);
    CHECK(brio_bus_stats_get(w.machine[0].bus[0]).redis_pending >= 4);
    fake_start(&w.redis);
    CHECK_OK(brio_sleep(BRIO_SEC(10)));
    CHECK(brio_bus_stats_get(w.machine[0].bus[0]).redis);
    CHECK_INT(brio_bus_stats_get(w.machine[0].bus[0]).redis_pending, 0);
    /* who talked before the other listened again is a gap there; all else comes */
    CHECK_INT(present(&w, 1, 0), 1);
    CHECK_INT(present(&w, 1, 1), 1);
    brio_buf_fini(&far.text);
    brio_buf_fini(&near.text);
    CHECK_OK(brio_bus_publish(w.machine[0].bus[0], BRIO_S("t"), BRIO_S("again")));
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_NOTES(&near, "t=again");
    CHECK_NOTES(&far, "t=again");
    world_close(&w);
    return 0;
}

static void lock_out(world *w)
{
    fake_stop(&w->redis);
    w->redis.password = "secret";
    fake_start(&w->redis);
    CHECK_OK(brio_sleep(BRIO_SEC(10)));
}

BUS_TEST(a_password_is_asked_for)
{
    world w = {.redis = {.port = PORT, .password = "secret"}};
    fake_start(&w.redis);
    bed_open(&w.machine[0], 1, &(brio_bus_options){.url = "redis://:secret@127.0.0.1:6000"});
    bed_open(&w.machine[1], 1, &(brio_bus_options){.url = "redis://:wrong@127.0.0.1:6000"});
    lock_out(&w);
    CHECK(brio_bus_stats_get(w.machine[0].bus[0]).redis);
    CHECK(!brio_bus_stats_get(w.machine[1].bus[0]).redis);
    world_close(&w);
    return 0;
}

/* ---- At random ------------------------------------------------------------------------- */

typedef struct heard {
    uint64_t from[4]; /* by who says it: the newest number */
    uint64_t count[4], told, twice;
} heard;

static heard ears[4];

static void hear(const brio_bus_message *m, void *arg)
{
    heard *h = arg;
    uint64_t who, number;
    if (m->kind == BRIO_BUS_GAP)
        h->told += m->missed;
    if (m->kind != BRIO_BUS_MESSAGE)
        return;
    brio_str_pair pair = brio_str_cut(m->data, ' ');
    CHECK_OK(brio_str_to_u64(pair.head, &who));
    CHECK_OK(brio_str_to_u64(pair.tail, &number));
    h->twice += number <= h->from[who];
    h->count[who]++;
    h->from[who] = number;
}

static brio_bus *worker(const world *w, size_t i)
{
    return w->machine[i / 2].bus[i % 2];
}

/* All that was said was heard, or told to be missing; inside a machine all was heard.
 * One number was no message: somebody entered. */
static void check_ears(const world *w, const uint64_t said[4])
{
    for (size_t i = 0; i < 4; i++) {
        uint64_t missed = 0;
        CHECK_INT(ears[i].twice, 0);
        for (size_t from = 0; from < 4; from++) {
            missed += said[from] - ears[i].count[from];
            CHECK(from / 2 != i / 2 || ears[i].count[from] == said[from]);
        }
        CHECK(ears[i].told == missed || ears[i].told == missed + 1);
        CHECK_INT(present(w, i / 2, i % 2), 1);
    }
    for (size_t i = 0; i < 4; i++) /* nothing was lost between those of one machine */
        CHECK_INT(brio_bus_stats_get(worker(w, i)).dropped_link, 0);
}

static int storm(void *arg)
{
    (void)arg;
    world w;
    uint64_t said[4] = {0};
    memset(ears, 0, sizeof ears);
    world_open(&w, "redis://127.0.0.1:6000");
    for (size_t i = 0; i < 4; i++) {
        CHECK(brio_bus_subscribe(worker(&w, i), BRIO_S("t"), hear, &ears[i]));
        CHECK(brio_bus_watch(worker(&w, i), BRIO_S("t"), hear, &ears[i]));
        CHECK_OK(brio_bus_publishf(worker(&w, i), BRIO_S("t"), "%d %d", (int)i, (int)++said[i]));
    }
    CHECK_OK(brio_sleep(BRIO_SEC(1)));
    CHECK_OK(brio_bus_enter(worker(&w, 0), BRIO_S("r"), BRIO_S("ada")));
    for (int step = 0; step < 400; step++) {
        uint64_t dice = brio_loop_random(brio_loop_current());
        size_t i = dice % 4;
        CHECK_OK(brio_bus_publishf(worker(&w, i), BRIO_S("t"), "%d %d", (int)i, (int)++said[i]));
        if (dice / 4 % 4 == 0)
            CHECK_OK(brio_sleep(BRIO_MS(20)));
        if (dice / 16 % 40 == 0) {
            fake_stop(&w.redis);
            CHECK_OK(brio_sleep(BRIO_MS((int64_t)(dice / 640 % 3000))));
            fake_start(&w.redis);
        }
    }
    CHECK_OK(brio_sleep(BRIO_SEC(20)));
    check_ears(&w, said);
    world_close(&w);
    return 0;
}

TEST(redis_stopped_and_started_at_random)
{
    static const brio_sim_options net = {
        .latency = BRIO_US(50), .jitter = BRIO_MS(2), .max_segment = 700};
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 30, .net = &net}, storm, NULL), 0);
}

#endif
