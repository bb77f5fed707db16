/* SPDX-License-Identifier: MIT
 *
 * Sealed values; the formats are in brio/seal.h.
 *
 * Every purpose has keys of its own, derived from the secrets, so that a sealed
 * value of one kind is never taken for another. The time is sealed as well: the
 * age is judged only after the seal was found whole. */
#include "crypt/crypt_internal.h"

enum { TEXT_MAX = 16 * 1024, TIME = 8, PURPOSE_MAX = 256, MAC = 32 };
enum {
    VERSION = 1,
    SALT = 16,
    HEAD = 1 + TIME + SALT,
    GCM_SECRET = BRIO_CRYPT_GCM_KEY + BRIO_CRYPT_GCM_NONCE
};
enum { FUTURE = 60 }; /* seconds that clocks may differ */

static int check(const brio_seal *seal)
{
    if (!seal->purpose || !*seal->purpose || strlen(seal->purpose) > PURPOSE_MAX)
        return brio_error(BRIO_EKEY, "a seal without a purpose, or with one beyond 256 bytes");
    if (!seal->n_secrets || seal->n_secrets > BRIO_SEAL_SECRETS_MAX)
        return brio_error(BRIO_EKEY, "a seal has one to %d secrets", BRIO_SEAL_SECRETS_MAX);
    for (size_t i = 0; i < seal->n_secrets; i++)
        if (seal->secrets[i].len < BRIO_SEAL_SECRET_MIN)
            return brio_error(BRIO_EKEY, "a secret of a seal has at least %d bytes",
                              BRIO_SEAL_SECRET_MIN);
    return 0;
}

static size_t text_max(const brio_seal *seal)
{
    return seal->max_size ? seal->max_size : TEXT_MAX;
}

/* `n` bytes for this kind of seal and its purpose. */
static int derive(const brio_seal *seal, const char *kind, brio_hkdf from, uint8_t *out, size_t n)
{
    char use[PURPOSE_MAX + 32];
    brio_buf text = brio_buf_over(use, sizeof use);
    brio_buf_add(&text, brio_str_from(kind));
    brio_buf_add(&text, brio_str_from(seal->purpose));
    from.use = brio_buf_str(&text);
    return brio_hkdf_bytes(&from, out, n);
}

/* ---- Time ----------------------------------------------------------------------- */

static void put_time(uint8_t out[TIME], int64_t seconds)
{
    for (int i = 0; i < TIME; i++)
        out[i] = (uint8_t)((uint64_t)seconds >> (8 * (TIME - 1 - i)));
}

static int check_time(const brio_seal *seal, const uint8_t in[TIME])
{
    uint64_t then = 0;
    int64_t now = brio_crypt_now(seal->now);
    for (int i = 0; i < TIME; i++)
        then = then << 8 | in[i];
    if (then > INT64_MAX - FUTURE || (int64_t)then > now + FUTURE)
        return BRIO_EEARLY;
    return seal->max_age && now - (int64_t)then > seal->max_age / BRIO_SEC(1) ? BRIO_EEXPIRED : 0;
}

/* ---- Signed --------------------------------------------------------------------- */

static int mac(const brio_seal *seal, size_t which, brio_str text, brio_digest *ret)
{
    uint8_t key[MAC];
    brio_hkdf from = {.secret = seal->secrets[which]};
    int rc = derive(seal, "brio signed 1 ", from, key, sizeof key);
    if (rc >= 0)
        rc = brio_hmac(BRIO_SHA256, (brio_str){(char *)key, sizeof key}, text, ret);
    brio_wipe(key, sizeof key);
    return rc;
}

int brio_seal_sign(brio_arena *arena, const brio_seal *seal, brio_str value, brio_str *ret)
{
    uint8_t time[TIME];
    brio_digest digest;
    int rc = check(seal);
    if (rc < 0)
        return rc;
    if (value.len > text_max(seal))
        return BRIO_ELIMIT;
    put_time(time, brio_crypt_now(seal->now));
    value = brio_base64_encode(arena, BRIO_BASE64URL, value);
    brio_str at = brio_base64_encode(arena, BRIO_BASE64URL, (brio_str){(char *)time, sizeof time});
    brio_str text = brio_printf(arena, "%.*s.%.*s", BRIO_ARG(value), BRIO_ARG(at));
    if ((rc = mac(seal, 0, text, &digest)) < 0)
        return rc;
    brio_str sum = brio_base64_encode(arena, BRIO_BASE64URL, brio_digest_str(&digest));
    *ret = brio_printf(arena, "%.*s.%.*s", BRIO_ARG(text), BRIO_ARG(sum));
    return ret->len > text_max(seal) ? BRIO_ELIMIT : 0;
}

static int find_signer(const brio_seal *seal, brio_str text, brio_str signature)
{
    int rc = BRIO_ESIGNATURE;
    for (size_t i = 0; i < seal->n_secrets && rc == BRIO_ESIGNATURE; i++) {
        brio_digest digest;
        int made = mac(seal, i, text, &digest);
        if (made < 0)
            return made;
        if (brio_compare_digest(brio_digest_str(&digest), signature))
            rc = 0;
    }
    return rc;
}

int brio_seal_unsign(brio_arena *arena, const brio_seal *seal, brio_str text, brio_str *ret)
{
    brio_str time, sum, value;
    int rc = check(seal);
    if (rc < 0)
        return rc;
    if (text.len > text_max(seal))
        return BRIO_ELIMIT;
    brio_str_pair first = brio_str_cut(text, '.'), second = brio_str_cut(first.tail, '.');
    brio_str signed_part = brio_str_slice(text, 0, first.head.len + 1 + second.head.len);
    if (!second.found || brio_base64_decode(arena, BRIO_BASE64URL, first.head, &value) < 0 ||
        brio_base64_decode(arena, BRIO_BASE64URL, second.head, &time) < 0 || time.len != TIME ||
        brio_base64_decode(arena, BRIO_BASE64URL, second.tail, &sum) < 0)
        return BRIO_ETOKEN;
    if ((rc = find_signer(seal, signed_part, sum)) < 0 ||
        (rc = check_time(seal, (const uint8_t *)time.ptr)) < 0)
        return rc;
    *ret = value;
    return 0;
}

