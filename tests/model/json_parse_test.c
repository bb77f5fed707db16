/* SPDX-License-Identifier: MIT
 *
 * The parser against Python's json module and RFC 8259. */
#include "json_support.h"

#include <math.h>

static brio_str from_hex(char *out, brio_str hex)
{
    size_t n = brio_str_eq(hex, BRIO_S("-")) ? 0 : hex.len / 2;
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {hex.ptr[2 * i], hex.ptr[2 * i + 1], 0};
        out[i] = (char)strtoul(pair, NULL, 16);
    }
    return (brio_str){out, n};
}

static void check_fault(brio_str text, brio_json_fault fault, const brio_str *cells)
{
    char offset[32];
    snprintf(offset, sizeof(offset), "%zu", fault.offset);
    if (!brio_str_eq(brio_str_from(offset), cells[1]) ||
        !brio_str_eq(brio_str_from(fault.message), cells[2]))
        test_fail(__FILE__, __LINE__, "%.*s: %s %s, Python says %.*s %.*s", BRIO_ARG(text), offset,
                  fault.message, BRIO_ARG(cells[1]), BRIO_ARG(cells[2]));
    CHECK(fault.byte <= text.len);
    CHECK_INT(brio_utf8_length(brio_str_slice(text, 0, fault.byte)), fault.offset);
}

static void check_text(const brio_str *cells)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    char storage[4096];
    brio_str text = json_exact(from_hex(storage, cells[0]));
    brio_json value;
    brio_json_fault fault;
    int rc = brio_json_parse(&arena, text, NULL, &value, &fault);
    bool want_ok = brio_str_eq(cells[1], BRIO_S("ok"));
    if (want_ok != (rc == 0))
        test_fail(__FILE__, __LINE__, "%.*s: %s, Python says %.*s %.*s", BRIO_ARG(text),
                  brio_error_name(rc), BRIO_ARG(cells[1]), BRIO_ARG(cells[2]));
    if (want_ok)
        test_check_str(__FILE__, __LINE__, "value", json_dump(&arena, &value), cells[2]);
    else
        check_fault(text, fault, cells);
    json_exact_free(text);
    brio_arena_fini(&arena);
}

TEST(texts_and_faults_are_pythons)
{
    json_each_line("json_texts.txt", 3, check_text);
}

/* ---- RFC 8259, to the letter -------------------------------------------------- */

static int parse(brio_str text, bool strict)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json value;
    brio_json_options options = {.strict = strict};
    brio_str exact = json_exact(text);
    int rc = brio_json_parse(&arena, exact, &options, &value, NULL);
    json_exact_free(exact);
    brio_arena_fini(&arena);
    return rc;
}

static const char *const must_accept[] = {"0",
                                          "-0",
                                          "1",
                                          "-1",
                                          "10",
                                          "1.0",
                                          "-1.5",
                                          "0.1",
                                          "1e1",
                                          "1E1",
                                          "1e+1",
                                          "1e-1",
                                          "1.5e10",
                                          "0e0",
                                          "0.0",
                                          "123456789012345678901234567890",
                                          "1e400",
                                          "-1e-400",
                                          "null",
                                          "true",
                                          "false",
                                          "\"\"",
                                          "\"a\"",
                                          "\" \"",
                                          "\"\\\"\"",
                                          "\"\\\\\"",
                                          "\"\\/\"",
                                          "\"/\"",
                                          "\"\\b\\f\\n\\r\\t\"",
                                          "\"\\u0000\"",
                                          "\"\\u0022\"",
                                          "\"\\u005c\"",
                                          "\"\\uD834\\udd1e\"",
                                          "\"\\uDBFF\\uDFFF\"",
                                          "\"\\uD800\"",
                                          "\"\\uDFAA\"",
                                          "\"\\uFFFE\"",
                                          "\"\\u00e9\"",
                                          "\"\x7F\"",
                                          "\"\xC3\xA9\"",
                                          "\"\xE2\x82\xAC\"",
                                          "\"\xF0\x9F\x98\x80\"",
                                          "\"\xEF\xBF\xBF\"",
                                          "\"\xE2\x80\xA8\"",
                                          "\"\xEF\xBB\xBF\"",
                                          "[]",
                                          "[ ]",
                                          "[null]",
                                          "[1,2]",
                                          "[ 1 , 2 ]",
                                          "[[]]",
                                          "[[],[[]]]",
                                          "[\"a\",1,null,true,{}]",
                                          "{}",
                                          "{ }",
                                          "{\"a\":1}",
                                          "{ \"a\" : 1 }",
                                          "{\"\":0}",
                                          "{\"a\":{\"b\":{}}}",
                                          "{\"a\":1,\"b\":2}",
                                          "{\"a\":1,\"a\":2}",
                                          "{\"a\":[],\"b\":{}}",
                                          " 1",
                                          "1 ",
                                          "\t1",
                                          "1\n",
                                          "\r\n1\r\n",
                                          " \t\r\n[ \t\r\n] \t\r\n",
                                          "[1\n,\n2]",
                                          "{\n\"a\"\n:\n1\n}",
                                          "\"\\u0061\"",
                                          "{\"\\u0061\":1}",
                                          "[-0.0]",
                                          "[0.1e-5]",
                                          "[\"\xF4\x8F\xBF\xBF\"]",
                                          "[9223372036854775807]",
                                          "[-9223372036854775808]"};

