/* SPDX-License-Identifier: MIT
 *
 * Hostile shapes: unions inside unions, sets and dicts of many equal items,
 * errors of every case; and values that a union, a dict or a tuple may hold
 * but must not be written. */
#include "shape_models.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Fork {
    int which;
    union {
        struct Left *left;
        struct Right *right;
    };
} Fork;
typedef struct Left {
    Fork *next;
    int64_t *value;
} Left;
typedef struct Right {
    Fork *next;
    brio_str *value;
} Right;
static inline const brio_model *Left_model(void);
static inline const brio_model *Right_model(void);
BRIO_UNION(Fork, BRIO_CASE(left, Left), BRIO_CASE(right, Right));
BRIO_MODEL(Left, BRIO_FIELD_AS(next, Fork), BRIO_FIELD(value));
BRIO_MODEL(Right, BRIO_FIELD_AS(next, Fork), BRIO_FIELD(value));

static brio_arena arena;
static brio_problems problems;

static int decode(brio_str text, const brio_model *model, void *out)
{
    brio_arena_init(&arena, 256 << 20);
    problems = (brio_problems){.arena = &arena};
    return brio_decode(text, model, out, NULL, &problems);
}

/* {"next":{"next":...{"value":X}...}}, `depth` brackets. */
static char *nested(size_t depth, const char *value)
{
    size_t cap = depth * 10 + 64, n = 0;
    char *text = malloc(cap);
    CHECK(text);
    for (size_t i = 1; i < depth; i++)
        n += (size_t)snprintf(text + n, cap - n, "{\"next\":");
    n += (size_t)snprintf(text + n, cap - n, "{\"value\":%s}", value);
    for (size_t i = 1; i < depth; i++)
        text[n++] = '}';
    text[n] = '\0';
    return text;
}

TEST(unions_inside_unions_find_their_case)
{
    Fork fork;
    char *text = nested(3, "\"x\"");
    CHECK_OK(decode(brio_str_from(text), BRIO_TYPE(Fork), &fork));
    CHECK_INT(fork.which, 0);
    CHECK_INT(fork.left->next->which, 0);
    CHECK_INT(fork.left->next->left->next->which, 1);
    CHECK_STR(*fork.left->next->left->next->right->value, "x");
    brio_arena_fini(&arena);
    free(text);
}

/* Every level doubles the work: without a bound this would never end. */
TEST(unions_inside_unions_are_bounded)
{
    Fork fork;
    char *text = nested(120, "[]");
    CHECK_INT(decode(brio_str_from(text), BRIO_TYPE(Fork), &fork), BRIO_EINVALID);
    CHECK_INT(problems.count, 1);
    CHECK_STR(brio_str_from(problems.first->type), "union_too_complex");
    brio_arena_fini(&arena);
    free(text);
}

/* `n` items between brackets. */
static char *repeated(const char *open, const char *item, size_t n, const char *close)
{
    size_t length = strlen(item), at = strlen(open);
    char *text = malloc(at + n * (length + 1) + strlen(close) + 1);
    CHECK(text);
    memcpy(text, open, at);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + at, item, length);
        at += length;
        text[at++] = ',';
    }
    memcpy(text + at - 1, close, strlen(close) + 1);
    return text;
}

TEST(sets_of_many_equal_items_are_small)
{
    I64_set set;
    char *text = repeated("[", "7", 200000, "]");
    CHECK_OK(decode(brio_str_from(text), BRIO_TYPE(I64_set), &set));
    CHECK_INT(set.len, 1);
    CHECK_INT(set.items[0], 7);
    brio_arena_fini(&arena);
    free(text);
}

TEST(sets_keep_the_order_of_first_items)
{
    I64_set set;
    CHECK_OK(decode(BRIO_S("[3,1,3,2,1,\"4\",-5]"), BRIO_TYPE(I64_set), &set));
    const int64_t want[] = {3, 1, 2, 4, -5};
    CHECK_INT(set.len, 5);
    CHECK(memcmp(set.items, want, sizeof want) == 0);
    brio_arena_fini(&arena);
}

BRIO_LIST_AS(F64_set, BRIO_SET, double);
BRIO_LIST_AS(IntStr_set, BRIO_SET, IntStr);

