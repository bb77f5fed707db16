/* SPDX-License-Identifier: MIT
 *
 * brio's side of the framework benchmark: nested dependencies, bodies of 1 KB
 * and 100 KB into models, a list of 1 MB, an upload, and with ROUTES=n in the
 * environment n routes more. The peers beside this file answer the same. */
#include <brio/brio.h>

#include <stdio.h>
#include <stdlib.h>

enum { UPLOAD_MAX = 16 << 20, PRODUCTS = 10000, PATH_SIZE = 40 };

/* ---- Five dependencies, each of the one before ---------------------------- */

typedef struct Asked {
    brio_str *q;
    int64_t limit;
} Asked;
BRIO_MODEL(Asked, BRIO_QUERY(q, .max_length = 50),
           BRIO_QUERY(limit, .def = "100", .ge = BRIO_NUM(1), .le = BRIO_NUM(1000)));

typedef struct Chain {
    brio_str *q;
    int64_t limit, depth;
} Chain;
BRIO_MODEL(Chain, BRIO_FIELD(q), BRIO_FIELD(limit), BRIO_FIELD(depth));

static int one(brio_request *req, const Asked *in, Chain *out)
{
    (void)req;
    *out = (Chain){in->q, in->limit, 1};
    return 0;
}
BRIO_PROVIDER(one, Asked, Chain);

/* A provider that adds one to what the one before it gave. */
#define LINK(name, Before, before)                                                                 \
    typedef struct Before {                                                                        \
        Chain before;                                                                              \
    } Before;                                                                                      \
    BRIO_MODEL(Before, BRIO_DEPENDS(before, before));                                              \
    static int name(brio_request *req, const Before *in, Chain *out)                               \
    {                                                                                              \
        (void)req;                                                                                 \
        *out = in->before;                                                                         \
        out->depth++;                                                                              \
        return 0;                                                                                  \
    }                                                                                              \
    BRIO_PROVIDER(name, Before, Chain)
LINK(two, OfOne, one);
LINK(three, OfTwo, two);
LINK(four, OfThree, three);
LINK(five, OfFour, four);

typedef struct OfFive {
    Chain five;
} OfFive;
BRIO_MODEL(OfFive, BRIO_DEPENDS(five, five));

static int read_chain(brio_request *req, const OfFive *in, Chain *out)
{
    (void)req;
    *out = in->five;
    return 0;
}

/* ---- Bodies ------------------------------------------------------------------ */

BRIO_DICT(Attributes, brio_str, brio_str);

typedef struct Line {
    brio_str sku, name;
    int64_t quantity;
    double price;
    double *discount;
    brio_str_list tags;
    Attributes attributes;
} Line;
BRIO_MODEL(Line, BRIO_FIELD(sku, .min_length = 1, .max_length = 32),
           BRIO_FIELD(name, .min_length = 1, .max_length = 80),
           BRIO_FIELD(quantity, .ge = BRIO_NUM(1), .le = BRIO_NUM(1000)),
           BRIO_FIELD(price, .gt = BRIO_NUM(0)),
           BRIO_FIELD(discount, .ge = BRIO_NUM(0), .le = BRIO_NUM(1)), BRIO_FIELD(tags),
           BRIO_FIELD_AS(attributes, Attributes));
BRIO_LIST_OF(Line);

typedef struct Customer {
    brio_str name, email;
    bool vip;
} Customer;
BRIO_MODEL(Customer, BRIO_FIELD(name, .min_length = 1, .max_length = 50),
           BRIO_FIELD(email, .min_length = 3, .max_length = 100), BRIO_FIELD(vip, .def = "false"));

typedef struct Order {
    int64_t id;
    brio_datetime placed_at;
    Customer customer;
    Line_list lines;
    brio_str *note;
} Order;
BRIO_MODEL(Order, BRIO_FIELD(id, .ge = BRIO_NUM(1)), BRIO_FIELD_AS(placed_at, brio_datetime),
           BRIO_FIELD_AS(customer, Customer), BRIO_FIELD_AS(lines, Line_list, .min_length = 1),
           BRIO_FIELD(note, .max_length = 500));

typedef struct NewOrder {
    Order order;
} NewOrder;
BRIO_MODEL(NewOrder, BRIO_BODY(order, Order));

typedef struct Placed {
    int64_t id, lines;
    double total;
} Placed;
BRIO_MODEL(Placed, BRIO_FIELD(id), BRIO_FIELD(lines), BRIO_FIELD(total));

static int place_order(brio_request *req, const NewOrder *in, Placed *out)
{
    (void)req;
    const Line_list *lines = &in->order.lines;
    *out = (Placed){in->order.id, (int64_t)lines->len, 0};
    for (size_t i = 0; i < lines->len; i++)
        out->total += lines->items[i].price * (double)lines->items[i].quantity;
    return 0;
}

