/* SPDX-License-Identifier: MIT
 *
 * The options of a WebSocket, from everyone who has a say: the route, the server's
 * flags, the app, the defaults. They are put together once for a route, at its
 * first handshake.
 *
 * Who may open one: browsers send cookies with a handshake from any page, and no
 * rule of theirs keeps the page from reading what comes back. So unless the app
 * says who may, a page from elsewhere gets in only without them. */
#include "app/mw_common.h"
#include "app/websocket.h"

typedef brio_websocket_options options;

/* ---- Putting together ----------------------------------------------------------- */

/* What `o` does not say, `than` does. */
static options else_use(const options *o, const options *than)
{
    return (options){
        .message_bytes = o->message_bytes || o->pieces ? o->message_bytes : than->message_bytes,
        .max_queue = o->max_queue ? o->max_queue : than->max_queue,
        .rate = o->rate ? o->rate : than->rate,
        .ping_interval = o->ping_interval ? o->ping_interval : than->ping_interval,
        .ping_timeout = o->ping_timeout ? o->ping_timeout : than->ping_timeout,
        .close_timeout = o->close_timeout ? o->close_timeout : than->close_timeout,
        .origins = o->origins ? o->origins : than->origins,
        .compression = o->compression ? o->compression : than->compression,
        .window_bits = o->window_bits ? o->window_bits : than->window_bits,
        .compress_min = o->compress_min ? o->compress_min : than->compress_min,
        .pieces = o->pieces,
    };
}

/* Those of spans are in socket_clock.c. */
static const options defaults = {
    .max_queue = 32,
    .compression = BRIO_WS_COMPRESS_ALONE,
    .window_bits = 15,
    .compress_min = 1024,
};

static options resolve(const brio_app *app, const brio_app_route *route)
{
    options o = else_use(&route->spec.ws, &app->ws);
    o = else_use(&o, &app->options.ws);
    o = else_use(&o, &defaults);
    if (o.window_bits < 9 || o.window_bits > 15)
        brio_app_wrong(&route->spec, "a window has 9 to 15 bits, not %d", o.window_bits);
    return o;
}

const options *brio_app_socket_options(brio_app *app, brio_app_route *route)
{
    if (BRIO_UNLIKELY(!route->socket_options)) {
        route->socket_options = BRIO_NEW(&app->arena, options);
        *route->socket_options = resolve(app, route);
    }
    return route->socket_options;
}

void brio_app_set_websocket(brio_app *app, const options *given)
{
    app->ws = *given;
    if (given->origins)
        app->ws.origins = brio_cstr(&app->arena, brio_str_from(given->origins));
    for (brio_app_route *r = app->routes; r; r = r->next)
        if (r->socket_options)
            *r->socket_options = resolve(app, r);
    for (const struct brio_app_mount *m = app->mounts; m; m = m->next)
        brio_app_set_websocket(m->app, given);
}

/* ---- Origins ---------------------------------------------------------------------- */

/* Without the port that the scheme has anyway. */
static brio_str without_port(brio_str authority, brio_str port)
{
    bool ends = authority.len > port.len &&
                brio_str_eq(brio_str_slice(authority, authority.len - port.len, SIZE_MAX), port);
    return ends ? brio_str_slice(authority, 0, authority.len - port.len) : authority;
}

/* A proxy may have taken TLS off, so the scheme may not be what the browser sees;
 * host and port are. */
static bool is_same(brio_str origin, brio_str host)
{
    bool tls = brio_str_starts(origin, BRIO_S("https://"));
    if (!tls && !brio_str_starts(origin, BRIO_S("http://")))
        return false; /* "null" */
    brio_str port = tls ? BRIO_S(":443") : BRIO_S(":80");
    brio_str authority = brio_str_slice(origin, tls ? 8 : 7, SIZE_MAX);
    return host.len && brio_str_eq_nocase(without_port(authority, port), without_port(host, port));
}

static bool lists(const char *origins, brio_str origin, brio_str host)
{
    brio_str rest = brio_str_from(origins), item;
    while (brio_mw_next_item(&rest, &item)) {
        bool all = brio_str_eq(item, BRIO_S("*"));
        bool same = brio_str_eq(item, BRIO_S("same")) && is_same(origin, host);
        if (all || same || brio_str_eq_nocase(item, origin))
            return true;
    }
    return false;
}

static size_t count(const brio_http_request *http, brio_str name)
{
    size_t n = 0;
    for (size_t i = 0; i < http->n_headers; i++)
        n += brio_str_eq_nocase(http->headers[i].name, name);
    return n;
}

bool brio_app_socket_may_open(const brio_request *req, const options *o)
{
    const brio_http_request *http = req->http;
    size_t origins = count(http, BRIO_S("origin"));
    if (!origins)
        return true; /* not a browser: it could say what it likes */
    brio_str origin = brio_request_header(req, BRIO_S("origin"));
    brio_str host = brio_request_header(req, BRIO_S("host"));
    bool trusted = count(http, BRIO_S("cookie")) || count(http, BRIO_S("authorization"));
    const char *who = o->origins ? o->origins : trusted ? "same" : "*";
    if (origins == 1 && lists(who, origin, host))
        return true;
    brio_app_log(req, BRIO_LOG_WARNING, "403: origin \"%.*s\" may not open this WebSocket",
                 BRIO_ARG(origin));
    return false;
}

/* ---- Compression ---------------------------------------------------------------------- */

/* Windows are not kept where messages may be left out that have gone through the
 * compressor: the client would miss them. */
static bool keeps_windows(const brio_app_route *route)
{
    return route->socket_options->compression == BRIO_WS_COMPRESS_TAKEOVER &&
           route->spec.queue.slow == BRIO_WS_DISCONNECT;
}

int brio_app_socket_agree(const brio_request *req, brio_ws_deflate *ret, brio_str *ret_header)
{
    const options *o = req->route->socket_options;
    const brio_ws_deflate_wish wish = {keeps_windows(req->route), o->window_bits};
    brio_buf value = {0};
    *ret = (brio_ws_deflate){0};
    *ret_header = (brio_str){0};
    if (o->compression == BRIO_WS_COMPRESS_OFF)
        return 0;
    int rc = brio_ws_deflate_choose(req->http, &wish, ret, &value);
    if (rc == 1)
        *ret_header = brio_str_copy(req->arena, brio_buf_str(&value));
    brio_buf_fini(&value);
    return rc == 1 ? 0 : rc;
}
