/* SPDX-License-Identifier: MIT
 *
 * `components.schemas`: every struct and enum that a visible route reaches, the
 * objects that hold several body parameters, and FastAPI's two schemas of a
 * 422 body; by name, each once.
 *
 * A model declared in a header has one table per file that includes it, so two
 * models are the same if they have one name and one schema. One name with two
 * schemas cannot be documented and fails. */
#include "app/docs_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef struct entry {
    struct entry *next;
    brio_app_schema schema;
} entry;

typedef struct collection {
    brio_arena *arena;
    entry *newest;
    size_t n;
    brio_app_usage use; /* of what is added now */
} collection;

static void add(collection *to, const brio_app_schema *schema)
{
    entry *e = BRIO_NEW(to->arena, entry);
    *e = (entry){to->newest, *schema};
    e->schema.use = to->use;
    to->newest = e;
    to->n++;
}

/* ---- What there is ------------------------------------------------------------ */

static const brio_app_schema refusal_schemas[] = {
    {.name = BRIO_S_INIT("HTTPValidationError"),
     .text = BRIO_S_INIT(
         "{\"properties\":{\"detail\":{\"items\":{\"$ref\":\"#/components/schemas/"
         "ValidationError\"},\"type\":\"array\",\"title\":\"Detail\"}},\"type\":\"object\","
         "\"title\":\"HTTPValidationError\"}")},
    {.name = BRIO_S_INIT("ValidationError"),
     .text = BRIO_S_INIT(
         "{\"properties\":{\"loc\":{\"items\":{\"anyOf\":[{\"type\":\"string\"},"
         "{\"type\":\"integer\"}]},\"type\":\"array\",\"title\":\"Location\"},"
         "\"msg\":{\"type\":\"string\",\"title\":\"Message\"},"
         "\"type\":{\"type\":\"string\",\"title\":\"Error Type\"},\"input\":{\"title\":\"Input\"},"
         "\"ctx\":{\"type\":\"object\",\"title\":\"Context\"}},\"type\":\"object\","
         "\"required\":[\"loc\",\"msg\",\"type\"],\"title\":\"ValidationError\"}")},
};

/* In the first one's place if failures are problem details (RFC 9457). */
static const brio_app_schema problem_schema = {
    .name = BRIO_S_INIT("ValidationProblem"),
    .text = BRIO_S_INIT(
        "{\"properties\":{\"type\":{\"type\":\"string\",\"title\":\"Type\"},"
        "\"title\":{\"type\":\"string\",\"title\":\"Title\"},"
        "\"status\":{\"type\":\"integer\",\"title\":\"Status\"},"
        "\"detail\":{\"type\":\"string\",\"title\":\"Detail\"},"
        "\"errors\":{\"items\":{\"$ref\":\"#/components/schemas/ValidationError\"},"
        "\"type\":\"array\",\"title\":\"Errors\"},"
        "\"instance\":{\"type\":\"string\",\"title\":\"Instance\"}},\"type\":\"object\","
        "\"required\":[\"type\",\"title\",\"status\",\"errors\"],"
        "\"title\":\"ValidationProblem\"}")};

static void add_model(const brio_model *model, void *arg)
{
    add(arg, &(brio_app_schema){.name = brio_schema_name(model), .model = model});
}

static void add_route(collection *to, const brio_app_route *route)
{
    to->use = BRIO_APP_INPUT;
    for (size_t in = BRIO_IN_PATH; in <= BRIO_IN_FILE; in++)
        for (size_t i = 0; i < route->from[in].n; i++) {
            const brio_field *field = route->from[in].rows[i].field;
            if (field->model)
                brio_schema_visit(field->model(), add_model, to);
        }
    if (route->body_keyed)
        add(to, &(brio_app_schema){.name = brio_app_body_name(to->arena, route), .route = route});
    to->use = BRIO_APP_OUTPUT;
    if (brio_app_answers_body(route))
        brio_schema_visit(route->out, add_model, to);
    for (const brio_extra_response *e = route->spec.responses; e && (e->status || e->key); e++)
        if (e->model)
            brio_schema_visit(e->model(), add_model, to);
}

