/* SPDX-License-Identifier: MIT
 *
 * Background tasks: after the answer is with the kernel, in order, with `in`
 * and the arena alive, on the loop or on a thread, failing or not. */
#include "probe.h"

#include <pthread.h>

typedef struct Delay {
    int64_t ms;
} Delay;
BRIO_MODEL(Delay, BRIO_PATH(ms));

static char log_text[128];
static brio_time log_at[16];
static size_t log_n;

static int note(void *arg)
{
    CHECK(log_n < 16);
    log_text[log_n] = *(const char *)arg;
    log_at[log_n++] = brio_now();
    return 0;
}

static int note_later(void *arg)
{
    int rc = brio_sleep(BRIO_MS(100));
    return rc < 0 ? rc : note(arg);
}

static int fail(void *arg)
{
    (void)arg;
    return -EIO;
}

static pthread_t loop_thread;

static int note_thread(void *arg)
{
    log_text[log_n++] = pthread_equal(pthread_self(), loop_thread) ? '=' : *(const char *)arg;
    return 0;
}

static char *letter(brio_request *req, char c)
{
    char *copy = brio_alloc(brio_request_arena(req), 1);
    *copy = c;
    return copy;
}

static void note_defer(void *arg)
{
    (void)note(arg);
}

static int handler(brio_request *req, const Delay *in, brio_text *out)
{
    brio_defer_push(brio_request_arena(req), note_defer, letter(req, 'd'));
    brio_background(req, note_later, letter(req, 'a'));
    brio_background(req, fail, NULL);
    brio_background_blocking(req, note_thread, letter(req, 't'));
    brio_background(req, note, letter(req, 'b'));
    int rc = brio_sleep(BRIO_MS(in->ms));
    out->text = BRIO_S("answer");
    return rc;
}

static int nested(void *arg)
{
    brio_background(arg, note, letter(arg, 'z'));
    return note(letter(arg, 'y'));
}

static int nesting(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_background(req, nested, req);
    return 0;
}

static int failing(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_background(req, note, letter(req, 'f'));
    return brio_fail(req, 404, NULL);
}

static brio_app *make_app(void)
{
    loop_thread = pthread_self();
    brio_log_set_level(BRIO_LOG_OFF);
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/{ms}", handler, Delay, brio_text);
    BRIO_POST(app, "/nesting", nesting, brio_none, brio_none);
    BRIO_POST(app, "/failing", failing, brio_none, brio_none);
    return app;
}

static int run_order(void *arg)
{
    (void)arg;
    brio_app *app = make_app();
    probe p;
    probe_init(&p, "GET", "/50", BRIO_S(""));
    brio_time start = brio_now();
    brio_app_serve(app, &p.ex);
    CHECK_INT(p.finished, 0);
    probe_wait(&p);
    CHECK_INT(p.responded_at - start, BRIO_MS(50));
    CHECK_INT(p.sent_at - start, BRIO_MS(60));
    CHECK_INT(log_at[0] - start, BRIO_MS(160)); /* 'a' slept behind `sent` */
    CHECK_STR(((brio_str){log_text, log_n}), "atbd");
    CHECK(p.finished_at >= log_at[3]);
    CHECK_STR(probe_body(&p), "answer");
    brio_app_free(app);
    return 0;
}

TEST(background_tasks_run_in_order_behind_the_answer)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_order, NULL));
}

static int run_once(void *path)
{
    brio_app *app = make_app();
    probe p;
    probe_init(&p, "POST", path, BRIO_S(""));
    brio_app_serve(app, &p.ex);
    probe_wait(&p);
    CHECK_INT(p.responded, 1);
    brio_app_free(app);
    return 0;
}

TEST(a_background_task_may_add_another)
{
    char path[] = "/nesting";
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_once, path));
    CHECK_STR(((brio_str){log_text, log_n}), "yz");
}

/* As in FastAPI they belong to the answer of success. */
TEST(a_failure_drops_them)
{
    char path[] = "/failing";
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_once, path));
    CHECK_INT(log_n, 0);
}

/* The client goes away while they run: they run on. */
static int run_cancelled(void *arg)
{
    (void)arg;
    brio_app *app = make_app();
    probe p;
    probe_init(&p, "GET", "/0", BRIO_S(""));
    brio_app_serve(app, &p.ex);
    CHECK_OK(brio_sleep(BRIO_MS(30)));
    CHECK_INT(p.responded, 1);
    CHECK_INT(log_n, 0);
    brio_app_cancel(&p.ex);
    probe_wait(&p);
    CHECK_STR(((brio_str){log_text, log_n}), "atbd");
    brio_app_free(app);
    return 0;
}

TEST(a_lost_client_does_not_cancel_them)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_cancelled, NULL));
}
