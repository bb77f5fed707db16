/* SPDX-License-Identifier: MIT
 *
 * brio/seal.h: values that travel through the client and come back as they left:
 * signed (readable) or encrypted (not even that). For cookies, links in mails,
 * tokens in forms.
 *
 *     static const brio_str secrets[] = {BRIO_S_INIT("..."), BRIO_S_INIT("last year's ...")};
 *     static const brio_seal seal = {.purpose = "unsubscribe", .secrets = secrets, .n_secrets = 2,
 *                                    .max_age = BRIO_SEC(86400)};
 *     rc = brio_seal_sign(arena, &seal, BRIO_S("user=7"), &text);
 *     rc = brio_seal_unsign(arena, &seal, text, &value);
 *
 * The text is made of letters, digits, '-', '_' and '.', so it may stand in a
 * cookie, a URL or a header as it is. Signed, version 1:
 *
 *     base64url(value) "." base64url(seconds, 8 bytes big-endian) "."
 *         base64url(HMAC-SHA-256(HKDF(secret, "brio signed 1 " purpose, 32), all before this dot))
 *
 * Encrypted, version 1, with a key for each message (as RFC 8188 has it):
 *
 *     base64url(head, AES-256-GCM(value), tag), where head is 0x01, the seconds,
 *         16 random bytes of salt; it is authenticated with the value;
 *         key, nonce = HKDF(secret, salt, "brio sealed 1 " purpose, 32 + 12) */
#ifndef BRIO_SEAL_H
#define BRIO_SEAL_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BRIO_SEAL_SECRET_MIN = 32, /* bytes of a secret, at least; make it by brio_token_hex */
    BRIO_SEAL_SECRETS_MAX = 16
};

typedef struct brio_seal {
    const char *purpose;     /* required; a value of one purpose is none of another; borrowed */
    const brio_str *secrets; /* the first seals, all open: put new ones in front; borrowed */
    size_t n_secrets;
    brio_time max_age;       /* of what is opened; 0: any */
    int64_t now;             /* seconds since 1970; 0 means the clock's */
    size_t max_size;         /* bytes of a sealed text; 0 means 16 KiB */
} brio_seal;

/* The sealed text of `value` (any bytes), in the arena. 0; BRIO_EKEY for no
 * purpose, no secret, or one that is too short; BRIO_ELIMIT beyond max_size;
 * -ENOTSUP without OpenSSL. */
BRIO_API int brio_seal_sign(brio_arena *arena, const brio_seal *seal, brio_str value,
                            brio_str *ret) BRIO_CHECKED;
BRIO_API int brio_seal_encrypt(brio_arena *arena, const brio_seal *seal, brio_str value,
                               brio_str *ret) BRIO_CHECKED;
/* The value again, in the arena. Also BRIO_ETOKEN: it has not this form;
 * BRIO_ESIGNATURE: none of the secrets made it for this purpose;
 * BRIO_EEXPIRED: older than max_age; BRIO_EEARLY: from more than a minute in
 * the future. */
BRIO_API int brio_seal_unsign(brio_arena *arena, const brio_seal *seal, brio_str text,
                              brio_str *ret) BRIO_CHECKED;
BRIO_API int brio_seal_decrypt(brio_arena *arena, const brio_seal *seal, brio_str text,
                               brio_str *ret) BRIO_CHECKED;

/* ---- Tokens against forged requests (CSRF) ------------------------------ */

/* A token for `session` (whatever names the visitor's session; may be empty): a
 * random value signed together with it. It goes to the page and into a cookie
 * (the signed double submit of OWASP's cheat sheet). As brio_seal_sign. */
BRIO_API int brio_csrf_token(brio_arena *arena, const brio_seal *seal, brio_str session,
                             brio_str *ret) BRIO_CHECKED;
/* 0 if `sent`, the form's or header's, is the token in `cookie` and was made for
 * `session`. BRIO_ESIGNATURE if the two differ; else as brio_seal_unsign. */
typedef struct brio_csrf_sent {
    brio_str cookie, sent;
} brio_csrf_sent;
BRIO_API int brio_csrf_check(brio_arena *arena, const brio_seal *seal, brio_str session,
                             const brio_csrf_sent *sent) BRIO_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
