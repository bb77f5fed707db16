/* SPDX-License-Identifier: MIT
 *
 * Tokens: RFC 7515's own, PyJWT's, and those of people who try. The forged ones
 * are signed with the right key wherever the signature is not the point. */
#include "crypt/jwt_keys.h"
#include "harness/test.h"

#include <brio/crypt.h>
#include <brio/model.h>
#include <brio/task.h>

#include <errno.h>
#include <stdlib.h>

#ifdef BRIO_WITH_OPENSSL

#define SECRET "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"
#define OTHER  "19d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"
#define NOW    1700000000
#define RFC                                                                                        \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl" \
    "fQ"
#define RFC_NOW 1300819000

static const brio_jwt_key hs256 = {.algorithm = BRIO_HS256, .secret = BRIO_S_INIT(SECRET)};

static brio_arena arena; /* of the test's process */

__attribute__((constructor)) static void make_arena(void)
{
    brio_arena_init(&arena, (size_t)64 << 20);
}

static brio_json parsed(const char *text)
{
    brio_json v;
    CHECK_OK(brio_json_parse(&arena, brio_str_from(text), NULL, &v, NULL));
    return v;
}

static brio_pem *pem_of(const char *text)
{
    brio_pem *pem;
    CHECK_OK(brio_pem_new(&pem, brio_str_from(text)));
    return pem;
}

static brio_str url64(const char *text)
{
    return brio_base64_encode(&arena, BRIO_BASE64URL, brio_str_from(text));
}

/* A token of any header and payload, rightly signed with HS256. */
static brio_str forged(const char *header, const char *payload)
{
    brio_digest d;
    brio_str h = url64(header), p = url64(payload);
    brio_str input = brio_printf(&arena, "%.*s.%.*s", BRIO_ARG(h), BRIO_ARG(p));
    CHECK_OK(brio_hmac(BRIO_SHA256, BRIO_S(SECRET), input, &d));
    brio_str sum = brio_base64_encode(&arena, BRIO_BASE64URL, brio_digest_str(&d));
    return brio_printf(&arena, "%.*s.%.*s", BRIO_ARG(input), BRIO_ARG(sum));
}

static int verdict(brio_str token)
{
    brio_json claims;
    return brio_jwt_verify(&arena, &(brio_jwt_check){.key = &hs256, .now = NOW}, token, &claims);
}

#define CHECK_VERDICT(want, token) CHECK_STR(brio_str_from(brio_error_name(verdict(token))), want)

/* ---- Of others ------------------------------------------------------------------- */

