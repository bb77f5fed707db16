/* SPDX-License-Identifier: MIT
 *
 * Plans: wire names, key texts, lookups, bounds, and many threads at once. */
#include "json_support.h"
#include "model/model_internal.h"

#include <math.h>
#include <pthread.h>

typedef struct Inputs {
    int64_t item_id;
    brio_str x_token;
    brio_str user_agent;
    brio_str under_score;
    brio_str body;
} Inputs;
BRIO_MODEL(Inputs, BRIO_PATH(item_id), BRIO_HEADER(x_token),
           BRIO_HEADER(user_agent, .exact_name = true),
           BRIO_HEADER(under_score, .alias = "an_alias"), BRIO_CONFIG(.extra = BRIO_EXTRA_FORBID),
           BRIO_FIELD(body));

TEST(wire_names_follow_the_header_rule)
{
    const brio_model *model = BRIO_TYPE(Inputs);
    CHECK_STR(brio_field_wire_name(model, 0), "item_id");
    CHECK_STR(brio_field_wire_name(model, 1), "x-token");
    CHECK_STR(brio_field_wire_name(model, 2), "user_agent");
    CHECK_STR(brio_field_wire_name(model, 3), "an_alias");
    CHECK_STR(brio_field_wire_name(model, 5), "body");
}

TEST(rows_are_found_by_wire_name)
{
    const brio_model *model = BRIO_TYPE(Inputs);
    CHECK_INT(brio_model_find(model, BRIO_S("item_id")), 0);
    CHECK_INT(brio_model_find(model, BRIO_S("x-token")), 1);
    CHECK_INT(brio_model_find(model, BRIO_S("body")), 5);
    CHECK_INT(brio_model_find(model, BRIO_S("x_token")), -1);
    CHECK_INT(brio_model_find(model, BRIO_S("under_score")), -1);
    CHECK_INT(brio_model_find(model, BRIO_S("")), -1);
    CHECK_INT(brio_model_find(BRIO_TYPE(Colour), BRIO_S("red")), -1);
}

TEST(a_plan_knows_members_keys_and_config)
{
    const brio_plan *plan = brio_model_plan(BRIO_TYPE(Inputs));
    CHECK_INT(plan->members, 1 << 5);
    CHECK(plan->forbid_extra);
    CHECK(plan->sparse);
    CHECK(plan->config == &BRIO_TYPE(Inputs)->fields[4]);
    CHECK(plan->first == &plan->fields[5]);
    CHECK(plan->first->next == &brio_plan_no_field);
    CHECK_STR(((brio_str){plan->first->key, plan->first->key_len}), "\"body\":");
    CHECK_INT(plan->first->key[-1], ',');
}

TEST(kinds_are_resolved)
{
    const brio_plan *plan = brio_model_plan(BRIO_TYPE(Every));
    CHECK_INT(plan->fields[brio_model_find(BRIO_TYPE(Every), BRIO_S("colour"))].kind,
              BRIO_KIND_ENUM);
    CHECK_INT(plan->fields[brio_model_find(BRIO_TYPE(Every), BRIO_S("leaf"))].kind,
              BRIO_KIND_STRUCT);
    CHECK_INT(plan->fields[brio_model_find(BRIO_TYPE(Every), BRIO_S("tags"))].kind, BRIO_KIND_LIST);
    CHECK_INT(plan->fields[brio_model_find(BRIO_TYPE(Every), BRIO_S("te\"xt"))].kind,
              BRIO_KIND_STR);
    CHECK_INT(brio_model_plan(BRIO_TYPE(Leaf_list))->fields[0].size, sizeof(Leaf));
    CHECK_INT(brio_model_plan(brio_bool_model())->self.kind, BRIO_KIND_BOOL);
}

TEST(keys_that_look_alike_are_told_apart)
{
    static char names[64][40];
    static brio_field rows[64];
    for (int i = 0; i < 64; i++) {
        snprintf(names[i], sizeof(names[i]),
                 i % 2 ? "prefix_%02d_suffix" : "a_long_common_prefix_%02d", i);
        rows[i] = (brio_field){.name = names[i], .kind = BRIO_KIND_BOOL, .offset = (size_t)i};
    }
    static brio_model model = {
        .name = "Wide", .kind = BRIO_KIND_STRUCT, .size = 64, .fields = rows, .n = 64};
    for (int i = 0; i < 64; i++)
        CHECK_INT(brio_model_find(&model, brio_str_from(names[i])), i);
    CHECK_INT(brio_model_find(&model, BRIO_S("prefix_00_suffix")), -1);
    CHECK_INT(brio_plan_find(brio_model_plan(&model), "prefix_01_suffix", 16), 1);
}

static brio_bounds bounds(brio_kind kind, brio_field row)
{
    return brio_bounds_of(&row, kind);
}

TEST(integer_bounds_are_closed_intervals)
{
    brio_bounds b = bounds(BRIO_KIND_I8, (brio_field){.gt = BRIO_NUM(-5), .le = BRIO_NUM(1000)});
    CHECK_INT(b.int_min, -4);
    CHECK_INT(b.int_max, 127);
    b = bounds(BRIO_KIND_U64, (brio_field){.lt = BRIO_NUM(10)});
    CHECK_INT(b.int_min, 0);
    CHECK_INT(b.int_max, 9);
    b = bounds(BRIO_KIND_I64, (brio_field){.gt = BRIO_NUM(INT64_MAX)});
    CHECK(b.int_min > b.int_max);
    b = bounds(BRIO_KIND_I64, (brio_field){.multiple_of = BRIO_NUM(3)});
    CHECK(b.int_min > b.int_max);
}

TEST(float_bounds_are_closed_intervals)
{
    brio_bounds b = bounds(BRIO_KIND_F64, (brio_field){.gt = BRIO_NUM(0), .lt = BRIO_NUM(1.5)});
    CHECK(b.f64_min == 5e-324);
    CHECK(b.f64_max == nextafter(1.5, 0));
    b = bounds(BRIO_KIND_F64, (brio_field){.gt = BRIO_NUM(1), .ge = BRIO_NUM(2)});
    CHECK(b.f64_min == 2);
    b = bounds(BRIO_KIND_F64, (brio_field){.gt = {true, false, 0, HUGE_VAL}});
    CHECK(isnan(b.f64_min));
}

enum { THREADS = 8 };
static const brio_plan *seen[THREADS];

static void *compile(void *at)
{
    *(const brio_plan **)at = brio_model_plan(BRIO_TYPE(Every_list));
    CHECK_INT(brio_model_find(BRIO_TYPE(Every), BRIO_S("i64")), 5);
    return NULL;
}

TEST(threads_agree_on_one_plan)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, compile, &seen[i]), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    for (int i = 1; i < THREADS; i++)
        CHECK(seen[i] == seen[0]);
}

TEST(enums_of_every_width)
{
    int8_t small = 0;
    int64_t large = 0;
    brio_enum_store(&small, sizeof(small), -2);
    brio_enum_store(&large, sizeof(large), -2);
    CHECK_INT(small, -2);
    CHECK_INT(large, -2);
    CHECK(brio_enum_is(&small, sizeof(small), -2));
    CHECK(!brio_enum_is(&large, sizeof(large), 2));
}
