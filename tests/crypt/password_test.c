/* SPDX-License-Identifier: MIT
 *
 * Passwords: argon2-cffi's hashes, our own, and stored text that is hostile. */
#include "harness/test.h"

#include <brio/crypt.h>
#include <brio/task.h>

#include <errno.h>

/* Cheap, for tests. */
static const brio_password_cost cheap = {.memory = 64, .passes = 1, .lanes = 1};

#define REF "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$aS2q6LakLhxgdPXdgFQiOQ"

#ifdef BRIO_WITH_ARGON2

TEST(password_hashes_of_argon2_cffi)
{
    static const char *const rows[][2] = {
        {"secret", REF},
        {"secret", "$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$lWoQZmpsz5AV93FOcgMOVA"},
        {"secret", "$argon2d$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$S4a5gC+ju86vQSL4GQPztQ"},
        {"p\303\244ssword", "$argon2id$v=19$m=256,t=1,p=4$MDEyMzQ1Njc4OWFiY2RlZg$"
                            "A0SesvGAdfwJh4VuyiadvNzkaKcntbDoFz/QYvA3S1A"},
        {"", "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
             "YdvKnHDNdnx3UXOE4OXsgVckBvuq3gpvrMbEV3UYnbY"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        brio_str hash = brio_str_from(rows[i][1]);
        CHECK_OK(brio_password_verify(brio_str_from(rows[i][0]), hash));
        CHECK_INT(brio_password_verify(BRIO_S("Secret"), hash), BRIO_EPASSWORD);
        CHECK_INT(brio_password_verify(BRIO_S("secret\0"), hash), BRIO_EPASSWORD);
    }
}

static int hash_and_verify(void *arg)
{
    brio_arena *arena = arg;
    brio_str hash, again;
    CHECK_OK(brio_password_hash(arena, BRIO_S("correct horse"), &cheap, &hash));
    CHECK_OK(brio_password_hash(arena, BRIO_S("correct horse"), &cheap, &again));
    CHECK(!brio_str_eq(hash, again)); /* salted */
    CHECK(brio_str_starts(hash, BRIO_S("$argon2id$v=19$m=64,t=1,p=1$")));
    CHECK_INT(hash.len, 28 + 22 + 1 + 43);
    CHECK_OK(brio_password_verify(BRIO_S("correct horse"), hash));
    CHECK_INT(brio_password_verify(BRIO_S("correct hors"), hash), BRIO_EPASSWORD);
    CHECK(!brio_password_needs_rehash(hash, &cheap));
    CHECK(brio_password_needs_rehash(hash, NULL));
    return 0;
}

TEST(password_hash_outside_and_inside_a_task)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    CHECK_OK(hash_and_verify(&arena));
    CHECK_OK(brio_run(hash_and_verify, &arena, NULL));
    brio_arena_fini(&arena);
}

static int verify_child(void *arg)
{
    (void)arg;
    return brio_password_verify(BRIO_S("secret"), BRIO_S(REF));
}

static int verify_many(void *arg)
{
    (void)arg;
    BRIO_GROUP(logins)
    {
        for (int i = 0; i < 32; i++)
            CHECK(brio_spawn(&logins, verify_child, NULL));
    }
    return logins.err;
}

TEST(password_many_at_once)
{
    CHECK_OK(brio_run(verify_many, NULL, NULL));
}

TEST(password_defaults_are_the_rfcs)
{
    brio_arena arena;
    brio_str hash;
    brio_arena_init(&arena, 0);
    CHECK_OK(brio_password_hash(&arena, BRIO_S("x"), NULL, &hash));
    CHECK(brio_str_starts(hash, BRIO_S("$argon2id$v=19$m=65536,t=3,p=4$")));
    CHECK(!brio_password_needs_rehash(hash, NULL));
    CHECK_INT(brio_password_verify(BRIO_S(""), brio_password_dummy()), BRIO_EPASSWORD);
    CHECK(!brio_password_needs_rehash(brio_password_dummy(), NULL));
    brio_arena_fini(&arena);
}

