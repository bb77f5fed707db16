/* SPDX-License-Identifier: MIT
 *
 * brio/declare.h: the macros that declare models: tables of rows beside the
 * struct, and functions T_model() that return them. A part of <brio/model.h>.
 *
 *     BRIO_MODEL(Item, BRIO_FIELD(name, .min_length = 1), BRIO_FIELD_AS(owner, User))
 *
 * The compiler proves that row and member agree, and says which row does not.
 * All tables are constant; nothing here runs before the program does. */
#ifndef BRIO_DECLARE_H
#define BRIO_DECLARE_H

#include <brio/base.h>

/* ---- What a member is ----------------------------------------------------- */

#define BRIO_KIND_LIST_ROW_(T, L) L: BRIO_KIND_MODEL, L *: BRIO_KIND_MODEL,
#define BRIO_MODEL_LIST_ROW_(T, L) L: L##_model, L *: L##_model,
#define BRIO_NULLABLE_LIST_ROW_(T, L) L *: 1,
#define BRIO_KIND_VALUE_ROW_(T, L)                                           \
    T: BRIO_KIND_MODEL, T *: BRIO_KIND_MODEL, L: BRIO_KIND_MODEL, L *: BRIO_KIND_MODEL,
#define BRIO_MODEL_VALUE_ROW_(T, L) T: T##_model, T *: T##_model, L: L##_model, L *: L##_model,
#define BRIO_NULLABLE_VALUE_ROW_(T, L) T *: 1, L *: 1,

#define BRIO_KIND_OF_(x)                                                     \
    _Generic((x),                                                            \
        bool: BRIO_KIND_BOOL, bool *: BRIO_KIND_BOOL,                        \
        int8_t: BRIO_KIND_I8, int8_t *: BRIO_KIND_I8,                        \
        int16_t: BRIO_KIND_I16, int16_t *: BRIO_KIND_I16,                    \
        int32_t: BRIO_KIND_I32, int32_t *: BRIO_KIND_I32,                    \
        int64_t: BRIO_KIND_I64, int64_t *: BRIO_KIND_I64,                    \
        uint8_t: BRIO_KIND_U8, uint8_t *: BRIO_KIND_U8,                      \
        uint16_t: BRIO_KIND_U16, uint16_t *: BRIO_KIND_U16,                  \
        uint32_t: BRIO_KIND_U32, uint32_t *: BRIO_KIND_U32,                  \
        uint64_t: BRIO_KIND_U64, uint64_t *: BRIO_KIND_U64,                  \
        float: BRIO_KIND_F32, float *: BRIO_KIND_F32,                        \
        double: BRIO_KIND_F64, double *: BRIO_KIND_F64,                      \
        brio_str: BRIO_KIND_STR, brio_str *: BRIO_KIND_STR,                  \
        brio_json: BRIO_KIND_JSON, brio_json *: BRIO_KIND_JSON,              \
        BRIO_VALUE_TYPES_(BRIO_KIND_VALUE_ROW_)                              \
        BRIO_SCALAR_LISTS_(BRIO_KIND_LIST_ROW_) default: -1)

#define BRIO_MODEL_OF_(x)                                                    \
    _Generic((x), BRIO_VALUE_TYPES_(BRIO_MODEL_VALUE_ROW_)                   \
        BRIO_SCALAR_LISTS_(BRIO_MODEL_LIST_ROW_) default: (brio_model_fn *)0)

#define BRIO_NULLABLE_(x)                                                    \
    _Generic((x),                                                            \
        bool *: 1, int8_t *: 1, int16_t *: 1, int32_t *: 1, int64_t *: 1,    \
        uint8_t *: 1, uint16_t *: 1, uint32_t *: 1, uint64_t *: 1,           \
        float *: 1, double *: 1, brio_str *: 1, brio_json *: 1,              \
        BRIO_VALUE_TYPES_(BRIO_NULLABLE_VALUE_ROW_)                          \
        BRIO_SCALAR_LISTS_(BRIO_NULLABLE_LIST_ROW_) default: 0)

#define BRIO_MEMBER_(f) (((brio_self *)0)->f)
/* 0, or a compile error that names the field. The array's length keeps clang
 * from printing all of `cond` in front of the text. */
#define BRIO_PROVE_(cond, text)                                              \
    (0 * (int)sizeof(struct {                                                \
        int proof;                                                           \
        _Static_assert(_Generic((char (*)[(cond) ? 1 : 2])0, char (*)[1]: 1, default: 0), text); \
    }))
