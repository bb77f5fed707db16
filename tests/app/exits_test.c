/* SPDX-License-Identifier: MIT
 *
 * brio_on_exit: when exits run and in what order, what they are told and may
 * change, on threads, when the client leaves in the middle, when the task is
 * abandoned. */
#include "probe.h"

static char trail[256];
static size_t trail_len;

static void mark(char c)
{
    CHECK(trail_len < sizeof trail);
    trail[trail_len++] = c;
}

/* ---- Providers that leave an exit ---------------------------------------------- */

/* Writes its letter, in upper case if it is told of a failure. */
static int leave(brio_request *req, void *arg, int outcome)
{
    (void)req;
    char c = *(const char *)arg;
    mark(outcome < 0 ? (char)(c - 'a' + 'A') : c);
    return 0;
}

static int enter(brio_request *req, const brio_none *in, int32_t *out)
{
    (void)in;
    const char *name = brio_provider_arg(req);
    brio_on_exit(req, leave, brio_cstr(brio_request_arena(req), brio_str_from(name)));
    *out = *name;
    return 0;
}
BRIO_PROVIDER_NAMED(a, enter, brio_none, int32_t, .arg = "a");
BRIO_PROVIDER_NAMED(c, enter, brio_none, int32_t, .arg = "c", .run = BRIO_BLOCKING);
BRIO_PROVIDER_NAMED(f, enter, brio_none, int32_t, .arg = "f", .scope = BRIO_PER_FUNCTION);
BRIO_PROVIDER_NAMED(g, enter, brio_none, int32_t, .arg = "g", .scope = BRIO_PER_FUNCTION);

typedef struct All {
    int32_t a, f, c, g;
} All;
BRIO_MODEL(All, BRIO_DEPENDS(a, a), BRIO_DEPENDS(f, f), BRIO_DEPENDS(c, c), BRIO_DEPENDS(g, g));

static int all(brio_request *req, const All *in, All *out)
{
    (void)req;
    *out = *in;
    return 0;
}
BRIO_PROVIDER(all, All, All);

typedef struct Input {
    brio_str mode;
    All all;
} Input;
BRIO_MODEL(Input, BRIO_PATH(mode), BRIO_DEPENDS(all, all));

static int background(void *arg)
{
    (void)arg;
    mark('b');
    return 0;
}

static void deferred(void *arg)
{
    (void)arg;
    mark('d');
}

static void hook(brio_request *req, void *arg)
{
    (void)req, (void)arg;
    mark('!');
}

static int handler(brio_request *req, const Input *in, brio_text *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_on_response(req, hook, NULL);
    brio_background(req, background, NULL);
    brio_defer_push(arena, deferred, NULL);
    mark('h');
    out->text = BRIO_S("ok");
    if (brio_str_eq(in->mode, BRIO_S("fail")))
        return brio_fail(req, 418, "Teapot");
    if (brio_str_eq(in->mode, BRIO_S("wait")))
        return brio_sleep(BRIO_SEC(60));
    while (brio_str_eq(in->mode, BRIO_S("eat")))
        (void)brio_alloc(arena, 4096);
    return 0;
}

static void setup(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
    trail_len = 0;
}

/* One request, whose client leaves after `leaves` (0: it stays). */
typedef struct visit {
    brio_app *app;
    const char *method, *path;
    brio_time leaves;
    probe p;
} visit;

static int run_visit(void *arg)
{
    visit *v = arg;
    CHECK_OK(brio_app_startup(v->app));
    probe_init(&v->p, v->method ? v->method : "GET", v->path, BRIO_S(""));
    brio_app_serve(v->app, &v->p.ex);
    if (v->leaves && !v->p.finished) {
        CHECK_OK(brio_sleep(v->leaves));
        brio_app_cancel(&v->p.ex);
    }
    probe_wait(&v->p);
    brio_app_shutdown(v->app);
    brio_app_free(v->app);
    return 0;
}

static visit do_visit(brio_app *app, const char *path, brio_time leaves)
{
    visit v = {.app = app, .path = path, .leaves = leaves};
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_visit, &v));
    return v;
}

#define CHECK_TRAIL(text) CHECK_STR(((brio_str){trail, trail_len}), text)

static brio_app *make_app(void)
{
    setup();
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/{mode}", handler, Input, brio_text);
    return app;
}

