/* SPDX-License-Identifier: MIT
 *
 * From a dynamic value into a struct, by its plan, reporting everything that
 * is wrong and not only the first. This is the judge: the fast reader may only
 * say yes, and whatever it does not accept comes here for its verdict.
 *
 * The walk is one function per shape (read_*.c) and per scalar (coerce_*.c),
 * each linear in its input or nearly so. Locations live on the stack. `out` is
 * garbage once anything failed. */
#include "model/model_internal.h"
#include <assert.h>

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
    assert(site->row->model); /* rows of this kind have one */
    return site->row->model->type->read(&at, site->input, out);
}

static int read_json(const brio_site *site, void *out)
{
    memcpy(out, site->input, sizeof *site->input);
    return 0;
}

/* How good a match the value is if it fits at all (pydantic's exactness, for
 * values that Python's json module made). Parts lower it further. ORDER KIND */
static brio_fit fit_of(const brio_plan_field *row, brio_json_type type)
{
    bool integer = type == BRIO_JSON_INT || type == BRIO_JSON_BIGINT;
    switch ((brio_kind)row->kind) {
    case BRIO_KIND_BOOL:
        return type == BRIO_JSON_BOOL ? BRIO_FIT_EXACT : BRIO_FIT_LAX;
    case BRIO_KIND_F32:
    case BRIO_KIND_F64:
        return type == BRIO_JSON_FLOAT ? BRIO_FIT_EXACT : integer ? BRIO_FIT_STRICT : BRIO_FIT_LAX;
    case BRIO_KIND_STR:
    case BRIO_KIND_TEXT:
    case BRIO_KIND_HTML:
    case BRIO_KIND_NONE:
    case BRIO_KIND_DICT:
    case BRIO_KIND_UNION:
        return BRIO_FIT_EXACT;
    case BRIO_KIND_JSON:
        return BRIO_FIT_STRICT;
    case BRIO_KIND_LIST:
        return row->as == BRIO_AS_LIST ? BRIO_FIT_EXACT : BRIO_FIT_LAX;
    case BRIO_KIND_TYPE:
        return row->model->type->exact && type == BRIO_JSON_STR ? BRIO_FIT_EXACT : BRIO_FIT_LAX;
    case BRIO_KIND_ENUM:
    case BRIO_KIND_STRUCT:
    case BRIO_KIND_TUPLE:
    case BRIO_KIND_MODEL:
        return BRIO_FIT_LAX;
    default:
        return integer ? BRIO_FIT_EXACT : BRIO_FIT_LAX;
    }
}

/* ORDER KIND */
int brio_read_kind(const brio_site *site, void *out)
{
    if (BRIO_UNLIKELY(site->reading != NULL))
        brio_site_fit(site, fit_of(site->row, site->input->type));
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
        return brio_read_struct(site, out);
    case BRIO_KIND_LIST:
        return brio_read_list(site, out);
    case BRIO_KIND_NONE:
        return read_none(site, out);
    case BRIO_KIND_TYPE:
        return read_type(site, out);
    case BRIO_KIND_TUPLE:
        return brio_read_tuple(site, out);
    case BRIO_KIND_DICT:
        return brio_read_dict(site, out);
    case BRIO_KIND_UNION:
        return brio_read_union(site, out);
    case BRIO_KIND_MODEL:
        break;
    }
    brio_assert_failed("a plan's kinds are resolved", __FILE__, __LINE__);
}

/* One value less that may be looked at; none left ends the union's attempts. */
static bool spend(const brio_site *site)
{
    size_t *budget = site->reading->budget;
    return *budget > 0 && --*budget > 0;
}

int brio_read_value(const brio_site *site, void *out)
{
    if (BRIO_UNLIKELY(site->reading != NULL) && !spend(site))
        return BRIO_EINVALID;
    if (BRIO_UNLIKELY(site->row->special))
        return brio_read_special(site, out);
    if (!site->row->nullable)
        return brio_read_kind(site, out);
    void *value = NULL;
    if (site->input->type != BRIO_JSON_NULL) {
        value = brio_calloc(site->problems->arena, 1, site->row->size);
        if (brio_read_kind(site, value) < 0)
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
    brio_site site = {problems, &brio_model_plan(model)->self, root, value, NULL, 0};
    return brio_read_value(&site, out);
}

brio_plan_field brio_plan_lone(brio_arena *arena, const brio_field *field)
{
    brio_plan_field row = {
        .row = field,
        .model = field->model ? field->model() : NULL,
        .pattern = field->pattern ? brio_pattern_new(field->pattern, NULL) : NULL,
        .offset = (uint32_t)field->offset,
        .kind = (uint8_t)field->kind,
        .nullable = field->nullable,
        .required = !field->def && !field->factory && (!field->nullable || field->required),
        .special = brio_row_is_special(field),
        .strict = field->strict,
        .bounded = true,
    };
    if (row.kind == BRIO_KIND_MODEL) {
        BRIO_ASSERT(row.model);
        row.kind = (uint8_t)row.model->kind;
    }
    row.size = (uint32_t)(row.model ? row.model->size : brio_kind_size(field->kind));
    row.as = (uint8_t)(field->as || !row.model ? field->as : row.model->as);
    if (field->literal)
        brio_plan_literals(&row, arena);
    return row;
}

int brio_decode_field(const brio_json *value, const brio_field *field, void *base,
                      const brio_loc *loc, brio_problems *problems)
{
    static const brio_json null = {.type = BRIO_JSON_NULL};
    brio_plan_field row = brio_plan_lone(problems->arena, field);
    brio_site site = {problems, &row, loc, value ? value : &null, NULL, 0};
    void *out = (char *)base + field->offset;
    return value ? brio_read_value(&site, out) : brio_read_absent(&site, out);
}
