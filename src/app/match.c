/* SPDX-License-Identifier: MIT
 *
 * One path against one template, with the captures that Starlette's regular
 * expression would make (greedy, leftmost parameter first) and none of its
 * backtracking.
 *
 * A simple template is walked segment by segment. For the rest, `fits[i][at]`
 * says whether pieces i, i+1, ... can match the path from `at` to its end; the
 * rows are bit sets filled from the last piece to the first, each in one pass
 * from right to left. Then the captures are read off from left to right, each
 * as long as the bits allow. Time and memory: pieces times length. */
#include "app/routing.h"

/* ---- Whole segments ------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static size_t digits(brio_str s, size_t at)
{
    size_t end = at;
    while (end < s.len && is_digit(s.ptr[end]))
        end++;
    return end - at;
}

static bool is_float(brio_str s)
{
    size_t whole = digits(s, 0);
    if (whole == 0 || whole == s.len)
        return whole > 0;
    size_t fraction = s.ptr[whole] == '.' ? digits(s, whole + 1) : 0;
    return fraction > 0 && whole + 1 + fraction == s.len;
}

/* Length of the UUID at `at`, hyphens optional at their places; 0: none. */
static size_t uuid_length(brio_str s, size_t at)
{
    static const uint8_t groups[] = {8, 4, 4, 4, 12};
    size_t end = at;
    for (size_t g = 0; g < sizeof groups; g++) {
        if (g && end < s.len && s.ptr[end] == '-')
            end++;
        for (size_t i = 0; i < groups[g]; i++, end++)
            if (end >= s.len || !is_hex(s.ptr[end]))
                return 0;
    }
    return end - at;
}

bool brio_app_convertor_fits(brio_app_convertor convertor, brio_str text)
{
    switch (convertor) {
    case BRIO_APP_CONV_STR:
        return text.len && !memchr(text.ptr, '/', text.len);
    case BRIO_APP_CONV_PATH:
        return true;
    case BRIO_APP_CONV_INT:
        return text.len && digits(text, 0) == text.len;
    case BRIO_APP_CONV_FLOAT:
        return is_float(text);
    case BRIO_APP_CONV_UUID:
        return text.len && uuid_length(text, 0) == text.len;
    }
    brio_assert_failed("ORDER CONVERTOR", __FILE__, __LINE__);
}

/* ---- Simple templates ------------------------------------------------------ */

static bool segment_fits(const brio_app_piece *piece, brio_str text)
{
    return piece->is_param ? brio_app_convertor_fits(piece->convertor, text)
                           : brio_str_eq(piece->text, text);
}

static bool match_simple(const brio_app_path *path, brio_str text, brio_str *captures)
{
    const char *at = text.ptr + 1, *end = text.ptr + text.len;
    size_t captured = 0;
    for (size_t i = 0; i < path->n_segments; i++) {
        const brio_app_piece *piece = &path->segments[i];
        bool rest = piece->is_param && piece->convertor == BRIO_APP_CONV_PATH;
        const char *slash = rest ? NULL : memchr(at, '/', (size_t)(end - at));
        const char *stop = slash ? slash : end;
        bool last = i + 1 == path->n_segments;
        if (last == (slash != NULL) || !segment_fits(piece, brio_str_span(at, stop)))
            return false;
        if (piece->is_param)
            captures[captured++] = brio_str_span(at, stop);
        at = stop + 1;
    }
    return true;
}

/* ---- All others ------------------------------------------------------------ */

typedef struct table {
    const brio_app_path *path;
    brio_str text;
    uint64_t *bits;
    size_t words; /* of a row */
} table;

static bool fits(const table *t, size_t piece, size_t at)
{
    return t->bits[piece * t->words + at / 64] >> (at % 64) & 1;
}

static void set_fits(table *t, size_t piece, size_t at)
{
    t->bits[piece * t->words + at / 64] |= UINT64_C(1) << (at % 64);
}

static void fill_literal(table *t, size_t piece, brio_str literal)
{
    for (size_t at = 0; at + literal.len <= t->text.len; at++)
        if (fits(t, piece + 1, at + literal.len) &&
            memcmp(t->text.ptr + at, literal.ptr, literal.len) == 0)
            set_fits(t, piece, at);
}

/* [^/]+ and [0-9]+: any end inside the run of such characters. */
static void fill_run(table *t, size_t piece, bool digits_only)
{
    bool end_ahead = false;
    for (size_t at = t->text.len; at-- > 0;) {
        char c = t->text.ptr[at];
        bool member = digits_only ? is_digit(c) : c != '/';
        end_ahead = member && (end_ahead || fits(t, piece + 1, at + 1));
        if (end_ahead)
            set_fits(t, piece, at);
    }
}

