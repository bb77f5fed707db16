/* SPDX-License-Identifier: MIT
 *
 * brio/object.h: JSON made by hand, for answers that have no model. Part of
 * <brio/model.h>'s room; a handler uses BRIO_OBJECT and BRIO_ARRAY of
 * <brio/app.h>, which take the request for the arena.
 *
 *     *out = BRIO_JSON({"message": "Hello World", "tags": ["a", "b"]});
 *     *out = BRIO_JSON_OBJECT(arena, "item_id", in->item_id,      // any scalar, string or list
 *                             "item", BRIO_AS(Item, &in->item),   // a model
 *                             "q", BRIO_SOME(in->q),              // no member if NULL or ""
 *                             BRIO_SPREAD, other);                // the members of another object
 */
#ifndef BRIO_OBJECT_H
#define BRIO_OBJECT_H

#include <brio/base.h>
#include <brio/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* JSON text written in the source as it is; static. Not checked: what is
 * written here is what the client reads, without the blanks between tokens. */
#define BRIO_JSON(...) brio_json_literal(#__VA_ARGS__)
/* The same as a string literal, for options that take JSON text (.examples, .def). */
#define BRIO_JSON_TEXT(...) #__VA_ARGS__

/* A value with its model: BRIO_AS(Item, &item). NULL is null. Borrowed until
 * the object is made, that is, until the end of the call. */
typedef struct brio_typed {
    const brio_model *model;
    const void *value;
    bool some; /* left out of an object if NULL or empty */
} brio_typed;
#define BRIO_AS(T, ptr) \
    ((brio_typed){BRIO_TYPE(T), (1 ? (const void *)(ptr) : (const void *)(const T *)(ptr)), false})
/* A member that is left out when there is nothing: a NULL pointer, an empty
 * string or list (`if q:` in Python). Of a pointer or BRIO_AS. */
#define BRIO_SOME(x)                                                                               \
    _Generic((x), brio_str *: brio_some_str_, const brio_str *: brio_some_str_,                    \
             bool *: brio_some_bool_, int32_t *: brio_some_i32_, int64_t *: brio_some_i64_,        \
             double *: brio_some_f64_, brio_json *: brio_some_json_, brio_str_list *: brio_some_strs_,                \
             brio_typed: brio_some_typed_)(x)
/* In place of a key: the members of the value, an object, come here. */
#define BRIO_SPREAD brio_json_spread
extern BRIO_API const char brio_json_spread[];

/* An object of up to 16 members, in order; of equal keys the last value stays
 * at the first place, as in a Python dict. Keys are borrowed (literals). An
 * array of up to 16 values. Values: bool, integers, floating point, strings,
 * brio_json, pointers to those (NULL: null), lists of scalars, BRIO_AS. */
#define BRIO_JSON_OBJECT(arena, ...)                                                               \
    brio_json_object((arena), BRIO_PAIR_COUNT_(__VA_ARGS__),                                       \
                     (const brio_json_pair[]){BRIO_PAIRS_(arena, __VA_ARGS__)})
#define BRIO_JSON_ARRAY(arena, ...)                                                                \
    brio_json_array((arena), BRIO_VALUE_COUNT_(__VA_ARGS__),                                       \
                    (const brio_json[]){BRIO_VALUES_(arena, __VA_ARGS__)})
/* Any such value as JSON. */
#define BRIO_JSON_OF(arena, x)                                                                     \
    _Generic((x), bool: brio_of_bool_, int: brio_of_i64_, unsigned: brio_of_i64_,                  \
             long: brio_of_i64_, long long: brio_of_i64_, unsigned long: brio_of_u64_,             \
             unsigned long long: brio_of_u64_, float: brio_of_f64_, double: brio_of_f64_,          \
             char *: brio_of_cstr_, const char *: brio_of_cstr_, brio_str: brio_of_str_,           \
             brio_json: brio_of_json_, brio_typed: brio_json_typed,                                \
             bool *: brio_of_bool_ptr_, int32_t *: brio_of_i32_ptr_, int64_t *: brio_of_i64_ptr_,  \
             double *: brio_of_f64_ptr_, brio_str *: brio_of_str_ptr_,                             \
             const brio_str *: brio_of_str_ptr_, brio_json *: brio_of_json_ptr_,                   \
             const brio_json *: brio_of_json_ptr_, brio_str_list: brio_of_strs_,                   \
             brio_str_list *: brio_of_strs_ptr_, brio_i64_list: brio_of_i64s_,                     \
             brio_f64_list: brio_of_f64s_, brio_bool_list: brio_of_bools_)((arena), (x))

typedef struct brio_json_pair {
    const char *key;
    brio_json value;
} brio_json_pair;

/* What the macros call. The results are the arena's, but for strings, which
 * are borrowed. */
