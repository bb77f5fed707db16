/* SPDX-License-Identifier: MIT
 *
 * Mistakes in tables of sets, unions, dicts and literals, and in the marks of
 * a struct: each is found when the model is checked. */
#include "shape_models.h"

static void check_says(const brio_model *model, const char *want)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str why = {0};
    CHECK_INT(brio_model_check(model, &arena, &why), *want ? -22 : 0);
    CHECK_STR(why, want);
    brio_arena_fini(&arena);
}

typedef struct Wrong {
    brio_str s;
    int64_t i;
    brio_i64_list ints;
    brio_json json;
    brio_fields_set set;
    brio_date day;
} Wrong;

#define WRONG(id, want, ...)                                                                       \
    BRIO_ROWS_MODEL_(id, BRIO_KIND_STRUCT, (.name = "Wrong"), __VA_ARGS__);                        \
    TEST(check_##id)                                                                               \
    {                                                                                              \
        check_says(BRIO_TYPE(id), want);                                                           \
    }
#define WRONG_ROWS(id, want, ...)                                                                  \
    typedef Wrong id;                                                                              \
    WRONG(id, want, __VA_ARGS__)

WRONG_ROWS(set_of_a_scalar, "model Wrong.i: only a list can be a set or tuple",
           BRIO_FIELD(i, .as = BRIO_SET))
WRONG_ROWS(literal_of_another_type,
           "model Wrong.i: literal: Input should be a valid integer, "
           "unable to parse string as an integer",
           BRIO_FIELD(i, .literal = "[1,\"x\"]"))
WRONG_ROWS(literal_that_is_no_array, "model Wrong.s: literal is not a JSON array of values",
           BRIO_FIELD(s, .literal = "\"a\""))
WRONG_ROWS(default_beside_the_literal, "model Wrong.s: default: Input should be 'a'",
           BRIO_FIELD(s, .literal = "[\"a\"]", .def = "\"b\""))
WRONG_ROWS(extras_not_allowed, "model Wrong: BRIO_EXTRAS needs .extra = BRIO_EXTRA_ALLOW",
           BRIO_FIELD(i), BRIO_EXTRAS(json))
WRONG_ROWS(two_sets, "model Wrong: more than one BRIO_FIELDS_SET or BRIO_EXTRAS",
           BRIO_FIELDS_SET(set), BRIO_FIELDS_SET(set))
WRONG_ROWS(schema_extra_of_another_shape, "model Wrong.i: schema_extra is not a JSON object",
           BRIO_FIELD(i, .schema_extra = "[]"))
WRONG_ROWS(text_bound_that_is_no_date,
           "model Wrong.day: ge_text '2020-13-01': Input should be a valid date or datetime, "
           "month value is outside expected range of 1-12",
           BRIO_FIELD(day, .ge_text = "2020-13-01"))
WRONG_ROWS(text_bound_of_a_number,
           "model Wrong.i: a bound as text needs a date, a time, a duration or a decimal",
           BRIO_FIELD(i, .le_text = "5"))
WRONG_ROWS(computed_by_nobody, "model Wrong.c: a computed field needs a function", BRIO_FIELD(i),
           BRIO_COMPUTED(c, int64_t, NULL))

typedef struct Untagged {
    int which;
    union {
        Cat cat;
        Part part;
    };
} Untagged;
BRIO_UNION(Untagged, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(cat, Cat),
           BRIO_CASE(part, Part));
TEST(check_case_without_a_tag)
{
    check_says(BRIO_TYPE(Untagged),
               "model Untagged.part: the case needs a field 'kind' with a literal of strings or "
               "integers");
}

typedef struct Twice {
    int which;
    union {
        Cat cat, lion;
    };
} Twice;
BRIO_UNION(Twice, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(cat, Cat), BRIO_CASE(lion, Cat));
TEST(check_two_cases_of_one_tag)
{
    check_says(BRIO_TYPE(Twice), "model Twice: two cases have the same tag");
}

BRIO_LIST_AS(Part_set, BRIO_SET, Part);
BRIO_DICT(By_part, Part, int64_t);
typedef struct Holders {
    Part_set parts;
    By_part by_part;
} Holders;
BRIO_MODEL(Holders, BRIO_FIELD_AS(parts, Part_set));
typedef struct Keyed {
    By_part by_part;
} Keyed;
BRIO_MODEL(Keyed, BRIO_FIELD_AS(by_part, By_part));
TEST(check_what_cannot_be_distinct)
{
    check_says(BRIO_TYPE(Holders), "model Holders.parts: a set's items must be scalars, tuples of "
                                   "them or unions of them");
    check_says(BRIO_TYPE(Keyed), "model By_part: a key must be a scalar");
}

typedef enum Same { FIRST, SECOND = 0 } Same;
BRIO_INT_ENUM(Same, FIRST, SECOND);
TEST(check_int_enum_of_equal_values)
{
    check_says(BRIO_TYPE(Same), "model Same: two enum values are the same");
}
