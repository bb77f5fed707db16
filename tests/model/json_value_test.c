/* SPDX-License-Identifier: MIT
 *
 * Looking up and comparing dynamic values. */
#include "json_support.h"

static brio_json parse(brio_arena *arena, const char *text)
{
    brio_json value;
    CHECK_OK(brio_json_parse(arena, brio_str_from(text), NULL, &value, NULL));
    return value;
}

static bool equal(const char *a, const char *b)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json left = parse(&arena, a), right = parse(&arena, b);
    bool one = brio_json_equal(&left, &right), other = brio_json_equal(&right, &left);
    CHECK_INT(one, other);
    brio_arena_fini(&arena);
    return one;
}

TEST(get_finds_members_of_objects_only)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json object = parse(&arena, "{\"a\":1,\"b\":{\"c\":2},\"a\":3}");
    CHECK_INT(brio_json_get(&object, BRIO_S("a"))->integer, 3);
    CHECK_INT(brio_json_get(brio_json_get(&object, BRIO_S("b")), BRIO_S("c"))->integer, 2);
    CHECK(!brio_json_get(&object, BRIO_S("x")));
    CHECK(!brio_json_get(brio_json_get(&object, BRIO_S("a")), BRIO_S("a")));
    brio_json array = parse(&arena, "[\"a\"]");
    CHECK(!brio_json_get(&array, BRIO_S("a")));
    brio_arena_fini(&arena);
}

TEST(numbers_are_equal_by_value)
{
    CHECK(equal("1", "1.0"));
    CHECK(equal("0", "-0.0"));
    CHECK(!equal("1", "1.5"));
    CHECK(!equal("9007199254740993", "9007199254740992.0"));
    CHECK(equal("9007199254740992", "9007199254740992.0"));
    CHECK(!equal("9223372036854775807", "9223372036854775808.0"));
    CHECK(equal("9223372036854775808", "9223372036854775808.0"));
    CHECK(equal("-9223372036854775808", "-9223372036854775808.0"));
    CHECK(!equal("9223372036854775809", "9223372036854775808.0"));
    CHECK(equal("100000000000000000000", "1e20"));
    CHECK(!equal("100000000000000000001", "100000000000000000000"));
    CHECK(!equal("1e999", "123456789012345678901"));
    CHECK(!equal("NaN", "NaN"));
    CHECK(equal("Infinity", "1e999"));
    CHECK(!equal("1", "true"));
    CHECK(!equal("0", "null"));
}

TEST(objects_are_sets_and_arrays_are_not)
{
    CHECK(equal("{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1}"));
    CHECK(!equal("{\"a\":1}", "{\"a\":1,\"b\":2}"));
    CHECK(!equal("{\"a\":1,\"c\":2}", "{\"a\":1,\"b\":2}"));
    CHECK(!equal("[1,2]", "[2,1]"));
    CHECK(!equal("[1]", "[1,1]"));
    CHECK(equal("[]", "[]"));
    CHECK(!equal("[]", "{}"));
    CHECK(equal("\"\\u0061\"", "\"a\""));
    CHECK(!equal("\"a\"", "\"b\""));
    CHECK(equal("null", "null"));
    CHECK(equal("true", "true"));
    CHECK(!equal("true", "false"));
}