BRIO_API brio_json brio_json_object(brio_arena *arena, size_t n, const brio_json_pair *pairs);
BRIO_API brio_json brio_json_array(brio_arena *arena, size_t n, const brio_json *values);
/* A value of a model as JSON text, as FastAPI writes what has no response
 * model (brio_encode_with, plain); BRIO_JSON_UNFIT if it has no JSON form, which
 * makes a 500 of the answer it is in. */
BRIO_API brio_json brio_json_typed(brio_arena *arena, brio_typed value);
/* Sets or replaces a member; `object` must be an object (text of one is read
 * first). The key is borrowed. */
BRIO_API void brio_json_set(brio_arena *arena, brio_json *object, const char *key, brio_json value);
/* The members or items of what is still text (BRIO_JSON, BRIO_AS); other
 * values stay. Text that is not JSON becomes null. */
BRIO_API brio_json brio_json_read(brio_arena *arena, brio_json value);

/* The other way: a value of a model from JSON that the program itself holds,
 * read and checked as input is; `json` may be text (BRIO_JSON). NULL is null.
 * 0, or BRIO_EMODEL, with the first problem in the log, when it does not fit. */
BRIO_API int brio_from_json(brio_arena *arena, const brio_model *model, const brio_json *json,
                            void *ret) BRIO_CHECKED;

/* The array of FastAPI's 422 body as a value, in the problems' arena: for
 * brio_fail_json(req, 422, ...) of what a handler has read itself. */
BRIO_API brio_json brio_problems_json(const brio_problems *problems);

/* JSON text of static storage, blanks and all. */
static inline brio_json brio_json_literal(const char *text)
{
    brio_json v;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_RAW;
    v.n = 1; /* the writer leaves the blanks out */
    v.str = brio_str_from(text);
    return v;
}

/* ---- Behind the macros --------------------------------------------------- */

/* No value: a member that is left out. Never written. */
static inline brio_json brio_json_absent_(void)
{
    brio_json v;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_RAW;
    return v;
}

/* One per C type: the value as JSON. */
static inline brio_json brio_of_bool_(brio_arena *a, bool x)
{
    brio_json v;
    (void)a;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_BOOL;
    v.boolean = x;
    return v;
}
static inline brio_json brio_of_f64_(brio_arena *a, double x)
{
    brio_json v;
    (void)a;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_FLOAT;
    v.number = x;
    return v;
}
BRIO_API brio_json brio_of_u64_(brio_arena *a, uint64_t x); /* beyond int64_t: a big integer */
static inline brio_json brio_of_i64_(brio_arena *a, int64_t x) { (void)a; return brio_json_from_int(x); }
static inline brio_json brio_of_str_(brio_arena *a, brio_str x) { (void)a; return brio_json_from_str(x); }
static inline brio_json brio_of_cstr_(brio_arena *a, const char *x)
{
    brio_json none;
    (void)a;
    memset(&none, 0, sizeof none);
    return x ? brio_json_from_str(brio_str_from(x)) : none;
}
static inline brio_json brio_of_json_(brio_arena *a, brio_json x) { (void)a; return x; }
#define BRIO_OF_PTR_(name, T, of)                                                                  \
    static inline brio_json name(brio_arena *a, const T *x)                                        \
    {                                                                                              \
        brio_json none;                                                                            \
        memset(&none, 0, sizeof none);                                                             \
        return x ? of(a, *x) : none;                                                               \
    }
BRIO_OF_PTR_(brio_of_bool_ptr_, bool, brio_of_bool_)
BRIO_OF_PTR_(brio_of_i32_ptr_, int32_t, brio_of_i64_)
BRIO_OF_PTR_(brio_of_i64_ptr_, int64_t, brio_of_i64_)
BRIO_OF_PTR_(brio_of_f64_ptr_, double, brio_of_f64_)
BRIO_OF_PTR_(brio_of_str_ptr_, brio_str, brio_of_str_)
BRIO_OF_PTR_(brio_of_json_ptr_, brio_json, brio_of_json_)
#define BRIO_OF_LIST_(name, T, of)                                                                 \
    static inline brio_json name(brio_arena *a, T x)                                               \
    {                                                                                              \
        brio_json v;                                                                               \
        memset(&v, 0, sizeof v);                                                                   \
        v.type = BRIO_JSON_ARRAY;                                                                  \
        v.n = (uint32_t)x.len;                                                                     \
        v.items = (brio_json *)brio_calloc(a, x.len, sizeof(brio_json));                           \
        for (size_t i = 0; i < x.len; i++)                                                         \
            v.items[i] = of(a, x.items[i]);                                                        \
        return v;                                                                                  \
    }
BRIO_OF_LIST_(brio_of_strs_, brio_str_list, brio_of_str_)
BRIO_OF_LIST_(brio_of_i64s_, brio_i64_list, brio_of_i64_)
BRIO_OF_LIST_(brio_of_f64s_, brio_f64_list, brio_of_f64_)
BRIO_OF_LIST_(brio_of_bools_, brio_bool_list, brio_of_bool_)
BRIO_OF_PTR_(brio_of_strs_ptr_, brio_str_list, brio_of_strs_)

