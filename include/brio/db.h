/* SPDX-License-Identifier: MIT
 *
 * brio/db.h: databases for coroutines; the notes' `databases` package.
 *
 *     brio_db *db;
 *     int rc = brio_db_open(&db, "sqlite:///./test.db", NULL);            // Suspends
 *     User_list users;
 *     rc = brio_db_fetch_all(db, NULL, arena, BRIO_TYPE(User), &users,
 *                            "SELECT * FROM users", BRIO_NO_PARAMS);
 *
 * Statements run on the database's own threads; the task suspends, the loop
 * stays free. Parameters are named and always bound, never pasted. Rows land
 * straight in the model's struct: column names are field names. */
#ifndef BRIO_DB_H
#define BRIO_DB_H

#include <brio/base.h>
#include <brio/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brio_db brio_db;
typedef struct brio_tx brio_tx;

typedef struct brio_db_options {
    unsigned connections;   /* worker threads and connections; 0 means 4; 1 for :memory: */
    brio_time busy_timeout; /* waiting for SQLite's write lock; 0 means 5 s */
    size_t max_rows;        /* of one fetch_all; 0 means 100,000: BRIO_ELIMIT */
    size_t max_bytes;       /* of one statement's rows; 0 means 64 MiB: BRIO_ELIMIT */
    size_t statements;      /* prepared statements kept per connection; 0 means 64 */
} brio_db_options;

/* Opens by URL: sqlite:///relative.db, sqlite:////absolute.db, sqlite://
 * (in memory). WAL, foreign keys on. `options` may be NULL for the defaults.
 * **Suspends**. *ret is the caller's to close. 0; -EINVAL for other URLs, -ENOTSUP
 * when built without the driver, BRIO_EDBDOWN with brio_error_detail, -ENOMEM. */
BRIO_API int brio_db_open(brio_db **ret, const char *url, const brio_db_options *options) BRIO_CHECKED;
/* Waits for running statements, then closes. **Suspends**. NULL is fine. */
BRIO_API void brio_db_close(brio_db *db);

/* A named parameter of a statement: ":name". */
typedef enum brio_param_type { /* ORDER PARAM_TYPE */
    BRIO_PARAM_NULL = 0,
    BRIO_PARAM_I64,
    BRIO_PARAM_F64,
    BRIO_PARAM_STR,
    BRIO_PARAM_BLOB
} brio_param_type;

typedef struct brio_param {
    const char *name; /* without the colon; borrowed */
    brio_param_type type;
    int64_t i;
    double f;
    brio_str s;
} brio_param;

#define BRIO_I64(n, v) {.name = n, .type = BRIO_PARAM_I64, .i = (v)}
#define BRIO_F64(n, v) {.name = n, .type = BRIO_PARAM_F64, .f = (v)}
#define BRIO_TEXT(n, v) {.name = n, .type = BRIO_PARAM_STR, .s = (v)}
#define BRIO_BLOB(n, v) {.name = n, .type = BRIO_PARAM_BLOB, .s = (v)}
#define BRIO_NULL(n) {.name = n, .type = BRIO_PARAM_NULL}

/* An ended list of parameters: BRIO_PARAMS(BRIO_I64("id", 7), BRIO_TEXT("name", s)). */
typedef struct brio_params {
    const brio_param *items;
    size_t n;
} brio_params;
#define BRIO_PARAMS(...)                                        \
    ((brio_params){(const brio_param[]){__VA_ARGS__},           \
                   sizeof((brio_param[]){__VA_ARGS__}) / sizeof(brio_param)})
#define BRIO_NO_PARAMS ((brio_params){NULL, 0})
/* Every field of a struct as a parameter of its own name. */
BRIO_API brio_params brio_params_from(brio_arena *arena, const brio_model *model, const void *value);

/* All of these **suspend**. They return 0 (or what is said), or BRIO_EDB (SQL or driver error),
 * BRIO_EDBDOWN (the file cannot be opened, read or written),
 * BRIO_ECONSTRAINT (unique, foreign key, check), -EBUSY (lock not had within
 * busy_timeout), BRIO_EMODEL (a row does not fit the model), -ECANCELED (it
 * did not happen) with the database's words in brio_error_detail(). A statement's
 * parameter without a value is BRIO_EDB; values it does not use are ignored.
 * A statement that runs is awaited: a cancellation then comes at the next
 * suspension. `tx` NULL: any free connection; else that
 * transaction's. */
typedef struct brio_done {
    int64_t last_id;  /* last inserted row id */
    int64_t changed;  /* rows changed */
} brio_done;

/* One statement without result rows, or several separated by ';' (then without
 * parameters). `ret` may be NULL. */
BRIO_API int brio_db_execute(brio_db *db, brio_tx *tx, const char *sql, brio_params params,
                             brio_done *ret) BRIO_CHECKED;
/* First row into `out` (a struct of `model`, strings in `arena`). Returns 1,
 * or 0 when there is no row. */
BRIO_API int brio_db_fetch_one(brio_db *db, brio_tx *tx, brio_arena *arena, const brio_model *model,
                               void *out, const char *sql, brio_params params) BRIO_CHECKED;
/* All rows into *ret_list, a T_list of the row's `model` T; items in `arena`. 0;
 * BRIO_ELIMIT beyond max_rows or max_bytes. */
BRIO_API int brio_db_fetch_all(brio_db *db, brio_tx *tx, brio_arena *arena, const brio_model *model,
                               void *ret_list, const char *sql, brio_params params) BRIO_CHECKED;
/* First column of the first row, texts in `arena`. 1, or 0 when there is no row. */
BRIO_API int brio_db_fetch_val(brio_db *db, brio_tx *tx, brio_arena *arena, brio_json *ret,
                               const char *sql, brio_params params) BRIO_CHECKED;

/* ---- Transactions ------------------------------------------------------- */

/* Begins (IMMEDIATE: the write lock is taken now) on a connection of its own.
 * If the task's scope is left without commit (any return, failure,
 * cancellation or abandonment), it is rolled back: use BRIO_TX. **Suspends**, also for
 * a free connection. 0 or as above; what commit says other than 0 leaves it open, so
 * that it is rolled back. */
BRIO_API int brio_tx_begin(brio_db *db, brio_tx **ret) BRIO_CHECKED;
BRIO_API int brio_tx_commit(brio_tx *tx) BRIO_CHECKED;
BRIO_API void brio_tx_rollback(brio_tx *tx); /* NULL, or after commit: nothing */

/* For BRIO_TX: the cleanup attribute's call. */
static inline void brio_tx_cleanup(brio_tx **tx) { brio_tx_rollback(*tx); }
/*     BRIO_TX(tx);
 *     if ((rc = brio_tx_begin(db, &tx)) < 0) return rc;
 *     ...
 *     return brio_tx_commit(tx);        // every other way out rolls back */
#define BRIO_TX(name) brio_tx *name __attribute__((cleanup(brio_tx_cleanup))) = NULL

#ifdef __cplusplus
}
#endif
#endif
