/* SPDX-License-Identifier: MIT
 *
 * A struct to JSON by its plan. A bare cursor runs ahead of the buffer: every
 * piece first asks for as much room as it could touch, then writes without
 * looking. Commas follow values, and the last one becomes the bracket:
 *
 *     {"id":1,"tags":["a","b",          then   ] for the ','
 *
 * Asking for more than a value turns out to need would fail in a buffer that
 * is almost full, so when room is refused the text is made aside and copied. */
#include "model/model_internal.h"

#include "model/json_text.h"

#include <errno.h>
#include <math.h>

enum {
    CLOSE = 8,  /* what a comma or bracket may touch */
    SLACK = 48, /* what a scalar or an opening may touch, and CLOSE; a key asks on top */
    KEY_PIECE = 16,
    LENGTH_MAX = INT32_MAX, /* of a string: times six it still is a size */
};

#define FLATTEN __attribute__((always_inline))

typedef struct encoder {
    brio_buf *out; /* its len lags behind the cursor */
    char *end;     /* of the room */
    size_t cap;    /* of the buffer when it was last well */
    const char *why;
    int rc;
    uint32_t depth;
} encoder;

typedef struct list_view { /* every list: {T *items; size_t len;} */
    const char *items;
    size_t len;
} list_view;

static char *put_struct(encoder *e, char *at, const brio_model *model, const void *value);
static char *put_list(encoder *e, char *at, const brio_model *model, const void *value);

static char *fail(encoder *e, int rc, const char *why)
{
    e->rc = rc;
    e->why = why;
    return NULL;
}

static char *__attribute__((noinline, cold)) grow(encoder *e, char *at, size_t n)
{
    e->out->len = (size_t)(at - e->out->ptr);
    if (!brio_buf_grow(e->out, n))
        return fail(e, -ENOMEM, "no room in the buffer");
    e->cap = e->out->cap;
    e->end = e->out->ptr + e->cap;
    return e->out->ptr + e->out->len;
}

/* The cursor with `n` bytes behind it; NULL if there cannot be. */
static inline char *room(encoder *e, char *at, size_t n)
{
    return BRIO_LIKELY((size_t)(e->end - at) >= n) ? at : grow(e, at, n);
}

static inline char *put(char *at, const char *text, size_t n)
{
    memcpy(at, text, n);
    return at + n;
}

/* ---- Strings ------------------------------------------------------------------ */

static char *put_escaped(encoder *e, char *at, brio_str s)
{
    const char *p = s.ptr, *end = s.ptr + s.len;
    at = room(e, at, s.len * BRIO_JSON_ESCAPE_MAX + SLACK);
    if (!at)
        return NULL;
    *at++ = '"';
    for (bool high = false; p < end;) {
        const char *stop = brio_scan_string(p, end, &high);
        at = put(at, p, (size_t)(stop - p));
        if (stop < end)
            at = brio_json_put_escape(at, *stop++);
        p = stop;
    }
    *at++ = '"';
    return at;
}

/* Copies `s` and tells whether anything in it needs a second look. Short
 * strings are covered by two words that overlap, longer ones by blocks of which
 * the last overlaps: no byte outside of `s` is read. */
static inline uint64_t copy_short(char *at, const char *p, size_t n)
{
    const uint64_t spaces = UINT64_C(0x2020202020202020);
    uint64_t head = spaces, tail = spaces;
    if (n >= 8) {
        head = brio_load_u64(p);
        tail = brio_load_u64(p + n - 8);
        memcpy(at, &head, 8);
        memcpy(at + n - 8, &tail, 8);
    } else if (n >= 4) {
        uint32_t low = brio_load_u32(p), high = brio_load_u32(p + n - 4);
        memcpy(at, &low, 4);
        memcpy(at + n - 4, &high, 4);
        head = low | (uint64_t)high << 32;
    } else if (n > 0) {
        unsigned char first = (unsigned char)p[0], middle = (unsigned char)p[n / 2],
                      last = (unsigned char)p[n - 1];
        at[0] = p[0];
        at[n / 2] = p[n / 2];
        at[n - 1] = p[n - 1];
        head = first | (uint64_t)middle << 8 | (uint64_t)last << 16 | spaces << 24;
    }
    return brio_word_odd(head) | brio_word_odd(tail);
}

