/* SPDX-License-Identifier: MIT
 *
 * The WHATWG's URL parser for absolute URLs, straight to the normal form:
 * scheme, user, host, port, path, query and fragment are appended one after
 * the other. The words of its refusals are those of Rust's url, as pydantic
 * passes them on. Tabs and line breaks are dropped before anything is read.
 *
 * Out of room cannot happen: nothing grows to more than three times its size,
 * and the few bytes that may come on top are counted. */
#include "model/url_internal.h"

#include <errno.h>

#define USERINFO_SET  " \"#<>?^`{}/:;=@[\\]|"
#define QUERY_SET     " \"#<>"
#define SPECIAL_QUERY QUERY_SET "'"
#define FRAGMENT_SET  " \"<>`"

enum { EXTRA = 320 }; /* slashes, a port, a host in its encoded form */

typedef struct parser {
    brio_arena *arena;
    brio_buf out;
    const char *p, *end;
    brio_str scheme;
    bool special, file;
} parser;

static brio_str rest(const parser *u)
{
    return brio_str_span(u->p, u->end);
}

/* The byte ahead, 0 at the end: a NUL in the text is like any other byte to
 * those who ask. */
static char ahead(const parser *u)
{
    return u->p < u->end ? *u->p : '\0';
}

void brio_url_put_encoded(brio_buf *out, brio_str s, const char *set)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c < 0x7F && !strchr(set, c)) {
            brio_buf_char(out, (char)c);
            continue;
        }
        char code[3] = {'%', digits[c >> 4], digits[c & 15]};
        brio_buf_add(out, (brio_str){code, sizeof(code)});
    }
}

/* ---- Scheme -------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return brio_lower(c) >= 'a' && brio_lower(c) <= 'z';
}

static bool is_scheme_char(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

static unsigned default_port(brio_str scheme)
{
    static const struct {
        const char *scheme;
        unsigned port;
    } known[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}, {"ftp", 21}};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (brio_str_eq(scheme, brio_str_from(known[i].scheme)))
            return known[i].port;
    return 0;
}

static bool read_scheme(parser *u)
{
    const char *p = u->p;
    if (p == u->end || !is_letter(*p))
        return false;
    while (p < u->end && is_scheme_char(*p))
        brio_buf_char(&u->out, brio_lower(*p++));
    if (p == u->end || *p != ':')
        return false;
    u->scheme = brio_str_copy(u->arena, brio_buf_str(&u->out));
    brio_buf_char(&u->out, ':');
    u->p = p + 1;
    u->file = brio_str_eq(u->scheme, BRIO_S("file"));
    u->special = u->file || default_port(u->scheme) != 0;
    return true;
}

/* ---- User and password ---------------------------------------------------------------- */

/* Behind the last '@' before the path; NULL without one. */
static const char *find_at(const parser *u)
{
    const char *at = NULL;
    for (const char *p = u->p; p < u->end; p++) {
        if (*p == '/' || *p == '?' || *p == '#' || (u->special && *p == '\\'))
            break;
        if (*p == '@')
            at = p;
    }
    return at;
}

/* The password begins behind the first colon; an empty one has no colon. */
static void put_userinfo(parser *u, brio_str s)
{
    brio_str_pair parts = brio_str_cut(s, ':');
    brio_url_put_encoded(&u->out, parts.head, USERINFO_SET);
    if (parts.tail.len) {
        brio_buf_char(&u->out, ':');
        brio_url_put_encoded(&u->out, parts.tail, USERINFO_SET);
    }
    if (parts.head.len || parts.tail.len)
        brio_buf_char(&u->out, '@');
}

static const char *read_userinfo(parser *u)
{
    const char *at = find_at(u);
    if (!at)
        return NULL;
    brio_str s = brio_str_span(u->p, at);
    u->p = at + 1;
    char next = ahead(u);
    if (s.len == 0 && u->p < u->end &&
        (next == '/' || next == '?' || next == '#' || (u->special && next == '\\')))
        return "empty host";
    put_userinfo(u, s);
    return NULL;
}

/* ---- Host and port ---------------------------------------------------------------------- */

static brio_str take_host(parser *u)
{
    const char *begin = u->p;
    bool brackets = false;
    for (; u->p < u->end; u->p++) {
        char c = *u->p;
        if (c == '/' || c == '?' || c == '#' || (u->special && c == '\\') ||
            (c == ':' && !brackets))
            break;
        brackets = c == '[' || (brackets && c != ']');
    }
    return brio_str_span(begin, u->p);
}

