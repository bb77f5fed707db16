/* SPDX-License-Identifier: MIT
 *
 * brio/model.h: declare a struct once; read, validate, write and document it.
 *
 *     typedef struct Item { brio_str name; double price; double *tax; } Item;
 *     BRIO_MODEL(Item,
 *         BRIO_FIELD(name, .min_length = 1, .max_length = 50),
 *         BRIO_FIELD(price, .gt = BRIO_NUM(0)),
 *         BRIO_FIELD(tax))                         // pointer: may be null or absent
 *
 *     Item item;
 *     int rc = brio_decode(json, BRIO_TYPE(Item), &item, &arena, &errors);
 *
 * The kind of a field is inferred from the member, so struct and table cannot
 * disagree. One table serves the JSON reader and writer, request parameters,
 * database rows and JSON Schema. Values, coercions, error codes and messages
 * are pydantic's (lax mode), as FastAPI shows them.
 *
 * Nothing here suspends. All memory is the arena's. */
#ifndef BRIO_MODEL_H
#define BRIO_MODEL_H

#include <brio/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ======================================================================== *
 * JSON: the dynamic value                                                  *
 * ======================================================================== */

typedef enum brio_json_type { /* ORDER JSON_TYPE */
    BRIO_JSON_NULL = 0,
    BRIO_JSON_BOOL,
    BRIO_JSON_INT,    /* fits int64_t */
    BRIO_JSON_BIGINT, /* an integer that does not; its digits are in `str` */
    BRIO_JSON_FLOAT,
    BRIO_JSON_STR,
    BRIO_JSON_ARRAY,
    BRIO_JSON_OBJECT,
    BRIO_JSON_RAW     /* ready JSON text in `str`; only for writing */
} brio_json_type;

typedef struct brio_json brio_json;
typedef struct brio_json_member brio_json_member;

/* What has no model. A zero value is null. */
struct brio_json {
    brio_json_type type;
    uint32_t n; /* items or members */
    union {
        bool boolean;
        int64_t integer;
        double number;
        brio_str str;
        brio_json *items;
        brio_json_member *members;
    };
};

struct brio_json_member {
    brio_str key;
    brio_json value;
};

/* Where and why text is not JSON. `offset` counts characters (code points), as
 * FastAPI reports it; `message` is the text of Python 3.11's json module, for
 * example "Expecting property name enclosed in double quotes". Static. */
typedef struct brio_json_fault {
    size_t offset; /* characters */
    size_t byte;
    const char *message;
} brio_json_fault;

/* Reads one JSON text (RFC 8259) into `arena`. Strings without escapes are
 * borrowed from `text`. Beyond the RFC, as Python: NaN, Infinity and
 * -Infinity are numbers; of equal keys the last wins. Lone surrogates in
 * escapes become U+FFFD. Returns 0; BRIO_ESYNTAX with *ret_fault set (may be
 * NULL); BRIO_ELIMIT beyond 128 levels (pass `strict` to refuse NaN and
 * Infinity, as the RFC does). */
typedef struct brio_json_options {
    bool strict;        /* RFC 8259 to the letter */
    uint32_t max_depth; /* 0 means 128 */
} brio_json_options;
BRIO_API int brio_json_parse(brio_arena *arena, brio_str text, const brio_json_options *options,
                             brio_json *ret, brio_json_fault *ret_fault) BRIO_CHECKED;

/* The member's value, or NULL. */
BRIO_API const brio_json *brio_json_get(const brio_json *object, brio_str key);
/* Equality by value; object members in any order; 1 equals 1.0. */
BRIO_API bool brio_json_equal(const brio_json *a, const brio_json *b);

/* A string, borrowed, and an integer as values. */
static inline brio_json brio_json_from_str(brio_str s)
{
    brio_json v;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_STR;
    v.str = s;
    return v;
}
/* As above. */
static inline brio_json brio_json_from_int(int64_t i)
{
    brio_json v;
    memset(&v, 0, sizeof v);
    v.type = BRIO_JSON_INT;
    v.integer = i;
    return v;
}

