/* SPDX-License-Identifier: MIT
 *
 * Lists of them, nested. */
#include <brio/brio.h>

BRIO_LIST_OF(Item);
BRIO_LIST_OF(Author);

typedef struct Item {
    brio_str name;
    brio_str *description;
} Item;
BRIO_DATACLASS(Item, BRIO_FIELD(name), BRIO_FIELD(description));

static void no_items(brio_arena *arena, void *out)
{
    *(Item_list *)out = (Item_list){0};
}

typedef struct Author {
    brio_str name;
    Item_list items;
} Author;
BRIO_DATACLASS(Author, BRIO_FIELD(name), BRIO_FIELD_AS(items, Item_list, .factory = no_items));

typedef struct CreateAuthorItems {
    brio_str author_id;
    Item_list items;
} CreateAuthorItems;
BRIO_MODEL(CreateAuthorItems, BRIO_PATH(author_id), BRIO_BODY(items, Item_list));

static int create_author_items(brio_request *req, const CreateAuthorItems *in, Author *out)
{
    *out = (Author){in->author_id, in->items};
    return 0;
}

static int get_authors(brio_request *req, const brio_none *in, Author_list *out)
{
    brio_json authors = BRIO_JSON([
        {
            "name": "Breaters",
            "items": [
                {"name": "Island In The Moon", "description": "A place to be playin' and havin' fun"},
                {"name": "Holy Buddies"}
            ]
        },
        {
            "name": "System of an Up",
            "items": [
                {"name": "Salt", "description": "The kombucha mushroom people's favorite"},
                {"name": "Pad Thai"},
                {"name": "Lonely Night", "description": "The mostests lonliest nightiest of allest"}
            ]
        }
    ]);
    return brio_from_json(brio_request_arena(req), BRIO_TYPE(Author_list), &authors, out);
}

BRIO_MAIN()
{
    BRIO_POST(app, "/authors/{author_id}/items/", create_author_items, CreateAuthorItems, Author);
    BRIO_GET(app, "/authors/", get_authors, brio_none, Author_list, .run = BRIO_BLOCKING);
}
