/* SPDX-License-Identifier: MIT
 *
 * The app of async.js: sockets of both styles, a stream of events, one that is
 * hidden. */
#include <brio/brio.h>

typedef struct Room {
    int64_t room;
    brio_str *name;
} Room;
BRIO_MODEL(Room, BRIO_PATH(room, .ge = BRIO_NUM(1), .description = "Its number"),
           BRIO_QUERY(name, .max_length = 20));

typedef struct Say {
    brio_str kind, text;
} Say;
BRIO_MODEL(Say, BRIO_FIELD(kind, .literal = "[\"say\"]"), BRIO_FIELD(text, .min_length = 1));

typedef struct Move {
    brio_str kind;
    int64_t x, y;
} Move;
BRIO_MODEL(Move, BRIO_FIELD(kind, .literal = "[\"move\"]"), BRIO_FIELD(x), BRIO_FIELD(y));

typedef struct Message {
    int which;
    union {
        Say say;
        Move move;
    };
} Message;
BRIO_UNION(Message, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(say, Say),
           BRIO_CASE(move, Move));

typedef struct News {
    int64_t room;
    brio_str text;
} News;
BRIO_MODEL(News, BRIO_FIELD(room), BRIO_FIELD(text));

typedef struct Seat {
    int64_t room;
} Seat;

static int enter(brio_request *req, const Room *in, brio_websocket *ws, Seat *seat)
{
    (void)req, (void)ws;
    seat->room = in->room;
    return 0;
}

static int said(brio_websocket *ws, Seat *seat, const Message *m)
{
    News news = {.room = seat->room, .text = m->which == 0 ? m->say.text : BRIO_S("moved")};
    return brio_ws_send_model(ws, BRIO_TYPE(News), &news);
}

static int echo(brio_request *req, const Room *in, brio_websocket *ws)
{
    brio_str text, name = in->name ? *in->name : BRIO_S("nobody");
    (void)req;
    int rc = brio_ws_accept(ws, NULL);
    while (rc >= 0 && (rc = brio_ws_receive_text(ws, &text)) >= 0)
        rc = brio_ws_sendf(ws, "%.*s: %.*s", BRIO_ARG(name), BRIO_ARG(text));
    return rc;
}

static int news(brio_request *req, const Room *in, News *out)
{
    (void)out;
    for (int i = 0; i < 3; i++) {
        int rc = brio_respond_item(req, &(News){.room = in->room, .text = BRIO_S("tick")});
        if (rc < 0)
            return rc;
    }
    return 0;
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(
        &(brio_app_options){.title = "Rooms <&>", .license = {.name = "MIT", .identifier = "MIT"}});
    BRIO_WEBSOCKET_EVENTS(app, "/rooms/{room}", Room, Seat, Message,
                          (.open = enter, .message = said), .name = "room", .tags = "chat",
                          .description = "A room of the chat", .sends = News_model);
    BRIO_WEBSOCKET(app, "/echo/{room}", echo, Room);
    BRIO_WEBSOCKET(app, "/secret/{room}", echo, Room, .hidden = true);
    BRIO_GET(app, "/news/{room}", news, Room, News, .response = BRIO_SSE);
    return brio_main(app, argc, argv);
}
