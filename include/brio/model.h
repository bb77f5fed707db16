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
#include <brio/json.h>
#include <brio/types.h>

#ifdef __cplusplus
extern "C" {
#endif

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
    BRIO_KIND_HTML,      /* brio_html: a text/html answer */
    BRIO_KIND_TUPLE,     /* a struct written as a JSON array */
    BRIO_KIND_DICT,      /* {struct {K key; V value;} *items; size_t len;} */
    BRIO_KIND_UNION,     /* {int which; union {...};} */
    BRIO_KIND_TYPE       /* a scalar that reads and writes itself: `brio_model.type` */
} brio_kind;

typedef enum brio_origin { /* where a field of an input model comes from. ORDER IN */
    BRIO_IN_FIELD = 0, /* a member of the JSON object itself */
    BRIO_IN_PATH,
    BRIO_IN_QUERY,
    BRIO_IN_HEADER,
    BRIO_IN_COOKIE,
    BRIO_IN_BODY,
    BRIO_IN_FORM,
    BRIO_IN_FILE,
    BRIO_IN_DEPENDS,   /* what a dependency gives */
    BRIO_IN_CONFIG,    /* from here on no fields of an input: BRIO_CONFIG, */
    BRIO_IN_BASE,      /* another model's rows, */
    BRIO_IN_SET,       /* which fields the input had, */
    BRIO_IN_EXTRAS,    /* the keys that no row names, */
    BRIO_IN_COMPUTED   /* a member of the output alone */
} brio_origin;

typedef enum brio_extra { /* keys the model does not name (pydantic's `extra`) */
    BRIO_EXTRA_IGNORE = 0,
    BRIO_EXTRA_FORBID,
    BRIO_EXTRA_ALLOW /* kept where a BRIO_EXTRAS member is, and documented */
} brio_extra;

typedef enum brio_collection { /* what a list means; its C form is the same */
    BRIO_AS_LIST = 0,
    BRIO_SET,       /* equal items are dropped, the first stays */
    BRIO_FROZENSET, /* the same with errors of its own */
    BRIO_TUPLE_OF   /* Python's tuple[T, ...] */
} brio_collection;

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

/* ---- Functions of rows ---------------------------------------------------- */

/* Of a validator while it runs. */
typedef struct brio_check brio_check;
/* Before: sees the JSON value and may replace it, before anything else looks.
 * After: sees the C value, a member of a row or the whole struct of a
 * BRIO_CONFIG, once it has been read and all its constraints hold; of a
 * pointer member it sees the pointer. Both return 0 or what brio_check_fail
 * returned. Defaults are not validated. */
typedef int brio_before_fn(brio_check *c, brio_json *value);
typedef int brio_after_fn(brio_check *c, void *value);
/* A default that is made: fills `out`, the member. */
typedef void brio_factory_fn(brio_arena *arena, void *out);
/* A computed field of the struct `self`; `arena` lives until it is written. */
typedef void brio_compute_fn(const void *self, void *out, brio_arena *arena);

/* The value is wrong: "Value error, TEXT". Copied. A negative number, to be returned on. */
BRIO_API int brio_check_fail(brio_check *c, const char *fmt, ...) BRIO_PRINTF(2, 3);
/* The same for what is asserted: "Assertion failed, TEXT". */
BRIO_API int brio_check_assert(brio_check *c, const char *fmt, ...) BRIO_PRINTF(2, 3);
/* Where validators allocate what the value keeps. */
BRIO_API brio_arena *brio_check_arena(const brio_check *c);

