/* SPDX-License-Identifier: MIT
 *
 * The document against FastAPI's: apps without much in them, metadata, paths,
 * answers and components. The twins of these apps are in
 * tools/fastapi_openapi.py. */
#include "app/openapi_models.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Comparing ------------------------------------------------------------------ */

static brio_str read_file(brio_arena *arena, const char *name)
{
    brio_str path = brio_printf(arena, "%s/openapi/%s.json", BRIO_TEST_DATA, name);
    FILE *file = fopen(path.ptr, "rb");
    CHECK(file);
    size_t cap = 1 << 16;
    char *text = brio_alloc(arena, cap);
    size_t len = fread(text, 1, cap, file);
    CHECK(len > 0 && len < cap);
    (void)!fclose(file);
    return (brio_str){text, len};
}

static brio_json parse(brio_arena *arena, brio_str text)
{
    brio_json_fault fault;
    brio_json value;
    if (brio_json_parse(arena, text, NULL, &value, &fault) < 0)
        test_fail(__FILE__, __LINE__, "%s at byte %zu of %.*s", fault.message, fault.byte,
                  BRIO_ARG(text));
    return value;
}

static brio_str text_of(brio_arena *arena, const brio_json *value)
{
    brio_buf buf = brio_buf_over(brio_alloc(arena, 1 << 16), 1 << 16);
    brio_json_writer w = {.out = &buf};
    brio_json_value(&w, value);
    CHECK(!buf.failed);
    return brio_buf_str(&buf);
}

/* Where two different values differ first: the smallest part that does. */
static brio_str difference(brio_arena *arena, brio_str at, const brio_json *got,
                           const brio_json *want)
{
    bool objects = got->type == BRIO_JSON_OBJECT && want->type == BRIO_JSON_OBJECT;
    for (uint32_t i = 0; objects && got->n >= want->n && i < got->n; i++) {
        const brio_json_member *member = &got->members[i];
        const brio_json *other = brio_json_get(want, member->key);
        brio_str below = brio_printf(arena, "%.*s/%.*s", BRIO_ARG(at), BRIO_ARG(member->key));
        if (!other)
            return brio_printf(arena, "%.*s should not be there", BRIO_ARG(below));
        if (!brio_json_equal(&member->value, other))
            return difference(arena, below, &member->value, other);
    }
    brio_str a = text_of(arena, got), b = text_of(arena, want);
    return brio_printf(arena, "%.*s\n got %.*s\nwant %.*s", BRIO_ARG(at), BRIO_ARG(a), BRIO_ARG(b));
}

/* Objects of equal keys, in this order: what documentation pages show. */
static void check_order(const brio_json *got, const brio_json *want)
{
    for (uint32_t i = 0; got && i < got->n; i++)
        test_check_str(__FILE__, __LINE__, "order of keys", got->members[i].key,
                       want->members[i].key);
}

static const brio_json *schemas_of(const brio_json *document)
{
    const brio_json *components = brio_json_get(document, BRIO_S("components"));
    return components ? brio_json_get(components, BRIO_S("schemas")) : NULL;
}

static brio_json document_below(brio_app *app, brio_str root_path, brio_arena *arena)
{
    brio_buf out = {0};
    CHECK_OK(brio_app_openapi_for(app, root_path, &out));
    brio_json value = parse(arena, brio_str_copy(arena, brio_buf_str(&out)));
    brio_buf_fini(&out);
    return value;
}

brio_json openapi_of(brio_app *app, brio_arena *arena)
{
    return document_below(app, (brio_str){0}, arena);
}

void openapi_expect(brio_app *app, const char *name)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json got = document_below(app, app->root_path, &arena);
    brio_json want = parse(&arena, read_file(&arena, name));
    if (!brio_json_equal(&got, &want)) {
        brio_str where = difference(&arena, BRIO_S(""), &got, &want);
        test_fail(__FILE__, __LINE__, "%s: %.*s", name, BRIO_ARG(where));
    }
    check_order(brio_json_get(&got, BRIO_S("paths")), brio_json_get(&want, BRIO_S("paths")));
    check_order(schemas_of(&got), schemas_of(&want));
    brio_arena_fini(&arena);
    brio_app_free(app);
}

