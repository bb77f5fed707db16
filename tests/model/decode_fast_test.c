/* SPDX-License-Identifier: MIT
 *
 * The fast reader: what it must take, what it must leave, and that whatever
 * it takes the validator takes too, with an equal result. */
#include "json_support.h"
#include "model/model_internal.h"

static bool fast(brio_arena *arena, brio_str text, const brio_model *model, void *out)
{
    return brio_decode_fast(text, model, out, arena);
}

/* The long road alone; fills *ret with the result as text. */
static bool slow(brio_arena *arena, brio_str text, const brio_model *model, brio_str *ret)
{
    brio_json value;
    brio_problems problems = {.arena = arena};
    void *out = brio_calloc(arena, 1, model->size);
    if (brio_json_parse(arena, text, NULL, &value, NULL) != 0 ||
        brio_decode_value(&value, model, out, NULL, &problems) != 0)
        return false;
    *ret = json_encode(arena, model, out);
    return true;
}

/* True if taken; checks agreement. */
static bool agree(brio_str text, const brio_model *model)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str exact = json_exact(text), want;
    void *out = memset(brio_alloc(&arena, model->size), 0xA5, model->size);
    bool taken = fast(&arena, exact, model, out);
    if (taken) {
        if (!slow(&arena, exact, model, &want))
            test_fail(__FILE__, __LINE__, "taken, but not valid: %.*s", BRIO_ARG(text));
        test_check_str(__FILE__, __LINE__, "fast", json_encode(&arena, model, out), want);
    }
    json_exact_free(exact);
    brio_arena_fini(&arena);
    return taken;
}

static void takes(const char *text, const brio_model *model)
{
    if (!agree(brio_str_from(text), model))
        test_fail(__FILE__, __LINE__, "not taken: %s", text);
}

static void leaves(const char *text, const brio_model *model)
{
    if (agree(brio_str_from(text), model))
        test_fail(__FILE__, __LINE__, "taken: %s", text);
}

static void takes_item(const char *item, const brio_model *list)
{
    char text[128];
    snprintf(text, sizeof(text), "[%s]", item);
    takes(text, list);
}

TEST(every_kind_is_read)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Every e;
    CHECK(fast(&arena, BRIO_S(EVERY_TEXT), BRIO_TYPE(Every), &e));
    CHECK(e.flag);
    CHECK_INT(e.i8, -128);
    CHECK_INT(e.u32, UINT32_MAX);
    CHECK_INT(e.i64, -9007199254740993);
    CHECK(e.f32 == 0.5F);
    CHECK(e.f64 == -816.38);
    CHECK_STR(e.text, "caf\xC3\xA9");
    CHECK_INT(e.any.type, BRIO_JSON_OBJECT);
    CHECK_INT(e.colour, BLUE);
    CHECK_INT(e.leaves.len, 2);
    CHECK_INT(e.leaves.items[1].id, 3);
    CHECK_STR(*e.leaves.items[0].note, "n");
    CHECK_STR(e.tags.items[1], "b");
    CHECK(e.numbers.items[1] == 2.25);
    CHECK(!e.maybe);
    CHECK_INT(e.maybe_leaf->id, 9);
    brio_arena_fini(&arena);
    takes(EVERY_TEXT, BRIO_TYPE(Every));
}

TEST(scalars_are_read)
{
    static const char *const ints[] = {"0",
                                       "-0",
                                       "1",
                                       "-1",
                                       "12345678",
                                       "-123456789",
                                       "123456789012345",
                                       "1234567890123456",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       " 7 "};
    static const char *const floats[] = {"0",
                                         "-0",
                                         "-0.0",
                                         "1",
                                         "100",
                                         "-7",
                                         "0.1",
                                         "816.38",
                                         "12345.67",
                                         "123456.78",
                                         "1234567.8",
                                         "12345678.9",
                                         "0.1234567",
                                         "0.12345678",
                                         "0.123456789",
                                         "0.1234567890123456789",
                                         "1e5",
                                         "1E-5",
                                         "1.5e300",
                                         "-2.5E+3",
                                         "123456789012345678901234567890.5",
                                         "5e-324",
                                         "1e400",
                                         "12345678901234567",
                                         "0.30000000000000004"};
    for (size_t i = 0; i < sizeof(ints) / sizeof(*ints); i++)
        takes_item(ints[i], brio_i64_list_model());
    for (size_t i = 0; i < sizeof(floats) / sizeof(*floats); i++)
        takes_item(floats[i], brio_f64_list_model());
    takes_item("true", brio_bool_list_model());
    takes_item(" false ", brio_bool_list_model());
    takes_item("\"\"", brio_str_list_model());
    takes_item("\"a\\n\\u00e9\"", brio_str_list_model());
    takes_item("\"exactly thirty-two bytes, or so..\"", brio_str_list_model());
    takes("[]", brio_i64_list_model());
    takes(" [ 1 , 2 ] ", brio_i32_list_model());
}

