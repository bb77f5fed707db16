/* SPDX-License-Identifier: MIT
 *
 * FastAPI's TestClient: opening, waiting, closing. The client owns a simulated
 * loop that runs only while one of its functions waits, so it can be used from
 * plain C code; sleeping handlers take virtual time. What an app leaves running
 * shows at close. */
#include "app/test_client.h"

#include <errno.h>
#include <stdlib.h>

static const size_t client_arena_limit = (size_t)1 << 30;

/* ---- Running the loop ------------------------------------------------------------------ */

static void patience_ends(brio_timer *timer)
{
    brio_test_client *client = BRIO_CONTAINER(timer, brio_test_client, waited);
    client->too_late = true;
    brio_loop_stop(client->loop);
}

/* Nothing but our own timer was left to wait for: nobody can wake. */
static int lateness(const brio_test_client *client)
{
    return brio_loop_next_deadline(client->loop) == BRIO_NEVER ? BRIO_EDEADLOCK : -ETIMEDOUT;
}

int brio_app_client_wait(brio_test_client *client, brio_app_test_there *there, const void *arg)
{
    int rc = 0;
    client->too_late = false;
    client->waited = (brio_timer){.fn = patience_ends};
    brio_timer_start(client->loop, &client->waited,
                     brio_loop_now(client->loop) + client->options.patience);
    while (rc >= 0 && !there(arg) && !client->too_late)
        rc = brio_loop_run(client->loop);
    if (rc >= 0 && client->too_late && !there(arg))
        rc = lateness(client);
    brio_timer_stop(client->loop, &client->waited);
    return rc;
}

typedef struct errand {
    brio_test_client *client;
    int (*fn)(brio_test_client *client);
    int rc;
    bool done;
    brio_str error;
} errand;

static int run_errand(void *arg)
{
    errand *e = arg;
    e->rc = e->fn(e->client);
    if (e->rc < 0)
        e->error = brio_str_copy(&e->client->arena, brio_error_detail());
    e->done = true;
    brio_loop_stop(e->client->loop);
    return 0;
}

static bool errand_done(const void *arg)
{
    return ((const errand *)arg)->done;
}

/* Runs fn in a task and returns its result, with its detail. */
static int run_task(brio_test_client *client, int (*fn)(brio_test_client *client))
{
    errand *e = BRIO_NEW(&client->arena, errand); /* the task may outlive our patience */
    *e = (errand){.client = client, .fn = fn};
    brio_task_options options = {.name = "lifespan"};
    if (!brio_create_task_on(client->loop, run_errand, e, &options))
        return -ENOMEM;
    int rc = brio_app_client_wait(client, errand_done, e);
    client->stuck |= rc == BRIO_EDEADLOCK;
    if (rc < 0)
        return rc;
    return e->error.len ? brio_error(e->rc, "%.*s", BRIO_ARG(e->error)) : e->rc;
}

/* ---- Opening ------------------------------------------------------------------------------ */

static const char *copy_or(brio_arena *arena, const char *text, const char *otherwise)
{
    return text ? brio_cstr(arena, brio_str_from(text)) : otherwise;
}

static int resolve(brio_test_client *client, const brio_test_options *given)
{
    brio_arena *arena = &client->arena;
    brio_test_options o = given ? *given : (brio_test_options){0};
    o.base_url = copy_or(arena, o.base_url, "http://testserver");
    o.client_host = copy_or(arena, o.client_host, "testclient");
    o.client_port = o.client_port ? o.client_port : 50000;
    o.headers = copy_or(arena, o.headers, "");
    o.patience = o.patience > 0 ? o.patience : BRIO_SEC(86400);
    client->options = o;
    return brio_app_test_url_parse(brio_str_from(o.base_url), &client->base);
}

static void touch_app(brio_test_client *client)
{
    brio_app *app = client->app;
    client->former =
        (brio_app_test_former){app->options.root_path, app->root_path_given, app->overrides};
    if (client->options.root_path)
        brio_app_set_root_path(app, client->options.root_path);
}

static void restore_app(brio_test_client *client)
{
    brio_app *app = client->app;
    brio_app_restore_overrides(app, client->former.overrides);
    if (!client->options.root_path)
        return;
    brio_app_set_root_path(app, client->former.root_path);
    app->root_path_given = client->former.root_path_given;
}

static int loop_open(brio_test_client *client)
{
    brio_loop_options options = {.backend = BRIO_BACKEND_SIM};
    int rc = brio_loop_new(&client->loop, &options);
    if (rc < 0)
        return rc;
    rc = brio_tasks_open(client->loop, NULL);
    if (rc < 0) {
        brio_loop_free(client->loop);
        client->loop = NULL;
    }
    return rc;
}

