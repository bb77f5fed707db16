/* SPDX-License-Identifier: MIT
 *
 * A struct becomes JSON to keep it somewhere. */
#include <brio/brio.h>

static brio_buf fake_db; /* one JSON text a line */

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
    brio_buf_char(&fake_db, '\n');
    return brio_encode(&fake_db, BRIO_TYPE(Item), &in->item, NULL);
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{id}", update_item, UpdateItem, brio_json);
}
