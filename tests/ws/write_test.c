/* SPDX-License-Identifier: MIT
 *
 * Messages to frames, and that the other side reads what was written. */
#include "ws/frames.h"

static brio_ws_conn side(bool client)
{
    brio_ws_conn conn;
    brio_ws_conn_init(&conn, &(brio_ws_options){.client = client});
    return conn;
}

TEST(a_server_writes_the_shortest_heads)
{
    brio_ws_conn server = side(false);
    brio_buf out = {0};
    brio_ws_write(&server, &out, BRIO_S("Hello"), true);
    CHECK(brio_str_eq(brio_buf_str(&out), BRIO_S("\x81\x05Hello")));
    static const size_t sizes[] = {0, 125, 126, 65535, 65536};
    static const size_t heads[] = {2, 2, 4, 4, 10};
    char *zeroes = calloc(1, 65536);
    CHECK(zeroes);
    for (size_t i = 0; i < 5; i++) {
        brio_buf_clear(&out);
        brio_ws_write(&server, &out, (brio_str){zeroes, sizes[i]}, false);
        CHECK_INT(out.len, heads[i] + sizes[i]);
    }
    free(zeroes);
    brio_buf_fini(&out);
}

TEST(both_sides_read_what_the_other_wrote)
{
    for (int from_client = 0; from_client < 2; from_client++) {
        brio_ws_conn writer = side(from_client);
        brio_ws_options reader = {.client = !from_client};
        brio_buf out = {0};
        brio_ws_write(&writer, &out, BRIO_S("Hello, w\xc3\xb6rld"), true);
        brio_ws_write(&writer, &out, BRIO_S("\x01\x02"), false);
        brio_ws_write_ping(&writer, &out, BRIO_S("p"));
        brio_ws_write_pong(&writer, &out, BRIO_S(""));
        brio_ws_write_close(&writer, &out, BRIO_WS_GOING_AWAY, BRIO_S("done"));
        CHECK(!out.failed);
        frames_check(&reader, brio_buf_str(&out),
                     "text \"Hello, w\xc3\xb6rld\"\nbinary \"\x01\x02\"\nping \"p\"\npong \"\"\n"
                     "close 1001 \"done\"\n");
        brio_buf_fini(&out);
    }
}

TEST(two_messages_of_a_client_have_two_masks)
{
    brio_ws_conn client = side(true);
    brio_buf out = {0};
    bool differ = false;
    for (int i = 0; i < 8 && !differ; i++) {
        brio_buf_clear(&out);
        brio_ws_write(&client, &out, BRIO_S("x"), true);
        brio_ws_write(&client, &out, BRIO_S("x"), true);
        CHECK_INT(out.len, 14);
        differ = memcmp(out.ptr, out.ptr + 7, 7) != 0;
    }
    CHECK(differ);
    brio_buf_fini(&out);
}

TEST(a_reason_is_cut_to_whole_characters)
{
    brio_ws_conn server = side(false);
    brio_buf out = {0};
    char reason[130];
    memset(reason, 'a', sizeof reason);
    memcpy(reason + 122, "\xc3\xa9", 2); /* would end at 124 */
    brio_ws_write_close(&server, &out, 1000, (brio_str){reason, sizeof reason});
    CHECK_INT(out.len, 2 + 2 + 122);
    brio_buf_clear(&out);
    brio_ws_write_close(&server, &out, BRIO_WS_NO_CODE, (brio_str){0});
    CHECK(brio_str_eq(brio_buf_str(&out), BRIO_S("\x88\x00")));
    brio_buf_fini(&out);
}

TEST(codes_that_may_be_sent)
{
    static const int good[] = {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999};
    static const int bad[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535, -1};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(brio_ws_code_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!brio_ws_code_valid(bad[i]));
}