TEST(jwt_of_rfc_7515)
{
    brio_str secret;
    brio_json claims;
    CHECK_OK(brio_base64_decode(&arena, BRIO_BASE64URL,
                                BRIO_S("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
                                       "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
                                &secret));
    brio_pem *rsa = pem_of(PEM_RFC7515_RSA), *ec = pem_of(PEM_RFC7515_EC);
    brio_jwt_key keys[] = {{.algorithm = BRIO_HS256, .secret = secret},
                           {.algorithm = BRIO_RS256, .pem = rsa},
                           {.algorithm = BRIO_ES256, .pem = ec}};
    static const char *const tokens[] = {
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." RFC
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "eyJhbGciOiJSUzI1NiJ9." RFC
        ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
        "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
        "nZLgrnbyTyWzO75"
        "vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
        "eOkHWEsqtFZESc6BfI7"
        "noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
        "IoypGlUPQGe77Rw",
        "eyJhbGciOiJFUzI1NiJ9." RFC
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
        "pmWQxfKTUJqPP3-Kg6NU1Q"};
    for (size_t i = 0; i < 3; i++) {
        brio_str token = brio_str_from(tokens[i]);
        CHECK_OK(brio_jwt_verify(
            &arena, &(brio_jwt_check){.key = keys, .n_keys = 3, .now = RFC_NOW}, token, &claims));
        CHECK_STR(brio_json_get(&claims, BRIO_S("iss"))->str, "joe");
        CHECK_INT(
            brio_jwt_verify(&arena, &(brio_jwt_check){.key = keys, .n_keys = 3}, token, &claims),
            BRIO_EEXPIRED);
    }
    brio_pem_free(rsa);
    brio_pem_free(ec);
}

TEST(jwt_is_pyjwt_to_the_byte)
{
    static const struct {
        brio_jwt_algorithm algorithm;
        const char *token;
    } rows[] = {
        {BRIO_HS256, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                     "eyJzdWIiOiJqb2huZG9lIiwic2NvcGUiOiJtZSBpdGVtcyIsImV4c"
                     "CI6MjAwMDAwMDAwMH0.rZUtZi_q5PnbAx-PfTC0gsKM13VZk9IqWh5lhRSWEEQ"},
        {BRIO_HS384,
         "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9."
         "eyJzdWIiOiJqb2huZG9lIiwic2NvcGUiOiJtZSBpdGVtcyIsImV4c"
         "CI6MjAwMDAwMDAwMH0.p5_-j1naUBgY6GMpDW2Z5PpODtkPchDd71Vtax78V8k_zvAmtI2no-8FWi54AicN"},
        {BRIO_HS512, "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9."
                     "eyJzdWIiOiJqb2huZG9lIiwic2NvcGUiOiJtZSBpdGVtcyIsImV4c"
                     "CI6MjAwMDAwMDAwMH0.QpuyzmmKk9NRdd0LdpoRUv5-zXk_2JWp39gAh47Eolrs72qZW_QVl5_Os_"
                     "XPp6uxAQMz0NOr"
                     "GsjQyaKx_6kN5g"},
    };
    brio_json given = parsed("{\"sub\":\"johndoe\",\"scope\":\"me items\"}"), claims;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        brio_jwt_key key = {.algorithm = rows[i].algorithm, .secret = BRIO_S(SECRET)};
        brio_jwt_signing signing = {.key = &key, .now = 1999998200, .expires_in = BRIO_SEC(1800)};
        brio_str token;
        CHECK_OK(brio_jwt_sign(&arena, &signing, &given, &token));
        CHECK_STR(token, rows[i].token);
        CHECK_OK(
            brio_jwt_verify(&arena, &(brio_jwt_check){.key = &key, .now = NOW}, token, &claims));
        CHECK_INT(claims.n, 3);
    }
    brio_jwt_key named = {.algorithm = BRIO_HS256, .secret = BRIO_S(SECRET), .id = "k1"};
    brio_json a = parsed("{\"sub\":\"a\"}");
    brio_str token;
    CHECK_OK(brio_jwt_sign(&arena, &(brio_jwt_signing){.key = &named}, &a, &token));
    CHECK_STR(token, "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhIn0."
                     "Cknl9PBQ601XloEoh5f5pcAlO_bmHspJWxLCqU2E2Zo");
}

/* ---- There and back ---------------------------------------------------------------- */

typedef struct Claims {
    brio_str sub;
    int64_t *exp;
    brio_str scope;
} Claims;

BRIO_MODEL(Claims, BRIO_FIELD(sub), BRIO_FIELD(exp), BRIO_FIELD(scope, .def = "\"\""));

