/* SPDX-License-Identifier: MIT
 *
 * Compiles a route when it is added: what a request would otherwise ask of the
 * tables again and again (wire names, error locations, who takes a list, which
 * body goes straight into its struct, the 405 answer) is settled here, and
 * what is wrong with the declaration is said here, in one sentence. */
#include "app/app_internal.h"

#include <stdio.h>
#include <stdlib.h>

static const brio_loc roots[BRIO_IN_CONFIG] = {
    [BRIO_IN_PATH] = {.name = BRIO_S_INIT("path")},
    [BRIO_IN_QUERY] = {.name = BRIO_S_INIT("query")},
    [BRIO_IN_HEADER] = {.name = BRIO_S_INIT("header")},
    [BRIO_IN_COOKIE] = {.name = BRIO_S_INIT("cookie")},
    [BRIO_IN_BODY] = {.name = BRIO_S_INIT("body")},
    [BRIO_IN_FORM] = {.name = BRIO_S_INIT("body")},
    [BRIO_IN_FILE] = {.name = BRIO_S_INIT("body")},
};

void brio_app_wrong(const brio_route *route, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "brio: %s %s: ", route->method ? route->method : "?",
            route->path ? route->path : "?");
    vfprintf(stderr, fmt, args);
    fputs("\n", stderr);
    va_end(args);
    abort();
}

/* ---- Rows of the input model ------------------------------------------------- */

static brio_kind kind_of(const brio_field *field)
{
    return field->kind == BRIO_KIND_MODEL ? field->model()->kind : field->kind;
}

static size_t capture_of(const brio_app_route *route, brio_str name, brio_app_convertor *ret)
{
    size_t capture = 0;
    for (size_t i = 0; i < route->path.n_pieces; i++) {
        const brio_app_piece *piece = &route->path.pieces[i];
        if (!piece->is_param)
            continue;
        *ret = piece->convertor;
        if (brio_str_eq(piece->text, name))
            return capture;
        capture++;
    }
    brio_app_wrong(&route->spec, "%s has a path parameter \"%.*s\" that is not in the path",
                   route->in->name, BRIO_ARG(name));
}

static void check_path_row(const brio_app_route *route, const brio_app_param *p)
{
    if (p->list)
        brio_app_wrong(&route->spec, "path parameter \"%.*s\" of %s cannot be a list",
                       BRIO_ARG(p->wire), route->in->name);
    if (p->field->def || (p->field->nullable && !p->field->required))
        brio_app_wrong(&route->spec,
                       "path parameter \"%.*s\" of %s is always there: it can be neither a pointer "
                       "nor have a default",
                       BRIO_ARG(p->wire), route->in->name);
}

static void check_row(const brio_app_route *route, const brio_field *field)
{
    if (field->in == BRIO_IN_FIELD)
        brio_app_wrong(&route->spec,
                       "%s.%s is a BRIO_FIELD, but an input model says where each value comes "
                       "from: BRIO_PATH, BRIO_QUERY, BRIO_HEADER, BRIO_COOKIE or BRIO_BODY",
                       route->in->name, field->name);
    if (field->in != BRIO_IN_BODY && kind_of(field) == BRIO_KIND_STRUCT)
        brio_app_wrong(&route->spec, "%s.%s is a struct; only BRIO_BODY can take one",
                       route->in->name, field->name);
}

static void check_twins(const brio_app_route *route, const brio_app_params *rows,
                        const brio_app_param *p)
{
    for (const brio_app_param *other = rows->rows; other < p; other++)
        if (brio_str_eq(other->wire, p->wire))
            brio_app_wrong(&route->spec, "%s takes %.*s parameter \"%.*s\" twice", route->in->name,
                           BRIO_ARG(p->loc.up->name), BRIO_ARG(p->wire));
}

static void add_row(brio_app_route *route, const brio_field *field, size_t row)
{
    check_row(route, field);
    brio_app_params *to = &route->from[field->in];
    brio_app_param *p = &to->rows[to->n];
    *p = (brio_app_param){.field = field, .wire = brio_field_wire_name(route->in, row), .row = row};
    p->loc = (brio_loc){.up = &roots[field->in], .name = p->wire};
    p->list = kind_of(field) == BRIO_KIND_LIST;
    p->optional = field->def || (field->nullable && !field->required);
    if (field->in != BRIO_IN_BODY)
        brio_app_glance_plan(p);
    check_twins(route, to, p);
    to->n++;
    if (field->in == BRIO_IN_PATH) {
        check_path_row(route, p);
        p->capture = capture_of(route, p->wire, &p->convertor);
    }
}

