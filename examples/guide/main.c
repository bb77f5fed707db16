/* SPDX-License-Identifier: MIT
 *
 * The guide's server: `def` against `async def`, a database, background tasks,
 * time limits, semaphores, uploads, dependencies and WebSockets, each a route to try at /docs.
 *
 *     ./dev demo                        # then open http://127.0.0.1:8000/docs
 *
 * GUIDE_DATABASE_URL names the database; default sqlite:///./guide.db */
#include "guide.h"

#include <stdlib.h>

static const char schema[] = "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT "
                             "NOT NULL, email TEXT NOT NULL);"
                             "CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY, user_id "
                             "INTEGER NOT NULL, title TEXT NOT NULL);"
                             "CREATE TABLE IF NOT EXISTS followers (follower_id INTEGER NOT NULL, "
                             "followed_id INTEGER NOT NULL);"
                             "CREATE TABLE IF NOT EXISTS accounts (user_id INTEGER PRIMARY KEY, "
                             "balance REAL NOT NULL CHECK (balance >= 0));"
                             "INSERT OR IGNORE INTO accounts VALUES (1, 1000.0), (2, 500.0);";

static int startup(brio_app *app, void *state)
{
    (void)app;
    guide *g = state;
    const char *url = getenv("GUIDE_DATABASE_URL");
    int rc = brio_db_open(&g->db, url ? url : "sqlite:///./guide.db", NULL);
    if (rc < 0)
        return rc;
    return brio_db_execute(g->db, NULL, schema, BRIO_NO_PARAMS, NULL);
}

static int shutdown(brio_app *app, void *state)
{
    (void)app;
    guide *g = state;
    brio_db_close(g->db);
    return 0;
}

/* Who opens the bare address wants to see something. */
static int home(brio_request *req, const brio_none *in, brio_none *out)
{
    (void)in, (void)out;
    return brio_answer_redirect(req, 307, BRIO_S("docs")); /* below any prefix of a proxy */
}

int main(int argc, char **argv)
{
    static guide state;
    brio_app *app = brio_app_new(&(brio_app_options){
        .title = "The async guide",
        .description = "Every pattern of the async guide as a route to try.",
        .state = &state,
        .on_startup = startup,
        .on_shutdown = shutdown,
    });
    BRIO_GET(app, "/", home, brio_none, brio_none, .hidden = true);
    guide_add_slow(app);
    guide_add_users(app);
    guide_add_money(app);
    guide_add_background(app);
    guide_add_patterns(app);
    guide_add_performance(app);
    guide_add_uploads(app);
    guide_add_dependencies(app);
    guide_add_sockets(app);
    return brio_main(app, argc, argv);
}
