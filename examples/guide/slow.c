/* SPDX-License-Identifier: MIT
 *
 * `def` against `async def`. A blocking handler occupies a thread of the pool
 * for its three seconds; a coroutine occupies nothing, and three of them
 * gathered take the time of one. */
#include "guide.h"

#include <unistd.h>

static int sync_slow_endpoint(brio_request *req, const brio_none *in, Message *out)
{
    (void)req, (void)in;
    sleep(3); /* blocks this thread; the loop stays free */
    out->message = BRIO_S("Traitement sync terminé");
    return 0;
}

static int async_slow_endpoint(brio_request *req, const brio_none *in, Message *out)
{
    (void)req, (void)in;
    int rc = brio_sleep(BRIO_SEC(3)); /* others are served meanwhile */
    if (rc < 0)
        return rc;
    out->message = BRIO_S("Traitement async terminé");
    return 0;
}

typedef struct operation {
    brio_arena *arena;
    size_t number;
    brio_str *result;
} operation;

static void finish(const operation *op)
{
    *op->result = brio_printf(op->arena, "Tâche %zu terminée", op->number);
}

static int one_second(void *arg)
{
    int rc = brio_sleep(BRIO_SEC(1));
    if (rc < 0)
        return rc;
    finish(arg);
    return 0;
}

static int sync_multiple(brio_request *req, const brio_none *in, Results *out)
{
    (void)in;
    brio_arena *arena = brio_request_arena(req);
    out->results = (brio_str_list){BRIO_NEW_ARRAY(arena, brio_str, 3), 3};
    for (size_t i = 0; i < 3; i++) {
        sleep(1);
        finish(&(operation){arena, i + 1, &out->results.items[i]});
    }
    out->duration = BRIO_S("3 secondes");
    return 0;
}

static int async_multiple(brio_request *req, const brio_none *in, Results *out)
{
    (void)in;
    brio_arena *arena = brio_request_arena(req);
    brio_str *r = BRIO_NEW_ARRAY(arena, brio_str, 3);
    operation ops[] = {{arena, 1, &r[0]}, {arena, 2, &r[1]}, {arena, 3, &r[2]}};
    int rc = brio_gather(BRIO_CALL(one_second, &ops[0]), BRIO_CALL(one_second, &ops[1]),
                         BRIO_CALL(one_second, &ops[2]));
    if (rc < 0)
        return rc;
    out->results = (brio_str_list){r, 3};
    out->duration = BRIO_S("1 seconde");
    return 0;
}

void guide_add_slow(brio_app *app)
{
    BRIO_GET(app, "/sync-slow", sync_slow_endpoint, brio_none, Message, .run = BRIO_BLOCKING,
             .description = "A `def` route: three seconds on a thread of the pool.");
    BRIO_GET(app, "/async-slow", async_slow_endpoint, brio_none, Message,
             .description = "An `async def` route: three seconds that cost nothing.");
    BRIO_GET(app, "/sync-multiple", sync_multiple, brio_none, Results, .run = BRIO_BLOCKING,
             .description = "Three operations one after the other: three seconds.");
    BRIO_GET(app, "/async-multiple", async_multiple, brio_none, Results,
             .description = "Three operations gathered: one second.");
}
