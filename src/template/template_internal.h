/* SPDX-License-Identifier: MIT
 *
 * Inside the template room: text becomes a tree once (lex.c, parse*.c), and the
 * tree is walked for each rendering (render.c, eval.c, value.c, filter*.c).
 *
 * Both ways fail alike: the first failure is kept with its line, everything
 * after it does nothing, and who began looks at the end. Depth is bounded twice:
 * a tree's height when it is made, and what is open at once when it is walked. */
#ifndef BRIO_TEMPLATE_INTERNAL_H
#define BRIO_TEMPLATE_INTERNAL_H

#include <brio/task.h>
#include <brio/template.h>

enum {
    BRIO_TPL_HEIGHT = 40,    /* of an expression, and of blocks in blocks */
    BRIO_TPL_DEPTH = 120,    /* of a rendering: blocks and expressions, includes too */
    BRIO_TPL_CHAIN = 16,     /* templates that extend one another, or include */
    BRIO_TPL_RANGE = 100000, /* items of range() */
    BRIO_TPL_ARGS = 16       /* arguments of a call */
};

/* ---- Values ---------------------------------------------------------------- */

typedef struct brio_tpl_value {
    brio_json json;
    bool safe;      /* text that is not to be escaped */
    bool undefined; /* a name that is not there */
} brio_tpl_value;

/* ---- The tree -------------------------------------------------------------- */

typedef enum brio_tpl_op { /* ORDER TPL_OP */
                           BRIO_TPL_LITERAL = 0,
                           BRIO_TPL_NAME,
                           BRIO_TPL_LIST,
                           BRIO_TPL_DICT,
                           BRIO_TPL_ATTRIBUTE, /* a.name */
                           BRIO_TPL_INDEX,     /* a[b] */
                           BRIO_TPL_CALL,      /* name(args), or a.name(args) */
                           BRIO_TPL_FILTER,    /* a|name(args) */
                           BRIO_TPL_TEST,      /* a is name(args) */
                           BRIO_TPL_CHOICE,    /* a if b else c */
                           BRIO_TPL_OR,
                           BRIO_TPL_AND,
                           BRIO_TPL_NOT,
                           BRIO_TPL_EQ,
                           BRIO_TPL_NE,
                           BRIO_TPL_LT,
                           BRIO_TPL_LE,
                           BRIO_TPL_GT,
                           BRIO_TPL_GE,
                           BRIO_TPL_IN,
                           BRIO_TPL_NOT_IN,
                           BRIO_TPL_JOIN,
                           BRIO_TPL_ADD,
                           BRIO_TPL_SUB,
                           BRIO_TPL_MUL,
                           BRIO_TPL_DIV,
                           BRIO_TPL_FLOOR,
                           BRIO_TPL_MOD,
                           BRIO_TPL_POW,
                           BRIO_TPL_NEG
} brio_tpl_op;

typedef struct brio_tpl_expr brio_tpl_expr;

typedef struct brio_tpl_arg {
    struct brio_tpl_arg *next;
    brio_str name;      /* of a keyword argument */
    brio_tpl_expr *key; /* of a dict's item */
    brio_tpl_expr *value;
} brio_tpl_arg;

struct brio_tpl_expr {
    brio_tpl_op op;
    int line, height;
    brio_str name;
    brio_tpl_value literal;
    brio_tpl_expr *a, *b, *c;
    brio_tpl_arg *args;
};

typedef enum brio_tpl_verb { /* ORDER TPL_VERB */
                             BRIO_TPL_TEXT = 0,
                             BRIO_TPL_PRINT,
                             BRIO_TPL_IF,
                             BRIO_TPL_FOR,
                             BRIO_TPL_SET,
                             BRIO_TPL_WITH,
                             BRIO_TPL_BLOCK,
                             BRIO_TPL_INCLUDE,
                             BRIO_TPL_EXTENDS
} brio_tpl_verb;

typedef struct brio_tpl_stmt {
    struct brio_tpl_stmt *next;
    struct brio_tpl_stmt *next_block; /* of the template's blocks */
    brio_tpl_verb verb;
    int line;
    bool optional;       /* include: ignore missing */
    brio_str name;       /* text; block's, set's or for's name */
    brio_str second;     /* for's second name */
    brio_tpl_expr *expr; /* printed, condition, iterated, value, template */
    brio_tpl_expr *only; /* for's condition */
    struct brio_tpl_stmt *body, *otherwise;
} brio_tpl_stmt;

