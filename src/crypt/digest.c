/* SPDX-License-Identifier: MIT
 *
 * SHA-2, HMAC, HKDF and AES-GCM: OpenSSL behind views of bytes. HKDF is a few
 * lines over HMAC; everything else is one call each. */
#include "crypt/crypt_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* OpenSSL wants pointers even where there is nothing. */
static const unsigned char *bytes_of(brio_str s)
{
    return (const unsigned char *)(s.len ? s.ptr : "");
}

static const EVP_MD *md_of(brio_hash hash)
{
    switch (hash) {
    case BRIO_SHA384:
        return EVP_sha384();
    case BRIO_SHA512:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

int brio_hash_of(brio_hash hash, brio_str data, brio_digest *ret)
{
    unsigned len = 0;
    if (!EVP_Digest(bytes_of(data), data.len, ret->bytes, &len, md_of(hash), NULL))
        return -ENOMEM;
    ret->len = len;
    return 0;
}

int brio_hmac(brio_hash hash, brio_str key, brio_str data, brio_digest *ret)
{
    unsigned len = 0;
    if (key.len > INT_MAX)
        return -EINVAL;
    if (!HMAC(md_of(hash), bytes_of(key), (int)key.len, bytes_of(data), data.len, ret->bytes, &len))
        return -ENOMEM;
    ret->len = len;
    return 0;
}

enum { USE_MAX = 512, STEP = 32, STEPS_MAX = 255 };

/* T(i) = HMAC(prk, T(i-1) | use | i): the next 32 bytes. */
static int hkdf_step(const brio_digest *prk, brio_digest *t, brio_str use, uint8_t i)
{
    uint8_t input[STEP + USE_MAX + 1];
    brio_buf in = brio_buf_over(input, sizeof input);
    brio_buf_add(&in, brio_digest_str(t));
    brio_buf_add(&in, use);
    brio_buf_char(&in, (char)i);
    return brio_hmac(BRIO_SHA256, brio_digest_str(prk), brio_buf_str(&in), t);
}

int brio_hkdf_bytes(const brio_hkdf *from, void *out, size_t n)
{
    brio_digest prk, t = {.len = 0};
    uint8_t *at = out;
    if (n > (size_t)STEP * STEPS_MAX || from->use.len > USE_MAX)
        return -EINVAL;
    int rc = brio_hmac(BRIO_SHA256, from->salt, from->secret, &prk);
    for (uint8_t i = 1; n && rc >= 0; i++) {
        size_t take = n < STEP ? n : STEP;
        rc = hkdf_step(&prk, &t, from->use, i);
        if (rc >= 0)
            memcpy(at, t.bytes, take);
        at += take;
        n -= take;
    }
    brio_wipe(&prk, sizeof prk);
    brio_wipe(&t, sizeof t);
    return rc;
}

/* ---- AES-256-GCM ---------------------------------------------------------- */

static int seal_with(EVP_CIPHER_CTX *ctx, const brio_crypt_gcm *gcm, brio_str in, uint8_t *out)
{
    int len = 0;
    uint8_t *tag = out + in.len;
    bool done = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, gcm->key, gcm->nonce) &&
                EVP_EncryptUpdate(ctx, NULL, &len, bytes_of(gcm->aad), (int)gcm->aad.len) &&
                EVP_EncryptUpdate(ctx, out, &len, bytes_of(in), (int)in.len) &&
                EVP_EncryptFinal_ex(ctx, tag, &len) &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, BRIO_CRYPT_GCM_TAG, tag);
    return done ? 0 : -ENOMEM;
}

int brio_crypt_gcm_seal(const brio_crypt_gcm *gcm, brio_str in, uint8_t *out)
{
    BRIO_ASSERT(in.len <= INT_MAX && gcm->aad.len <= INT_MAX);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int rc = ctx ? seal_with(ctx, gcm, in, out) : -ENOMEM;
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

static int open_with(EVP_CIPHER_CTX *ctx, const brio_crypt_gcm *gcm, brio_str in, uint8_t *out)
{
    int len = 0;
    unsigned char tag[BRIO_CRYPT_GCM_TAG];
    memcpy(tag, in.ptr + in.len - sizeof tag, sizeof tag);
    in.len -= sizeof tag;
    if (!EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, gcm->key, gcm->nonce) ||
        !EVP_DecryptUpdate(ctx, NULL, &len, bytes_of(gcm->aad), (int)gcm->aad.len) ||
        !EVP_DecryptUpdate(ctx, out, &len, bytes_of(in), (int)in.len) ||
        !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag))
        return -ENOMEM;
    if (EVP_DecryptFinal_ex(ctx, out + in.len, &len) > 0)
        return 0;
    brio_wipe(out, in.len);
    return BRIO_ESIGNATURE;
}

int brio_crypt_gcm_open(const brio_crypt_gcm *gcm, brio_str in, uint8_t *out)
{
    if (in.len < BRIO_CRYPT_GCM_TAG || in.len > INT_MAX)
        return BRIO_ESIGNATURE;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int rc = ctx ? open_with(ctx, gcm, in, out) : -ENOMEM;
    EVP_CIPHER_CTX_free(ctx);
    return rc;
}

#else

int brio_hash_of(brio_hash hash, brio_str data, brio_digest *ret)
{
    (void)hash, (void)data, (void)ret;
    return brio_crypt_without("OpenSSL");
}

int brio_hmac(brio_hash hash, brio_str key, brio_str data, brio_digest *ret)
{
    (void)hash, (void)key, (void)data, (void)ret;
    return brio_crypt_without("OpenSSL");
}

int brio_hkdf_bytes(const brio_hkdf *from, void *out, size_t n)
{
    (void)from, (void)out, (void)n;
    return brio_crypt_without("OpenSSL");
}

int brio_crypt_gcm_seal(const brio_crypt_gcm *gcm, brio_str in, uint8_t *out)
{
    (void)gcm, (void)in, (void)out;
    return brio_crypt_without("OpenSSL");
}

int brio_crypt_gcm_open(const brio_crypt_gcm *gcm, brio_str in, uint8_t *out)
{
    (void)gcm, (void)in, (void)out;
    return brio_crypt_without("OpenSSL");
}
#endif
