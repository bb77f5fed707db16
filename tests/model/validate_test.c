/* SPDX-License-Identifier: MIT
 *
 * Reading dynamic values into structs: order of problems, hostile sizes and
 * depths, absence in all its forms, what is borrowed, and members that are not
 * of the JSON object. What FastAPI says of each value is in vectors_test.c. */
#include "vector_models.h"

#include <pthread.h>

static brio_arena arena;
static brio_problems problems;

static void begin(size_t limit)
{
    brio_arena_init(&arena, limit);
    problems = (brio_problems){.arena = &arena};
}

static brio_json parsed(brio_str text)
{
    brio_json value = {0};
    CHECK_OK(brio_json_parse(&arena, text, NULL, &value, NULL));
    return value;
}

static int decode(const char *text, const brio_model *model, void *out)
{
    brio_loc root = {.name = BRIO_S("body")};
    brio_json value = parsed(brio_str_from(text));
    return brio_decode_value(&value, model, out, &root, &problems);
}

/* Every problem as a line, in order. */
static brio_str lines(void)
{
    brio_str all = {0};
    for (const brio_problem *p = problems.first; p; p = p->next)
        all = brio_printf(&arena, "%.*s%.*s\n", BRIO_ARG(all),
                          BRIO_ARG(brio_problem_text(&arena, p)));
    return all;
}

TEST(validate_fills_a_struct)
{
    begin(0);
    Item item;
    memset(&item, 0xA5, sizeof item);
    CHECK_OK(decode("{\"price\":\"2.5\",\"name\":\"n\",\"tags\":[\"a\",\"b\"],\"subs\":[{\"a\":4}],"
                    "\"ignored\":{}}",
                    BRIO_TYPE(Item), &item));
    CHECK_STR(item.name, "n");
    CHECK(item.price == 2.5);
    CHECK(!item.is_offer);
    CHECK(!item.tax);
    CHECK_INT(item.tags.len, 2);
    CHECK_STR(item.tags.items[1], "b");
    CHECK(!item.sub);
    CHECK_INT(item.subs->len, 1);
    CHECK_INT(item.subs->items[0].a, 4);
    CHECK_INT(item.color, GREEN);
    CHECK_INT(problems.count, 0);
    brio_arena_fini(&arena);
}

TEST(validate_reports_in_field_order_then_extras)
{
    begin(0);
    Strict out;
    CHECK_INT(decode("{\"z\":1,\"sub\":{\"a\":[]},\"b\":\"x\",\"y\":2}", BRIO_TYPE(Strict), &out),
              BRIO_EINVALID);
    CHECK_STR(lines(),
              "body.a: Field required\n"
              "body.b: Input should be a valid integer, unable to parse string as an integer\n"
              "body.sub.a: Input should be a valid integer\n"
              "body.z: Extra inputs are not permitted\n"
              "body.y: Extra inputs are not permitted\n");
    brio_arena_fini(&arena);
}

TEST(validate_missing_shows_the_object_around)
{
    begin(0);
    Strict out;
    CHECK_INT(decode("{\"a\":1,\"b\":2,\"sub\":{\"q\":3}}", BRIO_TYPE(Strict), &out),
              BRIO_EINVALID);
    CHECK_STR(brio_json_text(&arena, &problems.first->input), "{\"q\":3}");
    brio_arena_fini(&arena);
}

TEST(validate_without_a_root_has_bare_locations)
{
    begin(0);
    brio_json value = parsed(BRIO_S("{}"));
    Sub out;
    CHECK_INT(brio_decode_value(&value, BRIO_TYPE(Sub), &out, NULL, &problems), BRIO_EINVALID);
    CHECK_STR(brio_problem_text(&arena, problems.first), "a: Field required");
    brio_arena_fini(&arena);
}

TEST(validate_borrows_strings)
{
    begin(0);
    static const char text[] = "{\"name\":\"abc\",\"price\":1}";
    Item item;
    CHECK_OK(decode(text, BRIO_TYPE(Item), &item));
    CHECK(item.name.ptr == strstr(text, "abc"));
    brio_arena_fini(&arena);
}

/* ---- Members that are not of the object ---------------------------------------------- */

typedef struct Mixed {
    int64_t id;
    brio_str *q;
    int64_t a;
} Mixed;
BRIO_MODEL(Mixed, BRIO_PATH(id), BRIO_QUERY(q), BRIO_FIELD(a),
           BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID));

