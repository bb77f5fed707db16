/* SPDX-License-Identifier: MIT
 *
 * What is done to every byte of a message: masking (RFC 6455, section 5.3) and
 * the question whether text is, so far, UTF-8. */
#include "ws/ws_internal.h"

enum { STEP = 64 }; /* bytes: a cache line */

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

typedef uint64_t lanes __attribute__((vector_size(16)));

/* Returns what was written. */
static inline lanes mask_lanes(char *to, const char *from, lanes mask)
{
    lanes at;
    memcpy(&at, from, sizeof at);
    at ^= mask;
    memcpy(to, &at, sizeof at);
    return at;
}

/* All the steps. Returns the bits that any of the words has. */
static uint64_t mask_steps(char *to, const char *from, size_t n, uint64_t wide)
{
    lanes mask = {wide, wide}, seen = {0, 0};
    for (size_t i = 0; i + STEP <= n; i += STEP) {
        lanes a = mask_lanes(to + i, from + i, mask);
        lanes b = mask_lanes(to + i + 16, from + i + 16, mask);
        lanes c = mask_lanes(to + i + 32, from + i + 32, mask);
        lanes d = mask_lanes(to + i + 48, from + i + 48, mask);
        seen |= (a | b) | (c | d);
    }
    return seen[0] | seen[1];
}

bool brio_ws_mask(char *to, const char *from, size_t n, const uint8_t mask[4], uint32_t at)
{
    uint8_t twice[8], turned[8];
    uint64_t wide, word, seen = 0;
    memcpy(twice, mask, 4);
    memcpy(twice + 4, mask, 4);
    memcpy(turned, twice + at % 4, 4);
    memcpy(turned + 4, turned, 4);
    memcpy(&wide, turned, 8);
    size_t i = n - n % STEP;
    if (i)
        seen = mask_steps(to, from, n, wide);
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, from + i, 8);
        word ^= wide;
        seen |= word;
        memcpy(to + i, &word, 8);
    }
    for (; i < n; i++) {
        uint8_t byte = (uint8_t)from[i] ^ turned[i % 4];
        seen |= byte;
        to[i] = (char)byte;
    }
    return !(seen & high_bits);
}

/* Bytes of the character that `lead` begins; 0 if none does. */
static size_t length_by(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Where an incomplete character begins that ends `s`, or s.len. */
static size_t tail_of(brio_str s)
{
    size_t back = s.len < 3 ? s.len : 3;
    for (size_t i = 1; i <= back; i++) {
        uint8_t c = (uint8_t)s.ptr[s.len - i];
        if ((c & 0xC0) != 0x80)
            return length_by(c) > i ? s.len - i : s.len;
    }
    return s.len;
}

/* True if bytes can be added that make one character of `tail` (1 to 3 bytes):
 * its second byte is in the range that the first leaves (RFC 3629, section 4). */
static bool can_be_mended(brio_str tail)
{
    const uint8_t *p = (const uint8_t *)tail.ptr;
    if (tail.len < 2)
        return true;
    uint8_t least = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    uint8_t most = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    return p[1] >= least && p[1] <= most;
}

size_t brio_ws_utf8_front(brio_str s)
{
    size_t tail = tail_of(s);
    if (!brio_utf8_valid(brio_str_slice(s, 0, tail)))
        return SIZE_MAX;
    return can_be_mended(brio_str_slice(s, tail, SIZE_MAX)) ? tail : SIZE_MAX;
}
