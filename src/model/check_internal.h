/* SPDX-License-Identifier: MIT
 *
 * What the two halves of checking share: tables (check.c), rows (check_row.c). */
#ifndef BRIO_MODEL_CHECK_INTERNAL_H
#define BRIO_MODEL_CHECK_INTERNAL_H

#include "model/model_internal.h"

typedef struct brio_checker {
    brio_arena *arena;
    brio_str why; /* empty: nothing found */
} brio_checker;

static inline bool brio_checker_found(const brio_checker *c)
{
    return c->why.len > 0;
}

/* Takes the first complaint only. `row` may be NULL. */
void brio_checker_complain(brio_checker *c, const brio_model *model, const brio_field *row,
                           brio_str text);
/* A row that holds a value. */
void brio_check_row(brio_checker *c, const brio_model *model, const brio_field *row);
/* The texts of any row: UTF-8, examples an array, extras of a schema an object. */
void brio_check_texts(brio_checker *c, const brio_model *model, const brio_field *row);

static inline brio_kind brio_row_kind(const brio_field *row)
{
    return row->kind == BRIO_KIND_MODEL ? row->model()->kind : row->kind;
}

#endif
