/* SPDX-License-Identifier: MIT
 *
 * Key pairs from PEM text, and their signatures. A brio_pem is an EVP_PKEY of
 * one of two kinds, RSA or P-256, looked at once when it is made.
 *
 * A token carries an ECDSA signature as r and s side by side (RFC 7518, section
 * 3.4); OpenSSL takes and gives DER. */
#include "crypt/crypt_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <brio/exec.h>

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = 16384,
    P256_BYTES = 32,
    PAIR = 64,
    TEXT_MAX = 64 * 1024
};

struct brio_pem {
    EVP_PKEY *key;
    brio_crypt_pem_kind kind;
    bool is_private;
};

brio_crypt_pem_kind brio_crypt_pem_kind_of(const brio_pem *pem)
{
    return pem->kind;
}

bool brio_crypt_pem_is_private(const brio_pem *pem)
{
    return pem->is_private;
}

/* ---- Reading ---------------------------------------------------------------- */

/* An encrypted key asks for a password: there is none, and no terminal either. */
static int no_password(char *out, int size, int writing, void *arg)
{
    (void)out, (void)size, (void)writing, (void)arg;
    return -1;
}

static EVP_PKEY *read_certificate(BIO *bio)
{
    X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    EVP_PKEY *key = certificate ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    return key;
}

static EVP_PKEY *read_key(brio_str text, bool *ret_private)
{
    EVP_PKEY *key = NULL;
    BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
    if (!bio)
        return NULL;
    *ret_private = (key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)) != NULL;
    if (!key && BIO_reset(bio) > 0)
        key = PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
    if (!key && BIO_reset(bio) > 0)
        key = read_certificate(bio);
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static bool is_p256(EVP_PKEY *key)
{
    char group[32] = "";
    return EVP_PKEY_get_group_name(key, group, sizeof group, NULL) > 0 &&
           !strcmp(group, SN_X9_62_prime256v1);
}

/* Settles the kind; why not, or NULL. */
static const char *judge(brio_pem *pem)
{
    int bits = EVP_PKEY_get_bits(pem->key);
    if (EVP_PKEY_is_a(pem->key, "RSA")) {
        pem->kind = BRIO_CRYPT_RSA;
        return bits < RSA_BITS_MIN   ? "an RSA key of less than 2,048 bits"
               : bits > RSA_BITS_MAX ? "an RSA key of more than 16,384 bits"
                                     : NULL;
    }
    pem->kind = BRIO_CRYPT_P256;
    if (EVP_PKEY_is_a(pem->key, "EC"))
        return is_p256(pem->key) ? NULL : "an elliptic curve other than P-256";
    return "neither an RSA nor an EC key";
}

typedef struct reading {
    brio_str text;
    brio_pem *pem;
    const char *why; /* not */
} reading;

static int read_on_thread(void *arg)
{
    reading *r = arg;
    r->pem->key = read_key(r->text, &r->pem->is_private);
    r->why = r->pem->key ? judge(r->pem) : "no key that is not encrypted";
    return 0;
}

int brio_pem_new(brio_pem **ret, brio_str text)
{
    reading r = {.text = text};
    if (text.len > TEXT_MAX)
        return brio_error(BRIO_EKEY, "PEM text of more than 64 KiB");
    if (!(r.pem = brio_zalloc(1, sizeof *r.pem)))
        return -ENOMEM;
    int rc = brio_to_thread(read_on_thread, &r);
    if (rc >= 0 && r.why)
        rc = brio_error(BRIO_EKEY, "PEM text holds %s", r.why);
    if (rc < 0)
        brio_pem_free(r.pem);
    else
        *ret = r.pem;
    return rc;
}

void brio_pem_free(brio_pem *pem)
{
    if (!pem)
        return;
    EVP_PKEY_free(pem->key);
    free(pem);
}

/* ---- ECDSA: DER and back ---------------------------------------------------- */

