/* SPDX-License-Identifier: MIT
 *
 * UTF-8: validate, count, repair, encode. Which second bytes a lead byte allows
 * (Unicode table 3-7) excludes overlong forms, surrogates and code points past
 * U+10FFFF without decoding any. Here that table is a small automaton: a byte's
 * class selects a word, the state is a shift into it, so a step is one shift
 * that waits for nothing but the step before (Per Vognsen's "shift DFA").
 * Text on the wire is mostly ASCII, which is skipped 32 bytes at a time; longer
 * text of another kind goes through utf8_wide.c. */
#include "base/base_internal.h"

enum { STRIDE = 32, WIDE_MIN = 64 };

static const char replacement[3] = {'\xEF', '\xBF', '\xBD'}; /* U+FFFD */

/* ---- The automaton ------------------------------------------------------ */

enum {
    START = 0,  /* between sequences */
    WANT1 = 6,  /* one more continuation byte, of any value */
    WANT2 = 12, /* two more */
    WANT3 = 18,
    AFTER_E0 = 24, /* A0..BF, then one more */
    AFTER_ED = 30, /* 80..9F, then one more */
    AFTER_F0 = 36, /* 90..BF, then two more */
    AFTER_F4 = 42, /* 80..8F, then two more */
    BAD = 48,
    STATE_MASK = 63,
};

/* clang-format off */

/* Classes of the bytes from 80 on; those below are class 0. */
static const unsigned char class_of[256] = {
    [0x80] =
    1, 1, 1, 1,  1, 1, 1, 1,  1, 1, 1, 1,  1, 1, 1, 1, /* 80 */
    2, 2, 2, 2,  2, 2, 2, 2,  2, 2, 2, 2,  2, 2, 2, 2, /* 90 */
    3, 3, 3, 3,  3, 3, 3, 3,  3, 3, 3, 3,  3, 3, 3, 3, /* A0 */
    3, 3, 3, 3,  3, 3, 3, 3,  3, 3, 3, 3,  3, 3, 3, 3, /* B0 */
    4, 4, 5, 5,  5, 5, 5, 5,  5, 5, 5, 5,  5, 5, 5, 5, /* C0: C0 and C1 never occur */
    5, 5, 5, 5,  5, 5, 5, 5,  5, 5, 5, 5,  5, 5, 5, 5, /* D0 */
    6, 7, 7, 7,  7, 7, 7, 7,  7, 7, 7, 7,  7, 8, 7, 7, /* E0 */
    9,10,10,10, 11, 4, 4, 4,  4, 4, 4, 4,  4, 4, 4, 4, /* F0: F5 and up never occur */
};

#define NEXT(start, w1, w2, w3, e0, ed, f0, f4)                                   \
    ((uint64_t)(start) << START | (uint64_t)(w1) << WANT1 | (uint64_t)(w2) << WANT2 | \
     (uint64_t)(w3) << WANT3 | (uint64_t)(e0) << AFTER_E0 | (uint64_t)(ed) << AFTER_ED | \
     (uint64_t)(f0) << AFTER_F0 | (uint64_t)(f4) << AFTER_F4 | (uint64_t)BAD << BAD)

