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
    brio_str wire;         /* name on the wire; NUL-terminated */
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
    uint64_t key_head[2];  /* the first 16 bytes of key, for one comparison, */
    uint64_t key_mask[2];  /* and which of them are text */
    brio_bounds bounds;
    uint64_t bit;                       /* 1 << row */
    const struct brio_plan_field *next; /* whose key is expected behind this one's; never NULL */
    uint8_t road;                       /* kind, but BRIO_KIND_MODEL if nullable */
} brio_plan_field;

enum {
    BRIO_PLAN_KEY_PAD = 32,
    BRIO_PLAN_KEY_FAST = 16,
    BRIO_PLAN_SLOTS = 128,
    BRIO_JSON_ESCAPE_MAX = 6
};

struct brio_plan {
    const brio_model *model;
    const brio_field *rows;  /* the table with its bases' rows in place */
    brio_plan_field *fields; /* one per row; LIST: the item; DICT: key, value; UNION: the cases */
    size_t n;
    const brio_plan_field *first; /* whose key is expected first */
    brio_plan_field self;         /* the model itself as a value: no name, offset 0, not nullable */
    const brio_field *config;     /* the BRIO_CONFIG row, or NULL */
    brio_extra extra;
    bool forbid_extra;
    bool sparse;          /* not every row is a member of the object: the rest is zeroed */
    uint64_t members;     /* bit per row that is a member of the object */
    uint64_t required;    /* those whose absence is a problem */
    uint64_t defaults;    /* those with a default text */
    brio_str *enum_names; /* ENUM: wire names, in order of model->values */
    brio_str *enum_texts; /* ENUM: the same as JSON text, with quotes */
    size_t encode_max;    /* STRUCT: bytes of brackets, keys and fixed-size values */
    uint8_t slots[BRIO_PLAN_SLOTS]; /* open hash of wire names: row + 1, 0 is free */
};

/* Behind the last member: a key that no text has. */
extern const brio_plan_field brio_plan_no_field;

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
};
typedef struct brio_input brio_site;

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
int brio_constrain_max_items(const brio_site *site, size_t n);
int brio_constrain_min_items(const brio_site *site, size_t n);

/* The row of a field whose model is not at hand: no name, no key text. */
brio_plan_field brio_plan_lone(const brio_field *field);
/* Reads a value by its row, null and constraints included. */
int brio_read_value(const brio_site *site, void *out);

/* Without Unicode's white space at both ends (as Rust's trim, not Python's). */
brio_str brio_trim_unicode(brio_str s);
/* A bound as messages show it: no exponent, no ".0". */
brio_str brio_plain_number(brio_arena *arena, double value);
/* Any bound of the row that belongs to an integer, as an integer. */
brio_i128 brio_num_integer(const brio_num *bound);
/* Least and greatest value of an integer kind. */
brio_i128 brio_kind_min(brio_kind kind);
brio_i128 brio_kind_max(brio_kind kind);

/* ---- Schemas (schema_type.c) ---------------------------------------------- */

typedef struct brio_schema_site {
    brio_json_writer *w;
    const brio_plan_field *field;
    bool parameter; /* pydantic's order and numbers, not those of components */
    bool output;    /* of what is written, not of what is read */
} brio_schema_site;

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
