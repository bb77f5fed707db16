/* SPDX-License-Identifier: MIT
 *
 * What is taken at a glance must be what the model would have taken, to the
 * byte; and plain values must be taken, or the glance is worth nothing. */
#include "app/binding.h"
#include "harness/test.h"

typedef struct All {
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int64_t bounded, open, fraction, step;
    int64_t *maybe;
    brio_str text, sized, pattern;
    brio_str *maybe_text;
    bool flag;
    double number;
} All;
BRIO_MODEL(All, BRIO_QUERY(i8), BRIO_QUERY(i16), BRIO_QUERY(i32), BRIO_QUERY(i64), BRIO_QUERY(u8),
           BRIO_QUERY(u16), BRIO_QUERY(u32), BRIO_QUERY(u64),
           BRIO_QUERY(bounded, .ge = BRIO_NUM(1), .le = BRIO_NUM(20)),
           BRIO_QUERY(open, .gt = BRIO_NUM(-3), .lt = BRIO_NUM(7)),
           BRIO_QUERY(fraction, .gt = BRIO_NUM(1.5)), BRIO_QUERY(step, .multiple_of = BRIO_NUM(5)),
           BRIO_QUERY(maybe), BRIO_QUERY(text), BRIO_QUERY(sized, .min_length = 2, .max_length = 5),
           BRIO_QUERY(pattern, .pattern = "^a"), BRIO_QUERY(maybe_text, .max_length = 4),
           BRIO_QUERY(flag), BRIO_QUERY(number));

static const char *const texts[] = {"",
                                    "0",
                                    "-0",
                                    "00",
                                    "007",
                                    "1",
                                    "2",
                                    "6",
                                    "7",
                                    "-1",
                                    "-2",
                                    "-3",
                                    "-4",
                                    "20",
                                    "21",
                                    "127",
                                    "128",
                                    "-128",
                                    "-129",
                                    "255",
                                    "256",
                                    "32767",
                                    "32768",
                                    "-32768",
                                    "-32769",
                                    "65535",
                                    "65536",
                                    "2147483647",
                                    "2147483648",
                                    "-2147483648",
                                    "-2147483649",
                                    "4294967295",
                                    "4294967296",
                                    "999999999999999999",
                                    "-999999999999999999",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "18446744073709551615",
                                    "18446744073709551616",
                                    "+1",
                                    "1.0",
                                    "1_0",
                                    " 1",
                                    "1 ",
                                    "-",
                                    "--1",
                                    "0x1",
                                    "1e3",
                                    "true",
                                    "a",
                                    "ab",
                                    "abcde",
                                    "abcdef",
                                    "\xC3\xA9",
                                    "a\xC3\xA9",
                                    "\xC3\xA9\xC3\xA9",
                                    "a b",
                                    "\x7f",
                                    "%41",
                                    "a+b",
                                    "1\x80"};

static bool same(const brio_field *f, const All *a, const All *b)
{
    const char *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
    if (f->nullable) {
        memcpy(&x, (const void *)x, sizeof(void *));
        memcpy(&y, (const void *)y, sizeof(void *));
    }
    if (f->kind == BRIO_KIND_STR)
        return brio_str_eq(*(const brio_str *)(const void *)x, *(const brio_str *)(const void *)y);
    return memcmp(x, y, f->nullable ? sizeof(int64_t) : f->size) == 0;
}

static void compare(brio_arena *arena, const brio_field *f, brio_str text)
{
    brio_app_param p = {.field = f, .wire = brio_str_from(f->name)};
    brio_app_glance_plan(&p);
    All at_glance = {0}, judged = {0};
    if (!brio_app_glance_take(&p, text, &at_glance, arena))
        return;
    brio_problems problems = {.arena = arena};
    int rc = brio_decode_strings(&text, 1, f, &judged, &p.loc, &problems);
    if (rc < 0 || !same(f, &at_glance, &judged))
        test_fail(__FILE__, __LINE__, "%s from \"%.*s\"", f->name, BRIO_ARG(text));
}

TEST(a_glance_never_differs_from_the_model)
{
    const brio_model *model = BRIO_TYPE(All);
    brio_arena arena;
    brio_arena_init(&arena, 0);
    for (size_t f = 0; f < model->n; f++)
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            compare(&arena, &model->fields[f], brio_str_from(texts[t]));
    brio_arena_fini(&arena);
}

static bool taken(const char *field, const char *text)
{
    const brio_model *model = BRIO_TYPE(All);
    brio_arena arena;
    brio_arena_init(&arena, 0);
    ptrdiff_t row = brio_model_find(model, brio_str_from(field));
    CHECK(row >= 0);
    brio_app_param p = {.field = &model->fields[row]};
    All out;
    brio_app_glance_plan(&p);
    bool yes = brio_app_glance_take(&p, brio_str_from(text), &out, &arena);
    brio_arena_fini(&arena);
    return yes;
}

TEST(plain_values_are_taken)
{
    CHECK(taken("i64", "5"));
    CHECK(taken("i64", "-999999999999999999"));
    CHECK(taken("i8", "-128"));
    CHECK(taken("u64", "999999999999999999"));
    CHECK(taken("bounded", "20"));
    CHECK(taken("open", "-2"));
    CHECK(taken("maybe", "1"));
    CHECK(taken("text", ""));
    CHECK(taken("sized", "abcde"));
    CHECK(taken("maybe_text", "abcd"));
}

TEST(what_breaks_a_bound_is_left_to_the_model)
{
    CHECK(!taken("i8", "128"));
    CHECK(!taken("u8", "-1"));
    CHECK(!taken("bounded", "21"));
    CHECK(!taken("open", "7"));
    CHECK(!taken("fraction", "5"));
    CHECK(!taken("step", "5"));
    CHECK(!taken("sized", "a"));
    CHECK(!taken("sized", "abcdef"));
    CHECK(!taken("pattern", "a"));
    CHECK(!taken("text", "\xC3\xA9"));
    CHECK(!taken("i64", "9223372036854775807"));
    CHECK(!taken("flag", "1"));
}
