/* SPDX-License-Identifier: MIT
 *
 * An image with debug info, through elfutils' libdwfl: symbols and lines, the
 * call frame information for unwinding, and the segments of a core file.
 *
 * Unwinding asks us for registers and memory, so it works on a parked task
 * (three registers), on a snapshot of a stack, and in another process, which
 * is never stopped: what it meanwhile overwrites ends the walk, no more.
 * Debug info is looked for on this machine only: a lookup over the network
 * (debuginfod) is not what a watchdog should start. */
#include "trace/image_internal.h"

#ifdef BRIO_WITH_LIBDW
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REFRESHES_MAX = 16 };

typedef struct brio_debug {
    Dwfl *dwfl;
    bool attached;
    unsigned refreshed; /* times that an unknown address made us look for new modules */
    Elf *core;
    int core_fd; /* -1: none */
    /* While a stack is walked: */
    brio_image *image;
    const brio_image_regs *regs;
    uint64_t *pcs;
    size_t n, cap;
} brio_debug;

/* The file is mapped: its descriptor need not stay open as long as the image. */
static int find_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                    char **file_name, Elf **elf)
{
    int fd = dwfl_linux_proc_find_elf(module, data, name, base, file_name, elf);
    if (fd < 0 || *elf)
        return fd;
    *elf = elf_begin(fd, ELF_C_READ_MMAP_PRIVATE, NULL);
    if (!*elf || elf_cntl(*elf, ELF_C_FDREAD) < 0)
        return fd;
    close(fd);
    return -1;
}

static const Dwfl_Callbacks process_callbacks = {
    .find_elf = find_elf,
    .find_debuginfo = dwfl_build_id_find_debuginfo,
};

static const Dwfl_Callbacks core_callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_build_id_find_debuginfo,
};

/* ---- Open and close ----------------------------------------------------- */

static int debug_new(brio_image *image, const Dwfl_Callbacks *callbacks)
{
    brio_debug *debug = brio_zalloc(1, sizeof(*debug));
    if (!debug)
        return -ENOMEM;
    debug->core_fd = -1;
    debug->image = image;
    debug->dwfl = dwfl_begin(callbacks);
    image->debug = debug;
    return debug->dwfl ? 0 : -ENOMEM;
}

/* What is mapped now; modules known already stay. */
static int report_modules(const brio_image *image)
{
    Dwfl *dwfl = image->debug->dwfl;
    elf_version(EV_CURRENT);
    dwfl_report_begin_add(dwfl);
    int rc = dwfl_linux_proc_report(dwfl, image->pid);
    dwfl_report_end(dwfl, NULL, NULL);
    return rc > 0 ? -rc : rc < 0 ? -EIO : 0;
}

int brio_trace_debug_open(brio_image *image)
{
    int rc = debug_new(image, &process_callbacks);
    return rc < 0 ? rc : report_modules(image);
}

int brio_trace_debug_open_core(brio_image *image, int fd)
{
    int rc = debug_new(image, &core_callbacks);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    brio_debug *debug = image->debug;
    GElf_Ehdr header;
    debug->core_fd = fd;
    elf_version(EV_CURRENT);
    debug->core = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (!debug->core || !gelf_getehdr(debug->core, &header) || header.e_type != ET_CORE)
        return BRIO_ESYNTAX;
    dwfl_report_begin(debug->dwfl);
    int modules = dwfl_core_file_report(debug->dwfl, debug->core, NULL);
    dwfl_report_end(debug->dwfl, NULL, NULL);
    return modules < 0 ? BRIO_ESYNTAX : 0;
}

void brio_trace_debug_close(brio_image *image)
{
    brio_debug *debug = image->debug;
    if (!debug)
        return;
    if (debug->dwfl)
        dwfl_end(debug->dwfl);
    if (debug->core)
        elf_end(debug->core);
    if (debug->core_fd >= 0)
        close(debug->core_fd);
    free(debug);
    image->debug = NULL;
}

/* ---- Memory of a core file ----------------------------------------------- */

