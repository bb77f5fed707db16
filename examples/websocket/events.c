/* SPDX-License-Identifier: MIT
 *
 * Event style, for very many sockets that mostly listen: handlers that are called, and a
 * State of yours between them. Messages are models: what does not fit is told, as over HTTP. */
#include <brio/brio.h>

static brio_bus *bus;

typedef struct Seat {
    int64_t bids; /* of this socket */
} Seat;

typedef struct Bid {
    int64_t cents;
    bool *last;
} Bid;
BRIO_MODEL(Bid, BRIO_FIELD(cents, .gt = BRIO_NUM(0)), BRIO_FIELD(last));

static int enter(brio_request *req, const brio_none *in, brio_websocket *ws, Seat *seat)
{
    (void)req, (void)in, (void)seat;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : brio_bus_join(bus, ws, BRIO_S("auction"));
}

static int bid(brio_websocket *ws, Seat *seat, const Bid *message)
{
    seat->bids++;
    int rc = brio_bus_publishf(bus, BRIO_S("auction"), "%lld", (long long)message->cents);
    return rc == 0 && message->last && *message->last ? brio_ws_close(ws, 0, "sold") : rc;
}

BRIO_MAIN(.title = "Auction")
{
    bus = brio_bus_new(app, NULL);
    BRIO_WEBSOCKET_EVENTS(app, "/ws", brio_none, Seat, Bid, (.open = enter, .message = bid),
                          .queue = {.messages = 64, .slow = BRIO_WS_DROP_OLDEST});
}