/* For each class of byte: the next state by the present one. */
static const uint64_t next_states[12] = {
    /*           START     WANT1  WANT2  WANT3  E0     ED     F0     F4 */
    /* 00..7F */ NEXT(START,    BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* 80..8F */ NEXT(BAD,      START, WANT1, WANT2, BAD,   WANT1, BAD,   WANT2),
    /* 90..9F */ NEXT(BAD,      START, WANT1, WANT2, BAD,   WANT1, WANT2, BAD),
    /* A0..BF */ NEXT(BAD,      START, WANT1, WANT2, WANT1, BAD,   WANT2, BAD),
    /* never  */ NEXT(BAD,      BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* C2..DF */ NEXT(WANT1,    BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* E0     */ NEXT(AFTER_E0, BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* E1..EF */ NEXT(WANT2,    BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* ED     */ NEXT(AFTER_ED, BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* F0     */ NEXT(AFTER_F0, BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* F1..F3 */ NEXT(WANT3,    BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
    /* F4     */ NEXT(AFTER_F4, BAD,   BAD,   BAD,   BAD,   BAD,   BAD,   BAD),
};
#undef NEXT
/* clang-format on */

/* Only the low six bits of a state count; masking is left to the shift. */
static uint64_t step(uint64_t state, char c)
{
    return next_states[class_of[(unsigned char)c]] >> (state & STATE_MASK);
}

/* The bytes before the one that cannot go on are the maximal subpart. */
int brio_base_utf8_step(const char *p, const char *end)
{
    uint64_t state = START;
    int n = 0;
    while (p + n < end) {
        state = step(state, p[n]) & STATE_MASK;
        if (state == BAD)
            return n ? -n : -1;
        n++;
        if (state == START)
            return n;
    }
    return -n;
}

/* ---- Validation --------------------------------------------------------- */

typedef uint64_t lanes __attribute__((vector_size(16)));

static inline lanes load(const char *p)
{
    lanes at;
    memcpy(&at, p, sizeof at);
    return at;
}

static inline bool are_ascii(lanes a)
{
    return ((a[0] | a[1]) & UINT64_C(0x8080808080808080)) == 0;
}

static bool stride_is_ascii(const char *p)
{
    return are_ascii(load(p) | load(p + 16));
}

/* Bytes of the ASCII at its front, in steps. */
static size_t ascii_front(brio_str s)
{
    enum { STEP = 64 };
    size_t at = 0;
    for (; s.len - at >= STEP; at += STEP) {
        const char *p = s.ptr + at;
        if (!are_ascii((load(p) | load(p + 16)) | (load(p + 32) | load(p + 48))))
            break;
    }
    return at;
}

static uint64_t steps(uint64_t state, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        state = step(state, p[i]);
    return state & STATE_MASK;
}

/* A stride that is not all ASCII goes through the automaton; a state that is
 * BAD stays so, hence one look per stride is enough. */
bool brio_utf8_valid(brio_str s)
{
    uint64_t state = START;
    if (s.len == 0)
        return true; /* ptr may be NULL, which takes no arithmetic */
    size_t at = ascii_front(s);
    for (; s.len - at >= STRIDE; at += STRIDE) {
        if (state == START && stride_is_ascii(s.ptr + at))
            continue;
        if (state == START && s.len - at >= WIDE_MIN && brio_base_utf8_has_wide())
            return brio_base_utf8_wide(s.ptr + at, s.len - at);
        state = steps(state, s.ptr + at, STRIDE);
        if (state == BAD)
            return false;
    }
    return steps(state, s.ptr + at, s.len - at) == START;
}

/* ---- Counting ----------------------------------------------------------- */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Continuation bytes among eight: bit 7 is set and bit 6 is not. */
static size_t continuations(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    return (size_t)(((w >> 7 & ~(w >> 6) & ones) * ones) >> 56);
}

size_t brio_utf8_length(brio_str s)
{
    size_t n = s.len, at = 0;
    for (; s.len - at >= 8; at += 8)
        n -= continuations(s.ptr + at);
    for (; at < s.len; at++)
        n -= is_continuation(s.ptr[at]);
    return n;
}

/* ---- Repair and encoding ------------------------------------------------ */

static size_t replaced_length(brio_str s)
{
    const char *end = s.ptr + s.len;
    size_t total = 0;
    for (const char *p = s.ptr; p < end;) {
        int n = brio_base_utf8_step(p, end);
        total += n > 0 ? (size_t)n : sizeof(replacement);
        p += n > 0 ? n : -n;
    }
    return total;
}

static void write_replaced(char *out, brio_str s)
{
    const char *end = s.ptr + s.len;
    for (const char *p = s.ptr; p < end;) {
        int n = brio_base_utf8_step(p, end);
        size_t len = n > 0 ? (size_t)n : sizeof(replacement);
        memcpy(out, n > 0 ? p : replacement, len);
        out += len;
        p += n > 0 ? n : -n;
    }
}

brio_str brio_utf8_replace(brio_arena *arena, brio_str s)
{
    if (brio_utf8_valid(s))
        return s;
    size_t len = replaced_length(s);
    char *out = brio_alloc_aligned(arena, len, 1);
    write_replaced(out, s);
    return (brio_str){out, len};
}

size_t brio_utf8_encode(char out[4], uint32_t code)
{
    BRIO_ASSERT(code <= 0x10FFFF);
    BRIO_ASSERT(code < 0xD800 || code > 0xDFFF);
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[n] | code);
    return n;
}
