/* SPDX-License-Identifier: MIT
 *
 * UTF-8 against Python's decoder (the case files and the digest come from
 * tools/utf8_expectations) and against a slow decoder that works the other way
 * round: it computes the code point and then judges it. Every case is also
 * shifted through the fast path's strides. */
#include "harness/dies.h"
#include "harness/test.h"

#include "base/base_internal.h"

#include <stdio.h>
#include <stdlib.h>

/* Printed by tools/utf8_expectations. */
static const uint64_t replace_digest = UINT64_C(0x98DD5C64ED848BF1);
static const unsigned char classes[] = {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2,
                                        0xDF, 0xE0, 0xE1, 0xED, 0xEE, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF};

/* ---- The slow decoder --------------------------------------------------- */

static int slow_sequence(const unsigned char *p, size_t left)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    int len = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
    if (len <= 1)
        return len;
    uint32_t code = *p & (0x7FU >> len);
    if (left < (size_t)len)
        return 0;
    for (int i = 1; i < len; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code >= least[len] && code <= 0x10FFFF && !surrogate ? len : 0;
}

static bool slow_valid(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < len;) {
        int n = slow_sequence(p + i, len - i);
        if (n == 0)
            return false;
        i += (size_t)n;
    }
    return true;
}

/* ---- Case files --------------------------------------------------------- */

typedef struct utf8_case {
    brio_str input;
    brio_str output; /* equal to input when it is well-formed */
    bool valid;
} utf8_case;

static brio_str unhex(brio_arena *arena, const char *hex)
{
    size_t len = strcmp(hex, "-") ? strlen(hex) / 2 : 0;
    char *out = brio_alloc_aligned(arena, len, 1);
    for (size_t i = 0; i < len; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        out[i] = (char)strtoul(digits, NULL, 16);
    }
    return (brio_str){out, len};
}

static int each_case(const char *path, void (*check)(brio_arena *arena, const utf8_case *c))
{
    static char line[8192], given[4096], wanted[4096];
    FILE *file = fopen(path, "r");
    CHECK(file);
    brio_arena arena;
    brio_arena_init(&arena, 0);
    int n = 0;
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#' || sscanf(line, "%4095s %4095s", given, wanted) != 2)
            continue;
        utf8_case c = {.input = unhex(&arena, given), .valid = !strcmp(wanted, "valid")};
        c.output = c.valid ? c.input : unhex(&arena, wanted);
        check(&arena, &c);
        brio_arena_reset(&arena);
        n++;
    }
    fclose(file);
    brio_arena_fini(&arena);
    return n;
}

static void check_case(brio_arena *arena, const utf8_case *c)
{
    CHECK(brio_utf8_valid(c->input) == c->valid);
    CHECK(slow_valid(c->input.ptr, c->input.len) == c->valid);
    brio_str replaced = brio_utf8_replace(arena, c->input);
    CHECK(brio_str_eq(replaced, c->output));
    CHECK((replaced.ptr == c->input.ptr) == c->valid); /* returned as it is */
    CHECK(brio_utf8_valid(replaced));
}

TEST(cases_agree_with_python)
{
    CHECK_INT(each_case(BRIO_TEST_DATA "/utf8/table-3-7.txt", check_case), 84);
    CHECK(each_case(BRIO_TEST_DATA "/utf8/naughty.txt", check_case) > 500);
}

/* Behind 0 to 66 letters, and with letters behind: strides begin everywhere. */
static void check_shifted(brio_arena *arena, const utf8_case *c)
{
    for (size_t before = 0; before <= 66; before++)
        for (size_t after = 0; after <= 33; after += 33) {
            size_t len = before + c->input.len + after;
            char *text = malloc(len ? len : 1); /* exact, so that a read past it shows */
            memset(text, 'x', len);
            memcpy(text + before, c->input.ptr, c->input.len);
            CHECK(brio_utf8_valid((brio_str){text, len}) == c->valid);
            free(text);
        }
    (void)arena;
}

TEST(cases_hold_at_every_offset)
{
    each_case(BRIO_TEST_DATA "/utf8/table-3-7.txt", check_shifted);
}

static void check_split(brio_arena *arena, const utf8_case *c)
{
    (void)arena;
    for (size_t at = 0; at <= c->input.len; at++) {
        brio_str head = brio_str_slice(c->input, 0, at);
        CHECK(brio_utf8_valid(head) == slow_valid(head.ptr, head.len));
        brio_str tail = brio_str_slice(c->input, at, SIZE_MAX);
        CHECK(brio_utf8_valid(tail) == slow_valid(tail.ptr, tail.len));
    }
}

TEST(cases_split_at_every_byte)
{
    each_case(BRIO_TEST_DATA "/utf8/table-3-7.txt", check_split);
    each_case(BRIO_TEST_DATA "/utf8/naughty.txt", check_split);
}