/* What a router describes; true if any of it can refuse. */
static bool add_described(collection *to, const brio_router *router)
{
    bool refuses = false;
    for (const brio_app_route *r = brio_app_described(router); r; r = r->next) {
        add_route(to, r);
        refuses |= brio_app_can_refuse(r);
    }
    return refuses;
}

static void collect(collection *to, const brio_app *app)
{
    bool refuses = add_described(to, app->webhooks);
    for (const brio_app_route *route = app->routes; route; route = route->next) {
        if (route->spec.hidden || brio_app_is_socket(route))
            continue;
        add_route(to, route);
        refuses |= brio_app_can_refuse(route);
        refuses |= add_described(to, route->spec.callbacks);
    }
    if (!refuses)
        return;
    add(to, app->options.problem_details ? &problem_schema : &refusal_schemas[0]);
    add(to, &refusal_schemas[1]);
}

/* ---- Each once ------------------------------------------------------------------ */

/* Among equal names the ready text is first: FastAPI's own schemas win. */
int brio_app_schema_compare(const void *a, const void *b)
{
    const brio_app_schema *x = a, *y = b;
    int order = brio_str_compare(x->name, y->name);
    return order ? order : (x->text.len == 0) - (y->text.len == 0);
}

static bool same_text(brio_arena *scratch, const brio_app_schema *a, const brio_app_schema *b)
{
    brio_buf texts[2] = {0};
    const brio_app_schema *schemas[2] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        brio_app_document doc = {.scratch = scratch, .w = {.out = &texts[i]}, .no_split = true};
        brio_app_openapi_schema(&doc, schemas[i]);
    }
    bool same = brio_str_eq(brio_buf_str(&texts[0]), brio_buf_str(&texts[1]));
    brio_buf_fini(&texts[0]);
    brio_buf_fini(&texts[1]);
    return same;
}

/* Of two schemas with one name. */
static bool is_same(brio_arena *scratch, const brio_app_schema *a, const brio_app_schema *b)
{
    bool same_table = a->model == b->model && a->route == b->route;
    return a->text.len || same_table || same_text(scratch, a, b);
}

static int keep_each_once(brio_app_document *doc)
{
    size_t kept = 0;
    for (size_t i = 0; i < doc->n_schemas; i++) {
        const brio_app_schema *row = &doc->schemas[i];
        brio_app_schema *last = kept ? &doc->schemas[kept - 1] : NULL;
        if (!last || !brio_str_eq(last->name, row->name)) {
            doc->schemas[kept++] = *row;
        } else if (is_same(doc->scratch, last, row)) {
            last->use |= row->use;
        } else {
            brio_log(BRIO_LOG_ERROR,
                     "no document: two different schemas are named \"%.*s\"; rename one",
                     BRIO_ARG(last->name));
            return BRIO_EMODEL;
        }
    }
    doc->n_schemas = kept;
    return 0;
}

static void collect_channels(collection *to, const brio_app *app)
{
    for (const brio_app_route *r = app->routes; r; r = r->next) {
        if (!brio_app_is_channel(r))
            continue;
        to->use = BRIO_APP_INPUT;
        for (size_t in = BRIO_IN_PATH; in <= BRIO_IN_COOKIE; in++)
            for (size_t i = 0; i < r->from[in].n; i++)
                if (r->from[in].rows[i].field->model)
                    brio_schema_visit(r->from[in].rows[i].field->model(), add_model, to);
        const brio_model *received = brio_app_channel_receives(r);
        if (received)
            brio_schema_visit(received, add_model, to);
        to->use = BRIO_APP_OUTPUT;
        const brio_model *sent = brio_app_channel_sends(r);
        if (sent)
            brio_schema_visit(sent, add_model, to);
    }
}

