/* SPDX-License-Identifier: MIT
 *
 * The router against the rule it abbreviates: try every route in order. */
#include "client.h"

#include "app/routing.h"

enum { ROUTES = 40, ROUNDS = 150, PATHS = 120 };

static uint64_t state = 7;

static size_t any(size_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state >> 33) % n;
}

/* ---- Random apps -------------------------------------------------------------- */

static const char *const methods[] = {"GET", "POST", "PUT", "BREW", "PROPFIND"};
static const char *const segments[] = {
    "/a", "/b", "/1", "/", "/{%c}", "/{%c:int}", "/x{%c}", "/{%c}.a", "/{%c:path}", "/{%c:float}"};
static const char *const parts[] = {"/a", "/b", "/1", "/", "/x1", "/1.a", "/1.5", "/b.a", "//"};

static char *random_template(brio_arena *arena)
{
    brio_str t = {0};
    char name = 'p';
    for (size_t n = 1 + any(3); n; n--) {
        brio_str piece = brio_str_from(segments[any(sizeof segments / sizeof *segments)]);
        ptrdiff_t at = brio_str_find(piece, BRIO_S("%c"));
        brio_str tail = at < 0 ? (brio_str){0} : brio_str_slice(piece, (size_t)at + 2, SIZE_MAX);
        brio_str head = at < 0 ? piece : brio_str_slice(piece, 0, (size_t)at);
        brio_str named = at < 0 ? (brio_str){0} : (brio_str){&name, 1};
        t = brio_printf(arena, "%.*s%.*s%.*s%.*s", BRIO_ARG(t), BRIO_ARG(head), BRIO_ARG(named),
                        BRIO_ARG(tail));
        name++;
    }
    return brio_cstr(arena, t);
}

static uint32_t bit_of(const char *method)
{
    for (uint32_t m = 0; m < BRIO_METHOD_OTHER; m++)
        if (brio_str_eq(brio_method_name((brio_method)m), brio_str_from(method)))
            return UINT32_C(1) << m;
    return UINT32_C(1) << BRIO_METHOD_OTHER;
}

static brio_app_route *random_route(brio_app *app, size_t order)
{
    brio_app_route *route = BRIO_NEW(&app->arena, brio_app_route);
    route->spec.method = methods[any(sizeof methods / sizeof *methods)];
    route->spec.path = random_template(&app->arena);
    route->order = order;
    route->methods = bit_of(route->spec.method);
    brio_app_path_compile(&app->arena, &route->spec, &route->path);
    brio_app_router_add(app, route);
    return route;
}

static brio_str random_path(brio_arena *arena)
{
    brio_str path = {0};
    for (size_t n = 1 + any(4); n; n--)
        path =
            brio_printf(arena, "%.*s%s", BRIO_ARG(path), parts[any(sizeof parts / sizeof *parts)]);
    return path;
}

/* ---- The rule ------------------------------------------------------------------- */

static const brio_app_route *first(brio_app_route *const *routes, const char *method, brio_str path,
                                   brio_arena *scratch, brio_str *captures)
{
    for (size_t i = 0; i < ROUTES; i++)
        if ((!method || strcmp(routes[i]->spec.method, method) == 0) &&
            brio_app_path_match(&routes[i]->path, path, scratch, captures))
            return routes[i];
    return NULL;
}

static void compare(const brio_app *app, brio_app_route *const *routes, brio_str path,
                    brio_arena *scratch)
{
    const char *method = methods[any(sizeof methods / sizeof *methods)];
    brio_http_request http = {.method_text = brio_str_from(method)};
    while (!(bit_of(method) >> http.method & 1))
        http.method++;
    brio_str captures[BRIO_APP_PARAMS_MAX];
    const brio_app_route *full = first(routes, method, path, scratch, captures);
    const brio_app_route *partial = full ? NULL : first(routes, NULL, path, scratch, captures);
    brio_str kept[BRIO_APP_PARAMS_MAX];
    brio_app_match got = {.captures = kept};
    brio_app_router_find(app, &http, path, scratch, &got);
    CHECK(got.route == (full ? full : partial));
    CHECK(got.path_only == !full);
    CHECK(brio_app_router_knows(app, path, scratch) == (full || partial));
    for (size_t i = 0; got.route && i < got.route->path.n_params; i++)
        CHECK(brio_str_eq(got.captures[i], captures[i]));
}

TEST(finds_what_trying_in_order_finds)
{
    brio_arena scratch;
    brio_arena_init(&scratch, 0);
    for (int round = 0; round < ROUNDS; round++) {
        brio_app *app = brio_app_new(&(brio_app_options){.openapi_url = ""});
        brio_app_route *routes[ROUTES];
        for (size_t i = 0; i < ROUTES; i++)
            routes[i] = random_route(app, i);
        for (int i = 0; i < PATHS; i++)
            compare(app, routes, random_path(&scratch), &scratch);
        brio_arena_reset(&scratch);
        brio_app_free(app);
    }
    brio_arena_fini(&scratch);
}

/* ---- Many routes, and the answers around them -------------------------------------- */

typedef struct ById {
    int64_t id;
} ById;
BRIO_MODEL(ById, BRIO_PATH(id));

