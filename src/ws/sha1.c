/* SPDX-License-Identifier: MIT
 *
 * SHA-1 (RFC 3174) of a few bytes. The opening handshake proves with it that
 * the server has read the key, not that anything is secret; it is here so that
 * WebSockets need no crypto library. */
#include "ws/ws_internal.h"

typedef struct sha1 {
    uint32_t h[5];
} sha1;

static uint32_t rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static uint32_t load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void schedule(uint32_t w[80], const uint8_t *block)
{
    for (int i = 0; i < 16; i++)
        w[i] = load_be32(block + 4 * (size_t)i);
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

/* The round functions and constants of section 5. */
static uint32_t mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
    if (round < 20)
        return ((b & c) | (~b & d)) + 0x5A827999;
    if (round < 40)
        return (b ^ c ^ d) + 0x6ED9EBA1;
    if (round < 60)
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    return (b ^ c ^ d) + 0xCA62C1D6;
}

static void digest_block(sha1 *s, const uint8_t *block)
{
    uint32_t w[80], a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];
    schedule(w, block);
    for (int i = 0; i < 80; i++) {
        uint32_t next = rotate(a, 5) + mix(i, b, c, d) + e + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
}

/* The rest of the text, a one bit, zeroes and the length in bits. */
static void digest_end(sha1 *s, const char *rest, size_t n, uint64_t bytes)
{
    uint8_t block[128] = {0};
    size_t blocks = n + 9 <= 64 ? 1 : 2;
    if (n)
        memcpy(block, rest, n);
    block[n] = 0x80;
    for (size_t i = 0; i < 8; i++)
        block[blocks * 64 - 1 - i] = (uint8_t)(bytes * 8 >> 8 * i);
    for (size_t i = 0; i < blocks; i++)
        digest_block(s, block + 64 * i);
}

void brio_ws_sha1(uint8_t out[20], brio_str data)
{
    sha1 s = {{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}};
    size_t whole = data.len / 64 * 64;
    for (size_t i = 0; i < whole; i += 64)
        digest_block(&s, (const uint8_t *)data.ptr + i);
    digest_end(&s, data.len ? data.ptr + whole : NULL, data.len - whole, data.len);
    for (size_t i = 0; i < 20; i++)
        out[i] = (uint8_t)(s.h[i / 4] >> (24 - 8 * (i % 4)));
}
