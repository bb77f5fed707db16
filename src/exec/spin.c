/* SPDX-License-Identifier: MIT
 *
 * Small things that threads and processes have in common: waiting for a word in
 * memory, words of errors, tracks of the timeline.
 *
 * Waking a sleeper takes the kernel some microseconds, more than most jobs
 * that follow each other closely; so who waits looks at the word for a while
 * first. That pays only if work comes in that while: after each try in vain
 * twice as many rests go by without one, and one success forgets them. */
#include "exec/exec_internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LOOKS_PER_CLOCK = 16, MISSES_MAX = 6 };

static bool several_processors(void)
{
    static atomic_int known; /* 0: not yet */
    int n = atomic_load_explicit(&known, memory_order_relaxed);
    if (n == 0) {
        cpu_set_t set;
        n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
        atomic_store_explicit(&known, n, memory_order_relaxed);
    }
    return n > 1;
}

static inline void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void brio_exec_spin_while(brio_exec_spin *spin, const atomic_uint *word, unsigned value,
                          brio_time span)
{
    if (!several_processors() || ++spin->rests < 1U << spin->misses)
        return;
    spin->rests = 0;
    brio_time until = brio_clock_monotonic() + span;
    do {
        for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
            if (atomic_load_explicit(word, memory_order_acquire) != value) {
                spin->misses = 0;
                return;
            }
            relax();
        }
    } while (brio_clock_monotonic() < until);
    if (spin->misses < MISSES_MAX)
        spin->misses++;
}

/* The kernel's futex takes the word as plain memory. */
static long futex(atomic_uint *word, int op, unsigned value, const struct timespec *until)
{
    return syscall(SYS_futex, (uintptr_t)word, op, value, until, NULL, FUTEX_BITSET_MATCH_ANY);
}

bool brio_exec_sleep(atomic_uint *word, unsigned value, brio_time deadline, bool shared)
{
    struct timespec until = {.tv_sec = (time_t)(deadline / BRIO_SEC(1)),
                             .tv_nsec = (long)(deadline % BRIO_SEC(1))};
    int op = FUTEX_WAIT_BITSET | (shared ? 0 : FUTEX_PRIVATE_FLAG); /* absolute, monotonic */
    long rc = futex(word, op, value, deadline == BRIO_NEVER ? NULL : &until);
    return rc == 0 || errno != ETIMEDOUT;
}

void brio_exec_wake(atomic_uint *word, bool shared)
{
    (void)futex(word, FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG), 1, NULL);
}

/* ---- Words -------------------------------------------------------------- */

void brio_exec_words_forget(void)
{
    if (brio_error_detail().len)
        (void)brio_error(0, "%s", "");
}

void brio_exec_words_take(brio_exec_words *words, int rc)
{
    brio_str detail = rc < 0 ? brio_error_detail() : BRIO_S("");
    BRIO_ASSERT(detail.len <= sizeof(words->text));
    words->len = detail.len;
    if (detail.len)
        memcpy(words->text, detail.ptr, detail.len);
}

int brio_exec_words_tell(const brio_exec_words *words, int rc)
{
    BRIO_ASSERT(words->len <= sizeof(words->text));
    return words->len ? brio_error_at(NULL, 0, rc, "%.*s", (int)words->len, words->text) : rc;
}

/* ---- Tracks ------------------------------------------------------------- */

void brio_exec_track(uint64_t *track, const char *name, brio_trace_state state, brio_time at)
{
    if (!(__atomic_load_n(&brio_trace_on, __ATOMIC_RELAXED) & BRIO_TRACE_TIMELINE))
        return;
    const char *first = *track ? NULL : name;
    if (!*track)
        *track = brio_trace_track();
    brio_trace_event event = {.at = at ? at : brio_clock_monotonic(),
                              .track = *track,
                              .state = (uint8_t)state,
                              .name = first};
    brio_trace_emit(&event);
}

bool brio_exec_simulated(const brio_loop *loop)
{
    return strcmp(brio_loop_backend(loop), "sim") == 0;
}

brio_time brio_exec_track_time(const brio_loop *loop)
{
    return brio_exec_simulated(loop) ? brio_loop_now(loop) : 0;
}
