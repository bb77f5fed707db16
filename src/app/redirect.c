/* SPDX-License-Identifier: MIT
 *
 * When no route fits the path: if one fits the other spelling, with or without
 * the slash at its end, the client is sent there; else it is a 404.
 *
 * The location is absolute and takes the Host header, as Starlette's does. A
 * Host that is none gives a location without authority, and then a path that
 * starts with two slashes is refused: it would name another host. */
#include "app/outgoing.h"
#include "app/routing.h"

/* RFC 3986: what may stand in a path, and in a whole query, as it is. */
static const char path_keeps[] = ":/=@[]!$&'()*+,;";
static const char query_keeps[] = ":/%#?=@[]!$&'()*+,;";

static bool is_alnum(char c)
{
    char lower = brio_lower(c);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

static bool all_of(brio_str s, const char *others)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) && (s.ptr[i] == '\0' || !strchr(others, s.ptr[i])))
            return false;
    return s.len > 0;
}

static bool is_port(brio_str s)
{
    uint64_t port;
    return s.len > 1 && s.ptr[0] == ':' &&
           brio_str_to_u64(brio_str_slice(s, 1, SIZE_MAX), &port) == 0 && port <= UINT16_MAX;
}

/* name, name:port, [v6] or [v6]:port. */
static bool is_host(brio_str s)
{
    brio_str name, port;
    if (brio_str_starts(s, BRIO_S("["))) {
        name = brio_str_cut(brio_str_slice(s, 1, SIZE_MAX), ']').head;
        port = brio_str_slice(s, name.len + 2, SIZE_MAX);
        return name.len + 2 <= s.len && all_of(name, ":.") && (!port.len || is_port(port));
    }
    name = brio_str_cut(s, ':').head;
    port = brio_str_slice(s, name.len, SIZE_MAX);
    return all_of(name, ".-") && (!port.len || is_port(port));
}

static brio_str other_spelling(brio_arena *arena, brio_str path)
{
    if (!brio_str_ends(path, BRIO_S("/"))) {
        char *longer = brio_alloc_aligned(arena, path.len + 1, 1);
        if (path.len)
            memcpy(longer, path.ptr, path.len);
        longer[path.len] = '/';
        return (brio_str){longer, path.len + 1};
    }
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

/* The path as the client knows it: what a proxy cut off is put back. */
static brio_str outer_path(const brio_request *req, brio_str path)
{
    const brio_app *app = req->app;
    bool was_there = !brio_str_eq(req->path, req->full_path);
    if (!app->root_path.len || (!was_there && !app->root_path_given))
        return path;
    return brio_printf(req->arena, "%.*s%.*s", BRIO_ARG(app->root_path), BRIO_ARG(path));
}

void brio_app_redirect(brio_request *req, int status, brio_str url)
{
    brio_header *header = BRIO_NEW(req->arena, brio_header);
    brio_str location = brio_percent_encode(req->arena, url, query_keeps);
    *header = (brio_header){BRIO_S("location"), location};
    brio_app_answer(req, status, (brio_str){0}, (brio_str){0});
    req->answer.headers = header;
    req->answer.n_headers = 1;
}

static brio_str location_with(const brio_request *req, brio_str path, brio_str raw_query)
{
    brio_arena *arena = req->arena;
    const brio_http_request *http = req->http;
    bool absolute = is_host(http->host);
    if (!absolute && brio_str_starts(path, BRIO_S("//")))
        return (brio_str){0};
    brio_str scheme = req->ex->scheme.len ? req->ex->scheme : BRIO_S("http");
    brio_str encoded = brio_percent_encode(arena, outer_path(req, path), path_keeps);
    brio_str query = brio_percent_encode(arena, raw_query, query_keeps);
    const char *mark = query.len ? "?" : "";
    if (!absolute)
        return brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(encoded), mark, BRIO_ARG(query));
    return brio_printf(arena, "%.*s://%.*s%.*s%s%.*s", BRIO_ARG(scheme), BRIO_ARG(http->host),
                       BRIO_ARG(encoded), mark, BRIO_ARG(query));
}

static brio_str location_of(const brio_request *req, brio_str path)
{
    return location_with(req, path, req->http->query);
}

brio_str brio_request_url(brio_request *req)
{
    return location_of(req, req->path);
}

brio_str brio_app_url_of(const brio_request *req, brio_str path)
{
    return location_with(req, path, (brio_str){0});
}

bool brio_app_answer_other_spelling(brio_request *req)
{
    brio_str location = {0};
    if (brio_str_eq(req->path, BRIO_S("/")) || req->app->options.no_redirect_slashes)
        return false;
    brio_str other = other_spelling(req->arena, req->path);
    if (brio_app_router_knows(req->app, other, req->arena))
        location = location_of(req, other);
    if (!location.len)
        return false;
    brio_app_redirect(req, 307, location);
    return true;
}

int brio_app_redirect_to_folder(brio_request *req)
{
    brio_str longer = brio_printf(req->arena, "%.*s/", BRIO_ARG(req->path));
    brio_str location = location_of(req, longer);
    if (!location.len)
        return brio_fail(req, 404, NULL);
    brio_app_redirect(req, 307, location);
    return BRIO_ANSWERED;
}
