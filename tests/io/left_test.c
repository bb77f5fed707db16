/* SPDX-License-Identifier: MIT
 *
 * What a simulated run leaves open is found: each kind of thing, at the end of
 * a run and at one point of many. */
#include "io/file_bed.h"

#include <brio/sim.h>

#include <signal.h>

static int leave_a_listener(void *arg)
{
    brio_listener *l;
    (void)arg;
    return brio_listen(&l, &(brio_listen_to){0});
}

static int leave_a_stream(void *arg)
{
    (void)arg;
    pair p = pair_open();
    brio_stream_close(p.server);
    brio_listener_close(p.listener);
    return 0;
}

static int leave_a_udp(void *arg)
{
    brio_udp *u;
    (void)arg;
    return brio_udp_open(&u, NULL);
}

static int leave_a_file(void *arg)
{
    brio_file *f;
    (void)arg;
    return brio_file_open(&f, BRIO_S("/"), "d", &(brio_file_options){.keep = true});
}

static int leave_a_watcher(void *arg)
{
    brio_watcher *w;
    (void)arg;
    return brio_watcher_open(&w, &(brio_watcher_options){.keep = true});
}

static int leave_a_process(void *arg)
{
    const char *argv[] = {"sleep", "1000", NULL};
    brio_process *p;
    (void)arg;
    return brio_process_spawn(&p, &(brio_spawn_options){.argv = argv, .keep = true, .grace = -1});
}

static int leave_a_pipe(void *arg)
{
    brio_stream *s;
    int ends[2];
    (void)arg;
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    close(ends[1]);
    return brio_stream_open_fd(&s, ends[0]);
}

TEST(whatever_a_run_leaves_open_is_a_leak)
{
    static brio_task_fn *const all[] = {leave_a_listener, leave_a_stream,  leave_a_udp,
                                        leave_a_file,     leave_a_watcher, leave_a_process,
                                        leave_a_pipe};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int rc = brio_sim_run(&(brio_sim){.quiet = true}, all[i], NULL);
        if (rc != BRIO_ELEAK)
            test_fail(__FILE__, __LINE__, "%d: %s", (int)i, brio_error_text(rc));
    }
}

/* What ends with the task that opened it is nobody's to close. */
static int leave_what_has_an_owner(void *arg)
{
    const char *argv[] = {"sleep", "1000", NULL};
    brio_file *f;
    brio_watcher *w;
    brio_process *p;
    brio_signals *s;
    (void)arg;
    CHECK_OK(brio_file_open(&f, BRIO_S("/"), "d", NULL));
    CHECK_OK(brio_watcher_open(&w, NULL));
    CHECK_OK(brio_process_spawn(&p, &(brio_spawn_options){.argv = argv, .grace = -1}));
    CHECK_OK(brio_signals_open(&s, &(int){SIGUSR1}, 1));
    return 0;
}

TEST(what_a_task_owns_is_no_leak)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 20}, leave_what_has_an_owner, NULL), 0);
}

/* Closes all, unless it is cancelled between the two: only cancel-everywhere meets that. */
static int forget_if_cancelled(void *arg)
{
    brio_listener *l;
    (void)arg;
    CHECK_OK(brio_listen(&l, &(brio_listen_to){0}));
    int rc = brio_sleep(BRIO_SEC(1));
    if (rc == 0)
        brio_listener_close(l);
    return rc;
}

TEST(a_listener_forgotten_when_cancelled_is_found)
{
    CHECK_INT(brio_sim_run(&(brio_sim){.seeds = 200}, forget_if_cancelled, NULL), 0);
    brio_sim everywhere = {.cancel_everywhere = true, .quiet = true};
    CHECK(brio_sim_run(&everywhere, forget_if_cancelled, NULL) < 0);
}