typedef struct brio_tpl brio_tpl;
struct brio_tpl {
    brio_tpl *next; /* of the set */
    brio_str name;
    bool escapes;
    brio_tpl_stmt *body;
    brio_tpl_stmt *extends; /* NULL: none */
    brio_tpl_stmt *blocks;
};

/* ---- Reading (lex.c) -------------------------------------------------------- */

typedef enum brio_tpl_token {                   /* ORDER TPL_TOKEN */
                              BRIO_TPL_END = 0, /* of the tag */
                              BRIO_TPL_WORD,
                              BRIO_TPL_NUMBER,
                              BRIO_TPL_STRING,
                              BRIO_TPL_SIGN, /* one of the operators and brackets */
                              BRIO_TPL_WRONG
} brio_tpl_token;

typedef struct brio_tpl_reader {
    brio_arena *arena;
    brio_tpl *tpl;
    brio_str text;
    size_t at;
    int line;
    int err; /* the first failure */
    brio_tpl_token token;
    brio_str word; /* the token's text; of a string its value */
    brio_tpl_value number;
    char closing; /* '%' or '}': what ends the tag at hand */
    bool cut;     /* blanks at the front of what follows are cut */
    int brackets; /* open in the tag at hand */
    int height;   /* expressions and statements that are open */
} brio_tpl_reader;

typedef enum brio_tpl_piece { /* ORDER TPL_PIECE */
                              BRIO_TPL_PIECE_TEXT = 0,
                              BRIO_TPL_PIECE_PRINT, /* behind "{{" */
                              BRIO_TPL_PIECE_TAG,   /* behind "{%" */
                              BRIO_TPL_PIECE_END
} brio_tpl_piece;

/* The next piece: text (never empty), or the inside of a tag, whose first token
 * is then at hand. Comments are passed over. */
brio_tpl_piece brio_tpl_next_piece(brio_tpl_reader *r, brio_str *ret_text);
/* Behind {% raw %}: all up to {% endraw %}. */
brio_str brio_tpl_raw(brio_tpl_reader *r);
void brio_tpl_next_token(brio_tpl_reader *r);
bool brio_tpl_is(const brio_tpl_reader *r, brio_tpl_token token, const char *word);
/* Takes the token if it is that one. */
bool brio_tpl_take(brio_tpl_reader *r, brio_tpl_token token, const char *word);
/* Takes it, or fails. */
void brio_tpl_expect(brio_tpl_reader *r, brio_tpl_token token, const char *word);
brio_str brio_tpl_take_name(brio_tpl_reader *r);
void brio_tpl_wrong(brio_tpl_reader *r, const char *fmt, ...) BRIO_PRINTF(2, 3);

/* parse_expr.c: never NULL. */
brio_tpl_expr *brio_tpl_parse_expr(brio_tpl_reader *r);
/* Without "x if c else y": what for's condition follows. */
brio_tpl_expr *brio_tpl_parse_or(brio_tpl_reader *r);
/* parse.c: 0 or BRIO_ESYNTAX with the error's detail. `text` is borrowed. */
int brio_tpl_compile(brio_arena *arena, brio_str name, brio_str text, brio_tpl **ret) BRIO_CHECKED;

/* ---- Rendering ---------------------------------------------------------------- */

typedef struct brio_tpl_var {
    struct brio_tpl_var *next;
    brio_str name;
    brio_tpl_value value;
} brio_tpl_var;

typedef struct brio_tpl_run {
    brio_template_set *set;
    brio_arena *arena;
    const brio_json *context;
    const brio_template_call *call;
    brio_buf *out;
    bool silent; /* a child's text outside of its blocks */
    brio_tpl_var *vars;
    const brio_tpl *tpl;        /* whose statements run */
    const brio_tpl **chain;     /* from the one that was asked for to its base */
    size_t n_chain, level;      /* level: whose block runs */
    const brio_tpl_stmt *block; /* for super() */
    size_t depth, nested, steps, max_steps;
    int line, err;
} brio_tpl_run;

