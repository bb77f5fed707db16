/* SPDX-License-Identifier: MIT
 *
 * Shared by the middleware of this room. */
#ifndef BRIO_APP_MW_COMMON_H
#define BRIO_APP_MW_COMMON_H

#include "app/outgoing.h"

#include <brio/layers.h>

typedef struct brio_mw_list {
    brio_str *items;
    size_t n;
} brio_mw_list;

/* The next item of a list in text, trimmed; empty ones are passed over. */
bool brio_mw_next_item(brio_str *rest, brio_str *ret);
/* All of them, in the app's arena; NULL text is an empty list. */
brio_mw_list brio_mw_split(brio_app *app, const char *text);
bool brio_mw_has(const brio_mw_list *list, brio_str item);
/* With ", " between. */
brio_str brio_mw_join(brio_app *app, const brio_mw_list *list);

/* Runs what is inside; fn(req, arg) is called right before the head of its answer
 * goes out, if it has one. */
typedef void brio_mw_head_fn(brio_request *req, void *arg);
int brio_mw_watch(brio_request *req, brio_next *next, brio_mw_head_fn *fn, void *arg) BRIO_CHECKED;

/* The request's URL elsewhere. */
brio_str brio_mw_url(brio_request *req, brio_str scheme, brio_str netloc);

#endif
