/* SPDX-License-Identifier: MIT
 *
 * brio_decode as a whole: which road is taken does not show, and what is not
 * JSON is reported as FastAPI does. */
#include "json_support.h"

static int decode(brio_arena *arena, brio_str text, void *out, brio_problems *problems)
{
    static const brio_loc body = {.name = BRIO_S_INIT("body")};
    *problems = (brio_problems){.arena = arena};
    return brio_decode(text, BRIO_TYPE(Leaf), out, &body, problems);
}

static void check_problems(brio_str text, int want_rc, const char *want)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems;
    Leaf leaf;
    brio_str exact = json_exact(text);
    CHECK_INT(decode(&arena, exact, &leaf, &problems), want_rc);
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_problems_write(&w, &problems);
    CHECK_STR(brio_buf_str(&buf), want);
    brio_buf_fini(&buf);
    json_exact_free(exact);
    brio_arena_fini(&arena);
}

TEST(text_that_is_not_json_is_reported_as_fastapi_does)
{
    check_problems(BRIO_S("{\"id\":1,}"), BRIO_EINVALID,
                   "[{\"type\":\"json_invalid\",\"loc\":[\"body\",8],\"msg\":\"JSON decode error\","
                   "\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double "
                   "quotes\"}}]");
    check_problems(
        BRIO_S("{\"id\":\"\xC3\xA9\" x}"), BRIO_EINVALID,
        "[{\"type\":\"json_invalid\",\"loc\":[\"body\",10],\"msg\":\"JSON decode error\","
        "\"input\":{},\"ctx\":{\"error\":\"Expecting ',' delimiter\"}}]");
    check_problems(BRIO_S("\"\\x\""), BRIO_EINVALID,
                   "[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\","
                   "\"input\":{},\"ctx\":{\"error\":\"Invalid \\\\escape\"}}]");
    check_problems((brio_str){0}, BRIO_EINVALID,
                   "[{\"type\":\"json_invalid\",\"loc\":[\"body\",0],\"msg\":\"JSON decode error\","
                   "\"input\":{},\"ctx\":{\"error\":\"Expecting value\"}}]");
}

TEST(bytes_that_are_not_utf8_are_a_syntax_error)
{
    check_problems(BRIO_S("{\"id\":1,\"note\":\"\xFF\"}"), BRIO_ESYNTAX, "[]");
    check_problems(BRIO_S("\xFF\xFE{}"), BRIO_ESYNTAX, "[]");
}

TEST(limits_of_the_parser_are_a_syntax_error)
{
    char text[512];
    memset(text, '[', sizeof(text));
    check_problems((brio_str){text, sizeof(text)}, BRIO_ESYNTAX, "[]");
}

TEST(a_byte_order_mark_is_skipped)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems;
    Leaf leaf;
    CHECK_OK(decode(&arena, BRIO_S("\xEF\xBB\xBF{\"id\":4}"), &leaf, &problems));
    CHECK_INT(leaf.id, 4);
    brio_arena_fini(&arena);
    check_problems(BRIO_S("\xEF\xBB\xBF{"), BRIO_EINVALID,
                   "[{\"type\":\"json_invalid\",\"loc\":[\"body\",1],\"msg\":\"JSON decode error\","
                   "\"input\":{},\"ctx\":{\"error\":\"Expecting property name enclosed in double "
                   "quotes\"}}]");
}

TEST(what_needs_coercion_takes_the_long_road)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems;
    Leaf leaf;
    CHECK_OK(decode(&arena, BRIO_S("{\"id\":\" 12 \",\"note\":\"x\"}"), &leaf, &problems));
    CHECK_INT(leaf.id, 12);
    CHECK_OK(decode(&arena, BRIO_S("{\"id\":1.0}"), &leaf, &problems));
    CHECK_INT(leaf.id, 1);
    CHECK(!leaf.note);
    CHECK_OK(decode(&arena, BRIO_S("{\"id\":1,\"id\":2}"), &leaf, &problems));
    CHECK_INT(leaf.id, 2);
    brio_arena_fini(&arena);
}

TEST(values_that_do_not_fit_are_the_validators)
{
    check_problems(BRIO_S("{\"note\":\"x\"}"), BRIO_EINVALID,
                   "[{\"type\":\"missing\",\"loc\":[\"body\",\"id\"],\"msg\":\"Field required\","
                   "\"input\":{\"note\":\"x\"}}]");
}
