/* SPDX-License-Identifier: MIT
 *
 * One pass from bytes to struct for the input everybody sends: well-formed,
 * well-typed, complete. Keys are expected in the order of the rows, and one
 * masked comparison of the ready-made key text confirms that; only a surprise
 * is looked up. A bit per row tells what was seen, so what is missing or
 * double is one word of arithmetic. NULL travels up from anything irregular:
 * no errors are made here, the validator makes them.
 *
 * Invariant: whatever is accepted, brio_json_parse and brio_decode_value
 * accept too, with an equal result. The arena owns what is not borrowed. */
#include "model/fast_scalar.h"

typedef struct list_header { /* every list: {T *items; size_t len;} */
    char *items;
    size_t len;
} list_header;

#define FLATTEN __attribute__((always_inline))

/* ---- Scalars with their bounds -------------------------------------------------- */

static inline FLATTEN const char *read_int(const brio_reader *r, const char *p,
                                           const brio_plan_field *field, void *out, bool reach)
{
    int64_t value;
    p = reach ? brio_fast_int(r, p, &value) : brio_fast_int_careful(r, p, &value);
    if (BRIO_UNLIKELY(!p || value < field->bounds.int_min || value > field->bounds.int_max))
        return NULL;
    if (BRIO_LIKELY(field->size == sizeof(value)))
        memcpy(out, &value, sizeof(value));
    else
        memcpy(out, &value, field->size); /* little endian: the low bytes come first */
    return p;
}

static inline FLATTEN const char *read_float(const brio_reader *r, const char *p,
                                             const brio_plan_field *field, void *out, bool reach)
{
    double value;
    p = reach ? brio_fast_f64(r, p, &value) : brio_fast_f64_careful(r, p, &value);
    if (BRIO_UNLIKELY(!p || !(value >= field->bounds.f64_min) || !(value <= field->bounds.f64_max)))
        return NULL;
    if (BRIO_LIKELY(field->size == sizeof(value))) {
        memcpy(out, &value, sizeof(value));
    } else {
        float narrow = (float)value;
        memcpy(out, &narrow, sizeof(narrow));
    }
    return p;
}

static bool matches_pattern(const brio_plan_field *field, brio_str s)
{
    return field->pattern && brio_pattern_search(field->pattern, s);
}

static inline FLATTEN const char *read_str(const brio_reader *r, const char *p,
                                           const brio_plan_field *field, void *out, bool reach)
{
    brio_str *s = out;
    bool high;
    p = reach ? brio_fast_string(r, p, s, &high) : brio_fast_string_careful(r, p, s, &high);
    if (BRIO_UNLIKELY(!p))
        return NULL;
    size_t length = BRIO_UNLIKELY(high) && field->bounded ? brio_utf8_length(*s) : s->len;
    if (BRIO_UNLIKELY(length < field->bounds.len_min || length > field->bounds.len_max))
        return NULL;
    if (BRIO_UNLIKELY(field->row->pattern != NULL) && !matches_pattern(field, *s))
        return NULL;
    return p;
}

static const char *read_enum(const brio_reader *r, const char *p, const brio_model *model,
                             void *out)
{
    const brio_plan *plan = brio_model_plan(model);
    brio_str name;
    bool high;
    p = brio_fast_string_careful(r, p, &name, &high);
    for (size_t i = 0; p && i < model->n_values; i++)
        if (brio_str_eq(plan->enum_names[i], name)) {
            brio_enum_store(out, model->size, model->values[i].value);
            return p;
        }
    return NULL;
}

static const char *read_json(const brio_reader *r, const char *p, void *out)
{
    brio_scan_fault fault;
    brio_json value;
    const char *behind = brio_json_read_value(r->arena, p, r->end, r->depth, &value, &fault);
    if (!behind || !brio_utf8_valid(brio_str_span(p, behind)))
        return NULL;
    memcpy(out, &value, sizeof(value));
    return behind;
}

/* A scalar type from a string, by its own reader. What that refuses, and every
 * value that is no string, the validator judges again from the start. */
static const char *read_type(const brio_reader *r, const char *p, const brio_plan_field *field,
                             void *out)
{
    brio_json value = {.type = BRIO_JSON_STR};
    bool high;
    p = brio_fast_string_careful(r, p, &value.str, &high);
    if (!p)
        return NULL;
    brio_problems problems = {.arena = r->arena};
    brio_input in = {.problems = &problems, .row = field, .input = &value};
    return field->model->type->read(&in, &value, out) == 0 ? p : NULL;
}

