/* SPDX-License-Identifier: MIT
 *
 * What the parts of the model room share. The heart is the plan: a model's
 * table compiled once into what reading and writing need at full speed (wire
 * names, ready-made key text, resolved kinds, a key lookup). A plan is
 * immutable after publication, found through model->plan and never freed, as
 * models are static.
 *
 * Row numbers are the same in plan->rows (bases expanded) and plan->fields;
 * BRIO_CONFIG and its kin are there too (`kind` BRIO_KIND_NONE, member false).
 * Only BRIO_IN_FIELD rows are members of the JSON object: reading zeroes the
 * others, writing skips them. */
#ifndef BRIO_MODEL_INTERNAL_H
#define BRIO_MODEL_INTERNAL_H

#include <brio/model.h>

enum {
    BRIO_MODEL_DEPTH_MAX = 128,      /* open brackets of a JSON text */
    BRIO_MODEL_FIELDS_MAX = 64,      /* rows of a model: one bit each */
    BRIO_MODEL_UNIONS_MAX = 32,      /* unions inside unions of a value: stack, and work */
    BRIO_MODEL_INT_DIGITS_MAX = 4300 /* of an integer in JSON; Python's limit */
};

/* ---- The plan ------------------------------------------------------------ */

typedef struct brio_pattern brio_pattern; /* a compiled regular expression */

/* A row's constraints as closed intervals; an empty one means "not here". */
typedef struct brio_bounds {
    int64_t int_min, int_max; /* kind's range included */
    double f64_min, f64_max;
    size_t len_min, len_max; /* code points or items */
} brio_bounds;
brio_bounds brio_bounds_of(const brio_field *row, brio_kind kind);

typedef struct brio_plan_field {
    const brio_field *row; /* options and constraints */
    const brio_model
        *model;            /* of STRUCT, LIST, ENUM and of any row that named a model; else NULL */
    brio_pattern *pattern; /* NULL: none */
    brio_str wire;         /* name on the wire, of what is read; NUL-terminated */
    brio_str out_wire;     /* the same of what is written */
    const char *key;       /* `"wire":` as JSON text; a comma before it, PAD zeroes behind */
    uint32_t key_len;      /* of the text */
    uint32_t size, align;  /* of the C value; of what a nullable member points to */
    uint32_t offset;       /* of the member */
    uint8_t kind;          /* brio_kind, never BRIO_KIND_MODEL */
    bool member;           /* of the JSON object (BRIO_IN_FIELD) */
    bool nullable;         /* the member is a pointer */
    bool required;         /* absence is a problem */
    bool bounded;          /* any constraint at all */
    bool strict;           /* no coercions */
    bool special;          /* validators, literals, JSON text */
    bool in_union;         /* a case: a pointer is no null */
    bool plain_literal;    /* strings allowed, and nothing else special */
    uint8_t as;            /* brio_collection of a list */
    uint32_t n_literals;
    const brio_json *literals; /* the only values, if any */
    uint64_t key_head[2];      /* the first 16 bytes of key, for one comparison, */
    uint64_t key_mask[2];      /* and which of them are text */
    brio_bounds bounds;
    uint64_t bit;                       /* 1 << row */
    const struct brio_plan_field *next; /* whose key is expected behind this one's; never NULL */
    uint8_t fast;                       /* kind, but BRIO_KIND_MODEL for the judge alone */
} brio_plan_field;

enum {
    BRIO_PLAN_KEY_PAD = 32,
    BRIO_PLAN_KEY_FAST = 16,
    BRIO_PLAN_SLOTS = 128,
    BRIO_JSON_ESCAPE_MAX = 6
};

#define BRIO_PLAN_NOWHERE UINT32_MAX /* an enumerator is an int */

