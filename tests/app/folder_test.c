/* SPDX-License-Identifier: MIT
 *
 * Folders: what is served, and every way out that is none. */
#include "app/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[64], served[96];

static void put(const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", top, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void make(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", top, name);
    CHECK(mkdir(path, 0755) == 0);
}

static void link_to(const char *target, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", top, name);
    CHECK(symlink(target, path) == 0);
}

static void tree_new(void)
{
    (void)snprintf(top, sizeof top, "/tmp/brio-folder-XXXXXX");
    CHECK(mkdtemp(top) != NULL);
    make("web");
    make("web/sub");
    make("web/plain");
    put("secret.txt", "secret");
    put("web/a.txt", "a");
    put("web/index.html", "<i>");
    put("web/sub/index.html", "<s>");
    put("web/plain/x.js", "x");
    put("web/plain/x.js.br", "brotli");
    put("web/plain/x.js.gz", "gzip");
    link_to("a.txt", "web/inside");
    link_to("../secret.txt", "web/outside");
    link_to("/etc", "web/etc");
    link_to("..", "web/up");
    (void)snprintf(served, sizeof served, "%s/web", top);
}

static void tree_remove(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", top);
    CHECK(system(command) == 0);
}

static void header_is(const brio_test_response *r, const char *name, const char *want)
{
    CHECK_STR(brio_test_header(r, brio_str_from(name)), want);
}

static void is_missing(brio_test_client *client, const char *url)
{
    brio_test_response r = client_get(client, url);
    if (r.status != 404)
        test_fail(__FILE__, __LINE__, "%s: %d %.*s", url, r.status, BRIO_ARG(r.body));
}

TEST(folders_serve_files)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/static", served, &(brio_static_options){.cache_control = "max-age=60"});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/static/a.txt");
    CHECK_ANSWER(r, 200, "a");
    header_is(&r, "content-type", "text/plain; charset=utf-8");
    header_is(&r, "cache-control", "max-age=60");
    CHECK_ANSWER(client_get(client, "/static//./sub/../a.txt"), 200, "a");
    CHECK_ANSWER(client_get(client, "/static/inside"), 200, "a");
    r = client_send(client, (brio_test_request){.method = "HEAD", .url = "/static/a.txt"});
    CHECK_ANSWER(r, 200, "");
    header_is(&r, "content-length", "1");
    r = client_send(client, (brio_test_request){.method = "POST", .url = "/static/a.txt"});
    CHECK_ANSWER(r, 405, "{\"detail\":\"Method Not Allowed\"}");
    CHECK_ANSWER(client_get(client, "/static/none"), 404, "{\"detail\":\"Not Found\"}");
    is_missing(client, "/static/");
    is_missing(client, "/static/sub");
    CHECK_INT(client_get(client, "/static").status, 307);
    client_close(client, app);
    tree_remove();
}

TEST(no_path_leads_out)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/static", served, &(brio_static_options){.html = true});
    brio_test_client *client = client_open(app);
    static const char *const urls[] = {
        "/static/../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/..%2fsecret.txt",
        "/static/%2e%2e%2fsecret.txt",
        "/static/sub/../../secret.txt",
        "/static/sub/%2e%2e/%2e%2e/secret.txt",
        "/static/....//secret.txt",
        "/static/..%5csecret.txt",
        "/static/%5c..%5csecret.txt",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/outside",
        "/static/etc/passwd",
        "/static/up/secret.txt",
        "/static/a.txt%00",
        "/static/a.txt%00.html",
        "/static/a.txt/x",
        "/static/..",
        "/static/%252e%252e/secret.txt",
        "/static/sub/..%00/../secret.txt",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        is_missing(client, urls[i]);
    char *longest = malloc(6000);
    memset(longest, 'x', 5999);
    memcpy(longest, "/static/", 8);
    longest[5999] = '\0';
    is_missing(client, longest);
    free(longest);
    client_close(client, app);
    tree_remove();
}

TEST(links_are_followed_if_told_so)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/static", served, &(brio_static_options){.follow_symlinks = true});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/static/outside"), 200, "secret");
    is_missing(client, "/static/../secret.txt");
    is_missing(client, "/static/%2e%2e/secret.txt");
    client_close(client, app);
    tree_remove();
}

TEST(folders_with_pages)
{
    tree_new();
    put("web/404.html", "<gone>");
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/", served, &(brio_static_options){.html = true});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/");
    CHECK_ANSWER(r, 200, "<i>");
    header_is(&r, "content-type", "text/html; charset=utf-8");
    CHECK_ANSWER(client_get(client, "/sub/"), 200, "<s>");
    r = client_get(client, "/sub?x=1");
    CHECK_ANSWER(r, 307, "");
    header_is(&r, "location", "http://testserver/sub/?x=1");
    CHECK_ANSWER(client_get(client, "/plain/"), 404, "<gone>");
    CHECK_ANSWER(client_get(client, "/none"), 404, "<gone>");
    client_close(client, app);
    tree_remove();
}

