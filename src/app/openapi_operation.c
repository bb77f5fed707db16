/* SPDX-License-Identifier: MIT
 *
 * One operation of the OpenAPI document: names, parameters, request body,
 * responses, in the order in which FastAPI writes them. Schemas come from the
 * model room, which knows FastAPI's habits for each place. */
#include "app/docs_internal.h"

#define REF "#/components/schemas/"

static void put_text(brio_json_writer *w, brio_str key, brio_str text)
{
    if (!text.len)
        return;
    brio_json_key(w, key);
    brio_json_str(w, text);
}

/* ---- Parameters -------------------------------------------------------------- */

/* Of a parameter, or of the media type of a body. */
static void put_examples(brio_json_writer *w, const brio_field *field)
{
    if (field->openapi_examples) {
        const brio_json examples = brio_json_literal(field->openapi_examples);
        brio_json_key(w, BRIO_S("examples"));
        brio_json_value(w, &examples);
    } else if (field->example) {
        const brio_json example = brio_json_literal(field->example);
        brio_json_key(w, BRIO_S("example"));
        brio_json_value(w, &example);
    }
}

static void put_parameter(brio_json_writer *w, const brio_app_param *p)
{
    const brio_field *field = p->field;
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("name"));
    brio_json_str(w, p->wire);
    brio_json_key(w, BRIO_S("in"));
    brio_json_str(w, p->loc.up->name);
    brio_json_key(w, BRIO_S("required"));
    brio_json_bool(w, brio_app_field_required(field));
    brio_json_key(w, BRIO_S("schema"));
    brio_schema_field(w, p->model, field);
    put_text(w, BRIO_S("description"), brio_str_from(field->description));
    put_examples(w, field);
    if (field->deprecated) {
        brio_json_key(w, BRIO_S("deprecated"));
        brio_json_bool(w, true);
    }
    brio_json_end(w, '}');
}

/* The key stands only in front of a parameter: no empty array. */
static void put_parameters(brio_json_writer *w, const brio_app_route *route)
{
    bool any = false;
    for (size_t in = BRIO_IN_PATH; in <= BRIO_IN_COOKIE; in++)
        for (size_t i = 0; i < route->from[in].n; i++) {
            const brio_app_param *p = &route->from[in].rows[i];
            if (p->field->hidden)
                continue;
            if (!any) {
                brio_json_key(w, BRIO_S("parameters"));
                brio_json_begin(w, '[');
            }
            any = true;
            put_parameter(w, p);
        }
    if (any)
        brio_json_end(w, ']');
}

/* ---- Request body -------------------------------------------------------------- */

static void put_ref(brio_app_document *doc, brio_str name)
{
    brio_json_begin(&doc->w, '{');
    put_text(&doc->w, BRIO_S("$ref"), brio_printf(doc->scratch, REF "%.*s", BRIO_ARG(name)));
    brio_json_end(&doc->w, '}');
}

void brio_app_openapi_body(brio_app_document *doc, const brio_app_route *route)
{
    if (route->body_keyed) {
        put_ref(doc, brio_app_body_name(doc->scratch, route));
        return;
    }
    const brio_app_param *body = &brio_app_body_rows(route)->rows[0];
    brio_schema_mode mode = brio_app_document_mode(doc, BRIO_APP_INPUT);
    brio_schema_field_as(&doc->w, &mode, body->model, body->field);
}

static void begin_content(brio_json_writer *w, brio_str media_type)
{
    brio_json_key(w, BRIO_S("content"));
    brio_json_begin(w, '{');
    brio_json_key(w, media_type);
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("schema"));
}

static void end_content(brio_json_writer *w)
{
    brio_json_end(w, '}');
    brio_json_end(w, '}');
}

/* OPTIONS and TRACE may have a body that the document does not show. */
static bool shows_body(const brio_app_route *route)
{
    const uint32_t with_body = 1u << BRIO_METHOD_GET | 1u << BRIO_METHOD_HEAD |
                               1u << BRIO_METHOD_POST | 1u << BRIO_METHOD_PUT |
                               1u << BRIO_METHOD_PATCH | 1u << BRIO_METHOD_DELETE;
    return brio_app_body_rows(route)->n && (route->methods & with_body);
}

static void put_request_body(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    if (!shows_body(route))
        return;
    brio_json_key(w, BRIO_S("requestBody"));
    brio_json_begin(w, '{');
    begin_content(w, brio_app_body_media_type(route));
    brio_app_openapi_body(doc, route);
    if (!route->body_keyed)
        put_examples(w, brio_app_body_rows(route)->rows[0].field);
    end_content(w);
    if (brio_app_body_required(route)) {
        brio_json_key(w, BRIO_S("required"));
        brio_json_bool(w, true);
    }
    brio_json_end(w, '}');
}

/* ---- The operation ---------------------------------------------------------------- */

static void put_tags(brio_json_writer *w, const brio_app_route *route)
{
    brio_str rest = brio_str_from(route->spec.tags), tag;
    if (!brio_app_next_tag(&rest, &tag))
        return;
    brio_json_key(w, BRIO_S("tags"));
    brio_json_begin(w, '[');
    do
        brio_json_str(w, tag);
    while (brio_app_next_tag(&rest, &tag));
    brio_json_end(w, ']');
}

static void put_operation(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    brio_json_begin(w, '{');
    put_tags(w, route);
    put_text(w, BRIO_S("summary"), brio_app_operation_summary(doc->scratch, route));
    put_text(w, BRIO_S("description"), brio_app_operation_description(route));
    put_text(w, BRIO_S("operationId"), brio_app_operation_id(doc->scratch, route));
    put_parameters(w, route);
    put_request_body(doc, route);
    brio_app_openapi_callbacks(doc, route);
    brio_app_openapi_responses(doc, route);
    if (route->spec.deprecated) {
        brio_json_key(w, BRIO_S("deprecated"));
        brio_json_bool(w, true);
    }
    brio_app_openapi_security(doc, route);
    brio_json_end(w, '}');
}

/* What the author adds is laid over what the tables say. */
static void put_extended(brio_app_document *doc, const brio_app_route *route)
{
    brio_buf plain = {0}, *out = doc->w.out;
    brio_json operation, extra;
    doc->w = (brio_json_writer){.out = &plain};
    put_operation(doc, route);
    doc->w = (brio_json_writer){.out = out};
    brio_str text = brio_str_copy(doc->scratch, brio_buf_str(&plain));
    out->failed |= plain.failed;
    brio_buf_fini(&plain);
    if (out->failed)
        return;
    int rc = brio_json_parse(doc->scratch, text, NULL, &operation, NULL);
    BRIO_ASSERT(rc == 0);
    rc =
        brio_json_parse(doc->scratch, brio_str_from(route->spec.openapi_extra), NULL, &extra, NULL);
    BRIO_ASSERT(rc == 0); /* checked when the route was added */
    brio_json merged = brio_json_merge(doc->scratch, &operation, &extra);
    brio_json_value(&doc->w, &merged);
}

void brio_app_openapi_operation(brio_app_document *doc, const brio_app_route *route)
{
    if (route->spec.openapi_extra)
        put_extended(doc, route);
    else
        put_operation(doc, route);
}
