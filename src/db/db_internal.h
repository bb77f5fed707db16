/* SPDX-License-Identifier: MIT
 *
 * What the parts of the db room share. A *job* is one round trip: the task
 * fills it, a thread of the database's pool runs it on one connection, the
 * task reads the outcome. The thread allocates from the job's own arena, never
 * from the caller's: several tasks may share that one (gather does). */
#ifndef BRIO_DB_INTERNAL_H
#define BRIO_DB_INTERNAL_H

#include <brio/db.h>
#include <brio/exec.h>
#include <brio/task.h>

enum { BRIO_DB_DETAIL_MAX = 256 };

typedef enum brio_db_want { /* what a job does with its statement. ORDER DB_WANT */
                            BRIO_DB_OPEN = 0, /* only open the connection */
                            BRIO_DB_SCRIPT,   /* statements in a row, no parameters */
                            BRIO_DB_EXECUTE,
                            BRIO_DB_ROW,
                            BRIO_DB_ROWS,
                            BRIO_DB_VALUE
} brio_db_want;

/* One connection; used by one job at a time. */
typedef struct brio_db_conn {
    struct brio_db_conn *next; /* in the free list */
    brio_db *db;
    void *handle; /* the driver's; NULL until first used */
} brio_db_conn;

typedef struct brio_db_job {
    brio_db_want want;
    brio_db *db;
    brio_db_conn *conn;
    const char *sql;
    brio_params params;
    const brio_model *model; /* of a row */
    brio_arena *arena;       /* the job's, or NULL while nothing was allocated */
    char *rows;              /* ROWS: the array; ROW: caller's struct; in `arena` */
    size_t n_rows, cap_rows;
    brio_json *value; /* VALUE */
    brio_done done;
    char detail[BRIO_DB_DETAIL_MAX];
} brio_db_job;

/* A kind of database. All of these run on pool threads and may block. */
typedef struct brio_db_driver {
    /* Runs the job, opening its connection first if need be. Result as in
     * <brio/db.h>; words for a failure go to job->detail. */
    int (*run)(brio_db_job *job);
    void (*close)(brio_db_conn *conn);
} brio_db_driver;

struct brio_db {
    const brio_db_driver *driver;
    brio_db_options options; /* resolved */
    char *path;              /* owned */
    brio_pool *pool;
    brio_semaphore permits; /* one per free connection */
    brio_db_conn *free;
    brio_db_conn *conns; /* owned array */
};

struct brio_tx {
    brio_db *db;
    brio_db_conn *conn;
    brio_semaphore turn; /* one statement at a time */
    brio_arena *arena;   /* whose defers roll back if nobody did */
    bool open;
};

#ifdef BRIO_WITH_SQLITE
extern const brio_db_driver brio_db_sqlite;
#endif

/* Turns a URL into driver and path (heap). 0, -EINVAL, -ENOTSUP. */
int brio_db_url_parse(brio_str url, const brio_db_driver **ret_driver,
                      char **ret_path) BRIO_CHECKED;

/* A free connection. Suspends. 0 or -ECANCELED. */
int brio_db_conn_acquire(brio_db *db, brio_db_conn **ret) BRIO_CHECKED;
void brio_db_conn_release(brio_db_conn *conn);

/* Runs the job on a thread. Suspends. Leaves the detail with the task. */
int brio_db_job_run(brio_db_job *job) BRIO_CHECKED;
/* Gives the job's memory to `arena` (which frees it later), or drops it. */
void brio_db_job_keep(brio_db_job *job, brio_arena *arena);
void brio_db_job_drop(brio_db_job *job);
brio_arena *brio_db_job_arena(brio_db_job *job);
int brio_db_job_fail(brio_db_job *job, int err, const char *fmt, ...) BRIO_PRINTF(3, 4);

/* Room for one more row of job->model; NULL beyond max_rows. */
void *brio_db_job_new_row(brio_db_job *job);
/* Puts a column's value into the row's field of that name; columns the model
 * does not name are ignored. `seen` is the row's set of fields filled. */
int brio_db_row_set(brio_db_job *job, void *row, const char *column, const brio_json *value,
                    uint64_t *seen) BRIO_CHECKED;
/* Defaults for the fields no column filled, or BRIO_EMODEL naming one. */
int brio_db_row_finish(brio_db_job *job, void *row, uint64_t seen) BRIO_CHECKED;

const brio_param *brio_db_param_find(brio_params params, const char *name);

#endif
