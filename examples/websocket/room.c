/* SPDX-License-Identifier: MIT
 *
 * Rooms: those in one hear each other, in all workers; who is in it, anybody may ask. */
#include <brio/brio.h>

static brio_bus *bus;

typedef struct Visit {
    brio_str room, name;
} Visit;
BRIO_MODEL(Visit, BRIO_PATH(room, .pattern = "^[a-z]{1,20}$"), BRIO_QUERY(name, .max_length = 20));

static int visit(brio_request *req, const Visit *in, brio_websocket *ws)
{
    brio_str text;
    (void)req;
    int rc = brio_bus_connect(bus, ws, in->name);
    rc = rc < 0 ? rc : brio_bus_join(bus, ws, in->room);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
        rc = brio_bus_publishf(bus, in->room, "%.*s: %.*s", BRIO_ARG(in->name), BRIO_ARG(text));
    return rc; /* it has left the room */
}

typedef struct Room {
    brio_str room;
} Room;
BRIO_MODEL(Room, BRIO_PATH(room));

static int who(brio_request *req, const Room *in, brio_str_list *out)
{
    *out = brio_bus_present(bus, brio_request_arena(req), in->room);
    return 0;
}

BRIO_MAIN(.title = "Rooms")
{
    bus = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET(app, "/rooms/{room}", visit, Visit);
    BRIO_GET(app, "/rooms/{room}", who, Room, brio_str_list);
}
