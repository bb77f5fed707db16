/* SPDX-License-Identifier: MIT
 *
 * Discriminators that are more than one string: integers, members of an enum,
 * and unions inside unions. Expected texts are pydantic's. */
#include "harness/test.h"

#include <brio/model.h>

typedef enum Level { LOW = 1, HIGH } Level;
BRIO_INT_ENUM(Level, LOW, HIGH);

typedef struct One {
    int64_t k, x;
} One;
BRIO_MODEL(One, BRIO_FIELD(k, .literal = "[1]"), BRIO_FIELD(x));
typedef struct More {
    int64_t k, y;
} More;
BRIO_MODEL(More, BRIO_FIELD(k, .literal = "[2,3]"), BRIO_FIELD(y));
typedef struct Tall {
    Level k;
    int64_t z;
} Tall;
BRIO_MODEL(Tall, BRIO_FIELD_AS(k, Level, .literal = "[2]"), BRIO_FIELD(z));
typedef struct Text {
    brio_str k;
} Text;
BRIO_MODEL(Text, BRIO_FIELD(k, .literal = "[\"1\"]"));

typedef struct Numbered {
    int which;
    union {
        One one;
        More more;
    };
} Numbered;
BRIO_UNION(Numbered, BRIO_CONFIG(.discriminator = "k"), BRIO_CASE(one, One), BRIO_CASE(more, More));
typedef struct Leveled {
    int which;
    union {
        One one;
        Tall tall;
    };
} Leveled;
BRIO_UNION(Leveled, BRIO_CONFIG(.discriminator = "k"), BRIO_CASE(one, One), BRIO_CASE(tall, Tall));

typedef struct Black {
    brio_str kind, color;
    int64_t n;
} Black;
BRIO_MODEL(Black, BRIO_FIELD(kind, .literal = "[\"cat\"]"),
           BRIO_FIELD(color, .literal = "[\"black\"]"), BRIO_FIELD(n));
typedef struct White {
    brio_str kind, color;
    int64_t w;
} White;
BRIO_MODEL(White, BRIO_FIELD(kind, .literal = "[\"cat\"]"),
           BRIO_FIELD(color, .literal = "[\"white\"]"), BRIO_FIELD(w));
typedef struct Dog {
    brio_str kind;
    int64_t b;
} Dog;
BRIO_MODEL(Dog, BRIO_FIELD(kind, .literal = "[\"dog\"]"), BRIO_FIELD(b));
typedef struct Cat {
    int which;
    union {
        Black black;
        White white;
    };
} Cat;
BRIO_UNION(Cat, BRIO_CONFIG(.discriminator = "color"), BRIO_CASE(black, Black),
           BRIO_CASE(white, White));
typedef struct Pet {
    int which;
    union {
        Cat cat;
        Dog dog;
    };
} Pet;
BRIO_UNION(Pet, BRIO_CONFIG(.discriminator = "kind"), BRIO_CASE(cat, Cat), BRIO_CASE(dog, Dog));

/* The problems, or the value written again. */
static void reads(const brio_model *model, const char *text, const char *want)
{
    static const brio_loc root = {.name = BRIO_S_INIT("u")};
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    void *value = brio_calloc(&arena, 1, model->size);
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    if (brio_decode(brio_str_from(text), model, value, &root, &problems) < 0)
        brio_problems_write(&w, &problems);
    else
        CHECK_INT(brio_encode(&buf, model, value, NULL), 0);
    CHECK_STR(brio_buf_str(&buf), want);
    brio_buf_fini(&buf);
    brio_arena_fini(&arena);
}

TEST(tags_that_are_integers)
{
    const brio_model *m = BRIO_TYPE(Numbered);
    reads(m, "{\"k\":1,\"x\":5}", "{\"k\":1,\"x\":5}");
    reads(m, "{\"k\":3,\"y\":5}", "{\"k\":3,\"y\":5}");
    reads(m, "{\"k\":2}",
          "[{\"type\":\"missing\",\"loc\":[\"u\",2,\"y\"],\"msg\":\"Field required\","
          "\"input\":{\"k\":2}}]");
    reads(m, "{\"k\":1.0,\"x\":true}", "{\"k\":1,\"x\":1}");
    reads(
        m, "{\"k\":\"1\"}",
        "[{\"type\":\"union_tag_invalid\",\"loc\":[\"u\"],\"msg\":\"Input tag '1' found using 'k' "
        "does not match any of the expected tags: 1, 2, 3\",\"input\":{\"k\":\"1\"},\"ctx\":{"
        "\"discriminator\":\"'k'\",\"tag\":\"1\",\"expected_tags\":\"1, 2, 3\"}}]");
}