static const char *read_port(parser *u)
{
    unsigned port = 0;
    bool any = false;
    for (; u->p < u->end; u->p++) {
        char c = *u->p;
        if (c == '/' || c == '\\' || c == '?' || c == '#')
            break;
        if (c < '0' || c > '9')
            return "invalid port number";
        port = port * 10 + (unsigned)(c - '0');
        if (port > UINT16_MAX)
            return "invalid port number";
        any = true;
    }
    if (any && port != default_port(u->scheme)) {
        brio_buf_char(&u->out, ':');
        brio_buf_u64(&u->out, port);
    } else if (any && port == 0) {
        brio_buf_add(&u->out, BRIO_S(":0"));
    }
    return NULL;
}

static const char *read_host(parser *u)
{
    brio_str host = take_host(u);
    size_t before = u->out.len;
    if (u->special && host.len == 0)
        return "empty host";
    const char *why = brio_url_put_host(u->arena, &u->out, host, u->special);
    if (why || ahead(u) != ':')
        return why;
    if (u->out.len == before)
        return "empty host";
    u->p++;
    return read_port(u);
}

/* ---- Path, query, fragment ---------------------------------------------------------------- */

static brio_str take_path(parser *u)
{
    const char *begin = u->p;
    while (u->p < u->end && *u->p != '?' && *u->p != '#')
        u->p++;
    return brio_str_span(begin, u->p);
}

/* `start` is where the path begins, which may be written in part already. */
static bool put_path(parser *u, size_t start, bool has_host)
{
    brio_url_path path = {&u->out, start, u->special, u->file, has_host};
    brio_url_put_path(&path, take_path(u));
    return path.has_host;
}

static bool read_path(parser *u, bool has_host)
{
    size_t start = u->out.len;
    char next = ahead(u);
    bool slash = next == '/' || (u->special && next == '\\');
    if (!u->special && (u->p == u->end || next == '?' || next == '#'))
        return has_host;
    if (u->special) {
        if (u->out.ptr[start - 1] != '/') {
            brio_buf_char(&u->out, '/');
            u->p += slash;
        }
    } else if (!slash) {
        brio_buf_char(&u->out, '/');
    }
    return put_path(u, start, has_host);
}

static void read_query_and_fragment(parser *u)
{
    if (ahead(u) == '?' && u->p < u->end) {
        const char *begin = ++u->p;
        while (u->p < u->end && *u->p != '#')
            u->p++;
        brio_buf_char(&u->out, '?');
        brio_url_put_encoded(&u->out, brio_str_span(begin, u->p),
                             u->special ? SPECIAL_QUERY : QUERY_SET);
    }
    if (u->p < u->end) {
        u->p++;
        brio_buf_char(&u->out, '#');
        brio_url_put_encoded(&u->out, rest(u), FRAGMENT_SET);
    }
}

/* ---- The three shapes ------------------------------------------------------------------------ */

static const char *read_authority(parser *u)
{
    brio_buf_add(&u->out, BRIO_S("//"));
    size_t before_user = u->out.len;
    const char *why = read_userinfo(u);
    size_t before_host = u->out.len;
    if (!why)
        why = read_host(u);
    if (why)
        return why;
    if (u->out.len == before_host && before_host > before_user)
        return "empty host";
    read_path(u, true);
    return NULL;
}

