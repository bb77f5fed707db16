/* SPDX-License-Identifier: MIT
 *
 * A table, its rows as a struct, and the loop that stays free while SQLite
 * works. */
#include <brio/brio.h>

BRIO_LIST_OF(Hero);

typedef struct Hero {
    int64_t *id;
    brio_str name;
    int64_t *age;
    brio_str secret_name;
} Hero;
BRIO_MODEL(Hero, BRIO_FIELD(id), BRIO_FIELD(name), BRIO_FIELD(age), BRIO_FIELD(secret_name));

static brio_db *db;

static int create_db_and_tables(brio_app *app, void *state)
{
    int rc = brio_db_open(&db, "sqlite://", NULL);
    return rc < 0 ? rc
                  : brio_db_execute(db, NULL,
                                    "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                                    " age INTEGER, secret_name TEXT NOT NULL)",
                                    BRIO_NO_PARAMS, NULL);
}

static int close_db(brio_app *app, void *state)
{
    brio_db_close(db);
    return 0;
}

static int fetch_hero(brio_request *req, int64_t id, const brio_model *model, void *out)
{
    int rc =
        brio_db_fetch_one(db, NULL, brio_request_arena(req), model, out,
                          "SELECT * FROM hero WHERE id = :id", BRIO_PARAMS(BRIO_I64("id", id)));
    return rc == 0 ? brio_fail(req, 404, "Hero not found") : rc < 0 ? rc : 0;
}

static int create_hero(brio_request *req, const Hero *hero, Hero *out)
{
    brio_done done;
    int rc = brio_db_execute(
        db, NULL,
        "INSERT INTO hero (id, name, age, secret_name) VALUES (:id, :name, :age, :secret_name)",
        brio_params_from(brio_request_arena(req), BRIO_TYPE(Hero), hero), &done);
    return rc < 0 ? rc : fetch_hero(req, done.last_id, BRIO_TYPE(Hero), out);
}

typedef struct ReadHeroes {
    int64_t offset, limit;
} ReadHeroes;
BRIO_MODEL(ReadHeroes, BRIO_QUERY(offset, .def = "0"),
           BRIO_QUERY(limit, .def = "100", .le = BRIO_NUM(100)));

static int read_heroes(brio_request *req, const ReadHeroes *in, Hero_list *out)
{
    return brio_db_fetch_all(
        db, NULL, brio_request_arena(req), BRIO_TYPE(Hero), out,
        "SELECT * FROM hero LIMIT :limit OFFSET :offset",
        BRIO_PARAMS(BRIO_I64("limit", in->limit), BRIO_I64("offset", in->offset)));
}

typedef struct HeroId {
    int64_t hero_id;
} HeroId;
BRIO_MODEL(HeroId, BRIO_PATH(hero_id));

static int read_hero(brio_request *req, const HeroId *in, Hero *out)
{
    return fetch_hero(req, in->hero_id, BRIO_TYPE(Hero), out);
}

static int delete_hero(brio_request *req, const HeroId *in, brio_json *out)
{
    brio_done done;
    int rc = brio_db_execute(db, NULL, "DELETE FROM hero WHERE id = :id",
                             BRIO_PARAMS(BRIO_I64("id", in->hero_id)), &done);
    if (rc == 0 && done.changed == 0)
        return brio_fail(req, 404, "Hero not found");
    *out = BRIO_JSON({"ok": true});
    return rc;
}

BRIO_MAIN(.on_startup = create_db_and_tables, .on_shutdown = close_db)
{
    BRIO_POST(app, "/heroes/", create_hero, Hero, Hero);
    BRIO_GET(app, "/heroes/", read_heroes, ReadHeroes, Hero_list);
    BRIO_GET(app, "/heroes/{hero_id}", read_hero, HeroId, Hero);
    BRIO_DELETE(app, "/heroes/{hero_id}", delete_hero, HeroId, brio_json);
}