TEST(jwt_of_a_model)
{
    Claims mine = {.sub = BRIO_S("j\303\266hn"), .scope = BRIO_S("me")}, theirs;
    brio_jwt_signing signing = {.key = &hs256,
                                .expires_in = BRIO_SEC(60),
                                .now = NOW,
                                .issuer = "i",
                                .issued_at = true,
                                .unique_id = true,
                                .audience = "aud",
                                .subject = NULL};
    brio_jwt_check check = {.key = &hs256,
                            .now = NOW + 59,
                            .issuer = "i",
                            .audience = "aud",
                            .required = "exp  sub jti iat"};
    brio_str token;
    CHECK_OK(brio_jwt_sign_model(&arena, &signing, BRIO_TYPE(Claims), &mine, &token));
    CHECK_OK(brio_jwt_verify_model(&arena, &check, token, BRIO_TYPE(Claims), &theirs));
    CHECK_STR(theirs.sub, "j\303\266hn");
    CHECK_STR(theirs.scope, "me");
    CHECK_INT(*theirs.exp, NOW + 60);
    check.now = NOW + 60;
    CHECK_INT(brio_jwt_verify_model(&arena, &check, token, BRIO_TYPE(Claims), &theirs),
              BRIO_EEXPIRED);
    brio_json other = parsed("{\"sub\":7}");
    CHECK_OK(brio_jwt_sign(&arena, &(brio_jwt_signing){.key = &hs256}, &other, &token));
    CHECK_INT(brio_jwt_verify_model(&arena, &(brio_jwt_check){.key = &hs256}, token,
                                    BRIO_TYPE(Claims), &theirs),
              BRIO_ECLAIM);
    other = parsed("{\"other\":7}");
    CHECK_OK(brio_jwt_sign(&arena, &(brio_jwt_signing){.key = &hs256}, &other, &token));
    CHECK_INT(brio_jwt_verify_model(&arena, &(brio_jwt_check){.key = &hs256}, token,
                                    BRIO_TYPE(Claims), &theirs),
              BRIO_EINVALID);
}

TEST(jwt_replaces_what_it_adds)
{
    brio_json given = parsed(
        "{\"sub\":\"a\",\"exp\":1,\"iat\":1,\"jti\":\"x\",\"iss\":\"x\",\"aud\":\"x\",\"n\":1.5}");
    brio_json claims;
    brio_str token;
    brio_jwt_signing signing = {.key = &hs256,
                                .issuer = "i",
                                .audience = "a",
                                .subject = "s",
                                .unique_id = true,
                                .expires_in = 1,
                                .issued_at = true,
                                .now = NOW,
                                .type = "at+jwt"};
    CHECK_OK(brio_jwt_sign(&arena, &signing, &given, &token));
    brio_jwt_check check = {.key = &hs256,
                            .now = NOW,
                            .issuer = "i",
                            .audience = "a",
                            .subject = "s",
                            .type = "application/AT+JWT"};
    CHECK_OK(brio_jwt_verify(&arena, &check, token, &claims));
    CHECK_INT(claims.n, 7);
    CHECK_INT(brio_json_get(&claims, BRIO_S("exp"))->integer, NOW + 1);
    check.type = "JWT";
    CHECK_INT(brio_jwt_verify(&arena, &check, token, &claims), BRIO_ETOKEN);
    brio_json list = parsed("[]");
    CHECK_INT(brio_jwt_sign(&arena, &signing, &list, &token), -EINVAL);
}

typedef struct pair_run {
    const char *private_pem, *public_pem;
    brio_jwt_algorithm algorithm;
} pair_run;

static int sign_and_verify(void *arg)
{
    const pair_run *run = arg;
    brio_json given = parsed("{\"sub\":\"a\"}"), claims;
    brio_pem *signer = pem_of(run->private_pem), *verifier = pem_of(run->public_pem);
    brio_jwt_key mine = {.algorithm = run->algorithm, .pem = signer};
    brio_jwt_key theirs = {.algorithm = run->algorithm, .pem = verifier};
    brio_jwt_check check = {.key = &theirs};
    brio_str token;
    CHECK_OK(brio_jwt_sign(&arena, &(brio_jwt_signing){.key = &mine}, &given, &token));
    CHECK_OK(brio_jwt_verify(&arena, &check, token, &claims));
    CHECK_INT(brio_jwt_sign(&arena, &(brio_jwt_signing){.key = &theirs}, &given, &token),
              BRIO_EKEY);
    for (size_t i = 0; i < token.len; i += 7) {
        char *bad = brio_cstr(&arena, token);
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        int rc = brio_jwt_verify(&arena, &check, (brio_str){bad, token.len}, &claims);
        CHECK(rc == BRIO_ESIGNATURE || rc == BRIO_ETOKEN || rc == BRIO_EALGORITHM);
    }
    brio_pem_free(signer);
    brio_pem_free(verifier);
    return 0;
}