static void check_all_captured(const brio_app_route *route)
{
    for (size_t i = 0; i < route->path.n_pieces; i++) {
        const brio_app_piece *piece = &route->path.pieces[i];
        bool taken = !piece->is_param;
        for (size_t k = 0; k < route->from[BRIO_IN_PATH].n; k++)
            taken |= brio_str_eq(route->from[BRIO_IN_PATH].rows[k].wire, piece->text);
        if (!taken)
            brio_app_wrong(&route->spec, "the path has {%.*s}, but %s has no BRIO_PATH(%.*s)",
                           BRIO_ARG(piece->text), route->in->name, BRIO_ARG(piece->text));
    }
}

static bool is_bounded(const brio_field *f)
{
    return f->gt.set | f->ge.set | f->lt.set | f->le.set | f->multiple_of.set |
           (f->pattern != NULL) | (f->min_length != 0) | (f->max_length != 0) | f->strict |
           f->json_text | (f->before != NULL) | (f->after != NULL) | (f->as != BRIO_AS_LIST);
}

static void plan_body(brio_app_route *route)
{
    const brio_app_params *body = &route->from[BRIO_IN_BODY];
    if (body->n == 0)
        return;
    const brio_field *first = body->rows[0].field;
    route->body_keyed = body->n > 1 || first->embed;
    brio_kind kind = kind_of(first);
    route->body_direct = !route->body_keyed && !is_bounded(first) &&
                         (kind == BRIO_KIND_STRUCT || kind == BRIO_KIND_LIST);
}

/* Defaults fit: brio_model_check has tried them. */
static void make_blank(brio_arena *arena, brio_app_route *route)
{
    void *blank = brio_calloc(arena, 1, route->in->size);
    brio_problems problems = {.arena = arena};
    for (size_t in = BRIO_IN_PATH; in < BRIO_IN_CONFIG; in++)
        for (size_t i = 0; i < route->from[in].n; i++) {
            const brio_app_param *p = &route->from[in].rows[i];
            int rc = p->optional ? brio_decode_field(NULL, p->field, blank, &p->loc, &problems) : 0;
            BRIO_ASSERT(rc >= 0);
        }
    route->blank = blank;
}

void brio_app_route_bind(brio_arena *arena, brio_app_route *route)
{
    bool none = route->in->kind == BRIO_KIND_NONE;
    BRIO_ASSERT(none || route->in->kind == BRIO_KIND_STRUCT);
    size_t n, counts[BRIO_IN_COMPUTED + 1] = {0};
    const brio_field *rows = brio_model_rows(route->in, &n);
    for (size_t i = 0; i < n; i++)
        counts[rows[i].in]++;
    for (size_t in = BRIO_IN_PATH; in < BRIO_IN_CONFIG; in++)
        route->from[in].rows = BRIO_NEW_ARRAY(arena, brio_app_param, counts[in]);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in < BRIO_IN_CONFIG)
            add_row(route, &rows[i], i);
    check_all_captured(route);
    plan_body(route);
    make_blank(arena, route);
}

/* ---- The route ----------------------------------------------------------------- */

static uint32_t method_bit(const brio_route *spec)
{
    if (!spec->method || !*spec->method)
        brio_app_wrong(spec, "a route needs a method");
    for (uint32_t m = 0; m < BRIO_METHOD_OTHER; m++)
        if (brio_str_eq(brio_method_name((brio_method)m), brio_str_from(spec->method)))
            return UINT32_C(1) << m;
    return UINT32_C(1) << BRIO_METHOD_OTHER;
}

static brio_app_route *route_new(brio_app *app, const brio_route *spec)
{
    if (!spec->path)
        brio_app_wrong(spec, "a route needs a path");
    brio_app_route *route = BRIO_NEW(&app->arena, brio_app_route);
    route->spec = *spec;
    route->order = app->n_routes;
    brio_app_path_compile(&app->arena, spec, &route->path);
    return route;
}

static void enlist(brio_app *app, brio_app_route *route)
{
    if (app->last_route)
        app->last_route->next = route;
    else
        app->routes = route;
    app->last_route = route;
    app->n_routes++;
    brio_app_router_add(app, route);
    brio_buf_clear(&app->document);
}

static void check_model(brio_app *app, const brio_route *spec, const brio_model *model)
{
    brio_str why = {0};
    if (brio_model_check(model, &app->arena, &why) < 0)
        brio_app_wrong(spec, "%.*s", BRIO_ARG(why));
}