TEST(password_limits)
{
    static const brio_password_cost wrong[] = {{.memory = 7, .lanes = 1},
                                               {.memory = 31, .lanes = 4},
                                               {.memory = BRIO_PASSWORD_MEMORY_MAX + 1},
                                               {.passes = BRIO_PASSWORD_PASSES_MAX + 1},
                                               {.lanes = BRIO_PASSWORD_LANES_MAX + 1}};
    static char longest[BRIO_PASSWORD_MAX + 1];
    brio_arena arena;
    brio_str hash;
    brio_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_INT(brio_password_hash(&arena, BRIO_S("x"), &wrong[i], &hash), -EINVAL);
    CHECK_INT(brio_password_hash(&arena, (brio_str){longest, sizeof longest}, &cheap, &hash),
              BRIO_ELIMIT);
    CHECK_INT(brio_password_verify((brio_str){longest, sizeof longest}, BRIO_S(REF)), BRIO_ELIMIT);
    CHECK_OK(brio_password_hash(&arena, (brio_str){longest, BRIO_PASSWORD_MAX}, &cheap, &hash));
    brio_arena_fini(&arena);
}
#else
TEST(password_says_what_is_missing)
{
    brio_arena arena;
    brio_str hash;
    brio_arena_init(&arena, 0);
    CHECK_INT(brio_password_hash(&arena, BRIO_S("x"), &cheap, &hash), -ENOTSUP);
    CHECK_INT(brio_password_verify(BRIO_S("secret"), BRIO_S(REF)), -ENOTSUP);
    brio_arena_fini(&arena);
}
#endif

TEST(password_refuses_other_texts)
{
#define SALT "$c29tZXNhbHRzb21lc2FsdA"
#define TAG  "$aS2q6LakLhxgdPXdgFQiOQ"
    static const char *const bad[] = {"",
                                      "$",
                                      "$$$$$",
                                      "secret",
                                      "$argon2id",
                                      "$2b$12$abcdefghijklmnopqrstuv",
                                      "x" REF,
                                      REF "$",
                                      REF "=",
                                      REF "\n",
                                      "$argon2$v=19$m=64,t=2,p=1" SALT TAG,
                                      "$argon2ID$v=19$m=64,t=2,p=1" SALT TAG,
                                      "$argon2id$v=16$m=64,t=2,p=1" SALT TAG,
                                      "$argon2id$m=64,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$t=2,m=64,p=1" SALT TAG,
                                      "$argon2id$v=19$m=064,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$m=+64,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$m=,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$m=64,t=2,p=1,data=x" SALT TAG,
                                      "$argon2id$v=19$m=64,t=0,p=1" SALT TAG,
                                      "$argon2id$v=19$m=7,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$m=64,t=2,p=9" SALT TAG,
                                      "$argon2id$v=19$m=4294967295,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$m=4294967360,t=2,p=1" SALT TAG,
                                      "$argon2id$v=19$m=64,t=4294967295,p=1" SALT TAG,
                                      "$argon2id$v=19$m=64,t=2,p=1$c2Fs" TAG,
                                      "$argon2id$v=19$m=64,t=2,p=1" SALT "$aS2q6LakLhw",
                                      "$argon2id$v=19$m=64,t=2,p=1" SALT "$",
                                      "$argon2id$v=19$m=64,t=2,p=1" SALT "$aS2q6LakLhxgdPXdgFQiO-",
                                      "$argon2id$v=19$m=64,t=2,p=1$" TAG};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (brio_password_verify(BRIO_S("secret"), brio_str_from(bad[i])) != BRIO_EINVALID)
            test_fail(__FILE__, __LINE__, "takes %s", bad[i]);
        CHECK(brio_password_needs_rehash(brio_str_from(bad[i]), NULL));
    }
}
