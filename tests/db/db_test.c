/* SPDX-License-Identifier: MIT
 *
 * The db room on a real SQLite: statements, rows into structs, limits, errors,
 * transactions on every way out. Runs on the simulator (whose clock stands
 * still while a thread works) and on epoll. */
#include <brio/db.h>
#include <brio/loop.h>
#include <brio/task.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/test.h"

typedef struct Account {
    int64_t id;
    brio_str owner;
    double balance;
    bool active;
    brio_str *note;
} Account;
BRIO_MODEL(Account, BRIO_FIELD(id), BRIO_FIELD(owner), BRIO_FIELD(balance), BRIO_FIELD(active),
           BRIO_FIELD(note));
BRIO_LIST_OF(Account);

static const char schema[] =
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL UNIQUE,"
    " balance REAL NOT NULL CHECK (balance >= 0), active INTEGER NOT NULL DEFAULT 1, note TEXT);"
    "-- a comment between statements\n"
    "INSERT INTO accounts (owner, balance, note) VALUES ('ada', 100, NULL), ('bob', 50, 'näh');";

static char file_name[64];

static brio_db *open_db(const char *url)
{
    brio_db *db = NULL;
    CHECK_OK(brio_db_open(&db, url, NULL));
    CHECK_OK(brio_db_execute(db, NULL, schema, BRIO_NO_PARAMS, NULL));
    return db;
}

static const char *file_url(void)
{
    static char url[96];
    snprintf(file_name, sizeof file_name, "/tmp/brio-db-test-%d.db", (int)getpid());
    snprintf(url, sizeof url, "sqlite:///%s", file_name);
    return url;
}

static void remove_file(void)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s%s", file_name, tails[i]);
        unlink(name);
    }
}

static double balance_of(brio_db *db, brio_tx *tx, int64_t id)
{
    brio_json v = {0};
    int rc = brio_db_fetch_val(db, tx, brio_task_arena(), &v,
                               "SELECT balance FROM accounts WHERE id = :id",
                               BRIO_PARAMS(BRIO_I64("id", id)));
    CHECK_INT(rc, 1);
    return v.number;
}

/* ---- Statements and rows ------------------------------------------------- */

static int rows(void *url)
{
    brio_db *db = open_db(url);
    brio_arena *arena = brio_task_arena();
    Account_list all = {0};
    CHECK_OK(brio_db_fetch_all(db, NULL, arena, BRIO_TYPE(Account), &all,
                               "SELECT * FROM accounts ORDER BY id", BRIO_NO_PARAMS));
    CHECK_INT(all.len, 2);
    CHECK_STR(all.items[0].owner, "ada");
    CHECK(all.items[0].note == NULL && all.items[0].active);
    CHECK_STR(*all.items[1].note, "näh");
    CHECK(all.items[1].balance == 50.0);

    Account one = {0};
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &one,
                                "SELECT *, 7 AS extra FROM accounts WHERE owner = :o",
                                BRIO_PARAMS(BRIO_TEXT("o", BRIO_S("bob")))),
              1);
    CHECK_INT(one.id, 2);
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &one,
                                "SELECT * FROM accounts WHERE id = 99", BRIO_NO_PARAMS),
              0);

    brio_done done = {0};
    CHECK_OK(brio_db_execute(
        db, NULL, "INSERT INTO accounts (owner, balance) VALUES (:owner, :b)",
        BRIO_PARAMS(BRIO_TEXT("owner", BRIO_S("'); DROP TABLE accounts;--")), BRIO_F64("b", 1.5)),
        &done));
    CHECK_INT(done.last_id, 3);
    CHECK_INT(done.changed, 1);
    CHECK(balance_of(db, NULL, 3) == 1.5);
    brio_db_close(db);
    return 0;
}

TEST(rows_land_in_structs_in_memory)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, rows, (void *)(uintptr_t) "sqlite://"));
}

TEST(rows_land_in_structs_in_a_file)
{
    CHECK_OK(
        brio_run(rows, (void *)(uintptr_t)file_url(),
                 &(brio_run_options){.loop = &(brio_loop_options){.backend = BRIO_BACKEND_EPOLL}}));
    remove_file();
}

