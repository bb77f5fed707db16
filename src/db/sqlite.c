/* SPDX-License-Identifier: MIT
 *
 * The SQLite driver: connections, the cache of prepared statements, and the
 * ways to run one. Everything here runs on a pool thread and may block. */
#ifdef BRIO_WITH_SQLITE

#include "db/db_internal.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

typedef struct prepared {
    char *sql; /* owned; NULL: empty slot */
    sqlite3_stmt *stmt;
    uint64_t used; /* larger is later */
} prepared;

typedef struct handle {
    sqlite3 *db;
    uint64_t clock;
    size_t n;
    prepared cache[];
} handle;

static int failure(brio_db_job *job, sqlite3 *db, int code)
{
    int err = BRIO_EDB;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err = -EBUSY;
        break;
    case SQLITE_CONSTRAINT:
        err = BRIO_ECONSTRAINT;
        break;
    case SQLITE_NOMEM:
        err = -ENOMEM;
        break;
    case SQLITE_FULL:
        err = -ENOSPC;
        break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOTADB:
        err = BRIO_EDBDOWN;
        break;
    default:
        break;
    }
    return brio_db_job_fail(job, err, "%s", db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

/* ---- Connections -------------------------------------------------------- */

static void close_conn(brio_db_conn *conn)
{
    handle *h = conn->handle;
    if (!h)
        return;
    for (size_t i = 0; i < h->n; i++) {
        sqlite3_finalize(h->cache[i].stmt);
        free(h->cache[i].sql);
    }
    sqlite3_close_v2(h->db);
    free(h);
    conn->handle = NULL;
}

/* Changing the journal needs the file alone, and SQLite does not wait for that
 * with its busy handler; processes that start together meet here. */
static int use_wal(sqlite3 *db, brio_time busy_timeout)
{
    brio_time give_up = brio_clock_monotonic() + busy_timeout;
    for (;;) {
        int code = sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if ((code & 0xff) != SQLITE_BUSY || brio_clock_monotonic() > give_up)
            return code;
        sqlite3_sleep(5);
    }
}

static int set_up(sqlite3 *db, const brio_db_options *options)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, (int)(options->busy_timeout / BRIO_MS(1)));
    int code = use_wal(db, options->busy_timeout);
    if (code != SQLITE_OK)
        return code;
    return sqlite3_exec(db, "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;", NULL, NULL,
                        NULL);
}

static int open_conn(brio_db_job *job)
{
    const brio_db *db = job->db;
    handle *h = brio_zalloc(1, sizeof *h + db->options.statements * sizeof *h->cache);
    if (!h)
        return -ENOMEM;
    h->n = db->options.statements;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(db->path, &h->db, flags, NULL);
    if (code == SQLITE_OK)
        code = set_up(h->db, &db->options);
    if (code != SQLITE_OK) {
        int rc = failure(job, h->db, code);
        sqlite3_close_v2(h->db);
        free(h);
        return rc;
    }
    job->conn->handle = h;
    return 0;
}

/* ---- Prepared statements ------------------------------------------------ */

static prepared *oldest(handle *h)
{
    prepared *found = &h->cache[0];
    for (size_t i = 1; i < h->n; i++)
        if (h->cache[i].used < found->used)
            found = &h->cache[i];
    return found;
}

static int prepare_new(brio_db_job *job, handle *h, prepared *slot)
{
    sqlite3_stmt *stmt = NULL;
    const char *tail = NULL;
    int code = sqlite3_prepare_v3(h->db, job->sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &tail);
    if (code != SQLITE_OK)
        return failure(job, h->db, code);
    if (!stmt || brio_str_trim(brio_str_from(tail)).len) {
        sqlite3_finalize(stmt);
        return brio_db_job_fail(job, BRIO_EDB, "expected exactly one statement");
    }
    sqlite3_finalize(slot->stmt);
    free(slot->sql);
    *slot = (prepared){brio_strdup(brio_str_from(job->sql)), stmt, 0};
    return slot->sql ? 0 : -ENOMEM;
}

static int prepare(brio_db_job *job, sqlite3_stmt **ret)
{
    handle *h = job->conn->handle;
    prepared *slot = NULL;
    for (size_t i = 0; i < h->n && !slot; i++)
        if (h->cache[i].sql && !strcmp(h->cache[i].sql, job->sql))
            slot = &h->cache[i];
    if (!slot) {
        slot = oldest(h);
        int rc = prepare_new(job, h, slot);
        if (rc < 0)
            return rc;
    }
    slot->used = ++h->clock;
    *ret = slot->stmt;
    return 0;
}

