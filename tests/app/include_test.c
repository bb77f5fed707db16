/* SPDX-License-Identifier: MIT
 *
 * Routers: prefixes, tags, dependencies and the rest add up from the outside
 * in; a router may be included twice and in another; its middleware sees
 * failures as they are. */
#include "client.h"

#include <errno.h>

static char trail[64];
static size_t trail_len;

static void mark(char c)
{
    CHECK(trail_len < sizeof trail);
    trail[trail_len++] = c;
}

static brio_str trail_text(void)
{
    brio_str text = {trail, trail_len};
    trail_len = 0;
    return text;
}

static int letter(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    mark(*(const char *)brio_provider_arg(req));
    return 0;
}
BRIO_PROVIDER_NAMED(a, letter, brio_none, brio_none, .arg = "a");
BRIO_PROVIDER_NAMED(b, letter, brio_none, brio_none, .arg = "b");
BRIO_PROVIDER_NAMED(c, letter, brio_none, brio_none, .arg = "c");
BRIO_PROVIDER_NAMED(d, letter, brio_none, brio_none, .arg = "d");
BRIO_PROVIDER_NAMED(e, letter, brio_none, brio_none, .arg = "e");

typedef struct Id {
    int64_t id;
} Id;
BRIO_MODEL(Id, BRIO_PATH(id));

static int show(brio_request *req, const Id *in, brio_str *out)
{
    mark('h');
    *out = brio_printf(brio_request_arena(req), "%d", (int)in->id);
    return in->id == 0 ? -EIO : in->id < 0 ? brio_fail(req, 404, "none") : 0;
}

static int root(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)req, (void)in;
    *out = BRIO_S("root");
    return 0;
}

static brio_app *make_app(void)
{
    brio_log_set_level(BRIO_LOG_OFF);
    trail_len = 0;
    return brio_app_new(&(brio_app_options){.depends = BRIO_NEEDS(a)});
}

static brio_router *make_items(brio_app *app)
{
    brio_router *items = brio_router_new(
        app, &(brio_router_options){.prefix = "/items", .tags = "items", .depends = BRIO_NEEDS(d)});
    BRIO_GET(items, "/{id}", show, Id, brio_str, .depends = BRIO_NEEDS(e), .tags = "one");
    BRIO_GET(items, "", root, brio_none, brio_str);
    return items;
}

TEST(what_is_said_adds_up)
{
    brio_app *app = make_app();
    brio_router *outer = brio_router_new(
        app, &(brio_router_options){.prefix = "/v1", .tags = "v1", .depends = BRIO_NEEDS(b)});
    brio_include(outer, make_items(app),
                 &((brio_router_options){.prefix = "/shop", .depends = BRIO_NEEDS(c)}));
    brio_include(app, outer, NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/v1/shop/items/7"), 200, "\"7\"");
    CHECK_STR(trail_text(), "abcdeh");
    CHECK_ANSWER(client_get(client, "/v1/shop/items"), 200, "\"root\"");
    CHECK_INT(client_get(client, "/items/7").status, 404);
    brio_test_response r = client_get(client, "/openapi.json");
    CHECK(
        brio_str_find(r.body, BRIO_S("\"/v1/shop/items/{id}\":{\"get\":{\"tags\":[\"v1\",\"items\","
                                     "\"one\"],\"summary\":\"Show\",\"operationId\":"
                                     "\"show_v1_shop_items__id__get\"")) > 0);
    client_close(client, app);
}

TEST(a_router_may_be_included_twice)
{
    brio_app *app = make_app();
    brio_router *items = make_items(app);
    brio_include(app, items, NULL);
    brio_include(app, items,
                 &((brio_router_options){.prefix = "/old", .deprecated = true, .tags = "old"}));
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/items/1"), 200, "\"1\"");
    CHECK_ANSWER(client_get(client, "/old/items/2"), 200, "\"2\"");
    brio_test_response r = client_get(client, "/openapi.json");
    CHECK(brio_str_find(r.body, BRIO_S("\"/old/items\":{\"get\":{\"tags\":[\"old\",\"items\"]")) >
          0);
    CHECK(brio_str_find(r.body, BRIO_S("\"deprecated\":true")) > 0);
    client_close(client, app);
}

