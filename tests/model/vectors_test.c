/* SPDX-License-Identifier: MIT
 *
 * Replays what the real FastAPI said (tests/model/vectors, written by
 * tools/pydantic_vectors.py): each group is a field with constraints, each
 * case an input with the value or the errors that FastAPI makes of it. Bodies
 * go both ways, as text and as a dynamic value. */
#include "shape_models.h"

#include <stdio.h>

enum { GROUPS_MAX = 64 };

/* The member under test; also holds the pointer of a nullable one. */
typedef union holder {
    char bytes[128];
    void *pointer;
    double number;
} holder;

/* Static: plans live as long as the program and must stay reachable. */
static brio_field fields[GROUPS_MAX];
static brio_model owners[GROUPS_MAX];

typedef struct kind_name {
    const char *name;
    brio_kind kind;
    brio_model_fn *model;
} kind_name;

static const kind_name kind_names[] = {
    {"i8", BRIO_KIND_I8, NULL},
    {"i16", BRIO_KIND_I16, NULL},
    {"i32", BRIO_KIND_I32, NULL},
    {"i64", BRIO_KIND_I64, NULL},
    {"u8", BRIO_KIND_U8, NULL},
    {"u16", BRIO_KIND_U16, NULL},
    {"u32", BRIO_KIND_U32, NULL},
    {"u64", BRIO_KIND_U64, NULL},
    {"f64", BRIO_KIND_F64, NULL},
    {"bool", BRIO_KIND_BOOL, NULL},
    {"str", BRIO_KIND_STR, NULL},
    {"json", BRIO_KIND_JSON, NULL},
    {"Color", BRIO_KIND_MODEL, Color_model},
    {"Quote", BRIO_KIND_MODEL, Quote_model},
    {"Only", BRIO_KIND_MODEL, Only_model},
    {"Item", BRIO_KIND_MODEL, Item_model},
    {"Strict", BRIO_KIND_MODEL, Strict_model},
    {"Node", BRIO_KIND_MODEL, Node_model},
    {"list:str", BRIO_KIND_MODEL, brio_str_list_model},
    {"list:bool", BRIO_KIND_MODEL, brio_bool_list_model},
    {"list:i32", BRIO_KIND_MODEL, brio_i32_list_model},
    {"list:i64", BRIO_KIND_MODEL, brio_i64_list_model},
    {"list:f64", BRIO_KIND_MODEL, brio_f64_list_model},
    {"list:Sub", BRIO_KIND_MODEL, Sub_list_model},
#define SHAPE(T)                                                                                   \
    {                                                                                              \
#T, BRIO_KIND_MODEL, T##_model                                                             \
    }
    SHAPE(Level),
    SHAPE(Pair),
    SHAPE(Child),
    SHAPE(Grandchild),
    SHAPE(Open),
    SHAPE(Data),
    SHAPE(Aliased),
    SHAPE(Tight),
    SHAPE(IntStr),
    SHAPE(StrInt),
    SHAPE(BoolInt),
    SHAPE(IntFloat),
    SHAPE(FloatInt),
    SHAPE(ListDict),
    SHAPE(ColorStr),
    SHAPE(LevelFloat),
    SHAPE(IntAny),
    SHAPE(SetList),
    SHAPE(Bounded),
    SHAPE(PairPart),
    SHAPE(Nested),
    SHAPE(CatDog),
    SHAPE(Pet),
    SHAPE(Owner),
    SHAPE(SmallLarge),
    SHAPE(Branch),
    SHAPE(Checked),
    SHAPE(Bag),
#undef SHAPE
    {"set:i64", BRIO_KIND_MODEL, I64_set_model},
    {"frozen:str", BRIO_KIND_MODEL, Str_frozenset_model},
    {"tuple_of:i64", BRIO_KIND_MODEL, I64_tuple_model},
    {"set:Pair", BRIO_KIND_MODEL, Pair_set_model},
    {"dict:str:i64", BRIO_KIND_MODEL, Counts_model},
    {"dict:i64:f64", BRIO_KIND_MODEL, Weights_model},
    {"dict:Color:Part", BRIO_KIND_MODEL, Parts_by_color_model},
    {"list:?i64", BRIO_KIND_MODEL, Maybe_i64_list_model},
    {"list:list:f64", BRIO_KIND_MODEL, Matrix_model},
    {"list:str+", BRIO_KIND_MODEL, Name_list_model},
    {"list:IntStr", BRIO_KIND_MODEL, IntStr_list_model},
    {"dict:str:IntStr", BRIO_KIND_MODEL, IntStr_dict_model},
    {"json:i64", BRIO_KIND_I64, NULL},
    {"json:Part", BRIO_KIND_MODEL, Part_model},
};

