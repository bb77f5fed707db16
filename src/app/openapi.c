/* SPDX-License-Identifier: MIT
 *
 * The OpenAPI 3.1.0 document, written straight from the tables of the routes:
 * what FastAPI's GET /openapi.json answers for the same API.
 *
 * It is made when first asked for and then kept by the app, until a route is
 * added or the root path changes. Whoever fetches the document sees where the
 * app is reached: a root path is its first and only server. */
#include "app/docs_internal.h"

#include <errno.h>

static const size_t scratch_limit = (size_t)1 << 30;

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

static void put_schemas(brio_app_document *doc)
{
    brio_json_key(&doc->w, BRIO_S("schemas"));
    brio_json_begin(&doc->w, '{');
    for (size_t i = 0; i < doc->n_schemas; i++) {
        brio_json_key(&doc->w, doc->schemas[i].name);
        brio_app_openapi_schema(doc, &doc->schemas[i]);
    }
    brio_json_end(&doc->w, '}');
}

static void put_components(brio_app_document *doc, const brio_app_scheme *schemes)
{
    if (!doc->n_schemas && !schemes)
        return;
    brio_json_key(&doc->w, BRIO_S("components"));
    brio_json_begin(&doc->w, '{');
    if (doc->n_schemas)
        put_schemas(doc);
    if (schemes)
        brio_app_openapi_schemes(doc, schemes);
    brio_json_end(&doc->w, '}');
}

static int write_document(const brio_app *app, brio_str root_path, brio_buf *out)
{
    brio_arena scratch;
    brio_arena_init(&scratch, scratch_limit);
    brio_app_document doc;
    int rc = brio_app_document_init(&doc, app, &scratch, out);
    if (rc >= 0) {
        brio_json_begin(&doc.w, '{');
        brio_json_key(&doc.w, BRIO_S("openapi"));
        brio_json_str(&doc.w, BRIO_S("3.1.0"));
        brio_app_openapi_info(&doc, &app->options);
        brio_app_openapi_servers(&doc, &app->options, root_path);
        const brio_app_operation *operations = brio_app_operations(&scratch, app);
        put_paths(&doc, operations);
        brio_app_openapi_webhooks(&doc, app);
        put_components(&doc, brio_app_schemes(&scratch, operations));
        brio_app_openapi_tags(&doc, &app->options);
        brio_json_end(&doc.w, '}');
        rc = out->failed ? -ENOMEM : 0;
    }
    brio_arena_fini(&scratch);
    return rc;
}

/* The document as the author's function leaves it. */
static int customise(const brio_app *app, brio_arena *scratch, brio_str text, brio_buf *out)
{
    brio_json document;
    int rc = brio_json_parse(scratch, text, NULL, &document, NULL);
    BRIO_ASSERT(rc == 0); /* it is our own */
    rc = app->customise(app, scratch, &document);
    if (rc < 0)
        return rc;
    brio_json_writer w = {.out = out};
    brio_json_value(&w, &document);
    return out->failed ? -ENOMEM : 0;
}

int brio_app_openapi_for(const brio_app *app, brio_str root_path, brio_buf *out)
{
    if (!app->customise)
        return write_document(app, root_path, out);
    brio_arena scratch;
    brio_buf plain = {0};
    brio_arena_init(&scratch, scratch_limit);
    int rc = write_document(app, root_path, &plain);
    if (rc == 0)
        rc = customise(app, &scratch, brio_buf_str(&plain), out);
    brio_buf_fini(&plain);
    brio_arena_fini(&scratch);
    return rc;
}

int brio_app_openapi(brio_app *app, brio_buf *out)
{
    return brio_app_openapi_for(app, (brio_str){0}, out);
}

void brio_app_custom_openapi(brio_app *app, brio_openapi_fn *fn)
{
    app->customise = fn;
    brio_buf_clear(&app->document);
}
