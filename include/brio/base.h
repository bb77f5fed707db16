/* SPDX-License-Identifier: MIT
 *
 * brio/base.h: the vocabulary every other room speaks.
 *
 * Strings are const views {ptr, len}. Memory comes from arenas that are reset
 * as a whole, and whatever is not memory is released by the arena's defer
 * stack, newest first. Bytes are written through a buffer with a limit.
 * Results are ints: >= 0 is success, < 0 is -errno or one of BRIO_E...
 *
 *     brio_arena arena;
 *     brio_arena_init(&arena, 0);
 *     brio_str hello = brio_printf(&arena, "hello %s", "world");
 *     brio_arena_fini(&arena);
 *
 * The log is in <brio/log.h>, which is included here. Nothing suspends, calls
 * exit or, but for brio_log_open, starts a thread. */
#ifndef BRIO_BASE_H
#define BRIO_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Compiler vocabulary ------------------------------------------------ */

#define BRIO_API __attribute__((visibility("default")))
#define BRIO_CHECKED __attribute__((warn_unused_result))
#define BRIO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define BRIO_LIKELY(x) __builtin_expect(!!(x), 1)
#define BRIO_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Recovers the struct that holds `member` at address `ptr`. */
#define BRIO_CONTAINER(ptr, type, member) \
    ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* A programming error: reports the expression and aborts, in release too. */
