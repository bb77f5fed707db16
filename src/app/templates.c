/* SPDX-License-Identifier: MIT
 *
 * Templates as answers: the template room's engine with what a request adds, its
 * own data and url_for. */
#include "app/outgoing.h"

#include <brio/template.h>
#include <errno.h>

static void forget_set(void *set)
{
    brio_template_set_free(set);
}

brio_templates *brio_templates_new(brio_app *app, const char *directory)
{
    brio_template_set *set = brio_template_set_new(
        &(brio_template_options){.directory = directory, .reload = app->options.debug});
    brio_defer_push(&app->arena, forget_set, set);
    return set;
}

/* ---- url_for ----------------------------------------------------------------------- */

enum { PARAMS_MAX = 16 };

static brio_str text_of(brio_arena *arena, const brio_json *value)
{
    if (value->type == BRIO_JSON_STR)
        return value->str;
    char *text = brio_alloc(arena, 64);
    brio_buf out = brio_buf_over(text, 64);
    brio_json_writer w = {.out = &out};
    brio_json_value(&w, value);
    return brio_buf_str(&out);
}

static int call(void *arg, brio_arena *arena, brio_str function, const brio_template_arg *args,
                size_t n, brio_json *ret)
{
    brio_pair params[PARAMS_MAX];
    brio_str url, name;
    if (!brio_str_eq(function, BRIO_S("url_for")))
        return -ENOENT;
    if (n == 0 || n > PARAMS_MAX || args[0].value.type != BRIO_JSON_STR)
        return brio_error(-EINVAL, "url_for() takes a route's name and its parameters");
    name = args[0].value.str;
    for (size_t i = 1; i < n; i++)
        params[i - 1] = (brio_pair){args[i].name, text_of(arena, &args[i].value)};
    if (!brio_app_url_for(arg, name, params, n - 1, &url))
        return -EINVAL; /* no such route with these parameters */
    *ret = brio_json_from_str(url);
    return 0;
}

/* ---- The context ------------------------------------------------------------------- */

static void add(brio_json *object, brio_str key, brio_json value)
{
    object->members[object->n++] = (brio_json_member){key, value};
}

static brio_json object_of(brio_arena *arena, size_t n)
{
    brio_json object = {.type = BRIO_JSON_OBJECT};
    object.members = BRIO_NEW_ARRAY(arena, brio_json_member, n);
    return object;
}

static brio_json about(const brio_request *req)
{
    enum { FACTS = 4 };
    brio_json facts = object_of(req->arena, FACTS);
    brio_str url = brio_app_url_of(req, req->path);
    if (req->http->query.len)
        url = brio_printf(req->arena, "%.*s?%.*s", BRIO_ARG(url), BRIO_ARG(req->http->query));
    add(&facts, BRIO_S("method"), brio_json_from_str(req->http->method_text));
    add(&facts, BRIO_S("path"), brio_json_from_str(req->path));
    add(&facts, BRIO_S("query"), brio_json_from_str(req->http->query));
    add(&facts, BRIO_S("url"), brio_json_from_str(url));
    return facts;
}

/* The caller's members first: they may have a `request` of their own. */
static brio_json with_request(const brio_request *req, brio_json context)
{
    size_t n = context.type == BRIO_JSON_OBJECT ? context.n : 0;
    brio_json all = object_of(req->arena, n + 1);
    for (size_t i = 0; i < n; i++)
        add(&all, context.members[i].key, context.members[i].value);
    if (!n || !brio_json_get(&context, BRIO_S("request")))
        add(&all, BRIO_S("request"), about(req));
    return all;
}

/* ---- The answer ---------------------------------------------------------------------- */

static void forget_buffer(void *arg)
{
    brio_buf_fini(arg);
}

int brio_answer_template(brio_request *req, brio_templates *templates, const char *name,
                         brio_json context)
{
    brio_str type = brio_media_of_name(brio_str_from(name));
    brio_buf *out = BRIO_NEW(req->arena, brio_buf);
    brio_template_call functions = {call, req};
    brio_defer_push(req->arena, forget_buffer, out);
    context = with_request(req, brio_json_read(req->arena, context));
    int rc =
        brio_template_render(templates, brio_str_from(name), &context, &functions, req->arena, out);
    if (rc < 0)
        return rc;
    type = type.len ? brio_app_media_type(req->arena, brio_cstr(req->arena, type))
                    : BRIO_S("text/html; charset=utf-8");
    brio_app_answer(req, req->status ? req->status : 200,
                    req->media_type.len ? req->media_type : type, brio_buf_str(out));
    req->borrows = true;
    return BRIO_ANSWERED;
}
