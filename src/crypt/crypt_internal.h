/* SPDX-License-Identifier: MIT
 *
 * What the parts of the crypt room share: the wall clock's second, and the
 * sentence for a build without a library. */
#ifndef BRIO_CRYPT_INTERNAL_H
#define BRIO_CRYPT_INTERNAL_H

#include <brio/crypt.h>
#include <brio/task.h>

#include <errno.h>

enum { BRIO_CRYPT_GCM_KEY = 32, BRIO_CRYPT_GCM_NONCE = 12, BRIO_CRYPT_GCM_TAG = 16 };

/* `given` if it is not 0, else the clock's second since 1970. */
static inline int64_t brio_crypt_now(int64_t given)
{
    return given ? given : brio_clock_realtime() / BRIO_SEC(1);
}

/* -ENOTSUP, and says which option of the build it was. */
static inline int brio_crypt_without(const char *option)
{
    return brio_error(-ENOTSUP, "brio was built without %s", option);
}

/* AES-256-GCM (NIST SP 800-38D). `secret` is key and nonce; `tag` follows the
 * text. Seal: `out` takes in.len + 16 bytes. Open: in.len - 16 bytes of it,
 * BRIO_ESIGNATURE if anything was changed (`out` is then zeroed). -ENOTSUP. */
typedef struct brio_crypt_gcm {
    uint8_t key[BRIO_CRYPT_GCM_KEY];
    uint8_t nonce[BRIO_CRYPT_GCM_NONCE];
    brio_str aad; /* authenticated beside the text */
} brio_crypt_gcm;
int brio_crypt_gcm_seal(const brio_crypt_gcm *gcm, brio_str in, uint8_t *out) BRIO_CHECKED;
int brio_crypt_gcm_open(const brio_crypt_gcm *gcm, brio_str in, uint8_t *out) BRIO_CHECKED;

/* ---- Signatures of tokens (jwt_signature.c, pem.c) ------------------------ */

/* "HS256" and so on; the algorithm of such a name, BRIO_JWT_UNSET if none. */
brio_str brio_crypt_algorithm_name(brio_jwt_algorithm algorithm);
brio_jwt_algorithm brio_crypt_algorithm_of(brio_str name);

/* BRIO_EKEY, with the reason, if the key does not serve its algorithm. */
int brio_crypt_key_check(const brio_jwt_key *key, bool to_sign) BRIO_CHECKED;
/* The signature of `input` as bytes in the arena. Suspends for pem keys. */
int brio_crypt_sign(brio_arena *arena, const brio_jwt_key *key, brio_str input,
                    brio_str *ret) BRIO_CHECKED;
/* 0 or BRIO_ESIGNATURE. Suspends for pem keys. */
int brio_crypt_verify(const brio_jwt_key *key, brio_str input, brio_str signature) BRIO_CHECKED;

/* What a pem holds. */
typedef enum brio_crypt_pem_kind { BRIO_CRYPT_RSA, BRIO_CRYPT_P256 } brio_crypt_pem_kind;
brio_crypt_pem_kind brio_crypt_pem_kind_of(const brio_pem *pem);
bool brio_crypt_pem_is_private(const brio_pem *pem);
/* SHA-256 signatures: of RSA as RFC 8017 has it, of P-256 as r and s, 32 bytes
 * each. `out` has room for BRIO_CRYPT_SIGNATURE_MAX bytes. For a thread. */
enum { BRIO_CRYPT_SIGNATURE_MAX = 2048 };
int brio_crypt_pem_sign(const brio_pem *pem, brio_str input, uint8_t *out,
                        size_t *ret_len) BRIO_CHECKED;
int brio_crypt_pem_verify(const brio_pem *pem, brio_str input, brio_str signature) BRIO_CHECKED;

/* ---- Claims (jwt_claims.c) ------------------------------------------------ */

/* Checks the registered claims of a payload; the codes of brio_jwt_verify. */
int brio_crypt_claims_check(const brio_jwt_check *check,
                            const struct brio_json *claims) BRIO_CHECKED;

#endif
