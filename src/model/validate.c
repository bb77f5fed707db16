/* SPDX-License-Identifier: MIT
 *
 * From a dynamic value into a struct, by its plan, reporting everything that
 * is wrong and not only the first. This is the judge: the fast reader may only
 * say yes, and whatever it does not accept comes here for its verdict.
 *
 * The walk is one function per shape (struct, list, scalar), each linear in
 * its input: a struct sorts its object's members into slots once, then visits
 * its rows in order, then what is left over. Locations live on the stack.
 * `out` is garbage once anything failed. */
#include "model/model_internal.h"

typedef struct list_header { /* every list: {T *items; size_t len;} */
    void *items;
    size_t len;
} list_header;

static int read_list(const brio_site *site, list_header *out)
{
    if (site->input->type != BRIO_JSON_ARRAY)
        return brio_site_fail(site, "list_type", BRIO_S("Input should be a valid list"),
                              (brio_str){0});
    size_t n = site->input->n;
    if (brio_constrain_max_items(site, n) < 0)
        return BRIO_EINVALID;
    const brio_plan_field *item = &brio_model_plan(site->row->model)->fields[0];
    size_t stride = item->nullable ? sizeof(void *) : item->size;
    *out = (list_header){brio_calloc(site->problems->arena, n, stride), n};
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        brio_loc loc = {.up = site->loc, .index = (int64_t)i, .is_index = true};
        brio_site at = {site->problems, item, &loc, &site->input->items[i]};
        if (brio_read_value(&at, (char *)out->items + i * stride) < 0)
            rc = BRIO_EINVALID;
    }
    return rc < 0 ? rc : brio_constrain_min_items(site, n);
}

/* ---- Absence -------------------------------------------------------------- */

/* Defaults are text, read like input, so what they say is what a client could
 * have sent. brio_model_check has refused those that do not fit. */
static int read_default(const brio_site *site, void *out)
{
    brio_json value = {0};
    brio_str text = brio_str_from(site->row->row->def);
    if (brio_json_parse(site->problems->arena, text, NULL, &value, NULL) < 0)
        return brio_site_fail(site, "json_invalid", BRIO_S("Invalid JSON: default"), (brio_str){0});
    brio_site at = *site;
    at.input = &value;
    return brio_read_value(&at, out);
}

/* `site->input` is what the problem shows: the object around, or null. */
static int read_absent(const brio_site *site, void *out)
{
    if (site->row->row->def)
        return read_default(site, out);
    if (site->row->required)
        return brio_site_fail(site, "missing", BRIO_S("Field required"), (brio_str){0});
    BRIO_ASSERT(site->row->nullable);
    memset(out, 0, sizeof(void *));
    return 0;
}

/* ---- Objects -------------------------------------------------------------- */

static bool is_member(const brio_plan *plan, ptrdiff_t row)
{
    return row >= 0 && plan->fields[row].member;
}

static const brio_json **sort_members(const brio_plan *plan, const brio_json *object,
                                      brio_arena *arena)
{
    const brio_json **slots = brio_calloc(arena, plan->n, sizeof *slots);
    for (size_t i = 0; i < object->n; i++) {
        const brio_json_member *member = &object->members[i];
        ptrdiff_t row = brio_plan_find(plan, member->key.ptr, member->key.len);
        if (is_member(plan, row))
            slots[row] = &member->value;
    }
    return slots;
}

static int read_member(const brio_site *site, const brio_plan_field *row, const brio_json *value,
                       void *base)
{
    brio_loc loc = {.up = site->loc, .name = row->wire};
    brio_site at = {site->problems, row, &loc, value ? value : site->input};
    void *out = (char *)base + row->offset;
    return value ? brio_read_value(&at, out) : read_absent(&at, out);
}

static int refuse_extras(const brio_site *site, const brio_plan *plan)
{
    int rc = 0;
    for (size_t i = 0; i < site->input->n; i++) {
        const brio_json_member *member = &site->input->members[i];
        if (is_member(plan, brio_plan_find(plan, member->key.ptr, member->key.len)))
            continue;
        brio_loc loc = {.up = site->loc, .name = member->key};
        brio_site at = {site->problems, site->row, &loc, &member->value};
        rc = brio_site_fail(&at, "extra_forbidden", BRIO_S("Extra inputs are not permitted"),
                            (brio_str){0});
    }
    return rc;
}

static int read_struct(const brio_site *site, void *out)
{
    const brio_plan *plan = brio_model_plan(site->row->model);
    if (site->input->type != BRIO_JSON_OBJECT)
        return brio_site_fail(
            site, "model_attributes_type",
            BRIO_S("Input should be a valid dictionary or object to extract fields from"),
            (brio_str){0});
    const brio_json **slots = sort_members(plan, site->input, site->problems->arena);
    memset(out, 0, plan->model->size);
    int rc = 0;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->fields[i].member && read_member(site, &plan->fields[i], slots[i], out) < 0)
            rc = BRIO_EINVALID;
    if (plan->forbid_extra && refuse_extras(site, plan) < 0)
        rc = BRIO_EINVALID;
    return rc;
}