/* The same numbers with so much behind them that whole words can be loaded. */
TEST(scalars_are_read_far_from_the_end)
{
    static const char *const floats[] = {"0",
                                         "-0",
                                         "-0.0",
                                         "1",
                                         "100",
                                         "-7",
                                         "0.1",
                                         "816.38",
                                         "12345.67",
                                         "123456.78",
                                         "1234567.8",
                                         "12345678.9",
                                         "0.1234567",
                                         "0.12345678",
                                         "0.123456789",
                                         "0.1234567890123456789",
                                         "1e5",
                                         "1E-5",
                                         "1.5e300",
                                         "-2.5E+3",
                                         "1e400",
                                         "12345678901234567",
                                         "0.30000000000000004",
                                         "1234567.12345678",
                                         "12345678.12345678",
                                         "1.0e1",
                                         "999999.9",
                                         "99999.99",
                                         "9.99999",
                                         "-1234.5",
                                         "1.5 ",
                                         " 2.5"};
    for (size_t i = 0; i < sizeof(floats) / sizeof(*floats); i++) {
        char text[256];
        snprintf(text, sizeof(text), "[%s,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5]",
                 floats[i]);
        takes(text, brio_f64_list_model());
    }
}

TEST(what_is_not_plain_is_left)
{
    static const char *const floats[] = {"01",   "-01",      "00.5", "1.",  ".5",    "-",    "1e",
                                         "1.e5", "1.5e",     "--1",  "+1",  "\"1\"", "true", "null",
                                         "NaN",  "Infinity", "1x",   "0x1", "1.5.5", "1,",   ""};
    for (size_t i = 0; i < sizeof(floats) / sizeof(*floats); i++) {
        char text[256];
        leaves(floats[i], brio_f64_model());
        leaves(floats[i], brio_i64_model());
        snprintf(text, sizeof(text), "[%s,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5,0.5]",
                 floats[i]);
        leaves(text, brio_f64_list_model());
    }
    leaves("1.0", brio_i64_model());
    leaves("1e3", brio_i64_model());
    leaves("9223372036854775808", brio_i64_model());
    leaves("2147483648", brio_i32_model());
    leaves("1", brio_bool_model());
    leaves("tru", brio_bool_model());
    leaves("fals3", brio_bool_model());
    leaves("\"a", brio_str_model());
    leaves("\"\xFF\"", brio_str_model());
    leaves("\"a\xC3\"", brio_str_model());
    leaves("\"\\x\"", brio_str_model());
    leaves("\"a\nb\"", brio_str_model());
    leaves("[1,]", brio_i64_list_model());
    leaves("[1 2]", brio_i64_list_model());
    leaves("[1]x", brio_i64_list_model());
    leaves("\"pink\"", BRIO_TYPE(Colour));
}

/* ---- Objects ------------------------------------------------------------------- */

TEST(objects_in_any_order_and_spacing)
{
    takes("{\"id\":1}", BRIO_TYPE(Leaf));
    takes("{\"id\":1,\"note\":\"x\"}", BRIO_TYPE(Leaf));
    takes("{\"note\":\"x\",\"id\":1}", BRIO_TYPE(Leaf));
    takes("{\"id\": 1, \"note\": null}", BRIO_TYPE(Leaf));
    takes(" {\n\t\"id\" :\r 1 ,\n \"note\" : \"x\" }\n", BRIO_TYPE(Leaf));
}

