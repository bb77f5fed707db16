/* SPDX-License-Identifier: MIT
 *
 * WebSockets as receivers. A socket that joined something is a member: a receiver
 * that posts frames, found by its socket, and ended by the hook that tells when the
 * socket takes no more messages. The frame of a message is made when the first
 * member gets it, and shared by all.
 *
 * "$all" and "$to/NAME" are topics like others, which no client can join or publish
 * to by name, because names that begin with $ are refused. */
#include "bus/bus_internal.h"

#include <brio/app.h>

#include <errno.h>
#include <stdlib.h>

typedef struct member {
    brio_bus_receiver r;
    brio_bus_hashed hashed; /* by socket */
    brio_ws_hook hook;
    brio_ws_ref ref;
    size_t topics;
    bool connected;
    char *name; /* owned; NULL for none */
} member;

static brio_str name_of(const member *m)
{
    return brio_str_from(m->name);
}

/* ---- Finding ------------------------------------------------------------------ */

static bool same_socket(brio_bus_hashed *h, const void *key)
{
    return brio_ws_same(BRIO_CONTAINER(h, member, hashed)->ref, *(const brio_ws_ref *)key);
}

static uint64_t hash_of(brio_ws_ref ref)
{
    return brio_bus_hash((uint64_t)(uintptr_t)ref.socket ^ ref.turn, NULL, 0);
}

static member *find(const brio_bus *bus, const brio_websocket *ws)
{
    if (!brio_ws_accepted(ws))
        return NULL;
    brio_ws_ref ref = brio_ws_ref_of(ws);
    brio_bus_hashed *h = brio_bus_table_find(&bus->sockets, hash_of(ref), same_socket, &ref);
    return h ? BRIO_CONTAINER(h, member, hashed) : NULL;
}

const brio_bus_receiver *brio_bus_socket_receiver(brio_bus *bus, const brio_websocket *ws)
{
    const member *m = find(bus, ws);
    return m ? &m->r : NULL;
}

/* ---- Getting ------------------------------------------------------------------- */

static brio_ws_frame *frame_of(brio_bus_packet *p)
{
    if (!p->frame)
        p->frame = p->m.binary ? brio_ws_frame_bytes(p->m.data) : brio_ws_frame_text(p->m.data);
    return p->frame;
}

static void post(brio_bus_receiver *r, brio_bus_packet *p)
{
    const member *m = BRIO_CONTAINER(r, member, r);
    brio_ws_frame *frame = frame_of(p);
    int rc = frame ? brio_ws_post(m->ref, frame) : -ENOMEM;
    r->bus->stats.dropped_queue += rc == BRIO_EOVERLOAD || rc == -ENOMEM;
}

/* ---- Ending ---------------------------------------------------------------------- */

static void end_sub(brio_bus *bus, member *m, brio_bus_sub *sub)
{
    char text[BRIO_BUS_TOPIC_MAX];
    bool present = sub->present;
    brio_str topic = brio_bus_node_topic(sub->node, text);
    brio_bus_sub_end(sub);
    m->topics--;
    if (present)
        brio_bus_here_remove(bus, topic, name_of(m));
}

/* It is out of reach first: notices of its leaving run in between. */
static void member_end(member *m)
{
    brio_bus *bus = m->r.bus;
    brio_ws_hook_remove(&m->hook);
    brio_bus_table_remove(&bus->sockets, &m->hashed);
    bus->stats.sockets--;
    m->r.messages = false;
    while (!brio_link_alone(&m->r.subs))
        end_sub(bus, m, BRIO_CONTAINER(m->r.subs.next, brio_bus_sub, of));
    brio_bus_receiver_fini(&m->r);
    free(m->name);
    free(m);
}

static void on_socket_end(brio_ws_hook *hook)
{
    member_end(BRIO_CONTAINER(hook, member, hook));
}

void brio_bus_end_sockets(brio_bus *bus)
{
    for (brio_bus_hashed *h; (h = brio_bus_table_first(&bus->sockets));)
        member_end(BRIO_CONTAINER(h, member, hashed));
}

void brio_bus_disconnect(brio_bus *bus, brio_websocket *ws)
{
    member *m = find(bus, ws);
    if (m)
        member_end(m);
}

/* ---- Beginning --------------------------------------------------------------------- */

static int member_new(brio_bus *bus, const brio_websocket *ws, member **ret)
{
    member *m = brio_zalloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->ref = brio_ws_ref_of(ws);
    m->hook.fn = on_socket_end;
    m->hashed.hash = hash_of(m->ref);
    int rc = brio_bus_table_add(&bus->sockets, &m->hashed);
    if (rc < 0) {
        free(m);
        return rc;
    }
    bus->stats.sockets++;
    brio_bus_receiver_init(&m->r, bus);
    m->r.take = post;
    m->r.messages = true;
    rc = brio_ws_hook_add(m->ref, &m->hook);
    if (rc < 0)
        member_end(m);
    else
        *ret = m;
    return rc;
}

