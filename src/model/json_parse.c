/* SPDX-License-Identifier: MIT
 *
 * JSON text to brio_json. Children are collected on one stack of bytes shared
 * by all open brackets; at the closing bracket they move to an exact array in
 * the arena:
 *
 *     [1, {"a": 2, "b":          stack: | 1 | a:2 |
 *                                       ^ '['  ^ '{'
 *
 * So memory is what the value needs plus one stack. Recursion is bounded by
 * the depth limit. Positions and texts of faults are those of Python 3.11's
 * json module; a fault without a message is a limit. */
#include "model/model_internal.h"

#include "model/json_scan.h"

#include <math.h>

const char brio_json_not_utf8[] = "Invalid UTF-8";

typedef struct parser {
    brio_arena *arena;
    const char *end;
    brio_scan_fault *fault;
    char *stack; /* finished children of open brackets */
    size_t used, cap;
    uint32_t depth, max_depth;
    bool strict;
} parser;

static const char *parse_value(parser *ps, const char *p, brio_json *ret);

static const char *fail(parser *ps, const char *at, const char *message)
{
    *ps->fault = (brio_scan_fault){at, message};
    return NULL;
}

/* ---- The stack of children --------------------------------------------------- */

enum { STACK_FIRST = 1024 };

static void push(parser *ps, const void *child, size_t size)
{
    if (ps->cap - ps->used < size) {
        size_t cap = ps->cap ? ps->cap * 2 : STACK_FIRST;
        char *stack = brio_alloc(ps->arena, cap);
        if (ps->used)
            memcpy(stack, ps->stack, ps->used);
        ps->stack = stack;
        ps->cap = cap;
    }
    memcpy(ps->stack + ps->used, child, size);
    ps->used += size;
}

/* Moves what was pushed since `mark` to the arena. */
static void *pop(parser *ps, size_t mark, size_t size, uint32_t *ret_n)
{
    size_t bytes = ps->used - mark;
    BRIO_ASSERT(bytes % size == 0);
    BRIO_ASSERT(bytes / size <= UINT32_MAX);
    *ret_n = (uint32_t)(bytes / size);
    ps->used = mark;
    if (bytes == 0)
        return NULL;
    return memcpy(brio_alloc_aligned(ps->arena, bytes, 8), ps->stack + mark, bytes);
}

/* ---- Equal keys: the last wins ------------------------------------------------- */

/* Order by key, then by place. */
static bool comes_before(const brio_json_member *a, const brio_json_member *b)
{
    int order = brio_str_compare(a->key, b->key);
    return order != 0 ? order < 0 : a < b;
}

static void sift(const brio_json_member **heap, size_t at, size_t n)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n)
            return;
        if (child + 1 < n && comes_before(heap[child], heap[child + 1]))
            child++;
        if (!comes_before(heap[at], heap[child]))
            return;
        const brio_json_member *swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

/* Heap sort: hostile keys cannot make it slow, and it needs no more memory. */
static void sort_members(const brio_json_member **order, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(order, i, n);
    for (size_t i = n; i-- > 1;) {
        const brio_json_member *last = order[0];
        order[0] = order[i];
        order[i] = last;
        sift(order, 0, i);
    }
}

/* Gives the first of each run of equal keys the last value and marks the rest. */
static bool mark_duplicates(brio_json_member *members, const brio_json_member **order, size_t n)
{
    static const char marked[1];
    bool any = false;
    for (size_t i = 0, first = 0; i < n; i++) {
        if (i > 0 && !brio_str_eq(order[i]->key, order[first]->key))
            first = i;
        if (i == first)
            continue;
        any = true;
        members[order[first] - members].value = order[i]->value;
        members[order[i] - members].key = (brio_str){marked, SIZE_MAX};
    }
    return any;
}

static uint32_t drop_marked(brio_json_member *members, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (members[i].key.len != SIZE_MAX)
            members[kept++] = members[i];
    return kept;
}

static uint32_t unite_sorted(parser *ps, brio_json_member *members, uint32_t n)
{
    const brio_json_member **order =
        brio_alloc_aligned(ps->arena, n * sizeof(*order), sizeof(void *));
    for (uint32_t i = 0; i < n; i++)
        order[i] = &members[i];
    sort_members(order, n);
    return mark_duplicates(members, order, n) ? drop_marked(members, n) : n;
}

static ptrdiff_t find_member(const brio_json_member *members, uint32_t n, brio_str key)
{
    for (uint32_t i = 0; i < n; i++)
        if (brio_str_eq(members[i].key, key))
            return i;
    return -1;
}

