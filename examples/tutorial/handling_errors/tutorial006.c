/* SPDX-License-Identifier: MIT
 *
 * Handlers of one's own that end in the ready-made ones. */
#include <brio/brio.h>

#include <stdio.h>

static int custom_http_exception_handler(brio_request *req, const brio_exception *f)
{
    printf("OMG! An HTTP error!: %d\n", f->status);
    return brio_http_error_answer(req, f);
}

static int validation_exception_handler(brio_request *req, const brio_exception *f)
{
    printf("OMG! The client sent invalid data!: %zu problems\n", f->problems->count);
    return brio_invalid_answer(req, f);
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
    brio_app_on_http_error(app, custom_http_exception_handler);
    brio_app_on_invalid(app, validation_exception_handler);
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, brio_json);
}
