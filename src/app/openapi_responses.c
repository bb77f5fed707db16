/* SPDX-License-Identifier: MIT
 *
 * `responses` of an operation: success as the output says, further ones as
 * the route tells (BRIO_RESPONSES), FastAPI's 422. What a route tells of one
 * status twice is laid one over the other, so that a 200 may have an image
 * beside its JSON. */
#include "app/docs_internal.h"

#include <brio/http.h>

#define REF "#/components/schemas/"

/* ---- The content of success ------------------------------------------------------ */

/* FastAPI knows no more of an answer without a model than that it is JSON. */
static bool has_schema(const brio_model *out)
{
    return out->kind != BRIO_KIND_NONE && out->kind != BRIO_KIND_JSON;
}

/* Sends the route's output again and again? */
static bool is_of_items(const brio_app_route *route)
{
    return route->spec.response == BRIO_JSON_LINES || route->spec.response == BRIO_SSE;
}

void brio_app_openapi_answer(brio_app_document *doc, const brio_app_route *route)
{
    brio_kind kind = route->out->kind;
    if (!has_schema(route->out)) {
        brio_json_raw(&doc->w, BRIO_S("{}"));
        return;
    }
    brio_str title = {0};
    if (kind != BRIO_KIND_TEXT && kind != BRIO_KIND_HTML) {
        brio_str id = brio_app_operation_id(doc->scratch, route);
        const char *what = is_of_items(route) ? "StreamItem" : "Response";
        title = brio_printf(doc->scratch, "%s_%.*s", what, BRIO_ARG(id));
        title = brio_title_case(doc->scratch, title);
    }
    brio_schema_mode mode = brio_app_document_mode(doc, BRIO_APP_OUTPUT);
    brio_schema_use_as(&doc->w, &mode, route->out, title);
}

static void put_event(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    bool typed = has_schema(route->out);
    brio_json_raw(w, BRIO_S("{\"type\":\"object\",\"properties\":{\"data\":{\"type\":\"string\""));
    if (typed) {
        brio_json_raw(w, BRIO_S("\"contentMediaType\":\"application/json\""));
        brio_json_key(w, BRIO_S("contentSchema"));
        brio_app_openapi_answer(doc, route);
    }
    brio_buf_add(w->out, BRIO_S("},\"event\":{\"type\":\"string\"},\"id\":{\"type\":\"string\"},"
                                "\"retry\":{\"type\":\"integer\",\"minimum\":0}}"));
    brio_buf_add(w->out, typed ? BRIO_S(",\"required\":[\"data\"]}") : BRIO_S("}"));
}

static void put_schema(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    brio_response_class as = route->spec.response;
    brio_json_key(w, is_of_items(route) ? BRIO_S("itemSchema") : BRIO_S("schema"));
    if (as == BRIO_SSE)
        put_event(doc, route);
    else if (as == BRIO_RESPONSE_DEFAULT || as == BRIO_JSON || as == BRIO_JSON_LINES)
        brio_app_openapi_answer(doc, route);
    else
        brio_json_raw(w, BRIO_S("{\"type\":\"string\"}"));
}

/* Redirects and files have no content there, streams only with a type. */
static bool shows_content(const brio_app_route *route)
{
    brio_response_class as = route->spec.response;
    return brio_app_answers_body(route) && as != BRIO_REDIRECT && as != BRIO_FILE_RESPONSE &&
           route->media_type.len;
}

static void put_success(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    const char *given = route->spec.response_description;
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("description"));
    brio_json_str(w, given ? brio_str_from(given) : BRIO_S("Successful Response"));
    if (shows_content(route)) {
        brio_json_key(w, BRIO_S("content"));
        brio_json_begin(w, '{');
        brio_json_key(w, brio_str_cut(route->media_type, ';').head);
        brio_json_begin(w, '{');
        put_schema(doc, route);
        brio_json_end(w, '}');
        brio_json_end(w, '}');
    }
    brio_json_end(w, '}');
}

/* ---- Further responses ------------------------------------------------------------- */

/* What is written is caught as a value. */
static brio_json caught(brio_app_document *doc, const brio_app_route *route,
                        const brio_extra_response *extra)
{
    brio_json_writer kept = doc->w;
    brio_buf aside = {0};
    doc->w = (brio_json_writer){.out = &aside};
    if (extra) {
        brio_schema_mode mode = brio_app_document_mode(doc, BRIO_APP_OUTPUT);
        brio_str id = brio_app_operation_id(doc->scratch, route);
        brio_str title = brio_printf(doc->scratch, "Response_%d_%.*s", extra->status, BRIO_ARG(id));
        brio_schema_use_as(&doc->w, &mode, extra->model(), brio_title_case(doc->scratch, title));
    } else {
        put_success(doc, route);
    }
    doc->w = kept;
    doc->w.out->failed |= aside.failed;
    brio_json value = {.type = BRIO_JSON_RAW,
                       .str = brio_str_copy(doc->scratch, brio_buf_str(&aside))};
    brio_buf_fini(&aside);
    return brio_json_read(doc->scratch, value);
}

