/* SPDX-License-Identifier: MIT
 *
 * Frames to messages: RFC 6455's own examples (section 5.7), and every rule
 * that a peer can break, each cut at every byte. */
#include "ws/frames.h"

static const brio_ws_options client = {.client = true};

/* A server reads masked frames; a mask of zeroes leaves the payload readable. */
#define MASKED "\0\0\0\0"

TEST(examples_of_the_rfc)
{
    frames_check(&client, BRIO_S("\x81\x05Hello"), "text \"Hello\"\n");
    frames_check(NULL, BRIO_S("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "text \"Hello\"\n");
    frames_check(&client, BRIO_S("\x01\x03Hel\x80\x02lo"), "text \"Hello\"\n");
    frames_check(&client, BRIO_S("\x89\x05Hello"), "ping \"Hello\"\n");
    frames_check(NULL, BRIO_S("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "pong \"Hello\"\n");
}

TEST(control_frames_may_come_between_fragments)
{
    frames_check(&client, BRIO_S("\x01\x03Hel\x89\x01p\x80\x02lo\x82\x02xy"),
                 "ping \"p\"\ntext \"Hello\"\nbinary \"xy\"\n");
}

TEST(empty_messages_and_fragments_are_messages)
{
    frames_check(
        NULL, BRIO_S("\x81\x80" MASKED "\x02\x80" MASKED "\x00\x80" MASKED "\x80\x81" MASKED "z"),
        "text \"\"\nbinary \"z\"\n");
}

TEST(closing)
{
    frames_check(&client, BRIO_S("\x88\x00"), "close 1005 \"\"\n");
    frames_check(&client,
                 BRIO_S("\x88\x05\x03\xe8"
                        "bye\x81\x01x"),
                 "close 1000 \"bye\"\n");
    frames_check(&client, BRIO_S("\x88\x02\x0b\xb8"), "close 3000 \"\"\n");
    frames_check(&client, BRIO_S("\x88\x01\x03"), "! 1002 half a close code\n");
    frames_check(&client, BRIO_S("\x88\x02\x03\xed"), "! 1002 a close code that may not be sent\n");
    frames_check(&client, BRIO_S("\x88\x02\x13\x88"), "! 1002 a close code that may not be sent\n");
    frames_check(&client, BRIO_S("\x88\x03\x03\xe8\xff"),
                 "! 1007 a close reason that is not UTF-8\n");
}

TEST(what_the_rfc_forbids)
{
    frames_check(&client, BRIO_S("\xc1\x00"), "! 1002 a reserved bit is set\n");
    frames_check(NULL, BRIO_S("\x81\x01x"), "! 1002 a frame without mask from a client\n");
    frames_check(&client, BRIO_S("\x81\x81" MASKED "x"), "! 1002 a masked frame from a server\n");
    frames_check(&client, BRIO_S("\x80\x01x"), "! 1002 a continuation of no message\n");
    frames_check(&client, BRIO_S("\x01\x01x\x81\x01y"), "! 1002 a new message inside another\n");
    frames_check(&client, BRIO_S("\x83\x00"), "! 1002 a frame with an unknown opcode\n");
    frames_check(&client, BRIO_S("\x8b\x00"), "! 1002 a frame with an unknown opcode\n");
    frames_check(&client, BRIO_S("\x09\x00"), "! 1002 a control frame in fragments\n");
    frames_check(&client, BRIO_S("\x89\x7e\x00\x7e"), "! 1002 a control frame beyond 125 bytes\n");
    frames_check(&client, BRIO_S("\x81\x7e\x00\x7d"),
                 "! 1002 a length that is not in its shortest form\n");
    frames_check(&client, BRIO_S("\x81\x7f\0\0\0\0\0\0\xff\xff"),
                 "! 1002 a length that is not in its shortest form\n");
    frames_check(&client, BRIO_S("\x81\x7f\x80\0\0\0\0\0\0\0"),
                 "! 1002 a length with its highest bit set\n");
}

TEST(text_is_refused_at_the_first_byte_that_cannot_be_right)
{
    static const char bad[] = "! 1007 text that is not UTF-8\n";
    frames_check(&client,
                 BRIO_S("\x81\x05"
                        "a\xe2\x98\x83z"),
                 "text \"a\xe2\x98\x83z\"\n");
    frames_check(&client,
                 BRIO_S("\x01\x02"
                        "a\xe2\x80\x02\x98\x83"),
                 "text \"a\xe2\x98\x83\"\n");
    frames_check(&client,
                 BRIO_S("\x01\x02"
                        "a\xe2\x80\x01\x98"),
                 bad);                                          /* ends inside */
    frames_check(&client, BRIO_S("\x01\x02\xf4\x90"), bad);     /* beyond U+10FFFF */
    frames_check(&client, BRIO_S("\x01\x02\xed\xa0"), bad);     /* a surrogate */
    frames_check(&client, BRIO_S("\x01\x02\xc0\x80"), bad);     /* overlong */
    frames_check(&client, BRIO_S("\x81\x7e\x01\x00\xff"), bad); /* before its end */
    frames_check(&client, BRIO_S("\x82\x01\xff"), "binary \"\xff\"\n");
}

TEST(a_message_beyond_its_limit_fails_at_the_head_that_announces_it)
{
    const brio_ws_options five = {.client = true, .message_bytes = 5};
    frames_check(&five, BRIO_S("\x81\x05Hello\x81\x05World"), "text \"Hello\"\ntext \"World\"\n");
    frames_check(&five, BRIO_S("\x81\x06"), "! 1009 a message beyond the limit\n");
    frames_check(&five, BRIO_S("\x01\x03Hel\x80\x03"), "! 1009 a message beyond the limit\n");
    frames_check(&client, BRIO_S("\x82\x7f\0\0\0\1\0\0\0\0"),
                 "! 1009 a message beyond the limit\n");
}

TEST(nothing_is_read_after_the_end)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, &client);
    brio_str input = BRIO_S("\x88\x00\x81\x01x");
    CHECK_INT(brio_ws_conn_next(&conn, &input), BRIO_WS_CLOSE);
    CHECK_INT(input.len, 0);
    input = BRIO_S("\x81\x01x");
    CHECK_INT(brio_ws_conn_next(&conn, &input), BRIO_WS_MORE);
    CHECK_INT(input.len, 0);
    brio_ws_conn_fini(&conn);
}

