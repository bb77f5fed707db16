/* SPDX-License-Identifier: MIT
 *
 * FastAPI's TestClient. The client owns a simulated loop that runs only while
 * one of its functions waits, so it can be used from plain C code; sleeping
 * handlers take virtual time. What an app leaves running shows at close. */
#include "app/test_client.h"

#include <errno.h>
#include <stdlib.h>

static const size_t client_arena_limit = (size_t)1 << 30;

/* ---- Running the loop ------------------------------------------------------------------ */

typedef struct errand {
    brio_test_client *client;
    int (*fn)(brio_test_client *client);
    int rc;
    brio_str error;
} errand;

static int run_errand(void *arg)
{
    errand *e = arg;
    e->rc = e->fn(e->client);
    if (e->rc < 0)
        e->error = brio_str_copy(&e->client->arena, brio_error_detail());
    brio_loop_stop(e->client->loop);
    return 0;
}

int brio_app_client_run(brio_test_client *client)
{
    return brio_loop_run(client->loop);
}

static int run_loop(brio_test_client *client)
{
    int rc = brio_app_client_run(client);
    client->stuck |= rc == BRIO_EDEADLOCK;
    return rc;
}

/* Runs fn in a task and returns its result, with its detail. */
static int run_task(brio_test_client *client, int (*fn)(brio_test_client *client))
{
    errand e = {.client = client, .fn = fn, .rc = BRIO_EDEADLOCK};
    brio_task_options options = {.name = "lifespan"};
    if (!brio_create_task_on(client->loop, run_errand, &e, &options))
        return -ENOMEM;
    int rc = run_loop(client);
    if (rc < 0)
        return rc;
    return e.error.len ? brio_error(e.rc, "%.*s", BRIO_ARG(e.error)) : e.rc;
}

/* ---- Opening and closing ---------------------------------------------------------------- */

static int start_app(brio_test_client *client)
{
    return brio_app_startup(client->app);
}

/* Returns the tasks left, this one not counted. */
static int stop_app(brio_test_client *client)
{
    brio_app_shutdown(client->app);
    return (int)brio_task_count() - 1;
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

static void client_free(brio_test_client *client)
{
    if (client->loop) {
        brio_tasks_close(client->loop);
        int more = 1; /* `finished` of requests that ended just now */
        while (client->under_way && more > 0)
            more = brio_loop_run_once(client->loop, 0);
        brio_loop_free(client->loop);
    }
    for (brio_app_visit *v = client->visits; v; v = v->next)
        brio_app_visit_free(v);
    for (brio_test_socket *s = client->sockets; s; s = s->next)
        brio_app_test_socket_free(s);
    brio_http_pool_fini(&client->pool);
    brio_arena_fini(&client->arena);
    free(client);
}

int brio_test_client_open(brio_test_client **ret, brio_app *app)
{
    *ret = NULL;
    if (brio_loop_current())
        return -EALREADY;
    brio_test_client *client = brio_zalloc(1, sizeof *client);
    if (!client)
        return -ENOMEM;
    client->app = app;
    brio_http_pool_init(&client->pool, NULL);
    brio_arena_init(&client->arena, client_arena_limit);
    int rc = loop_open(client);
    if (rc == 0) {
        client->opened = brio_loop_now(client->loop);
        brio_http_stamp_update(&client->stamp, brio_loop_wall(client->loop));
        rc = run_task(client, start_app);
    }
    if (rc < 0) {
        client_free(client);
        return rc;
    }
    *ret = client;
    return 0;
}

static void end_sockets(brio_test_client *client)
{
    for (brio_test_socket *s = client->sockets; s; s = s->next) {
        brio_ws_message msg;
        brio_test_socket_close(s, 0);
        while (s->visit && brio_test_socket_receive(s, &msg, NULL) >= 0)
            ;
    }
}

int brio_test_client_close(brio_test_client *client)
{
    if (!client)
        return 0;
    end_sockets(client);
    int rc = run_task(client, stop_app);
    if (rc >= 0 && client->stuck)
        rc = BRIO_EDEADLOCK;
    client_free(client);
    return rc;
}

/* ---- Sending ------------------------------------------------------------------------------ */

int brio_test_client_send_all(brio_test_client *client, const brio_test_request *requests, size_t n,
                              brio_test_response *ret)
{
    if (n == 0)
        return 0;
    brio_app_visit **visits = BRIO_NEW_ARRAY(&client->arena, brio_app_visit *, n);
    for (size_t i = 0; i < n; i++)
        visits[i] = brio_app_visit_new(client, &requests[i]);
    int rc = run_loop(client);
    for (size_t i = 0; i < n && rc >= 0; i++)
        rc = brio_app_visit_read(visits[i], &ret[i]);
    return rc < 0 ? rc : 0;
}

int brio_test_client_send(brio_test_client *client, const brio_test_request *request,
                          brio_test_response *ret)
{
    return brio_test_client_send_all(client, request, 1, ret);
}

brio_time brio_test_client_elapsed(const brio_test_client *client)
{
    return brio_loop_now(client->loop) - client->opened;
}
