/* SPDX-License-Identifier: MIT
 *
 * One JSON value laid over another, as FastAPI does with what an author adds to
 * a document: objects grow together, arrays are joined, all else is replaced. */
#include "model/model_internal.h"

static brio_json join_arrays(brio_arena *arena, const brio_json *a, const brio_json *b)
{
    brio_json all = {.type = BRIO_JSON_ARRAY, .n = a->n + b->n};
    all.items = BRIO_NEW_ARRAY(arena, brio_json, (size_t)a->n + b->n);
    for (uint32_t i = 0; i < all.n; i++)
        all.items[i] = i < a->n ? a->items[i] : b->items[i - a->n];
    return all;
}

static brio_json_member *member_of(brio_json *object, brio_str key)
{
    for (uint32_t i = 0; i < object->n; i++)
        if (brio_str_eq(object->members[i].key, key))
            return &object->members[i];
    return NULL;
}

static brio_json join_objects(brio_arena *arena, const brio_json *a, const brio_json *b)
{
    brio_json all = {.type = BRIO_JSON_OBJECT, .n = a->n};
    all.members = BRIO_NEW_ARRAY(arena, brio_json_member, (size_t)a->n + b->n);
    for (uint32_t i = 0; i < a->n; i++)
        all.members[i] = a->members[i];
    for (uint32_t i = 0; i < b->n; i++) {
        brio_json_member *there = member_of(&all, b->members[i].key);
        if (there)
            there->value = brio_json_merge(arena, &there->value, &b->members[i].value);
        else
            all.members[all.n++] = b->members[i];
    }
    return all;
}

brio_json brio_json_merge(brio_arena *arena, const brio_json *onto, const brio_json *from)
{
    if (onto->type == BRIO_JSON_OBJECT && from->type == BRIO_JSON_OBJECT)
        return join_objects(arena, onto, from);
    if (onto->type == BRIO_JSON_ARRAY && from->type == BRIO_JSON_ARRAY)
        return join_arrays(arena, onto, from);
    return *from;
}
