/* SPDX-License-Identifier: MIT
 *
 * The AsyncAPI 3.0.0 document: what OpenAPI cannot say of WebSockets and streams
 * of events. It is written from the same tables, and its schemas are OpenAPI's
 * own, but for one word: here `discriminator` is the property's name alone. */
#include "app/docs_internal.h"

#include <errno.h>

static const size_t scratch_limit = (size_t)1 << 30;

/* ---- Info and servers ---------------------------------------------------------- */

static void put_text(brio_json_writer *w, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    brio_json_key(w, brio_str_from(key));
    brio_json_str(w, brio_str_from(text));
}

static void put_person(brio_json_writer *w, const brio_app_options *o)
{
    if (o->contact.name || o->contact.url || o->contact.email) {
        brio_json_key(w, BRIO_S("contact"));
        brio_json_begin(w, '{');
        put_text(w, "name", o->contact.name);
        put_text(w, "url", o->contact.url);
        put_text(w, "email", o->contact.email);
        brio_json_end(w, '}');
    }
    if (o->license.name) {
        brio_json_key(w, BRIO_S("license"));
        brio_json_begin(w, '{');
        put_text(w, "name", o->license.name);
        put_text(w, "url", o->license.url);
        brio_json_end(w, '}');
    }
}

static void put_info(brio_json_writer *w, const brio_app_options *o)
{
    brio_json_key(w, BRIO_S("info"));
    brio_json_begin(w, '{');
    put_text(w, "title", o->title);
    put_text(w, "version", o->version);
    put_text(w, "description", o->description && *o->description ? o->description : o->summary);
    put_text(w, "termsOfService", o->terms_of_service);
    put_person(w, o);
    brio_json_end(w, '}');
}

static void put_server(brio_app_document *doc, const brio_app *app, brio_str host)
{
    brio_json_writer *w = &doc->w;
    if (!host.len)
        return;
    brio_json_key(w, BRIO_S("servers"));
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("this"));
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("host"));
    brio_json_str(w, host);
    put_text(w, "protocol", "ws");
    if (app->root_path.len) {
        brio_json_key(w, BRIO_S("pathname"));
        brio_json_str(w, app->root_path);
    }
    brio_json_end(w, '}');
    brio_json_end(w, '}');
}

/* ---- The whole ------------------------------------------------------------------- */

static void put_components(brio_app_document *doc)
{
    brio_json_writer *w = &doc->w;
    if (!doc->n_schemas)
        return;
    brio_json_key(w, BRIO_S("components"));
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("schemas"));
    brio_json_begin(w, '{');
    for (size_t i = 0; i < doc->n_schemas; i++) {
        brio_json_key(w, doc->schemas[i].name);
        brio_app_openapi_schema(doc, &doc->schemas[i]);
    }
    brio_json_end(w, '}');
    brio_json_end(w, '}');
}

static int write_plain(const brio_app *app, brio_arena *scratch, brio_str host, brio_buf *out)
{
    brio_app_document doc;
    int rc = brio_app_document_begin(&doc, app, scratch, out, true);
    if (rc < 0)
        return rc;
    brio_json_writer *w = &doc.w;
    brio_json_begin(w, '{');
    put_text(w, "asyncapi", "3.0.0");
    put_info(w, &app->options);
    put_server(&doc, app, host);
    put_text(w, "defaultContentType", "application/json");
    brio_app_asyncapi_channels(&doc, app);
    brio_app_asyncapi_operations(&doc, app);
    put_components(&doc);
    brio_json_end(w, '}');
    return out->failed ? -ENOMEM : 0;
}

/* OpenAPI's {"discriminator": {"propertyName": "kind", ...}} becomes "kind". */
static void simplify(brio_json *value)
{
    if (value->type == BRIO_JSON_ARRAY)
        for (uint32_t i = 0; i < value->n; i++)
            simplify(&value->items[i]);
    if (value->type != BRIO_JSON_OBJECT)
        return;
    for (uint32_t i = 0; i < value->n; i++) {
        brio_json *member = &value->members[i].value;
        const brio_json *name = brio_json_get(member, BRIO_S("propertyName"));
        if (name && brio_str_eq(value->members[i].key, BRIO_S("discriminator")))
            *member = *name;
        else
            simplify(member);
    }
}

int brio_app_asyncapi_for(const brio_app *app, brio_str host, brio_buf *out)
{
    brio_arena scratch;
    brio_buf plain = {0};
    brio_json document;
    brio_arena_init(&scratch, scratch_limit);
    int rc = write_plain(app, &scratch, host, &plain);
    if (rc == 0) {
        rc = brio_json_parse(&scratch, brio_buf_str(&plain), NULL, &document, NULL);
        BRIO_ASSERT(rc == 0); /* it is our own */
        simplify(&document);
        brio_json_writer w = {.out = out};
        brio_json_value(&w, &document);
        rc = out->failed ? -ENOMEM : 0;
    }
    brio_buf_fini(&plain);
    brio_arena_fini(&scratch);
    return rc;
}

int brio_app_asyncapi(brio_app *app, brio_buf *out)
{
    return brio_app_asyncapi_for(app, (brio_str){0}, out);
}
