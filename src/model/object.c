/* SPDX-License-Identifier: MIT
 *
 * JSON made by hand: the members as the macros collected them become an
 * object in the arena. A model's value is written at once, as text, which is
 * what an answer needs; only who looks inside (a spread, a set) reads it back. */
#include "model/json_text.h"
#include "model/model_internal.h"

#include <brio/object.h>

const char brio_json_spread[] = "**";

static bool is_absent(const brio_json *value)
{
    return value->type == BRIO_JSON_RAW && value->str.len == 0;
}

brio_json brio_of_u64_(brio_arena *arena, uint64_t x)
{
    if (x <= INT64_MAX)
        return brio_json_from_int((int64_t)x);
    char text[BRIO_I64_TEXT_MAX];
    brio_str digits = brio_str_span(text, brio_u64_text(text, x));
    return (brio_json){.type = BRIO_JSON_BIGINT, .str = brio_str_copy(arena, digits)};
}

/* ---- Values with a model -------------------------------------------------- */

static brio_json encoded(brio_arena *arena, brio_typed typed)
{
    static const brio_encode_options plain = {.plain = true};
    const char *why = NULL;
    brio_json value;
    brio_buf *buf = brio_buf_acquire(arena);
    if (brio_encode_with(buf, typed.model, typed.value, &plain, &why) == 0)
        value = (brio_json){.type = BRIO_JSON_RAW, .str = brio_str_copy(arena, brio_buf_str(buf))};
    else
        value = (brio_json){.type = BRIO_JSON_UNFIT,
                            .str = brio_printf(arena, "%s: %s", typed.model->name, why)};
    brio_buf_release(arena, buf);
    return value;
}

static bool is_empty(brio_str text)
{
    return brio_str_eq(text, BRIO_S("\"\"")) || brio_str_eq(text, BRIO_S("[]")) ||
           brio_str_eq(text, BRIO_S("null"));
}

brio_json brio_json_typed(brio_arena *arena, brio_typed typed)
{
    if (!typed.value)
        return typed.some ? brio_json_absent_() : (brio_json){0};
    brio_json value = encoded(arena, typed);
    return typed.some && value.type == BRIO_JSON_RAW && is_empty(value.str) ? brio_json_absent_()
                                                                            : value;
}

brio_json brio_json_read(brio_arena *arena, brio_json value)
{
    brio_json read;
    if (value.type != BRIO_JSON_RAW)
        return value;
    if (brio_json_parse(arena, value.str, NULL, &read, NULL) == 0)
        return read;
    return (brio_json){0};
}

/* ---- Objects and arrays ---------------------------------------------------- */

typedef struct builder {
    brio_arena *arena;
    brio_json_member *members;
    size_t n, cap;
} builder;

static void append(builder *b, brio_str key, const brio_json *value)
{
    if (b->n == b->cap) {
        size_t cap = b->cap ? b->cap * 2 : 8;
        brio_json_member *grown = BRIO_NEW_ARRAY(b->arena, brio_json_member, cap);
        if (b->n)
            memcpy(grown, b->members, b->n * sizeof *grown);
        b->members = grown;
        b->cap = cap;
    }
    b->members[b->n++] = (brio_json_member){key, *value};
}

/* Among the first `among` members only: those of one spread differ already. */
static void put(builder *b, size_t among, brio_str key, const brio_json *value)
{
    if (is_absent(value))
        return;
    for (size_t i = 0; i < among; i++)
        if (brio_str_eq(b->members[i].key, key)) {
            b->members[i].value = *value;
            return;
        }
    append(b, key, value);
}

static void spread(builder *b, const brio_json *value)
{
    brio_json object = brio_json_read(b->arena, *value);
    size_t among = b->n;
    if (object.type == BRIO_JSON_UNFIT) { /* whoever writes the object hears of it */
        append(b, BRIO_S(""), &object);
        return;
    }
    BRIO_ASSERT(object.type == BRIO_JSON_OBJECT || is_absent(value));
    for (uint32_t i = 0; object.type == BRIO_JSON_OBJECT && i < object.n; i++)
        put(b, among, object.members[i].key, &object.members[i].value);
}

static brio_json built(const builder *b)
{
    return (brio_json){.type = BRIO_JSON_OBJECT, .n = (uint32_t)b->n, .members = b->members};
}

brio_json brio_json_object(brio_arena *arena, size_t n, const brio_json_pair *pairs)
{
    builder b = {.arena = arena};
    for (size_t i = 0; i < n; i++) {
        if (pairs[i].key == brio_json_spread)
            spread(&b, &pairs[i].value);
        else
            put(&b, b.n, brio_str_from(pairs[i].key), &pairs[i].value);
    }
    return built(&b);
}

brio_json brio_json_array(brio_arena *arena, size_t n, const brio_json *values)
{
    brio_json array = {.type = BRIO_JSON_ARRAY, .items = BRIO_NEW_ARRAY(arena, brio_json, n)};
    for (size_t i = 0; i < n; i++)
        if (!is_absent(&values[i]))
            array.items[array.n++] = values[i];
    return array;
}

void brio_json_set(brio_arena *arena, brio_json *object, const char *key, brio_json value)
{
    builder b = {.arena = arena};
    spread(&b, object);
    put(&b, b.n, brio_str_from(key), &value);
    *object = built(&b);
}

int brio_from_json(brio_arena *arena, const brio_model *model, const brio_json *json, void *ret)
{
    brio_json value = json ? brio_json_read(arena, *json) : (brio_json){0};
    brio_problems problems = {.arena = arena, .limit = 1};
    if (brio_decode_value(&value, model, ret, NULL, &problems) == 0)
        return 0;
    brio_str why = problems.first ? brio_problem_text(arena, problems.first) : (brio_str){0};
    brio_log(BRIO_LOG_ERROR, "a value is no %s: %.*s", model->name, BRIO_ARG(why));
    return BRIO_EMODEL;
}

brio_json brio_problems_json(const brio_problems *problems)
{
    brio_buf *buf = brio_buf_acquire(problems->arena);
    brio_json_writer w = {.out = buf};
    brio_problems_write(&w, problems);
    brio_json value = {.type = BRIO_JSON_RAW,
                       .str = brio_str_copy(problems->arena, brio_buf_str(buf))};
    brio_buf_release(problems->arena, buf);
    return value;
}
