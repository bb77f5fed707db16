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
