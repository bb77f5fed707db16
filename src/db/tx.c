/* SPDX-License-Identifier: MIT
 *
 * Transactions. One holds a connection from begin to commit or rollback, and a
 * record on the task's defer stack, so that even an abandoned task rolls back. */
#include "db/db_internal.h"

static int run_sql(brio_tx *tx, const char *sql)
{
    return brio_db_execute(tx->db, tx, sql, BRIO_NO_PARAMS, NULL);
}

static void end(brio_tx *tx)
{
    tx->open = false;
    brio_db_conn_release(tx->conn);
}

/* In a shield: a cancelled task must still roll back. */
static void roll_back(void *arg)
{
    brio_tx *tx = arg;
    int rc = 0;
    BRIO_SCOPE(quiet, .shield = true)
    rc = run_sql(tx, "ROLLBACK");
    if (rc < 0) {
        brio_str why = brio_error_detail();
        brio_log(BRIO_LOG_ERROR, "rollback failed, connection dropped: %.*s", BRIO_ARG(why));
        tx->db->driver->close(tx->conn);
    }
    end(tx);
}

int brio_tx_begin(brio_db *db, brio_tx **ret)
{
    brio_arena *arena = brio_task_arena();
    brio_tx *tx = BRIO_NEW(arena, brio_tx);
    tx->db = db;
    tx->arena = arena;
    brio_semaphore_init(&tx->turn, 1);
    int rc = brio_db_conn_acquire(db, &tx->conn);
    if (rc < 0)
        return rc;
    tx->open = true;
    rc = run_sql(tx, "BEGIN IMMEDIATE");
    if (rc < 0) {
        end(tx);
        return rc;
    }
    brio_defer_push(arena, roll_back, tx);
    *ret = tx;
    return 0;
}

int brio_tx_commit(brio_tx *tx)
{
    int rc = run_sql(tx, "COMMIT");
    if (rc < 0)
        return rc; /* still open: the way out rolls back */
    brio_defer_pop(tx->arena, roll_back, tx, false);
    end(tx);
    return 0;
}

void brio_tx_rollback(brio_tx *tx)
{
    if (tx && tx->open)
        brio_defer_pop(tx->arena, roll_back, tx, true);
}
