/* SPDX-License-Identifier: MIT
 *
 * Walking statements. A template that extends another runs silently, for what it
 * sets; then the one below it prints, and its blocks come from whoever in the
 * chain has them first. What was set inside a loop, a block or an include is
 * forgotten at its end. */
#include "template/template_internal.h"

#include <errno.h>
#include <stdio.h>

static void run_chain(brio_tpl_run *run, const brio_tpl *tpl);

void brio_tpl_fail(brio_tpl_run *run, int err, const char *fmt, ...)
{
    char text[256];
    va_list args;
    if (run->err < 0)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    run->err = brio_error(err, "%.*s:%d: %s", BRIO_ARG(run->tpl->name), run->line, text);
}

bool brio_tpl_step(brio_tpl_run *run)
{
    if (run->err == 0 && ++run->steps > run->max_steps)
        brio_tpl_fail(run, BRIO_ELIMIT, "more than %zu steps", run->max_steps);
    return run->err == 0;
}

void brio_tpl_let(brio_tpl_run *run, brio_str name, brio_tpl_value value)
{
    brio_tpl_var *var = BRIO_NEW(run->arena, brio_tpl_var);
    *var = (brio_tpl_var){.next = run->vars, .name = name, .value = value};
    run->vars = var;
}

static void put(brio_tpl_run *run, brio_str text)
{
    if (run->silent)
        return;
    brio_buf_add(run->out, text);
    if (run->out->failed)
        brio_tpl_fail(run, BRIO_ELIMIT, "more than %zu bytes of output", run->out->limit);
}

static void print(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    brio_tpl_value v = brio_tpl_eval(run, s->expr);
    if (run->err < 0 || run->silent)
        return;
    if (v.safe || !run->tpl->escapes)
        put(run, brio_tpl_text(run, &v));
    else if (v.json.type == BRIO_JSON_STR)
        brio_tpl_escape(run->out, v.json.str);
    else
        put(run, brio_tpl_escaped(run, &v));
    put(run, (brio_str){0});
}

/* ---- Aside: a body's output as a value ------------------------------------------ */

static void free_buf(void *arg)
{
    brio_buf_fini(arg);
}

/* What fn(run) prints, as text that is safe where it was escaped. */
static brio_tpl_value aside(brio_tpl_run *run, void (*fn)(brio_tpl_run *, const void *),
                            const void *arg)
{
    brio_buf *mine = BRIO_NEW(run->arena, brio_buf), *outer = run->out;
    bool silent = run->silent;
    mine->limit = outer->limit;
    brio_defer_push(run->arena, free_buf, mine);
    run->out = mine;
    run->silent = false;
    fn(run, arg);
    run->out = outer;
    run->silent = silent;
    brio_tpl_value v = brio_tpl_of_str(brio_str_copy(run->arena, brio_buf_str(mine)));
    v.safe = run->tpl->escapes;
    (void)brio_defer_pop(run->arena, free_buf, mine, true);
    return v;
}

static void exec_body(brio_tpl_run *run, const void *arg)
{
    brio_tpl_var *vars = run->vars;
    brio_tpl_exec(run, arg);
    run->vars = vars;
}

static void set(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    brio_tpl_let(run, s->name,
                 s->expr ? brio_tpl_eval(run, s->expr) : aside(run, exec_body, s->body));
}

/* ---- Loops --------------------------------------------------------------------- */

enum { LOOP_MEMBERS = 9 };

static brio_json json_bool(bool b)
{
    return brio_tpl_of_bool(b).json;
}

/* `loop` at item `i` of `n`; its members are made anew, since it may be kept. */
static brio_tpl_value loop_at(brio_tpl_run *run, const brio_json *items, uint32_t n, uint32_t i)
{
    brio_json loop = {.type = BRIO_JSON_OBJECT, .n = 7};
    loop.members = BRIO_NEW_ARRAY(run->arena, brio_json_member, LOOP_MEMBERS);
    brio_json_member *m = loop.members;
    m[0] = (brio_json_member){BRIO_S("index"), brio_json_from_int((int64_t)i + 1)};
    m[1] = (brio_json_member){BRIO_S("index0"), brio_json_from_int(i)};
    m[2] = (brio_json_member){BRIO_S("revindex"), brio_json_from_int((int64_t)n - i)};
    m[3] = (brio_json_member){BRIO_S("revindex0"), brio_json_from_int((int64_t)n - i - 1)};
    m[4] = (brio_json_member){BRIO_S("first"), json_bool(i == 0)};
    m[5] = (brio_json_member){BRIO_S("last"), json_bool(i + 1 == n)};
    m[6] = (brio_json_member){BRIO_S("length"), brio_json_from_int(n)};
    if (i > 0)
        m[loop.n++] = (brio_json_member){BRIO_S("previtem"), items[i - 1]};
    if (i + 1 < n)
        m[loop.n++] = (brio_json_member){BRIO_S("nextitem"), items[i + 1]};
    return brio_tpl_of(loop);
}