static void fill_anything(table *t, size_t piece)
{
    bool end_ahead = false;
    for (size_t at = t->text.len + 1; at-- > 0;) {
        end_ahead = end_ahead || fits(t, piece + 1, at);
        if (end_ahead)
            set_fits(t, piece, at);
    }
}

/* [0-9]+(\.[0-9]+)?: `fraction` is what lies behind the dot of this run. */
static void fill_float(table *t, size_t piece)
{
    bool run = false, fraction = false;
    for (size_t at = t->text.len; at-- > 0;) {
        char c = t->text.ptr[at];
        if (!is_digit(c)) {
            fraction = c == '.' && run;
            run = false;
            continue;
        }
        run = run || fits(t, piece + 1, at + 1);
        if (run || fraction)
            set_fits(t, piece, at);
    }
}

static void fill_uuid(table *t, size_t piece)
{
    for (size_t at = 0; at < t->text.len; at++) {
        size_t len = uuid_length(t->text, at);
        if (len && fits(t, piece + 1, at + len))
            set_fits(t, piece, at);
    }
}

static void fill(table *t, size_t i)
{
    const brio_app_piece *piece = &t->path->pieces[i];
    if (!piece->is_param)
        fill_literal(t, i, piece->text);
    else if (piece->convertor == BRIO_APP_CONV_PATH)
        fill_anything(t, i);
    else if (piece->convertor == BRIO_APP_CONV_FLOAT)
        fill_float(t, i);
    else if (piece->convertor == BRIO_APP_CONV_UUID)
        fill_uuid(t, i);
    else
        fill_run(t, i, piece->convertor == BRIO_APP_CONV_INT);
}

/* Most characters the parameter at `at` could take. */
static size_t longest(brio_app_convertor convertor, brio_str text, size_t at)
{
    const char *slash;
    size_t whole;
    switch (convertor) {
    case BRIO_APP_CONV_STR:
        slash = memchr(text.ptr + at, '/', text.len - at);
        return slash ? (size_t)(slash - text.ptr) - at : text.len - at;
    case BRIO_APP_CONV_PATH:
        return text.len - at;
    case BRIO_APP_CONV_INT:
        return digits(text, at);
    case BRIO_APP_CONV_FLOAT:
        whole = digits(text, at);
        if (at + whole + 1 < text.len && text.ptr[at + whole] == '.' &&
            digits(text, at + whole + 1))
            return whole + 1 + digits(text, at + whole + 1);
        return whole;
    case BRIO_APP_CONV_UUID:
        return uuid_length(text, at);
    }
    brio_assert_failed("ORDER CONVERTOR", __FILE__, __LINE__);
}

/* True if `len` characters, no more than the longest, are a whole value. */
static bool is_whole(brio_app_convertor convertor, brio_str text, size_t at, size_t len)
{
    if (convertor == BRIO_APP_CONV_PATH)
        return true;
    return len > 0 && (convertor != BRIO_APP_CONV_FLOAT || text.ptr[at + len - 1] != '.');
}

/* There is an end: the bits say so. */
static size_t longest_that_fits(const table *t, size_t i, size_t at)
{
    brio_app_convertor convertor = t->path->pieces[i].convertor;
    size_t len = longest(convertor, t->text, at);
    while (!fits(t, i + 1, at + len) || !is_whole(convertor, t->text, at, len)) {
        BRIO_ASSERT(len > 0);
        len--;
    }
    return len;
}

static bool match_any(const brio_app_path *path, brio_str text, brio_arena *scratch,
                      brio_str *captures)
{
    table t = {.path = path, .text = text, .words = text.len / 64 + 1};
    t.bits = BRIO_NEW_ARRAY(scratch, uint64_t, (path->n_pieces + 1) * t.words);
    set_fits(&t, path->n_pieces, text.len);
    for (size_t i = path->n_pieces; i-- > 0;)
        fill(&t, i);
    if (!fits(&t, 0, 0))
        return false;
    size_t at = 0, captured = 0;
    for (size_t i = 0; i < path->n_pieces; i++) {
        const brio_app_piece *piece = &path->pieces[i];
        size_t len = piece->is_param ? longest_that_fits(&t, i, at) : piece->text.len;
        if (piece->is_param)
            captures[captured++] = brio_str_slice(text, at, len);
        at += len;
    }
    return true;
}

bool brio_app_path_match(const brio_app_path *path, brio_str text, brio_arena *scratch,
                         brio_str *captures)
{
    if (!text.len || text.ptr[0] != '/')
        return false;
    if (path->n_params == 0)
        return brio_str_eq(path->text, text);
    return path->simple ? match_simple(path, text, captures)
                        : match_any(path, text, scratch, captures);
}
