/* SPDX-License-Identifier: MIT
 *
 * Calls and tests: the functions of Jinja that make sense over JSON values, the
 * methods of Python's dict and str that templates are used to, and for all
 * other names the application's function. */
#include "template/template_internal.h"

#include <errno.h>

/* ---- Functions -------------------------------------------------------------- */

static int64_t int_arg(const brio_tpl_args *args, size_t i, int64_t otherwise)
{
    const brio_json *j = brio_tpl_arg_of(args, i, "");
    return j && j->type == BRIO_JSON_INT ? j->integer : otherwise;
}

/* range(end), range(begin, end), range(begin, end, step). */
static brio_tpl_value call_range(brio_tpl_run *run, const brio_tpl_args *args)
{
    int64_t begin = args->n > 1 ? int_arg(args, 0, 0) : 0;
    int64_t end = int_arg(args, args->n > 1, 0), step = int_arg(args, 2, 1), at = begin;
    size_t n = 0;
    while (step != 0 && n <= BRIO_TPL_RANGE && (step > 0 ? at < end : at > end)) {
        n++;
        if (__builtin_add_overflow(at, step, &at))
            break;
    }
    if (step == 0 || n > BRIO_TPL_RANGE) {
        brio_tpl_fail(run, BRIO_ELIMIT, "a range of more than %d items", BRIO_TPL_RANGE);
        n = 0;
    }
    brio_tpl_value list = brio_tpl_list(run->arena, n);
    for (size_t i = 0; i < n; i++)
        list.json.items[i] = brio_json_from_int(begin + (int64_t)i * step);
    return list;
}

static brio_tpl_value call_dict(brio_tpl_run *run, const brio_tpl_args *args)
{
    brio_json dict = {.type = BRIO_JSON_OBJECT, .n = (uint32_t)args->n};
    dict.members = BRIO_NEW_ARRAY(run->arena, brio_json_member, args->n + 1);
    for (size_t i = 0; i < args->n; i++)
        dict.members[i] = (brio_json_member){args->args[i].name, args->args[i].value};
    return brio_tpl_of(dict);
}

static brio_tpl_value call_outside(brio_tpl_run *run, brio_str name, const brio_tpl_args *args)
{
    brio_json result = {0};
    int line = run->line;
    int rc = -ENOENT;
    if (run->call && run->call->fn)
        rc = run->call->fn(run->call->arg, run->arena, name, args->args, args->n, &result);
    run->line = line;
    if (rc == -ENOENT)
        brio_tpl_fail(run, BRIO_EMODEL, "no function is named '%.*s'", BRIO_ARG(name));
    else if (rc < 0)
        brio_tpl_fail(run, rc, "%.*s(): %s", BRIO_ARG(name), brio_error_text(rc));
    return brio_tpl_of(result);
}

/* ---- Methods ------------------------------------------------------------------ */

static brio_tpl_value dict_items(brio_tpl_run *run, const brio_json *dict, bool keys, bool values)
{
    brio_tpl_value list = brio_tpl_list(run->arena, dict->n);
    for (uint32_t i = 0; i < dict->n; i++) {
        brio_json key = brio_json_from_str(dict->members[i].key);
        brio_tpl_value pair = brio_tpl_list(run->arena, 2);
        pair.json.items[0] = key;
        pair.json.items[1] = dict->members[i].value;
        list.json.items[i] = !values ? key : keys ? pair.json : dict->members[i].value;
    }
    return list;
}

static brio_tpl_value dict_method(brio_tpl_run *run, const brio_tpl_value *of, brio_str name,
                                  const brio_tpl_args *args)
{
    const brio_json *key = brio_tpl_arg_of(args, 0, "key"), *other;
    if (brio_str_eq(name, BRIO_S("items")))
        return dict_items(run, &of->json, true, true);
    if (brio_str_eq(name, BRIO_S("keys")))
        return dict_items(run, &of->json, true, false);
    if (brio_str_eq(name, BRIO_S("values")))
        return dict_items(run, &of->json, false, true);
    if (brio_str_eq(name, BRIO_S("get")) && key && key->type == BRIO_JSON_STR) {
        const brio_json *found = brio_json_get(&of->json, key->str);
        other = brio_tpl_arg_of(args, 1, "default");
        return brio_tpl_of(found ? *found : other ? *other : (brio_json){0});
    }
    const brio_json *index = brio_json_get(&of->json, BRIO_S("index0"));
    if (brio_str_eq(name, BRIO_S("cycle")) && index && index->type == BRIO_JSON_INT && args->n)
        return brio_tpl_of(args->args[(size_t)index->integer % args->n].value);
    brio_tpl_fail(run, BRIO_EMODEL, "a dict has no method '%.*s'", BRIO_ARG(name));
    return brio_tpl_undefined();
}

static brio_tpl_value str_method(brio_tpl_run *run, const brio_tpl_value *of, brio_str name,
                                 const brio_tpl_args *args)
{
    static const char *const filters[] = {"upper", "lower", "title", "capitalize", "replace"};
    const brio_json *part = brio_tpl_arg_of(args, 0, "");
    bool text = part && part->type == BRIO_JSON_STR;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (brio_str_eq(name, brio_str_from(filters[i])))
            return brio_tpl_filter_named(name)(run, *of, args);
    if (brio_str_eq(name, BRIO_S("strip")))
        return brio_tpl_filter_named(BRIO_S("trim"))(run, *of, args);
    if (brio_str_eq(name, BRIO_S("startswith")) && text)
        return brio_tpl_of_bool(brio_str_starts(of->json.str, part->str));
    if (brio_str_eq(name, BRIO_S("endswith")) && text)
        return brio_tpl_of_bool(brio_str_ends(of->json.str, part->str));
    brio_tpl_fail(run, BRIO_EMODEL, "a text has no method '%.*s'", BRIO_ARG(name));
    return brio_tpl_undefined();
}

