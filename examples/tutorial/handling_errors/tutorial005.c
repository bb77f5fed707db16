/* SPDX-License-Identifier: MIT
 *
 * The answer to invalid input, with the body that was sent. */
#include <brio/brio.h>

static int validation_exception_handler(brio_request *req, const brio_exception *f)
{
    return brio_answer_json(
        req, 422, BRIO_OBJECT(req, "detail", brio_exception_errors(req, f), "body", f->body));
}

typedef struct Item {
    brio_str title;
    int64_t size;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(title), BRIO_FIELD(size));

static int create_item(brio_request *req, const Item *item, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Item), item);
}

BRIO_MAIN()
{
    brio_app_on_invalid(app, validation_exception_handler);
    BRIO_POST(app, "/items/", create_item, Item, brio_json);
}
