/* SPDX-License-Identifier: MIT
 *
 * Schemas of everything that is not a scalar, against pydantic's for the same
 * models (tests/model/vectors/shape_schemas.json), of what is read and of what
 * is written; which components need two; names of components in references. */
#include "shape_models.h"

BRIO_DICT(Parts, brio_str, Part);
BRIO_DICT(Color_counts, Color, int64_t);
BRIO_DICT(Free, brio_str, brio_json);
typedef struct Numbered_part {
    int64_t number;
    Part part;
} Numbered_part;
BRIO_TUPLE(Numbered_part, BRIO_FIELD(number), BRIO_FIELD_AS(part, Part));
BRIO_LIST(Names, brio_str, .min_length = 2, .max_length = 9);

static void make_ints(brio_arena *arena, void *out)
{
    (void)arena;
    memset(out, 0, sizeof(brio_i64_list));
}

typedef struct Shown {
    brio_str lit, one;
    int64_t num;
    brio_json mixed;
    brio_str *olit;
    Level level, *olevel;
    brio_i64_list uniq;
    brio_str_list frozen;
    brio_i64_list many;
    Pair pair;
    Numbered_part *opair;
    Counts counts;
    Weights weights;
    Parts *parts;
    Color_counts colors;
    Free free;
    Maybe_i64_list nulls;
    IntStr either, *oeither;
    IntInts deither;
    PartSmall refs, *orefs;
    Pet pet, *opet;
    Pet_list pets;
    Bounded bounded;
    Names names;
    brio_i64_list made;
    double finite;
    int64_t extra;
    Matrix nested;
} Shown;
BRIO_MODEL(Shown, BRIO_FIELD(lit, .literal = "[\"a\",\"b\"]"),
           BRIO_FIELD(one, .literal = "[\"a\"]", .def = "\"a\""),
           BRIO_FIELD(num, .literal = "[1,2]", .def = "1"),
           BRIO_FIELD(mixed, .literal = "[\"a\",1,null]", .def = "\"a\""),
           BRIO_FIELD(olit, .literal = "[\"a\",\"b\"]"), BRIO_FIELD_AS(level, Level, .def = "5"),
           BRIO_FIELD_AS(olevel, Level),
           BRIO_FIELD(uniq, .as = BRIO_SET, .min_length = 1, .max_length = 3),
           BRIO_FIELD(frozen, .as = BRIO_FROZENSET, .def = "[]"),
           BRIO_FIELD(many, .as = BRIO_TUPLE_OF, .def = "[]", .max_length = 3),
           BRIO_FIELD_AS(pair, Pair), BRIO_FIELD_AS(opair, Numbered_part, .description = "two"),
           BRIO_FIELD_AS(counts, Counts, .min_length = 1, .max_length = 2),
           BRIO_FIELD_AS(weights, Weights, .def = "{}"), BRIO_FIELD_AS(parts, Parts),
           BRIO_FIELD_AS(colors, Color_counts, .def = "{}"), BRIO_FIELD_AS(free, Free, .def = "{}"),
           BRIO_FIELD_AS(nulls, Maybe_i64_list, .def = "[]"), BRIO_FIELD_AS(either, IntStr),
           BRIO_FIELD_AS(oeither, IntStr),
           BRIO_FIELD_AS(deither, IntInts, .def = "1", .title = "Or", .description = "either"),
           BRIO_FIELD_AS(refs, PartSmall), BRIO_FIELD_AS(orefs, PartSmall), BRIO_FIELD_AS(pet, Pet),
           BRIO_FIELD_AS(opet, Pet), BRIO_FIELD_AS(pets, Pet_list, .def = "[]"),
           BRIO_FIELD_AS(bounded, Bounded, .def = "5"), BRIO_FIELD_AS(names, Names, .def = "[]"),
           BRIO_FIELD(made, .factory = make_ints), BRIO_FIELD(finite, .def = "1.0", .finite = true),
           BRIO_FIELD(extra, .def = "1", .schema_extra = "{\"x-a\":{\"b\":1},\"examples\":[5]}"),
           BRIO_FIELD_AS(nested, Matrix, .def = "[]"));

typedef struct Sized {
    int64_t width, height, hidden;
    brio_i64_list *data;
    int64_t inn;
    brio_json others;
} Sized;

static void area(const void *self, void *out, brio_arena *arena)
{
    const Sized *sized = self;
    int64_t value = sized->width * sized->height;
    (void)arena;
    memcpy(out, &value, sizeof value);
}

static void maybe(const void *self, void *out, brio_arena *arena)
{
    (void)self;
    (void)out;
    (void)arena;
}

