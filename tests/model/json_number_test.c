/* SPDX-License-Identifier: MIT
 *
 * Numbers against Python: text to double to the last bit, double to text to
 * the last character, and what counts as a number at all. */
#include "json_support.h"

#include <errno.h>
#include <locale.h>
#include <math.h>

static double from_bits(brio_str hex)
{
    char text[32] = {0};
    CHECK_INT(hex.len, 16);
    memcpy(text, hex.ptr, hex.len);
    uint64_t bits = strtoull(text, NULL, 16);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void check_number(const brio_str *cells)
{
    double want = from_bits(cells[1]), got = 0;
    brio_str text = json_exact(cells[0]);
    CHECK_OK(brio_f64_parse(text, &got));
    if (memcmp(&got, &want, sizeof(got)) != 0)
        test_fail(__FILE__, __LINE__, "%.*s: %a is not %a", BRIO_ARG(text), got, want);
    json_exact_free(text);
    char out[BRIO_F64_TEXT_MAX];
    brio_str shown = {out, brio_f64_text(out, want)};
    test_check_str(__FILE__, __LINE__, "brio_f64_text", shown, cells[2]);
}

TEST(numbers_are_read_and_written_as_python_does)
{
    json_each_line("json_numbers.txt", 3, check_number);
}

TEST(no_locale_touches_numbers)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (setlocale(LC_ALL, names[i]))
            break;
    json_each_line("json_numbers.txt", 3, check_number);
}

TEST(doubles_that_are_not_finite_have_names)
{
    char out[BRIO_F64_TEXT_MAX];
    CHECK_STR(((brio_str){out, brio_f64_text(out, NAN)}), "nan");
    CHECK_STR(((brio_str){out, brio_f64_text(out, HUGE_VAL)}), "inf");
    CHECK_STR(((brio_str){out, brio_f64_text(out, -HUGE_VAL)}), "-inf");
}

/* A walk over many doubles: each text reads back as the same bits. */
TEST(every_text_reads_back)
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        double value, back;
        memcpy(&value, &state, sizeof(value));
        if (!isfinite(value))
            continue;
        char out[BRIO_F64_TEXT_MAX];
        CHECK_OK(brio_f64_parse((brio_str){out, brio_f64_text(out, value)}, &back));
        CHECK(memcmp(&back, &value, sizeof(back)) == 0);
    }
}

/* strtod rounds correctly too: an independent judge for arbitrary texts. */
TEST(random_texts_round_as_strtod_does)
{
    uint32_t state = 7;
    for (int i = 0; i < 60000; i++) {
        state = state * 1664525 + 1013904223;
        char text[64];
        int exponent = (int)(state >> 16) % 700 - 350;
        uint64_t mantissa = (uint64_t)state * 0x9E3779B97F4A7C15u;
        int n = snprintf(text, sizeof(text), "%llu.%u",
                         (unsigned long long)(mantissa >> (state % 60)), state >> 4);
        snprintf(text + n, sizeof(text) - (size_t)n, "e%d", exponent);
        double got;
        CHECK_OK(brio_f64_parse(brio_str_from(text), &got));
        CHECK(got == strtod(text, NULL));
    }
}

TEST(only_json_numbers_are_numbers)
{
    static const char *const bad[] = {"",    "-",        "+1",  "01",   ".5",    "1.",    "1e",
                                      "1e+", "e1",       "1 ",  " 1",   "0x1",   "1_0",   "NaN",
                                      "inf", "Infinity", "--1", "1.e5", "1.2.3", "1e5.5", "-a"};
    double value;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_INT(brio_f64_parse(brio_str_from(bad[i]), &value), -EINVAL);
    CHECK_INT(brio_f64_parse((brio_str){"1\0", 2}, &value), -EINVAL);
}

static brio_str digits(char *out, char digit, size_t n, const char *tail)
{
    memset(out, digit, n);
    memcpy(out + n, tail, strlen(tail));
    return (brio_str){out, n + strlen(tail)};
}

/* Ties that only a digit far behind decides. */
TEST(the_last_of_many_digits_counts)
{
    static char text[2000];
    double tie, above;
    brio_str s = digits(text, '0', 1500, "");
    memcpy(text, "9007199254740993.", 17);
    CHECK_OK(brio_f64_parse(s, &tie));
    text[s.len - 1] = '1';
    CHECK_OK(brio_f64_parse(s, &above));
    CHECK(tie == 9007199254740992.0);
    CHECK(above == 9007199254740994.0);
}

TEST(many_digits_and_a_great_exponent_meet)
{
    static char text[2000];
    double value;
    CHECK_OK(brio_f64_parse(digits(text, '9', 1000, "e-1000"), &value));
    CHECK(value == 1.0);
    CHECK_OK(brio_f64_parse(digits(text, '9', 1000, ""), &value));
    CHECK(value == HUGE_VAL);
}

static void check_json_number(const char *text, brio_json_type type)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json value;
    brio_str exact = json_exact(brio_str_from(text));
    CHECK_OK(brio_json_parse(&arena, exact, NULL, &value, NULL));
    CHECK_INT(value.type, type);
    CHECK_STR(json_dump(&arena, &value), text);
    json_exact_free(exact);
    brio_arena_fini(&arena);
}

TEST(integers_keep_every_digit)
{
    check_json_number("0", BRIO_JSON_INT);
    check_json_number("9223372036854775807", BRIO_JSON_INT);
    check_json_number("-9223372036854775808", BRIO_JSON_INT);
    check_json_number("9223372036854775808", BRIO_JSON_BIGINT);
    check_json_number("-9223372036854775809", BRIO_JSON_BIGINT);
    check_json_number("123456789012345678901234567890", BRIO_JSON_BIGINT);
    check_json_number("1.0", BRIO_JSON_FLOAT);
    check_json_number("1e+22", BRIO_JSON_FLOAT);
}

TEST(integers_have_at_most_4300_digits)
{
    static char text[5000];
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json value;
    CHECK_OK(brio_json_parse(&arena, digits(text, '9', 4300, ""), NULL, &value, NULL));
    CHECK_INT(brio_json_parse(&arena, digits(text, '9', 4301, ""), NULL, &value, NULL),
              BRIO_ELIMIT);
    text[0] = '-';
    CHECK_OK(brio_json_parse(&arena, (brio_str){text, 4301}, NULL, &value, NULL));
    CHECK_OK(brio_json_parse(&arena, digits(text, '9', 4301, ".0"), NULL, &value, NULL));
    brio_arena_fini(&arena);
}
