/* SPDX-License-Identifier: MIT
 *
 * Broken promises: calls from a wrong thread are named in debug mode, and what
 * the header says is asserted does abort. */
#include "harness/dies.h"
#include "loop/bed.h"

#include <brio/trace.h>

#include <pthread.h>
#include <sys/epoll.h>

static brio_loop *victim;
static brio_callback idle_cb, queued_cb;
static brio_timer idle_timer, started_timer;

static void no_callback(brio_callback *cb)
{
    (void)cb;
}

static void no_timer(brio_timer *timer)
{
    (void)timer;
}

/* ---- Wrong threads ------------------------------------------------------ */

/* Each is one call that only the loop's thread may make. */
static void *soon(void *arg)
{
    brio_loop_call_soon(victim, &idle_cb);
    return arg;
}

static void *cancel(void *arg)
{
    brio_loop_call_cancel(victim, &queued_cb);
    return arg;
}

static void *start(void *arg)
{
    brio_timer_start(victim, &idle_timer, BRIO_NEVER);
    return arg;
}

static void *stop(void *arg)
{
    brio_timer_stop(victim, &started_timer);
    return arg;
}

static void *(*const wrong[])(void *) = {soon, cancel, start, stop};
__attribute__((unused)) static const char *const wrong_names[] = {"soon", "cancel", "start",
                                                                  "stop"};
enum { WRONG = 4 };

static void on_a_thread(void *(*fn)(void *))
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fn, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void victim_open(brio_backend backend, bool debug)
{
    victim = bed_loop(backend);
    idle_cb = queued_cb = (brio_callback){.fn = no_callback};
    idle_timer = started_timer = (brio_timer){.fn = no_timer};
    brio_loop_set_debug(victim, debug);
    brio_loop_call_soon(victim, &queued_cb);
    brio_timer_start(victim, &started_timer, BRIO_NEVER);
}

static void victim_close(void)
{
    brio_loop_call_cancel(victim, &idle_cb);
    brio_loop_call_cancel(victim, &queued_cb);
    brio_timer_stop(victim, &idle_timer);
    brio_timer_stop(victim, &started_timer);
    brio_loop_free(victim);
}

/* What it says on standard error before it dies of SIGABRT; "" if it lives. */
static void last_words(void *(*fn)(void *), char *into, size_t cap)
{
    int ends[2], status = 0;
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        on_a_thread(fn);
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(ends[0], into + len, cap - 1 - len)) > 0;)
        len += (size_t)n;
    into[len] = '\0';
    close(ends[0]);
    CHECK(waitpid(pid, &status, 0) == pid);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
        into[0] = '\0';
}

TEST_EACH(debug_mode_aborts_calls_from_a_wrong_thread_with_their_name)
{
    char words[2048];
    if (UNDER_TSAN)
        test_skip("a fork and a race on purpose");
    victim_open(backend, true);
    for (int i = 0; i < WRONG; i++) {
        last_words(wrong[i], words, sizeof(words));
        CHECK(strstr(words, "another thread"));
#ifdef BRIO_WITH_LIBDW
        CHECK(strstr(words, wrong_names[i]));
#endif
    }
    victim_close();
}

static void post_and_stop(void)
{
    static brio_callback posted = {.fn = no_callback};
    brio_loop_post(victim, &posted);
    brio_handle_release(brio_loop_call_threadsafe(victim, free, NULL));
    brio_loop_stop(victim);
}

static void *allowed(void *arg)
{
    post_and_stop();
    return arg;
}

TEST_EACH(debug_mode_allows_what_any_thread_may_do)
{
    victim_open(backend, true);
    on_a_thread(allowed);
    CHECK_OK(brio_loop_run(victim));
    victim_close();
}

TEST_EACH(debug_mode_lets_the_loops_own_thread_do_all)
{
    victim_open(backend, true);
    for (int i = 0; i < WRONG; i++)
        wrong[i](NULL);
    victim_close();
}

TEST_EACH(debug_mode_is_off_at_first_and_can_be_switched_off)
{
    char words[2048];
    if (UNDER_TSAN)
        test_skip("a fork and a race on purpose");
    victim_open(backend, false);
    last_words(soon, words, sizeof(words));
    CHECK_STR(brio_str_from(words), "");
    brio_loop_set_debug(victim, true);
    last_words(soon, words, sizeof(words));
    CHECK(words[0]);
    brio_loop_set_debug(victim, false);
    last_words(soon, words, sizeof(words));
    CHECK_STR(brio_str_from(words), "");
    victim_close();
}

/* ---- Asserted ----------------------------------------------------------- */

/* Each in a process of its own, on a loop of its own: a ring does not survive a fork. */
static brio_backend victims;

static void queue_twice(void)
{
    victim_open(victims, false);
    brio_loop_call_soon(victim, &queued_cb);
}

static void free_with_a_watch(void)
{
    static brio_watch watch;
    int ends[2];
    victim_open(victims, false);
    if (pipe(ends) == 0 && brio_watch_start(victim, &watch, ends[0], EPOLLIN) == 0)
        brio_loop_free(victim);
}

static void free_with_a_signal(void)
{
    static brio_signal sig;
    victim_open(victims, false);
    if (brio_signal_start(victim, &sig, SIGUSR1) == 0)
        brio_loop_free(victim);
}

static void free_with_a_chunk(void)
{
    victim_open(victims, false);
    if (brio_chunk_acquire(victim))
        brio_loop_free(victim);
}

static void unhold_what_is_not_held(void)
{
    victim_open(victims, false);
    brio_loop_unhold(victim);
}

static void run_inside(brio_callback *cb)
{
    (void)cb;
    (void)!brio_loop_run_once(victim, 0);
}

static void run_within_its_run(void)
{
    static brio_callback cb = {.fn = run_inside};
    victim_open(victims, false);
    brio_loop_call_soon(victim, &cb);
    (void)!brio_loop_run_once(victim, 0);
}

TEST_EACH(broken_promises_of_the_loop_abort)
{
    brio_loop_free(bed_loop(victims = backend)); /* or skips */
    CHECK(aborts(queue_twice));
    CHECK(aborts(free_with_a_watch));
    CHECK(aborts(free_with_a_signal));
    CHECK(aborts(free_with_a_chunk));
    CHECK(aborts(unhold_what_is_not_held));
    CHECK(aborts(run_within_its_run));
}
