/* SPDX-License-Identifier: MIT
 *
 * One of several types. Without a discriminator every case is tried, as
 * pydantic's smart mode does: the first that fits without any coercion wins at
 * once; else, among those that fit, the one that used most fields, then the
 * one that fits best, then the first. If none fits, each says why, under its
 * name. With a discriminator one case is chosen by its tag and answers alone.
 *
 * Unions inside unions multiply the work: a value may be looked at no more
 * often than WORK_PER_VALUE times on average, counted from the outermost one,
 * and BRIO_MODEL_UNIONS_MAX of them may be open, because each needs some of the
 * stack. What exceeds either is refused. */
#include "model/model_internal.h"

enum { WORK_PER_VALUE = 16, WORK_LEAST = 16384 };

static const brio_str no_ctx = {0};

/* ---- Work -------------------------------------------------------------------- */

static size_t count_values(const brio_json *value)
{
    size_t n = 1;
    if (value->type == BRIO_JSON_ARRAY)
        for (uint32_t i = 0; i < value->n; i++)
            n += count_values(&value->items[i]);
    if (value->type == BRIO_JSON_OBJECT)
        for (uint32_t i = 0; i < value->n; i++)
            n += count_values(&value->members[i].value);
    return n;
}

/* ---- A case -------------------------------------------------------------------- */

/* A pointer member is allocated; null is for members of the union's own. */
static int read_case(const brio_site *site, void *out)
{
    if (!site->row->nullable)
        return brio_read_value(site, out);
    void *value = brio_calloc(site->problems->arena, 1, site->row->size);
    memcpy(out, &value, sizeof value);
    return site->row->special ? brio_read_special(site, value) : brio_read_kind(site, value);
}

static int read_chosen(const brio_site *site, const brio_plan *plan, size_t which, brio_loc loc,
                       char *out)
{
    const brio_plan_field *row = &plan->fields[which];
    int number = (int)which;
    loc.up = site->loc;
    brio_site at = brio_site_in(site, row, &loc, site->input);
    memset(out, 0, plan->model->size);
    memcpy(out, &number, sizeof number);
    return read_case(&at, out + row->offset);
}

/* ---- By tag ---------------------------------------------------------------------- */

static int __attribute__((noinline, cold)) fail_tag(const brio_site *site, const brio_json *tag)
{
    brio_arena *arena = site->problems->arena;
    const brio_plan *plan = brio_model_plan(site->row->model);
    const char *by = plan->config->discriminator;
    brio_json shown = *tag, expected = brio_json_from_str((brio_str){0});
    if (tag->type != BRIO_JSON_STR)
        shown = brio_json_from_str(brio_repr_of_any(arena, tag, 1));
    for (size_t i = 0; i < plan->n_tags; i++) {
        brio_str one = brio_repr_of_any(arena, &plan->tags[i], 1);
        expected.str =
            brio_printf(arena, "%.*s%s%.*s", BRIO_ARG(expected.str), i ? ", " : "", BRIO_ARG(one));
    }
    brio_str msg = brio_printf(arena,
                               "Input tag '%.*s' found using '%s' does not match any of the "
                               "expected tags: %.*s",
                               BRIO_ARG(shown.str), by, BRIO_ARG(expected.str));
    brio_str ctx = brio_printf(
        arena, "{\"discriminator\":\"'%s'\",\"tag\":%.*s,\"expected_tags\":%.*s}", by,
        BRIO_ARG(brio_json_text(arena, &shown)), BRIO_ARG(brio_json_text(arena, &expected)));
    return brio_site_fail(site, "union_tag_invalid", msg, ctx);
}

static int __attribute__((noinline, cold)) fail_no_tag(const brio_site *site, const char *by)
{
    brio_arena *arena = site->problems->arena;
    return brio_site_fail(site, "union_tag_not_found",
                          brio_printf(arena, "Unable to extract tag using discriminator '%s'", by),
                          brio_printf(arena, "{\"discriminator\":\"'%s'\"}", by));
}

