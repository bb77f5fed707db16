/* SPDX-License-Identifier: MIT
 *
 * Filters over text and single values. Case is that of ASCII letters: what other
 * letters become depends on a language. */
#include "template/template_internal.h"

#include <math.h>

/* A new text; safe if what it was made of was. */
static brio_tpl_value text_like(const brio_tpl_value *v, brio_str text)
{
    brio_tpl_value out = brio_tpl_of_str(text);
    out.safe = v->safe;
    return out;
}

static const brio_json *text_arg(const brio_tpl_args *args, size_t i, const char *name)
{
    const brio_json *j = brio_tpl_arg_of(args, i, name);
    return j && j->type == BRIO_JSON_STR ? j : NULL;
}

static int64_t int_arg(const brio_tpl_args *args, size_t i, const char *name, int64_t otherwise)
{
    const brio_json *j = brio_tpl_arg_of(args, i, name);
    return j && j->type == BRIO_JSON_INT ? j->integer : otherwise;
}

/* ---- Safety ------------------------------------------------------------------ */

static brio_tpl_value filter_safe(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    v = brio_tpl_of_str(brio_tpl_text(run, &v));
    v.safe = true;
    return v;
}

static brio_tpl_value filter_escape(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    v = brio_tpl_of_str(brio_tpl_escaped(run, &v));
    v.safe = true;
    return v;
}

static brio_tpl_value filter_force(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    v.safe = false;
    return filter_escape(run, v, args);
}

/* ---- Case --------------------------------------------------------------------- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

typedef enum casing { UPPER, LOWER, CAPITAL, TITLE } casing;

static brio_tpl_value cased(brio_tpl_run *run, const brio_tpl_value *v, casing how)
{
    brio_str s = brio_tpl_text(run, v);
    char *out = brio_alloc_aligned(run->arena, s.len + 1, 1);
    bool begins = true;
    for (size_t i = 0; i < s.len; i++) {
        bool up = how == UPPER || ((how == CAPITAL || how == TITLE) && begins);
        out[i] = up ? upper(s.ptr[i]) : brio_lower(s.ptr[i]);
        begins = how == TITLE && s.ptr[i] && strchr(" \t\n-([{<", s.ptr[i]);
    }
    return text_like(v, (brio_str){out, s.len});
}

static brio_tpl_value filter_upper(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    return cased(run, &v, UPPER);
}

static brio_tpl_value filter_lower(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    return cased(run, &v, LOWER);
}

static brio_tpl_value filter_title(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    return cased(run, &v, TITLE);
}

static brio_tpl_value filter_capitalize(brio_tpl_run *run, brio_tpl_value v,
                                        const brio_tpl_args *args)
{
    (void)args;
    return cased(run, &v, CAPITAL);
}

/* ---- Parts -------------------------------------------------------------------- */

static brio_tpl_value filter_trim(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    const brio_json *given = text_arg(args, 0, "chars");
    brio_str set = given ? given->str : BRIO_S(" \t\n\r\f\v"), s = brio_tpl_text(run, &v);
    while (s.len && memchr(set.ptr, s.ptr[0], set.len))
        s = brio_str_slice(s, 1, SIZE_MAX);
    while (s.len && memchr(set.ptr, s.ptr[s.len - 1], set.len))
        s.len--;
    return text_like(&v, s);
}

typedef struct replacing {
    brio_str text, from, to;
    int64_t most; /* < 0: all */
} replacing;

static void write_replaced(brio_buf *out, const void *arg)
{
    replacing r = *(const replacing *)arg;
    ptrdiff_t at;
    while (r.most-- != 0 && r.from.len && (at = brio_str_find(r.text, r.from)) >= 0) {
        brio_buf_add(out, brio_str_slice(r.text, 0, (size_t)at));
        brio_buf_add(out, r.to);
        r.text = brio_str_slice(r.text, (size_t)at + r.from.len, SIZE_MAX);
    }
    brio_buf_add(out, r.text);
}

