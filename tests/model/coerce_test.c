/* SPDX-License-Identifier: MIT
 *
 * Coercion where it is brio's own and no vector can tell: the width of C
 * integers, float members, numbers longer than 128 bits, white space, bounds
 * as text, patterns and their limits. What pydantic defines is in vectors_test.c. */
#include "harness/test.h"
#include "model/model_internal.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>

static brio_arena arena;
static brio_problems problems;

static void begin(void)
{
    brio_arena_fini(&arena);
    brio_arena_init(&arena, 0);
    problems = (brio_problems){.arena = &arena};
}

/* Reads `text` into `out`; the type of the problem, or "". */
static brio_str read_as(const brio_field *field, brio_str text, void *out)
{
    begin();
    int rc = brio_decode_strings(&text, 1, field, out, NULL, &problems);
    if (rc == 0) {
        CHECK_INT(problems.count, 0);
        return (brio_str){0};
    }
    CHECK_INT(rc, BRIO_EINVALID);
    CHECK_INT(problems.count, 1);
    return brio_str_from(problems.first->type);
}

#define CHECK_READ(field, text, want, out) CHECK_STR(read_as(&(field), BRIO_S(text), out), want)

/* ---- Width ---------------------------------------------------------------------- */

TEST(int_stores_only_its_own_bytes)
{
    static const brio_kind kinds[] = {BRIO_KIND_I8, BRIO_KIND_U16, BRIO_KIND_I32, BRIO_KIND_U64};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        brio_field field = {.name = "v", .kind = kinds[i]};
        unsigned char out[16];
        memset(out, 0xA5, sizeof out);
        CHECK_READ(field, "1", "", out);
        CHECK_INT(out[0], 1);
        CHECK_INT(out[brio_kind_size(kinds[i])], 0xA5);
    }
}

TEST(int_too_wide_reports_the_bound_it_breaks)
{
    uint8_t out;
    brio_field bounded = {.name = "v", .kind = BRIO_KIND_U8, .le = {true, true, 200, 200}};
    CHECK_READ(bounded, "300", "less_than_equal", &out);
    CHECK_READ(bounded, "-1", "int_parsing_size", &out);
    CHECK_READ(bounded, "99999999999999999999999999999999999999999999", "less_than_equal", &out);
    brio_field loose = {.name = "v", .kind = BRIO_KIND_U8, .le = {true, true, 1000, 1000}};
    CHECK_READ(loose, "300", "int_parsing_size", &out);
    CHECK_READ(loose, "1001", "less_than_equal", &out);
}

TEST(int_bounds_beyond_int64)
{
    uint64_t out;
    brio_field field = {.name = "v",
                        .kind = BRIO_KIND_U64,
                        .ge = BRIO_NUM(9223372036854775808u),
                        .lt = BRIO_NUM(1e19)};
    CHECK_READ(field, "9223372036854775808", "", &out);
    CHECK(out == UINT64_C(9223372036854775808));
    CHECK_READ(field, "9223372036854775807", "greater_than_equal", &out);
    CHECK_STR(problems.first->ctx, "{\"ge\":9223372036854775808}");
    CHECK_READ(field, "10000000000000000000", "less_than", &out);
    CHECK_STR(problems.first->msg, "Input should be less than 10000000000000000000");
}

TEST(int_multiples_of_numbers_beyond_128_bits)
{
    int64_t out;
    brio_field field = {.name = "v", .kind = BRIO_KIND_I64, .multiple_of = {true, true, 7, 7}};
    /* 10^42 is 1 modulo 7, as 10^6 is. */
    CHECK_READ(field, "1000000000000000000000000000000000000000000", "multiple_of", &out);
    CHECK_READ(field, "1000000000000000000000000000000000000000006", "int_parsing_size", &out);
    CHECK_READ(field, "-1_000_000_000_000_000_000_000_000_000_000_000_000_000_006",
               "int_parsing_size", &out);
}