/* ---- A list of 1 MB ------------------------------------------------------------ */

typedef struct Product {
    int64_t id;
    brio_str name;
    double price;
    bool active;
    double *score;
    brio_str_list tags;
} Product;
BRIO_MODEL(Product, BRIO_FIELD(id), BRIO_FIELD(name), BRIO_FIELD(price), BRIO_FIELD(active),
           BRIO_FIELD(score), BRIO_FIELD(tags));
BRIO_LIST_OF(Product);

typedef struct Store {
    Product products[PRODUCTS];
    brio_str tags[3];
    double scores[PRODUCTS];
    char names[PRODUCTS][PATH_SIZE];
} Store;

static void make_products(Store *store)
{
    store->tags[0] = BRIO_S("new");
    store->tags[1] = BRIO_S("sale");
    store->tags[2] = BRIO_S("kitchen");
    for (size_t i = 0; i < PRODUCTS; i++) {
        Product *p = &store->products[i];
        snprintf(store->names[i], PATH_SIZE, "Stainless kettle %zu", i);
        store->scores[i] = (double)(i % 100) * 0.25;
        *p = (Product){.id = (int64_t)i + 1,
                       .name = brio_str_from(store->names[i]),
                       .price = (double)(i % 1000 + 1) * 0.25,
                       .active = i % 4 != 0,
                       .score = i % 3 == 0 ? &store->scores[i] : NULL,
                       .tags = {store->tags, i % 4}};
    }
}

static int read_products(brio_request *req, const brio_none *in, Product_list *out)
{
    (void)in;
    Store *store = brio_request_state(req);
    *out = (Product_list){store->products, PRODUCTS};
    return 0;
}

/* ---- An upload -------------------------------------------------------------------- */

typedef struct Upload {
    brio_upload file;
} Upload;
BRIO_MODEL(Upload, BRIO_FILE(file, brio_upload));

typedef struct Uploaded {
    brio_str filename;
    uint64_t size;
} Uploaded;
BRIO_MODEL(Uploaded, BRIO_FIELD(filename), BRIO_FIELD(size));

static int upload(brio_request *req, const Upload *in, Uploaded *out)
{
    (void)req;
    *out = (Uploaded){in->file.filename, in->file.size};
    return 0;
}

/* ---- Many routes -------------------------------------------------------------------- */

typedef struct ReadThing {
    int64_t id;
    brio_str *q;
} ReadThing;
BRIO_MODEL(ReadThing, BRIO_PATH(id, .ge = BRIO_NUM(1)), BRIO_QUERY(q, .max_length = 50));

typedef struct Thing {
    int64_t id;
    brio_str *q;
} Thing;
BRIO_MODEL(Thing, BRIO_FIELD(id), BRIO_FIELD(q));

typedef struct ReadThings {
    brio_str *q;
} ReadThings;
BRIO_MODEL(ReadThings, BRIO_QUERY(q, .max_length = 50));

static int read_things(brio_request *req, const ReadThings *in, Thing *out)
{
    (void)req;
    *out = (Thing){0, in->q};
    return 0;
}

static int read_thing(brio_request *req, const ReadThing *in, Thing *out)
{
    (void)req;
    *out = (Thing){in->id, in->q};
    return 0;
}

/* Every other one has a parameter; routes keep their path's text. */
static void add_routes(brio_app *app, unsigned n)
{
    char(*paths)[PATH_SIZE] = calloc(n, sizeof *paths);
    if (!paths)
        exit(1);
    for (unsigned i = 0; i < n; i++) {
        snprintf(paths[i], PATH_SIZE, "/group%u/things%u%s", i / 20, i, i % 2 ? "/{id}" : "");
        if (i % 2)
            BRIO_GET(app, paths[i], read_thing, ReadThing, Thing);
        else
            BRIO_GET(app, paths[i], read_things, ReadThings, Thing);
    }
}

int main(int argc, char **argv)
{
    static Store store;
    make_products(&store);
    brio_app *app = brio_app_new(&(brio_app_options){.title = "Benchmark", .state = &store});
    BRIO_GET(app, "/chain", read_chain, OfFive, Chain);
    BRIO_POST(app, "/orders", place_order, NewOrder, Placed);
    BRIO_GET(app, "/products", read_products, brio_none, Product_list);
    BRIO_POST(app, "/upload", upload, Upload, Uploaded, .body_limit = UPLOAD_MAX);
    const char *routes = getenv("ROUTES");
    if (routes)
        add_routes(app, (unsigned)strtoul(routes, NULL, 10));
    return brio_main(app, argc, argv);
}
