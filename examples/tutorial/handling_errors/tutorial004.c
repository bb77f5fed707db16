/* SPDX-License-Identifier: MIT
 *
 * Both default answers replaced by plain text. */
#include <brio/brio.h>

static int http_exception_handler(brio_request *req, const brio_exception *f)
{
    return brio_answer_text(req, f->status, f->detail.str);
}

static int validation_exception_handler(brio_request *req, const brio_exception *f)
{
    brio_arena *arena = brio_request_arena(req);
    brio_str message = BRIO_S("Validation errors:");
    for (const brio_problem *p = f->problems->first; p; p = p->next)
        message =
            brio_printf(arena, "%.*s\nField: ('%.*s', '%.*s'), Error: %.*s", BRIO_ARG(message),
                        BRIO_ARG(p->loc->up->name), BRIO_ARG(p->loc->name), BRIO_ARG(p->msg));
    return brio_answer_text(req, 400, message);
}

typedef struct ReadItem {
    int64_t item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ReadItem *in, brio_json *out)
{
    if (in->item_id == 3)
        return brio_fail(req, 418, "Nope! I don't like 3.");
    *out = BRIO_OBJECT(req, "item_id", in->item_id);
    return 0;
}

BRIO_MAIN()
{
    brio_app_on_http_error(app, http_exception_handler);
    brio_app_on_invalid(app, validation_exception_handler);
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, brio_json);
}
