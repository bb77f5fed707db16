/* SPDX-License-Identifier: MIT
 *
 * Folders of files: Starlette's StaticFiles and FastAPI's frontend. A path is
 * resolved as text first, so that what is opened has no "..", and it is opened
 * beneath the folder, so that the kernel refuses links that lead out of it. The
 * folder itself is opened anew all the time (folder_door.c): a build that replaces it
 * is seen. */
#include "app/file_answer.h"

#include <errno.h>

typedef struct folder {
    const char *directory;
    const char *cache_control;
    bool html, index, follow, precompressed;
} folder;

typedef struct frontend {
    brio_frontend_fallback fallback;
    folder folder;
} frontend;

/* ---- Paths --------------------------------------------------------------------- */

/* Without empty parts, "." and ".."; false if it would lead out of the folder. */
static bool resolve(brio_arena *arena, brio_str path, brio_str *ret)
{
    char *out = brio_alloc_aligned(arena, path.len + 1, 1);
    size_t len = 0;
    if ((path.len && memchr(path.ptr, '\0', path.len)) || brio_str_starts(path, BRIO_S("\\")))
        return false;
    for (brio_str_pair cut = {.tail = path, .found = true}; cut.found;) {
        cut = brio_str_cut(cut.tail, '/');
        if (!cut.head.len || brio_str_eq(cut.head, BRIO_S(".")))
            continue;
        if (brio_str_eq(cut.head, BRIO_S(".."))) {
            if (len == 0)
                return false;
            while (len > 0 && out[--len] != '/')
                ;
            continue;
        }
        if (len)
            out[len++] = '/';
        memcpy(out + len, cut.head.ptr, cut.head.len);
        len += cut.head.len;
    }
    *ret = (brio_str){out, len};
    return true;
}

/* ---- Opening ------------------------------------------------------------------- */

typedef enum found { NOTHING = 0, A_FILE, A_FOLDER } found;

static int judge(int rc)
{
    switch (rc) {
    case 0:
        return A_FILE;
    case -EISDIR:
        return A_FOLDER;
    case -ENOENT:
    case -ENOTDIR:
    case -ELOOP:
    case -EXDEV:
    case -ENAMETOOLONG:
        return NOTHING;
    default:
        return rc;
    }
}

/* Without openat2: no link anywhere on the way. */
static int open_without_links(brio_request *req, const folder *f, brio_str path,
                              brio_app_file **ret)
{
    brio_file_info info;
    for (size_t at = 0; at < path.len; at++) {
        if (path.ptr[at] != '/')
            continue;
        brio_str part = brio_printf(req->arena, "%s/%.*s", f->directory, (int)at, path.ptr);
        int rc = brio_path_stat(part, false, &info);
        if (rc < 0)
            return rc;
        if (info.kind != BRIO_FILE_DIRECTORY)
            return -ENOTDIR;
    }
    brio_str whole = brio_printf(req->arena, "%s/%.*s", f->directory, BRIO_ARG(path));
    return brio_app_open_file(req, whole, &(brio_file_options){.no_follow = true}, ret);
}

static int open_beneath(brio_request *req, const folder *f, brio_str path, brio_app_file **ret)
{
    brio_app_door *door;
    int rc = brio_app_door_enter(f, f->directory, &door);
    if (rc < 0)
        return rc;
    rc = brio_app_open_file(req, path, &(brio_file_options){.beneath = brio_app_door_file(door)},
                            ret);
    brio_app_door_leave(door);
    return rc == -ENOSYS ? open_without_links(req, f, path, ret) : rc;
}

/* NOTHING, A_FILE (open in *ret), A_FOLDER, or < 0. */
static int look(brio_request *req, const folder *f, brio_str path, brio_app_file **ret)
{
    if (!path.len)
        return A_FOLDER;
    if (!f->follow)
        return judge(open_beneath(req, f, path, ret));
    brio_str whole = brio_printf(req->arena, "%s/%.*s", f->directory, BRIO_ARG(path));
    return judge(brio_app_open_file(req, whole, NULL, ret));
}

