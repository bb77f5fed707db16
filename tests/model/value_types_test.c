/* SPDX-License-Identifier: MIT
 *
 * Value types as members of a program's own model: inferred by BRIO_FIELD, as
 * pointers and lists, with defaults, as keys of dictionaries and in sets, and
 * by the fast reader where it can. */
#include "json_support.h"

#include "model/model_internal.h"

typedef struct Event {
    brio_uuid id;
    brio_datetime start;
    brio_date *day;
    brio_timedelta length;
    brio_decimal price;
    brio_email_list guests;
    brio_http_url *link;
    brio_bytes blob;
    brio_ip_list from;
    brio_secret key;
} Event;
BRIO_MODEL(Event, BRIO_FIELD(id, .uuid_version = 4), BRIO_FIELD(start, .tz = BRIO_TZ_AWARE),
           BRIO_FIELD(day, .le_text = "2030-01-01"), BRIO_FIELD(length, .def = "\"PT1H\""),
           BRIO_FIELD(price, .ge = BRIO_NUM(0), .max_digits = 6, .decimal_places = 2),
           BRIO_FIELD(guests, .def = "[]", .as = BRIO_SET), BRIO_FIELD(link),
           BRIO_FIELD(blob, .base64 = true, .def = "\"\""), BRIO_FIELD(from, .def = "[]"),
           BRIO_FIELD(key, .def = "\"k\""));

static const char full[] =
    "{\"id\":\"67E55044-10b1-426f-9247-bb680e5fe0c8\",\"start\":\"2024-01-02 03:04:05Z\","
    "\"day\":\"2024-02-29\",\"length\":\"1 day, 0:30:00\",\"price\":\"012.50\","
    "\"guests\":[\"a@B.co\",\"Foo <a@b.co>\"],\"link\":\"HTTP://Example.com\","
    "\"blob\":\"_-8\",\"from\":[\"1.2.3.4\",\"0::1\"],\"key\":\"secret\"}";
static const char back[] =
    "{\"id\":\"67e55044-10b1-426f-9247-bb680e5fe0c8\",\"start\":\"2024-01-02T03:04:05Z\","
    "\"day\":\"2024-02-29\",\"length\":\"P1DT30M\",\"price\":\"12.50\",\"guests\":[\"a@b.co\"],"
    "\"link\":\"http://example.com/\",\"blob\":\"_-8=\",\"from\":[\"1.2.3.4\",\"::1\"],"
    "\"key\":\"**********\"}";

static void check_written(const Event *event, const char *want)
{
    brio_buf out = {0};
    CHECK_OK(brio_encode(&out, BRIO_TYPE(Event), event, NULL));
    CHECK_STR(brio_buf_str(&out), want);
    brio_buf_fini(&out);
}

TEST(a_model_holds_value_types)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    Event event;
    CHECK_OK(brio_decode(brio_str_from(full), BRIO_TYPE(Event), &event, NULL, &problems));
    CHECK_INT(event.start.hour, 3);
    CHECK_INT(event.length.seconds, 86400 + 1800);
    CHECK_STR(event.key.text, "secret");
    CHECK_INT(event.blob.len, 2);
    check_written(&event, back);
    brio_arena_fini(&arena);
}

TEST(what_is_absent_has_its_default)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    brio_problems problems = {.arena = &arena};
    Event event;
    brio_str least = BRIO_S("{\"price\":1.5,\"start\":0,"
                            "\"id\":\"67e5504410b1426f9247bb680e5fe0c8\"}");
    CHECK_OK(brio_decode(least, BRIO_TYPE(Event), &event, NULL, &problems));
    CHECK(!event.day && !event.link);
    CHECK_INT(event.length.seconds, 3600);
    CHECK_STR(event.price.text, "1.5");
    CHECK_INT(event.start.year, 1970);
    brio_arena_fini(&arena);
}

TEST(strings_of_value_types_take_the_fast_road)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    typedef struct Stamped {
        brio_uuid id;
        brio_datetime at;
        brio_decimal price;
    } Stamped;
    static const brio_field rows[] = {
        {.name = "id", .kind = BRIO_KIND_MODEL, .model = brio_uuid_model},
        {.name = "at",
         .offset = offsetof(Stamped, at),
         .kind = BRIO_KIND_MODEL,
         .model = brio_datetime_model},
        {.name = "price",
         .offset = offsetof(Stamped, price),
         .kind = BRIO_KIND_MODEL,
         .model = brio_decimal_model}};
    static brio_model model = {.name = "Stamped",
                               .kind = BRIO_KIND_STRUCT,
                               .size = sizeof(Stamped),
                               .fields = rows,
                               .n = 3};
    Stamped out;
    CHECK(brio_decode_fast(BRIO_S("{\"id\":\"67e55044-10b1-426f-9247-bb680e5fe0c8\","
                                  "\"at\":\"2024-01-02T03:04:05Z\",\"price\":\"1.50\"}"),
                           &model, &out, &arena));
    CHECK_STR(out.price.text, "1.50");
    CHECK(!brio_decode_fast(BRIO_S("{\"id\":\"67e55044-10b1-426f-9247-bb680e5fe0c8\","
                                   "\"at\":\"2024-13-02T03:04:05Z\",\"price\":\"1.50\"}"),
                            &model, &out, &arena));
    brio_arena_fini(&arena);
}
