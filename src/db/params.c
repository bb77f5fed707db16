/* SPDX-License-Identifier: MIT
 *
 * A struct as parameters: the model's table read in the other direction. What
 * SQL has no type for (nested models, lists) travels as JSON text. */
#include "db/db_internal.h"

#include <brio/model.h>

static brio_param as_json(brio_arena *arena, const brio_field *field, const void *at)
{
    BRIO_ASSERT(field->model);
    brio_buf text = {0};
    const char *why = NULL;
    int rc = brio_encode(&text, field->model(), at, &why);
    BRIO_ASSERT(rc >= 0);
    brio_param p = {.type = BRIO_PARAM_STR, .s = brio_str_copy(arena, brio_buf_str(&text))};
    brio_buf_fini(&text);
    return p;
}

static brio_param as_enum(const brio_model *model, const void *at)
{
    int value;
    memcpy(&value, at, sizeof value);
    for (size_t i = 0; i < model->n_values; i++)
        if (model->values[i].value == value)
            return (brio_param){.type = BRIO_PARAM_STR, .s = brio_str_from(model->values[i].name)};
    return (brio_param){.type = BRIO_PARAM_NULL};
}

static brio_param integer(int64_t i)
{
    return (brio_param){.type = BRIO_PARAM_I64, .i = i};
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
        return (brio_param){.type = BRIO_PARAM_STR, .s = *(const brio_str *)at};
    default:
        return field->model && field->model()->kind == BRIO_KIND_ENUM ? as_enum(field->model(), at)
                                                                      : as_json(arena, field, at);
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
