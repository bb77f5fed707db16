/* SPDX-License-Identifier: MIT
 *
 * The local bus: a connection between every two workers of a machine.
 *
 *     worker ── Unix socket ── worker          each: listens under a random name,
 *        └────── worker ─────────┘             and connects to those before it
 *
 * Nobody is in the middle, so a worker that dies takes only its own connections
 * with it, and one that is slow fills only the queue towards itself; beyond
 * link_bytes it misses messages, and learns that from their numbers. The end of a
 * connection is the end of its worker. Both sides look at who it is (the kernel
 * tells: SO_PEERCRED), since anybody may connect to an abstract socket. */
#include "bus/carrier.h"
#include "bus/house.h"

#include <brio/io.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELLO_SECONDS = 5, LOOK_MS = 500, PIECE = 16 * 1024 };

struct brio_bus_link {
    brio_bus *bus;
    brio_link link; // brio_bus_mesh::links
    brio_stream *stream;
    brio_bus_source *source; /* who it is, once it has said so */
    uint64_t id;             /* whom we connected to; 0: it connected to us */
    brio_buf input;          /* received and not whole */
    bool open;               /* our hello is out: it gets what we tell */
};

typedef struct brio_bus_mesh {
    brio_listener *listener;
    brio_bus_seat *seat;
    brio_link links; // brio_bus_link::link
    brio_event *ready;
} brio_bus_mesh;

/* ---- Sending ------------------------------------------------------------------ */

void brio_bus_link_send(brio_bus_link *link, brio_str bytes, bool may_drop)
{
    brio_bus *bus = link->bus;
    if (!link->open)
        return;
    bool full = brio_stream_queued(link->stream) + bytes.len > bus->o.link_bytes;
    if ((full && may_drop) || brio_stream_send(link->stream, bytes) < 0)
        bus->stats.dropped_link++;
}

void brio_bus_mesh_send(brio_bus *bus, brio_str bytes, bool may_drop)
{
    for (brio_link *l = bus->mesh->links.next; l != &bus->mesh->links; l = l->next)
        brio_bus_link_send(BRIO_CONTAINER(l, brio_bus_link, link), bytes, may_drop);
}

static void say_hello(brio_bus_link *link)
{
    link->open = true;
    brio_bus_tell_simple(link->bus, link, BRIO_BUS_HELLO, 0);
    brio_bus_tell_state(link->bus, link);
}

/* ---- Receiving ------------------------------------------------------------------ */

/* The first envelope says who it is. A worker has one link: an older one, of a
 * connection whose end was not seen yet, is of no use any more. */
static int take_hello(brio_bus_link *link, const brio_bus_envelope *e)
{
    brio_bus *bus = link->bus;
    if (e->kind != BRIO_BUS_HELLO || e->node != bus->node || e->source == bus->id ||
        (link->id && link->id != e->source))
        return -EPROTO;
    brio_bus_source *source = brio_bus_source_get(bus, e->source, e->node);
    if (!source)
        return -ENOMEM;
    if (source->link)
        source->link->source = NULL;
    else
        bus->stats.workers++;
    source->link = link;
    link->source = source;
    if (!link->open)
        say_hello(link);
    return 0;
}

static int take_envelope(brio_bus_link *link, const brio_bus_envelope *e)
{
    int rc = link->source ? 0 : take_hello(link, e);
    if (rc == 0 && link->source && e->source == link->source->id)
        brio_bus_receive(link->bus, link, e);
    return rc;
}

static int take_input(brio_bus_link *link)
{
    brio_str rest = brio_buf_str(&link->input);
    brio_bus_envelope e;
    int rc;
    while ((rc = brio_bus_envelope_read(&rest, link->bus->o.message_bytes, &e)) == 1)
        if ((rc = take_envelope(link, &e)) < 0)
            return rc;
    if (rest.len)
        memmove(link->input.ptr, rest.ptr, rest.len);
    link->input.len = rest.len;
    return rc;
}

/* Every envelope that is whole is taken at once, so no more than one is kept. */
static int read_some(brio_bus_link *link)
{
    if (!brio_buf_reserve(&link->input, PIECE))
        return -ENOMEM;
    ptrdiff_t n = brio_stream_read(link->stream, link->input.ptr + link->input.len, PIECE);
    if (n <= 0)
        return n < 0 ? (int)n : BRIO_ECLOSED;
    link->input.len += (size_t)n;
    return take_input(link);
}

/* ---- A link's life ------------------------------------------------------------------ */

