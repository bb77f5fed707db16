/* SPDX-License-Identifier: MIT
 *
 * Scanning JSON text, sixteen bytes at a time. A block of bytes is reduced to
 * bit masks (bit i speaks of byte i): where a string stops being plain, and
 * where bytes are not ASCII. SSE2 and NEON are the baselines of their
 * machines; anything else takes 64-bit words. Reading past `end` never
 * happens: the last bytes of a text are looked at one by one. */
#ifndef BRIO_MODEL_JSON_SCAN_H
#define BRIO_MODEL_JSON_SCAN_H

#include <brio/model.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are loaded as little endian");

enum { BRIO_SCAN_BLOCK = 16 };

typedef struct brio_scan {
    uint32_t stop; /* '"', '\\' or a control character */
    uint32_t high; /* not ASCII */
} brio_scan;

#if defined(__SSE2__)
static inline brio_scan brio_scan_block(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
    __m128i stop = _mm_or_si128(_mm_or_si128(quote, slash), control);
    return (brio_scan){(uint32_t)_mm_movemask_epi8(stop), (uint32_t)_mm_movemask_epi8(v)};
}
#elif defined(__aarch64__)
static inline uint32_t brio_scan_mask(uint8x16_t lanes)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t marked = vandq_u8(lanes, vld1q_u8(bits));
    return (uint32_t)vaddv_u8(vget_low_u8(marked)) | (uint32_t)vaddv_u8(vget_high_u8(marked)) << 8;
}

static inline brio_scan brio_scan_block(const char *p)
{
    uint8x16_t v = vld1q_u8((const uint8_t *)p);
    uint8x16_t quote = vceqq_u8(v, vdupq_n_u8('"'));
    uint8x16_t slash = vceqq_u8(v, vdupq_n_u8('\\'));
    uint8x16_t stop = vorrq_u8(vorrq_u8(quote, slash), vcltq_u8(v, vdupq_n_u8(0x20)));
    return (brio_scan){brio_scan_mask(stop), brio_scan_mask(vcgeq_u8(v, vdupq_n_u8(0x80)))};
}
#else
static inline brio_scan brio_scan_block(const char *p)
{
    brio_scan found = {0, 0};
    for (uint32_t i = 0; i < BRIO_SCAN_BLOCK; i++) {
        unsigned char c = (unsigned char)p[i];
        found.stop |= (uint32_t)(c == '"' || c == '\\' || c < 0x20) << i;
        found.high |= (uint32_t)(c >> 7) << i;
    }
    return found;
}
#endif

/* Nonzero if any of eight bytes is '"', '\\', a control character or not ASCII.
 * Borrows run upwards from a byte that is, so "no" is always true. */
static inline uint64_t brio_word_odd(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t control = word - ones * 0x20;
    uint64_t quote = (word ^ ones * '"') - ones;
    uint64_t slash = (word ^ ones * '\\') - ones;
    return (control | quote | slash | word) & ones * 0x80;
}

/* Bits below the lowest set bit of `mask` (all, if there is none). */
static inline uint32_t brio_scan_below(uint32_t mask)
{
    return ~mask & (mask - 1);
}

static inline const char *brio_scan_tail(const char *p, const char *end, bool *high)
{
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\' || c < 0x20)
            break;
        *high |= c >= 0x80;
    }
    return p;
}

/* First '"', '\\' or control character, or `end`; *high is set if a byte
 * before it is not ASCII, and else left alone. */
static inline const char *brio_scan_string(const char *p, const char *end, bool *high)
{
    while (end - p >= BRIO_SCAN_BLOCK) {
        brio_scan found = brio_scan_block(p);
        *high |= (found.high & brio_scan_below(found.stop)) != 0;
        if (found.stop)
            return p + __builtin_ctz(found.stop);
        p += BRIO_SCAN_BLOCK;
    }
    return brio_scan_tail(p, end, high);
}

static inline bool brio_json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *brio_json_skip_space(const char *p, const char *end)
{
    while (p < end && brio_json_is_space(*p))
        p++;
    return p;
}

static inline uint64_t brio_load_u64(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

static inline uint32_t brio_load_u32(const char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

/* Where and why a text is not JSON; `at` NULL means no fault. */
typedef struct brio_scan_fault {
    const char *at;
    const char *message; /* NULL: a limit was passed */
} brio_scan_fault;

/* The rest of a string from behind its opening quote. Returns what is behind
 * the closing quote, or NULL with *fault set. Borrowed when it has no
 * escapes, else unescaped into `arena`; lone surrogates become U+FFFD. Does
 * not look at UTF-8: *high tells whether there is something to look at. */
const char *brio_json_read_string(brio_arena *arena, const char *p, const char *end, brio_str *ret,
                                  bool *high, brio_scan_fault *fault);

/* The longest JSON number at `p` (end > p). Returns what is behind it, NULL
 * if there is none. BRIO_JSON_BIGINT borrows its digits. */
const char *brio_json_read_number(const char *p, const char *end, brio_json *ret);

/* The parts of a number's text. */
typedef struct brio_number_text {
    brio_str whole, fraction; /* digits; fraction is empty if there is none */
    int64_t exponent;         /* clamped far outside the range of doubles */
    bool negative, is_float;
    const char *end; /* behind the number */
} brio_number_text;

/* Splits the longest JSON number at `p`; false if there is none. */
bool brio_number_split(const char *p, const char *end, brio_number_text *ret);
/* Correctly rounded, to infinity beyond the largest double. */
double brio_number_to_f64(const brio_number_text *number);
/* The double nearest to w * 10^q; false when 128 bits cannot tell. */
bool brio_f64_from_decimal(uint64_t w, int64_t q, double *ret);

enum { BRIO_POW10_MIN = -342, BRIO_POW10_MAX = 324 };
/* 10^q = (hi, lo) * 2^(floor(log2(10^q)) - 127): the top 128 bits, rounded up
 * where inexact (q < 0 or q > 55). Index q - BRIO_POW10_MIN. */
typedef struct brio_pow10 {
    uint64_t hi, lo;
} brio_pow10;
extern const brio_pow10 brio_pow10_table[BRIO_POW10_MAX - BRIO_POW10_MIN + 1];

/* 10^0 ... 10^22 are doubles. */
extern const double brio_f64_pow10[23];

/* One value (after white space) below `depth` open brackets. Returns what is
 * behind it or NULL with *fault. The text must be well-formed UTF-8. */
const char *brio_json_read_value(brio_arena *arena, const char *p, const char *end, uint32_t depth,
                                 brio_json *ret, brio_scan_fault *fault);

#endif
