/* SPDX-License-Identifier: MIT
 *
 * Response classes: what a handler's output becomes. Settled for a route when it
 * is added, so that a request asks one question: is the output text for this
 * class, or a value to be written as JSON? */
#include "app/outgoing.h"

/* ---- When a route is added ------------------------------------------------------- */

static void check_status(const brio_app_route *route)
{
    if (route->status < 200 || route->status > 599)
        brio_app_wrong(&route->spec, "status %d is not between 200 and 599", route->status);
    if (brio_app_is_bodiless(route->status) && route->out->kind != BRIO_KIND_NONE)
        brio_app_wrong(&route->spec, "status %d has no body: the output must be brio_none",
                       route->status);
}

static brio_response_class class_of(const brio_app_route *route)
{
    if (route->spec.response != BRIO_RESPONSE_DEFAULT)
        return route->spec.response;
    return route->out->kind == BRIO_KIND_TEXT   ? BRIO_TEXT
           : route->out->kind == BRIO_KIND_HTML ? BRIO_HTML
                                                : BRIO_RESPONSE_DEFAULT;
}

static const char *class_type(brio_response_class class)
{
    static const char *const types[] = {
        [BRIO_RESPONSE_DEFAULT] = "application/json",
        [BRIO_JSON] = "application/json",
        [BRIO_TEXT] = "text/plain",
        [BRIO_HTML] = "text/html",
        [BRIO_JSON_LINES] = "application/jsonl",
        [BRIO_SSE] = "text/event-stream",
        [BRIO_CUSTOM] = NULL,
    };
    return types[class];
}

void brio_app_classify(brio_app *app, brio_app_route *route)
{
    const brio_route *spec = &route->spec;
    route->response = class_of(route);
    if (route->response > BRIO_CUSTOM)
        brio_app_wrong(spec, "response %d is no response class", (int)route->response);
    if (spec->run == BRIO_BLOCKING && brio_app_is_stream(route))
        brio_app_wrong(spec, "a stream is written by an async handler");
    const brio_encode_options *e = &spec->encode;
    if (e->include || e->exclude || e->exclude_unset || e->exclude_defaults || e->exclude_none ||
        e->by_name || e->plain)
        route->encode_options = e;
    route->status = spec->status ? spec->status : route->response == BRIO_REDIRECT ? 307 : 200;
    check_status(route);
    const char *type = spec->media_type ? spec->media_type : class_type(route->response);
    route->media_type = brio_app_media_type(&app->arena, type);
    if (!brio_app_is_header_value(route->media_type))
        brio_app_wrong(spec, "media_type cannot be a header: %s", type);
}

/* ---- When it answers ---------------------------------------------------------------- */

/* brio_text, brio_html and brio_str are one string each. */
static const brio_str *text_of(const brio_app_route *route, const void *out)
{
    brio_kind kind = route->out->kind;
    return kind == BRIO_KIND_TEXT || kind == BRIO_KIND_HTML || kind == BRIO_KIND_STR ? out : NULL;
}

_Static_assert(sizeof(brio_text) == sizeof(brio_str), "text_of reads them as one");
_Static_assert(sizeof(brio_html) == sizeof(brio_str), "text_of reads them as one");

int brio_app_answer_class(brio_request *req, const void *out)
{
    const brio_app_route *route = req->route;
    if (BRIO_LIKELY(route->response <= BRIO_JSON))
        return 0;
    const brio_str *text = text_of(route, out);
    int status = req->status ? req->status : route->status;
    if (!text)
        return 0;
    if (route->response == BRIO_REDIRECT) {
        brio_app_redirect(req, status, *text);
        return 1;
    }
    if (route->response == BRIO_FILE_RESPONSE)
        return brio_answer_file(
            req, *text,
            &(brio_answer_file_options){.media_type = route->spec.media_type, .status = status});
    brio_app_answer(req, status, req->media_type.len ? req->media_type : route->media_type, *text);
    req->borrows = true;
    return 1;
}
