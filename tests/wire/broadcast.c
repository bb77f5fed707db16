/* SPDX-License-Identifier: MIT
 *
 * The app of broadcast.py: rooms in event style, floods for clients that are slow,
 * and what became of them. */
#include <brio/brio.h>

#include <errno.h>

/* ---- Who is there -------------------------------------------------------------- */

typedef struct Seat {
    brio_ws_hook hook;
    brio_ws_ref ref;
    struct Seat *next, **at;
} Seat;

static Seat *seats;
static int64_t seated, closes, last_code;

static void stand_up(brio_ws_hook *hook)
{
    Seat *seat = BRIO_CONTAINER(hook, Seat, hook);
    *seat->at = seat->next;
    if (seat->next)
        seat->next->at = seat->at;
    seated--;
}

typedef struct Join {
    brio_str policy;
} Join;
BRIO_MODEL(Join, BRIO_PATH(policy, .pattern = "^[a-z]+$"));

static int enter(brio_request *req, const Join *in, brio_websocket *ws, Seat *seat)
{
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    if (rc < 0)
        return rc;
    seat->ref = brio_ws_ref_of(ws);
    seat->hook.fn = stand_up;
    seat->next = seats;
    seat->at = &seats;
    if (seat->next)
        seat->next->at = &seat->next;
    seats = seat;
    seated++;
    return brio_ws_hook_add(seat->ref, &seat->hook);
}

/* ---- What they say ---------------------------------------------------------------- */

typedef struct Say {
    brio_str kind, text;
    int64_t nap; /* ms */
} Say;
BRIO_MODEL(Say, BRIO_FIELD(kind, .literal = "[\"say\"]"), BRIO_FIELD(text),
           BRIO_FIELD(nap, .def = "0"));

typedef struct All {
    brio_str kind, text;
    int64_t times;
} All;
BRIO_MODEL(All, BRIO_FIELD(kind, .literal = "[\"all\"]"), BRIO_FIELD(text),
           BRIO_FIELD(times, .def = "1"));

typedef struct Message {
    int which;
    union {
        Say say;
        All all;
    };
} Message;
BRIO_UNION(Message, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(say, Say), BRIO_CASE(all, All));

static int tell_all(const All *all)
{
    brio_ws_frame *frame = brio_ws_frame_text(all->text);
    for (int64_t i = 0; i < all->times; i++)
        for (Seat *seat = seats; seat; seat = seat->next)
            (void)!brio_ws_post(seat->ref, frame);
    brio_ws_frame_release(frame);
    return 0;
}

static int said(brio_websocket *ws, Seat *seat, const Message *m)
{
    (void)seat;
    if (m->which == 1)
        return tell_all(&m->all);
    int rc = m->say.nap ? brio_sleep(BRIO_MS(m->say.nap)) : 0;
    return rc < 0 ? rc : brio_ws_send_text(ws, m->say.text);
}

static void left(brio_websocket *ws, Seat *seat)
{
    (void)seat;
    closes++;
    last_code = brio_ws_code(ws);
}

/* ---- Floods -------------------------------------------------------------------------- */

typedef struct Flood {
    int64_t times, bytes, keys;
} Flood;
BRIO_MODEL(Flood, BRIO_QUERY(times), BRIO_QUERY(bytes), BRIO_QUERY(keys, .def = "1"));

/* "key number xxxx...", one each turn of the loop. */
static int flood(brio_request *req, const Flood *in, brio_json *out)
{
    brio_arena *arena = brio_request_arena(req);
    brio_str filler = {brio_calloc(arena, 1, (size_t)in->bytes + 1), (size_t)in->bytes};
    memset((char *)(uintptr_t)filler.ptr, 'x', filler.len);
    for (int64_t i = 0; i < in->times; i++) {
        int key = (int)(i % in->keys);
        brio_ws_frame *f = brio_ws_framef("%d %d %.*s", key, (int)i, BRIO_ARG(filler));
        brio_str name = brio_printf(arena, "%d", key);
        int rc = f ? brio_ws_frame_set_key(f, name) : -ENOMEM;
        for (Seat *seat = seats; rc >= 0 && seat; seat = seat->next)
            (void)!brio_ws_post(seat->ref, f);
        brio_ws_frame_release(f);
        rc = rc < 0 ? rc : brio_sleep(BRIO_US(200));
        if (rc < 0)
            return rc;
    }
    *out = (brio_json){0};
    return 0;
}

typedef struct State {
    int64_t seated, closes, last_code, opened, closed, received, sent, dropped, coalesced,
        disconnected;
} State;
BRIO_MODEL(State, BRIO_FIELD(seated), BRIO_FIELD(closes), BRIO_FIELD(last_code), BRIO_FIELD(opened),
           BRIO_FIELD(closed), BRIO_FIELD(received), BRIO_FIELD(sent), BRIO_FIELD(dropped),
           BRIO_FIELD(coalesced), BRIO_FIELD(disconnected));

static int state(brio_request *req, const brio_none *in, State *out)
{
    (void)req, (void)in;
    brio_ws_counts c = brio_ws_count();
    *out = (State){.seated = seated,
                   .closes = closes,
                   .last_code = last_code,
                   .opened = (int64_t)c.opened,
                   .closed = (int64_t)c.closed,
                   .received = (int64_t)c.received,
                   .sent = (int64_t)c.sent,
                   .dropped = (int64_t)c.dropped,
                   .coalesced = (int64_t)c.coalesced,
                   .disconnected = (int64_t)c.disconnected};
    return 0;
}

static void add(brio_app *app, const char *path, brio_ws_slow slow)
{
    BRIO_WEBSOCKET_EVENTS(app, path, Join, Seat, Message,
                          (.open = enter, .message = said, .close = left),
                          .queue = {.messages = 16, .bytes = 4 << 20, .slow = slow});
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(NULL);
    add(app, "/disconnect/{policy}", BRIO_WS_DISCONNECT);
    add(app, "/newest/{policy}", BRIO_WS_DROP_NEWEST);
    add(app, "/oldest/{policy}", BRIO_WS_DROP_OLDEST);
    add(app, "/coalesce/{policy}", BRIO_WS_COALESCE);
    BRIO_GET(app, "/flood", flood, Flood, brio_json);
    BRIO_GET(app, "/state", state, brio_none, State);
    return brio_main(app, argc, argv);
}