static inline uint32_t copy_block(char *at, const char *p)
{
    brio_scan found = brio_scan_block(p);
    memcpy(at, p, BRIO_SCAN_BLOCK);
    return found.stop | found.high;
}

static inline uint64_t copy_and_look(char *at, const char *p, size_t n)
{
    if (n < BRIO_SCAN_BLOCK)
        return copy_short(at, p, n);
    size_t last = n - BRIO_SCAN_BLOCK;
    uint32_t odd = copy_block(at, p) | copy_block(at + last, p + last);
    for (size_t i = BRIO_SCAN_BLOCK; i < last; i += BRIO_SCAN_BLOCK)
        odd |= copy_block(at + i, p + i);
    return odd;
}

static char *put_irregular(encoder *e, char *at, brio_str s)
{
    bool high = false;
    if (!brio_utf8_valid(s))
        return fail(e, BRIO_EMODEL, "a string is not UTF-8");
    if (brio_scan_string(s.ptr, s.ptr + s.len, &high) < s.ptr + s.len)
        return put_escaped(e, at, s);
    at[s.len + 1] = '"';
    return at + s.len + 2;
}

static inline FLATTEN char *put_str(encoder *e, char *at, const void *value)
{
    const brio_str s = *(const brio_str *)value;
    if (BRIO_UNLIKELY(s.len > LENGTH_MAX))
        return fail(e, BRIO_EMODEL, "a string is too long");
    at = room(e, at, s.len + SLACK);
    if (BRIO_UNLIKELY(!at))
        return NULL;
    *at = '"';
    if (BRIO_UNLIKELY(copy_and_look(at + 1, s.ptr, s.len)))
        return put_irregular(e, at, s);
    at[s.len + 1] = '"';
    return at + s.len + 2;
}

/* ---- Scalars: the room is there ------------------------------------------------- */

static inline char *put_null(char *at)
{
    return put(at, "null", 4);
}

/* Five bytes are written either way; no branch on the value. */
static inline char *put_bool(char *at, const void *value)
{
    bool yes;
    memcpy(&yes, value, sizeof(yes));
    memcpy(at, yes ? "true" : "fals", 4);
    at[4] = 'e';
    return at + 5 - yes;
}

static inline FLATTEN char *put_f64(char *at, double value)
{
    return BRIO_LIKELY(isfinite(value)) ? brio_f64_put(at, value) : put_null(at);
}

static int64_t load_int(brio_kind kind, const void *value)
{
    switch ((int)kind) {
    case BRIO_KIND_I8:
        return *(const int8_t *)value;
    case BRIO_KIND_I16:
        return *(const int16_t *)value;
    case BRIO_KIND_U8:
        return *(const uint8_t *)value;
    case BRIO_KIND_U16:
        return *(const uint16_t *)value;
    default:
        BRIO_ASSERT(kind == BRIO_KIND_U32);
        return *(const uint32_t *)value;
    }
}

/* ---- Values with parts ------------------------------------------------------------ */

/* What is not written by the cursor but by a writer on the buffer itself. */
static char *put_by_writer(encoder *e, char *at, const brio_plan_field *field, const void *value)
{
    e->out->len = (size_t)(at - e->out->ptr);
    brio_json_writer w = {.out = e->out};
    if (field->kind == BRIO_KIND_TYPE) {
        field->model->type->write(&w, field->row, value, false);
    } else if (field->kind == BRIO_KIND_JSON) {
        brio_json_value(&w, value);
    } else {
        brio_writing writing;
        brio_writing_init(&writing, &w, NULL, e->depth);
        brio_plan_field present = *field;
        present.nullable = false;
        brio_write_value(&writing, &present, value);
        if (writing.rc < 0)
            return fail(e, writing.rc, writing.why);
    }
    if (e->out->failed)
        return fail(e, -ENOMEM, "no room in the buffer");
    if (w.unfit)
        return fail(e, BRIO_EMODEL, w.unfit);
    e->cap = e->out->cap;
    e->end = e->out->ptr + e->cap;
    return room(e, e->out->ptr + e->out->len, CLOSE);
}

