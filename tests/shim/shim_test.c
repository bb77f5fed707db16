/* SPDX-License-Identifier: MIT
 *
 * The shim, linked as a program would: each call is made, is reported if it
 * blocks inside a turn, and is not reported where it does not or elsewhere. */
#include "harness/test.h"

#include <brio/trace.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- A loop in a turn, and what is reported ------------------------------ */

static brio_trace_task task = {.id = 3, .name = "handler"};
static brio_trace_loop loop;

static struct {
    int n;
    bool held;
    char call[32], advice[64], stack[512], task[32];
} seen;

static void keep(const brio_blocked *blocked, void *arg)
{
    (void)arg;
    seen.n++;
    seen.held = blocked->held;
    snprintf(seen.call, sizeof(seen.call), "%.*s", BRIO_ARG(blocked->call));
    snprintf(seen.advice, sizeof(seen.advice), "%s", blocked->advice);
    snprintf(seen.stack, sizeof(seen.stack), "%.*s", BRIO_ARG(blocked->stack));
    snprintf(seen.task, sizeof(seen.task), "%s", blocked->task);
}

static void begin(void)
{
    loop = (brio_trace_loop){.tid = gettid(), .running = &task};
    brio_trace_loop_add(&loop);
    CHECK_OK(
        brio_detector_start(&(brio_detector_options){.limit = BRIO_SEC(1000), .report = keep}));
    __atomic_store_n(&loop.running_since, brio_clock_monotonic(), __ATOMIC_RELEASE);
}

static void end(void)
{
    __atomic_store_n(&loop.running_since, 0, __ATOMIC_RELEASE);
    brio_detector_stop();
    brio_trace_loop_remove(&loop);
}

static void check_seen(const char *call)
{
    CHECK_INT(seen.n, 1);
    CHECK_STR(brio_str_from(seen.call), call);
    CHECK_STR(brio_str_from(seen.task), "handler");
    CHECK(*seen.advice);
    seen.n = 0;
}

/* ---- Sleeping ------------------------------------------------------------ */

TEST(linking_it_is_asking)
{
    CHECK(brio_trace_wants(BRIO_TRACE_DETECTOR));
    CHECK(brio_trace_wants(BRIO_TRACE_SUSPEND));
    CHECK(brio_trace_suspending);
}

TEST(sleeping_is_reported_with_its_place)
{
    begin();
    CHECK_INT(usleep(1), 0);
    check_seen("usleep");
    CHECK_STR(brio_str_from(seen.advice), "brio_sleep");
#ifdef BRIO_WITH_LIBDW
    CHECK(strstr(seen.stack, "sleeping_is_reported_with_its_place"));
    CHECK(strstr(seen.stack, "shim_test.c:"));
#endif
    struct timespec shortly = {.tv_nsec = 1};
    CHECK_INT(nanosleep(&shortly, NULL), 0);
    check_seen("nanosleep");
    CHECK_INT(clock_nanosleep(CLOCK_MONOTONIC, 0, &shortly, NULL), 0);
    check_seen("clock_nanosleep");
    CHECK_INT(sleep(0), 0);
    CHECK_INT(usleep(0), 0);
    CHECK_INT(seen.n, 0);
    end();
}

/* One call in the code, however loops are unrolled. */
__attribute__((noinline)) static int nap(void)
{
    int rc = usleep(1);
    __asm__ volatile("" : "+r"(rc)); /* no tail call */
    return rc;
}

TEST(a_site_is_reported_once)
{
    begin();
    for (int i = 0; i < 3; i++)
        CHECK_INT(nap(), 0);
    check_seen("usleep");
    end();
}

static void *sleep_elsewhere(void *arg)
{
    CHECK_INT(usleep(1), 0);
    return arg;
}