TEST(compressed_twins)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/s", served, &(brio_static_options){.precompressed = true});
    brio_test_client *client = client_open(app);
    brio_test_response r =
        client_send(client, (brio_test_request){.url = "/s/plain/x.js",
                                                .headers = "accept-encoding: gzip, br\r\n"});
    CHECK_ANSWER(r, 200, "brotli");
    header_is(&r, "content-encoding", "br");
    header_is(&r, "content-type", "text/javascript; charset=utf-8");
    header_is(&r, "vary", "Accept-Encoding");
    r = client_send(client, (brio_test_request){.url = "/s/plain/x.js",
                                                .headers = "accept-encoding: gzip, br;q=0\r\n"});
    CHECK_ANSWER(r, 200, "gzip");
    r = client_get(client, "/s/plain/x.js");
    CHECK_ANSWER(r, 200, "x");
    header_is(&r, "content-encoding", "");
    client_close(client, app);
    tree_remove();
}

static bool has(const brio_test_response *r, const char *part)
{
    return brio_str_find(r->body, brio_str_from(part)) >= 0;
}

TEST(folders_may_be_listed)
{
    tree_new();
    put("web/plain/<b>&\"c d", "hostile");
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/s", served, &(brio_static_options){.html = true, .index = true});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/s/"), 200, "<i>"); /* its own page first */
    CHECK_INT(client_get(client, "/s/plain").status, 307);
    brio_test_response r = client_get(client, "/s/plain/");
    CHECK_INT(r.status, 200);
    header_is(&r, "content-type", "text/html; charset=utf-8");
    CHECK(brio_str_starts(brio_test_header(&r, BRIO_S("content-security-policy")),
                          BRIO_S("default-src 'none'")));
    CHECK(has(&r, "<title>Index of /s/plain/</title>"));
    CHECK(has(&r, "<a href=\"./x.js\">x.js</a>"));
    CHECK(has(&r, "<a href=\"./%3Cb%3E%26%22c%20d\">&lt;b&gt;&amp;&quot;c d</a>"));
    CHECK(has(&r, "<a href=\"../\">"));
    CHECK_ANSWER(client_get(client, "/s/plain/%3Cb%3E%26%22c%20d"), 200, "hostile");
    is_missing(client, "/s/up/");
    is_missing(client, "/s/etc/");
    client_close(client, app);
    tree_remove();
}

TEST(the_top_of_a_listing)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_static(app, "/", served, &(brio_static_options){.index = true});
    brio_test_client *client = client_open(app);
    brio_test_response r = client_get(client, "/");
    CHECK(has(&r, "<a href=\"./plain/\">plain/</a>") && !has(&r, "../"));
    CHECK(has(&r, "index.html") && !has(&r, "secret"));
    client_close(client, app);
    tree_remove();
}

/* ---- Frontends ---------------------------------------------------------------- */

static int api(brio_request *req, const brio_none *in, brio_json *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}

static brio_test_response browse(brio_test_client *client, const char *url)
{
    return client_send(client, (brio_test_request){.url = url, .headers = "accept: text/html\r\n"});
}

TEST(frontends_come_behind_routes)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_frontend(app, "/", served, NULL);
    BRIO_GET(app, "/api", api, brio_none, brio_json);
    BRIO_GET(app, "/a.txt", api, brio_none, brio_json, .name = "over_a_file");
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/api"), 200, "null");
    CHECK_ANSWER(client_get(client, "/a.txt"), 200, "null");
    CHECK_INT(client_get(client, "/api/").status, 307);
    CHECK_INT(client_send(client, (brio_test_request){.method = "POST", .url = "/api"}).status,
              405);
    CHECK_ANSWER(client_get(client, "/"), 200, "<i>");
    CHECK_ANSWER(client_get(client, "/plain/x.js"), 200, "x");
    CHECK_ANSWER(browse(client, "/some/where"), 200, "<i>");
    CHECK_ANSWER(client_get(client, "/some/where"), 404, "{\"detail\":\"Not Found\"}");
    CHECK_INT(
        client_send(client, (brio_test_request){.method = "POST", .url = "/plain/x.js"}).status,
        405);
    CHECK_INT(client_send(client, (brio_test_request){.method = "POST", .url = "/nope"}).status,
              404);
    is_missing(client, "/../secret.txt");
    is_missing(client, "/up/secret.txt");
    put("web/404.html", "<gone>");
    CHECK_ANSWER(browse(client, "/some/where"), 404, "<gone>");
    client_close(client, app);
    tree_remove();
}

TEST(the_longest_frontend_answers)
{
    tree_new();
    char sub[128];
    (void)snprintf(sub, sizeof sub, "%s/sub", served);
    brio_app *app = brio_app_new(NULL);
    brio_frontend(app, "/", served, NULL);
    brio_frontend(app, "/app/", sub, &(brio_frontend_options){.fallback = BRIO_FALLBACK_NONE});
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/app/"), 200, "<s>");
    CHECK_INT(client_get(client, "/app").status, 307);
    CHECK_INT(browse(client, "/app/none").status, 404);
    CHECK_ANSWER(browse(client, "/apple"), 200, "<i>");
    client_close(client, app);
    tree_remove();
}

