/* SPDX-License-Identifier: MIT
 *
 * A chat: rooms, names, who comes and goes, personal messages, typing, history.
 *
 *     ./dev run chat --workers 2 --bus redis://127.0.0.1:6379      then open it on a phone
 *
 * Workers and machines share nothing but the bus: each tells its own sockets who
 * came and went, and each machine keeps the history in its own SQLite file, under
 * the ids that messages were given where they were said.
 *
 * CHAT_DATABASE_URL names the database [sqlite:///./chat.db], CHAT_PAGE the folder of
 * the page [examples/chat/page]. */
#include <brio/brio.h>

#include <stdio.h>
#include <stdlib.h>

static brio_bus *bus;
static brio_db *db;
static brio_task *historian;

/* ---- What goes over the wire -------------------------------------------------- */

typedef struct Say { /* to the room */
    brio_str kind, text;
} Say;
BRIO_MODEL(Say, BRIO_FIELD(kind, .literal = "[\"say\"]"),
           BRIO_FIELD(text, .min_length = 1, .max_length = 2000));

typedef struct Whisper { /* to one name */
    brio_str kind, to, text;
} Whisper;
BRIO_MODEL(Whisper, BRIO_FIELD(kind, .literal = "[\"whisper\"]"),
           BRIO_FIELD(to, .min_length = 1, .max_length = 32),
           BRIO_FIELD(text, .min_length = 1, .max_length = 2000));

typedef struct Typing {
    brio_str kind;
} Typing;
BRIO_MODEL(Typing, BRIO_FIELD(kind, .literal = "[\"typing\"]"));

typedef struct FromClient {
    int which;
    union {
        Say say;
        Whisper whisper;
        Typing typing;
    };
} FromClient;
BRIO_UNION(FromClient, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(say, Say),
           BRIO_CASE(whisper, Whisper), BRIO_CASE(typing, Typing));

typedef struct Line { /* a message, on the bus, to clients and in the database */
    brio_str kind, id, room, from, text;
    int64_t at; /* ms since 1970 */
} Line;
BRIO_MODEL(Line, BRIO_FIELD(kind), BRIO_FIELD(id), BRIO_FIELD(room), BRIO_FIELD(from),
           BRIO_FIELD(text), BRIO_FIELD(at));
BRIO_LIST_OF(Line);

static brio_str json(brio_arena *arena, brio_json value)
{
    return brio_json_text(arena, &value);
}

static brio_str topic_of(brio_arena *arena, brio_str room)
{
    return brio_printf(arena, "rooms/%.*s", BRIO_ARG(room));
}

