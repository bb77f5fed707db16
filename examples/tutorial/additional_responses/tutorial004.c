/* SPDX-License-Identifier: MIT
 *
 * Answers that several routes share are a macro, or a function. */
#include <brio/brio.h>

#define COMMON_RESPONSES                                                                           \
    {404, .description = "Item not found"}, {302, .description = "The item was moved"},            \
    {                                                                                              \
        403, .description = "Not enough privileges"                                                \
    }

typedef struct Item {
    brio_str id, value;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(id), BRIO_FIELD(value));

typedef struct ReadItem {
    brio_str item_id;
    bool *img;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(item_id), BRIO_QUERY(img));

static int read_item(brio_request *req, const ReadItem *in, Item *out)
{
    if (in->img && *in->img)
        return brio_answer_file(req, BRIO_S("image.png"),
                                &(brio_answer_file_options){.media_type = "image/png"});
    *out = (Item){BRIO_S("foo"), BRIO_S("there goes my hero")};
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/{item_id}", read_item, ReadItem, Item,
             .responses = BRIO_RESPONSES(COMMON_RESPONSES,
                                         {200, .content = BRIO_JSON_TEXT({"image/png": {}})}));
}