static void let_item(brio_tpl_run *run, const brio_tpl_stmt *s, const brio_json *item)
{
    if (!s->second.len) {
        brio_tpl_let(run, s->name, brio_tpl_of(*item));
        return;
    }
    if (item->type != BRIO_JSON_ARRAY || item->n != 2) {
        brio_tpl_fail(run, BRIO_EMODEL, "an item that is no pair");
        return;
    }
    brio_tpl_let(run, s->name, brio_tpl_of(item->items[0]));
    brio_tpl_let(run, s->second, brio_tpl_of(item->items[1]));
}

/* The items that the loop's condition lets pass. */
static brio_tpl_value filtered(brio_tpl_run *run, const brio_tpl_stmt *s, brio_tpl_value items)
{
    brio_tpl_value kept = brio_tpl_list(run->arena, items.json.n);
    uint32_t n = 0;
    for (uint32_t i = 0; i < items.json.n && run->err == 0; i++) {
        brio_tpl_var *vars = run->vars;
        let_item(run, s, &items.json.items[i]);
        brio_tpl_value passes = brio_tpl_eval(run, s->only);
        run->vars = vars;
        if (brio_tpl_true(&passes))
            kept.json.items[n++] = items.json.items[i];
    }
    kept.json.n = n;
    return kept;
}

static void loop(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    brio_tpl_value of = brio_tpl_eval(run, s->expr), items = brio_tpl_items(run, &of);
    if (s->only)
        items = filtered(run, s, items);
    brio_tpl_var *vars = run->vars;
    for (uint32_t i = 0; i < items.json.n && brio_tpl_step(run); i++) {
        brio_tpl_let(run, BRIO_S("loop"), loop_at(run, items.json.items, items.json.n, i));
        let_item(run, s, &items.json.items[i]);
        brio_tpl_exec(run, s->body);
        run->vars = vars;
    }
    if (!items.json.n)
        brio_tpl_exec(run, s->otherwise);
}

/* ---- Blocks and other templates -------------------------------------------------- */

static const brio_tpl_stmt *block_of(const brio_tpl *tpl, brio_str name)
{
    const brio_tpl_stmt *b = tpl->blocks;
    while (b && !brio_str_eq(b->name, name))
        b = b->next_block;
    return b;
}

typedef struct found {
    const brio_tpl_stmt *block;
    size_t level;
} found;

static found find_block(const brio_tpl_run *run, brio_str name, size_t from)
{
    for (size_t i = from; i < run->n_chain; i++) {
        const brio_tpl_stmt *b = block_of(run->chain[i], name);
        if (b)
            return (found){b, i};
    }
    return (found){0};
}

static void exec_block(brio_tpl_run *run, const void *arg)
{
    const found *f = arg;
    const brio_tpl *tpl = run->tpl;
    const brio_tpl_stmt *block = run->block;
    size_t level = run->level;
    run->tpl = run->chain[f->level];
    run->block = f->block;
    run->level = f->level;
    exec_body(run, f->block->body);
    run->tpl = tpl;
    run->block = block;
    run->level = level;
}

static void block(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    found f = find_block(run, s->name, 0);
    if (!run->silent && f.block)
        exec_block(run, &f);
}

brio_tpl_value brio_tpl_super(brio_tpl_run *run)
{
    found f = run->block ? find_block(run, run->block->name, run->level + 1) : (found){0};
    if (!f.block) {
        brio_tpl_fail(run, BRIO_EMODEL, "super() without a block below");
        return brio_tpl_undefined();
    }
    return aside(run, exec_block, &f);
}

