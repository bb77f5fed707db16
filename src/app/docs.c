/* SPDX-License-Identifier: MIT
 *
 * The pages around the document: /openapi.json, Swagger UI at /docs, ReDoc at
 * /redoc, each where the options say. Nothing of them comes from elsewhere, and
 * the Content-Security-Policy says so to the browser: what starts Swagger UI is
 * a file of its own (init.js), not a script in the page.
 *
 * All URLs begin with the root path, since that is where the browser sees the
 * app. Files lie below their page's URL; the path that identity providers have
 * on their lists, /docs/oauth2-redirect unless the options say otherwise, is one
 * of its own. */
#include "app/docs_internal.h"

#define HTML   BRIO_S("text/html; charset=utf-8")
#define SCRIPT BRIO_S("text/javascript; charset=utf-8")

/* Swagger UI shows pictures and sound of answers (blob:). ReDoc makes style
 * elements as it goes, and searches in a worker that it makes of a blob. */
#define POLICY_OF_ALL                                                                              \
    "default-src 'none'; script-src 'self'; font-src 'self' data:; "                               \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
static const char swagger_policy[] =
    POLICY_OF_ALL "style-src 'self'; img-src 'self' data: blob:; media-src blob:; "
                  "connect-src 'self'"; /* and whom docs_policy.c adds */
static const char redoc_policy[] = POLICY_OF_ALL
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:; connect-src 'self'";
static const char redirect_policy[] =
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

/* ---- The document ----------------------------------------------------------- */

static int make_document(brio_app *app)
{
    int rc = app->document.len ? 0 : brio_app_openapi_for(app, app->root_path, &app->document);
    if (rc < 0)
        brio_buf_fini(&app->document);
    return rc;
}

static int openapi_page(brio_request *req, brio_http_response *answer)
{
    brio_app *app = req->app;
    int rc = make_document(app);
    if (rc < 0)
        return rc;
    answer->content_type = BRIO_S("application/json");
    answer->body = brio_buf_str(&app->document);
    return 0;
}

/* ---- Swagger UI --------------------------------------------------------------- */

static void put_head(const brio_app_page *page, const char *what)
{
    brio_app_page_put(page,
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<link rel=\"icon\" type=\"image/png\" href=\"");
    brio_app_page_file(page, "favicon-32x32.png");
    brio_app_page_put(page, "\">\n<title>");
    brio_app_page_text(page, brio_str_from(page->app->options.title));
    brio_app_page_put(page, what);
    brio_app_page_put(page, "</title>\n");
}

static void put_script(const brio_app_page *page, const char *name)
{
    brio_app_page_put(page, "<script src=\"");
    brio_app_page_file(page, name);
    brio_app_page_put(page, "\"></script>\n");
}

static void put_openapi_url(const brio_app_page *page)
{
    brio_app_page_url(page, brio_str_from(page->app->options.openapi_url));
}

static void put_without_script(const brio_app_page *page)
{
    brio_app_page_put(page, "<noscript>This page needs JavaScript. The API's description is at "
                            "<a href=\"");
    put_openapi_url(page);
    brio_app_page_put(page, "\">");
    put_openapi_url(page);
    brio_app_page_put(page, "</a>.</noscript>\n");
}

/* A document that cannot be made is told of where it is asked for. */
static const char *swagger_policy_of(brio_request *req)
{
    brio_buf *text = brio_app_page_begin(req, "").out;
    brio_buf_add(text, brio_str_from(swagger_policy));
    if (make_document(req->app) >= 0)
        brio_app_docs_origins(req->arena, brio_buf_str(&req->app->document), text);
    return text->failed ? swagger_policy : brio_cstr(req->arena, brio_buf_str(text));
}

static int swagger_page(brio_request *req, brio_http_response *answer)
{
    brio_app_page page = brio_app_page_begin(req, req->app->options.docs_url);
    put_head(&page, " - Swagger UI");
    brio_app_page_put(&page, "<link rel=\"stylesheet\" type=\"text/css\" href=\"");
    brio_app_page_file(&page, "swagger-ui.css");
    brio_app_page_put(&page, "\">\n</head>\n<body>\n<div id=\"swagger-ui\"></div>\n");
    put_without_script(&page);
    put_script(&page, "swagger-ui-bundle.js");
    put_script(&page, "init.js");
    brio_app_page_put(&page, "</body>\n</html>\n");
    return brio_app_page_end(&page, req, HTML, swagger_policy_of(req), answer);
}