struct brio_provider; /* of the app room; a label here */
typedef const struct brio_provider *brio_provider_fn(void);

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
    const char *validation_alias, *serialization_alias; /* for one direction; NULL means alias */
    const char *title;       /* NULL means FastAPI's Title Case of the alias */
    const char *description; /* NULL means none */
    const char *def;         /* default as JSON text: "false", "10", "\"a\""; NULL means required */
    brio_factory_fn *factory; /* a default that is made anew each time */
    bool required;           /* a pointer member that must be present (it may be null) */
    brio_num gt, ge, lt, le, multiple_of;
    const char *gt_text, *ge_text, *lt_text, *le_text; /* the same of dates and their kin, as input */
    size_t min_length, max_length; /* code points of strings, items of lists; 0 means no bound */
    const char *pattern;     /* PCRE2, searched as pydantic does (unanchored) */
    const char *literal;     /* JSON array text of the only values allowed: "[\"cat\"]" */
    brio_collection as;      /* of a list; BRIO_AS_LIST means as its model says */
    unsigned max_digits, decimal_places; /* of a decimal; 0 means no bound */
    unsigned uuid_version;   /* of a UUID: 1 to 8; 0 means any */
    brio_tz tz;              /* of a datetime or time of day: with its offset, or without */
    brio_when when;          /* of a date or datetime: in the past or the future */
    bool strict;             /* no coercions; BRIO_CONFIG: of every field */
    bool finite;             /* no NaN, no infinities */
    bool json_text;          /* the value is a string that holds JSON of it */
    bool base64;             /* of bytes: on the wire in base64 */
    bool exclude;            /* read, but never written */
    brio_before_fn *before;  /* validators; BRIO_CONFIG: of the model */
    brio_after_fn *after;
    brio_compute_fn *compute; /* BRIO_COMPUTED */
    const char *examples;    /* JSON array text; NULL means none */
    const char *example;     /* JSON text: of a parameter or body, in OpenAPI */
    const char *openapi_examples; /* JSON object text: named ones */
    const char *schema_extra; /* JSON object text, merged into the schema */
    const char *media_type;  /* of a body; NULL means application/json */
    bool deprecated;
    bool hidden;             /* not in the OpenAPI document (parameters) */
    bool embed;              /* a single body parameter keyed by its name */
    bool exact_name;         /* header: keep underscores */
    brio_extra extra;        /* BRIO_CONFIG: of the model */
    const char *discriminator; /* BRIO_CONFIG of a union: the field that tells the case */
    brio_provider_fn *provider; /* BRIO_DEPENDS */
    const char *scopes;      /* BRIO_SECURITY: separated by blanks */
    bool no_cache;           /* BRIO_DEPENDS: called anew for this one */
    int brio_private_end;
} brio_field;

typedef struct brio_enum_value {
    int64_t value;
    const char *name; /* on the wire */
} brio_enum_value;

typedef struct brio_plan brio_plan;

struct brio_type;

/* A type. Made by the macros; opaque in use. */
struct brio_model {
    const char *name;         /* title of the schema; its component's is brio_schema_name() */
    brio_kind kind;           /* any but MODEL */
    size_t size;              /* bytes of the C value */
    const brio_field *fields; /* STRUCT, TUPLE: rows; LIST: the item; DICT: key, value; UNION: cases */
    size_t n;
    const brio_enum_value *values; /* ENUM: names, */
    const int64_t *ints;           /* or numbers */
    size_t n_values;
    const struct brio_type *type;  /* TYPE */
    size_t entry_size;        /* DICT: bytes of an item */
    brio_collection as;       /* LIST */
    bool dataclass;           /* STRUCT: the words of its errors */
    brio_plan *plan;          /* compiled on first use */
};

/* ---- Scalars of your own ------------------------------------------------ */

/* A value on its way in: what it is, where it is, what its row asks. */
typedef struct brio_input brio_input;

