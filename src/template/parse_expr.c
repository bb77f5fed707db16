/* SPDX-License-Identifier: MIT
 *
 * Expressions, with Jinja's precedence: from "x if c else y" at the top over or,
 * and, not, comparisons, ~, + and -, the products, signs and powers down to
 * filters, attributes and calls. Operators of two sides are one loop over their
 * levels. Each tree knows its height, and one that is too high is refused, so
 * that walking it needs a stack of known depth. */
#include "template/template_internal.h"

static brio_tpl_expr *node(brio_tpl_reader *r, brio_tpl_op op, brio_tpl_expr *a, brio_tpl_expr *b)
{
    brio_tpl_expr *e = BRIO_NEW(r->arena, brio_tpl_expr);
    int height = a ? a->height : 0;
    height = b && b->height > height ? b->height : height;
    *e = (brio_tpl_expr){.op = op, .line = r->line, .height = height + 1, .a = a, .b = b};
    if (e->height > BRIO_TPL_HEIGHT)
        brio_tpl_wrong(r, "an expression with more than %d levels", BRIO_TPL_HEIGHT);
    return e;
}

static brio_tpl_expr *literal(brio_tpl_reader *r, brio_tpl_value value)
{
    brio_tpl_expr *e = node(r, BRIO_TPL_LITERAL, NULL, NULL);
    e->literal = value;
    return e;
}

static void open_bracket(brio_tpl_reader *r, const char *bracket)
{
    r->brackets++;
    brio_tpl_expect(r, BRIO_TPL_SIGN, bracket);
}

static void close_bracket(brio_tpl_reader *r, const char *bracket)
{
    r->brackets--;
    brio_tpl_expect(r, BRIO_TPL_SIGN, bracket);
}

/* ---- Arguments, lists, dicts ------------------------------------------------ */

static void rise(brio_tpl_reader *r, brio_tpl_expr *e, const brio_tpl_expr *child)
{
    if (child->height >= e->height)
        e->height = child->height + 1;
    if (e->height > BRIO_TPL_HEIGHT)
        brio_tpl_wrong(r, "an expression with more than %d levels", BRIO_TPL_HEIGHT);
}

/* "name=" of a keyword argument; the tokens are put back if it is none. */
static brio_str take_keyword(brio_tpl_reader *r)
{
    brio_tpl_reader before = *r;
    brio_str name = r->word;
    if (brio_tpl_take(r, BRIO_TPL_WORD, NULL) && brio_tpl_take(r, BRIO_TPL_SIGN, "="))
        return name;
    if (r->err == 0)
        *r = before;
    return (brio_str){0};
}

/* Up to `end`, which is taken. */
static void parse_items(brio_tpl_reader *r, brio_tpl_expr *e, const char *end)
{
    brio_tpl_arg **last = &e->args;
    while (r->err == 0 && !brio_tpl_is(r, BRIO_TPL_SIGN, end)) {
        brio_tpl_arg *arg = BRIO_NEW(r->arena, brio_tpl_arg);
        if (e->op >= BRIO_TPL_CALL)
            arg->name = take_keyword(r);
        arg->value = brio_tpl_parse_expr(r);
        if (e->op == BRIO_TPL_DICT) {
            arg->key = arg->value;
            brio_tpl_expect(r, BRIO_TPL_SIGN, ":");
            arg->value = brio_tpl_parse_expr(r);
        }
        rise(r, e, arg->value);
        *last = arg;
        last = &arg->next;
        if (!brio_tpl_take(r, BRIO_TPL_SIGN, ","))
            break;
    }
    close_bracket(r, end);
}

static brio_tpl_expr *parse_bracketed(brio_tpl_reader *r, brio_tpl_op op, const char *begin,
                                      const char *end)
{
    brio_tpl_expr *e = node(r, op, NULL, NULL);
    open_bracket(r, begin);
    parse_items(r, e, end);
    return e;
}