/* The file, or its compressed twin that the client likes best. */
static void look_for_twin(brio_request *req, const folder *f, brio_str path, brio_app_file **file)
{
    static const brio_coding codings[] = {BRIO_ZSTD, BRIO_BROTLI, BRIO_GZIP};
    static const char *const endings[] = {".zst", ".br", ".gz"};
    brio_str accepted = brio_request_header(req, BRIO_S("accept-encoding"));
    brio_app_vary(req, BRIO_S("Accept-Encoding"));
    for (size_t i = 0; i < 3; i++) {
        if (brio_coding_quality(accepted, codings[i]) == 0)
            continue;
        brio_app_file *twin;
        brio_str name = brio_printf(req->arena, "%.*s%s", BRIO_ARG(path), endings[i]);
        if (look(req, f, name, &twin) != A_FILE)
            continue;
        *file = twin;
        brio_app_put_header(req, BRIO_S("content-encoding"), brio_coding_name(codings[i]));
        return;
    }
}

static int answer(brio_request *req, const folder *f, brio_str path, brio_app_file *file,
                  int status)
{
    if (f->cache_control)
        brio_app_put_header(req, BRIO_S("cache-control"), brio_str_from(f->cache_control));
    if (f->precompressed)
        look_for_twin(req, f, path, &file);
    return brio_app_answer_open_file(req, file, path,
                                     &(brio_answer_file_options){.status = status});
}

/* A file by its name at the top: 0 if it is not there. */
static int answer_named(brio_request *req, const folder *f, brio_str name, int status)
{
    brio_app_file *file;
    int kind = look(req, f, name, &file);
    return kind == A_FILE ? answer(req, f, name, file, status) : kind < 0 ? kind : 0;
}

/* ---- Requests -------------------------------------------------------------------- */

static bool is_reading(const brio_request *req)
{
    return req->http->method == BRIO_METHOD_GET || req->http->method == BRIO_METHOD_HEAD;
}

static brio_str index_of(const brio_request *req, brio_str path)
{
    return brio_printf(req->arena, "%.*s%sindex.html", BRIO_ARG(path), path.len ? "/" : "");
}

/* Its entries, read from the folder itself: nothing can be exchanged meanwhile. */
static ptrdiff_t list_beneath(const folder *f, brio_str path, brio_dir_entry **ret)
{
    brio_file *directory, *inner = NULL;
    int rc = brio_file_open(&directory, brio_str_from(f->directory), "d", NULL);
    if (rc < 0)
        return rc;
    if (path.len)
        rc = brio_file_open(&inner, path, "d", &(brio_file_options){.beneath = directory});
    ptrdiff_t n = rc < 0 ? rc : brio_file_list(inner ? inner : directory, 0, ret);
    if (inner)
        brio_file_close(inner);
    brio_file_close(directory);
    return n;
}

static int answer_index(brio_request *req, const folder *f, brio_str path)
{
    brio_dir_entry *entries = NULL;
    brio_str whole = brio_printf(req->arena, "%s/%.*s", f->directory, BRIO_ARG(path));
    ptrdiff_t n = f->follow ? brio_path_list(whole, 0, &entries) : list_beneath(f, path, &entries);
    if (n < 0) /* without openat2 there is no safe way in */
        return n == -ENOSYS ? 0 : judge((int)n);
    return brio_app_answer_index(req, entries, (size_t)n, path.len == 0);
}

/* Links on the page, and in index.html, are relative to the folder. */
static int answer_folder(brio_request *req, const folder *f, brio_str path)
{
    brio_app_file *file;
    brio_str index = index_of(req, path);
    int kind = f->html ? look(req, f, index, &file) : NOTHING;
    if (kind < 0 || (kind != A_FILE && !f->index))
        return kind < 0 ? kind : 0;
    if (!brio_str_ends(req->full_path, BRIO_S("/")))
        return brio_app_redirect_to_folder(req);
    return kind == A_FILE ? answer(req, f, index, file, 200) : answer_index(req, f, path);
}

/* What stands at `path`: the file, a folder's index, or 0. */
static int answer_path(brio_request *req, const folder *f, brio_str path)
{
    brio_app_file *file;
    int kind = look(req, f, path, &file);
    if (kind == A_FILE)
        return answer(req, f, path, file, 200);
    return kind == A_FOLDER ? answer_folder(req, f, path) : kind;
}