static int start_app(brio_test_client *client)
{
    return brio_app_startup(client->app);
}

static int begin(brio_test_client *client, const brio_test_options *options)
{
    int rc = resolve(client, options);
    if (rc >= 0)
        rc = brio_app_test_watch_begin(client);
    if (rc >= 0)
        rc = loop_open(client);
    if (rc < 0)
        return rc;
    client->opened = brio_loop_now(client->loop);
    brio_http_stamp_update(&client->stamp, brio_loop_wall(client->loop));
    return run_task(client, start_app);
}

/* ---- Closing -------------------------------------------------------------------------------- */

static void loop_close(brio_test_client *client)
{
    if (!client->loop)
        return;
    brio_tasks_close(client->loop);
    int more = 1; /* `finished` of requests that ended just now */
    while (client->under_way && more > 0)
        more = brio_loop_run_once(client->loop, 0);
    brio_loop_free(client->loop);
}

/* Its memory goes, but a sentence about what was left stays. */
static int client_free(brio_test_client *client, int rc)
{
    loop_close(client);
    restore_app(client);
    int left = brio_app_test_watch_end(client);
    for (brio_app_visit *v = client->visits; v; v = v->next)
        brio_app_visit_free(v);
    for (brio_test_socket *s = client->sockets; s; s = s->next)
        brio_app_test_socket_free(s);
    for (brio_test_stream *s = client->streams; s; s = s->next)
        brio_buf_fini(&s->text);
    brio_http_pool_fini(&client->pool);
    brio_arena_fini(&client->arena);
    rc = rc >= 0 && left < 0 ? left : rc;
    if (client->left.len)
        (void)brio_error(rc < 0 ? rc : BRIO_ELEAK, "%.*s", (int)client->left.len, client->left.ptr);
    brio_buf_fini(&client->left);
    free(client);
    return rc;
}

int brio_test_client_open_with(brio_test_client **ret, brio_app *app,
                               const brio_test_options *options)
{
    *ret = NULL;
    if (brio_loop_current())
        return -EALREADY;
    brio_test_client *client = brio_zalloc(1, sizeof *client);
    if (!client)
        return -ENOMEM;
    client->app = app;
    client->options.root_path = options ? options->root_path : NULL;
    brio_http_pool_init(&client->pool, NULL);
    brio_arena_init(&client->arena, client_arena_limit);
    touch_app(client);
    int rc = begin(client, options);
    if (rc < 0)
        return client_free(client, rc);
    *ret = client;
    return 0;
}

int brio_test_client_open(brio_test_client **ret, brio_app *app)
{
    return brio_test_client_open_with(ret, app, NULL);
}

static void end_sockets(brio_test_client *client)
{
    for (brio_test_socket *s = client->sockets; s; s = s->next) {
        brio_ws_message msg;
        brio_test_socket_close(s, 0);
        while ((s->line || !s->visit->over) && brio_test_socket_receive(s, &msg, NULL) >= 0)
            ;
    }
}

/* Returns the tasks left, this one not counted. */
static int stop_app(brio_test_client *client)
{
    brio_app_shutdown(client->app);
    return brio_app_test_tasks_left(client);
}

int brio_test_client_close(brio_test_client *client)
{
    if (!client)
        return 0;
    end_sockets(client);
    brio_app_test_streams_end(client);
    int rc = run_task(client, stop_app);
    if (rc >= 0 && client->stuck) {
        rc = BRIO_EDEADLOCK;
        brio_app_test_say(client, "a call waited for what nothing could bring");
    }
    return client_free(client, rc);
}

/* ---- Time and overrides -----------------------------------------------------------------------
 */

typedef struct nap {
    brio_timer timer;
    brio_test_client *client;
    bool over;
} nap;

static void nap_ends(brio_timer *timer)
{
    nap *n = BRIO_CONTAINER(timer, nap, timer);
    n->over = true;
    brio_loop_stop(n->client->loop);
}

int brio_test_client_sleep(brio_test_client *client, brio_time duration)
{
    nap n = {.timer.fn = nap_ends, .client = client};
    int rc = 0;
    brio_timer_start(client->loop, &n.timer, brio_loop_now(client->loop) + duration);
    while (rc >= 0 && !n.over)
        rc = brio_loop_run(client->loop);
    brio_timer_stop(client->loop, &n.timer);
    return rc;
}

brio_time brio_test_client_elapsed(const brio_test_client *client)
{
    return brio_loop_now(client->loop) - client->opened;
}

void brio_test_override_provider(brio_test_client *client, const brio_provider *provider,
                                 const brio_provider *with)
{
    brio_app_override_provider(client->app, provider, with);
}