int brio_app_document_init(brio_app_document *doc, const brio_app *app, brio_arena *scratch,
                           brio_buf *out)
{
    return brio_app_document_begin(doc, app, scratch, out, false);
}

int brio_app_document_begin(brio_app_document *doc, const brio_app *app, brio_arena *scratch,
                            brio_buf *out, bool channels)
{
    collection all = {.arena = scratch};
    if (channels)
        collect_channels(&all, app);
    else
        collect(&all, app);
    *doc = (brio_app_document){.scratch = scratch,
                               .w = {.out = out},
                               .n_schemas = all.n,
                               .no_split = app->options.no_split_schemas};
    doc->problem_details = app->options.problem_details;
    doc->schemas = BRIO_NEW_ARRAY(scratch, brio_app_schema, all.n);
    for (const entry *e = all.newest; e; e = e->next)
        doc->schemas[--all.n] = e->schema;
    qsort(doc->schemas, doc->n_schemas, sizeof *doc->schemas, brio_app_schema_compare);
    int rc = keep_each_once(doc);
    if (rc >= 0 && !app->options.no_split_schemas)
        brio_app_document_split(doc);
    return rc;
}

/* ---- Writing ---------------------------------------------------------------------- */

/* pydantic's rule for names of components; a character is one '_'. */
static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

brio_str brio_app_body_name(brio_arena *arena, const brio_app_route *route)
{
    brio_str id = brio_app_operation_id(arena, route);
    brio_str name = brio_printf(arena, "Body_%.*s", BRIO_ARG(id));
    char *out = brio_cstr(arena, name);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool continued = ((unsigned char)name.ptr[i] & 0xC0) == 0x80;
        if (!continued)
            out[n++] = is_name_byte(name.ptr[i]) ? name.ptr[i] : '_';
    }
    return (brio_str){out, n};
}

static void put_required(brio_json_writer *w, const brio_app_params *body)
{
    brio_json_key(w, BRIO_S("required"));
    brio_json_begin(w, '[');
    for (size_t i = 0; i < body->n; i++)
        if (brio_app_field_required(body->rows[i].field))
            brio_json_str(w, body->rows[i].wire);
    brio_json_end(w, ']');
}

static void put_title(brio_arena *scratch, brio_json_writer *w, const brio_app_route *route)
{
    brio_str id = brio_app_operation_id(scratch, route);
    brio_json_key(w, BRIO_S("title"));
    brio_json_str(w, brio_printf(scratch, "Body_%.*s", BRIO_ARG(id)));
}

/* The object whose members are the route's body parameters. */
static void put_bodies(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    brio_schema_mode mode = brio_app_document_mode(doc, BRIO_APP_INPUT);
    const brio_app_params *body = brio_app_body_rows(route);
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("properties"));
    brio_json_begin(w, '{');
    for (size_t i = 0; i < body->n; i++) {
        brio_json_key(w, body->rows[i].wire);
        brio_schema_field_as(w, &mode, body->rows[i].model, body->rows[i].field);
    }
    brio_json_end(w, '}');
    brio_json_key(w, BRIO_S("type"));
    brio_json_str(w, BRIO_S("object"));
    if (brio_app_body_required(route))
        put_required(w, body);
    put_title(doc->scratch, w, route);
    brio_json_end(w, '}');
}

/* One with both uses refers to no model that is split, so either will do. */
void brio_app_openapi_schema(brio_app_document *doc, const brio_app_schema *schema)
{
    if (schema->text.len) {
        brio_json_raw(&doc->w, schema->text);
        return;
    }
    brio_schema_mode mode = brio_app_document_mode(
        doc, schema->use == BRIO_APP_OUTPUT ? BRIO_APP_OUTPUT : BRIO_APP_INPUT);
    if (schema->model)
        brio_schema_component_as(&doc->w, &mode, schema->model);
    else
        put_bodies(doc, schema->route);
}