TEST(int_from_json_of_too_many_digits)
{
    begin();
    char *digits = brio_alloc(&arena, BRIO_MODEL_INT_DIGITS_MAX + 2);
    memset(digits, '7', BRIO_MODEL_INT_DIGITS_MAX + 2);
    digits[0] = '-';
    brio_json big = {.type = BRIO_JSON_BIGINT, .str = {digits, BRIO_MODEL_INT_DIGITS_MAX + 2}};
    brio_field field = {.name = "v", .kind = BRIO_KIND_I64, .ge = BRIO_NUM(0)};
    int64_t out;
    CHECK_INT(brio_decode_field(&big, &field, &out, NULL, &problems), BRIO_EINVALID);
    CHECK_STR(brio_str_from(problems.first->type), "int_parsing_size");
    big.str.len--; /* as many as Python reads */
    CHECK_INT(brio_decode_field(&big, &field, &out, NULL, &problems), BRIO_EINVALID);
    CHECK_STR(brio_str_from(problems.last->type), "greater_than_equal");
}

typedef enum Odd { ODD } Odd;
BRIO_ENUM(Odd, {ODD, "\r\t\x01\x7F"});

TEST(enum_names_are_shown_as_python_would)
{
    static const brio_field field = {.name = "v", .kind = BRIO_KIND_MODEL, .model = Odd_model};
    Odd out;
    CHECK_READ(field, "x", "enum", &out);
    CHECK_STR(problems.first->msg, "Input should be '\\r\\t\\x01\\x7f'");
    CHECK_STR(problems.first->ctx, "{\"expected\":\"'\\\\r\\\\t\\\\x01\\\\x7f'\"}");
    CHECK_READ(field, "\r\t\x01\x7F", "", &out);
    CHECK_INT(out, ODD);
}

TEST(float_member_rounds_to_single)
{
    struct {
        float value;
        unsigned char after[4];
    } out;
    memset(&out, 0xA5, sizeof out);
    brio_field field = {.name = "v", .kind = BRIO_KIND_F32};
    CHECK_READ(field, "0.1", "", &out);
    CHECK(out.value == 0.1f);
    CHECK_INT(out.after[0], 0xA5);
    CHECK_READ(field, "1e300", "", &out);
    CHECK(isinf(out.value));
}

TEST(negative_zero_and_nan_keep_their_sign)
{
    double out;
    brio_field field = {.name = "v", .kind = BRIO_KIND_F64};
    CHECK_READ(field, "-0", "", &out);
    CHECK(signbit(out));
    CHECK_READ(field, " -nan ", "", &out);
    CHECK(isnan(out));
}

/* ---- White space ------------------------------------------------------------------ */

TEST(trim_takes_unicode_white_space_only)
{
    static const char *const spaces[] = {"\t",           "\n",           "\v",
                                         "\f",           "\r",           " ",
                                         "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80",
                                         "\xE2\x80\x80", "\xE2\x80\x8A", "\xE2\x80\xA8",
                                         "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
                                         "\xE3\x80\x80"};
    static const char *const others[] = {"\x1C",     "\xE2\x80\x8B", "\xEF\xBB\xBF",
                                         "\xC2\x86", "\xE1\xA0\x8E", "x"};
    begin();
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        CHECK_STR(
            brio_trim_unicode(brio_printf(&arena, "%s%sa%s", spaces[i], spaces[i], spaces[i])),
            "a");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        brio_str text = brio_printf(&arena, "%sa%s", others[i], others[i]);
        CHECK_INT(brio_trim_unicode(text).len, text.len);
    }
    CHECK_STR(brio_trim_unicode(BRIO_S(" \xC2\xA0\t")), "");
    CHECK_STR(brio_trim_unicode((brio_str){0}), "");
}

TEST(trim_of_cut_sequences_reads_no_byte_too_many)
{
    begin();
    static const char bytes[] = {'\xE2', '\x80', '\xC2', '\xE3'};
    for (size_t n = 1; n <= sizeof bytes; n++) {
        char *exact = brio_alloc_aligned(&arena, n, 1);
        memcpy(exact, bytes, n);
        CHECK_INT(brio_trim_unicode((brio_str){exact, n}).len, n);
    }
}

