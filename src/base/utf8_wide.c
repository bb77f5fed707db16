/* SPDX-License-Identifier: MIT
 *
 * UTF-8 validated sixteen bytes at a time (J. Keiser, D. Lemire: "Validating UTF-8
 * In Less Than One Instruction Per Byte", 2020).
 *
 * Each mistake that two neighbours can make shows in the first one's two nibbles and
 * the second one's upper nibble: three tables say which mistakes each nibble allows,
 * and what all three allow was made. What is left is that third and fourth bytes
 * stand where a lead byte two or three before wants them, and nowhere else.
 *
 * A processor that cannot look sixteen bytes up at once goes through the automaton
 * of utf8.c. */
#include "base/base_internal.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WIDE __attribute__((target("ssse3")))
typedef __m128i wide;

WIDE static inline wide load(const void *p)
{
    return _mm_loadu_si128(p);
}
WIDE static inline wide all(int byte)
{
    return _mm_set1_epi8((char)byte);
}
WIDE static inline wide or (wide a, wide b)
{
    return _mm_or_si128(a, b);
}
WIDE static inline wide and (wide a, wide b)
{
    return _mm_and_si128(a, b);
}
WIDE static inline wide xor (wide a, wide b) { return _mm_xor_si128(a, b); }
    /* Down to zero and no further. */
    WIDE static inline wide minus(wide a, wide b)
{
    return _mm_subs_epu8(a, b);
}
WIDE static inline wide upper(wide a)
{
    return _mm_and_si128(_mm_srli_epi16(a, 4), _mm_set1_epi8(15));
}
WIDE static inline wide look_up(wide table, wide nibbles)
{
    return _mm_shuffle_epi8(table, nibbles);
}
/* The bytes `n` before those of `a`; `before` stands in front of it. */
#define earlier(a, before, n) _mm_alignr_epi8(a, before, 16 - (n))
WIDE static inline bool any(wide a)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(a, _mm_setzero_si128())) != 0xFFFF;
}

bool brio_base_utf8_has_wide(void)
{
    return __builtin_cpu_supports("ssse3");
}

#elif defined(__aarch64__)

#include <arm_neon.h>

#define WIDE
typedef uint8x16_t wide;

static inline wide load(const void *p)
{
    return vld1q_u8(p);
}
static inline wide all(int byte)
{
    return vdupq_n_u8((uint8_t)byte);
}
static inline wide or (wide a, wide b)
{
    return vorrq_u8(a, b);
}
static inline wide and (wide a, wide b)
{
    return vandq_u8(a, b);
}
static inline wide xor (wide a, wide b) { return veorq_u8(a, b); } static inline wide
    minus(wide a, wide b)
{
    return vqsubq_u8(a, b);
}
static inline wide upper(wide a)
{
    return vshrq_n_u8(a, 4);
}
static inline wide look_up(wide table, wide nibbles)
{
    return vqtbl1q_u8(table, nibbles);
}
#define earlier(a, before, n) vextq_u8(before, a, 16 - (n))
static inline bool any(wide a)
{
    return vmaxvq_u8(a) != 0;
}

bool brio_base_utf8_has_wide(void)
{
    return true;
}

#else

bool brio_base_utf8_has_wide(void)
{
    return false;
}

bool brio_base_utf8_wide(const char *p, size_t n)
{
    (void)p, (void)n;
    BRIO_ASSERT(false);
    return false;
}

#endif

#ifdef WIDE

/* ---- Mistakes that two neighbours make ------------------------------------- */

enum {
    SHORT = 1 << 0,           /* a lead byte, and no continuation */
    LONG = 1 << 1,            /* ASCII, and a continuation */
    OVERLONG3 = 1 << 2,       /* E0, and 80 to 9F */
    LARGE = 1 << 3,           /* F4 and up, and 90 to BF */
    SURROGATE = 1 << 4,       /* ED, and A0 to BF */
    OVERLONG2 = 1 << 5,       /* C0 or C1 */
    OVERLONG4 = 1 << 6,       /* F0, and 80 to 8F; also F5 and up, and 80 to 8F */
    TWO = 1 << 7,             /* two continuations: right behind E0 and up only */
    ANY = SHORT | LONG | TWO, /* that do not depend on the lower nibble */
    HIGH = ANY | LARGE | OVERLONG4
};

/* clang-format off */
static const uint8_t first_upper[16] = {
    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, TWO, TWO, TWO, TWO,
    SHORT | OVERLONG2, SHORT, SHORT | OVERLONG3 | SURROGATE, SHORT | LARGE | OVERLONG4};
static const uint8_t first_lower[16] = {
    ANY | OVERLONG2 | OVERLONG3 | OVERLONG4, ANY | OVERLONG2, ANY, ANY, ANY | LARGE,
    HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH | SURROGATE, HIGH, HIGH};
static const uint8_t second_upper[16] = {
    SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
    LONG | TWO | OVERLONG2 | OVERLONG3 | OVERLONG4, LONG | TWO | OVERLONG2 | OVERLONG3 | LARGE,
    LONG | TWO | OVERLONG2 | SURROGATE | LARGE, LONG | TWO | OVERLONG2 | SURROGATE | LARGE,
    SHORT, SHORT, SHORT, SHORT};
/* clang-format on */

/* Not zero where something is wrong with `in`. */
WIDE static inline wide mistakes(wide in, wide before)
{
    wide first = earlier(in, before, 1);
    wide pairs = and(look_up(load(first_upper), upper(first)),
                     and(look_up(load(first_lower), and(first, all(15))),
                         look_up(load(second_upper), upper(in))));
    wide third = minus(earlier(in, before, 2), all(0xE0 - 0x80));
    wide fourth = minus(earlier(in, before, 3), all(0xF0 - 0x80));
    return xor(and(or (third, fourth), all(0x80)), pairs);
}

/* The last bytes, with zeroes behind them: a character that is cut off shows. */
WIDE static wide mistakes_at_end(const char *p, size_t n, wide before)
{
    char last[16] = {0};
    if (n)
        memcpy(last, p, n);
    return mistakes(load(last), before);
}

WIDE bool brio_base_utf8_wide(const char *p, size_t n)
{
    enum { STEP = 64 };
    wide wrong = all(0), before = all(0);
    for (; n >= STEP; p += STEP, n -= STEP) {
        wide a = load(p), b = load(p + 16), c = load(p + 32), d = load(p + 48);
        if (!any(and(or (or (a, b), or (c, d)), all(0x80)))) {
            wrong = or (wrong, mistakes(a, before)); /* what is cut off before it */
        } else {
            wrong = or (or (wrong, mistakes(a, before)), mistakes(b, a));
            wrong = or (or (wrong, mistakes(c, b)), mistakes(d, c));
            if (any(wrong))
                return false;
        }
        before = d;
    }
    for (; n >= 16; p += 16, n -= 16) {
        wide in = load(p);
        wrong = or (wrong, mistakes(in, before));
        before = in;
    }
    return !any(or (wrong, mistakes_at_end(p, n, before)));
}

#endif