static int get(brio_bus *bus, const brio_websocket *ws, member **ret)
{
    if (!bus->self)
        return BRIO_ECLOSED;
    *ret = find(bus, ws);
    return *ret ? 0 : member_new(bus, ws, ret);
}

static void drop_if_empty(member *m)
{
    if (!m->connected && brio_link_alone(&m->r.subs))
        member_end(m);
}

/* Subscribes to exactly that text, and is present there if it has a name. */
static int enter(member *m, brio_str topic, bool literal, bool presence)
{
    brio_bus_sub *sub = brio_bus_sub_find(&m->r, topic, literal);
    if (sub)
        return 0;
    if (m->topics >= m->r.bus->o.socket_topics)
        return brio_error(BRIO_ELIMIT, "a WebSocket has %zu topics already", m->topics);
    int rc = brio_bus_sub_add(&m->r, topic, literal, &sub);
    if (rc < 0)
        return rc;
    m->topics++;
    if (!presence || !m->name)
        return 0;
    sub->present = true;
    rc = brio_bus_here_add(m->r.bus, topic, name_of(m));
    if (rc >= 0)
        return 0;
    sub->present = false;
    end_sub(m->r.bus, m, sub);
    return rc;
}

int brio_bus_join(brio_bus *bus, brio_websocket *ws, brio_str topic)
{
    member *m = NULL;
    int rc = brio_bus_topic_check(topic, BRIO_BUS_IS_TOPIC);
    if (rc == 0)
        rc = get(bus, ws, &m);
    if (rc != 0 || !m)
        return rc;
    rc = enter(m, topic, true, true);
    if (rc < 0)
        drop_if_empty(m);
    return rc;
}

int brio_bus_follow(brio_bus *bus, brio_websocket *ws, brio_str filter)
{
    member *m = NULL;
    int rc = brio_bus_topic_check(filter, BRIO_BUS_IS_FILTER);
    if (rc == 0)
        rc = get(bus, ws, &m);
    if (rc != 0 || !m)
        return rc;
    rc = enter(m, filter, false, false);
    if (rc < 0)
        drop_if_empty(m);
    return rc;
}

void brio_bus_leave(brio_bus *bus, brio_websocket *ws, brio_str topic)
{
    member *m = find(bus, ws);
    brio_bus_sub *sub = m ? brio_bus_sub_find(&m->r, topic, true) : NULL;
    if (m && !sub)
        sub = brio_bus_sub_find(&m->r, topic, false);
    if (!sub)
        return;
    end_sub(bus, m, sub);
    m = find(bus, ws); /* a notice may have ended it */
    if (m)
        drop_if_empty(m);
}

/* ---- The connection manager ------------------------------------------------------------ */

static brio_str personal(char text[BRIO_BUS_TOPIC_MAX], brio_str name)
{
    memcpy(text, "$to/", 4);
    memcpy(text + 4, name.ptr, name.len);
    return (brio_str){text, name.len + 4};
}

static int enter_lists(member *m, brio_str name)
{
    char text[BRIO_BUS_TOPIC_MAX];
    m->connected = true;
    if (name.len) {
        m->name = brio_strdup(name);
        if (!m->name)
            return -ENOMEM;
    }
    int rc = name.len ? enter(m, personal(text, name), true, false) : 0;
    return rc < 0 ? rc : enter(m, BRIO_BUS_EVERYONE, true, true);
}

int brio_bus_connect(brio_bus *bus, brio_websocket *ws, brio_str name)
{
    member *m;
    if (!brio_bus_is_name(name) || memchr(name.len ? name.ptr : "", '\0', name.len))
        return brio_error(-EINVAL, "a name on the bus is UTF-8 of at most %d bytes",
                          BRIO_BUS_TOPIC_MAX - 4);
    int rc = brio_ws_accepted(ws) ? 0 : brio_ws_accept(ws, NULL);
    if (rc >= 0)
        rc = get(bus, ws, &m);
    if (rc < 0)
        return rc;
    if (m->connected || !brio_link_alone(&m->r.subs))
        return brio_error(-EALREADY, "a WebSocket is connected before it joins, and once");
    rc = enter_lists(m, name);
    if (rc < 0)
        brio_bus_disconnect(bus, ws);
    return rc;
}

int brio_bus_send_personal(brio_bus *bus, brio_websocket *ws, brio_str text)
{
    (void)bus;
    return brio_ws_try_send_text(brio_ws_ref_of(ws), text);
}

int brio_bus_broadcast(brio_bus *bus, brio_str text)
{
    return brio_bus_post_checked(bus, &(brio_bus_post){.topic = BRIO_BUS_EVERYONE, .data = text});
}

int brio_bus_to(brio_bus *bus, brio_str name, brio_str text)
{
    char topic[BRIO_BUS_TOPIC_MAX];
    if (name.len == 0 || !brio_bus_is_name(name))
        return brio_error(-EINVAL, "no name to send to");
    return brio_bus_post_checked(bus,
                                 &(brio_bus_post){.topic = personal(topic, name), .data = text});
}