static int round_trip(void *arg)
{
    (void)arg;
    brio_db *db = open_db("sqlite:///:memory:");
    brio_str note = BRIO_S("one\0two");
    Account in = {.id = 7, .owner = BRIO_S("eve"), .balance = 0.1, .active = false, .note = &note};
    brio_arena *arena = brio_task_arena();
    CHECK_OK(brio_db_execute(db, NULL,
                             "INSERT INTO accounts VALUES (:id, :owner, :balance, :active, :note)",
                             brio_params_from(arena, BRIO_TYPE(Account), &in), NULL));
    Account out = {0};
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &out,
                                "SELECT * FROM accounts WHERE id = :id",
                                BRIO_PARAMS(BRIO_I64("id", 7))),
              1);
    CHECK_STR(out.owner, "eve");
    CHECK(out.balance == 0.1 && !out.active);
    CHECK(out.note && brio_str_eq(*out.note, note));
    brio_db_close(db);
    return 0;
}

TEST(a_struct_goes_in_and_comes_back)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, round_trip, NULL));
}

/* ---- Errors -------------------------------------------------------------- */

static int errors(void *arg)
{
    (void)arg;
    brio_db *db = open_db("sqlite://");
    brio_arena *arena = brio_task_arena();
    Account a = {0};
    Account_list list = {0};
    CHECK_INT(brio_db_execute(db, NULL, "SELEC 1", BRIO_NO_PARAMS, NULL), BRIO_EDB);
    CHECK_STR(brio_error_detail(), "near \"SELEC\": syntax error");
    CHECK_INT(brio_db_execute(db, NULL, "INSERT INTO accounts (owner, balance) VALUES (:o, 1)",
                              BRIO_PARAMS(BRIO_TEXT("o", BRIO_S("ada"))), NULL),
              BRIO_ECONSTRAINT);
    CHECK_INT(brio_db_execute(db, NULL, "UPDATE accounts SET balance = -1 WHERE id = :id",
                              BRIO_PARAMS(BRIO_I64("id", 1)), NULL),
              BRIO_ECONSTRAINT);
    CHECK_INT(brio_db_fetch_all(db, NULL, arena, BRIO_TYPE(Account), &list,
                                "SELECT * FROM accounts WHERE id = :nope", BRIO_NO_PARAMS),
              BRIO_EDB);
    CHECK_STR(brio_error_detail(), "no value for parameter :nope");
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &a,
                                "SELECT * FROM accounts WHERE id = ?", BRIO_NO_PARAMS),
              BRIO_EDB);
    /* NULL in a member that is not a pointer; a column that is not there */
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &a,
                                "SELECT 1 AS id, NULL AS owner, 2.0 AS balance, 1 AS active",
                                BRIO_NO_PARAMS),
              BRIO_EMODEL);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("owner")) >= 0);
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &a,
                                "SELECT 1 AS id, 'x' AS owner", BRIO_NO_PARAMS),
              BRIO_EMODEL);
    CHECK(brio_str_find(brio_error_detail(), BRIO_S("balance")) >= 0);
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Account), &a, "SELECT 1; SELECT 2",
                                BRIO_NO_PARAMS),
              BRIO_EDB);
    brio_db_close(db);
    return 0;
}

TEST(errors_have_codes_and_words)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, errors, NULL));
}

static int refused_urls(void *arg)
{
    (void)arg;
    static const char *const bad[] = {"", "mysql://x/y", "sqlite:/x", "sqlite://host/file",
                                      "sqlite:///f?mode=ro"};
    brio_db *db = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(brio_db_open(&db, bad[i], NULL), -EINVAL);
    CHECK_INT(brio_db_open(&db, "sqlite:////no/such/folder/x.db", NULL), BRIO_EDBDOWN);
    CHECK_STR(brio_error_detail(), "unable to open database file");
    return 0;
}

TEST(wrong_urls_are_refused_at_open)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, refused_urls, NULL));
}

static int limits(void *arg)
{
    (void)arg;
    static const char many[] =
        "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 11)"
        " SELECT id, 'x' AS owner, 1.0 AS balance, 1 AS active FROM n";
    brio_db *db = NULL;
    Account_list list = {0};
    CHECK_OK(brio_db_open(&db, "sqlite://", &(brio_db_options){.max_rows = 10, .statements = 2}));
    CHECK_INT(brio_db_fetch_all(db, NULL, brio_task_arena(), BRIO_TYPE(Account), &list, many,
                                BRIO_NO_PARAMS),
              BRIO_ELIMIT);
    CHECK_INT(list.len, 0);
    for (int i = 0; i < 20; i++) { /* more statements than the cache holds */
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT %d + :one", i % 5);
        brio_json v = {0};
        CHECK_INT(brio_db_fetch_val(db, NULL, brio_task_arena(), &v, sql,
                                    BRIO_PARAMS(BRIO_I64("one", 1))),
                  1);
        CHECK_INT(v.integer, i % 5 + 1);
    }
    brio_db_close(db);
    return 0;
}

