/* SPDX-License-Identifier: MIT
 *
 * Walking an expression. What is asked of a name that is not there is an error;
 * the name itself is not. */
#include "template/template_internal.h"

static brio_tpl_value eval_name(const brio_tpl_run *run, brio_str name)
{
    for (const brio_tpl_var *v = run->vars; v; v = v->next)
        if (brio_str_eq(v->name, name))
            return v->value;
    const brio_json *found = run->context ? brio_json_get(run->context, name) : NULL;
    return found ? brio_tpl_of(*found) : brio_tpl_undefined();
}

static brio_tpl_value eval_list(brio_tpl_run *run, const brio_tpl_expr *e)
{
    size_t n = 0, at = 0;
    for (const brio_tpl_arg *arg = e->args; arg; arg = arg->next)
        n++;
    brio_tpl_value list = brio_tpl_list(run->arena, n);
    for (const brio_tpl_arg *arg = e->args; arg; arg = arg->next)
        list.json.items[at++] = brio_tpl_eval(run, arg->value).json;
    return list;
}

static brio_tpl_value eval_dict(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_json dict = {.type = BRIO_JSON_OBJECT};
    size_t n = 0;
    for (const brio_tpl_arg *arg = e->args; arg; arg = arg->next)
        n++;
    dict.members = BRIO_NEW_ARRAY(run->arena, brio_json_member, n ? n : 1);
    for (const brio_tpl_arg *arg = e->args; arg; arg = arg->next) {
        brio_tpl_value key = brio_tpl_eval(run, arg->key);
        brio_json_member *m = &dict.members[dict.n++];
        *m = (brio_json_member){brio_tpl_text(run, &key), brio_tpl_eval(run, arg->value).json};
    }
    return brio_tpl_of(dict);
}

static brio_tpl_value not_there(brio_tpl_run *run, const brio_tpl_expr *e)
{
    const brio_tpl_expr *of = e->a;
    if (of->op == BRIO_TPL_NAME || of->op == BRIO_TPL_ATTRIBUTE)
        brio_tpl_fail(run, BRIO_EMODEL, "'%.*s' is undefined", BRIO_ARG(of->name));
    else
        brio_tpl_fail(run, BRIO_EMODEL, "a member of what is undefined");
    return brio_tpl_undefined();
}

static brio_tpl_value eval_index(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_value of = brio_tpl_eval(run, e->a), at = brio_tpl_eval(run, e->b);
    if (of.undefined)
        return not_there(run, e);
    if (at.json.type == BRIO_JSON_STR)
        return brio_tpl_member(&of, at.json.str);
    if (at.json.type != BRIO_JSON_INT ||
        (of.json.type != BRIO_JSON_ARRAY && of.json.type != BRIO_JSON_STR))
        return brio_tpl_undefined();
    brio_tpl_value items = brio_tpl_items(run, &of);
    int64_t i = at.json.integer + (at.json.integer < 0 ? (int64_t)items.json.n : 0);
    return i >= 0 && i < (int64_t)items.json.n ? brio_tpl_of(items.json.items[i])
                                               : brio_tpl_undefined();
}

static brio_tpl_value eval_attribute(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_value of = brio_tpl_eval(run, e->a);
    return of.undefined ? not_there(run, e) : brio_tpl_member(&of, e->name);
}

static brio_tpl_value eval_filter(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_args args = {.n = 0};
    brio_tpl_value v = brio_tpl_eval(run, e->a);
    brio_tpl_eval_args(run, e, &args);
    return run->err < 0 ? v : brio_tpl_filter_named(e->name)(run, v, &args);
}

static brio_tpl_value eval_test(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_args args = {.n = 0};
    brio_tpl_value v = brio_tpl_eval(run, e->a);
    brio_tpl_eval_args(run, e, &args);
    return brio_tpl_test(run, &v, e->name, &args);
}

static brio_tpl_value eval_negative(brio_tpl_run *run, const brio_tpl_expr *e)
{
    return brio_tpl_binary(run, BRIO_TPL_SUB, brio_tpl_of_int(0), brio_tpl_eval(run, e->a));
}

/* or, and: the value of the side that decides, as in Python. */
static brio_tpl_value eval_either(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_value left = brio_tpl_eval(run, e->a);
    return brio_tpl_true(&left) == (e->op == BRIO_TPL_OR) ? left : brio_tpl_eval(run, e->b);
}

static brio_tpl_value eval_choice(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_value condition = brio_tpl_eval(run, e->b);
    if (brio_tpl_true(&condition))
        return brio_tpl_eval(run, e->a);
    return e->c ? brio_tpl_eval(run, e->c) : brio_tpl_undefined();
}

static brio_tpl_value eval_not(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_value v = brio_tpl_eval(run, e->a);
    return brio_tpl_of_bool(!brio_tpl_true(&v));
}

static brio_tpl_value eval(brio_tpl_run *run, const brio_tpl_expr *e)
{
    switch (e->op) {
    case BRIO_TPL_LITERAL:
        return e->literal;
    case BRIO_TPL_NAME:
        return eval_name(run, e->name);
    case BRIO_TPL_LIST:
        return eval_list(run, e);
    case BRIO_TPL_DICT:
        return eval_dict(run, e);
    case BRIO_TPL_ATTRIBUTE:
        return eval_attribute(run, e);
    case BRIO_TPL_INDEX:
        return eval_index(run, e);
    case BRIO_TPL_CALL:
        return brio_tpl_call(run, e);
    case BRIO_TPL_FILTER:
        return eval_filter(run, e);
    case BRIO_TPL_TEST:
        return eval_test(run, e);
    case BRIO_TPL_CHOICE:
        return eval_choice(run, e);
    case BRIO_TPL_OR:
    case BRIO_TPL_AND:
        return eval_either(run, e);
    case BRIO_TPL_NOT:
        return eval_not(run, e);
    case BRIO_TPL_NEG:
        return eval_negative(run, e);
    default:
        return brio_tpl_binary(run, e->op, brio_tpl_eval(run, e->a), brio_tpl_eval(run, e->b));
    }
}

brio_tpl_value brio_tpl_eval(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_value v = brio_tpl_undefined();
    if (!brio_tpl_step(run))
        return v;
    run->line = e->line;
    if (++run->depth > BRIO_TPL_DEPTH)
        brio_tpl_fail(run, BRIO_ELIMIT, "more than %d levels", BRIO_TPL_DEPTH);
    else
        v = eval(run, e);
    run->depth--;
    return v;
}

void brio_tpl_eval_args(brio_tpl_run *run, const brio_tpl_expr *e, brio_tpl_args *ret)
{
    for (const brio_tpl_arg *arg = e->args; arg; arg = arg->next) {
        if (ret->n == BRIO_TPL_ARGS) {
            brio_tpl_fail(run, BRIO_ELIMIT, "more than %d arguments", BRIO_TPL_ARGS);
            return;
        }
        brio_tpl_value v = brio_tpl_eval(run, arg->value);
        ret->safe[ret->n] = v.safe;
        ret->args[ret->n++] = (brio_template_arg){arg->name, v.json};
    }
}

const brio_json *brio_tpl_arg_of(const brio_tpl_args *args, size_t position, const char *name)
{
    for (size_t i = 0; i < args->n; i++)
        if (args->args[i].name.len ? brio_str_eq(args->args[i].name, brio_str_from(name))
                                   : i == position)
            return &args->args[i].value;
    return NULL;
}