static const pair_run pairs[] = {{PEM_RSA_PRIVATE, PEM_RSA_PUBLIC, BRIO_RS256},
                                 {PEM_EC_PRIVATE, PEM_EC_PUBLIC, BRIO_ES256},
                                 {PEM_EC_SEC1, PEM_EC_CERTIFICATE, BRIO_ES256}};

TEST(jwt_key_pairs_outside_and_inside_a_task)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        pair_run run = pairs[i];
        CHECK_OK(sign_and_verify(&run));
        CHECK_OK(brio_run(sign_and_verify, &run, NULL));
    }
}

/* ---- Keys ------------------------------------------------------------------------------ */

TEST(jwt_refuses_keys_that_do_not_serve)
{
    static const char *const bad[] = {
        "",
        "no pem",
        PEM_RSA_1024,
        PEM_EC_P384,
        PEM_ED25519,
        PEM_EC_ENCRYPTED,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        brio_pem *pem;
        CHECK_INT(brio_pem_new(&pem, brio_str_from(bad[i])), BRIO_EKEY);
    }
    brio_pem *rsa = pem_of(PEM_RSA_PUBLIC), *ec = pem_of(PEM_EC_PUBLIC);
    const brio_jwt_key keys[] = {
        {.algorithm = BRIO_JWT_UNSET, .secret = BRIO_S_INIT(SECRET)},
        {.algorithm = BRIO_HS256, .secret = BRIO_S_INIT("short")},
        {.algorithm = BRIO_HS384,
         .secret = BRIO_S_INIT("0123456789012345678901234567890123456789")},
        {.algorithm = BRIO_HS512,
         .secret = BRIO_S_INIT("0123456789012345678901234567890123456789")},
        {.algorithm = BRIO_HS256, .secret = BRIO_S_INIT(SECRET), .pem = rsa},
        {.algorithm = BRIO_RS256, .secret = BRIO_S_INIT(SECRET)},
        {.algorithm = BRIO_RS256, .pem = ec},
        {.algorithm = BRIO_ES256, .pem = rsa},
        {.algorithm = BRIO_ES256, .pem = ec, .secret = BRIO_S_INIT(SECRET)},
        {.algorithm = (brio_jwt_algorithm)77, .secret = BRIO_S_INIT(SECRET)},
    };
    brio_json claims;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        CHECK_INT(brio_jwt_verify(&arena, &(brio_jwt_check){.key = &keys[i]},
                                  forged("{\"alg\":\"HS256\"}", "{}"), &claims),
                  BRIO_EKEY);
    CHECK_INT(brio_jwt_verify(&arena, &(brio_jwt_check){0}, BRIO_S("a.b.c"), &claims), BRIO_EKEY);
    brio_pem_free(rsa);
    brio_pem_free(ec);
    brio_pem_free(NULL);
}

/* The public key's text as an HMAC secret, "none", and their spellings. */
TEST(jwt_algorithm_is_the_keys)
{
    brio_pem *rsa = pem_of(PEM_RSA_PUBLIC);
    brio_jwt_key public = {.algorithm = BRIO_RS256, .pem = rsa};
    brio_json claims;
    brio_digest d;
    brio_str h = url64("{\"alg\":\"HS256\"}"), p = url64("{\"sub\":\"admin\"}");
    brio_str input = brio_printf(&arena, "%.*s.%.*s", BRIO_ARG(h), BRIO_ARG(p));
    CHECK_OK(brio_hmac(BRIO_SHA256, BRIO_S(PEM_RSA_PUBLIC), input, &d));
    brio_str sum = brio_base64_encode(&arena, BRIO_BASE64URL, brio_digest_str(&d));
    brio_str confused = brio_printf(&arena, "%.*s.%.*s", BRIO_ARG(input), BRIO_ARG(sum));
    CHECK_INT(brio_jwt_verify(&arena, &(brio_jwt_check){.key = &public}, confused, &claims),
              BRIO_EALGORITHM);
    static const char *const names[] = {"none",  "None",   "NONE",        "nOnE",
                                        "",      "HS256 ", "hs256",       "HS1",
                                        "RS512", "PS256",  "HS256\\u0000"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        brio_str header = brio_printf(&arena, "{\"alg\":\"%s\"}", names[i]);
        CHECK_VERDICT("BRIO_EALGORITHM", forged(header.ptr, "{}"));
        h = url64(header.ptr);
        CHECK_VERDICT("BRIO_EALGORITHM", brio_printf(&arena, "%.*s.e30.", BRIO_ARG(h)));
    }
    CHECK_VERDICT("BRIO_EALGORITHM", forged("{\"alg\":\"HS512\"}", "{}"));
    CHECK_VERDICT("BRIO_EALGORITHM", forged("{\"alg\":\"RS256\"}", "{}"));
    brio_pem_free(rsa);
}