/* What FastAPI gives SwaggerUIBundle, with the author's parameters laid over it
 * one by one, and whatever depends on the request around it. */
static const char swagger_defaults[] =
    BRIO_JSON_TEXT({"dom_id": "#swagger-ui", "layout": "BaseLayout", "deepLinking": true,
                    "showExtensions": true, "showCommonExtensions": true});

static void put_parameters(const brio_app_page *page, brio_arena *arena)
{
    const char *given = page->app->options.swagger_ui_parameters;
    brio_json all = brio_json_read(arena, brio_json_literal(swagger_defaults));
    brio_json own = brio_json_read(arena, brio_json_literal(given ? given : "{}"));
    for (uint32_t i = 0; i < own.n; i++)
        brio_json_set(arena, &all, brio_cstr(arena, own.members[i].key), own.members[i].value);
    for (uint32_t i = 0; i < all.n; i++) {
        brio_app_page_put(page, "  ");
        brio_app_page_json(page, &(brio_json){.type = BRIO_JSON_STR, .str = all.members[i].key});
        brio_app_page_put(page, ": ");
        brio_app_page_json(page, &all.members[i].value);
        brio_app_page_put(page, ",\n");
    }
}

static void put_path(const brio_app_page *page, brio_arena *arena, const char *path)
{
    brio_str whole = brio_printf(arena, "%.*s%s", BRIO_ARG(page->app->root_path), path);
    brio_app_page_json(page, &(brio_json){.type = BRIO_JSON_STR, .str = whole});
}

static int swagger_init(brio_request *req, brio_http_response *answer)
{
    const brio_app_options *options = &req->app->options;
    brio_app_page page = brio_app_page_begin(req, options->docs_url);
    brio_app_page_put(&page, "const ui = SwaggerUIBundle({\n  url: ");
    put_path(&page, req->arena, options->openapi_url);
    brio_app_page_put(&page, ",\n");
    put_parameters(&page, req->arena);
    if (*options->oauth2_redirect_url) {
        brio_app_page_put(&page, "  oauth2RedirectUrl: window.location.origin + ");
        put_path(&page, req->arena, options->oauth2_redirect_url);
        brio_app_page_put(&page, ",\n");
    }
    brio_app_page_put(&page, "  presets: [SwaggerUIBundle.presets.apis,\n"
                             "            SwaggerUIBundle.SwaggerUIStandalonePreset],\n});\n");
    if (options->swagger_ui_init_oauth) {
        brio_json oauth =
            brio_json_read(req->arena, brio_json_literal(options->swagger_ui_init_oauth));
        brio_app_page_put(&page, "ui.initOAuth(");
        brio_app_page_json(&page, &oauth);
        brio_app_page_put(&page, ");\n");
    }
    return brio_app_page_end(&page, req, SCRIPT, NULL, answer);
}

/* The window an identity provider comes back to; it tells the one that opened
 * it, where Swagger UI left a note of what it asked for. */
static int redirect_page(brio_request *req, brio_http_response *answer)
{
    brio_app_page page = brio_app_page_begin(req, req->app->options.docs_url);
    brio_app_page_put(&page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                             "<meta charset=\"utf-8\">\n"
                             "<title>Swagger UI: OAuth2 Redirect</title>\n</head>\n<body>\n");
    put_script(&page, "oauth2-redirect.js");
    brio_app_page_put(&page, "</body>\n</html>\n");
    return brio_app_page_end(&page, req, HTML, redirect_policy, answer);
}

static const char redirect_js[] =
    "\"use strict\";\n"
    "(() => {\n"
    "  const asked = window.opener && window.opener.swaggerUIRedirectOauth2;\n"
    "  if (!asked) return;\n"
    "  const inHash = /code|token|error/.test(location.hash);\n"
    "  const text = inHash ? location.hash.slice(1).replace(\"?\", \"&\")\n"
    "                      : location.search.slice(1);\n"
    "  const given = Object.fromEntries(new URLSearchParams(text));\n"
    "  const isValid = given.state === asked.state;\n"
    "  const {auth, redirectUrl} = asked;\n"
    "  const tell = (level, message) =>\n"
    "    asked.errCb({authId: auth.name, source: \"auth\", level, message});\n"
    "  const byCode = [\"accessCode\", \"authorizationCode\", \"authorization_code\"]\n"
    "    .includes(auth.schema.get(\"flow\"));\n"
    "  if (!byCode || auth.code) {\n"
    "    asked.callback({auth, token: given, isValid, redirectUrl});\n"
    "  } else {\n"
    "    if (!isValid)\n"
    "      tell(\"warning\", \"The state that came back is not the one that was sent: \" +\n"
    "           \"the authorization may not be safe.\");\n"
    "    if (given.code) {\n"
    "      delete asked.state;\n"
    "      auth.code = given.code;\n"
    "      asked.callback({auth, redirectUrl});\n"
    "    } else {\n"
    "      const parts = given.error\n"
    "        ? [`[${given.error}]`, given.error_description, given.error_uri] : [];\n"
    "      tell(\"error\", parts.filter(Boolean).join(\" \") ||\n"
    "           \"[Authorization failed]: no code came back from the server.\");\n"
    "    }\n"
    "  }\n"
    "  window.close();\n"
    "})();\n";

