/* SPDX-License-Identifier: MIT
 *
 * Fields from text: query, path, header and cookie parameters. Text is turned
 * into the dynamic value a JSON string would be and judged by the same rules,
 * so that "1", 1 and 1.0 mean one thing everywhere. A scalar takes the last of
 * several texts, a list takes all, and no text at all is absence. */
#include "model/model_internal.h"

static bool is_list(const brio_field *field)
{
    brio_kind kind = field->kind == BRIO_KIND_MODEL ? field->model()->kind : field->kind;
    return kind == BRIO_KIND_LIST || kind == BRIO_KIND_TUPLE;
}

static brio_json list_of(brio_arena *arena, const brio_str *values, size_t n)
{
    BRIO_ASSERT(n <= UINT32_MAX);
    brio_json list = {.type = BRIO_JSON_ARRAY, .n = (uint32_t)n};
    list.items = BRIO_NEW_ARRAY(arena, brio_json, n);
    for (size_t i = 0; i < n; i++)
        list.items[i] = brio_json_from_str(values[i]);
    return list;
}

int brio_decode_strings(const brio_str *values, size_t n, const brio_field *field, void *base,
                        const brio_loc *loc, brio_problems *problems)
{
    if (n == 0)
        return brio_decode_field(NULL, field, base, loc, problems);
    brio_json value =
        is_list(field) ? list_of(problems->arena, values, n) : brio_json_from_str(values[n - 1]);
    return brio_decode_field(&value, field, base, loc, problems);
}