/* ---- Writing JSON ------------------------------------------------------- */

/* Puts commas and colons; compact separators, UTF-8 unescaped (Starlette's
 * JSONResponse). Failure is the buffer's `failed`. */
typedef struct brio_json_writer {
    brio_buf *out; /* borrowed */
    bool comma;    /* the next value needs one before it */
} brio_json_writer;

/* Each writes one bracket, key or value, with the comma or colon before it. */
BRIO_API void brio_json_begin(brio_json_writer *w, char bracket); /* '{' or '[' */
BRIO_API void brio_json_end(brio_json_writer *w, char bracket);   /* '}' or ']' */
BRIO_API void brio_json_key(brio_json_writer *w, brio_str key);
BRIO_API void brio_json_str(brio_json_writer *w, brio_str value);  /* malformed UTF-8 becomes U+FFFD */
BRIO_API void brio_json_i64(brio_json_writer *w, int64_t value);
BRIO_API void brio_json_f64(brio_json_writer *w, double value);    /* Python's repr: 1.0, 1e+22; NaN and Inf as null */
BRIO_API void brio_json_bool(brio_json_writer *w, bool value);
BRIO_API void brio_json_null(brio_json_writer *w);
BRIO_API void brio_json_raw(brio_json_writer *w, brio_str json);   /* copied as it is */
BRIO_API void brio_json_value(brio_json_writer *w, const brio_json *value);

/* Bytes of text a double needs at most. */
enum { BRIO_F64_TEXT_MAX = 32 };
/* Shortest text that reads back as `value`, in Python's repr format. Returns
 * its length; NaN and infinities give nan, inf, -inf. */
BRIO_API size_t brio_f64_text(char out[BRIO_F64_TEXT_MAX], double value);
/* Correctly rounded. All of `s` must be a JSON number. 0 or -EINVAL. */
BRIO_API int brio_f64_parse(brio_str s, double *ret) BRIO_CHECKED;

/* ======================================================================== *
 * Models                                                                   *
 * ======================================================================== */

typedef enum brio_kind { /* ORDER KIND */
    BRIO_KIND_MODEL = 0, /* what `.model` says: a struct, a list, an enum */
    BRIO_KIND_BOOL,
    BRIO_KIND_I8, BRIO_KIND_I16, BRIO_KIND_I32, BRIO_KIND_I64,
    BRIO_KIND_U8, BRIO_KIND_U16, BRIO_KIND_U32, BRIO_KIND_U64,
    BRIO_KIND_F32, BRIO_KIND_F64,
    BRIO_KIND_STR,
    BRIO_KIND_JSON,      /* brio_json: any value, no validation */
    BRIO_KIND_ENUM,      /* a C enum whose values have names */
    BRIO_KIND_STRUCT,    /* JSON object */
    BRIO_KIND_LIST,      /* {T *items; size_t len;} */
    BRIO_KIND_NONE,      /* brio_none: no input, or null */
    BRIO_KIND_TEXT,      /* brio_text: a text/plain answer */
    BRIO_KIND_HTML       /* brio_html: a text/html answer */
} brio_kind;

typedef enum brio_origin { /* where a field of an input model comes from. ORDER IN */
    BRIO_IN_FIELD = 0, /* a member of the JSON object itself */
    BRIO_IN_PATH,
    BRIO_IN_QUERY,
    BRIO_IN_HEADER,
    BRIO_IN_COOKIE,
    BRIO_IN_BODY,
    BRIO_IN_CONFIG     /* not a field: BRIO_CONFIG */
} brio_origin;

typedef enum brio_extra { /* keys the model does not name (pydantic's `extra`) */
    BRIO_EXTRA_IGNORE = 0,
    BRIO_EXTRA_FORBID
} brio_extra;