/* What the tag adds to a location: itself, as pydantic has it. */
static brio_loc place_of(const brio_site *site, const brio_json *tag)
{
    if (tag->type == BRIO_JSON_INT)
        return (brio_loc){.index = tag->integer, .is_index = true};
    brio_str name =
        tag->type == BRIO_JSON_STR ? tag->str : brio_repr_of_any(site->problems->arena, tag, 1);
    return (brio_loc){.name = name};
}

static int read_tagged(const brio_site *site, const brio_plan *plan, void *out)
{
    if (site->input->type != BRIO_JSON_OBJECT)
        return brio_site_fail(
            site, "model_attributes_type",
            BRIO_S("Input should be a valid dictionary or object to extract fields from"), no_ctx);
    const char *by = plan->config->discriminator;
    const brio_json *tag = brio_json_get(site->input, plan->tag_key);
    if (!tag)
        return fail_no_tag(site, by);
    brio_json number = *tag;
    if (tag->type == BRIO_JSON_BOOL) /* True is 1 to Python */
        number = (brio_json){.type = BRIO_JSON_INT, .integer = tag->boolean};
    for (size_t i = 0; i < plan->n_tags; i++)
        if (brio_json_equal(&plan->tags[i], &number))
            return read_chosen(site, plan, plan->tag_cases[i], place_of(site, &number), out);
    return fail_tag(site, tag);
}

/* ---- By trying --------------------------------------------------------------------- */

typedef struct best_case {
    char *value; /* NULL: none fits */
    brio_reading reading;
} best_case;

static bool is_better(const best_case *best, const brio_reading *now)
{
    if (!best->value)
        return true;
    if (best->reading.structs && now->structs && best->reading.fields != now->fields)
        return now->fields > best->reading.fields;
    return now->fit > best->reading.fit;
}

/* True if no other case needs to be tried. */
static bool try_case(const brio_site *site, const brio_plan *plan, size_t which, size_t *budget,
                     best_case *best)
{
    brio_arena *arena = site->problems->arena;
    brio_reading reading = {.budget = budget, .fit = BRIO_FIT_EXACT};
    brio_problems_mark mark = brio_problems_marked(site->problems);
    brio_site at = *site;
    at.reading = &reading;
    char *value = brio_calloc(arena, 1, plan->model->size);
    brio_loc label = {.name = brio_plan_label(plan, which)};
    if (read_chosen(&at, plan, which, label, value) < 0) {
        if (best->value)
            brio_problems_rewind(site->problems, mark);
        return false;
    }
    if (is_better(best, &reading))
        *best = (best_case){value, reading};
    return reading.fit == BRIO_FIT_EXACT && !reading.structs;
}

static int read_best(const brio_site *site, const brio_plan *plan, size_t *budget, void *out)
{
    brio_problems_mark mark = brio_problems_marked(site->problems);
    best_case best = {0};
    for (size_t i = 0; i < plan->n; i++)
        if (try_case(site, plan, i, budget, &best))
            break;
    if (!best.value)
        return BRIO_EINVALID;
    brio_problems_rewind(site->problems, mark);
    memcpy(out, best.value, plan->model->size);
    brio_site_fit(site, best.reading.fit);
    if (site->reading && best.reading.structs) {
        site->reading->structs = true;
        site->reading->fields += best.reading.fields;
    }
    return 0;
}

static int __attribute__((noinline, cold)) fail_work(const brio_site *site)
{
    return brio_site_fail(site, "union_too_complex",
                          BRIO_S("Input nests too many values that may be of several types"),
                          no_ctx);
}

static int read_untagged(const brio_site *site, const brio_plan *plan, void *out)
{
    size_t own, *budget = site->reading ? site->reading->budget : &own;
    if (!site->reading)
        own = WORK_LEAST + WORK_PER_VALUE * count_values(site->input);
    brio_problems_mark mark = brio_problems_marked(site->problems);
    int rc = read_best(site, plan, budget, out);
    if (*budget > 0)
        return rc;
    brio_problems_rewind(site->problems, mark);
    return fail_work(site);
}

int brio_read_union(const brio_site *site, void *out)
{
    const brio_plan *plan = brio_model_plan(site->row->model);
    brio_site at = *site;
    if (at.unions++ == BRIO_MODEL_UNIONS_MAX)
        return fail_work(site);
    return plan->n_tags ? read_tagged(&at, plan, out) : read_untagged(&at, plan, out);
}