#define BRIO_PLACE_(where, f)                                                \
    .name = #f, .offset = offsetof(brio_self, f), .size = sizeof BRIO_MEMBER_(f), .in = where

/* ---- Rows ------------------------------------------------------------------ */

#define BRIO_ROW_(where, f, ...)                                             \
    {BRIO_PROVE_(BRIO_KIND_OF_(BRIO_MEMBER_(f)) >= 0,                        \
                 "brio: field " #f " has a type with no JSON form of its own; texts are "    \
                 "brio_str, integers int64_t and its kin; a model, list or enum is named: "  \
                 "BRIO_FIELD_AS(" #f ", Type)"),                             \
     BRIO_PLACE_(where, f), .kind = (brio_kind)BRIO_KIND_OF_(BRIO_MEMBER_(f)),               \
     .nullable = BRIO_NULLABLE_(BRIO_MEMBER_(f)), .model = BRIO_MODEL_OF_(BRIO_MEMBER_(f)),  \
     __VA_ARGS__}
#define BRIO_ROW(where, ...) BRIO_ROW_(where, __VA_ARGS__, .brio_private_end = 0)

#define BRIO_ROW_AS_(where, f, T, ...)                                       \
    {BRIO_PROVE_(_Generic(BRIO_MEMBER_(f), T: 1, T *: 1, default: 0),        \
                 "brio: field " #f " is declared as " #T " but the struct says otherwise"),  \
     BRIO_PLACE_(where, f), .kind = BRIO_KIND_MODEL,                         \
     .nullable = _Generic(BRIO_MEMBER_(f), T *: 1, default: 0), .model = T##_model, __VA_ARGS__}
#define BRIO_ROW_AS(where, ...) BRIO_ROW_AS_(where, __VA_ARGS__, .brio_private_end = 0)

/* A field: BRIO_FIELD(member, .option = value, ...). The kind is inferred. */
#define BRIO_FIELD(...) BRIO_ROW(BRIO_IN_FIELD, __VA_ARGS__)
#define BRIO_PATH(...) BRIO_ROW(BRIO_IN_PATH, __VA_ARGS__)
#define BRIO_QUERY(...) BRIO_ROW(BRIO_IN_QUERY, __VA_ARGS__)
#define BRIO_HEADER(...) BRIO_ROW(BRIO_IN_HEADER, __VA_ARGS__)
#define BRIO_COOKIE(...) BRIO_ROW(BRIO_IN_COOKIE, __VA_ARGS__)
#define BRIO_FORM(...) BRIO_ROW(BRIO_IN_FORM, __VA_ARGS__)
/* The same for a member whose type is named: a model, its list, an enum. */
#define BRIO_FIELD_AS(...) BRIO_ROW_AS(BRIO_IN_FIELD, __VA_ARGS__)
#define BRIO_PATH_AS(...) BRIO_ROW_AS(BRIO_IN_PATH, __VA_ARGS__)
#define BRIO_QUERY_AS(...) BRIO_ROW_AS(BRIO_IN_QUERY, __VA_ARGS__)
#define BRIO_HEADER_AS(...) BRIO_ROW_AS(BRIO_IN_HEADER, __VA_ARGS__)
#define BRIO_COOKIE_AS(...) BRIO_ROW_AS(BRIO_IN_COOKIE, __VA_ARGS__)
#define BRIO_FORM_AS(...) BRIO_ROW_AS(BRIO_IN_FORM, __VA_ARGS__)
/* The request body, or a part of it: BRIO_BODY(member, Type, ...). Type may be
 * a model, a list (Item_list, brio_str_list) or a scalar (int64_t). */
#define BRIO_BODY(...) BRIO_ROW_AS(BRIO_IN_BODY, __VA_ARGS__)
/* An uploaded file of a form: BRIO_FILE(member, Type, ...). */
#define BRIO_FILE(...) BRIO_ROW_AS(BRIO_IN_FILE, __VA_ARGS__)

/* What a dependency gives: BRIO_DEPENDS(member, provider, ...). The member is
 * the provider's type, a copy, or a pointer to it, shared. A provider P is
 * what declares `P_provided`, the type, and `P_provider()`. */
#define BRIO_DEPENDS_(f, P, ...)                                             \
    {BRIO_PROVE_(_Generic(BRIO_MEMBER_(f), P##_provided: 1, P##_provided *: 1,               \
                          const P##_provided *: 1, default: 0),              \
                 "brio: field " #f " is not of the type that provider " #P " gives"),        \
     BRIO_PLACE_(BRIO_IN_DEPENDS, f), .kind = BRIO_KIND_NONE,                \
     .nullable = _Generic(BRIO_MEMBER_(f), P##_provided: 0, default: 1),     \
     .provider = P##_provider, __VA_ARGS__}
#define BRIO_DEPENDS(...) BRIO_DEPENDS_(__VA_ARGS__, .brio_private_end = 0)
/* The same with OAuth2 scopes: BRIO_SECURITY(user, current_user, .scopes = "me items"). */
#define BRIO_SECURITY(...) BRIO_DEPENDS(__VA_ARGS__)

/* About the model itself: BRIO_CONFIG(.description = "...", .extra = BRIO_EXTRA_FORBID). */
#define BRIO_CONFIG(...) {.brio_private_zero = 0, .in = BRIO_IN_CONFIG, __VA_ARGS__}
/* Inheritance: the rows of model T, embedded as `member`, become rows of this
 * model, in place. &value.member is the T in it. */
#define BRIO_BASE_(f, T)                                                     \
    {BRIO_PROVE_(_Generic(BRIO_MEMBER_(f), T: 1, default: 0),                \
                 "brio: base " #f " is declared as " #T " but the struct says otherwise"),   \
     BRIO_PLACE_(BRIO_IN_BASE, f), .kind = BRIO_KIND_MODEL, .model = T##_model}
#define BRIO_BASE(f, T) BRIO_BASE_(f, T)
#define BRIO_MARK_(where, f, T)                                              \
    {BRIO_PROVE_(_Generic(BRIO_MEMBER_(f), T: 1, default: 0),                \
                 "brio: field " #f " must be a " #T),                        \
     BRIO_PLACE_(where, f), .kind = BRIO_KIND_NONE}
/* The member, a brio_fields_set, remembers which fields the input had. */
#define BRIO_FIELDS_SET(f) BRIO_MARK_(BRIO_IN_SET, f, brio_fields_set)
/* The member, a brio_json, keeps the keys no row names, as an object; they are
 * written behind the fields. Needs BRIO_CONFIG(.extra = BRIO_EXTRA_ALLOW). */
#define BRIO_EXTRAS(f) BRIO_MARK_(BRIO_IN_EXTRAS, f, brio_json)
/* A value of the output only: BRIO_COMPUTED(name, Type, fn, ...). No member;
 * void fn(const void *self, void *out, brio_arena *arena) makes it. */
#define BRIO_COMPUTED_(f, T, fn, ...)                                        \
    {.name = #f, .size = sizeof(T), .kind = BRIO_KIND_MODEL, .in = BRIO_IN_COMPUTED,         \
     .model = T##_model, .compute = fn, __VA_ARGS__}
#define BRIO_COMPUTED(...) BRIO_COMPUTED_(__VA_ARGS__, .brio_private_end = 0)

/* ---- Models ------------------------------------------------------------------ */

#define BRIO_ROWS_MODEL_(T, kind_, more, ...)                                \
    __attribute__((unused)) static inline const brio_model *T##_model(void)                  \
    {                                                                        \
        typedef T brio_self;                                                 \
        static const brio_field brio_fields[] = {__VA_ARGS__};               \
        static brio_model brio_this = {                                      \
            .kind = kind_, .size = sizeof(brio_self), .fields = brio_fields, \
            .n = sizeof brio_fields / sizeof *brio_fields, BRIO_UNWRAP_ more};               \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_
#define BRIO_UNWRAP_(...) __VA_ARGS__

/* Declares T_model() for `typedef struct T {...} T`. At file scope, in a .c
 * file or in a header. At most 64 fields, those of bases included. */
#define BRIO_MODEL(T, ...) BRIO_ROWS_MODEL_(T, BRIO_KIND_STRUCT, (.name = #T), __VA_ARGS__)
/* The same with a name of its own: BRIO_MODEL_AS(Item_page, "Page[Item]", ...)
 * has the title `Page[Item]` and is the component `Page_Item_`. */
#define BRIO_MODEL_AS(T, title_, ...) \
    BRIO_ROWS_MODEL_(T, BRIO_KIND_STRUCT, (.name = title_), __VA_ARGS__)
/* The same with the errors of a Python dataclass. */
#define BRIO_DATACLASS(T, ...) \
    BRIO_ROWS_MODEL_(T, BRIO_KIND_STRUCT, (.name = #T, .dataclass = true), __VA_ARGS__)
/* A struct whose JSON is an array, one item per row: BRIO_TUPLE(Pair,
 * BRIO_FIELD(x), BRIO_FIELD(y)). */
#define BRIO_TUPLE(T, ...) BRIO_ROWS_MODEL_(T, BRIO_KIND_TUPLE, (.name = #T), __VA_ARGS__)

/* One of several types, for `typedef struct T { int which; union {...}; } T`:
 *
 *     BRIO_UNION(Pet, BRIO_CONFIG(.discriminator = "kind"),
 *                BRIO_CASE(cat, Cat), BRIO_CASE(dog, Dog));
 *
 * `which` is the number of the case, from 0. Of several cases that fit, the
 * one that fits best is taken (pydantic's smart mode); with a discriminator,
 * the one whose field of that name has the literal. A case whose member is a
 * pointer is allocated, never null. */
#define BRIO_UNION(T, ...)                                                   \
    _Static_assert(_Generic(((T *)0)->which, int: offsetof(T, which) == 0, default: 0),      \
                   "brio: union " #T " must begin with `int which`");        \
    BRIO_ROWS_MODEL_(T, BRIO_KIND_UNION, (.name = #T), __VA_ARGS__)
#define BRIO_CASE(...) BRIO_ROW_AS(BRIO_IN_FIELD, __VA_ARGS__)

/* BRIO_ENUM(Color, {RED, "red"}, {GREEN, "green"}) for `typedef enum Color`. */
#define BRIO_ENUM(T, ...)                                                    \
    __attribute__((unused)) static inline const brio_model *T##_model(void)                  \
    {                                                                        \
        static const brio_enum_value brio_values[] = {__VA_ARGS__};          \
        static brio_model brio_this = {                                      \
            .name = #T, .kind = BRIO_KIND_ENUM, .size = sizeof(T), .values = brio_values,    \
            .n_values = sizeof brio_values / sizeof *brio_values};           \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_
/* BRIO_INT_ENUM(Level, LOW, HIGH): the JSON form is the number. */
#define BRIO_INT_ENUM(T, ...)                                                \
    __attribute__((unused)) static inline const brio_model *T##_model(void)                  \
    {                                                                        \
        static const int64_t brio_values[] = {__VA_ARGS__};                  \
        static brio_model brio_this = {                                      \
            .name = #T, .kind = BRIO_KIND_ENUM, .size = sizeof(T), .ints = brio_values,      \
            .n_values = sizeof brio_values / sizeof *brio_values};           \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_

/* A scalar of your own: `ops` is a const brio_type *; `name` is shown by
 * brio_model_check and nowhere else. */
#define BRIO_TYPE_MODEL(T, name_, ops)                                       \
    __attribute__((unused)) static inline const brio_model *T##_model(void)                  \
    {                                                                        \
        static brio_model brio_this = {                                      \
            .name = name_, .kind = BRIO_KIND_TYPE, .size = sizeof(T), .type = ops};          \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_

/* ---- Lists and dicts ------------------------------------------------------------ */

/* Declares T_list and T_list_model(). May come before struct T, for models
 * that contain lists of themselves, and for the sake of the type alone. */
#define BRIO_LIST_OF(T)                                                      \
    typedef struct T##_list { struct T *items; size_t len; } T##_list;       \
    static inline const brio_model *T##_model(void);                         \
    __attribute__((unused)) static inline const brio_model *T##_list_model(void)             \
    {                                                                        \
        static const brio_field brio_item[] = {{.name = "item", .model = T##_model}};        \
        static brio_model brio_this = {                                      \
            .name = #T "_list", .kind = BRIO_KIND_LIST, .size = sizeof(T##_list),            \
            .fields = brio_item, .n = 1};                                    \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_

#define BRIO_LIST_MODEL_(Name, T, as_, null_, ...)                           \
    __attribute__((unused)) static inline const brio_model *Name##_model(void)               \
    {                                                                        \
        static const brio_field brio_item[] = {                              \
            {.name = "item", .size = sizeof(((Name *)0)->items[0]), .kind = BRIO_KIND_MODEL, \
             .model = T##_model, .nullable = null_, .required = null_, __VA_ARGS__}};        \
        static brio_model brio_this = {                                      \
            .name = #Name, .kind = BRIO_KIND_LIST, .size = sizeof(Name), .as = as_,          \
            .fields = brio_item, .n = 1};                                    \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_
#define BRIO_LIST_NAMED_(Name, as_, T, ...)                                  \
    typedef struct Name { T *items; size_t len; } Name;                      \
    BRIO_LIST_MODEL_(Name, T, as_, false, __VA_ARGS__)
#define BRIO_LIST_NULLABLE_(Name, T, ...)                                    \
    typedef struct Name { T **items; size_t len; } Name;                     \
    BRIO_LIST_MODEL_(Name, T, BRIO_AS_LIST, true, __VA_ARGS__)
/* A list of any type under a name of its own: BRIO_LIST(Matrix, brio_f64_list).
 * Further options are those of the items: BRIO_LIST(Tags, brio_str, .max_length = 20). */
#define BRIO_LIST(Name, ...) \
    BRIO_LIST_NAMED_(Name, BRIO_AS_LIST, __VA_ARGS__, .brio_private_end = 0)
/* The same as a set, frozenset or tuple: BRIO_LIST_AS(Ids, BRIO_SET, int64_t). */
#define BRIO_LIST_AS(Name, as_, ...) \
    BRIO_LIST_NAMED_(Name, as_, __VA_ARGS__, .brio_private_end = 0)
/* The same of pointers, whose items may be null. */
#define BRIO_NULLABLE_LIST(Name, ...) \
    BRIO_LIST_NULLABLE_(Name, __VA_ARGS__, .brio_private_end = 0)

#define BRIO_DICT_MODEL_(Name, K, V, null_, ...)                             \
    __attribute__((unused)) static inline const brio_model *Name##_model(void)               \
    {                                                                        \
        static const brio_field brio_entry[] = {                              \
            {.name = "key", .size = sizeof(K), .kind = BRIO_KIND_MODEL, .model = K##_model}, \
            {.name = "value", .offset = offsetof(Name##_entry, value),       \
             .size = sizeof(((Name##_entry *)0)->value), .kind = BRIO_KIND_MODEL,            \
             .model = V##_model, .nullable = null_, .required = null_, __VA_ARGS__}};        \
        static brio_model brio_this = {                                      \
            .name = #Name, .kind = BRIO_KIND_DICT, .size = sizeof(Name), .fields = brio_entry,\
            .n = 2, .entry_size = sizeof(Name##_entry)};                     \
        return &brio_this;                                                   \
    }                                                                        \
    BRIO_SEMICOLON_
#define BRIO_DICT_(Name, K, V, ...)                                          \
    typedef struct Name##_entry { K key; V value; } Name##_entry;            \
    typedef struct Name { Name##_entry *items; size_t len; } Name;           \
    BRIO_DICT_MODEL_(Name, K, V, false, __VA_ARGS__)
#define BRIO_DICT_NULLABLE_(Name, K, V, ...)                                 \
    typedef struct Name##_entry { K key; V *value; } Name##_entry;           \
    typedef struct Name { Name##_entry *items; size_t len; } Name;           \
    BRIO_DICT_MODEL_(Name, K, V, true, __VA_ARGS__)
/* A JSON object of any keys: BRIO_DICT(Weights, int64_t, double) declares
 * Weights {Weights_entry {key, value} *items; len}. Keys are strings, numbers,
 * enums and scalar types. Of equal keys the last wins. Further options are
 * those of the values. */
#define BRIO_DICT(Name, ...) BRIO_DICT_(Name, __VA_ARGS__, .brio_private_end = 0)
/* The same of pointers, whose values may be null. */
#define BRIO_NULLABLE_DICT(Name, ...) BRIO_DICT_NULLABLE_(Name, __VA_ARGS__, .brio_private_end = 0)

/* Generics: a page of Ts, as T_page, titled `Page[T]`. Needs T_list. */
#define BRIO_PAGE_OF(T)                                                      \
    typedef struct T##_page {                                                \
        T##_list items;                                                      \
        int64_t total, page, size, pages;                                    \
    } T##_page;                                                              \
    BRIO_MODEL_AS(T##_page, "Page[" #T "]", BRIO_FIELD_AS(items, T##_list),  \
                  BRIO_FIELD(total, .ge = BRIO_NUM(0)), BRIO_FIELD(page, .ge = BRIO_NUM(1)), \
                  BRIO_FIELD(size, .ge = BRIO_NUM(1)), BRIO_FIELD(pages, .ge = BRIO_NUM(0)))

#define BRIO_TYPE(T) (T##_model())

#endif
