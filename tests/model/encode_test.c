/* SPDX-License-Identifier: MIT
 *
 * Structs to JSON: every kind, every buffer size, and what has no JSON form. */
#include "json_support.h"

#include <errno.h>
#include <math.h>

static void decode_every(brio_arena *arena, Every *out)
{
    brio_problems problems = {.arena = arena};
    CHECK_OK(brio_decode(BRIO_S(EVERY_TEXT), BRIO_TYPE(Every), out, NULL, &problems));
}

TEST(every_kind_is_written)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Every every;
    decode_every(&arena, &every);
    CHECK_STR(json_encode(&arena, BRIO_TYPE(Every), &every), EVERY_TEXT);
    brio_arena_fini(&arena);
}

TEST(extremes_are_written)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    uint64_t u64 = UINT64_MAX;
    static brio_model u64_model = {.name = "u", .kind = BRIO_KIND_U64, .size = 8};
    CHECK_STR(json_encode(&arena, &u64_model, &u64), "18446744073709551615");
    int64_t least = INT64_MIN;
    CHECK_STR(json_encode(&arena, brio_i64_model(), &least), "-9223372036854775808");
    double values[] = {-0.0, 1e22,      5e-324,           -1.7976931348623157e308,
                       NAN,  -HUGE_VAL, 123456789012.0005};
    brio_f64_list list = {values, sizeof(values) / sizeof(*values)};
    CHECK_STR(json_encode(&arena, brio_f64_list_model(), &list),
              "[-0.0,1e+22,5e-324,-1.7976931348623157e+308,null,null,123456789012.0005]");
    brio_none none = {0};
    CHECK_STR(json_encode(&arena, brio_none_model(), &none), "null");
    brio_text text = {BRIO_S("a\n")};
    CHECK_STR(json_encode(&arena, brio_text_model(), &text), "\"a\\n\"");
    brio_arena_fini(&arena);
}

typedef struct Empty {
    char unused;
} Empty;
BRIO_MODEL(Empty, BRIO_CONFIG(.description = "no members"));

TEST(empty_things_are_written)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Empty empty = {0};
    Leaf_list none = {0};
    CHECK_STR(json_encode(&arena, BRIO_TYPE(Empty), &empty), "{}");
    CHECK_STR(json_encode(&arena, BRIO_TYPE(Leaf_list), &none), "[]");
    brio_arena_fini(&arena);
}

/* Strings around the sizes of a word and a block, with each odd byte at each
 * place, between two guards. */
TEST(strings_of_every_length_are_written)
{
    static const char odd[] = {'"', '\\', '\n', '\x01', '\x1F', 'x', '\x7F'};
    brio_buf got = {0}, want = {0};
    for (size_t len = 0; len < 40; len++)
        for (size_t at = 0; at < (len ? len : 1); at++)
            for (size_t k = 0; k < sizeof(odd); k++) {
                char text[40];
                memset(text, 'a', sizeof(text));
                text[at] = odd[k];
                brio_str s = json_exact((brio_str){text, len});
                brio_json_writer w = {.out = &want};
                brio_buf_clear(&want), brio_buf_clear(&got);
                brio_json_str(&w, s);
                CHECK_OK(brio_encode(&got, brio_str_model(), &s, NULL));
                test_check_str(__FILE__, __LINE__, "encoded", brio_buf_str(&got),
                               brio_buf_str(&want));
                json_exact_free(s);
            }
    brio_buf_fini(&got);
    brio_buf_fini(&want);
}

TEST(malformed_utf8_is_an_error_at_every_place)
{
    brio_buf buf = {0};
    for (size_t len = 1; len < 40; len++)
        for (size_t at = 0; at < len; at++) {
            char text[40];
            memset(text, 'a', sizeof(text));
            text[at] = '\xFF';
            brio_str s = {text, len};
            const char *why = NULL;
            CHECK_INT(brio_encode(&buf, brio_str_model(), &s, &why), BRIO_EMODEL);
            CHECK_STR(brio_str_from(why), "a string is not UTF-8");
            CHECK_INT(buf.len, 0);
            CHECK(!buf.failed);
        }
    brio_buf_fini(&buf);
}

