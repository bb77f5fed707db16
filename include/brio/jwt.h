/* SPDX-License-Identifier: MIT
 *
 * brio/jwt.h: JSON Web Tokens (RFC 7519) as signed compact text (RFC 7515).
 *
 *     static const brio_jwt_key key = {.algorithm = BRIO_HS256, .secret = BRIO_S_INIT("...")};
 *
 *     Claims mine = {.sub = user->name};
 *     rc = brio_jwt_sign_model(arena, &(brio_jwt_signing){.key = &key, .expires_in = BRIO_SEC(1800)},
 *                              BRIO_TYPE(Claims), &mine, &token);
 *     rc = brio_jwt_verify_model(arena, &(brio_jwt_check){.key = &key}, token, BRIO_TYPE(Claims), &theirs);
 *
 * A key says which algorithm it is for, and serves no other (RFC 8725, section
 * 3.1): a token chooses among the caller's keys, never the algorithm. So "none"
 * and a public key taken for a secret do not exist here. */
#ifndef BRIO_JWT_H
#define BRIO_JWT_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_json;
struct brio_model;

/* ---- Keys --------------------------------------------------------------- */

typedef enum brio_jwt_algorithm { /* RFC 7518, section 3.1. ORDER JWT_ALGORITHM */
    BRIO_JWT_UNSET = 0,           /* refused: BRIO_EKEY */
    BRIO_HS256,                   /* HMAC: one secret signs and verifies */
    BRIO_HS384,
    BRIO_HS512,
    BRIO_RS256, /* RSA, PKCS #1 v1.5, SHA-256 */
    BRIO_ES256  /* ECDSA on P-256, SHA-256 */
} brio_jwt_algorithm;

typedef struct brio_pem brio_pem;

/* A key from PEM text: a private key (PKCS #8, PKCS #1 or SEC 1, not encrypted),
 * a public key, or a certificate, whose key is taken and of which nothing else
 * is looked at. For RS256 RSA of at least 2,048 and at most 16,384 bits, for
 * ES256 P-256. Suspends in a task (parsing takes more stack than a task has).
 * 0; BRIO_EKEY with brio_error_detail for anything else; -ENOMEM; -ENOTSUP
 * without OpenSSL. May be shared by threads. */
BRIO_API int brio_pem_new(brio_pem **ret, brio_str text) BRIO_CHECKED;
BRIO_API void brio_pem_free(brio_pem *pem); /* NULL is fine */

/* One key for one algorithm. */
typedef struct brio_jwt_key {
    brio_jwt_algorithm algorithm; /* required */
    brio_str secret;     /* HS...: at least as many bytes as the digest has; borrowed */
    const brio_pem *pem; /* RS256, ES256: borrowed; signing takes a private one */
    const char *id;      /* "kid": written when signing; of several keys the one the
                          * token names is tried alone. NULL: none */
} brio_jwt_key;

/* ---- Signing ------------------------------------------------------------ */

typedef struct brio_jwt_signing {
    const brio_jwt_key *key; /* required; borrowed for the call */
    /* Each is added behind the claims given, and replaces one of that name. */
    const char *issuer, *audience, *subject; /* NULL: none */
    brio_time expires_in; /* "exp", from now; whole seconds, at least one; 0: none */
    bool issued_at;       /* "iat": now */
    bool unique_id;       /* "jti": 16 random bytes */
    const char *type;     /* the header's "typ"; NULL means "JWT" */
    int64_t now;          /* seconds since 1970; 0 means the clock's */
} brio_jwt_signing;

/* Signs `claims`, a JSON object (or NULL: none), as a token in the arena; with
 * the same claims in ASCII PyJWT makes the same HS... token. Suspends for RS256 and
 * ES256, whose arithmetic runs on a thread. 0; BRIO_EKEY for a key that does
 * not serve its algorithm; -EINVAL for claims that are no object; -ENOTSUP
 * without OpenSSL. */
BRIO_API int brio_jwt_sign(brio_arena *arena, const brio_jwt_signing *signing,
                           const struct brio_json *claims, brio_str *ret) BRIO_CHECKED;
/* The same with the claims of a model. Also BRIO_EMODEL, as brio_encode. */
BRIO_API int brio_jwt_sign_model(brio_arena *arena, const brio_jwt_signing *signing,
                                 const struct brio_model *model, const void *claims,
                                 brio_str *ret) BRIO_CHECKED;

/* ---- Verifying ---------------------------------------------------------- */

typedef struct brio_jwt_check {
    const brio_jwt_key *key;  /* the key, or the first of n_keys (an array); required */
    size_t n_keys;            /* 0 means 1; at most 16 */
    const char *issuer;       /* what "iss" must be; NULL: anything */
    const char *audience;     /* what "aud" must be or contain; NULL: it must be absent */
    const char *subject;      /* what "sub" must be; NULL: anything */
    const char *required;     /* names of claims that must be there: "exp sub" */
    const char *type;         /* what the header's "typ" must be, in any case, with or
                               * without "application/" (RFC 8725, 3.11); NULL: anything */
    brio_time leeway;         /* for exp, nbf and iat; 0: none */
    brio_time max_age;        /* since "iat", which is then required; 0: any */
    bool any_time;            /* does not look at exp, nbf and iat */
    int64_t now;              /* seconds since 1970; 0 means the clock's */
    size_t max_size;          /* bytes of the token; 0 means 8 KiB */
} brio_jwt_check;

/* Verifies the signature, then the claims, in that order, and gives the claims
 * (strings may point into the arena). Suspends for RS256 and ES256. 0, or the
 * first of these; *ret is then untouched:
 *   BRIO_EKEY       a key does not serve its algorithm, or there is none;
 *   BRIO_ELIMIT     the token is longer than max_size;
 *   BRIO_ETOKEN     not three parts of strict base64url, the first two JSON
 *                   objects (RFC 8259, 32 levels; of equal names the last
 *                   counts); a header with "crit", or of another type than asked;
 *   BRIO_EALGORITHM no key is for the header's "alg";
 *   BRIO_ESIGNATURE no such key made this signature, or "kid" names none;
 *   BRIO_ECLAIM     a required claim (also iss, aud, sub, iat when asked for)
 *                   is absent or null; exp, nbf or iat is no number; iss, sub
 *                   or jti no string; aud neither a string nor an array of
 *                   them; sub is another than asked;
 *   BRIO_EEXPIRED   exp is not after now - leeway, or iat is older than max_age;
 *   BRIO_EEARLY     nbf or iat is after now + leeway;
 *   BRIO_EISSUER    iss is another;
 *   BRIO_EAUDIENCE  aud does not name the audience asked for, or names one
 *                   though none was;
 *   -ENOTSUP        without OpenSSL. */
BRIO_API int brio_jwt_verify(brio_arena *arena, const brio_jwt_check *check, brio_str token,
                             struct brio_json *ret) BRIO_CHECKED;
/* The same, and reads the claims through a model into `claims` (model->size
 * bytes). Also BRIO_EINVALID: the claims are right but do not fit the model. */
BRIO_API int brio_jwt_verify_model(brio_arena *arena, const brio_jwt_check *check, brio_str token,
                                   const struct brio_model *model, void *claims) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