static brio_str key_of(brio_arena *arena, const brio_extra_response *extra)
{
    return extra->key ? brio_str_from(extra->key) : brio_printf(arena, "%d", extra->status);
}

static brio_str reason_of(const brio_extra_response *extra)
{
    static const char *const ranges[][2] = {
        {"1XX", "Information"},  {"2XX", "Success"},      {"3XX", "Redirection"},
        {"4XX", "Client Error"}, {"5XX", "Server Error"}, {"default", "Default Response"}};
    for (size_t i = 0; extra->key && i < sizeof ranges / sizeof *ranges; i++)
        if (strcmp(extra->key, ranges[i][0]) == 0)
            return brio_str_from(ranges[i][1]);
    brio_str reason = extra->key ? (brio_str){0} : brio_status_reason(extra->status);
    return reason.len ? reason : BRIO_S("Additional Response");
}

/* One entry laid over what its status had so far, NULL: nothing. */
static brio_json laid_over(brio_app_document *doc, const brio_app_route *route,
                           const brio_json *onto, const brio_extra_response *extra)
{
    brio_arena *arena = doc->scratch;
    brio_json said = brio_json_object(arena, 0, NULL), content = said;
    if (extra->content)
        content = brio_json_read(arena, brio_json_literal(extra->content));
    if (extra->model) {
        const char *type =
            brio_cstr(arena, route->media_type.len ? brio_str_cut(route->media_type, ';').head
                                                   : BRIO_S("application/json"));
        brio_json schema = caught(doc, route, extra);
        brio_json media = BRIO_JSON_OBJECT(arena, "schema", schema);
        brio_json typed = BRIO_JSON_OBJECT(arena, type, media);
        content = brio_json_merge(arena, &content, &typed);
    }
    if (content.n)
        said = BRIO_JSON_OBJECT(arena, "content", content);
    brio_json before = onto ? *onto : brio_json_object(arena, 0, NULL);
    brio_json merged = brio_json_merge(arena, &before, &said);
    const brio_json *old = brio_json_get(&before, BRIO_S("description"));
    brio_str words = extra->description ? brio_str_from(extra->description)
                     : old              ? old->str
                                        : reason_of(extra);
    brio_json_set(arena, &merged, "description", brio_json_from_str(words));
    return merged;
}

static void put_all(brio_app_document *doc, const brio_app_route *route, brio_str success)
{
    brio_json all = brio_json_object(doc->scratch, 0, NULL);
    brio_json_set(doc->scratch, &all, brio_cstr(doc->scratch, success), caught(doc, route, NULL));
    for (const brio_extra_response *e = route->spec.responses; e->status || e->key; e++) {
        brio_str key = key_of(doc->scratch, e);
        brio_json value = laid_over(doc, route, brio_json_get(&all, key), e);
        brio_json_set(doc->scratch, &all, brio_cstr(doc->scratch, key), value);
    }
    for (uint32_t i = 0; i < all.n; i++) {
        brio_json_key(&doc->w, all.members[i].key);
        brio_json_value(&doc->w, &all.members[i].value);
    }
}

bool brio_app_tells_refusal(const brio_route *spec)
{
    for (const brio_extra_response *e = spec->responses; e && (e->status || e->key); e++)
        if (e->status == 422 ||
            (e->key && (strcmp(e->key, "4XX") == 0 || strcmp(e->key, "default") == 0)))
            return true;
    return false;
}

/* ---- All of them ---------------------------------------------------------------------- */

static void put_refusal(brio_app_document *doc)
{
    brio_json_writer *w = &doc->w;
    bool problem = doc->problem_details;
    brio_json_key(w, BRIO_S("422"));
    brio_json_begin(w, '{');
    brio_json_key(w, BRIO_S("description"));
    brio_json_str(w, BRIO_S("Validation Error"));
    brio_json_key(w, BRIO_S("content"));
    brio_json_raw(w, problem ? BRIO_S("{\"application/problem+json\":{\"schema\":{\"$ref\":\"" REF
                                      "ValidationProblem\"}}}")
                             : BRIO_S("{\"application/json\":{\"schema\":{\"$ref\":\"" REF
                                      "HTTPValidationError\"}}}"));
    brio_json_end(w, '}');
}

void brio_app_openapi_responses(brio_app_document *doc, const brio_app_route *route)
{
    brio_json_writer *w = &doc->w;
    brio_str success = brio_printf(doc->scratch, "%d", route->status);
    brio_json_key(w, BRIO_S("responses"));
    brio_json_begin(w, '{');
    if (route->spec.responses) {
        put_all(doc, route, success);
    } else {
        brio_json_key(w, success);
        put_success(doc, route);
    }
    if (brio_app_can_refuse(route))
        put_refusal(doc);
    brio_json_end(w, '}');
}
