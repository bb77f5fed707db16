/* SPDX-License-Identifier: MIT
 *
 * What the tests that replay vectors share (declared in vector_models.h). */
#include "vector_models.h"

#include <math.h>
#include <stdio.h>

brio_json vectors_read(brio_arena *arena, const char *name)
{
    brio_str path = brio_printf(arena, "%s/../model/vectors/%s", BRIO_TEST_DATA, name);
    FILE *file = fopen(brio_cstr(arena, path), "rb");
    CHECK(file);
    size_t cap = 1 << 20;
    char *text = brio_alloc(arena, cap);
    size_t n = fread(text, 1, cap, file);
    CHECK(n > 0);
    CHECK(n < cap);
    fclose(file);
    brio_json value = {0};
    CHECK_OK(brio_json_parse(arena, (brio_str){text, n}, NULL, &value, NULL));
    return value;
}

const brio_json *vectors_get(const brio_json *object, const char *member)
{
    const brio_json *value = brio_json_get(object, brio_str_from(member));
    if (!value)
        test_fail(__FILE__, __LINE__, "no member %s", member);
    return value;
}

bool vectors_equal(const brio_json *a, const brio_json *b)
{
    if (a->type == BRIO_JSON_FLOAT && b->type == BRIO_JSON_FLOAT && isnan(a->number))
        return isnan(b->number);
    return brio_json_equal(a, b);
}

static int64_t load_int(const void *at, size_t size, bool is_signed)
{
    uint64_t bits = 0;
    memcpy(&bits, at, size);
    unsigned shift = 64 - 8 * (unsigned)size;
    return is_signed ? (int64_t)(bits << shift) >> shift : (int64_t)bits;
}

static brio_json int_of(brio_arena *arena, const brio_plan_field *row, const void *at)
{
    int64_t value = load_int(at, row->size, row->kind <= BRIO_KIND_I64);
    if (row->kind != BRIO_KIND_U64 || value >= 0)
        return brio_json_from_int(value);
    brio_str digits = brio_printf(arena, "%llu", (unsigned long long)value);
    return (brio_json){.type = BRIO_JSON_BIGINT, .str = digits};
}

static brio_json enum_of(const brio_model *model, const void *at)
{
    for (size_t i = 0; model->ints && i < model->n_values; i++)
        if (brio_enum_is(at, model->size, model->ints[i]))
            return brio_json_from_int(model->ints[i]);
    for (size_t i = 0; !model->ints && i < model->n_values; i++)
        if (brio_enum_is(at, model->size, model->values[i].value))
            return brio_json_from_str(brio_str_from(model->values[i].name));
    test_fail(__FILE__, __LINE__, "no such enum value");
}

static brio_json list_of(brio_arena *arena, const brio_model *model, const void *at)
{
    brio_str_list header; /* any list has this shape */
    memcpy(&header, at, sizeof header);
    const brio_plan_field *item = &brio_model_plan(model)->fields[0];
    size_t stride = item->nullable ? sizeof(void *) : item->size;
    brio_json list = {.type = BRIO_JSON_ARRAY, .n = (uint32_t)header.len};
    list.items = BRIO_NEW_ARRAY(arena, brio_json, header.len);
    for (size_t i = 0; i < header.len; i++)
        list.items[i] = vectors_value_of(arena, item, (const char *)header.items + i * stride);
    return list;
}

static brio_json struct_of(brio_arena *arena, const brio_model *model, const void *at)
{
    const brio_plan *plan = brio_model_plan(model);
    brio_json object = {.type = BRIO_JSON_OBJECT};
    if (plan->extras != BRIO_PLAN_NOWHERE) {
        CHECK_OK(brio_to_json(arena, model, at, NULL, &object));
        return object;
    }
    object.members = BRIO_NEW_ARRAY(arena, brio_json_member, plan->n);
    for (size_t i = 0; i < plan->n; i++) {
        const brio_plan_field *row = &plan->fields[i];
        if (row->member)
            object.members[object.n++] = (brio_json_member){
                row->out_wire, vectors_value_of(arena, row, (const char *)at + row->offset)};
    }
    return object;
}

static brio_json plain_of(brio_arena *arena, const brio_plan_field *row, const void *at)
{
    brio_json value = {0};
    switch ((int)row->kind) {
    case BRIO_KIND_BOOL:
        value.type = BRIO_JSON_BOOL;
        memcpy(&value.boolean, at, sizeof value.boolean);
        return value;
    case BRIO_KIND_F64:
        value.type = BRIO_JSON_FLOAT;
        memcpy(&value.number, at, sizeof value.number);
        return value;
    case BRIO_KIND_STR:
        value.type = BRIO_JSON_STR;
        memcpy(&value.str, at, sizeof value.str);
        return value;
    case BRIO_KIND_JSON:
        memcpy(&value, at, sizeof value);
        return value;
    case BRIO_KIND_ENUM:
        return enum_of(row->model, at);
    case BRIO_KIND_LIST:
        return list_of(arena, row->model, at);
    case BRIO_KIND_STRUCT:
        return struct_of(arena, row->model, at);
    case BRIO_KIND_TUPLE:
    case BRIO_KIND_DICT:
    case BRIO_KIND_UNION:
        CHECK_OK(brio_to_json(arena, row->model, at, NULL, &value));
        return value;
    default:
        return int_of(arena, row, at);
    }
}

brio_json vectors_value_of(brio_arena *arena, const brio_plan_field *row, const void *at)
{
    if (!row->nullable)
        return plain_of(arena, row, at);
    const void *value;
    memcpy(&value, at, sizeof value);
    return value ? plain_of(arena, row, value) : (brio_json){0};
}
