/* SPDX-License-Identifier: MIT
 *
 * The two sides of the '@', by the rules of email-validator: dot-atoms (RFC
 * 5322, internationalised by RFC 6531) on the left, a host name within a
 * top-level domain that can receive mail on the right. */
#include "model/email_internal.h"

enum { DOMAIN_MAX = 253, LABEL_MAX = 63 };

/* ---- Dots ------------------------------------------------------------------------- */

static bool check_dots(brio_email_reader *r, brio_str s, const char *start, const char *end)
{
    if (brio_str_ends(s, BRIO_S(".")))
        return brio_email_fail(r, brio_str_from(end));
    if (brio_str_starts(s, BRIO_S(".")))
        return brio_email_fail(r, brio_str_from(start));
    if (brio_str_find(s, BRIO_S("..")) >= 0)
        return brio_email_fail(r, BRIO_S("An email address cannot have two periods in a row."));
    return true;
}

static bool check_hyphens(brio_email_reader *r, brio_str s)
{
    if (brio_str_ends(s, BRIO_S("-")))
        return brio_email_fail(r, BRIO_S("An email address cannot end with a hyphen."));
    if (brio_str_starts(s, BRIO_S("-")))
        return brio_email_fail(
            r, BRIO_S("An email address cannot have a hyphen immediately after the @-sign."));
    if (brio_str_find(s, BRIO_S(".-")) >= 0 || brio_str_find(s, BRIO_S("-.")) >= 0)
        return brio_email_fail(
            r, BRIO_S("An email address cannot have a period and a hyphen next to each other."));
    return true;
}

/* ---- Local part ----------------------------------------------------------------------- */

static bool is_local_char(uint32_t code)
{
    return brio_email_is_atext(code) || code == '.' || code >= 0x80;
}

static bool is_quoted_char(uint32_t code)
{
    return (code >= 0x20 && code <= 0x7E) || code >= 0x80;
}

/* Characters with single dots between them. */
static bool is_dot_atom(brio_str s)
{
    bool gap = true;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c == '.' && gap) || !(c >= 0x80 || is_local_char(c)))
            return false;
        gap = c == '.';
    }
    return !gap;
}

static bool check_dot_atom(brio_email_reader *r, brio_str local)
{
    return brio_email_check_chars(
               r, local, is_local_char,
               "The email address contains invalid characters before the @-sign") &&
           check_dots(r, local, "An email address cannot start with a period.",
                      "An email address cannot have a period immediately before the @-sign.");
}

