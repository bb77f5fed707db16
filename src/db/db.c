/* SPDX-License-Identifier: MIT
 *
 * Opening, closing and the pool of connections. A semaphore counts the free
 * connections, so waiting for one is FIFO and cancellable; a list holds them,
 * last used first, so that an idle database keeps its other files closed. */
#include "db/db_internal.h"

#include <errno.h>
#include <stdlib.h>

static brio_db_options resolve(const brio_db_options *options, const char *path)
{
    brio_db_options o = options ? *options : (brio_db_options){0};
    if (!strcmp(path, ":memory:"))
        o.connections = 1; /* each connection would be a database of its own */
    if (!o.connections)
        o.connections = 4;
    if (!o.busy_timeout)
        o.busy_timeout = BRIO_SEC(5);
    if (!o.max_rows)
        o.max_rows = 100000;
    if (!o.max_bytes)
        o.max_bytes = (size_t)64 << 20;
    if (!o.statements)
        o.statements = 64;
    return o;
}

static void free_db(brio_db *db)
{
    brio_pool_free(db->pool);
    free(db->conns);
    free(db->path);
    free(db);
}

static int make_conns(brio_db *db)
{
    unsigned n = db->options.connections;
    db->conns = brio_zalloc(n, sizeof *db->conns);
    if (!db->conns)
        return -ENOMEM;
    for (unsigned i = n; i-- > 0;) {
        db->conns[i] = (brio_db_conn){.next = db->free, .db = db};
        db->free = &db->conns[i];
    }
    brio_semaphore_init(&db->permits, n);
    return brio_pool_new(&db->pool, &(brio_pool_options){.name = "db", .max_threads = n});
}

/* Opens one connection now, so that a wrong path fails here and not later. */
static int try_open(brio_db *db)
{
    brio_db_job job = {.want = BRIO_DB_OPEN, .db = db};
    int rc = brio_db_conn_acquire(db, &job.conn);
    if (rc < 0)
        return rc;
    rc = brio_db_job_run(&job);
    brio_db_conn_release(job.conn);
    return rc;
}

int brio_db_open(brio_db **ret, const char *url, const brio_db_options *options)
{
    const brio_db_driver *driver = NULL;
    char *path = NULL;
    int rc = brio_db_url_parse(brio_str_from(url), &driver, &path);
    if (rc < 0)
        return rc;
    brio_db *db = brio_zalloc(1, sizeof *db);
    if (!db) {
        free(path);
        return -ENOMEM;
    }
    db->driver = driver;
    db->path = path;
    db->options = resolve(options, path);
    rc = make_conns(db);
    if (rc >= 0)
        rc = try_open(db);
    if (rc < 0) {
        free_db(db);
        return rc;
    }
    *ret = db;
    return 0;
}

void brio_db_close(brio_db *db)
{
    if (!db)
        return;
    /* Closing must finish even in a cancelled scope: nothing may run on. */
    BRIO_SCOPE(quiet, .shield = true)
    for (unsigned i = 0; i < db->options.connections; i++)
        if (brio_semaphore_acquire(&db->permits) < 0)
            brio_log(BRIO_LOG_ERROR, "database closed while a statement runs");
    for (unsigned i = 0; i < db->options.connections; i++)
        if (db->conns[i].handle)
            db->driver->close(&db->conns[i]);
    free_db(db);
}

int brio_db_conn_acquire(brio_db *db, brio_db_conn **ret)
{
    int rc = brio_semaphore_acquire(&db->permits);
    if (rc < 0)
        return rc;
    BRIO_ASSERT(db->free);
    *ret = db->free;
    db->free = db->free->next;
    return 0;
}

void brio_db_conn_release(brio_db_conn *conn)
{
    brio_db *db = conn->db;
    conn->next = db->free;
    db->free = conn;
    brio_semaphore_release(&db->permits);
}