static const char *read_struct(brio_reader *r, const char *p, const brio_model *model, void *out);
static const char *read_list(brio_reader *r, const char *p, const brio_plan_field *field,
                             void *out);
static const char *read_rare(brio_reader *r, const char *p, const brio_plan_field *field,
                             void *out);
static const char *read_far(brio_reader *r, const char *p, const brio_plan_field *field, void *out);
static const char *read_near(brio_reader *r, const char *p, const brio_plan_field *field,
                             void *out);

/* Scalars are read in the loop that needs them, without a call. `reach` is a
 * constant: whether BRIO_FAST_REACH bytes can be read here. ORDER KIND */
static inline FLATTEN const char *read_present(brio_reader *r, const char *p,
                                               const brio_plan_field *field, void *out, bool reach)
{
    switch ((brio_kind)field->fast) {
    case BRIO_KIND_BOOL:
        return reach ? brio_fast_bool(p, out) : brio_fast_bool_careful(r, p, out);
    case BRIO_KIND_I8:
    case BRIO_KIND_I16:
    case BRIO_KIND_I32:
    case BRIO_KIND_I64:
    case BRIO_KIND_U8:
    case BRIO_KIND_U16:
    case BRIO_KIND_U32:
    case BRIO_KIND_U64:
        return read_int(r, p, field, out, reach);
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        return read_float(r, p, field, out, reach);
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        return read_str(r, p, field, out, reach);
    case BRIO_KIND_STRUCT:
        return read_struct(r, p, field->model, out);
    case BRIO_KIND_LIST:
        return read_list(r, p, field, out);
    default:
        return read_rare(r, p, field, out);
    }
}

static inline FLATTEN const char *read_there(brio_reader *r, const char *p,
                                             const brio_plan_field *field, void *out, bool reach)
{
    if (field->nullable) {
        void *value = NULL;
        bool null = reach ? brio_load_u32(p) == brio_load_u32("null")
                          : brio_fast_word(r, p, "null", 4) != NULL;
        if (!null)
            value = brio_alloc_aligned(r->arena, field->size, field->align);
        memcpy(out, &value, sizeof(value));
        if (null)
            return p + 4;
        out = value;
    }
    return read_present(r, p, field, out, reach);
}

/* White space and a value. */
static inline FLATTEN const char *read_value(brio_reader *r, const char *p,
                                             const brio_plan_field *field, void *out)
{
    if (brio_fast_has(r, p, BRIO_FAST_REACH) && BRIO_LIKELY((unsigned char)*p > ' '))
        return read_there(r, p, field, out, true);
    p = brio_fast_space(r, p);
    return brio_fast_has(r, p, BRIO_FAST_REACH) ? read_far(r, p, field, out)
                                                : read_near(r, p, field, out);
}

/* ---- Lists ------------------------------------------------------------------------- */

enum { LIST_FIRST = 4, LIST_GUESS_FROM = 64, LIST_GROWTH_MAX = 256 };

/* Room for twice the items. The outermost list, once it has enough of them to
 * tell how long one is, gets room for as many as the rest of the text seems to
 * hold; inner lists must not, or many of them would multiply the waste. */
static size_t next_capacity(const brio_reader *r, size_t n, const char *begin, const char *p)
{
    if (n < LIST_GUESS_FROM || r->depth > 1)
        return n ? n * 2 : LIST_FIRST;
    size_t item_bytes = (size_t)(p - begin) / n + 1;
    size_t guess = n + n / 16 + (size_t)(r->end - p) / item_bytes;
    size_t least = n + n / 2, most = n * LIST_GROWTH_MAX;
    return guess < least ? least : guess > most ? most : guess;
}

/* Behind a bracket: false if there was none, or if it is the last one of the
 * text and others are open. */
static inline FLATTEN bool leave(brio_reader *r, const char *p)
{
    r->depth--;
    return BRIO_LIKELY(p && (p <= r->end || r->depth == 0));
}

static char *grow_list(const brio_reader *r, const brio_plan_field *item, size_t stride,
                       const list_header *list, size_t cap)
{
    size_t align = item->nullable ? sizeof(void *) : item->align;
    char *items = brio_alloc_aligned(r->arena, cap * stride, align);
    if (list->len > 0)
        memcpy(items, list->items, list->len * stride);
    return items;
}