TEST(rfc_8259_must_accept)
{
    for (size_t i = 0; i < sizeof(must_accept) / sizeof(*must_accept); i++)
        if (parse(brio_str_from(must_accept[i]), true) != 0)
            test_fail(__FILE__, __LINE__, "refused: %s", must_accept[i]);
}

static const char *const must_reject[] = {"",
                                          " ",
                                          "\n",
                                          "+1",
                                          "01",
                                          "-01",
                                          "00",
                                          "1.",
                                          ".1",
                                          "-.1",
                                          "1.e1",
                                          "1e",
                                          "1e+",
                                          "1E-",
                                          "1ee1",
                                          "1e1.5",
                                          "0x1",
                                          "1a",
                                          "--1",
                                          "-",
                                          "- 1",
                                          "1 2",
                                          "1_0",
                                          "1,000",
                                          "\xEF\xBC\x91",
                                          "Inf",
                                          "NaN",
                                          "-NaN",
                                          "Infinity",
                                          "-Infinity",
                                          "nan",
                                          "[NaN]",
                                          "[-Infinity]",
                                          "{\"a\":Infinity}",
                                          "TRUE",
                                          "True",
                                          "tru",
                                          "truth",
                                          "nulll",
                                          "nil",
                                          "None",
                                          "undefined",
                                          "'a'",
                                          "a",
                                          "\"",
                                          "\"a",
                                          "\"\\\"",
                                          "\"\\",
                                          "\"\\a\"",
                                          "\"\\x41\"",
                                          "\"\\u\"",
                                          "\"\\u00\"",
                                          "\"\\u00g0\"",
                                          "\"\\U0041\"",
                                          "\"\\'\"",
                                          "\"\\ \"",
                                          "\"\n\"",
                                          "\"\t\"",
                                          "\"\x1F\"",
                                          "\"\x01\"",
                                          "\"a\rb\"",
                                          "\"a\"b",
                                          "\"a\"\"b\"",
                                          "[",
                                          "]",
                                          "[1",
                                          "[1,",
                                          "[1,]",
                                          "[,1]",
                                          "[,]",
                                          "[1,,2]",
                                          "[1 2]",
                                          "[1:2]",
                                          "[1;2]",
                                          "[1]]",
                                          "[[]",
                                          "[1}",
                                          "[\"a\"",
                                          "[\"a",
                                          "[a]",
                                          "[1,\n",
                                          "{",
                                          "}",
                                          "{]",
                                          "{\"a\"",
                                          "{\"a\":",
                                          "{\"a\":1",
                                          "{\"a\":1,",
                                          "{\"a\":1,}",
                                          "{,\"a\":1}",
                                          "{\"a\"}",
                                          "{\"a\",1}",
                                          "{\"a\" 1}",
                                          "{\"a\"::1}",
                                          "{\"a\":1:2}",
                                          "{a:1}",
                                          "{1:1}",
                                          "{'a':1}",
                                          "{null:1}",
                                          "{[]:1}",
                                          "{\"a\":1 \"b\":2}",
                                          "{\"a\":1,,\"b\":2}",
                                          "{\"a\":1}}",
                                          "{\"a\":1]",
                                          "{\"a\":a}",
                                          "{:1}",
                                          "{\"a\":}",
                                          "{}{}",
                                          "[][]",
                                          "{}x",
                                          "[]x",
                                          "1x",
                                          "null,",
                                          ",",
                                          ":",
                                          "/**/1",
                                          "1//",
                                          "[1/**/]",
                                          "#1",
                                          "\v1",
                                          "\f1",
                                          "\xC2\xA0"
                                          "1",
                                          "\xE2\x80\xA8"
                                          "1",
                                          "\xEF\xBB\xBF"
                                          "1",
                                          "\xEF\xBB\xBF",
                                          "[\xEF\xBB\xBF"
                                          "1]",
                                          "\xC3\xA9",
                                          "\xF0\x9F\x98\x80",
                                          "\"\x80\"",
                                          "\"\xC3\"",
                                          "\"\xC3(\"",
                                          "\"\xC0\x80\"",
                                          "\"\xED\xA0\x80\"",
                                          "\"\xF5\x80\x80\x80\"",
                                          "\"\xE2\x82\"",
                                          "\"\xFF\"",
                                          "\xFF",
                                          "[\xE9]",
                                          "{\"\xE9\":1}"};

