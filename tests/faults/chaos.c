/* SPDX-License-Identifier: MIT
 *
 * Handlers that do what they are told (chaos.py). Those of WebSockets, in both styles, by
 * message: the first letter says what, the rest is a number, and what is not such an order
 * is echoed. Those of requests by their path.
 *
 *     sN  sleep N ms, then answer     eN  end socket N (modulo how many there are)
 *     bN  send N messages of 1 KB     pN  yield N times
 *     aN  tell all sockets, N times   k   sleep, and never mind three cancellations
 *     c   close                       x   fail
 *
 * Numbers are taken modulo what is enough of each. */
#include <brio/brio.h>

#include <errno.h>
#include <stdlib.h>

enum { SOCKETS_MAX = 4096, BURST_MAX = 300, TELL_MAX = 20 };

typedef struct Member {
    brio_ws_hook hook;
    brio_ws_ref ref;
    size_t at; /* in `members` */
} Member;

static Member *members[SOCKETS_MAX];
static size_t n_members;

static void gone(brio_ws_hook *hook)
{
    Member *m = BRIO_CONTAINER(hook, Member, hook);
    members[m->at] = members[--n_members];
    members[m->at]->at = m->at;
}

static int join(brio_websocket *ws, Member *m)
{
    *m = (Member){.hook.fn = gone, .ref = brio_ws_ref_of(ws), .at = n_members};
    if (n_members == SOCKETS_MAX)
        return -ENOBUFS;
    int rc = brio_ws_hook_add(m->ref, &m->hook);
    if (rc == 0)
        members[n_members++] = m;
    return rc;
}

/* ---- What a handler can do ------------------------------------------------------ */

static int burst(brio_websocket *ws, uint64_t n)
{
    char text[1000];
    int rc = 0;
    memset(text, 'x', sizeof text);
    for (uint64_t i = 0; i < n % BURST_MAX && rc >= 0; i++)
        rc = brio_ws_send_text(ws, (brio_str){text, sizeof text});
    return rc;
}

static int tell_all(uint64_t times)
{
    for (uint64_t t = 0; t < times % TELL_MAX; t++) {
        brio_ws_frame *frame = brio_ws_framef("all %d", (int)t);
        for (size_t i = 0; i < n_members; i++)
            (void)!brio_ws_post(members[i]->ref, frame);
        brio_ws_frame_release(frame);
    }
    return 0;
}

static int end_one(uint64_t which)
{
    if (n_members)
        brio_ws_end(members[which % n_members]->ref, 1000, "told to");
    return 0;
}

static int yield(uint64_t times)
{
    int rc = 0;
    for (uint64_t i = 0; i < times && rc >= 0; i++)
        rc = brio_yield();
    return rc;
}

/* Three cancellations are not minded. */
static int ignore(void)
{
    for (int i = 0; i < 3; i++)
        (void)!brio_sleep(BRIO_MS(30));
    return 0;
}

static int obey(brio_websocket *ws, const brio_ws_message *msg)
{
    uint64_t n = 0;
    brio_str digits = brio_str_slice(msg->data, 1, 4);
    int rc = 0;
    if (!msg->data.len || msg->binary || (digits.len && brio_str_to_u64(digits, &n) < 0))
        return msg->binary ? brio_ws_send_bytes(ws, msg->data) : brio_ws_send_text(ws, msg->data);
    switch (msg->data.ptr[0]) {
    case 's':
        rc = brio_sleep(BRIO_MS(n % 100));
        return rc < 0 ? rc : brio_ws_send_text(ws, msg->data);
    case 'b':
        return burst(ws, n);
    case 'a':
        return tell_all(n);
    case 'e':
        return end_one(n);
    case 'p':
        return yield(n % 10);
    case 'c':
        return brio_ws_close(ws, 1001, "as told");
    case 'x':
        return -EIO;
    case 'k':
        return ignore();
    default:
        return brio_ws_send_text(ws, msg->data);
    }
}

/* ---- Styles ------------------------------------------------------------------------ */

static int talk(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    Member me;
    brio_ws_message msg;
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    if (rc < 0 || (rc = join(ws, &me)) < 0)
        return rc;
    while (rc >= 0 && (rc = brio_ws_receive(ws, &msg)) >= 0)
        rc = obey(ws, &msg);
    if (me.hook.at) {
        brio_ws_hook_remove(&me.hook);
        gone(&me.hook);
    }
    return rc;
}

/* Takes its time before it accepts: more than --timeout-request, if there is one. */
static int tardy(brio_request *req, const brio_none *in, brio_websocket *ws)
{
    int rc = brio_sleep(BRIO_MS(1200));
    return rc < 0 ? rc : talk(req, in, ws);
}

