/* SPDX-License-Identifier: MIT
 *
 * Sealed values: back unchanged, or not at all. The two texts that are written
 * out were computed with node's crypto from the formats in brio/seal.h. */
#include "harness/test.h"

#include <brio/crypt.h>

#include <errno.h>

#ifdef BRIO_WITH_OPENSSL

#define NOW 1700000000

static const brio_str secrets[] = {BRIO_S_INIT("new-secret-new-secret-new-secret-"),
                                   BRIO_S_INIT("old-secret-old-secret-old-secret-")};
static const brio_seal both = {.purpose = "test", .secrets = secrets, .n_secrets = 2, .now = NOW};
static const brio_seal newer = {.purpose = "test", .secrets = secrets, .n_secrets = 1, .now = NOW};
static const brio_seal older = {
    .purpose = "test", .secrets = secrets + 1, .n_secrets = 1, .now = NOW};

static brio_arena arena; /* of the test's process */

__attribute__((constructor)) static void make_arena(void)
{
    brio_arena_init(&arena, (size_t)64 << 20);
}

typedef int brio_seal_fn(brio_arena *arena, const brio_seal *seal, brio_str in, brio_str *ret);

static const struct {
    brio_seal_fn *close, *open;
} kinds[] = {{brio_seal_sign, brio_seal_unsign}, {brio_seal_encrypt, brio_seal_decrypt}};

TEST(seal_there_and_back)
{
    char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    for (size_t k = 0; k < 2; k++)
        for (size_t n = 0; n < sizeof bytes; n = n * 2 + 1) {
            brio_str text, back, value = {bytes, n};
            CHECK_OK(kinds[k].close(&arena, &both, value, &text));
            CHECK_INT(strspn(text.ptr,
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."),
                      text.len);
            CHECK_OK(kinds[k].open(&arena, &both, text, &back));
            CHECK(brio_str_eq(back, value));
        }
}

TEST(seal_formats)
{
    brio_str text, back;
    CHECK_OK(brio_seal_sign(&arena, &both, BRIO_S("hello"), &text));
    CHECK_STR(text, "aGVsbG8.AAAAAGVT8QA.OqUn9gO2ch2c4HnbJxSyaDVKI8U9HqqelUwiMhlWuso");
    CHECK_OK(brio_seal_decrypt(
        &arena, &both, BRIO_S("AQAAAABlU_EAABEiM0RVZneImaq7zN3u__XCemjCmwtOohkO4jt49p4y-YwxZQ"),
        &back));
    CHECK_STR(back, "hello");
}

TEST(seal_keys_rotate)
{
    for (size_t k = 0; k < 2; k++) {
        brio_str text, back;
        CHECK_OK(kinds[k].close(&arena, &older, BRIO_S("v"), &text));
        CHECK_OK(kinds[k].open(&arena, &both, text, &back));
        CHECK_INT(kinds[k].open(&arena, &newer, text, &back), BRIO_ESIGNATURE);
        CHECK_OK(kinds[k].close(&arena, &both, BRIO_S("v"), &text));
        CHECK_OK(kinds[k].open(&arena, &newer, text, &back));
    }
}

TEST(seal_is_for_one_purpose_and_kind)
{
    brio_seal other = both;
    other.purpose = "test2";
    for (size_t k = 0; k < 2; k++) {
        brio_str text, back;
        CHECK_OK(kinds[k].close(&arena, &both, BRIO_S("v"), &text));
        CHECK_INT(kinds[k].open(&arena, &other, text, &back), BRIO_ESIGNATURE);
        CHECK_INT(kinds[1 - k].open(&arena, &both, text, &back), BRIO_ETOKEN);
    }
}

TEST(seal_ages)
{
    for (size_t k = 0; k < 2; k++) {
        brio_str text, back;
        brio_seal later = both;
        CHECK_OK(kinds[k].close(&arena, &both, BRIO_S("v"), &text));
        later.now = NOW + 100;
        CHECK_OK(kinds[k].open(&arena, &later, text, &back));
        later.max_age = BRIO_SEC(100);
        CHECK_OK(kinds[k].open(&arena, &later, text, &back));
        later.max_age = BRIO_SEC(99);
        CHECK_INT(kinds[k].open(&arena, &later, text, &back), BRIO_EEXPIRED);
        later.now = NOW - 60;
        CHECK_OK(kinds[k].open(&arena, &later, text, &back));
        later.now = NOW - 61;
        CHECK_INT(kinds[k].open(&arena, &later, text, &back), BRIO_EEARLY);
    }
}

TEST(seal_refuses_every_change)
{
    for (size_t k = 0; k < 2; k++) {
        brio_str text, back = BRIO_S("untouched");
        CHECK_OK(kinds[k].close(&arena, &both, BRIO_S("value"), &text));
        for (size_t i = 0; i < text.len; i++) {
            char *bad = brio_cstr(&arena, text);
            bad[i] = bad[i] == 'A' ? 'B' : 'A';
            CHECK(kinds[k].open(&arena, &both, (brio_str){bad, text.len}, &back) < 0);
            CHECK(kinds[k].open(&arena, &both, (brio_str){text.ptr, i}, &back) < 0);
            bad[i] = '=';
            CHECK_INT(kinds[k].open(&arena, &both, (brio_str){bad, text.len}, &back), BRIO_ETOKEN);
        }
        CHECK(kinds[k].open(&arena, &both, brio_printf(&arena, "%.*sA", BRIO_ARG(text)), &back) <
              0);
        CHECK(kinds[k].open(&arena, &both, brio_printf(&arena, "%.*s.", BRIO_ARG(text)), &back) <
              0);
        CHECK_STR(back, "untouched");
    }
}

TEST(seal_encrypts)
{
    brio_str one, two;
    CHECK_OK(brio_seal_encrypt(&arena, &both, BRIO_S("the same value"), &one));
    CHECK_OK(brio_seal_encrypt(&arena, &both, BRIO_S("the same value"), &two));
    CHECK(!brio_str_eq(one, two));
    brio_str bytes;
    CHECK_OK(brio_base64_decode(&arena, BRIO_BASE64URL, one, &bytes));
    CHECK_INT(brio_str_find(bytes, BRIO_S("same")), -1);
}

TEST(seal_limits_and_keys)
{
    static const brio_str weak[] = {BRIO_S_INIT("too short")};
    static char big[20000];
    const brio_seal wrong[] = {{.secrets = secrets, .n_secrets = 1},
                               {.purpose = "", .secrets = secrets, .n_secrets = 1},
                               {.purpose = "x"},
                               {.purpose = "x", .secrets = weak, .n_secrets = 1},
                               {.purpose = "x", .secrets = secrets, .n_secrets = 17}};
    for (size_t k = 0; k < 2; k++) {
        brio_str text;
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            CHECK_INT(kinds[k].close(&arena, &wrong[i], BRIO_S("v"), &text), BRIO_EKEY);
            CHECK_INT(kinds[k].open(&arena, &wrong[i], BRIO_S("v"), &text), BRIO_EKEY);
        }
        CHECK_INT(kinds[k].close(&arena, &both, (brio_str){big, 16000}, &text), BRIO_ELIMIT);
        CHECK_INT(kinds[k].close(&arena, &both, (brio_str){big, sizeof big}, &text), BRIO_ELIMIT);
        CHECK_INT(kinds[k].open(&arena, &both, (brio_str){big, sizeof big}, &text), BRIO_ELIMIT);
        CHECK_OK(kinds[k].close(&arena, &both, (brio_str){big, 12000}, &text));
    }
}

