/* SPDX-License-Identifier: MIT
 *
 * The keys of session tickets: new ones from time to time, so that who learns them
 * can read back a bounded time only, and nobody resumes for ever.
 *
 * Processes that were forked share them without a word between them: keys come from
 * a chain of hashes, one link for each span of the clock that all of them have, and
 * whoever needs a key goes on along the chain until now. A link cannot be undone and
 * is wiped when the next is made, so the past is gone. Tickets are made with the keys
 * of this span, read with those of the one before too, and renewed then. */
#include "io/io_internal.h"

#ifdef BRIO_WITH_OPENSSL
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

enum { LINK = 32 };

struct brio_io_tickets {
    pthread_mutex_t lock;
    brio_time born, life; /* monotonic */
    uint64_t span;        /* that keys[0] is of */
    unsigned char link[LINK];
    brio_io_ticket_key keys[2]; /* of this span, and of the one before */
    bool former;                /* there was one */
};

/* ---- The chain ---------------------------------------------------------- */

static void hash(const unsigned char link[LINK], const char *what, unsigned char *ret, size_t n)
{
    unsigned char whole[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    const unsigned char *done =
        HMAC(EVP_sha256(), link, LINK, (const unsigned char *)what, strlen(what), whole, &len);
    BRIO_ASSERT(done);
    BRIO_ASSERT(n <= len);
    memcpy(ret, whole, n);
    OPENSSL_cleanse(whole, sizeof whole);
}

static void make_keys(brio_io_tickets *t)
{
    hash(t->link, "name", t->keys[0].name, sizeof t->keys[0].name);
    hash(t->link, "cipher", t->keys[0].cipher, sizeof t->keys[0].cipher);
    hash(t->link, "mac", t->keys[0].mac, sizeof t->keys[0].mac);
}

static void go_on(brio_io_tickets *t, brio_time now)
{
    uint64_t span = now > t->born ? (uint64_t)((now - t->born) / t->life) : 0;
    for (; t->span < span; t->span++) {
        hash(t->link, "next", t->link, LINK);
        t->keys[1] = t->keys[0];
        t->former = true;
        make_keys(t);
    }
}

int brio_io_tickets_key(brio_io_tickets *t, brio_time now, const unsigned char *name,
                        brio_io_ticket_key *ret)
{
    int found = 0;
    pthread_mutex_lock(&t->lock);
    go_on(t, now);
    for (int i = 0; i < 1 + t->former && !found; i++)
        if (!name || memcmp(t->keys[i].name, name, sizeof t->keys[i].name) == 0) {
            *ret = t->keys[i];
            found = i + 1;
        }
    pthread_mutex_unlock(&t->lock);
    return found;
}

/* ---- What OpenSSL asks for ------------------------------------------------ */

static int place = -1; /* of ours in an SSL_CTX */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void take_place(void)
{
    place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static bool set_mac(EVP_MAC_CTX *mac, brio_io_ticket_key *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static bool begin(const brio_io_ticket_key *key, unsigned char *name, unsigned char *iv,
                  EVP_CIPHER_CTX *cipher)
{
    memcpy(name, key->name, sizeof key->name);
    return RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
           EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) == 1;
}

/* 1; 2, and the ticket is to be renewed, as those of TLS 1.3 always are; 0: none of
 * ours; -1. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int making)
{
    brio_io_tickets *t = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place);
    brio_io_ticket_key key;
    int found = t ? brio_io_tickets_key(t, brio_clock_monotonic(), making ? NULL : name, &key) : 0;
    if (!found)
        return 0;
    bool done = making ? begin(&key, name, iv, cipher)
                       : EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher, iv) == 1;
    done = done && set_mac(mac, &key);
    OPENSSL_cleanse(&key, sizeof key);
    if (!done)
        return -1;
    return making ? 1 : SSL_version(ssl) == TLS1_3_VERSION ? 2 : found;
}

void brio_io_tickets_use(brio_io_tickets *t, SSL_CTX *ctx)
{
    if (SSL_CTX_set_ex_data(ctx, place, t) == 1)
        SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}

/* ---- Life ---------------------------------------------------------------- */

brio_io_tickets *brio_io_tickets_new(brio_time life, brio_time now)
{
    pthread_once(&once, take_place);
    brio_io_tickets *t = brio_zalloc(1, sizeof *t);
    if (!t || place < 0 || RAND_bytes(t->link, LINK) != 1) {
        free(t);
        return NULL;
    }
    pthread_mutex_init(&t->lock, NULL);
    t->born = now;
    t->life = life;
    make_keys(t);
    return t;
}

void brio_io_tickets_free(brio_io_tickets *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    OPENSSL_cleanse(t, sizeof *t);
    free(t);
}
#else
typedef int brio_io_no_tickets; /* a translation unit has something in it */
#endif
