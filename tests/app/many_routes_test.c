/* SPDX-License-Identifier: MIT
 *
 * An app of many routes: all of them are found, documented and wired to their
 * dependencies. */
#include "client.h"

#include <stdio.h>

enum { ROUTES = 2000 };

static int token(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)in;
    *out = brio_request_header(req, BRIO_S("x-token"));
    return 0;
}
BRIO_PROVIDER(token, brio_none, brio_str);

typedef struct Read {
    int64_t id;
    brio_str token;
} Read;
BRIO_MODEL(Read, BRIO_PATH(id), BRIO_DEPENDS(token, token));

static int read_it(brio_request *req, const Read *in, brio_str *out)
{
    *out = brio_printf(brio_request_arena(req), "%d %.*s", (int)in->id, BRIO_ARG(in->token));
    return 0;
}

static int literal(brio_request *req, const brio_none *in, brio_str *out)
{
    (void)in;
    *out = brio_request_path(req);
    return 0;
}

static brio_app *make_app(char paths[][32])
{
    brio_app *app = brio_app_new(NULL);
    brio_router *router = brio_router_new(app, &(brio_router_options){.prefix = "/v1"});
    for (int i = 0; i < ROUTES; i++) {
        snprintf(paths[i], 32, i % 2 ? "/things%d/{id}" : "/things%d", i);
        if (i % 2)
            BRIO_GET(router, paths[i], read_it, Read, brio_str);
        else
            BRIO_GET(router, paths[i], literal, brio_none, brio_str);
    }
    brio_include(app, router, NULL);
    return app;
}

TEST(an_app_of_two_thousand_routes)
{
    static char paths[ROUTES][32];
    brio_app *app = make_app(paths);
    brio_test_client *client = client_open(app);
    CHECK_ANSWER(client_get(client, "/v1/things0"), 200, "\"/v1/things0\"");
    CHECK_ANSWER(client_get(client, "/v1/things1998"), 200, "\"/v1/things1998\"");
    CHECK_ANSWER(client_send(client, (brio_test_request){.url = "/v1/things1999/7",
                                                         .headers = "X-Token: t\r\n"}),
                 200, "\"7 t\"");
    CHECK_INT(client_get(client, "/v1/things2000").status, 404);
    brio_test_response r = client_get(client, "/openapi.json");
    const brio_json *all = brio_json_get(&r.json, BRIO_S("paths"));
    CHECK_INT(all->n, ROUTES);
    CHECK(brio_json_get(all, BRIO_S("/v1/things1999/{id}")) != NULL);
    client_close(client, app);
}