/* How a scalar is read, written and documented; see BRIO_TYPE_MODEL. Static. */
typedef struct brio_type {
    /* Reads `value` into `out` as pydantic's lax mode would, or its strict one
     * if brio_input_strict(in); the row's constraints included. Returns 0, or
     * what brio_input_fail returned. `value` and its texts outlive `out`. */
    int (*read)(brio_input *in, const brio_json *value, void *out);
    /* Writes exactly one value. `field` is its row, NULL if it has none; `plain`:
     * as FastAPI does without a response model, where the two differ. */
    void (*write)(brio_json_writer *w, const brio_field *field, const void *value, bool plain);
    /* Writes the members of the schema object that is open: type, format and
     * constraints of `field`, which may be NULL. `output`: of what is written. */
    void (*schema)(brio_json_writer *w, const brio_field *field, bool output);
    /* The rest may be NULL or false. An order of values, as memcmp; sets need
     * it where equal values may be written differently. */
    int (*compare)(const void *a, const void *b);
    /* As a key or parameter: writes at most `cap` bytes and returns the length
     * of the text, or more than `cap`. NULL: the string that write writes. */
    int (*text)(const void *value, char *out, size_t cap);
    const char *label; /* in locations of a union's errors; NULL means the model's name */
    bool exact;        /* a JSON string is no coercion: such a case of a union wins at once */
    bool schema_alone; /* of a parameter, or a whole body: description, deprecated, examples and
                        * .schema_extra are not in the schema (pydantic's IP addresses) */
} brio_type;

/* The value is refused: a pydantic code (static), its message and its context
 * (a JSON object as text, or empty), both the arena's or static. Always
 * returns BRIO_EINVALID, to be returned on. */
BRIO_API int brio_input_fail(brio_input *in, const char *type, brio_str msg, brio_str ctx);
/* Where what the value keeps is allocated. */
BRIO_API brio_arena *brio_input_arena(const brio_input *in);
/* The row with its constraints; of a value without one, a row without any. */
BRIO_API const brio_field *brio_input_field(const brio_input *in);
/* No coercions allowed? */
BRIO_API bool brio_input_strict(const brio_input *in);

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
/* Does not exist: what takes or gives nothing says brio_none. */
BRIO_API const brio_model *void_model(void)
    __attribute__((unavailable("brio: no input and no output is brio_none, not void")));
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

/* Which rows the input had, one bit each; see BRIO_FIELDS_SET. */
typedef struct brio_fields_set {
    uint64_t bits;
} brio_fields_set;

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
 * meaning absent. `base` is the struct the field is a member of, `loc` where the
 * problems are said to be. 0, or BRIO_EINVALID and one problem more or several. */
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

/* How a value is written, beside its model; pydantic's model_dump. Names are
 * those of the C members, with commas between and dots into members that are
 * structs or lists of them: "name,owner.id". */
typedef struct brio_encode_options {
    const char *include;   /* only these; NULL means all */
    const char *exclude;   /* all but these */
    bool exclude_unset;    /* only what the input had, where BRIO_FIELDS_SET knows */
    bool exclude_defaults; /* no member that equals its default */
    bool exclude_none;     /* no member that is null */
    bool by_name;          /* member names for keys, not aliases */
    bool plain;            /* as FastAPI writes what has no response model */
} brio_encode_options;

/* brio_encode with options; NULL means none. In addition, with `plain` NaN and
 * infinities are BRIO_EMODEL. */
BRIO_API int brio_encode_with(brio_buf *out, const brio_model *model, const void *value,
                              const brio_encode_options *options,
                              const char **ret_why) BRIO_CHECKED;
/* The same as a dynamic value, all of it in `arena`. 0, BRIO_EMODEL, -ENOMEM. */
BRIO_API int brio_to_json(brio_arena *arena, const brio_model *model, const void *value,
                          const brio_encode_options *options, brio_json *ret) BRIO_CHECKED;

/* Copies what the input had from `changes` into `onto`, both of `model`, and
 * marks it as set there: a partial update. -EINVAL if the model has no
 * BRIO_FIELDS_SET. Nothing is copied deeply. */
