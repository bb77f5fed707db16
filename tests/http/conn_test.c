/* SPDX-License-Identifier: MIT
 *
 * The life of a connection and of its pool: what is held when, what an end or a
 * refusal leaves, misuse, and memory that runs out. */
#include "http/feed.h"
#include "http/http_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static const brio_str request = BRIO_S_INIT("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

static void check_next(feed *f, brio_str bytes, brio_http_event want)
{
    brio_str input = bytes;
    CHECK_INT(brio_http_conn_next(&f->conn, &input), want);
    CHECK_INT(input.len, 0);
    CHECK(bytes.len == 0 || input.ptr == bytes.ptr + bytes.len);
}

TEST(limits_have_defaults)
{
    brio_http_limits l = brio_http_limits_resolve(NULL);
    CHECK_INT(l.header_bytes, 64 * 1024);
    CHECK_INT(l.header_count, 100);
    CHECK_INT(l.target_bytes, 8 * 1024);
    CHECK_INT(l.body_bytes, 16 * 1024 * 1024);
    CHECK_INT(l.header_timeout, BRIO_SEC(10));
    CHECK_INT(l.body_timeout, BRIO_SEC(20));
    CHECK_INT(l.keep_alive, BRIO_SEC(5));
    CHECK_INT(l.write_timeout, BRIO_SEC(30));
    CHECK_INT(l.body_rate, 240);
    CHECK_INT(l.write_rate, 240);
    brio_http_limits given = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    l = brio_http_limits_resolve(&given);
    CHECK(!memcmp(&l, &given, sizeof(l)));
    given.header_count = SIZE_MAX;
    CHECK(brio_http_limits_resolve(&given).header_count < SIZE_MAX / sizeof(brio_header));
}

TEST(idle_connection_holds_nothing)
{
    CHECK(sizeof(brio_http_conn) <= 40);
    feed f;
    feed_open(&f, NULL, 4096);
    CHECK(brio_http_conn_idle(&f.conn) && !brio_http_conn_in_head(&f.conn));
    check_next(&f, BRIO_S(""), BRIO_HTTP_MORE);
    check_next(&f, (brio_str){NULL, 0}, BRIO_HTTP_MORE);
    check_next(&f, BRIO_S("\r\n"), BRIO_HTTP_MORE); /* no request yet */
    CHECK(brio_http_conn_idle(&f.conn) && f.conn.record == NULL);
    check_next(&f, BRIO_S("G"), BRIO_HTTP_MORE);
    CHECK(!brio_http_conn_idle(&f.conn) && brio_http_conn_in_head(&f.conn));
    check_next(&f, brio_str_slice(request, 1, 99), BRIO_HTTP_REQUEST);
    CHECK(!brio_http_conn_idle(&f.conn) && !brio_http_conn_in_head(&f.conn));
    brio_http_conn_done(&f.conn);
    CHECK(brio_http_conn_idle(&f.conn) && f.conn.record == NULL);
    feed_close(&f);
}

TEST(in_head_tells_head_from_body)
{
    feed f;
    feed_open(&f, NULL, 4096);
    check_next(&f, BRIO_S("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r"), BRIO_HTTP_MORE);
    CHECK(brio_http_conn_in_head(&f.conn));
    check_next(&f, BRIO_S("\n"), BRIO_HTTP_MORE);
    CHECK(!brio_http_conn_in_head(&f.conn) && !brio_http_conn_idle(&f.conn));
    feed_close(&f);
}

TEST(record_is_used_again)
{
    feed f;
    feed_open(&f, NULL, 4096);
    check_next(&f, request, BRIO_HTTP_REQUEST);
    const brio_http_record *record = f.conn.record;
    brio_http_conn_done(&f.conn);
    CHECK_INT(f.pool.n_spare, 1);
    check_next(&f, request, BRIO_HTTP_REQUEST);
    CHECK(f.conn.record == record);
    CHECK_INT(f.pool.n_spare, 0);
    CHECK_INT(f.conn.request->n_headers, 1);
    feed_close(&f);
}

TEST(pool_keeps_a_bounded_number)
{
    enum { N = 300 };
    static brio_http_conn conns[N];
    brio_http_pool pool;
    brio_http_pool_init(&pool, NULL);
    for (size_t i = 0; i < N; i++) {
        brio_str input = request;
        brio_http_conn_init(&conns[i], &pool);
        CHECK_INT(brio_http_conn_next(&conns[i], &input), BRIO_HTTP_REQUEST);
    }
    for (size_t i = 0; i < N; i++)
        brio_http_conn_fini(&conns[i]);
    CHECK(pool.n_spare > 0 && pool.n_spare < N);
    brio_http_pool_fini(&pool);
    CHECK(pool.spare == NULL);
}

TEST(after_a_refusal_everything_is_dropped)
{
    feed f;
    feed_open(&f, NULL, 4096);
    check_next(&f, BRIO_S("BAD\n"), BRIO_HTTP_REFUSED);
    CHECK_INT(f.conn.refusal, 400);
    CHECK(f.conn.closing && !brio_http_conn_idle(&f.conn) && f.conn.record == NULL);
    check_next(&f, request, BRIO_HTTP_MORE);
    feed_close(&f);
}