static int by_id(brio_request *req, const ById *in, brio_text *out)
{
    out->text = brio_printf(brio_request_arena(req), "%s %lld",
                            (const char *)brio_request_state(req), (long long)in->id);
    return 0;
}

static int fixed(brio_request *req, const brio_none *in, brio_text *out)
{
    (void)in;
    out->text = brio_request_http(req)->path;
    return 0;
}

TEST(a_thousand_routes)
{
    brio_arena arena;
    brio_arena_init(&arena, 0);
    char state_text[] = "id";
    brio_app *app = brio_app_new(&(brio_app_options){.state = state_text});
    for (int i = 0; i < 1000; i++) {
        BRIO_GET(app, brio_cstr(&arena, brio_printf(&arena, "/r%d/{id}", i)), by_id, ById,
                 brio_text);
        BRIO_GET(app, brio_cstr(&arena, brio_printf(&arena, "/r%d", i)), fixed, brio_none,
                 brio_text);
    }
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/r999/7"), 200, "id 7");
    CHECK_ANSWER(client_get(client, "/r0/8"), 200, "id 8");
    CHECK_ANSWER(client_get(client, "/r500"), 200, "/r500");
    CHECK_ANSWER(client_get(client, "/r1000"), 404, "{\"detail\":\"Not Found\"}");
    client_close(client, app);
    brio_arena_fini(&arena);
}

static brio_app *served_below(const char *root_path, bool by_server)
{
    brio_app *app = brio_app_new(&(brio_app_options){.root_path = by_server ? NULL : root_path});
    if (by_server)
        brio_app_set_root_path(app, root_path);
    BRIO_GET(app, "/x/", fixed, brio_none, brio_text);
    BRIO_GET(app, "/", fixed, brio_none, brio_text);
    return app;
}

static void check_location(brio_test_client *client, brio_test_request request, const char *want)
{
    brio_test_response r = client_send(client, request);
    CHECK_INT(r.status, 307);
    CHECK_STR(brio_test_header(&r, BRIO_S("location")), want);
    CHECK_STR(r.body, "");
}

TEST(a_root_path_is_taken_off_if_it_is_there)
{
    brio_app *app = served_below("/api/", false);
    brio_test_client *client = client_open(app);
    CHECK_INT(client_get(client, "/api/x/").status, 200);
    CHECK_INT(client_get(client, "/x/").status, 200);
    CHECK_INT(client_get(client, "/apix/").status, 404);
    check_location(client, (brio_test_request){.url = "/api/x"}, "http://testserver/api/x/");
    check_location(client, (brio_test_request){.url = "/x"}, "http://testserver/x/");
    check_location(client, (brio_test_request){.url = "/api"}, "http://testserver/api/");
    client_close(client, app);
}

TEST(a_root_path_a_proxy_cut_off_is_put_back)
{
    brio_app *app = served_below("/api", true);
    brio_test_client *client = client_open(app);
    check_location(client, (brio_test_request){.url = "/x?a=%20b"},
                   "http://testserver/api/x/?a=%20b");
    check_location(client, (brio_test_request){.url = "/api/x"}, "http://testserver/api/x/");
    client_close(client, app);
}

TEST(redirects_go_to_the_host_that_was_asked)
{
    brio_app *app = served_below("", false);
    brio_test_client *client = client_open(app);
    check_location(client, (brio_test_request){.url = "/x", .headers = "host: a.example:8080\r\n"},
                   "http://a.example:8080/x/");
    check_location(client, (brio_test_request){.url = "/x", .headers = "host: [::1]:8080\r\n"},
                   "http://[::1]:8080/x/");
    check_location(client, (brio_test_request){.method = "POST", .url = "/x"},
                   "http://testserver/x/");
    client_close(client, app);
}

/* A location that starts with two slashes would name another host. */
TEST(no_redirect_leads_to_another_host)
{
    brio_app *app = brio_app_new(NULL);
    BRIO_GET(app, "//evil.example/", fixed, brio_none, brio_text);
    brio_test_client *client = client_open(app);
    check_location(client, (brio_test_request){.url = "//evil.example"},
                   "http://testserver//evil.example/");
    brio_test_response r = client_send(
        client, (brio_test_request){.url = "//evil.example", .headers = "host: a_b\r\n"});
    CHECK(r.status == 404 || r.status == 400);
    client_close(client, app);
}

TEST(head_of_pages_only)
{
    brio_app *app = served_below("", false);
    brio_test_client *client = client_open(app);
    brio_test_response r = client_send(client, (brio_test_request){.method = "HEAD", .url = "/x/"});
    CHECK_INT(r.status, 405);
    CHECK_STR(brio_test_header(&r, BRIO_S("allow")), "GET");
    CHECK_STR(r.body, "");
    r = client_send(client, (brio_test_request){.method = "HEAD", .url = "/openapi.json"});
    CHECK_INT(r.status, 200);
    CHECK_STR(r.body, "");
    CHECK(!brio_str_eq(brio_test_header(&r, BRIO_S("content-length")), BRIO_S("0")));
    client_close(client, app);
}
