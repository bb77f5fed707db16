/* SPDX-License-Identifier: MIT
 *
 * The C side of the types in tools/pydantic_vectors.py, and what the replaying
 * tests share: reading a vector file, and a C value as a dynamic one. */
#ifndef BRIO_VECTOR_MODELS_H
#define BRIO_VECTOR_MODELS_H

#include "harness/test.h"
#include "model/model_internal.h"

typedef enum Color { RED = 1, GREEN, BLUE } Color;
BRIO_ENUM(Color, {RED, "red"}, {GREEN, "green"}, {BLUE, "blue"});

typedef enum Quote { Q_PLAIN, Q_SINGLE, Q_DOUBLE, Q_BOTH, Q_SLASH, Q_ACCENT } Quote;
BRIO_ENUM(Quote, {Q_PLAIN, "a"}, {Q_SINGLE, "it's"}, {Q_DOUBLE, "say \"hi\""}, {Q_BOTH, "\"'"},
          {Q_SLASH, "back\\slash\n"}, {Q_ACCENT, "\xC3\xA9"});

typedef enum Only { ONE = -5 } Only;
BRIO_ENUM(Only, {ONE, "one"});

typedef struct Sub {
    int64_t a;
} Sub;
BRIO_MODEL(Sub, BRIO_FIELD(a), BRIO_CONFIG(.description = "About sub."));
BRIO_LIST_OF(Sub);

typedef struct Item {
    brio_str name;
    double price;
    bool is_offer;
    double *tax;
    brio_str_list tags;
    Sub *sub;
    Sub_list *subs;
    Color color;
} Item;
BRIO_MODEL(Item, BRIO_FIELD(name, .min_length = 1, .max_length = 5),
           BRIO_FIELD(price, .gt = BRIO_NUM(0)), BRIO_FIELD(is_offer, .def = "false"),
           BRIO_FIELD(tax), BRIO_FIELD(tags, .def = "[]"), BRIO_FIELD_AS(sub, Sub),
           BRIO_FIELD_AS(subs, Sub_list), BRIO_FIELD_AS(color, Color, .def = "\"green\""));

typedef struct Strict {
    int64_t a;
    int64_t *b;
    Sub *sub;
} Strict;
BRIO_MODEL(Strict, BRIO_FIELD(a), BRIO_FIELD(b, .required = true), BRIO_FIELD_AS(sub, Sub),
           BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID));

BRIO_LIST_OF(Node);
typedef struct Node {
    int64_t value;
    Node_list children;
} Node;
BRIO_MODEL(Node, BRIO_FIELD(value), BRIO_FIELD_AS(children, Node_list, .def = "[]"));

/* The file `name` of tests/model/vectors, parsed; fails the test if it cannot. */
brio_json vectors_read(brio_arena *arena, const char *name);
/* What `member` of `object` is; fails the test if there is none. */
const brio_json *vectors_get(const brio_json *object, const char *member);
/* The C value at `at`, described by `row`, as a dynamic value. */
brio_json vectors_value_of(brio_arena *arena, const brio_plan_field *row, const void *at);
/* As brio_json_equal, but NaN equals NaN and a float infinity itself. */
bool vectors_equal(const brio_json *a, const brio_json *b);

#endif
