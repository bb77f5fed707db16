/* SPDX-License-Identifier: MIT
 *
 * The rows a model really has: its own, with those of its bases in place of
 * each BRIO_BASE, their offsets moved. Everything that walks a table walks
 * these, so inheritance ends here. Base rows stay together, in their order; a
 * base's own BRIO_CONFIG comes along at the base's offset, because its
 * validators are inherited. Of a union only the cases are rows. */
#include "model/model_internal.h"

static bool is_kept(const brio_model *model, const brio_field *row)
{
    return model->kind != BRIO_KIND_UNION || row->in != BRIO_IN_CONFIG;
}

size_t brio_rows_count(const brio_model *model)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n; i++) {
        const brio_field *row = &model->fields[i];
        n += row->in == BRIO_IN_BASE ? brio_rows_count(row->model()) : is_kept(model, row);
    }
    return n;
}

/* A base's configuration has the base's size, one's own none. Its BRIO_FIELDS_SET
 * speaks of its own rows: `max_length` of them from row `min_length` on. */
static void mark_inherited(const brio_field *rows, brio_field *first, const brio_field *end,
                           const brio_model *base)
{
    for (brio_field *row = first; row < end; row++) {
        if (row->in == BRIO_IN_CONFIG && row->size == 0)
            row->size = base->size;
        if (row->in == BRIO_IN_SET && row->max_length == 0) {
            row->min_length = (size_t)(first - rows);
            row->max_length = (size_t)(end - first);
        }
    }
}

static brio_field *expand(const brio_field *rows, brio_field *to, const brio_model *model,
                          size_t offset)
{
    for (size_t i = 0; i < model->n; i++) {
        const brio_field *row = &model->fields[i];
        if (row->in == BRIO_IN_BASE) {
            brio_field *first = to;
            to = expand(rows, to, row->model(), offset + row->offset);
            mark_inherited(rows, first, to, row->model());
        } else if (is_kept(model, row)) {
            *to = *row;
            to->offset += offset;
            to++;
        }
    }
    return to;
}

static bool is_plain(const brio_model *model)
{
    for (size_t i = 0; i < model->n; i++)
        if (model->fields[i].in == BRIO_IN_BASE || !is_kept(model, &model->fields[i]))
            return false;
    return true;
}

const brio_field *brio_rows_expand(brio_arena *arena, const brio_model *model)
{
    if (is_plain(model))
        return model->fields;
    brio_field *rows = BRIO_NEW_ARRAY(arena, brio_field, brio_rows_count(model));
    expand(rows, rows, model, 0);
    return rows;
}

const brio_field *brio_model_rows(const brio_model *model, size_t *ret_n)
{
    const brio_plan *plan = brio_model_plan(model);
    *ret_n = plan->n;
    return plan->rows;
}
