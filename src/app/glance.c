/* SPDX-License-Identifier: MIT
 *
 * Parameters that need no judge: a few digits within their bounds, a short
 * ASCII text. Like the model's fast reader this may only say yes, and then
 * with exactly what the model would have stored; all else, and every error,
 * is the model's. Bounds are turned into one closed range beforehand. */
#include "app/binding.h"

enum { DIGITS_MAX = 18 }; /* always fit 64 bits */

/* ---- Planning -------------------------------------------------------------------- */

/* The C type's own range, as far as `least` and `most` can say it. */
static bool int_range(brio_kind kind, int64_t *least, int64_t *most)
{
    static const struct {
        int64_t least, most;
    } ranges[] = {
        [BRIO_KIND_I8] = {INT8_MIN, INT8_MAX},    [BRIO_KIND_I16] = {INT16_MIN, INT16_MAX},
        [BRIO_KIND_I32] = {INT32_MIN, INT32_MAX}, [BRIO_KIND_I64] = {INT64_MIN, INT64_MAX},
        [BRIO_KIND_U8] = {0, UINT8_MAX},          [BRIO_KIND_U16] = {0, UINT16_MAX},
        [BRIO_KIND_U32] = {0, UINT32_MAX},        [BRIO_KIND_U64] = {0, INT64_MAX},
    };
    if (kind < BRIO_KIND_I8 || kind > BRIO_KIND_U64)
        return false;
    *least = ranges[kind].least;
    *most = ranges[kind].most;
    return true;
}

/* False if the bound is no integer that can be compared with. */
static bool narrow(brio_app_param *p, brio_num bound, bool below, int64_t open)
{
    if (!bound.set)
        return true;
    if (!bound.integral || bound.i > INT64_MAX - 1 || bound.i < INT64_MIN + 1)
        return false;
    int64_t limit = below ? bound.i - open : bound.i + open;
    if (below && limit < p->most)
        p->most = limit;
    if (!below && limit > p->least)
        p->least = limit;
    return true;
}

static bool plan_int(brio_app_param *p)
{
    const brio_field *f = p->field;
    return int_range(f->kind, &p->least, &p->most) && !f->multiple_of.set &&
           narrow(p, f->ge, false, 0) && narrow(p, f->gt, false, 1) && narrow(p, f->le, true, 0) &&
           narrow(p, f->lt, true, 1);
}

static bool plan_str(brio_app_param *p)
{
    const brio_field *f = p->field;
    if (f->kind != BRIO_KIND_STR || f->pattern)
        return false;
    p->least = f->min_length < INT64_MAX ? (int64_t)f->min_length : INT64_MAX;
    p->most = f->max_length && f->max_length < INT64_MAX ? (int64_t)f->max_length : INT64_MAX;
    return true;
}

/* What only the judge knows. */
static bool is_special(const brio_field *f)
{
    return f->literal || f->before || f->after || f->json_text;
}

void brio_app_glance_plan(brio_app_param *p)
{
    p->glance = is_special(p->field) ? BRIO_APP_GLANCE_NONE
                : plan_int(p)        ? BRIO_APP_GLANCE_INT
                : plan_str(p)        ? BRIO_APP_GLANCE_STR
                                     : BRIO_APP_GLANCE_NONE;
}

/* ---- Looking ---------------------------------------------------------------------- */

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* A high bit for every byte of an ASCII word that is `c`, or follows one. */
static uint64_t bytes_equal(uint64_t word, uint64_t c)
{
    uint64_t x = word ^ EACH_BYTE(c);
    return (x - EACH_BYTE(1)) & ~x;
}

/* True if every byte is ASCII, and none is '%' or '+' if `coded`. */
static bool all_plain(brio_str s, bool coded)
{
    uint64_t odd = 0, word;
    for (; s.len; s = brio_str_slice(s, sizeof word, SIZE_MAX)) {
        word = 0;
        if (s.len >= sizeof word)
            memcpy(&word, s.ptr, sizeof word);
        else
            for (size_t i = 0; i < s.len; i++)
                word = word << 8 | (uint8_t)s.ptr[i];
        odd |= word;
        if (coded)
            odd |= bytes_equal(word, '%') | bytes_equal(word, '+');
    }
    return (odd & EACH_BYTE(0x80)) == 0;
}

bool brio_app_is_plain(brio_str s)
{
    return all_plain(s, true);
}

static bool read_digits(brio_str s, int64_t *ret)
{
    int64_t value = 0;
    if (s.len == 0 || s.len > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)(uint8_t)s.ptr[i] - '0';
        if (digit > 9)
            return false;
        value = value * 10 + (int64_t)digit;
    }
    *ret = value;
    return true;
}

static bool read_int(brio_str s, int64_t *ret)
{
    bool minus = s.len && s.ptr[0] == '-';
    if (!read_digits(minus ? brio_str_slice(s, 1, SIZE_MAX) : s, ret))
        return false;
    *ret = minus ? -*ret : *ret;
    return true;
}

/* The member, or what its pointer will point to. */
static void *target(const brio_field *f, void *in, size_t size, brio_arena *arena)
{
    void *member = (char *)in + f->offset;
    if (!f->nullable)
        return member;
    void *value = brio_alloc_aligned(arena, size, 8);
    memcpy(member, &value, sizeof value);
    return value;
}

static size_t int_size(brio_kind kind)
{
    return (size_t)1 << ((kind - BRIO_KIND_I8) & 3); /* ORDER KIND: 8 to 64 bits, twice */
}

_Static_assert(BRIO_KIND_U8 == BRIO_KIND_I8 + 4, "int_size counts on it");
_Static_assert(BRIO_KIND_U64 == BRIO_KIND_I8 + 7, "int_size counts on it");

static bool take_int(const brio_app_param *p, brio_str text, void *in, brio_arena *arena)
{
    int64_t value;
    if (!read_int(text, &value) || value < p->least || value > p->most)
        return false;
    size_t size = int_size(p->field->kind);
    memcpy(target(p->field, in, size, arena), &value, size); /* little endian */
    return true;
}

static bool take_str(const brio_app_param *p, brio_str text, void *in, brio_arena *arena)
{
    if ((int64_t)text.len < p->least || (int64_t)text.len > p->most || !all_plain(text, false))
        return false;
    memcpy(target(p->field, in, sizeof text, arena), &text, sizeof text);
    return true;
}

bool brio_app_glance_take(const brio_app_param *p, brio_str text, void *in, brio_arena *arena)
{
    if (p->glance == BRIO_APP_GLANCE_INT)
        return take_int(p, text, in, arena);
    return p->glance == BRIO_APP_GLANCE_STR && take_str(p, text, in, arena);
}
