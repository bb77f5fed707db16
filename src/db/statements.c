/* SPDX-License-Identifier: MIT
 *
 * The public calls: each fills a job, runs it on a connection (a free one, or
 * the transaction's), and hands the outcome over. */
#include "db/db_internal.h"

#include <errno.h>

static int run_in_tx(brio_tx *tx, brio_db_job *job)
{
    if (!tx->open)
        return brio_error(BRIO_ECLOSED, "the transaction is over");
    int rc = brio_semaphore_acquire(&tx->turn);
    if (rc < 0)
        return rc;
    job->conn = tx->conn;
    rc = brio_db_job_run(job);
    brio_semaphore_release(&tx->turn);
    return rc;
}

static int run(brio_tx *tx, brio_db_job *job)
{
    if (tx)
        return run_in_tx(tx, job);
    int rc = brio_db_conn_acquire(job->db, &job->conn);
    if (rc < 0)
        return rc;
    rc = brio_db_job_run(job);
    brio_db_conn_release(job->conn);
    return rc;
}

static int finish(brio_db_job *job, brio_arena *arena, int rc)
{
    if (rc > 0)
        brio_db_job_keep(job, arena);
    else
        brio_db_job_drop(job);
    return rc;
}

int brio_db_execute(brio_db *db, brio_tx *tx, const char *sql, brio_params params, brio_done *ret)
{
    brio_db_job job = {.want = params.n ? BRIO_DB_EXECUTE : BRIO_DB_SCRIPT,
                       .db = db,
                       .sql = sql,
                       .params = params};
    int rc = run(tx, &job);
    if (rc >= 0 && ret)
        *ret = job.done;
    brio_db_job_drop(&job);
    return rc < 0 ? rc : 0;
}

int brio_db_fetch_one(brio_db *db, brio_tx *tx, brio_arena *arena, const brio_model *model,
                      void *out, const char *sql, brio_params params)
{
    BRIO_ASSERT(model->kind == BRIO_KIND_STRUCT);
    brio_db_job job = {.want = BRIO_DB_ROW, .db = db, .sql = sql, .params = params, .model = model};
    int rc = run(tx, &job);
    if (rc > 0) {
        BRIO_ASSERT(job.rows);
        memcpy(out, job.rows, model->size);
    }
    return finish(&job, arena, rc);
}

/* Every T_list is {T *items; size_t len}. */
typedef struct any_list {
    void *items;
    size_t len;
} any_list;

int brio_db_fetch_all(brio_db *db, brio_tx *tx, brio_arena *arena, const brio_model *model,
                      void *ret_list, const char *sql, brio_params params)
{
    BRIO_ASSERT(model->kind == BRIO_KIND_STRUCT);
    brio_db_job job = {
        .want = BRIO_DB_ROWS, .db = db, .sql = sql, .params = params, .model = model};
    int rc = run(tx, &job);
    if (rc >= 0) {
        any_list list = {job.rows, job.n_rows};
        memcpy(ret_list, &list, sizeof list);
        brio_db_job_keep(&job, arena);
    }
    brio_db_job_drop(&job);
    return rc < 0 ? rc : 0;
}

int brio_db_fetch_val(brio_db *db, brio_tx *tx, brio_arena *arena, brio_json *ret, const char *sql,
                      brio_params params)
{
    brio_db_job job = {.want = BRIO_DB_VALUE, .db = db, .sql = sql, .params = params, .value = ret};
    return finish(&job, arena, run(tx, &job));
}
