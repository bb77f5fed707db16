/* SPDX-License-Identifier: MIT
 *
 * Another struct for the answer leaves the password out. */
#include <brio/brio.h>

typedef struct UserIn {
    brio_str username, password;
    brio_email email;
    brio_str *full_name;
} UserIn;
BRIO_MODEL(UserIn, BRIO_FIELD(username), BRIO_FIELD(password), BRIO_FIELD(email),
           BRIO_FIELD(full_name));

typedef struct UserOut {
    brio_str username;
    brio_email email;
    brio_str *full_name;
} UserOut;
BRIO_MODEL(UserOut, BRIO_FIELD(username), BRIO_FIELD(email), BRIO_FIELD(full_name));

static int create_user(brio_request *req, const UserIn *user, UserOut *out)
{
    *out = (UserOut){user->username, user->email, user->full_name};
    return 0;
}

BRIO_MAIN()
{
    BRIO_POST(app, "/user/", create_user, UserIn, UserOut);
}