/* Where white space stands before a comma or bracket. */
static inline FLATTEN const char *to_comma(const brio_reader *r, const char *p, char close)
{
    return BRIO_LIKELY(*p == ',' || *p == close) ? p : brio_fast_space(r, p);
}

/* `p` is at the first item. */
static const char *read_items(brio_reader *r, const char *p, const brio_plan_field *item,
                              list_header *list, size_t len_max)
{
    size_t stride = item->nullable ? sizeof(void *) : item->size, cap = 0;
    for (const char *begin = p;;) {
        if (list->len == cap) {
            cap = next_capacity(r, cap, begin, p);
            list->items = grow_list(r, item, stride, list, cap);
        }
        char *out = list->items + list->len * stride;
        p = read_value(r, p, item, out);
        if (BRIO_UNLIKELY(!p || list->len == len_max))
            return NULL;
        list->len++;
        p = to_comma(r, p, ']');
        if (*p != ',')
            return *p == ']' ? p + 1 : NULL;
        p++;
    }
}

static const char *read_list(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    list_header list = {NULL, 0};
    if (*p != '[' || r->depth == BRIO_MODEL_DEPTH_MAX)
        return NULL;
    r->depth++;
    p = brio_fast_space(r, p + 1);
    if (*p == ']')
        p++;
    else
        p = read_items(r, p, &brio_model_plan(field->model)->fields[0], &list,
                       field->bounds.len_max);
    if (!leave(r, p))
        return NULL;
    if (BRIO_UNLIKELY(field->as))
        brio_drop_repeated(r->arena, field, list.items, &list.len);
    if (list.len < field->bounds.len_min)
        return NULL;
    memcpy(out, &list.items, sizeof(list.items));
    memcpy((char *)out + offsetof(list_header, len), &list.len, sizeof(list.len));
    return p;
}

/* ---- Structs ------------------------------------------------------------------------- */

/* At a key? BRIO_PLAN_KEY_FAST bytes can be read. */
static inline bool key_is(const brio_reader *r, const char *p, const brio_plan_field *field)
{
    uint64_t a = (brio_load_u64(p) ^ field->key_head[0]) & field->key_mask[0];
    uint64_t b = (brio_load_u64(p + 8) ^ field->key_head[1]) & field->key_mask[1];
    size_t n = field->key_len, fast = BRIO_PLAN_KEY_FAST;
    if (BRIO_UNLIKELY((a | b) != 0))
        return false;
    return n <= fast ||
           ((size_t)(r->end - p) >= n && memcmp(p + fast, field->key + fast, n - fast) == 0);
}

/* A key that was not expected; sets *ret_field, NULL if no row has it. Keys
 * with escapes may be a row's in disguise and are not plain. */
static const char *read_key(const brio_reader *r, const brio_plan *plan, const char *p,
                            const brio_plan_field **ret_field)
{
    brio_str key;
    bool high;
    const char *behind = brio_fast_string_careful(r, p, &key, &high);
    if (!behind || key.ptr != p + 1)
        return NULL;
    ptrdiff_t row = brio_plan_find(plan, key.ptr, key.len);
    bool known = row >= 0 && plan->fields[row].member;
    *ret_field = known ? &plan->fields[row] : NULL;
    p = brio_fast_space(r, behind);
    return *p == ':' ? p + 1 : NULL;
}

/* A key, usually of *field; else sets it. Most texts have no white space, so
 * it is skipped only when the comparison failed. */
static inline FLATTEN const char *find_key(const brio_reader *r, const char *p,
                                           const brio_plan *plan, const brio_plan_field **field)
{
    if (brio_fast_has(r, p, BRIO_PLAN_KEY_FAST) && BRIO_LIKELY(key_is(r, p, *field)))
        return p + (*field)->key_len;
    p = brio_fast_space(r, p);
    if (brio_fast_has(r, p, BRIO_PLAN_KEY_FAST) && BRIO_LIKELY(key_is(r, p, *field)))
        return p + (*field)->key_len;
    return read_key(r, plan, p, field);
}

