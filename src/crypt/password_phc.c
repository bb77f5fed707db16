/* SPDX-License-Identifier: MIT
 *
 * PHC strings of Argon2, read and written, and the call of libargon2. A stored
 * hash says what it costs to check; what it says is believed only within limits. */
#include "crypt/password_phc.h"
#include "crypt/crypt_internal.h"

#ifdef BRIO_WITH_ARGON2
#include <argon2.h>
#endif

enum { SALT_MIN = 8, TAG_MIN = 12, KIB_PER_LANE_MIN = 8 };

static const brio_str type_names[] = {BRIO_S_INIT("argon2d"), BRIO_S_INIT("argon2i"),
                                      BRIO_S_INIT("argon2id")}; /* ORDER ARGON2_TYPE */

bool brio_crypt_phc_affordable(const brio_password_cost *cost)
{
    return cost->passes >= 1 && cost->passes <= BRIO_PASSWORD_PASSES_MAX && cost->lanes >= 1 &&
           cost->lanes <= BRIO_PASSWORD_LANES_MAX && cost->memory <= BRIO_PASSWORD_MEMORY_MAX &&
           cost->memory >= KIB_PER_LANE_MIN * cost->lanes;
}

/* ---- Reading ---------------------------------------------------------------- */

/* Takes what stands before `sep` (all of it for '\0') off `rest`. */
static bool take(brio_str *rest, char sep, brio_str *ret)
{
    brio_str_pair cut = brio_str_cut(*rest, sep);
    *ret = cut.head;
    *rest = cut.tail;
    return cut.found;
}

/* "m=65536": a number without leading zeros. */
static bool read_number(brio_str text, const char *key, uint32_t *ret)
{
    uint64_t value;
    brio_str prefix = brio_str_from(key), digits = brio_str_slice(text, prefix.len, text.len);
    if (!brio_str_starts(text, prefix) || digits.len > 10 || brio_str_starts(digits, BRIO_S("0")) ||
        brio_str_to_u64(digits, &value) < 0 || value > UINT32_MAX)
        return false;
    *ret = (uint32_t)value;
    return true;
}

static bool read_cost(brio_str text, brio_password_cost *ret)
{
    brio_str m, t;
    return take(&text, ',', &m) && take(&text, ',', &t) && read_number(m, "m=", &ret->memory) &&
           read_number(t, "t=", &ret->passes) && read_number(text, "p=", &ret->lanes) &&
           brio_crypt_phc_affordable(ret);
}

static bool read_bytes(brio_str text, size_t least, uint8_t *out, size_t *ret_len)
{
    /* The arena is only for brio_base64_decode; nothing of it is kept. */
    brio_arena scratch;
    brio_str bytes;
    bool right = false;
    if (text.len > BRIO_PASSWORD_HASH_MAX)
        return false;
    brio_arena_init(&scratch, 0);
    if (brio_base64_decode(&scratch, BRIO_BASE64_BARE, text, &bytes) >= 0 && bytes.len >= least &&
        bytes.len <= BRIO_CRYPT_TAG_MAX) {
        memcpy(out, bytes.ptr, bytes.len);
        *ret_len = bytes.len;
        right = true;
    }
    brio_arena_fini(&scratch);
    return right;
}

static bool read_type(brio_str text, brio_crypt_argon2_type *ret)
{
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (brio_str_eq(text, type_names[i])) {
            *ret = (brio_crypt_argon2_type)i;
            return true;
        }
    return false;
}

int brio_crypt_phc_read(brio_str text, brio_crypt_phc *ret)
{
    brio_str nothing, type, version, cost, salt;
    _Static_assert((int)BRIO_CRYPT_SALT_MAX == (int)BRIO_CRYPT_TAG_MAX, "one limit for both");
    if (text.len > BRIO_PASSWORD_HASH_MAX || !take(&text, '$', &nothing) || nothing.len ||
        !take(&text, '$', &type) || !take(&text, '$', &version) || !take(&text, '$', &cost) ||
        !take(&text, '$', &salt) || !read_type(type, &ret->type) ||
        !brio_str_eq(version, BRIO_S("v=19")) || !read_cost(cost, &ret->cost) ||
        !read_bytes(salt, SALT_MIN, ret->salt, &ret->salt_len) ||
        !read_bytes(text, TAG_MIN, ret->tag, &ret->tag_len))
        return BRIO_EINVALID;
    return 0;
}

brio_str brio_crypt_phc_write(brio_arena *arena, const brio_crypt_phc *phc)
{
    brio_str salt = {(const char *)phc->salt, phc->salt_len};
    brio_str tag = {(const char *)phc->tag, phc->tag_len};
    salt = brio_base64_encode(arena, BRIO_BASE64_BARE, salt);
    tag = brio_base64_encode(arena, BRIO_BASE64_BARE, tag);
    return brio_printf(arena, "$%.*s$v=19$m=%u,t=%u,p=%u$%.*s$%.*s",
                       BRIO_ARG(type_names[phc->type]), phc->cost.memory, phc->cost.passes,
                       phc->cost.lanes, BRIO_ARG(salt), BRIO_ARG(tag));
}

/* ---- Argon2 ------------------------------------------------------------------- */

#ifdef BRIO_WITH_ARGON2

/* libargon2 does not write to the password without ARGON2_FLAG_CLEAR_PASSWORD,
 * though its struct is not const. */
static uint8_t *borrowed(brio_str s)
{
    union {
        const char *given;
        uint8_t *taken;
    } u = {.given = s.ptr};
    return u.taken;
}

int brio_crypt_argon2(brio_str password, brio_crypt_phc *phc)
{
    argon2_context context = {.out = phc->tag,
                              .outlen = (uint32_t)phc->tag_len,
                              .pwd = borrowed(password),
                              .pwdlen = (uint32_t)password.len,
                              .salt = phc->salt,
                              .saltlen = (uint32_t)phc->salt_len,
                              .t_cost = phc->cost.passes,
                              .m_cost = phc->cost.memory,
                              .lanes = phc->cost.lanes,
                              .threads = 1,
                              .version = ARGON2_VERSION_13};
    int rc = argon2_ctx(&context, (argon2_type)phc->type);
    if (rc == ARGON2_OK)
        return 0;
    return rc == ARGON2_MEMORY_ALLOCATION_ERROR
               ? -ENOMEM
               : brio_error(-EINVAL, "argon2: %s", argon2_error_message(rc));
}

#else

int brio_crypt_argon2(brio_str password, brio_crypt_phc *phc)
{
    (void)password, (void)phc;
    return brio_crypt_without("libargon2");
}
#endif