static int redirect_script(brio_request *req, brio_http_response *answer)
{
    (void)req;
    answer->content_type = SCRIPT;
    answer->body = brio_str_from(redirect_js);
    return 0;
}

static void add_swagger(brio_app *app)
{
    const char *url = app->options.docs_url;
    if (!brio_app_docs_add_assets(app, url, BRIO_APP_SWAGGER)) {
        brio_app_docs_add_plain(app, url);
        return;
    }
    brio_app_add_page(app, url, swagger_page);
    brio_app_add_page(app, brio_app_page_path(app, url, "init.js"), swagger_init);
    if (!*app->options.oauth2_redirect_url)
        return;
    brio_app_add_page(app, app->options.oauth2_redirect_url, redirect_page);
    brio_app_add_page(app, brio_app_page_path(app, url, "oauth2-redirect.js"), redirect_script);
}

/* ---- ReDoc ---------------------------------------------------------------------- */

/* ReDoc puts a picture from its makers' site under its menu. The policy would
 * refuse it, loudly; this tells ReDoc at once that it cannot be had. */
static const char redoc_init_js[] =
    "\"use strict\";\n"
    "(() => {\n"
    "  const image = HTMLImageElement.prototype;\n"
    "  const {setAttribute} = image;\n"
    "  const src = Object.getOwnPropertyDescriptor(image, \"src\");\n"
    "  const refuse = (element, url) => {\n"
    "    const foreign = new URL(url, location.href).origin !== location.origin &&\n"
    "      /^(https?:)?\\/\\//.test(url);\n"
    "    if (foreign) setTimeout(() => element.dispatchEvent(new Event(\"error\")));\n"
    "    return foreign;\n"
    "  };\n"
    "  image.setAttribute = function (name, value) {\n"
    "    if (name !== \"src\" || !refuse(this, value)) setAttribute.call(this, name, value);\n"
    "  };\n"
    "  Object.defineProperty(image, \"src\", {...src, set(url) {\n"
    "    if (!refuse(this, url)) src.set.call(this, url);\n"
    "  }});\n"
    "})();\n";

static int redoc_init(brio_request *req, brio_http_response *answer)
{
    (void)req;
    answer->content_type = SCRIPT;
    answer->body = brio_str_from(redoc_init_js);
    return 0;
}

static int redoc_page(brio_request *req, brio_http_response *answer)
{
    brio_app_page page = brio_app_page_begin(req, req->app->options.redoc_url);
    put_head(&page, " - ReDoc");
    brio_app_page_put(&page, "<style>body { margin: 0; padding: 0; }</style>\n</head>\n<body>\n");
    put_without_script(&page);
    brio_app_page_put(&page, "<redoc spec-url=\"");
    put_openapi_url(&page);
    brio_app_page_put(&page, "\"></redoc>\n");
    put_script(&page, "init.js");
    put_script(&page, "redoc.standalone.js");
    brio_app_page_put(&page, "</body>\n</html>\n");
    return brio_app_page_end(&page, req, HTML, redoc_policy, answer);
}

static void add_redoc(brio_app *app)
{
    const char *url = app->options.redoc_url;
    if (!brio_app_docs_add_assets(app, url, BRIO_APP_REDOC)) {
        brio_app_docs_add_plain(app, url);
        return;
    }
    brio_app_add_page(app, url, redoc_page);
    brio_app_add_page(app, brio_app_page_path(app, url, "init.js"), redoc_init);
}

void brio_app_docs_register(brio_app *app)
{
    if (!*app->options.openapi_url)
        return;
    brio_app_add_page(app, app->options.openapi_url, openapi_page);
    if (*app->options.docs_url)
        add_swagger(app);
    if (*app->options.redoc_url)
        add_redoc(app);
}
