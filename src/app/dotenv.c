/* SPDX-License-Identifier: MIT
 *
 * .env files. A line is NAME=value, perhaps behind `export`. An unquoted value
 * ends at the line's end or at a blank and '#'; quotes may hold line breaks. A
 * quote that is never closed makes its line no entry at all. Values are grown in
 * one buffer, whose limit is what keeps ${A}${A} of ${B}${B} from exploding. */
#include <brio/settings.h>

#include <stdlib.h>

enum { ENTRIES_MAX = 10000, VALUES_MAX = 1024 * 1024, ENTRIES_FIRST = 16 };

typedef struct reader {
    brio_arena *arena;
    brio_str rest;
    brio_env_entry *entries;
    size_t n, cap;
    size_t total; /* bytes of values so far */
} reader;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_name(char c, bool first)
{
    char lower = brio_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' ||
           (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
}

static char peek(const reader *r)
{
    return r->rest.len ? r->rest.ptr[0] : '\0';
}

static void skip(reader *r, size_t n)
{
    r->rest = brio_str_slice(r->rest, n, SIZE_MAX);
}

static void skip_blanks(reader *r)
{
    while (r->rest.len && is_blank(peek(r)))
        skip(r, 1);
}

static void skip_line(reader *r)
{
    r->rest = brio_str_cut(r->rest, '\n').tail;
}

/* ---- Values ---------------------------------------------------------------------- */

static bool lookup(const reader *r, brio_str name, brio_str *ret)
{
    const char *value = getenv(brio_cstr(r->arena, name));
    if (value) {
        *ret = brio_str_from(value);
        return true;
    }
    for (size_t i = r->n; i-- > 0;)
        if (brio_str_eq(r->entries[i].name, name)) {
            *ret = r->entries[i].value;
            return true;
        }
    return false;
}

/* At "${": writes what it stands for, returns its length; 0: it is only text. */
static size_t expand(const reader *r, brio_str at, brio_buf *out)
{
    brio_str_pair inside = brio_str_cut(brio_str_slice(at, 2, SIZE_MAX), '}');
    if (!inside.found)
        return 0;
    ptrdiff_t dash = brio_str_find(inside.head, BRIO_S(":-"));
    brio_str name = dash < 0 ? inside.head : brio_str_slice(inside.head, 0, (size_t)dash);
    brio_str value = {0};
    if (!lookup(r, name, &value) && dash >= 0)
        value = brio_str_slice(inside.head, (size_t)dash + 2, SIZE_MAX);
    brio_buf_add(out, value);
    return inside.head.len + 3;
}

static char unescaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    default:
        return c;
    }
}

/* Writes `raw` with what its escapes and names stand for. */
static void put_value(const reader *r, brio_str raw, bool escapes, brio_buf *out)
{
    for (size_t i = 0; i < raw.len;) {
        brio_str at = brio_str_slice(raw, i, SIZE_MAX);
        size_t used = brio_str_starts(at, BRIO_S("${")) ? expand(r, at, out) : 0;
        if (used == 0 && escapes && at.ptr[0] == '\\' && at.len > 1) {
            char c = unescaped(at.ptr[1]);
            brio_buf_add(out, (brio_str){&c, 1});
            used = 2;
        } else if (used == 0) {
            brio_buf_add(out, (brio_str){at.ptr, 1});
            used = 1;
        }
        i += used;
    }
}

/* Length up to the closing quote; SIZE_MAX: there is none. */
static size_t quoted_length(brio_str s, char quote)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\\')
            i++;
        else if (s.ptr[i] == quote)
            return i;
    }
    return SIZE_MAX;
}

/* Up to the line's end, or to a '#' behind a blank. */
static brio_str unquoted(brio_str rest)
{
    brio_str line = brio_str_cut(rest, '\n').head;
    for (size_t i = 1; i < line.len; i++)
        if (line.ptr[i] == '#' && is_blank(line.ptr[i - 1]))
            line.len = i;
    while (line.len && is_blank(line.ptr[line.len - 1]))
        line.len--;
    return line.len && line.ptr[0] == '#' ? (brio_str){line.ptr, 0} : line;
}

/* False: it is not an entry. */
static bool read_value(reader *r, brio_buf *out)
{
    char quote = peek(r);
    if (quote != '\'' && quote != '"') {
        brio_str raw = unquoted(r->rest);
        put_value(r, raw, false, out);
        skip(r, raw.len);
        return true;
    }
    brio_str inside = brio_str_slice(r->rest, 1, SIZE_MAX);
    size_t len = quoted_length(inside, quote);
    if (len == SIZE_MAX)
        return false;
    inside = brio_str_slice(inside, 0, len);
    if (quote == '"')
        put_value(r, inside, true, out);
    else
        brio_buf_add(out, inside);
    skip(r, len + 2);
    return true;
}

/* ---- Lines -------------------------------------------------------------------------- */

static brio_str read_name(reader *r)
{
    size_t len = 0;
    while (len < r->rest.len && is_name(r->rest.ptr[len], len == 0))
        len++;
    brio_str name = brio_str_slice(r->rest, 0, len);
    skip(r, len);
    skip_blanks(r);
    return name;
}

static int keep(reader *r, brio_str name, brio_str value)
{
    if (r->n == ENTRIES_MAX)
        return BRIO_ELIMIT;
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : ENTRIES_FIRST;
        brio_env_entry *more = BRIO_NEW_ARRAY(r->arena, brio_env_entry, cap);
        if (r->n)
            memcpy(more, r->entries, r->n * sizeof *more);
        r->entries = more;
        r->cap = cap;
    }
    r->total += value.len;
    r->entries[r->n++] = (brio_env_entry){name, brio_str_copy(r->arena, value)};
    return r->total > VALUES_MAX ? BRIO_ELIMIT : 0;
}

static int read_entry(reader *r)
{
    brio_str name = read_name(r);
    if (brio_str_eq(name, BRIO_S("export")) && peek(r) != '=')
        name = read_name(r);
    if (!name.len || peek(r) != '=')
        return 0;
    skip(r, 1);
    skip_blanks(r);
    brio_buf value = {.limit = VALUES_MAX};
    int rc = read_value(r, &value) ? keep(r, name, brio_buf_str(&value)) : 0;
    rc = value.failed ? BRIO_ELIMIT : rc;
    brio_buf_fini(&value);
    return rc;
}

int brio_env_parse(brio_arena *arena, brio_str text, brio_env_entry **ret, size_t *ret_n)
{
    reader r = {.arena = arena, .rest = text};
    if (brio_str_starts(text, BRIO_S("\xef\xbb\xbf")))
        skip(&r, 3);
    while (r.rest.len) {
        skip_blanks(&r);
        int rc = read_entry(&r);
        if (rc < 0)
            return rc;
        skip_line(&r);
    }
    *ret = r.entries;
    *ret_n = r.n;
    return 0;
}