/* ---- The field of a group -------------------------------------------------- */

static brio_num num_of(const brio_json *v)
{
    if (!v)
        return (brio_num){0};
    if (v->type == BRIO_JSON_INT)
        return (brio_num){true, true, v->integer, (double)v->integer};
    CHECK(v->type == BRIO_JSON_FLOAT);
    return (brio_num){.set = true, .i = INT64_MIN, .v = v->number}; /* i is not looked at */
}

static size_t size_of(const brio_json *v)
{
    return v ? (size_t)v->integer : 0;
}

static const char *text_of(brio_arena *arena, const brio_json *v)
{
    return v ? brio_cstr(arena, v->str) : NULL;
}

static const char *json_of(brio_arena *arena, const brio_json *v)
{
    return v ? brio_cstr(arena, brio_json_text(arena, v)) : NULL;
}

static const kind_name *kind_called(brio_str name)
{
    for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
        if (brio_str_eq(name, brio_str_from(kind_names[i].name)))
            return &kind_names[i];
    test_fail(__FILE__, __LINE__, "unknown kind %.*s", BRIO_ARG(name));
}

static const brio_model *owner_of(brio_arena *arena, const brio_json *spec, size_t group)
{
    CHECK(group < GROUPS_MAX);
    const kind_name *kind = kind_called(vectors_get(spec, "kind")->str);
    fields[group] = (brio_field){
        .name = "v",
        .kind = kind->kind,
        .model = kind->model,
        .size = sizeof(holder),
        .nullable = brio_json_get(spec, BRIO_S("nullable")) != NULL,
        .required = brio_json_get(spec, BRIO_S("required")) != NULL,
        .def = text_of(arena, brio_json_get(spec, BRIO_S("def"))),
        .literal = json_of(arena, brio_json_get(spec, BRIO_S("literal"))),
        .finite = brio_json_get(spec, BRIO_S("finite")) != NULL,
        .json_text = brio_str_starts(vectors_get(spec, "kind")->str, BRIO_S("json:")),
        .pattern = text_of(arena, brio_json_get(spec, BRIO_S("pattern"))),
        .min_length = size_of(brio_json_get(spec, BRIO_S("min_length"))),
        .max_length = size_of(brio_json_get(spec, BRIO_S("max_length"))),
        .gt = num_of(brio_json_get(spec, BRIO_S("gt"))),
        .ge = num_of(brio_json_get(spec, BRIO_S("ge"))),
        .lt = num_of(brio_json_get(spec, BRIO_S("lt"))),
        .le = num_of(brio_json_get(spec, BRIO_S("le"))),
        .multiple_of = num_of(brio_json_get(spec, BRIO_S("multiple_of"))),
    };
    owners[group] = (brio_model){.name = "Vector",
                                 .kind = BRIO_KIND_STRUCT,
                                 .size = sizeof(holder),
                                 .fields = &fields[group],
                                 .n = 1};
    brio_str why = {0};
    if (brio_model_check(&owners[group], arena, &why) < 0)
        test_fail(__FILE__, __LINE__, "%.*s", BRIO_ARG(why));
    return &owners[group];
}

/* ---- One case --------------------------------------------------------------- */

static brio_json errors_of(brio_arena *arena, const brio_problems *problems)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_problems_write(&w, problems);
    CHECK(!buf.failed);
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    brio_json errors = {0};
    CHECK_OK(brio_json_parse(arena, text, NULL, &errors, NULL));
    return errors;
}

/* The writer has no NaN: it writes null, as a JSON answer must. */
static void finite_inputs(brio_json *v)
{
    if (v->type == BRIO_JSON_FLOAT && !(v->number - v->number == 0))
        *v = (brio_json){0};
    for (uint32_t i = 0; v->type == BRIO_JSON_ARRAY && i < v->n; i++)
        finite_inputs(&v->items[i]);
    for (uint32_t i = 0; v->type == BRIO_JSON_OBJECT && i < v->n; i++)
        finite_inputs(&v->members[i].value);
}

typedef struct outcome {
    int rc;
    brio_problems problems;
    holder out;
} outcome;

typedef struct vector {
    const char *file;
    const brio_json *spec, *want;
    const brio_model *owner;
    brio_arena *arena;
    size_t failures;
} vector;

/* At most 400 bytes of a value's text: some inputs are thousands of digits. */
static brio_str shown(brio_arena *arena, const brio_json *value)
{
    return brio_str_slice(brio_json_text(arena, value), 0, 400);
}