TEST(refused_from_outside)
{
    feed f;
    feed_open(&f, NULL, 4096);
    check_next(&f, BRIO_S("GET /"), BRIO_HTTP_MORE);
    brio_http_conn_refuse(&f.conn, 408, "the head took too long");
    CHECK_INT(f.conn.refusal, 408);
    CHECK_STR(brio_str_from(f.conn.reason), "the head took too long");
    CHECK(f.conn.closing && f.conn.record == NULL);
    check_next(&f, request, BRIO_HTTP_MORE);
    feed_close(&f);
}

TEST(closing_connection_reads_no_further)
{
    feed f;
    feed_open(&f, NULL, 4096);
    check_next(&f, request, BRIO_HTTP_REQUEST);
    CHECK(!f.conn.closing);
    f.conn.closing = true;
    brio_http_conn_done(&f.conn);
    check_next(&f, request, BRIO_HTTP_MORE);
    CHECK(!brio_http_conn_idle(&f.conn));
    feed_close(&f);
}

TEST(fini_in_any_state)
{
    static const brio_str states[] = {
        BRIO_S_INIT(""), BRIO_S_INIT("GET"), BRIO_S_INIT("BAD\n"),
        BRIO_S_INIT("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nab"),
        BRIO_S_INIT("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        feed f;
        feed_open(&f, NULL, 4096);
        feed_piece(&f, states[i]);
        brio_http_conn_fini(&f.conn);
        feed_piece(&f, request); /* dropped */
        CHECK(f.conn.record == NULL);
        feed_close(&f); /* once more */
    }
}

/* ---- Misuse ---------------------------------------------------------------- */

static bool dies(void (*act)(feed *))
{
    feed f;
    int status = 0;
    feed_open(&f, NULL, 4096);
    pid_t pid = fork();
    if (pid == 0) {
        CHECK(freopen("/dev/null", "w", stderr) != NULL);
        signal(SIGABRT, SIG_DFL);
        act(&f);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    feed_close(&f);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void next_before_done(feed *f)
{
    brio_str input = request, more = request;
    CHECK_INT(brio_http_conn_next(&f->conn, &input), BRIO_HTTP_REQUEST);
    CHECK_INT(brio_http_conn_next(&f->conn, &more), BRIO_HTTP_MORE);
}

static void done_without_request(feed *f)
{
    brio_http_conn_done(&f->conn);
}

static void refuse_an_answered_request(feed *f)
{
    brio_str input = request;
    CHECK_INT(brio_http_conn_next(&f->conn, &input), BRIO_HTTP_REQUEST);
    brio_http_conn_refuse(&f->conn, 408, "late");
}

static void refuse_with_success(feed *f)
{
    brio_http_conn_refuse(&f->conn, 200, "?");
}

TEST(misuse_is_found)
{
    CHECK(dies(next_before_done));
    CHECK(dies(done_without_request));
    CHECK(dies(refuse_an_answered_request));
    CHECK(dies(refuse_with_success));
}

/* ---- Memory ---------------------------------------------------------------- */

/* A spare record whose buffers have room for `head` and `body` bytes and cannot
 * grow: as if malloc failed from there on. */
static void lend_small_record(feed *f, size_t head, size_t body)
{
    static char storage[2][256];
    brio_http_record *rec = brio_http_record_acquire(&f->pool);
    CHECK(rec != NULL);
    brio_http_record_release(&f->pool, rec);
    rec->head = brio_buf_over(storage[0], head);
    rec->body = brio_buf_over(storage[1], body);
}

static void check_out_of_memory(size_t head, size_t body, brio_str first, brio_str second)
{
    feed f;
    feed_open(&f, NULL, 4096);
    lend_small_record(&f, head, body);
    feed_piece(&f, first);
    feed_piece(&f, second);
    CHECK_STR(brio_buf_str(&f.log), "! 503 out of memory\n");
    feed_close(&f);
}

TEST(out_of_memory_is_503)
{
    check_out_of_memory(2, 0, BRIO_S("GET /"), request);
    check_out_of_memory(2, 0, BRIO_S("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n"), BRIO_S("x"));
    check_out_of_memory(64, 2, BRIO_S("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n"),
                        BRIO_S("abc"));
    check_out_of_memory(128, 2,
                        BRIO_S("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
                        BRIO_S("3\r\nabc"));
}

/* Who keeps a request beyond its input must know. */
TEST(an_upgrade_is_noted)
{
    static const struct {
        const char *text;
        bool upgrade;
    } cases[] = {{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", true},
                 {"GET / HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\n\r\n", true},
                 {"GET / HTTP/1.1\r\nhost: a\r\nupgraded: x\r\nurgency: 1\r\n\r\n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        feed f;
        feed_open(&f, NULL, 4096);
        check_next(&f, brio_str_from(cases[i].text), BRIO_HTTP_REQUEST);
        CHECK_INT(f.conn.request->upgrade, cases[i].upgrade);
        feed_close(&f);
    }
}