static int refuse(brio_request *req, int rc)
{
    return rc == -EACCES || rc == -EPERM ? brio_fail(req, 401, NULL) : rc;
}

/* Starlette leaves out what RFC 9110, 15.5.6 asks for: what is allowed. */
static int refuse_method(brio_request *req)
{
    int rc = brio_respond_header(req, BRIO_S("allow"), BRIO_S("GET, HEAD"));
    return rc < 0 ? rc : brio_fail(req, 405, NULL);
}

static int serve_static(brio_request *req, void *arg)
{
    const folder *f = arg;
    brio_str path;
    if (!is_reading(req))
        return refuse_method(req);
    brio_str rest = req->match.captures[req->route->path.n_params - 1];
    int rc = resolve(req->arena, rest, &path) ? answer_path(req, f, path) : 0;
    if (rc == 0 && f->html)
        rc = answer_named(req, f, BRIO_S("404.html"), 404);
    return rc == 0 ? brio_fail(req, 404, NULL) : refuse(req, rc);
}

/* ---- Frontends ------------------------------------------------------------------- */

/* True for a browser that goes somewhere, not for a script that fetches. */
static bool accepts_html(const brio_request *req)
{
    brio_str rest = brio_request_header(req, BRIO_S("accept"));
    while (rest.len) {
        brio_str_pair cut = brio_str_cut(rest, ','), parts = brio_str_cut(cut.head, ';');
        brio_str type = brio_str_trim(parts.head), q = brio_str_trim(parts.tail);
        rest = cut.tail;
        bool none = brio_str_eq(q, BRIO_S("q=0")) || brio_str_starts(q, BRIO_S("q=0.0"));
        if (!none && (brio_str_eq_nocase(type, BRIO_S("text/html")) ||
                      brio_str_eq_nocase(type, BRIO_S("application/xhtml+xml"))))
            return true;
    }
    return false;
}

static int fall_back(brio_request *req, const frontend *front)
{
    int rc = 0;
    if (front->fallback == BRIO_FALLBACK_AUTO || front->fallback == BRIO_FALLBACK_404)
        rc = answer_named(req, &front->folder, BRIO_S("404.html"), 404);
    bool index = front->fallback == BRIO_FALLBACK_AUTO || front->fallback == BRIO_FALLBACK_INDEX;
    if (rc == 0 && index && accepts_html(req))
        rc = answer_named(req, &front->folder, BRIO_S("index.html"), 200);
    return rc;
}

/* "" of "/", so that what is behind it begins with a slash or is empty. */
static brio_str base_of(const brio_app_route *route)
{
    brio_str path = route->path.text;
    return path.len == 1 ? (brio_str){path.ptr, 0} : path;
}

bool brio_app_find_frontend(brio_request *req)
{
    for (brio_app_route *f = req->app->frontends; f; f = f->next_alike) {
        brio_str base = base_of(f), rest = brio_str_slice(req->path, base.len, SIZE_MAX);
        if (!brio_str_starts(req->path, base) || (rest.len && rest.ptr[0] != '/'))
            continue;
        req->route = f;
        return true;
    }
    return false;
}

/* A file, or a folder with an index. */
static bool is_there(brio_request *req, const folder *f, brio_str path)
{
    brio_app_file *file;
    int kind = look(req, f, path, &file);
    if (kind == A_FOLDER)
        kind = look(req, f, index_of(req, path), &file);
    return kind == A_FILE;
}

static int serve_frontend(brio_request *req, void *arg)
{
    const frontend *front = arg;
    brio_str path, rest = brio_str_slice(req->path, base_of(req->route).len, SIZE_MAX);
    bool inside = resolve(req->arena, rest, &path);
    if (!is_reading(req))
        return inside && is_there(req, &front->folder, path) ? refuse_method(req)
                                                             : brio_fail(req, 404, NULL);
    int rc = inside ? answer_path(req, &front->folder, path) : 0;
    if (rc == 0)
        rc = fall_back(req, front);
    return rc == 0 ? brio_fail(req, 404, NULL) : refuse(req, rc);
}