TEST(limits_of_rows_and_statements)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, limits, NULL));
}

/* ---- Transactions -------------------------------------------------------- */

typedef struct transfer {
    brio_db *db;
    int outcome; /* 0 commit, 1 return early, 2 sleep forever, 3 abandon */
} transfer;

static int move_money(void *arg)
{
    transfer *t = arg;
    BRIO_TX(tx);
    CHECK_OK(brio_tx_begin(t->db, &tx));
    CHECK_OK(brio_db_execute(t->db, tx, "UPDATE accounts SET balance = balance - :n WHERE id = 1",
                             BRIO_PARAMS(BRIO_F64("n", 30)), NULL));
    CHECK(balance_of(t->db, tx, 1) == 70.0);
    if (t->outcome == 1)
        return -EIO;
    if (t->outcome == 2)
        return brio_sleep(BRIO_SEC(3600));
    if (t->outcome == 3)
        brio_task_abandon(BRIO_EABANDON);
    CHECK_OK(brio_db_execute(t->db, tx, "UPDATE accounts SET balance = balance + :n WHERE id = 2",
                             BRIO_PARAMS(BRIO_F64("n", 30)), NULL));
    return brio_tx_commit(tx);
}

static int transactions(void *url)
{
    brio_db *db = open_db(url);
    for (int outcome = 1; outcome <= 3; outcome++) {
        transfer t = {db, outcome};
        BRIO_GROUP(g, .policy = BRIO_SUPERVISE)
        {
            brio_spawn(&g, move_money, &t);
            if (outcome == 2) {
                CHECK_OK(brio_sleep(BRIO_SEC(1)));
                brio_group_cancel(&g);
            }
        }
        CHECK(balance_of(db, NULL, 1) == 100.0);
        CHECK(balance_of(db, NULL, 2) == 50.0);
    }
    transfer t = {db, 0};
    CHECK_OK(move_money(&t));
    CHECK(balance_of(db, NULL, 1) == 70.0);
    CHECK(balance_of(db, NULL, 2) == 80.0);
    brio_db_close(db);
    return 0;
}

TEST(every_way_out_but_commit_rolls_back_in_memory)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, transactions, (void *)(uintptr_t) "sqlite://"));
}

TEST(every_way_out_but_commit_rolls_back_in_a_file)
{
    CHECK_OK(brio_sim_run(&(brio_sim){.seed = 1}, transactions, (void *)(uintptr_t)file_url()));
    remove_file();
}

/* ---- Concurrency --------------------------------------------------------- */

static int add_one(void *arg)
{
    brio_db *db = arg;
    BRIO_TX(tx);
    int rc = brio_tx_begin(db, &tx);
    if (rc < 0)
        return rc;
    double before = balance_of(db, tx, 1);
    rc = brio_db_execute(db, tx, "UPDATE accounts SET balance = :b WHERE id = 1",
                         BRIO_PARAMS(BRIO_F64("b", before + 1)), NULL);
    return rc < 0 ? rc : brio_tx_commit(tx);
}

static int many_writers(void *url)
{
    brio_db *db = open_db(url);
    BRIO_GROUP(g)
    for (int i = 0; i < 50; i++)
        brio_spawn(&g, add_one, db);
    CHECK_INT(g.err, 0);
    CHECK(balance_of(db, NULL, 1) == 150.0); /* read and written in one transaction: none is lost */
    brio_db_close(db);
    return 0;
}

TEST(concurrent_transactions_lose_nothing)
{
    CHECK_OK(brio_run(many_writers, (void *)(uintptr_t)file_url(), NULL));
    remove_file();
}

typedef struct part {
    brio_db *db;
    brio_arena *arena; /* shared by all: as in a request */
    Account_list out;
} part;

static int read_all(void *arg)
{
    part *p = arg;
    return brio_db_fetch_all(p->db, NULL, p->arena, BRIO_TYPE(Account), &p->out,
                             "SELECT * FROM accounts ORDER BY id", BRIO_NO_PARAMS);
}

