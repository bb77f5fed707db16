/* SPDX-License-Identifier: MIT
 *
 * One as the answer, with a default that is made. */
#include <brio/brio.h>

static void no_tags(brio_arena *arena, void *out)
{
    *(brio_str_list *)out = (brio_str_list){0};
}

typedef struct Item {
    brio_str name;
    double price;
    brio_str_list tags;
    brio_str *description;
    double *tax;
} Item;
BRIO_DATACLASS(Item, BRIO_FIELD(name), BRIO_FIELD(price), BRIO_FIELD(tags, .factory = no_tags),
               BRIO_FIELD(description), BRIO_FIELD(tax));

static int read_next_item(brio_request *req, const brio_none *in, Item *out)
{
    static brio_str description = BRIO_S_INIT("A place to be playin' and havin' fun");
    static brio_str tags[] = {BRIO_S_INIT("breater")};
    *out = (Item){BRIO_S("Island In The Moon"), 12.99, {tags, 1}, &description, NULL};
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/items/next", read_next_item, brio_none, Item);
}
