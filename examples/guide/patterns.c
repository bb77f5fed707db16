/* SPDX-License-Identifier: MIT
 *
 * Time limits, semaphores and errors that do not stop the others. */
#include "guide.h"

#include <errno.h>

/* /with-timeout/ answers with one of two shapes; absent members are left out
 * by writing the value as dynamic JSON. */
static int slow_operation(void *arg)
{
    (void)arg;
    return brio_sleep(BRIO_SEC(10));
}

static brio_json object(brio_arena *arena, const brio_json_member *members, uint32_t n)
{
    brio_json_member *copy = BRIO_NEW_ARRAY(arena, brio_json_member, n);
    memcpy(copy, members, n * sizeof *members);
    return (brio_json){.type = BRIO_JSON_OBJECT, .n = n, .members = copy};
}

static int endpoint_with_timeout(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)in;
    brio_arena *arena = brio_request_arena(req);
    int rc = brio_wait_for(slow_operation, NULL, BRIO_SEC(5));
    if (rc == -ETIMEDOUT)
        *out = object(arena,
                      (brio_json_member[]){
                          {BRIO_S("error"), brio_json_from_str(BRIO_S("Opération trop lente"))},
                          {BRIO_S("timeout"), brio_json_from_str(BRIO_S("5s"))}},
                      2);
    else if (rc < 0)
        return rc;
    else
        *out = object(
            arena, (brio_json_member[]){{BRIO_S("result"), brio_json_from_str(BRIO_S("Terminé"))}},
            1);
    return 0;
}

/* At most three at a time, over all requests of this worker. */
static brio_semaphore three;

typedef struct work {
    brio_arena *arena;
    brio_str data;
    brio_str *result;
} work;

static int limited_operation(void *arg)
{
    work *w = arg;
    int rc = brio_semaphore_acquire(&three);
    if (rc < 0)
        return rc;
    rc = brio_sleep(BRIO_SEC(1));
    brio_semaphore_release(&three);
    if (rc < 0)
        return rc;
    *w->result = brio_printf(w->arena, "Processed: %.*s", BRIO_ARG(w->data));
    return 0;
}

typedef struct Batch {
    brio_str_list items;
} Batch;
BRIO_MODEL(Batch, BRIO_BODY(items, brio_str_list, .max_length = 1000));

typedef struct BatchResults {
    brio_str_list results;
} BatchResults;
BRIO_MODEL(BatchResults, BRIO_FIELD(results));

static int batch_process(brio_request *req, const Batch *in, BatchResults *out)
{
    brio_arena *arena = brio_request_arena(req);
    size_t n = in->items.len;
    work *all = BRIO_NEW_ARRAY(arena, work, n);
    out->results = (brio_str_list){BRIO_NEW_ARRAY(arena, brio_str, n), n};
    for (size_t i = 0; i < n; i++)
        all[i] = (work){arena, in->items.items[i], &out->results.items[i]};
    return brio_gather_map(limited_operation, all, n, sizeof *all);
}

void guide_add_patterns(brio_app *app)
{
    brio_semaphore_init(&three, 3);
    BRIO_GET(app, "/with-timeout/", endpoint_with_timeout, brio_none, brio_json,
             .description = "A limit of five seconds on an operation of ten.");
    BRIO_POST(app, "/batch-process/", batch_process, Batch, BatchResults,
              .description = "However many items, at most three at a time.");
}
