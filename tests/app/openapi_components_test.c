/* SPDX-License-Identifier: MIT
 *
 * Components of the document against FastAPI's: all that a field can say,
 * models that contain themselves, and what happens to names used twice. */
#include "app/openapi_models.h"

#include <errno.h>

/* ---- Models ---------------------------------------------------------------------- */

typedef struct Strict {
    int64_t item_id;
    brio_json anything;
    brio_str code;
    int64_t *even;
    brio_str *must;
    Maker_list makers;
    Color *color;
} Strict;
BRIO_MODEL(Strict,
           BRIO_FIELD(item_id, .alias = "itemId", .ge = BRIO_NUM(1), .le = BRIO_NUM(9),
                      .title = "The Id", .description = "counts", .examples = "[1,2]",
                      .deprecated = true),
           BRIO_FIELD(anything), BRIO_FIELD(code, .pattern = "^[a-z]+$"),
           BRIO_FIELD(even, .def = "4", .multiple_of = BRIO_NUM(2), .lt = BRIO_NUM(100)),
           BRIO_FIELD(must, .required = true), BRIO_FIELD_AS(makers, Maker_list, .min_length = 1),
           BRIO_FIELD_AS(color, Color),
           BRIO_CONFIG(.title = "A Strict One", .description = "Nothing else is taken.",
                       .examples = "[{\"itemId\":1}]", .extra = BRIO_EXTRA_FORBID));

typedef struct Tree {
    Node root;
    brio_str *name;
} Tree;
BRIO_MODEL(Tree, BRIO_FIELD_AS(root, Node), BRIO_FIELD(name));
BRIO_LIST_OF(Tree);

typedef struct Forest {
    Tree_list trees;
} Forest;
BRIO_MODEL(Forest, BRIO_FIELD_AS(trees, Tree_list));

typedef struct Link Link;
struct Link {
    Link *next;
};
static const brio_model *Link_model(void);
BRIO_MODEL(Link, BRIO_FIELD_AS(next, Link));

typedef struct StrictIn {
    Strict body;
} StrictIn;
BRIO_MODEL(StrictIn, BRIO_BODY(body, Strict));
typedef struct NodeIn {
    Node body;
} NodeIn;
BRIO_MODEL(NodeIn, BRIO_BODY(body, Node));
typedef struct TreeIn {
    Tree tree;
} TreeIn;
BRIO_MODEL(TreeIn, BRIO_BODY(tree, Tree));
typedef struct TreesIn {
    Tree tree;
    Forest forest;
} TreesIn;
BRIO_MODEL(TreesIn, BRIO_BODY(tree, Tree, .embed = true), BRIO_BODY(forest, Forest));

OPENAPI_HANDLER(strict, StrictIn, Strict)
OPENAPI_HANDLER(node, NodeIn, Node_list)
OPENAPI_HANDLER(tree, TreeIn, Tree)
OPENAPI_HANDLER(trees, TreesIn, Tree_list)
OPENAPI_HANDLER(chain, brio_none, Link)

TEST(openapi_shows_components)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_POST(app, "/strict", strict, StrictIn, Strict);
    BRIO_POST(app, "/node", node, NodeIn, Node_list);
    BRIO_POST(app, "/tree", tree, TreeIn, Tree);
    BRIO_POST(app, "/trees", trees, TreesIn, Tree_list, .operation_id = "trees");
    BRIO_GET(app, "/chain", chain, brio_none, Link);
    openapi_expect(app, "models");
}

/* ---- Names used twice ---------------------------------------------------------------- */

static const brio_field maker_again[] = {
    {.name = "name", .size = sizeof(brio_str), .kind = BRIO_KIND_STR},
    {.name = "country",
     .offset = offsetof(Maker, country),
     .size = sizeof(void *),
     .kind = BRIO_KIND_STR,
     .nullable = true},
};

/* As another file would have it that includes the same header. */
static const brio_model *twin_model(void)
{
    static brio_model twin = {.name = "Maker",
                              .kind = BRIO_KIND_STRUCT,
                              .size = sizeof(Maker),
                              .fields = maker_again,
                              .n = 2};
    return &twin;
}

static const brio_model *rival_model(void)
{
    static brio_model rival = {.name = "Maker",
                               .kind = BRIO_KIND_STRUCT,
                               .size = sizeof(Maker),
                               .fields = maker_again,
                               .n = 1};
    return &rival;
}

static void add_answer(brio_app *app, const char *path, brio_model_fn *out)
{
    brio_app_add(app, &(brio_route){.method = "GET",
                                    .path = path,
                                    .name = "answer",
                                    .handler = (brio_handler_fn *)chain,
                                    .in = brio_none_model,
                                    .out = out});
}

TEST(openapi_takes_one_model_with_two_tables_as_one)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_app *app = brio_app_new(NULL);
    add_answer(app, "/maker", Maker_model);
    add_answer(app, "/twin", twin_model);
    brio_json document = openapi_of(app, &arena);
    const brio_json *components = brio_json_get(&document, BRIO_S("components"));
    CHECK_INT(brio_json_get(components, BRIO_S("schemas"))->n, 1);
    brio_arena_fini(&arena);
    brio_app_free(app);
}

TEST(openapi_refuses_one_name_for_two_models)
{
    brio_app *app = brio_app_new(NULL);
    add_answer(app, "/maker", Maker_model);
    add_answer(app, "/rival", rival_model);
    brio_buf out = {0};
    CHECK_INT(brio_app_openapi(app, &out), BRIO_EMODEL);
    CHECK_INT(out.len, 0);
    brio_app_free(app);
}

TEST(openapi_may_hide_one_of_two_models_with_one_name)
{
    brio_app *app = brio_app_new(NULL);
    add_answer(app, "/maker", Maker_model);
    brio_app_add(app, &(brio_route){.method = "GET",
                                    .path = "/rival",
                                    .name = "answer",
                                    .handler = (brio_handler_fn *)chain,
                                    .in = brio_none_model,
                                    .out = rival_model,
                                    .hidden = true});
    brio_buf out = {0};
    CHECK_OK(brio_app_openapi(app, &out));
    brio_buf_fini(&out);
    brio_app_free(app);
}
