/* SPDX-License-Identifier: MIT
 *
 * A bus: made in main, opened by each worker, closed and freed.
 *
 * What main subscribes is there in every worker, because it was there before the
 * fork. Opening gives the worker a tag of its own and starts one task that keeps
 * the carriers; a worker that is replaced is a new one to the others. A process
 * that was not forked has no other workers, and so no mesh. */
#include "bus/carrier.h"

#include <brio/app.h>
#include <brio/crypt.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const brio_time patience = BRIO_SEC(2); /* at the start, for those that are there */

/* ---- Options ---------------------------------------------------------------- */

static uint64_t random_tag(void)
{
    uint64_t tag = 0;
    while (!tag)
        brio_random_bytes(&tag, sizeof tag);
    return tag;
}

static void resolve(brio_bus_options *o)
{
    o->message_bytes = o->message_bytes ? o->message_bytes : (size_t)1 << 20;
    o->queue_messages = o->queue_messages ? o->queue_messages : 256;
    o->link_bytes = o->link_bytes ? o->link_bytes : (size_t)4 << 20;
    o->subscriptions = o->subscriptions ? o->subscriptions : 1000000;
    o->socket_topics = o->socket_topics ? o->socket_topics : 256;
    o->members = o->members ? o->members : 1000000;
    o->ask_timeout = o->ask_timeout ? o->ask_timeout : BRIO_SEC(5);
    o->heartbeat = o->heartbeat ? o->heartbeat : BRIO_SEC(2);
    o->expiry = o->expiry ? o->expiry : BRIO_SEC(15);
}

static bool is_local(const char *url)
{
    return strcmp(url, "local") == 0;
}

static int check_url(const char *url)
{
    brio_arena arena;
    brio_bus_redis_at at;
    if (is_local(url))
        return 0;
    brio_arena_init(&arena, 0);
    int rc = brio_bus_redis_parse(&arena, brio_str_from(url), &at);
    brio_arena_fini(&arena);
    if (rc == 0 && !brio_bus_redis_built())
        rc = brio_error(-ENOTSUP, "this brio was built without Redis");
    return rc;
}

static char *copy(const char *text)
{
    char *own = text ? brio_strdup(brio_str_from(text)) : NULL;
    BRIO_ASSERT(own || !text);
    return own;
}

static void set_url(brio_bus *bus, const char *url)
{
    char *own = copy(url);
    free(bus->url);
    bus->url = own;
    bus->o.url = own;
}

/* ---- Making ------------------------------------------------------------------- */

static brio_bus *new_bus(const brio_bus_options *options)
{
    brio_bus *bus = brio_zalloc(1, sizeof *bus);
    BRIO_ASSERT(bus);
    bus->o = *options;
    resolve(&bus->o);
    bus->url_given = options->url != NULL;
    set_url(bus, options->url ? options->url : "local");
    bus->o.channel = bus->channel = copy(options->channel ? options->channel : "brio");
    bus->o.ca_file = bus->ca_file = copy(options->ca_file);
    bus->maker = (int)getpid();
    brio_link_init(&bus->receivers);
    brio_link_init(&bus->graves);
    return bus;
}

static const char buses; /* the key of an app's list */

brio_bus *brio_bus_first_of(brio_app *app)
{
    return *brio_app_local(app, &buses);
}

static int on_startup(brio_app *app, void *state)
{
    (void)state;
    int rc = 0;
    for (brio_bus *bus = brio_bus_first_of(app); bus && rc >= 0; bus = bus->next)
        rc = brio_bus_open(bus);
    return rc;
}

static int on_shutdown(brio_app *app, void *state)
{
    (void)state;
    for (brio_bus *bus = brio_bus_first_of(app); bus; bus = bus->next)
        brio_bus_close(bus);
    return 0;
}

static void free_with_app(void *arg)
{
    brio_bus_free(arg);
}

static void belong_to(brio_bus *bus, brio_app *app)
{
    void **slot = brio_app_local(app, &buses);
    if (!*slot) {
        brio_app_add_part(app, on_startup, on_shutdown);
        brio_bus_number(app);
    }
    bus->next = *slot;
    *slot = bus;
    brio_app_at_free(app, free_with_app, bus);
}

brio_bus *brio_bus_new(struct brio_app *app, const brio_bus_options *options)
{
    static const brio_bus_options none = {0};
    options = options ? options : &none;
    if (options->url && check_url(options->url) < 0) {
        brio_str why = brio_error_detail();
        fprintf(stderr, "brio: %.*s\n", BRIO_ARG(why));
        abort();
    }
    brio_bus *bus = new_bus(options);
    bus->node = random_tag();
    bus->house = brio_bus_house_new(bus->node);
    if (app)
        belong_to(bus, app);
    return bus;
}

brio_bus *brio_bus_sibling(const brio_bus *of)
{
    brio_bus *bus = new_bus(&of->o);
    bus->node = of->node;
    bus->house = of->house;
    bus->sibling = true;
    return bus;
}

typedef struct use {
    const char *url;
    int n;
} use;

static void use_in(brio_app *app, void *arg)
{
    use *u = arg;
    for (brio_bus *bus = brio_bus_first_of(app); bus; bus = bus->next, u->n++)
        if (!bus->url_given)
            set_url(bus, u->url);
}

int brio_bus_use(struct brio_app *app, const char *url)
{
    use u = {.url = url};
    int rc = check_url(url);
    if (rc < 0)
        return rc;
    brio_app_each(app, use_in, &u);
    return u.n;
}