void brio_tpl_fail(brio_tpl_run *run, int err, const char *fmt, ...) BRIO_PRINTF(3, 4);
/* One step of the walk; false if there were too many. */
bool brio_tpl_step(brio_tpl_run *run);

brio_tpl_value brio_tpl_eval(brio_tpl_run *run, const brio_tpl_expr *e);
void brio_tpl_exec(brio_tpl_run *run, const brio_tpl_stmt *body);
/* super(): the block of the template below, as safe text. */
brio_tpl_value brio_tpl_super(brio_tpl_run *run);
void brio_tpl_let(brio_tpl_run *run, brio_str name, brio_tpl_value value);
/* set.c: from the cache or read. NULL and the failure in *ret_err. Suspends. */
const brio_tpl *brio_tpl_find(brio_template_set *set, brio_arena *arena, brio_str name,
                              int *ret_err);
const brio_template_options *brio_tpl_options(const brio_template_set *set);
/* Runs `tpl` into run->out: all of it or nothing. */
int brio_tpl_run_all(brio_tpl_run *run, const brio_tpl *tpl) BRIO_CHECKED;

/* ---- Values (value.c, arith.c) ------------------------------------------------- */

brio_tpl_value brio_tpl_undefined(void);
brio_tpl_value brio_tpl_of(brio_json json);
brio_tpl_value brio_tpl_of_str(brio_str s);
brio_tpl_value brio_tpl_of_bool(bool b);
brio_tpl_value brio_tpl_of_int(int64_t i);
brio_tpl_value brio_tpl_of_float(double d);
brio_tpl_value brio_tpl_list(brio_arena *arena, size_t n); /* n nulls */
bool brio_tpl_true(const brio_tpl_value *v);
bool brio_tpl_equal(const brio_tpl_value *a, const brio_tpl_value *b);
bool brio_tpl_is_number(const brio_json *j);
double brio_tpl_number(const brio_json *j);
/* < 0, 0, > 0; fails for values without order. */
int brio_tpl_compare(brio_tpl_run *run, const brio_json *a, const brio_json *b);
/* As Python's str(). */
void brio_tpl_print(brio_buf *out, const brio_tpl_value *v);
brio_str brio_tpl_text(brio_tpl_run *run, const brio_tpl_value *v);
void brio_tpl_escape(brio_buf *out, brio_str s);
/* Escaped unless it is safe. */
brio_str brio_tpl_escaped(brio_tpl_run *run, const brio_tpl_value *v);
/* A growing buffer over the run's arena: what is written is kept there. */
typedef void brio_tpl_write_fn(brio_buf *out, const void *arg);
brio_str brio_tpl_written(brio_tpl_run *run, brio_tpl_write_fn *write, const void *arg);
/* The items to iterate over: of a list, a dict's keys, a text's characters. */
brio_tpl_value brio_tpl_items(brio_tpl_run *run, const brio_tpl_value *v);
brio_tpl_value brio_tpl_member(const brio_tpl_value *of, brio_str name);
brio_tpl_value brio_tpl_binary(brio_tpl_run *run, brio_tpl_op op, brio_tpl_value a,
                               brio_tpl_value b);
const char *brio_tpl_kind(const brio_tpl_value *v); /* for messages */

/* ---- What has a name (filter.c, filter_list.c, test.c, call.c) -------------------- */

typedef struct brio_tpl_args {
    brio_template_arg args[BRIO_TPL_ARGS];
    bool safe[BRIO_TPL_ARGS];
    size_t n;
} brio_tpl_args;

void brio_tpl_eval_args(brio_tpl_run *run, const brio_tpl_expr *e, brio_tpl_args *ret);
/* By position or name; NULL if it is not given. */
const brio_json *brio_tpl_arg_of(const brio_tpl_args *args, size_t position, const char *name);

typedef brio_tpl_value brio_tpl_filter(brio_tpl_run *run, brio_tpl_value v,
                                       const brio_tpl_args *args);
/* NULL if there is none. */
brio_tpl_filter *brio_tpl_filter_named(brio_str name);
brio_tpl_filter *brio_tpl_list_filter_named(brio_str name);
brio_tpl_value brio_tpl_test(brio_tpl_run *run, const brio_tpl_value *v, brio_str name,
                             const brio_tpl_args *args);
brio_tpl_value brio_tpl_call(brio_tpl_run *run, const brio_tpl_expr *e);

#endif
