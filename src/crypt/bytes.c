/* SPDX-License-Identifier: MIT
 *
 * Bytes that nobody may guess or see: comparing without telling where, wiping,
 * and the kernel's randomness. No library is needed for these. */
#include "crypt/crypt_internal.h"

#include <sys/random.h>

bool brio_compare_digest(brio_str a, brio_str b)
{
    volatile unsigned char differs = 0;
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        differs = (unsigned char)(differs | (a.ptr[i] ^ b.ptr[i]));
    return differs == 0;
}

void brio_wipe(void *bytes, size_t n)
{
    if (n)
        explicit_bzero(bytes, n);
}

void brio_random_bytes(void *out, size_t n)
{
    char *at = out;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        BRIO_ASSERT(got > 0);
        at += got;
        n -= (size_t)got;
    }
}

static brio_str random_in(brio_arena *arena, size_t n)
{
    n = n ? n : 32;
    char *bytes = brio_alloc_aligned(arena, n, 1);
    brio_random_bytes(bytes, n);
    return (brio_str){bytes, n};
}

brio_str brio_token_hex(brio_arena *arena, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    brio_str bytes = random_in(arena, n);
    char *out = brio_calloc(arena, 2 * bytes.len + 1, 1);
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[(unsigned char)bytes.ptr[i] >> 4];
        out[2 * i + 1] = digits[bytes.ptr[i] & 15];
    }
    return (brio_str){out, 2 * bytes.len};
}

brio_str brio_token_urlsafe(brio_arena *arena, size_t n)
{
    return brio_base64_encode(arena, BRIO_BASE64URL, random_in(arena, n));
}
