/* SPDX-License-Identifier: MIT
 *
 * Text into pieces and the insides of tags into tokens. A dash inside a tag's
 * delimiters cuts blanks on its side; one newline at the end of the template is
 * dropped, as Jinja does. */
#include "template/template_internal.h"

#include <stdio.h>

void brio_tpl_wrong(brio_tpl_reader *r, const char *fmt, ...)
{
    char text[256];
    va_list args;
    if (r->err < 0)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    r->token = BRIO_TPL_WRONG;
    r->word = (brio_str){0};
    r->err = brio_error(BRIO_ESYNTAX, "%.*s:%d: %s", BRIO_ARG(r->tpl->name), r->line, text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char byte_at(const brio_tpl_reader *r, size_t at)
{
    return at < r->text.len ? r->text.ptr[at] : '\0';
}

static void skip_to(brio_tpl_reader *r, size_t at)
{
    for (; r->at < at; r->at++)
        r->line += r->text.ptr[r->at] == '\n';
}

static void skip_blanks(brio_tpl_reader *r)
{
    while (r->at < r->text.len && is_blank(r->text.ptr[r->at]))
        skip_to(r, r->at + 1);
}

/* ---- Pieces -------------------------------------------------------------- */

/* Where the next tag begins, or the end. */
static size_t find_tag(const brio_tpl_reader *r)
{
    size_t at = r->at;
    for (; at + 1 < r->text.len; at++)
        if (r->text.ptr[at] == '{' && strchr("{%#", r->text.ptr[at + 1]) && r->text.ptr[at + 1])
            return at;
    return r->text.len;
}

static brio_str cut_end(brio_str s)
{
    while (s.len && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static void skip_comment(brio_tpl_reader *r)
{
    brio_str rest = brio_str_slice(r->text, r->at, SIZE_MAX);
    ptrdiff_t end = brio_str_find(rest, BRIO_S("#}"));
    if (end < 0) {
        brio_tpl_wrong(r, "a comment without #}");
        return;
    }
    r->cut = end > 2 && rest.ptr[end - 1] == '-';
    skip_to(r, r->at + (size_t)end + 2);
}

brio_tpl_piece brio_tpl_next_piece(brio_tpl_reader *r, brio_str *ret_text)
{
    while (r->err == 0 && r->at < r->text.len) {
        if (r->cut)
            skip_blanks(r);
        r->cut = false;
        size_t tag = find_tag(r);
        char kind = byte_at(r, tag + 1);
        *ret_text = brio_str_slice(r->text, r->at, tag - r->at);
        if (byte_at(r, tag + 2) == '-')
            *ret_text = cut_end(*ret_text);
        skip_to(r, tag);
        if (ret_text->len)
            return BRIO_TPL_PIECE_TEXT;
        if (tag == r->text.len)
            break;
        if (kind == '#') {
            skip_comment(r);
            continue;
        }
        r->at += byte_at(r, tag + 2) == '-' ? 3 : 2;
        r->closing = kind == '{' ? '}' : '%';
        brio_tpl_next_token(r);
        return kind == '{' ? BRIO_TPL_PIECE_PRINT : BRIO_TPL_PIECE_TAG;
    }
    return BRIO_TPL_PIECE_END;
}

/* True if "{% endraw %}" is at `at`; where it ends. */
static bool ends_raw(const brio_tpl_reader *r, size_t at, size_t *ret_end, bool *ret_cut)
{
    at += 2;
    at += byte_at(r, at) == '-';
    while (is_blank(byte_at(r, at)))
        at++;
    if (!brio_str_eq(brio_str_slice(r->text, at, 6), BRIO_S("endraw")))
        return false;
    at += 6;
    while (is_blank(byte_at(r, at)))
        at++;
    *ret_cut = byte_at(r, at) == '-';
    at += *ret_cut;
    *ret_end = at + 2;
    return byte_at(r, at) == '%' && byte_at(r, at + 1) == '}';
}

brio_str brio_tpl_raw(brio_tpl_reader *r)
{
    if (r->cut)
        skip_blanks(r);
    r->cut = false;
    for (size_t at = r->at; at + 1 < r->text.len; at++) {
        size_t end;
        bool cut, tag = r->text.ptr[at] == '{' && r->text.ptr[at + 1] == '%';
        if (!tag || !ends_raw(r, at, &end, &cut))
            continue;
        brio_str raw = brio_str_slice(r->text, r->at, at - r->at);
        raw = byte_at(r, at + 2) == '-' ? cut_end(raw) : raw;
        skip_to(r, end);
        r->cut = cut;
        return raw;
    }
    brio_tpl_wrong(r, "raw without endraw");
    return (brio_str){0};
}

/* ---- Tokens -------------------------------------------------------------- */

static bool is_word(char c)
{
    char l = brio_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void take_number(brio_tpl_reader *r)
{
    size_t end = r->at;
    bool fraction = false;
    while (is_digit(byte_at(r, end)) ||
           (byte_at(r, end) == '.' && !fraction && is_digit(byte_at(r, end + 1)))) {
        fraction = fraction || byte_at(r, end) == '.';
        end++;
    }
    brio_str digits = brio_str_slice(r->text, r->at, end - r->at);
    uint64_t whole = 0;
    double number = 0;
    if (fraction ? brio_f64_parse(digits, &number) < 0
                 : brio_str_to_u64(digits, &whole) < 0 || whole > INT64_MAX) {
        brio_tpl_wrong(r, "a number that cannot be read");
        return;
    }
    r->token = BRIO_TPL_NUMBER;
    r->number = fraction ? brio_tpl_of_float(number) : brio_tpl_of_int((int64_t)whole);
    r->at = end;
}

static char unescaped(char c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

static void take_string(brio_tpl_reader *r)
{
    char quote = r->text.ptr[r->at];
    size_t end = r->at + 1, len = 0;
    while (end < r->text.len && r->text.ptr[end] != quote)
        end += r->text.ptr[end] == '\\' ? 2 : 1;
    if (end >= r->text.len) {
        brio_tpl_wrong(r, "a string without its end");
        return;
    }
    char *out = brio_alloc_aligned(r->arena, end - r->at, 1);
    for (size_t at = r->at + 1; at < end; at++) {
        bool escape = r->text.ptr[at] == '\\';
        at += escape;
        out[len++] = escape ? unescaped(r->text.ptr[at]) : r->text.ptr[at];
    }
    r->token = BRIO_TPL_STRING;
    r->word = (brio_str){out, len};
    skip_to(r, end + 1);
}

static void take_sign(brio_tpl_reader *r)
{
    static const char *const signs[] = {"==", "!=", "<=", ">=", "//", "**", "<", ">", "+",
                                        "-",  "*",  "/",  "%",  "~",  "(",  ")", "[", "]",
                                        "{",  "}",  ",",  ":",  ".",  "|",  "="};
    brio_str rest = brio_str_slice(r->text, r->at, 2);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (brio_str_starts(rest, brio_str_from(signs[i]))) {
            r->token = BRIO_TPL_SIGN;
            r->word = brio_str_from(signs[i]);
            r->at += r->word.len;
            return;
        }
    }
    brio_tpl_wrong(r, "a character that means nothing here");
}

static bool take_end(brio_tpl_reader *r)
{
    bool cut = byte_at(r, r->at) == '-';
    size_t at = r->at + cut;
    if (byte_at(r, at) != r->closing || byte_at(r, at + 1) != '}')
        return false;
    r->cut = cut;
    r->at = at + 2;
    r->token = BRIO_TPL_END;
    r->word = (brio_str){0};
    return true;
}

void brio_tpl_next_token(brio_tpl_reader *r)
{
    if (r->err < 0)
        return;
    skip_blanks(r);
    char c = byte_at(r, r->at);
    if (r->at >= r->text.len) {
        brio_tpl_wrong(r, "a tag without its end");
    } else if (is_digit(c)) {
        take_number(r);
    } else if (is_word(c)) {
        size_t end = r->at;
        while (is_word(byte_at(r, end)))
            end++;
        r->token = BRIO_TPL_WORD;
        r->word = brio_str_slice(r->text, r->at, end - r->at);
        r->at = end;
    } else if (c == '"' || c == '\'') {
        take_string(r);
    } else if (r->brackets > 0 || !take_end(r)) {
        take_sign(r);
    }
}

bool brio_tpl_is(const brio_tpl_reader *r, brio_tpl_token token, const char *word)
{
    return r->token == token && (!word || brio_str_eq(r->word, brio_str_from(word)));
}

bool brio_tpl_take(brio_tpl_reader *r, brio_tpl_token token, const char *word)
{
    if (!brio_tpl_is(r, token, word))
        return false;
    if (token != BRIO_TPL_END)
        brio_tpl_next_token(r);
    return r->err == 0;
}

void brio_tpl_expect(brio_tpl_reader *r, brio_tpl_token token, const char *word)
{
    if (brio_tpl_take(r, token, word))
        return;
    if (r->token == BRIO_TPL_END)
        brio_tpl_wrong(r, "expected '%s' before the end of the tag", word ? word : "a name");
    else
        brio_tpl_wrong(r, "expected '%s', found '%.*s'", word ? word : "the end of the tag",
                       BRIO_ARG(r->word));
}

brio_str brio_tpl_take_name(brio_tpl_reader *r)
{
    brio_str name = r->word;
    if (!brio_tpl_take(r, BRIO_TPL_WORD, NULL))
        brio_tpl_wrong(r, "expected a name");
    return name;
}
