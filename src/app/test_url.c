/* SPDX-License-Identifier: MIT
 *
 * Where a request of the test client goes: references resolved as RFC 3986
 * (section 5.2) does it. What a test writes as a path is left as it is, since
 * odd request lines are worth testing. */
#include "app/test_client.h"

#include <errno.h>

#define SLASH BRIO_S("/")

/* Without fragment; an empty path becomes "/". */
static brio_str target_of(brio_arena *arena, brio_str text)
{
    brio_str s = brio_str_cut(text, '#').head;
    if (s.len && s.ptr[0] == '/')
        return s;
    return s.len ? brio_printf(arena, "/%.*s", BRIO_ARG(s)) : SLASH;
}

/* "scheme://host" and the rest. 1: it is none; -EINVAL: of another scheme. */
static int split(brio_str text, brio_str *ret_scheme, brio_str *ret_host, brio_str *ret_rest)
{
    ptrdiff_t at = brio_str_find(text, BRIO_S("://"));
    brio_str scheme = brio_str_slice(text, 0, at < 0 ? 0 : (size_t)at);
    for (size_t i = 0; i < scheme.len; i++)
        if (brio_lower(scheme.ptr[i]) < 'a' || brio_lower(scheme.ptr[i]) > 'z')
            return 1; /* "/login?next=http://..." */
    if (!scheme.len)
        return 1;
    bool known =
        brio_str_eq_nocase(scheme, BRIO_S("http")) || brio_str_eq_nocase(scheme, BRIO_S("https"));
    brio_str rest = brio_str_slice(text, (size_t)at + 3, SIZE_MAX);
    size_t n = 0;
    while (n < rest.len && !strchr("/?#", rest.ptr[n]))
        n++;
    *ret_scheme = scheme.len == 4 ? BRIO_S("http") : BRIO_S("https");
    *ret_host = brio_str_slice(rest, 0, n);
    *ret_rest = brio_str_slice(rest, n, SIZE_MAX);
    return known && n ? 0 : -EINVAL;
}

int brio_app_test_url_parse(brio_str text, brio_app_test_url *ret)
{
    brio_str rest;
    if (split(text, &ret->scheme, &ret->host, &rest) != 0)
        return brio_error(-EINVAL, "\"%.*s\" is no URL of HTTP", BRIO_ARG(text));
    ret->target = rest.len ? rest : SLASH;
    return 0;
}

/* ---- References ------------------------------------------------------------------------- */

/* Where the segment before the last '/' of `out` begins. */
static size_t without_last(const char *out, size_t len)
{
    while (len > 0 && out[len - 1] != '/')
        len--;
    return len > 0 ? len - 1 : 0;
}

/* "/a/./b/../c" as "/a/c" (section 5.2.4). The path begins with '/'. */
static brio_str without_dots(brio_arena *arena, brio_str path)
{
    char *out = brio_alloc_aligned(arena, path.len + 1, 1);
    size_t len = 0;
    brio_str rest = brio_str_slice(path, 1, SIZE_MAX);
    for (bool more = true; more;) {
        brio_str_pair cut = brio_str_cut(rest, '/');
        bool up = brio_str_eq(cut.head, BRIO_S("..")), here = brio_str_eq(cut.head, BRIO_S("."));
        more = cut.found;
        if (up)
            len = without_last(out, len);
        if (!up && !here) {
            out[len++] = '/';
            if (cut.head.len)
                memcpy(out + len, cut.head.ptr, cut.head.len);
            len += cut.head.len;
        } else if (!more) {
            out[len++] = '/';
        }
        rest = cut.tail;
    }
    return (brio_str){out, len};
}

static brio_str normal(brio_arena *arena, brio_str target)
{
    brio_str_pair cut = brio_str_cut(target, '?');
    brio_str path = without_dots(arena, cut.head);
    if (!cut.found)
        return path;
    return brio_printf(arena, "%.*s?%.*s", BRIO_ARG(path), BRIO_ARG(cut.tail));
}

/* A relative reference, seen from the base's target. */
static brio_str beside(brio_arena *arena, brio_str base, brio_str reference)
{
    brio_str path = brio_str_cut(base, '?').head;
    if (!reference.len)
        return base;
    if (reference.ptr[0] == '?')
        return brio_printf(arena, "%.*s%.*s", BRIO_ARG(path), BRIO_ARG(reference));
    size_t n = path.len;
    while (n > 0 && path.ptr[n - 1] != '/')
        n--;
    return brio_printf(arena, "%.*s%.*s", (int)n, path.ptr, BRIO_ARG(reference));
}

int brio_app_test_url_join(brio_arena *arena, const brio_app_test_url *base, brio_str reference,
                           brio_app_test_url *ret)
{
    brio_str rest = brio_str_cut(reference, '#').head;
    *ret = *base;
    if (brio_str_starts(rest, BRIO_S("//")))
        rest = brio_printf(arena, "%.*s:%.*s", BRIO_ARG(base->scheme), BRIO_ARG(rest));
    int rc = split(rest, &ret->scheme, &ret->host, &rest);
    if (rc < 0)
        return rc;
    bool absolute = rc == 0 || (rest.len && rest.ptr[0] == '/');
    brio_str target = absolute ? rest : beside(arena, base->target, rest);
    ret->target = normal(arena, target_of(arena, target));
    return 0;
}

int brio_app_test_url_of(brio_test_client *client, const brio_test_request *r,
                         brio_app_test_url *ret)
{
    brio_arena *arena = &client->arena;
    brio_str text = brio_str_from(r->url ? r->url : "/");
    brio_str query = brio_app_test_fields(arena, r->query);
    *ret = client->base;
    ret->target = text;
    if (brio_str_starts(text, BRIO_S("http://")) || brio_str_starts(text, BRIO_S("https://"))) {
        int rc = brio_app_test_url_parse(text, ret);
        if (rc < 0)
            return rc;
        ret->target = target_of(arena, ret->target);
    }
    if (query.len) {
        char mark = brio_str_find(ret->target, BRIO_S("?")) < 0 ? '?' : '&';
        ret->target =
            brio_printf(arena, "%.*s%c%.*s", BRIO_ARG(ret->target), mark, BRIO_ARG(query));
    }
    return 0;
}