/* Function scope before the answer, the handler's defers before that; request
 * scope behind the background tasks. */
TEST(the_order_of_success)
{
    visit v = do_visit(make_app(), "/ok", 0);
    CHECK_INT(v.p.status, 200);
    CHECK_STR(probe_body(&v.p), "ok");
    CHECK_TRAIL("hdgf!bca");
}

/* All of them before it is answered, and each is told. */
TEST(the_order_of_failure)
{
    visit v = do_visit(make_app(), "/fail", 0);
    CHECK_INT(v.p.status, 418);
    CHECK_TRAIL("hdGCFA!");
}

TEST(a_lost_client_is_a_failure_too)
{
    visit v = do_visit(make_app(), "/wait", BRIO_MS(50));
    CHECK_INT(v.p.responded, 0);
    CHECK_TRAIL("hdGCFA!");
}

TEST(an_abandoned_task_runs_them)
{
    visit v = do_visit(make_app(), "/eat", 0);
    CHECK_INT(v.p.status, 503);
    CHECK_TRAIL("hdGCFA");
}

/* ---- In the middle --------------------------------------------------------------- */

static int slow(brio_request *req, const All *in, brio_none *out)
{
    (void)in, (void)out;
    brio_on_exit(req, leave, brio_cstr(brio_request_arena(req), BRIO_S("s")));
    return brio_sleep(BRIO_SEC(60));
}
BRIO_PROVIDER(slow, All, brio_none);

static int never(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in, (void)out;
    mark('?');
    return 0;
}

static brio_app *make_list_app(const brio_need *needs)
{
    setup();
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/", never, brio_none, brio_text, .depends = needs);
    return app;
}

TEST(a_client_lost_in_a_dependency)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(slow)), "/", BRIO_MS(50));
    CHECK_INT(v.p.responded, 0);
    CHECK_TRAIL("SGCFA");
}

static int broken(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_fail(req, 503, "broken");
}
BRIO_PROVIDER(broken, brio_none, brio_none);

TEST(a_failing_dependency_ends_those_before_it)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(a, f, broken, c)), "/", 0);
    CHECK_INT(v.p.status, 503);
    CHECK_TRAIL("FA");
}

typedef struct Number {
    int32_t n;
} Number;
BRIO_MODEL(Number, BRIO_QUERY(n));

static int number(brio_request *req, const Number *in, int32_t *out)
{
    (void)req;
    *out = in->n;
    return 0;
}
BRIO_PROVIDER(number, Number, int32_t);

static int told;

static int note_outcome(brio_request *req, void *arg, int outcome)
{
    (void)req, (void)arg;
    told = outcome;
    return 0;
}

static int noting(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_on_exit(req, note_outcome, NULL);
    return 0;
}
BRIO_PROVIDER(noting, brio_none, brio_none);

TEST(input_that_is_not_valid_is_a_failure)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(noting, number)), "/", 0);
    CHECK_INT(v.p.status, 422);
    CHECK_INT(told, BRIO_EINVALID);
}

/* ---- What they change --------------------------------------------------------------- */

static int replace(brio_request *req, void *arg, int outcome)
{
    (void)arg;
    return outcome == -EIO ? brio_fail(req, 404, "Replaced") : 0;
}

static int replacing(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_on_exit(req, replace, NULL);
    return 0;
}
BRIO_PROVIDER(replacing, brio_none, brio_none);

static int eio(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}
BRIO_PROVIDER(eio, brio_none, brio_none);

TEST(an_exit_may_replace_a_failure)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(noting, replacing, eio)), "/", 0);
    CHECK_INT(v.p.status, 404);
    CHECK_STR(probe_body(&v.p), "{\"detail\":\"Replaced\"}");
    CHECK_INT(told, BRIO_EHTTP);
}

static int answer(brio_request *req, void *arg, int outcome)
{
    (void)arg;
    return outcome < 0 ? brio_answer_text(req, 202, BRIO_S("never mind")) : 0;
}

static int answering(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_on_exit(req, answer, NULL);
    return 0;
}
BRIO_PROVIDER(answering, brio_none, brio_none);

TEST(an_exit_may_answer_a_failure)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(noting, answering, eio)), "/", 0);
    CHECK_INT(v.p.status, 202);
    CHECK_STR(probe_body(&v.p), "never mind");
    CHECK_INT(told, 0);
}