static uint32_t unite_few(brio_json_member *members, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        ptrdiff_t at = find_member(members, kept, members[i].key);
        if (at >= 0)
            members[at].value = members[i].value;
        else
            members[kept++] = members[i];
    }
    return kept;
}

enum { UNITE_FEW = 16 };

static uint32_t unite(parser *ps, brio_json_member *members, uint32_t n)
{
    return n <= UNITE_FEW ? unite_few(members, n) : unite_sorted(ps, members, n);
}

/* ---- Values ---------------------------------------------------------------------- */

static char at(const parser *ps, const char *p)
{
    return p < ps->end ? *p : '\0';
}

static const char *space(const parser *ps, const char *p)
{
    return brio_json_skip_space(p, ps->end);
}

static bool enter(parser *ps, const char *p)
{
    if (ps->depth == ps->max_depth)
        return fail(ps, p, NULL);
    ps->depth++;
    return true;
}

/* Behind a child: ',' moves to the next one, `close` ends. */
static const char *parse_comma(parser *ps, const char *p, char close, bool *ret_done)
{
    p = space(ps, p);
    *ret_done = at(ps, p) == close;
    if (*ret_done)
        return p + 1;
    if (at(ps, p) != ',')
        return fail(ps, p, "Expecting ',' delimiter");
    return space(ps, p + 1);
}

static const char *parse_items(parser *ps, const char *p)
{
    for (bool done = false; !done;) {
        brio_json item;
        p = parse_value(ps, p, &item);
        if (!p)
            return NULL;
        push(ps, &item, sizeof(item));
        p = parse_comma(ps, p, ']', &done);
        if (!p)
            return NULL;
    }
    return p;
}

/* `p` is at the bracket. */
static const char *parse_array(parser *ps, const char *p, brio_json *ret)
{
    size_t mark = ps->used;
    if (!enter(ps, p))
        return NULL;
    p = space(ps, p + 1);
    p = at(ps, p) == ']' ? p + 1 : parse_items(ps, p);
    if (!p)
        return NULL;
    ps->depth--;
    *ret = (brio_json){.type = BRIO_JSON_ARRAY};
    ret->items = pop(ps, mark, sizeof(brio_json), &ret->n);
    return p;
}

static const char *parse_string(parser *ps, const char *p, brio_str *ret)
{
    bool high = false; /* all of the text was checked */
    return brio_json_read_string(ps->arena, p + 1, ps->end, ret, &high, ps->fault);
}

static const char *parse_member(parser *ps, const char *p)
{
    brio_json_member member;
    if (at(ps, p) != '"')
        return fail(ps, p, "Expecting property name enclosed in double quotes");
    p = parse_string(ps, p, &member.key);
    if (!p)
        return NULL;
    p = space(ps, p);
    if (at(ps, p) != ':')
        return fail(ps, p, "Expecting ':' delimiter");
    p = parse_value(ps, space(ps, p + 1), &member.value);
    if (p)
        push(ps, &member, sizeof(member));
    return p;
}

static const char *parse_members(parser *ps, const char *p)
{
    for (bool done = false; !done;) {
        p = parse_member(ps, p);
        if (!p)
            return NULL;
        p = parse_comma(ps, p, '}', &done);
        if (!p)
            return NULL;
    }
    return p;
}

static const char *parse_object(parser *ps, const char *p, brio_json *ret)
{
    size_t mark = ps->used;
    if (!enter(ps, p))
        return NULL;
    p = space(ps, p + 1);
    p = at(ps, p) == '}' ? p + 1 : parse_members(ps, p);
    if (!p)
        return NULL;
    ps->depth--;
    *ret = (brio_json){.type = BRIO_JSON_OBJECT};
    ret->members = pop(ps, mark, sizeof(brio_json_member), &ret->n);
    ret->n = unite(ps, ret->members, ret->n);
    return p;
}

/* Returns what is behind `word` if the text goes on with it. */
static const char *word(const parser *ps, const char *p, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(ps->end - p) >= n && memcmp(p, word, n) == 0 ? p + n : NULL;
}

static const char *parse_not_finite(parser *ps, const char *p, brio_json *ret)
{
    static const struct {
        const char *name;
        double value;
    } names[] = {{"NaN", NAN}, {"Infinity", HUGE_VAL}, {"-Infinity", -HUGE_VAL}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !ps->strict; i++) {
        const char *behind = word(ps, p, names[i].name);
        *ret = (brio_json){.type = BRIO_JSON_FLOAT, .number = names[i].value};
        if (behind)
            return behind;
    }
    return fail(ps, p, "Expecting value");
}