struct brio_plan {
    const brio_model *model;
    const brio_field *rows;  /* the table with its bases' rows in place */
    brio_plan_field *fields; /* one per row; LIST: the item; DICT: key, value; UNION: the cases */
    size_t n;
    const brio_plan_field *first; /* whose key is expected first */
    brio_plan_field self;         /* the model itself as a value: no name, offset 0, not nullable */
    const brio_field *config;     /* the BRIO_CONFIG row, or NULL */
    brio_extra extra;
    bool strict;
    bool forbid_extra;
    bool sparse;              /* not every row is a member of the object: the rest is zeroed */
    bool judged;              /* not for the fast reader: validators, extras */
    bool composed;            /* not for the fast writer: computed fields, extras, two aliases */
    uint32_t extras;          /* offset of the BRIO_EXTRAS member, or BRIO_PLAN_NOWHERE */
    bool sets;                /* a BRIO_FIELDS_SET member is there */
    brio_str **labels;        /* UNION: of its cases, in locations; made at first use */
    brio_str tag_key;         /* of the discriminator on the wire */
    const brio_json *tags;    /* UNION with a discriminator: what it may say, */
    const uint8_t *tag_cases; /* and of which case it is */
    size_t n_tags;
    brio_str component;             /* name of the schema component */
    uint64_t members;               /* bit per row that is a member of the object */
    uint64_t required;              /* those whose absence is a problem */
    uint64_t defaults;              /* those with a default text */
    brio_str *enum_names;           /* ENUM: wire names, in order of model->values */
    brio_str *enum_texts;           /* ENUM: the same as JSON text, with quotes */
    size_t encode_max;              /* STRUCT: bytes of brackets, keys and fixed-size values */
    uint8_t slots[BRIO_PLAN_SLOTS]; /* open hash of wire names: row + 1, 0 is free */
};

/* Behind the last member: a key that no text has. */
extern const brio_plan_field brio_plan_no_field;

/* Behind the last of `n` rows. No rows may be NULL, to which C adds nothing. */
static inline const brio_field *brio_rows_end(const brio_field *rows, size_t n)
{
    return n ? rows + n : rows;
}

/* Rows with those of bases; `expand` gives them, the table itself if it has no
 * base. Neither needs a plan. */
size_t brio_rows_count(const brio_model *model);
const brio_field *brio_rows_expand(brio_arena *arena, const brio_model *model);

/* The plan of `model`, compiled at first use. Never NULL; thread-safe. A table
 * that cannot be compiled (over 64 rows) asserts. */
const brio_plan *brio_plan_compile(const brio_model *model);
static inline const brio_plan *brio_model_plan(const brio_model *model)
{
    const brio_plan *plan = __atomic_load_n(&model->plan, __ATOMIC_ACQUIRE);
    return BRIO_LIKELY(plan) ? plan : brio_plan_compile(model);
}

/* The parts of compiling that are not for every row (plan_parts.c): the values
 * of `literal` (n is 0 if the text is wrong), the tags of a union, the name of
 * a component. */
void brio_plan_literals(brio_plan_field *field, brio_arena *arena);
void brio_plan_tags(brio_plan *plan, brio_arena *arena);
/* A tag, a string or an integer, as a key of an object. */
enum { BRIO_TAG_TEXT_MAX = 24 };
brio_str brio_tag_text(const brio_json *tag, char storage[BRIO_TAG_TEXT_MAX]);
brio_str brio_plan_component(brio_arena *arena, const char *name);
/* Values that only the judge may read: validators, literals and their like. */
bool brio_row_is_special(const brio_field *row);
/* Stores which rows were seen, a bit each, in every BRIO_FIELDS_SET member. */
void brio_plan_store_set(const brio_plan *plan, void *value, uint64_t seen);
bool brio_plan_load_set(const brio_plan *plan, const void *value, uint64_t *ret);
/* What locations call a case of a union. */
brio_str brio_plan_label(const brio_plan *plan, size_t which);
/* Row whose wire name is `key`, or -1. */
ptrdiff_t brio_plan_find(const brio_plan *plan, const char *key, size_t len);

/* Bytes and alignment of a scalar kind's C value; 0 for STRUCT, LIST, ENUM. */
size_t brio_kind_size(brio_kind kind);

/* An enum's C value, any of 1, 2, 4, 8 bytes wide. */
void brio_enum_store(void *out, size_t size, int64_t value);
bool brio_enum_is(const void *at, size_t size, int64_t value);

/* ---- Patterns (pattern.c) ------------------------------------------------ */

/* The compiled form of `text`, the same for equal texts; never freed. NULL when
 * the pattern is bad, or when there is no pattern library, or no memory; then
 * *ret_why (may be NULL) says so until this thread's next call. */
brio_pattern *brio_pattern_new(const char *text, const char **ret_why);
/* True if `s` contains a match. Text that is not UTF-8 contains none, nor does
 * text that needs more than the limits of pattern.c to decide. */
