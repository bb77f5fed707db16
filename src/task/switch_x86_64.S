/* SPDX-License-Identifier: MIT
 *
 * Where a new task's stack begins. brio_task_jump comes here with rsi still
 * holding the context it jumped to, and with rsp at the stack's top, 16-byte
 * aligned. There is nothing above: rbp and the return address are 0, so gdb and
 * perf stop here. brio_task_main does not return, and is not called: a call
 * without a return would spoil the predictions of the loop's returns. */
#if defined(__x86_64__)
        .text
        .globl  brio_task_entry
        .hidden brio_task_entry
        .type   brio_task_entry, @function
        .p2align 4
brio_task_entry:
        .cfi_startproc
        .cfi_undefined rip
        endbr64
        xorl    %ebp, %ebp
        movq    %rsi, %rdi
        pushq   $0
        .cfi_adjust_cfa_offset 8
        jmp     brio_task_main
        .cfi_endproc
        .size   brio_task_entry, . - brio_task_entry
#endif
        .section .note.GNU-stack, "", %progbits
