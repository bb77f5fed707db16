/* SPDX-License-Identifier: MIT
 *
 * Numbers that parts of an app keep anyway, for a server that shows them. A part
 * says once how they are called, and is asked for their values now and then; what
 * is counted costs nothing more because somebody looks. */
#include "app/websocket.h"

/* A set that is there already, because another app inside has the same part, counts all. */
static void add(brio_app *app, brio_app_numbers what)
{
    brio_app_numbers **end = &app->numbers;
    while (*end && (*end)->fn != what.fn)
        end = &(*end)->next;
    if (*end)
        return;
    BRIO_ASSERT(app->n_numbers + what.n <= BRIO_APP_NUMBERS_MAX);
    *end = BRIO_NEW(&app->arena, brio_app_numbers);
    **end = what;
    app->n_numbers += what.n;
}

void brio_app_add_numbers(brio_app *app, const brio_app_number *numbers, size_t n,
                          brio_app_count_fn *fn)
{
    for (; app; app = app->outer)
        add(app, (brio_app_numbers){.numbers = numbers, .n = n, .fn = fn});
}

void brio_app_numbers_join(brio_app *app, const brio_app *inside)
{
    for (const brio_app_numbers *set = inside->numbers; set; set = set->next)
        brio_app_add_numbers(app, set->numbers, set->n, set->fn);
}

const brio_app_numbers *brio_app_numbers_of(const brio_app *app)
{
    return app->numbers;
}

void brio_app_count_numbers(brio_app *app, uint64_t *ret)
{
    for (const brio_app_numbers *set = app->numbers; set; ret += set->n, set = set->next)
        set->fn(app, ret);
}

/* ---- WebSockets ---------------------------------------------------------------- */

enum { COROUTINES, EVENTS, OPENED, RECEIVED, SENT, DROPPED, COALESCED, CUT_OFF, N };

static const brio_app_number numbers[] = {
    [COROUTINES] = {"brio_websockets", "style=\"coroutine\"", "Open WebSockets.", true},
    [EVENTS] = {"brio_websockets", "style=\"events\"", NULL, true},
    [OPENED] = {"brio_websockets_total", NULL, "WebSockets that were accepted.", false},
    [RECEIVED] = {"brio_websocket_messages_total", "direction=\"received\"",
                  "Messages of WebSockets.", false},
    [SENT] = {"brio_websocket_messages_total", "direction=\"sent\"", NULL, false},
    [DROPPED] = {"brio_websocket_dropped_total", "reason=\"slow\"",
                 "Messages that slow clients did not get.", false},
    [COALESCED] = {"brio_websocket_dropped_total", "reason=\"replaced\"", NULL, false},
    [CUT_OFF] = {"brio_websocket_slow_clients_total", NULL,
                 "WebSockets that were cut off because their client was too slow.", false},
};
_Static_assert(sizeof numbers / sizeof *numbers == N, "a number has words");

static void count_sockets(brio_app *app, uint64_t *ret)
{
    const brio_ws_counts counts = brio_ws_count();
    (void)app; /* mounted ones count, too */
    brio_app_live_sockets(&ret[COROUTINES], &ret[EVENTS]);
    ret[OPENED] = counts.opened;
    ret[RECEIVED] = counts.received;
    ret[SENT] = counts.sent;
    ret[DROPPED] = counts.dropped - counts.coalesced;
    ret[COALESCED] = counts.coalesced;
    ret[CUT_OFF] = counts.disconnected;
}

void brio_app_number_sockets(brio_app *app)
{
    brio_app_add_numbers(app, numbers, N, count_sockets);
}
