/* SPDX-License-Identifier: MIT
 *
 * Schemas against FastAPI's own document for the same models
 * (tests/model/vectors/schema.json), compared by value; then the order of
 * members, titles and the walk over components. */
#include "vector_models.h"

#include <stdio.h>

typedef struct Documented {
    brio_str name;
    double price;
    int64_t many;
    uint64_t big;
    double small;
    int64_t *nul_req, *nul_def;
    bool camelCase;
    brio_str ID2;
    brio_str_list tags;
    brio_i64_list *otags;
    Sub sub, *osub, dsub, *osubd;
    Sub_list subs, *osubs;
    Color color, dcolor, *ocolor, *odcolor;
    brio_json any, anyd, *oany;
    int64_t ali;
    int64_t *exam;
} Documented;
BRIO_MODEL(Documented,
           BRIO_CONFIG(.description = "What it is.", .title = "The document",
                       .extra = BRIO_EXTRA_FORBID, .examples = "[{\"ID2\":\"x\"}]"),
           BRIO_FIELD(name, .min_length = 1, .max_length = 50, .pattern = "^a",
                      .description = "The name", .examples = "[\"foo\"]", .title = "My Name"),
           BRIO_FIELD(price, .gt = BRIO_NUM(0), .le = BRIO_NUM(10.5), .multiple_of = BRIO_NUM(0.5)),
           BRIO_FIELD(many, .gt = BRIO_NUM(0), .ge = BRIO_NUM(1), .lt = BRIO_NUM(5),
                      .le = BRIO_NUM(4), .multiple_of = BRIO_NUM(2), .def = "2",
                      .deprecated = true),
           BRIO_FIELD(big, .le = BRIO_NUM(18446744073709551615u)),
           BRIO_FIELD(small, .ge = BRIO_NUM(1e-7), .lt = BRIO_NUM(1e22), .def = "1e-5"),
           BRIO_FIELD(nul_req, .required = true),
           BRIO_FIELD(nul_def, .ge = BRIO_NUM(1), .description = "d", .def = "3"),
           BRIO_FIELD(camelCase, .def = "false"), BRIO_FIELD(ID2),
           BRIO_FIELD(tags, .def = "[]", .min_length = 1, .max_length = 3), BRIO_FIELD(otags),
           BRIO_FIELD_AS(sub, Sub), BRIO_FIELD_AS(osub, Sub),
           BRIO_FIELD_AS(dsub, Sub, .description = "desc", .title = "T"),
           BRIO_FIELD_AS(osubd, Sub, .description = "od", .title = "OT"),
           BRIO_FIELD_AS(subs, Sub_list), BRIO_FIELD_AS(osubs, Sub_list),
           BRIO_FIELD_AS(color, Color), BRIO_FIELD_AS(dcolor, Color, .def = "\"red\""),
           BRIO_FIELD_AS(ocolor, Color),
           BRIO_FIELD_AS(odcolor, Color, .def = "\"red\"", .description = "oc"), BRIO_FIELD(any),
           BRIO_FIELD(anyd, .def = "5"), BRIO_FIELD(oany), BRIO_FIELD(ali, .alias = "x-ali_as"),
           BRIO_FIELD(exam, .title = "EX", .examples = "[3]", .deprecated = true));

typedef struct Empty {
    char unused;
} Empty;
BRIO_MODEL(Empty, BRIO_CONFIG(.description = NULL));

typedef struct Parameters {
    int64_t item_id;
    Color color;
    brio_str *name;
    brio_i64_list ids;
    brio_str_list *oids;
    bool flag;
    double fl;
    Color *oq;
    Color dq;
    int64_t limit, *onum;
    brio_str text;
    brio_str *x_tok;
    brio_str x_raw;
    brio_str *ck;
} Parameters;
BRIO_MODEL(Parameters, BRIO_PATH(item_id, .ge = BRIO_NUM(1), .title = "The p", .description = "pd"),
           BRIO_PATH_AS(color, Color),
           BRIO_QUERY(name, .max_length = 50, .pattern = "^x", .alias = "item-query",
                      .deprecated = true, .examples = "[\"a\"]", .description = "qd"),
           BRIO_QUERY(ids, .def = "[]", .min_length = 1, .max_length = 9), BRIO_QUERY(oids),
           BRIO_QUERY(flag, .def = "false"),
           BRIO_QUERY(fl, .def = "0.5", .ge = BRIO_NUM(0), .lt = BRIO_NUM(5.5)),
           BRIO_QUERY_AS(oq, Color),
           BRIO_QUERY_AS(dq, Color, .def = "\"green\"", .title = "Ti", .description = "tt"),
           BRIO_QUERY(limit, .def = "100", .gt = BRIO_NUM(0), .le = BRIO_NUM(100),
                      .multiple_of = BRIO_NUM(5)),
           BRIO_QUERY(onum, .def = "7", .ge = BRIO_NUM(3), .title = "TA", .description = "DA",
                      .examples = "[1]", .deprecated = true),
           BRIO_QUERY(text, .def = "\"a\"", .min_length = 1, .max_length = 2), BRIO_HEADER(x_tok),
           BRIO_HEADER(x_raw, .def = "\"\"", .exact_name = true), BRIO_COOKIE(ck));