/* ---- Of routers ------------------------------------------------------------------ */

static int knocks; /* calls of the door */

static int door(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    knocks++;
    return brio_request_query(req).len ? 0 : brio_fail(req, 401, "closed");
}
BRIO_PROVIDER(door, brio_none, brio_none);

static int open_door(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)req, (void)in, (void)out;
    return 0;
}
BRIO_PROVIDER(open_door, brio_none, brio_none);

static int stamped(brio_request *req, brio_next *next, void *arg)
{
    int rc = brio_next_run(req, next);
    int set = brio_respond_header(req, BRIO_S("x-stamp"), brio_str_from(arg));
    return set < 0 ? set : rc;
}

static brio_app *make_guarded(void)
{
    static char inner[] = "inner";
    brio_app *app = brio_app_new(NULL);
    brio_router *outer = brio_router_new(app, &(brio_router_options){.prefix = "/out"});
    brio_router *router =
        brio_router_new(app, &(brio_router_options){.prefix = "/web", .depends = BRIO_NEEDS(door)});
    brio_frontend(router, "/", served, NULL);
    brio_static(router, "/static", served, &(brio_static_options){.name = "files"});
    brio_app_use(router, stamped, inner);
    brio_include(outer, router, NULL);
    brio_include(app, outer, &(brio_router_options){.prefix = "/top"});
    knocks = 0;
    return app;
}

TEST(folders_of_routers_come_behind_dependencies)
{
    tree_new();
    brio_app *app = make_guarded();
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/top/out/web/a.txt"), 401, "{\"detail\":\"closed\"}");
    CHECK_ANSWER(client_get(client, "/top/out/web/static/a.txt"), 401, "{\"detail\":\"closed\"}");
    brio_test_response r = client_get(client, "/top/out/web/a.txt?key");
    CHECK_ANSWER(r, 200, "a");
    header_is(&r, "x-stamp", "inner");
    r = client_get(client, "/top/out/web/static/a.txt?key");
    CHECK_ANSWER(r, 200, "a");
    header_is(&r, "x-stamp", "inner");
    CHECK_ANSWER(browse(client, "/top/out/web/app/page?key"), 200, "<i>");
    CHECK_INT(knocks, 5);
    is_missing(client, "/top/out/webs");
    is_missing(client, "/web/a.txt");
    r = client_send(client,
                    (brio_test_request){.method = "POST", .url = "/top/out/web/static/a.txt"});
    CHECK_INT(r.status, 405);
    CHECK_INT(knocks, 5);
    client_close(client, app);
    tree_remove();
}

TEST(overrides_reach_folders)
{
    tree_new();
    brio_app *app = make_guarded();
    brio_app_override(app, door, open_door);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/top/out/web/a.txt"), 200, "a");
    CHECK_ANSWER(client_get(client, "/top/out/web/static/a.txt"), 200, "a");
    CHECK_INT(knocks, 0);
    client_close(client, app);
    tree_remove();
}

TEST(an_apps_dependencies_guard_its_frontend)
{
    tree_new();
    brio_app *app = brio_app_new(&(brio_app_options){.depends = BRIO_NEEDS(door)});
    brio_frontend(app, "/", served, NULL);
    brio_static(app, "/static", served, NULL);
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/a.txt").status, 401);
    CHECK_ANSWER(client_get(client, "/a.txt?key"), 200, "a");
    CHECK_ANSWER(client_get(client, "/static/a.txt"), 200, "a");
    client_close(client, app);
    tree_remove();
}

typedef struct Tenant {
    brio_str tenant;
} Tenant;
BRIO_MODEL(Tenant, BRIO_PATH(tenant));

static int tenant(brio_request *req, const Tenant *in, brio_none *out)
{
    (void)out;
    return brio_str_eq(in->tenant, BRIO_S("blue")) ? 0 : brio_fail(req, 404, "no tenant");
}
BRIO_PROVIDER(tenant, Tenant, brio_none);

TEST(a_folder_below_a_parameter)
{
    tree_new();
    brio_app *app = brio_app_new(NULL);
    brio_router *router = brio_router_new(
        app, &(brio_router_options){.prefix = "/{tenant}", .depends = BRIO_NEEDS(tenant)});
    brio_static(router, "/static", served, NULL);
    brio_include(app, router, NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/blue/static/sub/index.html"), 200, "<s>");
    CHECK_ANSWER(client_get(client, "/red/static/a.txt"), 404, "{\"detail\":\"no tenant\"}");
    is_missing(client, "/blue/static/%2e%2e/secret.txt");
    client_close(client, app);
    tree_remove();
}