static int csrf(brio_str session, brio_str cookie, brio_str sent)
{
    return brio_csrf_check(&arena, &both, session,
                           &(brio_csrf_sent){.cookie = cookie, .sent = sent});
}

TEST(csrf_tokens)
{
    brio_str token, second, signed_;
    CHECK_OK(brio_csrf_token(&arena, &both, BRIO_S("session-1"), &token));
    CHECK_OK(brio_csrf_token(&arena, &both, BRIO_S("session-1"), &second));
    CHECK(!brio_str_eq(token, second));
    CHECK_OK(csrf(BRIO_S("session-1"), token, token));
    CHECK_INT(csrf(BRIO_S("session-2"), token, token), BRIO_ESIGNATURE);
    CHECK_INT(csrf(BRIO_S(""), token, token), BRIO_ESIGNATURE);
    CHECK_INT(csrf(BRIO_S("session-1"), token, second), BRIO_ESIGNATURE);
    CHECK_INT(csrf(BRIO_S("session-1"), token, BRIO_S("")), BRIO_ESIGNATURE);
    CHECK_INT(csrf(BRIO_S("session-1"), BRIO_S(""), BRIO_S("")), BRIO_ETOKEN);
    CHECK_INT(csrf(BRIO_S("session-1"), BRIO_S("forged"), BRIO_S("forged")), BRIO_ETOKEN);
    CHECK_OK(brio_seal_sign(&arena, &both, BRIO_S("0123456789abcdef"), &signed_));
    CHECK_INT(csrf(BRIO_S("session-1"), signed_, signed_), BRIO_ESIGNATURE);
}
#else
TEST(seal_says_what_is_missing)
{
    static const brio_str secrets[] = {BRIO_S_INIT("new-secret-new-secret-new-secret-")};
    brio_seal seal = {.purpose = "test", .secrets = secrets, .n_secrets = 1};
    brio_arena arena;
    brio_str text;
    brio_arena_init(&arena, 0);
    CHECK_INT(brio_seal_sign(&arena, &seal, BRIO_S("v"), &text), -ENOTSUP);
    CHECK_INT(brio_seal_encrypt(&arena, &seal, BRIO_S("v"), &text), -ENOTSUP);
    brio_arena_fini(&arena);
}
#endif
