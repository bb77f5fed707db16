/* SPDX-License-Identifier: MIT
 *
 * Compressed messages: RFC 7692's own examples (section 7.2.3), what a peer may
 * send, what it may not, and that both sides read what the other wrote. */
#include "ws/frames.h"

#ifdef BRIO_WITH_ZLIB

#define ON                                                                                         \
    {                                                                                              \
        .on = true, .server_bits = 15, .client_bits = 15                                           \
    }
#define ON_ALONE                                                                                   \
    {                                                                                              \
        .on = true, .server_no_takeover = true, .client_no_takeover = true, .server_bits = 15,     \
        .client_bits = 15                                                                          \
    }
static const brio_ws_options takeover = {.client = true, .deflate = ON};
static const brio_ws_options alone = {.client = true, .deflate = ON_ALONE};

TEST(compressed_examples_of_the_rfc)
{
    static const char hello[] = "text \"Hello\"\n";
    frames_check(&alone, BRIO_S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"), hello);
    frames_check(&alone, BRIO_S("\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00"), hello);
    frames_check(&takeover,
                 BRIO_S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00"),
                 "text \"Hello\"\ntext \"Hello\"\n"); /* the second refers to the first */
    frames_check(&alone, BRIO_S("\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), hello);
    frames_check(&alone, BRIO_S("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), hello);
    frames_check(&takeover,
                 BRIO_S("\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"
                        "\xc1\x05\xf2\x00\x11\x00\x00"),
                 "text \"Hello\"\ntext \"Hello\"\n"); /* the stream's end leaves the window */
    frames_check(&alone, BRIO_S("\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),
                 hello);
    frames_check(&alone, BRIO_S("\xc1\x01\x00\x81\x01x\xc2\x01\x00"),
                 "text \"\"\ntext \"x\"\nbinary \"\"\n");
}

TEST(control_frames_interrupt_compressed_messages)
{
    frames_check(&alone, BRIO_S("\x41\x03\xf2\x48\xcd\x89\x01p\x80\x04\xc9\xc9\x07\x00"),
                 "ping \"p\"\ntext \"Hello\"\n");
}

TEST(reserved_bits_that_compression_does_not_allow)
{
    static const char bad[] = "! 1002 a reserved bit is set\n";
    frames_check(&alone, BRIO_S("\xa1\x00"), bad);
    frames_check(&alone, BRIO_S("\x91\x00"), bad);
    frames_check(&alone, BRIO_S("\xe1\x00"), bad);
    frames_check(&alone, BRIO_S("\xc9\x00"), bad);              /* of a control frame */
    frames_check(&alone, BRIO_S("\x01\x01x\xc0\x01\x00"), bad); /* of a continuation */
    frames_check(&alone, BRIO_S("\x41\x03\xf2\x48\xcd\xc0\x04\xc9\xc9\x07\x00"), bad);
}

TEST(data_that_is_no_deflate)
{
    static const char bad[] = "! 1007 compressed data that is malformed\n";
    static const char open[] = "! 1007 compressed data that ends inside a block\n";
    frames_check(&alone, BRIO_S("\xc1\x02\xff\xff"), bad);
    frames_check(&alone, BRIO_S("\xc1\x05\xf2\x00\x11\x00\x00"), bad); /* before the beginning */
    frames_check(&alone, BRIO_S("\xc1\x03\xf2\x48\xcd"), open);
    frames_check(&alone, BRIO_S("\xc1\x00"), open); /* not even an empty block */
    frames_check(&alone, BRIO_S("\xc1\x0c\x03\x00\x03\x00\x03\x00\x03\x00\x03\x00\x03\x00"), bad);
}

TEST(compressed_text_is_checked)
{
    frames_check(&alone, BRIO_S("\xc1\x07\x00\x01\x00\xfe\xff\xff\x00"),
                 "! 1007 text that is not UTF-8\n");
    frames_check(&alone, BRIO_S("\xc2\x07\x00\x01\x00\xfe\xff\xff\x00"), "binary \"\xff\"\n");
}

static brio_ws_conn side(bool client, brio_ws_deflate deflate, brio_ws_pool *pool)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, &(brio_ws_options){.client = client,
                                                .deflate = deflate,
                                                .deflate_min = 1,
                                                .message_bytes = 100000,
                                                .pool = pool});
    return conn;
}

/* Reads one whole message out of `bytes`, or how it ends. */
static brio_ws_event read_one(brio_ws_conn *conn, const brio_buf *bytes)
{
    brio_str input = brio_buf_str(bytes);
    return brio_ws_conn_next(conn, &input);
}

/* Zeroes as a compressor packs them: far more than they were. */
static void put_bomb(brio_buf *out, size_t n)
{
    brio_ws_conn writer = side(false, (brio_ws_deflate)ON_ALONE, NULL);
    char *zeroes = calloc(1, n);
    CHECK(zeroes);
    brio_ws_write(&writer, out, (brio_str){zeroes, n}, false);
    CHECK(out->len < n / 100);
    free(zeroes);
    brio_ws_conn_fini(&writer);
}

TEST(a_bomb_ends_at_the_limit)
{
    brio_ws_conn reader = side(true, (brio_ws_deflate)ON_ALONE, NULL);
    brio_buf bomb = {0};
    put_bomb(&bomb, 100000);
    CHECK_INT(read_one(&reader, &bomb), BRIO_WS_BINARY);
    CHECK_INT(reader.data.len, 100000);
    brio_buf_clear(&bomb);
    put_bomb(&bomb, 100001);
    CHECK_INT(read_one(&reader, &bomb), BRIO_WS_FAILED);
    CHECK_INT(reader.code, BRIO_WS_TOO_BIG);
    brio_ws_conn_fini(&reader);
    reader = side(true, (brio_ws_deflate)ON_ALONE, NULL);
    brio_buf_clear(&bomb);
    put_bomb(&bomb, 50000000);
    CHECK_INT(read_one(&reader, &bomb), BRIO_WS_FAILED);
    CHECK_INT(reader.code, BRIO_WS_TOO_BIG);
    CHECK(reader.message.cap < 1000000);
    brio_ws_conn_fini(&reader);
    brio_buf_fini(&bomb);
}

/* Messages of many sizes and kinds, from a seed. */
static brio_str example(char *storage, size_t size, uint32_t i)
{
    uint32_t x = i * 2654435761u + 1;
    size_t n = i % 7 == 0 ? 0 : x % size;
    for (size_t at = 0; at < n; at++) {
        x = x * 1664525u + 1013904223u;
        storage[at] = (char)(i % 3 ? "0123456789abcdef"[x >> 28] : (char)(x >> 24));
    }
    return (brio_str){storage, n};
}

static void talk(brio_ws_conn *writer, brio_ws_conn *reader)
{
    char storage[40000];
    brio_buf out = {0};
    for (uint32_t i = 0; i < 60; i++) {
        brio_str message = example(storage, sizeof storage, i);
        brio_buf_clear(&out);
        brio_ws_write(writer, &out, message, false);
        CHECK(!out.failed);
        CHECK_INT(read_one(reader, &out), BRIO_WS_BINARY);
        CHECK(brio_str_eq(reader->data, message));
    }
    brio_buf_fini(&out);
}

TEST(both_sides_read_what_the_other_compressed)
{
    for (uint8_t bits = 8; bits <= 15; bits++) {
        for (int i = 0; i < 8; i++) {
            brio_ws_deflate d = {.on = true, .server_bits = bits, .client_bits = bits};
            d.server_no_takeover = i & 1;
            d.client_no_takeover = i & 2;
            brio_ws_pool pool = {0};
            brio_ws_conn writer = side(i & 4, d, &pool), reader = side(!(i & 4), d, &pool);
            talk(&writer, &reader);
            brio_ws_conn_fini(&writer);
            brio_ws_conn_fini(&reader);
            brio_ws_pool_fini(&pool);
        }
    }
}

/* Whatever room the buffer has when a message ends. */
TEST(messages_end_where_the_buffer_does)
{
    char text[3000];
    memset(text, 'a', sizeof text);
    for (size_t n = 1; n <= sizeof text; n++) {
        brio_ws_conn writer = side(false, (brio_ws_deflate)ON_ALONE, NULL);
        brio_ws_conn reader = side(true, (brio_ws_deflate)ON_ALONE, NULL);
        brio_buf out = {0};
        CHECK(brio_buf_reserve(&reader.message, 1500));
        brio_ws_write(&writer, &out, (brio_str){text, n}, false);
        CHECK_INT(read_one(&reader, &out), BRIO_WS_BINARY);
        CHECK_INT(reader.data.len, n);
        brio_ws_conn_fini(&writer);
        brio_ws_conn_fini(&reader);
        brio_buf_fini(&out);
    }
}

TEST(a_connection_at_rest_holds_nothing)
{
    brio_ws_pool pool = {0};
    brio_ws_conn writer = side(false, (brio_ws_deflate)ON_ALONE, &pool);
    brio_ws_conn reader = side(true, (brio_ws_deflate)ON_ALONE, &pool);
    talk(&writer, &reader);
    brio_ws_conn_rest(&reader);
    CHECK(brio_ws_conn_rests(&reader));
    CHECK(!reader.message.ptr && !reader.packet.ptr && !reader.inflater);
    CHECK(!writer.message.ptr && !writer.deflater);
    CHECK_INT(pool.n_inflaters, 1);
    brio_ws_conn_fini(&writer);
    brio_ws_conn_fini(&reader);
    brio_ws_pool_fini(&pool);
}

TEST(small_messages_and_those_that_do_not_shrink_go_as_they_are)
{
    brio_ws_conn writer = side(false, (brio_ws_deflate)ON_ALONE, NULL);
    brio_buf out = {0};
    brio_ws_write(&writer, &out, BRIO_S("\x13\x57\x9b\xdf\x02\x46"), false);
    CHECK_INT((uint8_t)out.ptr[0], 0x82);
    brio_buf_clear(&out);
    brio_ws_write(&writer, &out, BRIO_S("aaaaaaaaaaaaaaaaaaaaaaaa"), true);
    CHECK_INT((uint8_t)out.ptr[0], 0xc1);
    writer.deflate_min = 25;
    brio_buf_clear(&out);
    brio_ws_write(&writer, &out, BRIO_S("aaaaaaaaaaaaaaaaaaaaaaaa"), true);
    CHECK_INT((uint8_t)out.ptr[0], 0x81);
    brio_ws_conn_fini(&writer);
    brio_buf_fini(&out);
}

TEST(one_compressed_frame_serves_all)
{
    static const char text[] = "this goes to everybody, to everybody, to everybody";
    brio_str message = {text, sizeof text - 1};
    brio_ws_pool pool = {0};
    for (int kept = 0; kept < 2; kept++) {
        brio_ws_deflate d = {.on = true, .server_no_takeover = !kept, .server_bits = 15};
        d.client_bits = 15;
        brio_ws_conn writer = side(false, d, &pool), reader = side(true, d, &pool);
        brio_buf out = {0}, shared = {0};
        CHECK(brio_ws_takes_packed(&writer));
        CHECK(brio_ws_compose_packed(&pool, 15, &shared, message, true));
        for (int i = 0; i < 3; i++) { /* of its own, shared, of its own again */
            brio_buf_clear(&out);
            brio_ws_write(&writer, &out, message, true);
            CHECK_INT(read_one(&reader, &out), BRIO_WS_TEXT);
            CHECK_STR(reader.data, text);
            CHECK_INT(read_one(&reader, &shared), BRIO_WS_TEXT);
            CHECK_STR(reader.data, text);
            brio_ws_sent_packed(&writer);
        }
        brio_ws_conn_fini(&writer);
        brio_ws_conn_fini(&reader);
        brio_buf_fini(&out);
        brio_buf_fini(&shared);
    }
    brio_ws_conn narrow = side(false, (brio_ws_deflate){.on = true, .server_bits = 12}, &pool);
    CHECK(!brio_ws_takes_packed(&narrow));
    brio_ws_conn_fini(&narrow);
    brio_ws_pool_fini(&pool);
}

TEST(without_memory_a_compressed_message_fails)
{
    for (uint64_t nth = 1; nth < 12; nth++) {
        brio_ws_conn reader = side(true, (brio_ws_deflate)ON_ALONE, NULL);
        brio_str input = BRIO_S("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
        brio_heap_fault(nth);
        brio_ws_event event = brio_ws_conn_next(&reader, &input);
        bool refused = brio_heap_fault(0) >= nth;
        CHECK_INT(event, refused ? BRIO_WS_FAILED : BRIO_WS_TEXT);
        CHECK(!refused || reader.code == BRIO_WS_INTERNAL);
        brio_ws_conn_fini(&reader);
    }
}

TEST(without_memory_messages_go_as_they_are)
{
    char text[300];
    memset(text, 'a', sizeof text);
    for (uint64_t nth = 1; nth < 10; nth++) {
        brio_ws_conn writer = side(false, (brio_ws_deflate)ON_ALONE, NULL);
        char storage[400];
        brio_buf out = brio_buf_over(storage, sizeof storage);
        brio_heap_fault(nth);
        brio_ws_write(&writer, &out, (brio_str){text, sizeof text}, true);
        bool refused = brio_heap_fault(0) >= nth;
        CHECK(!out.failed);
        CHECK_INT((uint8_t)out.ptr[0], refused ? 0x81 : 0xc1);
        brio_ws_conn_fini(&writer);
    }
}

#endif
