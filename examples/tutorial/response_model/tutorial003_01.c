/* SPDX-License-Identifier: MIT
 *
 * A base: the input is the answer and a password. */
#include <brio/brio.h>

typedef struct BaseUser {
    brio_str username;
    brio_email email;
    brio_str *full_name;
} BaseUser;
BRIO_MODEL(BaseUser, BRIO_FIELD(username), BRIO_FIELD(email), BRIO_FIELD(full_name));

typedef struct UserIn {
    BaseUser base;
    brio_str password;
} UserIn;
BRIO_MODEL(UserIn, BRIO_BASE(base, BaseUser), BRIO_FIELD(password));

static int create_user(brio_request *req, const UserIn *user, BaseUser *out)
{
    *out = user->base;
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/user/", create_user, UserIn, BaseUser);
}
