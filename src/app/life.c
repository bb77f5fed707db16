/* SPDX-License-Identifier: MIT
 *
 * What lives as long as the app: the results of providers of scope
 * BRIO_PER_APP, made once behind the startup hooks, in the order in which they
 * need each other, and ended newest first before the shutdown hooks. They are
 * made in a request of their own, which has no client and reads nothing. */
#include "app/binding.h"

#include <stdlib.h>

static const size_t life_arena_limit = (size_t)64 << 20;

typedef struct life {
    brio_request req;
    brio_exchange ex;
    brio_http_request http;
    brio_arena arena;
} life;

static void take_gifts(const brio_app_single *single, void *in)
{
    for (size_t i = 0; i < single->n_gifts; i++) {
        const brio_app_gift *gift = &single->gifts[i];
        void *member = (char *)in + gift->offset;
        if (gift->shared)
            memcpy(member, &gift->single->value, sizeof gift->single->value);
        else
            memcpy(member, gift->single->value, gift->size);
    }
}

static int make(brio_request *req, brio_app_single *single)
{
    void *in = brio_app_input_new(req, &single->input);
    void *out = brio_calloc(req->arena, 1, single->provider->size);
    brio_app_call call = {.provider = single->provider};
    take_gifts(single, in);
    int rc = brio_app_call_provider(req, &call, in, out);
    if (rc < 0)
        return brio_error(rc, "dependency \"%s\" could not be made", single->provider->name);
    single->value = out;
    return 0;
}

static life *life_new(brio_app *app)
{
    life *l = brio_zalloc(1, sizeof *l);
    BRIO_ASSERT(l);
    brio_arena_init(&l->arena, life_arena_limit);
    l->ex = (brio_exchange){.http = &l->http, .arena = &l->arena, .request = &l->req};
    l->req = (brio_request){.app = app,
                            .ex = &l->ex,
                            .arena = &l->arena,
                            .http = &l->http,
                            .phase = BRIO_APP_HANDLING,
                            .background_end = &l->req.background};
    return l;
}

int brio_app_life_begin(brio_app *app)
{
    BRIO_ASSERT(!app->life);
    if (!app->singles)
        return 0;
    app->life = &life_new(app)->req;
    for (brio_app_single *single = app->singles; single; single = single->next) {
        int rc = make(app->life, single);
        if (rc < 0) {
            brio_app_life_end(app);
            return rc;
        }
    }
    return 0;
}

void brio_app_life_end(brio_app *app)
{
    if (!app->life)
        return;
    life *l = BRIO_CONTAINER(app->life, life, req);
    l->req.outcome = 0;
    l->req.phase = BRIO_APP_ANSWERED; /* failures are logged */
    brio_defer_unwind(&l->arena, NULL);
    for (brio_app_single *single = app->singles; single; single = single->next)
        single->value = NULL;
    brio_arena_fini(&l->arena);
    app->life = NULL;
    free(l);
}
