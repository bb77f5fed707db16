/* SPDX-License-Identifier: MIT
 *
 * Fields and files of a form, in order of declaration.
 *
 *     one form model            an object of the whole form, problems at ["body", field]
 *     anything else             each row by its name, problems at ["body", name]
 *
 * A field that is sent empty counts as missing, but not inside a form model:
 * FastAPI knows its fields as pydantic's, not as Form(). There an absent field
 * gets its default before the model sees it, and unknown names are handed on, so
 * that the model may forbid them. */
#include "app/binding.h"
#include "app/upload.h"

static const brio_loc root = {.name = BRIO_S_INIT("body")};

/* ---- Values -------------------------------------------------------------------- */

static brio_json value_of(brio_arena *arena, const brio_app_item *item)
{
    return item->upload ? brio_app_upload_value(arena, item->upload)
                        : brio_json_from_str(item->text);
}

/* ---- Rows ---------------------------------------------------------------------- */

static const brio_model *item_model(const brio_model *model)
{
    const brio_field *item = model->kind == BRIO_KIND_LIST ? &model->fields[0] : NULL;
    return item && item->model ? item->model() : model;
}

/* A row of files whose bytes are wanted, not the files. */
static bool wants_bytes(const brio_field *field)
{
    return field->in == BRIO_IN_FILE && field->model &&
           item_model(field->model()) != brio_upload_model();
}

/* Suspends for bytes that are on the disk. */
static int read_value(brio_request *req, const brio_app_param *p, const brio_app_item *item,
                      brio_json *ret)
{
    *ret = value_of(req->arena, item);
    if (!item->upload || !wants_bytes(p->field))
        return 0;
    brio_str bytes;
    int rc = brio_upload_read_all(item->upload, &bytes);
    *ret = brio_json_from_str(bytes);
    return rc;
}

static void decode(const brio_app_param *p, const brio_json *value, void *in,
                   brio_problems *problems)
{
    if (!value && p->optional)
        return;
    /* A failure is in `problems`. */
    (void)!brio_decode_field(value, p->field, in, &p->loc, problems);
}

static int bind_list(brio_request *req, brio_app_named found, const brio_app_param *p, void *in,
                     brio_problems *problems)
{
    brio_json list = {.type = BRIO_JSON_ARRAY, .n = (uint32_t)found.n};
    list.items = BRIO_NEW_ARRAY(req->arena, brio_json, found.n);
    int rc = 0;
    for (size_t i = 0; i < found.n && rc >= 0; i++)
        rc = read_value(req, p, found.items[i], &list.items[i]);
    if (rc >= 0)
        decode(p, found.n ? &list : NULL, in, problems);
    return rc;
}

static int bind_one(brio_request *req, brio_app_named found, const brio_app_param *p, void *in,
                    brio_problems *problems)
{
    const brio_app_item *item = found.n ? found.items[found.n - 1] : NULL;
    if (item && !item->upload && item->text.len == 0)
        item = NULL;
    brio_json value;
    int rc = item ? read_value(req, p, item, &value) : 0;
    if (rc < 0)
        return rc;
    if (item && !item->upload && p->field->in == BRIO_IN_FORM)
        brio_app_bind_text(p, &item->text, 1, in, problems);
    else
        decode(p, item ? &value : NULL, in, problems);
    return 0;
}

static int bind_rows(brio_request *req, const brio_app_params *rows, void *in,
                     brio_problems *problems)
{
    int rc = 0;
    for (size_t i = 0; i < rows->n && rc >= 0; i++) {
        const brio_app_param *p = &rows->rows[i];
        brio_app_named found = brio_app_form_find(req->form, p->wire);
        rc = p->list ? bind_list(req, found, p, in, problems)
                     : bind_one(req, found, p, in, problems);
    }
    return rc;
}

/* ---- Form models ------------------------------------------------------------------ */

typedef struct object {
    brio_arena *arena;
    brio_json_member *members;
    size_t n;
} object;

static void add_member(object *to, brio_str key, brio_json value)
{
    to->members[to->n++] = (brio_json_member){key, value};
}

static brio_json list_value(brio_arena *arena, brio_app_named found)
{
    brio_json list = {.type = BRIO_JSON_ARRAY, .n = (uint32_t)found.n};
    list.items = BRIO_NEW_ARRAY(arena, brio_json, found.n);
    for (size_t i = 0; i < found.n; i++)
        list.items[i] = value_of(arena, found.items[i]);
    return list;
}

static bool is_list(const brio_field *field)
{
    brio_kind kind = field->kind == BRIO_KIND_MODEL ? field->model()->kind : field->kind;
    return kind == BRIO_KIND_LIST;
}

static void add_default(object *to, const brio_field *field, brio_str name)
{
    brio_json value;
    if (field->def &&
        brio_json_parse(to->arena, brio_str_from(field->def), NULL, &value, NULL) == 0 &&
        value.type != BRIO_JSON_NULL)
        add_member(to, name, value);
}

static void add_field(object *to, const brio_app_form *form, const brio_field *field, brio_str name)
{
    brio_app_named found = brio_app_form_find(form, name);
    if (found.n == 0)
        add_default(to, field, name);
    else if (is_list(field))
        add_member(to, name, list_value(to->arena, found));
    else
        add_member(to, name, value_of(to->arena, found.items[found.n - 1]));
}

/* Names that are no field's: one value as it is, several as a list. */
static void add_others(object *to, const brio_app_form *form, const brio_model *model)
{
    for (const brio_app_item *item = form->first; item; item = item->next) {
        brio_app_named found = brio_app_form_find(form, item->name);
        if (found.items[0] != item || brio_model_find(model, item->name) >= 0)
            continue;
        add_member(to, item->name,
                   found.n == 1 ? value_of(to->arena, item) : list_value(to->arena, found));
    }
}

static void bind_model(brio_request *req, const brio_app_param *p, void *in,
                       brio_problems *problems)
{
    const brio_app_form *form = req->form;
    const brio_model *model = p->field->model();
    size_t n;
    const brio_field *rows = brio_model_rows(model, &n);
    object all = {.arena = req->arena};
    all.members = BRIO_NEW_ARRAY(req->arena, brio_json_member, n + form->n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].in == BRIO_IN_FIELD)
            add_field(&all, form, &rows[i], brio_field_wire_name(model, i));
    add_others(&all, form, model);
    brio_json value = {.type = BRIO_JSON_OBJECT, .n = (uint32_t)all.n, .members = all.members};
    (void)!brio_decode_field(&value, p->field, in, &root, problems);
}

int brio_app_bind_form(brio_request *req, const brio_app_input *input, void *in,
                       brio_problems *problems)
{
    const brio_app_params *rows = &input->from[BRIO_IN_FORM];
    BRIO_ASSERT(req->form);
    if (input->body_keyed)
        return bind_rows(req, rows, in, problems);
    bind_model(req, &rows->rows[0], in, problems);
    return 0;
}