static brio_tpl_value filter_replace(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    const brio_json *from = text_arg(args, 0, "old"), *to = text_arg(args, 1, "new");
    if (!from || !to) {
        brio_tpl_fail(run, BRIO_EMODEL, "replace() takes two texts");
        return v;
    }
    brio_tpl_value put = brio_tpl_of(*to);
    replacing r = {brio_tpl_text(run, &v), from->str,
                   v.safe ? brio_tpl_escaped(run, &put) : to->str, int_arg(args, 2, "count", -1)};
    return text_like(&v, brio_tpl_written(run, write_replaced, &r));
}

static bool continues(brio_str s, size_t at)
{
    return at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80;
}

/* truncate(length, killwords, end, leeway) counts characters, end included. */
static brio_tpl_value filter_truncate(brio_tpl_run *run, brio_tpl_value v,
                                      const brio_tpl_args *args)
{
    brio_str s = brio_tpl_text(run, &v);
    int64_t length = int_arg(args, 0, "length", 255), leeway = int_arg(args, 3, "leeway", 5);
    const brio_json *kill = brio_tpl_arg_of(args, 1, "killwords"), *end = text_arg(args, 2, "end");
    brio_str dots = end ? end->str : BRIO_S("...");
    int64_t keep = length - (int64_t)brio_utf8_length(dots);
    if (keep < 0 || (int64_t)brio_utf8_length(s) <= length + leeway)
        return v;
    size_t at = 0;
    for (; keep > 0 && at < s.len; keep--)
        for (at++; continues(s, at);)
            at++;
    bool words = !kill || kill->type != BRIO_JSON_BOOL || !kill->boolean;
    for (size_t cut = at; words && cut > 0; cut--)
        if (s.ptr[cut - 1] == ' ') {
            at = cut - 1;
            break;
        }
    return text_like(&v, brio_printf(run->arena, "%.*s%.*s", (int)at, s.ptr, BRIO_ARG(dots)));
}

/* ---- URLs --------------------------------------------------------------------- */

static void put_encoded(brio_buf *out, brio_str s, bool query)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i], l = brio_lower(c);
        bool plain = (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c)) ||
                     (c == '/' && !query);
        if (plain)
            brio_buf_char(out, c);
        else if (c == ' ' && query)
            brio_buf_char(out, '+');
        else
            brio_buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

/* A text as part of a path, a dict as a query. */
static void write_urlencoded(brio_buf *out, const void *arg)
{
    const brio_tpl_value *v = arg;
    if (v->json.type != BRIO_JSON_OBJECT) {
        put_encoded(out, v->json.str, false);
        return;
    }
    for (uint32_t i = 0; i < v->json.n; i++) {
        char text[512];
        brio_buf value = brio_buf_over(text, sizeof text);
        brio_tpl_value member = brio_tpl_of(v->json.members[i].value);
        brio_buf_add(out, i ? BRIO_S("&") : BRIO_S(""));
        put_encoded(out, v->json.members[i].key, true);
        brio_buf_char(out, '=');
        if (member.json.type != BRIO_JSON_STR)
            brio_tpl_print(&value, &member);
        put_encoded(out, member.json.type == BRIO_JSON_STR ? member.json.str : brio_buf_str(&value),
                    true);
    }
}

static brio_tpl_value filter_urlencode(brio_tpl_run *run, brio_tpl_value v,
                                       const brio_tpl_args *args)
{
    (void)args;
    if (v.json.type != BRIO_JSON_OBJECT)
        v = brio_tpl_of_str(brio_tpl_text(run, &v));
    return brio_tpl_of_str(brio_tpl_written(run, write_urlencoded, &v));
}

/* ---- Numbers ------------------------------------------------------------------ */

static brio_tpl_value filter_int(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    uint64_t n = 0;
    double d = 0;
    (void)run;
    if (v.json.type == BRIO_JSON_STR) {
        brio_str s = brio_str_trim(v.json.str);
        bool minus = brio_str_starts(s, BRIO_S("-"));
        if (brio_str_to_u64(brio_str_slice(s, minus, SIZE_MAX), &n) == 0 && n <= INT64_MAX)
            return brio_tpl_of_int(minus ? -(int64_t)n : (int64_t)n);
        if (brio_f64_parse(s, &d) < 0)
            return brio_tpl_of_int(int_arg(args, 0, "default", 0));
    } else if (brio_tpl_is_number(&v.json)) {
        d = brio_tpl_number(&v.json);
    } else {
        return brio_tpl_of_int(int_arg(args, 0, "default", 0));
    }
    if (v.json.type == BRIO_JSON_INT || !(fabs(d) < 9.2e18))
        return v.json.type == BRIO_JSON_INT ? v : brio_tpl_of_int(int_arg(args, 0, "default", 0));
    return brio_tpl_of_int((int64_t)d);
}