bool brio_pattern_search(const brio_pattern *pattern, brio_str s);

/* ---- Reading dynamic values ---------------------------------------------- */

__extension__ typedef __int128 brio_i128;

/* An integer of any size. Beyond 38 digits `value` is a number of the same
 * sign past every C integer, and `digits` has the magnitude, '_' between. */
typedef struct brio_wide {
    brio_i128 value;
    brio_str digits; /* empty unless `value` stands for something larger */
} brio_wide;

/* A value on its way into memory: what it is, what it must be, where it is. */
struct brio_input {
    brio_problems *problems;
    const brio_plan_field *row; /* its kind and constraints */
    const brio_loc *loc;
    const brio_json *input;
    struct brio_reading *reading; /* of the innermost union around, or NULL */
    uint32_t unions;              /* around */
};
typedef struct brio_input brio_site;

/* How well a value fits its type, worst first (pydantic's exactness). */
typedef enum brio_fit { BRIO_FIT_LAX = 0, BRIO_FIT_STRICT, BRIO_FIT_EXACT } brio_fit;

/* What a union wants to know of a case that it tries. */
typedef struct brio_reading {
    size_t *budget; /* values that may still be looked at, shared by nested unions */
    size_t fields;  /* that structs found in the input, */
    bool structs;   /* if there were any */
    brio_fit fit;
} brio_reading;

/* The value is no better than `fit`. */
static inline void brio_site_fit(const brio_site *site, brio_fit fit)
{
    if (site->reading && site->reading->fit > fit)
        site->reading->fit = fit;
}

/* A part of the site's value. */
static inline brio_site brio_site_in(const brio_site *site, const brio_plan_field *row,
                                     const brio_loc *loc, const brio_json *input)
{
    return (brio_site){site->problems, row, loc, input, site->reading, site->unions};
}

/* Adds a problem about the site's input; ctx may be empty. Always returns
 * BRIO_EINVALID, to be returned on. */
int brio_site_fail(const brio_site *site, const char *type, brio_str msg, brio_str ctx);

/* Each stores the site's input in `out` as pydantic's lax mode reads it, or
 * fails the site. Constraints are not their business but brio_constrain_*'s,
 * which they call: 0, or BRIO_EINVALID with one problem added. */
int brio_coerce_bool(const brio_site *site, void *out);
int brio_coerce_int(const brio_site *site, void *out);
int brio_coerce_float(const brio_site *site, void *out);
int brio_coerce_str(const brio_site *site, void *out);
int brio_coerce_enum(const brio_site *site, void *out);
int brio_constrain_int(const brio_site *site, const brio_wide *value);
int brio_constrain_float(const brio_site *site, double value);
int brio_constrain_str(const brio_site *site, brio_str value);
/* Of lists and their like: "List should have at most ..."; `n` items. Of a set
 * that is too long nobody counts how long. */
int brio_constrain_max_items(const brio_site *site, size_t n, const char *what);
int brio_constrain_min_items(const brio_site *site, size_t n, const char *what);
int brio_constrain_max_distinct(const brio_site *site, size_t n, const char *what);

/* The row of a field whose model is not at hand: no name, no key text. */
brio_plan_field brio_plan_lone(brio_arena *arena, const brio_field *field);
/* Reads a value by its row, null, validators and constraints included. */
int brio_read_value(const brio_site *site, void *out);
/* The same of a value that is there, neither null nor watched by validators. */
int brio_read_kind(const brio_site *site, void *out);
/* What a row has when the input has nothing; `site->input` is what the problem
 * shows: the object around, or null. */
int brio_read_absent(const brio_site *site, void *out);
/* The shapes, each by its kind. */
int brio_read_struct(const brio_site *site, void *out);
int brio_read_list(const brio_site *site, void *out);
int brio_read_tuple(const brio_site *site, void *out);
int brio_read_dict(const brio_site *site, void *out);
int brio_read_union(const brio_site *site, void *out);
/* A row with validators, literals or JSON text (brio_plan_field.special). */
int brio_read_special(const brio_site *site, void *out);
/* Runs a validator of a row or model on the site's value. */
int brio_check_before(const brio_site *site, brio_before_fn *fn, brio_json *value);
int brio_check_after(const brio_site *site, brio_after_fn *fn, void *value);