TEST(sets_compare_as_python_does)
{
    F64_set floats;
    CHECK_OK(decode(BRIO_S("[0.0,-0.0,1,1.0,NaN,NaN]"), BRIO_TYPE(F64_set), &floats));
    CHECK_INT(floats.len, 4);
    brio_arena_fini(&arena);
    IntStr_set mixed;
    CHECK_OK(decode(BRIO_S("[1,\"1\",1,\"1\",2]"), BRIO_TYPE(IntStr_set), &mixed));
    CHECK_INT(mixed.len, 3);
    brio_arena_fini(&arena);
}

TEST(errors_of_all_cases_stay_within_the_limit)
{
    IntStr_list list;
    char *text = repeated("[", "[]", 5000, "]");
    CHECK_INT(decode(brio_str_from(text), BRIO_TYPE(IntStr_list), &list), BRIO_EINVALID);
    CHECK_INT(problems.count, 10000);
    size_t kept = 0;
    for (const brio_problem *p = problems.first; p; p = p->next)
        kept++;
    CHECK_INT(kept, 1000);
    brio_arena_fini(&arena);
    free(text);
}

/* A case that fits after others failed takes their complaints back. */
TEST(complaints_of_other_cases_are_forgotten)
{
    Owner owner;
    Nested value;
    CHECK_OK(decode(BRIO_S("{\"a\":1}"), BRIO_TYPE(Nested), &value));
    CHECK_INT(problems.count, 0);
    CHECK(!problems.first);
    CHECK_INT(value.which, 1);
    CHECK_INT(value.part.a, 1);
    brio_arena_fini(&arena);
    CHECK_INT(decode(BRIO_S("{\"name\":1,\"pets\":[{\"kind\":\"dog\",\"barks\":1},{}]}"),
                     BRIO_TYPE(Owner), &owner),
              BRIO_EINVALID);
    CHECK_INT(problems.count, 2);
    CHECK_STR(brio_str_from(problems.last->type), "union_tag_not_found");
    brio_arena_fini(&arena);
}

static int encode_fails(const brio_model *model, const void *value, const char **why)
{
    brio_buf buf = {0};
    int rc = brio_encode(&buf, model, value, why);
    CHECK_INT(buf.len, 0);
    brio_buf_fini(&buf);
    return rc;
}

TEST(shapes_that_cannot_be_written)
{
    const char *why = NULL;
    CatDog neither = {.which = 2};
    CHECK_INT(encode_fails(BRIO_TYPE(CatDog), &neither, &why), BRIO_EMODEL);
    CHECK_STR(brio_str_from(why), "a union has no such case");
    Counts_entry entry = {BRIO_S("\xFF"), 1};
    Counts counts = {&entry, 1};
    CHECK_INT(encode_fails(BRIO_TYPE(Counts), &counts, &why), BRIO_EMODEL);
    Level level = (Level)4;
    CHECK_INT(encode_fails(BRIO_TYPE(Level), &level, &why), BRIO_EMODEL);
}

TEST(shapes_are_written_and_read_again)
{
    static const char text[] =
        "{\"counts\":{\"a\\\"\":1},\"weights\":{\"-1\":2.5,\"7\":0.0},\"pair\":[1,\"x\"],"
        "\"some\":[1,2],\"data\":null}";
    Bag bag;
    CHECK_OK(decode(brio_str_from(text), BRIO_TYPE(Bag), &bag));
    brio_buf buf = {0};
    CHECK_OK(brio_encode(&buf, BRIO_TYPE(Bag), &bag, NULL));
    CHECK_STR(brio_buf_str(&buf), text);
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
    Parts_by_color parts;
    CHECK_OK(decode(BRIO_S("{\"red\":{\"a\":1},\"blue\":{\"a\":2}}"), BRIO_TYPE(Parts_by_color),
                    &parts));
    buf = (brio_buf){0};
    CHECK_OK(brio_encode(&buf, BRIO_TYPE(Parts_by_color), &parts, NULL));
    CHECK_STR(brio_buf_str(&buf), "{\"red\":{\"a\":1},\"blue\":{\"a\":2}}");
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
}
