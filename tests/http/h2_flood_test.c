/* SPDX-License-Identifier: MIT
 *
 * What a hostile client of HTTP/2 may cost: each flood meets its limit, and an
 * honest client that does the same slowly never does. */
#ifdef BRIO_WITH_NGHTTP2
#include "h2_feed.h"

static const brio_h2_limits small = {.streams = 10, .resets = 20, .idle_frames = 50};

/* Feeds `bytes` again and again at the given rate; the result of the last, and how
 * many times it took. */
static int flood(owner *o, const brio_buf *bytes, int times, brio_time pause, int *ret_n)
{
    int rc = 0;
    for (*ret_n = 0; *ret_n < times && rc == 0; (*ret_n)++) {
        rc = brio_h2_receive(o->h2, brio_buf_str(bytes), BRIO_SEC(1) + *ret_n * pause);
        brio_buf_clear(&o->out);
        CHECK_OK(brio_h2_compose(o->h2, &o->out, SIZE_MAX));
    }
    return rc;
}

static owner *greeted(void)
{
    owner *o = owner_new(&small, NULL);
    brio_buf bytes = {0};
    preface(&bytes);
    frame(&bytes, SETTINGS, ACK, 0, (brio_str){0});
    CHECK_INT(feed_all(o, &bytes), 0);
    (void)sent(o);
    brio_buf_fini(&bytes);
    return o;
}

/* Frames that bring nothing, one kind at a time: `most` of them pass. */
static void check_idle_flood(const brio_buf *bytes, int least, int most)
{
    owner *o = greeted();
    int n;
    CHECK_INT(flood(o, bytes, 1000, 0, &n), BRIO_EOVERLOAD);
    CHECK(n > least);
    CHECK(n <= most);
    CHECK(brio_h2_reason(o->h2) != NULL);
    CHECK(memmem(o->out.ptr, o->out.len, "\0\0\0\x0b", 4)); /* ENHANCE_YOUR_CALM */
    CHECK(brio_h2_over(o->h2));
    CHECK_INT(brio_h2_receive(o->h2, brio_buf_str(bytes), BRIO_SEC(2)), BRIO_EOVERLOAD);
    owner_free(o);
    o = greeted(); /* four a second are fine for ever */
    CHECK_INT(flood(o, bytes, 1000, BRIO_MS(250), &n), 0);
    owner_free(o);
}

TEST(h2_floods_of_control_frames)
{
    brio_buf bytes = {0};
    frame(&bytes, PING, 0, 0, BRIO_S("12345678"));
    check_idle_flood(&bytes, 40, 51);
    brio_buf_clear(&bytes);
    frame(&bytes, SETTINGS, 0, 0, BRIO_S("\0\3\0\0\0\x64"));
    check_idle_flood(&bytes, 40, 51);
    brio_buf_clear(&bytes);
    frame(&bytes, PRIORITY, 0, 3, BRIO_S("\0\0\0\0\1"));
    check_idle_flood(&bytes, 40, 51);
    brio_buf_clear(&bytes);
    word(&bytes, WINDOW, 0, 1);
    check_idle_flood(&bytes, 40, 51);
    brio_buf_fini(&bytes);
}

TEST(h2_floods_of_empty_frames)
{
    static const struct {
        int flags;
        brio_str payload;
    } cases[] = {{0, {NULL, 0}}, {PADDED, BRIO_S_INIT("\3\0\0\0")}};
    for (size_t i = 0; i < 2; i++) {
        owner *o = greeted();
        brio_buf bytes = {0};
        int n;
        headers(&bytes, 1, 0, POST);
        CHECK_INT(feed_all(o, &bytes), 0);
        frame(&bytes, DATA, cases[i].flags, 1, cases[i].payload);
        CHECK_INT(flood(o, &bytes, 1000, 0, &n), BRIO_EOVERLOAD);
        CHECK(n <= 51);
        brio_buf_fini(&bytes);
        owner_free(o);
    }
}

/* CVE-2023-44487: requests that are taken back at once. */
static int reset_flood(owner *o, int times, brio_time pause)
{
    int rc = 0, n = 0;
    brio_buf bytes = {0};
    for (; n < times && rc == 0; n++) {
        uint32_t id = (uint32_t)(2 * n + 1);
        headers(&bytes, id, END_STREAM, GET);
        word(&bytes, RST_STREAM, id, 8);
        rc = brio_h2_receive(o->h2, brio_buf_str(&bytes), BRIO_SEC(1) + n * pause);
        brio_buf_clear(&bytes);
        CHECK(rc < 0 || o->open == 0);
    }
    brio_buf_fini(&bytes);
    return rc ? n : 0;
}

