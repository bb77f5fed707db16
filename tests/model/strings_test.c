/* SPDX-License-Identifier: MIT
 *
 * Fields from the texts of parameters: which of several counts, lists, absence
 * and what the problems look like. */
#include "vector_models.h"

typedef struct Query {
    int64_t id;
    int64_t *maybe;
    brio_str_list tags;
    brio_i64_list *ids;
    bool flag;
    Color color;
    brio_json any;
    Sub sub;
} Query;
BRIO_MODEL(Query, BRIO_QUERY(id, .ge = BRIO_NUM(1)), BRIO_QUERY(maybe),
           BRIO_QUERY(tags, .def = "[]", .max_length = 3), BRIO_QUERY(ids),
           BRIO_QUERY(flag, .def = "true"), BRIO_QUERY_AS(color, Color), BRIO_QUERY(any),
           BRIO_QUERY_AS(sub, Sub));

enum { ID, MAYBE, TAGS, IDS, FLAG, COLOR, ANY, SUB };

static brio_arena arena;
static brio_problems problems;
static Query query;

static int decode(size_t row, size_t n, const brio_str *values)
{
    brio_arena_fini(&arena);
    brio_arena_init(&arena, 0);
    problems = (brio_problems){.arena = &arena};
    memset(&query, 0xA5, sizeof query);
    brio_loc root = {.name = BRIO_S("query")};
    brio_loc loc = {.up = &root, .name = brio_field_wire_name(BRIO_TYPE(Query), row)};
    return brio_decode_strings(values, n, &BRIO_TYPE(Query)->fields[row], &query, &loc, &problems);
}

static brio_str problem(void)
{
    CHECK_INT(problems.count, 1);
    return brio_problem_text(&arena, problems.first);
}

TEST(strings_scalar_takes_the_last)
{
    const brio_str values[] = {BRIO_S("x"), BRIO_S(" 7 ")};
    CHECK_OK(decode(ID, 2, values));
    CHECK_INT(query.id, 7);
    const brio_str reversed[] = {BRIO_S("7"), BRIO_S("x")};
    CHECK_INT(decode(ID, 2, reversed), BRIO_EINVALID);
    CHECK_STR(problems.first->input.str, "x");
}

TEST(strings_list_takes_all)
{
    const brio_str values[] = {BRIO_S("a"), BRIO_S(""), BRIO_S("c")};
    CHECK_OK(decode(TAGS, 3, values));
    CHECK_INT(query.tags.len, 3);
    CHECK_STR(query.tags.items[0], "a");
    CHECK_STR(query.tags.items[1], "");
    const brio_str numbers[] = {BRIO_S("1"), BRIO_S("x"), BRIO_S("3")};
    CHECK_INT(decode(IDS, 3, numbers), BRIO_EINVALID);
    CHECK_STR(problem(), "query.ids[1]: Input should be a valid integer, unable to parse string as "
                         "an integer");
}

TEST(strings_list_shows_all_texts_when_too_long)
{
    const brio_str values[] = {BRIO_S("a"), BRIO_S("b"), BRIO_S("c"), BRIO_S("d")};
    CHECK_INT(decode(TAGS, 4, values), BRIO_EINVALID);
    CHECK_STR(brio_json_text(&arena, &problems.first->input), "[\"a\",\"b\",\"c\",\"d\"]");
}

TEST(strings_absent)
{
    CHECK_INT(decode(ID, 0, NULL), BRIO_EINVALID);
    CHECK_STR(problem(), "query.id: Field required");
    CHECK_INT(problems.first->input.type, BRIO_JSON_NULL);
    CHECK_OK(decode(MAYBE, 0, NULL));
    CHECK(!query.maybe);
    CHECK_OK(decode(TAGS, 0, NULL));
    CHECK_INT(query.tags.len, 0);
    CHECK_OK(decode(IDS, 0, NULL));
    CHECK(!query.ids);
    CHECK_OK(decode(FLAG, 0, NULL));
    CHECK(query.flag);
}

TEST(strings_empty_is_not_absent)
{
    const brio_str empty[] = {BRIO_S("")};
    CHECK_INT(decode(MAYBE, 1, empty), BRIO_EINVALID);
    CHECK_STR(brio_str_from(problems.first->type), "int_parsing");
    CHECK_OK(decode(TAGS, 1, empty));
    CHECK_INT(query.tags.len, 1);
}

TEST(strings_null_is_a_text)
{
    const brio_str null[] = {BRIO_S("null")};
    CHECK_INT(decode(MAYBE, 1, null), BRIO_EINVALID);
    CHECK_OK(decode(ANY, 1, null));
    CHECK_INT(query.any.type, BRIO_JSON_STR);
    CHECK_STR(query.any.str, "null");
}

TEST(strings_enum_by_name)
{
    const brio_str blue[] = {BRIO_S("blue")}, number[] = {BRIO_S("3")};
    CHECK_OK(decode(COLOR, 1, blue));
    CHECK_INT(query.color, BLUE);
    CHECK_INT(decode(COLOR, 1, number), BRIO_EINVALID);
    CHECK_STR(problem(), "query.color: Input should be 'red', 'green' or 'blue'");
}

TEST(strings_are_no_objects)
{
    const brio_str text[] = {BRIO_S("{\"a\":1}")};
    CHECK_INT(decode(SUB, 1, text), BRIO_EINVALID);
    CHECK_STR(brio_str_from(problems.first->type), "model_attributes_type");
}

TEST(strings_nullable_list_is_allocated)
{
    const brio_str values[] = {BRIO_S("5")};
    CHECK_OK(decode(IDS, 1, values));
    CHECK_INT(query.ids->len, 1);
    CHECK_INT(query.ids->items[0], 5);
}
