/* SPDX-License-Identifier: MIT
 *
 * Two structs in one body, keyed by their names. */
#include <brio/brio.h>

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax));

typedef struct User {
    brio_str username;
    brio_str *full_name;
} User;
BRIO_MODEL(User, BRIO_FIELD(username), BRIO_FIELD(full_name));

typedef struct UpdateItem {
    int64_t item_id;
    Item item;
    User user;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id), BRIO_BODY(item, Item), BRIO_BODY(user, User));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "item", BRIO_AS(Item, &in->item), "user",
                       BRIO_AS(User, &in->user));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
