/* SPDX-License-Identifier: MIT
 *
 * Where a new task's stack begins. brio_task_jump comes here with x1 still
 * holding the context it jumped to, and with sp at the stack's top, 16-byte
 * aligned. There is nothing above: the frame pointer and the return address
 * are 0, so gdb and perf stop here. brio_task_main does not return, and is not
 * called: a call without a return would spoil the predictions of the loop's. */
#if defined(__aarch64__)
        .text
        .globl  brio_task_entry
        .hidden brio_task_entry
        .type   brio_task_entry, %function
        .p2align 4
brio_task_entry:
        .cfi_startproc
        .cfi_undefined x30
        hint    #36                     // bti j
        mov     x29, xzr
        mov     x30, xzr
        mov     x0, x1
        b       brio_task_main
        .cfi_endproc
        .size   brio_task_entry, . - brio_task_entry
#endif
        .section .note.GNU-stack, "", %progbits