#define ONE_BODY(T, C, ...)                                                                        \
    typedef struct T {                                                                             \
        C value;                                                                                   \
    } T;                                                                                           \
    BRIO_MODEL(T, BRIO_BODY(value, __VA_ARGS__))
ONE_BODY(one_ref, Item, Item);
ONE_BODY(one_ref_more, Item, Item, .description = "bd", .title = "TT", .examples = "[{\"a\":1}]");
typedef struct one_nullable {
    Item *value;
} one_nullable;
BRIO_MODEL(one_nullable, BRIO_BODY(value, Item));
ONE_BODY(one_list, brio_i64_list, brio_i64_list, .description = "bd", .min_length = 1);
ONE_BODY(one_int, int64_t, int64_t, .ge = BRIO_NUM(3));
ONE_BODY(one_any, brio_json, brio_json);

/* ---- Against FastAPI --------------------------------------------------------- */

static brio_arena arena;
static brio_buf buf;
static brio_json_writer writer = {.out = &buf};

static brio_str taken(void)
{
    CHECK(!buf.failed);
    brio_str text = brio_str_copy(&arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    writer.comma = false;
    return text;
}

static void check_same(const char *section, const brio_json *want, const char *name)
{
    brio_str text = taken();
    brio_json got = {0};
    CHECK_OK(brio_json_parse(&arena, text, NULL, &got, NULL));
    const brio_json *expected = vectors_get(vectors_get(want, section), name);
    if (!brio_json_equal(expected, &got))
        test_fail(__FILE__, __LINE__, "%s\n# want %.*s\n# got  %.*s", name,
                  BRIO_ARG(brio_json_text(&arena, expected)), BRIO_ARG(text));
}

static brio_json begin(void)
{
    brio_arena_init(&arena, 0);
    return vectors_read(&arena, "schema.json");
}

TEST(schema_components_as_fastapi)
{
    brio_json want = begin();
    const brio_model *models[] = {BRIO_TYPE(Documented), BRIO_TYPE(Empty), BRIO_TYPE(Item),
                                  BRIO_TYPE(Node),       BRIO_TYPE(Sub),   BRIO_TYPE(Strict),
                                  BRIO_TYPE(Color)};
    CHECK_INT(vectors_get(&want, "components")->n, sizeof models / sizeof *models);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        brio_schema_component(&writer, models[i]);
        check_same("components", &want, models[i]->name);
    }
    brio_arena_fini(&arena);
}

TEST(schema_parameters_as_fastapi)
{
    brio_json want = begin();
    const brio_model *owner = BRIO_TYPE(Parameters);
    CHECK_INT(vectors_get(&want, "parameters")->n, owner->n);
    for (size_t i = 0; i < owner->n; i++) {
        brio_schema_field(&writer, owner, &owner->fields[i]);
        check_same("parameters", &want, brio_cstr(&arena, brio_field_wire_name(owner, i)));
    }
    brio_arena_fini(&arena);
}

TEST(schema_bodies_as_fastapi)
{
    brio_json want = begin();
    const brio_model *owners[] = {BRIO_TYPE(one_ref),      BRIO_TYPE(one_ref_more),
                                  BRIO_TYPE(one_nullable), BRIO_TYPE(one_list),
                                  BRIO_TYPE(one_int),      BRIO_TYPE(one_any)};
    CHECK_INT(vectors_get(&want, "bodies")->n, sizeof owners / sizeof *owners);
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        brio_schema_field(&writer, owners[i], &owners[i]->fields[0]);
        check_same("bodies", &want, owners[i]->name);
    }
    brio_arena_fini(&arena);
}

TEST(schema_answers_as_fastapi)
{
    static const struct {
        const char *name;
        brio_model_fn *model;
    } uses[] = {
        {"Item", Item_model},    {"list:Sub", Sub_list_model}, {"list:str", brio_str_list_model},
        {"i64", brio_i64_model}, {"f64", brio_f64_model},      {"bool", brio_bool_model},
        {"str", brio_str_model}, {"json", brio_json_model},    {"Color", Color_model},
    };
    brio_json want = begin();
    CHECK_INT(vectors_get(&want, "uses")->n, sizeof uses / sizeof *uses);
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        brio_schema_use(&writer, uses[i].model(), BRIO_S("Response Use"));
        check_same("uses", &want, uses[i].name);
    }
    brio_arena_fini(&arena);
}

/* ---- To the letter ------------------------------------------------------------ */