static const brio_tpl *find_template(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    int err = 0, line = run->line;
    brio_tpl_value name = brio_tpl_eval(run, s->expr);
    if (run->err < 0)
        return NULL;
    const brio_tpl *tpl = brio_tpl_find(run->set, run->arena, brio_tpl_text(run, &name), &err);
    run->line = line;
    if (!tpl && err == -ENOENT && s->optional)
        return NULL;
    if (!tpl && err == -ENOENT)
        brio_tpl_fail(run, err, "no template is named '%.*s'", BRIO_ARG(brio_tpl_text(run, &name)));
    else if (!tpl)
        run->err = err; /* told with its own file and line */
    return tpl;
}

static void include(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    const brio_tpl *tpl = run->silent ? NULL : find_template(run, s);
    if (!tpl)
        return;
    if (run->nested == BRIO_TPL_CHAIN) {
        brio_tpl_fail(run, BRIO_ELIMIT, "more than %d templates in one another", BRIO_TPL_CHAIN);
        return;
    }
    brio_tpl_run inner = *run;
    inner.nested++;
    inner.block = NULL;
    run_chain(&inner, tpl);
    run->steps = inner.steps;
    run->err = inner.err;
}

static void choose(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    brio_tpl_value condition = brio_tpl_eval(run, s->expr);
    brio_tpl_exec(run, brio_tpl_true(&condition) ? s->body : s->otherwise);
}

static void exec(brio_tpl_run *run, const brio_tpl_stmt *s)
{
    switch (s->verb) {
    case BRIO_TPL_TEXT:
        put(run, s->name);
        return;
    case BRIO_TPL_PRINT:
        print(run, s);
        return;
    case BRIO_TPL_IF:
        choose(run, s);
        return;
    case BRIO_TPL_FOR:
        loop(run, s);
        return;
    case BRIO_TPL_SET:
        set(run, s);
        return;
    case BRIO_TPL_WITH:
        exec_body(run, s->body);
        return;
    case BRIO_TPL_BLOCK:
        block(run, s);
        return;
    case BRIO_TPL_INCLUDE:
        include(run, s);
        return;
    case BRIO_TPL_EXTENDS:
        return;
    }
}

void brio_tpl_exec(brio_tpl_run *run, const brio_tpl_stmt *body)
{
    if (++run->depth > BRIO_TPL_DEPTH)
        brio_tpl_fail(run, BRIO_ELIMIT, "more than %d levels", BRIO_TPL_DEPTH);
    for (const brio_tpl_stmt *s = body; s && brio_tpl_step(run); s = s->next) {
        run->line = s->line;
        exec(run, s);
    }
    run->depth--;
}

/* From the template that was asked for down to the one that extends none. */
static void run_chain(brio_tpl_run *run, const brio_tpl *tpl)
{
    const brio_tpl *chain[BRIO_TPL_CHAIN];
    run->chain = chain;
    run->n_chain = 0;
    while (tpl && run->err == 0) {
        run->tpl = tpl;
        if (run->n_chain == BRIO_TPL_CHAIN) {
            brio_tpl_fail(run, BRIO_ELIMIT, "more than %d templates extend one another",
                          BRIO_TPL_CHAIN);
            return;
        }
        chain[run->n_chain++] = tpl;
        bool silent = run->silent;
        run->silent = silent || tpl->extends;
        brio_tpl_exec(run, tpl->body);
        run->silent = silent;
        run->line = tpl->extends ? tpl->extends->line : 0;
        tpl = tpl->extends && run->err == 0 ? find_template(run, tpl->extends) : NULL;
    }
}

int brio_tpl_run_all(brio_tpl_run *run, const brio_tpl *tpl)
{
    brio_buf *mine = BRIO_NEW(run->arena, brio_buf), *out = run->out;
    size_t before = out->len;
    mine->limit = brio_tpl_options(run->set)->max_output;
    brio_defer_push(run->arena, free_buf, mine);
    run->out = mine;
    run->max_steps = brio_tpl_options(run->set)->max_steps;
    run_chain(run, tpl);
    if (run->err == 0)
        brio_buf_add(out, brio_buf_str(mine));
    (void)brio_defer_pop(run->arena, free_buf, mine, true);
    if (run->err == 0 && out->failed) {
        out->len = before;
        run->err = -ENOMEM;
    }
    return run->err;
}