TEST(tags_of_an_enum)
{
    const brio_model *m = BRIO_TYPE(Leveled);
    reads(m, "{\"k\":2,\"z\":5}", "{\"k\":2,\"z\":5}");
    reads(m, "{\"k\":2}",
          "[{\"type\":\"missing\",\"loc\":[\"u\",2,\"z\"],\"msg\":\"Field required\","
          "\"input\":{\"k\":2}}]");
}

TEST(tags_of_unions_inside)
{
    const brio_model *m = BRIO_TYPE(Pet);
    reads(m, "{\"kind\":\"cat\",\"color\":\"white\",\"w\":1}",
          "{\"kind\":\"cat\",\"color\":\"white\",\"w\":1}");
    reads(m, "{\"kind\":\"dog\",\"b\":1}", "{\"kind\":\"dog\",\"b\":1}");
    reads(m, "{\"kind\":\"cat\"}",
          "[{\"type\":\"union_tag_not_found\",\"loc\":[\"u\",\"cat\"],\"msg\":\"Unable to extract "
          "tag using discriminator 'color'\",\"input\":{\"kind\":\"cat\"},\"ctx\":{"
          "\"discriminator\":\"'color'\"}}]");
    reads(m, "{\"kind\":\"cat\",\"color\":\"black\"}",
          "[{\"type\":\"missing\",\"loc\":[\"u\",\"cat\",\"black\",\"n\"],\"msg\":\"Field "
          "required\",\"input\":{\"kind\":\"cat\",\"color\":\"black\"}}]");
    reads(m, "{\"kind\":\"cow\"}",
          "[{\"type\":\"union_tag_invalid\",\"loc\":[\"u\"],\"msg\":\"Input tag 'cow' found using "
          "'kind' does not match any of the expected tags: 'cat', 'dog'\",\"input\":{\"kind\":"
          "\"cow\"},\"ctx\":{\"discriminator\":\"'kind'\",\"tag\":\"cow\",\"expected_tags\":"
          "\"'cat', 'dog'\"}}]");
}

static void schema_is(const brio_model *model, const char *want)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_schema_mode mode = {0};
    brio_schema_use_as(&w, &mode, model, (brio_str){0});
    CHECK_STR(brio_buf_str(&buf), want);
    brio_buf_fini(&buf);
}

#define REF(name) "\"#/components/schemas/" name "\""

TEST(tags_in_schemas)
{
    schema_is(BRIO_TYPE(Numbered),
              "{\"oneOf\":[{\"$ref\":" REF("One") "},{\"$ref\":" REF(
                  "More") "}],"
                          "\"discriminator\":{\"propertyName\":\"k\",\"mapping\":{\"1\":" REF(
                              "One") ",\"2\":" REF("More") ",\"3\":" REF("More") "}}}");
#define CATS                                                                                       \
    "{\"oneOf\":[{\"$ref\":" REF("Black") "},{\"$ref\":" REF(                                      \
        "White") "}],\"discriminator\":{"                                                          \
                 "\"propertyName\":\"color\",\"mapping\":{\"black\":" REF(                         \
                     "Black") ",\"white\":" REF("White") "}}}"
    schema_is(BRIO_TYPE(Pet),
              "{\"oneOf\":[" CATS
              ",{\"$ref\":" REF("Dog") "}],\"discriminator\":{"
                                       "\"propertyName\":\"kind\",\"mapping\":{\"cat\":" CATS
                                       ",\"dog\":" REF("Dog") "}}}");
}

typedef struct Alike {
    int which;
    union {
        One one;
        Text text;
    };
} Alike;
BRIO_UNION(Alike, BRIO_CONFIG(.discriminator = "k"), BRIO_CASE(one, One), BRIO_CASE(text, Text));

static void check_says(const brio_model *model, const char *want)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str why = {0};
    CHECK_INT(brio_model_check(model, &arena, &why), *want ? -22 : 0);
    CHECK_STR(why, want);
    brio_arena_fini(&arena);
}

TEST(tags_are_checked)
{
    check_says(BRIO_TYPE(Numbered), "");
    check_says(BRIO_TYPE(Leveled), "");
    check_says(BRIO_TYPE(Pet), "");
    check_says(BRIO_TYPE(Alike), "model Alike: two cases have the same tag");
}