/* A bound that is there. Integers keep all 64 bits. */
typedef struct brio_num {
    bool set;
    bool integral; /* `i` is exact */
    int64_t i;
    double v;
} brio_num;
/* 0 for what int64_t cannot hold; 9223372036854775808 is 2 to the 63rd. */
#define BRIO_NUM_I64_(x)                                                     \
    ((double)(x) >= -9223372036854775808.0 && (double)(x) <= 9223372036854775808.0           \
         ? (int64_t)(x) : 0)
#define BRIO_NUM(x) \
    {true, (double)BRIO_NUM_I64_(x) == (double)(x), BRIO_NUM_I64_(x), (double)(x)}

typedef struct brio_model brio_model;
typedef const brio_model *brio_model_fn(void);

/* One row of a model's table. The options come after the first line. Text
 * members are borrowed and must outlive the model (literals, usually). */
typedef struct brio_field {
    int brio_private_zero; /* lets the macros end in an empty list */
    const char *name;
    size_t offset, size;
    brio_kind kind;
    bool nullable;         /* the member is a pointer: null, and absent unless `.required` */
    brio_origin in;
    brio_model_fn *model;  /* of BRIO_KIND_MODEL */

    const char *alias;       /* name on the wire; NULL means name, for headers with '-' for '_' */
    const char *title;       /* NULL means FastAPI's Title Case of the alias */
    const char *description; /* NULL means none */
    const char *def;         /* default as JSON text: "false", "10", "\"a\""; NULL means required */
    bool required;           /* a pointer member that must be present (it may be null) */
    brio_num gt, ge, lt, le, multiple_of;
    size_t min_length, max_length; /* code points of strings, items of lists; 0 means no bound */
    const char *pattern;     /* PCRE2, searched as pydantic does (unanchored) */
    const char *examples;    /* JSON array text; NULL means none */
    bool deprecated;
    bool hidden;             /* not in the OpenAPI document (parameters) */
    bool embed;              /* a single body parameter keyed by its name */
    bool exact_name;         /* header: keep underscores */
    brio_extra extra;        /* BRIO_CONFIG: of the model */
    int brio_private_end;
} brio_field;

typedef struct brio_enum_value {
    int64_t value;
    const char *name; /* on the wire */
} brio_enum_value;

typedef struct brio_plan brio_plan;

/* A type. Made by the macros; opaque in use. */
struct brio_model {
    const char *name;         /* of the schema component */
    brio_kind kind;           /* STRUCT, LIST, ENUM, a scalar, NONE, TEXT, HTML */
    size_t size;              /* bytes of the C value */
    const brio_field *fields; /* STRUCT: rows; LIST: one unnamed row for the item */
    size_t n;
    const brio_enum_value *values;
    size_t n_values;
    brio_plan *plan;          /* compiled on first use */
};

/* ---- Values that are types of their own --------------------------------- */

typedef struct brio_none { char unused; } brio_none; /* no input; output null */
typedef struct brio_text { brio_str text; } brio_text;
typedef struct brio_html { brio_str html; } brio_html;

/* Lists: {items, len}. Of scalars they are ready-made; of a model T,
 * BRIO_LIST_OF(T) declares T_list. */
#define BRIO_SCALAR_LISTS_(X)      \
    X(brio_str, brio_str_list)     \
    X(_Bool, brio_bool_list)       \
    X(int32_t, brio_i32_list)      \
    X(int64_t, brio_i64_list)      \
    X(double, brio_f64_list)

typedef struct brio_str_list { brio_str *items; size_t len; } brio_str_list;
typedef struct brio_bool_list { bool *items; size_t len; } brio_bool_list;
typedef struct brio_i32_list { int32_t *items; size_t len; } brio_i32_list;
typedef struct brio_i64_list { int64_t *items; size_t len; } brio_i64_list;
typedef struct brio_f64_list { double *items; size_t len; } brio_f64_list;