void brio_bus_free(brio_bus *bus)
{
    if (!bus)
        return;
    BRIO_ASSERT(!bus->loop);
    while (!brio_link_alone(&bus->receivers)) /* only subscriptions are left: see listener.c */
        brio_bus_unsubscribe((void *)BRIO_CONTAINER(bus->receivers.next, brio_bus_receiver, link));
    brio_bus_table_fini(&bus->nodes);
    brio_bus_table_fini(&bus->rooms);
    brio_bus_table_fini(&bus->entries);
    brio_bus_table_fini(&bus->sources);
    brio_bus_table_fini(&bus->asks);
    brio_bus_table_fini(&bus->sockets);
    brio_buf_fini(&bus->scratch);
    if (!bus->sibling)
        brio_bus_house_free(bus->house);
    free(bus->url);
    free(bus->channel);
    free(bus->ca_file);
    free(bus);
}

/* ---- Opening -------------------------------------------------------------------- */

static int beat_run(void *arg)
{
    brio_bus *bus = arg;
    int rc = 0;
    while ((rc = brio_sleep(bus->o.heartbeat)) >= 0) {
        brio_bus_sources_expire(bus);
        brio_bus_tell_simple(bus, NULL, BRIO_BUS_BEAT, 0);
        if (bus->tell_state_later)
            brio_bus_tell_state(bus, NULL);
    }
    return rc;
}

typedef struct readiness {
    brio_bus *bus;
    brio_event running, mesh, redis;
} readiness;

/* The bus's own task: lives until it is cancelled by brio_bus_close. */
static int carry(void *arg)
{
    readiness *ready = arg;
    brio_bus *bus = ready->bus;
    int rc = 0;
    BRIO_GROUP(group, .discard = true)
    {
        bus->group = &group;
        if (bus->mesh)
            brio_bus_mesh_start(bus, &ready->mesh);
        if (bus->redis) {
            brio_bus_redis_start(bus, &ready->redis);
            (void)!brio_spawn_with(&group, beat_run, bus, &(brio_task_options){.name = "bus beat"});
        }
        brio_event_set(&ready->running);
        while (rc >= 0)
            rc = brio_sleep(BRIO_SEC(3600));
    }
    bus->group = NULL;
    return rc;
}

static int wait_ready(void *arg)
{
    readiness *ready = arg;
    int rc = brio_event_wait(&ready->running);
    if (rc >= 0 && ready->bus->mesh)
        rc = brio_event_wait(&ready->mesh);
    if (rc >= 0 && ready->bus->redis)
        rc = brio_event_wait(&ready->redis);
    return rc;
}

static int open_carriers(brio_bus *bus)
{
    bool alone = getpid() == bus->maker && !bus->sibling;
    int rc = alone ? 0 : brio_bus_mesh_open(bus);
    if (rc >= 0 && !is_local(bus->url))
        rc = brio_bus_redis_open(bus);
    return rc;
}

/* What the tasks set is theirs as long as they live. */
static int start_carriers(brio_bus *bus)
{
    readiness *ready = brio_zalloc(1, sizeof *ready);
    if (!ready)
        return -ENOMEM;
    ready->bus = bus;
    brio_event_init(&ready->running);
    brio_event_init(&ready->mesh);
    brio_event_init(&ready->redis);
    bus->ready = ready;
    bus->task =
        brio_create_task(carry, ready, &(brio_task_options){.name = "bus", .acquired = true});
    if (!bus->task)
        return BRIO_EOVERLOAD;
    int rc = brio_wait_for(wait_ready, ready, patience);
    return rc == -ETIMEDOUT ? 0 : rc;
}

int brio_bus_open(brio_bus *bus)
{
    if (bus->loop)
        return -EALREADY;
    bus->loop = brio_loop_current();
    BRIO_ASSERT(bus->loop);
    bus->id = random_tag();
    bus->self = brio_bus_source_get(bus, bus->id, bus->node);
    if (!bus->self) {
        bus->loop = NULL;
        return -ENOMEM;
    }
    bus->self->seq = 0;
    bus->self->alive = true;
    int rc = open_carriers(bus);
    if (rc >= 0 && (bus->mesh || bus->redis))
        rc = start_carriers(bus);
    if (rc < 0)
        brio_bus_close(bus);
    return rc;
}

/* ---- Closing ---------------------------------------------------------------------- */

static void say_bye(brio_bus *bus)
{
    brio_bus_envelope bye = {.kind = BRIO_BUS_BYE};
    brio_bus_tell(bus, &bye);
}

/* Also when the caller is being cancelled: nothing of it may outlive the loop. */
static void stop_task(brio_bus *bus)
{
    if (!bus->task)
        return;
    (void)brio_task_cancel(bus->task);
    BRIO_SCOPE(last, .shield = true)
    {
        while (brio_join(bus->task, NULL) == -ECANCELED)
            continue;
    }
    brio_task_release(bus->task);
    bus->task = NULL;
}

static void forget_sources(brio_bus *bus)
{
    for (brio_bus_hashed *h; (h = brio_bus_table_first(&bus->sources));) {
        brio_bus_source *source = BRIO_CONTAINER(h, brio_bus_source, hashed);
        source->alive = false;
        brio_bus_presence_forget(bus, source);
        brio_bus_table_remove(&bus->sources, h);
        free(source);
    }
}

void brio_bus_close(brio_bus *bus)
{
    if (!bus->loop)
        return;
    say_bye(bus);
    bus->self = NULL; /* nothing more is told */
    brio_bus_end_listeners(bus);
    brio_bus_end_sockets(bus);
    brio_bus_asks_end(bus);
    stop_task(bus);
    brio_bus_mesh_close(bus);
    brio_bus_redis_close(bus);
    free(bus->ready);
    bus->ready = NULL;
    forget_sources(bus);
    bus->stats.remote = 0;
    bus->loop = NULL;
}

brio_bus_stats brio_bus_stats_get(const brio_bus *bus)
{
    return bus->stats;
}