/* What was complained of up to now, to forget what comes. */
typedef struct brio_problems_mark {
    brio_problem *last;
    size_t count;
} brio_problems_mark;
brio_problems_mark brio_problems_marked(const brio_problems *problems);
void brio_problems_rewind(brio_problems *problems, brio_problems_mark mark);

/* Of a set's items all but the first of equal ones are dropped; of a list none. */
void brio_drop_repeated(brio_arena *arena, const brio_plan_field *list, char *items, size_t *len);
/* A total order of C values of one row: equal means equal as set items or keys. */
int brio_value_compare(const brio_plan_field *row, const void *a, const void *b);
/* The indexes of `n` values that lie `stride` bytes apart, in that order, equal
 * ones as they lie. */
size_t *brio_values_sorted(brio_arena *arena, const brio_plan_field *row, const void *values,
                           size_t n, size_t stride);

/* What pydantic's own parser says of a text that ours refused, and where:
 * "expected value at line 1 column 1". */
brio_str brio_json_rust_words(brio_arena *arena, brio_str text, const brio_json_fault *fault);
/* A JSON value as Python's repr() shows it, and several of them, "'a', 1 or 2". */
void brio_add_repr(brio_buf *out, const brio_json *value);
brio_str brio_repr_of_any(brio_arena *arena, const brio_json *values, size_t n);
/* Python's names of types, as locations of a union's errors show them. */
brio_str brio_union_label(brio_arena *arena, const brio_plan_field *row);

/* Without Unicode's white space at both ends (as Rust's trim, not Python's). */
brio_str brio_trim_unicode(brio_str s);
/* A bound as messages show it: no exponent, no ".0". */
brio_str brio_plain_number(brio_arena *arena, double value);
/* Any bound of the row that belongs to an integer, as an integer. */
brio_i128 brio_num_integer(const brio_num *bound);
/* Least and greatest value of an integer kind. */
brio_i128 brio_kind_min(brio_kind kind);
brio_i128 brio_kind_max(brio_kind kind);

/* ---- Writing by a writer (write.c) ------------------------------------------ */

/* What is not for the fast writer: options, computed members, dictionaries. */
typedef struct brio_writing {
    brio_json_writer *w;
    const brio_encode_options *options; /* NULL: none */
    size_t path_len;
    char path[512]; /* of the struct around, for include and exclude: "owner." */
    const char *why;
    int rc; /* the first failure */
    uint32_t depth;
} brio_writing;
/* The path's room stays as it is. */
static inline void brio_writing_init(brio_writing *to, brio_json_writer *w,
                                     const brio_encode_options *options, uint32_t depth)
{
    to->w = w;
    to->options = options;
    to->path_len = 0;
    to->why = NULL;
    to->rc = 0;
    to->depth = depth;
}
void brio_write_value(brio_writing *to, const brio_plan_field *row, const void *value);

/* ---- Schemas (schema_type.c) ---------------------------------------------- */

typedef struct brio_schema_site {
    brio_json_writer *w;
    const brio_plan_field *field;
    bool parameter;               /* pydantic's order and numbers, not those of components */
    const brio_schema_mode *mode; /* never NULL */
} brio_schema_site;

/* As brio_schema_visit, of every model and not only of components. */
void brio_models_visit(const brio_model *model, void (*fn)(const brio_model *any, void *arg),
                       void *arg);
/* Members of the schema object that is open in `w`. */
void brio_schema_text(brio_json_writer *w, const char *key, const char *text);
void brio_schema_raw(brio_json_writer *w, const char *key, const char *json);
void brio_schema_type(const brio_schema_site *site); /* as if not nullable */
void brio_schema_type_or_null(const brio_schema_site *site);
/* True for what a schema names by `$ref`: structs and enums. */
bool brio_kind_is_ref(brio_kind kind);

/* ---- JSON ---------------------------------------------------------------- */

/* The fault of brio_json_parse whose text is not UTF-8, to compare by address. */
extern const char brio_json_not_utf8[];

/* Reads `json` straight into `out` when all of it is plain: well-formed, every
 * value of the kind its row says, every constraint met, nothing missing, no
 * key twice. Returns true if so. False says nothing about the input but that
 * brio_decode_value must judge it; `out` is then garbage. */
bool brio_decode_fast(brio_str json, const brio_model *model, void *out, brio_arena *arena);

#endif
