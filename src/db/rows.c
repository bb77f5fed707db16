/* SPDX-License-Identifier: MIT
 *
 * Rows into structs. A column's value becomes a dynamic value and goes through
 * the model's own validator, so a row obeys the same rules as a request: a NULL
 * only fits a pointer, 1 is true, a number is not text. */
#include "db/db_internal.h"

void *brio_db_job_new_row(brio_db_job *job)
{
    brio_arena *arena = brio_db_job_arena(job);
    size_t size = job->model->size;
    if (job->n_rows == job->db->options.max_rows || arena->reserved > job->db->options.max_bytes)
        return NULL;
    if (job->n_rows == job->cap_rows) {
        size_t cap = job->cap_rows ? job->cap_rows * 2 : 8;
        char *rows = brio_calloc(arena, cap, size);
        if (job->n_rows)
            memcpy(rows, job->rows, job->n_rows * size);
        job->rows = rows;
        job->cap_rows = cap;
    }
    return job->rows + size * job->n_rows++;
}

static int set_field(brio_db_job *job, void *row, size_t index, const brio_json *value)
{
    brio_arena *arena = brio_db_job_arena(job);
    brio_problems problems = {.arena = arena};
    size_t n;
    const brio_field *field = &brio_model_rows(job->model, &n)[index];
    brio_loc loc = {.name = brio_str_from(field->name)};
    if (brio_decode_field(value, field, row, &loc, &problems) >= 0)
        return 0;
    brio_str why =
        problems.first ? brio_problem_text(arena, problems.first) : BRIO_S("does not fit");
    return brio_db_job_fail(job, BRIO_EMODEL, "row does not fit %s: %.*s", job->model->name,
                            BRIO_ARG(why));
}

int brio_db_row_set(brio_db_job *job, void *row, const char *column, const brio_json *value,
                    uint64_t *seen)
{
    ptrdiff_t index = brio_model_find(job->model, brio_str_from(column));
    if (index < 0)
        return 0;
    *seen |= UINT64_C(1) << index;
    return set_field(job, row, (size_t)index, value);
}

int brio_db_row_finish(brio_db_job *job, void *row, uint64_t seen)
{
    size_t n;
    const brio_field *rows = brio_model_rows(job->model, &n);
    for (size_t i = 0; i < n; i++) {
        bool is_field = rows[i].in == BRIO_IN_FIELD;
        if (is_field && !(seen >> i & 1)) {
            int rc = set_field(job, row, i, NULL);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}
