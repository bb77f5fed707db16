/* SPDX-License-Identifier: MIT
 *
 * A process' memory and its map. The kernel copies (process_vm_readv), so a
 * wild address is an error and not a fault, also when the process is this one.
 *
 * What knows about debug info is in image_dwfl.c or, without libdw, in
 * image_plain.c: the same functions. Nothing read here is believed: sizes are
 * bounded before memory is asked for. */
#include "trace/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SEARCH_STEP = 64 * 1024, SEARCH_MAX = 64 * 1024 * 1024 };

/* ---- Memory ------------------------------------------------------------- */

static int read_process(int pid, uint64_t address, void *into, size_t n)
{
    while (n) {
        struct iovec to = {into, n}, from = {brio_trace_pointer(address), n};
        ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);
        if (got <= 0)
            return got == 0 ? -EFAULT : -errno;
        into = (char *)into + got;
        address += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

int brio_image_read(brio_image *image, uint64_t address, void *into, size_t n)
{
    if (address + n < address)
        return -EFAULT;
    if (image->pid)
        return read_process(image->pid, address, into, n);
    return brio_trace_core_read(image, address, into, n);
}

void *brio_trace_pointer(uint64_t address)
{
    union {
        uint64_t number;
        void *pointer;
    } u = {.number = address};
    return u.pointer;
}

/* ---- Map ---------------------------------------------------------------- */

/* Calls fn for each line of /proc/PID/maps until it returns false. */
int brio_trace_each_region(int pid, bool (*fn)(const brio_trace_region *region, void *arg),
                           void *arg)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    if (!maps)
        return errno == ENOENT ? -ESRCH : -errno;
    char *line = NULL;
    size_t cap = 0;
    bool more = true;
    while (more && getline(&line, &cap, maps) > 0) {
        brio_trace_region region = {0};
        char rights[5] = "";
        int at = 0;
        if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %n", &region.from, &region.to, rights,
                   &region.offset, &at) < 4)
            continue;
        line[strcspn(line, "\n")] = '\0';
        region.path = line + at;
        region.writable = rights[1] == 'w';
        more = fn(&region, arg);
    }
    free(line);
    fclose(maps);
    return 0;
}

/* ---- Finding a variable ------------------------------------------------- */

typedef struct search {
    brio_image *image;
    const char *magic;
    char *window;
    size_t left; /* bytes that may still be looked at */
    uint64_t found;
} search;

static bool search_window(search *s, uint64_t at, size_t n)
{
    if (brio_image_read(s->image, at, s->window, n) < 0)
        return false;
    for (size_t i = 0; i + 8 <= n; i += 8)
        if (memcmp(s->window + i, s->magic, 8) == 0) {
            s->found = at + i;
            return true;
        }
    return false;
}

static bool search_region(const brio_trace_region *region, void *arg)
{
    search *s = arg;
    if (!region->writable || region->path[0] != '/')
        return true;
    for (uint64_t at = region->from; at < region->to && s->left; at += SEARCH_STEP) {
        size_t n = region->to - at < SEARCH_STEP ? region->to - at : SEARCH_STEP;
        s->left = s->left > n ? s->left - n : 0;
        if (search_window(s, at, n))
            return false;
    }
    return true;
}

static bool holds(brio_image *image, uint64_t address, const char *magic)
{
    char held[8];
    return address && brio_image_read(image, address, held, 8) == 0 && memcmp(held, magic, 8) == 0;
}

static uint64_t find_by_magic(brio_image *image, const char *magic)
{
    search s = {.image = image, .magic = magic, .left = SEARCH_MAX};
    s.window = image->pid ? brio_malloc(SEARCH_STEP) : NULL;
    if (s.window)
        (void)brio_trace_each_region(image->pid, search_region, &s);
    free(s.window);
    return s.found;
}

uint64_t brio_image_find(brio_image *image, const char *name, const char magic[8])
{
    if (strcmp(name, image->found_name) == 0 && holds(image, image->found, magic))
        return image->found;
    uint64_t address = brio_trace_find_symbol(image, name);
    if (!holds(image, address, magic))
        address = find_by_magic(image, magic);
    snprintf(image->found_name, sizeof(image->found_name), "%s", name);
    image->found = address;
    return address;
}

/* ---- Open and close ----------------------------------------------------- */

static int image_new(brio_image **ret)
{
    *ret = brio_zalloc(1, sizeof(**ret));
    return *ret ? 0 : -ENOMEM;
}

static bool first_region(const brio_trace_region *region, void *arg)
{
    *(uint64_t *)arg = region->from;
    return false;
}

/* Asks for one byte, to say no early and clearly. */
static int may_look(brio_image *image)
{
    uint64_t at = 0;
    char byte;
    int rc = brio_trace_each_region(image->pid, first_region, &at);
    if (rc < 0)
        return rc;
    if (!at)
        return -ESRCH; /* a zombie, or a thread of the kernel */
    rc = brio_image_read(image, at, &byte, 1);
    return rc == -EFAULT ? 0 : rc;
}

int brio_image_open(brio_image **ret, int pid)
{
    *ret = NULL;
    if (pid < 0)
        return -ESRCH;
    brio_image *image;
    int rc = image_new(&image);
    if (rc < 0)
        return rc;
    image->pid = pid ? pid : getpid();
    rc = may_look(image);
    if (rc == 0)
        rc = brio_trace_debug_open(image);
    if (rc < 0)
        brio_image_close(image);
    else
        *ret = image;
    return rc;
}

int brio_image_open_core(brio_image **ret, const char *path)
{
    *ret = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    brio_image *image;
    int rc = image_new(&image);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    rc = brio_trace_debug_open_core(image, fd);
    if (rc < 0)
        brio_image_close(image);
    else
        *ret = image;
    return rc;
}

bool brio_image_is_core(const brio_image *image)
{
    return image->pid == 0;
}

void brio_image_close(brio_image *image)
{
    if (!image)
        return;
    brio_trace_debug_close(image);
    free(image);
}

/* ---- Unwinding by frame pointers ---------------------------------------- */

int brio_trace_read_stack(brio_image *image, const brio_image_regs *regs, uint64_t at, void *into,
                          size_t n)
{
    uint64_t offset = at - regs->stack_at;
    if (regs->stack && at >= regs->stack_at && offset <= regs->stack_len &&
        n <= regs->stack_len - offset) {
        memcpy(into, (const char *)regs->stack + offset, n);
        return 0;
    }
    return brio_image_read(image, at, into, n);
}

size_t brio_trace_unwind_frames(brio_image *image, const brio_image_regs *regs, uint64_t *pcs,
                                size_t cap)
{
    uint64_t fp = regs->fp, low = regs->sp, frame[2];
    size_t n = 0;
    if (cap)
        pcs[n++] = regs->pc;
    while (n < cap && fp >= low && fp % 8 == 0 &&
           brio_trace_read_stack(image, regs, fp, frame, sizeof(frame)) == 0 && frame[1]) {
        pcs[n++] = frame[1];
        low = fp + sizeof(frame); /* frames go up, or it is no chain */
        fp = frame[0];
    }
    return n;
}