/* (a), or (a, b) as a list. */
static brio_tpl_expr *parse_parenthesis(brio_tpl_reader *r)
{
    brio_tpl_expr *list = node(r, BRIO_TPL_LIST, NULL, NULL);
    open_bracket(r, "(");
    if (brio_tpl_is(r, BRIO_TPL_SIGN, ")")) {
        close_bracket(r, ")");
        return list;
    }
    brio_tpl_expr *first = brio_tpl_parse_expr(r);
    if (!brio_tpl_take(r, BRIO_TPL_SIGN, ",")) {
        close_bracket(r, ")");
        return first;
    }
    parse_items(r, list, ")");
    brio_tpl_arg *arg = BRIO_NEW(r->arena, brio_tpl_arg);
    *arg = (brio_tpl_arg){.next = list->args, .value = first};
    list->args = arg;
    rise(r, list, first);
    return list;
}

/* ---- Primaries -------------------------------------------------------------- */

static brio_tpl_expr *parse_string(brio_tpl_reader *r)
{
    brio_str s = r->word;
    while (brio_tpl_take(r, BRIO_TPL_STRING, NULL) && brio_tpl_is(r, BRIO_TPL_STRING, NULL))
        s = brio_printf(r->arena, "%.*s%.*s", BRIO_ARG(s), BRIO_ARG(r->word));
    return literal(r, brio_tpl_of_str(s));
}

static bool is_constant(brio_str word, brio_tpl_value *ret)
{
    static const struct {
        const char *words[2];
        int value;
    } words[] = {{{"true", "True"}, 1}, {{"false", "False"}, 0}, {{"none", "None"}, -1}};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            if (brio_str_eq(word, brio_str_from(words[i].words[j]))) {
                *ret = words[i].value < 0 ? brio_tpl_of((brio_json){0})
                                          : brio_tpl_of_bool(words[i].value > 0);
                return true;
            }
    return false;
}