/* ---- All short strings -------------------------------------------------- */

TEST(every_pair_and_boundary_triple)
{
    char text[4];
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++)
            for (size_t c = 0; c < sizeof(classes); c++) {
                text[0] = (char)a, text[1] = (char)b, text[2] = (char)classes[c], text[3] = '\x80';
                for (size_t len = 1; len <= 4; len++)
                    CHECK(brio_utf8_valid((brio_str){text, len}) == slow_valid(text, len));
            }
}

static uint64_t fnv1a(uint64_t digest, brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        digest = (digest ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001B3);
    return digest;
}

/* Every string of `len` bytes of `classes`, the last byte counting fastest. */
static uint64_t digest_of_length(brio_arena *arena, uint64_t digest, size_t len)
{
    size_t total = 1, n = sizeof(classes);
    for (size_t i = 0; i < len; i++)
        total *= n;
    for (size_t k = 0; k < total; k++) {
        char text[4];
        size_t rest = k;
        for (size_t i = len; i > 0; i--, rest /= n)
            text[i - 1] = (char)classes[rest % n];
        digest = fnv1a(digest, brio_utf8_replace(arena, (brio_str){text, len}));
        digest = fnv1a(digest, BRIO_S("\n"));
        brio_arena_reset(arena);
    }
    return digest;
}

TEST(replace_agrees_with_python_on_all_short_strings)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    uint64_t digest = UINT64_C(0xCBF29CE484222325);
    for (size_t len = 1; len <= 4; len++)
        digest = digest_of_length(&arena, digest, len);
    CHECK(digest == replace_digest);
    brio_arena_fini(&arena);
}

/* ---- The rest ----------------------------------------------------------- */

TEST(empty_is_valid)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    CHECK(brio_utf8_valid((brio_str){NULL, 0}));
    CHECK_INT(brio_utf8_length((brio_str){NULL, 0}), 0);
    CHECK_STR(brio_utf8_replace(&arena, (brio_str){NULL, 0}), "");
    brio_arena_fini(&arena);
}

TEST(length_counts_code_points)
{
    CHECK_INT(brio_utf8_length(BRIO_S("abc")), 3);
    CHECK_INT(brio_utf8_length(BRIO_S("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 3);
    CHECK_INT(brio_utf8_length(BRIO_S("e\xCC\x81")), 2); /* a combining accent is its own */
}

TEST(encode_round_trips_every_scalar_value)
{
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char out[4];
        if (code == 0xD800)
            code = 0xE000;
        size_t n = brio_utf8_encode(out, code);
        CHECK_INT(slow_sequence((const unsigned char *)out, n), (int)n);
        CHECK(brio_utf8_valid((brio_str){out, n}));
    }
    char out[4];
    CHECK_INT(brio_utf8_encode(out, 0x20AC), 3);
    CHECK(!memcmp(out, "\xE2\x82\xAC", 3));
    CHECK_INT(brio_utf8_encode(out, 0x1F600), 4);
    CHECK(!memcmp(out, "\xF0\x9F\x98\x80", 4));
}

static void encode_surrogate(void)
{
    char out[4];
    brio_utf8_encode(out, 0xDFFF);
}

static void encode_beyond(void)
{
    char out[4];
    brio_utf8_encode(out, 0x110000);
}

TEST(encode_refuses_what_is_no_scalar_value)
{
    CHECK(aborts(encode_surrogate));
    CHECK(aborts(encode_beyond));
}

/* ---- Many bytes at a time ---------------------------------------------------- */

static bool valid_by_steps(brio_str s)
{
    const char *end = s.ptr + s.len;
    for (const char *p = s.ptr; p < end;) {
        int n = brio_base_utf8_step(p, end);
        if (n <= 0)
            return false;
        p += n;
    }
    return true;
}

/* Every lead and second byte, and what matters of the next two, across the borders
 * of what is looked at at once, and cut off behind each. */
TEST(long_text_is_judged_as_short_text_is)
{
    static const char edges[] = {0, 0x7F, (char)0x80, (char)0xBF, (char)0xC0};
    static const size_t places[] = {0, 13, 30, 61};
    char text[80];
    memset(text, 'a', sizeof text);
    for (int lead = 0x80; lead < 0x100; lead++) {
        for (int i = 0; i < 256 * 25; i++) {
            const char bytes[4] = {(char)lead, (char)(i / 25), edges[i / 5 % 5], edges[i % 5]};
            size_t at = places[i % 4], cut = 65 + (size_t)i % 3;
            memcpy(text + at, bytes, 4);
            bool whole = brio_utf8_valid((brio_str){text, sizeof text});
            CHECK_INT(whole, valid_by_steps((brio_str){text, sizeof text}));
            CHECK_INT(brio_utf8_valid((brio_str){text, cut}),
                      valid_by_steps((brio_str){text, cut}));
            memset(text + at, 'a', 4);
        }
    }
}