TEST(an_enum_value_without_a_name_is_an_error)
{
    brio_buf buf = {0};
    Colour colour = (Colour)77;
    const char *why;
    brio_buf_add(&buf, BRIO_S("kept"));
    CHECK_INT(brio_encode(&buf, BRIO_TYPE(Colour), &colour, &why), BRIO_EMODEL);
    CHECK_STR(brio_str_from(why), "an enum has a value without a name");
    CHECK_STR(brio_buf_str(&buf), "kept");
    brio_buf_fini(&buf);
}

typedef struct Node Node;
BRIO_LIST_OF(Node);
struct Node {
    Node_list children;
};
BRIO_MODEL(Node, BRIO_FIELD_AS(children, Node_list));

TEST(a_value_that_contains_itself_is_an_error)
{
    Node node = {0};
    node.children = (Node_list){&node, 1};
    brio_buf buf = {0};
    const char *why;
    CHECK_INT(brio_encode(&buf, BRIO_TYPE(Node), &node, &why), BRIO_EMODEL);
    CHECK_STR(brio_str_from(why), "values are nested too deeply");
    brio_buf_fini(&buf);
}

/* Brackets that close one after the other, each needing its byte. */
TEST(deep_values_are_closed)
{
    Node nodes[64] = {0};
    for (int i = 0; i < 63; i++)
        nodes[i].children = (Node_list){&nodes[i + 1], 1};
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str text = json_encode(&arena, BRIO_TYPE(Node), &nodes[0]);
    CHECK_INT(text.len, 64 * 15);
    CHECK(brio_str_ends(text, BRIO_S("]}]}]}")));
    Node back;
    brio_problems problems = {.arena = &arena};
    CHECK_OK(brio_decode(text, BRIO_TYPE(Node), &back, NULL, &problems));
    brio_arena_fini(&arena);
}

/* ---- Buffers ------------------------------------------------------------------- */

static void encode_fixed(const Every *every, size_t cap, bool want_ok)
{
    char *storage = malloc(cap ? cap : 1);
    CHECK(storage);
    brio_buf buf = brio_buf_over(storage, cap);
    const char *why;
    int rc = brio_encode(&buf, BRIO_TYPE(Every), every, &why);
    CHECK_INT(rc, want_ok ? 0 : -ENOMEM);
    CHECK_INT(buf.failed, !want_ok);
    CHECK((why == NULL) == want_ok);
    if (want_ok)
        CHECK_STR(brio_buf_str(&buf), EVERY_TEXT);
    free(storage);
}

TEST(a_buffer_of_exactly_the_size_is_enough_and_no_smaller_one)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Every every;
    decode_every(&arena, &every);
    size_t need = sizeof(EVERY_TEXT) - 1;
    for (size_t cap = 0; cap < need + 100; cap++)
        encode_fixed(&every, cap, cap >= need);
    brio_arena_fini(&arena);
}

TEST(a_limited_buffer_takes_what_fits)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Every every;
    decode_every(&arena, &every);
    brio_buf buf = {.limit = sizeof(EVERY_TEXT) - 1 + 3};
    brio_buf_add(&buf, BRIO_S("abc"));
    CHECK_OK(brio_encode(&buf, BRIO_TYPE(Every), &every, NULL));
    CHECK_STR(brio_buf_str(&buf), "abc" EVERY_TEXT);
    CHECK_INT(brio_encode(&buf, BRIO_TYPE(Every), &every, NULL), -ENOMEM);
    CHECK(buf.failed);
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
}

/* Growth happens at every possible place once the start is shifted. */
TEST(growth_keeps_the_text)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Every every;
    decode_every(&arena, &every);
    for (size_t at = 0; at < 300; at++) {
        brio_buf buf = {0};
        for (size_t i = 0; i < at; i++)
            brio_buf_char(&buf, '.');
        CHECK_OK(brio_encode(&buf, BRIO_TYPE(Every), &every, NULL));
        CHECK_STR(brio_str_slice(brio_buf_str(&buf), at, SIZE_MAX), EVERY_TEXT);
        brio_buf_fini(&buf);
    }
    brio_arena_fini(&arena);
}

TEST(a_failed_buffer_stays_failed)
{
    char storage[4];
    brio_buf buf = brio_buf_over(storage, sizeof(storage));
    brio_buf_add(&buf, BRIO_S("too long"));
    bool yes = true;
    CHECK_INT(brio_encode(&buf, brio_bool_model(), &yes, NULL), -ENOMEM);
}
