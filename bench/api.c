/* SPDX-License-Identifier: MIT
 *
 * brio's side of the HTTP benchmark: plain text, a typed GET, a typed POST. */
#include <brio/brio.h>

static int plaintext(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)req, (void)in;
    out->text = BRIO_S("Hello, World!");
    return 0;
}

typedef struct ReadItem {
    int64_t id;
    brio_str *q;
} ReadItem;
BRIO_MODEL(ReadItem, BRIO_PATH(id, .ge = BRIO_NUM(1)), BRIO_QUERY(q, .max_length = 50));

typedef struct Found {
    int64_t id;
    brio_str *q;
} Found;
BRIO_MODEL(Found, BRIO_FIELD(id), BRIO_FIELD(q));

static int read_item(brio_request *req, const ReadItem *in, Found *out)
{
    (void)req;
    *out = (Found){in->id, in->q};
    return 0;
}

/* For TLS: what a body costs. */
static int megabyte(brio_request *req, const brio_none *in, brio_text *out)
{
    static char digits[1000000];
    (void)req, (void)in;
    for (size_t i = 0; i < sizeof digits && !digits[sizeof digits - 1]; i++)
        digits[i] = (char)('0' + i % 10);
    out->text = (brio_str){digits, sizeof digits};
    return 0;
}

typedef struct Item {
    brio_str name;
    double price;
    bool is_offer;
    double *tax;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name, .min_length = 1, .max_length = 50),
           BRIO_FIELD(price, .gt = BRIO_NUM(0)), BRIO_FIELD(is_offer, .def = "false"),
           BRIO_FIELD(tax));

typedef struct CreateItem {
    Item item;
} CreateItem;
BRIO_MODEL(CreateItem, BRIO_BODY(item, Item));

static int create_item(brio_request *req, const CreateItem *in, Item *out)
{
    (void)req;
    *out = in->item;
    return 0;
}

int main(int argc, char **argv)
{
    brio_app *app = brio_app_new(&(brio_app_options){.title = "Benchmark"});
    BRIO_GET(app, "/plaintext", plaintext, brio_none, brio_text);
    BRIO_GET(app, "/megabyte", megabyte, brio_none, brio_text);
    BRIO_GET(app, "/items/{id}", read_item, ReadItem, Found);
    BRIO_POST(app, "/items", create_item, CreateItem, Item);
    return brio_main(app, argc, argv);
}