static int open_member(brio_request *req, const brio_none *in, brio_websocket *ws, Member *m)
{
    (void)req, (void)in;
    int rc = brio_ws_accept(ws, NULL);
    return rc < 0 ? rc : join(ws, m);
}

static int said(brio_websocket *ws, Member *m, const brio_ws_message *msg)
{
    (void)m;
    return obey(ws, msg);
}

static void left(brio_websocket *ws, Member *m)
{
    (void)ws;
    BRIO_ASSERT(!m->hook.at); /* it has been told before */
    (void)!brio_sleep(BRIO_MS(1));
}

/* ---- Requests ---------------------------------------------------------------------- */

static int now(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    (void)tell_all(1);
    out->text = brio_printf(brio_request_arena(req), "%zu", n_members);
    return end_one(n_members / 2);
}

typedef struct Number {
    int64_t n;
} Number;
BRIO_MODEL(Number, BRIO_PATH(n, .ge = BRIO_NUM(0), .le = BRIO_NUM(10000)));

/* n KB at once. */
static int large(brio_request *req, const Number *in, brio_text *out)
{
    size_t size = (size_t)in->n * 1024;
    char *text = brio_alloc(brio_request_arena(req), size + 1);
    memset(text, 'x', size);
    out->text = (brio_str){text, size};
    return 0;
}

/* n KB piece by piece, some of them late. */
static int stream(brio_request *req, const Number *in, brio_text *out)
{
    char piece[1024];
    int rc = 0;
    (void)out;
    memset(piece, 'x', sizeof piece);
    for (int64_t i = 0; i < in->n && rc >= 0; i++) {
        rc = brio_respond_stream(req, (brio_str){piece, sizeof piece});
        if (rc >= 0 && i % 64 == 1)
            rc = brio_sleep(BRIO_MS(1));
    }
    return rc;
}

static int later(brio_request *req, const Number *in, brio_text *out)
{
    (void)req;
    out->text = BRIO_S("late");
    return brio_sleep(BRIO_MS(in->n * 2));
}

static int linger(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_MS(20));
}

static int behind(brio_request *req, const Number *in, brio_text *out)
{
    for (int64_t i = 0; i < in->n % 4; i++)
        brio_background(req, linger, NULL);
    out->text = BRIO_S("done");
    return 0;
}

/* Reads n pieces, and not what comes behind them. */
static int pieces(brio_request *req, const Number *in, brio_text *out)
{
    brio_str piece;
    int rc = 1;
    for (int64_t i = 0; i < in->n && rc > 0; i++)
        rc = brio_request_read(req, &piece);
    out->text = BRIO_S("read");
    return rc < 0 ? rc : 0;
}

static int echo(brio_request *req, const Number *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_http(req)->body;
    return 0;
}

typedef struct Photo {
    int64_t n;
    brio_upload file;
} Photo;
BRIO_MODEL(Photo, BRIO_PATH(n), BRIO_FILE(file, brio_upload));

static int upload(brio_request *req, const Photo *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "%zu", (size_t)in->file.size);
    return brio_sleep(BRIO_MS(in->n % 50));
}

static int fail(brio_request *req, const Number *in, brio_text *out)
{
    (void)out;
    return in->n % 2 ? -EIO : brio_fail(req, 418, "as told");
}

BRIO_MAIN(.title = "Chaos")
{
    BRIO_GET(app, "/now", now, brio_none, brio_text);
    BRIO_GET(app, "/large/{n}", large, Number, brio_text);
    BRIO_GET(app, "/stream/{n}", stream, Number, brio_text);
    BRIO_GET(app, "/later/{n}", later, Number, brio_text);
    BRIO_GET(app, "/behind/{n}", behind, Number, brio_text);
    BRIO_GET(app, "/fail/{n}", fail, Number, brio_text);
    BRIO_POST(app, "/echo/{n}", echo, Number, brio_text);
    BRIO_POST(app, "/upload/{n}", upload, Photo, brio_text);
    brio_static(app, "/files", BRIO_TEST_DATA, NULL);
    brio_use_gzip(app, NULL);
    BRIO_POST(app, "/pieces/{n}", pieces, Number, brio_text, .body_pieces = true);
    BRIO_WEBSOCKET(app, "/ws", talk, brio_none);
    BRIO_WEBSOCKET(app, "/tardy", tardy, brio_none);
    BRIO_WEBSOCKET(app, "/drop", talk, brio_none,
                   .queue = {.bytes = 4096, .slow = BRIO_WS_DROP_OLDEST});
    BRIO_WEBSOCKET_EVENTS(app, "/events", brio_none, Member, brio_ws_message,
                          (.open = open_member, .message = said, .close = left));
}
