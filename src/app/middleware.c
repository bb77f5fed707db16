/* SPDX-License-Identifier: MIT
 *
 * Layers around what answers. A chain is a list from the outermost layer in;
 * running it is one call of each layer's function, which calls what is inside
 * through its brio_next, on the request's own stack. */
#include "app/app_internal.h"

struct brio_next {
    const brio_app_layer *layer; /* NULL: the core */
    brio_app_core *core;
    bool raw;   /* of routes: failures are not answered yet */
    bool spent; /* has run */
};

static int run(brio_request *req, brio_next *next)
{
    if (!next->layer)
        return next->core(req);
    brio_next inner = {.layer = next->layer->inner, .core = next->core, .raw = next->raw};
    int rc = next->layer->fn(req, &inner, next->layer->arg);
    if (rc < 0 && !next->raw && req->phase < BRIO_APP_STREAMING)
        rc = brio_app_answer_failure(req, rc); /* its own brio_fail */
    if (rc >= 0 && !req->pending && req->phase < BRIO_APP_STREAMING) {
        brio_app_log(req, BRIO_LOG_ERROR, "a middleware succeeded without an answer");
        return BRIO_EMODEL;
    }
    return rc;
}

int brio_app_run_layers(brio_request *req, const brio_app_layer *layers, brio_app_core *core)
{
    brio_next outermost = {.layer = layers, .core = core};
    return run(req, &outermost);
}

int brio_app_run_route_layers(brio_request *req, const brio_app_layer *layers, brio_app_core *core)
{
    brio_next outermost = {.layer = layers, .core = core, .raw = true};
    return run(req, &outermost);
}

const brio_app_layer *brio_app_layers_join(brio_arena *arena, const brio_app_layer *outer,
                                           const brio_app_layer *inner)
{
    if (!outer)
        return inner;
    brio_app_layer *copy = BRIO_NEW(arena, brio_app_layer);
    *copy = *outer;
    copy->inner = brio_app_layers_join(arena, outer->inner, inner);
    return copy;
}

int brio_next_run(brio_request *req, brio_next *next)
{
    BRIO_ASSERT(!next->spent); /* what is inside runs once at most */
    next->spent = true;
    return run(req, next);
}

void(brio_app_use)(brio_app *app, brio_middleware *fn, void *arg)
{
    BRIO_ASSERT(fn);
    brio_app_layer *layer = BRIO_NEW(&app->arena, brio_app_layer);
    *layer = (brio_app_layer){.inner = app->layers, .fn = fn, .arg = arg};
    app->layers = layer;
}
