/* SPDX-License-Identifier: MIT
 *
 * Mistakes in tables: each is found when the model is checked, and told with
 * the model's and the member's name. */
#include "vector_models.h"

typedef struct Any {
    int64_t i;
    double d;
    brio_str s;
    brio_str *ns;
    brio_str_list list;
    Color color;
    bool b;
} Any;

/* The reason, or "" when the model passes. */
static brio_str why_not(const brio_model *model)
{
    static brio_arena arena;
    brio_arena_fini(&arena);
    brio_arena_init(&arena, 0);
    brio_str why = {0};
    int rc = brio_model_check(model, &arena, &why);
    CHECK_INT(rc, why.len ? -22 : 0);
    CHECK_INT(brio_model_check(model, &arena, NULL), rc);
    return why;
}

#define MISTAKE(id, want, ...)                                                                     \
    static const brio_model *id##_table(void)                                                      \
    {                                                                                              \
        typedef Any brio_self;                                                                     \
        static const brio_field rows[] = {__VA_ARGS__};                                            \
        static brio_model self = {.name = "Any",                                                   \
                                  .kind = BRIO_KIND_STRUCT,                                        \
                                  .size = sizeof(brio_self),                                       \
                                  .fields = rows,                                                  \
                                  .n = sizeof rows / sizeof *rows};                                \
        return &self;                                                                              \
    }                                                                                              \
    TEST(id)                                                                                       \
    {                                                                                              \
        CHECK_STR(why_not(id##_table()), want);                                                    \
    }

MISTAKE(check_passes_all_options, "",
        BRIO_FIELD(i, .gt = BRIO_NUM(-1), .le = BRIO_NUM(9223372036854775807), .def = "5",
                   .multiple_of = BRIO_NUM(5)),
        BRIO_FIELD(d, .ge = BRIO_NUM(0.5), .def = "1", .examples = "[1, 2.5]"),
        BRIO_FIELD(s, .min_length = 1, .max_length = 1, .def = "\"\xC3\xA9\""),
        BRIO_FIELD(ns, .def = "null", .max_length = 3),
        BRIO_FIELD(list, .def = "[\"a\"]", .min_length = 1),
        BRIO_FIELD_AS(color, Color, .def = "\"red\""), BRIO_FIELD(b, .def = "\"yes\""),
        BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID))

MISTAKE(check_bound_of_a_string, "model Any.s: a bound needs a number",
        BRIO_FIELD(s, .gt = BRIO_NUM(1)))
MISTAKE(check_bound_of_a_bool, "model Any.b: a bound needs a number",
        BRIO_FIELD(b, .le = BRIO_NUM(1)))
MISTAKE(check_fraction_of_an_integer, "model Any.i: a bound of an integer must be one",
        BRIO_FIELD(i, .ge = BRIO_NUM(0.5)))
MISTAKE(check_bound_beyond_64_bits, "model Any.i: a bound of an integer must have at most 64 bits",
        BRIO_FIELD(i, .ge = BRIO_NUM(1e300)))
MISTAKE(check_bound_without_its_macro, "model Any.i: a bound is written BRIO_NUM(1), not 1",
        BRIO_FIELD(i, .ge = {1}))
MISTAKE(check_infinite_bound, "model Any.d: a bound must be finite",
        BRIO_FIELD(d, .ge = {.set = true, .v = __builtin_inf()}))
MISTAKE(check_multiple_of_zero, "model Any.i: multiple_of must be greater than 0",
        BRIO_FIELD(i, .multiple_of = BRIO_NUM(0)))
MISTAKE(check_length_of_a_number, "model Any.d: a length needs a string or a list",
        BRIO_FIELD(d, .max_length = 3))
MISTAKE(check_lengths_crossed, "model Any.s: min_length is greater than max_length",
        BRIO_FIELD(s, .min_length = 4, .max_length = 3))
MISTAKE(check_pattern_of_a_list, "model Any.list: a pattern needs a string",
        BRIO_FIELD(list, .pattern = "a"))
MISTAKE(check_required_member, "model Any.s: required is for pointer members",
        BRIO_FIELD(s, .required = true))
MISTAKE(check_required_with_default, "model Any.ns: required and def contradict each other",
        BRIO_FIELD(ns, .required = true, .def = "null"))
MISTAKE(
    check_default_of_another_type,
    "model Any.i: default: Input should be a valid integer, unable to parse string as an integer",
    BRIO_FIELD(i, .def = "\"x\""))
MISTAKE(check_default_out_of_bounds, "model Any.i: default: Input should be greater than 0",
        BRIO_FIELD(i, .gt = BRIO_NUM(0), .def = "0"))
MISTAKE(check_default_that_is_not_json,
        "model Any.s: default: Invalid JSON: default (it is JSON text: a string is "
        "BRIO_JSON_TEXT(\"x\"))",
        BRIO_FIELD(s, .def = "bare"))
MISTAKE(check_default_null, "model Any.i: default: Input should be a valid integer",
        BRIO_FIELD(i, .def = "null"))
MISTAKE(check_default_inside_a_list, "model Any.list: default[1]: Input should be a valid string",
        BRIO_FIELD(list, .def = "[\"a\", 1]"))
MISTAKE(check_default_of_an_enum,
        "model Any.color: default: Input should be 'red', 'green' or 'blue'",
        BRIO_FIELD_AS(color, Color, .def = "\"pink\""))
MISTAKE(check_examples_not_a_list, "model Any.i: examples are not a JSON array",
        BRIO_FIELD(i, .examples = "1"))
MISTAKE(check_examples_not_json, "model Any: examples are not a JSON array",
        BRIO_CONFIG(.examples = "[1"))
MISTAKE(check_text_not_utf8, "model Any.i: a text is not UTF-8",
        BRIO_FIELD(i, .description = "\xFF"))
MISTAKE(check_config_text_not_utf8, "model Any: a text is not UTF-8",
        BRIO_CONFIG(.description = "\xFF"))
MISTAKE(check_tells_the_first_of_several, "model Any.s: a bound needs a number",
        BRIO_FIELD(s, .gt = BRIO_NUM(1), .required = true, .examples = "{}"),
        BRIO_FIELD(i, .def = "x"))
MISTAKE(check_two_of_one_name, "model Any.d: two fields have this name", BRIO_FIELD(i),
        BRIO_FIELD(d, .alias = "i"))
MISTAKE(check_one_name_in_two_places, "", BRIO_QUERY(i), BRIO_COOKIE(d, .alias = "i"))
MISTAKE(check_two_configs, "model Any: more than one BRIO_CONFIG", BRIO_CONFIG(.description = "a"),
        BRIO_CONFIG(.description = "b"))

TEST(check_pattern_that_does_not_compile)
{
    static const brio_field rows[] = {{.name = "s", .kind = BRIO_KIND_STR, .pattern = "("}};
    static brio_model self = {
        .name = "P", .kind = BRIO_KIND_STRUCT, .size = sizeof(brio_str), .fields = rows, .n = 1};
    CHECK(brio_str_starts(why_not(&self), BRIO_S("model P.s: pattern '(': ")));
}

TEST(check_too_many_fields)
{
    static char names[65][8];
    static brio_field rows[65];
    for (int i = 0; i < 65; i++) {
        names[i][0] = (char)('A' + i / 26);
        names[i][1] = (char)('a' + i % 26);
        rows[i] = (brio_field){.name = names[i], .kind = BRIO_KIND_BOOL, .offset = (size_t)i};
    }
    static brio_model self = {
        .name = "Wide", .kind = BRIO_KIND_STRUCT, .size = 65, .fields = rows, .n = 65};
    CHECK_STR(why_not(&self), "model Wide: more than 64 fields");
    self.n = 64;
    CHECK_STR(why_not(&self), "");
}

static const brio_model *Bad_model(void)
{
    static const brio_field rows[] = {{.name = "x", .kind = BRIO_KIND_BOOL, .def = "2"}};
    static brio_model self = {
        .name = "Bad", .kind = BRIO_KIND_STRUCT, .size = 1, .fields = rows, .n = 1};
    return &self;
}

TEST(check_reaches_models_inside)
{
    static const brio_field item[] = {{.name = "item", .model = Bad_model}};
    static brio_model list = {.name = "Bad_list",
                              .kind = BRIO_KIND_LIST,
                              .size = sizeof(brio_str_list),
                              .fields = item,
                              .n = 1};
    CHECK_STR(why_not(&list), "model Bad.x: default: Input should be a valid boolean, unable to "
                              "interpret input");
}

static brio_str why_not_enum(const brio_enum_value *values, size_t n)
{
    static brio_model self = {.name = "E", .kind = BRIO_KIND_ENUM, .size = 4};
    self.values = values;
    self.n_values = n;
    return why_not(&self);
}

TEST(check_enums)
{
    static const brio_enum_value twice[] = {{1, "a"}, {2, "a"}}, nameless[] = {{1, "a"}, {2, NULL}},
                                 bytes[] = {{1, "\xFF"}};
    CHECK_STR(why_not_enum(NULL, 0), "model E: an enum needs values");
    CHECK_STR(why_not_enum(twice, 2), "model E: two enum values are called 'a'");
    CHECK_STR(why_not_enum(nameless, 2), "model E: an enum value has no UTF-8 name");
    CHECK_STR(why_not_enum(bytes, 1), "model E: an enum value has no UTF-8 name");
}

TEST(check_recursive_models)
{
    CHECK_STR(why_not(BRIO_TYPE(Node)), "");
    CHECK_STR(why_not(BRIO_TYPE(Node_list)), "");
    CHECK_STR(why_not(BRIO_TYPE(brio_none)), "");
}