static brio_str media_type_of(const brio_model *out)
{
    if (out->kind == BRIO_KIND_TEXT)
        return BRIO_S("text/plain; charset=utf-8");
    return out->kind == BRIO_KIND_HTML ? BRIO_S("text/html; charset=utf-8")
                                       : BRIO_S("application/json");
}

static void check_status(const brio_app_route *route)
{
    if (route->status < 200 || route->status > 599)
        brio_app_wrong(&route->spec, "status %d is not between 200 and 599", route->status);
    bool bodiless = route->status == 204 || route->status == 205 || route->status == 304;
    if (bodiless && route->out->kind != BRIO_KIND_NONE)
        brio_app_wrong(&route->spec, "status %d has no body: the output must be brio_none",
                       route->status);
}

static void forget(void *model)
{
    brio_model_forget(model);
}

/* No row says where its value comes from: the struct is an object. */
static bool is_object(const brio_model *in)
{
    size_t n, fields = 0;
    const brio_field *rows = brio_model_rows(in, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].in >= BRIO_IN_PATH && rows[i].in < BRIO_IN_CONFIG)
            return false;
        fields += rows[i].in == BRIO_IN_FIELD;
    }
    return fields > 0;
}

/* Such an input, a list or a scalar is the body itself: one parameter at its beginning. */
static const brio_model *input_of(brio_app *app, const brio_route *spec)
{
    const brio_model *in = spec->in();
    if (in->kind == BRIO_KIND_NONE || (in->kind == BRIO_KIND_STRUCT && !is_object(in)))
        return in;
    brio_model *around = BRIO_NEW(&app->arena, brio_model);
    brio_field *body = BRIO_NEW(&app->arena, brio_field);
    *body = (brio_field){.name = "body",
                         .size = in->size,
                         .in = BRIO_IN_BODY,
                         .kind = BRIO_KIND_MODEL,
                         .model = spec->in};
    *around = (brio_model){
        .name = in->name, .kind = BRIO_KIND_STRUCT, .size = in->size, .fields = body, .n = 1};
    brio_defer_push(&app->arena, forget, around);
    return around;
}

/* The app's own way to make operationIds. */
static void name_operation(brio_app *app, brio_app_route *route)
{
    brio_operation_id_fn *fn = app->options.operation_id;
    if (fn && !route->spec.operation_id)
        route->spec.operation_id = brio_cstr(&app->arena, fn(&app->arena, &route->spec));
}

static void check_extra(brio_app *app, const brio_route *spec)
{
    brio_json extra;
    if (!spec->openapi_extra)
        return;
    int rc = brio_json_parse(&app->arena, brio_str_from(spec->openapi_extra), NULL, &extra, NULL);
    if (rc < 0 || extra.type != BRIO_JSON_OBJECT)
        brio_app_wrong(spec, "openapi_extra is not a JSON object: %s", spec->openapi_extra);
}

void brio_app_add(brio_app *app, const brio_route *spec)
{
    if (!spec->handler || !spec->in || !spec->out)
        brio_app_wrong(spec, "a route needs a handler, an input and an output");
    brio_app_route *route = route_new(app, spec);
    route->spec.name = spec->name ? spec->name : spec->symbol ? spec->symbol : "handler";
    route->methods = method_bit(spec);
    name_operation(app, route);
    route->status = spec->status ? spec->status : 200;
    route->in = input_of(app, spec);
    route->out = spec->out();
    check_model(app, spec, route->in);
    check_model(app, spec, route->out);
    brio_app_route_bind(&app->arena, route);
    check_status(route);
    if (spec->body_pieces && (spec->run == BRIO_BLOCKING || route->from[BRIO_IN_BODY].n))
        brio_app_wrong(spec, "body_pieces: the body is read by an async handler without BRIO_BODY");
    check_extra(app, spec);
    route->media_type = media_type_of(route->out);
    route->allow = (brio_header){BRIO_S("allow"), brio_str_from(spec->method)};
    enlist(app, route);
}

void brio_app_add_page(brio_app *app, const char *path, brio_app_page_fn *page)
{
    brio_route spec = {.method = "GET", .path = path, .name = "page", .hidden = true};
    brio_app_route *route = route_new(app, &spec);
    BRIO_ASSERT(route->path.n_params == 0);
    route->methods = UINT32_C(1) << BRIO_METHOD_GET | UINT32_C(1) << BRIO_METHOD_HEAD;
    route->status = 200;
    route->page = page;
    route->allow = (brio_header){BRIO_S("allow"), BRIO_S("GET, HEAD")};
    enlist(app, route);
}
