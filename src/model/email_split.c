/* SPDX-License-Identifier: MIT
 *
 * An address into display name, local part and domain. Two readers look at the
 * text: pydantic's, which takes the address out of `Name <a@b.c>` when all of
 * the text has that shape, and email-validator's, which knows quotes on either
 * side of the '@' and has a sentence for everything that is wrong. */
#include "model/email_internal.h"

/* U+0338 behind '<' makes one character of both, which is no bracket. */
static bool is_special(brio_str s, size_t at, const char *specials)
{
    if (!strchr(specials, s.ptr[at]))
        return false;
    return !(s.ptr[at] == '<' && brio_str_starts(brio_str_slice(s, at + 1, 2), BRIO_S("\xCC\xB8")));
}

static bool fail_without_at(brio_email_reader *r, brio_str s)
{
    if (brio_str_find(s, BRIO_S("\xEF\xBC\xA0")) >= 0)
        return brio_email_fail(r, BRIO_S("The email address has the \"full-width\" at-sign (@) "
                                         "character instead of a regular at-sign."));
    if (brio_str_find(s, BRIO_S("\xEF\xB9\xAB")) >= 0)
        return brio_email_fail(r, BRIO_S("The email address has the \"small commercial at\" "
                                         "character instead of a regular at-sign."));
    return brio_email_fail(r, BRIO_S("An email address must have an @-sign."));
}

/* Where the first of `specials` outside of quotes is. */
static bool find_special(brio_email_reader *r, brio_str s, const char *specials, size_t *ret)
{
    bool quoted = false, escaped = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (quoted) {
            quoted = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
        } else if (c == '"') {
            quoted = true;
        } else if (c && is_special(s, i, specials)) {
            *ret = i;
            return true;
        }
    }
    return fail_without_at(r, s);
}

static bool fail_behind_quote(brio_email_reader *r, brio_str s)
{
    brio_str list = {0};
    size_t n;
    for (size_t i = 0; i < s.len; i += n) {
        brio_code_point(brio_str_slice(s, i, s.len), &n);
        brio_str shown = brio_email_shown(r->arena, brio_str_slice(s, i, n));
        list = brio_printf(r->arena, "%.*s%s%.*s", BRIO_ARG(list), i ? ", " : "", BRIO_ARG(shown));
        if (i > 4096)
            break; /* no address is that long */
    }
    return brio_email_fail(
        r,
        brio_printf(r->arena, "Extra character(s) found after close quote: %.*s", BRIO_ARG(list)));
}

/* Without quotes around and backslashes inside. */
static bool unquote(brio_email_reader *r, brio_str s, brio_str *ret, bool *ret_quoted)
{
    *ret_quoted = s.len && s.ptr[0] == '"';
    *ret = s;
    if (!*ret_quoted)
        return true;
    char *out = brio_alloc_aligned(r->arena, s.len, 1);
    size_t n = 0;
    bool escaped = false;
    for (size_t i = 1; i < s.len; i++) {
        char c = s.ptr[i];
        if (!escaped && c == '"') {
            *ret = (brio_str){out, n};
            return i + 1 == s.len || fail_behind_quote(r, brio_str_slice(s, i + 1, s.len));
        }
        if (!escaped && c == '\\') {
            escaped = true;
            continue;
        }
        out[n++] = c;
        escaped = false;
    }
    *ret = (brio_str){out, n};
    return true;
}

static bool is_name_char(uint32_t code)
{
    return brio_email_is_atext(code) || code == ' ';
}

static bool check_name(brio_email_reader *r, brio_str name)
{
    bool quoted;
    brio_str text;
    if (!unquote(r, brio_trim_python_end(name), &text, &quoted))
        return false;
    if (!quoted &&
        !brio_email_check_chars(r, text, is_name_char,
                                "The display name contains invalid characters when not quoted"))
        return false;
    return brio_email_check_safe(r, text, true);
}

/* What is in the brackets that begin `s`. */
static bool take_brackets(brio_email_reader *r, brio_str *s)
{
    if (!memchr(s->ptr, '>', s->len))
        return brio_email_fail(r, BRIO_S("An open angle bracket at the start of the email address "
                                         "has to be followed by a close angle bracket at the "
                                         "end."));
    while (s->ptr[s->len - 1] == ' ')
        s->len--;
    if (s->ptr[s->len - 1] != '>')
        return brio_email_fail(r, BRIO_S("There can't be anything after the email address."));
    *s = brio_str_slice(*s, 1, s->len - 2);
    return true;
}

bool brio_email_split(brio_email_reader *r, brio_str text, brio_email_parts *ret)
{
    size_t at = 0;
    memset(ret, 0, sizeof(*ret));
    if (!find_special(r, text, "@<", &at))
        return false;
    if (text.ptr[at] == '<') {
        ret->has_name = true;
        brio_str name = brio_str_slice(text, 0, at);
        text = brio_str_slice(text, at, text.len);
        if (!check_name(r, name) || !take_brackets(r, &text) || !find_special(r, text, "@", &at))
            return false;
    }
    ret->original_local = brio_str_slice(text, 0, at);
    ret->domain = brio_str_slice(text, at + 1, text.len);
    return unquote(r, ret->original_local, &ret->local, &ret->quoted);
}
