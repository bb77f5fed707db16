/* SPDX-License-Identifier: MIT
 *
 * The writer: commas, escapes, numbers, and buffers that end too early. */
#include "json_support.h"

#include <math.h>

static brio_str write_str(brio_buf *buf, brio_str s)
{
    brio_json_writer w = {.out = buf};
    brio_buf_clear(buf);
    brio_json_str(&w, s);
    CHECK(!buf->failed);
    return brio_buf_str(buf);
}

TEST(strings_are_escaped_as_json_dumps_does)
{
    brio_buf buf = {0};
    CHECK_STR(write_str(&buf, BRIO_S("")), "\"\"");
    CHECK_STR(write_str(&buf, (brio_str){0}), "\"\"");
    CHECK_STR(write_str(&buf, BRIO_S("a\"b\\c/d")), "\"a\\\"b\\\\c/d\"");
    CHECK_STR(write_str(&buf, BRIO_S("\n\r\t\b\f")), "\"\\n\\r\\t\\b\\f\"");
    CHECK_STR(write_str(&buf, (brio_str){"\0\x01\x1F\x7F", 4}), "\"\\u0000\\u0001\\u001f\x7F\"");
    CHECK_STR(write_str(&buf, BRIO_S("caf\xC3\xA9 \xF0\x9F\x98\x80")),
              "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"");
    CHECK_STR(write_str(&buf, BRIO_S("\xE2\x80\xA8")), "\"\xE2\x80\xA8\"");
    brio_buf_fini(&buf);
}

TEST(malformed_utf8_is_replaced)
{
    brio_buf buf = {0};
    CHECK_STR(write_str(&buf, BRIO_S("a\xFF"
                                     "b")),
              "\"a\xEF\xBF\xBD"
              "b\"");
    CHECK_STR(write_str(&buf, BRIO_S("\xC3\n")), "\"\xEF\xBF\xBD\\n\"");
    brio_buf_fini(&buf);
}

/* A byte to escape at every place of strings of every length around a block. */
TEST(escapes_are_found_at_every_place)
{
    brio_buf buf = {0};
    for (size_t len = 1; len < 50; len++)
        for (size_t at = 0; at < len; at++) {
            char text[64], want[80];
            memset(text, 'x', len);
            text[at] = '"';
            snprintf(want, sizeof(want), "\"%.*s\\\"%.*s\"", (int)at, text, (int)(len - at - 1),
                     text + at + 1);
            brio_str exact = json_exact((brio_str){text, len});
            CHECK_STR(write_str(&buf, exact), want);
            json_exact_free(exact);
        }
    brio_buf_fini(&buf);
}

static void write_all(brio_json_writer *w)
{
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("a\n"));
    brio_json_begin(w, '[');
    brio_json_i64(w, INT64_MIN);
    brio_json_f64(w, 0.5);
    brio_json_f64(w, NAN);
    brio_json_f64(w, HUGE_VAL);
    brio_json_bool(w, true);
    brio_json_bool(w, false);
    brio_json_null(w);
    brio_json_begin(w, '{');
    brio_json_end(w, '}');
    brio_json_end(w, ']');
    brio_json_key(w, BRIO_S("raw"));
    brio_json_raw(w, BRIO_S("[1, 2]"));
    brio_json_key(w, BRIO_S("s"));
    brio_json_str(w, BRIO_S("x\"y"));
    brio_json_end(w, '}');
}

static const char all_text[] = "{\"a\\n\":[-9223372036854775808,0.5,null,null,true,false,null,{}],"
                               "\"raw\":[1, 2],\"s\":\"x\\\"y\"}";

TEST(commas_and_colons_are_put)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    write_all(&w);
    CHECK_STR(brio_buf_str(&buf), all_text);
    brio_buf_fini(&buf);
}

TEST(a_full_buffer_fails_and_is_not_overrun)
{
    for (size_t cap = 0; cap < sizeof(all_text) - 1; cap++) {
        char *storage = malloc(cap ? cap : 1);
        brio_buf buf = brio_buf_over(storage, cap);
        brio_json_writer w = {.out = &buf};
        write_all(&w);
        CHECK(buf.failed);
        free(storage);
    }
    char exact[sizeof(all_text)];
    brio_buf buf = brio_buf_over(exact, sizeof(all_text) - 1);
    brio_json_writer w = {.out = &buf};
    write_all(&w);
    CHECK_STR(brio_buf_str(&buf), all_text);
}

static brio_str write_i64(brio_buf *buf, int64_t value)
{
    brio_json_writer w = {.out = buf};
    brio_buf_clear(buf);
    brio_json_i64(&w, value);
    return brio_buf_str(buf);
}

TEST(integers_of_every_length)
{
    brio_buf buf = {0};
    char want[32];
    for (int64_t v = 1; v > 0 && v < INT64_MAX / 10; v *= 10)
        for (int64_t d = -1; d <= 1; d++) {
            snprintf(want, sizeof(want), "%lld", (long long)(v + d));
            CHECK_STR(write_i64(&buf, v + d), want);
            snprintf(want, sizeof(want), "%lld", (long long)-(v + d));
            CHECK_STR(write_i64(&buf, -(v + d)), want);
        }
    CHECK_STR(write_i64(&buf, INT64_MAX), "9223372036854775807");
    CHECK_STR(write_i64(&buf, INT64_MIN), "-9223372036854775808");
    for (int i = 0; i < 100000; i += 7) {
        snprintf(want, sizeof(want), "%d", i);
        CHECK_STR(write_i64(&buf, i), want);
    }
    brio_buf_fini(&buf);
}