static char *put_enum(encoder *e, char *at, const brio_model *model, const void *value)
{
    const brio_plan *plan = brio_model_plan(model);
    for (size_t i = 0; i < model->n_values; i++) {
        int64_t expected = model->ints ? model->ints[i] : model->values[i].value;
        if (!brio_enum_is(value, model->size, expected))
            continue;
        brio_str text = plan->enum_texts[i];
        at = room(e, at, text.len + SLACK);
        return at ? put(at, text.ptr, text.len) : NULL;
    }
    return fail(e, BRIO_EMODEL, "an enum has a value without a name");
}

static char *put_rare(encoder *e, char *at, const brio_plan_field *field, const void *value)
{
    brio_kind kind = (brio_kind)field->kind;
    switch (kind) {
    case BRIO_KIND_U64:
        return brio_u64_text(at, *(const uint64_t *)value);
    case BRIO_KIND_F32:
        return put_f64(at, (double)*(const float *)value);
    case BRIO_KIND_JSON:
    case BRIO_KIND_TYPE:
    case BRIO_KIND_TUPLE:
    case BRIO_KIND_DICT:
    case BRIO_KIND_UNION:
        return put_by_writer(e, at, field, value);
    case BRIO_KIND_ENUM:
        return put_enum(e, at, field->model, value);
    case BRIO_KIND_NONE:
    case BRIO_KIND_MODEL:
        return put_null(at);
    default:
        return brio_i64_text(at, load_int(kind, value));
    }
}

/* The common kinds are written in the loop that needs them, without a call. */
static inline FLATTEN char *put_present(encoder *e, char *at, const brio_plan_field *field,
                                        const void *value)
{
    switch ((brio_kind)field->kind) {
    case BRIO_KIND_BOOL:
        return put_bool(at, value);
    case BRIO_KIND_I32:
        return brio_i64_text(at, *(const int32_t *)value);
    case BRIO_KIND_I64:
        return brio_i64_text(at, *(const int64_t *)value);
    case BRIO_KIND_F64:
        return put_f64(at, *(const double *)value);
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        return put_str(e, at, value);
    case BRIO_KIND_STRUCT:
        return put_struct(e, at, field->model, value);
    case BRIO_KIND_LIST:
        return put_list(e, at, field->model, value);
    default:
        return put_rare(e, at, field, value);
    }
}

/* Takes SLACK bytes of room for granted and leaves CLOSE. */
static inline FLATTEN char *put_value(encoder *e, char *at, const brio_plan_field *field,
                                      const void *value)
{
    if (field->nullable)
        memcpy(&value, value, sizeof(value));
    return value ? put_present(e, at, field, value) : put_null(at);
}

static bool enter(encoder *e)
{
    if (e->depth == BRIO_MODEL_DEPTH_MAX)
        return fail(e, BRIO_EMODEL, "values are nested too deeply");
    e->depth++;
    return true;
}

/* Every bracket takes a byte and leaves CLOSE again for the next one. */
static inline char *leave(encoder *e, char *at)
{
    e->depth--;
    return room(e, at, CLOSE);
}

static char *put_items(encoder *e, char *at, const brio_plan_field *item, list_view list)
{
    size_t stride = item->nullable ? sizeof(void *) : item->size;
    *at++ = '[';
    for (size_t i = 0; i < list.len; i++) {
        at = room(e, at, SLACK);
        if (BRIO_UNLIKELY(!at))
            return NULL;
        at = put_value(e, at, item, list.items + i * stride);
        if (BRIO_UNLIKELY(!at))
            return NULL;
        *at++ = ',';
    }
    at[-1] = ']';
    return leave(e, at);
}

