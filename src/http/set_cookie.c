/* SPDX-License-Identifier: MIT
 *
 * The Set-Cookie header as Starlette sends it, which is how Python's
 * http.cookies writes one: attributes in alphabetical order, values that are
 * no token in quotes with \ooo for what may not stand there. Python writes text
 * as Latin-1, so the value's characters go out as single bytes, escaped. */
#include <brio/content.h>

#include <brio/http.h>

#include <errno.h>

/* http.cookies' legal characters of a name and of a bare value. */
static bool is_legal(char c)
{
    char l = brio_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~:", c));
}

static bool all_legal(brio_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_legal(s.ptr[i]))
            return false;
    return s.len > 0;
}

/* The words that http.cookies keeps for attributes. */
static bool is_attribute(brio_str name)
{
    static const char *const words[] = {"expires",  "path",       "comment",  "domain",
                                        "max-age",  "secure",     "httponly", "version",
                                        "samesite", "partitioned"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (brio_str_eq_nocase(name, brio_str_from(words[i])))
            return true;
    return false;
}

static bool is_attribute_value(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F || *text == ';')
            return false;
    return true;
}

static bool is_same_site(const char *text)
{
    brio_str s = brio_str_from(text);
    return !s.len || brio_str_eq_nocase(s, BRIO_S("lax")) ||
           brio_str_eq_nocase(s, BRIO_S("strict")) || brio_str_eq_nocase(s, BRIO_S("none"));
}

/* The next Latin-1 character of UTF-8 text; -1 for anything else. */
static int next_latin1(brio_str s, size_t *at)
{
    unsigned char c = (unsigned char)s.ptr[(*at)++];
    if (c < 0x80)
        return c;
    if ((c != 0xC2 && c != 0xC3) || *at == s.len)
        return -1;
    unsigned char next = (unsigned char)s.ptr[(*at)++];
    return (next & 0xC0) == 0x80 ? (c & 3) << 6 | (next & 0x3F) : -1;
}

static bool is_latin1(brio_str s)
{
    for (size_t at = 0; at < s.len;)
        if (next_latin1(s, &at) < 0)
            return false;
    return true;
}

static void put_quoted(brio_buf *out, brio_str s)
{
    brio_buf_char(out, '"');
    for (size_t at = 0; at < s.len;) {
        int c = next_latin1(s, &at);
        if (c == '"' || c == '\\')
            brio_buf_printf(out, "\\%c", c);
        else if (c < 0x80 && (is_legal((char)c) || (c && strchr(" ()/<=>?@[]{}", c))))
            brio_buf_char(out, (char)c);
        else
            brio_buf_printf(out, "\\%03o", (unsigned)c);
    }
    brio_buf_char(out, '"');
}

static void put_attribute(brio_buf *out, const char *name, const char *value)
{
    if (value && *value)
        brio_buf_printf(out, "; %s=%s", name, value);
}

static void put_expires(brio_buf *out, brio_time expires)
{
    char text[BRIO_HTTP_DATE];
    if (!expires)
        return;
    brio_buf_add(out, BRIO_S("; expires="));
    brio_buf_add(out, brio_http_date_text(text, expires / BRIO_SEC(1)));
}

static void put_max_age(brio_buf *out, brio_time max_age)
{
    if (!max_age)
        return;
    brio_buf_add(out, BRIO_S("; Max-Age="));
    brio_buf_i64(out, max_age < 0 ? 0 : max_age / BRIO_SEC(1));
}

static bool is_sound(const brio_cookie *cookie, const char *path, const char *same_site)
{
    brio_str name = brio_str_from(cookie->name);
    return all_legal(name) && !is_attribute(name) && is_latin1(cookie->value) &&
           is_attribute_value(path) && is_same_site(same_site) &&
           (!cookie->domain || is_attribute_value(cookie->domain));
}

int brio_cookie_format(brio_buf *out, const brio_cookie *cookie)
{
    const char *path = cookie->path ? cookie->path : "/";
    const char *same_site = cookie->same_site ? cookie->same_site : "lax";
    size_t before = out->len;
    if (!is_sound(cookie, path, same_site))
        return -EINVAL;
    brio_buf_printf(out, "%s=", cookie->name);
    if (all_legal(cookie->value))
        brio_buf_add(out, cookie->value);
    else
        put_quoted(out, cookie->value);
    put_attribute(out, "Domain", cookie->domain);
    put_expires(out, cookie->expires);
    if (cookie->http_only)
        brio_buf_add(out, BRIO_S("; HttpOnly"));
    put_max_age(out, cookie->max_age);
    if (cookie->partitioned)
        brio_buf_add(out, BRIO_S("; Partitioned"));
    put_attribute(out, "Path", path);
    put_attribute(out, "SameSite", same_site);
    if (cookie->secure)
        brio_buf_add(out, BRIO_S("; Secure"));
    if (!out->failed)
        return 0;
    out->len = before;
    return -ENOMEM;
}
