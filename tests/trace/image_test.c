/* SPDX-License-Identifier: MIT
 *
 * Images: this process, a child, a core file that is none; reading what is not
 * there; symbols cut to size; stacks with and without debug info. */
#include "harness/test.h"
#include "trace/image_internal.h"
#include "trace/trace_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char magic[8] = "TestMagi";
struct {
    char magic[8];
    uint64_t value;
} image_test_variable = {.magic = "TestMagi", .value = 42};

static uint64_t address_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

static brio_image *open_self(void)
{
    brio_image *image = NULL;
    CHECK_OK(brio_image_open(&image, 0));
    return image;
}

TEST(memory_is_copied)
{
    brio_image *image = open_self();
    char into[8];
    CHECK_OK(brio_image_read(image, address_of(magic), into, sizeof(into)));
    CHECK(memcmp(into, magic, 8) == 0);
    brio_image_close(image);
}

TEST(memory_that_is_not_there_is_an_error)
{
    brio_image *image = open_self();
    char into[64];
    CHECK_INT(brio_image_read(image, 16, into, sizeof(into)), -EFAULT);
    CHECK_INT(brio_image_read(image, UINT64_MAX - 8, into, sizeof(into)), -EFAULT);
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    CHECK_INT(munmap(pages + 4096, 4096), 0);
    CHECK_OK(brio_image_read(image, address_of(pages + 4096 - 64), into, sizeof(into)));
    CHECK_INT(brio_image_read(image, address_of(pages + 4096 - 63), into, sizeof(into)), -EFAULT);
    brio_image_close(image);
}

TEST(no_such_process)
{
    brio_image *image;
    CHECK_INT(brio_image_open(&image, 0x3fffffff), -ESRCH);
    CHECK(!image);
    CHECK_INT(brio_image_open(&image, -1), -ESRCH);
}

TEST(a_variable_is_found_in_a_child)
{
    pid_t pid = fork();
    if (pid == 0) {
        image_test_variable.value = 43;
        pause();
    }
    brio_image *image;
    uint64_t value = 0;
    CHECK_OK(brio_image_open(&image, pid));
    uint64_t at = brio_image_find(image, "image_test_variable", magic);
    CHECK(at == address_of(&image_test_variable));
    while (value != 43)
        CHECK_OK(brio_image_read(image, at + 8, &value, sizeof(value)));
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, NULL, 0) == pid);
    CHECK_INT(brio_image_read(image, at, &value, sizeof(value)), -ESRCH);
    brio_image_close(image);
    CHECK_INT(brio_image_open(&image, pid), -ESRCH);
}

TEST(without_a_symbol_the_magic_tells)
{
    brio_image *image = open_self();
    CHECK(brio_image_find(image, "no_such_symbol", magic) == address_of(&image_test_variable));
    char other[8]; /* not in any file */
    for (size_t i = 0; i < 8; i++)
        other[i] = (char)(magic[i] ^ 0x55);
    CHECK_INT(brio_image_find(image, "no_such_symbol", other), 0);
    brio_image_close(image);
}

TEST(a_zombie_is_gone)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    siginfo_t info;
    CHECK_INT(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    brio_image *image;
    CHECK_INT(brio_image_open(&image, pid), -ESRCH);
    CHECK(waitpid(pid, NULL, 0) == pid);
}

TEST(other_files_are_no_cores)
{
    brio_image *image;
    CHECK_INT(brio_image_open_core(&image, "/nonexistent/core"), -ENOENT);
#ifdef BRIO_WITH_LIBDW
    CHECK_INT(brio_image_open_core(&image, "/proc/self/exe"), BRIO_ESYNTAX);
    CHECK_INT(brio_image_open_core(&image, "/dev/null"), BRIO_ESYNTAX);
#else
    CHECK_INT(brio_image_open_core(&image, "/dev/null"), -ENOTSUP);
#endif
}

/* ---- Symbols ------------------------------------------------------------- */

static const void *function_address(void)
{
    union {
        const void *(*fn)(void);
        const void *address;
    } u = {.fn = function_address};
    return u.address;
}

TEST(a_symbol_has_function_file_and_line)
{
    char text[256];
    size_t len = brio_trace_symbol(function_address(), text, sizeof(text));
    CHECK_INT(len, strlen(text));
#ifdef BRIO_WITH_LIBDW
    CHECK(strstr(text, "function_address "));
    if (!strstr(text, "image_test.c:"))
        test_fail(__FILE__, __LINE__, "no line in \"%s\"", text);
#else
    CHECK(len > 0);
#endif
    /* What is kept costs no descriptor: the harness counts. */
}