/* ---- Any value ------------------------------------------------------------ */

static int read_none(const brio_site *site, void *out)
{
    if (site->input->type != BRIO_JSON_NULL)
        return brio_site_fail(site, "none_required", BRIO_S("Input should be None"), (brio_str){0});
    memset(out, 0, sizeof(brio_none));
    return 0;
}

static int read_type(const brio_site *site, void *out)
{
    brio_site at = *site;
    return site->row->model->type->read(&at, site->input, out);
}

static int read_json(const brio_site *site, void *out)
{
    memcpy(out, site->input, sizeof *site->input);
    return 0;
}

/* ORDER KIND */
static int read_kind(const brio_site *site, void *out)
{
    switch ((brio_kind)site->row->kind) {
    case BRIO_KIND_BOOL:
        return brio_coerce_bool(site, out);
    case BRIO_KIND_I8:
    case BRIO_KIND_I16:
    case BRIO_KIND_I32:
    case BRIO_KIND_I64:
    case BRIO_KIND_U8:
    case BRIO_KIND_U16:
    case BRIO_KIND_U32:
    case BRIO_KIND_U64:
        return brio_coerce_int(site, out);
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        return brio_coerce_float(site, out);
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
        return brio_coerce_str(site, out);
    case BRIO_KIND_JSON:
        return read_json(site, out);
    case BRIO_KIND_ENUM:
        return brio_coerce_enum(site, out);
    case BRIO_KIND_STRUCT:
        return read_struct(site, out);
    case BRIO_KIND_LIST:
        return read_list(site, out);
    case BRIO_KIND_NONE:
        return read_none(site, out);
    case BRIO_KIND_TYPE:
        return read_type(site, out);
    case BRIO_KIND_TUPLE:
    case BRIO_KIND_DICT:
    case BRIO_KIND_UNION:
    case BRIO_KIND_MODEL:
        break;
    }
    brio_assert_failed("a plan's kinds are resolved", __FILE__, __LINE__);
}

int brio_read_value(const brio_site *site, void *out)
{
    if (!site->row->nullable)
        return read_kind(site, out);
    void *value = NULL;
    if (site->input->type != BRIO_JSON_NULL) {
        value = brio_calloc(site->problems->arena, 1, site->row->size);
        if (read_kind(site, value) < 0)
            return BRIO_EINVALID;
    }
    memcpy(out, &value, sizeof value);
    return 0;
}

/* ---- For the readers of scalars --------------------------------------------- */

int brio_input_fail(brio_input *in, const char *type, brio_str msg, brio_str ctx)
{
    return brio_site_fail(in, type, msg, ctx);
}

brio_arena *brio_input_arena(const brio_input *in)
{
    return in->problems->arena;
}

const brio_field *brio_input_field(const brio_input *in)
{
    return in->row->row;
}

bool brio_input_strict(const brio_input *in)
{
    return in->row->strict;
}

/* ---- The doors ------------------------------------------------------------ */

int brio_decode_value(const brio_json *value, const brio_model *model, void *out,
                      const brio_loc *root, brio_problems *problems)
{
    brio_site site = {problems, &brio_model_plan(model)->self, root, value};
    return brio_read_value(&site, out);
}

brio_plan_field brio_plan_lone(const brio_field *field)
{
    brio_plan_field row = {
        .row = field,
        .model = field->model ? field->model() : NULL,
        .pattern = field->pattern ? brio_pattern_new(field->pattern, NULL) : NULL,
        .offset = (uint32_t)field->offset,
        .kind = (uint8_t)field->kind,
        .nullable = field->nullable,
        .required = !field->def && (!field->nullable || field->required),
        .strict = field->strict,
        .bounded = true,
    };
    if (row.kind == BRIO_KIND_MODEL) {
        BRIO_ASSERT(row.model);
        row.kind = (uint8_t)row.model->kind;
    }
    row.size = (uint32_t)(row.model ? row.model->size : brio_kind_size(field->kind));
    return row;
}

int brio_decode_field(const brio_json *value, const brio_field *field, void *base,
                      const brio_loc *loc, brio_problems *problems)
{
    static const brio_json null = {.type = BRIO_JSON_NULL};
    brio_plan_field row = brio_plan_lone(field);
    brio_site site = {problems, &row, loc, value ? value : &null};
    void *out = (char *)base + field->offset;
    return value ? brio_read_value(&site, out) : read_absent(&site, out);
}
