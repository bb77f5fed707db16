/* SPDX-License-Identifier: MIT
 *
 * Views of bytes: each operation on the empty view, on NULL, and on text that
 * touches its boundaries. */
#include "harness/test.h"

#include <errno.h>

static const brio_str none = {NULL, 0};

TEST(from_null_is_empty)
{
    brio_str s = brio_str_from(NULL);
    CHECK(s.ptr == NULL && s.len == 0);
    CHECK_STR(brio_str_from("abc"), "abc");
    CHECK_INT(BRIO_S("a\0b").len, 3);
}

TEST(eq_compares_bytes_and_length)
{
    CHECK(brio_str_eq(none, BRIO_S("")));
    CHECK(brio_str_eq(BRIO_S("a\0b"), BRIO_S("a\0b")));
    CHECK(!brio_str_eq(BRIO_S("a\0b"), BRIO_S("a\0c")));
    CHECK(!brio_str_eq(BRIO_S("ab"), BRIO_S("abc")));
}

TEST(slice_clamps_both_ends)
{
    brio_str s = BRIO_S("hello");
    CHECK_STR(brio_str_slice(s, 1, 3), "ell");
    CHECK_STR(brio_str_slice(s, 3, SIZE_MAX), "lo");
    CHECK_STR(brio_str_slice(s, 9, 2), "");
    CHECK_STR(brio_str_slice(none, 0, 4), "");
    CHECK(brio_str_slice(s, 9, 2).ptr == s.ptr + 5);
}

TEST(cut_without_separator)
{
    brio_str_pair p = brio_str_cut(BRIO_S("abc"), ',');
    CHECK(!p.found);
    CHECK_STR(p.head, "abc");
    CHECK_STR(p.tail, "");
    CHECK(!brio_str_cut(none, ',').found);
}

TEST(cut_at_the_first_separator)
{
    brio_str_pair p = brio_str_cut(BRIO_S("a=b=c"), '=');
    CHECK(p.found);
    CHECK_STR(p.head, "a");
    CHECK_STR(p.tail, "b=c");
    p = brio_str_cut(BRIO_S("="), '=');
    CHECK(p.found && p.head.len == 0 && p.tail.len == 0);
    p = brio_str_cut(BRIO_S("a\0b"), '\0');
    CHECK(p.found);
    CHECK_STR(p.tail, "b");
}

TEST(nocase_is_ascii_only)
{
    CHECK(brio_str_eq_nocase(BRIO_S("Content-Type"), BRIO_S("cONTENT-tYPE")));
    CHECK(!brio_str_eq_nocase(BRIO_S("a"), BRIO_S("ab")));
    CHECK(!brio_str_eq_nocase(BRIO_S("@[`{"), BRIO_S("`{@[")));
    CHECK(!brio_str_eq_nocase(BRIO_S("\xC3\x89"), BRIO_S("\xC3\xA9"))); /* E acute */
    CHECK(brio_str_eq_nocase(none, BRIO_S("")));
}

TEST(lower_changes_only_capitals)
{
    for (int c = 0; c < 256; c++) {
        int want = c >= 'A' && c <= 'Z' ? c + 32 : c;
        CHECK_INT((unsigned char)brio_lower((char)c), want);
    }
}

TEST(compare_orders_like_memcmp_then_length)
{
    CHECK(brio_str_compare(BRIO_S("a"), BRIO_S("b")) < 0);
    CHECK(brio_str_compare(BRIO_S("b"), BRIO_S("a")) > 0);
    CHECK(brio_str_compare(BRIO_S("a"), BRIO_S("aa")) < 0);
    CHECK(brio_str_compare(BRIO_S("aa"), BRIO_S("a")) > 0);
    CHECK(brio_str_compare(BRIO_S("\x7F"), BRIO_S("\x80")) < 0);
    CHECK_INT(brio_str_compare(BRIO_S("x"), BRIO_S("x")), 0);
    CHECK_INT(brio_str_compare(none, BRIO_S("")), 0);
    CHECK(brio_str_compare(none, BRIO_S("a")) < 0);
}

TEST(starts_and_ends)
{
    CHECK(brio_str_starts(BRIO_S("/docs/x"), BRIO_S("/docs")));
    CHECK(!brio_str_starts(BRIO_S("/doc"), BRIO_S("/docs")));
    CHECK(brio_str_starts(BRIO_S("a"), none) && brio_str_starts(none, none));
    CHECK(brio_str_ends(BRIO_S("x.json"), BRIO_S(".json")));
    CHECK(!brio_str_ends(BRIO_S("json"), BRIO_S(".json")));
    CHECK(!brio_str_ends(BRIO_S("x.jsom"), BRIO_S(".json")));
    CHECK(brio_str_ends(BRIO_S("a"), none) && brio_str_ends(none, none));
}

TEST(find_gives_the_first_index)
{
    CHECK_INT(brio_str_find(BRIO_S("abcabc"), BRIO_S("ca")), 2);
    CHECK_INT(brio_str_find(BRIO_S("abc"), BRIO_S("abc")), 0);
    CHECK_INT(brio_str_find(BRIO_S("abc"), BRIO_S("abcd")), -1);
    CHECK_INT(brio_str_find(BRIO_S("abc"), BRIO_S("x")), -1);
    CHECK_INT(brio_str_find(none, BRIO_S("x")), -1);
    CHECK_INT(brio_str_find(none, none), 0);
    CHECK_INT(brio_str_find(BRIO_S("a\0b"), BRIO_S("\0b")), 1);
}

TEST(trim_takes_blanks_and_tabs_only)
{
    CHECK_STR(brio_str_trim(BRIO_S(" \t a b \t")), "a b");
    CHECK_STR(brio_str_trim(BRIO_S("\r\nx\v")), "\r\nx\v");
    CHECK_STR(brio_str_trim(BRIO_S(" \t ")), "");
    CHECK_STR(brio_str_trim(none), "");
}

static int parse(const char *text, uint64_t *ret)
{
    *ret = 77;
    return brio_str_to_u64(brio_str_from(text), ret);
}

TEST(u64_parses_all_of_the_text)
{
    uint64_t v;
    CHECK_OK(parse("0", &v));
    CHECK(v == 0);
    CHECK_OK(parse("0000000000000000000000000042", &v));
    CHECK(v == 42);
    CHECK_OK(parse("18446744073709551615", &v));
    CHECK(v == UINT64_MAX);
}

TEST(u64_refuses_other_text)
{
    static const char *const bad[] = {"",     "+1",  "-1",  " 1",       "1 ",
                                      "0x10", "1e3", "1_0", "1,0",      "1.0",
                                      "/",    ":",   "a",   "\xD9\xA1", "99999999999999999999x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t v;
        CHECK_INT(parse(bad[i], &v), -EINVAL);
        CHECK(v == 77); /* never half-written */
    }
}

TEST(u64_knows_its_range)
{
    uint64_t v;
    CHECK_INT(parse("18446744073709551616", &v), -ERANGE);
    CHECK_INT(parse("18446744073709551620", &v), -ERANGE);
    CHECK_INT(parse("99999999999999999999999999999", &v), -ERANGE);
    CHECK(v == 77);
}
