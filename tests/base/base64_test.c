/* SPDX-License-Identifier: MIT
 *
 * Base64: RFC 4648's own vectors, every length there and back, and texts that
 * stand for nothing or for what another text stands for. */
#include "harness/test.h"

#include <errno.h>

static brio_str both_ways(brio_arena *arena, brio_base64_form form, brio_str bytes)
{
    brio_str back, text = brio_base64_encode(arena, form, bytes);
    CHECK_OK(brio_base64_decode(arena, form, text, &back));
    CHECK(brio_str_eq(back, bytes));
    return text;
}

TEST(base64_vectors_of_the_rfc)
{
    static const char *const rows[][4] = {
        {"", "", "", ""},
        {"f", "Zg==", "Zg", "Zg"},
        {"fo", "Zm8=", "Zm8", "Zm8"},
        {"foo", "Zm9v", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "+//+", "-__-"},
    };
    brio_arena arena;
    brio_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        brio_str bytes = brio_str_from(rows[i][0]);
        CHECK_STR(both_ways(&arena, BRIO_BASE64, bytes), rows[i][1]);
        CHECK_STR(both_ways(&arena, BRIO_BASE64_BARE, bytes), rows[i][2]);
        CHECK_STR(both_ways(&arena, BRIO_BASE64URL, bytes), rows[i][3]);
    }
    CHECK_STR(both_ways(&arena, BRIO_BASE64_URL_PADDED, BRIO_S("\xff")), "_w==");
    brio_arena_fini(&arena);
}

TEST(base64_keeps_every_byte_at_every_length)
{
    brio_arena arena;
    char bytes[256];
    brio_arena_init(&arena, 0);
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)(i * 167);
    for (size_t n = 0; n <= sizeof bytes; n++)
        for (int form = 0; form < 4; form++)
            (void)both_ways(&arena, (brio_base64_form)form, (brio_str){bytes, n});
    brio_arena_fini(&arena);
}

static void refused(brio_base64_form form, const char *text)
{
    brio_arena arena;
    brio_str ret;
    brio_arena_init(&arena, 0);
    if (brio_base64_decode(&arena, form, brio_str_from(text), &ret) != -EINVAL)
        test_fail(__FILE__, __LINE__, "form %d takes \"%s\"", (int)form, text);
    brio_arena_fini(&arena);
}

TEST(base64_refuses_what_it_would_not_write)
{
    static const char *const padded[] = {
        "Z",     "Zg",    "Zg=",  "Zg===",  "Zm8",      "Z===",   "====",
        "=",     "==",    "Zh==", "Zm9=",   "Zg==Zg==", "Zm9v\n", " Zm9v",
        "Zm 9v", "Zm9v=", "-__-", "Zg==\n", "Zm9\x80",  "Z=g=",   "Zm9vZg==Zm9v"};
    static const char *const bare[] = {"Z",    "Zg==",  "Zm8=",  "Zh", "Zm9",
                                       "+//+", "Zm9vZ", "Zm9v=", "=",  "Zm9v Zg"};
    for (size_t i = 0; i < sizeof padded / sizeof *padded; i++)
        refused(BRIO_BASE64, padded[i]);
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        refused(BRIO_BASE64URL, bare[i]);
}