TEST(unknown_members_are_checked_and_skipped)
{
    takes(
        "{\"x\":[1,{\"y\":\"\\u00e9\"},-1.5e3,true,false,null,[],{}],\"id\":1,\"z\":\"\xC3\xA9\"}",
        BRIO_TYPE(Leaf));
    leaves("{\"x\":[1,],\"id\":1}", BRIO_TYPE(Leaf));
    leaves("{\"x\":01,\"id\":1}", BRIO_TYPE(Leaf));
    leaves("{\"x\":\"\xFF\",\"id\":1}", BRIO_TYPE(Leaf));
    leaves("{\"x\":tru,\"id\":1}", BRIO_TYPE(Leaf));
    leaves("{\"x\":{\"a\" 1},\"id\":1}", BRIO_TYPE(Leaf));
    leaves("{\"\xFF\":1,\"id\":1}", BRIO_TYPE(Leaf));
}

TEST(irregular_objects_are_left)
{
    leaves("{}", BRIO_TYPE(Leaf));
    leaves("{\"note\":null}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1,\"id\":2}", BRIO_TYPE(Leaf));
    leaves("{\"i\\u0064\":1}", BRIO_TYPE(Leaf));
    leaves("{\"id\":-1}", BRIO_TYPE(Leaf));
    leaves("{\"id\":null}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1,\"note\":\"123456\"}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1,}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1 \"note\":null}", BRIO_TYPE(Leaf));
    leaves("{\"id\" 1}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1]", BRIO_TYPE(Leaf));
    leaves("[]", BRIO_TYPE(Leaf));
}

typedef struct AtLeastTwo {
    brio_str s;
} AtLeastTwo;
BRIO_MODEL(AtLeastTwo, BRIO_FIELD(s, .min_length = 2));

TEST(lengths_are_counted_in_characters)
{
    takes("{\"id\":1,\"note\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1,\"note\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\"}",
           BRIO_TYPE(Leaf));
    takes("{\"id\":1,\"note\":\"\\u2028\\u2028\\u2028\\ud834\\udd1e\\u00e9\"}", BRIO_TYPE(Leaf));
    leaves("{\"id\":1,\"note\":\"\\u2028\\u2028\\u2028\\u2028\\ud834\\udd1e\\u00e9\"}",
           BRIO_TYPE(Leaf));
    leaves("{\"s\":\"\\u2028\"}", BRIO_TYPE(AtLeastTwo)); /* one character of three bytes */
}

typedef struct Strict {
    int64_t a;
    brio_str path;
    brio_str code;
} Strict;
BRIO_MODEL(Strict, BRIO_FIELD(a, .def = " 5 "), BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID),
           BRIO_QUERY(path), BRIO_FIELD(code, .pattern = "^[a-z]+$", .def = "\"x\""));

TEST(extras_patterns_and_rows_that_are_no_members)
{
#ifndef BRIO_WITH_PCRE2
    test_skip("built without PCRE2");
#endif
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Strict out;
    memset(&out, 0xA5, sizeof(out));
    CHECK(fast(&arena, BRIO_S("{}"), BRIO_TYPE(Strict), &out));
    CHECK_INT(out.a, 5);
    CHECK_STR(out.code, "x");
    CHECK(out.path.ptr == NULL);
    brio_arena_fini(&arena);
    takes("{\"a\":1}", BRIO_TYPE(Strict));
    leaves("{\"a\":1,\"b\":2}", BRIO_TYPE(Strict));
    leaves("{\"a\":1,\"path\":\"p\"}", BRIO_TYPE(Strict));
    leaves("{\"code\":\"A1\"}", BRIO_TYPE(Strict));
    takes("{\"code\":\"abc\"}", BRIO_TYPE(Strict));
}