/* ---- Encrypted ------------------------------------------------------------------ */

/* Key and nonce of one message, from a secret and the message's salt. */
static int gcm_of(const brio_seal *seal, size_t which, brio_str head, brio_crypt_gcm *ret)
{
    uint8_t bytes[GCM_SECRET];
    brio_hkdf from = {.secret = seal->secrets[which], .salt = brio_str_slice(head, 1 + TIME, SALT)};
    int rc = derive(seal, "brio sealed 1 ", from, bytes, sizeof bytes);
    memcpy(ret->key, bytes, sizeof ret->key);
    memcpy(ret->nonce, bytes + sizeof ret->key, sizeof ret->nonce);
    ret->aad = head;
    brio_wipe(bytes, sizeof bytes);
    return rc;
}

int brio_seal_encrypt(brio_arena *arena, const brio_seal *seal, brio_str value, brio_str *ret)
{
    brio_crypt_gcm gcm;
    int rc = check(seal);
    if (rc < 0)
        return rc;
    if (value.len > text_max(seal))
        return BRIO_ELIMIT;
    size_t len = HEAD + value.len + BRIO_CRYPT_GCM_TAG;
    uint8_t *bytes = brio_alloc_aligned(arena, len, 1);
    bytes[0] = VERSION;
    put_time(bytes + 1, brio_crypt_now(seal->now));
    brio_random_bytes(bytes + 1 + TIME, SALT);
    rc = gcm_of(seal, 0, (brio_str){(char *)bytes, HEAD}, &gcm);
    if (rc >= 0)
        rc = brio_crypt_gcm_seal(&gcm, value, bytes + HEAD);
    brio_wipe(&gcm, sizeof gcm);
    if (rc < 0)
        return rc;
    *ret = brio_base64_encode(arena, BRIO_BASE64URL, (brio_str){(char *)bytes, len});
    return ret->len > text_max(seal) ? BRIO_ELIMIT : 0;
}

static int try_secret(const brio_seal *seal, size_t which, brio_str bytes, uint8_t *out)
{
    brio_crypt_gcm gcm;
    int rc = gcm_of(seal, which, brio_str_slice(bytes, 0, HEAD), &gcm);
    if (rc >= 0)
        rc = brio_crypt_gcm_open(&gcm, brio_str_slice(bytes, HEAD, bytes.len), out);
    brio_wipe(&gcm, sizeof gcm);
    return rc;
}

int brio_seal_decrypt(brio_arena *arena, const brio_seal *seal, brio_str text, brio_str *ret)
{
    brio_str bytes;
    int rc = check(seal);
    if (rc < 0)
        return rc;
    if (text.len > text_max(seal))
        return BRIO_ELIMIT;
    if (brio_base64_decode(arena, BRIO_BASE64URL, text, &bytes) < 0 ||
        bytes.len < HEAD + BRIO_CRYPT_GCM_TAG || bytes.ptr[0] != VERSION)
        return BRIO_ETOKEN;
    size_t len = bytes.len - HEAD - BRIO_CRYPT_GCM_TAG;
    uint8_t *out = brio_alloc_aligned(arena, len + 1, 1);
    rc = BRIO_ESIGNATURE;
    for (size_t i = 0; i < seal->n_secrets && rc == BRIO_ESIGNATURE; i++)
        rc = try_secret(seal, i, bytes, out);
    if (rc < 0 || (rc = check_time(seal, (const uint8_t *)bytes.ptr + 1)) < 0)
        return rc;
    *ret = (brio_str){(char *)out, len};
    return 0;
}

/* ---- Against forged requests ------------------------------------------------------ */

enum { CSRF_RANDOM = 16 };

/* What is signed: the random bytes, then the session that is not in the token. */
static brio_seal csrf_seal(brio_arena *arena, const brio_seal *seal, brio_str session, int *ret)
{
    brio_seal bound = *seal;
    brio_digest digest;
    if ((*ret = check(seal)) >= 0 && (*ret = brio_hash_of(BRIO_SHA256, session, &digest)) >= 0) {
        brio_str hash = brio_base64_encode(arena, BRIO_BASE64URL, brio_digest_str(&digest));
        bound.purpose = brio_printf(arena, "%s csrf %.*s", seal->purpose, BRIO_ARG(hash)).ptr;
    }
    return bound;
}

int brio_csrf_token(brio_arena *arena, const brio_seal *seal, brio_str session, brio_str *ret)
{
    int rc;
    char random[CSRF_RANDOM];
    brio_seal bound = csrf_seal(arena, seal, session, &rc);
    if (rc < 0)
        return rc;
    brio_random_bytes(random, sizeof random);
    return brio_seal_sign(arena, &bound, (brio_str){random, sizeof random}, ret);
}

int brio_csrf_check(brio_arena *arena, const brio_seal *seal, brio_str session,
                    const brio_csrf_sent *sent)
{
    int rc;
    brio_str random;
    brio_seal bound = csrf_seal(arena, seal, session, &rc);
    if (rc < 0)
        return rc;
    if (!brio_compare_digest(sent->cookie, sent->sent))
        return BRIO_ESIGNATURE;
    return brio_seal_unsign(arena, &bound, sent->sent, &random);
}
