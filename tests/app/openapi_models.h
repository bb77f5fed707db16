/* SPDX-License-Identifier: MIT
 *
 * The C side of the models in tools/fastapi_openapi.py, and the comparison of
 * an app's document with the one that FastAPI made of the same app. */
#ifndef BRIO_OPENAPI_MODELS_H
#define BRIO_OPENAPI_MODELS_H

#include "app/docs_internal.h"
#include "harness/test.h"

typedef enum Color { RED = 1, GREEN } Color;
BRIO_ENUM(Color, {RED, "red"}, {GREEN, "green"});

typedef struct Maker {
    brio_str name;
    brio_str *country;
} Maker;
BRIO_MODEL(Maker, BRIO_FIELD(name), BRIO_FIELD(country));
BRIO_LIST_OF(Maker);

typedef struct Item {
    brio_str name;
    double price;
    bool is_offer;
    double *tax;
    Color color;
    Maker *maker;
    brio_str_list tags;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name, .min_length = 1, .max_length = 50),
           BRIO_FIELD(price, .gt = BRIO_NUM(0)), BRIO_FIELD(is_offer, .def = "false"),
           BRIO_FIELD(tax), BRIO_FIELD_AS(color, Color, .def = "\"green\""),
           BRIO_FIELD_AS(maker, Maker), BRIO_FIELD(tags, .def = "[]", .max_length = 8));
BRIO_LIST_OF(Item);

BRIO_LIST_OF(Node);
typedef struct Node {
    int64_t value;
    Node_list children;
} Node;
BRIO_MODEL(Node, BRIO_FIELD(value), BRIO_FIELD_AS(children, Node_list, .def = "[]"));

/* Fails the test unless the document of `app`, as fetched below its root path,
 * is that of tests/data/openapi/NAME.json. Frees the app. */
void openapi_expect(brio_app *app, const char *name);
/* The document, parsed into `arena`. */
brio_json openapi_of(brio_app *app, brio_arena *arena);
/* Does nothing; its address is no handler's that a request may reach. */
#define OPENAPI_HANDLER(name, In, Out)                                                             \
    static int name(brio_request *req, const In *in, Out *out)                                     \
    {                                                                                              \
        (void)req, (void)in, (void)out;                                                            \
        return 0;                                                                                  \
    }

#endif
