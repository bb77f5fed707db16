/* SPDX-License-Identifier: MIT
 *
 * The answer made by hand from the model: skips the output's checks. */
#include <brio/brio.h>

typedef struct Item {
    brio_str title;
    brio_datetime timestamp;
    brio_str *description;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(title), BRIO_FIELD(timestamp), BRIO_FIELD(description));

typedef struct UpdateItem {
    brio_str id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(id), BRIO_BODY(item, Item));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Item), &in->item);
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{id}", update_item, UpdateItem, brio_json, .run = BRIO_BLOCKING);
}
