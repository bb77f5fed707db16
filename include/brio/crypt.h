/* SPDX-License-Identifier: MIT
 *
 * brio/crypt.h: secrets: comparing, making and guarding them.
 *
 *     brio_str key = brio_token_urlsafe(arena, 0);                 // a new API key
 *     if (!brio_compare_digest(given, key))
 *         return brio_fail(req, 401, "Wrong key");
 *
 * Four parts: here bytes and digests; <brio/jwt.h> tokens that others read;
 * <brio/password.h> passwords; <brio/seal.h> values that come back from the
 * client unchanged, or unreadable as well.
 *
 * The arithmetic is OpenSSL's and libargon2's. In a build without one of them
 * what needs it returns -ENOTSUP, with brio_error_detail; nothing falls back
 * to something weaker. */
#ifndef BRIO_CRYPT_H
#define BRIO_CRYPT_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Comparing ---------------------------------------------------------- */

/* Same length, same bytes, in a time that tells only the lengths (Python's
 * secrets.compare_digest). For passwords, keys and signatures; brio_str_eq
 * tells how far a guess was right. */
BRIO_API bool brio_compare_digest(brio_str a, brio_str b);

/* Overwrites `n` bytes with zeros, also where the compiler sees that nobody
 * reads them again. */
BRIO_API void brio_wipe(void *bytes, size_t n);

/* ---- Making ------------------------------------------------------------- */

/* `n` unguessable bytes of the kernel (getrandom). Cannot fail: a machine
 * without a source of randomness stops the process. Waits only while the
 * machine boots. */
BRIO_API void brio_random_bytes(void *out, size_t n);
/* `n` such bytes (0 means 32) as text in the arena: in hexadecimal digits, or
 * in base64url without padding (Python's secrets.token_hex, token_urlsafe).
 * Never NULL. */
BRIO_API brio_str brio_token_hex(brio_arena *arena, size_t n);
BRIO_API brio_str brio_token_urlsafe(brio_arena *arena, size_t n);

/* ---- Digests ------------------------------------------------------------ */

typedef enum brio_hash { BRIO_SHA256 = 0, BRIO_SHA384, BRIO_SHA512 } brio_hash;

/* Bytes of the longest digest. */
enum { BRIO_DIGEST_MAX = 64 };

typedef struct brio_digest {
    uint8_t bytes[BRIO_DIGEST_MAX];
    size_t len; /* 32, 48 or 64 */
} brio_digest;

/* View of a digest's bytes; valid as long as `digest`. */
static inline brio_str brio_digest_str(const brio_digest *digest)
{
    brio_str s = {(const char *)digest->bytes, digest->len};
    return s;
}

/* SHA-2 of `data` (FIPS 180-4). 0, -ENOTSUP without OpenSSL. */
BRIO_API int brio_hash_of(brio_hash hash, brio_str data, brio_digest *ret) BRIO_CHECKED;
/* HMAC of `data` under `key` (RFC 2104). For comparing use
 * brio_compare_digest. 0, -ENOTSUP without OpenSSL. */
BRIO_API int brio_hmac(brio_hash hash, brio_str key, brio_str data, brio_digest *ret) BRIO_CHECKED;
/* `n` bytes (at most 255 times 32) derived from `secret` for one use (RFC 5869,
 * SHA-256). `salt` may be empty; `use` keeps apart what different uses get.
 * The secret must be random: this is not for passwords. 0, -EINVAL for too
 * many bytes or a `use` beyond 512, -ENOTSUP without OpenSSL. */
typedef struct brio_hkdf {
    brio_str secret, salt, use;
} brio_hkdf;
BRIO_API int brio_hkdf_bytes(const brio_hkdf *from, void *out, size_t n) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif

#include <brio/jwt.h>
#include <brio/password.h>
#include <brio/seal.h>
#endif
