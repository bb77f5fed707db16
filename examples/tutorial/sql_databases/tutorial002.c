/* SPDX-License-Identifier: MIT
 *
 * One struct for each use: as made, as shown, as changed. */
#include <brio/brio.h>

BRIO_LIST_OF(HeroPublic);

typedef struct HeroBase {
    brio_str name;
    int64_t *age;
} HeroBase;
BRIO_MODEL(HeroBase, BRIO_FIELD(name), BRIO_FIELD(age));

typedef struct Hero {
    HeroBase base;
    int64_t id;
    brio_str secret_name;
} Hero;
BRIO_MODEL(Hero, BRIO_BASE(base, HeroBase), BRIO_FIELD(id), BRIO_FIELD(secret_name));

typedef struct HeroPublic {
    HeroBase base;
    int64_t id;
} HeroPublic;
BRIO_MODEL(HeroPublic, BRIO_BASE(base, HeroBase), BRIO_FIELD(id));

typedef struct HeroCreate {
    HeroBase base;
    brio_str secret_name;
} HeroCreate;
BRIO_MODEL(HeroCreate, BRIO_BASE(base, HeroBase), BRIO_FIELD(secret_name));

typedef struct HeroUpdate {
    brio_str *name;
    int64_t *age;
    brio_str *secret_name;
    brio_fields_set set;
} HeroUpdate;
BRIO_MODEL(HeroUpdate, BRIO_FIELD(name), BRIO_FIELD(age), BRIO_FIELD(secret_name),
           BRIO_FIELDS_SET(set));

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

static int create_hero(brio_request *req, const HeroCreate *hero, HeroPublic *out)
{
    brio_done done;
    int rc = brio_db_execute(
        db, NULL, "INSERT INTO hero (name, age, secret_name) VALUES (:name, :age, :secret_name)",
        brio_params_from(brio_request_arena(req), BRIO_TYPE(HeroCreate), hero), &done);
    return rc < 0 ? rc : fetch_hero(req, done.last_id, BRIO_TYPE(HeroPublic), out);
}

typedef struct ReadHeroes {
    int64_t offset, limit;
} ReadHeroes;
BRIO_MODEL(ReadHeroes, BRIO_QUERY(offset, .def = "0"),
           BRIO_QUERY(limit, .def = "100", .le = BRIO_NUM(100)));

static int read_heroes(brio_request *req, const ReadHeroes *in, HeroPublic_list *out)
{
    return brio_db_fetch_all(
        db, NULL, brio_request_arena(req), BRIO_TYPE(HeroPublic), out,
        "SELECT * FROM hero LIMIT :limit OFFSET :offset",
        BRIO_PARAMS(BRIO_I64("limit", in->limit), BRIO_I64("offset", in->offset)));
}

typedef struct HeroId {
    int64_t hero_id;
} HeroId;
BRIO_MODEL(HeroId, BRIO_PATH(hero_id));

static int read_hero(brio_request *req, const HeroId *in, HeroPublic *out)
{
    return fetch_hero(req, in->hero_id, BRIO_TYPE(HeroPublic), out);
}

typedef struct UpdateHero {
    int64_t hero_id;
    HeroUpdate hero;
} UpdateHero;
BRIO_MODEL(UpdateHero, BRIO_PATH(hero_id), BRIO_BODY(hero, HeroUpdate));

static int update_hero(brio_request *req, const UpdateHero *in, HeroPublic *out)
{
    Hero hero;
    int rc = fetch_hero(req, in->hero_id, BRIO_TYPE(Hero), &hero);
    if (rc < 0)
        return rc;
    if (in->hero.name)
        hero.base.name = *in->hero.name;
    if (BRIO_WAS_SET(HeroUpdate, &in->hero, age))
        hero.base.age = in->hero.age;
    if (in->hero.secret_name)
        hero.secret_name = *in->hero.secret_name;
    *out = (HeroPublic){hero.base, in->hero_id};
    return brio_db_execute(
        db, NULL,
        "UPDATE hero SET name = :name, age = :age, secret_name = :secret_name WHERE id = :id",
        brio_params_from(brio_request_arena(req), BRIO_TYPE(Hero), &hero), NULL);
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
    BRIO_POST(app, "/heroes/", create_hero, HeroCreate, HeroPublic);
    BRIO_GET(app, "/heroes/", read_heroes, ReadHeroes, HeroPublic_list);
    BRIO_GET(app, "/heroes/{hero_id}", read_hero, HeroId, HeroPublic);
    BRIO_PATCH(app, "/heroes/{hero_id}", update_hero, UpdateHero, HeroPublic);
    BRIO_DELETE(app, "/heroes/{hero_id}", delete_hero, HeroId, brio_json);
}
