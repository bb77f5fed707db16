/* SPDX-License-Identifier: MIT
 *
 * brio/password.h: passwords as Argon2id hashes (RFC 9106), in the PHC string
 * format that argon2-cffi, pwdlib and libargon2's own tool read and write.
 *
 *     rc = brio_password_verify(given, user->hashed_password);      // Suspends
 *     if (rc < 0)
 *         return brio_fail(req, 401, "Incorrect username or password");
 *
 * A hash takes tens of milliseconds and megabytes on purpose. In a task the work
 * is done on a thread of a small pool of the loop's own, so that logins cannot
 * take all memory at once; outside a task it is done at once. */
#ifndef BRIO_PASSWORD_H
#define BRIO_PASSWORD_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BRIO_PASSWORD_MAX = 4096,        /* bytes of a password */
    BRIO_PASSWORD_HASH_MAX = 512,    /* bytes of a PHC string */
    BRIO_PASSWORD_THREADS = 4,       /* hashes of a loop at once */
    BRIO_PASSWORD_QUEUE = 1000,      /* and those that wait */
    BRIO_PASSWORD_MEMORY_MAX = 1024 * 1024, /* KiB that verifying spends at most */
    BRIO_PASSWORD_PASSES_MAX = 64,
    BRIO_PASSWORD_LANES_MAX = 64
};

/* What a hash costs. NULL or zeros mean RFC 9106's second choice, which is also
 * argon2-cffi's default. */
typedef struct brio_password_cost {
    uint32_t memory; /* KiB; 0 means 65,536 (64 MiB) */
    uint32_t passes; /* 0 means 3 */
    uint32_t lanes;  /* 0 means 4; part of the hash, no threads of their own */
} brio_password_cost;

/* The PHC string of `password` with a random salt of 16 bytes and a tag of 32,
 * in the arena. Suspends. 0; BRIO_ELIMIT for a password beyond
 * BRIO_PASSWORD_MAX; -EINVAL for a cost beyond the limits above or less memory
 * than 8 KiB per lane; BRIO_EOVERLOAD when too many wait; -ECANCELED; -ENOMEM;
 * -ENOTSUP without libargon2. */
BRIO_API int brio_password_hash(brio_arena *arena, brio_str password,
                                const brio_password_cost *cost, brio_str *ret) BRIO_CHECKED;

/* 0 if `hash` (argon2id, argon2i or argon2d, version 19) was made of
 * `password`; BRIO_EPASSWORD if not. Suspends. BRIO_EINVALID for text that is no
 * such hash or costs more than the limits above; else as brio_password_hash.
 *
 * So that an unknown user takes as long as a wrong password, verify against
 * brio_password_dummy() then. */
BRIO_API int brio_password_verify(brio_str password, brio_str hash) BRIO_CHECKED;

/* A hash of the default cost that no password is known for. Static. */
BRIO_API brio_str brio_password_dummy(void);

/* True if `hash` was made in another way than brio_password_hash would with
 * `cost` (NULL: the default), or is none: after a successful verify, hash the
 * password anew and store that. Does not suspend. */
BRIO_API bool brio_password_needs_rehash(brio_str hash, const brio_password_cost *cost);

#ifdef __cplusplus
}
#endif
#endif
