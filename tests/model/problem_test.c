/* SPDX-License-Identifier: MIT
 *
 * The list of problems: order, limit, what is copied and what is shared, and
 * its two texts. */
#include "harness/test.h"
#include "model/model_internal.h"

static brio_arena arena;
static brio_problems problems;

static void begin(void)
{
    brio_arena_init(&arena, 0);
    problems = (brio_problems){.arena = &arena};
}

static void add(const brio_loc *loc, brio_json input, const char *ctx)
{
    brio_problem_add(&problems, "int_type", loc, input, BRIO_S("Input should be a valid integer"),
                     brio_str_from(ctx));
}

static brio_str written(void)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_problems_write(&w, &problems);
    CHECK(!buf.failed);
    brio_str text = brio_str_copy(&arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    return text;
}

TEST(problems_write_members_in_fastapis_order)
{
    begin();
    brio_loc root = {.name = BRIO_S("body")}, items = {.up = &root, .name = BRIO_S("it\"ems")};
    brio_loc second = {.up = &items, .index = 2, .is_index = true};
    add(&second, brio_json_from_str(BRIO_S("x")), "{\"gt\":0}");
    add(&root, (brio_json){0}, "");
    CHECK_STR(written(), "[{\"type\":\"int_type\",\"loc\":[\"body\",\"it\\\"ems\",2],"
                         "\"msg\":\"Input should be a valid integer\",\"input\":\"x\","
                         "\"ctx\":{\"gt\":0}},"
                         "{\"type\":\"int_type\",\"loc\":[\"body\"],"
                         "\"msg\":\"Input should be a valid integer\",\"input\":null}]");
    brio_arena_fini(&arena);
}

TEST(problems_of_none_are_an_empty_list)
{
    begin();
    CHECK_STR(written(), "[]");
    add(NULL, (brio_json){0}, "");
    CHECK_STR(written(), "[{\"type\":\"int_type\",\"loc\":[],"
                         "\"msg\":\"Input should be a valid integer\",\"input\":null}]");
    brio_arena_fini(&arena);
}

TEST(problem_locations_outlive_the_stack)
{
    begin();
    {
        brio_loc root = {.name = BRIO_S("query")}, q = {.up = &root, .name = BRIO_S("q")};
        add(&q, (brio_json){0}, "");
        memset(&root, 0xA5, sizeof root);
        memset(&q, 0xA5, sizeof q);
    }
    CHECK_STR(brio_problem_text(&arena, problems.first),
              "query.q: Input should be a valid integer");
    brio_arena_fini(&arena);
}

TEST(problem_text_has_indexes_in_brackets)
{
    begin();
    brio_loc root = {.name = BRIO_S("body")};
    brio_loc at = {.up = &root, .index = 7, .is_index = true};
    brio_loc name = {.up = &at, .name = BRIO_S("price")};
    add(&name, (brio_json){0}, "");
    CHECK_STR(brio_problem_text(&arena, problems.first),
              "body[7].price: Input should be a valid integer");
    add(NULL, (brio_json){0}, "");
    CHECK_STR(brio_problem_text(&arena, problems.last), "Input should be a valid integer");
    brio_arena_fini(&arena);
}

TEST(problems_beyond_the_limit_are_counted)
{
    begin();
    problems.limit = 2;
    for (int i = 0; i < 5; i++) {
        brio_loc loc = {.index = i, .is_index = true};
        add(&loc, (brio_json){0}, "");
    }
    CHECK_INT(problems.count, 5);
    CHECK_INT(problems.first->loc->index, 0);
    CHECK_INT(problems.first->next->loc->index, 1);
    CHECK(problems.first->next == problems.last);
    CHECK(!problems.last->next);
    brio_arena_fini(&arena);
}

TEST(problems_default_limit_is_a_thousand)
{
    begin();
    for (int i = 0; i < 100 * 1000; i++)
        add(NULL, (brio_json){0}, "");
    size_t kept = 0;
    for (const brio_problem *p = problems.first; p; p = p->next)
        kept++;
    CHECK_INT(kept, 1000);
    CHECK_INT(problems.count, 100 * 1000);
    brio_arena_fini(&arena);
}

/* ---- Sharing of locations ------------------------------------------------------ */

TEST(problem_locations_share_their_outer_steps)
{
    begin();
    brio_loc root = {.name = BRIO_S("body")}, list = {.up = &root, .name = BRIO_S("list")};
    brio_loc one = {.up = &list, .index = 1, .is_index = true};
    brio_loc two = {.up = &list, .index = 2, .is_index = true};
    brio_loc deep = {.up = &two, .name = BRIO_S("deep")};
    add(&one, (brio_json){0}, "");
    add(&two, (brio_json){0}, "");
    const brio_loc *first = problems.first->loc, *second = problems.last->loc;
    CHECK(first != second);
    CHECK(first->up == second->up);
    add(&deep, (brio_json){0}, "");
    CHECK(problems.last->loc->up == second);
    add(&two, (brio_json){0}, "");
    CHECK(problems.last->loc == second);
    add(&root, (brio_json){0}, "");
    CHECK(problems.last->loc == first->up->up);
    brio_arena_fini(&arena);
}

TEST(problem_locations_differ_by_kind_of_step)
{
    begin();
    brio_loc index = {.index = 0, .is_index = true}, name = {.name = BRIO_S("")};
    add(&index, (brio_json){0}, "");
    add(&name, (brio_json){0}, "");
    CHECK(problems.first->loc != problems.last->loc);
    brio_loc other_root = {.name = BRIO_S("query")}, x = {.up = &other_root, .name = BRIO_S("")};
    add(&x, (brio_json){0}, "");
    CHECK(problems.last->loc->up != problems.first->next->loc);
    CHECK_STR(problems.last->loc->up->name, "query");
    brio_arena_fini(&arena);
}

enum { DEPTH = 128 };

TEST(problem_locations_of_one_deep_place_cost_one_step_each)
{
    begin();
    brio_loc chain[DEPTH] = {{.name = BRIO_S("body")}};
    for (int i = 1; i < DEPTH; i++)
        chain[i] = (brio_loc){.up = &chain[i - 1], .index = i, .is_index = true};
    add(&chain[DEPTH - 1], (brio_json){0}, "");
    size_t before = arena.reserved;
    for (int i = 0; i < 500; i++) {
        brio_loc leaf = {.up = &chain[DEPTH - 1], .index = i, .is_index = true};
        add(&leaf, (brio_json){0}, "");
    }
    CHECK(arena.reserved - before < 500 * 2 * (sizeof(brio_problem) + sizeof(brio_loc)) + 131072);
    size_t depth = 0;
    for (const brio_loc *loc = problems.last->loc; loc; loc = loc->up)
        depth++;
    CHECK_INT(depth, DEPTH + 1);
    brio_arena_fini(&arena);
}

TEST(problems_stop_writing_into_a_full_buffer)
{
    begin();
    for (int i = 0; i < 10; i++)
        add(NULL, (brio_json){0}, "");
    char storage[64];
    brio_buf small = brio_buf_over(storage, sizeof storage);
    brio_json_writer w = {.out = &small};
    brio_problems_write(&w, &problems);
    CHECK(small.failed);
    CHECK(small.len <= sizeof storage);
    brio_arena_fini(&arena);
}