TEST(schema_member_order_in_components)
{
    brio_arena_init(&arena, 0);
    brio_schema_component(&writer, BRIO_TYPE(Strict));
    CHECK_STR(taken(),
              "{\"properties\":{\"a\":{\"type\":\"integer\",\"title\":\"A\"},"
              "\"b\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"title\":\"B\"},"
              "\"sub\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/Sub\"},{\"type\":\"null\"}]}},"
              "\"additionalProperties\":false,\"type\":\"object\",\"required\":[\"a\",\"b\"],"
              "\"title\":\"Strict\"}");
    brio_schema_component(&writer, BRIO_TYPE(Color));
    CHECK_STR(taken(), "{\"type\":\"string\",\"enum\":[\"red\",\"green\",\"blue\"],"
                       "\"title\":\"Color\"}");
    brio_arena_fini(&arena);
}

TEST(schema_member_order_in_parameters)
{
    brio_arena_init(&arena, 0);
    const brio_model *owner = BRIO_TYPE(Parameters);
    brio_schema_field(&writer, owner, &owner->fields[brio_model_find(owner, BRIO_S("limit"))]);
    CHECK_STR(taken(), "{\"type\":\"integer\",\"multipleOf\":5,\"maximum\":100,"
                       "\"exclusiveMinimum\":0,\"default\":100,\"title\":\"Limit\"}");
    brio_schema_field(&writer, owner, &owner->fields[brio_model_find(owner, BRIO_S("ids"))]);
    CHECK_STR(taken(), "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,"
                       "\"maxItems\":9,\"default\":[],\"title\":\"Ids\"}");
    brio_arena_fini(&arena);
}

typedef struct Addresses {
    brio_ipv4 one;
    brio_ipv6 *maybe;
} Addresses;
BRIO_MODEL(Addresses,
           BRIO_QUERY_AS(one, brio_ipv4, .description = "d", .deprecated = true, .examples = "[1]",
                         .schema_extra = "{\"x-k\":1}", .def = "\"1.2.3.4\""),
           BRIO_QUERY_AS(maybe, brio_ipv6, .description = "d"));

/* pydantic's own schema of them has no room for what is said beside. */
TEST(schema_of_an_address_stands_alone)
{
    brio_arena_init(&arena, 0);
    const brio_model *owner = BRIO_TYPE(Addresses);
    brio_schema_field(&writer, owner, &owner->fields[brio_model_find(owner, BRIO_S("one"))]);
    CHECK_STR(taken(), "{\"type\":\"string\",\"format\":\"ipv4\",\"default\":\"1.2.3.4\","
                       "\"title\":\"One\"}");
    brio_schema_field(&writer, owner, &owner->fields[brio_model_find(owner, BRIO_S("maybe"))]);
    CHECK_STR(taken(), "{\"anyOf\":[{\"type\":\"string\",\"format\":\"ipv6\"},"
                       "{\"type\":\"null\"}],\"description\":\"d\",\"title\":\"Maybe\"}");
    brio_arena_fini(&arena);
}

TEST(schema_of_answers_without_json)
{
    brio_arena_init(&arena, 0);
    brio_schema_use(&writer, BRIO_TYPE(brio_text), (brio_str){0});
    CHECK_STR(taken(), "{\"type\":\"string\"}");
    brio_schema_use(&writer, BRIO_TYPE(brio_json), (brio_str){0});
    CHECK_STR(taken(), "{}");
    brio_schema_use(&writer, BRIO_TYPE(brio_none), (brio_str){0});
    CHECK_STR(taken(), "{\"type\":\"null\"}");
    brio_arena_fini(&arena);
}

/* ---- The walk and the titles ----------------------------------------------------- */

static void note_name(const brio_model *component, void *arg)
{
    brio_buf *names = arg;
    brio_buf_printf(names, "%s ", component->name);
}

TEST(schema_visit_meets_each_component_once)
{
    brio_schema_visit(BRIO_TYPE(Documented), note_name, &buf);
    CHECK_STR(brio_buf_str(&buf), "Documented Sub Color ");
    brio_buf_clear(&buf);
    brio_schema_visit(BRIO_TYPE(Node_list), note_name, &buf);
    CHECK_STR(brio_buf_str(&buf), "Node ");
    brio_buf_clear(&buf);
    brio_schema_visit(BRIO_TYPE(brio_i64_list), note_name, &buf);
    CHECK_STR(brio_buf_str(&buf), "");
    brio_buf_fini(&buf);
}

TEST(title_case_is_pythons)
{
    static const char *const pairs[][2] = {
        {"item_id", "Item Id"},
        {"ID2", "Id2"},
        {"camelCase", "Camelcase"},
        {"x1y", "X1Y"},
        {"it's", "It'S"},
        {"X-Token", "X-Token"},
        {"", ""},
        {"_a__b", " A  B"},
        {"a.b c", "A.B C"},
    };
    brio_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        CHECK_STR(brio_title_case(&arena, brio_str_from(pairs[i][0])), pairs[i][1]);
    brio_arena_fini(&arena);
}