/* ---- History -------------------------------------------------------------------- */

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS lines (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
    "room TEXT NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS lines_of_room ON lines (room, at);";

/* Both workers of a machine hear everything: whoever is second changes nothing. */
static int keep(const Line *line)
{
    return brio_db_execute(db, NULL,
                           "INSERT OR IGNORE INTO lines (id, room, sender, text, at) "
                           "VALUES (:id, :room, :sender, :text, :at)",
                           BRIO_PARAMS(BRIO_TEXT("id", line->id), BRIO_TEXT("room", line->room),
                                       BRIO_TEXT("sender", line->from),
                                       BRIO_TEXT("text", line->text), BRIO_I64("at", line->at)),
                           NULL);
}

static int history(brio_arena *arena, brio_str room, Line_list *ret)
{
    return brio_db_fetch_all(
        db, NULL, arena, BRIO_TYPE(Line), ret,
        "SELECT 'message' AS kind, id, room, sender AS \"from\", text, at FROM "
        "(SELECT * FROM lines WHERE room = :room ORDER BY at DESC, n DESC "
        "LIMIT 100) ORDER BY at, n",
        BRIO_PARAMS(BRIO_TEXT("room", room)));
}

static int write_history(void *arg)
{
    brio_bus_listener *l;
    brio_bus_message m;
    (void)arg;
    int rc = brio_bus_listen(bus, BRIO_S("rooms/+"),
                             &(brio_bus_listener_options){.queue_messages = 4096}, &l);
    while (rc >= 0 && (rc = brio_bus_next(l, &m)) >= 0) {
        brio_arena arena;
        Line line;
        brio_arena_init(&arena, 0);
        brio_problems problems = {.arena = &arena};
        if (brio_decode(m.data, BRIO_TYPE(Line), &line, NULL, &problems) == 0 && keep(&line) < 0)
            brio_log(BRIO_LOG_ERROR, "a message is not in the history: %.*s",
                     BRIO_ARG(brio_error_detail()));
        brio_arena_fini(&arena);
    }
    brio_bus_listener_close(l);
    return rc;
}

/* ---- Who comes and goes ------------------------------------------------------------ */

/* In every worker, for its own sockets. */
static void tell(const brio_bus_message *m, void *arg)
{
    brio_arena arena;
    (void)arg;
    brio_arena_init(&arena, 0);
    brio_bus_post post = {.topic = m->topic, .here = true};
    if (m->kind == BRIO_BUS_GAP) {
        post.topic = BRIO_S("notices");
        post.data = json(&arena, BRIO_JSON_OBJECT(&arena, "kind", "gap", "missed", m->missed));
    } else {
        bool came = m->kind == BRIO_BUS_JOINED;
        brio_str text =
            brio_printf(&arena, "%.*s %s the chat", BRIO_ARG(m->data), came ? "joined" : "left");
        post.data = json(&arena, BRIO_JSON_OBJECT(&arena, "kind", came ? "joined" : "left", "name",
                                                  m->data, "text", text, "users",
                                                  brio_bus_present(bus, &arena, m->topic)));
    }
    if (brio_bus_send(bus, &post) < 0)
        brio_log(BRIO_LOG_WARNING, "a notice was lost");
    brio_arena_fini(&arena);
}

/* ---- A visitor ------------------------------------------------------------------------ */

typedef struct Visit {
    brio_str room, name;
} Visit;
BRIO_MODEL(Visit, BRIO_PATH(room, .pattern = "^[a-z0-9-]{1,32}$"),
           BRIO_QUERY(name, .pattern = "^\\S(.{0,30}\\S)?$", .max_length = 32));

typedef struct Seat { /* all that a silent visitor takes */
    char room[33], name[32 * 4 + 1];
} Seat;

static int enter(brio_request *req, const Visit *in, brio_websocket *ws, Seat *seat)
{
    brio_arena *arena = brio_request_arena(req);
    Line_list lines;
    (void)snprintf(seat->room, sizeof seat->room, "%.*s", BRIO_ARG(in->room));
    (void)snprintf(seat->name, sizeof seat->name, "%.*s", BRIO_ARG(in->name));
    int rc = history(arena, in->room, &lines);
    rc = rc < 0 ? rc : brio_bus_connect(bus, ws, in->name);
    rc = rc < 0 ? rc : brio_bus_join(bus, ws, topic_of(arena, in->room));
    rc = rc < 0 ? rc : brio_bus_follow(bus, ws, BRIO_S("notices"));
    if (rc < 0)
        return rc;
    brio_json welcome = BRIO_JSON_OBJECT(arena, "kind", "welcome", "name", in->name, "users",
                                         brio_bus_present(bus, arena, topic_of(arena, in->room)),
                                         "history", BRIO_AS(Line_list, &lines));
    return brio_bus_send_personal(bus, ws, json(arena, welcome));
}

static Line line_of(brio_arena *arena, const Seat *seat, const char *kind, brio_str text)
{
    return (Line){brio_str_from(kind),
                  brio_token_hex(arena, 12),
                  brio_str_from(seat->room),
                  brio_str_from(seat->name),
                  text,
                  brio_clock_realtime() / 1000000};
}

/* A copy for the sender, so that all of their pages show it. */
static int whisper(brio_websocket *ws, const Seat *seat, const Whisper *w)
{
    brio_arena *arena = brio_ws_arena(ws);
    if (!brio_bus_is_present(bus, BRIO_BUS_EVERYONE, w->to))
        return brio_bus_send_personal(bus, ws,
                                      json(arena, BRIO_JSON_OBJECT(arena, "kind", "error", "text",
                                                                   "Nobody of that name is here")));
    Line line = line_of(arena, seat, "whisper", w->text);
    brio_str text =
        json(arena, BRIO_JSON_OBJECT(arena, BRIO_SPREAD,
                                     brio_json_typed(arena, BRIO_AS(Line, &line)), "to", w->to));
    int rc = brio_bus_to(bus, w->to, text);
    if (rc >= 0 && !brio_str_eq(w->to, line.from))
        rc = brio_bus_to(bus, line.from, text);
    return rc;
}

static int said(brio_websocket *ws, Seat *seat, const FromClient *m)
{
    brio_arena *arena = brio_ws_arena(ws);
    brio_str topic = topic_of(arena, brio_str_from(seat->room));
    if (m->which == 1)
        return whisper(ws, seat, &m->whisper);
    if (m->which == 0) {
        Line line = line_of(arena, seat, "message", m->say.text);
        return brio_bus_publish_model(bus, topic, BRIO_TYPE(Line), &line);
    }
    brio_str typing = json(arena, BRIO_JSON_OBJECT(arena, "kind", "typing", "from", seat->name));
    return brio_bus_send(bus, &(brio_bus_post){.topic = topic, .data = typing, .except = ws});
}

/* ---- For programs --------------------------------------------------------------------- */

typedef struct Room {
    brio_str room;
} Room;
BRIO_MODEL(Room, BRIO_PATH(room));

static int read_users(brio_request *req, const Room *in, brio_str_list *out)
{
    brio_arena *arena = brio_request_arena(req);
    *out = brio_bus_present(bus, arena, topic_of(arena, in->room));
    return 0;
}

static int read_history(brio_request *req, const Room *in, Line_list *out)
{
    return history(brio_request_arena(req), in->room, out);
}

static int read_events(brio_request *req, const Room *in, brio_none *out)
{
    (void)out;
    return brio_bus_events(bus, req, topic_of(brio_request_arena(req), in->room));
}

/* ---- The program -------------------------------------------------------------------------- */

static int startup(brio_app *app, void *state)
{
    const char *url = getenv("CHAT_DATABASE_URL");
    (void)app, (void)state;
    int rc = brio_db_open(&db, url ? url : "sqlite:///./chat.db", NULL);
    rc = rc < 0 ? rc : brio_db_execute(db, NULL, schema, BRIO_NO_PARAMS, NULL);
    if (rc >= 0)
        historian = brio_create_task(write_history, NULL,
                                     &(brio_task_options){.name = "history", .acquired = true});
    return rc;
}

static int shutdown(brio_app *app, void *state)
{
    (void)app, (void)state;
    if (historian) { /* the bus is closed: it writes what it has heard, and ends */
        (void)!brio_join(historian, NULL);
        brio_task_release(historian);
    }
    brio_db_close(db);
    return 0;
}

int main(int argc, char **argv)
{
    const char *page = getenv("CHAT_PAGE");
    brio_app *app = brio_app_new(&(brio_app_options){.title = "Chat", .on_shutdown = shutdown});
    bus = brio_bus_new(app, NULL);
    brio_app_on_startup(app, startup); /* behind the bus, which it listens to */
    brio_bus_watch(bus, BRIO_S("rooms/+"), tell, NULL);
    BRIO_WEBSOCKET_EVENTS(app, "/ws/{room}", Visit, Seat, FromClient,
                          (.open = enter, .message = said),
                          .queue = {.messages = 500, .slow = BRIO_WS_DROP_OLDEST});
    BRIO_GET(app, "/rooms/{room}/users", read_users, Room, brio_str_list);
    BRIO_GET(app, "/rooms/{room}/history", read_history, Room, Line_list);
    BRIO_GET(app, "/rooms/{room}/events", read_events, Room, brio_none, .response = BRIO_SSE);
    brio_frontend(app, "/", page ? page : "examples/chat/page", NULL);
    return brio_main(app, argc, argv);
}
