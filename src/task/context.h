/* SPDX-License-Identifier: MIT
 *
 * Contexts: where a stack goes on, the jump from one to another, and which
 * sanitizer has to be told of it. */
#ifndef BRIO_TASK_CONTEXT_H
#define BRIO_TASK_CONTEXT_H

#include <stddef.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define BRIO_TASK_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define BRIO_TASK_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define BRIO_TASK_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define BRIO_TASK_TSAN 1
#endif

/* Where to go on. ORDER CTX: the assembly knows the offsets, and readers of
 * the task table know them as sp, pc and fp of brio_trace_task. */
typedef struct brio_task_ctx {
    void *sp;
    void *pc;
    void *fp;
} brio_task_ctx;

/* What a sanitizer knows of the stack that a context is on. */
typedef struct brio_task_shadow {
    void *fake_stack;
    const void *stack_low;
    size_t stack_size;
    void *fiber;
} brio_task_shadow;

/* Whoever resumes a task, while it runs. */
typedef struct brio_task_resumer {
    brio_task_ctx ctx;
#if defined(BRIO_TASK_ASAN) || defined(BRIO_TASK_TSAN)
    brio_task_shadow shadow;
#endif
} brio_task_resumer;

_Static_assert(offsetof(brio_task_ctx, pc) == 8, "ORDER CTX");
_Static_assert(offsetof(brio_task_ctx, fp) == 16, "ORDER CTX");

/* Saves the running context in `from` and goes on at `to`; returns when
 * somebody jumps to `from`. Inlined, and told to the compiler as clobbers, so
 * it saves only what is live and leaves the return predictor balanced. The
 * control words of SSE and x87 are not saved: tasks that change the rounding
 * mode restore it before they suspend. Shadow stacks are not switched, and
 * the entry's object file does not advertise them. */
static inline __attribute__((always_inline)) void brio_task_jump(brio_task_ctx *from,
                                                                 brio_task_ctx *to)
{
#if defined(__x86_64__)
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                     "movq %%rsp, 0(%%rdi)\n\t"
                     "movq %%rax, 8(%%rdi)\n\t"
                     "movq %%rbp, 16(%%rdi)\n\t"
                     "movq 0(%%rsi), %%rsp\n\t"
                     "movq 16(%%rsi), %%rbp\n\t"
                     "jmpq *8(%%rsi)\n"
                     "1:\n\t"
                     "endbr64"
                     : "+D"(from), "+S"(to)
                     :
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
                       "memory", "cc");
#elif defined(__aarch64__)
    register brio_task_ctx *x0 __asm__("x0") = from;
    register brio_task_ctx *x1 __asm__("x1") = to;
    __asm__ volatile("mov x9, sp\n\t"
                     "adr x10, 1f\n\t"
                     "stp x9, x10, [x0]\n\t"
                     "str x29, [x0, #16]\n\t"
                     "ldp x9, x10, [x1]\n\t"
                     "ldr x29, [x1, #16]\n\t"
                     "mov sp, x9\n\t"
                     "br x10\n"
                     "1:\n\t"
                     "hint #36" /* bti j */
                     : "+r"(x0), "+r"(x1)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
                       "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24",
                       "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6",
                       "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
                       "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
                       "v29", "v30", "v31", "memory", "cc");
#else
#error "brio switches stacks on x86-64 and aarch64 only"
#endif
}

/* switch_*.S: where a new stack begins; calls brio_task_main(to). */
void brio_task_entry(void);
void brio_task_main(brio_task_ctx *ctx) __attribute__((noreturn));

#endif