static int refuse(brio_request *req, void *arg, int outcome)
{
    (void)arg;
    CHECK_INT(outcome, 0);
    return brio_fail(req, 409, "Not committed");
}

static int refusing(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_on_exit(req, refuse, NULL);
    return 0;
}
BRIO_PROVIDER_NAMED(early, refusing, brio_none, brio_none, .scope = BRIO_PER_FUNCTION);
BRIO_PROVIDER_NAMED(late, refusing, brio_none, brio_none, .arg = "late");

/* Before the answer it counts, behind it the log has it. */
TEST(an_exit_may_fail)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(noting, early)), "/", 0);
    CHECK_INT(v.p.status, 409);
    CHECK_INT(told, BRIO_EHTTP);
    v = do_visit(make_list_app(BRIO_NEEDS(noting, late)), "/", 0);
    CHECK_INT(v.p.status, 200);
    CHECK_INT(told, 0);
}

static int rest(brio_request *req, void *arg, int outcome)
{
    (void)req, (void)arg, (void)outcome;
    int rc = brio_sleep(BRIO_SEC(1));
    mark(rc == 0 ? 'z' : 'x');
    return rc;
}

static int resting(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    brio_on_exit(req, rest, NULL);
    return 0;
}
BRIO_PROVIDER(resting, brio_none, brio_none);

TEST(an_exit_may_suspend_though_the_client_is_gone)
{
    visit v = do_visit(make_list_app(BRIO_NEEDS(resting, slow)), "/", BRIO_MS(50));
    CHECK_INT(v.p.responded, 0);
    CHECK_TRAIL("SGCFAz");
}

/* ---- As long as the app ---------------------------------------------------------------- */

static int made;

static int pool(brio_request *req, const brio_none *in, int32_t *out)
{
    (void)in;
    mark('P');
    brio_on_exit(req, leave, brio_cstr(brio_request_arena(req), BRIO_S("p")));
    *out = ++made;
    return 0;
}
BRIO_PROVIDER(pool, brio_none, int32_t, .scope = BRIO_PER_APP);

typedef struct Store {
    int32_t *pool;
} Store;
BRIO_MODEL(Store, BRIO_DEPENDS(pool, pool));

static int store(brio_request *req, const Store *in, int32_t **out)
{
    mark('S');
    brio_on_exit(req, leave, brio_cstr(brio_request_arena(req), BRIO_S("s")));
    *out = in->pool;
    return 0;
}
typedef int32_t *int32_pointer;
BRIO_PROVIDER(store, Store, int32_pointer, .scope = BRIO_PER_APP);

typedef struct UseStore {
    int32_pointer store;
    const int32_t *pool;
} UseStore;
BRIO_MODEL(UseStore, BRIO_DEPENDS(store, store), BRIO_DEPENDS(pool, pool));

static int use_store(brio_request *req, const UseStore *in, brio_text *out)
{
    CHECK(in->store == in->pool);
    mark('h');
    out->text = brio_printf(brio_request_arena(req), "%d", (int)*in->pool);
    return 0;
}

static brio_app *make_store_app(void)
{
    setup();
    made = 0;
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/", use_store, UseStore, brio_text);
    return app;
}

TEST(what_lives_with_the_app_is_made_once)
{
    visit v = do_visit(make_store_app(), "/", 0);
    CHECK_STR(probe_body(&v.p), "1");
    CHECK_TRAIL("PShsp");
}

static int run_unstarted(void *arg)
{
    probe p;
    probe_init(&p, "GET", "/", BRIO_S(""));
    brio_app_serve(arg, &p.ex);
    probe_wait(&p);
    CHECK_INT(p.status, 503);
    brio_app_free(arg);
    return 0;
}

TEST(an_app_that_was_not_started_has_none)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_unstarted, make_store_app()));
    CHECK_TRAIL("");
}

static int fails(brio_request *req, const Store *in, int32_t *out)
{
    (void)req, (void)in, (void)out;
    return -EIO;
}
BRIO_PROVIDER(fails, Store, int32_t, .scope = BRIO_PER_APP);

static int run_failing(void *arg)
{
    CHECK_INT(brio_app_startup(arg), -EIO);
    brio_app_free(arg);
    return 0;
}

TEST(one_that_cannot_be_made_ends_the_startup)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, run_failing, make_list_app(BRIO_NEEDS(fails))));
    CHECK_TRAIL("Pp");
}