TEST(jwt_keys_are_chosen_by_their_id)
{
    brio_jwt_key keys[] = {{.algorithm = BRIO_HS256, .secret = BRIO_S(OTHER), .id = "new"},
                           {.algorithm = BRIO_HS256, .secret = BRIO_S(SECRET), .id = "old"}};
    brio_jwt_check check = {.key = keys, .n_keys = 2};
    brio_json claims;
    CHECK_OK(brio_jwt_verify(&arena, &check, forged("{\"alg\":\"HS256\",\"kid\":\"old\"}", "{}"),
                             &claims));
    CHECK_OK(brio_jwt_verify(&arena, &check, forged("{\"alg\":\"HS256\"}", "{}"), &claims));
    CHECK_INT(brio_jwt_verify(&arena, &check, forged("{\"alg\":\"HS256\",\"kid\":\"new\"}", "{}"),
                              &claims),
              BRIO_ESIGNATURE);
    CHECK_INT(brio_jwt_verify(&arena, &check, forged("{\"alg\":\"HS256\",\"kid\":\"../x\"}", "{}"),
                              &claims),
              BRIO_ESIGNATURE);
    check.n_keys = 17;
    CHECK_INT(brio_jwt_verify(&arena, &check, forged("{\"alg\":\"HS256\"}", "{}"), &claims),
              BRIO_EKEY);
}

/* ---- Form ------------------------------------------------------------------------------- */

TEST(jwt_refuses_other_forms)
{
    static const char *const headers[] = {"",
                                          "[]",
                                          "null",
                                          "{",
                                          "{}",
                                          "{\"alg\":1}",
                                          "{\"alg\":null}",
                                          "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
                                          "{\"alg\":\"HS256\",\"crit\":[]}",
                                          "{\"alg\":\"HS256\",\"kid\":1}",
                                          "{\"alg\":\"HS256\",\"x\":NaN}",
                                          "{\"alg\":\"HS256\"}x",
                                          "{\"alg\":\"HS256\",\"x\":\"\xff\"}",
                                          "\"HS256\""};
    static const char *const payloads[] = {
        "", "[]", "\"a\"", "null", "1", "{\"a\":Infinity}", "{}{}", "{\"a\":}", "{\"a\":\"\xc3\"}"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        CHECK_VERDICT("BRIO_ETOKEN", forged(headers[i], "{}"));
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++)
        CHECK_VERDICT("BRIO_ETOKEN", forged("{\"alg\":\"HS256\"}", payloads[i]));
    char deep[200] = "";
    memset(deep, '[', 80);
    memset(deep + 80, ']', 80);
    brio_str nested = brio_printf(&arena, "{\"a\":%s}", deep);
    CHECK_VERDICT("BRIO_ETOKEN", forged("{\"alg\":\"HS256\"}", nested.ptr));
}