TEST(h2_a_flood_of_resets)
{
    owner *o = greeted();
    CHECK_INT(reset_flood(o, 1000, 0), 21);
    CHECK(strstr(sent(o), "goaway 11"));
    owner_free(o);
    o = greeted();
    CHECK_INT(reset_flood(o, 1000, BRIO_MS(600)), 0);
    owner_free(o);
}

/* The client makes us reset: its frames are wrong. */
TEST(h2_a_flood_of_broken_streams)
{
    owner *o = greeted();
    brio_buf bytes = {0};
    int rc = 0, n = 0;
    for (; n < 1000 && rc == 0; n++) {
        headers(&bytes, (uint32_t)(2 * n + 1), END_STREAM, GET "Upper case\n");
        rc = feed_all(o, &bytes);
        (void)sent(o);
    }
    CHECK_INT(rc, BRIO_EOVERLOAD);
    CHECK(n < 25);
    brio_buf_fini(&bytes);
    owner_free(o);
}

TEST(h2_too_many_streams)
{
    owner *o = greeted();
    brio_buf bytes = {0};
    for (uint32_t i = 0; i < 11; i++)
        headers(&bytes, 2 * i + 1, 0, POST);
    (void)!feed_all(o, &bytes);
    CHECK_INT(o->open, 10);
    const char *text = sent(o);
    CHECK(strstr(text, "21 reset 7") || strstr(text, "goaway 1"));
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* An owner that has no record left refuses, and a client that goes on is refused whole. */
TEST(h2_streams_that_the_owner_refuses)
{
    owner *o = greeted();
    brio_buf bytes = {0};
    o->refuses = true;
    headers(&bytes, 1, 0, POST "content-length 3\n");
    frame(&bytes, DATA, END_STREAM, 1, BRIO_S("abc"));
    CHECK_INT(feed_all(o, &bytes), 0);
    EXPECT_SENT(o, "1 reset 7\n");
    o->refuses = false;
    headers(&bytes, 3, END_STREAM, GET);
    CHECK_INT(feed_all(o, &bytes), 0);
    CHECK_INT(o->open, 1);
    int rc = 0;
    o->refuses = true;
    for (uint32_t id = 5; id < 100 && rc == 0; id += 2) {
        headers(&bytes, id, END_STREAM, GET);
        rc = feed_all(o, &bytes);
        (void)sent(o);
    }
    CHECK_INT(rc, BRIO_EOVERLOAD);
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* ---- Blocks of headers ------------------------------------------------------------------- */

/* CVE-2024-28182 and its kin: CONTINUATION for ever. How many frames it took. */
static int continuation_flood(owner *o, brio_str filler)
{
    brio_buf bytes = {0};
    int n = 0;
    frame(&bytes, HEADERS, 0, 1, (brio_str){0});
    int rc = feed_all(o, &bytes);
    for (; n < 100000 && rc == 0 && !brio_h2_over(o->h2); n++) {
        frame(&bytes, CONTINUATION, 0, 1, filler);
        rc = feed_all(o, &bytes);
        (void)sent(o);
    }
    brio_buf_fini(&bytes);
    return n;
}

TEST(h2_a_flood_of_continuations)
{
    static const size_t fields[] = {0, 1, 200, 3276};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        owner *o = greeted();
        brio_buf filler = {0};
        for (size_t n = 0; n < fields[i]; n++)
            hpack(&filler, BRIO_S("x"), BRIO_S("y"));
        int n = continuation_flood(o, brio_buf_str(&filler));
        CHECK(n <= 51);
        CHECK((size_t)n * filler.len <= 4 * 64 * 1024 + 16384);
        brio_buf_fini(&filler);
        owner_free(o);
    }
}

/* The stream is broken by its first fields, and the rest of the block is ignored. */
TEST(h2_a_flood_of_ignored_continuations)
{
    owner *o = greeted();
    int n = continuation_flood(o, BRIO_S("\x86\x86"));
#ifdef BRIO_HAS_MAX_CONTINUATIONS
    CHECK(n <= 9 * 50 + 1);
#endif
    CHECK(brio_h2_in_head(o->h2) || n < 100000); /* else by the clock */
    owner_free(o);
}

/* A small block that becomes a large head: one field of 4 KB, referred to again and again. */
TEST(h2_a_block_that_grows)
{
    enum { VALUE = 3000, TIMES = 60000 };
    owner *o = greeted();
    brio_buf block = {0}, bytes = {0};
    char *value = malloc(VALUE);
    CHECK(value);
    memset(value, 'v', VALUE);
    hpack_lines(&block, GET);
    brio_buf_char(&block, 0x40); /* literal, to be remembered */
    hpack_length(&block, 1);
    brio_buf_char(&block, 'x');
    hpack_length(&block, VALUE);
    brio_buf_add(&block, (brio_str){value, VALUE});
    for (int i = 0; i < 10000; i++)
        brio_buf_char(&block, (char)(0x80 | 62));
    frame(&bytes, HEADERS, END_HEADERS | END_STREAM, 1, brio_buf_str(&block));
    CHECK_INT(feed_all(o, &bytes), 0);
    expect_log(o, "1 refused 431 header block too large\n");
    CHECK(o->streams[0].head.cap <= 128 * 1024);
    brio_buf_clear(&o->log);
    headers(&bytes, 3, END_STREAM, GET); /* the table is still in step */
    CHECK_INT(feed_all(o, &bytes), 0);
    CHECK(brio_str_starts(brio_buf_str(&o->log), BRIO_S("3 2.0 GET /a|b")));
    brio_buf_fini(&block);
    brio_buf_fini(&bytes);
    free(value);
    owner_free(o);
}

/* Answers to PING collect in a client that does not read: bounded as well. */
TEST(h2_pings_of_a_client_that_does_not_read)
{
    owner *o = owner_new(&(brio_h2_limits){.idle_frames = 1000000}, NULL);
    brio_buf bytes = {0};
    preface(&bytes);
    int rc = feed_all(o, &bytes), n = 0;
    for (; n < 100000 && rc == 0; n++) {
        frame(&bytes, PING, 0, 0, BRIO_S("12345678"));
        rc = feed_all(o, &bytes);
    }
    CHECK_INT(rc, BRIO_EOVERLOAD);
    CHECK(n < 1000);
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* ---- Memory ------------------------------------------------------------------------------ */

static void drop_output(owner *o)
{
    brio_buf_clear(&o->out);
    CHECK_OK(brio_h2_compose(o->h2, &o->out, SIZE_MAX));
}

/* What an idle session holds does not grow with the requests it has had. */
TEST(h2_an_idle_session_is_small)
{
    owner *o = owner_new(NULL, NULL);
    size_t held[3];
    brio_buf bytes = {0};
    preface(&bytes);
    CHECK_INT(feed_all(o, &bytes), 0);
    drop_output(o);
    held[0] = brio_h2_memory(o->h2);
    o->answers = true;
    for (int round = 1; round < 3; round++) {
        for (uint32_t i = 0; i < 200; i++) {
            headers(&bytes, ((uint32_t)round * 200 + i) * 2 + 1, END_STREAM,
                    GET "x-unit-test yes\n");
            CHECK_INT(feed_all(o, &bytes), 0);
            drop_output(o);
        }
        held[round] = brio_h2_memory(o->h2);
    }
    CHECK(held[1] <= held[0] + 4096);
    CHECK_INT(held[2], held[1]);
    brio_buf_fini(&bytes);
    owner_free(o);
}

/* Whatever it is that grows: the connection ends, and says why. */
TEST(h2_memory_of_a_session_is_limited)
{
    owner *o = owner_new(&(brio_h2_limits){.memory = 30000}, NULL);
    brio_buf bytes = {0};
    int rc = 0, n = 0;
    preface(&bytes);
    CHECK_INT(feed_all(o, &bytes), 0);
    (void)sent(o);
    for (; n < STREAMS && rc == 0; n++) {
        headers(&bytes, (uint32_t)n * 2 + 1, 0, POST);
        rc = feed_all(o, &bytes);
    }
    CHECK_INT(rc, BRIO_EOVERLOAD);
    CHECK(n > 2 && strstr(brio_h2_reason(o->h2), "memory"));
    CHECK(strstr(sent(o), "0 goaway 11\n"));
    CHECK(brio_h2_over(o->h2));
    brio_buf_fini(&bytes);
    owner_free(o);
}
#endif
