/* SPDX-License-Identifier: MIT
 *
 * Serving: one task accepts, one task serves each connection, all in the
 * group of whoever started the server.
 *
 * Both are started eagerly, so that what they own is theirs before anything
 * can cancel them. A connection's end is a defer of its task: it runs however
 * the handler is left. The server is freed when its owner let go of it, the
 * acceptor has ended, the last connection too, and nobody waits for that. */
#include "io/io_internal.h"

#include <errno.h>
#include <stdlib.h>

enum { MAX_CONNECTIONS = 10000 };

struct brio_stream_server {
    brio_group *group;
    brio_listener *listener; /* NULL once closed */
    brio_stream_handler *handler;
    void *arg;
    brio_stream_limits limits;
    size_t max, stack_size;
    brio_link clients; // client::link
    size_t count, users;
    uint16_t port;
    bool accepting, released;
    brio_event room; /* there may be room for another connection, or it is closed */
    brio_event idle; /* nothing is under way any more */
};

typedef struct client {
    brio_link link;
    brio_stream_server *server;
    brio_stream *stream;
    bool *begun; /* its task has it, and sees to its end */
} client;

static bool idle(const brio_stream_server *s)
{
    return !s->listener && !s->accepting && s->count == 0;
}

static void settle(brio_stream_server *s)
{
    if (idle(s))
        brio_event_set(&s->idle);
    if (idle(s) && s->released && s->users == 0)
        free(s);
}

/* ---- One connection ----------------------------------------------------- */

static void client_end(void *arg)
{
    client *c = arg;
    brio_stream_server *s = c->server;
    brio_stream_close(c->stream);
    brio_link_remove(&c->link);
    free(c);
    s->count--;
    brio_event_set(&s->room);
    settle(s);
}

static int client_run(void *arg)
{
    client *c = arg;
    brio_defer_push(brio_task_arena(), client_end, c); /* without memory the task ends here */
    *c->begun = true;
    int rc = c->server->handler(c->stream, c->server->arg);
    if (rc < 0 && rc != -ECANCELED)
        brio_log(BRIO_LOG_DEBUG, "connection: %s", brio_error_text(rc));
    return rc == -ECANCELED ? rc : 0;
}

/* False if the group takes no more. */
static bool serve(brio_stream_server *s, brio_stream *stream)
{
    const brio_task_options options = {
        .name = "connection", .stack_size = s->stack_size, .eager = true};
    client *c = brio_zalloc(1, sizeof *c);
    if (!c) {
        brio_stream_close(stream);
        return true;
    }
    bool begun = false;
    *c = (client){.server = s, .stream = stream, .begun = &begun};
    brio_stream_set_limits(stream, &s->limits);
    brio_link_insert_before(&s->clients, &c->link);
    s->count++;
    s->users++; /* the handler may be done, and the owner too, before this returns */
    bool taken = brio_spawn_with(s->group, client_run, c, &options);
    if (!begun)
        client_end(c);
    s->users--;
    return taken;
}

/* ---- Accepting ---------------------------------------------------------- */

static int await_room(brio_stream_server *s)
{
    int rc = 0;
    while (rc == 0 && s->listener && s->count >= s->max) {
        brio_event_clear(&s->room);
        rc = brio_event_wait(&s->room);
    }
    return rc;
}

static int accept_all(void *arg)
{
    brio_stream_server *s = arg;
    int rc = 0;
    while (rc == 0) {
        brio_stream *stream;
        rc = await_room(s);
        if (rc == 0)
            rc = s->listener ? brio_accept(s->listener, &stream) : BRIO_ECLOSED;
        if (rc == 0 && !serve(s, stream))
            rc = BRIO_ECLOSED;
    }
    s->accepting = false;
    brio_stream_server_close(s);
    settle(s);
    return rc == -ECANCELED ? rc : 0;
}

/* ---- The server --------------------------------------------------------- */

static void take_options(brio_stream_server *s, const brio_stream_server_options *o)
{
    s->max = o && o->max_connections ? o->max_connections : MAX_CONNECTIONS;
    s->stack_size = o ? o->stack_size : 0;
    if (o && o->limits)
        s->limits = *o->limits;
}

int brio_stream_server_open(brio_stream_server **ret, brio_group *group, const brio_listen_to *to,
                            brio_stream_handler *handler, void *arg,
                            const brio_stream_server_options *options)
{
    const brio_task_options eager = {.name = "accept", .eager = true};
    brio_stream_server *s = brio_zalloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int rc = brio_listen(&s->listener, to);
    if (rc < 0) {
        free(s);
        return rc;
    }
    *s = (brio_stream_server){.group = group,
                              .listener = s->listener,
                              .handler = handler,
                              .arg = arg,
                              .port = brio_listener_port(s->listener),
                              .accepting = true};
    take_options(s, options);
    brio_link_init(&s->clients);
    brio_event_init(&s->room);
    brio_event_init(&s->idle);
    if (!brio_spawn_with(group, accept_all, s, &eager)) {
        brio_listener_close(s->listener);
        free(s);
        return group->err < 0 ? group->err : -ECANCELED;
    }
    *ret = s;
    return 0;
}

uint16_t brio_stream_server_port(const brio_stream_server *s)
{
    return s->port;
}

size_t brio_stream_server_count(const brio_stream_server *s)
{
    return s->count;
}

void brio_stream_server_close(brio_stream_server *s)
{
    if (!s->listener)
        return;
    brio_listener_close(s->listener);
    s->listener = NULL;
    brio_event_set(&s->room);
}

static void stop_clients(brio_stream_server *s, bool flush)
{
    for (brio_link *at = s->clients.next; at != &s->clients; at = at->next) {
        brio_stream *stream = BRIO_CONTAINER(at, client, link)->stream;
        if (flush)
            brio_io_stream_stop(stream, true);
        else
            brio_stream_abort(stream);
    }
}

void brio_stream_server_close_clients(brio_stream_server *s)
{
    stop_clients(s, true);
}

void brio_stream_server_abort_clients(brio_stream_server *s)
{
    stop_clients(s, false);
}

int brio_stream_server_wait(brio_stream_server *s)
{
    s->users++;
    int rc = brio_cancel_point();
    while (rc == 0 && !idle(s))
        rc = brio_event_wait(&s->idle);
    s->users--;
    settle(s);
    return rc;
}

void brio_stream_server_free(brio_stream_server *s)
{
    if (!s)
        return;
    BRIO_ASSERT(!s->released);
    s->released = true;
    brio_stream_server_close(s);
    settle(s);
}

int brio_serve_streams(const brio_listen_to *to, brio_stream_handler *handler, void *arg,
                       const brio_stream_server_options *options, uint16_t *ret_port)
{
    brio_group g;
    brio_stream_server *s = NULL;
    brio_group_enter(
        brio_group_set(&g, (brio_group_options){.policy = BRIO_SUPERVISE, .discard = true}));
    int rc = brio_stream_server_open(&s, &g, to, handler, arg, options);
    if (rc == 0) {
        if (ret_port)
            *ret_port = brio_stream_server_port(s);
        rc = brio_sleep_until(BRIO_NEVER);
    }
    brio_group_cancel(&g);
    int left = brio_group_leave(&g);
    brio_stream_server_free(s);
    return rc < 0 ? rc : left;
}