static int shared_arena(void *url)
{
    brio_db *db = open_db(url);
    part parts[20];
    for (size_t i = 0; i < 20; i++)
        parts[i] = (part){db, brio_task_arena(), {0}};
    CHECK_OK(brio_gather_map(read_all, parts, 20, sizeof *parts));
    for (size_t i = 0; i < 20; i++) {
        CHECK_INT(parts[i].out.len, 2);
        CHECK_STR(parts[i].out.items[1].owner, "bob");
    }
    brio_db_close(db);
    return 0;
}

TEST(gathered_queries_may_share_an_arena)
{
    CHECK_OK(brio_run(shared_arena, (void *)(uintptr_t)file_url(), NULL));
    remove_file();
}

/* ---- Several processes ---------------------------------------------------- */

static int make_table(void *url)
{
    brio_db *db = NULL;
    int rc = brio_db_open(&db, url, NULL);
    if (rc < 0)
        return rc;
    rc = brio_db_execute(db, NULL, "CREATE TABLE IF NOT EXISTS t (x); INSERT INTO t VALUES (1);",
                         BRIO_NO_PARAMS, NULL);
    brio_db_close(db);
    return rc;
}

TEST(processes_that_start_together_share_a_new_file)
{
    void *url = (void *)(uintptr_t)file_url();
    pid_t children[8];
    for (size_t i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(brio_run(make_table, url, NULL) < 0);
    }
    for (size_t i = 0; i < 8; i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    remove_file();
}

/* ---- Types that SQL does not have ------------------------------------------------- */

typedef enum Level { LOW = 1, HIGH = 9 } Level;
BRIO_INT_ENUM(Level, LOW, HIGH);
typedef enum Shade { LIGHT, DARK } Shade;
BRIO_ENUM(Shade, {LIGHT, "light"}, {DARK, "dark"});

typedef struct Event {
    int64_t id;
    brio_date day;
    brio_uuid *key;
    brio_decimal price;
    Level level;
    Shade shade;
    brio_str_list tags;
} Event;
BRIO_MODEL(Event, BRIO_FIELD(id), BRIO_FIELD(day), BRIO_FIELD(key), BRIO_FIELD(price),
           BRIO_FIELD_AS(level, Level), BRIO_FIELD_AS(shade, Shade),
           BRIO_FIELD(tags, .json_text = true));

static const char event_json[] =
    "{\"id\":1,\"day\":\"2024-02-29\",\"key\":\"12345678-1234-5678-1234-567812345678\","
    "\"price\":\"1.50\",\"level\":9,\"shade\":\"dark\",\"tags\":\"[\\\"a\\\"]\"}";

static int store_event(void *arg)
{
    (void)arg;
    brio_arena *arena = brio_task_arena();
    brio_db *db = open_db("sqlite:///:memory:");
    brio_problems problems = {.arena = arena};
    Event in, out;
    CHECK_OK(brio_decode(brio_str_from(event_json), BRIO_TYPE(Event), &in, NULL, &problems));
    CHECK_OK(brio_db_execute(db, NULL,
                             "CREATE TABLE events (id INTEGER, day TEXT, key TEXT, price TEXT,"
                             " level INTEGER, shade TEXT, tags TEXT);",
                             BRIO_NO_PARAMS, NULL));
    CHECK_OK(brio_db_execute(
        db, NULL, "INSERT INTO events VALUES (:id, :day, :key, :price, :level, :shade, :tags)",
        brio_params_from(arena, BRIO_TYPE(Event), &in), NULL));
    CHECK_INT(brio_db_fetch_one(db, NULL, arena, BRIO_TYPE(Event), &out,
                                "SELECT * FROM events WHERE day = '2024-02-29' AND level = 9"
                                " AND shade = 'dark' AND price = '1.50'",
                                BRIO_NO_PARAMS),
              1);
    CHECK_STR(brio_date_str(arena, out.day), "2024-02-29");
    CHECK_INT(out.level, HIGH);
    CHECK_INT(out.shade, DARK);
    CHECK(out.key && memcmp(out.key, in.key, sizeof *in.key) == 0);
    CHECK_INT(out.tags.len, 1);
    CHECK_STR(out.tags.items[0], "a");
    brio_db_close(db);
    return 0;
}

TEST(types_that_sql_does_not_have_are_stored_by_their_json_form)
{
    CHECK_OK(brio_run(store_event, NULL, NULL));
}
