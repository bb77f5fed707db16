/* SPDX-License-Identifier: MIT
 *
 * A scalar of the program's own (BRIO_TYPE_MODEL) through every door: text,
 * dynamic value, parameters, writing, schema; and rows inherited by BRIO_BASE. */
#include "json_support.h"

/* A temperature, on the wire "21C". */
typedef struct Celsius {
    int32_t degrees;
} Celsius;

static int celsius_read(brio_input *in, const brio_json *value, void *out)
{
    if (value->type != BRIO_JSON_STR || !brio_str_ends(value->str, BRIO_S("C")))
        return brio_input_fail(in, "celsius", BRIO_S("Input should end with C"), BRIO_S("{}"));
    int32_t degrees = 0;
    for (size_t i = 0; i + 1 < value->str.len; i++)
        degrees = degrees * 10 + (value->str.ptr[i] - '0');
    if (brio_input_field(in)->max_length && value->str.len > brio_input_field(in)->max_length)
        return brio_input_fail(in, "celsius_long", BRIO_S("Too long"), (brio_str){0});
    memcpy(out, &degrees, sizeof degrees);
    return 0;
}

static void celsius_write(brio_json_writer *w, const brio_field *field, const void *value,
                          bool plain)
{
    (void)field;
    const Celsius *c = value;
    char text[32];
    if (plain)
        brio_json_i64(w, c->degrees);
    else
        brio_json_str(w, (brio_str){text, (size_t)snprintf(text, sizeof text, "%dC", c->degrees)});
}

static void celsius_schema(brio_json_writer *w, const brio_field *field, bool output)
{
    brio_json_key(w, BRIO_S("type"));
    brio_json_str(w, BRIO_S("string"));
    brio_json_key(w, BRIO_S("format"));
    brio_json_str(w, output ? BRIO_S("celsius-out") : BRIO_S("celsius"));
    if (field && field->max_length) {
        brio_json_key(w, BRIO_S("maxLength"));
        brio_json_i64(w, (int64_t)field->max_length);
    }
}

static const brio_type celsius_type = {
    .read = celsius_read, .write = celsius_write, .schema = celsius_schema};
BRIO_TYPE_MODEL(Celsius, "celsius", &celsius_type);
BRIO_LIST_OF(Celsius);

typedef struct Named {
    brio_str name;
} Named;
BRIO_MODEL(Named, BRIO_FIELD(name, .min_length = 1), BRIO_CONFIG(.description = "Named."));

typedef struct Room {
    int64_t floor;
    Named named;
    Celsius now;
    Celsius *wanted;
} Room;
BRIO_MODEL(Room, BRIO_FIELD(floor), BRIO_BASE(named, Named),
           BRIO_FIELD_AS(now, Celsius, .max_length = 4), BRIO_FIELD_AS(wanted, Celsius));

static brio_str written(brio_arena *arena, const brio_model *model, const void *value)
{
    brio_buf buf = {0};
    CHECK_OK(brio_encode(&buf, model, value, NULL));
    brio_str text = brio_str_copy(arena, brio_buf_str(&buf));
    brio_buf_fini(&buf);
    return text;
}

TEST(type_goes_in_and_out)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    Room room;
    const char *text = "{\"floor\":1,\"name\":\"n\",\"now\":\"21C\",\"wanted\":null}";
    CHECK_OK(brio_decode(brio_str_from(text), BRIO_TYPE(Room), &room, NULL, &problems));
    CHECK_INT(room.now.degrees, 21);
    CHECK_STR(room.named.name, "n");
    CHECK_STR(written(&arena, BRIO_TYPE(Room), &room), text);
    brio_arena_fini(&arena);
}

TEST(type_problems_and_base_rows_are_reported_in_order)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    Room room;
    const char *text = "{\"floor\":1,\"name\":\"\",\"now\":\"21000C\",\"wanted\":5}";
    CHECK_INT(brio_decode(brio_str_from(text), BRIO_TYPE(Room), &room, NULL, &problems),
              BRIO_EINVALID);
    CHECK_INT(problems.count, 3);
    CHECK_STR(brio_problem_text(&arena, problems.first),
              "name: String should have at least 1 character");
    CHECK_STR(brio_problem_text(&arena, problems.first->next), "now: Too long");
    CHECK_STR(brio_problem_text(&arena, problems.last), "wanted: Input should end with C");
    brio_arena_fini(&arena);
}

TEST(type_is_a_parameter_and_a_list_item)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    size_t n;
    const brio_field *rows = brio_model_rows(BRIO_TYPE(Room), &n);
    CHECK_INT(n, 5);
    Room room = {0};
    brio_str value = BRIO_S("7C");
    CHECK_OK(brio_decode_strings(&value, 1, &rows[n - 1], &room, NULL, &problems));
    CHECK_INT(room.wanted->degrees, 7);
    Celsius_list list;
    CHECK_OK(
        brio_decode(BRIO_S("[\"1C\",\"2C\"]"), BRIO_TYPE(Celsius_list), &list, NULL, &problems));
    CHECK_STR(written(&arena, BRIO_TYPE(Celsius_list), &list), "[\"1C\",\"2C\"]");
    brio_arena_fini(&arena);
}

TEST(type_writes_its_schema)
{
    brio_buf buf = {0};
    brio_json_writer w = {.out = &buf};
    brio_schema_component(&w, BRIO_TYPE(Room));
    CHECK_STR(
        brio_buf_str(&buf),
        "{\"properties\":{\"floor\":{\"type\":\"integer\",\"title\":\"Floor\"},"
        "\"name\":{\"type\":\"string\",\"minLength\":1,\"title\":\"Name\"},"
        "\"now\":{\"type\":\"string\",\"format\":\"celsius\",\"maxLength\":4,\"title\":\"Now\"},"
        "\"wanted\":{\"anyOf\":[{\"type\":\"string\",\"format\":\"celsius\"},{\"type\":\"null\"}],"
        "\"title\":\"Wanted\"}},\"type\":\"object\",\"required\":[\"floor\",\"name\",\"now\"],"
        "\"title\":\"Room\"}");
    brio_buf_fini(&buf);
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_str why = {0};
    CHECK_OK(brio_model_check(BRIO_TYPE(Room), &arena, &why));
    brio_arena_fini(&arena);
}

static int no_frost(brio_check *c, void *value)
{
    const Celsius *now = value;
    return now->degrees < 1 ? brio_check_fail(c, "frost") : 0;
}

typedef struct Garden {
    Celsius now;
} Garden;
BRIO_MODEL(Garden, BRIO_FIELD_AS(now, Celsius, .after = no_frost));

/* Validators are not the fast reader's, whatever it reads itself. */
TEST(type_with_a_validator)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    Garden garden;
    CHECK_OK(brio_decode(BRIO_S("{\"now\":\"3C\"}"), BRIO_TYPE(Garden), &garden, NULL, &problems));
    CHECK_INT(brio_decode(BRIO_S("{\"now\":\"0C\"}"), BRIO_TYPE(Garden), &garden, NULL, &problems),
              BRIO_EINVALID);
    CHECK_STR(brio_problem_text(&arena, problems.first), "now: Value error, frost");
    brio_arena_fini(&arena);
}