TEST(long_lists_grow)
{
    brio_arena arena;
    brio_arena_init(&arena, 64 << 20);
    brio_buf buf = {0};
    brio_buf_char(&buf, '[');
    for (int i = 0; i < 20000; i++)
        brio_buf_printf(&buf, "%s{\"id\":%d,\"note\":\"%d\"}", i ? "," : "", i, i % 1000);
    brio_buf_char(&buf, ']');
    Leaf_list list;
    CHECK(fast(&arena, brio_buf_str(&buf), BRIO_TYPE(Leaf_list), &list));
    CHECK_INT(list.len, 20000);
    for (size_t i = 0; i < list.len; i++)
        CHECK_INT(list.items[i].id, (int)i);
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
}

TEST(too_many_items_are_left_at_once)
{
    leaves("{\"tags\":[\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}", BRIO_TYPE(Every));
}

typedef struct Deep Deep;
BRIO_LIST_OF(Deep);
struct Deep {
    Deep_list c;
};
BRIO_MODEL(Deep, BRIO_FIELD_AS(c, Deep_list));

static brio_str deep_text(brio_buf *buf, int levels, const char *inner)
{
    brio_buf_clear(buf);
    for (int i = 0; i < levels; i++)
        brio_buf_add(buf, BRIO_S("{\"c\":["));
    brio_buf_add(buf, brio_str_from(inner));
    for (int i = 0; i < levels; i++)
        brio_buf_add(buf, BRIO_S("]}"));
    return brio_buf_str(buf);
}

TEST(the_depth_limit_is_the_parsers)
{
    brio_buf buf = {0};
    CHECK(agree(deep_text(&buf, 64, ""), BRIO_TYPE(Deep)));
    CHECK(!agree(deep_text(&buf, 65, ""), BRIO_TYPE(Deep)));
    CHECK(agree(deep_text(&buf, 63, "{\"x\":1,\"c\":[]}"), BRIO_TYPE(Deep)));
    CHECK(agree(deep_text(&buf, 63, "{\"x\":[],\"c\":[]}"), BRIO_TYPE(Deep)));
    CHECK(!agree(deep_text(&buf, 63, "{\"x\":[[]],\"c\":[]}"), BRIO_TYPE(Deep)));
    brio_buf_fini(&buf);
}

/* ---- Agreement on anything -------------------------------------------------------- */

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static size_t mutate(char *text, size_t n, uint32_t *state)
{
    static const char alphabet[] = "{}[]\",:\\ 0123456789.-+eEtfnau\xC3\xA9\xFF\n";
    size_t at = next(state) % n;
    switch (next(state) % 5) {
    case 0:
        return at;
    case 1:
        memmove(text + at, text + at + 1, n - at - 1);
        return n - 1;
    case 2:
        memmove(text + at + 1, text + at, n - at);
        text[at] = alphabet[next(state) % (sizeof(alphabet) - 1)];
        return n + 1;
    default:
        text[at] = alphabet[next(state) % (sizeof(alphabet) - 1)];
        return n;
    }
}

TEST(mutants_are_judged_alike)
{
    uint32_t state = 1;
    int taken = 0;
    for (int i = 0; i < 20000; i++) {
        char text[sizeof(EVERY_TEXT) + 8] = EVERY_TEXT;
        size_t n = sizeof(EVERY_TEXT) - 1;
        for (uint32_t k = next(&state) % 3; k > 0 && n > 1; k--)
            n = mutate(text, n, &state);
        taken += agree((brio_str){text, n}, BRIO_TYPE(Every));
    }
    CHECK(taken > 5000);
}

TEST(texts_cut_at_every_byte_are_left)
{
    for (size_t n = 0; n < sizeof(EVERY_TEXT) - 1; n++)
        CHECK(!agree((brio_str){EVERY_TEXT, n}, BRIO_TYPE(Every)));
}

/* The last bytes of a text are read by other code than the rest: let each byte
 * be the last ones once, by moving the end with spaces. */
TEST(the_distance_to_the_end_changes_nothing)
{
    char text[sizeof(EVERY_TEXT) + 100];
    memset(text, ' ', sizeof(text));
    memcpy(text, EVERY_TEXT, sizeof(EVERY_TEXT) - 1);
    for (size_t n = 0; n < 100; n++)
        CHECK(agree((brio_str){text, sizeof(EVERY_TEXT) - 1 + n}, BRIO_TYPE(Every)));
}