static brio_str by_name(brio_arena *arena, const brio_route *route)
{
    return brio_printf(arena, "my-%s", route->name);
}

TEST(documents_of_routers)
{
    brio_app *app = make_app();
    brio_router *quiet = brio_router_new(app, &(brio_router_options){.hidden = true});
    brio_router *named = brio_router_new(
        app, &(brio_router_options){.operation_id = by_name, .response = BRIO_TEXT});
    BRIO_GET(quiet, "/quiet", root, brio_none, brio_str);
    BRIO_GET(named, "/named", root, brio_none, brio_str);
    BRIO_GET(named, "/json", root, brio_none, brio_str, .response = BRIO_JSON,
             .operation_id = "own");
    brio_include(app, quiet, NULL);
    brio_include(app, named, NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/quiet"), 200, "\"root\"");
    CHECK_ANSWER(client_get(client, "/named"), 200, "root");
    CHECK_ANSWER(client_get(client, "/json"), 200, "\"root\"");
    brio_test_response r = client_get(client, "/openapi.json");
    CHECK(brio_str_find(r.body, BRIO_S("/quiet")) < 0);
    CHECK(brio_str_find(r.body, BRIO_S("\"operationId\":\"my-root\"")) > 0);
    CHECK(brio_str_find(r.body, BRIO_S("\"operationId\":\"own\"")) > 0);
    client_close(client, app);
}

/* ---- Middleware of routers -------------------------------------------------------- */

static int raw;

static int watch(brio_request *req, brio_next *next, void *arg)
{
    mark(*(const char *)arg);
    raw = brio_next_run(req, next);
    mark(*(const char *)arg);
    if (raw != -EIO)
        return raw;
    brio_exception e = brio_request_exception(req, raw);
    CHECK_INT(e.status, 500);
    return brio_fail(req, 418, "was %s", brio_error_name(e.err));
}

static int upper(brio_request *req, brio_next *next, void *arg)
{
    (void)arg;
    brio_request_set_body(req, BRIO_S("{\"name\":\"ADA\"}"));
    return brio_next_run(req, next);
}

typedef struct Named {
    brio_str name;
} Named;
BRIO_MODEL(Named, BRIO_FIELD(name));

static int echo(brio_request *req, const Named *in, Named *out)
{
    CHECK_STR(brio_request_body(req), "{\"name\":\"ADA\"}");
    *out = *in;
    return 0;
}

TEST(middleware_of_a_router_sees_failures)
{
    char inner[] = "i", outer[] = "o";
    brio_app *app = make_app();
    brio_router *items = make_items(app), *all = brio_router_new(app, NULL);
    brio_app_use(items, watch, inner);
    brio_include(all, items, NULL);
    brio_app_use(all, watch, outer);
    BRIO_POST(all, "/echo", echo, Named, Named, .wrap = upper);
    brio_include(app, all, NULL);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/items/7"), 200, "\"7\"");
    CHECK_STR(trail_text(), "oiadehio");
    CHECK_ANSWER(client_get(client, "/items/0"), 418, "{\"detail\":\"was EIO\"}");
    CHECK_INT(raw, BRIO_EHTTP);
    CHECK_INT(client_get(client, "/items/x").status, 422);
    CHECK_INT(raw, BRIO_EINVALID);
    CHECK_ANSWER(client_get(client, "/items/-1"), 404, "{\"detail\":\"none\"}");
    CHECK_INT(raw, BRIO_EHTTP);
    trail_len = 0;
    CHECK_ANSWER(client_post(client, "/echo", "{\"name\":\"ada\"}"), 200, "{\"name\":\"ADA\"}");
    CHECK_STR(trail_text(), "oao");
    client_close(client, app);
}
