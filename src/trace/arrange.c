/* SPDX-License-Identifier: MIT
 *
 * Which rows a drawing shows when there are more tracks than room.
 *
 * Finished tracks without children that share name and parent are a class; the
 * first k of each class are drawn and one more row stands for the rest
 * ("+ 960 more"). k is the largest that fits. Whatever has not ended is drawn
 * before all that has: a hanging task must not hide in a crowd. */
#include "trace/trace_internal.h"

#include <errno.h>
#include <stdlib.h>

typedef struct crowd {
    const brio_trace_model *model;
    size_t *sorted; /* rows that may be folded, class by class */
    size_t n;
    size_t *starts; /* of the classes, in `sorted`; classes + 1 of them */
    size_t classes;
} crowd;

static int compare_rows(const void *a, const void *b, void *arg)
{
    const brio_trace_row *rows = arg;
    size_t ia = *(const size_t *)a, ib = *(const size_t *)b;
    if (rows[ia].parent != rows[ib].parent)
        return rows[ia].parent < rows[ib].parent ? -1 : 1;
    int by_name = strcmp(rows[ia].name, rows[ib].name);
    if (by_name)
        return by_name;
    return ia < ib ? -1 : ia > ib;
}

static bool same_class(const brio_trace_row *a, const brio_trace_row *b)
{
    return a->parent == b->parent && strcmp(a->name, b->name) == 0;
}

static void collect(crowd *c, bool *has_child)
{
    brio_trace_row *rows = c->model->rows;
    for (size_t i = 0; i < c->model->n; i++)
        if (rows[i].parent != BRIO_TRACE_NO_ROW)
            has_child[rows[i].parent] = true;
    for (size_t i = 0; i < c->model->n; i++)
        if (rows[i].ended && !has_child[i])
            c->sorted[c->n++] = i;
    qsort_r(c->sorted, c->n, sizeof(*c->sorted), compare_rows, rows);
    for (size_t i = 0; i < c->n; i++)
        if (i == 0 || !same_class(&rows[c->sorted[i - 1]], &rows[c->sorted[i]]))
            c->starts[c->classes++] = i;
    c->starts[c->classes] = c->n;
}

/* Rows of the drawing if each class shows `k` of its own. */
static size_t rows_with(const crowd *c, size_t k)
{
    size_t rows = c->model->n - c->n;
    for (size_t i = 0; i < c->classes; i++) {
        size_t size = c->starts[i + 1] - c->starts[i];
        rows += size > k + 1 ? k + 1 : size;
    }
    return rows;
}

static void fold(brio_trace_model *model, size_t row, size_t into)
{
    model->rows[row].shown_with = into;
}

static void fold_classes(brio_trace_model *model, const crowd *c, size_t k)
{
    for (size_t i = 0; i < c->classes; i++) {
        size_t first = c->starts[i], size = c->starts[i + 1] - first;
        if (size <= k + 1)
            continue;
        for (size_t j = first + k + 1; j < first + size; j++)
            fold(model, c->sorted[j], c->sorted[first + k]);
    }
}

/* Still too many, all of different names: the last drawn stands for the tail,
 * but what has not ended keeps its row as long as there is room. */
static void fold_tail(brio_trace_model *model, size_t rows, size_t max_rows)
{
    size_t last = BRIO_TRACE_NO_ROW;
    for (size_t pass = 0; pass < 2 && rows > max_rows; pass++)
        for (size_t i = model->n; i-- > 0 && rows > max_rows;) {
            size_t row = model->order[i];
            if (model->rows[row].shown_with != row || row == last)
                continue;
            if (pass == 0 && !model->rows[row].ended)
                continue;
            if (last == BRIO_TRACE_NO_ROW) {
                last = row;
                continue;
            }
            fold(model, row, last);
            rows--;
        }
}

static size_t stand_in(const brio_trace_model *model, size_t row)
{
    while (model->rows[row].shown_with != row)
        row = model->rows[row].shown_with;
    return row;
}

/* Chains what shares a row; one that stood for others may itself be folded. */
static void chain(brio_trace_model *model)
{
    for (size_t i = 0; i < model->n; i++)
        model->rows[i].folded = 0;
    model->drawn = 0;
    for (size_t i = model->n; i-- > 0;) {
        size_t into = stand_in(model, i);
        model->rows[i].shown_with = into;
        if (into == i) {
            model->drawn++;
            continue;
        }
        model->rows[i].next_folded = model->rows[into].next_folded;
        model->rows[into].next_folded = i;
        model->rows[into].folded++;
    }
}

static void fit(brio_trace_model *model, crowd *c, size_t max_rows)
{
    size_t k = max_rows;
    while (k > 1 && rows_with(c, k) > max_rows)
        k--;
    fold_classes(model, c, k);
    fold_tail(model, rows_with(c, k), max_rows);
}

int brio_trace_arrange(brio_trace_model *model, size_t max_rows)
{
    BRIO_ASSERT(max_rows > 0);
    model->drawn = model->n;
    if (model->n <= max_rows)
        return 0;
    crowd c = {.model = model,
               .sorted = brio_zalloc(model->n, sizeof(size_t)),
               .starts = brio_zalloc(model->n + 1, sizeof(size_t))};
    bool *has_child = brio_zalloc(model->n, sizeof(bool));
    bool whole = c.sorted && c.starts && has_child;
    if (whole) {
        collect(&c, has_child);
        fit(model, &c, max_rows);
        chain(model);
    }
    free(c.sorted);
    free(c.starts);
    free(has_child);
    return whole ? 0 : -ENOMEM;
}
