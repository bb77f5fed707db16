/* SPDX-License-Identifier: MIT
 *
 * What an algorithm of RFC 7518 is: a name, and either a digest for HMAC or the
 * kind of key pair. Work with key pairs goes to a thread: it needs more stack
 * than a task has, and up to a millisecond. */
#include "crypt/crypt_internal.h"

#include <brio/exec.h>

typedef struct algorithm {
    brio_str name;
    bool is_hmac;
    brio_hash hash;
    size_t secret_min; /* RFC 7518, section 3.2 */
    brio_crypt_pem_kind pem;
} algorithm;

static const algorithm algorithms[] = {
    /* ORDER JWT_ALGORITHM */
    {.name = BRIO_S_INIT("")},
    {.name = BRIO_S_INIT("HS256"), .is_hmac = true, .hash = BRIO_SHA256, .secret_min = 32},
    {.name = BRIO_S_INIT("HS384"), .is_hmac = true, .hash = BRIO_SHA384, .secret_min = 48},
    {.name = BRIO_S_INIT("HS512"), .is_hmac = true, .hash = BRIO_SHA512, .secret_min = 64},
    {.name = BRIO_S_INIT("RS256"), .pem = BRIO_CRYPT_RSA},
    {.name = BRIO_S_INIT("ES256"), .pem = BRIO_CRYPT_P256},
};

enum { N_ALGORITHMS = sizeof algorithms / sizeof *algorithms };

brio_str brio_crypt_algorithm_name(brio_jwt_algorithm a)
{
    return algorithms[a].name;
}

brio_jwt_algorithm brio_crypt_algorithm_of(brio_str name)
{
    for (int i = BRIO_HS256; i < N_ALGORITHMS; i++)
        if (brio_str_eq(algorithms[i].name, name))
            return (brio_jwt_algorithm)i;
    return BRIO_JWT_UNSET;
}

static int check_pem(const brio_jwt_key *key, const algorithm *a, bool to_sign)
{
    if (!key->pem)
        return brio_error(BRIO_EKEY, "%.*s needs a pem", BRIO_ARG(a->name));
    if (key->secret.len)
        return brio_error(BRIO_EKEY, "%.*s takes no secret", BRIO_ARG(a->name));
    if (brio_crypt_pem_kind_of(key->pem) != a->pem)
        return brio_error(BRIO_EKEY, "the pem is of the wrong kind for %.*s", BRIO_ARG(a->name));
    if (to_sign && !brio_crypt_pem_is_private(key->pem))
        return brio_error(BRIO_EKEY, "signing needs a private key");
    return 0;
}

int brio_crypt_key_check(const brio_jwt_key *key, bool to_sign)
{
    if (!key || (int)key->algorithm <= BRIO_JWT_UNSET || (int)key->algorithm >= N_ALGORITHMS)
        return brio_error(BRIO_EKEY, "a key without an algorithm");
    const algorithm *a = &algorithms[key->algorithm];
    if (!a->is_hmac)
        return check_pem(key, a, to_sign);
    if (key->pem)
        return brio_error(BRIO_EKEY, "%.*s takes no pem", BRIO_ARG(a->name));
    if (key->secret.len < a->secret_min)
        return brio_error(BRIO_EKEY, "a secret for %.*s has at least %zu bytes", BRIO_ARG(a->name),
                          a->secret_min);
    return 0;
}

/* ---- On a thread ---------------------------------------------------------- */

typedef struct work {
    const brio_pem *pem;
    brio_str input, signature;
    uint8_t out[BRIO_CRYPT_SIGNATURE_MAX];
    size_t len;
} work;

static int sign_on_thread(void *arg)
{
    work *w = arg;
    return brio_crypt_pem_sign(w->pem, w->input, w->out, &w->len);
}

static int verify_on_thread(void *arg)
{
    work *w = arg;
    return brio_crypt_pem_verify(w->pem, w->input, w->signature);
}

int brio_crypt_sign(brio_arena *arena, const brio_jwt_key *key, brio_str input, brio_str *ret)
{
    const algorithm *a = &algorithms[key->algorithm];
    brio_digest digest;
    int rc;
    if (a->is_hmac) {
        if ((rc = brio_hmac(a->hash, key->secret, input, &digest)) >= 0)
            *ret = brio_str_copy(arena, brio_digest_str(&digest));
        return rc;
    }
    work *w = brio_alloc(arena, sizeof *w);
    w->pem = key->pem;
    w->input = input;
    if ((rc = brio_to_thread(sign_on_thread, w)) >= 0)
        *ret = (brio_str){(const char *)w->out, w->len};
    return rc;
}

int brio_crypt_verify(const brio_jwt_key *key, brio_str input, brio_str signature)
{
    const algorithm *a = &algorithms[key->algorithm];
    brio_digest digest;
    if (!a->is_hmac)
        return brio_to_thread(verify_on_thread,
                              &(work){.pem = key->pem, .input = input, .signature = signature});
    int rc = brio_hmac(a->hash, key->secret, input, &digest);
    if (rc < 0)
        return rc;
    return brio_compare_digest(brio_digest_str(&digest), signature) ? 0 : BRIO_ESIGNATURE;
}
