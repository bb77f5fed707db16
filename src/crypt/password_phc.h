/* SPDX-License-Identifier: MIT
 *
 * An Argon2 hash taken apart: "$argon2id$v=19$m=65536,t=3,p=4$salt$tag". Within
 * the limits of brio/password.h once it was read. */
#ifndef BRIO_CRYPT_PASSWORD_PHC_H
#define BRIO_CRYPT_PASSWORD_PHC_H

#include <brio/password.h>

/* libargon2's numbers. ORDER ARGON2_TYPE */
typedef enum brio_crypt_argon2_type {
    BRIO_CRYPT_ARGON2D = 0,
    BRIO_CRYPT_ARGON2I,
    BRIO_CRYPT_ARGON2ID
} brio_crypt_argon2_type;

enum { BRIO_CRYPT_SALT_MAX = 64, BRIO_CRYPT_TAG_MAX = 64 };

typedef struct brio_crypt_phc {
    brio_crypt_argon2_type type;
    brio_password_cost cost;
    size_t salt_len, tag_len;
    uint8_t salt[BRIO_CRYPT_SALT_MAX], tag[BRIO_CRYPT_TAG_MAX];
} brio_crypt_phc;

/* True if the cost is within the limits, and Argon2's own. */
bool brio_crypt_phc_affordable(const brio_password_cost *cost);
/* 0 or BRIO_EINVALID. Strict: numbers without leading zeros, base64 without
 * padding, nothing behind the tag. */
int brio_crypt_phc_read(brio_str text, brio_crypt_phc *ret) BRIO_CHECKED;
brio_str brio_crypt_phc_write(brio_arena *arena, const brio_crypt_phc *phc);
/* Fills `tag` from the password, type, cost and salt. -ENOMEM, -ENOTSUP. */
int brio_crypt_argon2(brio_str password, brio_crypt_phc *phc) BRIO_CHECKED;

#endif
