/* SPDX-License-Identifier: MIT
 *
 * Between an image and what knows debug info: image_dwfl.c, or image_plain.c
 * where there is no libdw. */
#ifndef BRIO_TRACE_IMAGE_INTERNAL_H
#define BRIO_TRACE_IMAGE_INTERNAL_H

#include <brio/image.h>

struct brio_image {
    int pid;                  /* 0: a core file */
    char found_name[64];      /* the variable that was asked for last, */
    uint64_t found;           /* and where it was: finding it takes long */
    struct brio_debug *debug; /* what image_dwfl.c needs; may be NULL */
};

/* A mapping of a process. */
typedef struct brio_trace_region {
    unsigned long from, to, offset;
    const char *path; /* borrowed during the call; "" if anonymous */
    bool writable;
} brio_trace_region;

int brio_trace_each_region(int pid, bool (*fn)(const brio_trace_region *region, void *arg),
                           void *arg);
void *brio_trace_pointer(uint64_t address);
/* From the copy of the stack if it is there, else from the process. */
int brio_trace_read_stack(brio_image *image, const brio_image_regs *regs, uint64_t at, void *into,
                          size_t n);
size_t brio_trace_unwind_frames(brio_image *image, const brio_image_regs *regs, uint64_t *pcs,
                                size_t cap);

/* ---- image_dwfl.c or image_plain.c ---- */
int brio_trace_debug_open(brio_image *image);
int brio_trace_debug_open_core(brio_image *image, int fd); /* takes fd */
void brio_trace_debug_close(brio_image *image);
int brio_trace_core_read(brio_image *image, uint64_t address, void *into, size_t n);
uint64_t brio_trace_find_symbol(brio_image *image, const char *name); /* 0: none */

#endif
