/* SPDX-License-Identifier: MIT
 *
 * The router of the users. */
#include "../bigger.h"

static int read_users(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON([{"username": "Rick"}, {"username": "Morty"}]);
    return 0;
}

static int read_user_me(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"username": "fakecurrentuser"});
    return 0;
}

typedef struct ReadUser {
    brio_str username;
} ReadUser;
BRIO_MODEL(ReadUser, BRIO_PATH(username));

static int read_user(brio_request *req, const ReadUser *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "username", in->username);
    return 0;
}

brio_router *users_router(brio_app *app)
{
    brio_router *router = brio_router_new(app, NULL);
    BRIO_GET(router, "/users/", read_users, brio_none, brio_json, .tags = "users");
    BRIO_GET(router, "/users/me", read_user_me, brio_none, brio_json, .tags = "users");
    BRIO_GET(router, "/users/{username}", read_user, ReadUser, brio_json, .tags = "users");
    return router;
}