TEST(rfc_8259_must_reject)
{
    for (size_t i = 0; i < sizeof(must_reject) / sizeof(*must_reject); i++)
        if (parse(brio_str_from(must_reject[i]), true) != BRIO_ESYNTAX)
            test_fail(__FILE__, __LINE__, "not refused: %s", must_reject[i]);
}

TEST(a_nul_byte_ends_nothing)
{
    CHECK_INT(parse((brio_str){"1\0", 2}, true), BRIO_ESYNTAX);
    CHECK_INT(parse((brio_str){"\0", 1}, true), BRIO_ESYNTAX);
    CHECK_INT(parse((brio_str){"\"a\0b\"", 5}, true), BRIO_ESYNTAX);
    CHECK_INT(parse((brio_str){"[\0]", 3}, false), BRIO_ESYNTAX);
    CHECK_INT(parse((brio_str){NULL, 0}, false), BRIO_ESYNTAX);
}

TEST(python_accepts_a_little_more)
{
    CHECK_OK(parse(BRIO_S("[NaN,Infinity,-Infinity]"), false));
    CHECK_INT(parse(BRIO_S("[NaN]"), true), BRIO_ESYNTAX);
    CHECK_INT(parse(BRIO_S("Infinity"), true), BRIO_ESYNTAX);
}

/* ---- Depth ------------------------------------------------------------------------ */

static brio_str nested(char *out, const char *open, const char *close, size_t levels)
{
    brio_buf buf = brio_buf_over(out, 8192);
    for (size_t i = 0; i < levels; i++)
        brio_buf_add(&buf, brio_str_from(open));
    brio_buf_add(&buf, BRIO_S("1"));
    for (size_t i = 0; i < levels; i++)
        brio_buf_add(&buf, brio_str_from(close));
    CHECK(!buf.failed);
    return brio_buf_str(&buf);
}

TEST(nesting_is_limited)
{
    static char text[8192];
    CHECK_OK(parse(nested(text, "[", "]", 128), false));
    CHECK_INT(parse(nested(text, "[", "]", 129), false), BRIO_ELIMIT);
    CHECK_OK(parse(nested(text, "{\"a\":", "}", 128), false));
    CHECK_INT(parse(nested(text, "{\"a\":", "}", 129), false), BRIO_ELIMIT);
    CHECK_INT(parse(nested(text, "[{\"a\":", "}]", 65), false), BRIO_ELIMIT);
}