BRIO_API int brio_update(const brio_model *model, void *onto, const void *changes) BRIO_CHECKED;
/* Had the input the member at `offset` of `value`? See BRIO_WAS_SET. */
BRIO_API bool brio_was_set(const brio_model *model, const void *value, size_t offset);
/* BRIO_WAS_SET(Item, &item, price): was "price" in what `item` was read from?
 * Item needs a BRIO_FIELDS_SET member. */
#define BRIO_WAS_SET(T, value, member) \
    brio_was_set(T##_model(), (const T *)(value), offsetof(T, member))

/* The rows of a model with those of its bases in place, *ret_n of them: what
 * an index and every loop over a table means. Static. */
BRIO_API const brio_field *brio_model_rows(const brio_model *model, size_t *ret_n);
/* Wire name of a field: alias, or name; header rule applied. Static storage
 * of the plan. */
BRIO_API brio_str brio_field_wire_name(const brio_model *model, size_t index);
/* Index of the row for a JSON key or column name, or -1. */
BRIO_API ptrdiff_t brio_model_find(const brio_model *model, brio_str name);
/* Compiles the model's plan now (else on first use) and checks its table: bad
 * patterns, defaults that do not fit, duplicate names. Programming errors are
 * reported in *ret_why (arena memory). 0 or -EINVAL. Thread-safe. */
BRIO_API int brio_model_check(const brio_model *model, brio_arena *arena, brio_str *ret_why) BRIO_CHECKED;

/* Frees the plan of a model that was made at run time and whose memory ends. */
BRIO_API void brio_model_forget(const brio_model *model);

/* ---- JSON Schema -------------------------------------------------------- */

/* The schema of a parameter or member, as FastAPI emits it inside OpenAPI
 * 3.1: titles, constraints, anyOf null, `$ref`s to #/components/schemas/. */
BRIO_API void brio_schema_field(brio_json_writer *w, const brio_model *owner, const brio_field *field);
/* The schema of a whole type as used in a body or response: a `$ref` for a
 * struct or enum, an inline schema otherwise. `title` may be empty. */
BRIO_API void brio_schema_use(brio_json_writer *w, const brio_model *model, brio_str title);
/* The component itself: {"properties":...,"type":"object","title":...}. */
BRIO_API void brio_schema_component(brio_json_writer *w, const brio_model *model);
/* What a value must be to be read and what it is when written can differ:
 * computed fields, aliases of one direction, types like decimals. */
typedef struct brio_schema_mode {
    bool output; /* of what is written */
    /* Name of a component in references; NULL means brio_schema_name. */
    brio_str (*name)(const brio_model *component, void *arg);
    void *arg;
} brio_schema_mode;
/* The three above in a mode; NULL is the input's. */
BRIO_API void brio_schema_field_as(brio_json_writer *w, const brio_schema_mode *mode,
                                   const brio_model *owner, const brio_field *field);
BRIO_API void brio_schema_use_as(brio_json_writer *w, const brio_schema_mode *mode,
                                 const brio_model *model, brio_str title);
BRIO_API void brio_schema_component_as(brio_json_writer *w, const brio_schema_mode *mode,
                                       const brio_model *model);
/* Needs the component two schemas, if it is both read and written? True too of
 * what contains itself, since each of its schemas refers to its own kind, and
 * of what refers to such a component. */
BRIO_API bool brio_schema_differs(const brio_model *model);

/* Calls fn for every struct and enum reachable from `model`, itself included,
 * each once per call of visit; recursion is fine. */
BRIO_API void brio_schema_visit(const brio_model *model,
                                void (*fn)(const brio_model *component, void *arg), void *arg);
/* The name of a model's component: "Page[Item]" is "Page_Item_". Static. */
BRIO_API brio_str brio_schema_name(const brio_model *model);
/* "item_id" -> "Item Id": Python's str.title() after '_' -> ' '. */
BRIO_API brio_str brio_title_case(brio_arena *arena, brio_str name);

#ifdef __cplusplus
}
#endif

#include <brio/declare.h>

#endif
