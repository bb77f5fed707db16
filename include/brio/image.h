/* SPDX-License-Identifier: MIT
 *
 * brio/image.h: a process seen from outside: its code and its memory. This
 * one, another, or what a core file kept of one; nothing in it is stopped or
 * changed. The blocking detector and `brio ps|tree|stack` stand on it.
 *
 *     brio_image *image;
 *     int rc = brio_image_open(&image, pid);
 *     ...
 *     brio_image_symbol(image, pc, text, sizeof text);  // "handler app.c:30"
 *     brio_image_close(image);
 *
 * Debug info is read through elfutils' libdw; built without it (BRIO_LIBDW
 * off), symbols are a module and an offset, unwinding follows frame pointers,
 * and core files cannot be read. Everything read is taken as hostile.
 *
 * Files are opened while they are needed and memory is mapped; calls are slow
 * and not for a loop's thread. One thread at a time per image. */
#ifndef BRIO_IMAGE_H
#define BRIO_IMAGE_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_image brio_image;

/* Of the process `pid`; 0 means this one. Returns 0; -ESRCH without such a
 * process, -EACCES or -EPERM if the kernel does not let us look (it wants the
 * same user, and Yama or a container may want more), -ENOMEM. */
BRIO_API int brio_image_open(brio_image **ret, int pid) BRIO_CHECKED;
/* Of a core file. Returns 0; -errno of opening `path`, BRIO_ESYNTAX if it is not
 * a core file, -ENOTSUP without libdw, -ENOMEM. */
BRIO_API int brio_image_open_core(brio_image **ret, const char *path) BRIO_CHECKED;
/* True for a core file: what is in it does not change. */
BRIO_API bool brio_image_is_core(const brio_image *image);
/* NULL is fine. */
BRIO_API void brio_image_close(brio_image *image);

/* Copies `n` bytes at `address` of the process to `into`. Returns 0; -EFAULT if
 * not all of them are there, -ESRCH if the process is gone, -EPERM. */
BRIO_API int brio_image_read(brio_image *image, uint64_t address, void *into,
                             size_t n) BRIO_CHECKED;

/* Where the variable `name` is: by the symbol tables of its program and
 * libraries; if they were stripped, by the first 8 bytes that it holds
 * (`magic`), in writable memory that comes from files. 0: nowhere. */
BRIO_API uint64_t brio_image_find(brio_image *image, const char *name, const char magic[8]);

/* "function file:line" of an address in its code, "module+0xoffset" where there
 * is no debug info, "0x..." where there is no module; NUL-terminated, cut to
 * `cap` bytes. Returns the length of what is in `into`. */
BRIO_API size_t brio_image_symbol(brio_image *image, uint64_t pc, char *into, size_t cap);

enum { BRIO_IMAGE_REGS = 32 };

/* Where a stack stands: what is known of its registers. */
typedef struct brio_image_regs {
    uint64_t pc, sp, fp;
    uint64_t dwarf[BRIO_IMAGE_REGS]; /* by DWARF's numbers, if `n` */
    unsigned n;                      /* 0: only pc, sp and fp are known */
    /* A copy of the stack, taken when the registers were; read instead of the
     * process' memory. NULL: none. */
    const void *stack;
    uint64_t stack_at; /* the address it was copied from */
    size_t stack_len;  /* bytes */
} brio_image_regs;

/* Walks a stack: the pc, then return addresses, innermost first, into `pcs`, at
 * most `cap`. Returns how many; at least 1 if cap is. For the code of a return
 * address ask brio_image_symbol for the address minus one. */
BRIO_API size_t brio_image_unwind(brio_image *image, const brio_image_regs *regs, uint64_t *pcs,
                                  size_t cap);

#ifdef __cplusplus
}
#endif
#endif
