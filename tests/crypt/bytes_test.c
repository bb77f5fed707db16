/* SPDX-License-Identifier: MIT
 *
 * Comparing, randomness, and digests by the vectors of FIPS 180, RFC 4231 and
 * RFC 5869. */
#include "harness/test.h"

#include <brio/crypt.h>

#include <errno.h>

TEST(compare_digest_compares)
{
    CHECK(brio_compare_digest(BRIO_S(""), (brio_str){NULL, 0}));
    CHECK(brio_compare_digest(BRIO_S("a\0b"), BRIO_S("a\0b")));
    CHECK(!brio_compare_digest(BRIO_S("a\0b"), BRIO_S("a\0c")));
    CHECK(!brio_compare_digest(BRIO_S("x"), BRIO_S("xx")));
    CHECK(!brio_compare_digest(BRIO_S("\x80"), BRIO_S("\x00")));
}

TEST(random_tokens_have_their_length_and_differ)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str a = brio_token_hex(&arena, 0), b = brio_token_hex(&arena, 0);
    CHECK_INT(a.len, 64);
    CHECK_INT(strspn(a.ptr, "0123456789abcdef"), 64);
    CHECK(!brio_str_eq(a, b));
    CHECK_INT(brio_token_urlsafe(&arena, 0).len, 43);
    CHECK_INT(brio_token_urlsafe(&arena, 16).len, 22);
    char many[1000];
    size_t seen[256] = {0}, kinds = 0;
    brio_random_bytes(many, sizeof many);
    for (size_t i = 0; i < sizeof many; i++)
        kinds += seen[(unsigned char)many[i]]++ == 0;
    CHECK(kinds > 200);
    brio_wipe(many, sizeof many);
    for (size_t i = 0; i < sizeof many; i++)
        CHECK_INT(many[i], 0);
    brio_arena_fini(&arena);
}

#ifdef BRIO_WITH_OPENSSL
static void check_hex(brio_str bytes, const char *want)
{
    char text[4 * BRIO_DIGEST_MAX + 1] = "";
    for (size_t i = 0; i < bytes.len && i < 2 * BRIO_DIGEST_MAX; i++) {
        static const char digits[] = "0123456789abcdef";
        text[2 * i] = digits[(unsigned char)bytes.ptr[i] >> 4];
        text[2 * i + 1] = digits[bytes.ptr[i] & 15];
    }
    CHECK_STR(brio_str_from(text), want);
}

TEST(hashes_of_abc)
{
    brio_digest d;
    CHECK_OK(brio_hash_of(BRIO_SHA256, BRIO_S("abc"), &d));
    check_hex(brio_digest_str(&d),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_OK(brio_hash_of(BRIO_SHA384, BRIO_S("abc"), &d));
    check_hex(brio_digest_str(&d),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
              "8086072ba1e7cc2358baeca134c825a7");
    CHECK_OK(brio_hash_of(BRIO_SHA512, BRIO_S("abc"), &d));
    check_hex(brio_digest_str(&d),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    CHECK_OK(brio_hash_of(BRIO_SHA256, (brio_str){NULL, 0}, &d));
    check_hex(brio_digest_str(&d),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(hmac_of_rfc_4231)
{
    brio_digest d;
    char key[131];
    memset(key, 0xaa, sizeof key);
    CHECK_OK(brio_hmac(BRIO_SHA256, BRIO_S("Jefe"), BRIO_S("what do ya want for nothing?"), &d));
    check_hex(brio_digest_str(&d),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK_OK(brio_hmac(BRIO_SHA384, BRIO_S("Jefe"), BRIO_S("what do ya want for nothing?"), &d));
    check_hex(brio_digest_str(&d),
              "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
              "8e2240ca5e69e2c78b3239ecfab21649");
    CHECK_OK(brio_hmac(BRIO_SHA512, (brio_str){key, sizeof key},
                       BRIO_S("Test Using Larger Than Block-Size Key - Hash Key First"), &d));
    check_hex(brio_digest_str(&d),
              "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
              "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
}

TEST(hkdf_of_rfc_5869)
{
    uint8_t out[82];
    char secret[22], long_use[513];
    memset(secret, 0x0b, sizeof secret);
    memset(long_use, 'x', sizeof long_use);
    brio_hkdf from = {.secret = {secret, sizeof secret},
                      .salt = BRIO_S("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"),
                      .use = BRIO_S("\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9")};
    CHECK_OK(brio_hkdf_bytes(&from, out, 42));
    check_hex((brio_str){(char *)out, 42},
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
              "34007208d5b887185865");
    from.salt = from.use = (brio_str){NULL, 0};
    CHECK_OK(brio_hkdf_bytes(&from, out, 42));
    check_hex((brio_str){(char *)out, 42},
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
              "9d201395faa4b61a96c8");
    CHECK_INT(brio_hkdf_bytes(&from, out, 255 * 32 + 1), -EINVAL);
    from.use = (brio_str){long_use, sizeof long_use};
    CHECK_INT(brio_hkdf_bytes(&from, out, 1), -EINVAL);
}
#else
TEST(digests_say_what_is_missing)
{
    brio_digest d;
    CHECK_INT(brio_hmac(BRIO_SHA256, BRIO_S("k"), BRIO_S("d"), &d), -ENOTSUP);
}
#endif
