/* SPDX-License-Identifier: MIT
 *
 * Pages of your own, with scripts from another place. */
#include <brio/brio.h>

static brio_templates *templates;

static int custom_swagger_ui_html(brio_request *req, const brio_none *in, brio_html *out)
{
    brio_json page = BRIO_OBJECT(req, "title", "FastAPI", "openapi_url", "/openapi.json", "js",
                                 "https://unpkg.com/swagger-ui-dist@5/swagger-ui-bundle.js", "css",
                                 "https://unpkg.com/swagger-ui-dist@5/swagger-ui.css");
    return brio_answer_template(req, templates, "docs.html", page);
}

static int swagger_ui_redirect(brio_request *req, const brio_none *in, brio_html *out)
{
    brio_json page =
        BRIO_OBJECT(req, "js", "https://unpkg.com/swagger-ui-dist@5/oauth2-redirect.js");
    return brio_answer_template(req, templates, "oauth2-redirect.html", page);
}

static int redoc_html(brio_request *req, const brio_none *in, brio_html *out)
{
    brio_json page = BRIO_OBJECT(req, "title", "FastAPI", "openapi_url", "/openapi.json", "js",
                                 "https://unpkg.com/redoc@2/bundles/redoc.standalone.js");
    return brio_answer_template(req, templates, "redoc.html", page);
}

typedef struct ReadUser {
    brio_str username;
} ReadUser;
BRIO_MODEL(ReadUser, BRIO_PATH(username));

static int read_user(brio_request *req, const ReadUser *in, brio_json *out)
{
    brio_str message = brio_printf(brio_request_arena(req), "Hello %.*s", BRIO_ARG(in->username));
    *out = BRIO_OBJECT(req, "message", message);
    return 0;
}

BRIO_MAIN(.docs_url = "", .redoc_url = "")
{
    templates = brio_templates_new(app, "templates");
    BRIO_GET(app, "/docs", custom_swagger_ui_html, brio_none, brio_html, .hidden = true);
    BRIO_GET(app, "/docs/oauth2-redirect", swagger_ui_redirect, brio_none, brio_html,
             .hidden = true);
    BRIO_GET(app, "/redoc", redoc_html, brio_none, brio_html, .hidden = true);
    BRIO_GET(app, "/users/{username}", read_user, ReadUser, brio_json);
}