static int bind_one(sqlite3_stmt *stmt, int at, const brio_param *p)
{
    switch (p->type) {
    case BRIO_PARAM_I64:
        return sqlite3_bind_int64(stmt, at, p->i);
    case BRIO_PARAM_F64:
        return sqlite3_bind_double(stmt, at, p->f);
    case BRIO_PARAM_STR: /* "" and not NULL: an empty string is a value */
        return sqlite3_bind_text64(stmt, at, p->s.ptr ? p->s.ptr : "", p->s.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case BRIO_PARAM_BLOB:
        return sqlite3_bind_blob64(stmt, at, p->s.ptr ? p->s.ptr : "", p->s.len, SQLITE_STATIC);
    case BRIO_PARAM_NULL:
    default:
        return sqlite3_bind_null(stmt, at);
    }
}

static int bind_all(brio_db_job *job, sqlite3_stmt *stmt)
{
    int n = sqlite3_bind_parameter_count(stmt);
    for (int at = 1; at <= n; at++) {
        const char *name = sqlite3_bind_parameter_name(stmt, at);
        if (!name || name[0] == '?')
            return brio_db_job_fail(job, BRIO_EDB, "parameters are named, as :name; found '?'");
        const brio_param *p = brio_db_param_find(job->params, name + 1);
        if (!p)
            return brio_db_job_fail(job, BRIO_EDB, "no value for parameter %s", name);
        int code = bind_one(stmt, at, p);
        if (code != SQLITE_OK)
            return failure(job, sqlite3_db_handle(stmt), code);
    }
    return 0;
}

/* ---- Rows --------------------------------------------------------------- */

static brio_json column(brio_db_job *job, sqlite3_stmt *stmt, int at)
{
    switch (sqlite3_column_type(stmt, at)) {
    case SQLITE_INTEGER:
        return brio_json_from_int(sqlite3_column_int64(stmt, at));
    case SQLITE_FLOAT:
        return (brio_json){.type = BRIO_JSON_FLOAT, .number = sqlite3_column_double(stmt, at)};
    case SQLITE_NULL:
        return (brio_json){.type = BRIO_JSON_NULL};
    default: { /* text and blobs; the blob call converts nothing */
        const char *bytes = sqlite3_column_blob(stmt, at);
        brio_str s = {bytes, (size_t)sqlite3_column_bytes(stmt, at)};
        return brio_json_from_str(brio_str_copy(brio_db_job_arena(job), s));
    }
    }
}

static int take_row(brio_db_job *job, sqlite3_stmt *stmt)
{
    void *row = brio_db_job_new_row(job);
    if (!row)
        return brio_db_job_fail(job, BRIO_ELIMIT,
                                "more rows or bytes than max_rows or max_bytes allow");
    uint64_t seen = 0;
    for (int at = 0; at < sqlite3_column_count(stmt); at++) {
        brio_json value = column(job, stmt, at);
        int rc = brio_db_row_set(job, row, sqlite3_column_name(stmt, at), &value, &seen);
        if (rc < 0)
            return rc;
    }
    int rc = brio_db_row_finish(job, row, seen);
    return rc < 0 ? rc : 1;
}

static int take(brio_db_job *job, sqlite3_stmt *stmt)
{
    switch (job->want) {
    case BRIO_DB_ROW:
    case BRIO_DB_ROWS:
        return take_row(job, stmt);
    case BRIO_DB_VALUE:
        (void)brio_db_job_arena(job);
        *job->value = column(job, stmt, 0);
        return 1;
    default:
        return 0; /* rows of an execute are stepped over: RETURNING, PRAGMA */
    }
}

/* ---- Running ------------------------------------------------------------ */

static int step_all(brio_db_job *job, sqlite3_stmt *stmt)
{
    int found = 0, code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        found = take(job, stmt);
        if (found < 0)
            return found;
        if (found && job->want != BRIO_DB_ROWS)
            return found; /* one is enough */
    }
    sqlite3 *db = sqlite3_db_handle(stmt);
    if (code != SQLITE_DONE)
        return failure(job, db, code);
    job->done.last_id = sqlite3_last_insert_rowid(db);
    job->done.changed = sqlite3_changes64(db);
    return found;
}

static int run_one(brio_db_job *job)
{
    sqlite3_stmt *stmt = NULL;
    int rc = prepare(job, &stmt);
    if (rc < 0)
        return rc;
    rc = bind_all(job, stmt);
    if (rc >= 0)
        rc = step_all(job, stmt);
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return rc;
}

static int run_script(brio_db_job *job)
{
    handle *h = job->conn->handle;
    for (const char *at = job->sql; *at;) {
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(h->db, at, -1, &stmt, &at);
        if (code != SQLITE_OK)
            return failure(job, h->db, code);
        if (!stmt)
            continue; /* blanks or a comment */
        int rc = bind_all(job, stmt);
        if (rc >= 0)
            rc = step_all(job, stmt);
        sqlite3_finalize(stmt);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int run(brio_db_job *job)
{
    if (!job->conn->handle) {
        int rc = open_conn(job);
        if (rc < 0)
            return rc;
    }
    switch (job->want) {
    case BRIO_DB_OPEN:
        return 0;
    case BRIO_DB_SCRIPT:
        return run_script(job);
    default:
        return run_one(job);
    }
}

const brio_db_driver brio_db_sqlite = {.run = run, .close = close_conn};

#else
typedef int brio_db_sqlite_absent;
#endif
