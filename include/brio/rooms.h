/* SPDX-License-Identifier: MIT
 *
 * brio/rooms.h: WebSockets on the bus: the connection manager, rooms, personal
 * messages. A part of <brio/bus.h>, which includes it.
 *
 *     static int chat(brio_request *req, const Visit *in, brio_websocket *ws)
 *     {
 *         brio_str text;
 *         int rc = brio_bus_connect(bus, ws, in->name);
 *         if (rc >= 0)
 *             rc = brio_bus_join(bus, ws, in->room);
 *         while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
 *             rc = brio_bus_publish(bus, in->room, text);
 *         return rc;                       // it has left everything when this returns
 *     }
 *
 * What a WebSocket joins it leaves by itself when it ends, however it ends. A
 * message is framed once for all that get it, and waits in the socket's own bounded
 * queue (.queue of its route, see <brio/broadcast.h>), so that nobody waits for a
 * slow client. Handlers of both styles. Nothing here suspends but where it says so. */
#ifndef BRIO_ROOMS_H
#define BRIO_ROOMS_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brio_bus;
struct brio_websocket;

/* ---- The connection manager -------------------------------------------------- */

/* Accepts the connection, if that has not been done, and enters it in the list of
 * all, under a name for brio_bus_to and presence ("" for none; several connections
 * may have one). **Suspends** as brio_ws_accept. 0; as brio_ws_accept; -EINVAL for a
 * name of more than 251 bytes, or that is no UTF-8; -EALREADY, BRIO_ELIMIT, BRIO_ECLOSED,
 * -ENOMEM. */
BRIO_API int brio_bus_connect(struct brio_bus *bus, struct brio_websocket *ws,
                              brio_str name) BRIO_CHECKED;
/* Takes it out of everything now. Harmless if it is in nothing. */
BRIO_API void brio_bus_disconnect(struct brio_bus *bus, struct brio_websocket *ws);
/* To this one, in order with all else that it gets, copied; does not wait. As
 * brio_ws_try_send_text. */
BRIO_API int brio_bus_send_personal(struct brio_bus *bus, struct brio_websocket *ws,
                                    brio_str text) BRIO_CHECKED;
/* Text to every connection that brio_bus_connect entered, in all workers; and to all
 * that have a name. As brio_bus_publish. */
BRIO_API int brio_bus_broadcast(struct brio_bus *bus, brio_str text) BRIO_CHECKED;
BRIO_API int brio_bus_to(struct brio_bus *bus, brio_str name, brio_str text) BRIO_CHECKED;

/* The topic of all connections, for brio_bus_watch and brio_bus_present. */
#define BRIO_BUS_EVERYONE BRIO_S("$all")

/* ---- Rooms ---------------------------------------------------------------------- */

/* From now on an accepted socket gets what is published to that topic, which has no
 * wildcards, and its name is in the topic's presence list. Again changes nothing.
 * brio_bus_connect is only needed for a name. 0; -EINVAL for what is no topic;
 * BRIO_ELIMIT, BRIO_ECLOSED, -ENOMEM. */
BRIO_API int brio_bus_join(struct brio_bus *bus, struct brio_websocket *ws,
                           brio_str topic) BRIO_CHECKED;
/* The same for a filter, without presence. */
BRIO_API int brio_bus_follow(struct brio_bus *bus, struct brio_websocket *ws,
                             brio_str filter) BRIO_CHECKED;
/* Leaves a topic or filter. Harmless if it is not in it. */
BRIO_API void brio_bus_leave(struct brio_bus *bus, struct brio_websocket *ws, brio_str topic);

#ifdef __cplusplus
}
#endif
#endif