/* "x:/.//y" keeps its path from looking like a host. */
static void read_rootless(parser *u)
{
    size_t start = u->out.len;
    if (ahead(u) != '/') {
        brio_url_put_encoded(&u->out, take_path(u), "");
        return;
    }
    u->p++;
    brio_buf_char(&u->out, '/');
    put_path(u, start, false);
    if (u->out.len < start + 2 || u->out.ptr[start + 1] != '/')
        return;
    memmove(u->out.ptr + start + 2, u->out.ptr + start, u->out.len - start);
    memcpy(u->out.ptr + start, "/.", 2);
    u->out.len += 2;
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* The host of a file is written behind "file://", unless it is this machine
 * or in truth a drive. Returns why not; *ret_host is whether one is there. */
static const char *read_file_host(parser *u, bool *ret_host)
{
    const char *begin = u->p;
    while (u->p < u->end && !is_slash(*u->p) && *u->p != '?' && *u->p != '#')
        u->p++;
    brio_str host = brio_str_span(begin, u->p);
    *ret_host = false;
    if (brio_url_is_drive(host))
        u->p = begin;
    if (host.len == 0 || brio_url_is_drive(host))
        return NULL;
    size_t before = u->out.len;
    const char *why = brio_url_put_host(u->arena, &u->out, host, true);
    *ret_host = !why && !brio_str_eq(brio_str_slice(brio_buf_str(&u->out), before, u->out.len),
                                     BRIO_S("localhost"));
    if (!*ret_host)
        u->out.len = before;
    return why;
}

static const char *read_file_authority(parser *u)
{
    bool has_host;
    size_t begin = u->out.len;
    const char *why = read_file_host(u, &has_host);
    size_t end = u->out.len;
    if (why)
        return why;
    bool keeps = has_host;
    if (has_host) {
        keeps = read_path(u, true);
    } else {
        brio_buf_char(&u->out, '/');
        put_path(u, end, false);
    }
    if (has_host && !keeps) {
        memmove(u->out.ptr + begin, u->out.ptr + end, u->out.len - end);
        u->out.len -= end - begin;
    }
    return NULL;
}

static const char *read_file(parser *u)
{
    brio_buf_add(&u->out, BRIO_S("//"));
    size_t start = u->out.len;
    if (u->end - u->p >= 2 && is_slash(u->p[0]) && is_slash(u->p[1])) {
        u->p += 2;
        return read_file_authority(u);
    }
    if (!is_slash(ahead(u)))
        brio_buf_char(&u->out, '/');
    put_path(u, start, false);
    return NULL;
}

static const char *read_rest(parser *u)
{
    const char *why = NULL;
    if (u->file)
        why = read_file(u);
    else if (u->special) {
        while (u->p < u->end && is_slash(*u->p))
            u->p++;
        why = read_authority(u);
    } else if (brio_str_starts(rest(u), BRIO_S("//"))) {
        u->p += 2;
        why = read_authority(u);
    } else {
        read_rootless(u);
    }
    if (!why)
        read_query_and_fragment(u);
    return why;
}

/* ---- The door ----------------------------------------------------------------------------------
 */

/* Without controls and blanks around, nor tabs and line breaks anywhere. */
static brio_str clean(brio_arena *arena, brio_str s)
{
    while (s.len && (unsigned char)s.ptr[0] <= ' ')
        s = brio_str_slice(s, 1, s.len);
    while (s.len && (unsigned char)s.ptr[s.len - 1] <= ' ')
        s.len--;
    char *out = brio_alloc_aligned(arena, s.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '\t' && s.ptr[i] != '\n' && s.ptr[i] != '\r')
            out[n++] = s.ptr[i];
    return (brio_str){out, n};
}

const char *brio_url_read(brio_arena *arena, brio_str text, brio_str *ret)
{
    if (text.len == 0)
        return "input is empty";
    brio_str s = clean(arena, text);
    size_t cap = s.len * 3 + EXTRA;
    parser u = {.arena = arena, .p = s.ptr, .end = s.ptr + s.len};
    u.out = brio_buf_over(brio_alloc_aligned(arena, cap, 1), cap);
    if (!read_scheme(&u))
        return "relative URL without a base";
    const char *why = read_rest(&u);
    if (why)
        return why;
    if (u.out.failed)
        return "invalid international domain name";
    *ret = brio_buf_str(&u.out);
    return NULL;
}

int brio_url_parse(brio_arena *arena, brio_str text, brio_url *ret, const char **ret_why)
{
    const char *why = brio_url_read(arena, text, &ret->text);
    if (ret_why)
        *ret_why = why;
    return why ? -EINVAL : 0;
}

/* ---- Parts
 * ---------------------------------------------------------------------------------------- */

static void split_authority(brio_str s, brio_url_parts *parts)
{
    for (size_t i = s.len; i > 0; i--)
        if (s.ptr[i - 1] == '@') {
            parts->userinfo = brio_str_slice(s, 0, i - 1);
            s = brio_str_slice(s, i, s.len);
            break;
        }
    size_t colon = s.len;
    while (colon > 0 && s.ptr[colon - 1] >= '0' && s.ptr[colon - 1] <= '9')
        colon--;
    parts->host = s;
    if (colon == 0 || s.ptr[colon - 1] != ':' || colon == s.len)
        return;
    parts->host = brio_str_slice(s, 0, colon - 1);
    for (; colon < s.len; colon++)
        parts->port = (uint16_t)(parts->port * 10 + (s.ptr[colon] - '0'));
}

brio_url_parts brio_url_split(brio_url url)
{
    brio_url_parts parts = {0};
    brio_str_pair by_hash = brio_str_cut(url.text, '#');
    brio_str_pair by_query = brio_str_cut(by_hash.head, '?');
    brio_str_pair by_scheme = brio_str_cut(by_query.head, ':');
    parts.scheme = by_scheme.head;
    parts.query = by_query.tail;
    parts.fragment = by_hash.tail;
    parts.path = by_scheme.tail;
    if (!brio_str_starts(parts.path, BRIO_S("//")))
        return parts;
    brio_str behind = brio_str_slice(parts.path, 2, parts.path.len);
    size_t n = 0;
    while (n < behind.len && behind.ptr[n] != '/')
        n++;
    split_authority(brio_str_slice(behind, 0, n), &parts);
    parts.path = brio_str_slice(behind, n, behind.len);
    return parts;
}