TEST(without_memory_the_connection_fails)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, &client);
    brio_str input = BRIO_S("\x81\x05Hello");
    brio_heap_fault(1);
    CHECK_INT(brio_ws_conn_next(&conn, &input), BRIO_WS_FAILED);
    brio_heap_fault(0);
    CHECK_INT(conn.code, BRIO_WS_INTERNAL);
    brio_ws_conn_fini(&conn);
}

/* The bytes of a message that came whole are changed; there is no copy of them. */
TEST(a_whole_message_is_read_where_it_lies)
{
    brio_ws_conn conn;
    char bytes[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x82\x80" MASKED;
    brio_str input = {bytes, sizeof bytes - 1};
    brio_ws_conn_init(&conn, &(brio_ws_options){.in_place = true});
    brio_heap_fault(1); /* nor is there an allocation */
    CHECK_INT(brio_ws_conn_next(&conn, &input), BRIO_WS_TEXT);
    CHECK_STR(conn.data, "Hello");
    CHECK(conn.data.ptr == bytes + 6);
    CHECK_INT(brio_ws_conn_next(&conn, &input), BRIO_WS_BINARY);
    CHECK_INT(conn.data.len, 0);
    CHECK_INT(input.len, 0);
    CHECK(brio_ws_conn_rests(&conn));
    CHECK_INT(brio_ws_conn_next(&conn, &input), BRIO_WS_MORE);
    brio_heap_fault(0);
    brio_ws_conn_fini(&conn);
}

/* A client's text frame. */
static void mask_frame(brio_buf *out, brio_str text)
{
    static const char mask[4] = {0x11, 0x22, 0x55, 0x66};
    const char wide[2] = {(char)(text.len >> 8), (char)text.len};
    brio_buf_clear(out);
    brio_buf_char(out, (char)0x81);
    brio_buf_char(out, (char)(0x80 | (text.len < 126 ? text.len : 126)));
    brio_buf_add(out, (brio_str){wide, text.len < 126 ? 0 : 2});
    brio_buf_add(out, (brio_str){mask, 4});
    for (size_t i = 0; i < text.len; i++)
        brio_buf_char(out, (char)(text.ptr[i] ^ mask[i % 4]));
}

static void check_read(brio_str frame, bool in_place, brio_str want, bool right)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, &(brio_ws_options){.in_place = in_place});
    CHECK_INT(brio_ws_conn_next(&conn, &frame), right ? BRIO_WS_TEXT : BRIO_WS_FAILED);
    CHECK(!right || brio_str_eq(conn.data, want));
    brio_ws_conn_fini(&conn);
}

/* Up to some steps of a vector; all ASCII, and ending with a character of two bytes or
 * with half of one. */
TEST(text_of_every_length_is_unmasked_and_checked)
{
    static const char *const ends[] = {"yz", "\xc3\xa9", "y\xc3"};
    char text[300];
    brio_buf frame = {0};
    for (size_t n = 2; n <= sizeof text; n++)
        for (int end = 0; end < 3; end++) {
            for (size_t i = 0; i < n; i++)
                text[i] = (char)('a' + i % 26);
            memcpy(text + n - 2, ends[end], 2);
            for (int in_place = 0; in_place < 2; in_place++) {
                mask_frame(&frame, (brio_str){text, n});
                check_read(brio_buf_str(&frame), in_place, (brio_str){text, n}, end < 2);
            }
        }
    brio_buf_fini(&frame);
}
