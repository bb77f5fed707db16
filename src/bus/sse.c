/* SPDX-License-Identifier: MIT
 *
 * Topics as server-sent events: a listener whose messages become events, each
 * made into text once for all who get it. */
#include "bus/bus_internal.h"

#include <brio/app.h>

#include <errno.h>

static void close_listener(void *arg)
{
    brio_bus_listener_close(arg);
}

/* Bytes are no text: they are told as base64, under a name of their own. */
static int format(brio_buf *out, const brio_bus_message *m)
{
    brio_sse event = {.raw = m->data.ptr ? m->data : BRIO_S("")};
    if (!m->binary)
        return brio_sse_format(out, NULL, &event);
    brio_arena arena;
    brio_arena_init(&arena, SIZE_MAX);
    event.event = BRIO_S("bytes");
    event.raw = brio_base64_encode(&arena, BRIO_BASE64, m->data);
    int rc = brio_sse_format(out, NULL, &event);
    brio_arena_fini(&arena);
    return rc;
}

static int send_message(brio_request *req, brio_bus_packet *p)
{
    int rc = p->event.len ? 0 : format(&p->event, &p->m);
    return rc < 0 ? rc : brio_respond_stream(req, brio_buf_str(&p->event));
}

static int send_gap(brio_request *req, uint64_t missed)
{
    char text[64];
    brio_buf out = brio_buf_over(text, sizeof text);
    brio_buf_printf(&out, "event: gap\ndata: %llu\n\n", (unsigned long long)missed);
    return brio_respond_stream(req, brio_buf_str(&out));
}

static int send_next(brio_request *req, brio_bus_listener *l)
{
    brio_bus_message m;
    int rc = brio_bus_next(l, &m);
    if (rc < 0)
        return rc;
    if (m.kind == BRIO_BUS_GAP)
        return send_gap(req, m.missed);
    return m.kind == BRIO_BUS_MESSAGE ? send_message(req, brio_bus_listener_lent(l)) : 0;
}

int brio_bus_events(brio_bus *bus, struct brio_request *req, brio_str filter)
{
    static const brio_bus_listener_options options = {.notices = true};
    brio_bus_listener *l;
    int rc = brio_bus_listen(bus, filter, &options, &l);
    if (rc < 0)
        return rc;
    brio_defer_push(brio_request_arena(req), close_listener, l);
    rc = brio_respond_stream(req, BRIO_S(": open\n\n")); /* the head, before anything is said */
    while (rc >= 0)
        rc = send_next(req, l);
    (void)brio_defer_pop(brio_request_arena(req), close_listener, l, true);
    return rc == BRIO_ECLOSED ? 0 : rc;
}
