/* SPDX-License-Identifier: MIT
 *
 * Clients that do not say what they send: their bodies are JSON, too. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    double price;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(price));

static int create_item(brio_request *req, const Item *item, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Item), item);
}

BRIO_MAIN(.lax_content_type = true)
{
    BRIO_POST(app, "/items/", create_item, Item, brio_json);
}
