/* SPDX-License-Identifier: MIT
 *
 * Messages that nobody holds whole: read in pieces and written in pieces, plain
 * and compressed, however they are cut. */
#include "ws/frames.h"

static const brio_ws_options in_pieces = {.client = true, .pieces = true};

/* Reads `bytes` in inputs of `step` and joins what comes: "text ...|" for each
 * message, its pieces one behind the other. */
static void read_joined(brio_buf *log, const brio_ws_options *options, brio_str bytes, size_t step)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, options);
    brio_buf_clear(log);
    for (size_t at = 0; at < bytes.len; at += step) {
        brio_str input = brio_str_slice(bytes, at, step);
        brio_ws_event event;
        while ((event = brio_ws_conn_next(&conn, &input)) != BRIO_WS_MORE) {
            bool data = event == BRIO_WS_TEXT || event == BRIO_WS_BINARY;
            CHECK(event != BRIO_WS_TEXT || brio_utf8_valid(conn.data));
            CHECK(!data || conn.data.len <= 64 * 1024);
            CHECK(!data || !conn.more || conn.data.len > 0);
            if (event == BRIO_WS_FAILED)
                brio_buf_printf(log, "!%d", conn.code);
            else
                brio_buf_add(log, conn.data);
            if (data && !conn.more)
                brio_buf_char(log, event == BRIO_WS_TEXT ? '|' : '/');
        }
        CHECK_INT(input.len, 0);
    }
    brio_ws_conn_fini(&conn);
}

static void check_joined(const brio_ws_options *options, brio_str bytes, const char *want)
{
    brio_buf log = {0};
    for (size_t step = 1; step <= bytes.len; step++) {
        read_joined(&log, options, bytes, step);
        CHECK_STR(brio_buf_str(&log), want);
    }
    brio_buf_fini(&log);
}

TEST(pieces_join_to_what_was_sent)
{
    check_joined(&in_pieces, BRIO_S("\x01\x03Hel\x80\x02lo\x82\x02xy\x81\x00"), "Hello|xy/|");
    check_joined(&in_pieces, BRIO_S("\x01\x02\xe2\x98\x00\x02\x83z\x80\x01!"), "\xe2\x98\x83z!|");
    check_joined(&in_pieces, BRIO_S("\x01\x02\xe2\x98\x89\x01p\x80\x02\x83z"), "p\xe2\x98\x83z|");
}

TEST(pieces_of_text_are_checked)
{
    brio_buf log = {0};
    read_joined(&log, &in_pieces, BRIO_S("\x01\x02ok\x80\x01\xff"), 4);
    CHECK_STR(brio_buf_str(&log), "ok!1007");
    check_joined(&in_pieces, BRIO_S("\x81\x02\xe2\x98"), "!1007");
    brio_buf_fini(&log);
}

TEST(pieces_have_a_limit_in_all)
{
    const brio_ws_options five = {.client = true, .pieces = true, .message_bytes = 5};
    check_joined(&five, BRIO_S("\x02\x05Hello\x80\x00"), "Hello/");
    check_joined(&five, BRIO_S("\x02\x05Hello\x80\x01x"), "Hello!1009");
}

/* Writes `n` bytes in pieces of 1,000 and reads them, the same way. */
static void stream(bool client, brio_ws_deflate deflate, size_t n)
{
    brio_ws_conn writer, reader;
    brio_buf out = {0};
    size_t got = 0, sent = 0;
    bool over = false;
    brio_ws_conn_init(&writer, &(brio_ws_options){.client = client, .deflate = deflate});
    brio_ws_conn_init(
        &reader, &(brio_ws_options){
                     .client = !client, .deflate = deflate, .pieces = true, .message_bytes = n});
    while (!over) {
        char piece[1000];
        size_t len = n - sent < sizeof piece ? n - sent : sizeof piece;
        for (size_t i = 0; i < len; i++)
            piece[i] = (char)('a' + (sent + i) % 7);
        sent += len;
        brio_buf_clear(&out);
        brio_ws_write_piece(&writer, &out, (brio_str){piece, len}, true, len < sizeof piece);
        CHECK(!out.failed);
        brio_str input = brio_buf_str(&out);
        brio_ws_event event;
        while ((event = brio_ws_conn_next(&reader, &input)) != BRIO_WS_MORE) {
            CHECK_INT(event, BRIO_WS_TEXT);
            for (size_t i = 0; i < reader.data.len; i++)
                CHECK_INT(reader.data.ptr[i], 'a' + (int)((got + i) % 7));
            got += reader.data.len;
            over = !reader.more;
        }
        CHECK_INT(got, sent); /* nothing waits for what comes later */
    }
    CHECK_INT(got, n);
    CHECK(reader.message.cap <= 256 * 1024);
    brio_ws_conn_fini(&writer);
    brio_ws_conn_fini(&reader);
    brio_buf_fini(&out);
}

TEST(what_is_written_in_pieces_is_read_in_pieces)
{
    static const brio_ws_deflate kept = {.on = true, .server_bits = 15, .client_bits = 15};
    static const brio_ws_deflate alone = {.on = true,
                                          .server_no_takeover = true,
                                          .client_no_takeover = true,
                                          .server_bits = 9,
                                          .client_bits = 9};
    for (int client = 0; client < 2; client++) {
        stream(client, (brio_ws_deflate){0}, 2500000);
        stream(client, (brio_ws_deflate){0}, 3000);
        if (!brio_ws_deflate_available())
            continue;
        stream(client, kept, 2500000);
        stream(client, alone, 70000);
        stream(client, alone, 3000);
    }
}

TEST(a_message_in_pieces_may_be_interrupted_by_a_ping)
{
    brio_ws_conn writer;
    brio_buf out = {0};
    brio_ws_conn_init(&writer, NULL);
    brio_ws_write_piece(&writer, &out, BRIO_S("Hel"), true, false);
    brio_ws_write_ping(&writer, &out, BRIO_S("p"));
    brio_ws_write_piece(&writer, &out, BRIO_S("lo"), true, true);
    brio_ws_write(&writer, &out, BRIO_S("x"), false);
    CHECK(brio_str_eq(brio_buf_str(&out), BRIO_S("\x01\x03Hel\x89\x01p\x80\x02lo\x82\x01x")));
    brio_ws_conn_fini(&writer);
    brio_buf_fini(&out);
}