TEST(a_symbol_is_the_name_in_the_source)
{
    union {
        int (*fn)(pthread_spinlock_t *, int);
        const void *address;
    } versioned = {.fn = pthread_spin_init}; /* "pthread_spin_init@GLIBC_2.2.5" to the linker */
    char text[256];
    brio_trace_symbol(versioned.address, text, sizeof(text));
    CHECK_INT(strcspn(text, "@"), strlen(text));
#ifdef BRIO_WITH_LIBDW
    CHECK(strstr(text, "pthread_spin_init "));
#endif
    brio_trace_self_close();
}

/* The same from outside: the image may be another process'. */
TEST(an_image_names_addresses_too)
{
    brio_image *image;
    char here[200], there[200], small[4];
    CHECK_OK(brio_image_open(&image, 0));
    CHECK(!brio_image_is_core(image));
    uint64_t pc = address_of(function_address());
    size_t len = brio_image_symbol(image, pc, there, sizeof(there));
    CHECK_INT(len, brio_trace_symbol(function_address(), here, sizeof(here)));
    CHECK_STR(brio_str_from(there), here);
    CHECK_INT(brio_image_symbol(image, pc, small, sizeof(small)), sizeof(small) - 1);
    CHECK_INT(brio_image_symbol(image, 0x10, there, sizeof(there)), 4);
    CHECK_STR(brio_str_from(there), "0x10");
    brio_image_close(image);
}

TEST(a_symbol_is_cut_to_its_room)
{
    char text[16], small[4] = "xxx";
    CHECK_INT(brio_trace_symbol(function_address(), text, sizeof(text)), sizeof(text) - 1);
    CHECK_INT(strlen(text), sizeof(text) - 1);
    CHECK_INT(brio_trace_symbol(function_address(), small, 1), 0);
    CHECK_INT(small[0], '\0');
    CHECK_INT(brio_trace_symbol(function_address(), NULL, 0), 0);
    brio_trace_self_close();
}

TEST(an_address_of_nothing_is_a_number)
{
    char text[32];
    brio_trace_symbol(brio_trace_pointer(0x10), text, sizeof(text));
    CHECK_STR(brio_str_from(text), "0x10");
    brio_trace_self_close();
}

/* ---- Stacks -------------------------------------------------------------- */

TEST(a_chain_of_frames_is_followed_and_no_further)
{
    brio_image *image = open_self();
    uint64_t stack[8] = {0}, pcs[8];
    stack[0] = address_of(&stack[4]); /* a frame: the next, and where to return */
    stack[1] = 0x1111;
    stack[4] = address_of(&stack[0]); /* goes down: no frame */
    stack[5] = 0x2222;
    brio_image_regs regs = {.pc = 0x3333, .sp = address_of(stack), .fp = address_of(stack)};
    CHECK_INT(brio_trace_unwind_frames(image, &regs, pcs, 8), 3);
    CHECK_INT(pcs[0], 0x3333);
    CHECK_INT(pcs[1], 0x1111);
    CHECK_INT(pcs[2], 0x2222);
    CHECK_INT(brio_trace_unwind_frames(image, &regs, pcs, 2), 2);
    regs.fp = 8;
    CHECK_INT(brio_trace_unwind_frames(image, &regs, pcs, 8), 1);
    brio_image_close(image);
}

TEST(a_copy_of_the_stack_is_read_instead)
{
    brio_image *image = open_self();
    uint64_t copy[4] = {0x1000 + 16, 0x1111, 0, 0x2222}, pcs[8];
    brio_image_regs regs = {.pc = 1,
                            .sp = 0x1000,
                            .fp = 0x1000,
                            .stack = copy,
                            .stack_at = 0x1000,
                            .stack_len = sizeof(copy)};
    CHECK_INT(brio_trace_unwind_frames(image, &regs, pcs, 8), 3);
    CHECK_INT(pcs[2], 0x2222);
    brio_image_close(image);
}

/* Registers of nowhere: something comes back, nothing breaks. */
TEST(a_hostile_stack_ends)
{
    brio_image *image = open_self();
    uint64_t pcs[64], numbers[] = {0, 1, 8, address_of(&image_test_variable), UINT64_MAX - 7};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            brio_image_regs regs = {.pc = numbers[i], .sp = numbers[j], .fp = numbers[j]};
            size_t n = brio_image_unwind(image, &regs, pcs, 64);
            CHECK(n >= 1);
            CHECK(n <= 64);
        }
    brio_image_close(image);
}