/* The models of types that nobody declares: the three above, the dynamic value,
 * scalars, and lists of scalars. Static; never NULL. BRIO_TYPE(T) calls them. */
BRIO_API const brio_model *brio_none_model(void);
BRIO_API const brio_model *brio_text_model(void);
BRIO_API const brio_model *brio_html_model(void);
BRIO_API const brio_model *brio_json_model(void);
BRIO_API const brio_model *brio_str_model(void);
BRIO_API const brio_model *brio_bool_model(void);
BRIO_API const brio_model *brio_i32_model(void);
BRIO_API const brio_model *brio_i64_model(void);
BRIO_API const brio_model *brio_f64_model(void);
BRIO_API const brio_model *brio_str_list_model(void);
BRIO_API const brio_model *brio_bool_list_model(void);
BRIO_API const brio_model *brio_i32_list_model(void);
BRIO_API const brio_model *brio_i64_list_model(void);
BRIO_API const brio_model *brio_f64_list_model(void);
/* The same under the C type's own name, for BRIO_BODY(x, int64_t). */
static inline const brio_model *_Bool_model(void) { return brio_bool_model(); }
static inline const brio_model *int32_t_model(void) { return brio_i32_model(); }
static inline const brio_model *int64_t_model(void) { return brio_i64_model(); }
static inline const brio_model *double_model(void) { return brio_f64_model(); }

/* ---- Declaring ---------------------------------------------------------- */

#define BRIO_KIND_LIST_ROW_(T, L) L: BRIO_KIND_MODEL, L *: BRIO_KIND_MODEL,
#define BRIO_MODEL_LIST_ROW_(T, L) L: L##_model, L *: L##_model,
#define BRIO_NULLABLE_LIST_ROW_(T, L) L *: 1,

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
        BRIO_SCALAR_LISTS_(BRIO_KIND_LIST_ROW_) default: -1)

#define BRIO_MODEL_OF_(x) \
    _Generic((x), BRIO_SCALAR_LISTS_(BRIO_MODEL_LIST_ROW_) default: (brio_model_fn *)0)

#define BRIO_NULLABLE_(x)                                                    \
    _Generic((x),                                                            \
        bool *: 1, int8_t *: 1, int16_t *: 1, int32_t *: 1, int64_t *: 1,    \
        uint8_t *: 1, uint16_t *: 1, uint32_t *: 1, uint64_t *: 1,           \
        float *: 1, double *: 1, brio_str *: 1, brio_json *: 1,              \
        BRIO_SCALAR_LISTS_(BRIO_NULLABLE_LIST_ROW_) default: 0)

#define BRIO_MEMBER_(f) (((brio_self *)0)->f)
/* 0, or a compile error that names the field. */
#define BRIO_PROVE_(cond, text) \
    (0 * (int)sizeof(struct { int proof; _Static_assert(cond, text); }))
#define BRIO_PLACE_(where, f)                                                \
    .name = #f, .offset = offsetof(brio_self, f), .size = sizeof BRIO_MEMBER_(f), .in = where