static char *put_list(encoder *e, char *at, const brio_model *model, const void *value)
{
    list_view list;
    memcpy(&list, value, sizeof(list));
    if (list.len == 0)
        return put(at, "[]", 2);
    return enter(e) ? put_items(e, at, &brio_model_plan(model)->fields[0], list) : NULL;
}

/* The key with the comma before it, of which the first becomes the brace. */
static inline char *put_key(char *at, const brio_plan_field *field)
{
    size_t n = field->key_len + 1;
    memcpy(at, field->key - 1, KEY_PIECE);
    if (n > KEY_PIECE)
        memcpy(at + KEY_PIECE, field->key - 1 + KEY_PIECE, KEY_PIECE);
    if (BRIO_UNLIKELY(n > 2 * (size_t)KEY_PIECE))
        memcpy(at, field->key - 1, n);
    return at + n;
}

static char *put_members(encoder *e, char *at, const brio_plan *plan, const char *base)
{
    const brio_plan_field *field = plan->first;
    for (; field != &brio_plan_no_field; field = field->next) {
        at = room(e, at, field->key_len + SLACK);
        if (BRIO_UNLIKELY(!at))
            return NULL;
        at = put_value(e, put_key(at, field), field, base + field->offset);
        if (BRIO_UNLIKELY(!at))
            return NULL;
    }
    return at;
}

/* The brace is written last: growth may move the text while members follow. */
static char *put_struct(encoder *e, char *at, const brio_model *model, const void *value)
{
    const brio_plan *plan = brio_model_plan(model);
    if (BRIO_UNLIKELY(plan->composed))
        return put_by_writer(e, at, &plan->self, value);
    if (plan->members == 0)
        return put(at, "{}", 2);
    if (!enter(e))
        return NULL;
    size_t open = (size_t)(at - e->out->ptr);
    at = put_members(e, at, plan, value);
    if (!at)
        return NULL;
    e->out->ptr[open] = '{';
    *at++ = '}';
    return leave(e, at);
}

/* ---- The door ------------------------------------------------------------------------ */

/* On failure the buffer is as it was, except that it may have grown. */
static int encode_into(brio_buf *out, const brio_model *model, const void *value,
                       const char **ret_why)
{
    size_t start = out->len;
    encoder e = {.out = out, .end = out->ptr ? out->ptr + out->cap : NULL, .cap = out->cap};
    char *at = room(&e, out->ptr ? out->ptr + start : NULL, SLACK);
    if (at)
        at = put_value(&e, at, &brio_model_plan(model)->self, value);
    *ret_why = e.why;
    if (at) {
        out->len = (size_t)(at - out->ptr);
        return 0;
    }
    out->len = start;
    out->cap = e.cap;
    out->failed = false;
    return e.rc;
}

/* Where room was refused: the text aside, then as much of it as fits or none. */
static int encode_aside(brio_buf *out, const brio_model *model, const void *value,
                        const char **ret_why)
{
    brio_buf aside = {0};
    int rc = encode_into(&aside, model, value, ret_why);
    if (rc == 0)
        brio_buf_add(out, brio_buf_str(&aside));
    brio_buf_fini(&aside);
    return rc == 0 && out->failed ? -ENOMEM : rc;
}

int brio_encode(brio_buf *out, const brio_model *model, const void *value, const char **ret_why)
{
    const char *why = NULL;
    int rc = out->failed ? -ENOMEM : encode_into(out, model, value, &why);
    if (rc == -ENOMEM && !out->failed && (out->limit || out->fixed))
        rc = encode_aside(out, model, value, &why);
    if (rc == -ENOMEM)
        out->failed = true;
    if (ret_why)
        *ret_why = rc == 0 ? NULL : why ? why : "no room in the buffer";
    return rc;
}