BRIO_MODEL(Sized,
           BRIO_CONFIG(.description = "Sized.", .extra = BRIO_EXTRA_ALLOW,
                       .schema_extra = "{\"x-more\":true}"),
           BRIO_FIELD(width), BRIO_FIELD(height, .def = "1"),
           BRIO_FIELD(hidden, .def = "0", .exclude = true), BRIO_FIELD(data, .json_text = true),
           BRIO_FIELD(inn, .def = "0", .validation_alias = "in-n", .serialization_alias = "out-n"),
           BRIO_COMPUTED(area, int64_t, area, .title = "The Area", .description = "w*h"),
           BRIO_COMPUTED(maybe, brio_str_list, maybe, .nullable = true), BRIO_EXTRAS(others));

static const brio_schema_mode output = {.output = true};

static void check_component(brio_arena *arena, const brio_json *want, const brio_model *model)
{
    const char *const names[] = {"validation", "serialization"};
    const brio_json *expected = vectors_get(want, model->name);
    for (int i = 0; i < 2; i++) {
        brio_buf buf = {0};
        brio_json_writer w = {.out = &buf};
        brio_schema_component_as(&w, i ? &output : NULL, model);
        brio_json got = {0};
        CHECK_OK(brio_json_parse(arena, brio_buf_str(&buf), NULL, &got, NULL));
        const brio_json *one = vectors_get(expected, names[i]);
        for (uint32_t k = 0; k < one->n; k++) {
            const brio_json *same = brio_json_get(&got, one->members[k].key);
            if (!same || !brio_json_equal(same, &one->members[k].value))
                test_fail(__FILE__, __LINE__, "%s %s\n# want %.*s\n# got  %.*s", model->name,
                          names[i], BRIO_ARG(brio_json_text(arena, &one->members[k].value)),
                          BRIO_ARG(same ? brio_json_text(arena, same) : BRIO_S("nothing")));
        }
        CHECK_INT(got.n, one->n);
        brio_buf_fini(&buf);
    }
    brio_str why = {0};
    if (brio_model_check(model, arena, &why) < 0)
        test_fail(__FILE__, __LINE__, "%.*s", BRIO_ARG(why));
}

TEST(shapes_have_pydantics_schemas)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_json want = vectors_read(&arena, "shape_schemas.json");
    const brio_model *models[] = {BRIO_TYPE(Shown),      BRIO_TYPE(Sized), BRIO_TYPE(Child),
                                  BRIO_TYPE(Grandchild), BRIO_TYPE(Open),  BRIO_TYPE(Branch),
                                  BRIO_TYPE(Owner),      BRIO_TYPE(Bag),   BRIO_TYPE(Level),
                                  BRIO_TYPE(Cat),        BRIO_TYPE(Data)};
    CHECK_INT(want.n, sizeof models / sizeof *models + 1);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        check_component(&arena, &want, models[i]);
    brio_arena_fini(&arena);
}

typedef struct Holder {
    Sized sized;
} Holder;
BRIO_MODEL(Holder, BRIO_FIELD_AS(sized, Sized));

TEST(shapes_differ_where_input_and_output_do)
{
    CHECK(!brio_schema_differs(BRIO_TYPE(Shown)));
    CHECK(!brio_schema_differs(BRIO_TYPE(Child)));
    CHECK(!brio_schema_differs(BRIO_TYPE(Level)));
    CHECK(brio_schema_differs(BRIO_TYPE(Sized)));
    CHECK(brio_schema_differs(BRIO_TYPE(Holder)));
    CHECK(brio_schema_differs(BRIO_TYPE(Bag)));
    CHECK(brio_schema_differs(BRIO_TYPE(Branch)));
    CHECK(brio_schema_differs(BRIO_TYPE(Node)));
}

BRIO_LIST_OF(Part);
BRIO_PAGE_OF(Part);

static brio_str shouted(const brio_model *component, void *arg)
{
    return brio_printf(arg, "%.*s-X", BRIO_ARG(brio_schema_name(component)));
}

TEST(shapes_are_referred_to_by_the_mode)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_schema_mode mode = {.name = shouted, .arg = &arena};
    brio_schema_use_as(&w, &mode, BRIO_TYPE(Part_page), (brio_str){0});
    CHECK_STR(brio_buf_str(&buf), "{\"$ref\":\"#/components/schemas/Page_Part_-X\"}");
    brio_buf_clear(&buf);
    w.comma = false;
    brio_schema_use_as(&w, &mode, BRIO_TYPE(Pet), BRIO_S("A pet"));
    CHECK_STR(brio_buf_str(&buf),
              "{\"oneOf\":[{\"$ref\":\"#/components/schemas/Cat-X\"},"
              "{\"$ref\":\"#/components/schemas/Dog-X\"}],\"discriminator\":{\"propertyName\":"
              "\"kind\",\"mapping\":{\"cat\":\"#/components/schemas/Cat-X\",\"lion\":"
              "\"#/components/schemas/Cat-X\",\"dog\":\"#/components/schemas/Dog-X\"}},"
              "\"title\":\"A pet\"}");
    brio_buf_clear(&buf);
    w.comma = false;
    brio_schema_component(&w, BRIO_TYPE(Part_page));
    CHECK(brio_str_find(brio_buf_str(&buf), BRIO_S("\"title\":\"Page[Part]\"")) > 0);
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
}
