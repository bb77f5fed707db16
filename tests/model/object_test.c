/* SPDX-License-Identifier: MIT
 *
 * JSON made by hand: every kind of value, spreads, and what is left out. */
#include "json_support.h"

#include "model/model_internal.h"

#include <brio/object.h>

typedef struct Pair {
    int64_t a;
    brio_str *b;
} Pair;

BRIO_MODEL(Pair, BRIO_FIELD(a), BRIO_FIELD(b));

static void check_text(brio_arena *arena, brio_json value, const char *want)
{
    CHECK_STR(brio_json_text(arena, &value), want);
}

TEST(object_of_every_scalar)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str s = BRIO_S("s"), *no_str = NULL;
    int64_t i = -5, *no_int = NULL;
    double d = 1.5;
    bool yes = true;
    brio_json value = BRIO_JSON_OBJECT(&arena, "yes", yes, "i", i, "n", 7, "big", UINT64_MAX, "d",
                                       d, "f", 0.5f, "c", "text", "s", s, "pi", &i, "ps", &s, "ni",
                                       no_int, "ns", no_str, "pd", &d, "pb", &yes);
    check_text(&arena, value,
               "{\"yes\":true,\"i\":-5,\"n\":7,\"big\":18446744073709551615,\"d\":1.5,\"f\":0.5,"
               "\"c\":\"text\",\"s\":\"s\",\"pi\":-5,\"ps\":\"s\",\"ni\":null,\"ns\":null,"
               "\"pd\":1.5,\"pb\":true}");
    brio_arena_fini(&arena);
}

TEST(objects_lists_and_models_nest)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str tags[] = {BRIO_S("x"), BRIO_S("y")};
    brio_str_list list = {tags, 2};
    Pair pair = {1, &tags[0]};
    const Pair *none = NULL;
    brio_json value = BRIO_JSON_OBJECT(
        &arena, "tags", list, "pair", BRIO_AS(Pair, &pair), "none", BRIO_AS(Pair, none), "in",
        BRIO_JSON_OBJECT(&arena, "a",
                         BRIO_JSON_ARRAY(&arena, 1, "two", BRIO_JSON({"three": [3]}))));
    check_text(&arena, value,
               "{\"tags\":[\"x\",\"y\"],\"pair\":{\"a\":1,\"b\":\"x\"},\"none\":null,"
               "\"in\":{\"a\":[1,\"two\",{\"three\":[3]}]}}");
    brio_arena_fini(&arena);
}

TEST(what_is_not_there_is_left_out)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str q = BRIO_S("q"), empty = BRIO_S(""), *none = NULL;
    brio_str_list no_items = {NULL, 0};
    const Pair *no_pair = NULL;
    brio_json value =
        BRIO_JSON_OBJECT(&arena, "q", BRIO_SOME(&q), "e", BRIO_SOME(&empty), "n", BRIO_SOME(none),
                         "l", BRIO_SOME(&no_items), "p", BRIO_SOME(BRIO_AS(Pair, no_pair)));
    check_text(&arena, value, "{\"q\":\"q\"}");
    brio_arena_fini(&arena);
}

TEST(spread_and_set_keep_places_as_a_dict_does)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Pair pair = {1, NULL};
    brio_json value =
        BRIO_JSON_OBJECT(&arena, "a", "first", BRIO_SPREAD, BRIO_AS(Pair, &pair), "c", 3);
    check_text(&arena, value, "{\"a\":1,\"b\":null,\"c\":3}");
    brio_json_set(&arena, &value, "b", brio_json_from_int(2));
    brio_json_set(&arena, &value, "d", brio_json_from_int(4));
    check_text(&arena, value, "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}");
    brio_json text = BRIO_JSON({"a": {"b": " \" c\\"}});
    brio_json_set(&arena, &text, "z", BRIO_JSON(null));
    check_text(&arena, text, "{\"a\":{\"b\":\" \\\" c\\\\\"},\"z\":null}");
    brio_arena_fini(&arena);
}

TEST(text_of_the_source_loses_its_blanks_but_not_those_of_strings)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    check_text(&arena, BRIO_JSON({"message": "Hello World", "n": [1, 2.5, true, null]}),
                                  "{\"message\":\"Hello World\",\"n\":[1,2.5,true,null]}");
    CHECK_STR(brio_str_from(BRIO_JSON_TEXT(["a b", 1])), "[\"a b\", 1]");
    CHECK(brio_json_read(&arena, BRIO_JSON([1)).type == BRIO_JSON_NULL); brio_arena_fini(&arena);
}

TEST(a_model_from_json_of_the_program)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    Pair pair;
    brio_json good = BRIO_JSON({"a": "5"}), bad = BRIO_JSON({"b": "x"});
    CHECK_OK(brio_from_json(&arena, BRIO_TYPE(Pair), &good, &pair));
    CHECK_INT(pair.a, 5);
    CHECK(!pair.b);
    CHECK_INT(brio_from_json(&arena, BRIO_TYPE(Pair), &bad, &pair), BRIO_EMODEL);
    CHECK_INT(brio_from_json(&arena, BRIO_TYPE(Pair), NULL, &pair), BRIO_EMODEL);
    brio_problems problems = {.arena = &arena};
    brio_json empty = brio_json_read(&arena, BRIO_JSON({}));
    CHECK_INT(brio_decode_value(&empty, BRIO_TYPE(Pair), &pair, NULL, &problems), BRIO_EINVALID);
    check_text(&arena, brio_problems_json(&problems),
               "[{\"type\":\"missing\",\"loc\":[\"a\"],\"msg\":\"Field required\",\"input\":{}}]");
    brio_arena_fini(&arena);
}
