/* SPDX-License-Identifier: MIT
 *
 * What the OpenAPI document says about the app as a whole: info, servers, tags.
 * What has a form of its own is a member of the options; what is free is JSON
 * text there, checked when the app is made. */
#include "app/docs_internal.h"

static void put_text(brio_json_writer *w, brio_str key, const char *text)
{
    if (!text || !*text)
        return;
    brio_json_key(w, key);
    brio_json_str(w, brio_str_from(text));
}

static void put_raw(brio_json_writer *w, brio_str key, const char *json)
{
    if (!json)
        return;
    brio_json_key(w, key);
    brio_json_raw(w, brio_str_from(json));
}

static void put_contact(brio_json_writer *w, const brio_contact *contact)
{
    if (!contact->name && !contact->url && !contact->email)
        return;
    brio_json_key(w, BRIO_S("contact"));
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("name"), contact->name);
    put_text(w, BRIO_S("url"), contact->url);
    put_text(w, BRIO_S("email"), contact->email);
    brio_json_end(w, '}');
}

static void put_license(brio_json_writer *w, const brio_license *license)
{
    if (!license->name)
        return;
    brio_json_key(w, BRIO_S("license"));
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("name"), license->name);
    put_text(w, BRIO_S("identifier"), license->identifier);
    put_text(w, BRIO_S("url"), license->url);
    brio_json_end(w, '}');
}

void brio_app_openapi_info(brio_app_document *doc, const brio_app_options *options)
{
    brio_json_writer *w = &doc->w;
    brio_json_key(w, BRIO_S("info"));
    brio_json_begin(w, '{');
    put_text(w, BRIO_S("title"), options->title);
    put_text(w, BRIO_S("summary"), options->summary);
    put_text(w, BRIO_S("description"), options->description);
    put_text(w, BRIO_S("termsOfService"), options->terms_of_service);
    put_contact(w, &options->contact);
    put_license(w, &options->license);
    put_text(w, BRIO_S("version"), options->version);
    brio_json_end(w, '}');
}

void brio_app_openapi_tags(brio_app_document *doc, const brio_app_options *options)
{
    put_raw(&doc->w, BRIO_S("tags"), options->openapi_tags);
    put_raw(&doc->w, BRIO_S("externalDocs"), options->external_docs);
}

/* ---- Servers ------------------------------------------------------------------- */

static bool names(const brio_json *servers, brio_str url)
{
    for (uint32_t i = 0; i < servers->n; i++) {
        const brio_json *given = brio_json_get(&servers->items[i], BRIO_S("url"));
        if (given && given->type == BRIO_JSON_STR && brio_str_eq(given->str, url))
            return true;
    }
    return false;
}

/* Where the app is reached comes first, unless it is listed already. */
void brio_app_openapi_servers(brio_app_document *doc, const brio_app_options *options,
                              brio_str root_path)
{
    brio_json given = {.type = BRIO_JSON_ARRAY};
    brio_json_writer *w = &doc->w;
    if (options->servers)
        given = brio_json_read(doc->scratch, brio_json_literal(options->servers));
    bool add = root_path.len && !options->no_root_path_in_servers && !names(&given, root_path);
    if (!add && !given.n)
        return;
    brio_json_key(w, BRIO_S("servers"));
    brio_json_begin(w, '[');
    if (add) {
        brio_json_begin(w, '{');
        brio_json_key(w, BRIO_S("url"));
        brio_json_str(w, root_path);
        brio_json_end(w, '}');
    }
    for (uint32_t i = 0; i < given.n; i++)
        brio_json_value(w, &given.items[i]);
    brio_json_end(w, ']');
}
