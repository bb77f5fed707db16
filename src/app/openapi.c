/* SPDX-License-Identifier: MIT
 *
 * The OpenAPI 3.1.0 document, written straight from the tables of the routes:
 * what FastAPI's GET /openapi.json answers for the same API.
 *
 * It is made when first asked for and then kept by the app, until a route is
 * added or the root path changes. Whoever fetches the document sees where the
 * app is reached: a root path is its first and only server. */
#include "app/app_internal.h"

#include <errno.h>

static const size_t scratch_limit = (size_t)1 << 30;

static void put_text(brio_json_writer *w, brio_str key, const char *text)
{
    if (!text || !*text)
        return;
    brio_json_key(w, key);
    brio_json_str(w, brio_str_from(text));
}

static void put_info(brio_json_writer *w, const brio_app_options *options)
{
    brio_json_key(w, BRIO_S("info"));
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("title"), options->title);
    put_text(w, BRIO_S("summary"), options->summary);
    put_text(w, BRIO_S("description"), options->description);
    put_text(w, BRIO_S("version"), options->version);
    brio_json_end(w, '}');
}

static void put_servers(brio_json_writer *w, brio_str root_path)
{
    if (!root_path.len)
        return;
    brio_json_key(w, BRIO_S("servers"));
    brio_json_begin(w, '[');
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("url"));
    brio_json_str(w, root_path);
    brio_json_end(w, '}');
    brio_json_end(w, ']');
}

static void put_paths(brio_app_document *doc, const brio_app_operation *first)
{
    brio_json_key(&doc->w, BRIO_S("paths"));
    brio_json_begin(&doc->w, '{');
    for (const brio_app_operation *path = first; path; path = path->next_path) {
        brio_json_key(&doc->w, path->route->path.format);
        brio_json_begin(&doc->w, '{');
        for (const brio_app_operation *op = path; op; op = op->next) {
            brio_json_key(&doc->w, op->method);
            brio_app_openapi_operation(doc, op->route);
        }
        brio_json_end(&doc->w, '}');
    }
    brio_json_end(&doc->w, '}');
}

static void put_components(brio_app_document *doc)
{
    if (!doc->n_schemas)
        return;
    brio_json_key(&doc->w, BRIO_S("components"));
    brio_json_begin(&doc->w, '{');
    brio_json_key(&doc->w, BRIO_S("schemas"));
    brio_json_begin(&doc->w, '{');
    for (size_t i = 0; i < doc->n_schemas; i++) {
        brio_json_key(&doc->w, doc->schemas[i].name);
        brio_app_openapi_schema(doc, &doc->schemas[i]);
    }
    brio_json_end(&doc->w, '}');
    brio_json_end(&doc->w, '}');
}

int brio_app_openapi_for(const brio_app *app, brio_str root_path, brio_buf *out)
{
    brio_arena scratch;
    brio_arena_init(&scratch, scratch_limit);
    brio_app_document doc;
    int rc = brio_app_document_init(&doc, app, &scratch, out);
    if (rc >= 0) {
        brio_json_begin(&doc.w, '{');
        brio_json_key(&doc.w, BRIO_S("openapi"));
        brio_json_str(&doc.w, BRIO_S("3.1.0"));
        put_info(&doc.w, &app->options);
        put_servers(&doc.w, root_path);
        put_paths(&doc, brio_app_operations(&scratch, app));
        put_components(&doc);
        brio_json_end(&doc.w, '}');
        rc = out->failed ? -ENOMEM : 0;
    }
    brio_arena_fini(&scratch);
    return rc;
}

int brio_app_openapi(brio_app *app, brio_buf *out)
{
    return brio_app_openapi_for(app, (brio_str){0}, out);
}