static int pair_of_der(const uint8_t *der, size_t len, uint8_t *out)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool done = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, P256_BYTES) == P256_BYTES &&
                BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + P256_BYTES, P256_BYTES) == P256_BYTES;
    ECDSA_SIG_free(sig);
    return done ? PAIR : -ENOMEM;
}

/* Its length, or an error. `out` has room for BRIO_CRYPT_SIGNATURE_MAX bytes. */
static int der_of_pair(brio_str pair, uint8_t *out)
{
    const unsigned char *at = (const unsigned char *)pair.ptr;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(at, P256_BYTES, NULL), *s = BN_bin2bn(at + P256_BYTES, P256_BYTES, NULL);
    int len = -ENOMEM;
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
        len = i2d_ECDSA_SIG(sig, &out);
        r = s = NULL;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return len;
}

/* ---- Signatures ------------------------------------------------------------- */

static int sign_with(EVP_MD_CTX *ctx, const brio_pem *pem, brio_str input, uint8_t *out,
                     size_t *ret_len)
{
    const unsigned char *in = (const unsigned char *)input.ptr;
    uint8_t der[BRIO_CRYPT_SIGNATURE_MAX];
    size_t len = sizeof der;
    if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pem->key) <= 0 ||
        EVP_DigestSign(ctx, der, &len, in, input.len) <= 0)
        return BRIO_EKEY;
    if (pem->kind == BRIO_CRYPT_RSA) {
        memcpy(out, der, len);
        *ret_len = len;
        return 0;
    }
    int pair = pair_of_der(der, len, out);
    *ret_len = pair < 0 ? 0 : (size_t)pair;
    return pair < 0 ? pair : 0;
}

int brio_crypt_pem_sign(const brio_pem *pem, brio_str input, uint8_t *out, size_t *ret_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int rc = ctx ? sign_with(ctx, pem, input, out, ret_len) : -ENOMEM;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return rc;
}

static int verify_with(EVP_MD_CTX *ctx, const brio_pem *pem, brio_str input, brio_str signature)
{
    const unsigned char *in = (const unsigned char *)input.ptr;
    if (EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pem->key) <= 0)
        return -ENOMEM;
    int right =
        EVP_DigestVerify(ctx, (const unsigned char *)signature.ptr, signature.len, in, input.len);
    return right == 1 ? 0 : BRIO_ESIGNATURE;
}

int brio_crypt_pem_verify(const brio_pem *pem, brio_str input, brio_str signature)
{
    uint8_t der[BRIO_CRYPT_SIGNATURE_MAX];
    if (pem->kind == BRIO_CRYPT_P256) {
        if (signature.len != PAIR)
            return BRIO_ESIGNATURE;
        int len = der_of_pair(signature, der);
        if (len < 0)
            return len;
        signature = (brio_str){(const char *)der, (size_t)len};
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int rc = ctx ? verify_with(ctx, pem, input, signature) : -ENOMEM;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return rc;
}

#else

int brio_pem_new(brio_pem **ret, brio_str text)
{
    (void)ret, (void)text;
    return brio_crypt_without("OpenSSL");
}

void brio_pem_free(brio_pem *pem)
{
    (void)pem;
}

brio_crypt_pem_kind brio_crypt_pem_kind_of(const brio_pem *pem)
{
    (void)pem;
    return BRIO_CRYPT_RSA;
}

bool brio_crypt_pem_is_private(const brio_pem *pem)
{
    (void)pem;
    return false;
}

int brio_crypt_pem_sign(const brio_pem *pem, brio_str input, uint8_t *out, size_t *ret_len)
{
    (void)pem, (void)input, (void)out, (void)ret_len;
    return brio_crypt_without("OpenSSL");
}

int brio_crypt_pem_verify(const brio_pem *pem, brio_str input, brio_str signature)
{
    (void)pem, (void)input, (void)signature;
    return brio_crypt_without("OpenSSL");
}
#endif