#define BRIO_ASSERT(expr) \
    (BRIO_LIKELY(expr) ? (void)0 : brio_assert_failed(#expr, __FILE__, __LINE__))

/* What a macro of file scope ends with, so that a semicolon belongs behind it. */
#define BRIO_SEMICOLON_ _Static_assert(1, "a semicolon")

/* What BRIO_ASSERT calls: one line to standard error, then abort. */
BRIO_API void brio_assert_failed(const char *expr, const char *file, int line)
    __attribute__((noreturn, cold));

/* The library's version as text, "MAJOR.MINOR.PATCH". Static storage. */
BRIO_API const char *brio_version(void);

/* ---- Errors ------------------------------------------------------------- */

/* brio's own codes, beyond -errno. Columns: name, code, HTTP status a handler's
 * failure becomes when nobody said otherwise, text. ORDER ERROR. */
#define BRIO_ERROR_TABLE(X)                                              \
    X(BRIO_EINVALID,  -4001, 422, "input is not valid")                  \
    X(BRIO_ESYNTAX,   -4002, 400, "malformed input")                     \
    X(BRIO_ELIMIT,    -4003, 413, "a configured limit was reached")      \
    X(BRIO_EHEADERS,  -4004, 431, "header block too large")              \
    X(BRIO_EURI,      -4005, 414, "URI too long")                        \
    X(BRIO_EMETHOD,   -4006, 501, "method not implemented")              \
    X(BRIO_EVERSION,  -4007, 505, "protocol version not supported")      \
    X(BRIO_ECLOSED,   -4008, 503, "closed")                              \
    X(BRIO_EOVERLOAD, -4009, 503, "too much work queued")                \
    X(BRIO_EDEADLOCK, -4010, 500, "every task waits and none can wake")  \
    X(BRIO_EDB,       -4011, 500, "database refused the statement")      \
    X(BRIO_ECONSTRAINT, -4012, 409, "database constraint violated")      \
    X(BRIO_EMODEL,    -4013, 500, "value does not fit its model")        \
    X(BRIO_EHTTP,     -4014, 500, "answered with an HTTP error")         \
    X(BRIO_EABANDON,  -4015, 500, "task abandoned at a memory limit")    \
    X(BRIO_EDBDOWN,   -4016, 503, "database not available")             \
    X(BRIO_EPROCESS,  -4017, 500, "a worker process died")               \
    X(BRIO_ENONAME,   -4018, 502, "no address for this host name")       \
    X(BRIO_ETLS,      -4019, 502, "TLS failed")                          \
    X(BRIO_ELEAK,     -4020, 500, "something was not given back")        \
    X(BRIO_ETOKEN,    -4030, 401, "not a token")                         \
    X(BRIO_ESIGNATURE, -4031, 401, "the signature is wrong")             \
    X(BRIO_EALGORITHM, -4032, 401, "the token's algorithm is not allowed") \
    X(BRIO_EEXPIRED,  -4033, 401, "the token has expired")               \
    X(BRIO_EEARLY,    -4034, 401, "the token is not valid yet")          \
    X(BRIO_EAUDIENCE, -4035, 401, "the token is for somebody else")      \
    X(BRIO_EISSUER,   -4036, 401, "the token is from somebody else")     \
    X(BRIO_ECLAIM,    -4037, 401, "a claim is missing or has the wrong type") \
    X(BRIO_EPASSWORD, -4038, 401, "the password is wrong")               \
    X(BRIO_EKEY,      -4039, 500, "the key does not serve")

enum brio_error_code {
#define BRIO_ERROR_ENUM(name, code, status, text) name = code,
    BRIO_ERROR_TABLE(BRIO_ERROR_ENUM)
#undef BRIO_ERROR_ENUM
};

/* Text, symbolic name and HTTP status of a result. `err` may be -errno or a
 * BRIO_E... code; anything unknown gives "unknown error", "?" and 500, a
 * success (>= 0) "success", "OK" and 200. The strings are static. -ETIMEDOUT is
 * 504, -ECANCELED 499, -ENOMEM, -EMFILE and -ENFILE 503, -ENOSPC and -EDQUOT
 * 507, every other errno 500. */
BRIO_API const char *brio_error_text(int err);
BRIO_API const char *brio_error_name(int err);
BRIO_API int brio_error_status(int err);

/* ---- Time --------------------------------------------------------------- */

/* A duration or a point on the monotonic clock, in nanoseconds. */
typedef int64_t brio_time;

#define BRIO_NEVER INT64_MAX /* a deadline that does not come */
#define BRIO_NS(n) ((brio_time)(n))
#define BRIO_US(n) ((brio_time)((n) * 1000LL))
#define BRIO_MS(n) ((brio_time)((n) * 1000000LL))
#define BRIO_SEC(n) ((brio_time)((n) * 1000000000LL))

/* CLOCK_MONOTONIC and CLOCK_REALTIME in nanoseconds, by a system call each
 * time. Code on a loop wants brio_loop_now(), which is cached and virtual
 * under the simulator. */
BRIO_API brio_time brio_clock_monotonic(void);
BRIO_API brio_time brio_clock_realtime(void);

/* A point of civil time in UTC (proleptic Gregorian calendar). */
typedef struct brio_civil {
    int year;
    int month;   /* 1 to 12 */
    int day;     /* 1 to 31 */
    int weekday; /* 0 is Sunday */
    int hour, minute, second;
} brio_civil;

/* Of `second` since 1970, which may be negative. Pure arithmetic: gmtime_r
 * takes a lock, which a fork in another thread can leave locked for ever. */
BRIO_API brio_civil brio_clock_civil(int64_t second);

/* ---- Strings ------------------------------------------------------------ */

/* A borrowed, const view of bytes; never NUL-terminated by promise. A zero
 * brio_str is the empty string. */
typedef struct brio_str {
    const char *ptr;
    size_t len; /* bytes */
} brio_str;

#define BRIO_S(literal) ((brio_str){"" literal "", sizeof(literal) - 1})
#define BRIO_S_INIT(literal) {"" literal "", sizeof(literal) - 1} /* for static initialisers */
#define BRIO_ARG(s) (int)(s).len, (s).ptr /* for printf's "%.*s" */

/* View of a NUL-terminated string; NULL gives the empty string. */
static inline brio_str brio_str_from(const char *cstr)
{
    brio_str s = {cstr, cstr ? strlen(cstr) : 0};
    return s;
}

/* The bytes from `begin` up to, not including, `end`. */
static inline brio_str brio_str_span(const char *begin, const char *end)
{
    brio_str s = {begin, (size_t)(end - begin)};
    return s;
}

/* Same length, same bytes. */
static inline bool brio_str_eq(brio_str a, brio_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* View of at most `len` bytes from `at`; both are clamped to the string. */
static inline brio_str brio_str_slice(brio_str s, size_t at, size_t len)
{
    size_t from = at < s.len ? at : s.len;
    size_t rest = s.len - from;
    brio_str out = {s.len ? s.ptr + from : s.ptr, len < rest ? len : rest};
    return out;
}

typedef struct brio_str_pair {
    brio_str head; /* before the separator, or everything */
    brio_str tail; /* after it, or empty */
    bool found;
} brio_str_pair;

/* Splits at the first `sep`; without one, head is everything. */
BRIO_API brio_str_pair brio_str_cut(brio_str s, char sep);

/* ASCII-only comparisons and conversions: locale never matters in brio. The
 * empty string starts and ends every string and is found at 0; trim takes
 * blanks and tabs from both ends. */
BRIO_API bool brio_str_eq_nocase(brio_str a, brio_str b);
BRIO_API int brio_str_compare(brio_str a, brio_str b); /* as memcmp, shorter first */
BRIO_API bool brio_str_starts(brio_str s, brio_str prefix);
BRIO_API bool brio_str_ends(brio_str s, brio_str suffix);
BRIO_API ptrdiff_t brio_str_find(brio_str s, brio_str needle); /* index, or -1 */
BRIO_API brio_str brio_str_trim(brio_str s);
static inline char brio_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Parses all of `s` as a base-10 number without sign, blanks or separators.
 * Returns 0, -EINVAL for other text, -ERANGE beyond 64 bits. */
BRIO_API int brio_str_to_u64(brio_str s, uint64_t *ret) BRIO_CHECKED;

/* True if `s` is well-formed UTF-8 (RFC 3629: no surrogates, no overlongs). */
BRIO_API bool brio_utf8_valid(brio_str s);
/* Number of code points of well-formed UTF-8. */
BRIO_API size_t brio_utf8_length(brio_str s);
/* Copies `s` to `arena`, each malformed sequence replaced by U+FFFD as
 * Python's errors="replace" does. Well-formed input is returned as it is. */
typedef struct brio_arena brio_arena;
BRIO_API brio_str brio_utf8_replace(brio_arena *arena, brio_str s);
/* Writes the UTF-8 form of `code` (a scalar value) to out; returns 1 to 4. */
BRIO_API size_t brio_utf8_encode(char out[4], uint32_t code);

/* ---- Heap --------------------------------------------------------------- */

/* malloc, calloc, realloc and aligned_alloc, as all of brio calls them: a test
 * can make the n-th fail. NULL (errno ENOMEM) without memory; a refused
 * realloc leaves `ptr` as it was. Give back with free(). */
BRIO_API void *brio_malloc(size_t size) __attribute__((malloc, alloc_size(1)));
BRIO_API void *brio_zalloc(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2)));
BRIO_API void *brio_realloc(void *ptr, size_t size) __attribute__((alloc_size(2)));
BRIO_API void *brio_aligned_alloc(size_t align, size_t size) __attribute__((malloc, alloc_size(2)));
/* A copy of `s` with a NUL behind it. */
BRIO_API char *brio_strdup(brio_str s) __attribute__((malloc));

/* For what nobody could be told of: never NULL, aborts with a message instead. */
BRIO_API void *brio_must_malloc(size_t size)
    __attribute__((malloc, alloc_size(1), returns_nonnull));
BRIO_API void *brio_must_realloc(void *ptr, size_t size) __attribute__((alloc_size(2)));

/* From now on this thread's requests are counted anew, and the `nth` (1 is the
 * next; 0: none) is refused; the brio_must_... are not counted. Returns how
 * many there were since the last call. Arenas whose `exhausted` is the default
 * are not refused either: that aborts. For tests; <brio/sim.h> has it whole. */
BRIO_API uint64_t brio_heap_fault(uint64_t nth);

/* ---- Arena and defer ---------------------------------------------------- */

typedef void brio_defer_fn(void *arg);

typedef struct brio_defer {
    struct brio_defer *next; /* older */
    brio_defer_fn *fn;
    void *arg;
} brio_defer;

typedef struct brio_arena_block brio_arena_block;

/* Memory that is given back as a whole. An open struct so that allocation
 * inlines; treat the members as read-only. */
struct brio_arena {
    char *at, *end;           /* free part of the newest block */
    brio_arena_block *blocks; /* newest first */
    brio_arena_block *large;  /* blocks of one allocation each */
    size_t reserved;          /* bytes in all blocks */
    size_t limit;             /* bytes; beyond it `exhausted` is called */
    brio_defer *defers;       /* newest first */
    brio_defer *spare_defers; /* records to use again */
    void (*exhausted)(brio_arena *arena); /* must not return */
};

/* Prepares your storage. `limit` is the most bytes the arena may reserve;
 * 0 means 8 MiB. At the limit, or when malloc fails, `exhausted` is called,
 * which by default aborts with a message; a task abandons itself instead. */
BRIO_API void brio_arena_init(brio_arena *arena, size_t limit);

/* Gives an arena that has no block yet its first one: `memory`, `size` bytes, both
 * multiples of 16. It stays yours and must last until the next reset or fini, which
 * forget it; the arena then takes small blocks of its own. */
BRIO_API void brio_arena_lend(brio_arena *arena, void *memory, size_t size);

/* Runs the defers newest first, then forgets all allocations. One block of
 * ordinary size is kept, so a reset arena costs no malloc. */
BRIO_API void brio_arena_reset(brio_arena *arena);
/* As reset, and gives all memory back. Safe on a zeroed struct. */
BRIO_API void brio_arena_fini(brio_arena *arena);

/* The slow half of brio_alloc_aligned, with the same contract. */
BRIO_API void *brio_arena_grow(brio_arena *arena, size_t size, size_t align);

/* `size` bytes aligned to `align` (a power of two <= 64), uninitialised.
 * Never NULL. */
static inline void *brio_alloc_aligned(brio_arena *arena, size_t size, size_t align)
{
    uintptr_t at = ((uintptr_t)arena->at + (align - 1)) & ~(uintptr_t)(align - 1);
    if (BRIO_UNLIKELY(at > (uintptr_t)arena->end || size > (uintptr_t)arena->end - at))
        return brio_arena_grow(arena, size, align);
    arena->at = (char *)at + size;
    return (void *)at;
}

/* 16-byte aligned, uninitialised; never NULL. */
static inline void *brio_alloc(brio_arena *arena, size_t size)
{
    return brio_alloc_aligned(arena, size, 16);
}

/* Zeroed; never NULL. `count * size` is checked for overflow. */
BRIO_API void *brio_calloc(brio_arena *arena, size_t count, size_t size);

#define BRIO_NEW(arena, type) ((type *)brio_calloc((arena), 1, sizeof(type)))
#define BRIO_NEW_ARRAY(arena, type, n) ((type *)brio_calloc((arena), (n), sizeof(type)))

/* Copies and formatted text in the arena, each with a NUL behind it that is
 * not counted in the length. Never NULL. */
BRIO_API brio_str brio_str_copy(brio_arena *arena, brio_str s);
BRIO_API char *brio_cstr(brio_arena *arena, brio_str s);
BRIO_API brio_str brio_printf(brio_arena *arena, const char *fmt, ...) BRIO_PRINTF(2, 3);
BRIO_API brio_str brio_vprintf(brio_arena *arena, const char *fmt, va_list args) BRIO_PRINTF(2, 0);

/* Registers `fn(arg)` to run at the next reset or fini, newest first. `fn` may
 * use the arena and register more; `arg` is borrowed until then. */
BRIO_API void brio_defer_push(brio_arena *arena, brio_defer_fn *fn, void *arg);
/* Takes back the newest registration of exactly (fn, arg); `run` runs it now.
 * Returns false if there is none. */
BRIO_API bool brio_defer_pop(brio_arena *arena, brio_defer_fn *fn, void *arg, bool run);
/* Runs and removes every registration newer than `mark` (a former value of
 * arena->defers; NULL means all), newest first. Aborts if the registration
 * that `mark` names is gone: it must not be popped before the unwinding. */
BRIO_API void brio_defer_unwind(brio_arena *arena, brio_defer *mark);

/* ---- Base64 ------------------------------------------------------------- */

/* RFC 4648: which alphabet, and whether '=' fills the last group up. */
typedef enum brio_base64_form {
    BRIO_BASE64 = 0,           /* section 4: '+' and '/', padded */
    BRIO_BASE64_URL_PADDED = 1, /* section 5: '-' and '_', padded */
    BRIO_BASE64_BARE = 2,      /* section 4 without padding */
    BRIO_BASE64URL = 3         /* section 5 without padding (RFC 7515's) */
} brio_base64_form;

/* `bytes` as text, in the arena. Never NULL. */
BRIO_API brio_str brio_base64_encode(brio_arena *arena, brio_base64_form form, brio_str bytes);
/* The bytes of `text` to *ret, in the arena. Strict: what is not exactly what
 * encode would write for them (another alphabet, blanks, padding that is
 * missing or too much, bits behind the last byte) is -EINVAL, so that no two
 * texts stand for the same bytes. Empty text is no bytes. */
BRIO_API int brio_base64_decode(brio_arena *arena, brio_base64_form form, brio_str text,
                                brio_str *ret) BRIO_CHECKED;

/* ---- Buffer ------------------------------------------------------------- */

/* A growing byte string to write into. A failed growth sets `failed` and
 * drops all later writes, so a chain of writes is checked once at its end. */
typedef struct brio_buf {
    char *ptr;
    size_t len, cap;
    size_t limit; /* bytes; 0 means none */
    bool failed;  /* the limit or malloc said no */
    bool fixed;   /* storage is the caller's: never grown, never freed */
} brio_buf;

/* Over your storage of `cap` bytes; never grows. */
static inline brio_buf brio_buf_over(void *storage, size_t cap)
{
    brio_buf b = {(char *)storage, 0, cap, cap, false, true};
    return b;
}

/* Frees the storage, unless it is yours, and leaves a zero buffer. */
BRIO_API void brio_buf_fini(brio_buf *buf);
/* An empty buffer of the arena, for text whose length nobody knows before: its
 * storage goes at brio_buf_release, else with the arena, also if a copy into that
 * one finds it at its limit. Never NULL. */
BRIO_API brio_buf *brio_buf_acquire(brio_arena *arena);
BRIO_API void brio_buf_release(brio_arena *arena, brio_buf *buf);
/* Room for `more` bytes behind len. Returns false (and sets failed) if not. */
BRIO_API bool brio_buf_grow(brio_buf *buf, size_t more);

/* As brio_buf_grow, inlined for the case that there is room. Write to
 * ptr + len, then add to len. */
static inline bool brio_buf_reserve(brio_buf *buf, size_t more)
{
    return BRIO_LIKELY(buf->cap - buf->len >= more) || brio_buf_grow(buf, more);
}

/* Appends all of `s` (copied), or nothing. */
static inline void brio_buf_add(brio_buf *buf, brio_str s)
{
    if (s.len && brio_buf_reserve(buf, s.len)) {
        memcpy(buf->ptr + buf->len, s.ptr, s.len);
        buf->len += s.len;
    }
}

/* Appends one byte. */
static inline void brio_buf_char(brio_buf *buf, char c)
{
    if (brio_buf_reserve(buf, 1))
        buf->ptr[buf->len++] = c;
}

/* Empties the buffer, its storage and limit stay; a failure is forgotten. */
static inline void brio_buf_clear(brio_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->fixed)
        buf->cap = buf->limit; /* a failure had lowered it */
}

