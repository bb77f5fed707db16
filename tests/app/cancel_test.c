/* SPDX-License-Identifier: MIT
 *
 * A client that goes away: its handler is cancelled, nothing is sent, what the
 * handler deferred is run and the server gets its exchange back, once. */
#include "probe.h"

#include <semaphore.h>

static int seen[4], seen_n, undone;
static sem_t entered, leave;

static void undo(void *arg)
{
    (void)arg;
    undone++;
}

static int sleeper(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_defer_push(brio_request_arena(req), undo, NULL);
    int rc = brio_sleep(BRIO_SEC(10));
    seen[seen_n++] = rc;
    return rc;
}

/* Does not take the hint: every further wait fails as well. */
static int stubborn(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    for (int i = 0; i < 3; i++)
        seen[seen_n++] = brio_sleep(BRIO_SEC(10));
    return 0;
}

static int streamer(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    int rc = 0;
    while (rc == 0)
        rc = brio_respond_stream(req, BRIO_S("tick\n"));
    seen[seen_n++] = rc;
    seen[seen_n++] = brio_respond_stream(req, BRIO_S("more\n"));
    return rc;
}

static int thread(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_defer_push(brio_request_arena(req), undo, NULL);
    sem_post(&entered);
    while (sem_wait(&leave) != 0)
        continue;
    return 0;
}

static brio_app *make_app(void)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/sleeper", sleeper, brio_none, brio_none);
    BRIO_GET(app, "/stubborn", stubborn, brio_none, brio_none);
    BRIO_GET(app, "/streamer", streamer, brio_none, brio_none);
    BRIO_GET(app, "/thread", thread, brio_none, brio_none, .run = BRIO_BLOCKING);
    return app;
}

static void serve_and_cancel(brio_app *app, probe *p, const char *path)
{
    probe_init(p, "GET", path, BRIO_S(""));
    brio_app_serve(app, &p->ex);
    CHECK_OK(brio_sleep(BRIO_MS(100)));
    CHECK_INT(p->finished, 0);
    brio_app_cancel(&p->ex);
    CHECK_INT(p->finished, 0); /* never inside the call */
    probe_wait(p);
}

static int run_sleeper(void *arg)
{
    (void)arg;
    brio_app *app = make_app();
    probe p;
    serve_and_cancel(app, &p, "/sleeper");
    CHECK_INT(p.responded, 0);
    CHECK_INT(p.sent, 0);
    CHECK_INT(seen[0], -ECANCELED);
    CHECK_INT(undone, 1);
    brio_app_free(app);
    return 0;
}

TEST(a_lost_client_cancels_the_handler)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_sleeper, NULL));
}

static int run_stubborn(void *arg)
{
    (void)arg;
    brio_app *app = make_app();
    probe p;
    brio_time start = brio_now();
    serve_and_cancel(app, &p, "/stubborn");
    CHECK_INT(p.responded, 0);
    CHECK_INT(seen_n, 3);
    CHECK_INT(seen[2], -ECANCELED);
    CHECK(p.finished_at - start < BRIO_SEC(1));
    brio_app_free(app);
    return 0;
}

TEST(every_wait_of_a_cancelled_handler_fails)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_stubborn, NULL));
}

static int run_streamer(void *arg)
{
    (void)arg;
    brio_app *app = make_app();
    probe p;
    serve_and_cancel(app, &p, "/streamer");
    CHECK_INT(p.responded, 1);
    CHECK_INT(p.ended, 0);
    CHECK_INT(seen[0], -ECANCELED);
    CHECK_INT(seen[1], -ECANCELED);
    CHECK(brio_str_starts(probe_body(&p), BRIO_S("tick\ntick\n")));
    CHECK(brio_str_find(probe_body(&p), BRIO_S("more")) < 0);
    brio_app_free(app);
    return 0;
}

TEST(a_lost_client_cancels_a_stream)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_streamer, NULL));
}

/* A thread cannot be stopped: it is awaited, and its answer is dropped. */
static int run_thread(void *arg)
{
    (void)arg;
    brio_app *app = make_app();
    probe p;
    probe_init(&p, "GET", "/thread", BRIO_S(""));
    brio_app_serve(app, &p.ex);
    CHECK_INT(sem_wait(&entered), 0);
    brio_app_cancel(&p.ex);
    CHECK_OK(brio_yield());
    CHECK_INT(p.finished, 0);
    CHECK_INT(undone, 0);
    sem_post(&leave);
    probe_wait(&p);
    CHECK_INT(p.responded, 0);
    CHECK_INT(undone, 1);
    brio_app_free(app);
    return 0;
}

TEST(a_running_thread_is_awaited)
{
    CHECK_INT(sem_init(&entered, 0, 0), 0);
    CHECK_INT(sem_init(&leave, 0, 0), 0);
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_thread, NULL));
}

/* Not the client but the loop ends: the client is told. */
static probe stopped;
static brio_app *stopped_app;

static int run_stop(void *arg)
{
    (void)arg;
    probe_init(&stopped, "GET", "/sleeper", BRIO_S(""));
    brio_app_serve(stopped_app, &stopped.ex);
    return 0; /* what is left is cancelled */
}

TEST(a_handler_cancelled_by_the_end_of_the_loop_is_a_503)
{
    brio_log_set_level(BRIO_LOG_OFF);
    stopped_app = make_app();
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_stop, NULL));
    CHECK_INT(stopped.responded, 1);
    CHECK_INT(stopped.status, 503);
    CHECK_STR(probe_body(&stopped), "{\"detail\":\"Service Unavailable\"}");
    CHECK_INT(undone, 1);
    if (!stopped.finished)
        brio_arena_fini(&stopped.arena);
    brio_app_free(stopped_app);
}

static int run_late(void *arg)
{
    (void)arg;
    CHECK_INT(brio_sleep(BRIO_SEC(1)), -ECANCELED);
    probe_init(&stopped, "GET", "/sleeper", BRIO_S(""));
    brio_app_serve(stopped_app, &stopped.ex); /* its task never begins */
    CHECK_INT(stopped.finished, 1);
    return 0;
}

static int start_late(void *arg)
{
    return brio_create_task(run_late, arg, NULL) && brio_yield() == 0 ? 0 : -ENOMEM;
}

TEST(a_request_that_comes_after_the_end_is_a_503)
{
    brio_log_set_level(BRIO_LOG_OFF);
    stopped_app = make_app();
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, start_late, NULL));
    CHECK_INT(stopped.responded, 1);
    CHECK_INT(stopped.status, 503);
    brio_app_free(stopped_app);
}