TEST(validate_zeroes_what_is_not_of_the_object)
{
    begin(0);
    Mixed out;
    memset(&out, 0xA5, sizeof out);
    CHECK_OK(decode("{\"a\":3}", BRIO_TYPE(Mixed), &out));
    CHECK_INT(out.id, 0);
    CHECK(!out.q);
    CHECK_INT(out.a, 3);
    CHECK_INT(decode("{\"a\":3,\"id\":4}", BRIO_TYPE(Mixed), &out), BRIO_EINVALID);
    CHECK_STR(lines(), "body.id: Extra inputs are not permitted\n");
    brio_arena_fini(&arena);
}

/* ---- Types without constraints ------------------------------------------------------------ */

TEST(validate_none_takes_null_only)
{
    begin(0);
    brio_none none;
    CHECK_OK(decode("null", BRIO_TYPE(brio_none), &none));
    CHECK_INT(decode("1", BRIO_TYPE(brio_none), &none), BRIO_EINVALID);
    CHECK_STR(lines(), "body: Input should be None\n");
    brio_arena_fini(&arena);
}

TEST(validate_scalars_and_lists_as_whole_bodies)
{
    begin(0);
    int64_t i = 0;
    CHECK_OK(decode("\"7\"", BRIO_TYPE(int64_t), &i));
    CHECK_INT(i, 7);
    brio_i32_list list;
    CHECK_OK(decode("[1,\"2\",3.0]", BRIO_TYPE(brio_i32_list), &list));
    CHECK_INT(list.len, 3);
    CHECK_INT(list.items[2], 3);
    brio_json any;
    CHECK_OK(decode("{\"x\":[1]}", BRIO_TYPE(brio_json), &any));
    CHECK_STR(brio_json_text(&arena, &any), "{\"x\":[1]}");
    brio_text text;
    CHECK_OK(decode("\"t\"", BRIO_TYPE(brio_text), &text));
    CHECK_STR(text.text, "t");
    CHECK_INT(decode("[1,2147483648]", BRIO_TYPE(brio_i32_list), &list), BRIO_EINVALID);
    CHECK_STR(lines(),
              "body[1]: Unable to parse input string as an integer, exceeded maximum size\n");
    brio_arena_fini(&arena);
}

typedef enum __attribute__((packed)) Tiny { T_A = 200, T_B } Tiny;
BRIO_ENUM(Tiny, {T_A, "a"}, {T_B, "b"});
typedef struct HasTiny {
    Tiny tiny;
    uint8_t after;
    Tiny *maybe;
} HasTiny;
BRIO_MODEL(HasTiny, BRIO_FIELD_AS(tiny, Tiny), BRIO_FIELD(after), BRIO_FIELD_AS(maybe, Tiny));

TEST(validate_enums_of_one_byte)
{
    begin(0);
    CHECK_INT(sizeof(Tiny), 1);
    HasTiny out;
    CHECK_OK(decode("{\"after\":7,\"tiny\":\"b\",\"maybe\":\"a\"}", BRIO_TYPE(HasTiny), &out));
    CHECK_INT(out.tiny, T_B);
    CHECK_INT(out.after, 7);
    CHECK_INT(*out.maybe, T_A);
    brio_arena_fini(&arena);
}

/* ---- Absence -------------------------------------------------------------------------------- */

typedef struct Absent {
    int64_t with_default;
    int64_t *plain, *with_null, *with_value, *must;
    brio_str_list list;
    Sub sub;
} Absent;
BRIO_MODEL(Absent, BRIO_FIELD(with_default, .def = "\"12\""), BRIO_FIELD(plain),
           BRIO_FIELD(with_null, .def = "null"), BRIO_FIELD(with_value, .def = "3"),
           BRIO_FIELD(must, .required = true), BRIO_FIELD(list, .def = "[\"x\"]"),
           BRIO_FIELD_AS(sub, Sub, .def = "{\"a\":5}"));

TEST(validate_applies_defaults)
{
    begin(0);
    Absent out;
    CHECK_OK(decode("{\"must\":null}", BRIO_TYPE(Absent), &out));
    CHECK_INT(out.with_default, 12);
    CHECK(!out.plain);
    CHECK(!out.with_null);
    CHECK_INT(*out.with_value, 3);
    CHECK(!out.must);
    CHECK_STR(out.list.items[0], "x");
    CHECK_INT(out.sub.a, 5);
    CHECK_INT(decode("{\"with_value\":null}", BRIO_TYPE(Absent), &out), BRIO_EINVALID);
    CHECK_STR(lines(), "body.must: Field required\n");
    brio_arena_fini(&arena);
}