/* Appends formatted text, a number in base 10. Text of 512 bytes or more needs
 * room for one byte more than it writes. */
BRIO_API void brio_buf_printf(brio_buf *buf, const char *fmt, ...) BRIO_PRINTF(2, 3);
BRIO_API void brio_buf_vprintf(brio_buf *buf, const char *fmt, va_list args) BRIO_PRINTF(2, 0);
BRIO_API void brio_buf_u64(brio_buf *buf, uint64_t value);
BRIO_API void brio_buf_i64(brio_buf *buf, int64_t value);

/* What is written so far: a view, valid until the next write. */
static inline brio_str brio_buf_str(const brio_buf *buf)
{
    brio_str s = {buf->ptr, buf->len};
    return s;
}

/* ---- Intrusive list ----------------------------------------------------- */

/* A ring of links with a head; a link that is alone points to itself. */
typedef struct brio_link {
    struct brio_link *prev, *next;
} brio_link;

/* Makes `l` a head of an empty list, or a link that is in no list. */
static inline void brio_link_init(brio_link *l) { l->prev = l->next = l; }
/* True for an empty head and for a link in no list. */
static inline bool brio_link_alone(const brio_link *l) { return l->next == l; }

/* Puts `l`, which is in no list, in front of `at`; before the head is the end. */
static inline void brio_link_insert_before(brio_link *at, brio_link *l)
{
    l->prev = at->prev;
    l->next = at;
    at->prev->next = l;
    at->prev = l;
}

/* Takes `l` out of its list; harmless if it is in none. */
static inline void brio_link_remove(brio_link *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    brio_link_init(l);
}

#ifdef __cplusplus
}
#endif

/* The rest of the room: lines for people and for machines. */
#include <brio/log.h>
#endif
