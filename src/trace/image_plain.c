/* SPDX-License-Identifier: MIT
 *
 * An image without debug info: modules from the process' map, functions only
 * where this process' dynamic symbols tell them, stacks by frame pointers. */
#include "trace/image_internal.h"

#ifndef BRIO_WITH_LIBDW
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int brio_trace_debug_open(brio_image *image)
{
    (void)image;
    return 0;
}

int brio_trace_debug_open_core(brio_image *image, int fd)
{
    (void)image;
    close(fd);
    return -ENOTSUP;
}

void brio_trace_debug_close(brio_image *image)
{
    (void)image;
}

int brio_trace_core_read(brio_image *image, uint64_t address, void *into, size_t n)
{
    (void)image, (void)address, (void)into, (void)n;
    return -ENOTSUP;
}

uint64_t brio_trace_find_symbol(brio_image *image, const char *name)
{
    (void)image, (void)name;
    return 0; /* the magic tells */
}

typedef struct place {
    uint64_t pc;
    char *into;
    size_t cap;
    int len;
} place;

static bool name_region(const brio_trace_region *region, void *arg)
{
    place *p = arg;
    if (p->pc < region->from || p->pc >= region->to)
        return true;
    const char *slash = strrchr(region->path, '/');
    p->len = snprintf(p->into, p->cap, "%s+0x%lx", slash ? slash + 1 : "?",
                      (unsigned long)(p->pc - region->from + region->offset));
    return false;
}

static int name_function(const place *p)
{
    Dl_info info;
    if (!dladdr(brio_trace_pointer(p->pc), &info) || !info.dli_sname)
        return 0;
    const char *slash = strrchr(info.dli_fname, '/');
    return snprintf(p->into, p->cap, "%s %s", info.dli_sname, slash ? slash + 1 : info.dli_fname);
}

size_t brio_image_symbol(brio_image *image, uint64_t pc, char *into, size_t cap)
{
    place p = {.pc = pc, .into = into, .cap = cap};
    BRIO_ASSERT(cap > 0);
    if (image->pid == getpid())
        p.len = name_function(&p);
    if (p.len <= 0)
        (void)brio_trace_each_region(image->pid, name_region, &p);
    if (p.len <= 0)
        p.len = snprintf(into, cap, "0x%lx", (unsigned long)pc);
    return (size_t)p.len < cap ? (size_t)p.len : cap - 1;
}

size_t brio_image_unwind(brio_image *image, const brio_image_regs *regs, uint64_t *pcs, size_t cap)
{
    return brio_trace_unwind_frames(image, regs, pcs, cap);
}
#endif
