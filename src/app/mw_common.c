/* SPDX-License-Identifier: MIT
 *
 * What our middleware has in common: lists in options, and headers that are added
 * to answers of success only. A failure that nothing inside has answered passes
 * through Starlette's middleware without their headers, so through ours as well:
 * who watches an answer is told when there will be none. */
#include "app/mw_common.h"

bool brio_mw_next_item(brio_str *rest, brio_str *ret)
{
    while (rest->len) {
        brio_str_pair cut = brio_str_cut(*rest, ',');
        *rest = cut.tail;
        *ret = brio_str_trim(cut.head);
        if (ret->len)
            return true;
    }
    return false;
}

brio_mw_list brio_mw_split(brio_app *app, const char *text)
{
    brio_mw_list list = {0};
    brio_str item, all = brio_str_copy(&app->arena, brio_str_from(text));
    for (brio_str rest = all; brio_mw_next_item(&rest, &item);)
        list.n++;
    list.items = BRIO_NEW_ARRAY(&app->arena, brio_str, list.n + 1);
    list.n = 0;
    for (brio_str rest = all; brio_mw_next_item(&rest, &item);)
        list.items[list.n++] = item;
    return list;
}

bool brio_mw_has(const brio_mw_list *list, brio_str item)
{
    for (size_t i = 0; i < list->n; i++)
        if (brio_str_eq(list->items[i], item))
            return true;
    return false;
}

brio_str brio_mw_join(brio_app *app, const brio_mw_list *list)
{
    brio_str text = {0};
    for (size_t i = 0; i < list->n; i++)
        text = brio_printf(&app->arena, "%.*s%s%.*s", BRIO_ARG(text), i ? ", " : "",
                           BRIO_ARG(list->items[i]));
    return text;
}

/* ---- Watching ------------------------------------------------------------------ */

typedef struct watch {
    brio_mw_head_fn *fn;
    void *arg;
    bool off;
} watch;

static void on_head(brio_request *req, void *arg)
{
    const watch *w = arg;
    if (!w->off)
        w->fn(req, w->arg);
}

int brio_mw_watch(brio_request *req, brio_next *next, brio_mw_head_fn *fn, void *arg)
{
    watch *w = BRIO_NEW(req->arena, watch);
    *w = (watch){.fn = fn, .arg = arg};
    brio_on_response(req, on_head, w);
    int rc = brio_next_run(req, next);
    w->off = rc < 0;
    return rc;
}

/* ---- Where a request went ---------------------------------------------------------- */

brio_str brio_mw_url(brio_request *req, brio_str scheme, brio_str netloc)
{
    const brio_http_request *http = req->http;
    return brio_printf(req->arena, "%.*s://%.*s%.*s%s%.*s", BRIO_ARG(scheme), BRIO_ARG(netloc),
                       BRIO_ARG(http->path), http->query.len ? "?" : "", BRIO_ARG(http->query));
}