TEST(the_limit_can_be_moved_and_names_its_place)
{
    static char text[8192];
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json value;
    brio_json_fault fault;
    brio_json_options options = {.max_depth = 2};
    CHECK_OK(brio_json_parse(&arena, BRIO_S("[[1],[2]]"), &options, &value, &fault));
    CHECK_INT(brio_json_parse(&arena, BRIO_S("[ [ [1]]]"), &options, &value, &fault), BRIO_ELIMIT);
    CHECK_INT(fault.offset, 4);
    options.max_depth = 1000;
    CHECK_OK(brio_json_parse(&arena, nested(text, "[", "]", 1000), &options, &value, &fault));
    brio_arena_fini(&arena);
}

/* ---- Values ----------------------------------------------------------------------- */

TEST(plain_strings_are_borrowed_and_others_are_not)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str text = BRIO_S("[\"plain\",\"caf\xC3\xA9\",\"esc\\n\"]");
    brio_json value;
    CHECK_OK(brio_json_parse(&arena, text, NULL, &value, NULL));
    CHECK(value.items[0].str.ptr == text.ptr + 2);
    CHECK(value.items[1].str.ptr > text.ptr);
    CHECK(value.items[1].str.ptr < text.ptr + text.len);
    CHECK(value.items[2].str.ptr < text.ptr || value.items[2].str.ptr >= text.ptr + text.len);
    CHECK_STR(value.items[2].str, "esc\n");
    brio_arena_fini(&arena);
}

TEST(lone_surrogates_become_replacement_characters)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json value;
    CHECK_OK(brio_json_parse(&arena, BRIO_S("[\"\\ud83d\",\"\\ude00x\",\"\\ud83d\\ude00\"]"), NULL,
                             &value, NULL));
    CHECK_STR(value.items[0].str, "\xEF\xBF\xBD");
    CHECK_STR(value.items[1].str, "\xEF\xBF\xBDx");
    CHECK_STR(value.items[2].str, "\xF0\x9F\x98\x80");
    brio_arena_fini(&arena);
}

TEST(of_many_equal_keys_the_last_wins_at_the_place_of_the_first)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_buf buf = {0};
    brio_buf_char(&buf, '{');
    for (int i = 0; i < 3000; i++)
        brio_buf_printf(&buf, "%s\"k%d\":%d", i ? "," : "", i * 7 % 1000, i);
    brio_buf_char(&buf, '}');
    brio_json value;
    CHECK_OK(brio_json_parse(&arena, brio_buf_str(&buf), NULL, &value, NULL));
    CHECK_INT(value.n, 1000);
    for (uint32_t i = 0; i < value.n; i++) {
        CHECK_STR(value.members[i].key,
                  brio_cstr(&arena, brio_printf(&arena, "k%u", i * 7 % 1000)));
        CHECK_INT(value.members[i].value.integer, 2000 + (int)i);
    }
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
}

TEST(invalid_utf8_is_named_by_its_place)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json value;
    brio_json_fault fault;
    CHECK_INT(
        brio_json_parse(&arena, BRIO_S("[\"\xC3\xA9\xF0\x9F\x98\x80\xFF\"]"), NULL, &value, &fault),
        BRIO_ESYNTAX);
    CHECK_INT(fault.offset, 4);
    CHECK_INT(fault.byte, 8);
    CHECK_STR(brio_str_from(fault.message), "Invalid UTF-8");
    brio_arena_fini(&arena);
}

/* Every prefix of a text is a text that was cut: a fault, never a crash, and
 * its place is not behind the end. */
TEST(texts_cut_at_every_byte_are_faults)
{
    brio_str whole =
        BRIO_S("{\"a\":[1.5e3,\"\\u00e9\\ud83d\\ude00\\n\",true,null],\"\xC3\xA9\":{\"b\":false}}");
    for (size_t n = 0; n < whole.len; n++) {
        brio_arena arena;
        brio_arena_init(&arena, 0);
        brio_json value;
        brio_json_fault fault;
        brio_str cut = json_exact(brio_str_slice(whole, 0, n));
        CHECK_INT(brio_json_parse(&arena, cut, NULL, &value, &fault), BRIO_ESYNTAX);
        CHECK(fault.byte <= n);
        json_exact_free(cut);
        brio_arena_fini(&arena);
    }
    CHECK_OK(parse(whole, true));
}