/* ---- Little in it ---------------------------------------------------------------- */

OPENAPI_HANDLER(x, brio_none, brio_none)

TEST(openapi_of_an_empty_app)
{
    openapi_expect(brio_app_new(NULL), "empty");
}

TEST(openapi_names_the_root_path_as_server)
{
    brio_app *app = brio_app_new(&(brio_app_options){.root_path = "/api/v1/"});
    BRIO_GET(app, "/x", x, brio_none, brio_none);
    openapi_expect(app, "served_below");
}

TEST(openapi_of_the_app_itself_has_no_servers)
{
    brio_app *app = brio_app_new(&(brio_app_options){.root_path = "/api/v1/"});
    brio_buf out = {0};
    CHECK_OK(brio_app_openapi(app, &out));
    CHECK_STR(brio_buf_str(&out), "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"FastAPI\","
                                  "\"version\":\"0.1.0\"},\"paths\":{}}");
    brio_buf_fini(&out);
    brio_app_free(app);
}

TEST(openapi_appends_and_tells_of_a_full_buffer)
{
    brio_app *app = brio_app_new(NULL);
    char storage[80] = ">";
    for (size_t cap = 1; cap < sizeof storage; cap++) {
        brio_buf out = brio_buf_over(storage, cap);
        brio_buf_char(&out, '>');
        int rc = brio_app_openapi(app, &out);
        CHECK_INT(rc, cap < 76 ? -ENOMEM : 0);
        CHECK(rc < 0 || brio_str_starts(brio_buf_str(&out), BRIO_S(">{\"openapi\"")));
    }
    brio_app_free(app);
}

/* ---- Metadata --------------------------------------------------------------------- */

typedef struct HiddenIn {
    Color color;
} HiddenIn;
BRIO_MODEL(HiddenIn, BRIO_PATH_AS(color, Color));
typedef struct BothIn {
    Item item;
    Node node;
} BothIn;
BRIO_MODEL(BothIn, BRIO_BODY(item, Item), BRIO_BODY(node, Node));

OPENAPI_HANDLER(root, brio_none, brio_json)
OPENAPI_HANDLER(old_page_2nd, brio_none, brio_i64_list)
OPENAPI_HANDLER(hidden, HiddenIn, Node)
OPENAPI_HANDLER(both, BothIn, Item_list)

TEST(openapi_shows_metadata)
{
    brio_app *app = brio_app_new(&(brio_app_options){
        .title = "Shop & <Co>",
        .version = "1.2.3",
        .summary = "The \"shop\".",
        .description = "All of it.\n\nReally \xC3\xA9verything.",
    });
    BRIO_GET(app, "/", root, brio_none, brio_json, .summary = "The root",
             .description = " \n First page. \n\f Not this. ", .tags = " pages,, front door ,",
             .response_description = "A page");
    BRIO_GET(app, "/old", old_page_2nd, brio_none, brio_i64_list, .deprecated = true,
             .operation_id = "old-one", .tags = "pages");
    BRIO_GET(app, "/hidden/{color}", hidden, HiddenIn, Node, .hidden = true);
    BRIO_POST(app, "/both", both, BothIn, Item_list, .operation_id = "bothBodies");
    openapi_expect(app, "metadata");
}

/* ---- Paths ------------------------------------------------------------------------- */

typedef struct FileIn {
    brio_str name;
    brio_str rest;
} FileIn;
BRIO_MODEL(FileIn, BRIO_PATH(name), BRIO_PATH(rest));
typedef struct NumbersIn {
    double f;
    int64_t i;
    Color color;
} NumbersIn;
BRIO_MODEL(NumbersIn, BRIO_PATH(f), BRIO_PATH(i, .ge = BRIO_NUM(1), .title = "Number"),
           BRIO_PATH_AS(color, Color));