/* Bytes at `address` that the file keeps (PT_LOAD), up to `n`. */
static size_t read_segments(Elf *elf, uint64_t address, void *into, size_t n)
{
    size_t size = 0, headers = 0;
    const char *bytes = elf_rawfile(elf, &size);
    if (!bytes || elf_getphdrnum(elf, &headers) < 0)
        return 0;
    for (size_t i = 0; i < headers && i < INT32_MAX; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD)
            continue;
        uint64_t offset = address - segment.p_vaddr;
        if (address < segment.p_vaddr || offset >= segment.p_filesz)
            continue;
        if (segment.p_offset > size || offset >= size - segment.p_offset)
            continue;
        uint64_t there = segment.p_filesz - offset, kept = size - segment.p_offset - offset;
        uint64_t some = there < kept ? there : kept;
        some = some < n ? some : n;
        memcpy(into, bytes + segment.p_offset + offset, some);
        return some;
    }
    return 0;
}

/* Constants are not dumped: they are still in the program's file. */
static size_t read_module(const brio_debug *debug, uint64_t address, void *into, size_t n)
{
    Dwfl_Module *module = dwfl_addrmodule(debug->dwfl, address);
    GElf_Addr bias = 0;
    Elf *elf = module ? dwfl_module_getelf(module, &bias) : NULL;
    return elf ? read_segments(elf, address - bias, into, n) : 0;
}

int brio_trace_core_read(brio_image *image, uint64_t address, void *into, size_t n)
{
    while (n) {
        size_t got = read_segments(image->debug->core, address, into, n);
        if (!got)
            got = read_module(image->debug, address, into, n);
        if (!got)
            return -EFAULT;
        into = (char *)into + got;
        address += got;
        n -= got;
    }
    return 0;
}

/* ---- Symbols ------------------------------------------------------------ */

typedef struct wanted {
    const char *name;
    uint64_t address;
} wanted;

static int look_in_module(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr start,
                          void *arg)
{
    (void)data, (void)name, (void)start;
    wanted *w = arg;
    int n = dwfl_module_getsymtab(module);
    for (int i = 1; i < n; i++) {
        GElf_Sym symbol;
        GElf_Addr address;
        const char *found = dwfl_module_getsym_info(module, i, &symbol, &address, NULL, NULL, NULL);
        if (found && symbol.st_shndx != SHN_UNDEF && strcmp(found, w->name) == 0) {
            w->address = address;
            return DWARF_CB_ABORT;
        }
    }
    return DWARF_CB_OK;
}

uint64_t brio_trace_find_symbol(brio_image *image, const char *name)
{
    wanted w = {.name = name};
    dwfl_getmodules(image->debug->dwfl, look_in_module, &w, 0);
    return w.address;
}

static Dwfl_Module *module_of(const brio_image *image, uint64_t pc)
{
    Dwfl_Module *module = dwfl_addrmodule(image->debug->dwfl, pc);
    bool look = !module && image->pid && image->debug->refreshed < REFRESHES_MAX;
    image->debug->refreshed += look;
    if (look && report_modules(image) == 0)
        module = dwfl_addrmodule(image->debug->dwfl, pc); /* loaded since */
    return module;
}

static const char *base_of(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "?";
}

/* The path below the current directory is what people click on. */
static const char *shorten(const char *path)
{
    static _Thread_local char here[1024];
    size_t len = getcwd(here, sizeof(here)) ? strlen(here) : 0;
    bool below = len > 1 && strncmp(path, here, len) == 0 && path[len] == '/';
    return below ? path + len + 1 : path;
}

/* clang leaves out the table from addresses to units (.debug_aranges): ask
 * each unit then. Slow, and asked for people only. */
static const char *search_units(Dwfl_Module *module, uint64_t pc, int *number)
{
    Dwarf_Addr bias = 0;
    for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu(module, unit, &bias));) {
        if (dwarf_haspc(unit, pc - bias) <= 0)
            continue;
        Dwarf_Line *line = dwarf_getsrc_die(unit, pc - bias);
        if (line && dwarf_lineno(line, number) == 0)
            return dwarf_linesrc(line, NULL, NULL);
    }
    return NULL;
}

static void put_line(brio_buf *out, Dwfl_Module *module, uint64_t pc)
{
    Dwfl_Line *line = dwfl_module_getsrc(module, pc);
    int number = 0;
    const char *file = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL)
                            : search_units(module, pc, &number);
    if (!file)
        file = base_of(dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
    brio_buf_printf(out, " %s", shorten(file));
    if (number > 0)
        brio_buf_printf(out, ":%d", number);
}