/* Behind a member. */
static const char *read_members(brio_reader *r, const char *p, const brio_plan *plan, char *base,
                                uint64_t *ret_seen)
{
    const brio_plan_field *field = plan->first;
    uint64_t seen = 0;
    for (;; p++) {
        const brio_plan_field *expected = field;
        p = find_key(r, p, plan, &field);
        if (BRIO_UNLIKELY(!p))
            return NULL;
        if (BRIO_UNLIKELY(!field)) {
            field = expected;
            p = plan->forbid_extra ? NULL : brio_fast_skip(r, p);
        } else {
            if (BRIO_UNLIKELY(seen & field->bit))
                return NULL;
            seen |= field->bit;
            char *out = base + field->offset;
            p = read_value(r, p, field, out);
            field = field->next;
        }
        if (BRIO_UNLIKELY(!p))
            return NULL;
        p = to_comma(r, p, '}');
        if (*p != ',')
            break;
    }
    *ret_seen = seen;
    return *p == '}' ? p + 1 : NULL;
}

/* Defaults are read like input; the byte behind them is their NUL. */
static bool read_default(const brio_reader *r, const brio_plan_field *field, char *base)
{
    brio_str text = brio_str_from(field->row->def);
    brio_reader own = {.end = text.ptr + text.len, .arena = r->arena};
    const char *p = brio_fast_space(&own, text.ptr);
    p = read_near(&own, p, field, base + field->offset);
    return p && brio_fast_space(&own, p) == own.end;
}

static bool read_absent(const brio_reader *r, const brio_plan *plan, uint64_t absent, char *base)
{
    if (absent & plan->required)
        return false;
    for (; absent; absent &= absent - 1) {
        const brio_plan_field *field = &plan->fields[__builtin_ctzll(absent)];
        if (field->row->factory)
            field->row->factory(r->arena, base + field->offset);
        else if (!field->row->def)
            memset(base + field->offset, 0, sizeof(void *)); /* a pointer: not required */
        else if (!read_default(r, field, base))
            return false;
    }
    return true;
}

static const char *read_struct(brio_reader *r, const char *p, const brio_model *model, void *out)
{
    const brio_plan *plan = brio_model_plan(model);
    uint64_t seen = 0;
    if (*p != '{' || r->depth == BRIO_MODEL_DEPTH_MAX || plan->judged)
        return NULL;
    r->depth++;
    if (plan->sparse)
        memset(out, 0, model->size);
    p = brio_fast_space(r, p + 1);
    if (*p == '}')
        p++;
    else
        p = read_members(r, p, plan, out, &seen);
    uint64_t absent = plan->members & ~seen;
    if (!leave(r, p) || (BRIO_UNLIKELY(absent != 0) && !read_absent(r, plan, absent, out)))
        return NULL;
    if (BRIO_UNLIKELY(plan->sets))
        brio_plan_store_set(plan, out, seen);
    return p;
}

/* ---- Any value ------------------------------------------------------------------------- */

static const char *read_rare(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    if (field->fast == BRIO_KIND_JSON)
        return read_json(r, p, out);
    if (field->fast == BRIO_KIND_ENUM && !field->model->ints)
        return read_enum(r, p, field->model, out);
    if (field->fast == BRIO_KIND_TYPE)
        return read_type(r, p, field, out);
    return brio_fast_shape(r, p, field, out);
}

const char *brio_fast_value(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    p = brio_fast_space(r, p);
    return brio_fast_has(r, p, BRIO_FAST_REACH) ? read_far(r, p, field, out)
                                                : read_near(r, p, field, out);
}

static const char *read_far(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    return read_there(r, p, field, out, true);
}

static const char *read_near(brio_reader *r, const char *p, const brio_plan_field *field, void *out)
{
    return read_there(r, p, field, out, false);
}

/* A text that does not end with a bracket is no struct and no list. */
bool brio_decode_fast(brio_str json, const brio_model *model, void *out, brio_arena *arena)
{
    while (json.len > 0 && brio_json_is_space(json.ptr[json.len - 1]))
        json.len--;
    if (json.len < 2 || (json.ptr[json.len - 1] != '}' && json.ptr[json.len - 1] != ']'))
        return false;
    brio_reader r = {.end = json.ptr + json.len - 1, .arena = arena};
    const brio_plan_field *self = &brio_model_plan(model)->self;
    const char *p = brio_fast_space(&r, json.ptr);
    if (self->kind == BRIO_KIND_STRUCT)
        return read_struct(&r, p, model, out) == r.end + 1;
    return self->fast == BRIO_KIND_LIST && read_list(&r, p, self, out) == r.end + 1;
}