/* ---- Bounds as text ------------------------------------------------------------------ */

TEST(plain_numbers_have_no_exponent)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-2.5, "-2.5"},
        {0.1, "0.1"},
        {1e-7, "0.0000001"},
        {1.5e-10, "0.00000000015"},
        {1e16, "10000000000000000"},
        {1.25e17, "125000000000000000"},
        {1e22, "10000000000000000000000"},
        {123456789.125, "123456789.125"},
        {INFINITY, "inf"},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(brio_plain_number(&arena, cases[i].value), cases[i].text);
    CHECK_INT(brio_plain_number(&arena, 1e308).len, 309);
    CHECK_INT(brio_plain_number(&arena, 5e-324).len, 326);
    brio_str longest = brio_plain_number(&arena, -2.2250738585072014e-308);
    CHECK(longest.len < 400);
    CHECK(brio_str_starts(longest, BRIO_S("-0.000")));
}

/* ---- Patterns -------------------------------------------------------------------------- */

TEST(patterns_are_interned_by_text)
{
    const char *why = NULL;
    char copy[] = "^ab+$";
    brio_pattern *pattern = brio_pattern_new("^ab+$", &why);
    if (!pattern)
        test_skip("built without PCRE2");
    CHECK(pattern == brio_pattern_new(copy, NULL));
    CHECK(pattern != brio_pattern_new("^ab*$", NULL));
    CHECK(brio_pattern_search(pattern, BRIO_S("abb")));
    CHECK(!brio_pattern_search(pattern, BRIO_S("abb\n")));
    CHECK(!brio_pattern_search(pattern, (brio_str){0}));
}

TEST(pattern_mistakes_are_told)
{
    if (!brio_pattern_new("a", NULL))
        test_skip("built without PCRE2");
    const char *why = NULL;
    CHECK(!brio_pattern_new("(", &why));
    CHECK(why);
    CHECK(strlen(why) > 0);
    CHECK(!brio_pattern_new("\\C", NULL));
    CHECK(!brio_pattern_new("\xFF", NULL));
}

TEST(pattern_search_takes_bad_utf8_as_no_match)
{
    brio_pattern *pattern = brio_pattern_new(".", NULL);
    if (!pattern)
        test_skip("built without PCRE2");
    CHECK(!brio_pattern_search(pattern, BRIO_S("a\xFF")));
    CHECK(brio_pattern_search(pattern, BRIO_S("\xF0\x9F\x98\x80")));
}

/* Exponential without a limit: nested repeats that must fail. */
TEST_TIMEOUT(pattern_search_gives_up_at_its_limit, 30)
{
    brio_pattern *pattern = brio_pattern_new("^(a|aa|a?a)+$", NULL);
    if (!pattern)
        test_skip("built without PCRE2");
    begin();
    char *text = brio_alloc(&arena, 5000);
    memset(text, 'a', 5000);
    text[4999] = 'b';
    CHECK(!brio_pattern_search(pattern, (brio_str){text, 5000}));
    CHECK(!brio_pattern_search(brio_pattern_new("^((a(?1)?b?)+)+c", NULL), (brio_str){text, 5000}));
    CHECK(brio_pattern_search(pattern, BRIO_S("aaaa")));
}

static void *search_in_thread(void *arg)
{
    bool *all = arg;
    *all = true;
    for (int i = 0; i < 200; i++) {
        char text[32];
        int n = snprintf(text, sizeof text, "race-%d", i % 20);
        brio_pattern *pattern = brio_pattern_new(text, NULL);
        *all = *all && pattern && brio_pattern_search(pattern, (brio_str){text, (size_t)n});
    }
    return NULL;
}

TEST(patterns_from_many_threads)
{
    if (!brio_pattern_new("a", NULL))
        test_skip("built without PCRE2");
    pthread_t threads[4];
    bool all[4] = {0};
    for (int i = 0; i < 4; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, search_in_thread, &all[i]), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_INT(pthread_join(threads[i], NULL), 0);
        CHECK(all[i]);
    }
}