static void put_offset(brio_buf *out, Dwfl_Module *module, uint64_t pc)
{
    Dwarf_Addr start = 0;
    const char *path = dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    brio_buf_printf(out, "%s+0x%llx", base_of(path), (unsigned long long)(pc - start));
}

/* The name in the source: compilers add ".constprop.0" to copies, the linker "@VERSION". */
static brio_str plain_name(const char *name)
{
    size_t len = *name ? 1 + strcspn(name + 1, ".@") : 0;
    return (brio_str){name, len < 256 ? len : 256};
}

size_t brio_image_symbol(brio_image *image, uint64_t pc, char *into, size_t cap)
{
    char storage[1024];
    brio_buf out = brio_buf_over(storage, sizeof(storage));
    Dwfl_Module *module = module_of(image, pc);
    const char *name = module ? dwfl_module_addrname(module, pc) : NULL;
    BRIO_ASSERT(cap > 0);
    if (name) {
        brio_buf_add(&out, plain_name(name));
        put_line(&out, module, pc);
    } else if (module) {
        put_offset(&out, module, pc);
    } else {
        brio_buf_printf(&out, "0x%llx", (unsigned long long)pc);
    }
    size_t len = out.len < cap ? out.len : cap - 1;
    memcpy(into, storage, len);
    into[len] = '\0';
    return len;
}

/* ---- Unwinding ---------------------------------------------------------- */

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread_arg)
{
    (void)dwfl;
    if (*thread_arg)
        return 0;
    *thread_arg = arg;
    return 1; /* one stack, whatever its number */
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread_arg)
{
    (void)dwfl, (void)tid;
    *thread_arg = arg;
    return true;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr at, Dwarf_Word *result, void *arg)
{
    (void)dwfl;
    const brio_debug *debug = arg;
    return brio_trace_read_stack(debug->image, debug->regs, at, result, sizeof(*result)) == 0;
}

static bool set_registers(Dwfl_Thread *thread, void *arg)
{
    const brio_debug *debug = arg;
    const brio_image_regs *regs = debug->regs;
#if defined(__x86_64__)
    const Dwarf_Word frame[] = {regs->fp, regs->sp}; /* DWARF 6 and 7 */
    bool done = regs->n ? dwfl_thread_state_registers(thread, 0, regs->n, regs->dwarf)
                        : dwfl_thread_state_registers(thread, 6, 2, frame) &&
                              dwfl_thread_state_registers(thread, 16, 1, &regs->pc);
#else
    bool done = regs->n ? dwfl_thread_state_registers(thread, 0, regs->n, regs->dwarf)
                        : dwfl_thread_state_registers(thread, 29, 1, &regs->fp) &&
                              dwfl_thread_state_registers(thread, 31, 1, &regs->sp);
#endif
    dwfl_thread_state_register_pc(thread, regs->pc);
    return done;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
    .next_thread = next_thread,
    .get_thread = get_thread,
    .memory_read = read_word,
    .set_initial_registers = set_registers,
};

static int keep_frame(Dwfl_Frame *frame, void *arg)
{
    brio_debug *debug = arg;
    Dwarf_Addr pc;
    if (debug->n == debug->cap || !dwfl_frame_pc(frame, &pc, NULL))
        return DWARF_CB_ABORT;
    debug->pcs[debug->n++] = pc;
    return DWARF_CB_OK;
}

size_t brio_image_unwind(brio_image *image, const brio_image_regs *regs, uint64_t *pcs, size_t cap)
{
    brio_debug *debug = image->debug;
    debug->regs = regs;
    debug->pcs = pcs;
    debug->n = 0;
    debug->cap = cap;
    (void)module_of(image, regs->pc);
    if (!debug->attached)
        debug->attached = dwfl_attach_state(debug->dwfl, NULL, 1, &thread_callbacks, debug);
    if (debug->attached)
        (void)dwfl_getthread_frames(debug->dwfl, 1, keep_frame, debug);
    return debug->n > 1 ? debug->n : brio_trace_unwind_frames(image, regs, pcs, cap);
}
#endif