static bool is_reserved(brio_str word)
{
    static const char *const words[] = {"if", "else", "in", "is", "and", "or", "not", "for"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (brio_str_eq(word, brio_str_from(words[i])))
            return true;
    return false;
}

static brio_tpl_expr *parse_word(brio_tpl_reader *r)
{
    brio_tpl_value constant;
    brio_str word = r->word;
    if (is_reserved(word))
        brio_tpl_wrong(r, "unexpected '%.*s'", BRIO_ARG(word));
    brio_tpl_next_token(r);
    if (is_constant(word, &constant))
        return literal(r, constant);
    brio_tpl_expr *e = node(r, BRIO_TPL_NAME, NULL, NULL);
    e->name = word;
    return e;
}

static brio_tpl_expr *parse_primary(brio_tpl_reader *r)
{
    brio_tpl_value number = r->number;
    if (brio_tpl_is(r, BRIO_TPL_STRING, NULL))
        return parse_string(r);
    if (brio_tpl_take(r, BRIO_TPL_NUMBER, NULL))
        return literal(r, number);
    if (brio_tpl_is(r, BRIO_TPL_SIGN, "("))
        return parse_parenthesis(r);
    if (brio_tpl_is(r, BRIO_TPL_SIGN, "["))
        return parse_bracketed(r, BRIO_TPL_LIST, "[", "]");
    if (brio_tpl_is(r, BRIO_TPL_SIGN, "{"))
        return parse_bracketed(r, BRIO_TPL_DICT, "{", "}");
    if (brio_tpl_is(r, BRIO_TPL_WORD, NULL))
        return parse_word(r);
    if (r->token == BRIO_TPL_END)
        brio_tpl_wrong(r, "expected an expression before the end of the tag");
    else
        brio_tpl_wrong(r, "expected an expression, found '%.*s'", BRIO_ARG(r->word));
    return literal(r, brio_tpl_undefined());
}

/* ---- Behind a primary --------------------------------------------------------- */

static brio_tpl_expr *parse_index(brio_tpl_reader *r, brio_tpl_expr *of)
{
    open_bracket(r, "[");
    brio_tpl_expr *e = node(r, BRIO_TPL_INDEX, of, brio_tpl_parse_expr(r));
    close_bracket(r, "]");
    return e;
}

/* a.b, a.0 and a.b.0: a number is taken apart by its digits. */
static brio_tpl_expr *parse_attribute(brio_tpl_reader *r, brio_tpl_expr *of)
{
    brio_tpl_value number = r->number;
    if (brio_tpl_take(r, BRIO_TPL_NUMBER, NULL))
        return node(r, BRIO_TPL_INDEX, of, literal(r, number));
    brio_tpl_expr *e = node(r, BRIO_TPL_ATTRIBUTE, of, NULL);
    e->name = brio_tpl_take_name(r);
    return e;
}

/* name(...) and a.name(...): what is called keeps its object in `a`. */
static brio_tpl_expr *parse_call(brio_tpl_reader *r, const brio_tpl_expr *called)
{
    if (called->op != BRIO_TPL_NAME && called->op != BRIO_TPL_ATTRIBUTE)
        brio_tpl_wrong(r, "only names can be called");
    brio_tpl_expr *e = node(r, BRIO_TPL_CALL, called->a, NULL);
    e->name = called->name;
    open_bracket(r, "(");
    parse_items(r, e, ")");
    return e;
}

static brio_tpl_expr *parse_filter(brio_tpl_reader *r, brio_tpl_expr *of)
{
    brio_tpl_expr *e = node(r, BRIO_TPL_FILTER, of, NULL);
    e->name = brio_tpl_take_name(r);
    if (r->err == 0 && !brio_tpl_filter_named(e->name))
        brio_tpl_wrong(r, "no filter is named '%.*s'", BRIO_ARG(e->name));
    if (brio_tpl_is(r, BRIO_TPL_SIGN, "(")) {
        open_bracket(r, "(");
        parse_items(r, e, ")");
    }
    return e;
}

static brio_tpl_expr *parse_postfix(brio_tpl_reader *r, brio_tpl_expr *e)
{
    while (r->err == 0) {
        if (brio_tpl_take(r, BRIO_TPL_SIGN, "."))
            e = parse_attribute(r, e);
        else if (brio_tpl_is(r, BRIO_TPL_SIGN, "["))
            e = parse_index(r, e);
        else if (brio_tpl_is(r, BRIO_TPL_SIGN, "("))
            e = parse_call(r, e);
        else
            break;
    }
    return e;
}

static brio_tpl_expr *parse_filters(brio_tpl_reader *r, brio_tpl_expr *e)
{
    while (brio_tpl_take(r, BRIO_TPL_SIGN, "|"))
        e = parse_postfix(r, parse_filter(r, e));
    return e;
}

/* "is [not] name", with arguments in brackets or one plain one. */
static brio_tpl_expr *parse_test(brio_tpl_reader *r, brio_tpl_expr *of)
{
    bool negated = brio_tpl_take(r, BRIO_TPL_WORD, "not");
    brio_tpl_expr *e = node(r, BRIO_TPL_TEST, of, NULL);
    e->name = brio_tpl_take_name(r);
    bool plain = brio_tpl_is(r, BRIO_TPL_NUMBER, NULL) || brio_tpl_is(r, BRIO_TPL_STRING, NULL) ||
                 brio_tpl_is(r, BRIO_TPL_SIGN, "[") ||
                 (brio_tpl_is(r, BRIO_TPL_WORD, NULL) && !is_reserved(r->word));
    if (brio_tpl_is(r, BRIO_TPL_SIGN, "(")) {
        open_bracket(r, "(");
        parse_items(r, e, ")");
    } else if (plain) {
        e->args = BRIO_NEW(r->arena, brio_tpl_arg);
        e->args->value = parse_postfix(r, parse_primary(r));
        rise(r, e, e->args->value);
    }
    return negated ? node(r, BRIO_TPL_NOT, e, NULL) : e;
}

static brio_tpl_expr *parse_unary(brio_tpl_reader *r)
{
    brio_tpl_expr *e;
    if (r->err < 0 || ++r->height > BRIO_TPL_HEIGHT) {
        brio_tpl_wrong(r, "an expression with more than %d levels", BRIO_TPL_HEIGHT);
        return literal(r, brio_tpl_undefined());
    }
    if (brio_tpl_take(r, BRIO_TPL_SIGN, "-"))
        e = node(r, BRIO_TPL_NEG, parse_unary(r), NULL);
    else if (brio_tpl_take(r, BRIO_TPL_SIGN, "+"))
        e = parse_unary(r);
    else
        e = parse_postfix(r, parse_primary(r));
    e = parse_filters(r, e);
    r->height--;
    return e;
}

/* ---- Operators ---------------------------------------------------------------- */

enum { COMPARISONS = 1 }; /* the level behind which "not" and "is" come */

static const struct {
    const char *sign;
    brio_tpl_op op;
    int level;
} operators[] = {
    {"==", BRIO_TPL_EQ, 1}, {"!=", BRIO_TPL_NE, 1},  {"<", BRIO_TPL_LT, 1},
    {"<=", BRIO_TPL_LE, 1}, {">", BRIO_TPL_GT, 1},   {">=", BRIO_TPL_GE, 1},
    {"+", BRIO_TPL_ADD, 2}, {"-", BRIO_TPL_SUB, 2},  {"~", BRIO_TPL_JOIN, 3},
    {"*", BRIO_TPL_MUL, 4}, {"/", BRIO_TPL_DIV, 4},  {"//", BRIO_TPL_FLOOR, 4},
    {"%", BRIO_TPL_MOD, 4}, {"**", BRIO_TPL_POW, 5},
};

/* The operator at hand of at least `level`; 0 if there is none. */
static int operator_at(const brio_tpl_reader *r, int level, brio_tpl_op *ret)
{
    if (r->token != BRIO_TPL_SIGN)
        return 0;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (operators[i].level >= level && brio_str_eq(r->word, brio_str_from(operators[i].sign))) {
            *ret = operators[i].op;
            return operators[i].level;
        }
    return 0;
}

/* "in" and "not in" are comparisons spelt as words. */
static bool take_membership(brio_tpl_reader *r, brio_tpl_op *ret)
{
    *ret = BRIO_TPL_IN;
    if (brio_tpl_take(r, BRIO_TPL_WORD, "in"))
        return true;
    if (!brio_tpl_is(r, BRIO_TPL_WORD, "not"))
        return false;
    *ret = BRIO_TPL_NOT_IN;
    brio_tpl_next_token(r);
    brio_tpl_expect(r, BRIO_TPL_WORD, "in");
    return true;
}

static brio_tpl_expr *parse_binary(brio_tpl_reader *r, int level)
{
    brio_tpl_expr *left = parse_unary(r);
    while (r->err == 0) {
        brio_tpl_op op;
        int found = operator_at(r, level, &op);
        if (found) {
            brio_tpl_next_token(r);
            left = node(r, op, left, parse_binary(r, found + 1));
        } else if (level <= COMPARISONS && take_membership(r, &op)) {
            left = node(r, op, left, parse_binary(r, COMPARISONS + 1));
        } else if (brio_tpl_take(r, BRIO_TPL_WORD, "is")) {
            left = parse_test(r, left);
        } else {
            break;
        }
    }
    return left;
}

static brio_tpl_expr *parse_not(brio_tpl_reader *r)
{
    int nots = 0;
    while (brio_tpl_take(r, BRIO_TPL_WORD, "not"))
        nots++;
    brio_tpl_expr *e = parse_binary(r, COMPARISONS);
    return nots % 2 ? node(r, BRIO_TPL_NOT, e, NULL)
           : nots   ? node(r, BRIO_TPL_NOT, node(r, BRIO_TPL_NOT, e, NULL), NULL)
                    : e;
}

static brio_tpl_expr *parse_and(brio_tpl_reader *r)
{
    brio_tpl_expr *e = parse_not(r);
    while (brio_tpl_take(r, BRIO_TPL_WORD, "and"))
        e = node(r, BRIO_TPL_AND, e, parse_not(r));
    return e;
}

brio_tpl_expr *brio_tpl_parse_or(brio_tpl_reader *r)
{
    brio_tpl_expr *e = parse_and(r);
    while (brio_tpl_take(r, BRIO_TPL_WORD, "or"))
        e = node(r, BRIO_TPL_OR, e, parse_and(r));
    return e;
}

/* Without else, the value is undefined if the condition is false. */
brio_tpl_expr *brio_tpl_parse_expr(brio_tpl_reader *r)
{
    brio_tpl_expr *e = brio_tpl_parse_or(r);
    while (brio_tpl_take(r, BRIO_TPL_WORD, "if")) {
        brio_tpl_expr *condition = brio_tpl_parse_or(r);
        e = node(r, BRIO_TPL_CHOICE, e, condition);
        if (brio_tpl_take(r, BRIO_TPL_WORD, "else")) {
            e->c = brio_tpl_parse_expr(r);
            rise(r, e, e->c);
        }
    }
    return e;
}
