/* SPDX-License-Identifier: MIT
 *
 * A struct as parameters: the model's table read in the other direction. What
 * SQL has no type for travels in its JSON form: a date or an enum as its text,
 * nested models and lists as JSON text. */
#include "db/db_internal.h"

#include <brio/model.h>

static brio_param integer(int64_t i)
{
    return (brio_param){.type = BRIO_PARAM_I64, .i = i};
}

static brio_param text(brio_str s)
{
    return (brio_param){.type = BRIO_PARAM_STR, .s = s};
}

/* By its JSON form: a date or a name as text, a number as a number, and what has
 * parts as JSON text. A value without one (an enum value without a name) is
 * null. */
static brio_param as_json(brio_arena *arena, const brio_field *field, const void *at)
{
    brio_json value;
    BRIO_ASSERT(field->model);
    if (brio_to_json(arena, field->model(), at, NULL, &value) < 0)
        return (brio_param){.type = BRIO_PARAM_NULL};
    switch (value.type) {
    case BRIO_JSON_NULL:
        return (brio_param){.type = BRIO_PARAM_NULL};
    case BRIO_JSON_STR:
        return text(value.str);
    case BRIO_JSON_INT:
        return integer(value.integer);
    case BRIO_JSON_FLOAT:
        return (brio_param){.type = BRIO_PARAM_F64, .f = value.number};
    default:
        return text(brio_json_text(arena, &value));
    }
}

static brio_param present(brio_arena *arena, const brio_field *field, const void *at)
{
    switch (field->kind) {
    case BRIO_KIND_BOOL:
        return integer(*(const bool *)at);
    case BRIO_KIND_I8:
        return integer(*(const int8_t *)at);
    case BRIO_KIND_I16:
        return integer(*(const int16_t *)at);
    case BRIO_KIND_I32:
        return integer(*(const int32_t *)at);
    case BRIO_KIND_I64:
        return integer(*(const int64_t *)at);
    case BRIO_KIND_U8:
        return integer(*(const uint8_t *)at);
    case BRIO_KIND_U16:
        return integer(*(const uint16_t *)at);
    case BRIO_KIND_U32:
        return integer(*(const uint32_t *)at);
    case BRIO_KIND_U64:
        return integer((int64_t) * (const uint64_t *)at);
    case BRIO_KIND_F32:
        return (brio_param){.type = BRIO_PARAM_F64, .f = (double)*(const float *)at};
    case BRIO_KIND_F64:
        return (brio_param){.type = BRIO_PARAM_F64, .f = *(const double *)at};
    case BRIO_KIND_STR:
        return text(*(const brio_str *)at);
    default:
        return as_json(arena, field, at);
    }
}

static brio_param as_param(brio_arena *arena, const brio_field *field, const void *at)
{
    if (!field->nullable)
        return present(arena, field, at);
    const void *target = *(void *const *)at;
    return target ? present(arena, field, target) : (brio_param){.type = BRIO_PARAM_NULL};
}

brio_params brio_params_from(brio_arena *arena, const brio_model *model, const void *value)
{
    BRIO_ASSERT(model->kind == BRIO_KIND_STRUCT);
    size_t n = 0, n_rows;
    const brio_field *rows = brio_model_rows(model, &n_rows);
    brio_param *items = BRIO_NEW_ARRAY(arena, brio_param, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        const brio_field *field = &rows[i];
        if (field->in != BRIO_IN_FIELD)
            continue;
        items[n] = as_param(arena, field, (const char *)value + field->offset);
        items[n++].name = field->name;
    }
    return (brio_params){items, n};
}