static brio_tpl_value filter_float(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    double d = 0;
    (void)run;
    if (v.json.type == BRIO_JSON_STR && brio_f64_parse(brio_str_trim(v.json.str), &d) == 0)
        return brio_tpl_of_float(d);
    if (brio_tpl_is_number(&v.json))
        return brio_tpl_of_float(brio_tpl_number(&v.json));
    const brio_json *other = brio_tpl_arg_of(args, 0, "default");
    return brio_tpl_of_float(other ? brio_tpl_number(other) : 0);
}

static brio_tpl_value filter_abs(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    if (!brio_tpl_is_number(&v.json) || brio_tpl_number(&v.json) >= 0)
        return v;
    return brio_tpl_binary(run, BRIO_TPL_SUB, brio_tpl_of_int(0), v);
}

static brio_tpl_value filter_round(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    int64_t digits = int_arg(args, 0, "precision", 0);
    (void)run;
    if (!brio_tpl_is_number(&v.json) || digits < 0 || digits > 15)
        return v;
    double unit = pow(10, (double)digits), n = brio_tpl_number(&v.json);
    return brio_tpl_of_float(nearbyint(n * unit) / unit);
}

/* ---- Others ------------------------------------------------------------------- */

static brio_tpl_value filter_string(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    (void)args;
    return text_like(&v, brio_tpl_text(run, &v));
}

/* default(value, also_if_false) */
static brio_tpl_value filter_default(brio_tpl_run *run, brio_tpl_value v, const brio_tpl_args *args)
{
    const brio_json *also = brio_tpl_arg_of(args, 1, "boolean");
    const brio_json *other = brio_tpl_arg_of(args, 0, "default_value");
    bool falsy = also && also->type == BRIO_JSON_BOOL && also->boolean && !brio_tpl_true(&v);
    (void)run;
    if (!v.undefined && !falsy)
        return v;
    brio_tpl_value result = other ? brio_tpl_of(*other) : brio_tpl_of_str(BRIO_S(""));
    result.safe = args->n && args->safe[0] && other == &args->args[0].value;
    return result;
}

static brio_tpl_value filter_wordcount(brio_tpl_run *run, brio_tpl_value v,
                                       const brio_tpl_args *args)
{
    brio_str s = brio_tpl_text(run, &v);
    int64_t n = 0;
    bool inside = false;
    (void)args;
    for (size_t i = 0; i < s.len; i++) {
        bool blank = s.ptr[i] && strchr(" \t\n\r\f\v", s.ptr[i]);
        n += !blank && !inside;
        inside = !blank;
    }
    return brio_tpl_of_int(n);
}

static const struct {
    const char *name;
    brio_tpl_filter *fn;
} filters[] = {
    {"abs", filter_abs},
    {"capitalize", filter_capitalize},
    {"d", filter_default},
    {"default", filter_default},
    {"e", filter_escape},
    {"escape", filter_escape},
    {"float", filter_float},
    {"forceescape", filter_force},
    {"int", filter_int},
    {"lower", filter_lower},
    {"replace", filter_replace},
    {"round", filter_round},
    {"safe", filter_safe},
    {"string", filter_string},
    {"title", filter_title},
    {"trim", filter_trim},
    {"truncate", filter_truncate},
    {"upper", filter_upper},
    {"urlencode", filter_urlencode},
    {"wordcount", filter_wordcount},
};

brio_tpl_filter *brio_tpl_filter_named(brio_str name)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (brio_str_eq(name, brio_str_from(filters[i].name)))
            return filters[i].fn;
    return brio_tpl_list_filter_named(name);
}
