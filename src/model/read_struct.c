/* SPDX-License-Identifier: MIT
 *
 * Objects into structs: the members are sorted into slots once, the rows are
 * visited in order, then what is left over is refused, kept or forgotten; and
 * absence in all its forms. The model's own validators stand around all that:
 * before, on the object; after, on the struct, if nothing in it was wrong. */
#include "model/model_internal.h"

static const brio_str no_ctx = {0};

/* ---- Absence -------------------------------------------------------------- */

/* Defaults are text, read like input, so what they say is what a client could
 * have sent. brio_model_check has refused those that do not fit. Validators do
 * not see them. */
static int read_default(const brio_site *site, void *out)
{
    brio_json value = {0};
    brio_str text = brio_str_from(site->row->row->def);
    if (brio_json_parse(site->problems->arena, text, NULL, &value, NULL) < 0)
        return brio_site_fail(site, "json_invalid", BRIO_S("Invalid JSON: default"), no_ctx);
    brio_plan_field row = *site->row;
    row.special = row.n_literals > 0;
    row.strict = false;
    brio_site at = {site->problems, &row, site->loc, &value, NULL, 0};
    return brio_read_value(&at, out);
}

int brio_read_absent(const brio_site *site, void *out)
{
    if (site->row->row->factory) {
        site->row->row->factory(site->problems->arena, out);
        return 0;
    }
    if (site->row->row->def)
        return read_default(site, out);
    if (site->row->required)
        return brio_site_fail(site, "missing", BRIO_S("Field required"), no_ctx);
    BRIO_ASSERT(site->row->nullable);
    memset(out, 0, sizeof(void *));
    return 0;
}

/* ---- Members -------------------------------------------------------------- */

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
    brio_site at = brio_site_in(site, row, &loc, value ? value : site->input);
    void *out = (char *)base + row->offset;
    return value ? brio_read_value(&at, out) : brio_read_absent(&at, out);
}

/* ---- Keys that no row names ------------------------------------------------- */

static int refuse_extras(const brio_site *site, const brio_plan *plan)
{
    int rc = 0;
    for (size_t i = 0; i < site->input->n; i++) {
        const brio_json_member *member = &site->input->members[i];
        if (is_member(plan, brio_plan_find(plan, member->key.ptr, member->key.len)))
            continue;
        brio_loc loc = {.up = site->loc, .name = member->key};
        brio_site at = brio_site_in(site, site->row, &loc, &member->value);
        rc = brio_site_fail(&at, "extra_forbidden", BRIO_S("Extra inputs are not permitted"),
                            no_ctx);
    }
    return rc;
}

static void keep_extras(const brio_site *site, const brio_plan *plan, void *base)
{
    brio_json extras = {.type = BRIO_JSON_OBJECT};
    extras.members = BRIO_NEW_ARRAY(site->problems->arena, brio_json_member, site->input->n);
    for (size_t i = 0; i < site->input->n; i++) {
        const brio_json_member *member = &site->input->members[i];
        if (!is_member(plan, brio_plan_find(plan, member->key.ptr, member->key.len)))
            extras.members[extras.n++] = *member;
    }
    memcpy((char *)base + plan->extras, &extras, sizeof extras);
}

static int read_extras(const brio_site *site, const brio_plan *plan, void *base)
{
    if (plan->forbid_extra)
        return refuse_extras(site, plan);
    if (plan->extras != BRIO_PLAN_NOWHERE)
        keep_extras(site, plan, base);
    return 0;
}

/* ---- The struct ---------------------------------------------------------------- */

static int fail_type(const brio_site *site)
{
    brio_arena *arena = site->problems->arena;
    const brio_model *model = site->row->model;
    if (!model->dataclass)
        return brio_site_fail(
            site, "model_attributes_type",
            BRIO_S("Input should be a valid dictionary or object to extract fields from"), no_ctx);
    return brio_site_fail(
        site, "dataclass_type",
        brio_printf(arena, "Input should be a dictionary or an instance of %s", model->name),
        brio_printf(arena, "{\"class_name\":\"%s\"}", model->name));
}

static int read_rows(const brio_site *site, const brio_plan *plan, void *out)
{
    const brio_json **slots = sort_members(plan, site->input, site->problems->arena);
    uint64_t seen = 0;
    int rc = 0;
    memset(out, 0, plan->model->size);
    for (size_t i = 0; i < plan->n; i++) {
        const brio_plan_field *row = &plan->fields[i];
        if (!row->member)
            continue;
        seen |= slots[i] ? row->bit : 0;
        if (read_member(site, row, slots[i], out) < 0)
            rc = BRIO_EINVALID;
    }
    if (read_extras(site, plan, out) < 0)
        rc = BRIO_EINVALID;
    if (plan->sets)
        brio_plan_store_set(plan, out, seen);
    if (site->reading) {
        site->reading->structs = true;
        site->reading->fields += (size_t)__builtin_popcountll(seen);
    }
    return rc;
}

static bool is_inherited(const brio_field *config)
{
    return config->size > 0;
}

/* Own ones first, then those of bases: each stands around the next. */
static int run_before(const brio_site *site, const brio_plan *plan, brio_json *value)
{
    for (int inherited = 0; inherited <= 1; inherited++)
        for (const brio_field *row = plan->rows; row != brio_rows_end(plan->rows, plan->n); row++) {
            if (row->in != BRIO_IN_CONFIG || is_inherited(row) != inherited || !row->before)
                continue;
            int rc = brio_check_before(site, row->before, value);
            if (rc < 0)
                return rc;
        }
    return 0;
}

static int run_after(const brio_site *site, const brio_plan *plan, void *out)
{
    for (int own = 0; own <= 1; own++)
        for (const brio_field *row = plan->rows; row != brio_rows_end(plan->rows, plan->n); row++) {
            if (row->in != BRIO_IN_CONFIG || is_inherited(row) == own || !row->after)
                continue;
            int rc = brio_check_after(site, row->after, (char *)out + row->offset);
            if (rc < 0)
                return rc;
        }
    return 0;
}

static int read_object(const brio_site *site, const brio_plan *plan, void *out)
{
    return site->input->type == BRIO_JSON_OBJECT ? read_rows(site, plan, out) : fail_type(site);
}

static int read_judged(const brio_site *site, const brio_plan *plan, void *out)
{
    brio_json value = *site->input;
    brio_site at = *site;
    at.input = &value;
    int rc = run_before(site, plan, &value);
    if (rc == 0)
        rc = read_object(&at, plan, out);
    return rc == 0 ? run_after(site, plan, out) : rc;
}

int brio_read_struct(const brio_site *site, void *out)
{
    const brio_plan *plan = brio_model_plan(site->row->model);
    return plan->judged ? read_judged(site, plan, out) : read_object(site, plan, out);
}