static void mismatch(vector *v, const char *road, brio_json got)
{
    fprintf(stderr, "# %s by %s\n#   field %.*s\n#   want %.*s\n#   got  %.*s\n", v->file, road,
            BRIO_ARG(shown(v->arena, v->spec)), BRIO_ARG(shown(v->arena, v->want)),
            BRIO_ARG(shown(v->arena, &got)));
    v->failures++;
}

static void compare(vector *v, const char *road, outcome *o)
{
    const brio_json *errors = brio_json_get(v->want, BRIO_S("errors"));
    if (o->rc == 0) {
        brio_json got = vectors_value_of(v->arena, &brio_model_plan(v->owner)->fields[0], &o->out);
        if (errors || !vectors_equal(vectors_get(v->want, "value"), &got))
            mismatch(v, road, got);
        return;
    }
    CHECK_INT(o->rc, BRIO_EINVALID);
    brio_json got = errors_of(v->arena, &o->problems);
    if (!errors || !brio_json_equal(errors, &got))
        mismatch(v, road, got);
}

static void replay_json(vector *v, brio_str text)
{
    brio_loc root = {.name = BRIO_S("body")};
    outcome by_text = {.problems.arena = v->arena};
    memset(&by_text.out, 0xA5, sizeof by_text.out);
    by_text.rc = brio_decode(text, v->owner, &by_text.out, &root, &by_text.problems);
    compare(v, "brio_decode", &by_text);
    outcome by_value = {.problems.arena = v->arena};
    brio_json value = {0};
    CHECK_OK(brio_json_parse(v->arena, text, NULL, &value, NULL));
    by_value.rc = brio_decode_value(&value, v->owner, &by_value.out, &root, &by_value.problems);
    compare(v, "brio_decode_value", &by_value);
}

static void replay_strings(vector *v, const brio_json *texts)
{
    brio_loc root = {.name = BRIO_S("query")}, loc = {.up = &root, .name = BRIO_S("v")};
    brio_str *values = BRIO_NEW_ARRAY(v->arena, brio_str, texts->n);
    for (uint32_t i = 0; i < texts->n; i++)
        values[i] = texts->items[i].str;
    outcome o = {.problems.arena = v->arena};
    o.rc = brio_decode_strings(values, texts->n, &v->owner->fields[0], &o.out, &loc, &o.problems);
    compare(v, "brio_decode_strings", &o);
}

static size_t replay_group(const char *file, const brio_json *group, size_t number,
                           brio_arena *keep)
{
    const brio_json *spec = vectors_get(group, "field"), *cases = vectors_get(group, "cases");
    if (brio_json_get(spec, BRIO_S("pattern")) && !brio_pattern_new("a", NULL))
        return 0; /* built without PCRE2 */
    brio_arena arena;
    brio_arena_init(&arena, 0);
    vector v = {.file = file, .spec = spec, .arena = &arena};
    v.owner = owner_of(keep, spec, number);
    for (uint32_t i = 0; i < cases->n; i++) {
        finite_inputs(brio_json_get(&cases->items[i], BRIO_S("errors"))
                          ? (brio_json *)(uintptr_t)vectors_get(&cases->items[i], "errors")
                          : &(brio_json){0});
        v.want = &cases->items[i];
        const brio_json *text = brio_json_get(v.want, BRIO_S("json"));
        if (text)
            replay_json(&v, text->str);
        else
            replay_strings(&v, vectors_get(v.want, "strings"));
        brio_arena_reset(&arena);
    }
    brio_arena_fini(&arena);
    return v.failures;
}

static void replay(const char *file)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json vectors = vectors_read(&arena, file);
    const brio_json *groups = vectors_get(&vectors, "groups");
    size_t failures = 0;
    CHECK(groups->n > 0);
    for (uint32_t i = 0; i < groups->n; i++)
        failures += replay_group(file, &groups->items[i], i, &arena);
    brio_arena_fini(&arena);
    CHECK_INT(failures, 0);
}

TEST(vectors_of_ints)
{
    replay("ints.json");
}
TEST(vectors_of_floats)
{
    replay("floats.json");
}
TEST(vectors_of_bools)
{
    replay("bools.json");
}
TEST(vectors_of_strings_and_enums)
{
    replay("strings.json");
}
TEST(vectors_of_lists)
{
    replay("lists.json");
}
TEST(vectors_of_models)
{
    replay("models.json");
}
TEST(vectors_of_shapes)
{
    replay("shapes.json");
}
TEST(vectors_of_unions)
{
    replay("unions.json");
}
TEST(vectors_of_checks)
{
    replay("checks.json");
}
