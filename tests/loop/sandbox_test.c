/* SPDX-License-Identifier: MIT
 *
 * What a container forbids: io_uring, and waits in nanoseconds. The filter is
 * the test's own process' only, since every test is a fork. */
#include "loop/bed.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* From here on system call `nr` fails with `err`. */
static void forbid(unsigned nr, unsigned err)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        test_skip("seccomp filters are not to be had here");
}

TEST(auto_takes_epoll_where_io_uring_is_forbidden)
{
    brio_loop *loop;
    unsetenv("BRIO_BACKEND");
    forbid(SYS_io_uring_setup, EPERM);
    CHECK_OK(brio_loop_new(&loop, NULL));
    CHECK_STR(brio_str_from(brio_loop_backend(loop)), "epoll");
    brio_loop_free(loop);
    CHECK_INT(brio_loop_new(&loop, &(brio_loop_options){.backend = BRIO_BACKEND_URING}), -EPERM);
}

/* Rings that cannot be set up whole are taken down whole: the harness counts. */
TEST(a_ring_without_provided_buffers_is_refused)
{
    brio_loop *loop;
    brio_loop_free(bed_loop(BRIO_BACKEND_URING));
    forbid(SYS_io_uring_register, ENOSYS);
    CHECK_INT(brio_loop_new(&loop, &(brio_loop_options){.backend = BRIO_BACKEND_URING}), -ENOSYS);
}

static void note_time(brio_timer *timer)
{
    timer->order = 0;
}

TEST(epoll_waits_in_milliseconds_where_it_must)
{
    brio_loop *loop = bed_loop(BRIO_BACKEND_EPOLL);
    forbid(SYS_epoll_pwait2, ENOSYS);
    for (int i = 0; i < 3; i++) {
        brio_timer timer = {.fn = note_time};
        brio_timer_start(loop, &timer, brio_loop_now(loop) + BRIO_US(1500));
        UNTIL(loop, timer.order == 0);
        CHECK(brio_loop_now(loop) >= timer.when);
    }
    brio_loop_free(loop);
}