/* True for a process of our own user. Simulated peers are ourselves. */
static bool is_ours(const brio_stream *stream)
{
    struct ucred who;
    socklen_t len = sizeof who;
    int fd = brio_stream_fd(stream);
    if (fd == -ENOTSUP)
        return true;
    return fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static void link_end(brio_bus_link *link)
{
    brio_bus *bus = link->bus;
    brio_bus_source *source = link->source;
    link->open = false;
    brio_link_remove(&link->link);
    brio_stream_close(link->stream);
    brio_buf_fini(&link->input);
    free(link);
    if (!source)
        return;
    source->link = NULL;
    bus->stats.workers--;
    if (!source->alive || !bus->self)
        return;
    brio_bus_source_lost(bus, source); /* without goodbye: the other machines are told by us */
    if (bus->redis)
        brio_bus_tell_simple(bus, NULL, BRIO_BUS_GONE, source->id);
}

static int link_run(void *arg)
{
    brio_bus_link *link = arg;
    int rc = 0;
    if (link->id)
        say_hello(link);
    BRIO_SCOPE(first, .timeout = BRIO_SEC(HELLO_SECONDS))
    {
        while (rc >= 0 && !link->source)
            rc = read_some(link);
    }
    while (rc >= 0 && link->source)
        rc = read_some(link);
    link_end(link);
    return 0;
}

/* Takes the stream, and serves it in a task of the bus. */
static int link_start(brio_bus *bus, brio_stream *stream, uint64_t id)
{
    brio_bus_link *link = is_ours(stream) ? brio_zalloc(1, sizeof *link) : NULL;
    if (!link) {
        brio_stream_close(stream);
        return -EPERM;
    }
    link->bus = bus;
    link->stream = stream;
    link->id = id;
    brio_link_insert_before(&bus->mesh->links, &link->link);
    static const brio_task_options eager = {.name = "bus link", .eager = true};
    if (brio_spawn_with(bus->group, link_run, link, &eager))
        return 0;
    link_end(link);
    return -ECANCELED;
}

/* ---- Finding each other --------------------------------------------------------------- */

static void name_of(const brio_bus *bus, uint64_t id, char name[64])
{
    (void)snprintf(name, 64, "@brio-bus-%016llx-%016llx", (unsigned long long)bus->node,
                   (unsigned long long)id);
}

static bool is_linked(brio_bus *bus, uint64_t id)
{
    for (brio_link *l = bus->mesh->links.next; l != &bus->mesh->links; l = l->next) {
        const brio_bus_link *link = BRIO_CONTAINER(l, brio_bus_link, link);
        if (link->id == id || (link->source && link->source->id == id))
            return true;
    }
    return false;
}

static int connect_to(brio_bus *bus, brio_bus_seat *seat, uint64_t id)
{
    char name[64];
    brio_stream *stream;
    uint32_t port = atomic_load(&seat->port);
    name_of(bus, id, name);
    brio_connect_to to = {.path = port ? NULL : name, .port = (uint16_t)port};
    int rc = brio_connect(&stream, &to);
    if (rc == -ECONNREFUSED)
        brio_bus_house_stand(seat, id); /* it died without giving up its seat */
    return rc < 0 ? rc : link_start(bus, stream, id);
}

/* Those who sat down before us, and to whom we have no connection. */
static int look_around(brio_bus *bus)
{
    uint64_t mine = atomic_load(&bus->mesh->seat->order);
    for (size_t i = 0; i < BRIO_BUS_SEATS; i++) {
        brio_bus_seat *seat = &bus->house->seats[i];
        uint64_t order = atomic_load(&seat->order), id = atomic_load(&seat->id);
        if (order == 0 || order >= mine || id == 0 || is_linked(bus, id))
            continue;
        if (connect_to(bus, seat, id) == -ECANCELED)
            return -ECANCELED;
    }
    return 0;
}

static int look_run(void *arg)
{
    brio_bus *bus = arg;
    int rc = look_around(bus);
    brio_event_set(bus->mesh->ready);
    while (rc >= 0)
        if ((rc = brio_sleep(BRIO_MS(LOOK_MS))) >= 0)
            rc = look_around(bus);
    return rc;
}

/* What fails is tried again: a worker that nobody can reach is worse than a slow one. */
static int accept_run(void *arg)
{
    brio_bus *bus = arg;
    brio_stream *stream;
    int rc = 0;
    while (rc >= 0) {
        rc = brio_accept(bus->mesh->listener, &stream);
        if (rc == 0)
            (void)!link_start(bus, stream, 0);
        else if (rc != -ECANCELED && rc != BRIO_ECLOSED)
            rc = brio_sleep(BRIO_MS(LOOK_MS));
    }
    return rc;
}

/* ---- Opening ------------------------------------------------------------------------ */

static int listen_here(brio_bus *bus, brio_bus_mesh *mesh)
{
    char name[64];
    name_of(bus, bus->id, name);
    brio_listen_to to = {.path = brio_loop_is_sim(bus->loop) ? NULL : name};
    int rc = brio_listen(&mesh->listener, &to);
    if (rc < 0)
        return rc;
    mesh->seat = brio_bus_house_sit(bus->house, bus->id, brio_listener_port(mesh->listener));
    return mesh->seat ? 0 : brio_error(-EMFILE, "the bus has no seat for one more worker");
}

int brio_bus_mesh_open(brio_bus *bus)
{
    if (!bus->house)
        return -ENOMEM;
    brio_bus_mesh *mesh = brio_zalloc(1, sizeof *mesh);
    if (!mesh)
        return -ENOMEM;
    brio_link_init(&mesh->links);
    bus->mesh = mesh;
    int rc = listen_here(bus, mesh);
    if (rc < 0)
        brio_bus_mesh_close(bus);
    return rc;
}

void brio_bus_mesh_start(brio_bus *bus, brio_event *ready)
{
    bus->mesh->ready = ready;
    (void)!brio_spawn_with(bus->group, accept_run, bus, &(brio_task_options){.name = "bus accept"});
    (void)!brio_spawn_with(bus->group, look_run, bus, &(brio_task_options){.name = "bus look"});
}

void brio_bus_mesh_close(brio_bus *bus)
{
    brio_bus_mesh *mesh = bus->mesh;
    if (!mesh)
        return;
    BRIO_ASSERT(brio_link_alone(&mesh->links));
    if (mesh->seat)
        brio_bus_house_stand(mesh->seat, bus->id);
    brio_listener_close(mesh->listener);
    free(mesh);
    bus->mesh = NULL;
}
