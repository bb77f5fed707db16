/* SPDX-License-Identifier: MIT
 *
 * The body. FastAPI reads it before anything is validated, so text that is
 * not JSON is the only problem of its request, whatever else is wrong with it.
 *
 *     one parameter              the body is its value, problems at ["body"]
 *     several, or one embedded   the body is an object with a member for each
 *
 * A single model or list without constraints of its own goes from bytes to
 * struct in one step. An empty body is absence, and so is JSON's null, as the
 * body or as one of several parameters: Python's None says both. */
#include "app/binding.h"

/* What the body is, as a value. */
typedef struct body {
    bool absent;
    bool text; /* not JSON: `value` is a string of all of it */
    brio_json value;
} body;

static const brio_loc root = {.name = BRIO_S_INIT("body")};

static void decode(const brio_app_param *p, const brio_json *value, const brio_loc *loc, void *in,
                   brio_problems *problems)
{
    if (value && value->type == BRIO_JSON_NULL)
        value = NULL;
    if (!value && p->optional)
        return;
    /* A failure is in `problems`. */
    (void)!brio_decode_field(value, p->field, in, loc, problems);
}

/* ---- Reading ------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The JSON text `null`. */
static bool is_null(brio_str json)
{
    while (json.len && is_blank(json.ptr[0]))
        json = brio_str_slice(json, 1, SIZE_MAX);
    while (json.len && is_blank(json.ptr[json.len - 1]))
        json.len--;
    return brio_str_eq(json, BRIO_S("null"));
}

bool brio_app_is_syntax_problem(const brio_problem *p)
{
    return p && strcmp(p->type, "json_invalid") == 0 && p->loc && p->loc->is_index && p->loc->up &&
           !p->loc->up->up;
}

/* If the newest problem is that the body is not JSON, it is the only one. */
static void keep_syntax_problem(brio_problems *problems)
{
    if (!brio_app_is_syntax_problem(problems->last))
        return;
    problems->first = problems->last;
    problems->count = 1;
}

/* Any model decodes "not JSON" to the same answer, so brio_json's serves. */
static int read_json(brio_str text, brio_json *ret, brio_problems *problems)
{
    brio_problems own = {.arena = problems->arena};
    int rc = brio_decode(text, brio_json_model(), ret, &root, &own);
    if (rc == BRIO_EINVALID)
        *problems = own;
    return rc;
}

static bool is_json(const brio_request *req)
{
    brio_str type = req->http->content_type;
    return brio_media_is_json(type) || (!type.ptr && req->app->options.lax_content_type);
}

static int read_body(brio_request *req, body *ret, brio_problems *problems)
{
    brio_str text = req->http->body;
    *ret = (body){.absent = text.len == 0};
    if (ret->absent)
        return 0;
    ret->text = !is_json(req);
    if (!ret->text)
        return read_json(text, &ret->value, problems);
    ret->value = brio_json_from_str(brio_utf8_replace(req->arena, text));
    return 0;
}

/* ---- Into the struct ------------------------------------------------------------- */

static void bind_keyed(const brio_app_params *rows, const body *b, void *in,
                       brio_problems *problems)
{
    bool none = b->absent || b->text || b->value.type == BRIO_JSON_NULL;
    for (size_t i = 0; i < rows->n; i++) {
        const brio_app_param *p = &rows->rows[i];
        if (none || b->value.type == BRIO_JSON_OBJECT)
            decode(p, none ? NULL : brio_json_get(&b->value, p->wire), &p->loc, in, problems);
        else
            brio_problem_add(problems, "missing", &p->loc, (brio_json){0}, BRIO_S("Field required"),
                             (brio_str){0});
    }
}

/* Where the value of a row goes: the member, or new memory behind it. */
static void *target_of(brio_request *req, const brio_field *field, void *in)
{
    void *member = (char *)in + field->offset;
    if (!field->nullable)
        return member;
    void *value = brio_calloc(req->arena, 1, field->model()->size);
    memcpy(member, &value, sizeof value);
    return value;
}

static int bind_direct(brio_request *req, const brio_app_param *p, void *in,
                       brio_problems *problems)
{
    brio_str json = req->http->body;
    if (json.len <= 16 && is_null(json)) {
        decode(p, NULL, &root, in, problems);
        return 0;
    }
    int rc = brio_decode(json, p->field->model(), target_of(req, p->field, in), &root, problems);
    if (rc == BRIO_EINVALID)
        keep_syntax_problem(problems);
    return rc == BRIO_EINVALID ? 0 : rc;
}

int brio_app_bind_body(brio_request *req, const brio_app_input *input, void *in,
                       brio_problems *problems)
{
    const brio_app_params *rows = &input->from[BRIO_IN_BODY];
    if (input->body_direct && req->http->body.len && is_json(req))
        return bind_direct(req, &rows->rows[0], in, problems);
    body b;
    int rc = read_body(req, &b, problems);
    if (rc < 0)
        return rc == BRIO_EINVALID ? 0 : BRIO_ESYNTAX;
    if (input->body_keyed)
        bind_keyed(rows, &b, in, problems);
    else
        decode(&rows->rows[0], b.absent ? NULL : &b.value, &root, in, problems);
    return 0;
}