TEST(other_threads_may_block)
{
    pthread_t thread;
    begin();
    CHECK_INT(pthread_create(&thread, NULL, sleep_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    end();
    CHECK_INT(usleep(1), 0); /* no turn */
    CHECK_INT(seen.n, 0);
}

TEST(without_a_detector_it_is_a_warning_in_the_log)
{
    int pipes[2];
    char line[512] = "";
    CHECK_INT(pipe(pipes), 0);
    begin();
    brio_detector_stop();
    int saved = dup(STDERR_FILENO);
    dup2(pipes[1], STDERR_FILENO);
    CHECK_INT(usleep(1), 0);
    dup2(saved, STDERR_FILENO);
    CHECK(read(pipes[0], line, sizeof(line) - 1) > 0);
    CHECK(strstr(line, " calls usleep in a coroutine, at "));
    CHECK(strstr(line, ": use brio_sleep"));
    close(saved);
    close(pipes[0]);
    close(pipes[1]);
    end();
}

/* ---- Descriptors --------------------------------------------------------- */

static void *write_later(void *arg)
{
    while (__atomic_load_n(&seen.n, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
    CHECK(write(*(int *)arg, "x", 1) == 1);
    return NULL;
}

TEST(reading_what_is_not_there_is_reported)
{
    int pipes[2];
    char byte;
    pthread_t thread;
    CHECK_INT(pipe(pipes), 0);
    begin();
    CHECK(write(pipes[1], "x", 1) == 1);
    CHECK(read(pipes[0], &byte, 1) == 1); /* there */
    CHECK_INT(seen.n, 0);
    CHECK_INT(pthread_create(&thread, NULL, write_later, &pipes[1]), 0);
    CHECK(read(pipes[0], &byte, 1) == 1);
    pthread_join(thread, NULL);
    check_seen("read");
    CHECK_INT(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
    CHECK(read(pipes[0], &byte, 1) < 0);
    CHECK_INT(errno, EAGAIN);
    CHECK_INT(read(-1, &byte, 1), -1);
    CHECK_INT(errno, EBADF);
    CHECK_INT(seen.n, 0);
    end();
    close(pipes[0]);
    close(pipes[1]);
}

TEST(receiving_and_polling_are_reported)
{
    int pair[2];
    char byte;
    struct timeval soon = {.tv_usec = 1};
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct pollfd ready = {.fd = pair[0], .events = POLLIN};
    fd_set set;
    begin();
    CHECK_INT(recv(pair[0], &byte, 1, MSG_DONTWAIT), -1);
    CHECK_INT(poll(&ready, 1, 0), 0);
    CHECK_INT(seen.n, 0);
    CHECK_INT(poll(&ready, 1, 1), 0);
    check_seen("poll");
    FD_ZERO(&set);
    FD_SET(pair[0], &set);
    CHECK_INT(select(pair[0] + 1, &set, NULL, NULL, &soon), 0);
    check_seen("select");
    struct timeval timeout = {.tv_usec = 1000};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    CHECK_INT(recv(pair[0], &byte, 1, 0), -1);
    check_seen("recv");
    CHECK_INT(recvfrom(pair[0], &byte, 1, 0, NULL, NULL), -1);
    check_seen("recvfrom");
    end();
    close(pair[0]);
    close(pair[1]);
}

TEST(files_names_and_children_are_reported)
{
    char path[] = "/tmp/brio-shim-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    unlink(path);
    begin();
    CHECK_INT(fsync(fd), 0);
    check_seen("fsync");
    CHECK_INT(fdatasync(fd), 0);
    check_seen("fdatasync");
    CHECK_INT(flock(fd, LOCK_EX), 0); /* free */
    CHECK_INT(seen.n, 0);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *found = NULL;
    CHECK_INT(getaddrinfo("127.0.0.1", NULL, &hints, &found), 0);
    freeaddrinfo(found);
    CHECK_INT(seen.n, 0);
    CHECK_INT(getaddrinfo("127.0.0.1", NULL, NULL, &found), 0);
    freeaddrinfo(found);
    check_seen("getaddrinfo");
    pid_t pid = fork();
    if (pid == 0) {
        usleep(20000);
        _exit(7);
    }
    int status;
    CHECK_INT(waitpid(pid, &status, 0), pid);
    CHECK_INT(WEXITSTATUS(status), 7);
    check_seen("waitpid");
    end();
    close(fd);
}

/* ---- Mutexes ------------------------------------------------------------- */

TEST(a_mutex_across_a_suspension_is_reported)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, outer = PTHREAD_MUTEX_INITIALIZER;
    brio_trace_task other = {.id = 4, .name = "other"};
    pthread_mutex_lock(&outer); /* outside tasks: not theirs */
    begin();
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    brio_trace_suspending(&task);
    CHECK_INT(seen.n, 0);
    pthread_mutex_lock(&mutex);
    brio_trace_suspending(&other); /* does not hold it */
    CHECK_INT(seen.n, 0);
    brio_trace_suspending(&task);
    check_seen("pthread_mutex_lock");
    CHECK(seen.held);
#ifdef BRIO_WITH_LIBDW
    CHECK(strstr(seen.stack, "a_mutex_across_a_suspension_is_reported"));
#endif
    brio_trace_suspending(&task); /* once per site */
    CHECK_INT(seen.n, 0);
    pthread_mutex_unlock(&mutex);
    CHECK_INT(pthread_mutex_trylock(&mutex), 0);
    brio_trace_suspending(&task);
    check_seen("pthread_mutex_lock");
    pthread_mutex_unlock(&mutex);
    end();
    pthread_mutex_unlock(&outer);
}