static brio_tpl_value call_method(brio_tpl_run *run, const brio_tpl_expr *e,
                                  const brio_tpl_args *args)
{
    brio_tpl_value of = brio_tpl_eval(run, e->a);
    if (of.json.type == BRIO_JSON_OBJECT)
        return dict_method(run, &of, e->name, args);
    if (of.json.type == BRIO_JSON_STR)
        return str_method(run, &of, e->name, args);
    brio_tpl_fail(run, BRIO_EMODEL, "%s has no method '%.*s'", brio_tpl_kind(&of),
                  BRIO_ARG(e->name));
    return brio_tpl_undefined();
}

brio_tpl_value brio_tpl_call(brio_tpl_run *run, const brio_tpl_expr *e)
{
    brio_tpl_args args = {.n = 0};
    brio_tpl_eval_args(run, e, &args);
    if (run->err < 0)
        return brio_tpl_undefined();
    if (e->a)
        return call_method(run, e, &args);
    if (brio_str_eq(e->name, BRIO_S("range")))
        return call_range(run, &args);
    if (brio_str_eq(e->name, BRIO_S("super")))
        return brio_tpl_super(run);
    if (brio_str_eq(e->name, BRIO_S("dict")))
        return call_dict(run, &args);
    return call_outside(run, e->name, &args);
}

/* ---- Tests -------------------------------------------------------------------- */

typedef enum verdict { NO = 0, YES = 1, UNKNOWN = 2 } verdict;

static verdict test_kind(const brio_tpl_value *v, brio_str name)
{
    brio_json_type type = v->json.type;
    if (brio_str_eq(name, BRIO_S("defined")))
        return !v->undefined;
    if (brio_str_eq(name, BRIO_S("undefined")))
        return v->undefined;
    if (brio_str_eq(name, BRIO_S("none")))
        return type == BRIO_JSON_NULL && !v->undefined;
    if (brio_str_eq(name, BRIO_S("true")) || brio_str_eq(name, BRIO_S("false")))
        return type == BRIO_JSON_BOOL && v->json.boolean == (name.ptr[0] == 't');
    if (brio_str_eq(name, BRIO_S("boolean")))
        return type == BRIO_JSON_BOOL;
    if (brio_str_eq(name, BRIO_S("string")))
        return type == BRIO_JSON_STR;
    if (brio_str_eq(name, BRIO_S("number")))
        return brio_tpl_is_number(&v->json);
    if (brio_str_eq(name, BRIO_S("integer")))
        return type == BRIO_JSON_INT || type == BRIO_JSON_BIGINT;
    if (brio_str_eq(name, BRIO_S("float")))
        return type == BRIO_JSON_FLOAT;
    if (brio_str_eq(name, BRIO_S("mapping")))
        return type == BRIO_JSON_OBJECT;
    if (brio_str_eq(name, BRIO_S("sequence")) || brio_str_eq(name, BRIO_S("iterable")))
        return type == BRIO_JSON_ARRAY || type == BRIO_JSON_OBJECT || type == BRIO_JSON_STR;
    return UNKNOWN;
}

static verdict test_number(const brio_tpl_value *v, brio_str name, const brio_json *arg)
{
    int64_t n = v->json.type == BRIO_JSON_INT ? v->json.integer : 0;
    bool whole = v->json.type == BRIO_JSON_INT;
    if (brio_str_eq(name, BRIO_S("even")))
        return whole && n % 2 == 0;
    if (brio_str_eq(name, BRIO_S("odd")))
        return whole && n % 2 != 0;
    if (brio_str_eq(name, BRIO_S("divisibleby")) && arg && arg->type == BRIO_JSON_INT)
        return whole && arg->integer > 0 && n % arg->integer == 0;
    return UNKNOWN;
}

static verdict test_other(brio_tpl_run *run, const brio_tpl_value *v, brio_str name,
                          const brio_json *arg)
{
    static const struct {
        const char *name;
        brio_tpl_op op;
    } names[] = {{"eq", BRIO_TPL_EQ}, {"equalto", BRIO_TPL_EQ}, {"sameas", BRIO_TPL_EQ},
                 {"ne", BRIO_TPL_NE}, {"lt", BRIO_TPL_LT},      {"le", BRIO_TPL_LE},
                 {"gt", BRIO_TPL_GT}, {"ge", BRIO_TPL_GE},      {"in", BRIO_TPL_IN}};
    for (size_t i = 0; arg && i < sizeof names / sizeof *names; i++)
        if (brio_str_eq(name, brio_str_from(names[i].name))) {
            brio_tpl_value result = brio_tpl_binary(run, names[i].op, *v, brio_tpl_of(*arg));
            return brio_tpl_true(&result) ? YES : NO;
        }
    return UNKNOWN;
}

brio_tpl_value brio_tpl_test(brio_tpl_run *run, const brio_tpl_value *v, brio_str name,
                             const brio_tpl_args *args)
{
    const brio_json *arg = args->n ? &args->args[0].value : NULL;
    verdict found = test_kind(v, name);
    if (found == UNKNOWN)
        found = test_number(v, name, arg);
    if (found == UNKNOWN)
        found = test_other(run, v, name, arg);
    if (found == UNKNOWN)
        brio_tpl_fail(run, BRIO_EMODEL, "no test is named '%.*s'", BRIO_ARG(name));
    return brio_tpl_of_bool(found == YES);
}