TEST(jwt_refuses_every_change_of_its_text)
{
    brio_str good = forged("{\"alg\":\"HS256\"}", "{\"sub\":\"a\"}");
    CHECK_VERDICT("OK", good);
    for (size_t i = 0; i < good.len; i++) {
        char *bad = brio_cstr(&arena, good);
        bad[i] = bad[i] == 'x' ? 'y' : 'x';
        CHECK(verdict((brio_str){bad, good.len}) < 0);
        CHECK(verdict((brio_str){good.ptr, i}) < 0);
        memcpy(bad, good.ptr, good.len);
        bad[i] = (char)(bad[i] ^ 0x80);
        CHECK(verdict((brio_str){bad, good.len}) < 0);
    }
    static const char *const ends[] = {"=", "==", ".", "\n", " ", "A", ".x"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        CHECK(verdict(brio_printf(&arena, "%.*s%s", BRIO_ARG(good), ends[i])) < 0);
    CHECK_VERDICT("BRIO_ETOKEN", brio_printf(&arena, " %.*s", BRIO_ARG(good)));
    CHECK_VERDICT("BRIO_ETOKEN", BRIO_S(""));
    CHECK_VERDICT("BRIO_ETOKEN", BRIO_S("."));
    CHECK_VERDICT("BRIO_ETOKEN", BRIO_S(".."));
    CHECK_VERDICT("BRIO_ETOKEN", BRIO_S("...."));
    /* bits behind the last byte: the same signature in another text */
    brio_str tail = brio_str_slice(good, good.len - 1, 1);
    char *twin = brio_cstr(&arena, good);
    twin[good.len - 1] = (char)(tail.ptr[0] + 1);
    CHECK(verdict((brio_str){twin, good.len}) < 0);
}

TEST(jwt_has_a_size)
{
    char *many = brio_calloc(&arena, 1, 9000);
    brio_json claims;
    memset(many, 'a', 8999);
    brio_str big = forged("{\"alg\":\"HS256\"}", brio_printf(&arena, "{\"a\":\"%s\"}", many).ptr);
    CHECK_VERDICT("BRIO_ELIMIT", big);
    CHECK_OK(
        brio_jwt_verify(&arena, &(brio_jwt_check){.key = &hs256, .max_size = 20000}, big, &claims));
}

/* ---- Claims ------------------------------------------------------------------------------- */

TEST(jwt_claims)
{
    static const struct {
        const char *payload, *want;
    } rows[] = {
        {"{\"exp\":1700000001}", "OK"},
        {"{\"exp\":1700000000}", "BRIO_EEXPIRED"},
        {"{\"exp\":1700000000.9}", "BRIO_EEXPIRED"},
        {"{\"exp\":1700000001.5}", "OK"},
        {"{\"exp\":-1}", "BRIO_EEXPIRED"},
        {"{\"exp\":1e300}", "OK"},
        {"{\"exp\":\"1700000001\"}", "BRIO_ECLAIM"},
        {"{\"exp\":null}", "BRIO_ECLAIM"},
        {"{\"exp\":true}", "BRIO_ECLAIM"},
        {"{\"exp\":99999999999999999999}", "BRIO_ECLAIM"},
        {"{\"exp\":[1700000001]}", "BRIO_ECLAIM"},
        {"{\"exp\":1,\"exp\":1700000001}", "OK"},
        {"{\"exp\":1700000001,\"exp\":1}", "BRIO_EEXPIRED"},
        {"{\"nbf\":1700000000}", "OK"},
        {"{\"nbf\":1700000001}", "BRIO_EEARLY"},
        {"{\"nbf\":\"x\"}", "BRIO_ECLAIM"},
        {"{\"iat\":1700000001}", "BRIO_EEARLY"},
        {"{\"iat\":1600000000}", "OK"},
        {"{\"iat\":{}}", "BRIO_ECLAIM"},
        {"{\"sub\":7}", "BRIO_ECLAIM"},
        {"{\"jti\":7}", "BRIO_ECLAIM"},
        {"{\"iss\":[]}", "BRIO_ECLAIM"},
        {"{\"aud\":\"somebody\"}", "BRIO_EAUDIENCE"},
        {"{\"aud\":[\"somebody\"]}", "BRIO_EAUDIENCE"},
        {"{\"aud\":[]}", "OK"},
        {"{\"aud\":[1]}", "BRIO_ECLAIM"},
        {"{\"aud\":{\"a\":1}}", "BRIO_ECLAIM"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = brio_error_name(verdict(forged("{\"alg\":\"HS256\"}", rows[i].payload)));
        if (strcmp(got, rows[i].want) != 0)
            test_fail(__FILE__, __LINE__, "%s: %s, not %s", rows[i].payload, got, rows[i].want);
    }
}

TEST(jwt_claims_that_were_asked_for)
{
    static const struct {
        const char *payload, *want;
        brio_jwt_check check;
    } rows[] = {
        {"{\"iss\":\"me\"}", "OK", {.issuer = "me"}},
        {"{\"iss\":\"me2\"}", "BRIO_EISSUER", {.issuer = "me"}},
        {"{}", "BRIO_ECLAIM", {.issuer = "me"}},
        {"{\"aud\":\"me\"}", "OK", {.audience = "me"}},
        {"{\"aud\":[\"you\",\"me\"]}", "OK", {.audience = "me"}},
        {"{\"aud\":[\"you\"]}", "BRIO_EAUDIENCE", {.audience = "me"}},
        {"{\"aud\":[]}", "BRIO_EAUDIENCE", {.audience = "me"}},
        {"{}", "BRIO_ECLAIM", {.audience = "me"}},
        {"{\"sub\":\"me\"}", "OK", {.subject = "me"}},
        {"{\"sub\":\"you\"}", "BRIO_ECLAIM", {.subject = "me"}},
        {"{\"a\":1}", "OK", {.required = "a"}},
        {"{\"a\":null}", "BRIO_ECLAIM", {.required = "a"}},
        {"{\"a\":1}", "BRIO_ECLAIM", {.required = "a b"}},
        {"{\"exp\":1699999990}", "OK", {.leeway = BRIO_SEC(11)}},
        {"{\"exp\":1699999990}", "BRIO_EEXPIRED", {.leeway = BRIO_SEC(10)}},
        {"{\"nbf\":1700000010}", "OK", {.leeway = BRIO_SEC(10)}},
        {"{\"nbf\":1700000011}", "BRIO_EEARLY", {.leeway = BRIO_SEC(10)}},
        {"{\"exp\":1,\"nbf\":1800000000}", "OK", {.any_time = true}},
        {"{\"iat\":1699999990}", "OK", {.max_age = BRIO_SEC(10)}},
        {"{\"iat\":1699999989}", "BRIO_EEXPIRED", {.max_age = BRIO_SEC(10)}},
        {"{}", "BRIO_ECLAIM", {.max_age = BRIO_SEC(10)}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        brio_jwt_check check = rows[i].check;
        brio_json claims = {.type = BRIO_JSON_BOOL};
        check.key = &hs256;
        check.now = NOW;
        int rc = brio_jwt_verify(&arena, &check, forged("{\"alg\":\"HS256\"}", rows[i].payload),
                                 &claims);
        if (strcmp(brio_error_name(rc), rows[i].want) != 0)
            test_fail(__FILE__, __LINE__, "row %zu, %s: %s, not %s", i, rows[i].payload,
                      brio_error_name(rc), rows[i].want);
        CHECK(claims.type == (rc < 0 ? BRIO_JSON_BOOL : BRIO_JSON_OBJECT));
    }
}

#else

TEST(jwt_says_what_is_missing)
{
    brio_pem *pem;
    brio_jwt_key key = {.algorithm = BRIO_HS256,
                        .secret = BRIO_S("0123456789012345678901234567890123456789")};
    brio_arena arena;
    brio_str token;
    brio_arena_init(&arena, 0);
    CHECK_INT(brio_jwt_sign(&arena, &(brio_jwt_signing){.key = &key}, NULL, &token), -ENOTSUP);
    CHECK_INT(brio_pem_new(&pem, BRIO_S("")), -ENOTSUP);
    brio_arena_fini(&arena);
}
#endif
