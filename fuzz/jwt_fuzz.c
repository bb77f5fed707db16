/* SPDX-License-Identifier: MIT
 *
 * Tokens, sealed values, PHC strings and base64. What the fuzzer writes never
 * verifies under a key it cannot know; header and claims are also signed for it,
 * so that what lies behind the signature is reached; and base64 that decodes is
 * what the encoder writes. */
#include <brio/crypt.h>
#include <brio/model.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"

static char unknown[32]; /* secret of this process */

static const brio_jwt_key known_key = {.algorithm = BRIO_HS256, .secret = BRIO_S_INIT(SECRET)};

static void try_raw(brio_arena *arena, brio_str text)
{
    brio_str secret = {unknown, sizeof unknown}, value;
    brio_jwt_key key = {.algorithm = BRIO_HS256, .secret = secret};
    brio_seal seal = {.purpose = "fuzz", .secrets = &secret, .n_secrets = 1};
    brio_json claims;
    BRIO_ASSERT(brio_jwt_verify(arena, &(brio_jwt_check){.key = &key}, text, &claims) < 0);
    BRIO_ASSERT(brio_seal_unsign(arena, &seal, text, &value) < 0);
    BRIO_ASSERT(brio_seal_decrypt(arena, &seal, text, &value) < 0);
    BRIO_ASSERT(
        brio_csrf_check(arena, &seal, text, &(brio_csrf_sent){.cookie = text, .sent = text}) < 0);
}

/* Header and claims, cut at the first 0 byte, under a right signature. */
static void try_signed(brio_arena *arena, brio_str text)
{
    static const brio_jwt_check checks[] = {
        {.key = &known_key, .now = 1700000000},
        {.key = &known_key,
         .now = 1700000000,
         .audience = "a",
         .issuer = "i",
         .subject = "s",
         .required = "a b",
         .max_age = BRIO_SEC(60),
         .leeway = BRIO_SEC(5),
         .type = "JWT"},
        {.key = &known_key, .any_time = true, .max_size = 1 << 20},
    };
    brio_str_pair cut = brio_str_cut(text, '\0');
    brio_str h = brio_base64_encode(arena, BRIO_BASE64URL, cut.head);
    brio_str p = brio_base64_encode(arena, BRIO_BASE64URL, cut.tail);
    brio_str input = brio_printf(arena, "%.*s.%.*s", BRIO_ARG(h), BRIO_ARG(p));
    brio_digest d;
    BRIO_ASSERT(brio_hmac(BRIO_SHA256, BRIO_S(SECRET), input, &d) == 0);
    brio_str sum = brio_base64_encode(arena, BRIO_BASE64URL, brio_digest_str(&d));
    brio_str token = brio_printf(arena, "%.*s.%.*s", BRIO_ARG(input), BRIO_ARG(sum));
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        brio_json claims;
        if (brio_jwt_verify(arena, &checks[i], token, &claims) >= 0)
            BRIO_ASSERT(claims.type == BRIO_JSON_OBJECT);
    }
}

static void try_base64(brio_arena *arena, brio_str text)
{
    for (int form = 0; form < 4; form++) {
        brio_str bytes;
        if (brio_base64_decode(arena, (brio_base64_form)form, text, &bytes) >= 0)
            BRIO_ASSERT(
                brio_str_eq(brio_base64_encode(arena, (brio_base64_form)form, bytes), text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    brio_arena arena;
    brio_str text = {(const char *)data, size};
    if (!unknown[0])
        brio_random_bytes(unknown, sizeof unknown);
    brio_arena_init(&arena, 0);
    try_raw(&arena, text);
    try_signed(&arena, text);
    try_base64(&arena, text);
    (void)brio_password_needs_rehash(text, NULL);
    brio_arena_fini(&arena);
    return 0;
}
