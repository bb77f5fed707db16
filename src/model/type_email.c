/* SPDX-License-Identifier: MIT
 *
 * E-mail addresses: pydantic's EmailStr, which is email-validator's rules
 * without asking DNS, and "Name <address>" allowed. What is returned is the
 * address in its normal form: domain in lower case and Unicode, and the local
 * part too for the mailboxes that RFC 2142 names.
 *
 * Not as there: the local part is not brought into Unicode's NFC, and sentences
 * about names that IDNA refuses lack the details in brackets. */
#include "model/email_internal.h"

#include <errno.h>

enum { TEXT_MAX = 2048, ADDRESS_MAX = 254 };

/* ---- Name <address> ------------------------------------------------------------------ */

/* Behind the characters of a word at the front; all of `s` if it has none. */
static brio_str skip_word(brio_str s)
{
    size_t n;
    while (s.len) {
        uint32_t code = brio_code_point(s, &n);
        if (code < 0x80 ? !brio_email_is_atext(code) : !brio_email_is_safe(code))
            break;
        s = brio_str_slice(s, n, s.len);
    }
    return s;
}

/* Words with white space between them, or nothing. */
static bool is_plain_name(brio_str s)
{
    s = brio_trim_python(s);
    for (size_t len = s.len + 1; len != s.len;) {
        len = s.len;
        s = brio_trim_python(skip_word(s));
    }
    return s.len == 0;
}

static bool is_quoted_name(brio_str s)
{
    s = brio_trim_python(s);
    return s.len > 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"';
}

/* What is between the brackets when all of the text has this shape; of several
 * '<' the last one that a quoted name ends before, else the first. */
static brio_str without_name(brio_str text)
{
    brio_str s = brio_trim_python(text);
    if (s.len < 3 || s.ptr[s.len - 1] != '>')
        return text;
    brio_str found = text;
    bool first = true;
    for (size_t i = 0; i + 2 < s.len; i++) {
        if (s.ptr[i] != '<')
            continue;
        brio_str name = brio_str_slice(s, 0, i), inside = brio_str_slice(s, i + 1, s.len - i - 2);
        bool one_line = !memchr(inside.ptr, '\n', inside.len);
        if (one_line && ((first && is_plain_name(name)) || is_quoted_name(name)))
            found = inside;
        first = false;
    }
    return found;
}

/* ---- The address ------------------------------------------------------------------------- */

/* Bytes of the longest character. */
static size_t widest(brio_str s)
{
    size_t most = 1, n;
    for (size_t i = 0; i < s.len; i += n) {
        brio_code_point(brio_str_slice(s, i, s.len), &n);
        most = n > most ? n : most;
    }
    return most;
}

/* Of the address as it came: how many characters that is at the least. */
static brio_str length_reason(brio_arena *arena, brio_str address, size_t over)
{
    size_t least = over / widest(address);
    const char *plural = over > 1 ? "s" : "";
    least = least ? least : 1;
    if (least == over)
        return brio_printf(arena, "(%zu character%s too many)", over, plural);
    return brio_printf(arena, "(%zu-%zu character%s too many)", least, over, plural);
}

static bool check_length(brio_email_reader *r, brio_str address, const char *when)
{
    if (address.len <= ADDRESS_MAX)
        return true;
    size_t over = address.len - ADDRESS_MAX;
    brio_str reason =
        when ? brio_printf(r->arena, "%s (%zu byte%s too many)", when, over, over > 1 ? "s" : "")
             : length_reason(r->arena, address, over);
    return brio_email_fail(
        r, brio_printf(r->arena, "The email address is too long %.*s.", BRIO_ARG(reason)));
}

static brio_str join(brio_arena *arena, brio_str local, brio_str domain)
{
    return brio_printf(arena, "%.*s@%.*s", BRIO_ARG(local), BRIO_ARG(domain));
}

static bool read_address(brio_email_reader *r, brio_str text, brio_str *ret)
{
    brio_email_parts parts;
    brio_str local, domain, ascii;
    if (!brio_email_split(r, text, &parts) || !brio_email_check_local(r, &parts, &local) ||
        !brio_email_check_domain(r, parts.domain, &ascii, &domain))
        return false;
    *ret = join(r->arena, local, domain);
    if (!check_length(r, join(r->arena, parts.original_local, parts.domain), NULL) ||
        !check_length(r, *ret, "after normalization") ||
        !check_length(r, join(r->arena, local, ascii),
                      "when the part after the @-sign is converted to IDNA ASCII"))
        return false;
    return !parts.has_name ||
           brio_email_fail(r, BRIO_S("A display name and angle brackets around the email address "
                                     "are not permitted here."));
}

bool brio_email_read(brio_arena *arena, brio_str text, brio_str *ret, brio_str *ret_why)
{
    brio_email_reader r = {.arena = arena};
    bool ok = false;
    if (!brio_utf8_valid(text))
        r.why = BRIO_S("The email address is not UTF-8.");
    else if (brio_utf8_length(text) > TEXT_MAX)
        r.why = BRIO_S("Length must not exceed 2048 characters");
    else
        ok = read_address(&r, brio_trim_python(without_name(text)), ret);
    *ret_why = r.why;
    return ok;
}

int brio_email_parse(brio_arena *arena, brio_str text, brio_email *ret, brio_str *ret_why)
{
    brio_str why;
    bool ok = brio_email_read(arena, text, &ret->text, &why);
    if (ret_why)
        *ret_why = why;
    return ok ? 0 : -EINVAL;
}