/* Mailboxes whose names RFC 2142 says have no case. */
static bool is_caseless(brio_str s)
{
    static const char *const names[] = {"info", "marketing", "sales",      "support",    "abuse",
                                        "noc",  "security",  "postmaster", "hostmaster", "usenet",
                                        "news", "webmaster", "www",        "uucp",       "ftp"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (brio_str_eq_nocase(s, brio_str_from(names[i])))
            return true;
    return false;
}

bool brio_email_check_local(brio_email_reader *r, const brio_email_parts *parts, brio_str *ret)
{
    brio_str local = parts->local;
    if (local.len == 0)
        return brio_email_fail(r, BRIO_S("There must be something before the @-sign."));
    if (is_dot_atom(local)) {
        if (!brio_email_check_safe(r, local, false))
            return false;
    } else if (!parts->quoted) {
        return check_dot_atom(r, local);
    } else if (!brio_email_check_chars(r, local, is_quoted_char,
                                       "The email address contains invalid characters in quotes "
                                       "before the @-sign") ||
               !brio_email_check_safe(r, local, true)) {
        return false;
    }
    if (parts->quoted)
        return brio_email_fail(r,
                               BRIO_S("Quoting the part before the @-sign is not allowed here."));
    *ret = is_caseless(local) ? brio_idna_lower(r->arena, local) : local;
    return true;
}

/* ---- Domain ------------------------------------------------------------------------------ */

static bool is_host_char(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           (code >= '0' && code <= '9') || code == '-' || code == '.' || code >= 0x80;
}

/* Characters that Unicode takes apart into a full stop, and more. */
static bool has_no_stop(uint32_t code)
{
    return !(code >= 0x2024 && code <= 0x2026) && !(code >= 0x2488 && code <= 0x249B) &&
           code != 0xFE52 && code != 0x1F100;
}

static brio_str too_many(brio_arena *arena, size_t len, size_t limit)
{
    return brio_printf(arena, "(%zu character%s too many)", len - limit,
                       len - limit > 1 ? "s" : "");
}

static bool check_domain_length(brio_email_reader *r, brio_str domain)
{
    size_t length = brio_utf8_length(domain);
    if (length <= DOMAIN_MAX)
        return true;
    brio_str reason = too_many(r->arena, length, DOMAIN_MAX);
    return brio_email_fail(r, brio_printf(r->arena,
                                          "The email address is too long after the @-sign %.*s.",
                                          BRIO_ARG(reason)));
}

/* Of each label: length, and no "--" behind two letters unless they are xn. */
static bool check_dashes(brio_email_reader *r, brio_str domain)
{
    for (brio_str_pair p = {.tail = domain, .found = true}; p.found;) {
        p = brio_str_cut(p.tail, '.');
        if (brio_str_eq(brio_str_slice(p.head, 2, 2), BRIO_S("--")) &&
            !brio_str_eq_nocase(brio_str_slice(p.head, 0, 2), BRIO_S("xn")))
            return brio_email_fail(
                r, BRIO_S("An email address cannot have two letters followed by two dashes "
                          "immediately after the @-sign or after a period, except Punycode."));
    }
    return true;
}

static bool check_labels(brio_email_reader *r, brio_str domain)
{
    for (brio_str_pair p = {.tail = domain, .found = true}; p.found;) {
        p = brio_str_cut(p.tail, '.');
        if (p.head.len > LABEL_MAX) {
            brio_str reason = too_many(r->arena, p.head.len, LABEL_MAX);
            return brio_email_fail(r, brio_printf(r->arena,
                                                  "After the @-sign, periods cannot be separated "
                                                  "by so many characters %.*s.",
                                                  BRIO_ARG(reason)));
        }
    }
    return true;
}

static bool is_special_use(brio_str domain)
{
    static const char *const names[] = {"arpa", "invalid", "local", "localhost", "onion", "test"};
    size_t at = domain.len;
    while (at > 0 && domain.ptr[at - 1] != '.')
        at--;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (brio_str_eq(brio_str_slice(domain, at, domain.len), brio_str_from(names[i])))
            return true;
    return false;
}

static bool check_top(brio_email_reader *r, brio_str domain)
{
    char last = domain.ptr[domain.len - 1];
    if (!memchr(domain.ptr, '.', domain.len))
        return brio_email_fail(
            r, BRIO_S("The part after the @-sign is not valid. It should have a period."));
    if (last < 'a' || last > 'z')
        return brio_email_fail(r, BRIO_S("The part after the @-sign is not valid. It is not within "
                                         "a valid top-level domain."));
    if (is_special_use(domain))
        return brio_email_fail(r, BRIO_S("The part after the @-sign is a special-use or reserved "
                                         "name that cannot be used with email."));
    return true;
}

static bool is_ascii(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* ASCII in lower case; international names through IDNA. */
static bool to_ascii(brio_email_reader *r, brio_str domain, brio_str *ret)
{
    *ret = brio_idna_lower(r->arena, domain);
    bool encoded = brio_str_find(*ret, BRIO_S("xn--")) >= 0;
    if (is_ascii(domain) && !encoded)
        return true;
    if (brio_idna_to_ascii(r->arena, domain, false, ret))
        return true;
    return brio_email_fail(r, encoded ? BRIO_S("The part after the @-sign is not valid IDNA.")
                                      : BRIO_S("The part after the @-sign is invalid."));
}

/* An address in brackets is never taken; the sentences differ. */
static bool fail_literal(brio_email_reader *r, brio_str inside)
{
    brio_ipv4 v4;
    brio_ipv6 v6;
    bool numeric = inside.len > 0;
    for (size_t i = 0; i < inside.len; i++)
        numeric &= (inside.ptr[i] >= '0' && inside.ptr[i] <= '9') || inside.ptr[i] == '.';
    if (numeric && brio_ipv4_parse(inside, &v4) < 0)
        return brio_email_fail(r,
                               BRIO_S("The address in brackets after the @-sign is not valid: It "
                                      "is not an IPv4 address or is missing an address literal "
                                      "tag."));
    bool tagged = brio_str_eq_nocase(brio_str_slice(inside, 0, 5), BRIO_S("ipv6:"));
    if (tagged && (brio_ipv6_parse(brio_str_slice(inside, 5, inside.len), &v6) < 0 || v6.scope.len))
        return brio_email_fail(
            r, BRIO_S("The IPv6 address in brackets after the @-sign is not valid."));
    if (numeric || tagged)
        return brio_email_fail(
            r, BRIO_S("A bracketed IP address after the @-sign is not allowed here."));
    if (!memchr(inside.ptr, ':', inside.len))
        return brio_email_fail(r, BRIO_S("The part after the @-sign in brackets is not an IPv4 "
                                         "address and has no address literal tag."));
    return brio_email_fail(r,
                           BRIO_S("The part after the @-sign contains an invalid address literal "
                                  "tag in brackets."));
}

static bool check_chars(brio_email_reader *r, brio_str domain)
{
    static const char text[] = "The part after the @-sign contains invalid characters";
    return brio_email_check_chars(r, domain, is_host_char, text) &&
           brio_email_check_safe(r, domain, false) &&
           brio_email_check_chars(r, domain, has_no_stop, text);
}

/* Dots and hyphens, before and behind IDNA, which knows more dots than one. */
static bool check_shape(brio_email_reader *r, brio_str domain)
{
    return check_dots(r, domain,
                      "An email address cannot have a period immediately after the @-sign.",
                      "An email address cannot end with a period.") &&
           check_hyphens(r, domain) && check_dashes(r, domain);
}

static bool check_ascii(brio_email_reader *r, brio_str domain)
{
    return domain.len &&
           brio_email_check_chars(r, domain, is_host_char,
                                  "The part after the @-sign contains invalid characters after "
                                  "Unicode normalization") &&
           check_shape(r, domain) && check_domain_length(r, domain) && check_labels(r, domain) &&
           check_top(r, domain);
}

bool brio_email_check_domain(brio_email_reader *r, brio_str domain, brio_str *ret_ascii,
                             brio_str *ret)
{
    if (domain.len == 0)
        return brio_email_fail(r, BRIO_S("There must be something after the @-sign."));
    if (domain.ptr[0] == '[' && domain.ptr[domain.len - 1] == ']')
        return fail_literal(r, brio_str_slice(domain, 1, domain.len - 2));
    if (!check_domain_length(r, domain) || !check_chars(r, domain) || !check_shape(r, domain) ||
        !to_ascii(r, domain, ret_ascii) || !check_ascii(r, *ret_ascii))
        return false;
    *ret = *ret_ascii;
    return brio_str_find(*ret_ascii, BRIO_S("xn--")) < 0 ||
           brio_idna_to_unicode(r->arena, *ret_ascii, ret) ||
           brio_email_fail(r, BRIO_S("The part after the @-sign is not valid IDNA."));
}
