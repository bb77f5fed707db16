/* SPDX-License-Identifier: MIT
 *
 * What the document says of each answer: model, words, an example. */
#include <brio/brio.h>

typedef struct Item {
    brio_str id, value;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(id), BRIO_FIELD(value));

typedef struct Message {
    brio_str message;
} Message;
BRIO_MODEL(Message, BRIO_FIELD(message));

typedef struct ReadItem {
    brio_str item_id;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id));

static int read_item(brio_request *req, const ReadItem *in, Item *out)
{
    if (!brio_str_eq(in->item_id, BRIO_S("foo")))
        return brio_answer_json(req, 404, BRIO_JSON({"message": "Item not found"}));
    *out = (Item){BRIO_S("foo"), BRIO_S("there goes my hero")};
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item,
             .responses = BRIO_RESPONSES(
                 {404, .model = Message_model, .description = "The item was not found"},
                 {200, .description = "Item requested by ID",
                  .content = BRIO_JSON_TEXT({"application/json": {"example": {"id": "bar", "value": "The bar tenders"}}})}));
}