typedef struct NodeIn {
    Node node;
} NodeIn;
BRIO_MODEL(NodeIn, BRIO_BODY(node, Node));

OPENAPI_HANDLER(read_a, brio_none, brio_str_list)
OPENAPI_HANDLER(read_file_, FileIn, brio_none)
OPENAPI_HANDLER(write_a, brio_none, brio_none)
OPENAPI_HANDLER(numbers, NumbersIn, brio_none)
OPENAPI_HANDLER(delete_a, brio_none, Node_list)
OPENAPI_HANDLER(read_a_again, brio_none, Maker)
OPENAPI_HANDLER(cafe, brio_none, brio_none)
OPENAPI_HANDLER(head, brio_none, brio_none)
OPENAPI_HANDLER(options, NodeIn, brio_none)

TEST(openapi_groups_methods_by_path)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/a", read_a, brio_none, brio_str_list);
    BRIO_GET(app, "/files/{name}.txt/{rest:path}", read_file_, FileIn, brio_none,
             .summary = "Read File", .operation_id = "read_file_files__name__txt__rest__get");
    BRIO_PUT(app, "/a", write_a, brio_none, brio_none);
    BRIO_GET(app, "/n/{i:int}/{f:float}/{color}", numbers, NumbersIn, brio_none);
    BRIO_DELETE(app, "/a", delete_a, brio_none, Node_list);
    BRIO_GET(app, "/a", read_a_again, brio_none, Maker);
    BRIO_PATCH(app, "/caf\xC3\xA9/x-y.z", cafe, brio_none, brio_none);
    BRIO_HEAD(app, "/h", head, brio_none, brio_none);
    BRIO_OPTIONS(app, "/h", options, NodeIn, brio_none);
    openapi_expect(app, "paths");
}

/* ---- Answers ------------------------------------------------------------------------- */

typedef struct GoneIn {
    int64_t x;
} GoneIn;
BRIO_MODEL(GoneIn, BRIO_PATH(x));

OPENAPI_HANDLER(model, brio_none, Item)
OPENAPI_HANDLER(models, brio_none, Item_list)
OPENAPI_HANDLER(strings, brio_none, brio_str_list)
OPENAPI_HANDLER(number, brio_none, int64_t)
OPENAPI_HANDLER(color, brio_none, Color)
OPENAPI_HANDLER(anything, brio_none, brio_json)
OPENAPI_HANDLER(text, brio_none, brio_text)
OPENAPI_HANDLER(html, brio_none, brio_html)
OPENAPI_HANDLER(made, NodeIn, Node)
OPENAPI_HANDLER(gone, GoneIn, brio_none)
OPENAPI_HANDLER(own_422, NodeIn, brio_none)

TEST(openapi_shows_answers)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "/model", model, brio_none, Item);
    BRIO_GET(app, "/models", models, brio_none, Item_list);
    BRIO_GET(app, "/strings", strings, brio_none, brio_str_list);
    BRIO_GET(app, "/number", number, brio_none, int64_t);
    BRIO_GET(app, "/color", color, brio_none, Color);
    BRIO_GET(app, "/any", anything, brio_none, brio_json);
    BRIO_GET(app, "/text", text, brio_none, brio_text);
    BRIO_GET(app, "/html", html, brio_none, brio_html, .status = 404);
    BRIO_POST(app, "/made", made, NodeIn, Node, .status = 201, .response_description = "Made");
    BRIO_DELETE(app, "/gone/{x}", gone, GoneIn, brio_none, .status = 204);
    BRIO_POST(app, "/own-422", own_422, NodeIn, brio_none, .status = 422);
    openapi_expect(app, "outputs");
}
