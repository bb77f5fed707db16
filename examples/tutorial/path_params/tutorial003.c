/* SPDX-License-Identifier: MIT
 *
 * The first route that matches answers, so the fixed path comes first. */
#include <brio/brio.h>

static int read_user_me(brio_request *req, const brio_none *in, brio_json *out)
{
    *out = BRIO_JSON({"user_id": "the current user"});
    return 0;
}

typedef struct ReadUser {
    brio_str user_id;
} ReadUser;
BRIO_MODEL(ReadUser, BRIO_PATH(user_id));

static int read_user(brio_request *req, const ReadUser *in, brio_json *out)
{
    *out = BRIO_OBJECT(req, "user_id", in->user_id);
    return 0;
}

BRIO_MAIN()
{
    BRIO_GET(app, "/users/me", read_user_me, brio_none, brio_json);
    BRIO_GET(app, "/users/{user_id}", read_user, ReadUser, brio_json);
}