void brio_app_enlist_frontend(brio_app *app, brio_app_route *route)
{
    brio_app_route **place = &app->frontends;
    if (route->path.n_params)
        brio_app_wrong(&route->spec, "a frontend's path cannot have parameters");
    while (*place && (*place)->path.text.len >= route->path.text.len)
        place = &(*place)->next_alike;
    route->next_alike = *place;
    *place = route;
}

/* ---- Declaring -------------------------------------------------------------------- */

static void check_folder(const brio_route *at, const char *directory, bool may_be_missing)
{
    brio_file_info info = {0};
    int rc = brio_path_stat(brio_str_from(directory), true, &info);
    if (!may_be_missing && (rc < 0 || info.kind != BRIO_FILE_DIRECTORY))
        brio_app_wrong(at, "directory '%s' does not exist", directory);
}

static brio_str check_path(const brio_route *at)
{
    brio_str path = brio_str_from(at->path);
    if (!brio_str_starts(path, BRIO_S("/")))
        brio_app_wrong(at, "the path must start with '/'");
    while (brio_str_ends(path, BRIO_S("/")))
        path.len--;
    return path;
}

static const char *copy(brio_app *app, const char *text)
{
    return text ? brio_cstr(&app->arena, brio_str_from(text)) : NULL;
}

static brio_app_folder static_of(brio_app *app, const char *path, const char *directory,
                                 const brio_static_options *options)
{
    brio_static_options o = options ? *options : (brio_static_options){0};
    brio_route at = {.method = "GET", .path = path};
    brio_str base = check_path(&at);
    check_folder(&at, directory, o.may_be_missing);
    folder *f = BRIO_NEW(&app->arena, folder);
    *f = (folder){.directory = copy(app, directory),
                  .cache_control = copy(app, o.cache_control),
                  .html = o.html,
                  .index = o.index,
                  .follow = o.follow_symlinks,
                  .precompressed = o.precompressed};
    brio_str template = brio_printf(&app->arena, "%.*s/{path:path}", BRIO_ARG(base));
    return (brio_app_folder){.path = brio_cstr(&app->arena, template),
                             .name = copy(app, o.name ? o.name : "static"),
                             .fn = serve_static,
                             .arg = f};
}

void(brio_static)(brio_app *app, const char *path, const char *directory,
                  const brio_static_options *options)
{
    brio_app_folder f = static_of(app, path, directory, options);
    brio_app_add_folder(app, &f, NULL);
}

void brio_router_static(brio_router *router, const char *path, const char *directory,
                        const brio_static_options *options)
{
    brio_app_folder f = static_of(brio_app_of_router(router), path, directory, options);
    brio_app_router_add_folder(router, &f);
}

static brio_app_folder frontend_of(brio_app *app, const char *path, const char *directory,
                                   const brio_frontend_options *options)
{
    brio_frontend_options o = options ? *options : (brio_frontend_options){0};
    brio_route at = {.method = "GET", .path = path};
    brio_str base = check_path(&at);
    check_folder(&at, directory, o.may_be_missing);
    frontend *front = BRIO_NEW(&app->arena, frontend);
    front->fallback = o.fallback;
    front->folder = (folder){.directory = copy(app, directory),
                             .cache_control = copy(app, o.cache_control),
                             .html = true,
                             .precompressed = o.precompressed};
    return (brio_app_folder){.path = brio_cstr(&app->arena, base),
                             .name = "frontend", /* in the log */
                             .fn = serve_frontend,
                             .arg = front,
                             .behind = true};
}

void(brio_frontend)(brio_app *app, const char *path, const char *directory,
                    const brio_frontend_options *options)
{
    brio_app_folder f = frontend_of(app, path, directory, options);
    f.depends = app->depends;
    brio_app_add_folder(app, &f, NULL);
}

void brio_router_frontend(brio_router *router, const char *path, const char *directory,
                          const brio_frontend_options *options)
{
    brio_app_folder f = frontend_of(brio_app_of_router(router), path, directory, options);
    brio_app_router_add_folder(router, &f);
}