#define BRIO_SOME_(name, T, M)                                                                     \
    static inline brio_typed name(const T *x)                                                      \
    {                                                                                              \
        brio_typed v = {M##_model(), x, true};                                                     \
        return v;                                                                                  \
    }
BRIO_SOME_(brio_some_str_, brio_str, brio_str)
BRIO_SOME_(brio_some_bool_, bool, brio_bool)
BRIO_SOME_(brio_some_i32_, int32_t, brio_i32)
BRIO_SOME_(brio_some_i64_, int64_t, brio_i64)
BRIO_SOME_(brio_some_f64_, double, brio_f64)
BRIO_SOME_(brio_some_json_, brio_json, brio_json)
BRIO_SOME_(brio_some_strs_, brio_str_list, brio_str_list)

/* Counting and walking arguments: up to 16 pairs. */
#define BRIO_PAIR_COUNT_(...)                                                                      \
    BRIO_33RD_(__VA_ARGS__, 16, 16, 15, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 10, 9, 9, 8, 8, 7, \
               7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0)
#define BRIO_33RD_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,     \
                   a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, n,   \
                   ...)                                                                            \
    n
#define BRIO_GLUE_(a, b) BRIO_GLUE2_(a, b)
#define BRIO_GLUE2_(a, b) a##b
#define BRIO_PAIRS_(arena, ...) \
    BRIO_GLUE_(BRIO_PAIRS_, BRIO_PAIR_COUNT_(__VA_ARGS__))(arena, __VA_ARGS__)
#define BRIO_PAIRS_1(...) BRIO_each_key_needs_a_value_(__VA_ARGS__)
#define BRIO_each_key_needs_a_value_(r, k, v) {(k), BRIO_JSON_OF(r, v)}
#define BRIO_PAIRS_2(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_1(r, __VA_ARGS__)
#define BRIO_PAIRS_3(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_2(r, __VA_ARGS__)
#define BRIO_PAIRS_4(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_3(r, __VA_ARGS__)
#define BRIO_PAIRS_5(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_4(r, __VA_ARGS__)
#define BRIO_PAIRS_6(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_5(r, __VA_ARGS__)
#define BRIO_PAIRS_7(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_6(r, __VA_ARGS__)
#define BRIO_PAIRS_8(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_7(r, __VA_ARGS__)
#define BRIO_PAIRS_9(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_8(r, __VA_ARGS__)
#define BRIO_PAIRS_10(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_9(r, __VA_ARGS__)
#define BRIO_PAIRS_11(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_10(r, __VA_ARGS__)
#define BRIO_PAIRS_12(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_11(r, __VA_ARGS__)
#define BRIO_PAIRS_13(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_12(r, __VA_ARGS__)
#define BRIO_PAIRS_14(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_13(r, __VA_ARGS__)
#define BRIO_PAIRS_15(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_14(r, __VA_ARGS__)
#define BRIO_PAIRS_16(r, k, v, ...) {(k), BRIO_JSON_OF(r, v)}, BRIO_PAIRS_15(r, __VA_ARGS__)
#define BRIO_VALUE_COUNT_(...)                                                                     \
    BRIO_33RD_(__VA_ARGS__, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,    \
               15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define BRIO_VALUES_(arena, ...) \
    BRIO_GLUE_(BRIO_VALUES_, BRIO_VALUE_COUNT_(__VA_ARGS__))(arena, __VA_ARGS__)
#define BRIO_VALUES_1(r, v) BRIO_JSON_OF(r, v)
#define BRIO_VALUES_2(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_1(r, __VA_ARGS__)
#define BRIO_VALUES_3(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_2(r, __VA_ARGS__)
#define BRIO_VALUES_4(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_3(r, __VA_ARGS__)
#define BRIO_VALUES_5(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_4(r, __VA_ARGS__)
#define BRIO_VALUES_6(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_5(r, __VA_ARGS__)
#define BRIO_VALUES_7(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_6(r, __VA_ARGS__)
#define BRIO_VALUES_8(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_7(r, __VA_ARGS__)
#define BRIO_VALUES_9(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_8(r, __VA_ARGS__)
#define BRIO_VALUES_10(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_9(r, __VA_ARGS__)
#define BRIO_VALUES_11(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_10(r, __VA_ARGS__)
#define BRIO_VALUES_12(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_11(r, __VA_ARGS__)
#define BRIO_VALUES_13(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_12(r, __VA_ARGS__)
#define BRIO_VALUES_14(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_13(r, __VA_ARGS__)
#define BRIO_VALUES_15(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_14(r, __VA_ARGS__)
#define BRIO_VALUES_16(r, v, ...) BRIO_JSON_OF(r, v), BRIO_VALUES_15(r, __VA_ARGS__)

/* What has its model already. */
static inline brio_typed brio_some_typed_(brio_typed x)
{
    x.some = true;
    return x;
}

#ifdef __cplusplus
}
#endif
#endif
