/* SPDX-License-Identifier: MIT
 *
 * Lists in structs in lists in a struct. */
#include <brio/brio.h>

BRIO_LIST_OF(Image);
BRIO_LIST_OF(Item);

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
    Image_list *images;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price), BRIO_FIELD(tax),
           BRIO_FIELD(tags, .as = BRIO_SET, .def = "[]"), BRIO_FIELD_AS(images, Image_list));

typedef struct Offer {
    brio_str name;
    brio_str *description;
    double price;
    Item_list items;
} Offer;
BRIO_MODEL(Offer, BRIO_FIELD(name), BRIO_FIELD(description), BRIO_FIELD(price),
           BRIO_FIELD_AS(items, Item_list));

static int create_offer(brio_request *req, const Offer *offer, brio_json *out)
{
    return brio_answer_model(req, 200, BRIO_TYPE(Offer), offer);
}

BRIO_MAIN()
{
    BRIO_POST(app, "/offers/", create_offer, Offer, brio_json);
}