static const char *parse_number(parser *ps, const char *p, brio_json *ret)
{
    const char *behind = p < ps->end ? brio_json_read_number(p, ps->end, ret) : NULL;
    if (!behind)
        return parse_not_finite(ps, p, ret);
    if (ret->type == BRIO_JSON_BIGINT && ret->str.len > BRIO_MODEL_INT_DIGITS_MAX + (*p == '-'))
        return fail(ps, p, NULL);
    return behind;
}

static const char *parse_word(parser *ps, const char *p, const char *name, brio_json value,
                              brio_json *ret)
{
    const char *behind = word(ps, p, name);
    *ret = value;
    return behind ? behind : fail(ps, p, "Expecting value");
}

static const char *parse_value(parser *ps, const char *p, brio_json *ret)
{
    switch (at(ps, p)) {
    case '"':
        *ret = (brio_json){.type = BRIO_JSON_STR};
        return parse_string(ps, p, &ret->str);
    case '{':
        return parse_object(ps, p, ret);
    case '[':
        return parse_array(ps, p, ret);
    case 'n':
        return parse_word(ps, p, "null", (brio_json){0}, ret);
    case 't':
        return parse_word(ps, p, "true", (brio_json){.type = BRIO_JSON_BOOL, .boolean = true}, ret);
    case 'f':
        return parse_word(ps, p, "false", (brio_json){.type = BRIO_JSON_BOOL}, ret);
    default:
        return parse_number(ps, p, ret);
    }
}

const char *brio_json_read_value(brio_arena *arena, const char *p, const char *end, uint32_t depth,
                                 brio_json *ret, brio_scan_fault *fault)
{
    parser ps = {.arena = arena,
                 .end = end,
                 .fault = fault,
                 .depth = depth,
                 .max_depth = BRIO_MODEL_DEPTH_MAX};
    return parse_value(&ps, space(&ps, p), ret);
}

/* ---- Whole texts ------------------------------------------------------------------- */

static bool parse_text(parser *ps, brio_str text, brio_json *ret)
{
    if (!ps->strict && word(ps, text.ptr, "\xEF\xBB\xBF"))
        return fail(ps, text.ptr, "Unexpected UTF-8 BOM (decode using utf-8-sig)");
    const char *p = parse_value(ps, space(ps, text.ptr), ret);
    if (!p)
        return false;
    p = space(ps, p);
    return p == ps->end || fail(ps, p, "Extra data");
}

/* `text` is well-formed up to the fault, so its characters can be counted. */
static int report(brio_str text, brio_scan_fault fault, brio_json_fault *ret_fault)
{
    size_t byte = (size_t)(fault.at - text.ptr);
    if (ret_fault)
        *ret_fault = (brio_json_fault){
            .offset = brio_utf8_length(brio_str_slice(text, 0, byte)),
            .byte = byte,
            .message = fault.message ? fault.message : "A limit was reached",
        };
    return fault.message ? BRIO_ESYNTAX : BRIO_ELIMIT;
}

/* Bytes of the well-formed character at `p`, 0 if there is none. */
static size_t character(const char *p, const char *end)
{
    for (size_t n = 1; n <= 4 && n <= (size_t)(end - p); n++)
        if (brio_utf8_valid((brio_str){p, n}))
            return n;
    return 0;
}

static const char *first_malformed(brio_str text)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    for (size_t n; p < end && (n = character(p, end)) > 0;)
        p += n;
    return p;
}

int brio_json_parse(brio_arena *arena, brio_str text, const brio_json_options *options,
                    brio_json *ret, brio_json_fault *ret_fault)
{
    brio_scan_fault fault = {NULL, NULL};
    if (!text.ptr)
        text = BRIO_S("");
    if (!brio_utf8_valid(text)) {
        fault = (brio_scan_fault){first_malformed(text), brio_json_not_utf8};
        return report(text, fault, ret_fault);
    }
    parser ps = {.arena = arena,
                 .end = text.ptr + text.len,
                 .fault = &fault,
                 .max_depth = options ? options->max_depth : 0,
                 .strict = options && options->strict};
    if (ps.max_depth == 0)
        ps.max_depth = BRIO_MODEL_DEPTH_MAX;
    return parse_text(&ps, text, ret) ? 0 : report(text, fault, ret_fault);
}
