/* SPDX-License-Identifier: MIT
 *
 * Operations that the app does not serve and its document tells of: callbacks of
 * a route, by name and runtime expression, and webhooks, by name. */
#include "app/docs_internal.h"

/* {path: {method: operation}} of one. */
static void put_item(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_key(&doc->w, route->path.format);
    brio_json_begin(&doc->w, '{');
    brio_json_key(&doc->w, brio_app_operation_method(doc->scratch, route));
    brio_app_openapi_operation(doc, route);
    brio_json_end(&doc->w, '}');
}

void brio_app_openapi_callbacks(brio_app_document *doc, const brio_app_route *route)
{
    const brio_app_route *described = brio_app_described(route->spec.callbacks);
    if (!described)
        return;
    brio_json_key(&doc->w, BRIO_S("callbacks"));
    brio_json_begin(&doc->w, '{');
    for (; described; described = described->next) {
        brio_json_key(&doc->w, brio_str_from(described->spec.name));
        brio_json_begin(&doc->w, '{');
        put_item(doc, described);
        brio_json_end(&doc->w, '}');
    }
    brio_json_end(&doc->w, '}');
}

void brio_app_openapi_webhooks(brio_app_document *doc, const brio_app *app)
{
    const brio_app_route *described = brio_app_described(app->webhooks);
    if (!described)
        return;
    brio_json_key(&doc->w, BRIO_S("webhooks"));
    brio_json_begin(&doc->w, '{');
    for (; described; described = described->next)
        put_item(doc, described);
    brio_json_end(&doc->w, '}');
}