TEST(decode_field_of_its_own)
{
    begin(0);
    Absent out;
    const brio_model *model = BRIO_TYPE(Absent);
    brio_loc root = {.name = BRIO_S("query")}, loc = {.up = &root, .name = BRIO_S("f")};
    brio_json null = {0}, four = brio_json_from_int(4);
    CHECK_OK(brio_decode_field(NULL, &model->fields[0], &out, &loc, &problems));
    CHECK_INT(out.with_default, 12);
    CHECK_OK(brio_decode_field(&four, &model->fields[3], &out, &loc, &problems));
    CHECK_INT(*out.with_value, 4);
    CHECK_OK(brio_decode_field(&null, &model->fields[3], &out, &loc, &problems));
    CHECK(!out.with_value);
    CHECK_INT(brio_decode_field(NULL, &model->fields[4], &out, &loc, &problems), BRIO_EINVALID);
    CHECK_INT(problems.first->input.type, BRIO_JSON_NULL);
    CHECK_STR(lines(), "query.f: Field required\n");
    brio_arena_fini(&arena);
}

/* ---- Hostile -----------------------------------------------------------------------------------
 */

static brio_str repeated(const char *before, const char *each, size_t n, const char *after)
{
    size_t len = strlen(each), head = strlen(before), tail = strlen(after);
    char *text = brio_alloc_aligned(&arena, head + n * len + tail + 1, 1), *at = text;
    at = (char *)memcpy(at, before, head) + head;
    for (size_t i = 0; i < n; i++, at += len)
        memcpy(at, each, len);
    memcpy(at, after, tail + 1);
    return (brio_str){text, head + n * len + tail};
}

TEST(validate_hundred_thousand_errors)
{
    begin(64 << 20);
    brio_json value = parsed(repeated("[1", ",\"x\"", 100 * 1000, "]"));
    brio_i64_list out;
    CHECK_INT(brio_decode_value(&value, BRIO_TYPE(brio_i64_list), &out, NULL, &problems),
              BRIO_EINVALID);
    CHECK_INT(problems.count, 100 * 1000);
    size_t kept = 0;
    for (const brio_problem *p = problems.first; p; p = p->next)
        kept++;
    CHECK_INT(kept, 1000);
    brio_arena_fini(&arena);
}

TEST(validate_wide_objects_in_linear_time)
{
    begin(256 << 20);
    brio_json object = {.type = BRIO_JSON_OBJECT, .n = 300 * 1000};
    object.members = BRIO_NEW_ARRAY(&arena, brio_json_member, object.n);
    for (uint32_t i = 0; i < object.n; i++)
        object.members[i].key = brio_printf(&arena, "k%u", i);
    object.members[object.n - 1] = (brio_json_member){BRIO_S("a"), brio_json_from_int(9)};
    Sub sub;
    CHECK_OK(brio_decode_value(&object, BRIO_TYPE(Sub), &sub, NULL, &problems));
    CHECK_INT(sub.a, 9);
    Strict strict;
    CHECK_INT(brio_decode_value(&object, BRIO_TYPE(Strict), &strict, NULL, &problems),
              BRIO_EINVALID);
    CHECK_INT(problems.count, object.n); /* b is missing, all but one are extra */
    brio_arena_fini(&arena);
}

enum { LEVELS = 62, TASK_STACK = 256 * 1024 };

static void *read_deep(void *arg)
{
    brio_str text = repeated("", "{\"value\":1,\"children\":[", LEVELS, "{\"value\":\"x\"}");
    text = repeated(brio_cstr(&arena, text), "]}", LEVELS, "");
    brio_json value = parsed(text);
    Node out;
    *(int *)arg = brio_decode_value(&value, BRIO_TYPE(Node), &out, NULL, &problems);
    return NULL;
}

/* As deep as the parser lets through, on a stack like a task's (larger than
 * the default, as sanitizers and debug builds need more). */
TEST(validate_deep_values_on_a_small_stack)
{
    begin(0);
    pthread_attr_t attributes;
    CHECK_INT(pthread_attr_init(&attributes), 0);
    CHECK_INT(pthread_attr_setstacksize(&attributes, TASK_STACK), 0);
    pthread_t thread;
    int rc = 0;
    CHECK_INT(pthread_create(&thread, &attributes, read_deep, &rc), 0);
    CHECK_INT(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    CHECK_INT(rc, BRIO_EINVALID);
    size_t depth = 0;
    for (const brio_loc *loc = problems.first->loc; loc; loc = loc->up)
        depth++;
    CHECK_INT(depth, 2 * LEVELS + 1);
    brio_arena_fini(&arena);
}
