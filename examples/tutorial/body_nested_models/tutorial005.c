/* SPDX-License-Identifier: MIT
 *
 * A URL is a type of its own. */
#include <brio/brio.h>

typedef struct Image {
    brio_http_url url;
    brio_str name;
} Image;
BRIO_MODEL(Image, BRIO_FIELD(url), BRIO_FIELD(name));

typedef struct Item {
    brio_str name;
    brio_str *description;
    double price;
    double *tax;
    brio_str_list tags;
    Image *image;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax),
           BRIO_FIELD(tags, .as = BRIO_SET, .def = "[]"), BRIO_FIELD_AS(image, Image));

typedef struct UpdateItem {
    int64_t item_id;
    Item item;
} UpdateItem;
BRIO_MODEL(UpdateItem, BRIO_PATH(item_id), BRIO_BODY(item, Item));

static int update_item(brio_request *req, const UpdateItem *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "item_id", in->item_id, "item", BRIO_AS(Item, &in->item));
    return 0;
}

BRIO_MAIN()
{
    BRIO_PUT(app, "/items/{item_id}", update_item, UpdateItem, brio_json);
}
