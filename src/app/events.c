/* SPDX-License-Identifier: MIT
 *
 * Streams of items: JSON lines, and server-sent events with a ping when nothing
 * was said for a while, so that proxies keep the connection. The ping is a timer of
 * the loop: it needs no task, and the server drops it when bytes are on their way. */
#include "app/outgoing.h"

#include <errno.h>

#define PING BRIO_S(": ping\n\n")

enum { PING_SECONDS = 15 };

typedef struct brio_app_ping {
    brio_timer timer;
    brio_request *req;
    brio_loop *loop;
} brio_app_ping;

/* ---- Pings --------------------------------------------------------------------- */

static void wind(brio_app_ping *ping)
{
    brio_timer_start(ping->loop, &ping->timer, brio_loop_now(ping->loop) + BRIO_SEC(PING_SECONDS));
}

static void on_silence(brio_timer *timer)
{
    brio_app_ping *ping = BRIO_CONTAINER(timer, brio_app_ping, timer);
    brio_exchange *ex = ping->req->ex;
    if (ex->nudge && !ping->req->cancelled && !ping->req->filters)
        ex->nudge(ex, PING);
    wind(ping);
}

static void stop_pings(void *arg)
{
    brio_app_stop_pings(arg);
}

void brio_app_begin_events(brio_request *req)
{
    if (!brio_app_header_of(req, BRIO_S("cache-control")))
        brio_app_put_header(req, BRIO_S("cache-control"), BRIO_S("no-cache"));
    if (!brio_app_header_of(req, BRIO_S("x-accel-buffering")))
        brio_app_put_header(req, BRIO_S("x-accel-buffering"), BRIO_S("no"));
    brio_app_ping *ping = BRIO_NEW(req->arena, brio_app_ping);
    *ping = (brio_app_ping){.timer.fn = on_silence, .req = req, .loop = brio_loop_current()};
    req->ping = ping;
    brio_defer_push(req->arena, stop_pings, req); /* also if the task is abandoned */
    wind(ping);
}

void brio_app_stop_pings(brio_request *req)
{
    if (!req->ping)
        return;
    brio_timer_stop(req->ping->loop, &req->ping->timer);
    req->ping = NULL;
    (void)brio_defer_pop(req->arena, stop_pings, req, false);
}

/* ---- Events as text --------------------------------------------------------------- */

/* Where the line ends; LF, CR and CRLF do. */
static size_t line_end(brio_str s, size_t *ret_next)
{
    size_t at = 0;
    while (at < s.len && s.ptr[at] != '\n' && s.ptr[at] != '\r')
        at++;
    *ret_next = at + 1;
    if (at + 1 < s.len && s.ptr[at] == '\r' && s.ptr[at + 1] == '\n')
        *ret_next = at + 2;
    return at;
}

/* Each line behind `field`; the empty text is one empty line. */
static void put_lines(brio_buf *out, brio_str field, brio_str text)
{
    bool more = true;
    while (more) {
        size_t next, end = line_end(text, &next);
        brio_buf_add(out, field);
        brio_buf_add(out, brio_str_slice(text, 0, end));
        brio_buf_char(out, '\n');
        more = next < text.len || (next == text.len && end < text.len);
        text = brio_str_slice(text, next, SIZE_MAX);
    }
}

static bool is_line(brio_str s, bool may_have_nul)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == '\n' || s.ptr[i] == '\r' || (s.ptr[i] == '\0' && !may_have_nul))
            return false;
    return true;
}

static int put_data(brio_buf *out, const brio_model *model, const brio_sse *event)
{
    brio_json_writer w = {.out = out};
    if (!event->data && !event->json) {
        if (event->raw.ptr)
            put_lines(out, BRIO_S("data: "), event->raw);
        return 0;
    }
    brio_buf_add(out, BRIO_S("data: ")); /* JSON has no line breaks */
    int rc = 0;
    if (event->data)
        rc = brio_encode(out, model, event->data, NULL);
    else
        brio_json_value(&w, event->json);
    brio_buf_char(out, '\n');
    return rc == 0 && w.unfit ? brio_error(BRIO_EMODEL, "an event: %s", w.unfit) : rc;
}

int brio_sse_format(brio_buf *out, const brio_model *model, const brio_sse *event)
{
    size_t before = out->len;
    if (!is_line(event->event, true) || !is_line(event->id, false) || event->retry < 0)
        return -EINVAL;
    if (event->comment.ptr)
        put_lines(out, BRIO_S(": "), event->comment);
    if (event->event.ptr)
        put_lines(out, BRIO_S("event: "), event->event);
    int rc = put_data(out, model, event);
    if (event->id.ptr)
        put_lines(out, BRIO_S("id: "), event->id);
    if (event->retry)
        brio_buf_printf(out, "retry: %lld\n", (long long)(event->retry / BRIO_MS(1)));
    brio_buf_char(out, '\n');
    if (rc < 0)
        out->len = before;
    return out->failed ? -ENOMEM : rc;
}

/* ---- Sending ------------------------------------------------------------------------ */

/* The text is gone when this returns: a stream has no end, its arena has. */
static int send_text(brio_request *req, brio_buf *text, int rc)
{
    if (rc == 0 && text->failed)
        rc = -ENOMEM;
    if (rc == 0)
        rc = brio_respond_stream(req, brio_buf_str(text));
    if (req->ping)
        wind(req->ping);
    return rc;
}

static void forget_buffer(void *arg)
{
    brio_buf_fini(arg);
}

/* The one buffer of a request's items. */
static brio_buf *item_buffer(brio_request *req)
{
    if (!req->items) {
        req->items = BRIO_NEW(req->arena, brio_buf);
        brio_defer_push(req->arena, forget_buffer, req->items);
    }
    brio_buf_clear(req->items);
    return req->items;
}

int brio_respond_event(brio_request *req, const brio_sse *event)
{
    BRIO_ASSERT(req->route->response == BRIO_SSE && "the route needs .response = BRIO_SSE");
    brio_buf *text = item_buffer(req);
    return send_text(req, text, brio_sse_format(text, req->route->out, event));
}

int brio_respond_item(brio_request *req, const void *item)
{
    if (req->route->response == BRIO_SSE)
        return brio_respond_event(req, &(brio_sse){.data = item});
    BRIO_ASSERT(req->route->response == BRIO_JSON_LINES &&
                "the route needs .response = BRIO_JSON_LINES or BRIO_SSE");
    brio_buf *text = item_buffer(req);
    int rc = brio_encode(text, req->route->out, item, NULL);
    brio_buf_char(text, '\n');
    return send_text(req, text, rc);
}