#define BRIO_ROW_(where, f, ...)                                             \
    {BRIO_PROVE_(BRIO_KIND_OF_(BRIO_MEMBER_(f)) >= 0,                        \
                 "brio: field " #f " has a type with no JSON form of its own; name it: "     \
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
/* The same for a member whose type is named: a model, its list, an enum. */
#define BRIO_FIELD_AS(...) BRIO_ROW_AS(BRIO_IN_FIELD, __VA_ARGS__)
#define BRIO_PATH_AS(...) BRIO_ROW_AS(BRIO_IN_PATH, __VA_ARGS__)
#define BRIO_QUERY_AS(...) BRIO_ROW_AS(BRIO_IN_QUERY, __VA_ARGS__)
#define BRIO_HEADER_AS(...) BRIO_ROW_AS(BRIO_IN_HEADER, __VA_ARGS__)
#define BRIO_COOKIE_AS(...) BRIO_ROW_AS(BRIO_IN_COOKIE, __VA_ARGS__)
/* The request body, or a part of it: BRIO_BODY(member, Type, ...). Type may be
 * a model, a list (Item_list, brio_str_list) or a scalar (int64_t). */
#define BRIO_BODY(...) BRIO_ROW_AS(BRIO_IN_BODY, __VA_ARGS__)
/* About the model itself: BRIO_CONFIG(.description = "...", .extra = BRIO_EXTRA_FORBID). */
#define BRIO_CONFIG(...) {.brio_private_zero = 0, .in = BRIO_IN_CONFIG, __VA_ARGS__}

/* Declares T_model() for `typedef struct T {...} T`. At file scope, in a .c
 * file or in a header. At most 64 fields. */
#define BRIO_MODEL(T, ...)                                                   \
    static inline const brio_model *T##_model(void)                          \
    {                                                                        \
        typedef T brio_self;                                                 \
        static const brio_field brio_fields[] = {__VA_ARGS__};               \
        static brio_model brio_this = {                                      \
            .name = #T, .kind = BRIO_KIND_STRUCT, .size = sizeof(brio_self),                 \
            .fields = brio_fields,                                                         \
            .n = sizeof brio_fields / sizeof *brio_fields};                  \
        return &brio_this;                                                   \
    }                                                                        \
    static inline const brio_model *T##_model(void)

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
    static inline const brio_model *T##_list_model(void)

/* BRIO_ENUM(Color, {RED, "red"}, {GREEN, "green"}) for `typedef enum Color`. */
#define BRIO_ENUM(T, ...)                                                    \
    static inline const brio_model *T##_model(void)                          \
    {                                                                        \
        static const brio_enum_value brio_values[] = {__VA_ARGS__};          \
        static brio_model brio_this = {                                      \
            .name = #T, .kind = BRIO_KIND_ENUM, .size = sizeof(T), .values = brio_values,    \
            .n_values = sizeof brio_values / sizeof *brio_values};           \
        return &brio_this;                                                   \
    }                                                                        \
    static inline const brio_model *T##_model(void)

#define BRIO_TYPE(T) (T##_model())

/* ---- Errors of validation ----------------------------------------------- */

/* One step of a location, innermost first; the chain ends at the root
 * ("body", "query", ...). */
typedef struct brio_loc {
    const struct brio_loc *up;
    brio_str name;
    int64_t index;
    bool is_index;
} brio_loc;

typedef struct brio_problem {
    struct brio_problem *next;
    const char *type; /* pydantic's code: "missing", "int_parsing" ... Static */
    brio_str msg;
    const brio_loc *loc;
    brio_json input;
    brio_str ctx;     /* a JSON object as text; empty: none */
} brio_problem;

/* Every problem of one input, in order. */
typedef struct brio_problems {
    brio_arena *arena; /* borrowed; holds everything below */
    brio_problem *first, *last;
    size_t count;
    size_t limit;      /* problems kept; 0 means 1,000; the rest are only counted */
} brio_problems;

/* Adds one. `loc` is copied to the arena (locations are usually built on the
 * stack on the way down); `msg` and `ctx` are borrowed from the arena. */
BRIO_API void brio_problem_add(brio_problems *to, const char *type, const brio_loc *loc,
                               brio_json input, brio_str msg, brio_str ctx);
/* The array of FastAPI's 422 body: [{"type","loc","msg","input","ctx"}]. */
BRIO_API void brio_problems_write(brio_json_writer *w, const brio_problems *problems);
/* One line for a log or a test: `body.price: Input should be greater than 0`. */
BRIO_API brio_str brio_problem_text(brio_arena *arena, const brio_problem *problem);

/* ---- Reading and writing ------------------------------------------------ */

/* Reads JSON text straight into `out` (model->size bytes; uninitialised is
 * fine). Strings without escapes are borrowed from `json`; all else is the
 * arena's (problems->arena). On failure nothing of `out` may be used, and
 * `problems` says why at locations under `root` (NULL: no prefix; FastAPI's
 * is "body"). Returns 0, BRIO_EINVALID (values do not fit; also json_invalid:
 * text that is not JSON), BRIO_ESYNTAX where FastAPI answers 400: text that is
 * not UTF-8, nesting beyond 128 levels, an integer beyond 4,300 digits. A
 * leading byte order mark is skipped; offsets count behind it. */
BRIO_API int brio_decode(brio_str json, const brio_model *model, void *out, const brio_loc *root,
                         brio_problems *problems) BRIO_CHECKED;

/* The same from a dynamic value. */
BRIO_API int brio_decode_value(const brio_json *value, const brio_model *model, void *out,
                               const brio_loc *root, brio_problems *problems) BRIO_CHECKED;
/* One field (with its constraints and default) from a dynamic value, NULL
 * meaning absent. `base` is the struct the field is a member of. */
BRIO_API int brio_decode_field(const brio_json *value, const brio_field *field, void *base,
                               const brio_loc *loc, brio_problems *problems) BRIO_CHECKED;
/* One field from the texts of a query, path, header or cookie parameter:
 * `n` values, 0 meaning absent (default or "missing"). A scalar takes the
 * last, a list takes all. */
BRIO_API int brio_decode_strings(const brio_str *values, size_t n, const brio_field *field, void *base,
                                 const brio_loc *loc, brio_problems *problems) BRIO_CHECKED;

/* Writes `value` as JSON. Returns 0; BRIO_EMODEL when the value has no JSON
 * form by its model (an enum value without a name; malformed UTF-8 in a
 * brio_str; more than 128 levels), with a static sentence in *ret_why (may be
 * NULL); -ENOMEM when the buffer failed. Malformed UTF-8 inside a brio_json
 * becomes U+FFFD. A failure leaves the buffer as it was. */
BRIO_API int brio_encode(brio_buf *out, const brio_model *model, const void *value,
                         const char **ret_why) BRIO_CHECKED;

/* Wire name of a field: alias, or name; header rule applied. Static storage
 * of the plan. */
BRIO_API brio_str brio_field_wire_name(const brio_model *model, size_t index);
/* Index of the row for a JSON key or column name, or -1. */
BRIO_API ptrdiff_t brio_model_find(const brio_model *model, brio_str name);
/* Compiles the model's plan now (else on first use) and checks its table: bad
 * patterns, defaults that do not fit, duplicate names. Programming errors are
 * reported in *ret_why (arena memory). 0 or -EINVAL. Thread-safe. */
BRIO_API int brio_model_check(const brio_model *model, brio_arena *arena, brio_str *ret_why) BRIO_CHECKED;

/* ---- JSON Schema -------------------------------------------------------- */

/* The schema of a parameter or member, as FastAPI emits it inside OpenAPI
 * 3.1: titles, constraints, anyOf null, `$ref`s to #/components/schemas/. */
BRIO_API void brio_schema_field(brio_json_writer *w, const brio_model *owner, const brio_field *field);
/* The schema of a whole type as used in a body or response: a `$ref` for a
 * struct or enum, an inline schema otherwise. `title` may be empty. */
BRIO_API void brio_schema_use(brio_json_writer *w, const brio_model *model, brio_str title);
/* The component itself: {"properties":...,"type":"object","title":...}. */
BRIO_API void brio_schema_component(brio_json_writer *w, const brio_model *model);
/* Calls fn for every struct and enum reachable from `model`, itself included,
 * each once per call of visit; recursion is fine. */
BRIO_API void brio_schema_visit(const brio_model *model,
                                void (*fn)(const brio_model *component, void *arg), void *arg);
/* "item_id" -> "Item Id": Python's str.title() after '_' -> ' '. */
BRIO_API brio_str brio_title_case(brio_arena *arena, brio_str name);

#ifdef __cplusplus
}
#endif
#endif
